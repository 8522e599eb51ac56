"""Standard errors of the rows of a card.

The rows are fitted again by logistic regression without shrinkage. Its covariance, robust to
leads of an account that resemble each other, is the sampling error; a line that was shrunk to a
share ``kept`` of that fit has so much less of it. How far a row lies from the fit shows the bias
that shrinkage and merging brought, beyond what chance explains of the distance:
``kept ** 2 * variance + max(difference ** 2 - (1 - kept) ** 2 * variance, 0)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.blas_threads import one_blas_thread
from model.estimators.bins import Term
from model.estimators.regression import clustered_covariance, regress

Array = npt.NDArray[Any]
LEAST_KEPT = 0.5  # of the sampling error, however strongly a line is shrunk


class _Rows(NamedTuple):
    """The rows of a term that have leads.

    Attributes
    ----------
    of_bins : array of int, shape (bins,)
        The row of each bin, -1 where no lead has it.
    of_leads : array of int, shape (n,)
    values : array, shape (rows,)
    """

    of_bins: npt.NDArray[np.intp]
    of_leads: npt.NDArray[np.intp]
    values: Array

    @property
    def columns(self) -> Array:
        """The columns of the regression: one for each row but the first."""
        return np.eye(len(self.values))[:, 1:][self.of_leads]


@one_blas_thread
def with_row_errors(
    terms: Sequence[Term],
    X: pd.DataFrame,
    y: Array,
    *,
    weights: Array | None = None,
    groups: Array | None = None,
    slope: float = 1.0,
) -> list[Term]:
    """Give each term its standard errors and its covariance.

    Parameters
    ----------
    terms : sequence of Term
        Categories with the same log-odds are a row.
    X, y : DataFrame, array of shape (n,)
        The leads that they were learned from.
    weights, groups : array of shape (n,), optional
        How many leads each one represents; leads of a group may resemble each other.
    slope : float
        By which the terms will be stretched: errors are those of the stretched terms, divided
        by it.

    Returns
    -------
    list of Term
        The errors are those of a row compared with the average lead; a row without leads has the
        largest of its line.

    References
    ----------
    H. White, "Maximum likelihood estimation of misspecified models", Econometrica 1982.

    Examples
    --------
    >>> from model.estimators.bins import Binning
    >>> X, y = pd.DataFrame({"size": [10.0] * 200 + [90.0] * 200}), np.arange(400) % 4 == 0
    >>> term = Term(Binning("size", cuts=np.array([50.0])), np.array([0.0, -0.1, 0.1]))
    >>> with_row_errors([term], X, y)[0].errors.round(2)
    array([0.1, 0.1, 0.1])
    """
    if not terms:
        return []
    each = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    rows = [_rows_of(term, X) for term in terms]
    table = np.column_stack([np.ones(len(y)), *(part.columns for part in rows)])
    coefficients, covariance = _fit_unshrunk(table, np.asarray(y, float), each, groups)
    results, start = [], 1
    for term, part in zip(terms, rows, strict=True):
        place = slice(start, start + part.columns.shape[1])
        start = place.stop
        results.append(
            _with_errors(
                term, part, coefficients[place] / slope, covariance[place, place] / slope**2, each
            )
        )
    return results


def _rows_of(term: Term, X: pd.DataFrame) -> _Rows:
    bins = term.binning.bins(X)
    names = np.arange(term.binning.size)
    if term.binning.cuts is None:  # categories with one value are one row
        names[2:] = 2 + np.unique(term.log_odds[2:], return_inverse=True)[1]
    filled, of_leads = np.unique(names[bins], return_inverse=True)
    values = np.zeros(len(filled))
    values[of_leads] = term.log_odds[bins]
    places = dict(zip(filled.tolist(), range(len(filled)), strict=True))
    of_bins = np.array([places.get(name, -1) for name in names.tolist()], dtype=np.intp)
    return _Rows(of_bins, of_leads, values)


def _with_errors(
    term: Term, rows: _Rows, coefficients: Array, covariance: Array, weights: Array
) -> Term:
    """Compare each row with the average lead, in the fit and in the term."""
    size = len(rows.values)
    share = np.bincount(rows.of_leads, weights, minlength=size) / weights.sum()
    contrast = np.eye(size)[:, 1:] - share[1:]
    values, fitted = rows.values - share @ rows.values, contrast @ coefficients
    kept = _kept_share(values, fitted, share)
    sampling = contrast @ covariance @ contrast.T
    bias = (values - fitted) ** 2 - (1 - kept) ** 2 * np.diag(sampling)
    spread = kept**2 * sampling + np.diag(np.maximum(bias, 0))
    widest = int(np.diag(spread).argmax())
    of_bins = np.where(rows.of_bins < 0, widest, rows.of_bins)
    of_all = spread[np.ix_(of_bins, of_bins)]
    return replace(term, errors=np.sqrt(np.diag(of_all)), covariance=of_all)


def _kept_share(values: Array, fitted: Array, share: Array) -> float:
    """The share of the fit that shrinkage has left in the line, at least a half."""
    kept = (share * values) @ fitted / max((share * fitted) @ fitted, 1e-12)
    return float(np.clip(kept, LEAST_KEPT, 1))


def _fit_unshrunk(
    table: Array, y: Array, weights: Array, groups: Array | None
) -> tuple[Array, Array]:
    """Coefficients and their covariance; clusters only widen it."""
    fit = regress(table, y, weights, bias_reduced=True)
    if groups is None and (weights == 1).all():
        return fit.coefficients, fit.covariance
    robust = np.diag(clustered_covariance(fit, table, y, weights, groups))
    wider = np.sqrt(np.maximum(robust / np.diag(fit.covariance), 1))
    return fit.coefficients, fit.covariance * np.outer(wider, wider)
