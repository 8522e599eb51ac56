"""The questions whose answers matter most for a new workspace, the most important first.

What counts as won and lost decides everything that is learned, then come columns that may have been
filled in later, the date of a lead, the horizon, and columns that nobody has classified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from features.errors import LeadReadyError
from features.text import count, join
from features.vocabulary.stage_values import yes_no
from features.workspace.vocabulary import OTHER
from pipelines.init.draft import Draft

MOST_QUESTIONS = 3
MOST_NAMED = 4  # values or columns in a question
Kind = Literal["outcome", "lost", "suspect", "created", "horizon", "family"]


@dataclass(frozen=True)
class Question:
    """A question, what it is about, and where its answer is written.

    Attributes
    ----------
    kind : str
    text : str
        The question.
    answer : str
        The option or the key of ``leadready.yaml`` that answers it.
    column : str
        The column that it is about; empty if there is none.
    """

    kind: Kind
    text: str
    answer: str
    column: str = ""


@dataclass(frozen=True)
class Answers:
    """What a person answered; None and empty where the guess stays."""

    outcome: str | None = None
    lost: tuple[str, ...] = ()
    created: str | None = None
    horizon_days: int | None = None
    known: dict[str, bool] = field(default_factory=dict)


def open_questions(draft: Draft) -> list[Question]:
    """List the questions, the most important first."""
    return [
        *_outcome_questions(draft),
        *_suspect_questions(draft),
        *_date_questions(draft),
        *_family_questions(draft),
    ]


def ask_questions(draft: Draft, ask: Callable[[str], str]) -> Answers:
    """Put the most important questions to a person; an empty answer keeps the guess.

    Parameters
    ----------
    ask : callable
        Shows a question and returns the answer.
    """
    answers = Answers()
    asked = [question for question in open_questions(draft) if question.kind != "family"]
    for question in asked[:MOST_QUESTIONS]:
        text = ask(question.text).strip()
        answers = _with_answer(answers, question, text) if text else answers
    return answers


def _with_answer(answers: Answers, question: Question, text: str) -> Answers:
    if question.kind == "outcome":
        return answers if yes_no(text) == "yes" else replace(answers, outcome=text)
    if question.kind == "lost":
        values = () if text.casefold() == "none" else tuple(map(str.strip, text.split(",")))
        return replace(answers, lost=values)
    if question.kind == "created":
        return replace(answers, created=text)
    if question.kind == "horizon":
        if not text.isdecimal() or int(text) < 1:
            raise LeadReadyError(f"{text!r} is not a number of days", hint="write it as 90")
        return replace(answers, horizon_days=int(text))
    if (known := yes_no(text)) is None:
        raise LeadReadyError(f"{text!r} is neither yes nor no", hint="answer yes or no")
    return replace(answers, known={**answers.known, question.column: known == "yes"})


def _outcome_questions(draft: Draft) -> Iterator[Question]:
    outcome, states = draft.outcome, draft.states
    if outcome is not None and not outcome.given:
        won = f"is {join(outcome.won, last='or', most=MOST_NAMED)}"
        won = "has a date" if outcome.is_date else won
        text = f"Is a lead won if {outcome.column} {won}? (yes, or COLUMN=VALUE)"
        yield Question("outcome", text, "--outcome COLUMN=VALUE", outcome.column)
    if states.unclear:
        named = join(states.unclear, most=MOST_NAMED)
        text = f"Which of these mean lost: {named}? They count as still open. (values, or none)"
        yield Question("lost", text, "lost_when, under outcome", states.column)


def _suspect_questions(draft: Draft) -> Iterator[Question]:
    waiting = draft.suspected_columns
    for column in waiting[:1]:
        others = len(waiting) - 1
        more = f" The same for {count(others, 'other suspected column')}." if others else ""
        text = f"Was {column} already filled in when a lead was judged?{more} (yes or no)"
        key = f"known_at_moment: true in place of leak: true, at {column}"
        yield Question("suspect", text, key, column)


def _date_questions(draft: Draft) -> Iterator[Question]:
    if draft.created is None and draft.handoff is None:
        text = "Which column says when a lead came in? (its name; empty if there is none)"
        yield Question("created", text, "--created COLUMN")
    elif draft.horizon is None:
        text = "Within how many days must a win come to count? (empty: at any time)"
        yield Question("horizon", text, "horizon_days: 90, under outcome")


def _family_questions(draft: Draft) -> Iterator[Question]:
    unknown = [guess.column for guess in draft.feature_columns if guess.family == OTHER]
    if unknown:
        text = f"What do these columns describe: {join(unknown, most=MOST_NAMED)}?"
        yield Question("family", text, "family: firmographic, role, origin or engagement")
