"""The reference sheets of the exported workbook: the card, the rules, and lists to pick from.

Everything that comes from data stands in cells here, as text or number and never as a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from model.serving import BOUNDS, Axis, Criterion, Definition, Scorecard, Unpredictable, data_text
from pipelines.export.sheet_formulas import Rows
from pipelines.table_files.safe_cells import FORMULA_STARTS

LEAST = -1e307  # less than any fact
BOLD, TITLE = Font(bold=True), Font(bold=True, size=14)
OTHER = "any other value"
HIDDEN_NUMBER = ";;;"


class Kind(NamedTuple):
    """A kind of lead without a prediction: its reason, its limit and the rows of its features."""

    reason: str
    below: str
    intercept: str
    rows: list[tuple[str, Rows]]  # a feature and its log-odds


class Settings(NamedTuple):
    """The cells of the card's numbers, and of the limits and names of its bands."""

    start: str
    level: str
    ready_at: str
    grades: tuple[str, str]
    levels: tuple[str, str]


class Reference(NamedTuple):
    """Where everything is that the sheet of a lead refers to."""

    settings: Settings
    lines: dict[str, Rows]
    kinds: list[Kind]
    operands: dict[Criterion, str]
    choices: dict[str, str]
    decisions: str


def put(cell: Cell | MergedCell, value: Any, font: Font | None = None) -> None:
    """Write a value; a text stays a text, whatever it begins with.

    Examples
    --------
    >>> from openpyxl import Workbook
    >>> cell = Workbook().active["A1"]
    >>> put(cell, "=1+1")
    >>> cell.data_type, cell.quotePrefix
    ('s', True)
    """
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA_STARTS)
    else:
        cell.value = value
    if font is not None:
        cell.font = font


class Pad:
    """Writes blocks on a sheet, one below the other, and says where they are."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet, self.row = sheet, 1
        sheet.column_dimensions["A"].width = 40

    def heading(self, *texts: str) -> None:
        """Write a line of headings."""
        for place, text in enumerate(texts, start=1):
            put(self.sheet.cell(self.row, place), text, BOLD)
        self.row += 1

    def cell(self, words: str, value: Any) -> str:
        """Write a line with a value; return the value's cell."""
        put(self.sheet.cell(self.row, 1), words)
        put(self.sheet.cell(self.row, 2), value)
        self.row += 1
        return self._cells(2, self.row - 1, 1)

    def columns(self, *columns: Sequence[Any]) -> list[str]:
        """Write columns side by side, and a blank line; return the cells of each."""
        places = list(enumerate(columns, start=1))
        for place, values in places:
            for row, value in enumerate(values, start=self.row):
                put(self.sheet.cell(row, place), value)
        found = [self._cells(place, self.row, len(values)) for place, values in places]
        self.row += max(map(len, columns)) + 1
        return found

    def across(self, words: str, values: Sequence[Any]) -> str:
        """Write a line of values; return their cells."""
        put(self.sheet.cell(self.row, 1), words)
        for place, value in enumerate(values, start=2):
            put(self.sheet.cell(self.row, place), value)
        first, last = (
            self.sheet.cell(self.row, place).coordinate for place in (2, len(values) + 1)
        )
        self.row += 1
        return f"{self.sheet.title}!{first}:{last}"

    def _cells(self, column: int, row: int, many: int) -> str:
        first = self.sheet.cell(row, column).coordinate
        last = self.sheet.cell(row + max(many, 1) - 1, column).coordinate
        return f"{self.sheet.title}!{first}" + (f":{last}" if many > 1 else "")


def write_reference(
    sheets: Mapping[str, Worksheet],
    card: Scorecard,
    definition: Definition,
    texts: Sequence[str],
) -> Reference:
    """Write the sheets Card, Rules and Choices; ``texts`` are the features that are not numbers."""
    pad = Pad(sheets["Card"])
    settings = _write_settings(pad, card)
    lines = {
        axis.name: _write_rows(pad, axis, term.points.tolist())
        for axis, term in zip(card.axes.values(), card.terms, strict=True)
    }
    pad.heading("Why there is no prediction")
    reasons = {
        reason: pad.cell(f"reason {place}", reason)
        for place, reason in enumerate(dict.fromkeys(k.reason for k in card.unpredictable), 1)
    }
    kinds = [_write_kind(pad, kind, reasons[kind.reason]) for kind in card.unpredictable]
    rules = Pad(sheets["Rules"])
    operands = {
        criterion: _write_operands(rules, criterion, criterion.feature not in texts)
        for criterion in definition.criteria
    }
    rules.heading("Decision", "model: not ready", "model: ready")
    decisions = definition.decisions
    pairs = [decisions[0:8:2], decisions[1:8:2]]
    both = rules.columns(["not ready", "unknown", "ready", "never"], *pairs)[1:]
    table = f"{both[0].partition(':')[0]}:{both[1].rpartition(':')[2]}"
    choices = _write_choices(Pad(sheets["Choices"]), card, definition, texts)
    return Reference(settings, lines, kinds, operands, choices, table)


def _write_settings(pad: Pad, card: Scorecard) -> Settings:
    pad.heading("Card")
    start = pad.cell("Points that every lead starts with", card.start)
    level = pad.cell("Log-odds of a lead with 50 points", card.level)
    ready_at = pad.cell("The model calls a lead ready from", card.ready_at)
    pad.row += 1
    return Settings(
        start,
        level,
        ready_at,
        _write_bands(pad, "Grade of fit", card.grades, "D"),
        _write_bands(pad, "Level of engagement", card.levels, "4"),
    )


def _write_bands(
    pad: Pad, heading: str, at_least: Mapping[str, float], otherwise: str
) -> tuple[str, str]:
    pad.heading(heading, "from")
    rising = sorted(at_least.items(), key=lambda band: band[1])
    names = [otherwise, *(name for name, _ in rising)]
    limits = [LEAST, *(limit for _, limit in rising)]
    pad.sheet.cell(pad.row, 2).number_format = HIDDEN_NUMBER
    found, of_limits = pad.columns(names, limits)
    return of_limits, found


def _write_rows(pad: Pad, axis: Axis, numbers: Sequence[float]) -> Rows:
    pad.heading(axis.words, "points", "from" if axis.cuts is not None else "value", "row")
    labels = list(axis.labels)
    if axis.cuts is not None:
        pad.sheet.cell(pad.row + 1, 3).number_format = HIDDEN_NUMBER
        starts = [None, LEAST, *axis.cuts.tolist()]
        cells = pad.columns(labels, numbers, starts)
        first = pad.sheet[cells[2].rpartition("!")[2].partition(":")[0]]
        below = pad.sheet.cell(first.row + 1, first.column).coordinate
        from_second = f"{pad.sheet.title}!{below}:{cells[2].rpartition(':')[2]}"
        return Rows(cells[0], cells[1], from_second, None, None)
    if not axis.places:
        cells = pad.columns(labels, numbers)
        return Rows(cells[0], cells[1], None, None, None)
    places = [place + 1 for place in axis.places.values()]
    cells = pad.columns(labels, numbers, list(axis.places), places)
    return Rows(cells[0], cells[1], None, cells[2], cells[3])


def _write_kind(pad: Pad, kind: Unpredictable, reason: str) -> Kind:
    pad.heading("Leads without a prediction")
    below = pad.cell("log-odds below", kind.below)
    intercept = pad.cell("intercept", kind.intercept)
    rows = [
        (axis.name, _write_rows(pad, axis, values.tolist()))
        for axis, values in zip(kind.axes, kind.log_odds, strict=True)
    ]
    return Kind(reason, below, intercept, rows)


def _write_operands(pad: Pad, criterion: Criterion, is_number: bool) -> str:
    values = [_operand_cell(criterion, value, is_number) for value in criterion.operands]
    return pad.across(criterion.id, values)


def _operand_cell(criterion: Criterion, value: Any, is_number: bool) -> Any:
    if criterion.operator in ("before", "after"):
        return date.fromisoformat(str(value)[:10])
    if criterion.operator in BOUNDS or is_number:
        return value
    return data_text(value)


def _write_choices(
    pad: Pad, card: Scorecard, definition: Definition, texts: Sequence[str]
) -> dict[str, str]:
    """List the values of each text feature that card or rules name, and one for all others."""
    found = {}
    for name in texts:
        axes = [card.axes[name]] if name in card.axes else []
        axes += [axis for kind in card.unpredictable for axis in kind.axes if axis.name == name]
        values = [value for axis in axes for value in axis.places]
        values += [
            data_text(value)
            for criterion in definition.criteria
            if criterion.feature == name and criterion.operator in ("one_of", "none_of", "equals")
            for value in criterion.operands
        ]
        pad.heading(name)
        found[name] = pad.columns([*dict.fromkeys([*values, OTHER])])[0]
    return found
