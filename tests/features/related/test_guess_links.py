"""The columns by which files belong together are found by their values."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.related.links import LinkGuess, guess_link, spelling_text

LEADS = 40


def leads() -> pd.DataFrame:
    numbers = range(LEADS)
    return pd.DataFrame(
        {
            "Lead ID": [f"00Q5f000009A{number:03d}EAG" for number in numbers],
            "Legacy No": [f"{number + 1:05d}" for number in numbers],
            "Email": [f"P{number}@Example.org" for number in numbers],
            "Account Name": [f"Acme {number % 25}" for number in numbers],
            "Created": [f"2024-01-{1 + number % 28:02d}" for number in numbers],
            "Employees": [str(number + 1) for number in numbers],
            "Source": ["Web", "Fair"] * (LEADS // 2),
        },
        dtype=object,
    )


def link_of(**columns: list[str]) -> LinkGuess:
    table = pd.DataFrame(columns, dtype=object)
    raw = leads()
    keys = {"lead": "Lead ID", "account": "Account Name"}
    return guess_link(table, guess_columns(table), raw, guess_columns(raw), keys, "events.csv")


TWICE = [number for number in range(LEADS) for _ in range(2)]
OWN = [str(number + 1) for number in range(2 * LEADS)]


def test_events_name_the_lead() -> None:
    link = link_of(Id=OWN, WhoId=[f"00Q5f000009A{number:03d}" for number in TWICE])
    assert (link.link, link.column, link.on) == ("lead", "WhoId", "Lead ID")
    assert link.match.rule == "salesforce_id"
    assert "'00Q5f000009A000' here is '00Q5f000009A000EAG' there" in spelling_text(
        link.match, link.examples
    )


def test_events_name_the_lead_by_another_of_its_numbers() -> None:
    """The events' own numbers and their seconds are in the same range."""
    link = link_of(Id=OWN, Seconds=OWN[::-1], **{"Lead No": [str(number + 1) for number in TWICE]})
    assert (link.link, link.column, link.on) == ("lead", "Lead No", "Legacy No")
    assert link.match.rule == "number"


def test_events_name_an_e_mail_address() -> None:
    link = link_of(Id=OWN, Mail=[f"p{number}@example.ORG" for number in TWICE])
    assert (link.link, link.column, link.on) == ("contact", "Mail", "Email")
    assert link.match.rule == "email"
    assert "example" not in spelling_text(link.match, link.examples), "addresses are personal"


def test_events_name_an_account() -> None:
    link = link_of(Company=[f"ACME {number % 25}" for number in TWICE])
    assert (link.link, link.column, link.on) == ("account", "Company", "Account Name")
    assert link.match.rule == "letters"


def test_columns_that_share_values_by_chance_are_no_link() -> None:
    dates = [f"2024-01-{1 + number % 28:02d}" for number in TWICE]
    with pytest.raises(LeadReadyError, match="no column names the leads"):
        link_of(Created=dates, Source=["Web", "Fair"] * LEADS)


def test_the_error_names_the_best_pairs() -> None:
    ids = [f"00Q5f000009A{number:03d}EAG" for number in TWICE[:30]]
    strangers = [f"00Q5f000009B{number:03d}EAG" for number in TWICE[30:]]
    with pytest.raises(LeadReadyError) as caught:
        link_of(Who=[*ids, *strangers])
    assert "the best pair of columns is 'Who' and the leads' 'Lead ID' (38% of the rows" in str(
        caught.value
    )
    assert caught.value.where == "events.csv"
