"""The ranking's worth is measured against leads that were drawn with a known probability."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from pipelines.ledger import uplift as subject
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.uplift import measured_uplift, uplift, uplift_text
from pipelines.train import weights


def world(seed: int, leads: int = 20_000, places: int = 1_500, chance: float = 0.04) -> Any:
    """A company whose ranking is good, but not perfect: its hand-offs, and the truth."""
    random = np.random.default_rng(seed)
    rate = random.beta(1, 12, leads)
    won = random.random(leads) < rate
    ranked = np.argsort(-(rate + random.normal(0, 0.03, leads)))[:places]
    way = np.where(random.random(leads) < chance, "explore", "nurture").astype(object)
    way[ranked] = "hand off"
    table = pd.DataFrame({"decision": way, "explore_chance": chance, "won": won})
    return table[way != "nurture"], rate[ranked].mean() - rate.mean()


def test_the_interval_has_the_true_gain() -> None:
    held = 0
    for seed in range(60):
        handed, truth = world(seed)
        found = measured_uplift(handed, handed, 20_000)
        low, high = found.gain.low, found.gain.high
        assert low is not None
        assert high is not None
        held += low <= truth <= high
    assert held >= 53  # of 60, where 57 are expected; fewer have a chance of 1 in 100


def test_draws_of_different_weeks_count_by_their_probability() -> None:
    drawn = pd.DataFrame(
        {
            "decision": ["explore"] * 60 + ["hand off"] * 40,
            "explore_chance": [0.3] * 30 + [0.1] * 30 + [0.1] * 40,
            "won": [True] * 30 + [False] * 30 + [True] * 40,
        }
    )
    found = measured_uplift(drawn, drawn, 440)
    assert found.drawn.rate.value == pytest.approx(0.25)  # 100 of 400 leads
    assert found.random_rate == pytest.approx((400 * 0.25 + 40) / 440)


def test_where_no_drawn_lead_was_won_the_interval_is_still_wide() -> None:
    rows = pd.DataFrame(
        {"decision": ["explore"] * 10 + ["hand off"] * 50, "explore_chance": 0.1, "won": False}
    )
    rows.loc[10:14, "won"] = True
    found = measured_uplift(rows, rows, 1000)
    assert found.gain.low is not None
    assert found.gain.low < 0
    assert "may be luck" in uplift_text(found)
    assert "5 won: 10% (4%–21%)" in uplift_text(found).replace("\n", " ")


def test_without_a_draw_it_says_what_to_agree_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = pd.DataFrame({"lead": ["a"], "as_of": pd.NaT, "decision": ["hand off"]})
    monkeypatch.setattr(Ledger, "refuse_missing", lambda self: None)
    monkeypatch.setattr(Ledger, "first_hand_offs", lambda self: nothing)
    store = SimpleNamespace(where="ledger.duckdb")
    monkeypatch.setattr(Ledger, "of", classmethod(lambda kind, workspace: Ledger(store)))
    monkeypatch.setattr(subject, "read_snapshot", lambda folder: SimpleNamespace(workspace=None))
    with pytest.raises(LeadReadyError, match="no lead was handed off at random") as raised:
        uplift(tmp_path)
    assert "explore: 0.05" in str(raised.value.hint)


def test_training_weights_drawn_leads_by_their_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = pd.DataFrame(
        {
            "lead": ["a", "b", "c"],
            "decision": ["explore", "explore", "hand off"],
            "explore_chance": [0.2, 0.01, 0.2],
        }
    )
    ledger = SimpleNamespace(first_hand_offs=lambda: handed)
    monkeypatch.setattr(weights, "Ledger", SimpleNamespace(of=lambda workspace: ledger))
    rows = pd.DataFrame({"lead_id": ["c", "a", "z", "b"]})
    snapshot: Any = SimpleNamespace(workspace=None, labelled=SimpleNamespace(rows=rows))
    given = np.array([0.5, 1.0, 2.0, 1.0])
    found = weights._weights_of_draws(snapshot, given)
    assert found.tolist() == [0.5, 5.0, 2.0, weights.LARGEST]
    assert weights._weights_of_draws(snapshot, given, 0.5).tolist() == [0.5, 2.5, 2.0, 10.0]
