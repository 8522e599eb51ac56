"""The size of the print at which a card fits on one sheet of A4.

The height of the printed page is estimated from the style sheet ``card.css``, which names the same
lengths, and from a wide font, so that a card fits with any of the usual ones.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pipelines.card.card import Card
from pipelines.card.lines import PARTS, CardLine, CardRow

LARGEST, SMALLEST, STEP = 9.0, 5.0, 0.1  # in points
SHEET = 275.0  # height inside the margins, in mm like all lengths here
AROUND = 68.0  # title, facts, headings of both parts, probabilities and note
POINT, LEADING, SPACED = 0.3528, 1.2, 1.5
CHARACTER, BOLD = 0.58, 0.72  # widths of a character, in heights of the font
LABEL, TITLE, WIDTH = 39.0, 55.0, 170.0  # of a label, the title of a line, a text on the sheet
ROW, LINE = 0.8, 1.8  # added to the text: padding of a row, margin below a line
LONGEST = 60  # characters of a label; the other values of a group are counted


def print_size(card: Card, above: float = 0.0) -> float:
    """Choose the largest size, in points, at which a card fits on one sheet.

    Scorecards of format 1 have no limit; those that need several sheets are printed large.

    Parameters
    ----------
    card : Card
    above : float
        The height, in mm, of what stands above the card on its sheet. A card that does not fit
        below it goes on overleaf, as large as on a sheet of its own.
    """
    steps = round((LARGEST - SMALLEST) / STEP)
    sizes = [round(LARGEST - STEP * step, 1) for step in range(steps + 1)]
    room = SHEET - above
    fitting = (size for size in sizes if sheet_height(card, size) <= room)
    return next(fitting, print_size(card) if above else LARGEST)


def sheet_height(card: Card, size: float) -> float:
    """Estimate the height of the printed card, in mm; each part is set in two columns."""
    parts = [[_line_height(line, size) for line in card.part(part)] for part in PARTS]
    return AROUND + sum(map(column_height, parts))


def text_height(words: str, size: float) -> float:
    """Estimate the height of a text across the sheet, in mm; an empty one has none.

    Examples
    --------
    >>> text_height("", 11.0), text_height("passed", 11.0) < text_height("passed " * 40, 11.0)
    (0.0, True)
    """
    lines = _text_lines(words, WIDTH, size * CHARACTER) if words else 0
    return lines * size * POINT * SPACED


def column_height(heights: Sequence[float]) -> float:
    """Give the height of two columns that are filled in order, as even as possible.

    Examples
    --------
    >>> column_height([30, 20, 20, 10])
    50
    """
    splits = range(len(heights) + 1)
    return min(max(sum(heights[:split]), sum(heights[split:])) for split in splits)


def _line_height(line: CardLine, size: float) -> float:
    title = _text_lines(f"{line.words} -10 to +10", TITLE, size * BOLD)
    rows = [_text_lines(printed_label(row), LABEL, size * CHARACTER) for row in line.shown_rows]
    text = (title + sum(rows)) * size * POINT * LEADING
    return text + (1 + len(rows)) * ROW + LINE


def _text_lines(text: str, width: float, character: float) -> int:
    """Count the lines of a text in a column; ``character`` is a character's width in points."""
    characters = int(width / (character * POINT))
    return max(len(textwrap.wrap(text, characters)), 1)


def printed_label(row: CardRow) -> str:
    """Shorten the label of a group of many values, and count those left out.

    Examples
    --------
    >>> sources = tuple(f"Source number {number}" for number in range(20))
    >>> row = CardRow(", ".join(sources), 3, None, None, 90, 9, False, sources)
    >>> printed_label(row)
    'Source number 0, Source number 1, Source number 2 and 17 more'
    """
    if len(row.label) <= LONGEST or len(row.categories) < 2:
        return row.label
    lengths = [len(", ".join(row.categories[:n])) for n in range(1, len(row.categories))]
    shown = max(sum(length <= LONGEST for length in lengths), 1)
    left_out = len(row.categories) - shown
    return f"{', '.join(row.categories[:shown])} and {left_out:,} more"
