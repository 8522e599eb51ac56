"""Planted truth: the demo's model finds what drives wins, with its sign, and nothing else.

A driver is looked for in the features that can carry it. How much a model makes of a thing is the
difference between the mean points of the leads that have it and of those that have not; the truth
is the planted log-odds, in the same points (10 points double the odds).
"""

from __future__ import annotations

import shutil
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from model.serving import Scorecard
from pipelines.simulator.company import Company, simulate_company
from pipelines.simulator.export import write_company
from pipelines.simulator.truth import Effect
from pipelines.snapshot import read_snapshot
from pipelines.train.train import train

POINTS = 10 / np.log(2)  # of one unit of log-odds
STRONG = 1.0  # log-odds: planted effects from here on are the drivers that must be found
KINDS = ("webinar_attended", "demo_request", "content_download", "page_view")


class Found(NamedTuple):
    """The demo's model, and the truth about the leads that it learnt from."""

    made: Company
    card: Scorecard
    X: pd.DataFrame
    truth: pd.DataFrame
    importance: pd.Series[Any]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("planted") / "demo"
    made = simulate_company()
    write_company(made, folder)
    truth_folder = folder / "truth"
    shutil.rmtree(truth_folder)  # no command reads it
    answer = train(folder, progress=lambda words: None)
    from model.registry.registry import Registry

    card = Scorecard.from_dict(
        Registry.for_workspace(folder).load(answer["model_version"]).scorecard
    )
    X = read_snapshot(folder).labelled.X
    truth = made.truth.leads.drop_duplicates("lead_id").set_index("lead_id").reindex(X["lead_id"])
    told = pd.DataFrame(answer["importance"]).set_index("feature")["importance"]
    return Found(made, card, X, truth.reset_index(), told)


def carriers(card: Scorecard, feature: str) -> list[int]:
    """The terms that can carry a planted driver: all that tell of the same kind of fact."""
    kind = next((kind for kind in KINDS if feature.startswith(kind)), None)
    alike = {"employees": ("employees", "revenue")}.get(feature, (feature,))
    return [
        place
        for place, term in enumerate(card.terms)
        if any(axis.name in alike or (kind and axis.name.startswith(kind)) for axis in term.axes)
    ]


def learnt(found: Found, effect: Effect) -> float:
    """Points that leads with the effect get beyond those without, in the terms that carry it."""
    points = found.card.points(found.X)[:, carriers(found.card, effect.feature)].sum(axis=1)
    has = effect.holds(found.truth).astype(bool)
    if not np.isnan(effect.from_value):
        return float(points[has].mean() - points[~has].mean())
    others = found.truth[effect.feature].notna().to_numpy() & ~has
    return float(points[has].mean() - points[others].mean())


def planted(found: Found) -> pd.DataFrame:
    """Every planted effect that enough leads have, in points, with what was learnt of it."""
    effects = [Effect(*row) for row in found.made.truth.effects.itertuples(index=False)]
    rows = []
    for effect in effects:
        has = effect.holds(found.truth).astype(bool)
        if min(has.sum(), (~has).sum()) >= 100:
            name = f"{effect.feature} {effect.level}"
            rows.append((name, effect.log_odds * POINTS, learnt(found, effect)))
    return pd.DataFrame(rows, columns=["effect", "true", "learnt"]).set_index("effect")


def test_strong_drivers_have_the_planted_sign(found: Found) -> None:
    told = planted(found)
    strong = told[told["true"].abs() >= STRONG * POINTS]
    assert len(strong) >= 6
    wrong = strong[np.sign(strong["true"]) != np.sign(strong["learnt"])]
    assert wrong.empty, wrong


def test_stronger_effects_get_more_points(found: Found) -> None:
    """Rank correlation over all effects; by chance it exceeds this one time in a thousand."""
    told = planted(found)
    rank = spearmanr(told["true"], told["learnt"])
    assert rank.statistic > 0, told
    assert rank.pvalue < 1e-3, told


def test_drivers_weigh_more_than_what_has_nothing_to_do_with_winning(found: Found) -> None:
    """By the standard deviation of the points that leads get from everything that tells of it."""
    points = found.card.points(found.X)

    def weight(feature: str) -> float:
        places = carriers(found.card, feature)
        return float(points[:, places].sum(axis=1).std()) if places else 0.0

    effects = found.made.truth.effects
    strong = effects.loc[effects["log_odds"].abs() >= STRONG, "feature"].unique()
    drivers = {feature: weight(feature) for feature in strong}
    nothing = {feature: weight(feature) for feature in found.made.truth.null_features}
    assert len(drivers) >= 5
    assert min(drivers.values()) > max(nothing.values()), (drivers, nothing)


def test_null_features_are_not_among_the_strongest(found: Found) -> None:
    """As many as there are strong drivers: none of the places is theirs."""
    strongest = list(found.importance.sort_values(ascending=False).index[:8])
    assert not set(strongest) & set(found.made.truth.null_features), strongest


def test_numbers_rise_and_fall_as_planted(found: Found) -> None:
    """Over the leads: more of a good thing, more points from it."""
    points = found.card.points(found.X)
    for feature, sign in found.made.truth.directions.items():
        strength = found.made.truth.effects.set_index("feature")["log_odds"].abs()
        if strength.loc[[feature]].sum() < STRONG:
            continue
        total = points[:, carriers(found.card, feature)].sum(axis=1)
        values = found.truth[feature].to_numpy(float)
        there = ~np.isnan(values)
        rank = spearmanr(values[there], total[there])
        assert rank.statistic * sign > 0, feature
        assert rank.pvalue < 1e-3, feature


def test_the_score_ranks_leads_nearly_as_the_truth_does(found: Found) -> None:
    """AUC of the known log-odds is the best that anybody could reach."""
    from sklearn.metrics import roc_auc_score

    would_win = found.truth["would_win"].astype(float)
    regular = (found.truth["kind"] == "regular").to_numpy()
    best = roc_auc_score(would_win[regular], found.truth["log_odds"][regular])
    ours = roc_auc_score(would_win[regular], found.card.score(found.X)[regular])
    assert 0.5 < best < 1
    assert (ours - 0.5) / (best - 0.5) > 0.8, (ours, best)
