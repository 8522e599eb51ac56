"""The brief of one lead, as a sales rep reads it before the call."""

from __future__ import annotations

from collections.abc import Sequence

from features import text
from model.serving import SMALLEST_REASON, WITH_SALES, Contribution
from model.training.rejections import LikelyReason
from pipelines.brief.explain import Brief, RecentEvent
from pipelines.brief.what_if import READY
from pipelines.output import chance_text

VERDICTS = {
    "ready": "ready",
    "not ready": "not ready",
    "never": "never hand over",
    "unknown": "unknown, since data is missing",
}
DISAGREEMENT = {
    "model only": "The model says ready: similar leads were won, though the rules are not met.",
    "rules only": "The model says not ready: similar leads were seldom won.",
}


def brief_text(brief: Brief) -> str:
    """Write the brief of a lead for people."""
    return "\n\n".join("\n".join(lines) for lines in brief_parts(brief))


def brief_parts(brief: Brief) -> list[list[str]]:
    """Write the parts of a brief, each as lines."""
    reasons = {
        sign: [part for part in brief.points if part.points * sign >= SMALLEST_REASON]
        for sign in (1, -1)
    }
    parts = [
        _summary_lines(brief),
        no_prediction_lines(brief.warnings),
        _reason_lines("For", reasons[1]),
        _reason_lines("Against", reasons[-1]),
        rejection_lines(brief.likely_rejection),
        _rule_lines(brief),
        _question_lines(brief),
        _ready_lines(brief),
        _event_lines(brief.recent_events),
        text.wrap(
            f"The score is {text.unsigned(brief.start)} plus these points. An average lead scores "
            "50; every 10 points double the odds of a win. "
            f"Model {brief.model_version}, definition {brief.definition_version}."
        ),
    ]
    return [lines for lines in parts if lines]


def _summary_lines(brief: Brief) -> list[str]:
    hours = brief.follow_up_hours
    call = f": call within {hours:g} hours" if hours and brief.decision == "hand off" else ""
    call = ": sales already has this lead" if brief.decision == "with sales" else call
    call = call if brief.is_open else ", if it were open at that time"
    within = f" within {brief.horizon_days} days" if brief.horizon_days else ""
    times = text.number(brief.probability / brief.average, 1)
    return [
        f"Lead {brief.lead_id} on {brief.as_of[:10]}",
        f"{brief.decision.upper()}{call}",
        f"Score {text.unsigned(brief.score)} · fit {brief.grade} · engagement {brief.level}",
        f"{chance_text(brief.probability)} likely to be won{within} ({times} × the average)",
    ]


def no_prediction_lines(reasons: Sequence[str]) -> list[str]:
    """Say why the model cannot predict such a lead."""
    return [
        line
        for reason in reasons
        for line in text.wrap(f"No reliable prediction ({reason}).", hanging="  ")
    ]


def _reason_lines(title: str, contributions: Sequence[Contribution]) -> list[str]:
    if not contributions:
        return []
    lines = [title]
    for part in contributions:
        words = f"{part.words}: {part.label}"
        lines += text.wrap(words, f"  {text.signed(part.points):>5}  ", " " * 9)
    return lines


def rejection_lines(likely: LikelyReason | None) -> list[str]:
    """Say why sales would reject the lead, where one reason is likely enough."""
    if likely is None:
        return []
    return text.wrap(
        f"If sales rejects it, the most likely reason: {likely.reason} "
        f"({text.percent(likely.probability)}; {text.percent(likely.usual)} of all "
        "rejected leads)"
    )


def _rule_lines(brief: Brief) -> list[str]:
    rules = "Agreed rules" if brief.signed else "Rules, which nobody has signed yet"
    lines = [f"{rules}: {VERDICTS[brief.rules_verdict]}"]
    for criterion in brief.failed_criteria:
        by = f", requested by {criterion.asked_by}" if criterion.asked_by else ""
        how = "ruled out by" if criterion.holds else "not met"
        lines += text.wrap(f"{how}: {criterion.words} ({criterion.id}{by})", "  ", "    ")
    if brief.missing:
        lines += text.wrap(f"ask for: {', '.join(brief.missing)}", "  ", "    ")
    if disagreement := DISAGREEMENT.get(brief.agreement):
        lines += text.wrap(disagreement, "  ", "    ")
    return lines


def _question_lines(brief: Brief) -> list[str]:
    """Say which unknown fact to ask for first, and what its answer could lead to."""
    if (question := brief.ask_first) is None:
        return []
    least, most = text.unsigned(question.least), text.unsigned(question.most)
    scores = f"score {least}" if least == most else f"score {least} to {most}"
    could = f"{' or '.join(question.decisions)}, {scores}"
    return ["Ask first", *text.wrap(f"{question.words} (could lead to: {could})", "  ", "    ")]


def _ready_lines(brief: Brief) -> list[str]:
    """Say what would make the lead ready, by the card and the rules."""
    if brief.decision in (READY, WITH_SALES, "never"):
        return []
    lines = ["What would make it ready"]
    for way in brief.ready_by:
        answers = " and ".join(f"{answer.words}: {answer.label}" for answer in way.answers)
        lines += text.wrap(f"{answers} (score {text.unsigned(way.score)})", "  ", "    ")
    if not brief.ready_by:
        points = text.unsigned(brief.short_of_ready)
        missing = f"; it is {points} points short" if brief.short_of_ready else ""
        lines += text.wrap(f"no two answers or actions would{missing}", "  ", "    ")
    return lines


def _event_lines(events: Sequence[RecentEvent]) -> list[str]:
    lines = ["Recent activity"] if events else []
    for event in events:
        about = " · ".join(part for part in (event.asset, event.campaign) if part)
        by = " (by us)" if event.by == "us" else ""
        line = f"{event.at[:10]}  {event.what}{by}{': ' + about if about else ''}"
        lines += text.wrap(line, "  ", " " * 14)
    return lines
