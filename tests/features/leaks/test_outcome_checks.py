"""What a column shows of the outcome, and from which share, number or strength on it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from features.leaks import outcome_checks
from features.leaks.finding import SEPARATES, Finding, LeadStatus
from features.leaks.outcome_checks import STRONG, outcome_findings, tied_to_suspects
from features.leaks.statistics import (
    MISSING,
    Coded,
    Codes,
    Mask,
    order_in_bands,
    permutation_z,
)

VALUES = {None: 0, "rare": 1, "a": 2, "b": 3, "c": 4}


def column(*parts: tuple[int, str | None], is_number: bool = False) -> Coded:
    """A column with so many leads of each value, in turn."""
    codes = [VALUES[value] for count, value in parts for _ in range(count)]
    return Coded(np.array(codes, dtype=np.int32), ("a", "b", "c"), is_number)


def outcomes(*parts: tuple[int, int]) -> Mask:
    """So many leads that were won, and so many that were not, in turn."""
    return np.array([won for yes, no in parts for won in [True] * yes + [False] * no])


def decided(won: Mask) -> LeadStatus:
    """Leads that are all closed, by age in the order of the rows."""
    every = np.ones(len(won), dtype=bool)
    age = order_in_bands(None, len(won))
    return LeadStatus(every, won, ~every, age, None, Coded(age, (), False), {})


def mixed(won: Mask, **columns: Coded) -> tuple[LeadStatus, dict[str, Coded]]:
    """The same leads in another order, in which outcomes do not depend on age."""
    order = np.random.default_rng(0).permutation(len(won))
    shuffled = {
        name: Coded(coded.codes[order], coded.levels, coded.is_number)
        for name, coded in columns.items()
    }
    return decided(won[order]), shuffled


def by_trace(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {finding.trace: finding for finding in findings}


# -- all checks together ---------------------------------------------------------------------------


def test_columns_are_compared_with_all_others_only_if_one_is_strong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []
    monkeypatch.setattr(outcome_checks, "losses_without", lambda *inputs: compared.append(inputs))
    leads, coded = mixed(
        outcomes((60, 40), (40, 60)), weak=column((100, "a"), (100, "b")), one=column((200, "a"))
    )
    assert not outcome_findings(coded, leads, 0)["one"]
    assert compared == []


def test_a_column_that_reveals_the_outcome_leaves_every_trace() -> None:
    won = outcomes((100, 0), (0, 300))
    random = np.random.default_rng(1).integers(2, 5, 400).astype(np.int32)
    status, coded = mixed(
        won, Paid=column((100, "a"), (300, None)), Noise=Coded(random, ("a", "b", "c"), False)
    )
    findings = outcome_findings(coded, status, seed=0)
    assert findings["Noise"] == []
    paid = by_trace(findings["Paid"])
    assert list(paid) == ["filled when won", "strong alone", "one-sided", SEPARATES]
    assert (paid[SEPARATES].points, paid[SEPARATES].supports) == (1, True)
    assert paid[SEPARATES].sentence == (
        "alone it separates won leads from the others with AUC 1.00 (chance is 0.50)"
    )
    assert not any(finding.supports for finding in findings["Paid"][:-1])


@pytest.mark.parametrize(("strength", "is_strong"), [(STRONG, True), (STRONG - 0.01, False)])
def test_a_column_is_strong_from_an_auc_of_077(
    monkeypatch: pytest.MonkeyPatch, strength: float, is_strong: bool
) -> None:
    assert STRONG == 0.77
    monkeypatch.setattr(outcome_checks, "auc", lambda odds, won: strength)
    status, coded = mixed(outcomes((90, 10), (60, 240)), Size=column((100, "a"), (300, "b")))
    traces = by_trace(outcome_findings(coded, status, seed=0)["Size"])
    assert ("strong alone" in traces) == is_strong
    assert SEPARATES in traces


def test_a_column_counts_from_six_standard_deviations_beyond_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcome_checks, "permutation_z", lambda *_: [5.9, 6.0])
    won = outcomes((50, 50))
    coded = {name: column((50, "a"), (50, "b")) for name in ("below", "at")}
    findings = outcome_findings(coded, decided(won), seed=0)
    assert (bool(findings["below"]), bool(findings["at"])) == (False, True)


@pytest.mark.parametrize(("sample", "fewest", "most"), [(1_000, 400, 600), (1_999, 999, 1_000)])
def test_of_many_leads_a_sample_is_compared(
    monkeypatch: pytest.MonkeyPatch, sample: int, fewest: int, most: int
) -> None:
    """No lead is drawn twice: all but one of 2,000 leads are nearly all of them."""
    monkeypatch.setattr(outcome_checks, "SAMPLE", sample)
    status, coded = mixed(outcomes((1_000, 0), (0, 1_000)), Paid=column((1_000, "a"), (1_000, "b")))
    sentence = by_trace(outcome_findings(coded, status, seed=0)["Paid"])["one-sided"].sentence
    rows = int(sentence.split(" of ")[1].split(" leads")[0].replace(",", ""))
    assert fewest <= rows <= most


def test_only_decided_leads_are_compared() -> None:
    status, coded = mixed(
        outcomes((200, 100), (60, 90), (60, 90)), Paid=column((300, "a"), (150, "b"), (150, "c"))
    )
    status.decided[(coded["Paid"].codes == VALUES["a"]) & ~status.won] = False
    sentence = by_trace(outcome_findings(coded, status, seed=0)["Paid"])["one-sided"].sentence
    assert sentence == "200 of 200 leads with 'a' were won, 40% of all others"


# -- filled when won -------------------------------------------------------------------------------


def filled_when_won(
    wins: int, lost: int, other: Coded | None = None, strength: float = 0.6, *, early: bool = True
) -> list[Finding]:
    """Check a column that is filled for so many of 1,000 won leads and of 1,000 others."""
    won = outcomes((1_000, 1_000))
    coded = {
        "Meeting": column((wins, "a"), (1_000 - wins, None), (lost, "a"), (1_000 - lost, None))
    }
    if other is not None:
        coded["Form"] = other
    return outcome_checks._filled_when_won("Meeting", coded, won, {"Form": strength}, early)


@pytest.mark.parametrize(
    ("wins", "lost", "points"),
    [
        (410, 200, 6.4),  # information value 0.21
        (500, 220, 10.0),  # 0.35
        (500, 130, 12.2),  # 0.70
        (600, 100, 14.0),  # 1.30
        (100, 600, 14.0),
    ],
)
def test_points_grow_with_the_difference_between_won_leads_and_others(
    wins: int, lost: int, points: float
) -> None:
    (finding,) = filled_when_won(wins, lost)
    assert finding.points == pytest.approx(points, abs=0.1)


@pytest.mark.parametrize(
    ("wins", "lost", "points"),
    [
        (450, 321, 4.0),
        (450, 319, 10.0),  # a difference of 13 points
        (410, 200, 10.0),
        (500, 130, 12.2),
    ],
)
def test_what_no_open_lead_shows_to_be_early_counts_from_a_difference_of_13_points(
    wins: int, lost: int, points: float
) -> None:
    (finding,) = filled_when_won(wins, lost, early=False)
    assert finding.points == pytest.approx(points, abs=0.1)


@pytest.mark.parametrize(
    ("still_open", "is_early"), [((40, 60), True), ((39, 61), False), ((36, 63), False)]
)
def test_open_leads_show_what_was_filled_early(still_open: tuple[int, int], is_early: bool) -> None:
    """Half of the closed leads have it; 100 open leads are needed, and four in five as often."""
    has = [True] * 100 + [False] * 100 + [True] * still_open[0] + [False] * still_open[1]
    closed = np.arange(len(has)) < 200
    age = np.zeros(len(has), dtype=np.int32)
    status = replace(decided(closed), decided=closed, open=~closed, age=age)
    assert outcome_checks.had_early(np.array(has), status) is is_early


def test_the_shares_filled_of_won_leads_and_others_are_stated() -> None:
    (finding,) = filled_when_won(600, 100)
    assert finding.sentence == "filled for 60% of won leads but 10% of the others"


@pytest.mark.parametrize(
    ("wins", "lost", "is_found"),
    [
        (480, 320, True),  # an information value of 0.11
        (560, 460, False),  # 0.04
        (100, 0, True),  # ten points apart
        (99, 0, False),
        (1_000, 950, False),
        (0, 0, False),
        (1_000, 1_000, False),
    ],
)
def test_small_differences_do_not_count(wins: int, lost: int, is_found: bool) -> None:
    assert bool(filled_when_won(wins, lost)) == is_found


def form(won_demo: int, lost_demo: int, missing: int = 0) -> Coded:
    """A form that so many of 1,000 won leads and of 1,000 others filled in for a demo."""
    parts = [
        (missing, None),
        (won_demo - missing, "a"),
        (1_000 - won_demo, "b"),
        (lost_demo, "a"),
        (1_000 - lost_demo, "b"),
    ]
    return column(*parts)


def explained_by_form(other: Coded, strength: float = 0.6) -> bool:
    """Whether a column filled for 600 won leads and 200 others is explained by another column."""
    (finding,) = filled_when_won(600, 200, other, strength)
    explained = finding.sentence.endswith("; mostly explained by Form")
    assert (finding.points == 4) == explained
    return explained


def test_an_early_column_that_decides_where_it_is_filled_explains_it() -> None:
    assert explained_by_form(form(600, 200))
    assert not explained_by_form(form(500, 500)), "a form that has nothing to do with it"


def test_a_column_explains_only_if_it_was_known_early() -> None:
    assert explained_by_form(form(600, 200, missing=39))
    assert not explained_by_form(form(600, 200, missing=40)), "98% filled"
    assert explained_by_form(form(600, 200), strength=0.79)
    assert not explained_by_form(form(600, 200), strength=0.8)


@pytest.mark.parametrize(("levels", "explains"), [(30, True), (31, False)])
def test_a_column_explains_only_with_few_values(levels: int, explains: bool) -> None:
    two = form(600, 200)
    names = (*two.levels, *(f"unused {number}" for number in range(levels - 3)))
    assert explained_by_form(Coded(two.codes, names, False)) == explains


def test_a_column_that_explains_half_of_the_difference_is_not_enough() -> None:
    """For each form the column is filled more often for won leads than for others."""
    won = outcomes((1_000, 1_000))
    demo, rest = column((600, "a"), (400, "b"), (400, "a"), (600, "b")), np.arange(2_000) % 100
    shares = {(True, "a"): 70, (True, "b"): 40, (False, "a"): 52, (False, "b"): 24}
    share = np.array(
        [
            shares[bool(is_won), "a" if value == 2 else "b"]
            for is_won, value in zip(won, demo.codes, strict=True)
        ]
    )
    codes = np.where(rest < share, 2, MISSING).astype(np.int32)
    coded = {"Meeting": Coded(codes, ("a",), False), "Form": demo}
    (finding,) = outcome_checks._filled_when_won("Meeting", coded, won, {"Form": 0.6})
    assert "explained" not in finding.sentence  # an information value of 0.14 for each form


# -- strong alone ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strength", "lost", "points"),
    [
        (0.77, 0, 6),
        (0.79, 0, 8),
        (0.81, 0, 10),
        (0.81, 0.25, 10),
        (0.81, 0.26, 12),
        (0.88, 0, 13),
        (0.95, 0, 16),
        (0.99, 0, 16),
    ],
)
def test_points_grow_with_the_strength_and_with_what_no_other_column_says(
    strength: float, lost: float, points: float
) -> None:
    (finding,) = outcome_checks._strong_alone({"Paid": strength}, "Paid", lost)
    assert finding.points == pytest.approx(points)


@pytest.mark.parametrize(
    ("lost", "loss"), [(0, None), (0.05, None), (0.06, "6%"), (1.0, "100%"), (1.7, "100%")]
)
def test_what_is_lost_without_a_strong_column_is_stated_from_5_percent(
    lost: float, loss: str | None
) -> None:
    (finding,) = outcome_checks._strong_alone({"Paid": 0.9, "Size": 0.6}, "Paid", lost)
    assert finding.sentence == (
        "alone it separates won leads from the others with AUC 0.90 (chance is 0.50): "
        "the strongest of 2 columns, too strong for early information"
        + (f"; without it the other columns explain {loss} less of later outcomes" if loss else "")
    )


def test_columns_are_ranked_by_their_strength() -> None:
    strength = {"Paid": 0.9, "Signed": 0.9, "Stage": 0.85, "Size": 0.6}
    for name, place in (
        ("Paid", "the strongest"),
        ("Signed", "the strongest"),
        ("Stage", "number 3"),
    ):
        (finding,) = outcome_checks._strong_alone(strength, name, 0)
        assert f": {place} of 4 columns" in finding.sentence


# -- what is lost without a column -----------------------------------------------------------------

OLD, YOUNG = 0, 1


def lost_without(old: tuple[int, int], young: tuple[int, int]) -> dict[str, float]:
    """Share lost without a column that is right for four in five, with so many (won, not won).

    Most leads are old, so that the effects of the columns are learned from them.
    """
    won = outcomes(old, young)
    age = np.repeat([OLD, YOUNG], [sum(old), sum(young)]).astype(np.int32)
    says_won = won ^ (np.arange(len(won)) % 5 == 0)
    odds = {"Paid": np.where(says_won, 2.0, -2.0), "Noise": np.zeros(len(won))}
    return outcome_checks._lost_without(odds, won, age, ["Paid"])


def test_without_the_only_informative_column_everything_is_lost() -> None:
    """Also where later leads are won more often than those that the effects are learned from."""
    assert lost_without((90, 210), (60, 40)) == {"Paid": pytest.approx(1, abs=0.05)}


def test_nothing_is_lost_without_a_column_that_adds_nothing() -> None:
    won = outcomes((150, 150), (50, 50))
    age = np.repeat([OLD, YOUNG], [300, 100]).astype(np.int32)
    odds = {"Paid": np.where(won, 4.0, -4.0), "Noise": np.zeros(len(won))}
    lost = outcome_checks._lost_without(odds, won, age, ["Paid", "Noise"])
    assert lost["Noise"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("old", "young", "enough"),
    [
        ((10, 50), (10, 10), True),
        ((50, 10), (10, 10), True),
        ((9, 51), (10, 10), False),
        ((51, 9), (10, 10), False),
        ((30, 30), (9, 11), False),
        ((30, 30), (11, 9), False),
    ],
)
def test_ten_leads_of_each_outcome_are_needed_on_both_sides(
    old: tuple[int, int], young: tuple[int, int], enough: bool
) -> None:
    lost = lost_without(old, young)["Paid"]
    assert (lost > 0) == enough


def test_if_most_leads_are_young_there_are_no_later_ones_to_compare_with() -> None:
    assert lost_without((30, 30), (90, 90)) == {"Paid": 0}


# -- values with one outcome -----------------------------------------------------------------------


def one_sided(
    own: tuple[int, int], rest: tuple[int, int], value: str | None = "a", is_number: bool = False
) -> list[Finding]:
    """Check a value with so many leads (won, not won), against the rest."""
    coded = column((sum(own), value), (sum(rest), "b"), is_number=is_number)
    return outcome_checks._one_sided(coded, outcomes(own, rest))


def test_a_value_of_won_leads_only_is_one_sided() -> None:
    (finding,) = one_sided((40, 0), (20, 140))
    assert (finding.points, finding.supports) == (10, False)
    assert finding.sentence == "40 of 40 leads with 'a' were won, 13% of all others"


def test_a_value_of_leads_that_were_not_won_is_one_sided() -> None:
    (finding,) = one_sided((0, 100), (60, 40))
    assert finding.sentence == "0 of 100 leads with 'a' were won, 60% of all others"


def test_the_most_surprising_value_is_named() -> None:
    coded = column((40, "a"), (80, "b"), (280, "c"))
    (finding,) = outcome_checks._one_sided(coded, outcomes((40, 0), (80, 0), (28, 252)))
    assert "80 of 80 leads with 'b'" in finding.sentence


def test_missing_values_and_numbers_are_not_one_sided() -> None:
    assert one_sided((40, 0), (20, 140))
    assert one_sided((40, 0), (20, 140), is_number=True), "it always wins"
    assert one_sided((32, 8), (20, 140), is_number=True) == []
    assert one_sided((32, 8), (20, 140))[0].points == 5
    rest = column((40, None), (80, "a"), (80, "b"))
    assert outcome_checks._one_sided(rest, outcomes((40, 0), (10, 70), (10, 70))) == []


def test_a_value_is_one_sided_from_ten_times_the_odds_of_the_rest() -> None:
    rest = (60, 140)  # odds of 0.43
    assert one_sided((82, 18), rest)  # odds of 4.5
    assert not one_sided((81, 19), rest)


@pytest.mark.parametrize(
    ("own", "rest", "is_found"),
    [
        ((30, 0), (30, 140), True),  # 30 leads
        ((29, 0), (31, 140), False),
        ((40, 0), (2_000, 5_960), True),  # one lead in 200
        ((39, 0), (2_000, 5_961), False),
        ((36, 0), (64, 100), True),  # 18 wins more than expected, six standard deviations of 3
        ((35, 0), (65, 100), False),
    ],
)
def test_a_value_needs_enough_leads_and_surprise(
    own: tuple[int, int], rest: tuple[int, int], is_found: bool
) -> None:
    assert bool(one_sided(own, rest)) == is_found


# -- tied to a suspect -----------------------------------------------------------------------------


def tied(
    own: tuple[int, int],
    rest: tuple[int, int],
    value: str | None = "a",
    suspect: str | None = "a",
    is_number: bool = False,
) -> list[Finding]:
    """Check a value that so many leads share with a suspect's value, and so many do not."""
    coded = {
        "Fit": column((sum(own), value), (sum(rest), "b"), is_number=is_number),
        "Status": column((own[0], suspect), (own[1], "b"), (rest[0], suspect), (rest[1], "b")),
    }
    return tied_to_suspects(coded, ["Status"], "Fit")


def test_a_value_that_goes_with_a_value_of_a_suspect_is_tied_to_it() -> None:
    (finding,) = tied((99, 1), (100, 200))
    assert (finding.trace, finding.points) == ("one-sided", 5)
    assert finding.sentence == (
        "99 of 100 leads with 'a' have Status = 'a', and Status is itself suspected"
    )


@pytest.mark.parametrize(
    ("own", "rest", "is_tied"),
    [
        ((96, 4), (0, 200), True),
        ((95, 5), (0, 200), False),  # 95%, which is not more than 95%
        ((30, 0), (0, 70), True),  # 30 leads
        ((29, 0), (0, 71), False),
        ((40, 0), (0, 7_960), True),  # one lead in 200
        ((39, 0), (0, 7_961), False),
        ((100, 0), (79, 121), True),
        ((100, 0), (80, 120), False),  # 60% of all leads have the suspect's value
    ],
)
def test_a_value_is_tied_only_by_many_leads_and_beyond_what_is_usual(
    own: tuple[int, int], rest: tuple[int, int], is_tied: bool
) -> None:
    assert bool(tied(own, rest)) == is_tied


@pytest.mark.parametrize(
    ("value", "suspect"), [(None, "a"), ("rare", "a"), ("a", None), ("a", "rare")]
)
def test_missing_and_rare_values_are_tied_to_nothing(value: str | None, suspect: str) -> None:
    assert tied((100, 0), (0, 200), value, suspect) == []


def test_bands_of_numbers_are_tied_to_nothing() -> None:
    assert tied((100, 0), (0, 200), is_number=True) == []


def test_the_first_suspect_that_a_value_is_tied_to_is_named() -> None:
    coded = {
        "Fit": column((100, "a"), (200, "b")),
        "Owner": column((50, "b"), (250, "c")),
        "Status": column((100, "a"), (200, "b")),
        "Stage": column((100, "c"), (200, "b")),
    }
    (finding,) = tied_to_suspects(coded, ["Owner", "Status", "Stage"], "Fit")
    assert "have Status = 'a'" in finding.sentence
    assert tied_to_suspects(coded, [], "Fit") == []


def test_associations_are_compared_with_those_of_shuffled_outcomes() -> None:
    random = np.random.default_rng(1)
    won = random.random(400) < 0.3
    columns = [
        Coded(random.integers(0, 5, 400).astype(np.int32), ("a", "b", "c"), False),
        Coded(np.where(won, 2, 3).astype(np.int32), ("a", "b", "c"), False),
        Coded(np.full(400, 2, np.int32), ("a", "b", "c"), False),
    ]
    rows = np.arange(0, 400, 2)
    shuffles = np.random.default_rng(7)
    draws = [shuffles.permutation(won[rows]) for _ in range(20)]
    expected = []
    for column in columns:
        codes = column.codes[rows]
        real, *null = (pearson(codes, outcome) for outcome in (won[rows], *draws))
        expected.append((real - np.mean(null)) / max(np.std(null), 1.0))
    found = permutation_z(columns, won, rows, seed=7)
    assert found == pytest.approx(expected)
    assert found[1] > 6 > abs(found[0])
    assert found[2] == 0


def pearson(codes: Codes, won: Mask) -> float:
    """The statistic, written out."""
    total = 0.0
    for value in np.unique(codes):
        leads = codes == value
        expected = leads.sum() * won.mean()
        total += (won[leads].sum() - expected) ** 2 / (expected * (1 - won.mean()))
    return total
