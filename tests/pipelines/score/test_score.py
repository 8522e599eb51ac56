"""``leadready score``: the same scores in every format, safe to open, whole or not at all."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model import serving
from pipelines.brief.brief_text import brief_text
from pipelines.brief.explain import explain
from pipelines.score import score as scoring
from pipelines.score.score import load_scorer, score
from tests.conftest import SCORE_COLUMNS
from tests.pipelines.shared_parts import unshared_parts

NUMBERS = ["probability", "score", "fit_points", "engagement_points"]
TEXTS = [
    column for column in SCORE_COLUMNS if column not in (*NUMBERS, "as_of", "scored_at", "level")
]
Run = Callable[..., Any]
NOW = ("--as-of", "2026-10-01")  # for processes of their own
PER_WEEK = 8  # leads that sales of the small company can take
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def scores(trained: Path) -> pd.DataFrame:
    """The scores of the small company, as the public function gives them."""
    return score(trained)


def same(actual: pd.DataFrame, expected: pd.DataFrame, rtol: float = 0) -> None:
    """Compare scores lead by lead; when they were computed does not matter."""
    by_lead = [
        scores.set_index("lead_id").drop(columns="scored_at") for scores in (actual, expected)
    ]
    assert by_lead[0].index.is_unique
    assert set(by_lead[0].index) == set(by_lead[1].index)
    pd.testing.assert_frame_equal(
        by_lead[0].reindex(by_lead[1].index),
        by_lead[1],
        check_dtype=False,
        check_exact=rtol == 0,
        **({"rtol": rtol, "atol": 1e-12} if rtol else {}),
    )


def same_in_places(actual: pd.DataFrame, expected: pd.DataFrame, rtol: float = 0) -> None:
    """Compare scores that the job wrote, which hands off only as many as sales can take."""
    wanted = expected.set_index("lead_id")["decision"].reindex(actual["lead_id"]).to_list()
    handed = actual["decision"].isin(["hand off", "explore"])
    assert 0 < handed.sum() <= PER_WEEK
    moved = {(old, new) for old, new in zip(wanted, actual["decision"], strict=True) if old != new}
    assert ("hand off", "wait") in moved
    assert {old for old, _ in moved} <= {"hand off", "nurture", "explore"}
    assert {new for _, new in moved} <= {"wait", "nurture", "explore"}
    same(actual.assign(decision=wanted), expected, rtol)


def crm(folder: Path, name: str) -> pd.DataFrame:
    """A table of the CRM as text."""
    return pd.read_csv(folder / "crm" / f"{name}.csv", dtype="str", keep_default_na=False)


def rewrite(folder: Path, name: str, table: pd.DataFrame) -> None:
    table.to_csv(folder / "crm" / f"{name}.csv", index=False)


# What comes out


def test_the_columns_are_those_that_were_promised(scores: pd.DataFrame, training: Any) -> None:
    assert list(scores.columns) == SCORE_COLUMNS
    assert len(scores) > 1000
    assert scores["lead_id"].is_unique
    assert scores["probability"].between(0, 1, inclusive="neither").all()
    assert set(scores["grade"]) == {"A", "B", "C", "D"}
    assert {1, 2, 3} <= set(scores["level"]) <= {1, 2, 3, 4}  # most leads share the least points
    assert set(scores["model_version"]) == {training["model_version"]}
    assert {"hand off", "review", "nurture", "never"} <= set(scores["decision"])


def test_points_and_probability_are_the_same_statement(scores: pd.DataFrame, trained: Path) -> None:
    card = load_scorer(trained).card
    total = card.start + scores["fit_points"] + scores["engagement_points"]
    assert (scores["score"] == total).all()
    assert [scores[name].dtype for name in NUMBERS[1:]] == ["int64"] * 3
    odds = scores["probability"] / (1 - scores["probability"])
    points = 10 * np.log2(odds / np.exp(card.level))
    np.testing.assert_allclose(scores["score"], 50 + points, atol=1e-9)


def test_what_the_rules_exclude_is_never_handed_over(scores: pd.DataFrame) -> None:
    never = scores["rules_verdict"] == "never"
    assert never.any()
    assert set(scores.loc[never, "decision"]) <= {"never", "with sales"}
    assert not (scores.loc[~never, "decision"] == "never").any()


def test_only_open_leads_are_scored(scores: pd.DataFrame, trained: Path) -> None:
    stages = crm(trained, "stage_history")
    won = set(stages.loc[stages["Stage"] == "Closed Won", "Lead ID"])
    closed = set(crm(trained, "leads").query("`Closed At` != ''")["Lead ID"])
    assert won
    assert not (won | closed) & set(scores["lead_id"])


def test_files_and_stdout_hold_the_same_scores(
    run: Run, trained: Path, scores: pd.DataFrame, tmp_path: Path
) -> None:
    tables = {}
    for ending in ("csv", "parquet", "json"):
        answer = run("score", "-w", trained, "--out", tmp_path / f"scores.{ending}")
        assert (answer.code, answer.data) == (0, "")
        assert f"written to {tmp_path / f'scores.{ending}'}" in answer.talk
    tables["parquet"] = pd.read_parquet(tmp_path / "scores.parquet")
    records = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    tables["json"] = pd.DataFrame(records)
    tables["csv"] = pd.read_csv(tmp_path / "scores.csv", dtype=dict.fromkeys(TEXTS, "str"))
    printed = run("score", "-w", trained)
    assert (printed.code, "open leads at" in printed.talk) == (0, True)
    tables["stdout"] = pd.read_csv(io.StringIO(printed.data), dtype=dict.fromkeys(TEXTS, "str"))
    tables["stdout as json"] = pd.DataFrame(run("score", "-w", trained, "--json").json)
    for how, table in tables.items():
        assert list(table.columns) == SCORE_COLUMNS, how
        assert [table[name].dtype.kind for name in NUMBERS] == ["f", "i", "i", "i"], how
        rtol = 1e-9 if "json" in how else 0
        table["as_of"] = pd.to_datetime(table["as_of"]).dt.tz_localize(None).astype("M8[us]")
        table[TEXTS] = table[TEXTS].fillna("")
        same_in_places(table, scores, rtol)


def test_chunks_leave_no_seam(trained: Path, scores: pd.DataFrame) -> None:
    ready = load_scorer(trained)
    X = ready.open_leads().features
    parts = list(serving.score_chunks(X, ready.card, ready.definition, model_version="1", rows=100))
    assert len(parts) == -(-len(X) // 100)
    own = scores["decision"] != "with sales"  # decided by the scorer, not by the model's file
    alike = scores[own].assign(warning=ready.card.warnings(X)[own.to_numpy()])  # without unseen
    same(pd.concat(parts).loc[own.to_numpy()], alike)


def test_what_sales_already_has_is_scored_and_not_handed_off_again(
    scores: pd.DataFrame, trained: Path
) -> None:
    stages = crm(trained, "stage_history").sort_values("Changed At", kind="stable")
    last = stages.drop_duplicates("Lead ID", keep="last").set_index("Lead ID")["Stage"]
    reached = scores["lead_id"].map(last)
    has = reached.isin(["SAL", "SQL", "Opportunity"])
    assert set(scores.loc[has, "decision"]) == {"with sales"}
    assert "with sales" not in set(scores.loc[~has, "decision"])
    assert scores.loc[has, "score"].notna().all()
    brief = explain(trained, scores.loc[has, "lead_id"].iloc[0])
    assert brief.decision == "with sales"
    assert "WITH SALES: sales already has this lead" in brief_text(brief)


def test_a_file_in_many_chunks_is_one_file(
    run: Run, trained: Path, scores: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(X: pd.DataFrame, *rest: Any, **how: Any) -> Any:
        return serving.score_chunks(X, *rest, **how, rows=100)

    monkeypatch.setattr(scoring, "score_chunks", small)
    for ending in ("csv", "parquet", "json"):
        run("score", "-w", trained, "--out", tmp_path / f"a.{ending}")
    assert list(pd.read_csv(tmp_path / "a.csv")["lead_id"]) == list(scores["lead_id"])
    same_in_places(pd.read_parquet(tmp_path / "a.parquet"), scores)
    records = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [record["lead_id"] for record in records] == list(scores["lead_id"])


# The public function


def test_tables_in_memory_are_scored_as_the_files_are(trained: Path, scores: pd.DataFrame) -> None:
    given = {name: crm(trained, name) for name in ("leads", "activities", "stage_history")}
    kept = {name: table.copy() for name, table in given.items()}
    from_tables = score(
        trained,
        leads=given["leads"],
        events=[given["activities"]],
        stages=given["stage_history"],
    )
    same(from_tables, scores)
    for name, table in given.items():
        pd.testing.assert_frame_equal(table, kept[name])


def test_tables_typed_by_pandas_are_scored_the_same(trained: Path, scores: pd.DataFrame) -> None:
    """As somebody reads them who does not know better: only the ids are kept as text."""
    ids = {"Contact ID": "str"}
    leads = pd.read_csv(trained / "crm" / "leads.csv", dtype=ids)
    events = pd.read_csv(trained / "crm" / "activities.csv", dtype=ids, parse_dates=["Occurred At"])
    stages = pd.read_csv(trained / "crm" / "stage_history.csv", parse_dates=["Changed At"])
    same(score(trained, leads=leads, events=[events], stages=stages), scores)


def test_one_new_lead_alone_scores_as_among_all(trained: Path, scores: pd.DataFrame) -> None:
    wanted = scores.tail(3)
    leads = crm(trained, "leads").merge(wanted[["lead_id"]], left_on="Lead ID", right_on="lead_id")
    lone = score(trained, leads=leads.drop(columns="lead_id"), as_of="2026-10-01")
    assert list(lone["lead_id"]) == list(wanted["lead_id"])
    fit = ["fit_points", "grade"]
    pd.testing.assert_frame_equal(
        lone[fit].reset_index(drop=True), wanted[fit].reset_index(drop=True)
    )


# What must not matter


def test_the_order_of_rows_and_further_columns_do_not_matter(
    company: Path, scores: pd.DataFrame
) -> None:
    for name in ("leads", "activities", "stage_history", "accounts", "contacts"):
        table = crm(company, name).sample(frac=1, random_state=7)
        rewrite(company, name, table.assign(**{"Moon Phase": "waning"}))
    same(score(company), scores)


def test_the_time_zone_of_the_machine_does_not_matter(
    company: Path, scores: pd.DataFrame, tmp_path: Path
) -> None:
    code = "import sys; from pipelines.cli.main import main; sys.exit(main(sys.argv[1:]))"
    for zone in ("Pacific/Kiritimati", "America/St_Johns"):
        out = tmp_path / "far.parquet"
        done = subprocess.run(
            [sys.executable, "-c", code, "score", "-w", company, "--out", out, *NOW],
            env={**os.environ, "TZ": zone},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        same_in_places(pd.read_parquet(out), scores)


def test_nothing_at_or_after_the_moment_changes_a_score(company: Path) -> None:
    """Every contact does everything, at the moment and after it; sales closes half of the leads."""
    moment = pd.Timestamp("2026-06-01")
    before = score(company, as_of=moment)
    events, leads = crm(company, "activities"), crm(company, "leads")
    later = [str(moment), str(moment + pd.Timedelta(days=3)), "2026-09-30 12:00:00"]
    more = pd.MultiIndex.from_product(
        [leads["Contact ID"].unique(), events["Type"].unique(), later],
        names=["Contact ID", "Type", "Occurred At"],
    ).to_frame(index=False)
    rewrite(company, "activities", pd.concat([events, more]).fillna(""))
    stages = crm(company, "stage_history")
    won = pd.DataFrame(
        {
            "Lead ID": before["lead_id"][::2],
            "Stage": "Closed Won",
            "Changed At": str(moment + pd.Timedelta(seconds=1)),
        }
    )
    rewrite(company, "stage_history", pd.concat([stages, won]).fillna(""))
    same(score(company, as_of=moment), before)


def test_an_event_before_the_moment_does_count(company: Path) -> None:
    """The test above would pass on a model that looks at no event."""
    moment = pd.Timestamp("2026-06-01")
    before = score(company, as_of=moment).set_index("lead_id")
    events, leads = crm(company, "activities"), crm(company, "leads")
    more = pd.DataFrame(
        {
            "Contact ID": leads["Contact ID"].unique(),
            "Type": "Demo Request",
            "Occurred At": str(moment - pd.Timedelta(seconds=1)),
            "Direction": "Inbound",
        }
    )
    rewrite(company, "activities", pd.concat([events, more]).fillna(""))
    after = score(company, as_of=moment).set_index("lead_id")
    moved = after["engagement_points"] - before["engagement_points"].reindex(after.index)
    assert (moved.abs() > 0).mean() > 0.9
    assert moved.mean() > 0


# Safe to open


def test_formulas_are_disarmed_in_csv_and_ids_stay(run: Run, company: Path, tmp_path: Path) -> None:
    leads = crm(company, "leads")
    lead_ids = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\tx"]
    some = leads.index[leads["Closed At"] == ""][: len(lead_ids)]
    renamed = dict(zip(leads.loc[some, "Lead ID"], lead_ids, strict=True))
    rewrite(company, "leads", leads.assign(**{"Lead ID": leads["Lead ID"].replace(renamed)}))
    stages = crm(company, "stage_history")
    rewrite(
        company, "stage_history", stages.assign(**{"Lead ID": stages["Lead ID"].replace(renamed)})
    )
    talk = run("score", "-w", company, "--out", tmp_path / "scores.csv").talk
    cells = pd.read_csv(tmp_path / "scores.csv", dtype="str", keep_default_na=False)
    free_texts = [name for name in TEXTS if name != "lead_id"]
    armed = cells[free_texts].apply(
        lambda column: column.str.startswith(("=", "+", "-", "@", "\t", "\r"))
    )
    assert not armed.any().any()
    there = {"=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"}
    assert there <= set(cells["lead_id"]), "they join back to the CRM"
    assert "lead ids would run as a formula in a spreadsheet" in talk
    run("score", "-w", company, "--out", tmp_path / "scores.parquet")
    exact = pd.read_parquet(tmp_path / "scores.parquet")["lead_id"]
    assert there <= set(exact)


# Whole or not at all


def test_a_failure_half_way_leaves_the_old_file(
    run: Run, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(X: pd.DataFrame, *rest: Any, **how: Any) -> Any:
        yield next(serving.score_chunks(X, *rest, **how, rows=100))
        raise LeadReadyError("the power went out")

    monkeypatch.setattr(scoring, "score_chunks", break_off)
    for ending in ("csv", "parquet", "json"):
        out = tmp_path / f"scores.{ending}"
        answer = run("score", "-w", trained, "--out", out)
        assert (answer.code, answer.data) == (2, "")
        assert list(tmp_path.iterdir()) == []
    out = tmp_path / "scores.csv"
    out.write_text("the scores of yesterday", encoding="utf-8")
    assert run("score", "-w", trained, "--out", out).code == 2
    assert out.read_text(encoding="utf-8") == "the scores of yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]


# Which model, at which time


def test_a_version_can_be_asked_for_by_alias_or_number(
    run: Run, trained: Path, scores: pd.DataFrame
) -> None:
    for which in ("champion", "1", "v1"):
        same(score(trained, model=which), scores)
    answer = run("score", "-w", trained, "--model", "champoin")
    assert (answer.code, answer.data) == (2, "")
    assert "champoin" in answer.talk
    assert "'champion'" in answer.talk
    assert "\nhint: " in answer.talk


def test_an_earlier_time_sees_what_was_open_then(run: Run, trained: Path) -> None:
    then = "2026-03-01T12:00"
    table = pd.read_csv(
        io.StringIO(run("score", "-w", trained, "--as-of", then).data), dtype={"lead_id": "str"}
    )
    assert set(pd.to_datetime(table["as_of"])) == {pd.Timestamp(then)}
    leads = crm(trained, "leads").set_index("Lead ID")
    created = pd.to_datetime(leads["Created At"])
    assert (created[table["lead_id"]] < pd.Timestamp(then)).all()
    closed = pd.to_datetime(leads["Closed At"]).reindex(table["lead_id"])
    assert (closed.isna() | (closed > pd.Timestamp(then))).all()
    assert closed.notna().any(), "some were open then, and are closed now"


@pytest.mark.parametrize("time", ["yesterday-ish", "2026-13-01", "", "45000"])
def test_a_time_that_cannot_be_read_is_refused(run: Run, trained: Path, time: str) -> None:
    answer = run("score", "-w", trained, "--as-of", time)
    assert (answer.code, answer.data) == (2, "")
    assert "2024-07-01" in answer.talk.partition("hint: ")[2]


# What it needs


def test_scoring_imports_nothing_heavy(company: Path) -> None:
    code = """
import sys
from pipelines.cli.main import main
now, company = ["--as-of", "2026-10-01"], sys.argv[1]
for verb in (["score", "--out", f"{company}/scores.csv", *now], ["explain", "L-00002", *now], ["models"]):
    assert main([*verb, "-w", company]) == 0, verb
heavy = {"mlflow", "sklearn", "interpret", "joblib", "matplotlib", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", code, company],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_scoring_needs_the_data_files_of_the_registry_and_no_code(
    company: Path, scores: pd.DataFrame
) -> None:
    served = next((company / "mlartifacts").rglob("serving.py"))
    served.write_text("raise SystemExit('code of the registry was run')\n", encoding="utf-8")
    same(score(company), scores)


def test_a_scorecard_that_was_tampered_with_is_refused(run: Run, company: Path) -> None:
    card = next((company / "mlartifacts").rglob("scorecard.json"))
    card.write_text(card.read_text(encoding="utf-8").replace("50", "51", 1), encoding="utf-8")
    answer = run("score", "-w", company)
    assert (answer.code, answer.data) == (2, "")
    assert "is not the file that was registered" in answer.talk


def test_events_that_do_not_fit_in_memory_give_the_same_scores(
    trained: Path, scores: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.kept_events.parts.PART", 30_000)
    with unshared_parts():
        scorer = load_scorer(trained)
        assert scorer.snapshot.tables.kept_events.parts > 1
        same(pd.concat(scorer.scores(scorer.open_leads())), scores)
    assert "frame" not in vars(scorer.snapshot.tables.kept_events)  # never all in memory
