"""Every score is kept whole or not at all, once; its changes add up to the point."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.errors import LeadReadyError
from model.serving import Definition, Scorecard, score_leads
from pipelines.ledger.duckdb_store import DuckdbStore
from pipelines.ledger.history import (
    LeadHistory,
    history_text,
    kept_facts,
    point_changes,
    score_steps,
)
from pipelines.ledger.ledger import Entry, Ledger, LedgerStore
from pipelines.ledger.postgres_store import PostgresStore, copy_text, schema_name
from pipelines.ledger.statements import DECIDED_OTHERWISE, OF_LEAD
from pipelines.score.job import write_scores

Run = Callable[..., Any]
RULES = Definition.from_dict(
    {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
)
LEADS = ["a", "b", "=1", "ä'; DROP TABLE scores"]


class Killed(BaseException):
    """As where the process ends."""


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
        entry.finish(pd.Timestamp(day), {})
    return scored


@pytest.fixture(params=["DuckDB", "PostgreSQL"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerStore:
    """A place for a ledger: a file, or a schema of its own on a server."""
    if request.param == "DuckDB":
        return DuckdbStore(tmp_path / "ledger.duckdb")
    server = request.getfixturevalue("postgres")
    return PostgresStore(server.url, f"leadready_{tmp_path.name.lower()}"[:60])


@pytest.fixture
def ledger(store: LedgerStore) -> Ledger:
    return Ledger(store)


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

    def broken_off() -> None:
        with ledger.open() as connection:
            Entry(ledger, connection, CARDS["1"]).add(scored, X)
            raise Killed

    with pytest.raises(Killed):
        broken_off()
    assert set(ledger.rows("true")["as_of"]) == {pd.Timestamp("2026-10-01")}


def test_changes_add_up_between_any_two_of_twelve_runs_of_four_versions(ledger: Ledger) -> None:
    models = ["1"] * 4 + ["2"] * 3 + ["2.1"] * 2 + ["3"] * 3
    for week, model in enumerate(models):
        enter(ledger, str(pd.Timestamp("2026-07-06") + pd.Timedelta(weeks=week)), model, week)
    cards = ledger.cards()
    for lead in LEADS:
        records = ledger.rows(OF_LEAD, lead).to_dict("records")
        assert len(records) == 12
        for before, after in combinations(records, 2):
            total = sum(change.points for change in point_changes(before, after, cards))
            assert total == after["score"] - before["score"], (lead, before, after)


def test_history_says_what_the_lead_did_and_what_the_model_changed(ledger: Ledger) -> None:
    for day, model in (("2026-10-01", "1"), ("2026-10-08", "1"), ("2026-10-15", "1")):
        enter(ledger, day, model, seed=0 if day < "2026-10-15" else 4)
    enter(ledger, "2026-10-22", "2", seed=4)
    rows = ledger.rows(OF_LEAD, "a")
    steps = score_steps(rows, ledger.cards())
    assert [str(step.as_of.date()) for step in steps] == ["2026-10-01", "2026-10-15", "2026-10-22"]
    text = history_text(LeadHistory("a", len(rows), tuple(steps)))
    first, second, third = rows["score"][[0, 2, 3]]
    assert f"2026-10-15  {first:g} → {second:g}: " in text
    assert f"{third - second:+g}  the model changed: version 1 → 2" in text


def test_scores_are_kept_for_as_long_as_the_workspace_says(store: LedgerStore) -> None:
    ledger = Ledger(store, keep_days=10)
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
    if isinstance(ledger.store, DuckdbStore):
        assert hostile.encode() not in ledger.store.file.read_bytes()


def test_nothing_kept_is_said(ledger: Ledger) -> None:
    with pytest.raises(LeadReadyError, match="no score was kept yet"):
        ledger.rows("true")


def test_values_come_back_as_they_were(ledger: Ledger) -> None:
    facts = ["", "NULL", None, 'a"b', "a\\b", "{a,b}", "ä\n;", "\\N"]
    X = pd.DataFrame({"lead_id": [f"L{n}" for n in range(len(facts))], "source": facts})
    X = X.assign(employees=[0.1 + 0.2, 1e-300, 1e17, np.nan, 52.5, 0, -1, 3], visits_30d=1.0)
    scored = score_leads(X, CARDS["1"], RULES, as_of=pd.Timestamp("2026-10-01"), model_version="1")
    with ledger.open() as connection:
        Entry(ledger, connection, CARDS["1"]).add(scored, X)
    rows = ledger.rows("lead LIKE 'L%'").set_index("lead").loc[X["lead_id"]]
    known = [kept_facts(texts, CARDS["1"]) for texts in rows["facts"]]
    assert [found["source"] for found in known] == facts
    numbers = [np.nan if found["employees"] is None else found["employees"] for found in known]
    np.testing.assert_array_equal(numbers, X["employees"])
    assert rows["probability"].tolist() == scored["probability"].tolist()


def test_only_what_a_complete_run_wrote_counts_as_written(ledger: Ledger) -> None:
    for day, seed, complete in (("2026-10-01", 0, True), ("2026-10-08", 4, False)):
        scored = enter(ledger, day, seed=seed)
        with ledger.open() as connection:
            entry = Entry(ledger, connection, CARDS["1"])
            assert entry.last_run(pd.Timestamp("2026-10-15")) in (None, {"leads": 4})
            if complete:
                first = scored
                entry.add_run(pd.Timestamp(day), {"leads": 4})
    again = first.assign(as_of=pd.Timestamp("2026-10-15"))
    with ledger.open() as connection:
        assert Entry(ledger, connection, CARDS["1"]).unchanged(again).all()


def test_two_workspaces_do_not_mix_their_scores(ledger: Ledger) -> None:
    enter(ledger, "2026-10-01")
    with ledger.open() as connection:
        entry = Entry(ledger, connection, CARDS["2"])
        with pytest.raises(LeadReadyError, match="another card of version 1") as raised:
            entry.add_card("1", CARDS["2"].content)
    assert "ledger:" in str(raised.value.hint)


def test_decisions_that_changed_are_found_in_both(ledger: Ledger) -> None:
    decisions = {}
    for day, seed in (("2026-10-01", 0), ("2026-10-08", 1), ("2026-10-15", 2)):
        scored = enter(ledger, day, seed=seed)
        decisions[day] = dict(zip(scored["lead_id"], scored["decision"], strict=True))
    since = pd.Timestamp("2026-10-08").to_pydatetime()
    found = set(ledger.rows(DECIDED_OTHERWISE, since)["lead"])
    before, after = decisions["2026-10-01"], decisions["2026-10-15"]
    assert found == {lead for lead in LEADS if before[lead] != after[lead]} != set()


# PostgreSQL


def test_workspaces_never_share_a_schema() -> None:
    names = ["acme", "Acme", "acme ", "a" * 40, "a" * 41, "ä", "ö", "a-b", "a_b", ""]
    schemas = [schema_name(name) for name in names]
    assert len(set(schemas)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9_]{1,63}", schema) for schema in schemas)


def test_a_server_that_is_gone_is_an_error_without_the_address_of_the_user(tmp_path: Path) -> None:
    ledger = Ledger(PostgresStore(f"postgresql://ann@/sales?host={tmp_path}", "leadready_acme"))
    with pytest.raises(LeadReadyError, match="the ledger cannot be used") as raised:
        ledger.cards()
    assert raised.value.where == "localhost/sales, schema leadready_acme"
    assert "PGPASSWORD" in str(raised.value.hint)


def test_characters_that_postgresql_does_not_take_are_left_out() -> None:
    assert copy_text(pa.table({"lead": ["a\0b"]})) == b'"ab"\n'


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


@pytest.mark.parametrize("appears", [False, True])
def test_the_run_after_a_kill_between_ledger_and_file_settles_both(
    ledger: Ledger, tmp_path: Path, appears: bool
) -> None:
    enter(ledger, "2026-10-01")
    out, written = tmp_path / "scores.csv", tmp_path / ".scores.csv-new"
    out.write_text("yesterday's", encoding="utf-8")
    written.write_text("today's", encoding="utf-8")
    X, day = features(1), pd.Timestamp("2026-10-08")
    scored = score_leads(X, CARDS["1"], RULES, as_of=day, model_version="1")
    with suppress(Killed), ledger.open() as connection:
        entry = Entry(ledger, connection, CARDS["1"])
        entry.add(scored, X)
        entry.finish(day, {"leads": 4}, out, written)
        if appears:
            written.replace(out)
        raise Killed
    assert len(ledger.rows("true")) == 2 * len(LEADS)
    with ledger.open() as connection:
        entry = Entry(ledger, connection, CARDS["1"])
        entry.settle_unfinished()
        entry.settle_unfinished()  # nothing is left to settle
        last = entry.last_run(day + pd.Timedelta(days=1))
    assert last == ({"leads": 4} if appears else None)
    assert len(ledger.rows("true")) == (2 if appears else 1) * len(LEADS)


def test_a_job_killed_when_its_file_had_appeared_is_complete_for_the_next(
    company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise Killed

    out = tmp_path / "scores.csv"
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(Entry, "add_run", killed)
        write_scores(company, out=out, as_of="2026-09-30", model="1", unsigned=True)
    assert out.is_file()
    after = write_scores(
        company, out=out, as_of="2026-10-01", model="1", unsigned=True, since_last=True
    )
    assert after.written < after.leads
    assert kept(company) > after.leads


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000])
def test_a_damaged_ledger_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ledger.duckdb"
    file.write_bytes(content)
    with pytest.raises(LeadReadyError, match="the ledger cannot be used") as raised:
        Ledger(DuckdbStore(file)).cards()
    assert "move it away" in str(raised.value.hint)


def rewrite(ledger: Ledger, statement: str) -> None:
    with ledger.open() as connection:
        connection.execute(statement)


def test_a_ledger_of_before_exploration_is_brought_up_to_date(ledger: Ledger) -> None:
    enter(ledger, "2026-10-01")
    rewrite(ledger, "ALTER TABLE scores DROP COLUMN explore_chance")
    enter(ledger, "2026-10-08")
    assert len(ledger.rows("true")) == 2 * len(LEADS)
    assert len(ledger.rows("explore_chance IS NULL")) == 2 * len(LEADS)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("ALTER TABLE scores DROP COLUMN warning", "its table scores has no column 'warning'"),
        ("ALTER TABLE runs ADD COLUMN level VARCHAR", "runs has the unknown column 'level'"),
    ],
)
def test_a_ledger_of_another_version_says_how_to_begin_a_new_one(
    ledger: Ledger, statement: str, what: str
) -> None:
    enter(ledger, "2026-10-01")
    rewrite(ledger, statement)
    with pytest.raises(LeadReadyError, match=what) as raised:
        ledger.cards()
    assert ("  mv " in str(raised.value.hint)) == isinstance(ledger.store, DuckdbStore)
    assert "begins a new one" in str(raised.value.hint)
