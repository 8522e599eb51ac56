"""Planted truth: the demo's model finds what drives wins, with its sign, and nothing else.

A driver may show in any feature that reflects it. Its learned effect is the difference in mean
points between leads with it and leads without. The truth is the planted log-odds, in the same
points (10 points double the odds).
"""

from __future__ import annotations

import shutil
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from model.serving import Scorecard
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.simulator.truth import Effect
from pipelines.snapshot import read_snapshot
from pipelines.train.train import train

COMPANY = Settings(leads=7_000, events=105_000)  # smaller than the demo, and built the same way
POINTS = 10 / np.log(2)  # of one unit of log-odds
STRONG = 1.0  # log-odds: planted effects this large must be found
KINDS = ("webinar_attended", "demo_request", "content_download", "page_view")


class Demo(NamedTuple):
    """The demo's model, and the truth about its training leads."""

    company: Company
    card: Scorecard
    X: pd.DataFrame
    truth: pd.DataFrame
    importance: pd.Series[Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("planted") / "demo"
    company = simulate_company(COMPANY)
    write_company(company, folder)
    truth_folder = folder / "truth"
    shutil.rmtree(truth_folder)  # no command reads it
    answer = train(folder, progress=lambda words: None)
    from model.registry.registry import Registry

    card = Scorecard.from_dict(
        Registry.for_workspace(folder).load(answer["model_version"]).scorecard
    )
    X = read_snapshot(folder).labelled.X
    truth = (
        company.truth.leads.drop_duplicates("lead_id").set_index("lead_id").reindex(X["lead_id"])
    )
    importance = pd.DataFrame(answer["importance"]).set_index("feature")["importance"]
    return Demo(company, card, X, truth.reset_index(), importance)


def terms_about(card: Scorecard, feature: str) -> list[int]:
    """The terms that can reflect a planted driver: all about the same kind of fact."""
    kind = next((kind for kind in KINDS if feature.startswith(kind)), None)
    alike = {"employees": ("employees", "revenue")}.get(feature, (feature,))
    return [
        place
        for place, term in enumerate(card.terms)
        if any(axis.name in alike or (kind and axis.name.startswith(kind)) for axis in term.axes)
    ]


def learned_points(demo: Demo, effect: Effect) -> float:
    """Extra points of leads with the effect, in the terms that can reflect it."""
    points = demo.card.points(demo.X)[:, terms_about(demo.card, effect.feature)].sum(axis=1)
    has = effect.holds(demo.truth).astype(bool)
    if not np.isnan(effect.from_value):
        return float(points[has].mean() - points[~has].mean())
    others = demo.truth[effect.feature].notna().to_numpy() & ~has
    return float(points[has].mean() - points[others].mean())


def planted_effects(demo: Demo) -> pd.DataFrame:
    """Every planted effect that enough leads have, in points: true and learned."""
    effects = [Effect(*row) for row in demo.company.truth.effects.itertuples(index=False)]
    rows = []
    for effect in effects:
        has = effect.holds(demo.truth).astype(bool)
        if min(has.sum(), (~has).sum()) >= 100:
            name = f"{effect.feature} {effect.level}"
            rows.append((name, effect.log_odds * POINTS, learned_points(demo, effect)))
    return pd.DataFrame(rows, columns=["effect", "true", "learned"]).set_index("effect")


def test_strong_drivers_have_the_planted_sign(demo: Demo) -> None:
    effects = planted_effects(demo)
    strong = effects[effects["true"].abs() >= STRONG * POINTS]
    assert len(strong) >= 6
    wrong = strong[np.sign(strong["true"]) != np.sign(strong["learned"])]
    assert wrong.empty, wrong


def test_stronger_effects_get_more_points(demo: Demo) -> None:
    """Rank correlation over all effects; by chance it exceeds this once in a thousand times."""
    effects = planted_effects(demo)
    rank = spearmanr(effects["true"], effects["learned"])
    assert rank.statistic > 0, effects
    assert rank.pvalue < 1e-3, effects


def test_drivers_weigh_more_than_null_features(demo: Demo) -> None:
    """By the standard deviation of the points from all terms about the feature."""
    points = demo.card.points(demo.X)

    def weight(feature: str) -> float:
        places = terms_about(demo.card, feature)
        return float(points[:, places].sum(axis=1).std()) if places else 0.0

    effects = demo.company.truth.effects
    strong = effects.loc[effects["log_odds"].abs() >= STRONG, "feature"].unique()
    drivers = {feature: weight(feature) for feature in strong}
    nothing = {feature: weight(feature) for feature in demo.company.truth.null_features}
    assert len(drivers) >= 5
    assert min(drivers.values()) > max(nothing.values()), (drivers, nothing)


def test_null_features_are_not_among_the_strongest(demo: Demo) -> None:
    """None of the strongest eight, as many as there are strong drivers."""
    strongest = list(demo.importance.sort_values(ascending=False).index[:8])
    assert not set(strongest) & set(demo.company.truth.null_features), strongest


def test_numbers_rise_and_fall_as_planted(demo: Demo) -> None:
    """Over the leads: more of a good thing on the card, more points from it."""
    points, checked = demo.card.points(demo.X), 0
    for feature, sign in demo.company.truth.directions.items():
        strength = demo.company.truth.effects.set_index("feature")["log_odds"].abs()
        if strength.loc[[feature]].sum() < STRONG:
            continue
        if not (places := terms_about(demo.card, feature)):
            continue  # another feature says nearly the same
        checked += 1
        total = points[:, places].sum(axis=1)
        values = demo.truth[feature].to_numpy(float)
        there = ~np.isnan(values)
        rank = spearmanr(values[there], total[there])
        assert rank.statistic * sign > 0, feature
        assert rank.pvalue < 1e-3, feature
    assert checked >= 3


def test_the_score_ranks_leads_nearly_as_the_truth_does(demo: Demo) -> None:
    """The AUC of the true log-odds is the best possible."""
    from sklearn.metrics import roc_auc_score

    would_win = demo.truth["would_win"].astype(float)
    regular = (demo.truth["kind"] == "regular").to_numpy()
    best = roc_auc_score(would_win[regular], demo.truth["log_odds"][regular])
    ours = roc_auc_score(would_win[regular], demo.card.score(demo.X)[regular])
    assert 0.5 < best < 1
    assert (ours - 0.5) / (best - 0.5) > 0.8, (ours, best)
