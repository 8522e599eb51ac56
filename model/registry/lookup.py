"""Finding a version by alias or label; if there is none, the message says what there is instead.

The label of a trained version is its number in MLflow. A version that only moves the level of
version 3 is called 3.1, 3.2 and so on; it is found by its number in MLflow as well.

Where no version was promoted, the message gives the gate's reasons for the last version and the
command to run next, which saves a look into MLflow.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from features.errors import LeadReadyError
from model.registry.sqlite_reader import Version

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
TRAIN = "leadready train"


def find_version(
    versions: Sequence[Version], which: str | int, *, model: str, where: str
) -> Version:
    """Find a version by its alias or its label (``3``, ``"3"``, ``"v3"`` or ``"3.1"``).

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
        if sought in (*version.aliases, version.label, f"v{version.label}"):
            return version
    for version in versions:
        if sought in (version.version, f"v{version.version}"):
            return version
    if not versions:
        what = f"no model {model!r} is registered here"
        raise LeadReadyError(what, where=where, hint=f"{TRAIN} trains and registers one")
    what, hint = _instead_text(versions, sought)
    raise LeadReadyError(f"model {model!r} has {what}", where=where, hint=hint)


def _instead_text(versions: Sequence[Version], sought: str) -> tuple[str, str]:
    """Say what the model lacks, and what to do instead."""
    last, number = versions[-1], sought.removeprefix("v")
    if re.fullmatch(r"\d+(\.\d+)?", number):
        near = min((version.label for version in versions), key=lambda label: _gap(label, number))
        return f"no version {number}; the nearest is {near}", f"--model {near}"
    if sought == PREVIOUS:
        return "no earlier champion", "--model NUMBER chooses any version"
    if sought == CHAMPION:
        why = last.tags.get("refused_checks", "the gate has not run")
        name = CHALLENGER if CHALLENGER in last.aliases else last.label
        hint = f"leadready models says why; correct it and run {TRAIN}, or use the version all "
        hint += f"the same with --model {name}"
        return f"no champion; the last version, {last.label}, was not promoted: {why}", hint
    names = [alias for version in versions for alias in version.aliases]
    nearest = difflib.get_close_matches(sought, names, n=2) or names
    found = ", ".join(map(repr, nearest)) or "none"
    return f"no alias {sought!r}; it has {found}", f"--model {last.label} is the last version"


def _gap(label: str, other: str) -> tuple[int, ...]:
    """Measure how far two labels are apart, part by part."""
    parts = ([int(part) for part in f"{text}.0".split(".")[:2]] for text in (label, other))
    return tuple(abs(a - b) for a, b in zip(*parts, strict=True))
