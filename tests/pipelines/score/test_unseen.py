"""Values and shapes that training never saw: found, named with the nearest spelling, limited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from features.workspace.job_schema import Guards
from model.registry.seen_values import MOST_VALUES, seen_in_training
from pipelines.score.unseen import (
    SEEN,
    Shift,
    compare_with_training,
    scale_of,
    shift_lines,
    unseen_warnings,
)

SOURCE = Feature("source", "source", "origin", "category")
SIZE = Feature("employees", "employees", "firmographic", "number")
VISITS = Feature("visits", "visits", "engagement", "number")
FEATURES = [SOURCE, SIZE, VISITS]
TRAINED = pd.DataFrame(
    {
        "source": ["Referral", "Trade show", None, "Website"] * 25,
        "employees": np.r_[np.nan, np.arange(1, 100)],
        "visits": np.arange(100.0),
    }
)
EVALUATION = {SEEN: seen_in_training(TRAINED, FEATURES, ["source", "employees", "visits"])}


def shifts(**changed: object) -> list[Shift]:
    return compare_with_training(TRAINED.assign(**changed), FEATURES, EVALUATION)


def test_leads_as_in_training_say_nothing() -> None:
    assert shifts() == []
    assert compare_with_training(TRAINED, FEATURES, {}) == [], "a version registered earlier"
    assert compare_with_training(TRAINED.head(0), FEATURES, EVALUATION) == []
    assert shift_lines([]) == []


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("REFERRAL", "Referral"),
        ("Referal", "Referral"),
        (" website", "Website"),
        ("Tradeshow", "Trade show"),
        ("qqq", None),
    ],
)
def test_another_spelling_is_named_with_the_nearest_known_one(written, nearest) -> None:
    X = TRAINED.head(3).assign(source=[written, "Website", None])
    (shift,) = compare_with_training(X, FEATURES, EVALUATION)
    assert shift.unseen == {written: 1}
    assert shift.nearest.get(written) == nearest
    first, *others = unseen_warnings([shift], X)
    known = f", nearest: {nearest!r}" if nearest else ""
    assert first == f"source {written!r} was never seen in training{known}"
    assert others == ["", ""]


@pytest.mark.parametrize(("renamed", "beyond"), [(5, False), (6, True)])
def test_more_than_5_percent_of_unseen_values_are_beyond_the_limits(renamed, beyond) -> None:
    source = ["referral"] * renamed + ["Website"] * (100 - renamed)
    (shift,) = shifts(source=source)
    assert shift.exceeded(Guards()) == ["unseen"] * beyond
    lines = " ".join(shift_lines([shift]))
    assert f"{renamed} of 100 leads have values that training never saw" in lines


@pytest.mark.parametrize(("empty", "found"), [(25, False), (51, True)])
def test_a_column_that_came_emptier_is_beyond_the_limits(empty, found) -> None:
    source = [None] * empty + ["Website"] * (100 - empty)
    result = shifts(source=source)
    assert [shift.exceeded(Guards()) for shift in result] == [["more_missing"]] * found
    assert not found or "missing for 51% of the leads, for 25% in the training" in (
        result[0].shift_text()
    )


def test_numbers_outside_the_range_count_and_events_only_tell() -> None:
    size, visits = shifts(employees=np.arange(100.0) * 1000, visits=np.arange(100.0) + 50)
    assert (size.outside.sum(), size.exceeded(Guards())) == (100, ["outside"])
    assert (visits.outside.sum(), visits.exceeded(Guards())) == (50, [])


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (0.001, "1,000 times smaller"),
        (4.3, "4.3 times larger"),
        (2, ""),  # open leads may differ from past ones by as much
    ],
)
def test_another_unit_or_currency_is_named_and_beyond_the_limits(factor, said) -> None:
    grown = SIZE, replace(SIZE, unit="days"), replace(SIZE, family="engagement")
    X = TRAINED.assign(employees=TRAINED["employees"] * factor)
    wide = {SEEN: {"employees": {**EVALUATION[SEEN]["employees"], "low": 0.0, "high": 1e6}}}
    found = compare_with_training(X, [SIZE], wide)
    assert [shift.exceeded(Guards()) for shift in found] == [["outside"]] * bool(said)
    assert all(
        f"all numbers are about {said} than in the training" in shift.shift_text()
        for shift in found
    )
    warnings = unseen_warnings(found, X)
    assert warnings.iloc[0] == "", "its number is missing"
    assert said in warnings.iloc[1]
    assert bool(warnings.iloc[1]) == bool(said)
    assert not compare_with_training(X, grown[1:], wide), "they grow by themselves"


def test_numbers_that_are_not_all_alike_are_in_the_same_unit() -> None:
    now, before = [1, 2, 4, 8, 16, 32, 64, 128, 256], [1, 1, 1, 1, 1, 1, 1, 1, 1]
    assert scale_of(now, before) == scale_of([], before) == scale_of(now, now) == 1


def test_a_number_outside_the_range_is_a_warning_of_its_lead() -> None:
    X = TRAINED.head(3).assign(source=["Web", "Website", None], employees=[1e9, 10.0, None])
    outside = "employees is outside the range of the training"
    first, *others = unseen_warnings(compare_with_training(X, FEATURES, EVALUATION), X)
    assert first.split("; ") == [
        "source 'Web' was never seen in training, nearest: 'Website'",
        outside,
    ]
    assert others == ["", ""]


def test_one_lead_is_written_in_the_singular() -> None:
    X = TRAINED.head(3).assign(source=["qqq", "Website", None], employees=[1e9, 10.0, 10.0])
    size, source = sorted(
        shift.shift_text() for shift in compare_with_training(X, FEATURES, EVALUATION)
    )
    assert size.endswith("1 of 3 leads is outside the range of the training")
    assert "1 of 3 leads has values that training never saw: 'qqq'" in source


def test_a_length_of_time_grows_by_itself_and_only_tells() -> None:
    age = replace(SIZE, unit="days")
    (shift,) = compare_with_training(
        TRAINED.assign(employees=np.arange(100.0) * 1000), [age], EVALUATION
    )
    assert (shift.outside.sum(), shift.exceeded(Guards())) == (100, [])


def test_where_values_come_and_go_as_many_new_ones_are_no_surprise() -> None:
    pages = pd.DataFrame({"source": [f"page {place // 10}" for place in range(100)]})
    seen = seen_in_training(pages, [SOURCE], ["source"], np.arange(100))
    assert seen["source"]["new"] == pytest.approx(0.8)
    for new, exceeded in ((70, []), (95, ["unseen"])):
        X = pages.assign(source=np.where(np.arange(100) < new, "page 99", "page 1"))
        (shift,) = compare_with_training(X, [SOURCE], {SEEN: seen})
        assert shift.exceeded(Guards()) == exceeded
        assert shift.unseen == {"page 99": new}


def test_a_few_leads_are_warned_of_but_show_no_share() -> None:
    X = TRAINED.head(19).assign(source="Web")
    (shift,) = compare_with_training(X, FEATURES, EVALUATION)
    assert shift.rows.all()
    assert not shift.exceeded(Guards())


def test_free_text_is_not_compared_and_only_used_features_are_kept() -> None:
    texts = pd.DataFrame({"source": [str(place) for place in range(MOST_VALUES + 1)]})
    assert seen_in_training(texts, [SOURCE], ["source"])["source"]["values"] is None
    assert set(seen_in_training(TRAINED, FEATURES, ["source"])) == {"source"}
    free = {SEEN: {"source": {"missing": 0.0, "values": None}}}
    assert compare_with_training(TRAINED, [SOURCE], free) == []
