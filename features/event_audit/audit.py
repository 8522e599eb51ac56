"""The audit of a workspace's events, and the team's answers to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from features.event_audit.coverage import coverage_evidence
from features.event_audit.kinds import kind_findings
from features.event_audit.lead_events import lead_events
from features.leaks.audit import SUSPECT, Suspect
from features.leaks.workspace_audit import status_at_extract
from features.tables.events import kind_slug
from features.tables.problems import Problem
from features.tables.read import Tables
from features.text import join, yaml_inline
from features.workspace.schema import Workspace

LEAK = "leak"  # an answer in  kinds:
UNLINKED = (("events", "of unknown leads"), ("events", "ids in another column"))
REPEATED = "repeated events"
LEAST_WINS, MOSTLY_WON = 20, 2.0  # leads with moved events that were won; times the usual share


@dataclass(frozen=True)
class EventSuspect(Suspect):
    """Events that were probably moved, or a kind of event that tells the outcome.

    Attributes
    ----------
    kind : str
        The kind of event; empty if the suspicion is about all events.
    mending : str
        The line of the mapping that finds moved events; empty where none is known.
    """

    kind: str = ""
    mending: str = ""

    @property
    def summary(self) -> str:
        """What is suspected, with the first evidence."""
        return f"{self.column} ({self.evidence[0]})"

    @property
    def answers(self) -> tuple[str, str]:
        """The two lines of ``leadready.yaml``, under ``events``, that settle it."""
        if not self.kind:
            return self.mending or "no events: from this file", "complete: true"
        kind = yaml_inline(self.kind)
        return f"kinds: {{{kind}: known_at_moment}}", f"kinds: {{{kind}: leak}}"


def audit_events(ws: Workspace, tables: Tables) -> list[EventSuspect]:
    """Find events that were moved or deleted when a lead was won, and kinds that tell the outcome.

    Returns
    -------
    list of EventSuspect
        Those without an answer; each prevents promotion.
    """
    if tables.events.empty:
        return []
    found = lead_events(ws, tables)
    suspects = []
    if not any(source.complete for source in ws.events):
        lost = [each for each in tables.problems if (each.table, each.kind) in UNLINKED]
        unlinked = sum(problem.count for problem in lost)
        copies = sum(each.count for each in tables.problems if each.kind == REPEATED)
        moved = _moved(ws, tables, lost)
        if evidence := [*coverage_evidence(found, unlinked, copies), *moved]:
            files = join(source.file.rpartition("/")[2] for source in ws.events)
            mending = "; ".join(moved.values())
            # kinds that won leads lack follow from it, so they are not asked about as well
            return [
                EventSuspect(f"events of {files}", tuple(evidence), 2 * SUSPECT, mending=mending)
            ]
    answered = {kind_slug(kind) for source in ws.events for kind in source.kinds}
    for finding in kind_findings(found):
        if finding.kind not in answered:
            name = f"events of kind {finding.kind}"
            suspects.append(
                EventSuspect(name, finding.evidence, finding.strength, kind=finding.kind)
            )
    return suspects


def _moved(ws: Workspace, tables: Tables, problems: list[Problem]) -> dict[str, str]:
    """Rows whose ids stand in another column of leads that were mostly won; what mends each."""
    status = status_at_extract(ws, tables).to_numpy(object)
    decided = (status == "won") | (status == "not won")
    usual = (status[decided] == "won").mean() if decided.any() else 1.0
    found = {}
    for problem in problems:
        of_leads = status[list(problem.lead_rows)]
        wins, leads = int((of_leads == "won").sum()), len(of_leads)
        if wins >= LEAST_WINS and wins >= MOSTLY_WON * max(usual * leads, 1):
            share = f"all {wins:,}" if wins == leads else f"{wins:,}"
            text = f"{problem.message}, and {share} of them were won"
            found[text] = str(problem.hint).removeprefix("write  ")
    return found


def without_leaks(ws: Workspace, tables: Tables) -> Tables:
    """Leave out the events of kinds that the team calls leaks; no feature counts them."""
    leaks = {
        kind_slug(kind)
        for source in ws.events
        for kind, answer in source.kinds.items()
        if answer == LEAK
    }
    if not leaks:
        return tables
    return replace(tables, kept_events=tables.kept_events.without_kinds(leaks))
