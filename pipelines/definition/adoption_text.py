"""What people read when a definition was put in force, or refused."""

from __future__ import annotations

from features.text import count, unsigned, wrap
from pipelines.definition.adopt import Adoption
from pipelines.train.training_text import gate_lines

NEXT_STEP = "next: copy {} over the workspace's definition, so that the next training uses it"


def adoption_text(adoption: Adoption) -> str:
    """Say whether the definition is in force, and why not."""
    version, champion = adoption.definition_version, adoption.instead_of
    outcome = (
        f"Definition {version} is in force with the points of version {adoption.points_of}, "
        f"together as version {adoption.model_version}."
        if adoption.adopted
        else f"Definition {version} was not adopted. Version {champion} stays champion."
    )
    lines = wrap(outcome)
    for change in adoption.changes:
        lines += wrap(change, "  ", "    ")
    before, after = adoption.ready_at.before, adoption.ready_at.after
    if before != after:
        lines += wrap(
            f"The model now calls leads ready from a score of {unsigned(after)} (before: "
            f"{unsigned(before)}).",
            "  ",
        )
    lines += ["", f"Checks on {count(adoption.leads, 'later lead')}:"]
    lines += gate_lines(adoption.gate)
    if adoption.adopted and not adoption.in_use:
        lines += ["", *wrap(NEXT_STEP.format(adoption.file))]
    return "\n".join(lines)
