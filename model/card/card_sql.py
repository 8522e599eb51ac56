"""The card as a SELECT, to score leads where the data lives.

A line is one CASE over its rows and the score is their sum, so whole points are as exact in SQL as
in :mod:`model.serving`. A missing value has to be NULL in the table, not an empty text or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from sqlglot import exp

from features.errors import LeadReadyError
from model.dialects import Sql, column_sql, named_sql, text_sql
from model.serving import ENGAGEMENT, FIT, Axis, Scorecard, Unpredictable

SCORES = "scores"


def card_select(
    card: Scorecard,
    *,
    table: Sql,
    keep: Sequence[str],
    also: Mapping[str, Sql],
    hidden: Mapping[str, Sql],
    warnings: Mapping[str, Sql],
) -> exp.Select:
    """Write a card as a SELECT over a table with a column for each feature.

    Parameters
    ----------
    card : Scorecard
        Of format 2, whose points are whole numbers.
    table : Table
        The table of features, missing values as NULL.
    keep : sequence of str
        Columns to select besides.
    also : mapping
        Further expressions over the features, by the name of their column.
    hidden : mapping
        Expressions over the features that only further columns of the SELECT need.
    warnings : mapping
        Further reasons why a lead has no reliable prediction, and where they hold.

    Returns
    -------
    Select
        With the columns ``keep``, ``also``, ``score``, ``fit_points``, ``engagement_points``,
        ``warning``, ``probability``, ``grade``, ``level`` and ``model_verdict``, named as in the
        scores, and ``points_`` and the feature's name for each line.

    Raises
    ------
    LeadReadyError
        If the card is of format 1.
    """
    if not card.whole:
        raise LeadReadyError(
            "this version is of format 1, whose points are not whole numbers; only cards of "
            "format 2 can be written as SQL",
            hint="train again: leadready train",
        )
    further = [named_sql(part, name) for name, part in {**also, **hidden}.items()]
    warning = named_sql(_warning(card, warnings), WARNING)
    points = exp.select(*map(column_sql, keep), *further, *_points_columns(card), warning)
    points = points.from_(table)
    summed = exp.select(exp.Star(), *_sums(card)).from_(exp.table_("points", quoted=True))
    shown = [*keep, *also, *SUMS, *map(_points_name, card.axes), WARNING]
    select = exp.select(*map(column_sql, shown), *_judged(card))
    select = select.from_(exp.table_(SCORES, quoted=True))
    return select.with_(_quoted("points"), as_=points).with_(_quoted(SCORES), as_=summed)


WARNING = "warning"
SUMS = ("score", "fit_points", "engagement_points")


def _points_name(feature: str) -> str:
    return f"points_{feature}"


def _points_columns(card: Scorecard) -> list[Sql]:
    terms = zip(card.axes.values(), card.terms, strict=True)
    return [
        named_sql(_rows_case(axis, term.points), _points_name(axis.name)) for axis, term in terms
    ]


def _sums(card: Scorecard) -> list[Sql]:
    families = {term.axes[0].name: term.family for term in card.terms}
    fit = [name for name, family in families.items() if family in FIT]
    engagement = [name for name, family in families.items() if family == ENGAGEMENT]
    parts = ((card.start, families), (0, fit), (0, engagement))
    return [
        named_sql(_added(start, map(column_sql, map(_points_name, names))), total)
        for total, (start, names) in zip(SUMS, parts, strict=True)
    ]


def _judged(card: Scorecard) -> list[Sql]:
    """Write what follows from the sums: probability, grade, level and verdict."""
    above = exp.Sub(this=_double_cast(column_sql("score")), expression=_double(50))
    doublings = exp.Div(this=exp.paren(above), expression=_double(10))
    log_odds = exp.Add(
        this=_double(card.level),
        expression=exp.Mul(this=doublings, expression=_double(math.log(2))),
    )
    chance = exp.Exp(this=exp.Neg(this=exp.paren(log_odds)))
    odds = exp.paren(exp.Add(this=_double(1), expression=chance))
    ready = exp.GTE(this=column_sql("score"), expression=exp.convert(card.ready_at))
    verdict = exp.Case().when(ready, text_sql("ready"))
    level = _bands_case("engagement_points", card.levels, "4")
    return [
        named_sql(exp.Div(this=_double(1), expression=odds), "probability"),
        named_sql(_bands_case("fit_points", card.grades, "D"), "grade"),
        named_sql(exp.cast(level, "bigint"), "level"),
        named_sql(verdict.else_(text_sql("not ready")), "model_verdict"),
    ]


def _bands_case(points: str, at_least: Mapping[str, float], otherwise: str) -> Sql:
    case = exp.Case()
    for band, threshold in sorted(at_least.items(), key=lambda band: -band[1]):
        reached = exp.GTE(this=column_sql(points), expression=exp.convert(threshold))
        case = case.when(reached, text_sql(band))
    return case.else_(text_sql(otherwise)) if at_least else text_sql(otherwise)


# -- leads without a prediction -------------------------------------------------------------------


def _warning(card: Scorecard, further: Mapping[str, Sql]) -> Sql:
    """Write the reasons why a lead has no prediction, joined as in the scores."""
    by_reason: dict[str, list[Sql]] = {}
    for kind in card.unpredictable:
        by_reason.setdefault(kind.reason, []).append(_kind_condition(kind))
    by_reason |= {reason: [condition] for reason, condition in further.items()}
    text: Sql = text_sql("")
    for reason, conditions in by_reason.items():
        holds = exp.or_(*conditions)
        text = exp.Case().when(holds, _with_reason(text, reason)).else_(text)
    return text


def _with_reason(text: Sql, reason: str) -> Sql:
    joined = exp.DPipe(this=text.copy(), expression=text_sql(f"; {reason}"))
    empty = exp.EQ(this=text.copy(), expression=text_sql(""))
    return exp.Case().when(empty, text_sql(reason)).else_(joined)


def _kind_condition(kind: Unpredictable) -> Sql:
    odds = (
        _rows_case(axis, values, _double)
        for axis, values in zip(kind.axes, kind.log_odds, strict=True)
    )
    return exp.LT(
        this=exp.paren(_added(kind.intercept, odds, _double)), expression=_double(kind.below)
    )


# -- rows -----------------------------------------------------------------------------------------


def _rows_case(axis: Axis, values: Any, literal: Any = exp.convert) -> Sql:
    """Give a lead the value of its row: the first is missing, as in ``Axis.bins``."""
    missing, *rows = (literal(value) for value in values.tolist())
    column = column_sql(axis.name)
    case = exp.Case().when(exp.Is(this=column, expression=exp.Null()), missing)
    if axis.cuts is not None:
        for cut, value in zip(axis.cuts.tolist(), rows, strict=False):
            case = case.when(exp.LT(this=column, expression=_double(cut)), value)
        return case.else_(rows[-1])
    for place, value in enumerate(rows[1:], start=2):
        names = [text_sql(name) for name, own in axis.places.items() if own == place]
        case = case.when(exp.In(this=column, expressions=names), value)
    return case.else_(rows[0])


def _added(start: float, parts: Iterable[Sql], literal: Any = exp.convert) -> Sql:
    """Add term by term from the left, as :mod:`model.serving` does."""
    return reduce(lambda left, right: exp.Add(this=left, expression=right), parts, literal(start))


def _double(value: float) -> Sql:
    return _double_cast(exp.convert(float(value)))


def _double_cast(expression: Sql) -> Sql:
    return exp.cast(expression, "double")


def _quoted(name: str) -> Sql:
    return exp.to_identifier(name, quoted=True)
