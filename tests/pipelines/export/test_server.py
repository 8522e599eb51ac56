"""``leadready serve``: answers as the registered model scores, and names the field that is wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from model.serving import Definition, Scorecard, score_leads
from pipelines.export.server import LARGEST_BODY, ScoringApp

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
NUMBERS = ("employees", "webinars_attended_30d", "emails_opened_30d")
CARD = Scorecard.from_file(ARTIFACTS / "scorecard_format_2.json")
RULES = Definition.from_dict(
    {
        "version": 4,
        "ready_when": [
            {"id": "size", "feature": "employees", "at_least": 50},
            {"id": "new", "feature": "known_on", "after": "2026-01-01"},
        ],
    }
)
HOST = "127.0.0.1:5001"


@pytest.fixture(scope="module")
def app() -> ScoringApp:
    used = [*CARD.features, "known_on"]
    kinds = {name: "number" if name in NUMBERS else "category" for name in used}
    catalogue = [
        {"name": name, "words": name, "family": "other", "kind": kind}
        for name, kind in (kinds | {"known_on": "date"}).items()
    ]
    loaded: Any = SimpleNamespace(
        scorecard=CARD.content, definition=RULES.content, catalogue=catalogue, version="3"
    )
    return ScoringApp(loaded, 5001)


def post(
    app: ScoringApp, body: Any, host: str = HOST, kind: str = "application/json"
) -> tuple[int, Any]:
    """Send a request to the application, without a server."""
    sent: list[dict[str, Any]] = []
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [(b"host", host.encode()), (b"content-type", kind.encode())]
    scope = {"type": "http", "method": "POST", "path": "/invocations", "headers": headers}
    scope |= {"query_string": b"", "http_version": "1.1", "root_path": ""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    return sent[0]["status"], json.loads(text) if text.startswith("{") else text


def test_leads_are_scored_by_what_is_known_of_them(app: ScoringApp) -> None:
    leads = [
        {"lead_id": "a", "employees": 60, "seniority": "vp", "known_on": "2026-02-01"},
        {"lead_id": "b", "seniority": None, "source": "web"},
    ]
    status, answer = post(app, {"dataframe_records": leads})
    assert status == 200
    table = pd.DataFrame(leads).reindex(columns=["lead_id", *CARD.features, "known_on"])
    expected = score_leads(table.astype(dict.fromkeys(NUMBERS, float)), CARD, RULES)
    for found, lead in zip(answer["predictions"], expected.to_dict("records"), strict=True):
        for name in ("lead_id", "score", "probability", "rules_verdict", "decision", "reasons_for"):
            assert found[name] == lead[name]
        assert found["model_version"] == "3"
        assert found["as_of"] is None
        assert found["warning"].endswith("webinars_attended_30d, emails_opened_30d")


def test_what_sales_has_is_not_handed_over_again(app: ScoringApp) -> None:
    leads = [{"employees": 60, "with_sales": has} for has in (True, False, None)]
    answer = post(app, {"dataframe_records": leads})[1]
    decisions = [lead["decision"] for lead in answer["predictions"]]
    assert [decision == "with sales" for decision in decisions] == [True, False, False]


@pytest.mark.parametrize(
    ("lead", "says"),
    [
        ({"employes": 60}, "unknown field 'employes'; did you mean 'employees'?"),
        ({"employees": "60"}, "field 'employees' must be a number or null, not \"60\""),
        ({"employees": True}, "field 'employees' must be a number or null, not true"),
        ({"seniority": 7}, "field 'seniority' must be a text or null, not 7"),
        ({"known_on": "soon"}, "field 'known_on' must be a day such as 2026-10-01 or null"),
        ({"as_of": 3}, "field 'as_of' must be a day such as 2026-10-01 or null, not 3"),
        ({"with_sales": "no"}, "field 'with_sales' must be true or false or null"),
        ({"employees": {"a": 1}}, "field 'employees' must be a number or null"),
        ({"lead_id": "a"}, "none of the 6 features is in the table: employees"),
        ([], "the request has no list of records 'dataframe_records'"),
    ],
)
def test_a_bad_request_is_400_and_names_the_field(app: ScoringApp, lead: Any, says: str) -> None:
    status, answer = post(app, {"dataframe_records": [lead]})
    assert (status, answer["error_code"]) == (400, "BAD_REQUEST")
    assert answer["message"].startswith(says)


def test_other_requests_are_refused(app: ScoringApp) -> None:
    lead = {"dataframe_records": [{"employees": 60}]}
    assert post(app, b"{nothing")[0] == 400
    assert post(app, {"dataframe_records": []})[1]["message"].endswith("has no leads")
    assert post(app, lead, kind="text/plain")[0] == 415
    assert post(app, b" " * (LARGEST_BODY + 1))[0] == 413
    assert post(app, lead, host="evil.example:5001") == (421, "unknown host")
    assert post(app, lead, host="localhost:5001")[0] == 200
