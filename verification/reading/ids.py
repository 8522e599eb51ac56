"""Headings and spellings of ids: exports in which one column is the id, with and without copies.

Every export also has what happens to differ for each lead: a time, a name, revenue, a score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from features.errors import LeadReadyError
from features.guess.columns import ColumnGuess, guess_columns
from features.guess.ids import guess_id
from features.links.pairs import best_match, id_column
from features.workspace.vocabulary import ROW_NUMBER
from verification.reading.share import ASKED, RIGHT, WRONG, Reading

LEADS = 60
HEADINGS = (
    *("Id", "ID", "LEADID", "Lead ID", "lead_id", "LeadNumber", "Lead No.", "Lead #", "Key", "#"),
    *("Record ID", "Record ID - Contact", "hs_object_id", "Prospect ID", "(Do Not Modify) Lead"),
    *("Deal - ID", "Opportunity ID", "Application", "uuid", "Reference", "External ID", "CaseNo"),
    *("Kundennummer", "Vorgangsnr.", "Interessenten-Nr.", "Angebotsnummer", "Schlüssel"),
    *("Identifiant", "N° client", "Référence", "Código", "Nº do cliente", "Identificador"),
    *("Codice cliente", "Klantnummer", "Numer klienta", "Номер", "ID клиента", "Müşteri No"),
    *("顧客番号", "リードID", "客户编号", "编号", "Col A"),
)
SPELLINGS: dict[str, Callable[[int], str]] = {
    "numbers": lambda number: str(4000 + number),
    "numbers with gaps": lambda number: str(48_013 + 7 * number**2),
    "codes": lambda number: f"CRM-{number}",
    "padded codes": lambda number: f"L{number:06d}",
    "codes with strokes": lambda number: f"EXP/2024/{17 * number % 997:04d}",
    "GUIDs": lambda number: f"3f2504e0-4f89-11d3-9a0c-0305e82c{number:04d}",
    "Salesforce ids": lambda number: f"00Q5f000009A{number:03d}EAG",
    "19 digits": lambda number: f"580502800005686{4000 + number}",
}
COPIES = ("no copies", "a copied row", "six copied rows", "a lead with two different rows")
PAIRS: dict[str, tuple[Callable[[int], str], Callable[[int], str]]] = {
    "4000 and 4000.0": (SPELLINGS["numbers"], lambda number: f"{4000 + number}.0"),
    "4000 and 4,000": (SPELLINGS["numbers"], lambda number: f"{4000 + number:,}"),
    "4000 and 4 000": (SPELLINGS["numbers"], lambda number: f"{4000 + number:,}".replace(",", " ")),
    "000040 and 40": (lambda number: f"{number + 1:06d}", lambda number: str(number + 1)),
    "40 and 000040": (lambda number: str(number + 1), lambda number: f"{number + 1:06d}"),
    "quotes": (SPELLINGS["numbers"], lambda number: f"'{4000 + number}"),
    "formulas": (SPELLINGS["padded codes"], lambda number: f'="L{number:06d}"'),
    "18 and 15 characters": (
        SPELLINGS["Salesforce ids"],
        lambda number: f"00Q5f000009A{number:03d}",
    ),
    "GUIDs in braces": (
        SPELLINGS["GUIDs"],
        lambda number: f"{{{SPELLINGS['GUIDs'](number).upper()}}}",
    ),
    "GUIDs without dashes": (
        SPELLINGS["GUIDs"],
        lambda number: SPELLINGS["GUIDs"](number).replace("-", ""),
    ),
    "capitals of addresses": (lambda number: f"p{number}@x.org", lambda number: f"P{number}@X.ORG"),
    "names and addresses": (
        lambda number: f"p{number}@x.org",
        lambda number: f"P {number} <p{number}@x.org>",
    ),
    "capitals of codes": (SPELLINGS["codes"], lambda number: f"crm-{number}"),
    "padding of codes": (SPELLINGS["padded codes"], lambda number: f"L-{number}"),
    "a prefix": (
        lambda number: f"zcrm_{4_876_000_000 + number}",
        lambda number: str(4_876_000_000 + number),
    ),
    "names of companies": (
        lambda number: f"Acme {number}, Inc.",
        lambda number: f"ACME {number} Inc",
    ),
    "one in ten 4000.0": (
        SPELLINGS["numbers"],
        lambda number: f"{4000 + number}{'.0' if number % 10 == 0 else ''}",
    ),
}


def id_readings(headings: Sequence[str] = HEADINGS) -> list[Reading]:
    """Look for the id in an export of each heading, spelling and number of copies."""
    return [
        Reading(f"{heading}: {spelling}, {copies}", _id_result(rows, guesses, heading))
        for place, heading in enumerate(headings)
        for spelling, write in SPELLINGS.items()
        for raw in [_export(heading, write, first=place % 2 == 0)]
        for guesses in [guess_columns(raw)]
        for copies, rows in zip(COPIES, _with_copies(raw), strict=True)
    ]


def _id_result(raw: pd.DataFrame, guesses: Sequence[ColumnGuess], heading: str) -> str:
    try:
        found = guess_id(raw, guesses, None).column
    except LeadReadyError:
        return ASKED
    if found == heading:
        return RIGHT
    return ASKED if found == ROW_NUMBER else WRONG  # numbered rows are said, with the option


def link_readings() -> list[Reading]:
    """Match the ids of two files that spell them differently; no id may find another lead."""
    readings = []
    for name, (ours, theirs) in PAIRS.items():
        leads = pd.Series([ours(number) for number in range(LEADS)], dtype=object)
        events = pd.Series([theirs(number // 2) for number in range(2 * LEADS)], dtype=object)
        match = best_match(id_column("a", leads), id_column("b", events), own_ids=True)
        readings.append(Reading(name, RIGHT if match.share == 1 else ASKED))
    return readings


def _export(heading: str, write: Callable[[int], str], *, first: bool) -> pd.DataFrame:
    numbers = range(LEADS)
    start = pd.Timestamp("2024-01-03 09:30")
    ids = {heading: [write(number) for number in numbers]}
    columns = {
        "Created Date": [str(start + pd.Timedelta(hours=31 * number)) for number in numbers],
        "Name": [f"Anna {chr(65 + number % 26)}{chr(97 + number // 26)}." for number in numbers],
        "Lead Source": ["Web", "Referral", "Trade Show"] * (LEADS // 3),
        "Employees": [str(7 * number**2 + 3) for number in numbers],
        "Annual Revenue": [f"{1200.5 + 37 * number:.2f}" for number in numbers],
        "Lead Score": [f"0.{1000 + 7 * number}" for number in numbers],
        "Stage": ["Closed Won", "Closed Lost", "Working"] * (LEADS // 3),
    }
    return pd.DataFrame(ids | columns if first else columns | ids, dtype=object)


def _with_copies(raw: pd.DataFrame) -> list[pd.DataFrame]:
    again = [raw.head(0), raw.head(1), raw.head(6), raw.head(1).assign(Stage="Closed Lost")]
    return [pd.concat([raw, rows], ignore_index=True) for rows in again]
