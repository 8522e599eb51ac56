"""Why sales would reject a lead: the most likely reason, where leads differ in it.

A multinomial logistic regression on the bins of the scorecard is trained on past leads that sales
rejected with a reason. It is compared with the plain shares of the reasons on later leads, and
dropped unless it is better beyond chance. What is kept is plain JSON; predicting needs only numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.blas_threads import one_blas_thread
from features.labels.rejection_reasons import NO_OUTCOME, TAXONOMY
from model.serving import Axis, Scorecard
from model.simulation.once_per_lead import first_judgements
from model.training.intervals import Interval, bootstrap_interval, resample_counts
from model.training.metrics import TINY
from model.training.splits import Split, account_or_person

Array = npt.NDArray[Any]
LEAST = 20  # leads rejected for a reason, before it can be learned
LEAST_LATER = 50  # later rejected leads, before the comparison means anything
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # C of the regression; more is less regularised
HELD_BACK = 0.3  # of the training leads, the latest: they choose the strength
RESAMPLES = 500
LIKELY = 0.25  # least probability of a reason that is worth reporting, given a rejection …
ABOVE_USUAL = 1.5  # … and how many times its share among all rejected leads


class RejectionResult(NamedTuple):
    """How well the reasons for which sales rejects leads can be predicted.

    Attributes
    ----------
    kept : bool
        Whether the model is better than the plain shares.
    why : str
        The comparison in words.
    leads : dict
        Training leads by reason.
    n_train, n_test : int
        Rejected leads to learn from and to test on.
    log_loss : dict or None
        Of the ``model``, of the ``shares``, and the ``gain`` of one over the other with its
        interval; None where there were too few leads.
    """

    kept: bool
    why: str
    leads: dict[str, int]
    n_train: int
    n_test: int
    log_loss: dict[str, Any] | None = None


class RejectionModel(TypedDict):
    """A multinomial logistic regression on the bins of a scorecard, as plain data.

    Attributes
    ----------
    reasons : list of str
    shares : list of float
        Share of each reason among the rejected leads.
    strength : float
        C of the regression.
    intercept : list of float
        Log-odds of each reason.
    weights : dict
        By feature, what each bin adds to the log-odds of each reason.
    """

    reasons: list[str]
    shares: list[float]
    strength: float
    intercept: list[float]
    weights: dict[str, list[list[float]]]


class LikelyReason(NamedTuple):
    """A reason, its probability given a rejection, and its share among all rejected leads."""

    reason: str
    probability: float
    usual: float


def learn_rejections(
    card: Mapping[str, Any],
    X: pd.DataFrame,
    rows: pd.DataFrame,
    lost: Array,
    split: Split,
    *,
    seed: int = 0,
) -> tuple[RejectionResult, RejectionModel | None]:
    """Learn why leads are rejected; keep the model only if it beats the plain shares.

    Parameters
    ----------
    card : mapping
        The scorecard, whose bins are used.
    X : DataFrame
        Features of the leads whose outcome is known.
    rows : DataFrame
        The same leads: ``lead_id, person_id, account_id, as_of, disposition, reason_at``. Of a
        lead that is judged repeatedly, the first judgement counts.
    lost : array of bool
        Which leads were not won.
    split : Split
        Whom to learn from and whom to test on. Reasons given after the test began are not used.

    Returns
    -------
    (RejectionResult, RejectionModel or None)
        The comparison, and the model as plain data; None where it was dropped.
    """
    train, test, names = _rejected_leads(rows, lost, split)
    reason = rows["disposition"]
    leads = {name: int((reason[train] == name).sum()) for name in names}
    n_train, n_test = int(train.sum()), int(test.sum())
    axes = Scorecard.from_dict(card).axes
    if len(names) < 2 or n_test < LEAST_LATER or not axes:
        why = (
            "too few leads were rejected with a reason to learn from "
            f"({n_train:,} to learn from, {n_test:,} later ones)"
        )
        return RejectionResult(False, why, leads, n_train, n_test), None
    table, columns = _one_hot(axes, X)
    code = reason.map({name: place for place, name in enumerate(names)}).fillna(-1).to_numpy(int)
    strength = _best_strength(table, code, train, rows, seed)
    fitted = _fit_reasons(table[train], code[train], len(names), strength)
    shares = np.bincount(code[train], minlength=len(names)) / train.sum()
    losses = -np.log(np.maximum(fitted.predict_proba(table[test]), TINY))
    loss, by_shares = losses[np.arange(n_test), code[test]], -np.log(shares)[code[test]]
    gain = _gain(by_shares - loss, account_or_person(rows[test]).to_numpy(), seed)
    kept = gain.low is not None and gain.low > 0
    log_loss = {"model": float(loss.mean()), "shares": float(by_shares.mean())}
    result = RejectionResult(
        kept,
        _comparison_text(kept, log_loss, n_test),
        leads,
        n_train,
        n_test,
        {**log_loss, "gain": gain._asdict()},
    )
    return result, _model_json(fitted, columns, names, shares, strength) if kept else None


def refit_rejections(
    model: RejectionModel,
    card: Mapping[str, Any],
    X: pd.DataFrame,
    rows: pd.DataFrame,
    lost: Array,
) -> RejectionModel:
    """Learn the same reasons on the bins of another scorecard, from all rejected leads.

    Parameters
    ----------
    model : RejectionModel
        As kept by `learn_rejections`.
    card, X, rows, lost
        As there.
    """
    names, axes = list(model["reasons"]), Scorecard.from_dict(card).axes
    reason = rows["disposition"]
    chosen = first_judgements(rows, lost & reason.isin(names).to_numpy())
    table, columns = _one_hot(axes, X)
    code = reason[chosen].map({name: place for place, name in enumerate(names)}).to_numpy(int)
    fitted = _fit_reasons(table[chosen], code, len(names), model["strength"])
    shares = np.bincount(code, minlength=len(names)) / len(code)
    return _model_json(fitted, columns, names, shares, model["strength"])


def _gain(gain: Array, groups: Array, seed: int) -> Interval:
    """Average a gain in log-loss; resamples draw accounts."""
    weights = resample_counts(groups, len(gain), RESAMPLES, seed)
    with np.errstate(invalid="ignore"):
        return bootstrap_interval(float(gain.mean()), weights @ gain / weights.sum(axis=1))


def _rejected_leads(
    rows: pd.DataFrame, lost: Array, split: Split
) -> tuple[Array, Array, list[str]]:
    """Find the leads to learn from and to test on, each once, and the reasons of enough leads."""
    reason = rows["disposition"]
    rejected = lost & reason.notna().to_numpy() & ~reason.isin(NO_OUTCOME).to_numpy()
    train = rejected & split.train
    if split.test_from is not None:
        train &= ~(rows["reason_at"] > split.test_from).to_numpy()
    counts = reason[first_judgements(rows, train)].value_counts()
    names = [name for name in TAXONOMY if counts.get(name, 0) >= LEAST]
    learned = reason.isin(names).to_numpy()
    test = rejected & split.test & learned
    return first_judgements(rows, train & learned), first_judgements(rows, test), names


def _one_hot(axes: Mapping[str, Axis], X: pd.DataFrame) -> tuple[Any, dict[str, tuple[int, int]]]:
    """Code each bin of each feature as a column; return the columns of each feature as well."""
    from scipy import sparse

    parts, columns, start = [], dict[str, tuple[int, int]](), 0
    for name, axis in axes.items():
        size = len(axis.labels)
        ones = np.ones(len(X)), (np.arange(len(X)), axis.bins(X))
        parts.append(sparse.csr_matrix(ones, shape=(len(X), size)))
        columns[name] = (start, start := start + size)
    return sparse.hstack(parts, format="csr"), columns


@one_blas_thread
def _fit_reasons(table: Any, code: Array, reasons: int, strength: float) -> Any:
    """Fit a multinomial logistic regression in which every reason occurs."""
    from sklearn.linear_model import LogisticRegression

    assert len(np.unique(code)) == reasons
    return LogisticRegression(C=strength, max_iter=500).fit(table, code)


def _best_strength(table: Any, code: Array, train: Array, rows: pd.DataFrame, seed: int) -> float:
    """Choose the regularisation by the latest of the training leads."""
    places = np.flatnonzero(train)
    if rows["as_of"].notna().all():
        places = places[np.argsort(rows["as_of"].to_numpy()[places], kind="stable")]
    else:
        places = np.random.default_rng(seed).permutation(places)
    earlier, later = np.split(places, [int(len(places) * (1 - HELD_BACK))])
    codes = np.unique(code[earlier])
    later = later[np.isin(code[later], codes)]
    if len(codes) < 2 or not len(later):
        return STRENGTHS[0]
    actual = np.searchsorted(codes, code[later])
    losses = []
    for strength in STRENGTHS:
        fitted = _fit_reasons(table[earlier], code[earlier], len(codes), strength)
        p = fitted.predict_proba(table[later])[np.arange(len(later)), actual]
        losses.append(-np.log(np.maximum(p, TINY)).mean())
    return STRENGTHS[int(np.argmin(losses))]


def _model_json(
    fitted: Any,
    columns: Mapping[str, tuple[int, int]],
    names: Sequence[str],
    shares: Array,
    strength: float,
) -> RejectionModel:
    """Write the model as plain data: log-odds of each reason, for every bin of every feature."""
    weights, base = fitted.coef_, fitted.intercept_
    if len(names) == 2:  # scikit-learn keeps one row for two classes
        weights, base = np.vstack([np.zeros_like(weights), weights]), np.r_[0.0, base]
    return {
        "reasons": list(names),
        "shares": shares.tolist(),
        "strength": strength,
        "intercept": base.tolist(),
        "weights": {
            name: weights[:, begin:end].T.tolist() for name, (begin, end) in columns.items()
        },
    }


def _comparison_text(kept: bool, log_loss: Mapping[str, float], leads: int) -> str:
    figures = (
        f"log-loss {log_loss['model']:.3f} against {log_loss['shares']:.3f} for the plain shares, "
        f"on {leads:,} later rejected leads"
    )
    if kept:
        return f"the features predict why sales would reject a lead: {figures}"
    return f"the features do not predict why sales rejects a lead, so no reason is shown: {figures}"


def reason_probabilities(model: RejectionModel, card: Scorecard, X: pd.DataFrame) -> pd.DataFrame:
    """Give the probability of each reason for each lead, given a rejection; rows sum to 1.

    Parameters
    ----------
    model : RejectionModel
        As learned; its bins are those of ``card``.
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
    model: RejectionModel | None, card: Scorecard, X: pd.DataFrame
) -> LikelyReason | None:
    """Give the most likely reason of one lead, if it is worth reporting.

    It is where its probability is at least one in four, and at least 1.5 times its share among all
    rejected leads.
    """
    if model is None:
        return None
    p = reason_probabilities(model, card, X).iloc[0].to_numpy()
    best = int(np.argmax(p))
    usual = float(model["shares"][best])
    if p[best] < LIKELY or p[best] < ABOVE_USUAL * usual:
        return None
    return LikelyReason(model["reasons"][best], float(p[best]), usual)
