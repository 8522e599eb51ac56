"""The lines of ``leadready.yaml`` that say which leads are won, lost, open and with sales."""

from __future__ import annotations

from features.guess.states import StateGuess
from features.text import one_line_comment, yaml_inline
from features.workspace.conditions import (
    ColumnCondition,
    Condition,
    condition_yaml,
)
from pipelines.init.draft import Draft

OTHERS_ARE_OPEN = "leads that are neither won nor lost are still open"
NO_OTHER = "a guess: nothing says which of these leads are still open"
NOTHING_LOST = "nothing says which leads are lost: name the values that do"


def state_lines(draft: Draft) -> list[str]:
    """Write ``won_when``, ``lost_when``, ``open_when`` and ``with_sales_when``, each on a line."""
    outcome = draft.outcome
    if outcome is not None:
        won, reason = outcome.won_condition, outcome.reason
    else:
        column = next(guess.columns["stage"] for _, guess in draft.events if guess.is_stages)
        won, reason = ColumnCondition(column, "one_of", draft.won_stages), "a stage of the history"
    return [_state_line("won_when", won, reason), *_other_lines(draft.states)]


def _other_lines(states: StateGuess) -> list[str]:
    lines = []
    for key, condition, comment in (
        ("lost_when", states.lost, NO_OTHER if states.rest_is_lost else OTHERS_ARE_OPEN),
        ("open_when", states.open, states.open_reason),
        ("with_sales_when", states.with_sales, "scored, not handed off again"),
    ):
        if condition is not None:
            lines.append(_state_line(key, condition, comment))
    if states.lost is None:
        lines.append(f"  # {NOTHING_LOST}")
    if states.unclear:
        named = one_line_comment(", ".join(states.unclear))
        lines.append(f"  # not clear, so these leads count as open and check asks: {named}")
    return lines


def _state_line(key: str, condition: Condition, comment: str) -> str:
    written = _inline(condition_yaml(condition))
    return f"  {key}: {written}" + (f"   # {one_line_comment(comment)}" if comment else "")


def _inline(value: object) -> str:
    """Write a condition within a line; its columns are quoted where they need it."""
    if isinstance(value, list) and any(isinstance(part, dict) for part in value):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, dict):
        parts = (f"{yaml_inline(key)}: {_inline(part)}" for key, part in value.items())
        return f"{{{', '.join(parts)}}}"
    return yaml_inline(value)
