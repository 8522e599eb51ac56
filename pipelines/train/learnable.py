"""Is there anything to learn from? Said before any work is done, in words that one can act on.

What cannot be learnt from is seldom a matter of models: a file came out empty, the value of a win
is not in the data, ids repeat, sales worked nobody. So the error repeats what was counted.
"""

from __future__ import annotations

from collections.abc import Iterable

from features.errors import LeadReadyError
from features.tables.problems import Problem
from pipelines.snapshot import Known, Past

SOME = 0.5  # of the leads; a problem with so many rows may be why there are none to learn from
OF_VALUES = ("value never seen", "outcome never seen")  # these count no rows
CHECK = "leadready check counts what became of the leads"


def check_learnable(past: Past, history: Known) -> None:
    """See that leads ended in both ways, and that the events that the mapping names are there.

    Raises
    ------
    LeadReadyError
        If not: what there is instead, and the likeliest reason.
    """
    if history.rows.empty:
        raise _error(past, f"no lead has a known outcome: {_excluded(past, history)}")
    if not history.y.any() or history.y.all():
        raise _one_sided(past, history)
    events = past.workspace.events
    if events and past.tables.events.empty:
        files = " and ".join(one.file.rpartition("/")[2] for one in events)
        raise LeadReadyError(
            f"none of the {len(past.tables.leads):,} leads has an event in {files}",
            where=past.workspace.where("events"),
            hint="export the events again, with their rows and the leads' own ids, or take "
            "events: out of leadready.yaml",
        )


def _one_sided(past: Past, history: Known) -> LeadReadyError:
    which = "won" if history.y.any() else "not won"
    unseen = [one for one in past.tables.problems if one.kind == "outcome never seen"]
    if which == "not won" and unseen:
        where = past.workspace.where("outcome.won")
        return LeadReadyError(unseen[0].words, where=where, hint=unseen[0].hint or CHECK)
    left_out = _excluded(past, history)
    rest = f" ({left_out})" if any(history.excluded.values()) else ""
    who = "the only lead with a known outcome was"
    if len(history.y) > 1:
        who = f"all {len(history.y):,} leads with a known outcome were"
    return _error(past, f"{who} {which}: there is nothing to learn{rest}")


def _error(past: Past, what: str) -> LeadReadyError:
    hint = _likely(past.tables.problems, len(past.tables.leads))
    return LeadReadyError(what, where=past.workspace.where("outcome"), hint=hint)


def _excluded(past: Past, history: Known) -> str:
    counted = [f"{n:,} {reason}" for reason, n in history.excluded.items() if n]
    return f"of {len(past.tables.leads):,} leads, {', '.join(counted) or 'none is left'}"


def _likely(problems: Iterable[Problem], leads: int) -> str:
    """Name the problem with the leads that is large enough to be the reason; else where to look."""
    of_rows = [one for one in problems if one.table == "leads" and one.kind not in OF_VALUES]
    large = [one for one in of_rows if one.count >= SOME * leads]
    if not large:
        return f"{CHECK}; give more history, or see that `won` names the values of a win"
    return max(large, key=lambda one: one.count).words
