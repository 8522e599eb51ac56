"""The level kept up through a test: in order of time, or in the order of the leads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from model.training.splits import Split, split_leads
from pipelines.labelled import Labelled
from pipelines.level.kept_level import with_level_kept

LEADS, EXPECTED = 3_000, 0.1


def labelled(rate: float, **times: object) -> Labelled:
    """Leads of which so many of the later half are won; a tenth was expected."""
    random = np.random.default_rng(0)
    rates = np.where(np.arange(LEADS) < LEADS / 2, EXPECTED, rate)
    names = [f"lead {number}" for number in range(LEADS)]
    columns = {"lead_id": names, "person_id": names, "account_id": None, "as_of": pd.NaT}
    rows = pd.DataFrame(columns | {"mature_at": pd.NaT, "order": np.nan} | times)
    X = pd.DataFrame({"size": np.ones(LEADS)})
    y = (random.random(LEADS) < rates).astype(float)
    return Labelled(rows, X, y, np.arange(LEADS), {})


def predict(X: pd.DataFrame) -> np.ndarray:
    return np.full(len(X), EXPECTED)


def in_order(leads: Labelled) -> Split:
    return split_leads(leads.rows, test_share=0.5)


def test_without_dates_outcomes_are_known_in_order() -> None:
    leads = labelled(0.3, order=np.arange(LEADS, dtype=float))
    kept = with_level_kept(leads, in_order(leads), predict)
    assert kept.moves > 0
    assert kept.probability[0] == pytest.approx(EXPECTED)
    assert kept.probability[-500:].mean() == pytest.approx(0.3, abs=0.05)


def test_the_order_of_the_rows_does_not_matter() -> None:
    leads = labelled(0.3, order=np.arange(LEADS, dtype=float))
    mixed = np.random.default_rng(1).permutation(LEADS)
    rows = leads.rows.iloc[mixed].reset_index(drop=True)
    other = Labelled(rows, leads.X, leads.y[mixed], leads.places, {})
    kept, again = (with_level_kept(each, in_order(each), predict) for each in (leads, other))
    order = rows["order"][in_order(other).test].to_numpy() - LEADS // 2
    assert again.probability == pytest.approx(kept.probability[order.astype(int)])


def test_a_longer_horizon_delays_the_move() -> None:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(LEADS) / 4, unit="D")
    days = pd.Series(days).astype("datetime64[us]")

    def first_move(horizon: int) -> int:
        leads = labelled(0.3, as_of=days, mature_at=days + pd.Timedelta(days=horizon))
        parts = split_leads(leads.rows, test_share=0.5)
        kept = with_level_kept(leads, parts, predict).probability
        return int((kept != kept[0]).argmax()) or len(kept)

    assert first_move(5) < first_move(100)


def test_without_time_the_model_predicts_alone() -> None:
    leads = labelled(0.3)
    kept = with_level_kept(leads, split_leads(leads.rows, test_share=0.5), predict)
    assert (kept.moves, set(kept.probability)) == (0, {EXPECTED})
