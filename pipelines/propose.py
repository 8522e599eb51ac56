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

import numpy as np

from features.errors import LeadReadyError
from model.definition_edits import Edit, applied, at, criteria_paths, difference, rewritten, said
from model.definition_history import History, compare
from model.proposals import RATE, Found, Proposal, Tried, groups, search
from model.slot import MISSING, REJECTIONS
from model.slots_added import times
from model.strong_points import Card, in_words
from pipelines.history import Past, Progress, read_past
from pipelines.score import whole
from pipelines.simulate import current_definition, judged, rate

STATED = (
    "Found on the earlier leads, confirmed on the later ones; never-rules are not touched. Leads "
    "that nobody worked have no outcome and say nothing here: if sales passed leads over for a "
    "reason that no column knows, these figures do not know it either."
)


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
    past = read_past(folder, progress)
    definition = current_definition(past)
    history = _without_suspects(judged(past), past, definition)
    file = past.workspace.folder / past.workspace.definition
    if out is not None and out.resolve() == file.resolve():
        hint = "choose another file, and compare:  leadready definition diff"
        raise LeadReadyError("the signed definition is not written over", where=str(out), hint=hint)
    found = search(history, definition, progress=progress)
    answer = told(found, history, definition, file.read_text(encoding="utf-8-sig"), file.name)
    answer["file"] = past.workspace.definition
    if out is not None and answer["proposals"]:
        with whole(out) as temporary:
            temporary.write_text(answer["text"], encoding="utf-8")
        answer["written"] = str(out)
    return answer


def _without_suspects(history: History, past: Past, definition: Mapping[str, Any]) -> History:
    """Keep columns that may tell the outcome out of what is tried, unless a criterion asks them."""
    asked = {at(definition, path)["feature"] for path in criteria_paths(definition).values()}
    honest = {one.name for one in past.learnable} | asked
    return replace(history, features=[one for one in past.catalogue if one.name in honest])


def told(
    found: Found, history: History, definition: Mapping[str, Any], text: str, name: str
) -> dict[str, Any]:
    """Say what came of the search, as plain data."""
    later = _later(found, history)
    edits = _named(found.proposals, definition, later)
    proposals = [
        _proposal(one, edit, found, later, definition, text, name)
        for one, edit in zip(found.proposals, edits, strict=True)
    ]
    answer: dict[str, Any] = {
        "found_on": _half(found.earlier),
        "confirmed_on": _half(found.later),
        "how": found.split.how,
        "warnings": list(found.split.warnings),
        "tried": len(found.tried),
        "share_of_luck": RATE,
        "proposals": proposals,
        "not_proposed": _others(found, definition, history.words),
        "stated": STATED,
    }
    if edits:
        version = definition.get("version")
        bumped = version + 1 if isinstance(version, int) else f"{version}-proposed"
        answer["text"] = rewritten(text, edits, version=bumped)
        answer["diff"] = difference(text, answer["text"], name)
        answer["together"] = _consequence(later, definition, applied(definition, edits))
    return answer


def _later(found: Found, history: History) -> History:
    """All leads judged in the later half: those it was confirmed on, and those without outcome."""
    ids = set(found.later.rows["lead_id"])
    confirmed = history.rows["lead_id"].isin(ids).to_numpy()
    begin = found.split.test_from
    if begin is None:
        return history.part(confirmed)
    since = (history.rows["as_of"] >= begin).to_numpy()
    return history.part(confirmed | (since & ~history.known))


def _half(history: History) -> dict[str, Any]:
    dated = history.rows["as_of"].dropna()
    ends = (dated.min().date().isoformat(), dated.max().date().isoformat()) if len(dated) else None
    return {
        "leads": len(history.won),
        "won": int(history.won.sum()),
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
            why = {"asked_by": "leadready propose", "because": _because(one)}
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


def _because(one: Proposal) -> str:
    move = one.tried.move
    assert move is not None
    moved, stay = float(move.target[move.moved].mean()), float(move.target[move.stay].mean())
    what = f"turned down as {one.tried.slot.about}" if one.tried.slot.kind == REJECTIONS else "won"
    who = "without it" if one.tried.slot.kind in (MISSING, REJECTIONS) else "with it alone"
    return (
        f"later leads {who} were {what} {moved:.0%} of the time and the other ready ones {stay:.0%}"
    )


def _proposal(
    one: Proposal, edit: Edit, found: Found, later: History,
    definition: Mapping[str, Any], text: str, name: str,
) -> dict[str, Any]:  # fmt: skip
    move = one.tried.move
    assert move is not None
    target = one.tried.slot.about if one.tried.slot.kind == REJECTIONS else None
    evidence = groups(one)
    words = later.words
    return {
        "kind": one.tried.slot.kind,
        "about": one.tried.slot.about,
        "words": said(definition, edit, words),
        "change": dict(edit),
        "diff": difference(text, rewritten(text, [edit]), name),
        "let_in": _lets_in(one),
        "turned_down_for": target,
        "evidence": evidence,
        "sentence": _sentence(one, evidence, found.later),
        "points": _points(found.card, definition, edit, words),
        "p": one.tried.p,
        "adjusted": one.adjusted,
        "interval_level": one.level,
        "consequence": _consequence(later, definition, applied(definition, [edit])),
        "also": [_shortly(other, definition, words) for other in one.same],
    }


def _lets_in(one: Proposal) -> bool:
    assert one.tried.move is not None
    return one.tried.move.let_in and one.tried.slot.kind != REJECTIONS


def _sentence(one: Proposal, evidence: Mapping[str, Any], later: History) -> str:
    moved, ready, out = (evidence[key] for key in ("moved", "ready", "not_ready"))
    if one.tried.slot.kind == REJECTIONS:
        return _turned_down(one, moved, ready, later)
    verb, like, unlike = "left out", out, ready
    names = "those that are not ready", "those that stay ready"
    if _lets_in(one):
        verb, like, unlike, names = "let in", ready, out, names[::-1]
    return (
        f"The {moved['leads']:,} later leads that are {verb} were won {rate(moved)}: nearer to "
        f"{names[0]} ({like['rate']:.1%}) than to {names[1]} ({unlike['rate']:.1%})."
    )


def _points(card: Card, definition: Mapping[str, Any], edit: Edit, words: Mapping[str, str]) -> str:
    """What the fact that a change is about is worth in a scorecard of the earlier leads."""
    given = edit["criterion"]
    paths = criteria_paths(definition)
    rule = given if isinstance(given, Mapping) else at(definition, paths[given])
    return in_words(card, rule["feature"], words.get(rule["feature"], rule["feature"]))


def _turned_down(
    one: Proposal, moved: Mapping[str, Any], ready: Mapping[str, Any], later: History
) -> str:
    reason, move = one.tried.slot.about, one.tried.move
    assert move is not None
    total = int(np.sum(later.reason == reason))
    share = float(move.target[move.moved].sum()) / max(total, 1)
    return (
        f"Of the {moved['leads']:,} later leads that are left out, and pass today's rules, "
        f"{rate(moved)} were turned down as {reason!r}; of the other ready ones "
        f"{ready['rate']:.1%}, so {times(move):.1f} times as often. They are {share:.0%} of all "
        f"{total:,} leads turned down for it."
    )


def _shortly(one: Tried, definition: Mapping[str, Any], words: Mapping[str, str]) -> str:
    assert one.edit is not None
    about = f" (turned down as {one.slot.about!r})" if one.slot.kind == REJECTIONS else ""
    return said(definition, one.edit, words) + about


def _consequence(later: History, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What a change would have meant for the later leads."""
    change = compare(later, old, new)
    before, after = change["old"], change["new"]
    reasons = {one["reason"]: one["avoided"] for one in before["rejections"]}
    return {
        "per_week": {"now": before["ready"]["per_week"], "changed": after["ready"]["per_week"]},
        "capacity": before["ready"]["capacity"],
        "ready": {"now": before["ready"], "changed": after["ready"]},
        "win_rate_difference": change["difference"],
        "let_in": _without_ids(change["let_in"]),
        "left_out": _without_ids(change["left_out"]),
        "unknown": {"now": before["verdicts"]["unknown"], "changed": after["verdicts"]["unknown"]},
        "rejections_avoided": {one["reason"]: one["avoided"] - reasons[one["reason"]]
                               for one in after["rejections"]},
    }  # fmt: skip


def _without_ids(group: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "ids"}


def _others(
    found: Found, definition: Mapping[str, Any], words: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Everything else that was tried, and why it is not proposed."""
    taken = [one for each in found.proposals for one in (each.tried, *each.same)]
    return [
        {"kind": one.slot.kind, "about": one.slot.about, "p": one.p,
         "words": said(definition, one.edit, words) if one.edit else None,
         "why": one.why_not or "later leads do not bear it out, beyond luck"}
        for one in found.tried if not any(one is each for each in taken)
    ]  # fmt: skip
