"""Outcomes: what became of each lead after its moment, counted month by month and written out.

Every lead is won, not won, or unknown with one reason, and the counts add up to the leads that were
judged. This is the table behind every figure that a model is judged by, so anybody can check it
against the CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.labels.outcomes import NOT_WON, UNKNOWN, WON
from features.progress import Progress, no_progress
from features.workspace.read import Workspace
from pipelines.snapshot import read_snapshot

COLUMNS = (
    "lead_id",
    "as_of",
    "outcome",
    "why_unknown",
    "won_at",
    "amount",
    "mature_at",
    "reason",
    "disposition",
)
NO_DATE, ALL = "no date", "all"
AT_EXTRACT = (
    "Outcomes are as they stood at the extract (evaluation: outcomes: at_extract): nothing is "
    "immature, and leads that nobody worked count as not won."
)


@dataclass(frozen=True)
class Outcomes:
    """What became of the leads of a workspace.

    Attributes
    ----------
    workspace : Workspace
    table : DataFrame
        A row for each lead and moment: ``lead_id, as_of, outcome, why_unknown, won_at, amount,
        mature_at, reason, disposition``.
    left_out : dict of str to int
        Leads that were never judged, by reason.
    taken_at : Timestamp
        When the data was taken out of the CRM; NaT where nobody knows.
    """

    workspace: Workspace
    table: pd.DataFrame
    left_out: dict[str, int]
    taken_at: pd.Timestamp

    @property
    def leads(self) -> pd.DataFrame:
        """A row for each lead, which may have been judged many times; the one where it was won."""
        won = self.table.sort_values("amount", kind="stable", na_position="last")
        return won.drop_duplicates("lead_id")

    def to_json(self) -> dict[str, Any]:
        """The answer for programs."""
        counts = by_month(self.table)
        months = [{"month": str(month), **_told(row)} for month, row in counts.iterrows()]
        return {
            "workspace": self.workspace.name,
            "horizon_days": self.workspace.outcome.horizon_days,
            "extract_at": None if pd.isna(self.taken_at) else self.taken_at.isoformat(),
            "outcomes": self.workspace.evaluation.outcomes,
            "months": months[:-1],
            "all": {key: value for key, value in months[-1].items() if key != "month"},
            "leads": len(self.leads),
            "amount_won": float(self.leads["amount"].sum()),
            "dispositions": _counted(self.leads["disposition"]),
            "not judged because": self.left_out,
        }


def outcomes(folder: Path | str, progress: Progress = no_progress) -> Outcomes:
    """Say what became of every lead of a workspace.

    Parameters
    ----------
    folder : path
        The workspace.
    progress : callable, optional
        Told in words what is being done.

    Raises
    ------
    LeadReadyError
        When the workspace or its data cannot be read.
    """
    snapshot = read_snapshot(folder, progress)
    table = snapshot.outcomes.assign(as_of=snapshot.moments["as_of"].to_numpy())[list(COLUMNS)]
    return Outcomes(snapshot.workspace, table, snapshot.left_out, snapshot.extract_at)


def by_month(table: pd.DataFrame) -> pd.DataFrame:
    """Count outcomes by the month of the moment; the last row counts all.

    Returns
    -------
    DataFrame
        Indexed by month (``2024-01``, at last ``all``): ``judged, won, not won``, and a column for
        each reason why an outcome is unknown, the most frequent first.

    Examples
    --------
    >>> table = pd.DataFrame({"as_of": pd.to_datetime(["2024-01-05", "2024-01-31", "2024-02-01"]),
    ...                       "outcome": ["won", "not won", "unknown"],
    ...                       "why_unknown": [None, None, "duplicate"]})
    >>> by_month(table)["duplicate"].to_dict()
    {'2024-01': 0, '2024-02': 1, 'all': 1}
    """
    month = table["as_of"].dt.strftime("%Y-%m").astype(object)
    month = month.where(table["as_of"].notna(), NO_DATE).rename("month")
    kind = table["why_unknown"].where(table["outcome"] == UNKNOWN, table["outcome"])
    reasons = list(table.loc[table["outcome"] == UNKNOWN, "why_unknown"].value_counts().index)
    counts = pd.crosstab(month, kind).reindex(columns=[WON, NOT_WON, *reasons], fill_value=0)
    counts.insert(0, "judged", counts.sum(axis=1))
    counts.loc[ALL] = counts.sum()
    counts.columns.name = None
    return counts.astype(int)


def _told(row: pd.Series[Any]) -> dict[str, Any]:
    known = {one: int(row[one]) for one in ("judged", WON, NOT_WON)}
    return {**known, "unknown": {str(one): int(n) for one, n in row.items() if one not in known}}


def _counted(values: pd.Series[Any]) -> dict[str, int]:
    return {str(one): int(n) for one, n in values.value_counts().items()}


def outcomes_text(found: Outcomes) -> str:
    """Print the counts for people."""
    told = found.to_json()
    counts = by_month(found.table)
    lines = [_head(told), "", *_table(counts)]
    if found.left_out:
        lines += ["", "not judged: " + _listed(found.left_out)]
    if told["dispositions"]:
        lines += ["", "what sales said: " + _listed(told["dispositions"])]
    return "\n".join(lines)


def _head(told: Mapping[str, Any]) -> str:
    if told["outcomes"] == "at_extract":
        return f"{told['workspace']}: {AT_EXTRACT}"
    days = told["horizon_days"]
    within = f"won within {days} days of the moment" if days else "won by the extract"
    taken = f", data of {told['extract_at'][:10]}" if told["extract_at"] else ""
    judged = told["all"]["judged"]
    often = f" ({told['leads']:,} leads, judged {judged:,} times)" if told["leads"] < judged else ""
    return f"{told['workspace']}: {within}{taken}, by the month of the moment{often}"


def _table(counts: pd.DataFrame) -> list[str]:
    shown = counts.copy().astype(object)
    known = counts[WON] + counts[NOT_WON]
    shown.insert(
        3,
        "won of known",
        [f"{won / of:.1%}" if of else "–" for won, of in zip(counts[WON], known, strict=True)],
    )
    cells = [["", *map(str, shown.columns)]]
    cells += [
        [str(month), *(f"{one:,}" if isinstance(one, int) else str(one) for one in row)]
        for month, row in zip(shown.index, shown.to_numpy().tolist(), strict=True)
    ]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    return [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(one.rjust(width) for one, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in cells
    ]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{words} {count:,}" for words, count in counts.items())
