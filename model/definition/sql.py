"""The rules as one SELECT, to be run where the data lives.

SQL's own logic on NULL is the three-valued one of the rules (a comparison with NULL is unknown; AND
takes the least, OR the most), so every criterion is one comparison, every group one bracket, and
the verdict one CASE. A missing value has to be NULL in the table, not an empty text or NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from sqlglot import exp

from features.errors import LeadReadyError
from model.serving import BOUNDS, Criterion, Definition, Group, Rule

DIALECTS = ("duckdb", "postgres")
NUMBER, CATEGORY = "number", "category"
Sql = Any  # an expression of sqlglot


def as_sql(
    definition: Mapping[str, Any],
    kinds: Mapping[str, str] | None = None,
    *,
    dialect: str = "duckdb",
    table: str = "features",
    keep: Sequence[str] = ("lead_id",),
) -> str:
    """Write the rules as SQL that gives the verdict of each lead.

    Parameters
    ----------
    definition : mapping
        As read.
    kinds : mapping, optional
        ``number`` or ``category`` of each feature; without it, told from what the criteria ask.
    dialect : str
        ``duckdb`` or ``postgres``.
    table : str
        A table with a column for each feature, missing values as NULL.
    keep : sequence of str
        Columns to give besides the verdict.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> print(as_sql({"ready_when": [size]}))
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
    if dialect not in DIALECTS:
        raise LeadReadyError.unknown(dialect, DIALECTS, what="dialect")
    agreed = Definition.from_dict(definition)
    asked = _kinds(agreed.criteria) | dict(kinds or {})
    ready = _rule(agreed.ready, asked)
    case = exp.Case()
    if agreed.never.rules:
        never = _rule(agreed.never, asked)
        case = case.when(never, exp.Literal.string("never"))
        ready = exp.and_(exp.paren(ready), exp.not_(exp.paren(never)))
    case = case.when(ready, exp.Literal.string("ready"))
    case = case.when(_not(ready), exp.Literal.string("not ready"))
    case = case.else_(exp.Literal.string("unknown"))
    kept = [_column(one) for one in keep]
    verdict = exp.alias_(case, "rules_verdict", quoted=True)
    select = exp.select(*kept, verdict).from_(exp.table_(table, quoted=True))
    return select.sql(dialect=dialect, pretty=True)


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _not(one: Sql) -> Sql:
    return exp.not_(exp.paren(one) if isinstance(one, exp.Connector) else one)


def _rule(rule: Rule, kinds: Mapping[str, str]) -> Sql:
    """Write a criterion or a group; groups within groups stand in brackets."""
    match rule:
        case Criterion():
            return _criterion(rule, kinds)
        case Group("all", rules):
            return _joined(exp.And, [_rule(part, kinds) for part in rules])
        case Group("any", rules):
            return _joined(exp.Or, [_rule(part, kinds) for part in rules])
        case Group(_, rules):
            return exp.not_(exp.paren(_joined(exp.Or, [_rule(part, kinds) for part in rules])))


def _joined(how: Any, parts: Sequence[Sql]) -> Sql:
    if len(parts) == 1:
        return parts[0]
    bracketed = [exp.paren(one) if isinstance(one, exp.Connector) else one for one in parts]
    return reduce(lambda left, right: how(this=left, expression=right), bracketed)


# -- criteria -------------------------------------------------------------------------------------


def _criterion(criterion: Criterion, kinds: Mapping[str, str]) -> Sql:
    operator, operand, name = criterion.operator, criterion.operand, criterion.feature
    column = _column(name)
    if operator == "is_missing":
        missing = exp.Is(this=column, expression=exp.Null())
        return missing if operand else exp.not_(missing)
    if operator in ("before", "after"):
        day = exp.cast(exp.Literal.string(str(operand)), "date")
        compare = exp.LT if operator == "before" else exp.GT
        return compare(this=exp.cast(column, "date"), expression=day)
    if operator in BOUNDS:
        return _bounds(column, operator, operand)
    listed = operand if isinstance(operand, tuple) else (operand,)
    found = _in(column, listed, kinds.get(name, CATEGORY))
    return _not(found) if operator == "none_of" else found


def _bounds(column: exp.Column, operator: str, operand: Any) -> Sql:
    if operator == "between":
        low, high = map(_number, operand)
        return exp.Between(this=column, low=low, high=high)
    compare = exp.GTE if operator == "at_least" else exp.LTE
    return compare(this=column, expression=_number(operand))


def _in(column: exp.Column, listed: Sequence[Any], kind: str) -> Sql:
    """Compare with values; where none of them can be meant, a known value is none of them."""
    if kind == NUMBER:
        values = [_number(one) for one in listed if _is_number(one) and float(one) == one]
    else:
        values = [exp.Literal.string(_text(one)) for one in listed]
    if not values:
        missing = exp.Is(this=column.copy(), expression=exp.Null())
        return exp.Case().when(exp.not_(missing), exp.false())
    return exp.In(this=column, expressions=values)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: Any) -> Sql:
    return exp.convert(value)


def _text(value: Any) -> str:
    """Write a value as the data writes it: yes, 3, director."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _kinds(criteria: Sequence[Criterion]) -> dict[str, str]:
    """Tell numbers from categories by what is asked of them."""
    found: dict[str, str] = {}
    for criterion in criteria:
        operand = criterion.operand
        listed = operand if isinstance(operand, tuple) else (operand,)
        if criterion.operator in ("at_least", "at_most", "between"):
            found[criterion.feature] = NUMBER
        elif criterion.operator in ("one_of", "none_of", "equals"):
            numbers = all(map(_is_number, listed))
            found.setdefault(criterion.feature, NUMBER if numbers else CATEGORY)
    return found
