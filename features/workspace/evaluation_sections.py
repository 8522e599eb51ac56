"""Reads the sections of ``leadready.yaml`` on how models are tested: evaluation and old_score."""

from __future__ import annotations

from features.workspace.evaluation_schema import Evaluation, OldScore
from features.workspace.section import Section
from features.workspace.vocabulary import BEST_NUMBERS, OUTCOMES_TO_LEARN_FROM


def read_evaluation_section(top: Section) -> Evaluation:
    """Read ``evaluation``, or its defaults."""
    if "evaluation" not in top.keys:
        return Evaluation()
    section = top.section("evaluation")
    keys = section.keys
    evaluation = Evaluation(
        order_by=section.optional_text("order_by"),
        test_from=keys["test_from"].time() if "test_from" in keys else None,
        test_until=keys["test_until"].time() if "test_until" in keys else None,
        test_share=(
            keys["test_share"].number(0.01, 0.9) if "test_share" in keys else Evaluation.test_share
        ),
        outcomes=section.choice("outcomes", OUTCOMES_TO_LEARN_FROM) or Evaluation.outcomes,
        allowed_by=_read_allowed_by(section),
    )
    first, last = evaluation.test_from, evaluation.test_until
    if first is not None and last is not None and last <= first:
        raise keys["test_until"].wrong("the test ends before it begins")
    return evaluation


def _read_allowed_by(section: Section) -> str | None:
    """Read who allowed a random split; the permission and the name belong together."""
    name = section.optional_text("allowed_by")
    allowed = section.flag("allow_random_split")
    if allowed and not name:
        what = "a random split is allowed by name only"
        raise section.keys["allow_random_split"].wrong(what, "add  allowed_by: NAME")
    if name and not allowed:
        what = "names who allowed a random split, but none is allowed"
        raise section.keys["allowed_by"].wrong(what, "add  allow_random_split: true")
    return name


def read_old_score_sections(top: Section) -> tuple[OldScore, ...]:
    """Read ``old_score``: a score, or a list of scores."""
    return tuple(_read_old_score(section) for section in top.sections("old_score", ("column",)))


def _read_old_score(section: Section) -> OldScore:
    keys = section.keys
    if "best_first" in keys and keys.keys() & {"best", "probability"}:
        what = "best_first is for grades, best and probability are for numbers"
        raise keys["best_first"].wrong(what, "remove the key that does not fit the column")
    if section.flag("probability") and section.optional_text("best") == "low":
        what = "a high probability of a win is the best, not a low one"
        raise keys["best"].wrong(what, "remove  best: low")
    best_first = section.texts("best_first")
    if "best_first" in keys and len(set(best_first)) < 2:
        what = "expected all values of the column, the best one first"
        raise keys["best_first"].wrong(what, "write  best_first: [A, B, C, D]")
    return OldScore(
        column=section.text("column"),
        best=section.choice("best", BEST_NUMBERS) or OldScore.best,
        best_first=best_first,
        probability=section.flag("probability"),
        known_at_moment=section.flag("known_at_moment"),
    )
