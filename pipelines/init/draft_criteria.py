"""The criteria of the first draft of a definition, each with the share of leads that meet it.

A draft takes facts that a sales head would ask about: who decides, how large the company is, and
whether the lead showed interest. Thresholds split the leads, and a criterion that nearly all or
nearly no leads meet is left out, because it decides nothing. Outcomes are never looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.guess.columns import ColumnGuess
from features.links.matching import comparable_column
from features.related.events import EventsGuess
from features.values.numbers import parse_numbers
from features.vocabulary.headings import heading_concepts
from features.vocabulary.job_titles import read_titles
from features.vocabulary.stage_values import yes_no
from pipelines.init.draft import Draft

DECISION_MAKERS = ("director", "vp", "c_level", "owner")
LEAST_SHARE, MOST_SHARE = 0.05, 0.95  # of the leads meet a criterion that decides something
LEAST_TOGETHER = 0.02  # of the leads meet all criteria
MOST_CRITERIA = 4  # of a group
ACTIVE_DAYS = 30  # the window before the moment


@dataclass(frozen=True)
class DraftCriterion:
    """A criterion as the file has it, in words, and which of the leads meet it."""

    rule: Mapping[str, object]
    words: str
    meets: pd.Series

    @property
    def share(self) -> float:
        """The share of all leads that meet it."""
        return float(self.meets.mean())

    @property
    def decides(self) -> bool:
        """Whether enough leads meet it, and enough do not."""
        return LEAST_SHARE <= self.share <= MOST_SHARE


def fit_criteria(draft: Draft) -> list[DraftCriterion]:
    """Propose who the lead should be: a decision-maker in a company of some size."""
    columns = draft.feature_columns
    found = [*_first(columns, draft, _decision_maker), *_first(columns, draft, _company_size)]
    return _together(found, draft)


def interest_criteria(draft: Draft) -> list[DraftCriterion]:
    """Propose what shows interest: any of them is enough."""
    active = [
        criterion
        for _, guess in draft.events
        if not guess.is_stages and (criterion := _active(draft, guess)) is not None
    ]
    counted = (
        _at_least(draft, guess, f"{guess.label}, as half of the leads with any")
        for guess in draft.feature_columns
        if guess.family == "engagement" and guess.type == "number"
    )
    yes = (_flag(draft, guess) for guess in draft.feature_columns)
    found = [*active[:1], *counted, *yes]
    return [criterion for criterion in found if criterion and criterion.decides][:MOST_CRITERIA]


def any_criterion(draft: Draft) -> DraftCriterion | None:
    """Propose any fact that splits the leads, where nothing says who they are or what they did.

    Facts that few or nearly all leads meet are the last choice; none is met by all or by no lead.
    """
    found = []
    for propose in (_middle, _frequent_values, _exact_middle, _yes, _filled):
        for guess in draft.feature_columns:
            criterion = propose(draft, guess)
            if criterion and criterion.decides:
                return criterion
            if criterion and 0 < criterion.share < 1:
                found.append(criterion)
    return min(found, key=lambda each: abs(each.share - 0.5), default=None)


def _first(
    columns: Iterable[ColumnGuess],
    draft: Draft,
    propose: Callable[[Draft, ColumnGuess], DraftCriterion | None],
) -> list[DraftCriterion]:
    proposed = (propose(draft, guess) for guess in columns)
    return [criterion for criterion in proposed if criterion and criterion.decides][:1]


def _together(found: Sequence[DraftCriterion], draft: Draft) -> list[DraftCriterion]:
    """As many as still leave some leads that meet all of them."""
    kept: list[DraftCriterion] = []
    meets = pd.Series(True, index=draft.raw.index)
    for criterion in found:
        both = meets & criterion.meets
        if LEAST_TOGETHER <= both.mean() < meets.mean():
            kept, meets = [*kept, criterion], both
    return kept


def _decision_maker(draft: Draft, guess: ColumnGuess) -> DraftCriterion | None:
    if guess.type == "title":
        seniority = read_titles(draft.raw[guess.column])["seniority"]
        rule = {"id": "decision-maker", "feature": "seniority", "one_of": list(DECISION_MAKERS)}
        words = "decision-makers, as the job title says"
        return DraftCriterion(rule, words, seniority.isin(DECISION_MAKERS))
    if guess.type == "category" and "seniority" in heading_concepts(guess.column):
        values = draft.raw[guess.column]
        levels = read_titles(values.dropna().drop_duplicates().astype(str))["seniority"]
        high = values.loc[levels.index[levels.isin(DECISION_MAKERS)]].astype(str).tolist()
        rule = {"id": "decision-maker", "feature": guess.feature, "one_of": high}
        return DraftCriterion(rule, "decision-makers", values.isin(high)) if high else None
    return None


def _company_size(draft: Draft, guess: ColumnGuess) -> DraftCriterion | None:
    concepts = heading_concepts(guess.column)
    if guess.family != "firmographic" or not concepts & {"employees", "revenue"}:
        return None
    if guess.type == "number":
        return _at_least(draft, guess, f"{guess.label}: the larger half")
    return None


def _at_least(draft: Draft, guess: ColumnGuess, words: str) -> DraftCriterion | None:
    """A threshold near the middle of the known values above zero, rounded as people would."""
    numbers = parse_numbers(draft.raw[guess.column]).astype("float64")
    known = numbers[numbers > 0]
    if known.empty:
        return None
    threshold = _rounded(float(known.median()))
    name = f"enough-{dashed(guess.feature)}"
    rule = {"id": name, "feature": guess.feature, "at_least": threshold}
    return DraftCriterion(rule, words, numbers >= threshold)


def _rounded(value: float) -> float:
    """Round to one digit; to two where that moves the value by more than a tenth.

    Examples
    --------
    >>> _rounded(487), _rounded(1450.0), _rounded(0.034), _rounded(3)
    (500, 1400, 0.03, 3)
    """
    digits = -int(np.floor(np.log10(value)))
    one_digit, two_digits = round(value, digits), round(value, digits + 1)
    near = one_digit if abs(one_digit / value - 1) <= 0.15 else two_digits
    return int(near) if float(near).is_integer() else near


def _active(draft: Draft, guess: EventsGuess) -> DraftCriterion | None:
    """Leads with an event in the month before their moment."""
    moments = draft.moments
    if moments is None or guess.times is None or guess.names is None:
        return None
    leads = guess.link.rows_of(draft.raw)
    latest = moments[leads["row"]].groupby(leads["name"].to_numpy()).max()
    names = comparable_column(guess.names, guess.link.match.rule)
    codes, different = pd.factorize(names)  # -1 is missing
    before = latest.reindex([*different, None]).to_numpy()[codes] - guess.times
    recent = (before > pd.Timedelta(0)) & (before <= pd.Timedelta(days=ACTIVE_DAYS))
    rule = {"id": "active", "feature": f"active_days_{ACTIVE_DAYS}d", "at_least": 1}
    words = "did something in the last month"
    active = leads["row"][leads["name"].isin(names[recent].unique())]
    meets = pd.Series(draft.raw.index.isin(active), index=draft.raw.index)
    return DraftCriterion(rule, words, meets)


def _flag(draft: Draft, guess: ColumnGuess) -> DraftCriterion | None:
    return _yes(draft, guess) if guess.family == "engagement" else None


def _yes(draft: Draft, guess: ColumnGuess) -> DraftCriterion | None:
    if guess.type != "flag" or "opt_out" in heading_concepts(guess.column):
        return None
    rule = {"id": dashed(guess.feature), "feature": guess.feature, "equals": "yes"}
    meets = draft.raw[guess.column].map(lambda value: yes_no(str(value)) == "yes")
    return DraftCriterion(rule, guess.label, meets)


def _middle(draft: Draft, guess: ColumnGuess) -> DraftCriterion | None:
    return _at_least(draft, guess, guess.label) if guess.type == "number" else None


def _exact_middle(draft: Draft, guess: ColumnGuess) -> DraftCriterion | None:
    """The value that the half of the leads that comes nearest reaches, as it is written."""
    if guess.type != "number":
        return None
    numbers = parse_numbers(draft.raw[guess.column]).astype("float64")
    reach = numbers.value_counts().sort_index(ascending=False).cumsum() / len(numbers)
    if reach.empty:
        return None
    nearest = int((reach - 0.5).abs().to_numpy().argmin())
    value = float(reach.index.to_numpy()[nearest])
    threshold = int(value) if value.is_integer() else value
    rule = {"id": f"enough-{dashed(guess.feature)}", "feature": guess.feature}
    return DraftCriterion({**rule, "at_least": threshold}, guess.label, numbers >= value)


def _filled(draft: Draft, guess: ColumnGuess) -> DraftCriterion:
    name = f"known-{dashed(guess.feature)}"
    rule = {"id": name, "feature": guess.feature, "is_missing": False}
    return DraftCriterion(rule, f"{guess.label} is known", draft.raw[guess.column].notna())


def _frequent_values(draft: Draft, guess: ColumnGuess) -> DraftCriterion | None:
    """The most frequent values that together are about half of the leads."""
    if guess.type != "category":
        return None
    values = draft.raw[guess.column]
    shares = values.value_counts() / len(values)
    chosen = list(shares.index[: max(1, int((shares.cumsum() < 0.5).sum()))].astype(str))
    rule = {"id": f"right-{dashed(guess.feature)}", "feature": guess.feature, "one_of": chosen}
    return DraftCriterion(rule, f"{guess.label}: the most frequent", values.isin(chosen))


def dashed(feature: str) -> str:
    """Write a feature's name as the id of a criterion."""
    return feature.replace("_", "-")
