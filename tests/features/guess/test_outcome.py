"""Guesses about the outcome: its column, the values that mean won, lost, and unknown."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.outcome import OutcomeGuess, guess_outcome
from features.workspace.conditions import condition_yaml


def lost(found: OutcomeGuess) -> object:
    """What means lost, as the file has it."""
    return None if found.states.lost is None else condition_yaml(found.states.lost)


def guess(columns: dict[str, list[str]], option: str | None = None, *given: str) -> OutcomeGuess:
    raw = pd.DataFrame({name: values * 6 for name, values in columns.items()}, dtype=object)
    return guess_outcome(raw, option, given)


@pytest.mark.parametrize(
    ("columns", "option", "column", "won", "means_lost"),
    [
        ({"Converted": ["1", "0"]}, None, "Converted", ["1"], {"Converted": ["0"]}),
        ({"Stage": ["Won", "Lost", "Talks"]}, None, "Stage", ["Won"], {"Stage": ["Lost"]}),
        (
            {"Stage": ["Qualified", "Junk", "New"]},
            None,
            "Stage",
            ["Qualified"],
            {"Stage": ["Junk"]},
        ),
        (
            {"Stage": ["Payment", "Lost"]},
            "Stage=payment",
            "Stage",
            ["Payment"],
            {"Stage": ["Lost"]},
        ),
        ({"is_won": ["True", "False"], "Stage": ["Won", "New"]}, None, "is_won", ["True"], None),
        ({"Phase": ["Gewonnen", "Verloren", "Neu"]}, None, "Phase", ["Gewonnen"], None),
        ({"y": ["yes", "no"]}, None, "y", ["yes"], {"y": ["no"]}),
    ],
)
def test_outcomes(
    columns: dict[str, list[str]],
    option: str | None,
    column: str,
    won: list[str],
    means_lost: dict[str, list[str]] | None,
) -> None:
    found = guess(columns, option)
    assert (found.column, list(found.won)) == (column, won)
    if means_lost is not None:
        assert lost(found) == means_lost


def test_a_lead_in_progress_is_not_lost() -> None:
    stages = ["Сделка успешна", "Сделка провалена", "В работе", "Особый случай"]
    found = guess({"Стадия сделки": stages}, "Стадия сделки=Сделка успешна")
    results = found.results(pd.DataFrame({"Стадия сделки": [*stages, None]}, dtype=object))
    assert list(results) == ["won", "not won", "unknown", "unknown", "unknown"]
    assert found.states.unclear == ("Особый случай",)


def test_another_column_may_say_which_leads_are_lost() -> None:
    columns = {"Stage": ["Won", "New", "Proposition"], "Active": ["True", "False", "True"]}
    found = guess(columns, "Stage=Won")
    assert lost(found) == {"Active": ["False"]}
    assert list(found.results(pd.DataFrame(columns))) == ["won", "not won", "unknown"]


@pytest.mark.parametrize(
    "columns",
    [
        {  # a flag says no of open leads as well
            "Is Converted": ["true", "false", "false"],
            "Lead Status": ["Pre-Qualified", "Lost Lead", "Contacted"],
        },
        {  # a stage that only moves forward, and a status beside it
            "Lifecycle Stage": ["Customer", "Opportunity", "Lead"],
            "Lead Status": ["Open Deal", "Unqualified", "New"],
        },
        {"Gewonnen": ["ja", "nein", "nein"], "Status": ["Auftrag", "verloren", "offen"]},
    ],
)
def test_a_status_beside_the_outcome_says_which_leads_are_lost(
    columns: dict[str, list[str]],
) -> None:
    outcome, status = columns
    found = guess(columns)
    assert (found.column, list(found.won)) == (outcome, columns[outcome][:1])
    assert lost(found) == {status: [columns[status][1]]}
    assert list(found.results(pd.DataFrame(columns))) == ["won", "not won", "unknown"]


def test_a_status_that_won_leads_have_too_does_not_mean_lost() -> None:
    columns = {"Converted": ["1", "0", "0"], "Mail Status": ["rejected", "rejected", "new"]}
    assert lost(guess(columns)) == {"Converted": ["0"]}


def test_where_nothing_says_lost_people_are_asked() -> None:
    columns = {"Stage": ["Won", "New", "Proposition"]}
    with pytest.raises(LeadReadyError, match="nothing says which leads are lost") as caught:
        guess(columns, "Stage=Won")
    assert "--lost" in str(caught.value.hint)
    assert lost(guess(columns, "Stage=Won", "new")) == {"Stage": ["New"]}
    assert lost(guess(columns, "Stage=Won", "all")) == {"Stage": ["New", "Proposition"]}
    with pytest.raises(LeadReadyError, match="--lost: unknown value of Stage 'Nwe'"):
        guess(columns, "Stage=Won", "Nwe")


@pytest.mark.parametrize(
    ("columns", "option"),
    [
        ({"Stage": ["Payment Done", "Lost"]}, "stage"),
        ({"won_reason": ["price", "service"]}, None),
        ({"Status": ["Not converted", "Unqualified"]}, None),
        ({"Source": ["Customer event", "Web"]}, None),
    ],
)
def test_without_an_outcome_the_error_names_the_option(
    columns: dict[str, list[str]], option: str | None
) -> None:
    with pytest.raises(LeadReadyError) as caught:
        guess(columns, option)
    assert "--outcome" in str(caught.value.hint)


def test_a_given_value_that_no_lead_has_is_refused() -> None:
    with pytest.raises(LeadReadyError, match="unknown value of Stage 'Wonn'; did you mean 'Won'"):
        guess({"Stage": ["Won", "Lost"]}, "Stage=Wonn")


def test_nothing_can_be_learned_if_every_lead_was_won() -> None:
    with pytest.raises(LeadReadyError, match="nothing to learn"):
        guess({"Stage": ["Won"]}, "Stage=Won")


@pytest.mark.parametrize(
    ("heading", "values", "won"),
    [
        ("Enrolled?", ["Y", "N"], "Y"),
        ("Is Customer", ["true", "false"], "true"),
        ("Estágio no funil", ["Lead", "Lead Qualificado", "Cliente"], "Cliente"),
        ("Étape", ["Prospect", "Client"], "Client"),
        ("Phase", ["Interessent", "Kunde"], "Kunde"),
    ],
)
def test_customers_and_questions_for_a_win_are_outcomes(
    heading: str, values: list[str], won: str
) -> None:
    raw = pd.DataFrame({"City": ["Rome", "Oslo"] * 30, heading: (values * 30)[:60]})
    assert guess_outcome(raw, None, ["all"]).won == (won,)
    assert guess_outcome(raw, None, ["all"]).column == heading


def test_where_every_value_says_open_the_most_frequent_one_is_offered() -> None:
    raw = pd.DataFrame({"Stage": ["Won", *["Working"] * 9, *["New"] * 2]})
    with pytest.raises(LeadReadyError) as caught:
        guess_outcome(raw, None)
    assert "--lost 'Working'" in str(caught.value.hint)


@pytest.mark.parametrize("heading", ["Existing customer", "Bestandskunde"])
def test_whether_somebody_was_a_customer_before_is_no_outcome(heading: str) -> None:
    raw = pd.DataFrame({"City": ["Rome", "Oslo"] * 30, heading: ["yes", "no"] * 30})
    with pytest.raises(LeadReadyError, match="no column looks like an outcome"):
        guess_outcome(raw, None)


def test_where_no_column_looks_like_an_outcome_those_with_few_values_are_named() -> None:
    raw = pd.DataFrame({"bound_flag": ["0", "1"] * 30, "Ref": [f"Q{n}" for n in range(60)]})
    with pytest.raises(LeadReadyError) as caught:
        guess_outcome(raw, None)
    assert str(caught.value.hint).endswith("columns with few values: bound_flag (0 or 1)")


def test_a_lost_value_of_a_column_beside_is_offered_where_it_stands() -> None:
    columns = {  # a won lead was unqualified as well, so it is not taken for lost without asking
        "Lifecycle Stage": ["Customer", "Lead", "Lead", "Opportunity"],
        "Lead Stage": ["Unqualified", "Unqualified", "Contacted", "Interested"],
    }
    with pytest.raises(LeadReadyError, match="Lead Stage has 'Unqualified'") as caught:
        guess(columns)
    assert "--lost 'Unqualified';" in str(caught.value.hint)
    found = guess(columns, None, "unqualified")
    assert lost(found) == {"Lead Stage": ["Unqualified"]}
    results = found.results(pd.DataFrame(columns))
    assert list(results) == ["won", "not won", "unknown", "unknown"]


def test_where_no_outcome_is_found_stages_are_named_first() -> None:
    raw = pd.DataFrame({"Flag": ["x", "y"] * 3, "Phase": ["P1", "P2", "P3"] * 2})
    with pytest.raises(LeadReadyError) as caught:
        guess_outcome(raw, None)
    assert "columns with few values: Phase" in str(caught.value.hint)


def test_the_lost_value_that_is_offered_does_not_say_open() -> None:
    with pytest.raises(LeadReadyError) as caught:
        guess({"Status": ["Customer", "Interested", "Interested", "Parked", "New"]})
    assert "--lost 'Parked'" in str(caught.value.hint)


@pytest.mark.parametrize("heading", ["Is Decision Maker", "Entscheider", "Décideur", "Decision"])
def test_whether_somebody_decides_is_no_outcome_beside_a_stage(heading: str) -> None:
    found = guess({heading: ["X", None, "X", None], "Status": ["Won", "Lost", "New", "Lost"]})
    assert found.column == "Status"


def test_the_status_reason_of_dynamics_is_a_status() -> None:
    found = guess({"Status Reason": ["Qualified", "Lost", "New", "Cannot Contact"]})
    assert (found.column, found.won) == ("Status Reason", ("Qualified",))
    assert lost(found) == {"Status Reason": ["Lost", "Cannot Contact"]}
