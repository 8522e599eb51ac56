"""Finds the column with the stage that a lead reached, and never the stage that it left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess
from features.values.few_values import rows_by_value
from features.vocabulary.headings import heading_concepts, heading_words
from features.vocabulary.stage_values import LOST, WON, stage_meaning

MOST_STAGES = 60
LEAST_SHARED = 0.5  # of the rows have a stage that the leads have too
LEAST_CLEAR = 0.2  # by which one order of two columns has to fit better than the other
_FROM = {
    "from",
    "von",
    "vom",
    "de",
    "da",
    "van",
    "before",
    "vorher",
    "previous",
    "prior",
    "z",
    "из",
}
_TO = {"to", "nach", "zu", "para", "naar", "after", "nachher", "a", "do", "в", "vers"}


def lead_stages(raw: pd.DataFrame, guesses: Sequence[ColumnGuess]) -> set[str]:
    """List the values of the leads' columns of stages and states."""
    columns = [
        guess.column
        for guess in guesses
        if guess.type in ("category", "flag")
        and heading_concepts(guess.column) & {"stage", "status", "result"}
    ]
    values = [raw[name].dropna().unique() for name in columns]
    return {str(value) for each in values if len(each) <= MOST_STAGES for value in each}


def guess_stage(
    table: pd.DataFrame,
    guesses: Sequence[ColumnGuess],
    lead: str,
    time: pd.Series,
    stages: Iterable[str],
    where: str,
    *,
    told: bool = False,
) -> str | None:
    """Find the column with the new stage of each row; None if the file is no stage history.

    Parameters
    ----------
    table, guesses
        The file as text, and what its columns are.
    lead : str
        The column that names the lead.
    time : Series of datetime
        When each row happened.
    stages : iterable of str
        The stages and states that the leads have.
    where : str
        The file, for errors.
    told : bool
        Whether a person said that it is a stage history.

    Raises
    ------
    LeadReadyError
        If nothing tells which of two columns is the new stage.
    """
    known = {stage.casefold() for stage in stages}
    columns = [
        guess.column
        for guess in guesses
        if guess.column != lead and _holds_stages(table[guess.column], guess, known, told)
    ]
    if not columns:
        return None
    new = [name for name in columns if _direction(name) == "new"]
    olds = [name for name in columns if _direction(name) == "old"]
    if len(columns) == 2 and (later := _later_column(table, lead, time, *columns)):
        return later
    others = [name for name in columns if name not in olds]
    if not others:
        raise LeadReadyError(
            f"{olds[0]} is the stage before the change; no column holds the stage after it",
            where=where,
            hint="export the new stage too, or leave the file out",
        )
    if len(others) == 1 or (others and not olds and not new):
        return min(others, key=lambda name: "stage" not in heading_concepts(name))
    if len(new) == 1:
        return new[0]
    raise LeadReadyError(
        f"nothing tells which column is the new stage: {' or '.join(map(repr, columns))}",
        where=where,
        hint="call the columns  Old Stage  and  New Stage,  or export the new stage",
    )


def _holds_stages(column: pd.Series, guess: ColumnGuess, known: set[str], told: bool) -> bool:
    if guess.type not in ("category", "flag") and guess.role != "constant":
        return False
    counted = rows_by_value(column)
    if not 1 <= len(counted) <= MOST_STAGES:
        return False
    concepts = heading_concepts(guess.column)
    if "reason" in concepts or "owner" in concepts:
        return False
    if "stage" in concepts or (told and concepts & {"status", "old", "new"}):
        return True
    if concepts & {"old", "new"} and {WON, LOST} <= set(map(stage_meaning, counted)):
        return True
    shared = sum(rows for value, rows in counted.items() if value.casefold() in known)
    return bool(known) and shared >= LEAST_SHARED * counted.total()


def _direction(name: str) -> str:
    """Whether a heading tells of the stage that a lead left (``old``) or reached (``new``)."""
    concepts, words = heading_concepts(name), set(heading_words(name))
    if "old" in concepts or words & _FROM:
        return "old"
    return "new" if "new" in concepts or words & _TO else ""


def _later_column(
    table: pd.DataFrame, lead: str, time: pd.Series, first: str, second: str
) -> str | None:
    """The column whose value the other one repeats in the lead's next row; None if unclear."""
    rows = pd.DataFrame({"lead": table[lead], "time": time, "a": table[first], "b": table[second]})
    rows = rows.dropna(subset=["lead", "time"]).sort_values(["lead", "time"], kind="stable")
    before = rows.shift(1)
    same = rows[(rows["lead"] == before["lead"]) & (rows["a"] != rows["b"])]
    before = before.loc[same.index]
    if same.empty:
        return None
    second_is_new = float((same["a"] == before["b"]).mean())
    first_is_new = float((same["b"] == before["a"]).mean())
    if abs(second_is_new - first_is_new) < LEAST_CLEAR:
        return None
    return second if second_is_new > first_is_new else first
