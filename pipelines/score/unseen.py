"""Values and shapes that the training never saw, compared before leads are scored.

A source that was renamed, another spelling of an industry, a column that came empty: the model
scores such leads by its row for other or missing values, without a word. Each feature of the leads
is compared with what the version's training saw; ``guards:`` in the workspace has the limits.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import text
from features.families.feature import ENGAGEMENT, Feature
from features.workspace.job_schema import Guards
from model.registry.seen_values import deciles

Mask = npt.NDArray[np.bool_]
SEEN = "seen"  # key of the evaluation
MOST_MISSING = 0.25  # by how much the share of missing values may rise before it is reported
TIME_UNITS = ("days", "years")
LEAST_LEADS = 20  # fewer leads say nothing about a share
SHOWN = 3
SCALED = 2.5  # times as large as in the training; open leads may differ from past ones by less
ALIKE = 0.35  # by how much of it the factors of the deciles may differ


@dataclass(frozen=True)
class Shift:
    """How the values of a feature differ from those that the training saw.

    Attributes
    ----------
    feature : Feature
        The feature.
    leads : int
        Leads that are scored.
    unseen : mapping of str to int
        Values that the training never saw, with their leads; most frequent first.
    nearest : mapping of str to str
        The known spelling nearest to each of them, where one is near.
    outside : array of bool
        The leads with a number outside the range of the training.
    missing, missing_before : float
        Share of missing values now and in the training.
    rows : array of bool
        The leads with an unseen value.
    most_missing : float
        By how much the share of missing values may rise before it is reported.
    new : float
        Share of the leads that is expected to have an unseen value, since values come and go.
    scale : float
        How many times as large as in the training all numbers are; 1 where they are not, or not all
        of them alike.
    """

    feature: Feature
    leads: int
    unseen: Mapping[str, int]
    nearest: Mapping[str, str]
    outside: Mask
    missing: float
    missing_before: float
    rows: Mask
    most_missing: float = MOST_MISSING
    new: float = 0.0
    scale: float = 1.0

    def exceeded(self, limits: Guards) -> list[str]:
        """Name the guards by which so many leads differ that the scores should not be used.

        Counts of events and lengths of time grow while a lead is open, so they are only reported.
        Where each period brought new values, such as campaigns, as many more are no surprise.
        """
        if self.leads < LEAST_LEADS or self.feature.family == ENGAGEMENT:
            return []
        found = {
            "unseen": (float(self.rows.mean()) - self.new, limits.unseen),
            "outside": (self._share_outside, limits.outside),
            "more_missing": (self.missing - self.missing_before, limits.more_missing),
        }
        return [
            name for name, (share, limit) in found.items() if limit is not None and share > limit
        ]

    @property
    def _share_outside(self) -> float:
        """The share of the leads outside the range; all of them where the scale is another."""
        if self.grows:
            return 0.0
        return 1.0 if self.scale != 1 else int(self.outside.sum()) / self.leads

    @property
    def grows(self) -> bool:
        """Whether the value grows by itself, such as the days since a lead came in."""
        return self.feature.unit in TIME_UNITS

    @property
    def more_missing(self) -> bool:
        """Whether far more values are missing than in the training."""
        enough = self.leads >= LEAST_LEADS
        return enough and self.missing - self.missing_before > self.most_missing

    def shift_text(self) -> str:
        """Describe the difference in counts.

        Examples
        --------
        >>> source = Feature("source", "source", "origin", "category")
        >>> rows, none = np.array([True] * 4 + [False] * 96), np.zeros(100, dtype=bool)
        >>> shift = Shift(source, 100, {"Web-site": 4}, {"Web-site": "Website"}, none, 0, 0, rows)
        >>> shift.shift_text()
        "source: 4 of 100 leads have values that training never saw: 'Web-site' (4; 'Website'?)"
        """
        parts = []
        if self.unseen:
            values = [self._value_text(value) for value in list(self.unseen)[:SHOWN]]
            more = len(self.unseen) - SHOWN
            listed = ", ".join(values) + (f" and {more:,} more" if more > 0 else "")
            rows = int(self.rows.sum())
            parts.append(
                f"{rows:,} of {self.leads:,} leads {'has' if rows == 1 else 'have'} values that "
                f"training never saw: {listed}"
            )
        if outside := int(self.outside.sum()):
            parts.append(
                f"{outside:,} of {self.leads:,} leads {'is' if outside == 1 else 'are'} "
                "outside the range of the training"
            )
        if self.scale != 1:
            parts.append(f"all numbers are about {self._scale_text}")
        if self.more_missing:
            parts.append(
                f"missing for {text.percent(self.missing)} of the leads, for "
                f"{text.percent(self.missing_before)} in the training"
            )
        return f"{self.feature.words}: {'; '.join(parts)}"

    @property
    def _scale_text(self) -> str:
        larger = self.scale > 1
        times = text.number(self.scale if larger else 1 / self.scale, 1).removesuffix(".0")
        way = "larger" if larger else "smaller"
        return f"{times} times {way} than in the training: is it another unit or currency?"

    def warnings(self, column: pd.Series[Any]) -> npt.NDArray[Any]:
        """Say of each lead what the training never saw of its value; empty where nothing is new."""
        found = np.full(len(column), "", dtype=object)
        values = column.astype("str")
        for value in self.unseen:
            near = self.nearest.get(value)
            known = f", nearest: {near!r}" if near else ""
            rows = self.rows & (values == value).to_numpy()
            found[rows] = f"{self.feature.words} {value!r} was never seen in training{known}"
        found[self.outside] = f"{self.feature.words} is outside the range of the training"
        if self.scale != 1:
            found[column.notna().to_numpy()] = f"{self.feature.words}: {self._scale_text}"
        return found

    def _value_text(self, value: str) -> str:
        near = self.nearest.get(value)
        known = f"; {near!r}?" if near else ""
        return f"{value!r} ({self.unseen[value]:,}{known})"


def compare_with_training(
    X: pd.DataFrame,
    catalogue: Sequence[Feature],
    evaluation: Mapping[str, Any],
    most_missing: float | None = None,
) -> list[Shift]:
    """Find the features whose values differ from those that the training saw.

    Parameters
    ----------
    X : DataFrame
        The features of the leads to score.
    catalogue : sequence of Feature
        The features of the version.
    evaluation : mapping
        Of the version; one that was registered without the summary is not compared.
    most_missing : float, optional
        By how much the share of missing values may rise before it is reported.

    Returns
    -------
    list of Shift
        Empty where everything is as it was.

    Examples
    --------
    >>> source = Feature("source", "source", "origin", "category")
    >>> seen = {"seen": {"source": {"missing": 0.0, "values": ["Website"]}}}
    >>> (shift,) = compare_with_training(pd.DataFrame({"source": ["website"]}), [source], seen)
    >>> shift.nearest
    {'website': 'Website'}
    """
    seen = evaluation.get(SEEN) or {}
    compared = [
        _shift(X[feature.name], feature, seen[feature.name], most_missing or MOST_MISSING)
        for feature in catalogue
        if feature.name in seen and feature.name in X and len(X)
    ]
    return [
        shift
        for shift in compared
        if shift.unseen or shift.outside.any() or shift.more_missing or shift.scale != 1
    ]


def unseen_warnings(shifts: Sequence[Shift], X: pd.DataFrame) -> pd.Series[Any]:
    """Name in words, for each lead, the values that the training never saw; empty for the others.

    Examples
    --------
    >>> source = Feature("source", "source", "origin", "category")
    >>> X = pd.DataFrame({"source": ["website", "Website"]})
    >>> seen = {"seen": {"source": {"missing": 0.0, "values": ["Website"]}}}
    >>> unseen_warnings(compare_with_training(X, [source], seen), X).to_list()
    ["source 'website' was never seen in training, nearest: 'Website'", '']
    """
    warnings = np.full(len(X), "", dtype=object)
    for shift in shifts:
        warnings = joined_warnings(warnings, shift.warnings(X[shift.feature.name]))
    return pd.Series(warnings, index=X.index)


def add_warnings(scores: pd.DataFrame, warnings: npt.NDArray[Any]) -> pd.DataFrame:
    """Append warnings to those that scored leads already have.

    Examples
    --------
    >>> scores = pd.DataFrame({"warning": ["never worked", "", ""]})
    >>> add_warnings(scores, np.array(["new source", "new source", ""]))["warning"].to_list()
    ['never worked; new source', 'new source', '']
    """
    joined = joined_warnings(scores["warning"].to_numpy(object), warnings)
    return scores.assign(warning=pd.Series(joined, index=scores.index, dtype="str"))


def joined_warnings(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Join two warnings of each lead, of which either may be empty.

    Examples
    --------
    >>> joined_warnings(np.array(["a", ""]), np.array(["b", "c"])).tolist()
    ['a; b', 'c']
    """
    between = np.where((old != "") & (new != ""), "; ", "").astype(object)
    joined: npt.NDArray[Any] = old.astype(object) + between + new.astype(object)
    return joined


def shift_lines(shifts: Sequence[Shift]) -> list[str]:
    """List the shifts for people."""
    return [line for shift in shifts for line in text.wrap(f"note: {shift.shift_text()}")]


def _shift(
    column: pd.Series[Any], feature: Feature, seen: Mapping[str, Any], most_missing: float
) -> Shift:
    filled = column.notna().to_numpy()
    rows, outside = (np.zeros(len(column), dtype=bool) for _ in range(2))
    scale = 1.0
    unseen: dict[str, int] = {}
    if seen.get("values") is not None:
        values = column.astype("str")
        rows = filled & ~values.isin(seen["values"]).to_numpy()
        unseen = {str(value): int(n) for value, n in values[rows].value_counts().items()}
    elif seen.get("low") is not None:
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        outside = (numbers < seen["low"]) | (numbers > seen["high"])
        if feature.family != ENGAGEMENT and feature.unit not in TIME_UNITS:
            scale = scale_of(deciles(column.dropna()), seen.get("deciles") or ())
    nearest = _nearest_spellings(unseen, seen.get("values") or ())
    missing = float(1 - filled.mean())
    before = seen["missing"]
    return Shift(
        feature,
        len(column),
        unseen,
        nearest,
        outside,
        missing,
        before,
        rows,
        most_missing,
        seen.get("new", 0.0),
        scale,
    )


def scale_of(now: Sequence[float], before: Sequence[float]) -> float:
    """Find how many times as large all numbers are; 1 if they are not, or not all of them alike.

    Parameters
    ----------
    now, before : sequence of float
        The deciles; empty where they are unknown.

    Examples
    --------
    >>> before = [10, 20, 40, 80, 160, 320, 640, 1280, 2560]
    >>> round(scale_of([cut / 1000 for cut in before], before), 6)
    0.001
    >>> scale_of([*before[1:], 5120], before)  # twice as large
    1.0
    """
    if len(now) != len(before) or not len(now):
        return 1.0
    factors = np.log(np.array(now) / np.array(before))
    middle = float(np.median(factors))
    alike = np.abs(factors - middle).max() <= ALIKE * abs(middle)
    return float(np.exp(middle)) if abs(middle) >= np.log(SCALED) and alike else 1.0


def _nearest_spellings(unseen: Mapping[str, int], known: Sequence[str]) -> dict[str, str]:
    """Find for each value the known one that differs least, capitals aside."""
    folded = {value.casefold().strip(): value for value in known}
    nearest = {}
    for value in unseen:
        near = difflib.get_close_matches(value.casefold().strip(), folded, n=1, cutoff=0.6)
        if near:
            nearest[value] = folded[near[0]]
    return nearest
