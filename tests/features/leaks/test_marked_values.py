"""Marks that go with one outcome and that open leads lack are found, and from which number on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from features.leaks import marked_values as module
from features.leaks.finding import Finding, LeadStatus
from features.leaks.marked_values import marked_values
from features.leaks.statistics import Coded, code
from features.values.different import different

WON, LOST, OPEN = 200, 600, 200


def status(won: int = WON, lost: int = LOST, still_open: int = OPEN) -> LeadStatus:
    """So many leads that are won, lost and open, all of the same age."""
    states = np.repeat([0, 1, 2], [won, lost, still_open])
    nothing = np.zeros(len(states), dtype=np.int32)
    return LeadStatus(
        states < 2, states == 0, states == 2, nothing, None, Coded(nothing, (), False), {}
    )


def column(*parts: tuple[int, int], value: object = "mark", other: object = None) -> list[object]:
    """Of each state: so many leads with the mark, and so many without."""
    return [v for some, rest in parts for v in [value] * some + [other] * rest]


def marks(values: Sequence[object], leads: LeadStatus) -> list[Finding]:
    texts = pd.Series(values, dtype=object)
    return marked_values(different(texts), code(texts), leads)


def test_a_value_of_lost_leads_only_that_no_open_lead_has_is_a_mark() -> None:
    (finding,) = marks(column((0, 200), (60, 540), (0, 200), other="x"), status())
    assert (finding.points, finding.supports) == (10, False)
    assert finding.sentence == (
        "0 of 60 leads with 'mark' were won, 27% of all others; "
        "of open leads, 0 have it, where 15 of closed ones would"
    )


def test_a_value_of_won_leads_only_is_a_mark() -> None:
    (finding,) = marks(column((40, 160), (0, 600), (0, 200), other="x"), status())
    assert "40 of 40 leads with 'mark' were won" in finding.sentence


def test_a_field_that_is_filled_for_lost_leads_with_many_words_is_a_mark() -> None:
    values = column((0, 200), (90, 510), (0, 200))
    words = [f"note {place}" if value else None for place, value in enumerate(values)]
    (finding,) = marks(words, status())
    assert "0 of 90 leads with any value were won" in finding.sentence


@pytest.mark.parametrize(("seen", "is_mark"), [(0, True), (3, True), (4, False), (15, False)])
def test_open_leads_may_have_a_fifth_of_what_closed_ones_have(seen: int, is_mark: bool) -> None:
    """60 of 800 closed leads have it, so that 15 of 200 open ones are expected to."""
    values = column((0, 200), (60, 540), (seen, 200 - seen), other="x")
    assert bool(marks(values, status())) is is_mark


@pytest.mark.parametrize(("rows", "is_mark"), [(29, False), (30, True)])
def test_thirty_closed_leads_are_needed(rows: int, is_mark: bool) -> None:
    values = column((rows, 200 - rows), (0, 600), (0, 400), other="x")
    assert bool(marks(values, status(still_open=400))) is is_mark


def test_a_mark_of_too_small_a_share_of_the_closed_leads_does_not_count() -> None:
    values = column((30, 1970), (0, 6000), (0, 4000), other="x")
    assert marks(values, status(2000, 6000, 4000)) == []


@pytest.mark.parametrize(("wins", "is_mark"), [(0, True), (1, True), (3, False)])
def test_the_odds_have_to_differ_tenfold(wins: int, is_mark: bool) -> None:
    """One win among 60 is one sixteenth of the odds of the others; 3 are a seventh."""
    values = column((wins, 200 - wins), (60 - wins, 540 + wins), (0, 200), other="x")
    assert bool(marks(values, status())) is is_mark


@pytest.mark.parametrize(("rows", "is_mark"), [(40, False), (60, True)])
def test_chance_has_to_be_excluded(rows: int, is_mark: bool) -> None:
    """Of 40 leads 10 wins are expected, so that none is 3.7 standard deviations away."""
    values = column((0, 200), (rows, 600 - rows), (0, 400), other="x")
    assert bool(marks(values, status(still_open=400))) is is_mark


@pytest.mark.parametrize(
    ("won", "rows", "is_mark"), [(0, 100, True), (0, 80, False), (1, 100, True), (2, 100, False)]
)
def test_where_no_lead_is_open_a_value_that_never_wins_counts_if_many_wins_are_expected(
    won: int, rows: int, is_mark: bool
) -> None:
    values = column((won, 200 - won), (rows - won, 600 - rows + won), other="x")
    found = marks(values, status(still_open=0))
    assert bool(found) is is_mark
    assert not found or "open" not in found[0].sentence


def test_where_few_open_leads_could_have_it_they_do_not_tell() -> None:
    """Of 20 open leads 3 would have it: too few to say that they lack it."""
    values = column((0, 200), (120, 480), (1, 19), other="x")
    assert marks(values, status(still_open=20))
    assert not marks(column((0, 200), (60, 540), (0, 20), other="x"), status(still_open=20))


@pytest.mark.parametrize(("expected", "is_mark"), [(7, False), (8, True)])
def test_eight_open_leads_have_to_be_expected(expected: int, is_mark: bool) -> None:
    """A tenth of the closed leads has it."""
    values = column((0, 200), (80, 520), (0, 10 * expected), other="x")
    assert bool(marks(values, status(still_open=10 * expected))) is is_mark


@pytest.mark.parametrize("separator", [";", "|", ", "])
def test_a_choice_among_several_is_a_mark(separator: str) -> None:
    """It stands in no value alone, and each value is rare."""
    random = np.random.default_rng(0)
    plain = column((0, 200), (60, 540), (0, 200))
    topics = [f"t{random.integers(9)}{separator}u{random.integers(9)}" for _ in plain]
    values = [
        f"{topic}{separator}gone" if mark else topic
        for topic, mark in zip(topics, plain, strict=True)
    ]
    (finding,) = marks(values, status())
    assert "0 of 60 leads with 'gone' among others were won" in finding.sentence


def test_one_choice_in_a_cell_is_a_value_and_no_choice_among_others() -> None:
    values = column((0, 200), (60, 540), (0, 200), other="x")
    values[-1] = "x;y"
    assert "among others" not in marks(values, status())[0].sentence


def test_the_most_surprising_mark_is_told() -> None:
    values = column((0, 200), (60, 540), (0, 200), other="x")
    values[300:420] = ["stronger"] * 120
    assert "120 leads with 'stronger'" in marks(values, status())[0].sentence


def test_numbers_are_marks_only_by_being_filled() -> None:
    random = np.random.default_rng(0)
    numbers = [str(number) for number in random.integers(0, 10**6, WON + LOST + OPEN)]
    assert marks(numbers, status()) == []
    filled = column((0, 200), (90, 510), (0, 200))
    kept = [number if mark else None for number, mark in zip(numbers, filled, strict=True)]
    assert "any value" in marks(kept, status())[0].sentence


@pytest.mark.parametrize("leads", [status(0, 800), status(800, 0)])
def test_leads_of_one_outcome_show_no_marks(leads: LeadStatus) -> None:
    assert marks(column((60, 740), (0, 200), other="x"), leads) == []


def test_an_empty_column_shows_no_marks() -> None:
    assert marks([None] * 1000, status()) == []


def log_odds_ratio(wins: int, rows: int) -> float:
    """With as many leads added to both sides as one lead of the base rate makes."""
    base = WON / (WON + LOST)
    own = (wins + base) / (rows - wins + 1 - base)
    rest = (WON - wins + base) / (LOST - rows + wins + 1 - base)
    return abs(float(np.log(own / rest)))


@pytest.mark.parametrize(("wins", "rows"), [(0, 60), (1, 60), (40, 40), (199, 205)])
@pytest.mark.parametrize(("more", "is_mark"), [(-1e-9, True), (1e-9, False)])
def test_the_odds_are_compared_with_those_of_all_others(
    wins: int, rows: int, more: float, is_mark: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ONE_SIDED", np.exp(log_odds_ratio(wins, rows) + more))
    parts = ((wins, WON - wins), (rows - wins, LOST - rows + wins), (0, OPEN))
    assert bool(marks(column(*parts, other="x"), status())) is is_mark


@pytest.mark.parametrize(("wins", "rows"), [(0, 60), (40, 40)])
@pytest.mark.parametrize(("more", "is_mark"), [(-1e-9, True), (1e-9, False)])
def test_the_surprise_is_counted_in_standard_deviations(
    wins: int, rows: int, more: float, is_mark: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    deviation = (rows * 0.25 * 0.75) ** 0.5
    monkeypatch.setattr(module, "SURPRISE", abs(wins - rows / 4) / deviation + more)
    parts = ((wins, WON - wins), (rows - wins, LOST - rows + wins), (0, OPEN))
    assert bool(marks(column(*parts, other="x"), status())) is is_mark


def test_a_mark_of_three_quarters_of_a_percent_counts() -> None:
    values = column((0, 2000), (60, 5940), (0, 4000), other="x")
    assert marks(values, status(2000, 6000, 4000))


def test_the_most_frequent_value_may_be_a_mark() -> None:
    values = column((0, 200), (300, 300), (0, 200))
    words = [value or f"word {place}" for place, value in enumerate(values)]
    assert "300 leads with 'mark'" in marks(words, status())[0].sentence


def test_a_band_of_numbers_is_no_mark() -> None:
    numbers = np.random.default_rng(0).integers(0, 10**6, WON + LOST + OPEN)
    numbers[WON : WON + 60] += 10**7
    assert marks(numbers.astype(str).tolist(), status()) == []


def test_without_open_leads_nothing_is_expected_of_them() -> None:
    leads = status(still_open=0)
    assert module._open_leads(np.ones(WON + LOST, dtype=bool), leads) == (0.0, 0)


# -- choices ---------------------------------------------------------------------------------------


def choices(*parts: tuple[int, str | None]) -> dict[str, int]:
    """The choices of a column with so many leads of each value, and how many leads have them."""
    values = pd.Series([value for count, value in parts for _ in range(count)], dtype=object)
    return {name.split("'")[1]: int(has.sum()) for name, has in module._choices(different(values))}


def test_choices_are_counted_in_all_cells() -> None:
    found = choices((50, "a;b"), (60, None), (100, "b"), (790, "c"))
    assert found == {"c": 790, "b": 150, "a": 50}


@pytest.mark.parametrize(("several", "found"), [(50, True), (49, False)])
def test_one_lead_in_twenty_has_to_have_several(several: int, found: bool) -> None:
    assert bool(choices((several, "a;b"), (1000 - several, "c"))) is found


@pytest.mark.parametrize(
    ("rows", "leads", "found"), [(30, 1000, True), (29, 1000, False), (35, 8000, False)]
)
def test_a_choice_needs_enough_leads(rows: int, leads: int, found: bool) -> None:
    rest = leads // 2 - rows
    counted = choices((rows, "a;b"), (rest, "b;c"), (leads - rows - rest, "d"))
    assert ("a" in counted) is found


@pytest.mark.parametrize(("most", "found"), [(3, True), (2, False)])
def test_columns_with_too_many_values_are_not_split(
    most: int, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_DISTINCT", most)
    assert bool(choices((100, "a;b"), (100, "c;b"), (100, "c"))) is found


def test_a_single_value_may_name_several_choices() -> None:
    assert choices((100, "a;b")) == {"a": 100, "b": 100}


def test_no_value_names_no_choices() -> None:
    assert choices((100, None)) == {}
