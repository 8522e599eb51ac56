"""``leadready train``: what it prints, what it refuses, and what must not change its result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.families.build import build_features
from features.labels.moments import build_moments
from features.tables.read import read_tables
from features.workspace.read import read_workspace
from model.registry.registry import Registry
from model.training.splits import split_leads
from pipelines.snapshot import read_snapshot
from pipelines.train.training_text import training_text

Run = Callable[..., Any]
ALWAYS = {
    "model_version",
    "promoted",
    "candidate",
    "n_train",
    "n_test",
    "base_rate",
    "metrics",
    "yardstick",
    "definition",
    "gate",
    "excluded",
}
METRICS = {
    "auc",
    "average_precision",
    "log_loss",
    "brier",
    "calibration_slope",
    "calibration_intercept",
    "lift_5",
    "lift_10",
    "lift_20",
    "captured_5",
    "captured_10",
    "captured_20",
}


def shuffle(folder: Path, seed: int = 0) -> None:
    """Shuffle the outcomes of the leads that sales worked.

    Each lead takes everything that happened to another after its hand-off, moved to its own.
    """
    leads = pd.read_csv(folder / "crm" / "leads.csv", dtype="str", keep_default_na=False)
    stages = pd.read_csv(folder / "crm" / "stage_history.csv", dtype="str", keep_default_na=False)
    worked = set(stages.loc[stages["Stage"].isin(["SAL", "Rejected"]), "Lead ID"])
    handed = leads[leads["Lead ID"].isin(worked)].drop_duplicates("Lead ID")
    giver = handed.sample(frac=1, random_state=seed)
    taker = dict(zip(giver["Lead ID"], handed["Lead ID"], strict=True))
    at = pd.to_datetime(handed.set_index("Lead ID")["Handed Off At"])
    end = stages["Stage"].isin(
        ["SAL", "SQL", "Opportunity", "Closed Won", "Closed Lost", "Rejected", "Recycled"]
    )
    end &= stages["Lead ID"].isin(taker)
    new = stages.loc[end, "Lead ID"].map(taker)
    after = pd.to_datetime(stages.loc[end, "Changed At"]) - stages.loc[end, "Lead ID"].map(at)
    stages.loc[end, "Changed At"] = (new.map(at) + after).astype("str")
    stages.loc[end, "Lead ID"] = new
    stages.to_csv(folder / "crm" / "stage_history.csv", index=False)
    ends = ["Closed At", "Disposition Reason", "Lead Status"]
    took = giver.assign(**{"Lead ID": handed["Lead ID"].to_numpy()}).set_index("Lead ID")[ends]
    closed = pd.to_datetime(took["Closed At"]) - pd.to_datetime(giver["Handed Off At"]).to_numpy()
    took["Closed At"] = (at.reindex(took.index) + closed).astype("str").replace("NaT", "")
    leads = leads.drop_duplicates("Lead ID").set_index("Lead ID")
    leads.loc[took.index, ends] = took
    leads.reset_index().to_csv(folder / "crm" / "leads.csv", index=False)


# What it prints


def test_every_key_that_was_promised_is_there(training: dict[str, Any]) -> None:
    assert set(training) >= ALWAYS
    assert training["model_version"] == "1"
    assert training["promoted"] is True
    for rival in ("metrics", "yardstick", "definition", "base_rate_alone"):
        assert set(training[rival]) >= METRICS, rival
        for name, figure in training[rival].items():
            assert set(figure) == {"value", "low", "high"}, (rival, name)
            if None not in figure.values():
                assert figure["low"] <= figure["value"] <= figure["high"], (rival, name)
    for check in training["gate"]:
        assert set(check) == {"name", "passed", "observed", "required", "hint", "state"}
        assert check["passed"] is True
        assert check["observed"]
        assert check["required"]
    assert len(training["gate"]) >= 10
    auc = training["metrics"]["auc"]
    assert 0.5 < auc["low"] < auc["high"] < 1


def test_every_lead_is_used_or_excluded_for_a_reason(
    training: dict[str, Any], trained: Path
) -> None:
    leads = pd.read_csv(trained / "crm" / "leads.csv", dtype="str")
    ids = leads["Lead ID"].nunique()
    excluded = training["excluded"]
    assert {"never worked", "not mature", "no date to judge it at"} <= set(excluded)
    never_handed = leads.drop_duplicates("Lead ID")["Handed Off At"].isna().sum()
    assert excluded["no date to judge it at"] == never_handed
    known_ones = ids - sum(excluded.values())
    assert training["n_train"] + training["n_test"] <= known_ones
    assert training["won_train"] + training["won_test"] < training["n_train"] + training["n_test"]
    share = training["won_train"] / training["n_train"]
    assert training["base_rate"] == pytest.approx(share, rel=0.25), "leads may be weighed"


def test_what_people_read_says_the_same(training: dict[str, Any]) -> None:
    lines = training_text(training).splitlines()
    text = " ".join(" ".join(lines).split())
    assert text.startswith("Version 1. Promoted")
    auc = training["metrics"]["auc"]
    assert f"{auc['value']:.2f} ({auc['low']:.2f}–{auc['high']:.2f})" in text
    assert f"never worked ({training['excluded']['never worked']:,})" in text
    for check in training["gate"]:
        assert f"{check['state']} {check['name']}: " in text
    assert training["unsigned_because"] == []
    assert "signed" not in text
    assert all(len(line) <= 80 for line in lines)


def test_a_refused_training_says_what_is_required_and_what_to_do(training: dict[str, Any]) -> None:
    check = training["gate"][0] | {"passed": False, "hint": "add more history", "state": "refused"}
    refused = {**training, "promoted": False, "gate": [check]}
    refused["unsigned_because"] = ["sales has not signed"]
    text = " ".join(training_text(refused).split())
    assert (
        f"refused {check['name']}: {check['observed']} required: {check['required']} hint: " in text
    )
    assert "hint: add more history" in text
    assert "Next, most important first: 1. add more history note: leads" in text
    assert "note: leads are not scored until the definition is signed: sales has not" in text


def test_the_test_is_later_and_no_person_or_account_is_on_both_sides(
    training: dict[str, Any], trained: Path
) -> None:
    """Only outcomes known when the test begins are learned from: a horizon lies between."""
    assert training["split"]["how"] == "forward in time"
    begin = pd.Timestamp(training["split"]["test_from"])
    snapshot = read_snapshot(trained)
    assert snapshot.workspace.outcome.horizon_days is not None
    horizon = pd.Timedelta(days=snapshot.workspace.outcome.horizon_days)
    evaluation = snapshot.workspace.evaluation
    rows = snapshot.labelled.rows
    parts = split_leads(rows, test_share=evaluation.test_share, seed=training["seed"])
    train, test = parts.train, parts.test
    assert (train.sum(), test.sum()) == (training["n_train"], training["n_test"])
    assert (rows["as_of"][train] + horizon <= begin).all()
    assert (rows["as_of"][test] >= begin).all()
    for who in ("person_id", "account_id"):
        assert not set(rows[who][train].dropna()) & set(rows[who][test].dropna())


# The second training, and what is refused


def test_a_second_training_is_compared_with_the_champion(run: Run, company: Path) -> None:
    answer = run("train", "-w", company, "--confirmed-by", "Ann Lee", "--json")
    result = answer.json
    assert result["model_version"] == "2"
    gates = {check["name"]: check for check in result["gate"]}
    compared = gates["not worse than the champion"]
    assert "against version 1 on" in compared["observed"]
    assert f"{result['n_test']:,} leads" in compared["observed"], (
        "neither version has learned from them"
    )
    assert "AUC 0.000 (0.000 to 0.000)" in compared["observed"], (
        "the same data gives the same model"
    )
    assert compared["passed"]
    assert (answer.code, result["promoted"]) == (0, True)
    registry = Registry.for_workspace(company)
    aliases = {version.version: version.aliases for version in registry.versions()}
    assert aliases == {"1": ("previous",), "2": ("champion",)}


def test_shuffled_outcomes_are_refused(run: Run, untrained: Path) -> None:
    shuffle(untrained)
    answer = run("train", "-w", untrained, "--json")
    assert answer.code == 1
    result = answer.json
    assert result["promoted"] is False
    assert result["verdict"].startswith("Refused and kept as challenger")
    refused = {check["name"]: check for check in result["gate"] if not check["passed"]}
    assert "better than chance and than the rules alone" in refused
    assert "random" in refused["better than chance and than the rules alone"]["hint"]
    auc = result["metrics"]["auc"]
    assert auc["low"] < 0.5 < auc["high"]
    assert result["won_test"] > 40, "enough wins were there to see something"
    (version,) = Registry.for_workspace(untrained).versions()
    assert version.aliases == ("challenger",)
    scored = run("score", "-w", untrained)
    assert (scored.code, scored.data) == (2, "")
    assert "no champion" in scored.talk


def test_shuffling_keeps_the_number_of_wins(untrained: Path) -> None:
    """The control above would prove nothing if it broke the data."""
    before = read_snapshot(untrained).labelled
    shuffle(untrained)
    after = read_snapshot(untrained).labelled
    assert abs(len(after.y) - len(before.y)) < 0.15 * len(before.y)
    assert abs(after.y.mean() - before.y.mean()) < 0.05


# What must not change anything


def test_nothing_at_or_after_the_moment_changes_a_feature(untrained: Path) -> None:
    workspace = read_workspace(untrained)
    tables = read_tables(workspace)
    judged, _ = build_moments(workspace, tables)
    before, catalogue = build_features(workspace, tables, judged)
    leads = pd.read_csv(untrained / "crm" / "leads.csv", dtype="str")
    handed = leads[leads["Handed Off At"].notna()].drop_duplicates("Contact ID", keep="last")
    path = untrained / "crm" / "activities.csv"
    events = pd.read_csv(path, dtype="str")
    last = judged.groupby("person_id")["as_of"].max()
    moment = ("contact:" + handed["Contact ID"]).map(last)
    later_events = [
        pd.DataFrame(
            {
                "Contact ID": handed["Contact ID"],
                "Type": kind,
                "Direction": "Inbound",
                "Occurred At": (moment + pd.Timedelta(seconds=late)).astype("str"),
                "Asset": "new",
                "Campaign": "new",
            }
        )
        for kind in events["Type"].unique()
        for late in (0, 1, 86_400)
    ]
    pd.concat([events, *later_events]).to_csv(path, index=False)
    again = read_tables(workspace)
    assert len(again.events) > len(tables.events)
    after, _ = build_features(workspace, again, judged, catalogue)
    latest = judged["person_id"].map(last).to_numpy() == judged["as_of"].to_numpy()
    own = [feature.name for feature in catalogue if not feature.name.startswith("account_others")]
    assert latest.sum() > 2000
    pd.testing.assert_frame_equal(after.loc[latest, own], before.loc[latest, own])


def test_the_order_of_the_files_does_not_change_what_is_learned_from(untrained: Path) -> None:
    def learned_from() -> pd.DataFrame:
        labelled = read_snapshot(untrained).labelled
        table = labelled.X.assign(won=labelled.y, person=labelled.rows["person_id"])
        return table.sort_values("lead_id", ignore_index=True)

    before = learned_from()
    leads = pd.read_csv(untrained / "crm" / "leads.csv", dtype="str")
    doubled = set(leads.loc[leads["Lead ID"].duplicated(keep=False), "Lead ID"])
    for name in ("leads", "activities", "stage_history", "accounts", "contacts"):
        path = untrained / "crm" / f"{name}.csv"
        mixed = pd.read_csv(path, dtype="str").sample(frac=1, random_state=3)
        mixed.to_csv(path, index=False)
    after = learned_from()
    single = [
        table[~table["lead_id"].isin(doubled)].reset_index(drop=True) for table in (before, after)
    ]
    assert len(single[0]) > 1000
    pd.testing.assert_frame_equal(*single)
