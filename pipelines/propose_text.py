"""Proposals as people read them: what to change, why, what would follow, and the patch.

The figures are those of ``pipelines.propose``; this room only finds the words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from model.slot import REMOVE, THRESHOLD
from pipelines.simulate import rate

WIDTH = 100
SCALE = "10 points double the odds of a win; the average lead has 0 for each fact"
KINDS = {
    "threshold": "a threshold at another place",
    "criterion": "a criterion that does nothing, or that outcomes contradict",
    "values": "a value that should be on a list, or should not",
    "missing criterion": "something the ready leads should meet as well",
    "missing alternative": "something else that is enough",
    "rejections": "something that sales turns leads down for",
}


def render(answer: Mapping[str, Any]) -> str:
    """Say it in words."""
    early, late = answer["found_on"], answer["confirmed_on"]
    lines = [
        f"tried {answer['tried']} things on {early['leads']:,} earlier leads ({early['won']:,} won)"
        f"{_between(early)},",
        f"held the best of each against {late['leads']:,} later ones ({late['won']:,} won)"
        f"{_between(late)}",
        *(f"warning: {one}" for one in answer["warnings"]),
        "",
    ]
    if not answer["proposals"]:
        lines += ["Nothing is proposed: no change is borne out by later leads, beyond luck.", ""]
    for place, one in enumerate(answer["proposals"], start=1):
        lines += _rendered(place, one)
    if len(answer["proposals"]) > 1:
        lines += ["All of them together, on the later leads:", *_effects(answer["together"]), ""]
    if answer.get("written"):
        lines += [
            f"written to {answer['written']}: see  leadready definition diff  and sign it",
            "",
        ]
    return "\n".join([*lines, *_close(answer), "", textwrap.fill(answer["stated"], WIDTH)])


def _rendered(place: int, one: Mapping[str, Any]) -> list[str]:
    lines = [f"{place}. {one['words']}", f"   ({KINDS[one['kind']]})", *_wrapped(one["sentence"])]
    lines += [f"   Also borne out, and much the same: {also}" for also in one["also"]]
    lines += _wrapped(f"{one['points']} ({SCALE}).")
    lines += [f"   Luck among all that was tried: {_chance(one['adjusted'])}.", ""]
    lines += _effects(one["consequence"])
    return [*lines, "", *(f"   {line}" for line in one["diff"].splitlines()), ""]


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent="   ", subsequent_indent="   ")


def _chance(adjusted: float) -> str:
    """Say how many of such proposals may be luck.

    Examples
    --------
    >>> _chance(0.02), _chance(0.00004)
    ('at most 1 in 50 of such proposals', 'at most 1 in 10,000 of such proposals')
    """
    one_in = min(int(1 / max(adjusted, 1e-9)), 10_000)
    return f"at most 1 in {one_in:,} of such proposals"


def _effects(told: Mapping[str, Any]) -> list[str]:
    """Say what a change would have meant for the later leads."""
    lines = []
    if told["per_week"]["now"] is not None:
        capacity = f" (sales can take {told['capacity']:g})" if told["capacity"] else ""
        lines.append(
            f"   ready leads a week: {told['per_week']['now']:.1f} → "
            f"{told['per_week']['changed']:.1f}{capacity}"
        )
    now, changed = told["ready"]["now"], told["ready"]["changed"]
    lines.append(f"   won of the ready:   {rate(now)} → {rate(changed)}")
    lines.append(f"   wins among them:    {now['won']:,} → {changed['won']:,}")
    for verb, sign in (("no longer sent", 1), ("sent as well", -1)):
        some = [
            f"{abs(n):,} {why}" for why, n in told["rejections_avoided"].items() if n * sign > 0
        ]
        if some:
            lines += _wrapped(f"{verb}, of the leads that sales turned down: {', '.join(some[:4])}")
    if told["unknown"]["now"] != told["unknown"]["changed"]:
        both = (told["unknown"]["now"], told["unknown"]["changed"])
        lines.append(f"   cannot be judged:   {both[0]:,} → {both[1]:,} leads")
    return lines


def _between(half: Mapping[str, Any]) -> str:
    return f" from {half['from']} to {half['until']}" if half["from"] else ""


def _close(answer: Mapping[str, Any]) -> list[str]:
    """The criteria that stay, and why: people ask."""
    words = {REMOVE: "stays", THRESHOLD: "stays where it is"}
    kept = [one for one in answer["not_proposed"] if one["kind"] in words]
    return [f"{one['about']} {words[one['kind']]}: {one['why']}" for one in kept]
