"""Nothing is trained on data that may be read wrongly."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from features.errors import LeadReadyError
from features.tables.problems import Problems
from pipelines.check.problems import table_problems
from pipelines.train.learnable import check_learnable


def test_a_problem_that_blocks_prevents_training() -> None:
    problems = Problems()
    problems.add("leads", "duplicate ids", 3, "{count} rows repeat an id", "export once")
    problems.add(
        "leads", "two currencies", 40, "40 in USD, 2 in EUR", "write  unit: USD", blocks=True
    )
    assert [problem.blocks for problem in table_problems(problems.found)] == [False, True]
    snapshot: Any = SimpleNamespace(tables=SimpleNamespace(problems=problems.found))
    with pytest.raises(LeadReadyError) as caught:
        check_learnable(snapshot)
    assert (caught.value.what, caught.value.hint) == ("40 in USD, 2 in EUR", "write  unit: USD")
