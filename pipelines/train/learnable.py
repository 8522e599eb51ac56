"""Is there anything to learn from? Said before any work is done, in words that one can act on.

What cannot be learnt from is seldom a matter of models: a file came out empty, the value of a win
is not in the data, ids repeat, sales worked nobody. So the error repeats what was counted.
"""

from __future__ import annotations

from collections.abc import Iterable

from features.errors import LeadReadyError
from features.tables.problems import Problem
from pipelines.snapshot import Snapshot

SOME = 0.5  # of the leads; a problem with so many rows may be why there are none to learn from
OF_VALUES = ("value never seen", "outcome never seen")  # these count no rows
CHECK = "leadready check counts what became of the leads"


def check_learnable(snapshot: Snapshot) -> None:
    """See that leads ended in both ways, and that the events that the mapping names are there.

    Raises
    ------
    LeadReadyError
        If not: what there is instead, and the likeliest reason.
    """
    labelled = snapshot.labelled
    if labelled.rows.empty:
        raise _error(snapshot, f"no lead has a known outcome: {_excluded(snapshot)}")
    if not labelled.y.any() or labelled.y.all():
        raise _one_sided(snapshot)
    events = snapshot.workspace.events
    if events and snapshot.tables.events.empty:
        files = " and ".join(one.file.rpartition("/")[2] for one in events)
        raise LeadReadyError(
            f"none of the {len(snapshot.tables.leads):,} leads has an event in {files}",
            where=snapshot.workspace.where("events"),
            hint="export the events again, with their rows and the leads' own ids, or take "
            "events: out of leadready.yaml",
        )


def _one_sided(snapshot: Snapshot) -> LeadReadyError:
    labelled = snapshot.labelled
    which = "won" if labelled.y.any() else "not won"
    unseen = [one for one in snapshot.tables.problems if one.kind == "outcome never seen"]
    if which == "not won" and unseen:
        where = snapshot.workspace.where("outcome.won")
        return LeadReadyError(unseen[0].message, where=where, hint=unseen[0].hint or CHECK)
    left_out = _excluded(snapshot)
    rest = f" ({left_out})" if any(labelled.excluded.values()) else ""
    who = "the only lead with a known outcome was"
    if len(labelled.y) > 1:
        who = f"all {len(labelled.y):,} leads with a known outcome were"
    return _error(snapshot, f"{who} {which}: there is nothing to learn{rest}")


def _error(snapshot: Snapshot, what: str) -> LeadReadyError:
    hint = _likely(snapshot.tables.problems, len(snapshot.tables.leads))
    return LeadReadyError(what, where=snapshot.workspace.where("outcome"), hint=hint)


def _excluded(snapshot: Snapshot) -> str:
    counted = [f"{n:,} {reason}" for reason, n in snapshot.labelled.excluded.items() if n]
    return f"of {len(snapshot.tables.leads):,} leads, {', '.join(counted) or 'none is left'}"


def _likely(problems: Iterable[Problem], leads: int) -> str:
    """Name the problem with the leads that is large enough to be the reason; else where to look."""
    of_rows = [one for one in problems if one.table == "leads" and one.kind not in OF_VALUES]
    large = [one for one in of_rows if one.count >= SOME * leads]
    if not large:
        return f"{CHECK}; give more history, or see that `won` names the values of a win"
    return max(large, key=lambda one: one.count).message
