"""``leadready.load``: a registered model in memory scores as the command does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import leadready
from features.errors import LeadReadyError
from model.serving import Definition, Scorecard


def test_a_loaded_model_scores_a_table_of_features(trained: Path) -> None:
    model = leadready.load(trained)
    assert (model.version, model.aliases) == ("1", ("champion",))
    assert isinstance(model.scorecard, Scorecard)
    assert isinstance(model.definition, Definition)
    assert set(model.scorecard.features) <= set(model.features)
    leads = leadready.snapshot(trained).features.head(50)
    scores = model.score(leads)
    assert list(scores.columns) == list(leadready.score(trained).columns)
    assert (scores["lead_id"] == leads["lead_id"]).all()
    assert scores["model_version"].unique() == ["1"]
    for _, row in leads.head(5).iterrows():
        reasons = model.scorecard.explain(row.to_dict())
        total = model.scorecard.start + sum(reason.points for reason in reasons)
        assert np.isclose(total, scores.loc[row.name, "score"])


def test_what_cannot_be_loaded_or_scored_is_named(trained: Path) -> None:
    with pytest.raises(LeadReadyError, match="no alias 'champoin'; it has 'champion'"):
        leadready.load(trained, "champoin")
    model = leadready.load(trained, 1)
    name = model.scorecard.features[0]
    with pytest.raises(LeadReadyError, match=name):
        model.score(leadready.snapshot(trained).features.drop(columns=name))
