"""What ``leadready init`` understood, on one screen, and the questions that matter most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from features.text import count, join, one_line_comment, wrap
from features.workspace.vocabulary import FAMILIES, OTHER
from pipelines.init.draft import Draft
from pipelines.init.questions import MOST_QUESTIONS, Question, open_questions

NAME = 14  # letters of the first column
MOST_NAMES = 5  # columns that a line names
NOT_UNDERSTOOD = "not understood; "
LONGEST_LINE = 150  # letters, which are two lines on a terminal


def init_summary_text(draft: Draft) -> str:
    """Write what was understood for people."""
    lines = [line for name, text in _rows(draft) for line in _row_lines(name, text)]
    questions = open_questions(draft)[:MOST_QUESTIONS]
    return "\n".join([*lines, *_question_lines(questions)])


def _row_lines(name: str, text: str) -> list[str]:
    clean = one_line_comment(text)
    shown = clean if len(clean) <= LONGEST_LINE else clean[: LONGEST_LINE - 1] + "…"
    return wrap(shown, indent=f"{name:<{NAME}}", hanging=" " * NAME)[:2]


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
    for file, guess in draft.events:
        what = "stage history" if guess.is_stages else "events"
        yield what, f"{file.name}, by {guess.link.link}"
    for family in FAMILIES:
        names = [guess.column for guess in draft.feature_columns if guess.family == family]
        if names:
            yield family, NOT_UNDERSTOOD * (family == OTHER) + _named(names)
    yield from _columns_left_out(draft)


def _columns_left_out(draft: Draft) -> Iterator[tuple[str, str]]:
    further = draft.further_columns
    suspected = [guess.column for guess in further if guess.column in draft.suspects]
    if suspected:
        yield "suspected", f"perhaps filled in later; {_named(suspected)}"
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
        return f"the stage {draft.won_stage} of the stage history means won"
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


def _named(names: Sequence[str]) -> str:
    return f"{len(names)}: {join(names, most=MOST_NAMES)}"


def _question_lines(questions: Sequence[Question]) -> list[str]:
    if not questions:
        return []
    lines = ["", "What only you can know, most important first:"]
    for number, question in enumerate(questions, 1):
        asked = one_line_comment(question.text.split(" (")[0])
        lines += wrap(asked, indent=f"  {number}. ", hanging="     ")[:2]
        lines += wrap(f"answer: {one_line_comment(question.answer)}", indent="     ")[:1]
    return lines
