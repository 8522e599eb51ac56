"""``leadready definition diff OLD NEW``: how two definitions differ, and what that means for leads.

With ``--data`` it also counts the past leads of the workspace: how many would have been ready
before and after, which ones change sides, and what share of each was won. They are counted as
``leadready definition simulate`` counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from features.progress import Progress, no_progress
from features.text import count, table
from model.definition.diff import definition_changes
from model.definition.read import read_definition
from model.serving import READY, Definition
from model.simulation.history import History, verdict_codes
from model.simulation.win_rates import WinRate, win_rate
from pipelines.definition.past_leads import past_leads
from pipelines.definition.rates_text import win_rate_text
from pipelines.snapshot import read_snapshot


@dataclass(frozen=True)
class ChangedVerdicts:
    """The past leads that two definitions call ready.

    Attributes
    ----------
    leads, judgements : int
        Different in a panel.
    changed : int
        Judgements with another verdict.
    groups : dict of str to WinRate
        Leads that are ready before, after, both times, no longer, and newly.
    """

    leads: int
    judgements: int
    changed: int
    groups: dict[str, WinRate]


@dataclass(frozen=True)
class DefinitionDiff:
    """How two definitions differ: in words, and on past leads where these were read."""

    old: str
    new: str
    changes: list[str]
    verdicts: ChangedVerdicts | None = None


def diff(
    old: Path, new: Path, *, folder: Path | None = None, progress: Progress = no_progress
) -> DefinitionDiff:
    """Compare two definition files.

    Parameters
    ----------
    old, new : path
        The files.
    folder : path, optional
        A workspace: its names for features, and its past leads.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        When a definition or the workspace cannot be read.
    """
    if folder is None:
        before, after = read_definition(old), read_definition(new)
        return DefinitionDiff(str(old), str(new), definition_changes(before, after))
    snapshot = read_snapshot(folder, progress)
    snapshot.check_definitions(old, new)
    before, after = snapshot.definition(old), snapshot.definition(new)
    return DefinitionDiff(
        str(old),
        str(new),
        definition_changes(before, after, snapshot.words),
        changed_verdicts(before, after, past_leads(snapshot)),
    )


def changed_verdicts(before: Definition, after: Definition, history: History) -> ChangedVerdicts:
    """Count the leads that each of two definitions calls ready, and how they ended."""
    codes = [verdict_codes(definition, history.X) for definition in (before, after)]
    ready_before, ready_after = (code == READY for code in codes)
    groups = {
        "ready before": ready_before,
        "ready after": ready_after,
        "ready both times": ready_before & ready_after,
        "no longer ready": ready_before & ~ready_after,
        "newly ready": ~ready_before & ready_after,
    }
    return ChangedVerdicts(
        leads=history.leads,
        judgements=len(history.won),
        changed=int((codes[0] != codes[1]).sum()),
        groups={name: win_rate(history, which) for name, which in groups.items()},
    )


def diff_text(difference: DefinitionDiff) -> str:
    """Write the differences, and the leads they move."""
    if not difference.changes:
        return "No differences except signatures, comments or layout."
    parts = ["\n".join(difference.changes)]
    if difference.verdicts is not None:
        parts.append(_changed_verdicts_text(difference.verdicts))
    return "\n\n".join(parts)


def _changed_verdicts_text(verdicts: ChangedVerdicts) -> str:
    panel = verdicts.judgements > verdicts.leads
    noun = "judgement" if panel else "lead"
    title = f"{verdicts.changed:,} of {count(verdicts.judgements, noun)} get a different verdict:"
    if panel:
        title = f"{count(verdicts.leads, 'lead')} were judged repeatedly while open.\n{title}"
    rows = [
        {
            "group": name,
            "leads": f"{group.leads:,}",
            "labelled": f"{group.labelled:,}",
            "rate": win_rate_text(group),
        }
        for name, group in verdicts.groups.items()
    ]
    columns = {
        "group": "",
        "leads": f"> {noun}s",
        "labelled": "> outcome known",
        "rate": "> won of these",
    }
    return "\n".join([title, *(f"  {line}" for line in table(rows, columns))])
