"""Everything that is tried on a definition.

How many things are tried is what the accounting for luck has to know (``model.proposals.search``).
"""

from __future__ import annotations

from model.proposals.change_test import Look
from model.proposals.existing_criteria import criteria
from model.proposals.from_scorecard import Card, missing
from model.proposals.new_criteria import alternatives, reasons
from model.proposals.question import Slot


def slots(look: Look, card: Card) -> list[Slot]:
    """List all that is to be tried, given the earlier leads and the scorecard learnt from them."""
    return [*criteria(look.definition), *missing(look, card), *alternatives(look), *reasons(look)]
