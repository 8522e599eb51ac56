"""The gate's checks that nothing is too good to be true.

What outweighs everything else is a leak more often than a discovery, also where the leak audit saw
nothing. So the gate asks for it by name. A strong column that was known at the moment passes once
the workspace says so; an AUC that no honest data reaches is confirmed by a person. What columns
weigh is found in `model.gate_weights`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from features import text
from model.gate import CANNOT_TELL, CONFIRM, Gate, gate_result, not_asked
from model.gate_weights import MOST_POINTS, MOST_SHARE, STRONG_AUC, ColumnWeight
from model.training.intervals import Interval

MOST_AUC = 0.95


class Answer(NamedTuple):
    """How the workspace answers for a source of features.

    Attributes
    ----------
    name : str
        The column, or the events.
    given : bool
        Whether the workspace says that it was known at the moment.
    lines : str
        The lines of ``leadready.yaml`` that answer.
    """

    name: str
    given: bool
    lines: str


def columns_in_proportion(
    columns: Sequence[ColumnWeight], model: Interval, answers: Mapping[str, Answer]
) -> Gate:
    """Require an answer for every column that outweighs the others.

    Sources that the workspace has no line for, such as the activities of all kinds together, are
    confirmed by a person.

    Parameters
    ----------
    columns : sequence of ColumnWeight
    model : Interval
        The AUC of the model.
    answers : mapping
        Source to the workspace's answer.

    Examples
    --------
    >>> from model.gate_weights import CardRow
    >>> row = CardRow("stage", "signed", 48)
    >>> stage = ColumnWeight("column: Stage", row, 0.58)
    >>> answer = Answer("Stage", False, "Stage: {…, known_at_moment: true}")
    >>> check = columns_in_proportion([stage], Interval(0.8, 0.7, 0.9), {"column: Stage": answer})
    >>> check.state, check.observed
    ('refused', "Stage (stage: 'signed' has +48 points)")
    """
    asked, unnamed, answered, lines = [], [], [], []
    untouched = list(filter(None, (column.untouched_text() for column in columns)))
    for column in columns:
        if not (findings := column.findings(model)):
            continue
        answer = answers.get(column.source)
        said = f"{answer.name if answer else column.row.words} ({'; '.join(findings)})"
        if answer is None:
            unnamed.append(said)
        elif answer.given:
            answered.append(said)
        else:
            asked.append(said)
            lines.append(answer.lines)
    name = "no column too good to be true"
    required = (
        f"an answer for each row beyond {MOST_POINTS} points, and for each column with an AUC of "
        f"{STRONG_AUC} or more and over {text.percent(MOST_SHARE)} of what the model tells apart"
    )
    if asked:
        hint = (
            f"was it known when the lead was judged? Answer in leadready.yaml: {'; '.join(lines)}"
        )
        return gate_result(name, False, "; ".join([*asked, *unnamed]), required, hint)
    if unnamed:
        hint = f"if it was known when the lead was judged: {CONFIRM}"
        return Gate(name, False, "; ".join(unnamed), required, hint, CANNOT_TELL)
    known = [f"known at the moment: {'; '.join(answered)}"] if answered else []
    observed = "; ".join([*known, *untouched]) or "none outweighs the others"
    return gate_result(name, True, observed, required)


def auc_in_proportion(model: Interval) -> Gate:
    """Ask a person to confirm an AUC above 0.95.

    Examples
    --------
    >>> auc_in_proportion(Interval(0.97, 0.95, 0.99)).state
    'cannot tell'
    """
    name = "AUC not too good to be true"
    observed, required = f"AUC {text.interval(*model, digits=3)}", f"at most {MOST_AUC:g}"
    if model.value is None:
        return not_asked(name, "there is no AUC without won leads and others to test on", required)
    if model.value <= MOST_AUC:
        return gate_result(name, True, observed, required)
    hint = (
        "look for features that were written after the lead was judged; if there are none: "
        f"{CONFIRM}"
    )
    return Gate(name, False, observed, required, hint, CANNOT_TELL)
