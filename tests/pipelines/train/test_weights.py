"""Weights of the leads of a split: which leads they represent, by what was known at the time."""

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
from pipelines.brief.brief_text import no_prediction_lines
from pipelines.report.plots import overlap_plot
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.weights import WORKED_NOT_MAPPED, Weighting, weight_leads
from pipelines.train.worked_text import worked_content

TOLERANCE = 4.0  # standard errors
HOME = ("DACH", "UK & Ireland", "Southern Europe")
SETTINGS: dict[str, Any] = {
    "leads": 3_000,
    "events": 45_000,
    "months": 14,
    "base_rate": 0.2,
    "prefer_score": 1.2,
    "prefer_home": 1.2,
}


def simulated(seed: int, folder: Path, **settings: Any) -> tuple[Company, Snapshot]:
    company = simulate_company(Settings(seed=seed, **{**SETTINGS, **settings}))
    write_company(company, folder)
    return company, read_snapshot(folder)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Snapshot]:
    return simulated(5, tmp_path_factory.mktemp("usual"))


def with_outcome(snapshot: Snapshot, **changes: Any) -> Snapshot:
    """Keep leads and features; change what counts as an outcome."""
    outcome = replace(snapshot.workspace.outcome, **changes)
    workspace = replace(snapshot.workspace, outcome=outcome)
    return snapshot.with_workspace(workspace, "judged", "catalogue", "features", "leak_suspects")


def weighted(snapshot: Snapshot) -> tuple[Split, Weighting]:
    rows = snapshot.labelled.rows
    parts = split_leads(rows, test_share=0.3)
    return parts, weight_leads(snapshot, parts, inner_folds(rows, parts))


@pytest.fixture(scope="module")
def usual(company: tuple[Company, Snapshot]) -> tuple[Split, Weighting]:
    return weighted(company[1])


def test_both_sides_are_weighted_for_leads_that_were_never_worked(
    company: tuple[Company, Snapshot], usual: tuple[Split, Weighting]
) -> None:
    _, snapshot = company
    parts, weighting = usual
    weights = weighting.split.weights
    assert weights is not None
    for side in (parts.train, parts.test):
        assert weights[side].mean() == pytest.approx(1)
        assert weights[side].std() > 0.1
    assert weighting.worked is not None
    never = (snapshot.outcomes["why_unknown"] == NEVER_WORKED).to_numpy()
    either = never | (snapshot.outcomes["outcome"] != UNKNOWN).to_numpy()
    as_of, mature = snapshot.moments["as_of"], snapshot.outcomes["mature_at"]
    considered = (
        either & (as_of < parts.test_from).to_numpy() & (mature <= parts.test_from).to_numpy()
    )
    assert weighting.worked["leads"] == considered.sum()
    assert weighting.worked["share"] == pytest.approx(1 - never[considered].mean())
    for fold in weighting.folds:
        assert fold.weights is not None
        assert fold.weights[fold.train].mean() == pytest.approx(1)


def test_the_weighted_win_rate_is_nearer_to_that_of_all_leads(
    company: tuple[Company, Snapshot], usual: tuple[Split, Weighting]
) -> None:
    simulation, snapshot = company
    labelled, (parts, weighting) = snapshot.labelled, usual
    truth = simulation.truth.leads.set_index("lead_id")
    either = (snapshot.outcomes["outcome"] != UNKNOWN) | (
        snapshot.outcomes["why_unknown"] == NEVER_WORKED
    )
    later = either & (snapshot.moments["as_of"] >= parts.test_from)
    lead_ids = snapshot.moments["lead_id"][later.to_numpy()]
    true = truth.loc[lead_ids, "would_win"].mean()
    y, w = labelled.y[parts.test], weighting.split.weights_of(parts.test)
    assert w is not None
    rate = np.average(y, weights=w)
    error = np.sqrt((w**2 * (y - rate) ** 2).sum()) / w.sum()
    assert abs(rate - true) < TOLERANCE * error
    assert abs(rate - true) < abs(y.mean() - true)


def test_without_weights_the_share_worked_is_still_reported(
    company: tuple[Company, Snapshot], usual: tuple[Split, Weighting]
) -> None:
    _, snapshot = company
    before = snapshot.moments.copy(), snapshot.features.copy()
    on, off = usual[1], weighted(with_outcome(snapshot, unworked="leave_out"))[1]
    pd.testing.assert_frame_equal(snapshot.moments, before[0])
    pd.testing.assert_frame_equal(snapshot.features, before[1])
    assert off.split.weights_of(off.split.train) is None
    assert off.split.weights_of(off.split.test) is None
    assert on.worked is not None
    assert off.worked is not None
    assert not off.worked["weights"]["used"]
    assert off.worked["by"] == on.worked["by"]


def test_a_warning_says_that_leads_count_as_lost_where_worked_is_not_mapped(
    company: tuple[Company, Snapshot],
) -> None:
    _, snapshot = company
    weighting = weighted(with_outcome(snapshot, worked=None, reasons={}))[1]
    assert weighting.worked is None
    assert WORKED_NOT_MAPPED in weighting.warnings
    assert weighting.split.weights_of(weighting.split.train) is None


@pytest.fixture(scope="module")
def only_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Weighting]:
    """A company that works leads of its home regions only."""
    _, snapshot = simulated(6, tmp_path_factory.mktemp("home"), only_regions=HOME)
    return snapshot, weighted(snapshot)[1]


def test_a_region_that_was_never_worked_has_a_warning(
    only_home: tuple[Snapshot, Weighting],
) -> None:
    _, weighting = only_home
    assert weighting.worked is not None
    refused = {(kind["feature"], kind["value"]) for kind in weighting.worked["no_prediction"]}
    assert {("region", "North America"), ("region", "Nordics")} <= refused
    assert not {("region", region) for region in HOME} & refused
    assert any(
        "No prediction for region North America: sales worked 0 of" in warning
        for warning in weighting.warnings
    )


# -- leads that are not mature ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Snapshot]:
    """A company that works every lead, a third of which are younger than the horizon."""
    settings = {"worked": 0.99, "prefer_score": 0.0, "prefer_home": 0.0, "prefer_large": 0.0}
    simulation, snapshot = simulated(
        7, tmp_path_factory.mktemp("young"), months=14, leads=4_000, events=60_000, **settings
    )
    return simulation, with_outcome(snapshot, immature="weight", unworked="leave_out")


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
def test_the_win_rate_is_the_planted_one_with_young_leads_and_without(
    young: tuple[Company, Snapshot], immature: str
) -> None:
    simulation, snapshot = young
    snapshot = with_outcome(snapshot, immature=immature)
    labelled = snapshot.labelled
    parts = split_leads(labelled.rows, test_from=snapshot.moments["as_of"].quantile(0.6))
    weighting = weight_leads(snapshot, parts, []).split
    truth = simulation.truth.leads.set_index("lead_id")
    as_of = snapshot.moments["as_of"]
    for side, window in (
        (parts.train, as_of < parts.test_from),
        (parts.test, as_of >= parts.test_from),
    ):
        labelled_or_young = (snapshot.outcomes["outcome"] != UNKNOWN) | (
            snapshot.outcomes["why_unknown"] == NOT_MATURE
        )
        ids = snapshot.moments["lead_id"][(window & labelled_or_young).to_numpy()]
        true = truth.loc[ids, "would_win"].mean()
        w = weighting.weights_of(side)
        w = np.ones(side.sum()) if w is None else w
        rate = np.average(labelled.y[side], weights=w)
        error = np.sqrt((w**2 * (labelled.y[side] - rate) ** 2).sum()) / w.sum()
        assert abs(rate - true) < TOLERANCE * error


def test_without_weights_early_wins_overstate_the_win_rate(young: tuple[Company, Snapshot]) -> None:
    simulation, snapshot = young
    labelled = snapshot.labelled
    true = simulation.truth.leads.loc[simulation.truth.leads["handed_off"], "would_win"].mean()
    error = labelled.y.std() / np.sqrt(len(labelled.y))
    assert labelled.y.mean() - true > TOLERANCE * error


def test_only_what_was_known_on_the_day_is_learned_from(
    young: tuple[Company, Snapshot],
) -> None:
    _, snapshot = young
    labelled = snapshot.labelled
    parts = split_leads(labelled.rows, test_from=snapshot.moments["as_of"].quantile(0.6))
    inner = inner_folds(labelled.rows, parts)
    weighting = weight_leads(snapshot, parts, inner)
    assert len(weighting.folds) == 3
    for part in (weighting.split, *weighting.folds):
        assert part.test_from is not None
        assert (labelled.rows["known_at"][part.train] <= part.test_from).all()
        assert (labelled.rows["as_of"][part.train] < part.test_from).all()
        assert part.weights is not None
        assert (part.weights[part.train] > 0).all()
        assert (part.weights[part.test] > 0).all()
    early = labelled.rows["mature_at"][parts.train] > parts.test_from
    assert early.any(), "wins that came early are learned from"
    w = weighting.split.weights
    assert w is not None
    assert w[parts.train][early].mean() < w[parts.train][~early].mean()


# -- in words -------------------------------------------------------------------------------------


def test_report_and_brief_say_which_leads_sales_never_worked(
    only_home: tuple[Snapshot, Weighting],
) -> None:
    snapshot, weighting = only_home
    worked = json.loads(json.dumps(weighting.worked, allow_nan=False))
    page = worked_content(worked)
    assert f"{worked['leads'] - worked['worked']:,}" in page["sentences"][0]
    shown = {table["words"]: table["rows"] for table in page["tables"]}
    assert list(shown)[:3] == ["source", "region", "employees"]
    never = {row["value"]: (row["never"], row["refused"]) for row in shown["region"]}
    assert never["Nordics"] == ("100%", True)
    assert not never["DACH"][1]
    assert overlap_plot(worked).count("<svg") == 1
    leads = snapshot.features[snapshot.features["region"].isin(["Nordics", "DACH"])].head(30)
    unpredictable = map(_parse_unpredictable, weighting.unpredictable)
    regions = [kind for kind in unpredictable if "region" in kind.reason]
    for kind in regions:
        assert (kind.holds(leads) == (leads["region"] == kind.reason.split()[1].strip(":"))).all()
    assert "region Nordics" in {kind.reason.partition(":")[0] for kind in regions}
    lines = no_prediction_lines([kind.reason for kind in regions])
    assert lines[0].startswith("No reliable prediction (region")
    assert "(region Nordics: sales worked none of" in "\n".join(lines)
    assert no_prediction_lines([]) == []
