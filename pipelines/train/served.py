"""The last check before promotion: the registered model scores alike where nothing of this is."""

from __future__ import annotations

import pandas as pd

from features.errors import LeadReadyError
from model import gate
from model.gate import Gate
from model.registry.registry import Registry
from model.serving import Definition, Scorecard, score_leads

SERVED = 500  # leads that the registered model scores again in a fresh process


def served(
    registry: Registry, version: str, card: Scorecard, definition: Definition, X: pd.DataFrame
) -> Gate:
    """Have some leads scored by the registered model in a fresh process, and compare."""
    few = X.head(SERVED)
    here = score_leads(few, card, definition, model_version=version)
    try:
        there = registry.served_scores(version, few)
    except LeadReadyError as error:
        return Gate("served as evaluated", False, error.what, "the same scores", error.hint or "")
    return gate.served_as_evaluated(here, there)
