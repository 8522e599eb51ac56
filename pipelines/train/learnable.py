"""Check before training that there is something to learn from, and say why if there is not.

The reason is seldom the model: a file is empty, the value of a win is not in the data, ids repeat,
sales worked no lead. So the error repeats what was counted, and names the likeliest reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from features import text
from features.errors import LeadReadyError
from features.tables.problems import Problem
from pipelines.snapshot import Snapshot

MANY = 0.5  # of the leads; a problem with so many rows may be why there are none to learn from
ABOUT_VALUES = ("value never seen", "outcome never seen")  # these count no rows
COUNT_OUTCOMES = "leadready check counts the outcomes of the leads"


def check_learnable(snapshot: Snapshot) -> None:
    """Require leads with both outcomes, a state for all, events if mapped, and every answer.

    Raises
    ------
    LeadReadyError
        With what there is instead, and the likeliest reason.
    """
    _require_answers(snapshot.tables.problems)
    if _value_never_seen(snapshot) is None:  # it may be why leads fit no state
        _require_answers([*snapshot.leads_without_state, *snapshot.missing_past])
    labelled = snapshot.labelled
    if labelled.rows.empty:
        raise _outcome_error(snapshot, f"no lead has a known outcome: {_left_out_text(snapshot)}")
    if not labelled.y.any() or labelled.y.all():
        raise _one_outcome_error(snapshot)
    _ = snapshot.old_scores  # one that cannot be read is an error before the training
    events = snapshot.workspace.events
    if events and not len(snapshot.tables.kept_events):
        files = text.join(source.file.rpartition("/")[2] for source in events)
        raise LeadReadyError(
            f"none of the {len(snapshot.tables.leads):,} leads has an event in {files}",
            where=snapshot.workspace.where("events"),
            hint="export the events again, with all rows and the ids of the leads, or remove "
            "events: from leadready.yaml",
        )


def _require_answers(problems: Iterable[Problem]) -> None:
    """Refuse to train on data that may be read wrongly until somebody has answered."""
    blocking = [problem for problem in problems if problem.blocks]
    if blocking:
        raise LeadReadyError(
            "; ".join(problem.message for problem in blocking),
            where="leadready.yaml",
            hint=blocking[0].hint or "leadready check lists every problem",
        )


def _value_never_seen(snapshot: Snapshot) -> Problem | None:
    """The problem of a value that means won but that no lead has."""
    problems = snapshot.tables.problems
    return next((problem for problem in problems if problem.kind == "outcome never seen"), None)


def _one_outcome_error(snapshot: Snapshot) -> LeadReadyError:
    y, unseen = snapshot.labelled.y, _value_never_seen(snapshot)
    outcome = "won" if y.any() else "not won"
    if outcome == "not won" and unseen:
        where = snapshot.workspace.where("outcome.won_when")
        return LeadReadyError(unseen.message, where=where, hint=unseen.hint or COUNT_OUTCOMES)
    moved = next((suspect for suspect in snapshot.event_suspects if not suspect.kind), None)
    rest = f" ({_left_out_text(snapshot)})" if any(snapshot.labelled.excluded.values()) else ""
    known = "the only lead with a known outcome was"
    if len(y) > 1:
        known = f"all {len(y):,} leads with a known outcome were"
    what = f"{known} {outcome}: there is nothing to learn{rest}"
    if outcome == "not won" and moved:
        return LeadReadyError(
            f"{what}; suspected: {moved.summary}",
            where=snapshot.workspace.where("events"),
            hint="won leads without their events look as if sales never worked them: link the "
            "events by the id that they have now; leadready check shows the evidence",
        )
    return _outcome_error(snapshot, what)


def _outcome_error(snapshot: Snapshot, what: str) -> LeadReadyError:
    hint = _likeliest_reason(snapshot.tables.problems, len(snapshot.tables.leads))
    return LeadReadyError(what, where=snapshot.workspace.where("outcome"), hint=hint)


def _left_out_text(snapshot: Snapshot) -> str:
    excluded = snapshot.labelled.excluded
    counts = [f"{count:,} {reason}" for reason, count in excluded.items() if count]
    return f"of {len(snapshot.tables.leads):,} leads, {', '.join(counts) or 'none is left'}"


def _likeliest_reason(problems: Iterable[Problem], leads: int) -> str:
    """Name the problem with the leads that is large enough to be the reason, or where to look."""
    large = [
        problem
        for problem in problems
        if problem.table == "leads"
        and problem.kind not in ABOUT_VALUES
        and problem.count >= MANY * leads
    ]
    if not large:
        return f"{COUNT_OUTCOMES}; add more history, or check the values of `won` in leadready.yaml"
    return max(large, key=lambda problem: problem.count).message
