"""Screen 2, what we agreed: the definition, and how leads fared by each criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from features import text
from pipelines.definition.rates_text import points_difference_text
from pipelines.pages.drawing import shortened
from pipelines.pages.pieces import Bar, BarChart, Table, rate_bar, share_text
from pipelines.workshop.facts.agreed import AgreedFacts, CriterionFate
from pipelines.workshop.screens.screen import Screen, Section

MOST_DRAWN = 8  # criteria in the picture, in the order of the file; the others are folded away


def agreed_screen(facts: AgreedFacts) -> Screen:
    """Show the definition, who signed it, and what became of leads by criterion."""
    first, others = facts.criteria[:MOST_DRAWN], facts.criteria[MOST_DRAWN:]
    rest = [_criteria_chart(others)] if others else []
    return Screen(
        key="agreed",
        title="What we agreed",
        sentence=_criteria_sentence(facts),
        picture=_criteria_chart(first),
        notes=[f"Ready: {facts.ready}.", *_never_notes(facts), _signed_text(facts)],
        question=_criteria_question(facts),
        more=[Section("Every criterion in figures", [*rest, _criteria_table(facts)])],
    )


def _criteria_sentence(facts: AgreedFacts) -> str:
    known = [fate for fate in facts.criteria if fate.enough]
    if not known:
        return "No past lead with a known outcome shows yet what the criteria are worth."
    strongest = max(known, key=lambda fate: abs(fate.difference.value or 0.0) * fate.tells_apart)
    told = sum(fate.tells_apart for fate in known)
    if not told:
        return "No criterion tells good leads from others beyond chance."
    start = (
        f"{_how_many(told, len(known))} {'tells' if told == 1 else 'tell'} good leads from others "
        "beyond chance"
    )
    group, rest, name = strongest.meets, strongest.does_not, f"“{shortened(strongest.id)}”"
    which = f", {name} most clearly: with it" if told > 1 else f": with {name}"
    return (
        f"{start}{which} {share_text(group.rate, group.low, group.high)} were won, without it "
        f"{share_text(rest.rate, rest.low, rest.high)}."
    )


def _how_many(told: int, known: int) -> str:
    """Say how many of the criteria.

    Examples
    --------
    >>> _how_many(7, 7), _how_many(1, 7), _how_many(1, 1)
    ('All 7 criteria', '1 of 7 criteria', 'The only criterion')
    """
    if told == known:
        return "The only criterion" if known == 1 else f"All {text.number(known, 0)} criteria"
    return f"{text.number(told, 0)} of {text.count(known, 'criterion', 'criteria')}"


def _criteria_chart(criteria: Sequence[CriterionFate]) -> BarChart:
    bars: list[Bar] = []
    for fate in criteria:
        applies = "applies (never handed over)" if fate.excludes else "met"
        fails = "does not apply" if fate.excludes else "not met"
        bars += [
            replace(rate_bar(f"{fate.id}: {applies}", fate.meets), meaning=fate.words),
            rate_bar(f"{fate.id}: {fails}", fate.does_not, "muted"),
        ]
    return BarChart(
        "Win rate of past leads with and without each criterion, with 95% interval", bars
    )


def _never_notes(facts: AgreedFacts) -> list[str]:
    return [f"Never: {facts.never}."] if facts.never else []


def _signed_text(facts: AgreedFacts) -> str:
    name = f"“{facts.name}”" if facts.name else "The definition"
    name += f", version {facts.version}" if facts.version else ""
    signed = f"signed by {text.join(facts.signed_by)}" if facts.signed_by else "signed by nobody"
    missing = f" Missing: {'; '.join(facts.unsigned_because)}." if facts.unsigned_because else ""
    return f"{name}: {signed}.{missing}"


def _criteria_question(facts: AgreedFacts) -> str:
    wrong = [fate for fate in facts.criteria if fate.against_its_purpose]
    idle = [fate for fate in facts.criteria if fate.enough and not fate.tells_apart]
    if wrong:
        fault = "lets the worse leads through"
        if wrong[0].excludes:
            fault = "keeps back leads that are won more often than the others"
        return f"“{shortened(wrong[0].id)}” {fault}. Does anybody still want it, and why?"
    if idle:
        return (
            f"Past leads do not show that “{shortened(idle[0].id)}” makes a difference. Do we keep "
            "it, and who can say why?"
        )
    return "Does each criterion still say what we mean, and is one missing?"


def _criteria_table(facts: AgreedFacts) -> Table:
    columns = [
        "criterion",
        "rule",
        "asked by",
        "> leads that meet it",
        "> do not",
        "> not known",
        "> difference of the win rates",
    ]
    return Table("Criteria and past leads", columns, [_fate_row(fate) for fate in facts.criteria])


def _fate_row(fate: CriterionFate) -> list[str]:
    counts = (fate.meets.leads, fate.does_not.leads, fate.unknown)
    asked = f"{fate.asked_by}: {fate.because}" if fate.because else fate.asked_by
    difference = "too few leads to compare"
    if fate.enough and fate.difference.value is not None:
        difference = points_difference_text(fate.difference)
    return [fate.id, fate.words, asked, *(text.number(n, 0) for n in counts), difference]
