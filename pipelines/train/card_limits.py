"""How large the card of a training may be, and which features people chose for it."""

from __future__ import annotations

from collections.abc import Sequence

from features import text
from features.errors import LeadReadyError
from model.card.card import CardLimits
from pipelines.snapshot import Snapshot


def card_limits(
    snapshot: Snapshot,
    features: int | None = None,
    use: Sequence[str] = (),
    without: Sequence[str] = (),
) -> CardLimits:
    """Combine the size of the card that the workspace allows with the choices of people.

    Raises
    ------
    LeadReadyError
        When a feature is unknown, is both wanted and not wanted, or finds no room.
    """
    names = [feature.name for feature in snapshot.learnable]
    for option, chosen in (("--use", use), ("--without", without)):
        for name in chosen:
            if name not in names:
                where = f"train {option}"
                raise LeadReadyError.unknown(name, names, what="feature", where=where)
    if both := sorted({*use} & {*without}):
        raise LeadReadyError(f"{both[0]} is named by --use and by --without", hint="name it once")
    lines = snapshot.workspace.card.features if features is None else features
    if lines < len(use):
        raise LeadReadyError(
            f"a card of {text.count(lines, 'feature')} has no room for the {len(use)} to use",
            hint=f"leadready train --features {len(use)}",
        )
    return CardLimits(lines, use=tuple(use), without=tuple(without))
