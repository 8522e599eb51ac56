"""What a column shows by itself, and from which share or number on it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from features.dates.detect import dates_or_none
from features.leaks import column_checks
from features.leaks.column_checks import (
    column_findings,
    filled_together,
    set_by_stage,
    wording_findings,
)
from features.leaks.finding import BATCHES, Finding, LeadStatus
from features.leaks.statistics import Coded, code

MOMENT = pd.Timestamp("2024-01-01 18:00")
DAY = pd.Timedelta(days=1)


def leads(
    closed: Sequence[bool],
    *,
    moments: Sequence[object] | None = None,
    changed: Mapping[str, Sequence[object]] | None = None,
    age: Sequence[int] | None = None,
) -> LeadStatus:
    """Leads that are closed or open, all of the same age and stage unless told."""
    decided = np.array(closed, dtype=bool)
    nothing = np.zeros(len(decided), dtype=np.int32)
    return LeadStatus(
        decided=decided,
        won=np.zeros(len(decided), dtype=bool),
        open=~decided,
        age=nothing if age is None else np.array(age, dtype=np.int32),
        as_of=None if moments is None else times(moments),
        stage=Coded(nothing + 2, ("any",), False),
        changed={name: times(dates) for name, dates in (changed or {}).items()},
    )


def times(values: Sequence[object]) -> pd.Series:
    return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[us]"))


def found(values: Sequence[object], status: LeadStatus) -> dict[str, Finding]:
    """The findings about one column, by trace."""
    column = pd.Series(values, dtype=object, name="Column")
    dates = dates_or_none(column)
    read = None if dates is None else dates.to_numpy()
    findings = column_findings("Column", read, code(column), status)
    return {finding.trace: finding for finding in findings}


def filled(*parts: tuple[int, int]) -> list[str | None]:
    """A column with so many leads filled, and so many empty, in turn."""
    return [value for yes, no in parts for value in ["x"] * yes + [None] * no]


def test_an_empty_column_shows_nothing() -> None:
    status = leads([True] * 50 + [False] * 50, moments=[MOMENT] * 100)
    assert found([None] * 100, status) == {}


# -- dates after the moment ------------------------------------------------------------------------


def dated(later: Sequence[int], on_time: int) -> list[str]:
    """Dates on the day of the moment, or so many days later."""
    return [str((MOMENT + days * DAY).date()) for days in [*later, *[0] * on_time]]


@pytest.mark.parametrize(("late", "points"), [(1, None), (2, 8), (20, 8), (21, 12)])
def test_dates_later_than_the_day_of_the_moment_count_from_two_in_a_hundred(
    late: int, points: float | None
) -> None:
    status = leads([True] * 100, moments=[MOMENT] * 100)
    finding = found(dated([1] * late, 100 - late), status).get("later dates")
    assert (finding and finding.points) == points


def test_the_median_is_that_of_the_later_dates() -> None:
    status = leads([True] * 6, moments=[MOMENT] * 6)
    assert found(dated([1, 3, 5], 3), status)["later dates"].sentence == (
        "50% of its dates are after the moment (median: 3 days)"
    )


def test_dates_of_leads_without_a_moment_and_other_texts_are_not_compared() -> None:
    late = dated([5] * 50, 0) + [None] * 50
    undated = leads([True] * 100, moments=[None] * 50 + [MOMENT] * 50)
    assert "later dates" not in found(late, undated)
    assert "later dates" not in found(late, leads([True] * 100))
    assert "later dates" not in found(["x"] * 100, leads([True] * 100, moments=[MOMENT] * 100))


# -- changes after the moment ----------------------------------------------------------------------


@pytest.mark.parametrize(("late", "points"), [(4, None), (5, 10), (19, 10), (20, 14)])
def test_values_changed_at_the_moment_or_later_count_from_one_in_twenty(
    late: int, points: float | None
) -> None:
    changed = {"Column": [MOMENT] * late + [MOMENT - DAY] * (100 - late)}
    status = leads([True] * 100, moments=[MOMENT] * 100, changed=changed)
    finding = found(["x"] * 100, status).get("changed later")
    assert (finding and finding.points) == points


def test_changes_are_counted_among_the_leads_with_a_moment() -> None:
    changed = {"Column": [MOMENT + 3 * DAY, MOMENT + 4 * DAY, *[None] * 8]}
    moments = [MOMENT] * 4 + [None] * 6
    status = leads([True] * 10, moments=moments, changed=changed)
    assert found(["x"] * 10, status)["changed later"].sentence == (
        "changed after the moment for 50% of the leads (median of the last change: 4 days)"
    )  # the median of 3 and 4 days is 3.5, which is rounded
    single = leads([True], moments=[MOMENT], changed={"Column": [MOMENT + DAY]})
    assert "for 100% of the leads" in found(["x"], single)["changed later"].sentence


def test_without_moments_or_a_history_of_the_column_no_change_is_found() -> None:
    changed = {"Other": [MOMENT + DAY] * 50}
    assert "changed later" not in found(
        ["x"] * 50, leads([True] * 50, moments=[MOMENT] * 50, changed=changed)
    )
    changed = {"Column": [MOMENT + DAY] * 50}
    assert "changed later" not in found(["x"] * 50, leads([True] * 50, changed=changed))


# -- filled by the stage ---------------------------------------------------------------------------


def by_stage(**stages: tuple[int, int]) -> list[Finding]:
    """Check a column that is filled for so many leads of each stage, and empty for so many."""
    rows = [yes + no for yes, no in stages.values()]
    codes = np.repeat(np.arange(2, len(rows) + 2), rows).astype(np.int32)
    is_filled = np.array([value is not None for value in filled(*stages.values())])
    return set_by_stage(Coded(codes, tuple(stages), False), "status", is_filled)


def test_a_stage_that_decides_whether_a_column_is_filled_is_named() -> None:
    (finding,) = by_stage(New=(0, 20), Won=(20, 0))
    assert finding.points == 10
    assert finding.sentence == (
        "status decides whether it is filled (never for 'New'): true for 100% of the leads"
    )
    (finding,) = by_stage(New=(0, 20), Lost=(0, 20), Won=(20, 0))
    assert "(only for 'Won')" in finding.sentence


def test_at_most_four_stages_are_named() -> None:
    never, always = dict.fromkeys("abcde", (0, 20)), dict.fromkeys("vwxyz", (20, 0))
    (finding,) = by_stage(**never, **always)
    assert "(never for 'a', 'b', 'c', 'd')" in finding.sentence


@pytest.mark.parametrize(
    ("stages", "decided"),
    [
        ({"New": (0, 19), "Won": (20, 0)}, False),  # too few leads
        ({"New": (0, 20), "Won": (19, 0)}, False),
        ({"New": (1, 99), "Won": (100, 0)}, True),  # one in a hundred is nearly never
        ({"New": (2, 98), "Won": (100, 0)}, False),
        ({"New": (0, 100), "Won": (97, 3)}, True),  # 98.5% of all leads fit the rule
        ({"New": (0, 300), "Won": (96, 4)}, False),
        ({"New": (0, 100), "Won": (100, 0), "Lost": (50, 50)}, False),
        ({"New": (0, 100), "Lost": (0, 100)}, False),
        ({"Won": (100, 0), "Lost": (100, 0)}, False),
    ],
)
def test_a_stage_decides_only_if_hardly_any_lead_is_an_exception(
    stages: dict[str, tuple[int, int]], decided: bool
) -> None:
    assert bool(by_stage(**stages)) == decided


# -- filled when leads are closed ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "still_open", "traces"),
    [
        ((30, 0), (0, 30), {"rewritten when closed": 12}),
        ((95, 5), (0, 100), {"rewritten when closed": 12}),
        ((94, 6), (0, 100), {"hardly ever before closing": 10}),
        ((29, 0), (0, 71), {}),  # too few closed leads
        ((71, 0), (0, 29), {}),  # too few open leads
        ((60, 40), (30, 70), {"filled when closed": 4}),  # a difference of 30 points
        ((59, 41), (30, 70), {}),
        ((15, 85), (0, 100), {"filled when closed": 6}),  # hardly ever before
        ((14, 86), (0, 100), {}),
        ((31, 69), (10, 90), {"filled when closed": 6}),
        ((51, 49), (10, 90), {"hardly ever before closing": 10}),  # more than five times as often
        ((50, 50), (10, 90), {"filled when closed": 6}),
        ((20, 80), (0, 100), {"hardly ever before closing": 10}),
        ((19, 81), (0, 100), {"filled when closed": 6}),
        ((29, 71), (10, 90), {}),
        ((20, 80), (20, 80), {}),
    ],
)
def test_a_column_filled_for_closed_leads_rather_than_open_ones(
    closed: tuple[int, int], still_open: tuple[int, int], traces: dict[str, float]
) -> None:
    status = leads([True] * sum(closed) + [False] * sum(still_open))
    findings = found(filled(closed, still_open), status)
    assert {name: finding.points for name, finding in findings.items()} == traces


@pytest.mark.parametrize(
    ("closed", "still_open", "points"),
    [
        ((0, 100), (20, 80), 10),
        ((0, 100), (19, 81), None),
        ((10, 90), (51, 49), 10),  # more than five times as often
        ((10, 90), (40, 60), 10),  # a difference of 30 points
        ((10, 90), (39, 61), 6),
        ((10, 90), (31, 69), 6),
        ((10, 90), (30, 70), None),  # three times
    ],
)
def test_a_column_that_is_emptied_when_leads_are_closed(
    closed: tuple[int, int], still_open: tuple[int, int], points: float | None
) -> None:
    status = leads([True] * 100 + [False] * 100)
    finding = found(filled(closed, still_open), status).get("emptied when closed")
    assert (finding and finding.points) == points


def test_the_shares_filled_of_closed_and_open_leads_are_stated() -> None:
    status = leads([True] * 50 + [False] * 50)
    finding = found(filled((40, 10), (10, 40)), status)["filled when closed"]
    assert finding.sentence == (
        "filled for 80% of closed leads but 20% of open leads of the same age"
    )


def test_leads_that_are_neither_open_nor_closed_are_left_out() -> None:
    status = leads([True] * 50 + [False] * 100)
    status.open[100:] = False  # closed without an outcome
    finding = found(filled((40, 10), (10, 40), (50, 0)), status)["filled when closed"]
    assert "but 20% of open leads" in finding.sentence


# -- values that differ when leads are closed ------------------------------------------------------


def values(*parts: tuple[int, str]) -> list[str]:
    return [value for count, value in parts for _ in range(count)]


def test_values_that_only_closed_leads_have_are_found() -> None:
    status = leads([True] * 30 + [False] * 30)
    finding = found(values((30, "late"), (30, "early")), status)["rewritten when closed"]
    assert finding.points == 10
    assert finding.sentence == (
        "its values separate closed from open leads of the same age with AUC 1.00"
    )


@pytest.mark.parametrize(("late", "points"), [(90, 10), (85, 10), (80, 7), (75, 4), (70, None)])
def test_values_count_from_an_auc_of_075_and_make_a_suspect_from_085(
    late: int, points: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the shares of closed and open leads with a value are 80% and 20%, the AUC is 0.80."""
    monkeypatch.setattr(column_checks, "_values_of_closed_leads", lambda *_: [])
    column = values((late, "late"), (100 - late, "early"), (100 - late, "late"), (late, "early"))
    finding = found(column, leads([True] * 100 + [False] * 100)).get("differs when closed")
    assert (finding and round(finding.points, 6)) == points


@pytest.mark.parametrize(("closed", "still_open"), [(29, 71), (71, 29)])
def test_too_few_open_or_closed_leads_are_not_compared(closed: int, still_open: int) -> None:
    column = values((closed, "late"), (still_open, "early"))
    assert found(column, leads([True] * closed + [False] * still_open)) == {}


def test_too_few_leads_of_the_same_age_are_not_compared() -> None:
    status = leads([True] * 60 + [False] * 60, age=[0] * 29 + [1] * 31 + [0] * 60)
    assert found(values((60, "late"), (60, "early")), status) == {}


def test_only_leads_of_the_same_age_are_compared() -> None:
    """Old leads are closed and young ones open; where both are found, they do not differ."""
    closed = [True] * 100 + [True] * 30 + [False] * 30 + [False] * 100
    column = values((160, "before the change"), (100, "since the change"))
    assert found(column, leads(closed, age=[0] * 100 + [1] * 60 + [2] * 100)) == {}


def test_an_age_counts_as_much_as_it_has_pairs_of_open_and_closed_leads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Separated at one age with 60 of each; not at another, with 20 open and 300 closed leads."""
    monkeypatch.setattr(column_checks, "_values_of_closed_leads", lambda *_: [])
    closed = [True] * 60 + [False] * 60 + [True] * 300 + [False] * 20
    column = values((60, "late"), (60, "early"), (320, "other"))
    (finding,) = found(column, leads(closed, age=[0] * 120 + [1] * 320)).values()
    assert "with AUC 0.88" in finding.sentence  # (60 × 1 + 20 × 0.5) / 80


@pytest.mark.parametrize(
    ("late", "before", "points"),
    [
        (60, 0, 10),
        (20, 0, 10),
        (18, 0, None),  # of the closed leads
        (60, 10, 10),
        (60, 14, None),  # not five times as often
    ],
)
def test_values_that_a_part_of_the_closed_leads_has_and_hardly_any_open_one(
    late: int, before: int, points: float | None
) -> None:
    parts = (values((share, "late"), (100 - share, "early")) for share in (late, before))
    column = [value for part in parts for value in part for _ in range(2)]  # in both halves
    findings = found(column, leads([True] * 200 + [False] * 200))
    assert ("hardly ever before closing" in findings) is (points is not None)
    if points:
        finding = findings["hardly ever before closing"]
        assert finding.points == points
        assert f"{late}% of closed leads have 'late', but {before}% of open" in finding.sentence


def test_values_of_one_age_are_not_those_of_closed_leads() -> None:
    """A campaign of old leads, most of which are closed, is no trace of their closing."""
    closed = [True] * 280 + [False] * 20 + [True] * 20 + [False] * 280
    column = values((300, "old campaign"), (300, "new campaign"))
    assert found(column, leads(closed, age=[0] * 300 + [1] * 300)) == {}


def test_a_column_filled_when_closed_is_not_compared_by_its_values_too() -> None:
    status = leads([True] * 50 + [False] * 50)
    assert list(found(filled((50, 0), (0, 50)), status)) == ["rewritten when closed"]


# -- filled in batches -----------------------------------------------------------------------------


def in_tenths(shares: Sequence[int], rows: Sequence[int] = (50,) * 10) -> dict[str, Finding]:
    """Check a column that is filled for so many leads of each tenth by age, oldest first."""
    age = np.repeat(np.arange(10), rows)
    column = filled(*((share, of - share) for share, of in zip(shares, rows, strict=True)))
    return found(column, leads([True] * len(age), age=list(age)))


FULL = 50
GAPS = [FULL, 0, *[FULL] * 8]
LATE_GAP = [*[FULL] * 8, 0, FULL]


@pytest.mark.parametrize("shares", [GAPS, LATE_GAP, [FULL - share for share in GAPS]])
def test_a_column_that_is_filled_in_batches_is_found(shares: list[int]) -> None:
    (finding,) = in_tenths(shares).values()
    assert (finding.trace, finding.points) == (BATCHES, 4)
    assert finding.sentence == (
        "filled in batches over time (0% to 100% by tenth of age), not as leads came in"
    )


@pytest.mark.parametrize(
    "shares",
    [
        [FULL] * 5 + [0] * 5,  # given up
        [0] * 5 + [FULL] * 5,  # introduced
        [FULL // 2] * 10,
        [30, *[0] * 8, 30],  # a difference of exactly 60 points
        [20, *[FULL] * 8, 20],
        [FULL, *[25] * 8, FULL],
    ],
)
def test_a_column_that_is_introduced_or_given_up_is_not_filled_in_batches(
    shares: list[int],
) -> None:
    assert in_tenths(shares) == {}


@pytest.mark.parametrize("shares", [[31, *[0] * 8, 31], [19, *[FULL] * 8, 19]])
def test_more_than_60_points_between_the_ends_and_the_middle_are_batches(shares: list[int]) -> None:
    assert list(in_tenths(shares)) == [BATCHES]


@pytest.mark.parametrize(("smallest", "is_found"), [(20, True), (19, False)])
def test_batches_need_twenty_leads_in_each_tenth(smallest: int, is_found: bool) -> None:
    rows = [smallest] + [60] * 9
    assert bool(in_tenths([smallest, 0, *[60] * 8], rows)) == is_found


@pytest.mark.parametrize(("leads_in_all", "is_found"), [(500, True), (499, False)])
def test_batches_need_500_leads(leads_in_all: int, is_found: bool) -> None:
    rows = [50] * 9 + [leads_in_all - 450]
    assert bool(in_tenths([50, 0, *[50] * 7, rows[-1]], rows)) == is_found


# -- filled on the same leads ----------------------------------------------------------------------


def together(
    columns: Mapping[str, int], findings: Mapping[str, list[Finding]] | None = None
) -> dict[str, list[Finding]]:
    """Check columns that are filled for so many of a hundred leads."""
    coded = {
        name: Coded((np.arange(100) < count).astype(np.int32) * 2, ("x",), False)
        for name, count in columns.items()
    }
    return filled_together(coded, {name: [] for name in columns} | dict(findings or {}))


def test_columns_filled_on_the_same_leads_name_each_other() -> None:
    shared = together({**dict.fromkeys("abcde", 50), "alone": 49})
    assert set(shared) == {*"abcde", "alone"}
    assert shared["alone"] == []
    sentence = "filled on exactly the same leads as {}: one step wrote them together"
    assert [finding.sentence for finding in shared["a"]] == [sentence.format("b, c and d")]
    assert [finding.sentence for finding in shared["b"]] == [sentence.format("a, c and d")]


@pytest.mark.parametrize(("count", "is_found"), [(4, False), (5, True), (95, True), (96, False)])
def test_columns_that_are_filled_for_nearly_all_or_none_share_their_leads_by_chance(
    count: int, is_found: bool
) -> None:
    assert bool(together({"a": count, "b": count})["a"]) == is_found


def test_one_step_counts_as_evidence_only_if_it_wrote_in_batches() -> None:
    batches = [Finding(BATCHES, 4, "in batches"), Finding("name", 1, "name")]
    shared = together({"a": 50, "b": 50}, {"a": batches, "b": batches[1:]})
    assert [(finding.points, finding.supports) for finding in shared["a"]] == [(2, False)]
    assert [(finding.points, finding.supports) for finding in shared["b"]] == [(1, True)]


# -- names and values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("Size", {}),
        ("wonderful", {}),
        ("ClosedWon", {"its name (closed) suggests a step after the moment": 5}),
        ("LATEST source", {"its name (latest) suggests that it keeps the latest value": 5}),
        ("lead_score", {"its name (score) suggests a rating of the lead": 4}),
        ("Total visits", {"its name (total) suggests a running total": 1}),
    ],
)
def test_names_that_suggest_a_leak_support_other_evidence(
    name: str, evidence: dict[str, float]
) -> None:
    findings = wording_findings(name, code(pd.Series(["x"] * 50)))
    assert {finding.sentence: finding.points for finding in findings} == evidence
    assert all(finding.supports for finding in findings)


def test_values_that_are_events_are_found_and_the_most_frequent_is_named() -> None:
    column = pd.Series(values((45, "Nothing"), (25, "SMS sent"), (30, "Email opened")))
    (finding,) = wording_findings("Activity", code(column))
    assert (finding.points, finding.supports) == (6, False)
    assert finding.sentence == (
        "55% of its values are things that happen to a lead, such as 'Email opened': "
        "the latest is kept"
    )


@pytest.mark.parametrize(("events", "is_found"), [(50, True), (49, False)])
def test_half_of_the_values_must_be_events(events: int, is_found: bool) -> None:
    column = pd.Series([*values((events, "Called"), (100 - events, "Nothing")), *[None] * 100])
    assert bool(wording_findings("Activity", code(column))) == is_found


def test_a_single_value_may_be_an_event() -> None:
    (finding,) = wording_findings("Activity", code(pd.Series(["Called"])))
    assert finding.sentence.startswith("100% of its values")


def test_a_column_without_values_shows_no_events() -> None:
    assert wording_findings("Activity", code(pd.Series([None] * 50, dtype=object))) == []
