"""Split history in time: what is found on the earlier leads is tested on the later ones.

No account, and no lead that is judged more than once, is in both halves. Only leads with a known
outcome can be compared. Where sales chose which leads to work, the worked ones are weighted so that
they also represent those never worked (`model.weighting.worked`), each half by how sales chose in
its period. The consequences of a change are counted on all leads of the later half, worked or not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.at_once import at_once
from features.families.feature import Feature
from features.labels.rejection_reasons import NEVER_WORKED
from model.serving import VERDICTS, Definition
from model.simulation.history import Array, History, Mask, verdict_codes
from model.simulation.once_per_lead import is_panel
from model.training.splits import Split, account_or_person, split_leads, uniform_hash
from model.weighting.worked import effective_sample_size, weight_worked_leads

RULES_VERDICT = Feature("rules_verdict", "verdict of the rules", "origin", "category")
LEAST_NEVER_WORKED = 50  # leads in a half, before it shows how sales chose


@dataclass(frozen=True)
class WorkedLeads:
    """How far the worked leads of the later half represent the others.

    Attributes
    ----------
    leads : int
        Leads that sales worked.
    never_worked : int
        Leads that sales never worked.
    weighted : bool
        Whether the worked leads are weighted to represent the others.
    no_prediction : int
        Leads never worked whose like sales hardly ever works; they are not represented.
    effective : float
        How many equally weighted leads carry as much information as the worked ones.
    """

    leads: int
    never_worked: int
    weighted: bool
    no_prediction: int
    effective: float


@dataclass(frozen=True)
class TimeSplit:
    """History in two halves.

    Attributes
    ----------
    earlier, later : History
        Leads with a known outcome, weighted.
    later_all : History
        The later half together with its leads without a known outcome.
    later_period : array of bool, shape (n,)
        Which of all leads were judged in the period of the later half. For counts per week only:
        some of them belong to accounts of the earlier half.
    split : Split
        Of the leads with a known outcome.
    worked : WorkedLeads
        How far the later half represents leads that were never worked.
    """

    earlier: History
    later: History
    later_all: History
    later_period: Mask
    split: Split
    worked: WorkedLeads


class Weighting(NamedTuple):
    """The weight of each lead, and whether the worked leads represent it."""

    weights: Array
    represented: Mask


def split_in_time(
    history: History, definition: Definition, *, weighted: bool = True, seed: int = 0
) -> TimeSplit:
    """Split history in two halves.

    Parameters
    ----------
    history : History
        With ``order`` and ``mature_at`` among its rows.
    definition : Definition
        The definition in use: sales has probably worked leads by it.
    weighted : bool
        Whether to weight the worked leads so that they represent those never worked.
    seed : int
        Splits accounts at random where there are no dates.

    Raises
    ------
    LeadReadyError
        When there are too few leads for two halves.
    """
    labelled = np.flatnonzero(history.labelled)
    found = split_leads(_all_mature(history.rows.iloc[labelled]), test_share=0.5, seed=seed)
    train, test = (_mask_at(labelled[side], len(history.won)) for side in (found.train, found.test))
    later_period = _in_later_period(history, test, found, seed)
    weights = np.ones(len(history.won))
    if found.weights is not None:
        weights[labelled] = found.weights
    weightings: tuple[Weighting | None, ...] = (None, None)
    if weighted:  # the halves have nothing in common, and their sums leave Python alone
        weightings = at_once(
            *(
                partial(_weight_worked, history, definition, period, seed)
                for period in (~later_period, later_period)
            )
        )
    for side, weighting in zip((train, test), weightings, strict=True):
        if weighting is not None:
            weights[side] *= weighting.weights[side]
        weights[side] /= weights[side].mean()
    weighted_history = replace(history, weights=weights)
    held_back = _of_earlier_accounts(history.rows, train)
    later = test | (later_period & ~history.labelled & ~held_back)
    return TimeSplit(
        weighted_history.subset(train),
        weighted_history.subset(test),
        weighted_history.subset(later),
        later_period,
        found,
        _worked_leads(weighted_history, test, later, weightings[1]),
    )


def _all_mature(rows: pd.DataFrame) -> pd.DataFrame:
    """Let the earlier half reach up to the later one.

    A model may learn only from outcomes known when its test began. Here it is enough that no later
    lead, nor its account, influences what is tried on it.
    """
    return rows.reset_index(drop=True).assign(mature_at=rows["as_of"].to_numpy())


def _mask_at(places: Array, n: int) -> Mask:
    mask = np.zeros(n, dtype=bool)
    mask[places] = True
    return mask


def _in_later_period(history: History, test: Mask, found: Split, seed: int) -> Mask:
    """Tell which leads were judged in the period of the later half, with or without an outcome."""
    if found.test_from is not None:
        return np.asarray(history.rows["as_of"] >= found.test_from)
    if found.how == "in order":
        return np.asarray(history.rows["order"] >= history.rows["order"][test].min())
    units = account_or_person(history.rows)
    drawn = units.map(lambda unit: uniform_hash(str(unit), seed) < 0.5).to_numpy()
    return np.asarray(test | (~history.labelled & drawn))


def _of_earlier_accounts(rows: pd.DataFrame, train: Mask) -> Mask:
    """Tell which leads without an outcome to hold back, as those with one are.

    Of the accounts with leads on both sides, a lot puts half on the later side. The same lot
    decides on the other leads of an account whose labelled leads are all on the earlier side.
    """
    units = account_or_person(rows) if is_panel(rows) else rows["account_id"]
    held_back = {unit for unit in units[train].dropna().unique() if uniform_hash(str(unit)) < 0.5}
    return np.asarray(units.isin(held_back))


def _weight_worked(
    history: History, definition: Definition | None, period: Mask, seed: int
) -> Weighting | None:
    """Weight the worked leads of a period for those never worked; None where nearly all were.

    Sales chooses by what it knows of leads, and by the verdict of the rules. Kinds of lead that it
    hardly ever works are not represented.
    """
    never_worked = np.asarray(history.why_unknown == NEVER_WORKED)
    eligible = np.flatnonzero(period & (history.labelled | never_worked))
    if definition is None or never_worked[eligible].sum() < LEAST_NEVER_WORKED:
        return None
    X = history.X.iloc[eligible].reset_index(drop=True)
    verdict = np.array(VERDICTS, dtype=object)[verdict_codes(definition, X)]
    features = [*history.features, RULES_VERDICT]
    X = X.assign(**{RULES_VERDICT.name: verdict})
    found = weight_worked_leads(X, history.labelled[eligible], features, seed=seed)
    weights = np.ones(len(history.won))
    weights[eligible] = np.where(found.worked, found.weight, 1.0)
    represented = np.zeros(len(history.won), dtype=bool)
    represented[eligible] = found.supported
    return Weighting(weights, represented)


def _worked_leads(
    history: History, test: Mask, later: Mask, weighting: Weighting | None
) -> WorkedLeads:
    never_worked = later & (history.why_unknown == NEVER_WORKED)
    left_out = 0 if weighting is None else int((never_worked & ~weighting.represented).sum())
    return WorkedLeads(
        leads=int(test.sum()),
        never_worked=int(never_worked.sum()),
        weighted=weighting is not None,
        no_prediction=left_out,
        effective=effective_sample_size(history.weights[test]),
    )
