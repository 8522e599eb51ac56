"""``leadready definition …`` as people use it, on a small company with a champion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from features.families.feature import Feature
from model.registry.registry import Registry
from model.serving import Criterion, Definition
from pipelines.cli.command import ERROR, FAILED, SUCCESS
from pipelines.definition.review import unseen
from pipelines.snapshot import read_snapshot

Run = Callable[..., Any]


def change(folder: Path, *pairs: tuple[str, str]) -> Path:
    path = folder / "definition.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


LARGER = ("at_least: 50, asked_by", "at_least: 51, asked_by")


def test_check_counts_every_criterion_and_names_who_signed(company: Path, run: Run) -> None:
    said = run("definition", "check", "-w", company, "--json")
    assert said.code == SUCCESS
    answer = said.json
    assert (answer["ok"], answer["signed"], answer["findings"]) == (True, True, [])
    size = answer["criteria"][0]
    assert (size["id"], size["words"]) == ("right-size", "employees at least 50")
    X = read_snapshot(company).features["employees"]
    assert size["passes"] == (X >= 50).sum()
    assert (size["fails"], size["unknown"]) == ((X < 50).sum(), X.isna().sum())
    assert sum(answer["verdicts"].values()) == answer["leads"] == len(X)


def test_check_says_what_was_changed_after_signing(company: Path, run: Run) -> None:
    change(company, LARGER)
    said = run("definition", "check", "-w", company)
    assert said.code == FAILED
    assert "it was changed after it was signed" in said.data
    assert "void, changed since: right-size: at least 50 → at least 51 employees" in said.data


def test_check_names_contradictions_and_criteria_that_do_nothing(company: Path, run: Run) -> None:
    change(
        company, ("    - any:\n", "    - {id: tiny, feature: employees, at_most: 20}\n    - any:\n")
    )
    said = run("definition", "check", "-w", company)
    assert said.code == FAILED
    assert "no lead can be ready: right-size (employees at least 50) and tiny" in said.data


def test_check_names_criteria_that_decide_nothing_in_the_data(company: Path, run: Run) -> None:
    month = "{id: month, feature: webinar_attended_90d, at_least: 0}"
    change(company, ("    - any:\n", f"    - {month}\n    - any:\n"))
    said = run("definition", "check", "-w", company, "--json")
    (found,) = [one for one in said.json["findings"] if one["kind"] == "decides nothing here"]
    leads = said.json["leads"]
    assert found["words"] == (
        "month (webinars attended in the last 90 days at least 0) changes no verdict among these "
        f"{leads:,} leads: all of them pass it"
    )
    assert found["words"] in run("definition", "check", "-w", company).data


def test_check_says_that_nobody_is_ready(company: Path, run: Run) -> None:
    change(company, ("at_least: 50, asked_by", "at_least: 50000000, asked_by"))
    said = run("definition", "check", "-w", company, "--json").json
    (found,) = [one for one in said["findings"] if one["kind"] == "nobody is ready"]
    assert found["words"] == f"none of these {said['leads']:,} leads meets right-size"


def test_values_that_no_lead_has_are_named_with_line_and_nearest(company: Path, run: Run) -> None:
    change(company, ("[director, vp", "[directr, vp"))
    (found,) = run("definition", "check", "-w", company, "--json").json["unseen"]
    assert (found["criterion"], found["value"], found["nearest"]) == (
        "decision-maker",
        "directr",
        "director",
    )
    assert found["where"].startswith("definition.yaml:")
    seen = pd.DataFrame({"flag": ["yes", "no"], "n": [1.0, 2.0]})
    rules = [Criterion("a", "flag", "equals", True), Criterion("b", "n", "equals", 9)]
    assert unseen(rules, seen) == []


def test_signing_makes_a_changed_definition_one_that_scores(company: Path, run: Run) -> None:
    out = company / "scores.csv"
    change(company, LARGER)
    refused = run("score", "-w", company, "--out", out)
    assert refused.code == ERROR
    assert "the signature of sales is void, the file has changed since: right-size" in refused.talk
    assert not out.exists()
    passed_over = run("score", "-w", company, "--out", out, "--unsigned")
    assert passed_over.code == SUCCESS
    assert "is not in force until leadready definition adopt" in passed_over.talk
    said = "1 (its file was changed, and is not signed)"
    assert set(pd.read_csv(out, dtype="str")["definition_version"]) == {said}
    assert f"definition {said}: " in passed_over.talk
    for team in ("sales", "marketing"):
        who = ("--team", team, "--name", "Ann Keller", "--on", "2026-10-05")
        assert run("definition", "sign", "-w", company, *who).code == SUCCESS
    assert run("definition", "check", "-w", company).code == SUCCESS
    assert run("score", "-w", company, "--out", out).code == SUCCESS
    assert set(pd.read_csv(out, dtype="str")["definition_version"]) == {"1"}


def test_a_definition_that_contradicts_itself_cannot_be_signed(company: Path, run: Run) -> None:
    path = change(company, ("verdict: never", "verdict: ready"))
    before = path.read_bytes()
    said = run("definition", "sign", "-w", company, "--team", "sales", "--name", "Ann")
    assert said.code == ERROR
    assert "should be ready, the rules say never" in said.talk
    assert path.read_bytes() == before


def test_a_row_says_that_the_definition_is_not_signed(company: Path, run: Run) -> None:
    registry = Registry.for_workspace(company)
    loaded = registry.load("champion")
    path = company / "definition.yaml"
    path.write_text(path.read_text("utf-8").partition("agreed:")[0], encoding="utf-8")
    assert run("score", "-w", company).code == SUCCESS, "the registered one is signed, and the same"
    draft = change(company, LARGER)
    adopted = run("definition", "adopt", draft, "-w", company, "--unsigned")
    assert adopted.code == SUCCESS, adopted.talk
    assert run("score", "-w", company).code == ERROR
    out = company / "scores.csv"
    assert run("score", "-w", company, "--unsigned", "--out", out).code == SUCCESS
    rows = pd.read_csv(out, dtype="str")
    assert set(rows["definition_version"]) == {"1 (not signed)"}
    assert set(rows["model_version"]) != {loaded.version}


def test_adopting_keeps_the_points_and_names_the_pair(company: Path, run: Run) -> None:
    registry = Registry.for_workspace(company)
    before = registry.load("champion")
    new = change(
        company, ("version: 1", "version: 2"), LARGER, ("[director, vp", "[manager, director, vp")
    )
    for team in ("sales", "marketing"):
        assert (
            run("definition", "sign", "-w", company, "--team", team, "--name", "Ann").code
            == SUCCESS
        )
    said = run("definition", "adopt", new, "-w", company, "--json")
    assert said.code == SUCCESS
    assert said.json["adopted"]
    assert "right-size: at least 50 → at least 51 employees" in said.json["changes"]
    after = registry.load("champion")
    assert (after.version, said.json["instead_of"]) == (said.json["model_version"], before.version)
    assert after.scorecard == before.scorecard
    assert after.evaluation["adopted"]["scorecard_of"] == before.version
    assert after.evaluation["metrics"] == before.evaluation["metrics"]
    assert Definition.from_dict(after.definition).signed
    assert registry.find("previous").version == before.version
    out = company / "scores.csv"
    assert run("score", "-w", company, "--out", out).code == SUCCESS
    rows = pd.read_csv(out, dtype="str")
    assert set(rows["definition_version"]) == {"2"}
    assert set(rows["model_version"]) == {after.version}
    again = run("definition", "adopt", new, "-w", company)
    assert again.code == ERROR
    assert f"this definition is in force already, with version {after.version}" in again.talk
    assert run("models", "-w", company, "--rollback").code == SUCCESS
    assert registry.load("champion").definition == before.definition


def test_a_definition_that_the_model_does_not_agree_with_is_not_adopted(
    company: Path, run: Run
) -> None:
    registry = Registry.for_workspace(company)
    before = [one.version for one in registry.versions()]
    draft = change(company, LARGER, ("{agreement: 0.6", "{criterion: 1, agreement: 0.99"))
    said = run("definition", "adopt", draft, "-w", company, "--unsigned", "--json")
    assert said.code == FAILED
    refused = [one["name"] for one in said.json["gate"] if not one["passed"]]
    assert refused == ["model and rules agree", "model and rules agree on each criterion"]
    assert [one.version for one in registry.versions()] == before


def test_a_smaller_capacity_moves_the_score_that_counts_as_ready(company: Path, run: Run) -> None:
    before = Registry.for_workspace(company).load("champion").scorecard
    draft = change(company, ("per_week: 8", "per_week: 4"))
    said = run("definition", "adopt", draft, "-w", company, "--unsigned", "--json")
    assert said.json["ready_at"]["after"] > said.json["ready_at"]["before"] == before["ready_at"]


def test_diff_speaks_of_thresholds_and_of_leads(company: Path, run: Run) -> None:
    old = Path(company / "old.yaml")
    old.write_bytes((company / "definition.yaml").read_bytes())
    new = change(company, ("at_least: 50, asked_by", "at_least: 100, asked_by"))
    said = run("definition", "diff", old, new)
    assert said.data == "right-size: at least 50 → at least 100 employees\n"
    told = run("definition", "diff", old, new, "-w", company, "--data", "--json").json
    groups = told["consequences"]["groups"]
    snapshot = read_snapshot(company)
    ready = (Definition.from_file(old).evaluate(snapshot.features).code == 2).sum()
    assert groups["ready before"]["leads"] == ready
    assert groups["newly ready"]["leads"] == 0
    assert groups["ready both times"]["leads"] + groups["no longer ready"]["leads"] == ready
    assert groups["ready before"]["won"] <= groups["ready before"]["known"] <= ready
    assert run("definition", "diff", old, old).data.startswith("Nothing differs")


def test_diff_and_simulate_say_the_same_of_the_same_leads(company: Path, run: Run) -> None:
    use, new = company / "definition.yaml", company / "new.yaml"
    was = use.read_text(encoding="utf-8")
    new.write_text(was.replace("at_least: 50, asked_by", "at_least: 100, asked_by"))
    diff = run("definition", "diff", use, new, "-w", company, "--data", "--json").json
    groups = diff["consequences"]["groups"]
    told = run("definition", "simulate", new, "-w", company, "--json").json
    assert groups["ready before"]["low"] > 0
    for name, said in (
        ("ready before", told["current"]["ready"]),
        ("ready after", told["new"]["ready"]),
        ("no longer ready", told["change"]["left_out"]),
    ):
        assert groups[name] == {key: said[key] for key in groups[name]}


@pytest.mark.parametrize("verb", [("simulate",), ("diff", "definition.yaml", "--data")])
def test_a_changed_definition_is_read_before_the_data(
    company: Path, run: Run, verb: tuple[str, ...]
) -> None:
    new = company / "new.yaml"
    was = (company / "definition.yaml").read_text(encoding="utf-8")
    new.write_text(was.replace("horizon_days: 120", "horizon_days: 90"))
    (company / "crm" / "leads.csv").unlink()
    files = [company / one if one.endswith(".yaml") else one for one in verb]
    said = run("definition", *files, new, "-w", company)
    assert said.code == ERROR
    assert f"{new} and leadready.yaml: the definition counts wins within 90 days" in said.talk
    assert "reading" not in said.talk


def test_points_by_hand_stand_beside_the_learned_ones(company: Path, run: Run) -> None:
    answer = run("definition", "points", "-w", company, "--json").json
    given = Definition.from_file(company / "definition.yaml").content["points"]["give"]
    assert [one["by_hand"] for one in answer["facts"]] == [one["points"] for one in given]
    snapshot = read_snapshot(company)
    card = Registry.for_workspace(company).load("champion").scorecard
    features = {one["name"]: one for one in card["features"]}
    compared = 0
    for fact, told in zip(given, answer["facts"], strict=True):
        if told["learned"] is None or "at_least" not in fact:
            continue
        used, values = features[fact["feature"]], snapshot.features[fact["feature"]].dropna()
        labels = pd.cut(values, [-float("inf"), *used["cuts"], float("inf")], right=False)
        points = pd.Series(used["points"][1:])[labels.cat.codes.to_numpy()].to_numpy()
        meet = (values >= fact["at_least"]).to_numpy()
        assert told["learned"] == pytest.approx(points[meet].mean() - points[~meet].mean())
        assert told["low"] < told["learned"] < told["high"]
        compared += 1
    assert compared >= 5
    said = run("definition", "points", "-w", company).data
    assert ": you give +5, the data gives " in said


def test_sql_gives_the_verdicts_of_the_workspace(company: Path, run: Run) -> None:
    sql = run("definition", "sql", "-w", company).data
    snapshot = read_snapshot(company)
    with duckdb.connect() as connection:
        connection.register("features", snapshot.features)
        rows = connection.execute(sql).df()
    said = Definition.from_file(company / "definition.yaml").evaluate(snapshot.features).verdict
    assert list(rows["rules_verdict"]) == list(said)
    refused = run("definition", "sql", "-w", company, "--dialect", "oracle")
    assert refused.code == ERROR
    assert "unknown dialect 'oracle'; known: duckdb, postgres" in refused.talk


def test_check_of_the_workspace_lists_the_features_to_ask_about(company: Path, run: Run) -> None:
    features = run("check", "-w", company, "--json").json["features"]
    asked = Definition.from_file(company / "definition.yaml").features
    assert set(asked) <= {one["name"] for one in features}
    assert set(features[0]) == {"name", "words", "family", "kind", "unit"}
    known = [Feature(**one) for one in features]
    assert {one.kind for one in known} == {"number", "category"}
    change(company, ("feature: employees", "feature: employes"))
    refused = run("check", "-w", company)
    assert refused.code == ERROR
    assert "did you mean 'employees'?\nhint: leadready check lists the features" in refused.talk
    assert "seniority*, job_function*" in refused.talk, "the list is there all the same"
