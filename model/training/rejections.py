"""Why sales would reject this lead: the most likely reason, where leads differ in it at all.

A small model beside the scorecard: multinomial logistic regression on the scorecard's own bins,
learnt from past leads that sales turned down with a reason. It is held against the plain shares of
the reasons on later leads, and dropped unless it is better beyond doubt. What is kept is plain
JSON; saying a reason needs numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.rejection_reasons import NO_OUTCOME, TAXONOMY
from model.serving import Scorecard
from model.simulation.once_per_lead import first
from model.training.intervals import bootstrap_interval, resample_counts
from model.training.metrics import TINY
from model.training.splits import Split, groups

Array = npt.NDArray[Any]
LEAST = 20  # leads turned down for a reason, before it can be learnt
LEAST_LATER = 50  # later leads turned down, before a figure means anything
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # more is less regularised
HELD_BACK = 0.3  # of the leads learnt from, the latest, choose the strength
RESAMPLES = 500
WORTH_SAYING = 0.25  # how likely a reason has to be, of a lead that is turned down …
THAN_USUAL = 1.5  # … and how many times as likely as with all leads that are


def learn_rejections(
    card: Mapping[str, Any],
    X: pd.DataFrame,
    rows: pd.DataFrame,
    lost: Array,
    split: Split,
    *,
    seed: int = 0,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Learn why leads are turned down, and keep it only if that is better than the plain shares.

    Parameters
    ----------
    card : mapping
        The scorecard, whose bins are used.
    X : DataFrame
        Features of the leads whose outcome is known.
    rows : DataFrame
        The same leads: ``lead_id, person_id, account_id, as_of, disposition, reason_at``; of a lead
        that is judged again and again, the first judgement counts.
    lost : array of bool
        Who was not won.
    split : Split
        Whom to learn from, and whom to test on. Reasons given after the test began are not learnt.

    Returns
    -------
    (dict, dict or None)
        What was seen: ``kept, why, leads`` by reason, ``n_train, n_test, log_loss`` of ``model``
        and ``shares`` (each a number) and ``gain`` of one over the other, with its interval. The
        model itself, None where it was dropped.
    """
    learnt, later, names = _who(rows, lost, split)
    reason = rows["disposition"]
    seen: dict[str, Any] = {
        "leads": {one: int((reason[learnt] == one).sum()) for one in names},
        "n_train": int(learnt.sum()),
        "n_test": int(later.sum()),
    }
    axes = Scorecard.from_dict(card).axes
    if len(names) < 2 or later.sum() < LEAST_LATER or not axes:
        few = f"too few leads were turned down with a reason to learn why (learnt from \
{seen['n_train']:,}, later {seen['n_test']:,})"
        return {"kept": False, "why": few, **seen, "log_loss": None}, None
    table, starts = _coded(axes, X)
    code = reason.map({one: place for place, one in enumerate(names)}).fillna(-1).to_numpy(int)
    strength = _strength(table, code, learnt, rows, seed)
    fitted = _fit(table[learnt], code[learnt], len(names), strength)
    shares = np.bincount(code[learnt], minlength=len(names)) / learnt.sum()
    model = _as_json(fitted, starts, names, shares)
    loss = -np.log(np.maximum(fitted.predict_proba(table[later]), TINY))
    at = np.arange(int(later.sum())), code[later]
    gain = -np.log(shares)[code[later]] - loss[at]
    weights = resample_counts(groups(rows[later]).to_numpy(), len(gain), RESAMPLES, seed)
    with np.errstate(invalid="ignore"):
        told = bootstrap_interval(float(gain.mean()), weights @ gain / weights.sum(axis=1))
    kept = told.low is not None and told.low > 0
    by_shares = float(-np.log(shares)[code[later]].mean())
    seen["log_loss"] = {
        "model": float(loss[at].mean()),
        "shares": by_shares,
        "gain": told._asdict(),
    }
    return {"kept": kept, "why": _why(kept, seen), **seen}, model if kept else None


def _who(rows: pd.DataFrame, lost: Array, split: Split) -> tuple[Array, Array, list[str]]:
    """Leads to learn from, later ones (each once), and reasons that enough of the first have."""
    reason = rows["disposition"]
    told = lost & reason.notna().to_numpy() & ~reason.isin(NO_OUTCOME).to_numpy()
    learnt = told & split.train
    if split.test_from is not None:
        learnt &= ~(rows["reason_at"] > split.test_from).to_numpy()
    counts = reason[first(rows, learnt)].value_counts()
    names = [one for one in TAXONOMY if counts.get(one, 0) >= LEAST]
    of_these = reason.isin(names).to_numpy()
    later = told & split.test & of_these
    return first(rows, learnt & of_these), first(rows, later), names


def _coded(axes: Mapping[str, Any], X: pd.DataFrame) -> tuple[Any, dict[str, tuple[int, int]]]:
    """One column for each bin of each feature, and where those of a feature begin and end."""
    from scipy import sparse

    parts, starts, start = [], dict[str, tuple[int, int]](), 0
    for name, axis in axes.items():
        size = len(axis.labels)
        ones = np.ones(len(X)), (np.arange(len(X)), axis.bins(X))
        parts.append(sparse.csr_matrix(ones, shape=(len(X), size)))
        starts[name] = (start, start := start + size)
    return sparse.hstack(parts, format="csr"), starts


def _fit(table: Any, code: Array, classes: int, strength: float) -> Any:
    """Multinomial logistic regression; a class without leads is no error of the caller."""
    from sklearn.linear_model import LogisticRegression

    assert len(np.unique(code)) == classes
    return LogisticRegression(C=strength, max_iter=500).fit(table, code)


def _strength(table: Any, code: Array, learnt: Array, rows: pd.DataFrame, seed: int) -> float:
    """How freely to fit, chosen by the latest of the leads that are learnt from."""
    places = np.flatnonzero(learnt)
    if rows["as_of"].notna().all():
        places = places[np.argsort(rows["as_of"].to_numpy()[places], kind="stable")]
    else:
        places = np.random.default_rng(seed).permutation(places)
    parts = np.split(places, [int(len(places) * (1 - HELD_BACK))])
    codes = np.unique(code[parts[0]])
    later = parts[1][np.isin(code[parts[1]], codes)]
    if len(codes) < 2 or not len(later):
        return STRENGTHS[0]
    wanted = np.searchsorted(codes, code[later])
    losses = []
    for strength in STRENGTHS:
        fitted = _fit(table[parts[0]], code[parts[0]], len(codes), strength)
        p = fitted.predict_proba(table[later])[np.arange(len(later)), wanted]
        losses.append(-np.log(np.maximum(p, TINY)).mean())
    return STRENGTHS[int(np.argmin(losses))]


def _as_json(
    fitted: Any, starts: Mapping[str, tuple[int, int]], names: Sequence[str], shares: Array
) -> dict[str, Any]:
    """The model as plain data: log-odds by reason, for every bin of every feature."""
    weights, base = fitted.coef_, fitted.intercept_
    if len(names) == 2:  # scikit-learn tells two classes by one row
        weights, base = np.vstack([np.zeros_like(weights), weights]), np.r_[0.0, base]
    return {
        "reasons": list(names),
        "shares": shares.tolist(),
        "intercept": base.tolist(),
        "weights": {one: weights[:, begin:end].T.tolist() for one, (begin, end) in starts.items()},
    }


def _why(kept: bool, seen: Mapping[str, Any]) -> str:
    loss = seen["log_loss"]
    figures = f"log-loss {loss['model']:.3f} against {loss['shares']:.3f} on {seen['n_test']:,} \
later leads that were turned down"
    if kept:
        return f"what is known of a lead tells why sales would turn it down: {figures}"
    return f"why sales would turn a lead down cannot be told, so nothing is said: {figures}"


def chances(model: Mapping[str, Any], card: Scorecard, X: pd.DataFrame) -> pd.DataFrame:
    """How likely each reason is for each lead, given that sales turns it down; rows sum to 1.

    Parameters
    ----------
    model : mapping
        As learnt; its bins are those of ``card``.
    X : DataFrame
        Features, as for the scorecard.
    """
    odds = np.tile(np.asarray(model["intercept"], float), (len(X), 1))
    for name, weights in model["weights"].items():
        odds += np.asarray(weights, float)[card.axes[name].bins(X)]
    p = np.exp(odds - odds.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return pd.DataFrame(p, columns=list(model["reasons"]), index=X.index)


def likely_reason(
    model: Mapping[str, Any] | None, card: Scorecard, X: pd.DataFrame
) -> dict[str, Any] | None:
    """The most likely reason of one lead, if it is worth saying.

    It is where at least one in four leads like this one that were turned down was so for this
    reason, and that is at least 1.5 times as often as among all leads turned down.

    Returns
    -------
    dict or None
        ``reason, probability, usual``.
    """
    if model is None:
        return None
    p = chances(model, card, X).iloc[0].to_numpy()
    best = int(np.argmax(p))
    usual = float(model["shares"][best])
    if p[best] < WORTH_SAYING or p[best] < THAN_USUAL * usual:
        return None
    return {"reason": model["reasons"][best], "probability": float(p[best]), "usual": usual}
