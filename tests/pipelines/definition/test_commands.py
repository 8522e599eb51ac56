"""``leadready definition …`` as people use it, on a small company with a champion."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from features.families.feature import Feature
from model.registry.registry import Registry
from model.serving import Definition
from pipelines.snapshot import read_snapshot

Run = Callable[..., Any]
LARGER = ("at_least: 50, asked_by", "at_least: 51, asked_by")
STRICTER = ("at_least: 50, asked_by", "at_least: 100, asked_by")


def change(folder: Path, *pairs: tuple[str, str]) -> Path:
    """Change the company's definition."""
    path = folder / "definition.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


def in_one_line(text: str) -> str:
    """Undo the wrapping of lines."""
    return " ".join(text.split())


# -- check ----------------------------------------------------------------------------------------


def test_check_counts_every_criterion_and_names_who_signed(company: Path, run: Run) -> None:
    checked = run("definition", "check", "-w", company, "--json")
    assert checked.code == 0
    answer = checked.json
    assert (answer["ok"], answer["signed"], answer["findings"]) == (True, True, [])
    size = answer["criteria"][0]
    assert (size["id"], size["words"]) == ("right-size", "employees at least 50")
    employees = read_snapshot(company).features["employees"]
    assert size["passes"] == (employees >= 50).sum()
    assert (size["fails"], size["unknown"]) == ((employees < 50).sum(), employees.isna().sum())
    assert sum(answer["verdicts"].values()) == answer["leads"] == len(employees)


def test_check_says_what_was_changed_after_signing(company: Path, run: Run) -> None:
    change(company, LARGER)
    checked = run("definition", "check", "-w", company)
    assert checked.code == 1
    text = in_one_line(checked.data)
    assert "it was changed after it was signed" in text
    assert "void, changed since: right-size: at least 50 → at least 51 employees" in text


def test_check_names_contradictions(company: Path, run: Run) -> None:
    tiny = "    - {id: tiny, feature: employees, at_most: 20}\n    - any:\n"
    change(company, ("    - any:\n", tiny))
    checked = run("definition", "check", "-w", company)
    assert checked.code == 1
    text = in_one_line(checked.data)
    assert "no lead can be ready: right-size (employees at least 50) and tiny" in text


def test_check_names_criteria_that_decide_nothing_in_the_data(company: Path, run: Run) -> None:
    month = "{id: month, feature: webinar_attended_90d, at_least: 0}"
    change(company, ("    - any:\n", f"    - {month}\n    - any:\n"))
    checked = run("definition", "check", "-w", company, "--json").json
    (found,) = [
        finding for finding in checked["findings"] if finding["kind"] == "decides nothing here"
    ]
    assert found["criterion"] == "month"
    assert found["words"].startswith(
        "month (webinars attended in the last 90 days at least 0) changes no verdict among these "
        f"{checked['leads']:,} leads"
    )
    assert found["words"] in in_one_line(run("definition", "check", "-w", company).data)


def test_check_says_that_no_lead_is_ready(company: Path, run: Run) -> None:
    change(company, ("at_least: 50, asked_by", "at_least: 50000000, asked_by"))
    checked = run("definition", "check", "-w", company, "--json").json
    (found,) = [finding for finding in checked["findings"] if finding["kind"] == "no lead is ready"]
    assert found["words"] == f"none of these {checked['leads']:,} leads meets right-size"


def test_values_that_no_lead_has_are_named_with_place_and_nearest(company: Path, run: Run) -> None:
    change(company, ("[director, vp", "[directr, vp"))
    (unseen,) = run("definition", "check", "-w", company, "--json").json["unseen"]
    assert (unseen["criterion"], unseen["value"]) == ("decision-maker", "directr")
    assert unseen["nearest"] == "director"
    assert unseen["where"].startswith("definition.yaml:")


def test_check_of_the_workspace_lists_the_features_to_ask_for(company: Path, run: Run) -> None:
    features = run("check", "-w", company, "--json").json["features"]
    asked = Definition.from_file(company / "definition.yaml").features
    assert set(asked) <= {feature["name"] for feature in features}
    assert set(features[0]) == {"name", "words", "family", "kind", "unit"}
    kinds = {Feature(**feature).kind for feature in features}
    assert kinds == {"number", "category"}
    change(company, ("feature: employees", "feature: employes"))
    refused = run("check", "-w", company)
    assert refused.code == 2
    assert "did you mean 'employees'?\nhint: leadready check lists the features" in refused.talk
    assert "seniority*, job_function*" in refused.talk, "the list is there all the same"


# -- sign -----------------------------------------------------------------------------------------


def test_a_changed_definition_scores_once_it_is_signed(company: Path, run: Run) -> None:
    out = company / "scores.csv"
    change(company, LARGER)
    refused = run("score", "-w", company, "--out", out)
    assert refused.code == 2
    assert "the signature of sales is void, the file has changed since: right-size" in refused.talk
    assert not out.exists()
    unsigned = run("score", "-w", company, "--out", out, "--unsigned")
    assert unsigned.code == 0
    version = "1 (its file was changed and is not signed)"
    assert set(pd.read_csv(out, dtype="str")["definition_version"]) == {version}
    for team in ("sales", "marketing"):
        who = ("--team", team, "--name", "Ann Keller", "--on", "2026-10-05")
        assert run("definition", "sign", "-w", company, *who).code == 0
    assert run("definition", "check", "-w", company).code == 0
    assert run("score", "-w", company, "--out", out).code == 0
    assert set(pd.read_csv(out, dtype="str")["definition_version"]) == {"1"}


def test_a_definition_that_contradicts_its_examples_cannot_be_signed(
    company: Path, run: Run
) -> None:
    path = change(company, ("verdict: never", "verdict: ready"))
    before = path.read_bytes()
    refused = run("definition", "sign", "-w", company, "--team", "sales", "--name", "Ann")
    assert refused.code == 2
    assert "should be ready" in refused.talk
    assert path.read_bytes() == before


def test_every_scored_row_says_that_the_definition_is_not_signed(company: Path, run: Run) -> None:
    champion = Registry.for_workspace(company).load("champion")
    path = company / "definition.yaml"
    path.write_text(path.read_text("utf-8").partition("agreed:")[0], encoding="utf-8")
    assert run("score", "-w", company).code == 0, "the registered one is signed, and the same"
    draft = change(company, LARGER)
    adopted = run("definition", "adopt", draft, "-w", company, "--unsigned")
    assert adopted.code == 0, adopted.talk
    assert run("score", "-w", company).code == 2
    out = company / "scores.csv"
    assert run("score", "-w", company, "--unsigned", "--out", out).code == 0
    rows = pd.read_csv(out, dtype="str")
    assert set(rows["definition_version"]) == {"1 (not signed)"}
    assert set(rows["model_version"]) != {champion.version}


# -- adopt ----------------------------------------------------------------------------------------


@pytest.mark.fresh_process
def test_adopting_keeps_the_points_and_registers_a_new_version(company: Path, run: Run) -> None:
    registry = Registry.for_workspace(company)
    before = registry.load("champion")
    manager = ("[director, vp", "[manager, director, vp")
    new = change(company, ("version: 1", "version: 2"), LARGER, manager)
    for team in ("sales", "marketing"):
        assert run("definition", "sign", "-w", company, "--team", team, "--name", "Ann").code == 0
    adopted = run("definition", "adopt", new, "-w", company, "--json")
    assert adopted.code == 0
    assert adopted.json["adopted"]
    assert "right-size: at least 50 → at least 51 employees" in adopted.json["changes"]
    after = registry.load("champion")
    assert after.version == adopted.json["model_version"]
    assert before.version == adopted.json["instead_of"]
    assert after.scorecard == before.scorecard
    assert after.evaluation["adopted"]["scorecard_of"] == before.version
    assert after.evaluation["metrics"] == before.evaluation["metrics"]
    assert Definition.from_dict(after.definition).signed
    assert registry.find("previous").version == before.version
    out = company / "scores.csv"
    assert run("score", "-w", company, "--out", out).code == 0
    rows = pd.read_csv(out, dtype="str")
    assert set(rows["definition_version"]) == {"2"}
    assert set(rows["model_version"]) == {after.version}
    again = run("definition", "adopt", new, "-w", company)
    assert again.code == 2
    assert f"this definition is in force already, with version {after.version}" in again.talk
    assert run("models", "-w", company, "--rollback").code == 0
    assert registry.load("champion").definition == before.definition


def test_a_definition_that_the_model_disagrees_with_is_not_adopted(company: Path, run: Run) -> None:
    registry = Registry.for_workspace(company)
    before = [version.version for version in registry.versions()]
    strict = ("{agreement: 0.6", "{criterion: 1, agreement: 0.99")
    draft = change(company, LARGER, strict)
    refused = run("definition", "adopt", draft, "-w", company, "--unsigned", "--json")
    assert refused.code == 1
    failed = [check["name"] for check in refused.json["gate"] if not check["passed"]]
    assert failed == ["model and rules agree", "model and rules agree on each criterion"]
    assert [version.version for version in registry.versions()] == before
    printed = run("definition", "adopt", draft, "-w", company, "--unsigned")
    assert "was not adopted" in printed.data
    assert "refused      model and rules agree: " in printed.data
    assert max(map(len, printed.data.splitlines())) <= 80


def test_a_smaller_capacity_raises_the_score_that_counts_as_ready(company: Path, run: Run) -> None:
    before = Registry.for_workspace(company).load("champion").scorecard
    draft = change(company, ("per_week: 8", "per_week: 4"))
    answer = run("definition", "adopt", draft, "-w", company, "--unsigned", "--json").json
    assert answer["ready_at"]["after"] > answer["ready_at"]["before"] == before["ready_at"]


# -- diff and simulate ----------------------------------------------------------------------------


def test_diff_names_thresholds_and_counts_leads(company: Path, run: Run) -> None:
    old = Path(company / "old.yaml")
    old.write_bytes((company / "definition.yaml").read_bytes())
    new = change(company, STRICTER)
    printed = run("definition", "diff", old, new)
    assert printed.data == "right-size: at least 50 → at least 100 employees\n"
    answer = run("definition", "diff", old, new, "-w", company, "--data", "--json").json
    groups = answer["verdicts"]["groups"]
    ready = (Definition.from_file(old).evaluate(read_snapshot(company).features).code == 2).sum()
    assert groups["ready before"]["leads"] == ready
    assert groups["newly ready"]["leads"] == 0
    assert groups["ready both times"]["leads"] + groups["no longer ready"]["leads"] == ready
    assert groups["ready before"]["won"] <= groups["ready before"]["labelled"] <= ready
    assert run("definition", "diff", old, old).data.startswith("No differences")


def test_diff_and_simulate_agree_on_the_same_leads(company: Path, run: Run) -> None:
    use, new = company / "definition.yaml", company / "new.yaml"
    new.write_text(use.read_text(encoding="utf-8").replace(*STRICTER))
    diff = run("definition", "diff", use, new, "-w", company, "--data", "--json").json
    groups = diff["verdicts"]["groups"]
    simulated = run("definition", "simulate", new, "-w", company, "--json").json
    assert groups["ready before"]["low"] > 0
    assert groups["ready before"] == simulated["current"]["ready"]
    assert groups["ready after"] == simulated["new"]["ready"]
    assert groups["no longer ready"] == simulated["change"]["no_longer_ready"]["win_rate"]


@pytest.mark.parametrize("verb", [("simulate",), ("diff", "definition.yaml", "--data")])
def test_mistakes_in_a_changed_definition_are_found_before_the_data_is_read(
    company: Path, run: Run, verb: tuple[str, ...]
) -> None:
    new = company / "new.yaml"
    text = (company / "definition.yaml").read_text(encoding="utf-8")
    new.write_text(text.replace("horizon_days: 120", "horizon_days: 90"))
    (company / "crm" / "leads.csv").unlink()
    files = [company / part if part.endswith(".yaml") else part for part in verb]
    refused = run("definition", *files, new, "-w", company)
    assert refused.code == 2
    assert f"{new} and leadready.yaml: the definition counts wins within 90 days" in refused.talk
    assert "reading" not in refused.talk


# -- points and sql -------------------------------------------------------------------------------


def test_points_by_hand_stand_beside_the_learned_ones(company: Path, run: Run) -> None:
    answer = run("definition", "points", "-w", company, "--json").json
    given = Definition.from_file(company / "definition.yaml").points.give
    assert [fact["by_hand"] for fact in answer["facts"]] == [by_hand.points for by_hand in given]
    X = read_snapshot(company).features
    card = Registry.for_workspace(company).load("champion").scorecard
    lines = {line["name"]: line for line in card["lines"]}
    compared = 0
    for (criterion, _), fact in zip(given, answer["facts"], strict=True):
        if fact["learned"] is None or criterion.operator != "at_least":
            continue
        line, values = lines[criterion.feature], X[criterion.feature].dropna()
        bins = pd.cut(values, [-float("inf"), *line["cuts"], float("inf")], right=False)
        points = pd.Series(line["points"][1:])[bins.cat.codes.to_numpy()].to_numpy()
        meets = (values >= criterion.operand).to_numpy()
        assert fact["learned"] == pytest.approx(points[meets].mean() - points[~meets].mean())
        assert fact["low"] < fact["learned"] < fact["high"]
        compared += 1
    assert compared >= 3, "the others are not on the card"
    printed = run("definition", "points", "-w", company).data
    assert re.search(r"demo requests in the last 30 days at least 1 +\+20  [+-]", printed)
    assert re.search(r"email opens in the last 30 days at least 5 +\+5  none: not in", printed)
    assert max(map(len, printed.splitlines())) <= 80


def test_sql_gives_the_verdicts_of_the_workspace(company: Path, run: Run) -> None:
    sql = run("definition", "sql", "-w", company).data
    X = read_snapshot(company).features
    with duckdb.connect() as connection:
        connection.register("features", X)
        rows = connection.execute(sql).df()
    verdicts = Definition.from_file(company / "definition.yaml").evaluate(X).verdict
    assert list(rows["rules_verdict"]) == list(verdicts)
    refused = run("definition", "sql", "-w", company, "--dialect", "oracle")
    assert refused.code == 2
    assert "unknown dialect 'oracle'; known: duckdb, postgres" in refused.talk
