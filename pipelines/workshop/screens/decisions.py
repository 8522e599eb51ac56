"""Screen 7, decisions: how far to trust the model, and a line for each open question."""

from __future__ import annotations

from features import text
from features.locale import iso_day
from model.training.intervals import Interval
from pipelines.old_score.trial_text import (
    old_score_columns,
    old_score_leads_text,
    old_score_rows,
    old_score_verdict_text,
)
from pipelines.pages.pieces import Bar, BarChart, Table, share_text
from pipelines.train.training_json import OldScoreJson
from pipelines.workshop.facts.trust import Period, TrustFacts
from pipelines.workshop.screens.screen import Screen, Section

KEY, TITLE = "decisions", "Decisions"
QUESTION = "Who does what by when, and when do we meet again?"


def decisions_screen(facts: TrustFacts | None, note: str) -> Screen:
    """Show how the model did on leads that it had not seen, and where it is weak."""
    if facts is None:
        return Screen(KEY, TITLE, f"How far to trust a model is not known. {note}", None, QUESTION)
    weak = list(facts.weak) or ["It passed every check, without a warning."]
    warnings = text.count(len(facts.weak), "warning") if facts.weak else "no warning"
    heading = f"Where the model is weak: {warnings}"
    return Screen(
        key=KEY,
        title=TITLE,
        sentence=_trust_sentence(facts),
        picture=_wins_chart(facts),
        notes=[
            _ranked_text(facts.ranked),
            *_found_notes(facts.found),
            *map(old_score_verdict_text, facts.old_scores),
        ],
        question=QUESTION,
        more=[Section(heading, weak), *map(_old_score_section, facts.old_scores)],
    )


def _old_score_section(trial: OldScoreJson) -> Section:
    first, *figures = old_score_columns(trial)
    table = Table(
        f"Scorers on the leads that have {trial['name']}",
        [first, *(f"> {name}" for name in figures)],
        old_score_rows(trial),
    )
    return Section(f"The old score on trial: {trial['name']}", [old_score_leads_text(trial), table])


def _trust_sentence(facts: TrustFacts) -> str:
    when = ""
    if facts.test_from:
        when = f" from {iso_day(facts.test_from)} to {iso_day(facts.test_until)}"
    leads = f"{text.count(facts.leads, 'lead')}{when} that it had never seen"
    if facts.predicted.value is None:
        return f"The model was tested on {leads}; too few of them were won to say more."
    share = text.percent_interval(*facts.predicted)
    return (
        f"On {leads}, {text.number(facts.won, 0)} of them won, the model predicted {share} of "
        "the wins."
    )


def _wins_chart(facts: TrustFacts) -> BarChart:
    bars: list[Bar] = []
    for period in facts.periods:
        bars += [_predicted_bar(period), _actual_bar(period)]
    return BarChart(
        "Predicted and actual wins, each predicted from what was known before",
        bars,
        note=f"The line on the actual wins is the 95% interval.{_weighted_text(facts)}",
    )


def _weighted_text(facts: TrustFacts) -> str:
    if not facts.weighted:
        return ""
    return " Leads that sales worked are weighted to stand for those it never worked as well."


def _predicted_bar(period: Period) -> Bar:
    words = text.count(round(period.predicted), "win")
    behind = text.count(period.leads, "lead")
    return Bar(f"{period.name}: predicted", period.predicted, words, behind, tone="muted")


def _actual_bar(period: Period) -> Bar:
    low, high = period.ends
    words = f"{text.number(period.won, 0)} ({text.number(low, 0)}–{text.number(high, 0)}) wins"
    return Bar(f"{period.name}: actual", period.won, words, "", low, high)


def _ranked_text(ranked: Interval) -> str:
    if ranked.value is None:
        return "How well it ranks leads is not known."
    return (
        f"Of two leads, one won and one not, it gives the won one the higher score in "
        f"{share_text(*ranked)} of all pairs; guessing does so in 50%."
    )


def _found_notes(found: Interval) -> list[str]:
    if found.value is None:
        return []
    return [f"The fifth of the leads with the best scores holds {share_text(*found)} of the wins."]
