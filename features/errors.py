"""The one error that this project raises for problems that people can fix.

It says what is wrong, where, and which command or line fixes it. The command line prints two lines
(``error:`` and ``hint:``) and ends with exit code 2; a failed check has exit code 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean_text(name: str, known: Iterable[str]) -> str:
    """Ask whether one of the most similar names was meant; empty if none is similar.

    Examples
    --------
    >>> did_you_mean_text("webinar", ["web", "webinars", "call"])
    "did you mean 'webinars'?"
    >>> did_you_mean_text("meeting", ["call"])
    ''
    """
    folded = {option.casefold(): option for option in known}
    similar = difflib.get_close_matches(name.casefold(), folded, n=2, cutoff=0.65)
    return f"did you mean {' or '.join(repr(folded[key]) for key in similar)}?" if similar else ""


class LeadReadyError(Exception):
    """A problem that a person can fix: bad input, a missing file, a wrong name.

    Parameters
    ----------
    what : str
        What is wrong and what was expected, in one sentence.
    where : str, optional
        The file, line or table with the problem, such as ``leadready.yaml:12``.
    hint : str, optional
        The command or edit that fixes it.

    Examples
    --------
    >>> str(LeadReadyError("no column 'Sourse'", where="leadready.yaml:7"))
    "leadready.yaml:7: no column 'Sourse'"
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
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
        """Report an unknown name, with the most similar known names.

        Parameters
        ----------
        name : str
            The unknown name.
        known : iterable of str
            The names that would be right.
        what : str
            What it names: column, feature, key.
        where, hint : str, optional
            As for the error.

        Examples
        --------
        >>> print(LeadReadyError.unknown("employes", ["employees", "revenue"], what="feature"))
        unknown feature 'employes'; did you mean 'employees'?
        """
        names = [str(option) for option in known]
        help_text = did_you_mean_text(name, names)
        if not help_text:
            help_text = "known: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        return cls(f"unknown {what} {name!r}; {help_text}", where=where, hint=hint)


class UnusableData(LeadReadyError):
    """The data is not what the workspace says of it, such as rows that belong to no lead.

    Examples
    --------
    >>> raise UnusableData("no lead has the ids that the events name")
    Traceback (most recent call last):
    features.errors.UnusableData: no lead has the ids that the events name
    """


class CheckFailed(LeadReadyError):
    """A check of the data said no: nothing is broken, but the answer would be wrong.

    Attributes
    ----------
    guards : tuple of str
        The limits under ``guards:`` that the data is beyond.

    Examples
    --------
    >>> raise CheckFailed("the data is of 2026-06-30", hint="export it again")
    Traceback (most recent call last):
    features.errors.CheckFailed: the data is of 2026-06-30
    """

    guards: tuple[str, ...] = ()
