"""``leadready level``: move the level of the champion by outcomes that came after its training.

Nothing but the level changes: points, scores and decisions stay, probabilities move. The moved
level is a version of its own, such as 3.1, which is checked, promoted and rolled back like any
other. It is registered only where the outcomes rule out that the level in use is still right.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from features.errors import LeadReadyError
from features.progress import Progress, no_progress
from model import gate_level
from model.gate import Gate
from model.registry.bundle import to_plain
from model.registry.lookup import CHALLENGER
from model.registry.registry import Contents, LoadedModel, Registry
from model.serving import Definition, Scorecard
from model.training.intervals import Interval
from model.training.level import LevelMove, follow_level, level_move
from pipelines.level.matured_leads import (
    TRAIN_AGAIN,
    MaturedLeads,
    level_at_training,
    matured_leads,
)
from pipelines.snapshot import read_snapshot
from pipelines.train.judge import served_gate
from pipelines.train.training_json import GateJson

Result = Literal["moved", "refused", "no change"]


@dataclass(frozen=True)
class LevelFigures:
    """What later outcomes say about a level.

    Attributes
    ----------
    of : str
        The trained version whose points these are.
    at_training, before, after : float
        The level at its training, the level in use, and the level that the outcomes speak for:
        log-odds of a lead with 50 points.
    leads, won : int
        The later outcomes.
    predicted, followed : float
        Predicted over actual wins, by the level in use and by a level that follows the outcomes,
        where each lead is predicted from earlier ones.
    shift, change, gain : Interval
        See `model.training.level.LevelMove`.
    """

    of: str
    at_training: float
    before: float
    after: float
    leads: int
    won: int
    predicted: float
    followed: float
    shift: Interval
    change: Interval
    gain: Interval


@dataclass(frozen=True)
class LevelAnswer:
    """Whether the level was moved, and why.

    Attributes
    ----------
    result : str
        ``moved``, ``refused`` or ``no change``.
    model_version : str or None
        The version with the moved level, such as 3.1; None where no change is needed.
    instead_of : str
        The champion so far.
    figures : LevelFigures or None
        None where no outcome has become known.
    gate : list of dict
        The checks.
    """

    result: Result
    model_version: str | None
    instead_of: str
    figures: LevelFigures | None
    gate: list[GateJson]

    def to_json(self) -> dict[str, Any]:
        """Give the answer as plain data."""
        return cast(dict[str, Any], to_plain(self))


def level(folder: Path | str, *, progress: Progress = no_progress) -> LevelAnswer:
    """Move the level of a workspace's champion, if later outcomes require it.

    Parameters
    ----------
    folder : path
        The workspace.
    progress : callable, optional
        Receives a message before each long step.

    Returns
    -------
    LevelAnswer
        What ``leadready level --json`` prints.

    Raises
    ------
    LeadReadyError
        If there is no champion, its scorecard has no level of its own (format 1), or outcomes have
        no dates and no order.

    Examples
    --------
    >>> answer = level("acme")  # doctest: +SKIP
    >>> answer.result, answer.model_version  # doctest: +SKIP
    ('moved', '3.1')
    >>> level("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    snapshot = read_snapshot(folder, progress)
    registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
    champion = registry.load("champion")
    _refuse_format_1(champion)
    progress(f"looking for outcomes that version {champion.version} did not learn from")
    leads = matured_leads(snapshot, champion)
    if not len(leads.X):
        return _answer("no change", None, champion, None, [gate_level.enough_outcomes(0, 0)])
    in_use = champion.scorecard["level"] - level_at_training(champion)
    move = level_move(leads.outcomes, in_use=in_use, pending=leads.pending)
    figures = _figures(champion, leads, move)
    gates = [
        gate_level.enough_outcomes(move.won, move.leads - move.won),
        gate_level.level_changed(move),
    ]
    if not all(gate.passed for gate in gates):
        return _answer("no change", None, champion, figures, gates)
    gates.append(gate_level.predicts_better(move))
    refused_before = _refused_before(registry, figures.of)
    if not gates[-1].passed and refused_before:
        return _answer("refused", refused_before, champion, figures, gates)
    progress("registering the version with the moved level")
    version = registry.log(_contents(registry, champion, figures))
    card, definition = registry.load(version).scorecard, Definition.from_dict(champion.definition)
    gates.append(served_gate(registry, version, Scorecard.from_dict(card), definition, leads.X))
    moved = registry.settle(version, gates, instead_of=champion.version)
    return _answer("moved" if moved else "refused", version, champion, figures, gates)


def _refuse_format_1(champion: LoadedModel) -> None:
    if champion.scorecard["format"] == 1:
        what = f"version {champion.version} has no level of its own, since its format is 1"
        raise LeadReadyError(what, hint=TRAIN_AGAIN)


def _answer(
    result: Result,
    version: str | None,
    champion: LoadedModel,
    figures: LevelFigures | None,
    gates: list[Gate],
) -> LevelAnswer:
    checks = [cast(GateJson, gate._asdict()) for gate in gates]
    return LevelAnswer(result, version, champion.version, figures, checks)


def _figures(champion: LoadedModel, leads: MaturedLeads, move: LevelMove) -> LevelFigures:
    outcomes, at_training = leads.outcomes, level_at_training(champion)
    before, win_rate = (
        float(champion.scorecard["level"]),
        float(np.average(outcomes.y, weights=outcomes.weights)),
    )

    def predicted_wins(shift: Any) -> float:
        p = 1 / (1 + np.exp(-(outcomes.log_odds + shift)))
        return float(np.average(p, weights=outcomes.weights) / win_rate) if win_rate else np.inf

    return LevelFigures(
        of=champion.version.partition(".")[0],
        at_training=at_training,
        before=before,
        after=at_training + float(move.shift.value or 0.0),
        leads=move.leads,
        won=move.won,
        predicted=predicted_wins(before - at_training),
        followed=predicted_wins(follow_level(outcomes).ahead),
        shift=move.shift,
        change=move.change,
        gain=move.gain,
    )


# -- what is registered ---------------------------------------------------------------------------


def _refused_before(registry: Registry, trained: str) -> str | None:
    """Name the challenger, if it is a moved level of the same version; one of them is enough."""
    return next(
        (
            version.label
            for version in registry.versions()
            if CHALLENGER in version.aliases and version.label.startswith(f"{trained}.")
        ),
        None,
    )


def next_label(registry: Registry, trained: str) -> str:
    """Label of the next version with the points of a trained one and another level: ``2.1``."""
    parts = [version.label.partition(".") for version in registry.versions()]
    numbers = [int(number) for first, _, number in parts if number and first == trained]
    return f"{trained}.{max(numbers, default=0) + 1}"


def _contents(registry: Registry, champion: LoadedModel, figures: LevelFigures) -> Contents:
    """Everything of the champion, with the new level, its label and its figures."""
    label = next_label(registry, figures.of)
    tags, evaluation = champion.record.tags, {**champion.evaluation, "level": to_plain(figures)}
    return Contents(
        {**champion.scorecard, "level": figures.after, "version": label},
        champion.definition,
        champion.catalogue,
        evaluation,
        tags.get("data_sha256", ""),
        (tags["training_from"], tags["training_until"]),
        {"level_of": figures.of},
    )
