"""Old scores are read so that higher is better, and say as of when they were read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.labels.old_scores import AS_ANSWERED, AT_EXPORT, OldScoreValues, read_old_scores
from features.tables.read import Tables
from features.workspace.read import Workspace

NAN = float("nan")


@pytest.fixture
def read(
    workspace: Callable[[str], Workspace], tables: Callable[..., Tables]
) -> Callable[..., OldScoreValues]:
    """Read the only old score of leads with these values."""

    def read(mapping: str, *values: str | None) -> OldScoreValues:
        leads = [{"lead_id": str(n), "raw:Score": value} for n, value in enumerate(values)]
        ws = workspace(f"outcome: {{won_when: {{S: [W]}}}}\nold_score: {mapping}\n")
        made = tables(leads)
        return read_old_scores(ws, made, made.leads.assign(as_of=pd.NaT))[0]

    return read


@pytest.mark.parametrize(
    ("mapping", "values", "expected"),
    [
        ("{column: Score}", ["10", None, "7.5"], [10, NAN, 7.5]),
        ("{column: Score, best: low}", ["1", "30"], [-1, -30]),
        ("{column: Score, best_first: [A, B, C]}", [" A", "C", None], [0, -2, NAN]),
        ("{column: Score, best_first: [80+, 40-79]}", ["40-79", "80+"], [-1, 0]),
        ("{column: Score, probability: true}", ["45%", "5 %"], [0.45, 0.05]),
        ("{column: Score, probability: true}", ["0.45", "0.05"], [0.45, 0.05]),
    ],
)
def test_higher_is_better(
    read: Callable[..., OldScoreValues],
    mapping: str,
    values: list[str | None],
    expected: list[float],
) -> None:
    np.testing.assert_allclose(read(mapping, *values).values, expected)


def test_a_score_that_no_lead_has_is_an_error(read: Callable[..., OldScoreValues]) -> None:
    with pytest.raises(LeadReadyError, match="no lead has a value of the old score Score"):
        read("{column: Score}", None, None)


def test_without_an_answer_the_export_may_have_seen_the_outcome(
    read: Callable[..., OldScoreValues],
) -> None:
    assert read("{column: Score}", "1").basis == AT_EXPORT
    assert not read("{column: Score}", "1").fair
    answered = read("{column: Score, known_at_moment: true}", "1")
    assert answered.fair
    assert answered.basis == AS_ANSWERED


@pytest.mark.parametrize(
    ("mapping", "values", "message"),
    [
        ("{column: Score}", ["A", "B"], "100% of the values of the old score Score are not num"),
        ("{column: Score, best_first: [A, B]}", ["A", "E"], "has the value 'E', which best_first"),
        ("{column: Score, probability: true}", ["5", "140"], "goes from 5 to 140"),
        ("{column: Score, best_first: [A]}", ["A"], "expected all values of the column"),
        ("{column: Score, best_first: [A, B], best: low}", ["A"], "best_first is for grades"),
        ("{column: Score, probability: true, best: low}", ["1"], "a high probability"),
    ],
)
def test_what_cannot_be_read_is_an_error(
    read: Callable[..., OldScoreValues], mapping: str, values: list[str], message: str
) -> None:
    with pytest.raises(LeadReadyError, match=message):
        read(mapping, *values)


def test_an_old_score_is_no_feature(workspace: Callable[[str], Workspace]) -> None:
    base = (
        "leads:\n  file: leads.csv\n  id: id\n"
        "  columns: {Score: {feature: score, family: other, type: number}}\n"
    )
    with pytest.raises(LeadReadyError, match="'Score' is an old score, so it cannot be a feature"):
        workspace("old_score: {column: Score}\n", base)  # type: ignore[call-arg]
