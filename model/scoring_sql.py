"""A registered version as one SELECT: score, points per line, verdict and decision of each lead.

It says in SQL what :mod:`model.serving` says in Python, over a table with a column for each
feature. A missing value has to be NULL in that table, not an empty text or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sqlglot import exp

from model.card.card_sql import card_select
from model.definition.sql import verdict_case
from model.dialects import (
    Sql,
    check_dialect,
    column_sql,
    dialect_text,
    hex_sha256,
    named_sql,
    table_sql,
    text_sql,
)
from model.serving import AGREEMENT, VERDICTS, WITH_SALES, Definition, Scorecard

DRAWS = 2**32  # an exploration draw is one of so many numbers
EVERY_DRAW = "g"  # more than any number in hexadecimal digits
NO_WARNINGS: Mapping[str, Sql] = {}
NURTURE, VERDICT = "nurture", "rules_verdict"
DRAW, SALES_HAS_IT = "draw", "sales_has_it"  # columns of the statement's inner part


def scoring_sql(
    card: Scorecard,
    definition: Definition,
    kinds: Mapping[str, str] | None = None,
    *,
    dialect: str = "duckdb",
    table: str = "features",
    keep: Sequence[str] = ("lead_id",),
    with_sales: str | None = None,
    version: str = "",
) -> str:
    """Write a card and a definition as SQL that scores every lead.

    Parameters
    ----------
    card : Scorecard
        Of format 2, whose points are whole numbers.
    kinds : mapping, optional
        ``number`` or ``category`` of each feature (default: what the criteria suggest).
    dialect : str
        One of ``model.dialects.DIALECTS``.
    table : str
        A table with ``lead_id`` and a column for each feature, missing values as NULL.
    keep : sequence of str
        Columns to select besides.
    with_sales : str, optional
        The column that says which leads sales already has.
    version : str
        Label of the version, for the column ``model_version``.

    Returns
    -------
    str
        One SELECT with the columns of the scores but for words: no reasons, criteria or missing
        features. ``points_`` and the feature's name give the points of each line.

    Raises
    ------
    LeadReadyError
        If the dialect is unknown or the card is of format 1.

    Examples
    --------
    >>> card = Scorecard.from_dict({
    ...     "format": 2, "start": 50, "level": -2.2, "base_rate": 0.1, "ready_at": 55,
    ...     "grades": {"A": 6}, "levels": {"1": 8}, "lines": [{
    ...         "name": "employees", "family": "firmographic", "kind": "number", "cuts": [50],
    ...         "points": [0, -10, 10], "labels": ["unknown", "under 50", "50 or more"]}]})
    >>> rules = Definition.from_dict(
    ...     {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]})
    >>> print("\\n".join(scoring_sql(card, rules, dialect="snowflake").splitlines()[:10]))
    WITH "points" AS (
      SELECT
        "lead_id",
        CASE
          WHEN "employees" >= 50
          THEN 'ready'
          WHEN NOT "employees" >= 50
          THEN 'not ready'
          ELSE 'unknown'
        END AS "rules_verdict",
    """
    select = scoring_select(
        card,
        definition,
        kinds,
        dialect=dialect,
        table=table_sql(table),
        keep=keep,
        with_sales=with_sales,
        version=version,
    )
    return dialect_text(select, dialect)


def scoring_select(
    card: Scorecard,
    definition: Definition,
    kinds: Mapping[str, str] | None = None,
    *,
    dialect: str,
    table: Sql,
    keep: Sequence[str] = ("lead_id",),
    with_sales: str | None = None,
    version: str = "",
    warnings: Mapping[str, Sql] = NO_WARNINGS,
) -> exp.Select:
    """Write a card and a definition as an expression, as :func:`scoring_sql` does.

    Parameters
    ----------
    table : Table
        The table of features.
    warnings : mapping of str to expression
        Further reasons why a lead has no reliable prediction, and where they hold.
    """
    check_dialect(dialect)
    verdict = {VERDICT: verdict_case(definition, kinds)}
    hidden: dict[str, Sql] = {}
    if with_sales:
        hidden[SALES_HAS_IT] = column_sql(with_sales)
    if definition.handoff.explore > 0:
        hidden[DRAW] = hex_sha256("explore:", "lead_id", dialect)
    select = card_select(
        card, table=table, keep=keep, also=verdict, hidden=hidden, warnings=warnings
    )
    ready = exp.GTE(this=column_sql("score"), expression=exp.convert(card.ready_at))
    further = {
        "agreement": _by_verdict(exp.Case(), AGREEMENT, ready),
        "decision": _decision(definition, ready, bool(with_sales)),
        "model_version": text_sql(version),
        "definition_version": text_sql(definition.version_label),
    }
    return select.select(*(named_sql(expression, name) for name, expression in further.items()))


def _by_verdict(case: exp.Case, values: Sequence[str], ready: Sql, nurture: Sql = None) -> exp.Case:
    """Choose among two values for each verdict: model not ready, model ready."""
    for code, verdict in enumerate(VERDICTS):
        same = exp.EQ(this=column_sql(VERDICT), expression=text_sql(verdict))
        not_ready, is_ready = (
            nurture if nurture is not None and value == NURTURE else text_sql(value)
            for value in values[2 * code : 2 * code + 2]
        )
        case = case.when(exp.and_(same, ready.copy()), is_ready).when(same.copy(), not_ready)
    return case


def _decision(definition: Definition, ready: Sql, with_sales: bool) -> exp.Case:
    """Decide as ``model.serving`` does; some leads that are not ready are drawn to be explored."""
    case, nurture = exp.Case(), text_sql(NURTURE)
    if with_sales:
        has_it = exp.EQ(this=column_sql(SALES_HAS_IT), expression=exp.true())
        case = case.when(has_it, text_sql(WITH_SALES))
    if definition.handoff.explore > 0:
        least = math.ceil(definition.handoff.explore * DRAWS)  # that is not drawn
        limit = text_sql(f"{least:08x}" if least < DRAWS else EVERY_DRAW)
        drawn = exp.LT(this=column_sql(DRAW), expression=limit)
        nurture = exp.Case().when(drawn, text_sql(definition.decisions[-1])).else_(nurture)
    return _by_verdict(case, definition.decisions, ready, nurture)
