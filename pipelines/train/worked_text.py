"""Which leads sales worked and which it never did: sentences and tables for the report.

They settle an argument between sales and marketing: what share of the leads was never worked, by
source, by region, by company size.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TypedDict

from features import text
from pipelines.train.training_json import Row, WeightsJson, WorkedJson

FIRST = ("source", "region", "employees")  # features shown before all others
MOST_FEATURES = 6
MOST_VALUES = 12  # of each feature


class WorkedRow(TypedDict):
    """How many leads with one value sales never worked."""

    value: str
    leads: str
    never: str
    width: float  # of the bar, in percent
    refused: bool  # there is no prediction for them


class WorkedTable(TypedDict):
    """The share never worked, by the values of a feature."""

    words: str
    rows: list[WorkedRow]


class WorkedContent(TypedDict):
    """What the report shows."""

    sentences: list[str]
    tables: list[WorkedTable]


def worked_content(worked: WorkedJson | None) -> WorkedContent:
    """Gather what the report says about leads that sales never worked.

    Parameters
    ----------
    worked : mapping or None
        ``worked`` of the evaluation.

    Examples
    --------
    >>> worked_content(None)
    {'sentences': [], 'tables': []}
    """
    if not worked:
        return {"sentences": [], "tables": []}
    return {"sentences": worked_sentences(worked), "tables": worked_tables(worked)}


def worked_sentences(worked: WorkedJson) -> list[str]:
    """Describe how many leads were never worked, and how the weights correct for that.

    Examples
    --------
    >>> weights = {"used": False, "effective_size": 40.0, "largest": 2.0, "clipped": 0, "limit": 10}
    >>> worked_sentences({"share": 0.4, "leads": 100, "worked": 40, "weights": weights,
    ...                   "balance": {"before": 0.3, "after": 0.1},
    ...                   "overlap": {"unlike_any_worked": 0.0}})
    ['Sales never worked 60 of 100 leads (60%). Their outcomes are unknown: they count neither as
      won nor as lost.', 'The worked leads were used without weights (outcome.unworked: leave_out),
      so all figures are about the leads that sales chose to work.']
    """
    unworked = worked["leads"] - worked["worked"]
    sentences = [
        f"Sales never worked {unworked:,} of {text.count(worked['leads'], 'lead')} "
        f"({text.percent(1 - worked['share'])}). Their outcomes are unknown: they count neither as "
        "won nor as lost."
    ]
    if not worked["weights"]["used"]:
        return [
            *sentences,
            "The worked leads were used without weights (outcome.unworked: leave_out), so all "
            "figures are about the leads that sales chose to work.",
        ]
    sentences.append(_weights_text(worked))
    unlike = worked["overlap"]["unlike_any_worked"]
    if unlike > 0.01:
        sentences.append(
            f"{text.percent(unlike)} of the leads that were never worked are unlike any lead that "
            "was worked."
        )
    return sentences


def _weights_text(worked: WorkedJson) -> str:
    weights, balance = worked["weights"], worked["balance"]
    effective = text.number(weights["effective_size"], 0)
    return (
        f"The {worked['worked']:,} worked leads were weighted to represent all leads. They carry "
        f"as much information as {effective} randomly chosen leads. The "
        f"largest weight is {text.number(weights['largest'], 1)}{_clipped_text(weights)}. After "
        "weighting, the share "
        f"of every kind of lead is within {text.number(balance['after'])} standard deviations of "
        f"its share among all leads (before: {text.number(balance['before'])}). All figures below "
        "are about all leads, except those without a prediction."
    )


def _clipped_text(weights: WeightsJson) -> str:
    if not weights["clipped"]:
        return ""
    verb = "was" if weights["clipped"] == 1 else "were"
    larger = text.count(weights["clipped"], "larger one")
    return f" ({larger} {verb} reduced to {weights['limit']:g})"


def worked_tables(worked: WorkedJson) -> list[WorkedTable]:
    """Give the share never worked by the values of a few features, the most unequal ones."""
    refused = {(row["feature"], row["value"]) for row in worked["no_prediction"]}
    by_feature = {
        name: list(rows) for name, rows in groupby(worked["slices"], lambda row: row["feature"])
    }
    chosen = sorted(by_feature, key=lambda name: _rank(name, by_feature[name]))[:MOST_FEATURES]
    return [
        {
            "words": by_feature[name][0]["words"],
            "rows": [
                _table_row(row, (name, row["value"]) in refused)
                for row in _shown_values(by_feature[name])
            ],
        }
        for name in chosen
    ]


def _rank(name: str, rows: Sequence[Row]) -> tuple[int, float]:
    if name in FIRST:
        return FIRST.index(name), 0.0
    shares = [row["worked"] / max(row["leads"], 1) for row in rows]
    return len(FIRST), min(shares) - max(shares)


def _shown_values(rows: Sequence[Row]) -> Sequence[Row]:
    """Show all bands of a number in their order; of a category the most frequent values."""
    if rows[0]["kind"] != "category":
        return rows
    return sorted(rows, key=lambda row: -row["leads"])[:MOST_VALUES]


def _table_row(row: Row, refused: bool) -> WorkedRow:
    never = 1 - row["worked"] / max(row["leads"], 1)
    return {
        "value": row["value"],
        "leads": f"{row['leads']:,}",
        "never": text.percent(never),
        "width": round(100 * never, 1),
        "refused": refused,
    }
