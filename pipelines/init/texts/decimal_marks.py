"""Which decimal marks ``leadready init`` writes, so that a lead scored alone is read like all.

A column that shows its mark decides for itself. One that leaves it open is read like the other
columns of the file, if they agree; else nothing is written and ``leadready check`` asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from features.values.few_values import column_values
from features.values.number_notation import NumberNotation, number_notation
from pipelines.init.draft import Draft


@dataclass(frozen=True)
class DecimalMarks:
    """The decimal marks to write.

    Attributes
    ----------
    default : str or None
        Of all columns; None if nothing has to be written.
    example : str
        A value that shows the default.
    by_column : dict of str to str
        Of columns that differ.
    """

    default: str | None = None
    example: str = ""
    by_column: dict[str, str] = field(default_factory=dict)


def decimal_marks(draft: Draft) -> DecimalMarks:
    """Choose the decimal marks of the leads' number columns."""
    names = [guess.column for guess in draft.further_columns if guess.type == "number"]
    columns = {name: number_notation(values) for name, values in column_values(draft.raw, names)}
    return choose_decimal_marks(columns)


def choose_decimal_marks(columns: dict[str, NumberNotation]) -> DecimalMarks:
    """Choose one mark if all columns that show theirs agree, else one for each column.

    Examples
    --------
    >>> import pandas as pd
    >>> open_column = number_notation(pd.Series(["1.491", "2.377", "5.113"]))
    >>> shown = number_notation(pd.Series(["97,7", "5,25"]))
    >>> choose_decimal_marks({"Umsatz": open_column, "Punkte": shown}).default
    ','
    >>> choose_decimal_marks({"Umsatz": open_column}).default is None
    True
    """
    unclear = {name: notation for name, notation in columns.items() if notation.matters}
    telling = [notation for notation in columns.values() if notation.known and notation.telling]
    marks = {notation.decimal for notation in telling}
    mixed = any(notation.odd and not notation.known for notation in columns.values())
    if unclear and len(marks) == 1 and not mixed:
        first = telling[0]
        return DecimalMarks(first.decimal, (first.shown or first.unclear)[0])
    known = {name: notation.decimal for name, notation in unclear.items() if notation.known}
    return DecimalMarks(by_column=known)
