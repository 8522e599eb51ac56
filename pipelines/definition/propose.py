"""Propose: changes to the agreed definition that past outcomes speak for, each as a patch.

read history → find on earlier leads → confirm on later ones → account for luck → write patches.
Nothing is changed by itself: people read the evidence, and the file is theirs to sign. Where
outcomes speak for nothing, nothing is proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from features.errors import LeadReadyError
from features.progress import Progress
from features.whole_file import write_whole
from features.workspace.read import read_workspace
from model.definition.edit_yaml import (
    Edit,
    applied,
    at,
    criteria_paths,
    difference,
    rewritten,
    said,
)
from model.proposals.question import REJECTIONS
from model.proposals.search import RATE, Found, Proposal, groups, search
from model.serving import READY
from model.simulation.history import History, compare, per_week, verdicts
from pipelines.definition.propose_words import (
    because,
    in_general,
    lets_in,
    points,
    sentence,
    shortly,
    stated,
)
from pipelines.definition.simulate import judged
from pipelines.snapshot import Snapshot, read_snapshot


def propose(folder: Path, *, out: Path | None = None, progress: Progress) -> dict[str, Any]:
    """Look for changes to a workspace's definition.

    Parameters
    ----------
    folder : path
        The workspace.
    out : path, optional
        Write the definition with all proposals here, unsigned and with the next version.

    Returns
    -------
    dict
        What ``leadready definition propose --json`` prints.

    Raises
    ------
    LeadReadyError
        When the workspace cannot be read, there are too few leads for two halves, or ``out`` is
        the definition itself.
    """
    if out is not None:
        _refuse_the_signed(folder, out)
    snapshot = read_snapshot(folder, progress)
    snapshot.check_definitions(None)
    definition = dict(snapshot.definition().content)
    history = _without_suspects(judged(snapshot), snapshot, definition)
    file = snapshot.definition_file
    found = search(
        history,
        definition,
        weighed=snapshot.workspace.outcome.unworked == "weight",
        progress=progress,
    )
    answer = told(found, history, definition, file.read_text(encoding="utf-8-sig"), file.name)
    answer["file"] = snapshot.workspace.definition
    if out is not None and answer["proposals"]:
        write_whole(out, answer["text"])
        answer["written"] = str(out)
    return answer


def _refuse_the_signed(folder: Path, out: Path) -> None:
    if out.resolve() == (folder / read_workspace(folder).definition).resolve():
        hint = "choose another file, and compare:  leadready definition diff"
        raise LeadReadyError("the signed definition is not written over", where=str(out), hint=hint)


def _without_suspects(
    history: History, snapshot: Snapshot, definition: Mapping[str, Any]
) -> History:
    """Keep columns that may tell the outcome out of what is tried, unless a criterion asks them."""
    asked = {at(definition, path)["feature"] for path in criteria_paths(definition).values()}
    honest = {one.name for one in snapshot.learnable} | asked
    return replace(history, features=[one for one in history.features if one.name in honest])


def told(
    found: Found, history: History, definition: Mapping[str, Any], text: str, name: str
) -> dict[str, Any]:
    """Say what came of the search, as plain data."""
    later = found.halves.judged_later
    edits = _named(found.proposals, definition, later)
    proposals = [
        _proposal(one, edit, found, history, definition, text, name)
        for one, edit in zip(found.proposals, edits, strict=True)
    ]
    answer: dict[str, Any] = {
        "found_on": _half(found.halves.earlier),
        "confirmed_on": _half(found.halves.later),
        "how": found.halves.parts.how,
        "worked": found.halves.worked,
        "warnings": list(found.halves.parts.warnings),
        "tried": len(found.tried),
        "share_of_luck": RATE,
        "proposals": proposals,
        "not_proposed": _others(found, definition, history.words),
        "stated": stated(found.halves),
    }
    if edits:
        edits.sort(key=lambda one: one["change"] == "remove")  # paths hold until lines are gone
        version = definition.get("version")
        bumped = version + 1 if isinstance(version, int) else f"{version}-proposed"
        answer["text"] = rewritten(text, edits, version=bumped)
        answer["diff"] = difference(text, answer["text"], name)
        answer["together"] = _consequence(history, found, definition, applied(definition, edits))
    return answer


def _half(history: History) -> dict[str, Any]:
    dated = history.rows["as_of"].dropna()
    ends = (dated.min().date().isoformat(), dated.max().date().isoformat()) if len(dated) else None
    again = history.judged_again
    return {
        "leads": int(history.rows["lead_id"].nunique()),
        "judgements": len(history.won) if again else None,
        "won": int(history.rows["lead_id"][history.won == 1].nunique()),
        "from": ends[0] if ends else None,
        "until": ends[1] if ends else None,
    }


# -- one proposal ---------------------------------------------------------------------------------


def _named(
    proposals: list[Proposal], definition: Mapping[str, Any], later: History
) -> list[dict[str, Any]]:
    """Give new criteria an id of their own, and say why they are there."""
    taken, named = set(criteria_paths(definition)), []
    for one in proposals:
        edit = dict(one.tried.edit or {})
        if edit["change"] == "add":
            name = _free(str(edit["criterion"]["feature"]).replace("_", "-"), taken)
            taken.add(name)
            why = {"asked_by": "leadready propose", "because": because(one)}
            edit = {
                **edit,
                "to": list(edit["to"]),
                "criterion": {**edit["criterion"], "id": name, **why},
            }
        named.append(edit)
    return named


def _free(name: str, taken: set[str]) -> str:
    return next(
        one for n in range(1, 1000) if (one := name if n == 1 else f"{name}-{n}") not in taken
    )


def _proposal(
    one: Proposal,
    edit: Edit,
    found: Found,
    history: History,
    definition: Mapping[str, Any],
    text: str,
    name: str,
) -> dict[str, Any]:
    move = one.tried.move
    assert move is not None
    target = one.tried.slot.about if one.tried.slot.kind == REJECTIONS else None
    evidence = groups(one)
    words = history.words
    return {
        "kind": one.tried.slot.kind,
        "about": one.tried.slot.about,
        "words": said(definition, edit, words),
        "change": dict(edit),
        "diff": difference(text, rewritten(text, [edit]), name),
        "let_in": lets_in(one),
        "turned_down_for": target,
        "evidence": evidence,
        "sentence": sentence(one, evidence, found.halves.later),
        "points": points(found.card, definition, edit, words),
        "p": one.tried.p,
        "adjusted": one.adjusted,
        "interval_level": one.level,
        "consequence": _consequence(history, found, definition, applied(definition, [edit])),
        "also": [shortly(other, definition, words) for other in one.same],
    }


def _consequence(
    history: History, found: Found, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """What a change would have meant for the later leads; a week, for all of their time."""
    change = compare(found.halves.judged_later, old, new)
    before, after = change["old"], change["new"]
    weekly = [
        per_week(history, verdicts(one, history.X) == READY, one, found.halves.since)
        for one in (old, new)
    ]
    reasons = {one["reason"]: one["avoided"] for one in before["rejections"]}
    return {
        "per_week": {"now": weekly[0]["per_week"], "changed": weekly[1]["per_week"]},
        "capacity": weekly[0]["capacity"],
        "ready": {"now": _without_week(before["ready"]), "changed": _without_week(after["ready"])},
        "win_rate_difference": change["difference"],
        "let_in": _without_ids(change["let_in"]),
        "left_out": _without_ids(change["left_out"]),
        "unknown": {"now": before["verdicts"]["unknown"], "changed": after["verdicts"]["unknown"]},
        "rejections_avoided": {
            one["reason"]: one["avoided"] - reasons[one["reason"]] for one in after["rejections"]
        },
    }


def _without_week(group: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out counts a week, which here would be of a part of the leads."""
    some = ("per_week", "capacity", "weeks_above")
    return {key: value for key, value in group.items() if key not in some}


def _without_ids(group: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "ids"}


def _others(
    found: Found, definition: Mapping[str, Any], words: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Everything else that was tried, and why it is not proposed."""
    taken = [one for each in found.proposals for one in (each.tried, *each.same)]
    return [
        {
            "kind": one.slot.kind,
            "about": one.slot.about,
            "p": one.p,
            "what": in_general(one.slot.kind, one.slot.about),
            "words": said(definition, one.edit, words) if one.edit else None,
            "asked_later": one.move is not None,
            "why": one.why_not or "the later leads do not confirm it, beyond luck",
        }
        for one in found.tried
        if not any(one is each for each in taken)
    ]
