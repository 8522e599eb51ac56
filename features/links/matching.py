"""Ids that two files spell differently, brought into one form in which they can be compared.

``Ann@Acme.com`` and ``ann@acme.com``, the 15 and the 18 characters of a Salesforce id, ``4000.0``,
``4,000`` and ``004000``, a GUID with and without braces: each pair is the same id. Which of these
rules applies is said once for two columns (``match:`` in ``leadready.yaml``), never for each value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from features.workspace.vocabulary import MATCHES

EXACT, EMAIL, GUID, SALESFORCE_ID, NUMBER, LETTERS, PREFIXED = MATCHES
MATCH_TEXT = {  # what each rule ignores, for people
    EXACT: "as written",
    EMAIL: "e-mail addresses, whatever their capitals",
    GUID: "GUIDs, with or without braces, whatever their capitals",
    SALESFORCE_ID: "Salesforce ids of 15 or 18 characters",
    NUMBER: "numbers, with or without leading zeros, thousands separators and .0",
    LETTERS: "only letters and digits count, whatever their capitals",
    PREFIXED: "numbers, with or without letters before them and leading zeros",
}
PATTERNS = {  # what ids of each kind look like, once quotes and blanks around them are removed
    EMAIL: r".*[^@\s<]+@[^@\s.]+\.[^@\s]+",
    GUID: r"(?:urn:uuid:)?[{(]?[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}[)}]?",
    SALESFORCE_ID: r"(?=\D*\d)(?=[0-9]*[a-zA-Z])[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?",
    PREFIXED: r"(\D*)0*(\d+)",
    NUMBER: r"\d+(?:[.,]0+)?|\d{1,3}(?:[., '’\u00a0\u202f]\d{3})+(?:[.,]0+)?",
}
_AROUND = "\"'`´‘’“”\ufeff\u200b \t\r\n\u00a0"
_FORMULA = r'^="(.*)"$'  # how some exports keep a spreadsheet from reading an id as a number
_SALESFORCE_LENGTH, _CASES = 15, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def comparable_ids(values: Sequence[str] | np.ndarray, match: str) -> np.ndarray:
    """Bring ids into the form in which equal ids are written alike.

    Parameters
    ----------
    values : sequence of str
        Ids, none of them missing.
    match : str
        One of ``MATCH_TEXT``. Ids of another kind stay as they are.

    Examples
    --------
    >>> comparable_ids(["4,000", "4000.0", "004000", "x"], "number").tolist()
    ['4000', '4000', '4000', 'x']
    >>> comparable_ids(["Ann <Ann@Acme.com>", "mailto:ann@acme.com"], "email").tolist()
    ['ann@acme.com', 'ann@acme.com']
    >>> comparable_ids(["00Q5f000009A000EAC", "00Q5f000009A000"], "salesforce_id").tolist()
    ['00Q5f000009A000', '00Q5f000009A000']
    >>> comparable_ids(["K/00012", "k-12", "12"], "prefixed_number").tolist()
    ['12', '12', '12']
    """
    if match == EXACT:
        return np.array(values, dtype=object)
    return np.array(_RULES[match](plain_ids(values)), dtype=object)


def comparable_column(column: pd.Series, match: str) -> pd.Series:
    """Bring the ids of a column into the form in which they are compared; missing ones stay so.

    Examples
    --------
    >>> comparable_column(pd.Series(["07", None, "7.0"]), "number").tolist()
    ['7', None, '7']
    """
    texts = column.astype(object)
    if match == EXACT:
        return texts.where(column.notna(), None)
    codes, values = pd.factorize(texts)
    forms = comparable_ids(np.asarray(values, dtype=object), match)
    forms = np.append(forms, [None])  # code -1: missing
    return pd.Series(forms[codes], column.index, dtype=object, name=column.name)


def plain_ids(values: Sequence[str] | np.ndarray) -> pd.Series:
    """Remove quotes and blanks around ids, and write wide characters as usual ones.

    Examples
    --------
    >>> plain_ids(["'0012", '="7"', "１２"]).tolist()
    ['0012', '7', '12']
    """
    texts = pd.Series(values, dtype="str").str.normalize("NFKC")
    formulas = texts.str.startswith("=")
    if formulas.any():
        texts = texts.mask(formulas, texts.str.replace(_FORMULA, r"\1", regex=True))
    return texts.str.strip(_AROUND)


def _email_address(texts: pd.Series) -> pd.Series:
    texts = texts.str.replace(r"^.*<([^<>]+)>.*$", r"\1", regex=True)
    return texts.str.lower().str.removeprefix("mailto:").str.strip()


def _bare_guid(texts: pd.Series) -> pd.Series:
    return texts.str.lower().str.removeprefix("urn:uuid:").str.replace(r"[{}()-]", "", regex=True)


def _bare_number(texts: pd.Series) -> pd.Series:
    numbers = texts.str.fullmatch(PATTERNS[NUMBER])
    if not numbers.any():
        return texts
    whole = texts.str.replace(
        r"^(\d{1,3}(?:([., '’\u00a0\u202f])\d{3}(?:\2\d{3})*))(?:[.,]0+)?$|^(\d+)[.,]0+$",
        lambda found: found[1] or found[3],
        regex=True,
    )
    digits = whole.str.replace(r"\D", "", regex=True)
    return texts.mask(numbers, digits.str.replace(r"^0+(?=\d)", "", regex=True))


def _bare_letters(texts: pd.Series) -> pd.Series:
    letters = texts.str.casefold().str.replace(r"[\W_]+", "", regex=True)
    return letters.where(letters != "", texts)


def _after_prefix(texts: pd.Series) -> pd.Series:
    return texts.str.replace(f"^{PATTERNS[PREFIXED]}$", r"\2", regex=True)


def _first_fifteen(texts: pd.Series) -> pd.Series:
    """The 15 characters that identify a Salesforce record, whose case matters."""
    long = texts.str.len() == _SALESFORCE_LENGTH + 3
    first = texts.where(~long, texts.str[:_SALESFORCE_LENGTH])
    same_case = long & ((first == first.str.lower()) | (first == first.str.upper()))
    if same_case.any():
        first = first.mask(same_case, texts[same_case].map(_restore_case))
    return first


def _restore_case(text: str) -> str:
    """Give an id its capitals back, which its last three characters tell.

    Examples
    --------
    >>> _restore_case("00q5f000009a000eac")
    '00Q5f000009A000'
    """
    first, last = text[:_SALESFORCE_LENGTH], text[_SALESFORCE_LENGTH:].upper()
    if not set(last) <= set(_CASES):
        return first
    capitals = [_CASES.index(last[place // 5]) >> place % 5 & 1 for place in range(len(first))]
    if any(capital and not char.isalpha() for char, capital in zip(first, capitals, strict=True)):
        return first  # the last characters do not belong to these
    pairs = zip(first, capitals, strict=True)
    return "".join(char.upper() if capital else char.lower() for char, capital in pairs)


_RULES: dict[str, Callable[[pd.Series], pd.Series]] = {
    EMAIL: _email_address,
    GUID: _bare_guid,
    SALESFORCE_ID: _first_fifteen,
    NUMBER: _bare_number,
    LETTERS: _bare_letters,
    PREFIXED: _after_prefix,
}
