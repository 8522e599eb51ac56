"""Screen 1, where we are: the funnel, and both sides' complaint."""

from __future__ import annotations

from features import text
from pipelines.pages.pieces import Bar, BarChart
from pipelines.workshop.facts.funnel import FunnelFacts, Step
from pipelines.workshop.facts.shares import Share, share_bar
from pipelines.workshop.screens.screen import Screen


def where_screen(facts: FunnelFacts) -> Screen:
    """Show the funnel, and the complaint of each side with its number."""
    pair = [
        chart for chart in (_ignored_chart(facts), _turned_down_chart(facts)) if chart is not None
    ]
    notes = [facts.steps_note, facts.ignored_note, facts.rejected_note]
    return Screen(
        key="where",
        title="Where we are",
        sentence=_funnel_sentence(facts),
        picture=[_funnel_chart(facts)],
        pair=pair,
        notes=[note for note in notes if note],
        question=_complaint_question(facts),
    )


def _funnel_sentence(facts: FunnelFacts) -> str:
    first, last = facts.steps[0], facts.steps[-1]
    share = Share("won", last.leads, first.leads)
    age = f" that are at least {facts.least_age} days old" if facts.least_age else ""
    days = ""
    if last.days is not None:
        days = f"; half of the wins took longer than {text.count(round(last.days), 'day')}"
    won = text.number(last.leads, 0)
    return f"Of {text.count(first.leads, 'lead')}{age}, {won} were won: {share.words}{days}."


def _funnel_chart(facts: FunnelFacts) -> BarChart:
    steps = facts.steps
    bars = [
        Bar(step.name, step.leads, text.count(step.leads, "lead"), _step_words(step, before))
        for step, before in zip(steps, (None, *steps[:-1]), strict=True)
    ]
    return BarChart("From the first contact to the win: leads that came at least this far", bars)


def _step_words(step: Step, before: Step | None) -> str:
    if before is None:
        return ""
    words = "all of the step before"
    if step.leads < before.leads:
        words = f"{Share('', step.leads, before.leads).words} of the step before"
    if step.days is not None:
        words += f"; {text.count(round(step.days), 'day')} after the first contact (median)"
    return words


def _ignored_chart(facts: FunnelFacts) -> BarChart | None:
    if facts.ignored is None:
        return None
    title = (
        f"Marketing’s complaint: sales never followed up {facts.ignored.words} of the leads it "
        "was given"
    )
    bars = [share_bar(share) for share in facts.ignored_by] or [share_bar(facts.ignored)]
    by = f", by {facts.source_words}" if facts.ignored_by else ""
    return BarChart(f"{title}{by}", bars, note="Share of the leads that were due, with interval.")


def _turned_down_chart(facts: FunnelFacts) -> BarChart | None:
    if facts.rejected is None or not facts.reasons:
        return None
    title = (
        f"Sales’ complaint: {facts.rejected.words} of the leads had to be turned down, most often "
        f"as “{facts.reasons[0].label}”"
    )
    bars = [share_bar(share, "other") for share in facts.reasons]
    return BarChart(title, bars, note="Share of the leads that sales turned down, with interval.")


def _complaint_question(facts: FunnelFacts) -> str:
    if facts.ignored is not None and facts.reasons:
        return "What do we mend first: the follow-up of leads, or which leads are handed over?"
    if facts.ignored is not None:
        return "Who follows up which leads, and within how many hours?"
    if facts.reasons:
        return f"What would have kept the leads back that were “{facts.reasons[0].label}”?"
    return "Who writes down from today which leads were followed up, and why others were not?"
