"""The scores that the company already has: what each of them said about a lead.

They are never features. A training compares them with the model on the same later leads, and says
whether a score was read as it was at the moment of each lead or only as the export shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.families.from_columns import raw_texts
from features.tables.lead_rows import lead_rows
from features.tables.leads import RAW
from features.tables.mapped_numbers import MappedNumbers, mapped_numbers
from features.tables.read import Tables
from features.text import percent, quoted, yaml_inline
from features.workspace.evaluation_schema import OldScore
from features.workspace.schema import Workspace

AT_EXPORT = "as it stands in the export, which may have seen the outcome"
AT_MOMENT = "as it was at the moment of each lead, from its history"
AS_ANSWERED = "known at the moment, as the team says"
MOST_UNREADABLE = 0.05  # of the values


@dataclass(frozen=True)
class OldScoreValues:
    """What an old score said about each lead.

    Attributes
    ----------
    name : str
        The company's name of the score.
    values : array, shape (n,)
        Higher is better; NaN where a lead has none. Chances of a win are between 0 and 1.
    is_probability : bool
        Whether the values are chances of a win.
    basis : str
        As of when the score was read.
    """

    name: str
    values: npt.NDArray[np.float64]
    is_probability: bool
    basis: str

    @property
    def fair(self) -> bool:
        """Whether the score cannot have seen the outcomes that it is held against."""
        return self.basis != AT_EXPORT


def read_old_scores(ws: Workspace, tables: Tables, moments: pd.DataFrame) -> list[OldScoreValues]:
    """Read the old scores of leads at their moments.

    Parameters
    ----------
    moments : DataFrame, n rows
        ``lead_id`` and ``as_of``.

    Raises
    ------
    LeadReadyError
        If the values of a score are neither numbers nor the grades that the workspace lists.
    """
    return [
        _values_of(ws, tables, old, moments, f"old_score.{place}")
        for place, old in enumerate(ws.old_scores)
    ]


def _values_of(
    ws: Workspace, tables: Tables, old: OldScore, moments: pd.DataFrame, path: str
) -> OldScoreValues:
    rows = lead_rows(tables.leads, moments["lead_id"])
    texts = raw_texts(tables, rows, old.column, moments["as_of"])
    whole = tables.leads[f"{RAW}{old.column}"]
    if whole.isna().all():
        _check_history(ws, tables, old, ws.where(f"{path}.column"))
        whole = texts
    if old.best_first:
        values = _places_of_grades(texts, old, ws.where(f"{path}.best_first"))
    else:
        whole = tables.leads[f"{RAW}{old.column}"]
        values = _numbers(
            texts, mapped_numbers(ws, old.column, whole), old, ws.where(f"{path}.column")
        )
    if old.column in tables.value_histories and moments["as_of"].notna().all():
        basis = AT_MOMENT
    else:
        basis = AS_ANSWERED if old.known_at_moment else AT_EXPORT
    return OldScoreValues(old.column, values, old.probability, basis)


def _check_history(ws: Workspace, tables: Tables, old: OldScore, where: str) -> None:
    """Require that the field history has a score that no lead has."""
    if old.column not in tables.value_histories:
        raise LeadReadyError(
            f"no lead has a value of the old score {old.column}"
            + (", and the field history has none either" if ws.field_history else ""),
            where=where,
            hint="name a column of the leads, or map the file with its history: field_history: …",
        )


def _places_of_grades(column: pd.Series, old: OldScore, where: str) -> npt.NDArray[np.float64]:
    """Number the grades, the best one highest."""
    grades = column.astype("str").str.strip().where(column.notna())
    unknown = grades[grades.notna() & ~grades.isin(old.best_first)].unique()
    if len(unknown):
        raise LeadReadyError(
            f"the old score {old.column} has the value {quoted(unknown[0])}, which best_first "
            "does not list",
            where=where,
            hint="list all of its values, the best one first",
        )
    places = {grade: -float(place) for place, grade in enumerate(old.best_first)}
    return np.asarray(grades.map(places), dtype=np.float64)


def _numbers(
    column: pd.Series, notation: MappedNumbers, old: OldScore, where: str
) -> npt.NDArray[np.float64]:
    """Read numbers so that higher ones are better, and percentages as chances."""
    numbers = notation.read(column).astype("float64")
    unread = column.notna() & numbers.isna()
    if unread.sum() > MOST_UNREADABLE * max(int(column.notna().sum()), 1):
        seen = list(column[unread].value_counts().index[:6])
        raise LeadReadyError(
            f"{percent(unread.sum() / column.notna().sum())} of the values of the old score "
            f"{old.column} are not numbers, such as {quoted(seen[0])}",
            where=where,
            hint=f"list its values, the best one first, such as  best_first: {yaml_inline(seen)}",
        )
    if old.probability:
        numbers = _chances(numbers, old, where)
    values = np.asarray(numbers, dtype=np.float64)
    return -values if old.best == "low" else values


def _chances(numbers: pd.Series, old: OldScore, where: str) -> pd.Series:
    low, high = numbers.min(), numbers.max()
    if low < 0 or high > 100:
        raise LeadReadyError(
            f"the old score {old.column} goes from {low:g} to {high:g}, so it is no probability",
            where=where,
            hint="remove  probability: true",
        )
    return numbers / 100 if high > 1 else numbers
