"""Events come out with their owner, time and kind; those that cannot be used are counted."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.tables.events import kind_slug


def test_events_belong_to_the_person_that_they_name(company) -> None:
    events = company.read(company.events_mapping, events=company.events).events
    assert events["person_id"].tolist() == ["contact:c1", "contact:c1", "lead:0012"]
    assert events["account_id"].isna().all()
    times = ("2024-01-02", "2024-01-02 09:00", "2024-01-03")
    assert events["at"].tolist() == [pd.Timestamp(time) for time in times]
    assert events["kind"].tolist() == ["talk", "mail", "call_missed"]
    assert events["value"].tolist()[0] == 1200
    assert events["by_sales"].tolist() == [True, False, True]
    assert events["asset"].astype("str").fillna("").tolist() == ["guide", "guide", ""]
    assert events["campaign"].astype("str").fillna("").tolist() == ["spring", "", "spring"]


def test_events_without_owner_or_time_are_left_out_and_counted(company) -> None:
    tables = company.read(company.events_mapping, events=company.events)
    counts = {
        problem.kind: problem.count for problem in tables.problems if problem.table == "events"
    }
    assert counts == {
        "of unknown leads": 1,
        "without lead": 1,
        "without time": 1,
        "kind never seen": 1,
    }
    assert company.problem(tables, "of unknown leads").examples == ("nobody",)
    rows = company.events.count("\n") - 1
    assert len(tables.events) + sum(counts.values()) - counts["kind never seen"] == rows


@pytest.mark.parametrize(
    ("first", "second", "found", "kinds"),
    [
        ("2024-01-02T09:00Z", "2024-01-03", ["2024-01-02 09:00", "2024-01-03"], []),
        ("2024-01-02T09:00+02:00", "2024-01-03T00:00Z", ["2024-01-02 07:00", "2024-01-03"], []),
        (" 2024-01-02", "2024-01-03", ["2024-01-02", "2024-01-03"], []),
        ("2020-02-02", "2024-01-03", ["2024-01-03"], ["without time"]),  # means missing
        ("soon", "2024-01-03", ["2024-01-03"], ["without time"]),
        ("1969-12-31", "2024-01-03", ["2024-01-03"], ["impossible dates", "without time"]),
    ],
)
def test_times_of_text_are_read_whatever_is_among_them(
    company, first: str, second: str, found: list[str], kinds: list[str]
) -> None:
    mapping = "events: [{file: events.csv, lead: who, time: when, kind: type, null_values: NULLS}]"
    nulls = "[2020-02-02, soon]" if first in ("2020-02-02", "soon") else "[never]"
    events = f"who,when,type\n0012,{first},Call\n0012,{second},Call\n"
    tables = company.read(f"\n{mapping.replace('NULLS', nulls)}\n", events=events)
    assert tables.events["at"].tolist() == [pd.Timestamp(time) for time in found]
    assert [problem.kind for problem in tables.problems if problem.table == "events"] == kinds


@pytest.mark.parametrize(
    ("link", "ids", "persons", "accounts"),
    [
        ("contact", ("c1", "c1"), ["contact:c1"] * 3, [None] * 3),
        ("account", ("acme", "acme"), [None] * 3, ["acme"] * 3),
    ],
)
def test_events_may_name_a_contact_or_an_account(
    company, link: str, ids: tuple[str, str], persons: list[Any], accounts: list[Any]
) -> None:
    mapping = company.events_mapping.replace("lead: who", f"{link}: who")
    events = company.read(mapping, events=company.events_of(*ids)).events
    assert [None if pd.isna(owner) else owner for owner in events["person_id"]] == persons
    assert [None if pd.isna(owner) else owner for owner in events["account_id"]] == accounts


def test_a_link_that_the_leads_do_not_have_is_an_error(company) -> None:
    mapping = company.mapping.replace("  contact: Contact\n", "")
    events_mapping = company.events_mapping.replace("lead: who", "contact: who")
    error, hint = company.error(events_mapping, mapping, events=company.events)
    assert error.startswith("leadready.yaml:14:14: the file names a contact")
    assert hint == "add  contact: …  under  leads:"


def test_empty_events_have_their_columns_and_types(company) -> None:
    filled = company.read(company.events_mapping, events=company.events).events
    header = company.events.splitlines()[0] + "\n"
    undated = header + "0012,,Call,Missed,,,\n"
    for empty in (
        company.read().events,
        company.read(company.events_mapping, events=header).events,
        company.read(company.events_mapping, events=undated).events,
    ):
        assert len(empty) == 0
        assert empty.dtypes.astype(str).to_dict() == filled.dtypes.astype(str).to_dict()
    assert str(filled["at"].dtype) == "datetime64[us]"


def test_several_files_follow_each_other(company) -> None:
    second = "  - {file: mails.csv, lead: id, time: at, kind_is: Web Visit, by_sales: true}\n"
    mails = "id,at\n0012,2024-05-01\n"
    mapping = company.events_mapping + second
    events = company.read(mapping, events=company.events, mails=mails).events
    assert events["kind"].tolist() == ["talk", "mail", "call_missed", "web_visit"]
    assert events["by_sales"].tolist()[-1]
    assert events.index.equals(pd.RangeIndex(4))


def test_exact_copies_are_counted_and_kept(company) -> None:
    rows = company.events.splitlines(keepends=True)
    copied = "".join([*rows, rows[1], rows[1], rows[3]])
    tables = company.read(company.events_mapping, events=copied)
    assert company.problem(tables, "repeated events").count == 3
    assert len(tables.events) == 6


def test_copies_are_counted_as_pandas_counts_them(company) -> None:
    random = np.random.default_rng(0)
    rows = [
        f"0012,2024-01-{random.integers(1, 4):02d},Call,{random.choice(['a', 'b', ''])},"
        f"{random.choice(['x', ''])},{random.choice(['y', ''])},{random.choice(['1', '2', ''])}\n"
        for _ in range(300)
    ]
    header = company.events.splitlines(keepends=True)[0]
    tables = company.read(company.events_mapping, events=header + "".join(rows))
    repeated = company.problem(tables, "repeated events")
    assert repeated.count == tables.events.duplicated().sum()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("time: when", "time: whenn", ":16:11: unknown column 'whenn'; did you mean 'when'?"),
        ("asset: what", "asset: wat", ":19:12: unknown column 'wat'; did you mean 'what'?"),
        ("[Call]", "[Cal]", ":22:38: unknown value of type 'Cal'; did you mean 'Call'?"),
        (
            "events.csv",
            "event.csv",
            ":14:11: there is no file event.csv; did you mean 'events.csv'?",
        ),
    ],
)
def test_events_that_do_not_fit_the_mapping_are_an_error(
    company, old: str, new: str, message: str
) -> None:
    mapping = company.events_mapping.replace(old, new)
    error, _ = company.error(mapping, events=company.events)
    assert error == f"leadready.yaml{message}"


def test_kinds_in_any_alphabet_become_names() -> None:
    kinds = ["Email Click", "e-mail/click", "ЗвонокВходящий", "  ", "Größe 2", "XMLHttp"]
    slugs = ["email_click", "e_mail_click", "звоноквходящий", "", "größe_2", "xmlhttp"]
    assert [kind_slug(kind) for kind in kinds] == slugs


def contact_events(mail: str) -> str:
    return "mail,when\n" + "".join(f"{each},2024-01-02\n" for each in mail.split())


BY_MAIL = (
    "events: [{file: events.csv, contact: mail, on: Mail, match: email, time: when, kind_is: x}]\n"
)


def test_events_find_their_leads_by_the_rule_of_the_mapping(company) -> None:
    leads = "Id,Stage,Mail\n007,Won,Ann@x.org\n8,Lost,bo@x.org\n"
    mapping = (
        "leads: {file: leads.csv, id: Id, contact: Mail}\noutcome: {won_when: {Stage: [Won]}}\n"
    )
    events = contact_events("ann@X.org BO@x.org")
    tables = company.read(BY_MAIL, mapping, leads=leads, events=events)
    assert tables.events["person_id"].tolist() == ["contact:ann@x.org", "contact:bo@x.org"]
    assert tables.events["person_id"].isin(tables.leads["person_id"]).all()
    by_number = BY_MAIL.replace(
        "contact: mail, on: Mail, match: email", "lead: mail, match: number"
    )
    tables = company.read(by_number, mapping, leads=leads, events=contact_events("7.0 008"))
    assert tables.events["person_id"].tolist() == tables.leads["person_id"].tolist()


def test_an_activity_may_name_a_lead_or_a_contact(company) -> None:
    both = "events: [{file: events.csv, lead: mail, contact: mail, time: when, kind_is: x}]\n"
    tables = company.read(both, events=contact_events("0012 c1"))
    assert tables.events["person_id"].tolist() == ["lead:0012", "contact:c1"]
    assert not tables.problems


def test_many_events_of_unknown_leads_are_asked_about(company) -> None:
    mapping = "events: [{file: events.csv, lead: mail, time: when, kind_is: x}]\n"
    events = contact_events("0012 0012 other")
    problem = company.problem(company.read(mapping, events=events), "of unknown leads")
    assert problem.blocks
    assert "partial: true" in str(problem.hint)
    answered = mapping.replace("time:", "partial: true, time:")
    assert not company.problem(company.read(answered, events=events), "of unknown leads").blocks


def test_events_of_which_most_name_nobody_are_an_error_with_the_best_pairs(company) -> None:
    mapping = "events: [{file: events.csv, lead: mail, time: when, kind_is: x}]\n"
    leads = "Id,Stage,Mail\n" + "".join(
        f"{n},Won,p{n}@x.org\n{n + 50},Lost,p{n + 50}@x.org\n" for n in range(9)
    )
    events = contact_events(" ".join(f"P{number}@x.org" for number in range(9)))
    base = "leads: {file: leads.csv, id: Id}\noutcome: {won_when: {Stage: [Won]}}\n"
    error, hint = company.error(mapping, base, leads=leads, events=events)
    assert "only 0% of 9 rows in events.csv name a known lead: 'mail' against" in error
    assert "'mail' and the leads' 'Mail' (100% of the rows match, match: email)" in error
    assert "P0@x.org" not in error
    assert "partial: true" in hint


def test_events_of_machines_are_counted_but_not_those_of_sales(company):
    rows = [
        f"5805028000056864695,2024-01-02 09:00:{second:02d},{kind},,,,"
        for kind in ("Mail", "Call")
        for second in range(1, 31)
    ]
    text = "\n".join(["who,when,type,state,what,why,secs", *rows]) + "\n"
    tables = company.read(company.events_mapping, events=text)
    problem = company.problem(tables, "by machines")
    assert problem.count == 30
    assert "1 person" in problem.message
    by_machine = tables.events["machine_at"].notna()
    assert set(tables.events["kind"][by_machine]) == {"mail"}
    assert tables.events["machine_at"].min() == pd.Timestamp("2024-01-02 09:00:05")


@pytest.mark.parametrize(
    ("more", "kind", "message", "hint"),
    [
        (
            "outcome: {won_when: {Stage: [Won]}, worked: {events: [call_mised, talk]}}",
            "value never seen",
            "outcome: worked: events names 'call_mised', which is not in the data",
            "did you mean 'call_missed'?",
        ),
        (
            "    kinds: {Malis: leak, talk: known_at_moment}",
            "value never seen",
            "events: kinds names 'malis', which is not in the data",
            "did you mean 'mail'?",
        ),
        (
            "    kinds: {fax: leak}",
            "value never seen",
            "events: kinds names 'fax', which is not in the data",
            "seen: call_missed, mail, talk",
        ),
    ],
)
def test_a_kind_that_no_event_has_is_a_problem_with_the_nearest_spelling(
    company, more: str, kind: str, message: str, hint: str
) -> None:
    mapping = company.mapping
    if more.startswith("outcome"):
        mapping = mapping.partition("outcome")[0]
    more = f"{company.events_mapping.rstrip()}\n{more}\n"
    tables = company.read(more, mapping, events=company.events)
    problem = next(each for each in tables.problems if each.kind == kind)
    assert (problem.message, problem.hint) == (message, hint)


def test_values_of_by_sales_that_no_event_has_are_a_problem(company) -> None:
    mapping = re.sub(r"values: \[.*?\]", "values: [Call, Cal]", company.events_mapping)
    tables = company.read(mapping, events=company.events)
    problem = next(each for each in tables.problems if each.kind == "value never seen")
    assert problem.hint == "did you mean 'Call'?"
