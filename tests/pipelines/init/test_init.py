"""``leadready init``: what is written can be read back, says why, and is whole or not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from features.errors import LeadReadyError
from features.workspace.read import read_workspace
from model.definition.read import read_definition
from pipelines.cli.main import COULD_NOT, YES, main
from pipelines.init.draft_workspace import scalar
from pipelines.init.init import init

LEADS = 400


def export(folder: Path, **more: object) -> Path:
    """A small CRM export with every kind of column."""
    random = np.random.default_rng(0)
    won = random.random(LEADS) < 0.3
    closed = random.random(LEADS) < 0.8
    came = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(LEADS) % 200, unit="D")
    stage = np.select([~closed, won], ["Talks", "Won"], "Lost")
    columns = {
        "Lead Id": [f"58050280000568{one:05d}" for one in range(LEADS)],
        "Created": came.strftime("%d.%m.%Y"),
        "Company": [f"company {one % 90}" for one in range(LEADS)],
        "Employees": random.integers(1, 900, LEADS).astype(str),
        "Industry": random.choice(["Retail", "Bank"], LEADS),
        "Job title": random.choice(["VP Sales", "Buyer", "CEO"], LEADS),
        "Lead Source": random.choice(["Web", "Fair", "Test"], LEADS, p=[0.6, 0.39, 0.01]),
        "Page Views": random.poisson(4, LEADS).astype(str),
        "Do Not Call": random.choice(["Yes", "No"], LEADS),
        "Mail": [f"somebody{one}@example.com" for one in range(LEADS)],
        "Country": "Select",
        "Stage": stage,
        "Contract": np.where((stage == "Won") & (random.random(LEADS) < 0.9), "C-1", ""),
        **more,
    }
    file = folder / "leads.csv"
    pd.DataFrame(columns).to_csv(file, index=False)
    return file


def columns_of(folder: Path) -> dict:
    return {one.name: one for one in read_workspace(folder).leads.columns}


def test_the_workspace_reads_back_as_guessed(tmp_path: Path) -> None:
    written = init(tmp_path / "ws", export(tmp_path))
    assert [one.name for one in written] == ["leadready.yaml", "definition.yaml"]
    ws = read_workspace(tmp_path / "ws")
    assert (ws.leads.id, ws.leads.account, ws.leads.created) == ("Lead Id", "Company", "Created")
    assert (ws.outcome.column, tuple(ws.outcome.won)) == ("Stage", ("Won",))
    assert ws.outcome.unknown_when["still open"] == {"Stage": ("Talks",)}
    assert ws.outcome.unknown_when["test record"] == {"Lead Source": ("Test",)}
    found = columns_of(tmp_path / "ws")
    families = {name: (one.family, one.type) for name, one in found.items() if one.feature}
    assert families == {
        "Employees": ("firmographic", "number"),
        "Industry": ("firmographic", "category"),
        "Job title": ("role", "title"),
        "Lead Source": ("origin", "category"),
        "Page Views": ("engagement", "number"),
        "Do Not Call": ("engagement", "flag"),
        "Contract": ("origin", "category"),
    }
    assert found["Mail"].ignore == "personal"
    assert found["Country"].ignore == "constant"


def test_every_guess_stands_there_with_its_reason(tmp_path: Path) -> None:
    init(tmp_path / "ws", export(tmp_path))
    text = (tmp_path / "ws" / "leadready.yaml").read_text()
    assert "Mail: {ignore: personal}   # personal: looks like e-mail addresses (100 %" in text
    assert "400 different values in 400 leads" in text
    assert "dates (%d.%m.%Y) from 2024-01-01 to 2024-07-18" in text
    assert "null_values: [Select]   # found in the data" in text


def test_a_suspected_leak_waits_for_an_answer(tmp_path: Path) -> None:
    init(tmp_path / "ws", export(tmp_path))
    text = (tmp_path / "ws" / "leadready.yaml").read_text()
    assert "# suspected: filled for" in text
    contract = columns_of(tmp_path / "ws")["Contract"]
    assert contract.feature
    assert not contract.leak
    assert not contract.known_at_moment


def test_the_definition_is_a_valid_draft_that_nobody_signed(tmp_path: Path) -> None:
    init(tmp_path / "ws", export(tmp_path))
    known = ["employees", "industry", "seniority", "job_function", "page_views", "do_not_call"]
    agreed = read_definition(tmp_path / "ws" / "definition.yaml", known_features=known)
    assert not agreed.signed
    assert {one.feature for one in agreed.criteria} <= set(known)
    lead = pd.DataFrame(
        [
            {"employees": 800.0, "seniority": "vp", "page_views": 9.0, "do_not_call": "no"},
            {"employees": 800.0, "seniority": "vp", "page_views": 9.0, "do_not_call": "yes"},
        ]
    )
    assert list(agreed.evaluate(lead).verdict) == ["ready", "never"]


def test_nothing_is_written_over_unless_asked(tmp_path: Path) -> None:
    file = export(tmp_path)
    init(tmp_path / "ws", file)
    (tmp_path / "ws" / "leadready.yaml").write_text("mine")
    with pytest.raises(LeadReadyError, match="is there already") as error:
        init(tmp_path / "ws", file)
    assert "--force" in str(error.value.hint)
    assert (tmp_path / "ws" / "leadready.yaml").read_text() == "mine"
    init(tmp_path / "ws", file, force=True)
    assert (tmp_path / "ws" / "leadready.yaml").read_text() != "mine"


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        ("", {}, ""),
        ("id,stage\n", {}, ""),
        ("id,stage\n1,a\n2,b\n", {}, "outcome"),
        ("id,stage\n1,won\n2,won\n", {}, ""),
        ("a,stage\nx,won\nx,lost\n", {}, "--id"),
        ("id,stage\n1,won\n2,lost\n", {"outcome": "stage"}, "COLUMN=VALUE"),
        ("id,stage\n1,won\n2,lost\n", {"outcome": "stag=won"}, "did you mean 'stage'"),
        ("id,stage\n1,won\n2,lost\n", {"id": "no"}, "unknown column 'no'"),
        ("id,stage\n1,won\n2,lost\n", {"created": "no"}, "unknown column 'no'"),
    ],
)
def test_bad_input_is_an_error_with_a_hint_and_nothing_is_left(
    tmp_path: Path, content: str, options: dict, says: str
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(content)
    with pytest.raises(LeadReadyError) as error:
        init(tmp_path / "ws", file, **options)
    assert error.value.hint
    assert says in f"{error.value} {error.value.hint}"
    assert [one.name for one in tmp_path.iterdir()] == ["leads.csv"]


def test_nothing_is_left_when_what_was_written_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise LeadReadyError("no", hint="no")

    monkeypatch.setattr("features.workspace.read.read_workspace", refuse)
    with pytest.raises(LeadReadyError):
        init(tmp_path / "ws", export(tmp_path))
    assert [one.name for one in tmp_path.iterdir()] == ["leads.csv"]


def test_two_leads_are_enough_to_begin_with(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,stage,x\n1,won,a\n2,lost,b\n")
    init(tmp_path / "ws", tmp_path / "leads.csv")
    assert read_workspace(tmp_path / "ws").outcome.column == "stage"


NASTY = [
    "a: b",
    "yes",
    "#x",
    "c, {d}",
    "- e",
    'say "f"',
    "g'h",
    "1",
    "  i",
    "Größe €",
    "null",
    "a\tb",
]


def test_columns_of_any_name_survive(tmp_path: Path) -> None:
    values = np.random.default_rng(1).choice(["p", "q"], LEADS)
    init(tmp_path / "ws", export(tmp_path, **dict.fromkeys(NASTY, values)))
    found = set(columns_of(tmp_path / "ws"))
    assert {one.strip() for one in NASTY} <= {one.strip() for one in found}


@pytest.mark.parametrize(
    "value", [*NASTY, "plain", "~", "", "true", "2024-01-01", "a#b", "[x]", "%d"]
)
def test_any_text_is_the_same_text_in_yaml(value: str) -> None:
    assert yaml.safe_load(f"[{scalar(value)}]") == [value]
    assert yaml.safe_load(f"{scalar(value)}: 1   # why") == {value: 1}


def test_a_huge_cell_does_not_flood_the_file(tmp_path: Path) -> None:
    text = ["x" * 1_000_000, *[f"note {one}" for one in range(LEADS - 1)]]
    init(tmp_path / "ws", export(tmp_path, Remark=text))
    assert len((tmp_path / "ws" / "leadready.yaml").read_text()) < 10_000


def test_an_empty_column_and_mixed_dates_are_taken_in(tmp_path: Path) -> None:
    days = ["2024-01-05", "05.02.2024"] * (LEADS // 2)
    init(tmp_path / "ws", export(tmp_path, Empty=[None] * LEADS, Seen=days))
    ws = read_workspace(tmp_path / "ws")
    assert columns_of(tmp_path / "ws")["Empty"].ignore == "constant"
    assert set(ws.leads.date_format) >= {"%d.%m.%Y", "%Y-%m-%d"}


def test_events_and_a_stage_history_are_mapped(tmp_path: Path) -> None:
    file = export(tmp_path)
    ids = pd.read_csv(file, dtype=str)["Lead Id"]
    pd.DataFrame(
        {
            "lead": ids.repeat(3).to_numpy(),
            "at": pd.date_range("2024-01-02", periods=3 * LEADS, freq="h"),
            "event type": ["email click", "page view", "webinar"] * LEADS,
            "campaign": ["spring", "autumn", "winter"] * LEADS,
        }
    ).to_csv(tmp_path / "events.csv", index=False)
    pd.DataFrame(
        {
            "lead": ids.repeat(2).to_numpy(),
            "changed at": pd.date_range("2024-01-02", periods=2 * LEADS, freq="h"),
            "stage": ["MQL", "Rejected"] * LEADS,
            "reason": [None, "no budget"] * LEADS,
        }
    ).to_csv(tmp_path / "stages.csv", index=False)
    init(tmp_path / "ws", file, [tmp_path / "events.csv", tmp_path / "stages.csv"])
    ws = read_workspace(tmp_path / "ws")
    (events,) = ws.events
    assert (events.lead, events.time, events.campaign) == ("lead", "at", "campaign")
    assert (ws.stages.lead, ws.stages.stage, ws.stages.reason) == ("lead", "stage", "reason")
    assert ws.moment.plus_days == 7
    content = yaml.safe_load((tmp_path / "ws" / "definition.yaml").read_text())
    assert "active_days_30d" in str(content["ready_when"])


def test_undated_leads_are_ordered_by_their_number(tmp_path: Path) -> None:
    rows = "".join(f"k{i}x,{9000 - i},{'won' if i % 3 else 'lost'}\n" for i in range(90))
    (tmp_path / "leads.csv").write_text("lead id,lead number,stage\n" + rows)
    init(tmp_path / "ws", tmp_path / "leads.csv")
    ws = read_workspace(tmp_path / "ws")
    assert ws.evaluation.order_by == "lead number"
    assert ws.leads.created is None


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(tmp_path)
    arguments = ["init", str(tmp_path / "ws"), "--leads", str(file)]
    assert main(arguments) == YES
    said = capsys.readouterr()
    assert said.out.split() == [
        str(tmp_path / "ws" / "leadready.yaml"),
        str(tmp_path / "ws" / "definition.yaml"),
    ]
    assert "leadready check" in said.err
    assert main(arguments) == COULD_NOT
    assert "hint: " in capsys.readouterr().err
