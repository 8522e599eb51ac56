"""Why a change is proposed, in sentences: what became of the leads that it moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from model.definition.edit_yaml import Edit, at, criteria_paths, said
from model.proposals.from_scorecard import Card, in_words
from model.proposals.new_criteria import times
from model.proposals.question import MISSING, REJECTIONS
from model.proposals.search import Proposal, Tried
from model.proposals.time_split import Halves
from model.simulation.history import History
from pipelines.definition.simulate import rate

SPLIT = "Found on the earlier leads, confirmed on the later ones; never-rules are not touched. "
UNSEEN = (
    "If sales passed leads over for a reason that no column knows, these figures do not know it "
    "either: the bounds say how much that could matter."
)
GENERALLY = {
    "threshold": "another threshold for {}",
    "criterion": "{} taken out",
    "values": "another list for {}",
    "missing criterion": "something about {} asked as well",
    "missing alternative": "something else that is enough, beside {}",
    "rejections": "a stricter rule for those turned down as {!r}",
}


def stated(halves: Halves) -> str:
    """Say what leads the figures are about."""
    if halves.worked["weighed"]:
        return (
            f"{SPLIT}Win rates that speak for a proposal are of leads that sales worked, weighed "
            "to speak for those that it never worked as well, as far as the columns tell how it "
            f"chose. What would have followed is counted, not weighed. {UNSEEN}"
        )
    return (
        f"{SPLIT}Leads that nobody worked have no outcome and say nothing here; the worked ones "
        f"are not weighed for them. {UNSEEN}"
    )


def in_general(kind: str, about: str) -> str:
    """Say what was tried, where no change came of it.

    Examples
    --------
    >>> in_general("criterion", "right-size")
    'right-size taken out'
    """
    return GENERALLY[kind].format(about)


def because(one: Proposal) -> str:
    """Say in the file why a new criterion is there."""
    move = one.tried.move
    assert move is not None
    moved, stay = move.rate(move.moved), move.rate(move.stay)
    what = f"turned down as {one.tried.slot.about}" if one.tried.slot.kind == REJECTIONS else "won"
    who = "without it" if one.tried.slot.kind in (MISSING, REJECTIONS) else "with it alone"
    return (
        f"later leads {who} were {what} {moved:.0%} of the time and the other ready ones {stay:.0%}"
    )


def lets_in(one: Proposal) -> bool:
    """Whether the leads that a change moves become ready."""
    assert one.tried.move is not None
    return one.tried.move.let_in and one.tried.slot.kind != REJECTIONS


def shortly(one: Tried, definition: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Say a change that is borne out as well."""
    assert one.edit is not None
    about = f" (turned down as {one.slot.about!r})" if one.slot.kind == REJECTIONS else ""
    return said(definition, one.edit, words) + about


def sentence(one: Proposal, evidence: Mapping[str, Any], later: History) -> str:
    """Say what became of the later leads that a change moves."""
    moved, ready, out = (evidence[key] for key in ("moved", "ready", "not_ready"))
    if one.tried.slot.kind == REJECTIONS:
        return _turned_down(one, moved, ready, later)
    verb, like, unlike = "left out", out, ready
    names = "those that are not ready", "those that stay ready"
    if lets_in(one):
        verb, like, unlike, names = "let in", ready, out, names[::-1]
    return (
        f"Of the {moved['leads']:,} {_leads(later)} that are {verb}, {rate(moved)} were won: "
        f"nearer to {names[0]} ({like['rate']:.1%}) than to {names[1]} ({unlike['rate']:.1%})."
    )


def _leads(later: History) -> str:
    return "judgements of later leads" if later.judged_again else "later leads"


def points(card: Card, definition: Mapping[str, Any], edit: Edit, words: Mapping[str, str]) -> str:
    """Say what the fact that a change is about is worth in a scorecard of the earlier leads."""
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
        f"Of the {moved['leads']:,} {_leads(later)} that are left out, and pass today's rules, "
        f"{rate(moved)} were turned down as {reason!r}; of the other ready ones "
        f"{ready['rate']:.1%}, so {times(move):.1f} times as often. They are {share:.0%} of all "
        f"{total:,} turned down for it."
    )
