"""The formulas of the sheet that ``leadready export excel`` writes.

No text of the data stands in a formula: each formula refers to cells, and texts are compared by
EXACT, which knows capitals and no wildcards. A rule is a number, as in :mod:`model.serving`: 1 it
holds, -1 it fails, 0 a fact is missing; "all" is the least of its parts, "any" the greatest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from model.serving import VERDICTS, Criterion, Rule


class Rows(NamedTuple):
    """Where the rows of a feature are: its labels and values, and how a fact finds its row.

    ``starts`` are the least numbers of the rows after the first, which is for missing facts;
    ``values`` are categories, and ``places`` the number of the row of each.
    """

    labels: str
    numbers: str
    starts: str | None
    values: str | None
    places: str | None


def row_formula(fact: str, rows: Rows) -> str:
    """Find the row of a fact: 1 is missing, as in ``Axis.bins``; others follow.

    Examples
    --------
    >>> row_formula("B5", Rows("Card!B2:B4", "Card!C2:C4", "Card!D3:D4", None, None))
    'IF(B5="",1,1+MATCH(B5,Card!D3:D4,1))'
    """
    if rows.starts is not None:
        return f'IF({fact}="",1,1+MATCH({fact},{rows.starts},1))'
    if rows.values is None:  # every known value is in the same row
        return f'IF({fact}="",1,2)'
    place = f"SUMPRODUCT(EXACT({rows.values},{fact})*{rows.places})"
    return f'IF({fact}="",1,MAX(2,{place}))'


def criterion_formula(criterion: Criterion, fact: str, operands: str, is_number: bool) -> str:
    """Write a criterion as 1, -1 or 0.

    Parameters
    ----------
    fact : str
        The cell with the lead's fact.
    operands : str
        The cells with what is required of it, in one row.
    """
    first = operands.partition(":")[0]
    last = operands.rpartition(":")[2]
    match criterion.operator:
        case "is_missing":
            wanted, other = (1, -1) if criterion.operand else (-1, 1)
            return f'IF({fact}="",{wanted},{other})'
        case "at_least":
            holds = f"{fact}>={first}"
        case "at_most":
            holds = f"{fact}<={first}"
        case "between":
            sheet = first.rpartition("!")[0]
            holds = f"AND({fact}>={first},{fact}<={sheet}!{last})"
        case "before":
            holds = f"INT({fact})<{first}"
        case "after":
            holds = f"INT({fact})>{first}"
        case operator:
            same = f"({operands}={fact})" if is_number else f"EXACT({operands},{fact})"
            listed = f"SUMPRODUCT({same}*1)>0"
            holds = f"NOT({listed})" if operator == "none_of" else listed
    return f'IF({fact}="",0,IF({holds},1,-1))'


def rule_formula(rule: Rule, cells: Mapping[Criterion, str]) -> str:
    """Combine the cells of the criteria as the rule does.

    Examples
    --------
    >>> from model.serving import Group
    >>> size, vip = (Criterion(name, name, "at_least", 1) for name in ("size", "vip"))
    >>> rule = Group("all", (size, Group("none", (vip,))))
    >>> rule_formula(rule, {size: "I5", vip: "I6"})
    'MIN(I5,-MAX(I6))'
    """
    if isinstance(rule, Criterion):
        return cells[rule]
    parts = ",".join(rule_formula(part, cells) for part in rule.rules)
    match rule.kind:
        case "all":
            return f"MIN({parts})"
        case "any":
            return f"MAX({parts})"
        case _:
            return f"-MAX({parts})"


def verdict_code_formula(ready: str, never: str | None) -> str:
    """Give the place of the verdict among ``model.serving.VERDICTS``, from 1."""
    if never is None:
        return f"2+{ready}"
    return f"IF({never}=1,{len(VERDICTS)},2+MIN({ready},-{never}))"


def band_formula(points: str, limits: str, names: str) -> str:
    """Find the best band that the points reach; limits rise."""
    return f"LOOKUP({points},{limits},{names})"


def sum_formula(cells: Sequence[str]) -> str:
    """Add cells; none of them is 0."""
    return "+".join(cells) or "0"
