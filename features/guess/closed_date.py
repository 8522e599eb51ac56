"""Guesses which dates say when sales closed a lead, and when a lead was won.

Closed leads have the first and open ones do not; won leads have the second and no others do. A
state whose words say nothing is open where its leads lack the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.guess.columns import ColumnGuess
from features.guess.outcome import OutcomeGuess
from features.guess.states import StateGuess, meets_condition
from features.vocabulary.headings import heading_concepts
from features.workspace.conditions import ColumnCondition, Condition, any_condition

Mask = npt.NDArray[np.bool_]
NEARLY_ALL = 0.95  # of the closed leads have the date, if the heading does not say so
MOST = 0.5  # of the won and of the lost leads, if it does
FEW = 0.05  # of the open leads may have it, by mistake
SOME = 0.2  # of them, if the heading says so: nearly all would have a planned date
FEWEST_OPEN = 20  # leads, or it cannot be seen that open ones have none
PLANNED = {"expected", "next"}
RESULTS = ("won", "not won", "unknown")
_OF_THE_WIN = {"won", "converted", "customer", "closed", "handed_off"}


def guess_closed(
    raw: pd.DataFrame, guesses: Iterable[ColumnGuess], results: pd.Series, taken: set[str]
) -> str | None:
    """Choose the date column that says when a lead was closed; None if there is no such date.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    guesses : iterable of ColumnGuess
        What each column is.
    results : Series of str
        Of each lead: ``won``, ``not won`` or ``unknown``.
    taken : set of str
        Columns that say something else.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> results = pd.Series(["won", "not won", "unknown"] * 30)
    >>> dates = pd.Series(["2024-01-03", "2024-01-08", None] * 30, dtype=object)
    >>> raw = pd.DataFrame({"Modified": dates.fillna("2024-02-01"), "Deal closed": dates})
    >>> guess_closed(raw, guess_columns(raw), results, set())
    'Deal closed'
    """
    filled = _filled_dates(raw, guesses, taken)
    of_result = {result: results.eq(result).to_numpy() for result in RESULTS}
    fitting = [name for name, there in filled.items() if _fits(name, there, of_result)]
    return max(fitting, key=lambda name: _decided_share(filled[name], of_result), default=None)


def guess_won_date(
    raw: pd.DataFrame, guesses: Iterable[ColumnGuess], results: pd.Series, taken: set[str]
) -> str | None:
    """Choose the date column that says when a lead was won; None if there is no such date.

    Won leads have it and no others do. Of several, one whose heading tells of a win comes first.

    Parameters
    ----------
    raw, guesses, results, taken
        As for `guess_closed`.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> results = pd.Series(["won", "not won", "unknown"] * 30)
    >>> raw = pd.DataFrame({"Became a customer": ["2024-01-03", None, None] * 30})
    >>> guess_won_date(raw, guess_columns(raw), results, set())
    'Became a customer'
    """
    won = results.eq("won").to_numpy()
    fitting = [
        name
        for name, filled in _filled_dates(raw, guesses, taken).items()
        if not heading_concepts(name) & PLANNED and _is_filled_for(filled, won)
    ]
    return min(fitting, key=lambda name: not heading_concepts(name) & _OF_THE_WIN, default=None)


def _filled_dates(
    raw: pd.DataFrame, guesses: Iterable[ColumnGuess], taken: set[str]
) -> dict[str, Mask]:
    """Where each column of dates has a value."""
    names = [each.column for each in guesses if each.role == "date" and each.column not in taken]
    return dict(zip(names, raw[names].notna().to_numpy().T, strict=True))


def _is_filled_for(filled: Mask, won: Mask) -> bool:
    """Whether won leads have a value and the others have none."""
    return _share(filled[won]) >= NEARLY_ALL and _share(filled[~won]) <= FEW


def _share(holds: Mask) -> float:
    return float(holds.mean()) if len(holds) else 0.0


def _fits(name: str, filled: Mask, of_result: Mapping[str, Mask]) -> bool:
    concepts = heading_concepts(name)
    if concepts & PLANNED:
        return False
    closed = "closed" in concepts
    still_open = of_result["unknown"]
    enough_open = still_open.sum() >= FEWEST_OPEN
    if enough_open and filled[still_open].mean() > (SOME if closed else FEW):
        return False
    if closed:
        return _decided_share(filled, of_result) >= MOST
    return bool(enough_open and _decided_share(filled, of_result) >= NEARLY_ALL)


def _decided_share(filled: Mask, of_result: Mapping[str, Mask]) -> float:
    """The share of leads with the date: of those won or of those lost, whichever is smaller."""
    decided = (of_result[result] for result in ("won", "not won"))
    return min(_share(filled[leads]) if leads.any() else np.nan for leads in decided)


def settle_open_states(
    raw: pd.DataFrame, guesses: Iterable[ColumnGuess], outcome: OutcomeGuess, taken: set[str]
) -> OutcomeGuess:
    """Take unclear states for open where their leads lack the date that closed leads have.

    Parameters
    ----------
    raw : DataFrame
        The leads' columns, as text.
    guesses : iterable of ColumnGuess
        What each column is.
    outcome : OutcomeGuess
        With the states that are unclear.
    taken : set of str
        Columns that say something else.

    Examples
    --------
    >>> from features.guess.columns import guess_columns
    >>> from features.guess.outcome import guess_outcome
    >>> stages = ["Won", "Lost", "New", "Call delayed"] * 30
    >>> closed = ["2024-01-03", "2024-01-08", None, None] * 30
    >>> raw = pd.DataFrame({"Stage": stages, "Closing date": closed}, dtype=object)
    >>> states = settle_open_states(
    ...     raw, guess_columns(raw), guess_outcome(raw, None), set()
    ... ).states
    >>> states.unclear, states.open_reason
    ((), "leads that are 'Call delayed' have no Closing date, as open ones")
    """
    states = outcome.states
    if not states.unclear or states.rest_is_lost:
        return outcome
    results, known_open = outcome.results(raw), meets_condition(raw, states.open)
    for guess in guesses:
        if guess.role != "date" or guess.column in taken | {states.column}:
            continue
        filled = raw[guess.column].notna()
        if _closed_leads_have(guess.column, filled, results, known_open):
            share = filled.groupby(raw[states.column]).mean()
            found = tuple(value for value in states.unclear if share.get(value, 1.0) <= SOME)
            return replace(outcome, states=_with_open(states, found, guess.column))
    return outcome


def _closed_leads_have(
    name: str, filled: pd.Series, results: pd.Series, known_open: pd.Series
) -> bool:
    """Whether most won and lost leads have the date, and few of those that are surely open."""
    if heading_concepts(name) & PLANNED or known_open.sum() < FEWEST_OPEN:
        return False
    closed = [filled[results.eq(result)] for result in ("won", "not won")]
    if not all(len(part) and part.mean() >= MOST for part in closed):
        return False
    return bool(filled[known_open].mean() <= SOME)


def _with_open(states: StateGuess, values: tuple[str, ...], date: str) -> StateGuess:
    if not values:
        return states
    more = ColumnCondition(states.column, "one_of", values)
    if isinstance(states.open, ColumnCondition) and states.open.column == states.column:
        combined: Condition | None = replace(more, operand=(*states.open.operand, *values))
    else:
        combined = any_condition([more] if states.open is None else [states.open, more])
    named = ", ".join(map(repr, values))
    return replace(
        states,
        open=combined,
        unclear=tuple(value for value in states.unclear if value not in values),
        open_reason=f"leads that are {named} have no {date}, as open ones",
    )
