"""What people read after ``leadready level``."""

from __future__ import annotations

import numpy as np

from features import text
from model.gate_level import odds_text
from pipelines.level.level import LevelAnswer, LevelFigures
from pipelines.train.training_text import gate_lines


def level_text(answer: LevelAnswer) -> str:
    """Say whether the level was moved, by how much, and on what outcomes."""
    figures, lines = answer.figures, text.wrap(_result_text(answer))
    if figures is None:
        return "\n".join(lines)
    if answer.result == "moved":
        lines += text.wrap(moved_text(figures))
    lines += text.wrap(outcomes_text(figures, answer.instead_of))
    if answer.result != "no change":
        lines += ["", *gate_lines(answer.gate)]
    return "\n".join(lines)


def _result_text(answer: LevelAnswer) -> str:
    champion, version = answer.instead_of, answer.model_version
    if answer.result == "moved":
        return f"The level was moved. Version {version} now scores the leads."
    if answer.result == "refused":
        return f"The level was not moved: version {version} was refused and kept as challenger."
    enough = answer.gate[0]
    if not enough["passed"]:
        trained = champion.partition(".")[0]
        return (
            f"No change: since version {trained} was trained, too few outcomes have become known "
            f"({enough['observed']}; required: {enough['required']})."
        )
    return f"No change is needed: the level of version {champion} still fits the outcomes."


def moved_text(figures: LevelFigures) -> str:
    """Say what the new level means for a lead.

    Examples
    --------
    >>> from model.training.intervals import Interval
    >>> up = Interval(0.31, 0.18, 0.44)
    >>> print(moved_text(LevelFigures("3", -2.9, -2.9, -2.59, 812, 71, 0.74, 0.97, up, up, up)))
    An average lead (50 points) is now won in 7.0% (6.2–7.9%) of cases, not in 5.2%: the odds of
    every lead are 1.36 (1.20–1.55) times what they were. Points, ranking and decisions stay.
    """
    value, low, high = (
        None if end is None else _probability(figures.at_training + end) for end in figures.shift
    )
    return (
        f"An average lead (50 points) is now won in {text.percent_interval(value, low, high, 1)} "
        f"of cases, not in {text.percent(_probability(figures.before), 1)}: the odds of every lead "
        f"are {odds_text(figures.change)} times what they were. Points, ranking and decisions stay."
    )


def outcomes_text(figures: LevelFigures, champion: str) -> str:
    """Compare the outcomes with what was predicted.

    Examples
    --------
    >>> from model.training.intervals import Interval
    >>> up = Interval(0.31, 0.18, 0.44)
    >>> figures = LevelFigures("3", -2.9, -2.9, -2.59, 812, 71, 0.74, 0.97, up, up, up)
    >>> print(outcomes_text(figures, "3"))
    Since the training of version 3, the outcomes of 812 leads have become known, and 71 were won.
    Version 3 predicted 74% of this number; a level that follows the outcomes predicts 97%.
    """
    return (
        f"Since the training of version {figures.of}, the outcomes of "
        f"{text.count(figures.leads, 'lead')} have become known, and {figures.won:,} were won. "
        f"Version {champion} predicted {text.percent(figures.predicted)} of this number; a level "
        f"that follows the outcomes predicts {text.percent(figures.followed)}."
    )


def _probability(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))
