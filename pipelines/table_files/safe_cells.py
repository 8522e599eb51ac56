"""Cells that a spreadsheet would run or change, and how each kind of CSV protects them.

Free text that begins like a formula gets an apostrophe. Ids are not changed, or they would not join
back to the CRM: plain CSV has them as they are, and CSV for Excel writes them as quoted text.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs such a cell
RUN = r"^([=+\-@\t\r])"
IDS = ("lead_id", "account_id", "person_id")  # columns that are joined to other tables
# Excel keeps such an id. It takes others for numbers, dates, truth values or formulas.
PLAIN_ID = r"^[A-Za-z_][A-Za-z0-9_.-]*$"
MONTHS = "jan|feb|mar|mrz|apr|may|mai|jun|jul|aug|sep|okt|oct|nov|dez|dec"
CHANGED_ID = rf"(?i)^((({MONTHS})[a-z]*[-.]?[0-9]+)|true|false|wahr|falsch)$"
LONGEST = 255  # characters of a text in a formula


def formula_safe(texts: Any) -> Any:
    """Put an apostrophe before each text that a spreadsheet would run as a formula.

    Examples
    --------
    >>> import pyarrow as pa
    >>> formula_safe(pa.array(["=1+1", "lead-1", None])).to_pylist()
    ["'=1+1", 'lead-1', None]
    """
    return pc.replace_substring_regex(texts, RUN, r"'\1")


def excel_id(ids: Any) -> Any:
    """Write ids as text for Excel where it would change them: ``="007"``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> excel_id(pa.array(["L-7", "007", 'a"b', "MAR1"])).to_pylist()
    ['L-7', '="007"', '="a""b"', '="MAR1"']
    """
    kept = pc.match_substring_regex(ids, PLAIN_ID)
    kept = pc.and_not(kept, pc.match_substring_regex(ids, CHANGED_ID))
    doubled = pc.replace_substring(ids, '"', '""')
    quoted = pc.replace_substring_regex(doubled, r"(?s)^(.*)$", r'="\1"')
    fits = pc.less_equal(pc.utf8_length(doubled), LONGEST)
    return pc.if_else(kept, ids, pc.if_else(fits, quoted, formula_safe(ids)))
