"""``leadready definition diff OLD NEW``: what differs in words, and what it would mean for leads.

The consequences are those for the past leads of the workspace: how many would have been ready
before and after, which ones change sides, and what share of each was won, where that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.outcomes import UNKNOWN, WON, outcomes
from model.definition import read_definition
from model.definition_diff import changes
from model.evaluation import win_rate_interval
from model.serving import Definition
from pipelines.definition_data import Leads, Progress, counted, read_leads, table

READY = "ready"


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
        before, after = read_definition(old), read_definition(new)
        return {"old": str(old), "new": str(new), "changes": changes(before, after)}
    leads = read_leads(folder, progress, old, new)
    before, after = leads.definition(old), leads.definition(new)
    return {
        "old": str(old),
        "new": str(new),
        "changes": changes(before, after, leads.words),
        "consequences": consequences(before, after, leads),
    }


def consequences(
    before: Mapping[str, Any], after: Mapping[str, Any], leads: Leads
) -> dict[str, Any]:
    """Count the leads that would be ready by each of two definitions, and what became of them."""
    became = outcomes(leads.workspace, leads.tables, leads.judged)["outcome"].to_numpy("object")
    verdicts = [Definition.from_dict(one).evaluate(leads.X).verdict for one in (before, after)]
    was, now = (np.asarray(one, dtype="object") for one in verdicts)
    sides = {
        "ready before": was == READY,
        "ready after": now == READY,
        "ready both times": (was == READY) & (now == READY),
        "no longer ready": (was == READY) & (now != READY),
        "newly ready": (was != READY) & (now == READY),
    }
    groups = {name: _rate(became[mask]) for name, mask in sides.items()}
    return {"leads": len(leads.X), "changed": int((was != now).sum()), "groups": groups}


def _rate(became: Any) -> dict[str, Any]:
    known = became[became != UNKNOWN]
    won, low, high = int((known == WON).sum()), None, None
    if len(known):
        low, high = win_rate_interval(float(won), len(known))
    rate = float(np.mean(known == WON)) if len(known) else None
    return {"leads": len(became), "known": len(known), "won": won, "rate": rate,
            "low": low, "high": high}  # fmt: skip


def render(answer: Mapping[str, Any]) -> str:
    """Say the differences, and the consequences where they are known."""
    if not answer["changes"]:
        return "Nothing differs but signatures, comments or layout."
    parts = ["\n".join(answer["changes"])]
    if "consequences" in answer:
        parts.append(_consequences(answer["consequences"]))
    return "\n\n".join(parts)


def _consequences(told: Mapping[str, Any]) -> str:
    rows = [
        {"group": name, "leads": f"{one['leads']:,}", "known": f"{one['known']:,}",
         "rate": _percent(one)}
        for name, one in told["groups"].items()
    ]  # fmt: skip
    columns = {
        "group": "",
        "leads": "> leads",
        "known": "> outcome known",
        "rate": "> won of these",
    }
    head = f"Of {counted(told['leads'], 'lead')}, {told['changed']:,} get another verdict:"
    return "\n".join([head, *(f"  {line}" for line in table(rows, columns))])


def _percent(one: Mapping[str, Any]) -> str:
    if one["rate"] is None:
        return "–"
    return f"{one['rate']:.1%} ({one['low']:.1%} to {one['high']:.1%})"
