"""Screen 5: what sales told us, and what marketing's content did."""

from __future__ import annotations

from features import text
from pipelines.pages.drawing import shortened
from pipelines.pages.pieces import Bar, BarChart, Table
from pipelines.workshop.facts.content import ContentFacts, Touch
from pipelines.workshop.facts.feedback import ReasonFate
from pipelines.workshop.facts.shares import Share, share_bar
from pipelines.workshop.screens.screen import Screen, Section

NO_REASONS = "Sales gave no reasons for turning leads down"
ASSOCIATION = (
    "An association, not proof that the content caused the wins: people who were keen anyway look "
    "at more."
)


def told_screen(reasons: tuple[ReasonFate, ...], won: Share, content: ContentFacts) -> Screen:
    """Show the reasons beside the rules, and the content beside leads of the same fit."""
    telling = [fate for fate in reasons if fate.fails is not None]
    more = []
    if telling:
        title = "Which criterion these leads fail more often"
        more.append(Section(title, [_telling_table(telling)]))
    content_chart = _content_chart(content) if content.touches else None
    if content_chart is not None and reasons:
        title = "Campaigns and content that touched leads, and what became of these"
        more.append(Section(title, [content_chart]))
    return Screen(
        key="told",
        title="Sales’ reasons, marketing’s content",
        sentence=f"{_reasons_words(reasons, won)}; {_content_words(content)}.",
        picture=_reasons_chart(reasons, won) if reasons else content_chart,
        notes=[content.note] if content.note else [],
        question=_reasons_question(reasons),
        more=more,
    )


def _reasons_words(reasons: tuple[ReasonFate, ...], won: Share) -> str:
    if not reasons:
        return NO_REASONS.removesuffix(".")
    kept = sum(fate.kept_back.part for fate in reasons)
    total = sum(fate.kept_back.whole for fate in reasons)
    beside = ""
    if won.whole:
        beside = f", and {text.percent(won.interval.value)} of the leads that were won"
    return (
        f"The rules would have kept back {text.percent(kept / max(total, 1))} of the "
        f"{text.count(total, 'lead')} that sales turned down{beside}"
    )


def _content_words(content: ContentFacts) -> str:
    if not content.touches:
        return "what content did is not known"
    beyond = [touch for touch in content.touches if touch.beyond_chance]
    best = max(beyond, key=lambda touch: touch.times, default=None)
    if best is None:
        return "no content went with more wins than leads of the same fit had, beyond chance"
    return (
        f"“{shortened(best.name)}” went with {text.interval(best.times, *best.ends, 1)} times the "
        "wins of leads of the same fit"
    )


def _reasons_chart(reasons: tuple[ReasonFate, ...], won: Share) -> BarChart:
    return BarChart(
        "Leads that the rules would have kept back, by the reason that sales gave",
        [
            *(share_bar(fate.kept_back, "other") for fate in reasons),
            *([share_bar(won)] if won.whole else []),
        ],
        note="With 95% interval. Leads that the rules cannot judge count as not kept back.",
    )


def _content_chart(content: ContentFacts) -> BarChart:
    adjusted = f" of the same {content.adjusted_for}" if content.adjusted_for else ""
    bars = [_touch_bar(touch) for touch in content.touches]
    return BarChart(
        f"Wins of the leads touched, compared with as many leads{adjusted}",
        bars,
        limit=1.0,
        limit_words="as many wins",
        note=f"With 95% interval. {ASSOCIATION}",
    )


def _touch_bar(touch: Touch) -> Bar:
    low, high = touch.ends
    return Bar(
        f"{touch.kind}: {touch.name}",
        touch.times,
        f"{text.interval(touch.times, low, high, 1)} times",
        f"{text.number(touch.won, 0)} wins of {text.count(touch.leads, 'lead')}",
        low,
        high,
    )


def _reasons_question(reasons: tuple[ReasonFate, ...]) -> str:
    if not reasons:
        return "Who asks sales for a reason whenever a lead is turned down?"
    worst = min(reasons, key=lambda fate: fate.kept_back.part / max(fate.kept_back.whole, 1))
    reason = shortened(worst.reason)
    return f"Which rule would keep back the leads that sales turns down as “{reason}”?"


def _telling_table(telling: list[ReasonFate]) -> Table:
    rows = [
        [fate.reason, f"{fate.criterion}: {fate.fails.label}", fate.fails.words]
        + ([fate.others_fail.words] if fate.others_fail else [text.NOTHING])
        for fate in telling
        if fate.fails is not None
    ]
    columns = ["reason", "criterion", "> of these leads fail it", "> of all other leads"]
    return Table("Reasons against criteria", columns, rows)
