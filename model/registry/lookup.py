"""Finding a version by alias or number; if there is none, the message says what there is instead.

Where no version was promoted, the message gives the gate's reasons for the last version and the
command to run next, which saves a look into MLflow.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from features.errors import LeadReadyError
from model.registry.sqlite_reader import Version

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
TRAIN = "leadready train"


def find_version(
    versions: Sequence[Version], which: str | int, *, model: str, where: str
) -> Version:
    """Find a version by its alias or its number (``3``, ``"3"`` or ``"v3"``).

    Raises
    ------
    LeadReadyError
        If there is none, with the nearest one and the command that helps.

    Examples
    --------
    >>> versions = [Version("1", "", "", 0), Version("2", "", "", 0, aliases=("champion",))]
    >>> find_version(versions, "champion", model="leads", where="here").version
    '2'
    >>> find_version(versions, 9, model="leads", where="here")
    Traceback (most recent call last):
    features.errors.LeadReadyError: here: model 'leads' has no version 9; the nearest is 2
    """
    sought = str(which).strip()
    for version in versions:
        if sought in (*version.aliases, version.version, f"v{version.version}"):
            return version
    if not versions:
        what = f"no model {model!r} is registered here"
        raise LeadReadyError(what, where=where, hint=f"{TRAIN} trains and registers one")
    what, hint = _instead_text(versions, sought)
    raise LeadReadyError(f"model {model!r} has {what}", where=where, hint=hint)


def _instead_text(versions: Sequence[Version], sought: str) -> tuple[str, str]:
    """Say what the model lacks, and what to do instead."""
    last, number = versions[-1], sought.removeprefix("v")
    if number.isdecimal():
        near = min(versions, key=lambda version: abs(int(version.version) - int(number))).version
        return f"no version {number}; the nearest is {near}", f"--model {near}"
    if sought == PREVIOUS:
        return "no earlier champion", "--model NUMBER chooses any version"
    if sought == CHAMPION:
        why = last.tags.get("refused_because", "the gate has not run")
        hint = f"fix this and run {TRAIN}, or look at the version with --model {last.version}"
        return f"no champion; the last version, {last.version}, was not promoted: {why}", hint
    names = [alias for version in versions for alias in version.aliases]
    nearest = difflib.get_close_matches(sought, names, n=2) or names
    found = ", ".join(map(repr, nearest)) or "none"
    return f"no alias {sought!r}; it has {found}", f"--model {last.version} is the last version"
