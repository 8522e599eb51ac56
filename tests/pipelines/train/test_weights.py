"""Weights on the way from files to a split: who is weighed, and by what was known when."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.labels.outcomes import NOT_MATURE, UNKNOWN
from features.labels.rejection_reasons import NEVER_WORKED
from model.serving import _parse_unpredictable
from model.training.splits import Split, inner_folds, split_leads
from pipelines.report.plots import overlap
from pipelines.score.brief_text import no_prediction_lines
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.weights import WORKED_NOT_MAPPED, Weighting, weight_leads
from pipelines.train.worked_text import worked_content

OFF = 4.0  # standard errors
HOME = ("DACH", "UK & Ireland", "Southern Europe")
DIALS: dict[str, Any] = {
    "leads": 3_000,
    "events": 45_000,
    "months": 14,
    "base_rate": 0.2,
    "prefer_score": 1.2,
    "prefer_home": 1.2,
}


def quietly(words: str) -> None:
    assert words


def of(seed: int, folder: Path, **dials: Any) -> tuple[Company, Snapshot]:
    company = simulate_company(Settings(seed=seed, **{**DIALS, **dials}))
    write_company(company, folder)
    return company, read_snapshot(folder)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Snapshot]:
    return of(5, tmp_path_factory.mktemp("usual"))


def with_outcome(snapshot: Snapshot, **said: Any) -> Snapshot:
    """The same leads and features; only what counts as an outcome changes."""
    outcome = replace(snapshot.workspace.outcome, **said)
    unchanged = ("_judged", "catalogue", "features", "leak_suspects")
    return snapshot.with_workspace(replace(snapshot.workspace, outcome=outcome), *unchanged)


def gone(snapshot: Snapshot) -> tuple[Split, Weighting]:
    rows = snapshot.labelled.rows
    parts = split_leads(rows, test_share=0.3)
    return parts, weight_leads(snapshot, parts, inner_folds(rows, parts))


@pytest.fixture(scope="module")
def usual(company: tuple[Company, Snapshot]) -> tuple[Split, Weighting]:
    return gone(company[1])


def test_never_worked_leads_are_weighed_for_on_both_sides(
    company: tuple[Company, Snapshot], usual: tuple[Split, Weighting]
) -> None:
    _, snapshot = company
    parts, found = usual
    weights = found.split.weights
    assert weights is not None
    for side in (parts.train, parts.test):
        assert weights[side].mean() == pytest.approx(1)
        assert weights[side].std() > 0.1
    assert found.worked is not None
    never = (snapshot.outcomes["why_unknown"] == NEVER_WORKED).to_numpy()
    asked = never | (snapshot.outcomes["outcome"] != UNKNOWN).to_numpy()
    as_of, mature = snapshot.moments["as_of"], snapshot.outcomes["mature_at"]
    then = asked & (as_of < parts.test_from).to_numpy() & (mature <= parts.test_from).to_numpy()
    assert found.worked["leads"] == then.sum()
    assert found.worked["share"] == pytest.approx(1 - never[then].mean())
    for one in found.folds:
        assert one.weights is not None
        assert one.weights[one.train].mean() == pytest.approx(1)


def test_the_weighted_win_rate_is_nearer_to_that_of_all_leads(
    company: tuple[Company, Snapshot], usual: tuple[Split, Weighting]
) -> None:
    made, snapshot = company
    labelled, (parts, found) = snapshot.labelled, usual
    truth = made.truth.leads.set_index("lead_id")
    asked = (snapshot.outcomes["outcome"] != UNKNOWN) | (
        snapshot.outcomes["why_unknown"] == NEVER_WORKED
    )
    later = asked & (snapshot.moments["as_of"] >= parts.test_from)
    everybody = snapshot.moments["lead_id"][later.to_numpy()]
    true = truth.loc[everybody, "would_win"].mean()
    y, w = labelled.y[parts.test], found.split.weights_of(parts.test)
    assert w is not None
    rate = np.average(y, weights=w)
    error = np.sqrt((w**2 * (y - rate) ** 2).sum()) / w.sum()
    assert abs(rate - true) < OFF * error
    assert abs(rate - true) < abs(y.mean() - true)


def test_weights_can_be_switched_off_and_the_share_is_told_all_the_same(
    company: tuple[Company, Snapshot], usual: tuple[Split, Weighting]
) -> None:
    _, snapshot = company
    before = snapshot.moments.copy(), snapshot.features.copy()
    on, off = usual[1], gone(with_outcome(snapshot, unworked="leave_out"))[1]
    pd.testing.assert_frame_equal(snapshot.moments, before[0])
    pd.testing.assert_frame_equal(snapshot.features, before[1])
    assert off.split.weights_of(off.split.train) is None
    assert off.split.weights_of(off.split.test) is None
    assert on.worked is not None
    assert off.worked is not None
    assert not off.worked["weights"]["used"]
    assert off.worked["by"] == on.worked["by"]


def test_where_nobody_says_what_worked_means_it_is_said_that_ignored_leads_count_as_lost(
    company: tuple[Company, Snapshot],
) -> None:
    _, snapshot = company
    found = gone(with_outcome(snapshot, worked=None, reasons={}))[1]
    assert found.worked is None
    assert found.warnings == [WORKED_NOT_MAPPED]
    assert found.split.weights_of(found.split.train) is None


def test_a_region_that_was_never_worked_is_warned_of(tmp_path: Path) -> None:
    _, snapshot = of(6, tmp_path, only_regions=HOME)
    found = gone(snapshot)[1]
    assert found.worked is not None
    refused = {(one["feature"], one["value"]) for one in found.worked["no_prediction"]}
    assert {("region", "North America"), ("region", "Nordics")} <= refused
    assert not {("region", one) for one in HOME} & refused
    assert any(
        "No prediction for region North America: sales worked 0 of" in one for one in found.warnings
    )


# -- leads that are not mature ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Snapshot]:
    """A company that works every lead, a third of which are younger than the horizon."""
    dials = {"worked": 0.99, "prefer_score": 0.0, "prefer_home": 0.0, "prefer_large": 0.0}
    made, snapshot = of(
        7, tmp_path_factory.mktemp("young"), months=14, leads=4_000, events=60_000, **dials
    )
    return made, with_outcome(snapshot, immature="weight", unworked="leave_out")


def test_early_wins_of_young_leads_are_known_and_their_losses_are_not(
    young: tuple[Company, Snapshot],
) -> None:
    _, snapshot = young
    labelled, left_out = snapshot.labelled, with_outcome(snapshot, immature="leave_out").labelled
    day = snapshot.extract_at
    more = ~labelled.rows["lead_id"].isin(left_out.rows["lead_id"]).to_numpy()
    assert more.any()
    assert labelled.y[more].all()
    assert (labelled.rows["mature_at"][more] > day).all()
    assert (labelled.rows["known_at"] <= day).all()
    assert not (snapshot.outcomes["why_unknown"] == NOT_MATURE)[labelled.places].any()


@pytest.mark.parametrize("immature", ["leave_out", "weight"])
def test_both_ways_meet_the_planted_win_rate(
    young: tuple[Company, Snapshot], immature: str
) -> None:
    made, snapshot = young
    snapshot = with_outcome(snapshot, immature=immature)
    labelled = snapshot.labelled
    parts = split_leads(labelled.rows, test_from=snapshot.moments["as_of"].quantile(0.6))
    found = weight_leads(snapshot, parts, []).split
    truth = made.truth.leads.set_index("lead_id")
    as_of = snapshot.moments["as_of"]
    for side, these in (
        (parts.train, as_of < parts.test_from),
        (parts.test, as_of >= parts.test_from),
    ):
        known_kind = (snapshot.outcomes["outcome"] != UNKNOWN) | (
            snapshot.outcomes["why_unknown"] == NOT_MATURE
        )
        ids = snapshot.moments["lead_id"][(these & known_kind).to_numpy()]
        true = truth.loc[ids, "would_win"].mean()
        w = found.weights_of(side)
        w = np.ones(side.sum()) if w is None else w
        rate = np.average(labelled.y[side], weights=w)
        error = np.sqrt((w**2 * (labelled.y[side] - rate) ** 2).sum()) / w.sum()
        assert abs(rate - true) < OFF * error


def test_taken_as_they_are_early_wins_flatter(young: tuple[Company, Snapshot]) -> None:
    made, snapshot = young
    labelled = snapshot.labelled
    true = made.truth.leads.loc[made.truth.leads["handed_off"], "would_win"].mean()
    error = labelled.y.std() / np.sqrt(len(labelled.y))
    assert labelled.y.mean() - true > OFF * error


def test_nothing_that_was_not_known_on_the_day_is_learnt_from(
    young: tuple[Company, Snapshot],
) -> None:
    _, snapshot = young
    labelled = snapshot.labelled
    parts = split_leads(labelled.rows, test_from=snapshot.moments["as_of"].quantile(0.6))
    inner = inner_folds(labelled.rows, parts)
    found = weight_leads(snapshot, parts, inner)
    assert len(found.folds) == 3
    for one in (found.split, *found.folds):
        assert one.test_from is not None
        assert (labelled.rows["known_at"][one.train] <= one.test_from).all()
        assert (labelled.rows["as_of"][one.train] < one.test_from).all()
        assert one.weights is not None
        assert (one.weights[one.train] > 0).all()
        assert (one.weights[one.test] > 0).all()
    early = labelled.rows["mature_at"][parts.train] > parts.test_from
    assert early.any(), "wins that came early are learnt from"
    w = found.split.weights
    assert w is not None
    assert w[parts.train][early].mean() < w[parts.train][~early].mean()


# -- what is said of it ----------------------------------------------------------------------------


def test_the_report_and_the_brief_say_whom_sales_never_worked(tmp_path: Path) -> None:
    _, snapshot = of(6, tmp_path, only_regions=HOME)
    weighed = gone(snapshot)[1]
    told = json.loads(json.dumps(weighed.worked, allow_nan=False))
    page = worked_content(told)
    assert f"{told['leads'] - told['worked']:,}" in page["sentences"][0]
    shown = {table["words"]: table["rows"] for table in page["tables"]}
    assert list(shown)[:3] == ["source", "region", "employees"]
    never = {row["value"]: (row["never"], row["refused"]) for row in shown["region"]}
    assert never["Nordics"] == ("100%", True)
    assert not never["DACH"][1]
    assert overlap(told).count("<svg") == 1
    leads = snapshot.features[snapshot.features["region"].isin(["Nordics", "DACH"])].head(30)
    unpredictable = map(_parse_unpredictable, weighed.unpredictable)
    no_claim = [kind for kind in unpredictable if "region" in kind.reason]
    for one in no_claim:
        assert (one.holds(leads) == (leads["region"] == one.reason.split()[1].strip(":"))).all()
    assert "region Nordics" in {one.reason.partition(":")[0] for one in no_claim}
    lines = no_prediction_lines([kind.reason for kind in no_claim])
    assert lines[0].startswith("No reliable prediction (region")
    assert "(region Nordics: sales worked none of" in "\n".join(lines)
    assert no_prediction_lines([]) == []
