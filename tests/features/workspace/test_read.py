"""``leadready.yaml`` is read key by key; a mistake is an error with its line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.tables.read import read_tables
from features.values.numbers import parse_numbers
from features.workspace.conditions import ColumnCondition, column_conditions
from features.workspace.read import Workspace, read_workspace
from features.workspace.schema import BySales
from features.workspace.section import KEYS

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
DOCS = ROOT / "docs" / "data.md"
COMPLETE = """\
name: acme
definition: agreed.yaml
model: acme-leads
extract_at: 2024-07-01
leads:
  file: ${ACME}/leads.xlsx
  sheet: Leads
  encoding: Windows-1251
  id: Id
  account: Account
  contact: Contact
  created: Created
  null_values: [Select, 0]
  date_format: ["%d.%m.%Y", ISO8601]
  decimal: ","
  join: [{file: accounts.csv, on: Account, key: Name, sheet: ~, match: letters}]
  columns:
    Size: {feature: employees, family: firmographic, type: number, label: employees, unit: people,
           decimal: "."}
    Job:  {feature: title, family: role, type: title, known_at_moment: true}
    2024: {feature: spend_2024, family: engagement}
    Tools: {feature: tools, family: origin, type: choices, separator: "|", choices: [a, b]}
    Mail: {ignore: personal}
    Rank: {feature: rank, family: origin, leak: true}
events:
  - file: calls.csv
    contact: Who
    time: When
    kind: [Type, Status]
    rename_kinds: {Inbound Received: inbound_call}
    kinds: {Contract Sent: leak}
    complete: true
    asset: Asset
    campaign: Campaign
    value: Seconds
    by_sales: {column: Type, values: [Outbound]}
  - {file: mails.csv, lead: Id, on: Mail, match: email, partial: true, time: At, kind_is: e-mail,
     by_sales: true, null_values: "-"}
stages: {file: s.csv, lead: Id, stage: Stage, time: At, reason: Why, amount: Sum, date_format: "%Y"}
moment: {column: Handed, plus_days: 7, closed: Closed}
outcome:
  won_when: {Stage: [Won, 1, yes]}
  lost_when: [{Why: [Gone]}, {Kind: 0}]
  won_at: Closed
  amount: Sum
  horizon_days: 90
  reason: Gone
  reasons: {bad data: [Bounced, No Answer], duplicate: Twice}
  unknown_when:
    duplicate: {Why: [Duplicate], Size: 0}
  open_when: {Stage: New}
  with_sales_when: {any: [{Stage: SAL}, {Size: {at_least: 9}}]}
  worked: {stages: [SAL], events: [call], within_days: 14}
  immature: weight
  unworked: leave_out
evaluation:
  {order_by: No, test_from: 2024-01-01, test_until: 2024-04-01, test_share: 0.2,
   outcomes: at_extract, allow_random_split: true, allowed_by: Ann}
old_score:
  - {column: Score, best: low, known_at_moment: true}
  - {column: Chance, probability: true}
  - {column: Grade, best_first: [A, B]}
card: {features: 9}
field_history: {file: changes.csv, lead: Id, column: Field, time: On, old: From, new: To}
guards:
  {max_age: 3, fewer_leads: 0.1, fewer_events: 0.1, fewer_linked: 0.1, bad_dates: off,
   unseen: 0.1, outside: 0.1, more_missing: 0.1}
ledger: {file: scores.duckdb, keep_days: 400}
export: {columns: {lead_id: Lead ID, score: Score}}
"""
SMALL = "leads: {file: a.csv, id: Id}\n"


def read(tmp_path: Path, text: str) -> Workspace:
    (tmp_path / "leadready.yaml").write_text(text, encoding="utf-8")
    return read_workspace(tmp_path)


def error(tmp_path: Path, text: str) -> tuple[str, str]:
    with pytest.raises(LeadReadyError) as caught:
        read(tmp_path, text)
    message = str(caught.value).removeprefix(f"{tmp_path}/leadready.yaml:")
    return message, str(caught.value.hint)


def test_every_key_of_a_complete_file_is_read(tmp_path: Path) -> None:
    ws = read(tmp_path, COMPLETE)
    conditions = list(column_conditions(ws.outcome.with_sales_when))
    assert conditions == [
        ColumnCondition("Stage", "one_of", ("SAL",)),
        ColumnCondition("Size", "at_least", (9,)),
    ]
    assert (ws.name, ws.definition, ws.model) == ("acme", "agreed.yaml", "acme-leads")
    assert ws.extract_at == pd.Timestamp("2024-07-01")
    assert (ws.leads.sheet, ws.leads.encoding) == ("Leads", "cp1251")
    assert ws.leads.null_values == ("Select", "0")
    assert ws.leads.date_format == ("%d.%m.%Y", "ISO8601")
    assert (ws.leads.join[0].on, ws.leads.join[0].key) == ("Account", "Name")
    columns = {column.name: column for column in ws.leads.columns}
    assert list(columns) == ["Size", "Job", "2024", "Tools", "Mail", "Rank"]
    assert (columns["Tools"].separator, columns["Tools"].choices) == ("|", ("a", "b"))
    assert (columns["Size"].type, columns["Size"].unit) == ("number", "people")
    assert (columns["Size"].label, columns["Job"].label) == ("employees", None)
    assert columns["Job"].known_at_moment
    assert columns["Rank"].leak
    assert columns["Mail"].ignore == "personal"
    calls, mails = ws.events
    assert calls.kind == ("Type", "Status")
    assert calls.by_sales == BySales("Type", ("Outbound",))
    assert calls.rename_kinds == {"Inbound Received": "inbound_call"}
    assert (dict(calls.kinds), calls.complete) == ({"Contract Sent": "leak"}, True)
    assert (mails.kind_is, mails.by_sales, mails.null_values) == ("e-mail", True, ("-",))
    assert ws.stages is not None
    assert (ws.stages.reason, ws.stages.date_format) == ("Why", ("%Y",))
    assert ws.field_history is not None
    assert (ws.field_history.column, ws.field_history.time) == ("Field", "On")
    assert (ws.moment.column, ws.moment.plus_days, ws.moment.closed) == ("Handed", 7, "Closed")
    assert ws.card.features == 9
    assert ws.outcome.won_when == ColumnCondition("Stage", "one_of", ("Won", "1", "yes"))
    assert ws.outcome.reason == "Gone"
    assert ws.outcome.reasons == {"bad data": ("Bounced", "No Answer"), "duplicate": ("Twice",)}
    assert ws.outcome.unknown_when == {"duplicate": {"Why": ("Duplicate",), "Size": ("0",)}}
    assert ws.outcome.worked is not None
    assert ws.outcome.worked.within_days == 14
    assert (ws.outcome.immature, ws.outcome.unworked) == ("weight", "leave_out")
    assert ws.evaluation.test_until == pd.Timestamp("2024-04-01")
    assert (ws.evaluation.test_share, ws.evaluation.outcomes) == (0.2, "at_extract")
    score, chance, grade = ws.old_scores
    assert (score.column, score.best, score.known_at_moment) == ("Score", "low", True)
    assert (chance.best, chance.probability, chance.known_at_moment) == ("high", True, False)
    assert grade.best_first == ("A", "B")


PANEL = """leads: {file: leads.csv, id: Id, created: Day}
moment: {closed: Closed, every_days: 7}
outcome: {won_when: {Stage: [Won]}, won_at: Sold, horizon_days: 90}
ledger: {url: postgresql://ann@db.acme.com/sales}
"""


VERSIONS = """leads: {file: leads.csv, id: Id}
field_history: {file: snapshots.csv, lead: Id, time: valid_from, until: valid_to}
"""


DATABASE = """leads: {source: "duckdb:crm.duckdb", table: leads, id: Id}
stages: {source: "duckdb:crm.duckdb", query: SELECT 1, lead: Id, stage: Stage, time: At}
"""


def test_the_rows_of_a_database_stand_in_the_place_of_a_file(tmp_path: Path) -> None:
    ws = read(tmp_path, DATABASE)
    assert ws.leads.file == "database duckdb:crm.duckdb table leads"
    assert ws.stages is not None
    assert ws.stages.file == "database duckdb:crm.duckdb query SELECT 1"


def test_versions_of_leads_are_read(tmp_path: Path) -> None:
    """It is separate because the complete file has a history with a row for each change."""
    history = read(tmp_path, VERSIONS).field_history
    assert history is not None
    assert (history.column, history.time, history.until) == (None, "valid_from", "valid_to")


def test_a_panel_is_read_and_is_not_the_default(tmp_path: Path) -> None:
    """It is separate because the complete file has keys that a panel refuses."""
    assert read(tmp_path, PANEL).ledger.url == "postgresql://ann@db.acme.com/sales"
    assert read(tmp_path, PANEL).moment.every_days == 7
    assert read(tmp_path, SMALL).moment.every_days is None


@pytest.mark.parametrize(
    ("ledger", "message"),
    [
        ("url: 'postgresql://ann:secret@db/sales'", "a password does not belong into this file"),
        ("url: 'postgresql://db/sales?password=secret'", "a password does not belong"),
        ("url: 'mysql://db/sales'", "expected the address of a PostgreSQL database"),
        ("url: '//[db'", "expected the address of a PostgreSQL database"),
        ("url: postgres://db/sales, file: a.duckdb", "in a file or in a database"),
    ],
)
def test_a_ledger_is_in_one_place_and_its_password_elsewhere(
    tmp_path: Path, ledger: str, message: str
) -> None:
    with pytest.raises(LeadReadyError, match=message) as raised:
        read(tmp_path, f"{SMALL}ledger: {{{ledger}}}\n")
    assert "secret" not in str(raised.value)


def test_missing_keys_have_defaults(tmp_path: Path) -> None:
    ws = read(tmp_path, SMALL)
    assert (ws.name, ws.definition, ws.model) == (
        tmp_path.name,
        "definition.yaml",
        "lead-readiness",
    )
    assert (ws.extract_at, ws.events, ws.stages, ws.leads.columns) == (None, (), None, ())
    assert (ws.moment.column, ws.outcome.won_when, ws.outcome.worked) == (None, None, None)
    assert (ws.outcome.immature, ws.outcome.unworked) == ("leave_out", "weight")
    assert (ws.evaluation.test_share, ws.evaluation.outcomes) == (0.25, "known_at_the_time")
    assert ws.folder == tmp_path


def test_immature_leads_are_weighted_only_with_a_horizon(tmp_path: Path) -> None:
    text = SMALL + "outcome: {won_when: {Stage: [Won]}, immature: weight}\n"
    message, hint = error(tmp_path, text)
    what = "immature: weight requires a horizon: without one, no lead is immature"
    assert message == f"2:47: {what}"
    assert "horizon_days" in hint


@pytest.mark.parametrize(
    ("old", "new", "requirement"),
    [
        (", created: Day", "", "a start date: leads.created or moment.column"),
        ("closed: Closed, ", "", "a closing date: moment.closed"),
        (", won_at: Sold", "", "a date of each win: outcome.won_at"),
        (", horizon_days: 90", "", "a horizon: outcome.horizon_days"),
        ("90}", "90, immature: weight}", "mature outcomes only, not  outcome: {immature: weight}"),
        (
            "90}",
            "90}\nevaluation: {outcomes: at_extract}",
            "outcomes known at the time, not  evaluation: {outcomes: at_extract}",
        ),
    ],
)
def test_a_panel_says_what_it_requires(
    tmp_path: Path, old: str, new: str, requirement: str
) -> None:
    message, hint = error(tmp_path, PANEL.replace(old, new))
    what = f"every_days: judging open leads repeatedly requires {requirement}"
    assert message.split(": ", 1)[1] == what
    assert "remove every_days" in hint


def test_a_key_without_a_value_counts_as_missing(tmp_path: Path) -> None:
    text = SMALL.replace("}", ", columns: , created: ~}") + "events:\nmoment:\noutcome:\n"
    assert read(tmp_path, text) == read(tmp_path, SMALL)


def test_every_key_can_be_located(tmp_path: Path) -> None:
    ws = read(tmp_path, COMPLETE)
    lines = {
        "leads.created": 12,
        "leads.columns.Mail": 23,
        "events.0.time": 28,
        "outcome.won_when": 42,
        "events.1.file": 37,
        "leads.join.0.key": 16,
        "outcome.lost_when.Kind": 43,
        "outcome.unknown_when.duplicate.Why": 50,
    }
    for path, line in lines.items():
        assert re.search(rf"leadready\.yaml:{line}:\d+$", ws.where(path)), path
    assert ws.where("moment.nothing") == ws.where("moment"), "else its section"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            SMALL + "outcome: {column: Stage, won: [Closed Won, '1']}",
            'won_when: {Stage: [Closed Won, "1"]}  in its place, and  '
            'lost_when: {Stage: {none_of: [Closed Won, "1"]}}  if every lead with another value '
            "is lost",
        ),
        (
            SMALL + "outcome: {column: 'Is: Won', won: 1, lost_when: {Status: Lost}}",
            'won_when: {"Is: Won": ["1"]}  in its place',
        ),
        (
            SMALL + "stages: {file: s.csv, lead: Id, stage: Phase, time: At}\n"
            "outcome: {won: [Won], lost_when: {Phase: Lost}}",
            "won_when: {Phase: [Won]}  in its place",
        ),
    ],
)
def test_former_keys_of_the_outcome_are_refused_with_the_new_lines(
    tmp_path: Path, text: str, lines: str
) -> None:
    message, hint = error(tmp_path, text)
    assert message.endswith("won leads are named by the condition  won_when")
    assert hint == f"write  {lines}"
    old = re.search(r"column: .*?, won: [^,}\]]*(, '1'\])?|won: \[Won\]", text)
    assert old is not None
    new = re.findall(r"\w+_when: \{.*?\}+(?=  )", hint)
    assert read(tmp_path, text.replace(old[0], ", ".join(new))).outcome.won_when is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: expected keys and values, such as  leads: …"),
        ("name: x", "1:1: the key 'leads' is missing"),
        ("leads: {id: a}", "1:8: leads: the key 'file' is missing"),
        ("leads: a.csv", "1:8: leads: expected keys and values, got 'a.csv'"),
        (SMALL + "leds: {}", "2:1: unknown key 'leds'; did you mean 'leads'?"),
        (
            SMALL + "extract_at: soon",
            "2:13: extract_at: expected a date such as 2024-07-01, got 'soon'",
        ),
        (
            "leads:\n  file: a\n  id: b\n  creatd: c",
            "4:3: unknown key 'creatd'; did you mean 'created'?",
        ),
        ("leads: {file: a, id: b, join: [{file: c, on: d}]}", "1:32: the key 'key' is missing"),
        (
            "leads: {file: a, id: b, columns: {x: {family: origin}}}",
            "1:38: x: expected feature, ignore or leak",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {feature: y}}}",
            "1:38: x: the key 'family' is missing",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {feature: y, family: firm}}}",
            "1:59: unknown family 'firm'; known: firmographic, role, origin, engagement, other",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {feature: y, family: role, type: numer}}}",
            "1:71: unknown type 'numer'; did you mean 'number'?",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {feature: Job title, family: role}}}",
            "1:48: feature: expected a name of letters, digits and _",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {feature: y, family: role, ignore: other}}}",
            "1:73: ignore: a column is a feature or ignored, not both",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {leak: true, known_at_moment: true}}}",
            "1:68: known_at_moment: a column is a leak or known at the moment, not both",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {leak: yes}}}",
            "1:45: leak: expected true or false, got 'yes'",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {leak: true}, x: {leak: true}}}",
            "1:52: the column 'x' is repeated",
        ),
        (
            SMALL + "events: [{file: e, time: t, kind: k}]",
            "2:10: expected lead, contact or account: the column with the id of whom the event is "
            "about",
        ),
        (
            SMALL + "events: [{file: e, time: t, kind: k, lead: l, account: a, on: x}]",
            "2:63: on: it belongs to one link, but there are lead and account",
        ),
        (
            SMALL + "events: [{file: e, time: t, kind: k, lead: l, match: numbers}]",
            "2:54: unknown match 'numbers'; did you mean 'number'?",
        ),
        (
            SMALL + "events: [{file: e, time: t, lead: l}]",
            "2:10: expected either kind (one or more columns) or kind_is (one kind for the whole file)",
        ),
        (
            SMALL + "events: [{file: e, time: t, lead: l, kind: k, by_sales: sometimes}]",
            "2:57: by_sales: expected true or false, got 'sometimes'",
        ),
        (
            SMALL + "events: [{file: e, time: t, lead: l, kind: k, by_sales: {column: c}}]",
            "2:57: by_sales: the key 'values' is missing",
        ),
        (SMALL + "stages: {file: s, lead: l, time: t}", "2:9: stages: the key 'stage' is missing"),
        (
            SMALL + "moment: {plus_days: -1}",
            "2:21: plus_days: expected a whole number of at least 0, got -1",
        ),
        (SMALL + "outcome: {won_at: x}", "2:10: outcome: the key 'won_when' is missing"),
        (SMALL + "outcome: {won_when: {x: []}}", "2:25: x: the list is empty"),
        (SMALL + "outcome: {won_when: {}}", "2:21: won_when: expected a condition"),
        (
            SMALL + "outcome: {won_when: {x: [y]}, horizon_days: 3 months}",
            "2:45: horizon_days: expected a whole number of at least 1, got '3 months'",
        ),
        (
            SMALL + "outcome: {won_when: {x: [y]}, worked: {within_days: 3}}",
            "2:39: worked: expected stages or events that show that sales followed up",
        ),
        (
            SMALL + "outcome: {won_when: {x: [y]}, worked: {events: [call]}}",
            "2:48: events: this workspace has no events",
        ),
        (
            SMALL + "outcome: {won_when: {x: [y]}, reasons: {bad timming: [Later]}}",
            "2:41: unknown disposition 'bad timming'; did you mean 'bad timing'?",
        ),
        (
            SMALL + "outcome: {won_when: {x: [y]}, reasons: {other: [A], duplicate: [B, A]}}",
            "2:64: duplicate: 'A' is also under 'other'",
        ),
        (
            "outcome: {won_when: {x: [y]}, reason: z}\n"
            "leads: {file: a, id: b, columns: {z: {feature: why, family: origin}}}",
            "2:38: 'z' is the reason that sales gave, so it cannot be a feature",
        ),
        (
            "outcome: {won_when: {x: [y]}}\nmoment: {closed: z}\n"
            "leads: {file: a, id: b, columns: {z: {feature: end, family: origin, type: date}}}",
            "3:38: 'z' is the date on which the lead was closed, so it cannot be a feature",
        ),
        (
            "outcome: {won_when: {x: [y]}}\n"
            "leads: {file: a, id: b, columns: {x: {feature: end, family: origin}}}",
            "2:38: 'x' is the outcome, so it cannot be a feature",
        ),
        (
            SMALL + "evaluation: {test_share: 25}",
            "2:26: test_share: expected a number between 0.01 and 0.9, got 25",
        ),
        (
            SMALL + "card: {features: 0}",
            "2:18: features: expected a whole number of at least 1, got 0",
        ),
        (
            SMALL + "evaluation: {allow_random_split: true}",
            "2:34: allow_random_split: a random split is allowed by name only",
        ),
        (
            SMALL + "evaluation: {allowed_by: Ann}",
            "2:26: allowed_by: names who allowed a random split, but none is allowed",
        ),
        (
            SMALL + "evaluation: {outcomes: at_extrakt}",
            "2:24: unknown outcomes 'at_extrakt'; did you mean 'at_extract'?",
        ),
        (
            SMALL + "evaluation: {test_from: 2024-02-01, test_until: 2024-01-01}",
            "2:49: test_until: the test ends before it begins",
        ),
    ],
)
def test_a_mistake_is_an_error_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert error(tmp_path, text)[0] == message


def test_a_hint_says_what_to_write(tmp_path: Path) -> None:
    column = "leads: {file: a, id: b, columns: {x: {feature: Job title, family: role}}}"
    assert error(tmp_path, column)[1] == "write  job_title"
    assert "{ignore: other}" in error(tmp_path, column.replace("feature: Job title,", ""))[1]


def test_a_folder_without_a_workspace_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match="there is no workspace file") as caught:
        read_workspace(tmp_path)
    assert "leadready init DIR --leads FILE" in str(caught.value.hint)
    assert "-w DIR" in str(caught.value.hint)


@pytest.mark.parametrize("name", sorted(folder.name for folder in EXAMPLES.iterdir()))
def test_the_examples_are_read(name: str) -> None:
    ws = read_workspace(EXAMPLES / name)
    assert ws.outcome.won_when
    assert ws.leads.columns


def test_the_complete_file_uses_every_key(tmp_path: Path) -> None:
    """A key that is accepted but never read would be noticed above."""
    used = set(re.findall(r"[a-z_]+(?=:)", COMPLETE + PANEL + VERSIONS + DATABASE))
    assert {key for keys in KEYS.values() for key in keys} <= used


def test_the_documentation_explains_every_key() -> None:
    text = DOCS.read_text(encoding="utf-8")
    names = [f"{section}.{key}".lstrip(".") for section, keys in KEYS.items() for key in keys]
    assert [name for name in names if f"`{name}`" not in text] == []


def documented_file() -> str:
    (text,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.S)
    return str(text)


def test_the_file_in_the_documentation_is_read(tmp_path: Path) -> None:
    ws = read(tmp_path, documented_file())
    assert (ws.leads.id, ws.outcome.won_columns, ws.moment.column) == (
        "Lead Id",
        ("Stage",),
        "Handed Over",
    )


def test_the_error_in_the_documentation_is_raised(tmp_path: Path) -> None:
    (folder := tmp_path / "acme").mkdir()
    (folder / "leads.csv").write_text("Lead Id,Company,Created\n1,a,27.06.2024 11:28\n")
    (folder / "companies.csv").write_text("Name\na\n")
    (folder / "leadready.yaml").write_text(
        documented_file().replace("created: Created", "created: Creatd")
    )
    with pytest.raises(LeadReadyError) as caught:
        read_tables(read_workspace(folder))
    message = str(caught.value).replace(f"{tmp_path}/", "")
    assert f"error: {message}" in DOCS.read_text(encoding="utf-8")


def test_numbers_are_read_as_documented() -> None:
    section = DOCS.read_text().partition("**Numbers**")[2].partition("**Flags**")[0]
    rows = re.findall(r"^\| (`.*?) \| (-?[\d.]+|missing)[:,| ]", section, flags=re.M)
    documented = [
        (text, number) for cell, number in rows for text in re.findall(r"`([^`]+)`", cell)
    ]
    assert len(documented) > 12
    for text, number in documented:
        (parsed,) = parse_numbers(pd.Series([text], dtype=object))
        assert pd.isna(parsed) if number == "missing" else parsed == float(number), text


def test_every_kind_of_problem_is_documented() -> None:
    """Phrases of the page for each kind of problem in the code."""
    phrases = {
        "without id": "rows without an id",
        "repeated rows": "exact copies",
        "duplicate ids": "with the id of another lead",
        "duplicate keys": "an id twice",
        "not joined": "is not in the joined file",
        "unreadable dates": "cannot be read",
        "impossible dates": "impossible dates",
        "dates that mean never": "dates that mean *never*",
        "future dates": "after the extract",
        "closed before created": "closed before they were created",
        "outcomes before the moment": "outcomes before the moment",
        "of unknown leads": "not in the export",
        "ids in another column": "whose ids stand in another column",
        "without time": "events without a time",
        "without kind": "events without a kind",
        "repeated events": "repeat another exactly",
        "by machines": "events [of machines](#events-of-machines)",
        "without stage": "without a stage",
        "outcome never seen": "that no lead has",
        "value never seen": "the rule never applies",
        "kind never seen": "`rename_kinds`",
        "how it was read": "how it was read",
        "unreadable numbers": "that are not numbers",
        "several currencies": "more than one currency",
        "decimal mark unknown": "decimal mark no value shows",
        "decimal mark not written": "not written as `decimal`",
        "decimal marks mixed": "both decimal marks",
        "another decimal mark": "another decimal mark than",
        "no order": "`evaluation.order_by`",
        "of unknown columns": "columns that the leads do not have",
        "other values than the leads": "another value than its last change",
        "begins late": "before the history begins",
        "bands as dates": "Excel turned into dates",
    }
    kinds = {
        call.args[1].value
        for file in (ROOT / "features").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", None) == "add"
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
    }
    assert kinds == set(phrases)
    text = DOCS.read_text(encoding="utf-8")
    assert [phrase for phrase in phrases.values() if phrase not in text] == []


def test_a_heading_may_have_a_line_break(tmp_path: Path) -> None:
    text = (
        "name: a\nleads:\n  file: l.csv\n  id: Id\n  columns:\n"
        '    "City\\nof office": {feature: city, family: firmographic, type: category}\n'
        "outcome: {won_when: {Stage: [Won]}, lost_when: {Stage: [Lost]}}\n"
    )
    (tmp_path / "leadready.yaml").write_text(text, encoding="utf-8")
    (column,) = read_workspace(tmp_path).leads.columns
    assert column.name == "City\nof office"


def test_columns_may_have_date_formats_of_their_own(tmp_path: Path) -> None:
    own = "{Created: '%d/%m/%Y', Closed: ['%m/%d/%Y', ISO8601]}"
    leads = read(tmp_path, COMPLETE.replace('["%d.%m.%Y", ISO8601]', own)).leads
    assert leads.date_formats_of("Created") == ("%d/%m/%Y",)
    assert leads.date_formats_of("Seen") == ()
    assert leads.all_date_formats == ("%d/%m/%Y", "%m/%d/%Y", "ISO8601")


def test_a_date_format_that_is_none_is_an_error_at_its_line(tmp_path: Path) -> None:
    message, hint = error(tmp_path, COMPLETE.replace("%d.%m.%Y", "%d.%m"))
    assert message == "14:16: date_format: the date format '%d.%m' has no year"
    assert "such as '%d.%m.%Y %H:%M'" in hint
