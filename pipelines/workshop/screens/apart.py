"""Screen 4, where we part ways: who was right where model and rules disagree."""

from __future__ import annotations

from features import text
from model.simulation.disagreement import (
    BOTH,
    LEAST_LEADS,
    MODEL,
    MODEL_ONLY,
    NEITHER,
    NOT_JUDGED,
    RULES,
    RULES_ONLY,
    Disagreement,
    VerdictGroup,
)
from pipelines.definition.disagreement import trait_text
from pipelines.definition.rates_text import points_difference_text
from pipelines.pages.pieces import BarChart, Table, rate_bar
from pipelines.workshop.facts.parting import PartingFacts
from pipelines.workshop.screens.screen import Screen, Section

KEY, TITLE = "apart", "Where we part ways"
LABELS = {
    BOTH: "Both say ready",
    MODEL_ONLY: "Only the model says ready",
    RULES_ONLY: "Only the rules say ready",
    NEITHER: "Neither says ready",
    NOT_JUDGED: "The rules cannot tell (data is missing)",
}
DAY = 3  # the column of examples that says when they were judged
SIDES = {MODEL_ONLY: "only the model", RULES_ONLY: "only the rules"}


def apart_screen(facts: PartingFacts | None, note: str) -> Screen:
    """Show the leads on which model and rules disagree, and what became of them."""
    if facts is None:
        question = "Until there is a model that these leads can test, whose word decides?"
        return Screen(KEY, TITLE, note, None, question)
    groups = facts.agreement.disagreement.groups
    return Screen(
        key=KEY,
        title=TITLE,
        sentence=_who_sentence(facts),
        picture=_groups_chart(facts),
        notes=[_period_text(facts)],
        question=_side_question(facts),
        more=[
            Section(
                "What these leads have in common",
                [_traits_table(side, groups[side]) for side in SIDES],
            ),
            Section("Examples: good leads, and leads that went no further", [_examples(facts)]),
        ],
    )


def _who_sentence(facts: PartingFacts) -> str:
    right = _who_words(facts.agreement.disagreement)
    by_model, by_rules = (facts.per_week(side) for side in SIDES)
    if by_model is None or by_rules is None:
        return f"{right[:1].upper()}{right[1:]}."
    return (
        f"Each week only the model calls {text.number(by_model, 1)} leads ready, and only the "
        f"rules {text.number(by_rules, 1)}; {right}."
    )


def _who_words(found: Disagreement) -> str:
    """Say in half a sentence who was right."""
    if found.difference is None:
        return (
            f"who was right cannot be told yet, as one side has fewer than {LEAST_LEADS} leads "
            "with a known outcome"
        )
    difference = points_difference_text(found.difference, -1 if found.right == RULES else 1)
    if found.right not in (MODEL, RULES):
        return f"their win rates differ by {difference}, which may be chance"
    side, other = (MODEL, RULES) if found.right == MODEL else (RULES, MODEL)
    verb, whose = ("was", "its") if side == MODEL else ("were", "their")
    return (
        f"the {side} {verb} right, as {whose} leads were won more often than those of the {other}, "
        f"by {difference}"
    )


def _groups_chart(facts: PartingFacts) -> BarChart:
    groups = facts.agreement.disagreement.groups
    bars = [
        rate_bar(
            f"{words} ({_leads_words(facts, name)})",
            groups[name].win_rate,
            "main" if name == MODEL_ONLY else "other" if name == RULES_ONLY else "muted",
        )
        for name, words in LABELS.items()
        if groups[name].win_rate.leads
    ]
    return BarChart("What became of them: win rate with 95% interval", bars)


def _leads_words(facts: PartingFacts, name: str) -> str:
    leads = text.count(facts.agreement.disagreement.groups[name].win_rate.leads, "lead")
    weekly = facts.per_week(name)
    return leads if weekly is None else f"{leads}, {text.number(weekly, 1)} a week"


def _period_text(facts: PartingFacts) -> str:
    answer = facts.agreement
    when = f" judged from {answer.first_day} to {answer.last_day}" if answer.first_day else ""
    return (
        f"{text.count(answer.disagreement.leads, 'lead')}{when}; the model has learned from none "
        "of them."
    )


def _side_question(facts: PartingFacts) -> str:
    right = facts.agreement.disagreement.right
    if right == "model":
        return "Should sales take the leads that only the model calls ready, or do we widen a rule?"
    if right == "rules":
        return "The rules knew better: what did the people who wrote them see that no column says?"
    return "Should a person look at these leads, or should the model or the rules decide?"


def _traits_table(side: str, group: VerdictGroup) -> Table:
    rows = [["more frequent", trait_text(trait)] for trait in group.traits]
    rows += [
        ["fails the criterion", f"{failed.criterion}: {text.percent(failed.share)} of these leads"]
        for failed in group.failed[:5]
    ]
    verb = "calls" if side == MODEL_ONLY else "call"
    called = f"Leads that {SIDES[side]} {verb} ready"
    compared = f"compared with others that the rules judge alike ({group.compared_with})"
    return Table(f"{called}, {compared}", ["what", "which"], rows)


def _examples(facts: PartingFacts) -> Table:
    rows = [
        [
            example.lead_id,
            SIDES[example.side],
            "won" if example.won else "went no further",
            example.judged_on,
            example.score,
            example.reasons or text.NOTHING,
            example.failed or text.NOTHING,
        ]
        for example in facts.examples
    ]
    columns = ["lead", "called ready by", "outcome", "judged on", "> score"]
    columns += ["what moved the score", "criteria it fails"]
    if all(example.judged_on == text.NOTHING for example in facts.examples):
        columns.pop(DAY)
        rows = [[*row[:DAY], *row[DAY + 1 :]] for row in rows]
    return Table("Past leads, by their id in the CRM", columns, rows)
