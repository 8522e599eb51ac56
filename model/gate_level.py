"""The gate's checks of a level that was moved between trainings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from features import text
from model.gate import Gate, gate_result
from model.training.intervals import Interval
from model.training.level import LEAST, LevelMove


def enough_outcomes(won: int, not_won: int) -> Gate:
    """Require 20 won leads and 20 others whose outcome became known since the training.

    Examples
    --------
    >>> enough_outcomes(12, 300).observed, enough_outcomes(12, 300).passed
    ('12 won and 300 not won', False)
    """
    return gate_result(
        "enough outcomes since the training",
        min(won, not_won) >= LEAST,
        f"{won:,} won and {not_won:,} not won",
        f"at least {LEAST} of each",
        "wait until more outcomes are known",
    )


def level_changed(move: LevelMove) -> Gate:
    """Require that the outcomes rule out that the level in use is still right."""
    return gate_result(
        "the win rate has changed",
        move.changed,
        f"odds {odds_text(move.change)} times those of the level in use",
        "an interval that excludes 1",
        "these outcomes do not show that the win rate has changed: nothing is to be done",
    )


def predicts_better(move: LevelMove) -> Gate:
    """Require that a level kept up from block to block predicted the next outcomes better."""
    return gate_result(
        "predicts later outcomes better",
        move.better,
        f"log-loss lower by {text.interval(*move.gain, digits=4)}, each lead predicted from "
        "earlier outcomes",
        "lower, by the lower end of the interval",
        "it is not shown that the change lasts: run leadready level again when more outcomes are "
        "known",
    )


def level_note(evaluation: Mapping[str, Any]) -> str:
    """Say by how much the level was moved since the training; empty if it was not.

    Examples
    --------
    >>> shift = {"value": 0.31, "low": 0.18, "high": 0.44}
    >>> print(level_note({"level": {"of": "3", "shift": shift, "leads": 812}}))
    The level was moved since the training of version 3: from 812 outcomes that became known later,
    the odds of every lead are 1.36 (1.20–1.55) times what that version says. The points and the
    figures below are those of version 3.
    """
    moved = evaluation.get("level")
    if not moved:
        return ""
    odds = odds_text(Interval(*(moved["shift"][end] for end in Interval._fields)))
    return (
        f"The level was moved since the training of version {moved['of']}: from "
        f"{text.count(moved['leads'], 'outcome')} that became known later, the odds of every lead "
        f"are {odds} times what that version says. The points and the figures below are those of "
        f"version {moved['of']}."
    )


def odds_text(change: Interval) -> str:
    """Write a change of log-odds as a factor of the odds.

    Examples
    --------
    >>> odds_text(Interval(0.31, 0.18, 0.44))
    '1.36 (1.20–1.55)'
    """
    value, low, high = (None if end is None else float(np.exp(end)) for end in change)
    return text.interval(value, low, high)
