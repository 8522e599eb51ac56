"""What ``leadready check`` prints for people: what matters first, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.check.check_features import features_text
from pipelines.check.horizon import horizon_text

if TYPE_CHECKING:
    from pipelines.check.check import CheckResult

ROLES = ("feature", "leak suspect", "id", "date", "outcome", "personal", "constant", "ignored")


def check_text(result: CheckResult) -> str:
    """The answer for people: what matters first, and what to do about it."""
    parts = [_headline(result), _lead_counts(result), horizon_text(result.horizon)]
    parts += [_suspects_text(result)] if result.suspects else []
    parts += [_problems_text(result)] if result.problems else []
    parts.append(_columns_text(result))
    parts += [features_text(result.features)] if result.features else []
    parts.append(_definition_text(result))
    return "\n\n".join(parts)


def _headline(result: CheckResult) -> str:
    if result.ok:
        return f"{result.name}: ready to train.\nnext: leadready train"
    waiting, blocks = len(result.waiting), sum(one.blocks for one in result.problems)
    needs = []
    if waiting:
        needs.append(f"{_many(waiting, 'suspected column')} to answer for")
    if blocks:
        needs.append(f"{_many(blocks, 'problem')} to mend")
    return f"{result.name}: not ready to train: {' and '.join(needs)}."


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _lead_counts(result: CheckResult) -> str:
    counts = result.counts
    often = ""
    if counts["leads judged"] < counts["judged"]:
        often = f" times ({counts['leads judged']:,} leads, again and again while they are open)"
    lines = [
        f"{_many(counts['leads'], 'lead')}, {_many(counts['events'], 'event')}, "
        f"{_many(counts['stages'], 'stage change')}",
        f"  judged {counts['judged']:,}{often}: won {counts['won']:,}, "
        f"not won {counts['not won']:,}, unknown {counts['unknown']:,}",
    ]
    for title in ("unknown because", "not judged because"):
        if counts[title]:
            said = ", ".join(f"{why} {count:,}" for why, count in counts[title].items())
            lines.append(f"  {title}: {said}")
    return "\n".join(lines)


def _suspects_text(result: CheckResult) -> str:
    lines = ["Suspected of telling what was only known later, so left out until answered:"]
    for one in result.suspects:
        more = f" (and {len(one.evidence) - 1} more)" if len(one.evidence) > 1 else ""
        note = "" if one.column in result.waiting else "; not mapped to a feature: no harm done"
        lines.append(f"  {one.column}: {one.evidence[0]}{more}{note}")
    example = next((one for one in result.suspects if one.column in result.waiting), None)
    if example is not None:
        lines += [
            "Answer for each under leads: columns: in leadready.yaml, one way or the other:",
            *(f"  {line}" for line in example.answer.split("  or  ")),
        ]
    return "\n".join(lines)


def _problems_text(result: CheckResult) -> str:
    lines = ["Found in the data and the definition:"]
    for one in result.problems:
        lines.append(f"  {'!' if one.blocks else '-'} {one.words}")
        if one.hint:
            lines.append(f"    hint: {one.hint}")
    return "\n".join(lines)


def _columns_text(result: CheckResult) -> str:
    lines = ["Columns (--json gives all evidence for each):"]
    leads = [one for one in result.columns if one.table == "leads"]
    for role in (
        "feature",
        "leak suspect",
        "id",
        "date",
        "outcome",
        "personal",
        "constant",
        "ignored",
    ):
        names = [one.name for one in leads if one.role == role]
        if names:
            shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            lines.append(f"  {role:<13}{len(names):>4}  {shown}")
    return "\n".join(lines)


def _definition_text(result: CheckResult) -> str:
    about = result.definition
    signed = (
        "signed by " + " and ".join(about["signed by"]) if about["signed by"] else "not signed yet"
    )
    count = about["criteria"]
    criteria = "1 criterion" if count == 1 else f"{count} criteria"
    void = [f"  {one}" for one in about.get("void", ())]
    return "\n".join([f"Definition: {about['file']}, {criteria}, {signed}", *void])
