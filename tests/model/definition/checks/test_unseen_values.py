"""Values that a definition names and no lead has."""

from __future__ import annotations

import pandas as pd

from model.definition.checks.unseen_values import unseen_values
from model.serving import Criterion


def test_yes_and_no_are_values_and_numbers_are_not_looked_up() -> None:
    seen = pd.DataFrame({"flag": ["yes", "no"], "n": [1.0, 2.0]})
    criteria = [Criterion("a", "flag", "equals", True), Criterion("b", "n", "equals", 9)]
    assert unseen_values(criteria, seen) == []


def test_without_any_value_there_is_no_nearest() -> None:
    empty = pd.DataFrame({"seniority": [None, None]}, dtype=object)
    (unseen,) = unseen_values([Criterion("boss", "seniority", "one_of", ("vp",))], empty)
    assert unseen.nearest is None
    assert unseen.words == "boss: no lead has seniority 'vp'"
