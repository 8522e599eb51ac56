"""Proposals as people read them: what to change, why, what would follow, and the patch.

The figures are those of ``pipelines.definition.propose``; this room only finds the words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.definition.simulate import bounds, rate

WIDTH = 100
SCALE = "10 points double the odds of a win; the average lead has 0"
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
    lines = [*_found_on(answer), ""]
    if not answer["proposals"]:
        lines += ["Nothing is proposed: no change is borne out by later leads, beyond luck.", ""]
    for place, one in enumerate(answer["proposals"], start=1):
        lines += _rendered(place, one, answer)
    if len(answer["proposals"]) > 1:
        lines += ["All of them together would have meant, for the later leads:"]
        lines += [*_effects(answer["together"], answer), ""]
    if answer.get("written"):
        diff = f"leadready definition diff {answer['file']} {answer['written']}"
        lines += [f"written to {answer['written']}; compare it, and sign it:  {diff}", ""]
    return "\n".join([*lines, *_not_proposed(answer), "", textwrap.fill(answer["stated"], WIDTH)])


def _found_on(answer: Mapping[str, Any]) -> list[str]:
    early, late = answer["found_on"], answer["confirmed_on"]
    lines = [
        f"asked {answer['tried']} questions of {_leads(early, 'earlier')},",
        f"and held the best answer to each against {_leads(late, 'later')}",
    ]
    if answer["worked"]["never_worked"]:
        lines += textwrap.wrap(_weighed(answer["worked"]), WIDTH)
    return [*lines, *(f"warning: {one}" for one in answer["warnings"])]


def _leads(half: Mapping[str, Any], which: str) -> str:
    again = f", judged {half['judgements']:,} times" if half["judgements"] else ""
    between = f" from {half['from']} to {half['until']}" if half["from"] else ""
    return f"{half['leads']:,} {which} leads{again} ({half['won']:,} won){between}"


def _weighed(worked: Mapping[str, Any]) -> str:
    never = (
        f"Sales never worked {worked['never_worked']:,} more of the later half, so nobody knows "
        "what became of them."
    )
    if not worked["weighed"]:
        return f"{never} The worked ones are not weighed to speak for them."
    none = (
        f", but for {worked['no_claim']:,} of a kind that it hardly ever works"
        if worked["no_claim"]
        else ""
    )
    return (
        f"{never} The worked ones are weighed to speak for them as well{none}; that leaves them "
        f"worth {worked['worth']:,.0f} of equal weight."
    )


def _rendered(place: int, one: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    lines = [f"{place}. {one['words']}", f"   ({KINDS[one['kind']]})", *_wrapped(one["sentence"])]
    lines += [f"   Also borne out, and much the same: {also}" for also in one["also"]]
    lines += _wrapped(f"{one['points']} ({SCALE}).")
    lines += [f"   Mere luck, given all that was tried: {_chance(one['adjusted'])}.", ""]
    lines += ["   It would have meant, for the later leads:"]
    lines += _effects(one["consequence"], answer)
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


def _effects(told: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Say what a change would have meant for the later leads."""
    again = bool(answer["confirmed_on"]["judgements"])
    now, changed = told["ready"]["now"], told["ready"]["changed"]
    rows = []
    if told["per_week"]["now"] is not None:
        capacity = f" (sales can take {told['capacity']:g})" if told["capacity"] else ""
        new = "leads that become ready a week" if again else "ready leads a week"
        week = f"{told['per_week']['now']:.1f} → {told['per_week']['changed']:.1f}{capacity}"
        rows.append((new, week))
    rows.append(("win rate of the ready", f"{rate(now)} → {rate(changed)}"))
    if now["never_worked"] or changed["never_worked"]:
        ends = f"{bounds(now)} → {bounds(changed)}"
        rows.append(("  if the never worked were lost … won", ends))
    wins = "won judgements among them" if again else "wins among them"
    rows.append((wins, f"{now['won']:,} → {changed['won']:,}"))
    rows += [
        (words, _of_which(group))
        for words, group in (("let in", told["let_in"]), ("left out", told["left_out"]))
        if group["leads"]
    ]
    if told["unknown"]["now"] != told["unknown"]["changed"]:
        both = told["unknown"]
        rows.append(
            ("cannot be judged, for missing data", f"{both['now']:,} → {both['changed']:,}")
        )
    return [*(f"   {words + ':':40}{figures}" for words, figures in rows), *_spared(told)]


def _of_which(group: Mapping[str, Any]) -> str:
    never = f", {group['never_worked']:,} of them never worked" if group["never_worked"] else ""
    return f"{group['leads']:,} of the later half{never}"


def _spared(told: Mapping[str, Any]) -> list[str]:
    """Say which leads that sales turned down would not have been sent, or sent as well."""
    lines = []
    for verb, sign in (("no longer sent", 1), ("sent as well", -1)):
        some = [
            f"{abs(n):,} {why}" for why, n in told["rejections_avoided"].items() if n * sign > 0
        ]
        if some:
            lines += _wrapped(f"{verb}, of the leads that sales turned down: {', '.join(some[:4])}")
    return lines


def _not_proposed(answer: Mapping[str, Any]) -> list[str]:
    """What else was asked, by why nothing came of it: people ask."""
    by_why: dict[str, list[str]] = {}
    for one in answer["not_proposed"]:
        asked_later = one["asked_later"] and one["words"]
        by_why.setdefault(one["why"], []).append(one["words"] if asked_later else one["what"])
    lines = ["Asked, and not proposed:"] if by_why else []
    for why, what in by_why.items():
        lines += [f"  {why}:", *_listed(what)]
    return lines


def _listed(what: Iterable[str]) -> list[str]:
    indent = " " * 4
    return textwrap.wrap("; ".join(what), WIDTH, initial_indent=indent, subsequent_indent=indent)
