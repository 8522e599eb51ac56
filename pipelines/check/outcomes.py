"""``leadready outcomes``: the outcome of each lead, counted by month and written to a file.

Every lead is won, not won, or unknown with one reason, and the counts add up to the leads that were
judged. Every figure about a model rests on this table, so it can be compared with the CRM.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.labels.outcomes import NOT_WON, UNKNOWN, WON
from features.progress import Progress, no_progress
from features.text import day, percent, table, width, wrap
from features.workspace.schema import Workspace
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
    "Outcomes are taken as of the extract (evaluation: outcomes: at_extract): no lead is too "
    "young, and leads that sales never worked count as not won."
)


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of the leads of a workspace.

    Attributes
    ----------
    workspace : Workspace
    table : DataFrame
        One row for each lead and moment: ``lead_id, as_of, outcome, why_unknown, won_at, amount,
        mature_at, reason, disposition``.
    left_out : dict of str to int
        Leads that were never judged, by reason.
    extract_at : Timestamp
        When the data was extracted; NaT if unknown.
    """

    workspace: Workspace
    table: pd.DataFrame
    left_out: dict[str, int]
    extract_at: pd.Timestamp

    @property
    def leads(self) -> pd.DataFrame:
        """One row for each lead, which may be judged many times: the row where it was won."""
        by_amount = self.table.sort_values("amount", kind="stable", na_position="last")
        return by_amount.drop_duplicates("lead_id")

    def to_json(self) -> dict[str, Any]:
        """The counts as plain data, for programs."""
        counts = outcomes_by_month(self.table)
        months = [{"month": str(month), **_month_json(row)} for month, row in counts.iterrows()]
        return {
            "workspace": self.workspace.name,
            "horizon_days": self.workspace.outcome.horizon_days,
            "extract_at": None if pd.isna(self.extract_at) else self.extract_at.isoformat(),
            "outcomes": self.workspace.evaluation.outcomes,
            "months": months[:-1],
            "all": {key: value for key, value in months[-1].items() if key != "month"},
            "leads": len(self.leads),
            "amount_won": float(self.leads["amount"].sum()),
            "dispositions": _count_values(self.leads["disposition"]),
            "not_judged_because": self.left_out,
        }


def outcomes(folder: Path | str, progress: Progress = no_progress) -> Outcomes:
    """Find the outcome of every lead of a workspace.

    Parameters
    ----------
    folder : path
        The workspace: the folder with ``leadready.yaml``.
    progress : callable, optional
        Receives a message for each step.

    Raises
    ------
    LeadReadyError
        When the workspace or its data cannot be read.

    Examples
    --------
    >>> outcomes("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    snapshot = read_snapshot(folder, progress)
    dated = snapshot.outcomes.assign(as_of=snapshot.moments["as_of"].to_numpy())
    return Outcomes(
        snapshot.workspace, dated[list(COLUMNS)], snapshot.left_out, snapshot.extract_at
    )


def outcomes_by_month(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Count outcomes by the month of the moment; the last row counts all.

    Returns
    -------
    DataFrame
        Indexed by month (``2024-01``, the last row ``all``): ``judged, won, not won``, and one
        column for each reason why an outcome is unknown, most frequent first.

    Examples
    --------
    >>> table = pd.DataFrame({"as_of": pd.to_datetime(["2024-01-05", "2024-01-31", "2024-02-01"]),
    ...                       "outcome": ["won", "not won", "unknown"],
    ...                       "why_unknown": [None, None, "duplicate"]})
    >>> outcomes_by_month(table)["duplicate"].to_dict()
    {'2024-01': 0, '2024-02': 1, 'all': 1}
    """
    unknown = outcomes["outcome"] == UNKNOWN
    month = outcomes["as_of"].dt.strftime("%Y-%m").astype(object)
    month = month.where(outcomes["as_of"].notna(), NO_DATE).rename("month")
    kind = outcomes["why_unknown"].where(unknown, outcomes["outcome"])
    reasons = list(outcomes.loc[unknown, "why_unknown"].value_counts().index)
    counts = pd.crosstab(month, kind).reindex(columns=[WON, NOT_WON, *reasons], fill_value=0)
    counts.insert(0, "judged", counts.sum(axis=1))
    counts.loc[ALL] = counts.sum()
    counts.columns.name = None
    return counts.astype(int)


def _month_json(row: pd.Series[Any]) -> dict[str, Any]:
    judged, won, not_won, *_ = map(int, row)
    unknown = {str(reason): int(count) for reason, count in row.iloc[3:].items()}
    return {"judged": judged, "won": won, "not_won": not_won, "unknown": unknown}


def _count_values(values: pd.Series[Any]) -> dict[str, int]:
    return {str(value): int(count) for value, count in values.value_counts().items()}


def outcomes_text(result: Outcomes) -> str:
    """Write the counts for people, month by month.

    Reasons for unknown outcomes have a column each where the terminal is wide enough.
    """
    counts = outcomes_by_month(result.table)
    reasons = list(counts.columns[3:])
    lines = [*wrap(_outcomes_title(result)), ""]
    by_reason = _month_table(counts, reasons)
    fits = max(map(len, by_reason)) <= width()
    lines += by_reason if fits else _month_table(counts, [])
    unknown = {} if fits else counts.loc[ALL, reasons].to_dict()
    dispositions = _count_values(result.leads["disposition"])
    for title, numbers in (
        ("unknown", unknown),
        ("not judged", result.left_out),
        ("why sales turned leads down", dispositions),
    ):
        if numbers:
            listed = ", ".join(f"{name} {number:,}" for name, number in numbers.items())
            lines += ["", *wrap(f"{title}: {listed}", hanging="  ")]
    return "\n".join(lines)


def _outcomes_title(result: Outcomes) -> str:
    name, horizon = result.workspace.name, result.workspace.outcome.horizon_days
    if result.workspace.evaluation.outcomes == "at_extract":
        return f"{name}: {AT_EXTRACT}"
    rule = f"won within {horizon} days of the moment" if horizon else "won by the extract"
    extract = "" if pd.isna(result.extract_at) else f", data of {day(result.extract_at)}"
    leads, judged = len(result.leads), len(result.table)
    panel = f" ({leads:,} leads, judged {judged:,} times)" if leads < judged else ""
    return f"{name}: {rule}{extract}, by month of the moment{panel}"


def _month_table(counts: pd.DataFrame, reasons: list[str]) -> list[str]:
    """Write a row for each month; without ``reasons``, unknown outcomes share one column."""
    known = counts[WON] + counts[NOT_WON]
    unknown = counts[reasons] if reasons else pd.DataFrame({UNKNOWN: counts["judged"] - known})
    numbers = pd.concat([counts[["judged", WON, NOT_WON]], unknown], axis=1).astype(object)
    cells = numbers.map("{:,}".format)
    share = [
        percent(won / of if of else None, 1) for won, of in zip(counts[WON], known, strict=True)
    ]
    cells.insert(3, "won of known", share)
    names = ["month", *cells.columns]
    rows = [dict(zip(names, row, strict=True)) for row in cells.itertuples(name=None)]
    return table(rows, {"month": "", **{name: f"> {name}" for name in cells.columns}})
