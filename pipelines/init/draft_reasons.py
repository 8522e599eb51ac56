"""What ``leadready init`` finds out about reasons: which column holds them, and what each means.

A column of reasons is known by its values (they read like what sales says when it closes a lead)
and by when it is filled (less often for leads that were won). Its name only breaks a tie.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from features.labels.rejection_reasons import NO_OUTCOME, TAXONOMY, guess_disposition

MOST = 80  # different reasons that a company has
UNDERSTOOD = 0.5  # of the filled leads have a reason whose wording says something
DIFFERENT = 3  # names of the taxonomy that the values come to, at the least
OF_WON = 0.75  # times as many of the won leads have one as of the others, at the most
_NAME = re.compile(r"reason|disposition|why|lost|disqualif|reject", re.I)


def pick_reason(raw: pd.DataFrame, won: pd.Series, skip: Collection[str]) -> str | None:
    """Pick the leads' column with the reason for which sales closed them; None if there is none.

    Parameters
    ----------
    raw : DataFrame
        The company's own columns, as text.
    won : Series of bool
    skip : collection of str
        Columns that are something else.

    Examples
    --------
    >>> raw = pd.DataFrame({"Note": ["Too small", "No budget", "Bounced", None],
    ...                     "City": ["Rome", "Bonn", "Bonn", "Rome"]})
    >>> pick_reason(raw, pd.Series([False, False, False, True]), set())
    'Note'
    """
    found = []
    for place, name in enumerate(map(str, raw.columns)):
        counts = raw[name].dropna().value_counts()
        if name in skip or not DIFFERENT <= len(counts) <= MOST:
            continue
        meanings = [guess_disposition(str(one)) for one in counts.index]
        understood = sum(n for n, one in zip(counts, meanings, strict=True) if one) / counts.sum()
        filled = raw[name].notna().groupby(won).mean()
        of_won = filled.get(True, 0.0) / max(filled.get(False, 0.0), 1e-9)
        if (
            understood >= UNDERSTOOD
            and of_won <= OF_WON
            and len(set(meanings) - {None}) >= DIFFERENT
        ):
            found.append((bool(_NAME.search(name)), understood, -place, name))
    return max(found)[-1] if found else None


def reasons_text(reasons: Iterable[str], listed: Mapping[str, str]) -> list[str]:
    """Write the mapping as lines of YAML, with comments.

    Parameters
    ----------
    reasons : iterable of str
        As the company writes them.
    listed : mapping
        Of each reason to how it is written in YAML.

    Examples
    --------
    >>> print("\\n".join(reasons_text(["Bounced", "X-17"], {"Bounced": "Bounced", "X-17": "X-17"})))
      reasons:   # what they mean, by their wording: correct it (docs/data.md explains each name)
        bad data: [Bounced]
        # not understood, so put each under a name, such as other: X-17
    """
    names: dict[str | None, list[str]] = {}
    for one in dict.fromkeys(map(str, reasons)):
        names.setdefault(guess_disposition(one), []).append(listed[one])
    if not names:
        return []
    lines = [
        "  reasons:   # what they mean, by their wording: correct it (docs/data.md explains each "
        "name)"
    ]
    for name in TAXONOMY:
        if name in names:
            note = "   # such leads have no outcome" if name in NO_OUTCOME else ""
            lines.append(f"    {name}: [{', '.join(names[name])}]{note}")
    if len(lines) == 1:
        lines = []
    if None in names:
        others = ", ".join(names[None])
        lines.append(f"    # not understood, so put each under a name, such as other: {others}")
    return lines


def values_of(column: pd.Series | None) -> tuple[str, ...]:
    """Different values, the most frequent first; nothing where there are too many for reasons."""
    if column is None:
        return ()
    values = [str(one) for one in column.dropna().value_counts().index]
    return tuple(values) if len(values) <= MOST else ()
