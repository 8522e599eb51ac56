"""A registered model in memory, for use from Python.

Only data files are read from the registry; no code of it runs and MLflow is not imported. Leads
are scored by the definition that was registered with the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from model.registry.lookup import CHAMPION
from model.registry.registry import Registry
from model.serving import Definition, Scorecard, ServingError, score_leads
from pipelines.snapshot import read_snapshot


@dataclass(frozen=True)
class RegisteredModel:
    """A version of a workspace's model.

    Attributes
    ----------
    version : str
        Its label, such as 3; 3.1 where only the level of version 3 was moved.
    aliases : tuple of str
        Such as ``champion``.
    scorecard : Scorecard
        The points of every feature. ``scorecard.explain(row)`` lists a lead's reasons.
    definition : Definition
        The agreed rules. ``definition.evaluate(features)`` gives their verdicts.
    features : tuple of str
        The columns that the model was trained on.
    evaluation : mapping
        What its training measured.
    """

    version: str
    aliases: tuple[str, ...]
    scorecard: Scorecard
    definition: Definition
    features: tuple[str, ...]
    evaluation: Mapping[str, Any]

    def score(self, features: pd.DataFrame) -> pd.DataFrame:
        """Score a table of features.

        Parameters
        ----------
        features : DataFrame
            A row for each lead, with every feature of the scorecard and the definition as a
            column; ``lead_id`` and ``as_of`` are passed on where they are there.

        Returns
        -------
        DataFrame
            The columns of ``leadready.score``, with the index of ``features``.

        Raises
        ------
        LeadReadyError
            When a feature is missing or has values that the scorecard cannot read.

        Examples
        --------
        >>> card = Scorecard.from_dict({
        ...     "format": 2, "start": 50, "level": -2.2, "base_rate": 0.1, "ready_at": 55,
        ...     "grades": {"A": 6}, "levels": {"1": 8},
        ...     "lines": [{"name": "employees", "family": "firmographic", "kind": "number",
        ...                "cuts": [50.0], "points": [0, -10, 10],
        ...                "labels": ["unknown", "under 50", "50 or more"]}]})
        >>> rules = Definition.from_dict({"ready_when": [
        ...     {"id": "size", "feature": "employees", "at_least": 50}]})
        >>> model = RegisteredModel("1", (), card, rules, ("employees",), {})
        >>> leads = pd.DataFrame({"employees": [20, 200]}, index=["anna", "bo"])
        >>> model.score(leads)["decision"].to_dict()
        {'anna': 'nurture', 'bo': 'hand off'}
        """
        try:
            return score_leads(
                features, self.scorecard, self.definition, model_version=self.version
            )
        except ServingError as error:
            raise LeadReadyError(error.what, hint=error.hint) from error


def load(folder: Path | str, model: str | int = CHAMPION) -> RegisteredModel:
    """Load a registered model of a workspace.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str or int
        An alias (``champion``, ``challenger``, ``previous``) or the label of a version (3.1).

    Raises
    ------
    LeadReadyError
        When there is no such version, or its files are missing or were changed.

    Examples
    --------
    >>> model = load("acme", "challenger")  # doctest: +SKIP
    >>> model.scorecard.base_rate  # doctest: +SKIP
    0.08
    >>> load("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    workspace = read_snapshot(folder).workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    return RegisteredModel(
        version=loaded.version,
        aliases=loaded.record.aliases,
        scorecard=Scorecard.from_dict(loaded.scorecard),
        definition=Definition.from_dict(loaded.definition),
        features=tuple(feature["name"] for feature in loaded.catalogue),
        evaluation=loaded.evaluation,
    )
