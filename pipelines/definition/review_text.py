"""The check of a definition as people read it."""

from __future__ import annotations

from features.text import count, table, wrap
from model.definition.checks.unseen_values import UnseenValue
from pipelines.definition.review import Review, ReviewFinding


def review_text(review: Review) -> str:
    """Write what was found."""
    to_fix = [finding for finding in review.findings if finding.blocks]
    to_discuss = [finding for finding in review.findings if not finding.blocks]
    parts = [
        wrap(_review_headline(review)),
        _findings_lines("To fix:", "!", to_fix),
        _findings_lines("To discuss:", "-", to_discuss),
        _findings_lines("Values that no lead has:", "-", review.unseen),
        _criteria_lines(review),
        _signatures_lines(review),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _review_headline(review: Review) -> str:
    about = f"{review.file}, version {review.version}"
    if any(finding.blocks for finding in review.findings):
        return f"{about}: something must be fixed."
    match review.examples:
        case 0:
            examples = "it has no example leads yet"
        case 1:
            examples = "its example lead gets the agreed verdict"
        case number:
            examples = f"all {number:,} example leads get the agreed verdict"
    valid = f"{about}: valid, and {examples}"
    return f"{valid}." if review.ok else f"{valid}; but it was changed after it was signed."


def _findings_lines(
    title: str, mark: str, findings: list[ReviewFinding] | list[UnseenValue]
) -> list[str]:
    lines = [title] if findings else []
    for finding in findings:
        place = f"{finding.where}: " if finding.where else ""
        lines += wrap(f"{place}{finding.words}", f"  {mark} ", "    ")
    return lines


def _criteria_lines(review: Review) -> list[str]:
    """Write the counts of each criterion, and below them what it requires."""
    verdicts = ", ".join(f"{leads:,} {name}" for name, leads in review.verdicts.items() if leads)
    rows = [
        {
            "id": criterion.id,
            "passes": f"{criterion.passes:,}",
            "fails": f"{criterion.fails:,}",
            "unknown": f"{criterion.unknown:,}",
            "asked_by": criterion.asked_by or "",
        }
        for criterion in review.criteria
    ]
    columns = {
        "id": "criterion",
        "passes": "> pass",
        "fails": "> fail",
        "unknown": "> unknown",
        "asked_by": "asked by",
    }
    heading, *counts = table(rows, columns)
    lines = [f"{count(review.leads, 'lead')}: {verdicts or 'none'}", heading]
    for line, criterion in zip(counts, review.criteria, strict=True):
        lines += [line, *wrap(criterion.words, "  ", "    ")]
    return lines


def _signatures_lines(review: Review) -> list[str]:
    lines = ["Signed by all teams:" if review.signed else "Not signed by all teams:"]
    for signature in review.signatures:
        lines += wrap(signature.words, "  ", "    ")
    if not review.signed:
        lines += [f"  {why}" for why in review.unsigned_because if "has not signed" in why]
    return lines
