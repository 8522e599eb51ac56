"""Every score is kept whole or not at all, once; its changes add up to the point."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model.serving import Definition, Scorecard, score_leads
from pipelines.ledger.history import LeadHistory, history_text, point_changes, score_steps
from pipelines.ledger.ledger import Entry, Ledger
from pipelines.score.job import write_scores

Run = Callable[..., Any]
RULES = Definition.from_dict(
    {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
)
LEADS = ["a", "b", "=1", "ä'; DROP TABLE scores"]


def card(shift: int, *, source: bool = True) -> Scorecard:
    """A card whose points and cuts depend on a number; some versions have no line of the source."""
    number = {
        "kind": "number",
        "cuts": [50.0 + shift],
        "points": [shift % 3, -10, 10 + shift],
        "labels": ["unknown", f"under {50 + shift}", f"{50 + shift} or more"],
    }
    visits = {**number, "cuts": [1.0], "labels": ["unknown", "none", "1 or more"]}
    category = {
        "kind": "category",
        "categories": [["Web"]],
        "points": [0, shift, 3],
        "labels": ["unknown", "any other", "Web"],
    }
    lines = [
        {"name": "employees", "family": "firmographic", **number},
        {"name": "visits_30d", "family": "engagement", **visits},
        *([{"name": "source", "family": "origin", **category}] if source else []),
    ]
    top = {"format": 2, "start": 40 + shift, "level": -2.2, "base_rate": 0.1, "ready_at": 55}
    return Scorecard.from_dict({**top, "grades": {"A": 6}, "levels": {"1": 8}, "lines": lines})


CARDS = {"1": card(0), "2": card(4, source=False), "2.1": card(4, source=False), "3": card(1)}


def features(seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "lead_id": LEADS,
            "employees": random.choice([20.0, 52.5, 200.0, np.nan], len(LEADS)),
            "visits_30d": random.choice([0.0, 1.0, 7.0], len(LEADS)),
            "source": random.choice(np.array(["Web", "=Fair", None], dtype=object), len(LEADS)),
        }
    )


def enter(ledger: Ledger, day: str, model: str = "1", seed: int = 0) -> pd.DataFrame:
    X = features(seed)
    scored = score_leads(X, CARDS[model], RULES, as_of=pd.Timestamp(day), model_version=model)
    with ledger.open() as connection:
        entry = Entry(ledger, connection, CARDS[model])
        entry.add_card(model, CARDS[model].content)
        entry.add(scored, X)
        entry.finish(pd.Timestamp(day))
    return scored


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.duckdb")


def test_a_run_that_is_repeated_adds_nothing(ledger: Ledger) -> None:
    first = enter(ledger, "2026-10-01")
    enter(ledger, "2026-10-01")
    enter(ledger, "2026-10-08")
    rows = ledger.rows("true")
    assert rows.groupby("lead").size().to_dict() == dict.fromkeys(LEADS, 2)
    kept = rows[rows["as_of"] == pd.Timestamp("2026-10-01")].set_index("lead").loc[LEADS]
    for name in ("score", "probability", "rules_verdict", "model_verdict", "decision", "warning"):
        assert kept[name].tolist() == first[name].tolist(), name


def test_a_run_that_breaks_off_leaves_nothing(ledger: Ledger) -> None:
    enter(ledger, "2026-10-01")
    X = features(1)
    scored = score_leads(X, CARDS["1"], RULES, as_of=pd.Timestamp("2026-10-08"), model_version="1")
    with ledger.open() as connection:
        Entry(ledger, connection, CARDS["1"]).add(scored, X)
        connection.execute("ROLLBACK")  # as where the process ends here
        connection.execute("BEGIN")
    assert set(ledger.rows("true")["as_of"]) == {pd.Timestamp("2026-10-01")}


def test_changes_add_up_between_any_two_of_twelve_runs_of_four_versions(ledger: Ledger) -> None:
    models = ["1"] * 4 + ["2"] * 3 + ["2.1"] * 2 + ["3"] * 3
    for week, model in enumerate(models):
        enter(ledger, str(pd.Timestamp("2026-07-06") + pd.Timedelta(weeks=week)), model, week)
    cards = ledger.cards()
    for lead in LEADS:
        records = ledger.rows("lead = ?", lead).to_dict("records")
        assert len(records) == 12
        for before, after in combinations(records, 2):
            total = sum(change.points for change in point_changes(before, after, cards))
            assert total == after["score"] - before["score"], (lead, before, after)


def test_history_says_what_the_lead_did_and_what_the_model_changed(ledger: Ledger) -> None:
    for day, model in (("2026-10-01", "1"), ("2026-10-08", "1"), ("2026-10-15", "1")):
        enter(ledger, day, model, seed=0 if day < "2026-10-15" else 4)
    enter(ledger, "2026-10-22", "2", seed=4)
    rows = ledger.rows("lead = ?", "a")
    steps = score_steps(rows, ledger.cards())
    assert [str(step.as_of.date()) for step in steps] == ["2026-10-01", "2026-10-15", "2026-10-22"]
    text = history_text(LeadHistory("a", len(rows), tuple(steps)))
    first, second, third = rows["score"][[0, 2, 3]]
    assert f"2026-10-15  {first:g} → {second:g}: " in text
    assert f"{third - second:+g}  the model changed: version 1 → 2" in text


def test_scores_are_kept_for_as_long_as_the_workspace_says(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.duckdb", keep_days=10)
    for day in ("2026-10-01", "2026-10-08", "2026-10-15"):
        enter(ledger, day)
    assert set(ledger.rows("true")["as_of"]) == {*pd.to_datetime(["2026-10-08", "2026-10-15"])}


def test_a_forgotten_lead_is_gone_and_others_stay(ledger: Ledger) -> None:
    hostile = LEADS[-1]
    enter(ledger, "2026-10-01")
    enter(ledger, "2026-10-08")
    assert ledger.forget(hostile) == 2
    assert ledger.forget(hostile) == 0
    assert set(ledger.rows("true")["lead"]) == set(LEADS[:-1])
    assert hostile.encode() not in ledger.file.read_bytes()


def test_nothing_kept_is_said(ledger: Ledger) -> None:
    with pytest.raises(LeadReadyError, match="no score was kept yet"):
        ledger.rows("true")


# The job


def kept(folder: Path) -> int:
    with duckdb.connect(str(folder / "ledger.duckdb"), read_only=True) as connection:
        return int(connection.execute("SELECT count(*) FROM scores").fetchall()[0][0])


def test_the_job_keeps_its_scores_writes_changes_and_explains_them(
    run: Run, company: Path, tmp_path: Path
) -> None:
    (company / "ledger.duckdb").unlink(missing_ok=True)
    out = tmp_path / "scores.csv"
    before = write_scores(company, out=out, as_of="2026-09-01", model="1", unsigned=True)
    then = pd.read_csv(out, dtype={"lead_id": "str"}).set_index("lead_id")
    options = {"model": "1", "unsigned": True, "out": out, "since_last": True}
    after = write_scores(company, as_of="2026-10-01", **options)
    assert kept(company) == before.leads + after.leads
    changed = pd.read_csv(out, dtype={"lead_id": "str"}).set_index("lead_id")
    assert 0 < len(changed) < after.leads
    both = changed.join(then.add_suffix("_before"), how="inner")
    moved = both[both["decision"] != both["decision_before"]]
    answer = run("changes", "-w", company, "--since", "2026-09-15", "--json").json
    assert {lead["lead"] for lead in answer["leads"]} == set(moved.index)
    lead = moved.index[0]
    step = run("history", lead, "-w", company, "--json").json["steps"][-1]
    assert step["score"] == moved.at[lead, "score"]
    assert sum(change["points"] for change in step["changes"]) == step["score"] - step["before"]
    assert ": 2 scores removed" in run("forget", lead, "-w", company).data
    assert run("history", lead, "-w", company).code == 2


@pytest.mark.parametrize("step", ["add_card", "add", "finish"])
def test_killed_at_any_step_file_and_ledger_are_the_old_ones(
    company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    (company / "ledger.duckdb").unlink(missing_ok=True)
    out = tmp_path / "scores.csv"
    out.write_text("yesterday's", encoding="utf-8")
    monkeypatch.setattr(Entry, step, killed)
    with pytest.raises(Killed):
        write_scores(company, out=out, as_of="2026-10-01", model="1", unsigned=True)
    assert out.read_text(encoding="utf-8") == "yesterday's"
    assert kept(company) == 0
