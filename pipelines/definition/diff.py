"""``leadready definition diff OLD NEW``: what differs in words, and what it would mean for leads.

The consequences are those for the past leads of the workspace: how many would have been ready
before and after, which ones change sides, and what share of each was won, where that is known. They
are counted as ``leadready definition simulate`` counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.progress import Progress
from model.definition.diff import definition_changes
from model.definition.read import read_definition
from model.serving import READY, Definition
from model.simulation.history import History, verdicts, win_rate
from pipelines.definition.data import counted, table
from pipelines.definition.simulate import judged, rate
from pipelines.snapshot import read_snapshot


def diff(old: Path, new: Path, *, folder: Path | None = None, progress: Progress) -> dict[str, Any]:
    """Compare two definition files.

    Parameters
    ----------
    old, new : path
        The files.
    folder : path, optional
        A workspace, for words and consequences.

    Returns
    -------
    dict
        ``changes`` in words; with a workspace ``consequences`` as well.
    """
    if folder is None:
        changes = definition_changes(read_definition(old), read_definition(new))
        return {"old": str(old), "new": str(new), "changes": changes}
    snapshot = read_snapshot(folder, progress)
    snapshot.check_definitions(old, new)
    before, after = (snapshot.definition(path).content for path in (old, new))
    history = judged(snapshot)
    return {
        "old": str(old),
        "new": str(new),
        "changes": definition_changes(
            Definition.from_dict(before), Definition.from_dict(after), history.words
        ),
        "consequences": consequences(before, after, history),
    }


def consequences(
    before: Mapping[str, Any], after: Mapping[str, Any], history: History
) -> dict[str, Any]:
    """Count the leads that would be ready by each of two definitions, and what became of them."""
    codes = [verdicts(one, history.X) for one in (before, after)]
    was, now = (one == READY for one in codes)
    sides = {
        "ready before": was,
        "ready after": now,
        "ready both times": was & now,
        "no longer ready": was & ~now,
        "newly ready": ~was & now,
    }
    return {
        "leads": int(history.rows["lead_id"].nunique()),
        "judged": len(history.won),
        "changed": int((codes[0] != codes[1]).sum()),
        "groups": {name: win_rate(history, which) for name, which in sides.items()},
    }


def render(answer: Mapping[str, Any]) -> str:
    """Say the differences, and the consequences where they are known."""
    if not answer["changes"]:
        return "Nothing differs but signatures, comments or layout."
    parts = ["\n".join(answer["changes"])]
    if "consequences" in answer:
        parts.append(_consequences(answer["consequences"]))
    return "\n\n".join(parts)


def _consequences(told: Mapping[str, Any]) -> str:
    again = told["judged"] > told["leads"]
    rows = [
        {
            "group": name,
            "leads": f"{one['leads']:,}",
            "known": f"{one['known']:,}",
            "rate": rate(one),
        }
        for name, one in told["groups"].items()
    ]
    columns = {
        "group": "",
        "leads": "> judgements" if again else "> leads",
        "known": "> outcome known",
        "rate": "> won of these",
    }
    what = "judgement" if again else "lead"
    head = f"Of {counted(told['judged'], what)}, {told['changed']:,} get another verdict:"
    if again:
        head = f"{counted(told['leads'], 'lead')} were judged again while they were open.\n{head}"
    return "\n".join([head, *(f"  {line}" for line in table(rows, columns))])
