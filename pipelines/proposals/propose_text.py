"""Proposals as people read them: what to change, why, the effect, and the patch."""

from __future__ import annotations

from features.text import count, number, wrap
from model.proposals.time_split import WorkedLeads
from model.simulation.win_rates import WinRate
from pipelines.definition.rates_text import BOUNDS, bounds_text, win_rate_text
from pipelines.proposals.answer import Effect, HalfSummary, Proposals, ProposedChange

SCALE = "10 points double the odds of a win; the average lead has 0"
KINDS = {
    "threshold": "another threshold",
    "criterion": "a criterion that makes no difference, or that outcomes contradict",
    "values": "a value to add to a list, or to take off it",
    "missing criterion": "something that ready leads should also meet",
    "missing alternative": "something else that is enough",
    "rejections": "something that sales rejects leads for",
}
INDENT = "   "
MOST_REASONS = 4  # rejection reasons that are shown
LABEL_WIDTH = 38


def proposals_text(answer: Proposals) -> str:
    """Write all proposals, and what else was tried."""
    parts = [
        _found_on_lines(answer),
        *(_proposal_lines(n, change, answer) for n, change in enumerate(answer.proposals, start=1)),
        _together_lines(answer),
        _written_lines(answer),
        _not_proposed_lines(answer),
        wrap(answer.method),
    ]
    if not answer.proposals:
        parts.insert(1, wrap("No changes proposed: the later leads confirm none beyond chance."))
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _found_on_lines(answer: Proposals) -> list[str]:
    earlier = _half_text(answer.found_on, "earlier")
    later = _half_text(answer.confirmed_on, "later")
    lines = [
        f"Tried {count(answer.questions, 'kind of change', 'kinds of change')}",
        *wrap(f"on {earlier},", "  "),
        *wrap(f"and tested the best on {later}.", "  "),
    ]
    if answer.worked.never_worked:
        lines += wrap(_never_worked_text(answer.worked))
    for warning in answer.warnings:
        lines += wrap(f"warning: {warning}")
    return lines


def _half_text(half: HalfSummary, which: str) -> str:
    leads = count(half.leads, f"{which} lead")
    repeatedly = f", judged {half.judgements:,} times" if half.judgements else ""
    when = f" from {half.first_day} to {half.last_day}" if half.first_day else ""
    return f"{leads}{repeatedly} ({half.won:,} won){when}"


def _never_worked_text(worked: WorkedLeads) -> str:
    never = (
        f"Sales never worked {count(worked.never_worked, 'other lead')} of the later period, so "
        "their outcomes are unknown."
    )
    if not worked.weighted:
        return f"{never} The worked leads are not weighted to represent them."
    left_out = (
        f", except {count(worked.no_prediction, 'lead')} of kinds that it hardly ever works"
        if worked.no_prediction
        else ""
    )
    effective = f"{worked.effective:,.0f}"
    return (
        f"{never} The worked leads are weighted to represent them too{left_out}. Weighted, they "
        f"carry as much information as {effective} leads."
    )


def _proposal_lines(place: int, change: ProposedChange, answer: Proposals) -> list[str]:
    lines = wrap(f"{place}. {change.words}", hanging=INDENT)
    lines += wrap(f"({KINDS[change.kind]})", INDENT)
    lines += wrap(change.reason, INDENT)
    for also in change.also:
        lines += wrap(f"Also confirmed, for mostly the same leads: {also}", INDENT)
    lines += wrap(f"{change.worth} ({SCALE}).", INDENT)
    lines += wrap(f"Risk that it is chance: {chance_text(change.adjusted_p)}.", INDENT)
    lines += ["", f"{INDENT}Effect on the later leads:", *_effect_lines(change.effect, answer)]
    return [*lines, "", *(f"{INDENT}{line}" for line in change.diff.splitlines())]


def chance_text(adjusted_p: float) -> str:
    """Say how many of such proposals may be chance.

    Examples
    --------
    >>> chance_text(0.02), chance_text(0.00004)
    ('at most 1 in 50 such proposals', 'at most 1 in 10,000 such proposals')
    """
    one_in = min(int(1 / max(adjusted_p, 1e-9)), 10_000)
    return f"at most 1 in {one_in:,} such proposals"


def _together_lines(answer: Proposals) -> list[str]:
    if answer.together is None or len(answer.proposals) < 2:
        return []
    return ["All changes together, on the later leads:", *_effect_lines(answer.together, answer)]


def _written_lines(answer: Proposals) -> list[str]:
    if not answer.written:
        return []
    diff = f"leadready definition diff {answer.file} {answer.written}"
    return [*wrap(f"Written to {answer.written}. Compare it before you sign it:"), f"  {diff}"]


def _effect_lines(effect: Effect, answer: Proposals) -> list[str]:
    """Write the effect of a change as lines of ``figure: now → changed``."""
    panel = bool(answer.confirmed_on.judgements)
    ready, moved, unknown = effect.ready, effect.change, effect.unknown
    figures: dict[str, str] = {}
    if effect.per_week.now is not None:
        label = "newly ready leads per week" if panel else "ready leads per week"
        capacity = f" (sales can take {effect.capacity:g})" if effect.capacity else ""
        week = _arrow(number(effect.per_week.now, 1), number(effect.per_week.changed, 1))
        figures[label] = week + capacity
    figures["win rate of ready leads"] = _arrow(*map(win_rate_text, (ready.now, ready.changed)))
    if ready.now.never_worked or ready.changed.never_worked:
        bounds = _arrow(*map(bounds_text, (ready.now, ready.changed)))
        figures[f"  {BOUNDS}"] = bounds
    wins = "won judgements among them" if panel else "wins among them"
    figures[wins] = _arrow(f"{ready.now.won:,}", f"{ready.changed.won:,}")
    for label, group in (
        ("newly ready", moved.newly_ready.win_rate),
        ("no longer ready", moved.no_longer_ready.win_rate),
    ):
        if group.leads:
            figures[label] = _moved_leads_text(group)
    if unknown.now != unknown.changed:
        missing = _arrow(f"{unknown.now:,}", f"{unknown.changed:,}")
        figures["not judged, as data is missing"] = missing
    lines = [f"{INDENT}{label + ':':{LABEL_WIDTH}} {text}" for label, text in figures.items()]
    return [*lines, *_avoided_lines(effect)]


def _arrow(now: str, changed: str) -> str:
    return f"{now} → {changed}"


def _moved_leads_text(group: WinRate) -> str:
    never = f", {group.never_worked:,} never worked" if group.never_worked else ""
    return f"{count(group.leads, 'later lead')}{never}"


def _avoided_lines(effect: Effect) -> list[str]:
    """Say how many leads that sales rejected would not have been sent, or also sent."""
    lines = []
    for label, sign in (
        ("Rejected leads no longer sent", 1),
        ("Rejected leads also sent", -1),
    ):
        reasons = [
            f"{abs(leads):,} {reason}"
            for reason, leads in effect.rejections_avoided.items()
            if leads * sign > 0
        ]
        if reasons:
            lines += wrap(f"{label}: {', '.join(reasons[:MOST_REASONS])}", INDENT, INDENT + "  ")
    return lines


def _not_proposed_lines(answer: Proposals) -> list[str]:
    """Name what else was tried, by the reason why it is not proposed."""
    by_reason: dict[str, list[str]] = {}
    for tried in answer.not_proposed:
        specific = tried.words if tried.tested_later else None
        by_reason.setdefault(tried.why, []).append(specific or tried.tried)
    lines = ["Tried, but not proposed:"] if by_reason else []
    for reason, tried_texts in by_reason.items():
        sentence = f"{reason[0].upper()}{reason[1:]}: {'; '.join(tried_texts)}."
        lines += wrap(sentence, "  ", "    ")
    return lines
