"""Screen 1, where we are: the funnel, and both sides' complaint."""

from __future__ import annotations

from collections.abc import Mapping

from features import text
from pipelines.pages.drawing import shortened
from pipelines.pages.pieces import Bar, BarChart
from pipelines.workshop.facts.funnel import FunnelFacts, Step
from pipelines.workshop.facts.shares import Share, share_bar
from pipelines.workshop.screens.screen import Screen, Section


def where_screen(facts: FunnelFacts, terms: Mapping[str, str]) -> Screen:
    """Show the funnel, and the complaint of each side with its number.

    Parameters
    ----------
    facts : FunnelFacts
    terms : mapping of str to str
        Words that the teams agreed on, and what they mean; a step may be one of them.
    """
    notes = [facts.steps_note, facts.ignored_note, facts.rejected_note]
    return Screen(
        key="where",
        title="Where we are",
        sentence=_funnel_sentence(facts),
        picture=_funnel_chart(facts, terms),
        complaints=_complaints(facts),
        notes=[note for note in notes if note],
        question=_complaint_question(facts),
        more=_complaint_sections(facts),
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


def _funnel_chart(facts: FunnelFacts, terms: Mapping[str, str]) -> BarChart:
    steps, meanings = facts.steps, {term.casefold(): words for term, words in terms.items()}
    bars = [
        Bar(
            step.name,
            step.leads,
            text.count(step.leads, "lead"),
            _step_words(step, before),
            meaning=meanings.get(step.name.casefold(), ""),
        )
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


def _complaints(facts: FunnelFacts) -> list[tuple[str, str]]:
    """Say what each side complains about, in one fair sentence with its number."""
    complaints = []
    if facts.ignored is not None:
        words = f"sales never followed up {facts.ignored.words} of the leads that it was given."
        complaints.append(("Marketing’s complaint", words))
    if facts.rejected is not None and facts.reasons:
        words = f"{facts.rejected.words} of the leads had to be turned down, most often as "
        complaints.append(("Sales’ complaint", f"{words}“{shortened(facts.reasons[0].label)}”."))
    return complaints


def _complaint_sections(facts: FunnelFacts) -> list[Section]:
    sections = []
    if facts.ignored_by:
        chart = BarChart(
            f"Leads that were due and never followed up, by {facts.source_words}",
            [share_bar(share) for share in facts.ignored_by],
            note="Share of the leads that were due, with 95% interval.",
        )
        sections.append(Section(f"Who was never followed up, by {facts.source_words}", [chart]))
    if facts.reasons:
        chart = BarChart(
            "Leads that sales turned down, by reason",
            [share_bar(share, "other") for share in facts.reasons],
            note="Share of the leads that sales turned down, with 95% interval.",
        )
        sections.append(Section("What sales turned down, and why", [chart]))
    return sections


def _complaint_question(facts: FunnelFacts) -> str:
    if facts.ignored is not None and facts.reasons:
        return "What do we fix first: the follow-up of leads, or which leads are handed over?"
    if facts.ignored is not None:
        return "Who follows up which leads, and within how many hours?"
    if facts.reasons:
        reason = shortened(facts.reasons[0].label)
        return f"What would have kept back the leads turned down as “{reason}”?"
    return "Who writes down from today which leads were followed up, and why others were not?"
