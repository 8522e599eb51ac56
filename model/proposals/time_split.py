"""The two halves of history: what is found on the earlier leads is held against the later ones.

No account, and no lead that is judged more than once, stands on both sides. Only leads whose
outcome is known can speak; where sales chose whom to work, they are weighed to speak for those that
it never worked as well (``worked``), each half by how sales chose at its time. What a change
would have meant for the later half is told of all its leads, worked or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from features.labels.rejection_reasons import NEVER_WORKED
from model.serving import VERDICTS
from model.simulation.clustered_rates import effective
from model.simulation.history import Array, History, Mask, verdicts
from model.simulation.once_per_lead import judged_again
from model.training.splits import Split, account_or_person, split_leads, uniform_hash
from model.weighting.worked import weight_worked_leads

SAID = Feature("the rules say", "what the rules say", "origin", "category")
FEWEST = 50  # never worked leads in a half, to tell how sales chose


@dataclass(frozen=True)
class Halves:
    """Two halves of history.

    Attributes
    ----------
    earlier, later : History
        Leads with a known outcome, weighed.
    judged_later : History
        Those of the later half, and with them those whose outcome nobody knows.
    since : array of bool
        Who of all was judged in the time of the later half: for counts a week only, since some of
        them are of accounts that the earlier half learnt from.
    parts : Split
        Of the leads with a known outcome.
    worked : dict
        Of the later half: ``leads`` worked, ``never_worked``, whether they are ``weighed``,
        how many of the never worked are of a kind that nothing is claimed of (``no_claim``), and
        how many equally weighed leads the worked ones are ``worth``.
    """

    earlier: History
    later: History
    judged_later: History
    since: Mask
    parts: Split
    worked: dict[str, Any]


def halves(
    history: History, definition: Mapping[str, Any], *, weighed: bool = True, seed: int = 0
) -> Halves:
    """Cut history in two.

    Parameters
    ----------
    history : History
        With ``order`` and ``mature_at`` among its rows.
    definition : mapping
        The one in use: sales is likely to have worked by it.
    weighed : bool
        Whether the worked leads shall speak for those that sales never worked.

    Raises
    ------
    LeadReadyError
        When there are not leads enough for two halves.
    """
    known = np.flatnonzero(history.known)
    parts = split_leads(_all_mature(history.rows.iloc[known]), test_share=0.5, seed=seed)
    train, test = (_among(known[side], len(history.won)) for side in (parts.train, parts.test))
    since = _in_the_time_of(history, test, parts, seed)
    each = np.ones(len(history.won))
    if parts.weights is not None:
        each[known] = parts.weights
    chosen = [
        _chosen(history, definition, during, seed) if weighed else None
        for during in (~since, since)
    ]
    for side, found in zip((train, test), chosen, strict=True):
        if found is not None:
            each[side] *= found[0][side]
        each[side] /= each[side].mean()
    told = replace(history, weights=each)
    later = test | (since & ~history.known & ~_learnt_from(history.rows, train))
    worked = _worked(told, test, later, chosen[1])
    return Halves(told.part(train), told.part(test), told.part(later), since, parts, worked)


def _all_mature(rows: pd.DataFrame) -> pd.DataFrame:
    """Let the earlier half reach up to the later one.

    A model may only learn from outcomes that were known when its test began; here, all that
    matters is that no later lead, nor its account, had a say in what is tried on it.
    """
    return rows.reset_index(drop=True).assign(mature_at=rows["as_of"].to_numpy())


def _among(places: Array, n: int) -> Mask:
    mask = np.zeros(n, dtype=bool)
    mask[places] = True
    return mask


def _in_the_time_of(history: History, test: Mask, parts: Split, seed: int) -> Mask:
    """Tell who was judged when the later half was, whatever became of them."""
    if parts.test_from is not None:
        return np.asarray(history.rows["as_of"] >= parts.test_from)
    if parts.how == "in order":
        return np.asarray(history.rows["order"] >= history.rows["order"][test].min())
    dealt = account_or_person(history.rows)
    unknown = ~history.known & dealt.map(lambda one: uniform_hash(str(one), seed) < 0.5).to_numpy()
    return np.asarray(test | unknown)


def _learnt_from(rows: pd.DataFrame, train: Mask) -> Mask:
    """Tell who is of an account that was learnt from, as far as leads with an outcome would be.

    Half of the accounts with such leads on both sides are on the later one, by lot. Where an
    account has none there, the same lot says whether its other leads belong to it.
    """
    units = account_or_person(rows) if judged_again(rows) else rows["account_id"]
    learnt = {one for one in units[train].dropna().unique() if uniform_hash(str(one)) < 0.5}
    return np.asarray(units.isin(learnt))


def _chosen(
    history: History, definition: Mapping[str, Any] | None, during: Mask, seed: int
) -> tuple[Array, Mask] | None:
    """Weigh the worked leads of a time for those never worked; None where nearly all were.

    Sales chooses by what it knows of leads, and by what the rules say of them. Of kinds that it
    hardly ever works nothing is claimed: the second answer says who is spoken for.
    """
    never = np.asarray(history.why == NEVER_WORKED)
    asked = np.flatnonzero(during & (history.known | never))
    if definition is None or never[asked].sum() < FEWEST:
        return None
    X = history.X.iloc[asked].reset_index(drop=True)
    said = np.array(VERDICTS, dtype=object)[verdicts(definition, X)]
    features = [*history.features, SAID]
    found = weight_worked_leads(
        X.assign(**{SAID.name: said}), history.known[asked], features, seed=seed
    )
    weights = np.ones(len(history.won))
    weights[asked] = np.where(found.worked, found.weight, 1.0)
    spoken = np.zeros(len(history.won), dtype=bool)
    spoken[asked] = found.supported
    return weights, spoken


def _worked(
    history: History, test: Mask, later: Mask, chosen: tuple[Array, Mask] | None
) -> dict[str, Any]:
    never = later & (history.why == NEVER_WORKED)
    return {
        "leads": int(test.sum()),
        "never_worked": int(never.sum()),
        "weighed": chosen is not None,
        "no_claim": 0 if chosen is None else int((never & ~chosen[1]).sum()),
        "worth": effective(history.weights[test]),
    }
