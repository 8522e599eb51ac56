"""Finding a version by alias or number; and if there is none, saying what there is instead.

A scoring job that asks for a champion that was never promoted should not have to open MLflow to
learn why: the message repeats what the gate said of the last version, and the next command to type.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from features.errors import LeadReadyError
from model.registry.sqlite_reader import Version

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
TRAIN = "leadready train"


def find(versions: Sequence[Version], which: str | int, *, model: str, where: str) -> Version:
    """Find a version by its alias or its number (``3``, ``"3"`` or ``"v3"``).

    Raises
    ------
    LeadReadyError
        If there is none; it names the nearest and the command that helps.

    Examples
    --------
    >>> there = [Version("1", "", "", 0), Version("2", "", "", 0, aliases=("champion",))]
    >>> find(there, "champion", model="leads", where="here").version
    '2'
    >>> find(there, 9, model="leads", where="here")
    Traceback (most recent call last):
    features.errors.LeadReadyError: here: model 'leads' has no version 9; the nearest is 2
    """
    sought = str(which).strip()
    for one in versions:
        if sought in (*one.aliases, one.version, f"v{one.version}"):
            return one
    if not versions:
        what = f"no model {model!r} is registered here"
        raise LeadReadyError(what, where=where, hint=f"{TRAIN} trains and registers one")
    what, hint = _instead(versions, sought)
    raise LeadReadyError(f"model {model!r} has {what}", where=where, hint=hint)


def _instead(versions: Sequence[Version], sought: str) -> tuple[str, str]:
    """Say what a model has not, and what to do instead."""
    last, number = versions[-1], sought.removeprefix("v")
    if number.isdecimal():
        near = min(versions, key=lambda one: abs(int(one.version) - int(number))).version
        return f"no version {number}; the nearest is {near}", f"--model {near}"
    if sought == PREVIOUS:
        return "no earlier champion", "--model NUMBER takes any version"
    if sought == CHAMPION:
        why = last.tags.get("refused_because", "it was not judged")
        hint = f"mend that and {TRAIN}, or look at it with --model {last.version}"
        return f"no champion; the last version, {last.version}, is not: {why}", hint
    names = [alias for one in versions for alias in one.aliases]
    near_names = difflib.get_close_matches(sought, names, n=2) or names
    said = ", ".join(map(repr, near_names)) or "none yet"
    return f"no alias {sought!r}; there is {said}", f"--model {last.version} is the last version"
