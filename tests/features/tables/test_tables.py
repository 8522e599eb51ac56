"""Leads, events and stages come out in one form, and what is wrong with the data is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.leaks.audit import audit_tables
from features.tables.events import kind_slug
from features.tables.read import Problem, Tables, extract_at, read_tables
from features.workspace.read import read_workspace

BASE = """
name: small
extract_at: 2024-07-01
leads:
  file: leads.csv
  id: Id
  account: Account
  contact: Contact
  created: Created
  null_values: [Select]
outcome: {column: Stage, won: [Won]}
"""
LEADS = """\
Id,Account,Contact,Created,Stage,City
5805028000056864695,acme,c1,2024-01-01,Won,Rome
5805028000056864696,acme,c1,2024-02-01 10:30,Lost,Select
0012,,,2024-03-01T00:00:00+01:00,Open, Oslo
"""
EVENTS = """\
who,when,type,state,what,why,secs
{a},2024-01-02,Call,Attended,guide,spring,"1,200"
{a},2024-01-02 09:00,Mail,,guide,,
{b},2024-01-03,Call,Missed,,spring,7
nobody,2024-01-03,Call,Missed,,,
,2024-01-03,Call,Missed,,,
{b},,Call,Missed,,,
"""
FILES = {"leads.csv": LEADS}
Make = Callable[..., Tables]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def read(folder: Path) -> Make:
    def make(more: str = "", base: str = BASE, given: Any = None, **files: str) -> Tables:
        (folder / "leadready.yaml").write_text(base + more)
        for name, text in {"leads": LEADS, **files}.items():
            (folder / f"{name}.csv").write_text(text)
        return read_tables(read_workspace(folder), **(given or {}))

    return make


@pytest.fixture
def error(read: Make, folder: Path) -> Callable[..., tuple[str, str]]:
    def make(*arguments: str, **files: str) -> tuple[str, str]:
        with pytest.raises(LeadReadyError) as caught:
            read(*arguments, **files)
        said = str(caught.value).replace(f"{folder}/", "")
        return said, str(caught.value.hint)

    return make


def problem(tables: Tables, kind: str) -> Problem:
    (found,) = (one for one in tables.problems if one.kind == kind)
    return found


# -- leads ----------------------------------------------------------------------------------------


def test_leads_have_ids_dates_and_their_raw_columns(read: Make) -> None:
    leads = read().leads
    assert leads["lead_id"].tolist() == ["5805028000056864695", "5805028000056864696", "0012"]
    assert leads["account_id"].tolist() == ["acme", "acme", None]
    assert leads["person_id"].tolist() == ["contact:c1", "contact:c1", "lead:0012"]
    assert leads["created_at"].tolist() == [
        pd.Timestamp("2024-01-01"),
        pd.Timestamp("2024-02-01 10:30"),
        pd.Timestamp("2024-02-29 23:00"),  # told in UTC
    ]
    assert leads["moment_base_at"].equals(leads["created_at"])
    assert leads["closed_at"].isna().all()
    assert leads["raw:City"].tolist() == ["Rome", None, "Oslo"]
    raw = [one for one in leads if str(one).startswith("raw:")]
    assert raw == [f"raw:{one}" for one in ("Id", "Account", "Contact", "Created", "Stage", "City")]
    dates = leads[["created_at", "moment_base_at", "closed_at", "won_at"]]
    assert set(dates.dtypes.astype(str)) == {"datetime64[us]"}
    assert leads["order"].dtype == "float64"
    assert leads.index.equals(pd.RangeIndex(3))


def test_text_is_str_or_none_and_nothing_else(read: Make) -> None:
    leads = read().leads
    for name in [one for one in leads if leads[one].dtype == object]:
        assert {type(one) for one in leads[name]} <= {str, type(None)}, name


def test_a_clean_file_has_no_problems(read: Make) -> None:
    assert read().problems == []


def test_dates_that_the_mapping_names_are_read(read: Make) -> None:
    text = "Id,Created,Handed,Closed,Stage\n1,1.2.2024,3.2.2024,9.2.2024,Won\n2,1.2.2024,,,Lost\n"
    base = """
leads: {file: leads.csv, id: Id, created: Created, date_format: "%d.%m.%Y"}
moment: {column: Handed, closed: Closed}
outcome: {column: Stage, won: [Won], won_at: Closed}
"""
    leads = read(base=base, leads=text).leads
    for name, day in {"moment_base_at": 3, "closed_at": 9, "won_at": 9}.items():
        assert leads[name].iloc[0] == pd.Timestamp(2024, 2, day)
        assert pd.isna(leads[name].iloc[1])


def test_the_order_is_a_number_or_a_date(read: Make) -> None:
    rows = "Id,No,Day,Stage\na,10,2024-02-01,Won\nb,9,2024-01-01,Lost\nc,x,,Lost\n"
    base = "leads: {file: leads.csv, id: Id}\noutcome: {column: Stage, won: Won}\n"
    found = read("evaluation: {order_by: No}", base, leads=rows)
    assert found.leads["order"].tolist()[:2] == [10, 9]
    assert problem(found, "no order").count == 1
    by_day = read("evaluation: {order_by: Day}", base, leads=rows).leads["order"]
    assert by_day.iloc[0] > by_day.iloc[1]
    assert np.isnan(by_day.iloc[2])
    with pytest.raises(LeadReadyError, match="holds neither numbers nor dates"):
        read("evaluation: {order_by: Stage}", base, leads=rows)


def test_further_files_are_joined_by_their_key(read: Make) -> None:
    more = 'Name,Size,Created\nacme,50,2001\nother,"1,000",2002\nacme,60,2003\n'
    base = BASE.replace(
        "outcome", "  join: [{file: accounts.csv, on: Account, key: Name}]\noutcome"
    )
    text = LEADS.replace("0012,,", "0012,none,")
    found = read(base=base, leads=text, accounts=more)
    assert found.leads["raw:Size"].tolist() == ["50", "50", None]
    assert found.leads["raw:accounts.Created"].tolist() == ["2001", "2001", None]
    assert found.leads["raw:Created"].iloc[0] == "2024-01-01", "the leads' own column stays"
    assert "raw:Name" not in found.leads
    assert problem(found, "not joined").count == 1
    assert problem(found, "not joined").examples == ("none",)
    assert "the first was joined" in problem(found, "duplicate keys").words
    assert len(found.leads) == 3


def test_duplicates_are_counted_and_the_first_row_kept(read: Make) -> None:
    again = "0012,,,2024-03-01T00:00:00+01:00,Open, Oslo\n0012,,,2024-03-05,Won,Paris\n"
    found = read(leads=LEADS + again + ",,,2024-03-05,Won,Nowhere\n")
    assert found.leads["lead_id"].tolist()[-1] == "0012"
    assert len(found.leads) == 3
    assert found.leads["raw:City"].iloc[-1] == "Oslo"
    assert problem(found, "repeated rows").count == 1
    assert problem(found, "duplicate ids").count == 1
    assert problem(found, "duplicate ids").examples == ("0012",)
    assert problem(found, "without id").count == 1
    assert all(one.words and one.hint for one in found.problems)


def test_dates_that_cannot_be_are_counted(read: Make) -> None:
    rows = "".join(f"a{i},,,2024-01-01,Lost,\n" for i in range(60))
    odd = "b,,,soon,Lost,\nc,,,0001-01-01,Lost,\nd,,,2199-01-01,Lost,\ne,,,2024-08-01,Lost,\n"
    found = read(leads=LEADS + rows + odd)
    assert problem(found, "unreadable dates").count == 1
    assert problem(found, "unreadable dates").examples == ("soon",)
    assert problem(found, "impossible dates").count == 2
    assert found.leads.set_index("lead_id")["created_at"][["b", "c", "d"]].isna().all()
    assert problem(found, "future dates").count == 1
    assert found.leads["created_at"].iloc[-1] == pd.Timestamp("2024-08-01"), "it is kept"


def test_what_ended_before_it_began_is_counted_by_the_day(read: Make) -> None:
    rows = (
        "Id,Created,Closed,Won at,Stage\n"
        "1,2024-02-01 10:00,2024-02-01,2024-02-01,Won\n"  # the same day is no mistake
        "2,2024-02-01 10:00,2024-01-31,2024-01-30,Won\n"
    )
    base = """
leads: {file: leads.csv, id: Id, created: Created}
moment: {closed: Closed}
outcome: {column: Stage, won: [Won], won_at: Won at}
"""
    found = read(base=base, leads=rows)
    assert problem(found, "closed before created").examples == ("2",)
    assert problem(found, "outcomes before the moment").examples == ("2",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Id,Stage,Account,Contact,Created\n", "leads.csv: the file has a header but no leads"),
        ("", "leads.csv: the file is empty"),
        (
            LEADS.replace("Created", "created at"),
            "leadready.yaml:9:12: unknown column 'Created'; did you mean 'created at'?",
        ),
        (
            LEADS.replace("Stage", "Stagee"),
            "leadready.yaml:11:19: unknown column 'Stage'; did you mean 'Stagee'?",
        ),
        (
            LEADS.replace("Won", "won!"),
            "leadready.yaml:11:31: unknown value of Stage 'Won'; did you mean 'won!'?",
        ),
        (
            "Id,Account,Contact,Created,Stage\n1,,,2024-01-01,\n",
            "leadready.yaml:11:19: the column 'Stage' is empty, so no outcome is known",
        ),
        (
            LEADS.replace("2024-02-01 10:30", "1.2.2024"),
            "leadready.yaml:9:12: column 'Created': 1 of 3 dates are not ISO 8601, such as "
            "'1.2.2024'; others are, such as '2024-01-01'",
        ),
    ],
)
def test_leads_that_are_not_what_the_mapping_says(
    error: Callable[..., tuple[str, str]], text: str, says: str
) -> None:
    said, hint = error(leads=text)
    assert said == says
    assert hint


def test_a_feature_of_dates_is_read_before_anything_is_learnt(
    error: Callable[..., tuple[str, str]],
) -> None:
    column = "  columns: {City: {feature: renewal, family: origin, type: date}}\noutcome"
    said, _ = error("", BASE.replace("outcome", column))
    assert said.startswith("leadready.yaml:11:19: column 'City': 2 of 2 dates are not ISO 8601")


def test_ids_that_lost_their_digits_in_a_spreadsheet_are_refused(
    error: Callable[..., tuple[str, str]],
) -> None:
    base = "leads: {file: leads.csv, id: Id}\noutcome: {column: Stage, won: Won}\n"
    for one in ("5.80503E+18", "5805028000056864000"):
        rows = "".join(f"{one},Won\n" for _ in range(12))
        said, hint = error("", base, leads="Id,Stage\n" + rows)
        assert "lost their last digits" in said
        assert "as text" in hint


def test_an_outcome_never_seen_is_told_and_a_mistyped_one_refused(read: Make) -> None:
    """A file of open leads only is scored every day, and has no wins."""
    found = read(base=BASE.replace("[Won]", "[Signed]"))
    assert problem(found, "outcome never seen").words == (
        "no lead has the value of Stage 'Signed', which means won"
    )
    assert "Lost, Open, Won" in str(problem(found, "outcome never seen").hint)
    half = read(base=BASE.replace("[Won]", "[Won, Wom]"))
    assert problem(half, "outcome never seen").count == 1


def test_rules_that_can_never_apply_are_told(read: Make) -> None:
    base = BASE.replace("[Won]}", "[Won], unknown_when: {test: {City: [Test, Rome]}}}")
    told = problem(read(base=base), "value never seen")
    assert told.words == "outcome: unknown_when: test: City names 'Test', which is not in the data"


def test_nothing_to_win_is_an_error(error: Callable[..., tuple[str, str]]) -> None:
    said, hint = error("", "leads: {file: leads.csv, id: Id}\n")
    assert said == "leadready.yaml:1:1: nothing says what counts as won"
    assert "outcome: {column: Stage" in hint


# -- events ---------------------------------------------------------------------------------------


EVENTS_BY_LEAD = """
events:
  - file: events.csv
    lead: who
    time: when
    kind: [type, state]
    rename_kinds: {Call Attended: talk, never: x}
    asset: what
    campaign: why
    value: secs
    by_sales: {column: type, values: [Call]}
"""
BY_LEAD = EVENTS.format(a="5805028000056864695", b="0012")


def test_events_belong_to_the_person_that_they_name(read: Make) -> None:
    found = read(EVENTS_BY_LEAD, events=BY_LEAD)
    events = found.events
    assert events["person_id"].tolist() == ["contact:c1", "contact:c1", "lead:0012"]
    assert events["account_id"].isna().all()
    assert events["at"].tolist() == [
        pd.Timestamp(one) for one in ("2024-01-02", "2024-01-02 09:00", "2024-01-03")
    ]
    assert events["kind"].tolist() == ["talk", "mail", "call_missed"]
    assert events["value"].tolist()[0] == 1200
    assert events["by_sales"].tolist() == [True, False, True]
    assert events["asset"].fillna("").tolist() == ["guide", "guide", ""]
    assert events["campaign"].fillna("").tolist() == ["spring", "", "spring"]


def test_events_of_nobody_and_of_no_time_are_left_out_and_counted(read: Make) -> None:
    found = read(EVENTS_BY_LEAD, events=BY_LEAD)
    counts = {one.kind: one.count for one in found.problems if one.table == "events"}
    assert counts == {
        "of unknown leads": 1,
        "without lead": 1,
        "without time": 1,
        "kind never seen": 1,
    }
    assert problem(found, "of unknown leads").examples == ("nobody",)
    rows = BY_LEAD.count("\n") - 1
    assert len(found.events) + sum(counts.values()) - counts["kind never seen"] == rows


@pytest.mark.parametrize(
    ("link", "ids", "persons", "accounts"),
    [
        ("contact", ("c1", "c1"), ["contact:c1"] * 3, [None] * 3),
        ("account", ("acme", "acme"), [None] * 3, ["acme"] * 3),
    ],
)
def test_events_may_name_a_contact_or_an_account(
    read: Make, link: str, ids: tuple[str, str], persons: list[Any], accounts: list[Any]
) -> None:
    text = EVENTS.format(a=ids[0], b=ids[1])
    events = read(EVENTS_BY_LEAD.replace("lead: who", f"{link}: who"), events=text).events
    assert [None if pd.isna(one) else one for one in events["person_id"]] == persons
    assert [None if pd.isna(one) else one for one in events["account_id"]] == accounts


def test_a_link_that_the_leads_do_not_have_is_an_error(
    error: Callable[..., tuple[str, str]],
) -> None:
    base = BASE.replace("  contact: Contact\n", "")
    more = EVENTS_BY_LEAD.replace("lead: who", "contact: who")
    said, hint = error(more, base, events=BY_LEAD)
    assert said.startswith("leadready.yaml:14:14: the events name a contact")
    assert "leads: contact:" in hint


def test_no_events_still_have_their_columns_and_types(read: Make) -> None:
    filled = read(EVENTS_BY_LEAD, events=BY_LEAD).events
    header = BY_LEAD.splitlines()[0] + "\n"
    strangers = header + "x,2024-01-01,Call,Missed,,,\n"
    for empty in (
        read().events,
        read(EVENTS_BY_LEAD, events=header).events,
        read(EVENTS_BY_LEAD, events=strangers).events,
    ):
        assert len(empty) == 0
        assert empty.dtypes.astype(str).to_dict() == filled.dtypes.astype(str).to_dict()
    assert str(filled["at"].dtype) == "datetime64[us]"


def test_several_files_come_one_after_the_other(read: Make) -> None:
    second = "  - {file: mails.csv, lead: id, time: at, kind_is: Web Visit, by_sales: true}\n"
    more = "id,at\n0012,2024-05-01\n"
    events = read(EVENTS_BY_LEAD + second, events=BY_LEAD, mails=more).events
    assert events["kind"].tolist() == ["talk", "mail", "call_missed", "web_visit"]
    assert events["by_sales"].tolist()[-1]
    assert events.index.equals(pd.RangeIndex(4))


def test_exact_copies_of_events_are_counted_and_kept(read: Make) -> None:
    rows = BY_LEAD.splitlines(keepends=True)
    found = read(EVENTS_BY_LEAD, events="".join([*rows, rows[1], rows[1], rows[3]]))
    assert problem(found, "repeated events").count == 3
    assert len(found.events) == 6
    assert problem(found, "repeated events").count == found.events.duplicated().sum()


def test_copies_are_counted_as_pandas_counts_them(read: Make) -> None:
    random = np.random.default_rng(0)
    rows = [
        f"0012,2024-01-{random.integers(1, 4):02d},Call,{random.choice(['a', 'b', ''])},"
        f"{random.choice(['x', ''])},{random.choice(['y', ''])},{random.choice(['1', '2', ''])}\n"
        for _ in range(300)
    ]
    found = read(EVENTS_BY_LEAD, events=BY_LEAD.splitlines(keepends=True)[0] + "".join(rows))
    assert problem(found, "repeated events").count == found.events.duplicated().sum()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("time: when", "time: whenn"), ":16:11: unknown column 'whenn'; did you mean 'when'?"),
        (("asset: what", "asset: wat"), ":19:12: unknown column 'wat'; did you mean 'what'?"),
        (("[Call]", "[Cal]"), ":22:38: unknown value of type 'Cal'; did you mean 'Call'?"),
        (
            ("events.csv", "event.csv"),
            ":14:11: there is no file event.csv; did you mean 'events.csv'?",
        ),
    ],
)
def test_events_that_are_not_what_the_mapping_says(
    error: Callable[..., tuple[str, str]], change: tuple[str, str], says: str
) -> None:
    said, hint = error(EVENTS_BY_LEAD.replace(*change), events=BY_LEAD)
    assert said == f"leadready.yaml{says}"
    assert hint


def test_kinds_of_any_alphabet_become_names() -> None:
    kinds = ["Email Click", "e-mail/click", "ЗвонокВходящий", "  ", "Größe 2", "XMLHttp"]
    slugs = ["email_click", "e_mail_click", "звоноквходящий", "", "größe_2", "xmlhttp"]
    assert [kind_slug(one) for one in kinds] == slugs


# -- stages ---------------------------------------------------------------------------------------

STAGES = """
stages: {file: stages.csv, lead: lead, stage: to, time: on, reason: why, amount: sum}
"""
HISTORY = """\
lead,to,on,why,sum
0012,MQL,2024-03-02,,
0012,Won,2024-03-09,fits,"€ 1,200"
nobody,Won,2024-03-09,,
0012,,2024-03-09,,
"""


def test_stages_are_read_and_strangers_counted(read: Make) -> None:
    base = BASE.replace("{column: Stage, won: [Won]}", "{won: [Won]}")
    found = read(STAGES, base, stages=HISTORY)
    assert found.stages["lead_id"].tolist() == ["0012", "0012"]
    assert found.stages["stage"].tolist() == ["MQL", "Won"]
    assert found.stages["amount"].tolist()[1] == 1200
    assert found.stages["reason"].tolist()[1] == "fits"
    assert problem(found, "of unknown leads").examples == ("nobody",)
    assert problem(found, "without stage").count == 1
    empty = read().stages
    assert empty.dtypes.astype(str).to_dict() == found.stages.dtypes.astype(str).to_dict()


def test_changes_are_read_and_those_of_unknown_columns_counted(read: Make) -> None:
    text = (
        "lead,field,on\n0012,Stage,2024-03-02\n0012,stage__c,2024-03-03\nnobody,Stage,2024-03-04\n"
    )
    found = read(
        "field_history: {file: field_history.csv, lead: lead, column: field, time: on}\n",
        field_history=text,
    )
    assert found.field_history["lead_id"].tolist() == ["0012"]
    assert found.field_history["column"].tolist() == ["Stage"]
    assert found.field_history["at"].tolist() == [pd.Timestamp("2024-03-02")]
    assert problem(found, "of unknown columns").examples == ("stage__c",)
    empty = read().field_history
    assert empty.dtypes.astype(str).to_dict() == found.field_history.dtypes.astype(str).to_dict()


# -- the extract, and tables that are given -------------------------------------------------------


def test_without_an_extract_it_is_the_latest_date_that_is_not_to_come(read: Make) -> None:
    base = BASE.replace("extract_at: 2024-07-01\n", "")
    to_come = f"{pd.Timestamp.now() + pd.Timedelta(days=400):%Y-%m-%d}"
    text = BY_LEAD + f"0012,2024-06-05 12:00,Call,Missed,,,\n0012,{to_come},Call,Missed,,,\n"
    found = read(EVENTS_BY_LEAD, base, events=text)
    ws = read_workspace_of(found, base)
    assert extract_at(ws, found) == pd.Timestamp("2024-06-05 12:00")
    assert problem(found, "future dates").count == 1


def read_workspace_of(tables: Tables, text: str) -> Any:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "leadready.yaml").write_text(text)
        return read_workspace(folder)


def test_tables_may_be_given_in_place_of_files(read: Make, folder: Path) -> None:
    from_files = read(EVENTS_BY_LEAD + STAGES, events=BY_LEAD, stages=HISTORY)
    given = {
        "leads": pd.read_csv(folder / "leads.csv", dtype=str),
        "events": [pd.read_csv(folder / "events.csv")],
        "stages": pd.read_csv(folder / "stages.csv"),
    }
    given["stages"]["lead"] = given["stages"]["lead"].astype(str)
    before = {name: str(one) for name, one in given.items()}
    for file in folder.glob("*.csv"):
        file.unlink()
    found = read_tables(read_workspace(folder), **given)
    pd.testing.assert_frame_equal(found.leads, from_files.leads)
    pd.testing.assert_frame_equal(found.events, from_files.events)
    pd.testing.assert_frame_equal(found.stages, from_files.stages)
    assert {name: str(one) for name, one in given.items()} == before


def test_one_table_of_events_is_given_for_each_file(read: Make, folder: Path) -> None:
    read(EVENTS_BY_LEAD, events=BY_LEAD)
    with pytest.raises(LeadReadyError, match="2 tables of events were given, the mapping names 1"):
        read_tables(read_workspace(folder), events=[pd.DataFrame(), pd.DataFrame()])


def test_progress_says_which_file_is_read(read: Make, folder: Path) -> None:
    read(EVENTS_BY_LEAD, events=BY_LEAD)
    said: list[str] = []
    read_tables(read_workspace(folder), said.append)
    assert said == ["reading leads.csv", "reading events.csv"]


def test_whatever_kind_of_file_the_tables_are_the_same(read: Make, folder: Path) -> None:
    """Parquet with types, a workbook and a CSV say the same of every lead and event."""
    by_csv = read(EVENTS_BY_LEAD, events=BY_LEAD)
    events = pd.read_csv(folder / "events.csv", dtype=str)
    typed = events.assign(
        when=pd.to_datetime(events["when"], format="ISO8601"),
        secs=pd.to_numeric(events["secs"].str.replace(",", "")),
    )
    typed.to_parquet(folder / "events.parquet")
    pd.read_csv(folder / "leads.csv", dtype=str).to_excel(folder / "leads.xlsx", index=False)
    text = (BASE + EVENTS_BY_LEAD).replace("leads.csv", "leads.xlsx")
    (folder / "leadready.yaml").write_text(text.replace("events.csv", "events.parquet"))
    found = read_tables(read_workspace(folder))
    pd.testing.assert_frame_equal(found.leads, by_csv.leads)
    pd.testing.assert_frame_equal(found.events, by_csv.events)


def test_columns_with_a_point_or_a_colon_are_columns(read: Make) -> None:
    base = BASE.replace("outcome", '  columns: {"a.b: c": {ignore: other}}\noutcome')
    text = LEADS.replace("City", '"a.b: c"')
    assert read(base=base, leads=text).leads["raw:a.b: c"].tolist() == ["Rome", None, "Oslo"]


def test_the_audit_takes_the_tables_as_they_come(read: Make, folder: Path) -> None:
    tables = read()
    assert audit_tables(read_workspace(folder), tables) == []
