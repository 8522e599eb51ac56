"""The one error that this project raises for things that people can mend.

An error says what was wrong, where, and the command or the line that mends it. The command line
prints it as two lines (``error:`` and ``hint:``) and ends with exit code 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LeadReadyError(Exception):
    """Something a person can mend: bad input, a missing file, a wrong name.

    Parameters
    ----------
    what : str
        What was wrong and what was expected, in one sentence.
    where : str, optional
        File, line or table it was found in, such as ``leadready.yaml:12``.
    hint : str, optional
        The command or the edit that mends it.

    Examples
    --------
    >>> str(LeadReadyError("no column 'Sourse'", where="leadready.yaml:7"))
    "leadready.yaml:7: no column 'Sourse'"
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:  # noqa: D107
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:  # noqa: D105
        return f"{self.where}: {self.what}" if self.where else self.what

    @classmethod
    def unknown(
        cls,
        name: str,
        known: Iterable[str],
        *,
        what: str = "column",
        where: str | None = None,
        hint: str | None = None,
    ) -> LeadReadyError:
        """Say that a name is not known, with the nearest names that are.

        Examples
        --------
        >>> print(LeadReadyError.unknown("employes", ["employees", "revenue"], what="feature"))
        unknown feature 'employes'; did you mean 'employees'?
        """
        names = [str(one) for one in known]
        folded = {one.casefold(): one for one in names}
        near = difflib.get_close_matches(name.casefold(), folded, n=2, cutoff=0.65)
        if near:
            says = "; did you mean " + " or ".join(repr(folded[one]) for one in near) + "?"
        else:
            says = "; known: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        return cls(f"unknown {what} {name!r}{says}", where=where, hint=hint)
