"""Number columns that ``leadready.yaml`` maps: how they are written, and what could be misread.

A column is read the same way whether it has a thousand rows or one: with the decimal mark and the
currency that the workspace names, else as the whole column shows. What it leaves open is a problem
that prevents training until somebody answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.tables.problems import Problems
from features.text import join, yaml_inline
from features.values.currencies import currency_of, is_currency, same_currency
from features.values.dated_bands import dated_band, has_bands
from features.values.few_values import counted_values
from features.values.number_notation import (
    COMMA,
    POINT,
    NumberNotation,
    are_plain_numbers,
    number_notation,
)
from features.values.numbers import currency_counts, parse_numbers
from features.vocabulary.headings import heading_concepts
from features.workspace.schema import Column, Workspace

_AMOUNTS = {"amount", "revenue", "income"}
MARK_NAMES = {POINT: "point", COMMA: "comma"}


@dataclass(frozen=True)
class MappedNumbers:
    """How a column of numbers is read.

    Attributes
    ----------
    decimal : str
        ``.`` or ``,``.
    currency : str or None
        Amounts in another currency are missing; None if the column has one at the most.
    dated : bool
        Whether dates are bands that Excel changed.
    """

    decimal: str
    currency: str | None = None
    dated: bool = False

    def read(self, texts: pd.Series) -> pd.Series:
        """Read values of the column."""
        return parse_numbers(texts, self.decimal, self.currency, self.dated)


def mapped_numbers(ws: Workspace, name: str, column: pd.Series) -> MappedNumbers:
    """Decide how a column of the leads is read.

    Parameters
    ----------
    column : Series of str
        All its values, of all leads.
    """
    mapped, counts = _mapped_column(ws, name), counted_values(column)
    values = pd.Series([*counts], dtype=object)
    decimal = mapped.decimal or ws.leads.decimal or number_notation(values).decimal
    return _how_written(mapped, values, decimal, currency_counts(counts))


def _how_written(
    mapped: Column, values: pd.Series, decimal: str, currencies: dict[str, int]
) -> MappedNumbers:
    """Decide how a column is read that has these values."""
    dated = not are_plain_numbers(values) and has_bands(map(str, values))
    return MappedNumbers(decimal, _main_currency(mapped, currencies), dated)


def check_mapped_numbers(ws: Workspace, raw: pd.DataFrame, problems: Problems) -> None:
    """Count what could be misread in the number columns of the leads."""
    mapped = {column.name: column for column in ws.leads.columns}
    for name in _number_columns(ws):
        _check_column(ws, mapped.get(name) or Column(name), raw, problems)


def _check_column(ws: Workspace, mapped: Column, raw: pd.DataFrame, problems: Problems) -> None:
    name, column = mapped.name, raw[mapped.name]
    counts = counted_values(column)
    values, currencies = pd.Series([*counts], dtype=object), currency_counts(counts)
    decimal, notation = mapped.decimal or ws.leads.decimal, number_notation(values)
    numbers = _how_written(mapped, values, decimal or notation.decimal, currencies)
    how = yaml_inline(name) + ': {…, decimal: "%s"}'
    count_unclear_decimals(notation, decimal, "leads", name, how, problems)
    other = _in_other_currency(values, numbers.currency) if numbers.currency else []
    if other:
        _count_currencies(mapped, column, currencies, other, problems)
    _count_currencies_beside(mapped, raw, currencies, problems)
    if numbers.dated:
        _count_dated_bands(name, column, problems)
    read = np.isfinite(numbers.read(values).to_numpy())
    if len(unread := values[~read & ~values.isin(other).to_numpy()] if not read.all() else []):
        problems.add(
            "leads",
            "unreadable numbers",
            sum(counts[value] for value in unread),
            f"{{count}} {{value|values}} of {name} "
            "{is not a number and counts|are not numbers and count} "
            "as missing",
            "correct them, or add what means missing to  null_values:",
            _rows_of(column, unread).head(50),
        )


def _rows_of(column: pd.Series, values: Collection[object]) -> pd.Series:
    """The rows with any of these values."""
    return column[column.isin(values)] if len(values) else column.head(0)


def _count_dated_bands(name: str, column: pd.Series, problems: Problems) -> None:
    bands = {value: dated_band(str(value)) for value in column.dropna().unique()}
    changed = [value for value, band in bands.items() if band]
    value = changed[0] if changed else ""
    problems.add(
        "leads",
        "bands as dates",
        int(column.isin(changed).sum()),
        f"{{count}} {{value|values}} of {name} {{is a band|are bands}} that Excel turned into "
        f"{{a date|dates}}: {value!r} was read as "
        f"{bands.get(value)}",
        f"format {name} as text before you paste or type into it in Excel, and export it again",
        changed,
    )


def count_unclear_decimals(
    notation: NumberNotation,
    decimal: str | None,
    table: str,
    name: str,
    how: str,
    problems: Problems,
) -> None:
    """Count values whose decimal mark is not clear, or is not the one that was written.

    Parameters
    ----------
    decimal : str or None
        As ``leadready.yaml`` says.
    how : str
        What to write, with ``%s`` in place of the mark.
    """
    if decimal is None:
        _count_undecided(notation, table, name, how, problems)
    elif len(notation.shown) > 0 and notation.decimal != decimal:
        problems.add(
            table,
            "another decimal mark",
            len(notation.shown),
            f"{name} should have a decimal {MARK_NAMES[decimal]}, but {{count}} of its values "
            f"{{is|are}} written like {notation.shown[0]!r}",
            f"write  {how % notation.decimal}",
            notation.shown,
            blocks=bool(notation.unclear),
        )


def _count_undecided(
    notation: NumberNotation, table: str, name: str, how: str, problems: Problems
) -> None:
    """Count values that could be read otherwise, where ``leadready.yaml`` names no mark."""
    if notation.matters and not notation.known and not notation.odd:
        value = notation.unclear[0]
        as_point, as_comma = (parse_numbers(pd.Series([value]), mark)[0] for mark in ".,")
        problems.add(
            table,
            "decimal mark unknown",
            len(notation.unclear),
            f"{name}: {value!r} may be {as_point:,.15g} or {as_comma:,.15g}, and no value of the "
            f"column shows which",
            f"write  {how % POINT}  for {as_point:,.15g}, or  {how % COMMA}  for {as_comma:,.15g}",
            notation.unclear,
            blocks=True,
        )
    elif notation.odd and not notation.known:
        problems.add(
            table,
            "decimal marks mixed",
            len(notation.odd),
            f"{{count}} {{value|values}} of {name} {{is|are}} written like "
            f"{notation.odd[0]!r}, others like "
            f"{(notation.shown or notation.unclear)[0]!r}",
            f"export it again in one notation, or write  {how % notation.decimal}",
            notation.odd,
            blocks=True,
        )
    elif notation.matters:
        problems.add(
            table,
            "decimal mark not written",
            len(notation.unclear),
            f"{name} has a decimal {MARK_NAMES[notation.decimal]}, which values such as "
            f"{notation.unclear[0]!r} do not show when a lead is scored alone",
            f"write  {how % notation.decimal}",
            notation.unclear,
            blocks=True,
        )


def _number_columns(ws: Workspace) -> Iterator[str]:
    """The columns of the leads that are read as numbers."""
    names = {
        column.name: column.type == "number" and bool(column.feature) and not column.leak
        for column in ws.leads.columns
    }
    for name in (ws.evaluation.order_by, ws.outcome.amount):
        if name:
            names[name] = name != ws.evaluation.order_by  # which may be a date
    return (name for name, read in names.items() if read)


def _mapped_column(ws: Workspace, name: str) -> Column:
    return next((column for column in ws.leads.columns if column.name == name), Column(name))


def _main_currency(column: Column, counts: dict[str, int]) -> str | None:
    if is_currency(column.unit):
        return column.unit
    return next(iter(counts)) if len(counts) > 1 else None


def _in_other_currency(values: Collection[object], main: str) -> list[object]:
    """The values that are in another currency than the column."""
    return [
        value
        for value in values
        if (currency := currency_of(str(value))) and not same_currency(currency, main)
    ]


def _count_currencies(
    mapped: Column,
    column: pd.Series,
    rows_in: dict[str, int],
    other: list[object],
    problems: Problems,
) -> None:
    main = _main_currency(mapped, rows_in)
    others = [rows for name, rows in rows_in.items() if main and not same_currency(name, main)]
    shown = join((f"{rows:,} in {name}" for name, rows in rows_in.items()), most=6)
    problems.add(
        "leads",
        "several currencies",
        sum(others),
        f"{mapped.name} has amounts in more than one currency ({shown}); only those in {main} "
        "were read, the others count as missing",
        f"convert them to one currency in the export, or write  {yaml_inline(mapped.name)}: "
        f"{{…, unit: {main}}}  to leave the others out",
        _rows_of(column, other).head(50),
        blocks=not is_currency(mapped.unit),
    )


def _count_currencies_beside(
    mapped: Column, raw: pd.DataFrame, currencies: Mapping[str, int], problems: Problems
) -> None:
    """Whether another column says that plain amounts are in several currencies."""
    column = raw[mapped.name]
    if is_currency(mapped.unit) or not heading_concepts(mapped.name) & _AMOUNTS:
        return
    beside = _currency_column(raw)
    if beside is None or currencies:
        return
    counts = raw[beside][column.notna()].value_counts()
    shown = join((f"{rows:,} in {name}" for name, rows in counts.items()), most=6)
    problems.add(
        "leads",
        "several currencies",
        int(counts.sum() - counts.max()) if len(counts) > 1 else 0,
        f"{mapped.name} has amounts in more than one currency, as {beside} says ({shown}), and "
        "they were read as if they were one",
        "convert them to one currency in the export; if they already are in one, write  "
        f"{yaml_inline(mapped.name)}: {{…, unit: {counts.index[0] if len(counts) else ''}}}",
        blocks=True,
    )


def _currency_column(raw: pd.DataFrame) -> str | None:
    """Find the column that gives each lead's currency, if there are several currencies."""
    for name in map(str, raw.columns):
        if "currency" in heading_concepts(name):
            codes = [str(value) for value in raw[name].dropna().unique()]
            if len(codes) > 1 and all(map(is_currency, codes)):
                return name
    return None
