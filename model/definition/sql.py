"""The rules as one SELECT, to run where the data lives.

SQL treats NULL as the rules treat missing values (a comparison with NULL is unknown; AND takes the
least, OR the greatest), so every criterion is one comparison, every group one bracket, and the
verdict one CASE. A missing value has to be NULL in the table, not an empty text or NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from sqlglot import exp

from model.dialects import Sql, check_dialect, column_sql, dialect_text, named_sql, table_sql
from model.serving import BOUNDS, Criterion, Definition, Rule, data_text

NUMBER, CATEGORY = "number", "category"


def definition_sql(
    definition: Definition,
    kinds: Mapping[str, str] | None = None,
    *,
    dialect: str = "duckdb",
    table: str = "features",
    keep: Sequence[str] = ("lead_id",),
) -> str:
    """Write the rules as SQL that gives the verdict of each lead.

    Parameters
    ----------
    kinds : mapping, optional
        ``number`` or ``category`` of each feature (default: what the criteria suggest).
    dialect : str
        One of ``model.dialects.DIALECTS``.
    table : str
        A table with a column for each feature, missing values as NULL.
    keep : sequence of str
        Columns to select besides the verdict.

    Examples
    --------
    >>> print(definition_sql(Definition.from_dict(
    ...     {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]})))
    SELECT
      "lead_id",
      CASE
        WHEN "employees" >= 50
        THEN 'ready'
        WHEN NOT "employees" >= 50
        THEN 'not ready'
        ELSE 'unknown'
      END AS "rules_verdict"
    FROM "features"
    """
    check_dialect(dialect)
    columns = [column_sql(name) for name in keep]
    verdict = named_sql(verdict_case(definition, kinds), "rules_verdict")
    select = exp.select(*columns, verdict).from_(table_sql(table))
    return dialect_text(select, dialect)


def verdict_case(definition: Definition, kinds: Mapping[str, str] | None = None) -> exp.Case:
    """Write the rules as one CASE over the columns of the features."""
    all_kinds = _likely_kinds(definition.criteria) | dict(kinds or {})
    ready = _rule_sql(definition.ready, all_kinds)
    case = exp.Case()
    if definition.never.rules:
        never = _rule_sql(definition.never, all_kinds)
        case = case.when(never, exp.Literal.string("never"))
        ready = exp.and_(exp.paren(ready), exp.not_(exp.paren(never)))
    case = case.when(ready, exp.Literal.string("ready"))
    case = case.when(_not_sql(ready), exp.Literal.string("not ready"))
    return case.else_(exp.Literal.string("unknown"))


def _not_sql(condition: Sql) -> Sql:
    return exp.not_(_bracketed(condition))


def _bracketed(condition: Sql) -> Sql:
    return exp.paren(condition) if isinstance(condition, exp.Connector) else condition


def _rule_sql(rule: Rule, kinds: Mapping[str, str]) -> Sql:
    """Write a criterion or a group; groups within groups stand in brackets."""
    if isinstance(rule, Criterion):
        return _criterion_sql(rule, kinds)
    parts = [_rule_sql(part, kinds) for part in rule.rules]
    match rule.kind:
        case "all":
            return _connected(exp.And, parts)
        case "any":
            return _connected(exp.Or, parts)
        case _:
            return exp.not_(exp.paren(_connected(exp.Or, parts)))


def _connected(connector: Any, parts: Sequence[Sql]) -> Sql:
    if len(parts) == 1:
        return parts[0]
    bracketed = map(_bracketed, parts)
    return reduce(lambda left, right: connector(this=left, expression=right), bracketed)


# -- criteria -------------------------------------------------------------------------------------


def _criterion_sql(criterion: Criterion, kinds: Mapping[str, str]) -> Sql:
    operator, operand, column = (
        criterion.operator,
        criterion.operand,
        column_sql(criterion.feature),
    )
    if operator == "is_missing":
        missing = exp.Is(this=column, expression=exp.Null())
        return missing if operand else exp.not_(missing)
    if operator in ("before", "after"):
        day = exp.cast(exp.Literal.string(str(operand)), "date")
        compare = exp.LT if operator == "before" else exp.GT
        return compare(this=exp.cast(column, "date"), expression=day)
    if operator in BOUNDS:
        return _bounds_sql(column, operator, operand)
    found = _in_sql(column, criterion.operands, kinds.get(criterion.feature, CATEGORY))
    return _not_sql(found) if operator == "none_of" else found


def _bounds_sql(column: exp.Column, operator: str, operand: Any) -> Sql:
    if operator == "between":
        low, high = map(exp.convert, operand)
        return exp.Between(this=column, low=low, high=high)
    compare = exp.GTE if operator == "at_least" else exp.LTE
    return compare(this=column, expression=exp.convert(operand))


def _in_sql(column: exp.Column, operands: Sequence[Any], kind: str) -> Sql:
    """Compare with values; where none is possible, a known value is none: it equals itself."""
    if kind == NUMBER:
        numbers = [value for value in operands if _is_number(value) and float(value) == value]
        values: list[Sql] = [exp.convert(value) for value in numbers]
    else:
        values = [exp.Literal.string(data_text(value)) for value in operands]
    if not values:
        return exp.NEQ(this=column, expression=column.copy())
    return exp.In(this=column, expressions=values)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _likely_kinds(criteria: Sequence[Criterion]) -> dict[str, str]:
    """Tell numbers from categories by what the criteria require."""
    kinds: dict[str, str] = {}
    for criterion in criteria:
        if criterion.operator in ("at_least", "at_most", "between"):
            kinds[criterion.feature] = NUMBER
        elif criterion.operator in ("one_of", "none_of", "equals"):
            numbers = all(map(_is_number, criterion.operands))
            kinds.setdefault(criterion.feature, NUMBER if numbers else CATEGORY)
    return kinds
