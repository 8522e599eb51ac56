"""Where model and rules part ways: what those leads have in common, and what became of them.

Leads of which the rules say the same, and the model not, are held beside each other: what tells
them apart is what the model saw. The criteria that they failed are what the rules saw. Then their
win rates say who was right, as far as it can be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.proposals.change_test import p_value
from model.proposals.search import discoveries
from model.simulation.by_slice import NOBODY_KNOWS, OTHER, bands
from model.simulation.clustered_rates import contrast
from model.simulation.history import WIDE, History, Mask, win_rate

Array = npt.NDArray[Any]
LEAST = 20  # leads on both sides, before anything is said of them
SHARE = 0.1  # what fewer of them have in common is not said
MOST = 5  # things in common that are told
MODEL_ONLY, RULES_ONLY = "model only", "rules only"
BOTH, NEITHER, OPEN = "both say ready", "neither says ready", "the rules cannot judge"
GROUPS = (BOTH, MODEL_ONLY, RULES_ONLY, NEITHER, OPEN)


def disagreement(history: History, scored: pd.DataFrame) -> dict[str, Any]:
    """Sort leads by who calls them ready, and say what became of each kind.

    Parameters
    ----------
    history : History
        Leads that the model did not learn from.
    scored : DataFrame
        The same rows: ``rules_verdict, model_verdict, failed_criteria``.

    Returns
    -------
    dict
        ``leads``, ``judged`` (more in a panel), ``disagree`` (share of those judged),
        ``groups``: for each its win rate (``definition_history.win_rate``), and where the two
        disagree ``common`` (see `in_common`) and ``failed`` criteria; ``difference`` of the win
        rates of *model only* and *rules only*, with its 95 % interval; ``right``: ``model``,
        ``rules`` or ``cannot be told``.
    """
    which = sorted_by(scored)
    groups: dict[str, Any] = {name: win_rate(history, which == name) for name in GROUPS}
    for name, beside in ((MODEL_ONLY, NEITHER), (RULES_ONLY, BOTH)):
        groups[name]["beside"] = beside
        groups[name]["common"] = in_common(history, which == name, which == beside)
        groups[name]["failed"] = _failed(scored["failed_criteria"], which == name)
    return {
        "leads": int(history.rows["lead_id"].nunique()),
        "judged": len(scored),
        "disagree": float(np.isin(which, (MODEL_ONLY, RULES_ONLY)).mean()) if len(which) else 0.0,
        "groups": groups,
        **_who(history, which == MODEL_ONLY, which == RULES_ONLY),
    }


def sorted_by(scored: pd.DataFrame) -> Array:
    """Name the group of each lead; leads that the rules exclude are not ready to them.

    Examples
    --------
    >>> said = pd.DataFrame({"rules_verdict": ["ready", "never", "unknown"],
    ...                      "model_verdict": ["not ready", "ready", "ready"]})
    >>> sorted_by(said).tolist()
    ['rules only', 'model only', 'the rules cannot judge']
    """
    rules = (scored["rules_verdict"] == "ready").to_numpy()
    model = (scored["model_verdict"] == "ready").to_numpy()
    unknown = (scored["rules_verdict"] == "unknown").to_numpy()
    return np.select(
        [unknown, rules & model, model, rules], [OPEN, BOTH, MODEL_ONLY, RULES_ONLY], NEITHER
    ).astype(object)


def _who(history: History, model: Mask, rules: Mask) -> dict[str, Any]:
    mine, theirs = model & history.known, rules & history.known
    if min(mine.sum(), theirs.sum()) < LEAST:
        return {"difference": None, "right": "cannot be told"}
    value, error, _ = contrast(history.won, [(mine, 1.0), (theirs, -1.0)], history.accounts)
    low, high = value - WIDE * error, value + WIDE * error
    right = "model" if low > 0 else "rules" if high < 0 else "cannot be told"
    return {"difference": {"value": value, "low": low, "high": high}, "right": right}


def _failed(failed: pd.Series[Any], which: Mask) -> list[dict[str, Any]]:
    """How many of them each criterion stood in the way of, the most first."""
    here = failed[which].fillna("").str.split(", ").explode()
    counts = here[here != ""].value_counts()
    return [
        {"criterion": str(one), "leads": int(n), "share": int(n) / max(int(which.sum()), 1)}
        for one, n in counts.items()
    ]


# -- what they have in common ---------------------------------------------------------------------


def in_common(history: History, here: Mask, beside: Mask) -> list[dict[str, Any]]:
    """Find what is more frequent among some leads than among others.

    Returns
    -------
    list of dict
        ``words, label, share, beside`` (its share among the others), ``lift`` of the one over the
        other with ``low`` and ``high`` (95 %); at most five, one for each source of features, those
        beyond luck (Benjamini and Hochberg over every value looked at), the surest first.
    """
    if min(here.sum(), beside.sum()) < LEAST:
        return []
    tried = [one for feature in history.features for one in _values(history, feature, here, beside)]
    kept = [tried[place] for place in discoveries([one["p"] for one in tried], 0.05)]
    kept = [one for one in kept if one["share"] >= SHARE and one["lift"] > 1]
    found: dict[str, dict[str, Any]] = {}
    for one in sorted(kept, key=lambda one: -float(one["z"])):
        found.setdefault(one.pop("source"), one)
    return list(found.values())[:MOST]


def _values(history: History, feature: Feature, here: Mask, beside: Mask) -> list[dict[str, Any]]:
    where, labels = bands(history.X[feature.name], feature)
    told = []
    for place, label in enumerate(labels):
        if label not in (OTHER, NOBODY_KNOWS) and (where == place).any():
            one = _lift((where == place).astype(float), here, beside, history.accounts)
            told.append(
                {
                    "feature": feature.name,
                    "words": feature.words,
                    "label": label,
                    "source": feature.source or feature.name,
                    **one,
                }
            )
    return told


def _lift(has: Array, here: Mask, beside: Mask, accounts: Array) -> dict[str, Any]:
    """How many times as frequent, with the interval of the ratio on its logarithm."""
    a, error_a, _ = contrast(has, [(here, 1.0)], accounts)
    b, error_b, _ = contrast(has, [(beside, 1.0)], accounts)
    z = (a - b) / np.hypot(error_a, error_b)
    least = 0.5 / beside.sum()  # as if half a lead had it, where none has
    lift = a / max(b, least)
    wide = WIDE * np.hypot(error_a / max(a, 0.5 / here.sum()), error_b / max(b, least))
    return {
        "share": a,
        "beside": b,
        "lift": lift,
        "z": float(z),
        "p": p_value(float(z)),
        "low": float(lift * np.exp(-wide)),
        "high": float(lift * np.exp(wide)),
    }


def in_words(told: Mapping[str, Any]) -> str:
    """Say who was right.

    Examples
    --------
    >>> in_words({"right": "cannot be told", "difference": None})
    'Who was right cannot be told: too few leads of which only one says ready.'
    """
    found = told["difference"]
    if found is None:
        return "Who was right cannot be told: too few leads of which only one says ready."
    between = f"{found['low'] * 100:+.1f} to {found['high'] * 100:+.1f}"
    if told["right"] == "cannot be told":
        return (
            "Who was right cannot be told: the win rates differ by "
            f"{found['value'] * 100:+.1f} points ({between}), which may be luck."
        )
    sign, who, calls, other = (
        (1, "The model was", "only it calls", "rules")
        if told["right"] == "model"
        else (-1, "The rules were", "only they call", "model")
    )
    ends = sorted((found["low"] * sign, found["high"] * sign))
    return (
        f"{who} right: leads that {calls} ready were won more often than those of the {other}, by "
        f"{found['value'] * sign * 100:.1f} points ({ends[0] * 100:.1f} to {ends[1] * 100:.1f})."
    )
