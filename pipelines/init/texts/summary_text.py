"""What ``leadready init`` understood, on one screen, and the questions that matter most."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from features.text import count, join, one_line_comment, width, wrap
from features.workspace.vocabulary import FAMILIES, OTHER
from pipelines.init.draft import Draft
from pipelines.init.questions import MOST_QUESTIONS, Question, open_questions

NAME = 14  # letters of the first column
MOST_NAMES = 5  # columns that a line names
NOT_UNDERSTOOD = "not understood; "
MOST_LINES = 2  # of an entry, or the table would take more than a screen
MOST_LINES_OF_QUESTION = 4


def init_summary_text(draft: Draft) -> str:
    """Write what was understood for people."""
    lines = [line for name, text in _rows(draft) for line in _row_lines(name, text)]
    questions = open_questions(draft)[:MOST_QUESTIONS]
    return "\n".join([*lines, *_question_lines(questions)])


def _row_lines(name: str, text: str) -> list[str]:
    return _at_most(MOST_LINES, text, f"{name:<{NAME}}", " " * NAME)


def _at_most(most: int, text: str, indent: str, hanging: str) -> list[str]:
    """Wrap a text; what does not fit into so many lines is cut off visibly."""
    lines = wrap(one_line_comment(text), indent=indent, hanging=hanging)
    if len(lines) <= most:
        return lines
    last = lines[most - 1][: width() - 2].rstrip(" ,;:")
    return [*lines[: most - 1], f"{last} …"]


def _rows(draft: Draft) -> Iterator[tuple[str, str]]:
    leads, columns = count(len(draft.raw), "lead"), count(len(draft.raw.columns), "column")
    yield "file", f"{draft.leads_file.name}: {leads}, {columns}"
    yield "id", f"{draft.id}: {draft.id_reason}"
    yield "created", draft.created or _order_text(draft)
    yield "outcome", _outcome_row(draft)
    if draft.horizon is not None and draft.horizon.reason:
        yield "horizon", f"{draft.horizon.days} days; {draft.horizon.reason}"
    dates = [guess.column for guess in draft.guesses if guess.role == "date"]
    if dates:
        yield "dates", join(dates, most=MOST_NAMES)
    if draft.joins:
        joined = [f"{file.name} by {guess.on}" for file, guess in draft.joins]
        yield "joined", join(joined, most=MOST_NAMES)
    for file, guess in draft.events:
        what = {"stages": "stage history", "changes": "changes"}.get(guess.role, "events")
        yield what, f"{file.name}, by {guess.link.link}"
    for family in FAMILIES:
        names = [guess.column for guess in draft.feature_columns if guess.family == family]
        if names:
            yield family, _named(names, NOT_UNDERSTOOD * (family == OTHER))
    yield from _columns_left_out(draft)
    for file, why in draft.unused:
        yield "not used", f"{file.name}: {why}"


def _columns_left_out(draft: Draft) -> Iterator[tuple[str, str]]:
    further = draft.further_columns
    suspected = draft.suspected_columns
    if suspected:
        yield "suspected", _named(suspected, "perhaps filled in later; ")
    others = [guess for guess in further if not guess.family and guess.column not in suspected]
    personal = [guess.column for guess in others if guess.role == "personal"]
    left = [g.column for g in others if g.role not in ("personal", "date")]
    if personal:
        yield "personal", f"never used; {_named(personal)}"
    if left:
        yield "left out", _named(left)


def _order_text(draft: Draft) -> str:
    if draft.order_by:
        return f"not found; {draft.order_by} says in which order the leads came in"
    return "not found: tests cannot go forward in time"


def _outcome_row(draft: Draft) -> str:
    if draft.outcome is None:
        won = join(draft.won_stages, last="or", most=MOST_NAMES)
        return f"a lead that reached {won} in the stage history is won"
    results = draft.outcome.results(draft.raw)
    for column, value in draft.unknown_when.values():
        results = results.mask((draft.raw[column] == value) & (results != "won"), "left out")
    counts = results.value_counts()
    named = {"won": "won", "not won": "lost", "unknown": "open", "left out": "left out"}
    shown = [
        f"{word} {int(counts.get(result, 0)):,}"
        for result, word in named.items()
        if result in counts or word != "left out"
    ]
    return f"{draft.outcome.column}: {', '.join(shown)}"


def _named(names: Sequence[str], before: str = "") -> str:
    """Name as many columns as fit, and count the others."""
    for most in range(MOST_NAMES, 0, -1):
        text = f"{before}{len(names)}: {join(names, most=most)}"
        if len(wrap(text, indent=" " * NAME)) <= MOST_LINES:
            break
    return text


def _question_lines(questions: Sequence[Question]) -> list[str]:
    if not questions:
        return []
    lines = ["", "What only you can know, most important first:"]
    for number, question in enumerate(questions, 1):
        asked = re.sub(r"(?<=[?.]) \([^()]*\)$", "", question.text)
        lines += _at_most(MOST_LINES_OF_QUESTION, asked, f"  {number}. ", " " * 5)
        lines += _at_most(MOST_LINES, f"answer: {question.answer}", " " * 5, " " * 13)
    return lines
