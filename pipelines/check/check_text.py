"""What ``leadready check`` prints: problems and what to do about them first, then the details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from features.event_audit.audit import EventSuspect
from features.leaks.audit import Suspect
from features.text import count, join, wrap
from pipelines.check.feature_list import feature_list_text
from pipelines.check.horizon import horizon_text
from pipelines.check.result import ROLES, CheckResult, DefinitionSummary, LeadCounts

MOST_STEPS = 4  # that are worth reading
MOST_COLUMNS = 6  # names that are listed for each role
MOVED = (
    "the CRM may have moved, merged, deleted or archived events of closed leads. Export the leads "
    "with the ids of the records that they became, or the events as they were before; if neither "
    "is there, nothing can mend it. complete: true says that these leads really are so"
)


def check_text(result: CheckResult) -> str:
    """Write a check for people: causes before consequences, and each with what to do about it."""
    parts = [
        _check_headline(result),
        _problems_text(result),
        _suspects_text(result),
        _lead_counts_text(result.counts),
        "\n".join(wrap(horizon_text(result.horizon))),
        _columns_text(result),
        feature_list_text(result.features) if result.features else "",
        _definition_summary_text(result.definition),
        _next_steps_text(result),
    ]
    return "\n\n".join(part for part in parts if part)


def _check_headline(result: CheckResult) -> str:
    if result.ok:
        return f"{result.name}: ready to train."
    waiting, blocking = len(result.waiting), sum(problem.blocks for problem in result.problems)
    needs = [f"fix {count(blocking, 'problem')}"] if blocking else []
    needs += [f"answer for {count(waiting, 'suspect')}"] if waiting else []
    return f"{result.name}: not ready to train: {join(needs)}."


def _next_steps_text(result: CheckResult) -> str:
    """What a person should do next, the most important first."""
    blocking = [problem for problem in result.problems if problem.blocks]
    steps = [problem.hint or problem.message for problem in blocking[:MOST_STEPS]]
    if result.waiting:
        named = join(result.waiting, most=MOST_COLUMNS)
        steps.append(f"say whether these were known when a lead was judged: {named}")
    steps += ["leadready train"] if result.ok else ["leadready check"]
    if result.definition.draft:
        steps.append(f"go through {result.definition.file} with sales and marketing; it is a draft")
    elif not result.definition.signed:
        steps.append('leadready definition sign --team TEAM --name "…"')
    others = [problem for problem in result.problems if not problem.blocks and problem.hint]
    steps += [f"{problem.message}: {problem.hint}" for problem in others]
    lines = ["Next, most important first:"]
    for number, step in enumerate(steps[:MOST_STEPS], 1):
        lines += wrap(step, indent=f"  {number}. ", hanging="     ")
    return "\n".join(lines)


def _problems_text(result: CheckResult) -> str:
    if not result.problems:
        return ""
    blocked = any(problem.blocks for problem in result.problems)
    mark = "(! prevents training)" if blocked else "(none prevents training)"
    lines = [f"Problems {mark}, causes first:"]
    for problem in result.problems:
        indent = "  ! " if problem.blocks else "  - "
        lines += wrap(problem.message, indent=indent, hanging="    ")
        lines += wrap(f"hint: {problem.hint}", indent="    ") if problem.hint else []
    return "\n".join(lines)


def _suspects_text(result: CheckResult) -> str:
    if not result.suspects:
        return ""
    columns = [each for each in result.suspects if not isinstance(each, EventSuspect)]
    events = [each for each in result.suspects if isinstance(each, EventSuspect)]
    return "\n\n".join(
        filter(None, [_event_suspects_text(events), _suspected_columns_text(result, columns)])
    )


def _event_suspects_text(suspects: Sequence[EventSuspect]) -> str:
    """What is suspected of events, with all evidence and the lines that answer it."""
    if not suspects:
        return ""
    lines = wrap("Suspected events; nothing is promoted until they are answered:")
    for suspect in suspects:
        lines += wrap(f"{suspect.column}: {suspect.evidence[0]}", indent="  ", hanging="    ")
        for sentence in suspect.evidence[1:]:
            lines += wrap(sentence, indent="    ")
        if not suspect.kind and not suspect.mending:
            lines += wrap(MOVED, indent="    ")
        where = "" if suspect.mending else "under events: "
        lines += wrap(f"{where}write  {suspect.answer}", indent="    ")
    return "\n".join(lines)


def _suspected_columns_text(result: CheckResult, columns: Sequence[Suspect]) -> str:
    if not columns:
        return ""
    lines = wrap("Leak suspects: probably not known at the moment, so left out until answered:")
    for suspect in columns:
        others = len(suspect.evidence) - 1
        more = f" (and {others} more)" if others else ""
        note = "" if suspect.column in result.waiting else "; not mapped to a feature: harmless"
        text = f"{suspect.column}: {suspect.evidence[0]}{more}{note}"
        lines += wrap(text, indent="  ", hanging="    ")
    example = next((suspect for suspect in columns if suspect.column in result.waiting), None)
    if example is not None:
        lines += wrap("For each, write one of these under leads: columns: in leadready.yaml:")
        lines += [f"  {answer}" for answer in example.answers]
    return "\n".join(lines)


def _lead_counts_text(counts: LeadCounts) -> str:
    panel = ""
    if counts.leads_judged < counts.judged:
        panel = f" times ({counts.leads_judged:,} leads, on several days each)"
    lines = [
        f"{count(counts.leads, 'lead')}, {count(counts.events, 'event')}, "
        f"{count(counts.stages, 'stage change')}"
    ]
    lines += wrap(
        f"judged {counts.judged:,}{panel}: won {counts.won:,}, not won {counts.not_won:,}, "
        f"unknown {counts.unknown:,}",
        indent="  ",
        hanging="    ",
    )
    lines += _reasons_lines("unknown", counts.unknown_because)
    lines += _reasons_lines("not judged", counts.not_judged_because)
    lines += _undecided_lines(counts.neither_won_nor_lost)
    return "\n".join(lines)


def _undecided_lines(values: Mapping[str, int]) -> Iterable[str]:
    """The values that mean neither won nor lost, so that a person sees one that should."""
    if not values:
        return []
    leads = f"{sum(values.values()):,}"
    named = join((f"{value} ({number:,})" for value, number in values.items()), most=MOST_COLUMNS)
    return wrap(f"neither won nor lost: {leads}: {named}", indent="  ", hanging="    ")


def _reasons_lines(title: str, reasons: Mapping[str, int]) -> Iterable[str]:
    if not reasons:
        return []
    listed = ", ".join(f"{reason} {leads:,}" for reason, leads in reasons.items())
    return wrap(f"{title}: {listed}", indent="  ", hanging="    ")


def _columns_text(result: CheckResult) -> str:
    lines = ["Columns (--json gives the reasons for each):"]
    for role in ROLES:
        names = [
            column.name
            for column in result.columns
            if column.table == "leads" and column.role == role
        ]
        if names:
            listed = join(names, most=MOST_COLUMNS)
            lines += wrap(listed, indent=f"  {role:<13}{len(names):>4}  ", hanging=" " * 21)
    return "\n".join(lines)


def _definition_summary_text(definition: DefinitionSummary) -> str:
    signed = f"signed by {join(definition.signed_by)}" if definition.signed_by else "not signed"
    signed = "a draft" if definition.draft else signed
    criteria = count(definition.criteria, "criterion", "criteria")
    lines = wrap(f"Definition: {definition.file}, {criteria}, {signed}")
    for signature in definition.void:
        lines += wrap(signature, indent="  ", hanging="    ")
    return "\n".join(lines)
