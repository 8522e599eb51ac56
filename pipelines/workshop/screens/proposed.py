"""Screen 6, proposals: what each change would mean in leads, wins and work."""

from __future__ import annotations

from features import text
from model.simulation.consequences import Consequences
from model.simulation.win_rates import WinRate
from pipelines.pages.pieces import Bar, BarChart, Table, rate_bar, share_text, shortest_number
from pipelines.proposals.answer import Effect, ProposedChange
from pipelines.workshop.facts.changes import ChangeFacts
from pipelines.workshop.screens.screen import Screen, Section


def proposed_screen(facts: ChangeFacts) -> Screen:
    """Show the definition today, and each proposed change beside it."""
    changes = facts.proposals.proposals if facts.proposals else []
    charts = [_rate_chart(facts.current, changes), _missed_chart(facts.current, changes)]
    if _dated(facts.current):
        charts = [_volume_chart(facts.current, changes), *charts]
    more = [Section("Why these changes", [_reasons_table(changes)])] if changes else []
    return Screen(
        key="proposals",
        title="Proposals",
        sentence=_today_sentence(facts.current),
        picture=charts[0],
        notes=[_tried_text(facts), *_later_notes(changes)],
        question=_proposal_question(changes),
        more=[*more, *_consequences(charts[1:]), *_quarter_sections(facts), *_not_proposed(facts)],
    )


def _consequences(charts: list[BarChart]) -> list[Section]:
    return [Section("Win rates, and wins that are missed", charts)]


def _dated(current: Consequences) -> bool:
    return current.workload.per_week is not None


def _today_sentence(current: Consequences) -> str:
    load, ready = current.workload, current.ready
    judged = text.count(current.judgements, "past lead")
    volume = f"{text.number(current.verdicts['ready'], 0)} of {judged}"
    if load.per_week is not None:
        volume = f"{text.number(load.per_week, 1)} leads a week"
        if load.capacity is not None:
            volume += f" (sales can take {shortest_number(load.capacity)})"
    rate = share_text(ready.rate, ready.low, ready.high)
    won = "no outcome of them is known" if ready.rate is None else f"{rate} of them are won"
    missed = text.count(current.missed_wins.leads, "other win")
    return f"Today the rules call {volume} ready; {won}, and {missed} were missed."


def _volume_chart(current: Consequences, changes: list[ProposedChange]) -> BarChart:
    load = current.workload
    weeks = f"over {text.number(current.weeks, 0)} weeks"
    bars = [_weekly_bar("Today", load.per_week, f"{_won_text(current.ready)}; {weeks}")]
    for change in changes:
        weekly = change.effect.per_week
        before = f"{text.number(weekly.now, 1)} without the change, over the same time"
        behind = f"{_won_text(change.effect.ready.changed)}; {before}"
        bars.append(_weekly_bar(change.words, weekly.changed, behind))
    return BarChart(
        "Ready leads a week",
        bars,
        limit=load.capacity,
        limit_words=""
        if load.capacity is None
        else f"sales can take {shortest_number(load.capacity)} a week",
    )


def _won_text(ready: WinRate) -> str:
    if ready.rate is None:
        return "no outcome known"
    return f"{share_text(ready.rate, ready.low, ready.high)} won"


def _weekly_bar(label: str, per_week: float | None, behind: str) -> Bar:
    return Bar(label, per_week, f"{text.number(per_week, 1)} a week", behind)


def _rate_chart(current: Consequences, changes: list[ProposedChange]) -> BarChart:
    bars = [
        rate_bar("Ready leads today", current.ready),
        rate_bar("Leads that are not ready today", current.not_ready, "muted"),
    ]
    for change in changes:
        bars.append(rate_bar(f"Ready leads with: {change.words}", change.effect.ready.changed))
    return BarChart("Win rate, with 95% interval", bars)


def _missed_chart(current: Consequences, changes: list[ProposedChange]) -> BarChart:
    bars = [
        Bar(
            "Missed: won, though not ready",
            current.missed_wins.leads,
            _wins(current.missed_wins.leads),
        ),
        Bar(
            "Won, though the rules could not judge",
            current.unjudged_wins.leads,
            _wins(current.unjudged_wins.leads),
            tone="muted",
        ),
        Bar("Won and ready", current.ready.won, _wins(current.ready.won), tone="other"),
    ]
    bars += [_gain_bar(change.words, change.effect) for change in changes]
    return BarChart("Wins of past leads, today and by each change", bars)


def _wins(number: int) -> str:
    return text.count(number, "win")


def _gain_bar(label: str, effect: Effect) -> Bar:
    gained = len(effect.change.newly_ready.won_ids) - len(effect.change.no_longer_ready.won_ids)
    leads = effect.change.newly_ready.win_rate.leads + effect.change.no_longer_ready.win_rate.leads
    behind = f"{text.count(leads, 'later lead')} would change sides"
    return Bar(label, gained, f"{text.signed(gained)} wins among ready leads", behind)


def _tried_text(facts: ChangeFacts) -> str:
    if facts.proposals is None:
        return f"No change could be tested: {facts.why_none}."
    tried = text.count(facts.proposals.questions, "kind of change was", "kinds of change were")
    later = text.count(facts.proposals.confirmed_on.leads, "later lead")
    found = len(facts.proposals.proposals)
    if not found:
        return f"{tried} tested; none held on earlier leads and again on {later}."
    held = "one change is" if found == 1 else f"{text.number(found, 0)} changes are"
    return f"{tried} tested; {held} supported by earlier leads and again by {later}."


def _later_notes(changes: list[ProposedChange]) -> list[str]:
    return ["Figures of changes are of the later leads only."] if changes else []


def _proposal_question(changes: list[ProposedChange]) -> str:
    if len(changes) == 1:
        return f"Do we take this change: {changes[0].words}?"
    if changes:
        return f"Which of these changes do we take, and which first: {changes[0].words}?"
    return "No change is proposed. Do the rules stay as they are until more outcomes are known?"


def _reasons_table(changes: list[ProposedChange]) -> Table:
    rows = [[change.words, change.reason, change.worth] for change in changes]
    return Table("What speaks for each change", ["change", "outcomes", "in points"], rows)


def _quarter_sections(facts: ChangeFacts) -> list[Section]:
    if not facts.quarters:
        return []
    columns = ["quarter of the hand-off", "> leads", "> ready", "> of these won"]
    columns += ["> other wins, missed", "> outcome not known yet"]
    rows = [
        [quarter.name, *(text.number(figure, 0) for figure in quarter.figures)]
        for quarter in facts.quarters
    ]
    table = Table("Leads by the quarter in which they were judged", columns, rows)
    return [Section("Quarter by quarter: what the rules let through and what they missed", [table])]


def _not_proposed(facts: ChangeFacts) -> list[Section]:
    if facts.proposals is None or not facts.proposals.not_proposed:
        return []
    rows = [[tried.words or tried.tried, tried.why] for tried in facts.proposals.not_proposed]
    columns = ["change", "why it is not proposed"]
    return [Section("What was tested and is not proposed", [Table("Tested", columns, rows)])]
