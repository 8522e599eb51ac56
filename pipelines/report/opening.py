"""What stands above the card of the report: which version it is, and whether it may score leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from features import text
from model.gate import Gate, passed_text
from model.gate_level import level_note
from model.registry.registry import LoadedModel
from pipelines.card.print_size import text_height
from pipelines.score.active_definition import ActiveDefinition
from pipelines.train.training_json import VersionJson

# Of the printed page, as in ``page.css``: in mm, and in points.
ABOVE_CARD, WARNING_ROOM = 24.0, 4.0  # title and facts; around each warning
VERDICT_POINTS, NOTE_POINTS = 11.0, 8.5


def opening_content(
    loaded: LoadedModel, gates: Sequence[Gate], active: ActiveDefinition
) -> dict[str, object]:
    """Say what stands above the card: which version it is, and whether it may score leads."""
    evaluation = cast(VersionJson, loaded.evaluation)
    return {
        "version": loaded.version,
        "model": loaded.scorecard.get("name", "lead-readiness"),
        "candidate": evaluation["candidate"],
        "trained_on": str(loaded.scorecard.get("trained_at", ""))[:10],
        "definition_name": loaded.definition.get("name", "unnamed"),
        "definition_version": active.definition.version,
        "signed": _signatures_text(active),
        "adopted": _adoption_text(loaded),
        "level": level_note(evaluation),
        "definition_note": _definition_note(active),
        "promoted": loaded.record.tags.get("gate") == "passed",
        "verdict": _verdict_text(loaded, gates),
        "warnings": evaluation["warnings"],
    }


def height_above_card(
    loaded: LoadedModel, gates: Sequence[Gate], active: ActiveDefinition
) -> float:
    """Estimate how much of the printed sheet is taken above the card, in mm."""
    evaluation = cast(VersionJson, loaded.evaluation)
    warnings = [_definition_note(active), *evaluation["warnings"]]
    height = ABOVE_CARD + text_height(_verdict_text(loaded, gates), VERDICT_POINTS)
    height += text_height(level_note(evaluation) or "", NOTE_POINTS)
    return height + sum(map(warning_height, filter(None, warnings)))


def warning_height(words: str) -> float:
    """Estimate the height of a warning on the printed sheet, in mm.

    Examples
    --------
    >>> warning_height("few leads") < warning_height("few leads " * 30)
    True
    """
    return text_height(words, NOTE_POINTS) + WARNING_ROOM


def _signatures_text(active: ActiveDefinition) -> str:
    definition = active.definition
    return f"signed by {text.join(definition.signed_by)}" if definition.signed else "not signed"


def _adoption_text(loaded: LoadedModel) -> str:
    """Say whose points these are, where a definition was adopted without retraining."""
    original = (loaded.evaluation.get("adopted") or {}).get("scorecard_of", loaded.version)
    if original == loaded.version:
        return ""
    return f"; adopted without retraining: the points are those of version {original}"


def _definition_note(active: ActiveDefinition) -> str:
    """Say what readers should know about the definition, as the workspace stands today."""
    note = active.note_text()
    reasons = "" if active.file_changes else "; ".join(active.unsigned_because)
    return as_sentence(f"{note} ({reasons})" if note and reasons else note)


def _verdict_text(loaded: LoadedModel, gates: Sequence[Gate]) -> str:
    if loaded.record.tags.get("gate") == "passed":
        return f"This version may score leads: {passed_text(gates)}."
    refused = [gate.name for gate in gates if not gate.passed]
    checks = text.count(len(refused), "check")
    return (
        f"The gate refused this version: {checks} did not pass ({text.join(refused)}). “What "
        "was checked” shows the figures, and what helps."
    )


def as_sentence(words: str) -> str:
    """Write words as a sentence; none stay none.

    Examples
    --------
    >>> as_sentence("not signed"), as_sentence("")
    ('Not signed.', '')
    """
    return f"{words[:1].upper()}{words[1:]}." if words else ""
