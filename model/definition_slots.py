"""Everything that is tried on a definition.

How many things are tried is what the accounting for luck has to know (``model.proposals``).
"""

from __future__ import annotations

from model.definition_moves import Look
from model.slot import Slot
from model.slots_added import alternatives, reasons
from model.slots_there import criteria
from model.strong_points import Card, missing


def slots(look: Look, card: Card) -> list[Slot]:
    """List all that is to be tried, given the earlier leads and the scorecard learnt from them."""
    return [*criteria(look.definition), *missing(look, card), *alternatives(look), *reasons(look)]
