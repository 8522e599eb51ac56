"""``leadready.yaml`` is read key by key; what is wrong is named with its line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.files.open_table import parse_numbers
from features.tables.read import read_tables
from features.workspace.read import KEYS, Workspace, read_workspace

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
DOCS = Path(__file__).resolve().parents[3] / "docs" / "data.md"
WHOLE = """\
name: acme
definition: agreed.yaml
model: acme-leads
extract_at: 2024-07-01
leads:
  file: ${ACME}/leads.xlsx
  sheet: Leads
  id: Id
  account: Account
  contact: Contact
  created: Created
  null_values: [Select, 0]
  date_format: ["%d.%m.%Y", ISO8601]
  join: [{file: accounts.csv, on: Account, key: Name, sheet: ~}]
  columns:
    Size: {feature: employees, family: firmographic, type: number, label: employees, unit: people}
    Job:  {feature: title, family: role, type: title, known_at_moment: true}
    2024: {feature: spend_2024, family: engagement}
    Mail: {ignore: personal}
    Rank: {feature: rank, family: origin, leak: true}
events:
  - file: calls.csv
    contact: Who
    time: When
    kind: [Type, Status]
    rename_kinds: {Inbound Received: inbound_call}
    asset: Asset
    campaign: Campaign
    value: Seconds
    by_sales: {column: Type, values: [Outbound]}
  - {file: mails.csv, lead: Id, time: At, kind_is: e-mail, by_sales: true, null_values: "-"}
stages: {file: s.csv, lead: Id, stage: Stage, time: At, reason: Why, amount: Sum, date_format: "%Y"}
moment: {column: Handed, plus_days: 7, closed: Closed}
outcome:
  column: Stage
  won: [Won, 1, yes]
  won_at: Closed
  amount: Sum
  horizon_days: 90
  reason: Gone
  reasons: {bad data: [Bounced, No Answer], duplicate: Twice}
  unknown_when:
    duplicate: {Why: [Duplicate], Size: 0}
  worked: {stages: [SAL], events: [call], within_days: 14}
  immature: weight
  unworked: leave_out
evaluation:
  {order_by: No, test_from: 2024-01-01, test_until: 2024-04-01, test_share: 0.2,
   outcomes: at_extract}
field_history: {file: changes.csv, lead: Id, column: Field, time: On}
"""
SMALL = "leads: {file: a.csv, id: Id}\n"


def read(tmp_path: Path, text: str) -> Workspace:
    (tmp_path / "leadready.yaml").write_text(text, encoding="utf-8")
    return read_workspace(tmp_path)


def error(tmp_path: Path, text: str) -> tuple[str, str | None]:
    with pytest.raises(LeadReadyError) as caught:
        read(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/leadready.yaml:", ""), caught.value.hint


def test_everything_that_the_file_may_say_is_read(tmp_path: Path) -> None:
    ws = read(tmp_path, WHOLE)
    assert (ws.name, ws.definition, ws.model) == ("acme", "agreed.yaml", "acme-leads")
    assert ws.extract_at == pd.Timestamp("2024-07-01")
    assert ws.leads.null_values == ("Select", "0")
    assert ws.leads.date_format == ("%d.%m.%Y", "ISO8601")
    assert (ws.leads.join[0].on, ws.leads.join[0].key) == ("Account", "Name")
    names = {one.name: one for one in ws.leads.columns}
    assert list(names) == ["Size", "Job", "2024", "Mail", "Rank"]
    assert (names["Size"].type, names["Size"].unit) == ("number", "people")
    assert names["Job"].known_at_moment
    assert names["Rank"].leak
    assert names["Mail"].ignore == "personal"
    calls, mails = ws.events
    assert calls.kind == ("Type", "Status")
    assert calls.by_sales == {"column": "Type", "values": ("Outbound",)}
    assert calls.rename_kinds == {"Inbound Received": "inbound_call"}
    assert (mails.kind_is, mails.by_sales, mails.null_values) == ("e-mail", True, ("-",))
    assert ws.stages is not None
    assert (ws.stages.reason, ws.stages.date_format) == ("Why", ("%Y",))
    assert ws.field_history is not None
    assert (ws.field_history.column, ws.field_history.time) == ("Field", "On")
    assert (ws.moment.column, ws.moment.plus_days, ws.moment.closed) == ("Handed", 7, "Closed")
    assert ws.outcome.won == ("Won", "1", "yes")
    assert ws.outcome.reason == "Gone"
    assert ws.outcome.reasons == {"bad data": ("Bounced", "No Answer"), "duplicate": ("Twice",)}
    assert ws.outcome.unknown_when == {"duplicate": {"Why": ("Duplicate",), "Size": ("0",)}}
    assert ws.outcome.worked is not None
    assert ws.outcome.worked.within_days == 14
    assert (ws.outcome.immature, ws.outcome.unworked) == ("weight", "leave_out")
    assert ws.evaluation.test_until == pd.Timestamp("2024-04-01")
    assert (ws.evaluation.test_share, ws.evaluation.outcomes) == (0.2, "at_extract")


PANEL = """leads: {file: leads.csv, id: Id, created: Day}
moment: {closed: Closed, every_days: 7}
outcome: {column: Stage, won: [Won], won_at: Sold, horizon_days: 90}
"""


def test_a_panel_is_read_and_is_not_the_default(tmp_path: Path) -> None:
    """It stands apart, since the whole file asks for what a panel refuses."""
    assert read(tmp_path, PANEL).moment.every_days == 7
    assert read(tmp_path, SMALL).moment.every_days is None


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    ws = read(tmp_path, SMALL)
    assert (ws.name, ws.definition, ws.model) == (
        tmp_path.name,
        "definition.yaml",
        "lead-readiness",
    )
    assert (ws.extract_at, ws.events, ws.stages, ws.leads.columns) == (None, (), None, ())
    assert (ws.moment.column, ws.outcome.column, ws.outcome.worked) == (None, None, None)
    assert (ws.outcome.immature, ws.outcome.unworked) == ("leave_out", "weight")
    assert (ws.evaluation.test_share, ws.evaluation.outcomes) == (0.25, "known_at_the_time")
    assert ws.folder == tmp_path


def test_immature_leads_are_not_weighed_without_a_horizon(tmp_path: Path) -> None:
    text = SMALL + "outcome: {column: Stage, won: [Won], immature: weight}\n"
    said, hint = error(tmp_path, text)
    why = "immature: without a horizon no lead is immature, so there is nothing to weigh"
    assert said == f"2:48: {why}"
    assert hint is not None
    assert "horizon_days" in hint


def test_a_key_without_a_value_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    text = SMALL.replace("}", ", columns: , created: ~}") + "events:\nmoment:\noutcome:\n"
    assert read(tmp_path, text) == read(tmp_path, SMALL)


def test_it_says_where_each_thing_stands(tmp_path: Path) -> None:
    ws = read(tmp_path, WHOLE)
    lines = {
        "leads.created": 11,
        "leads.columns.Mail": 19,
        "events.0.time": 24,
        "outcome.won": 36,
        "events.1.file": 31,
        "leads.join.0.key": 14,
        "outcome.unknown_when.duplicate.Why": 43,
    }
    for path, line in lines.items():
        assert re.search(rf"leadready\.yaml:{line}:\d+$", ws.where(path)), path
    assert ws.where("moment.nothing") == ws.where("moment"), "else the part that it belongs to"


@pytest.mark.parametrize(
    ("text", "says"),
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
            "1:59: unknown family 'firm'; known: firmographic, role, origin, engagement",
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
            "1:68: known_at_moment: it is a leak or it was known, not both",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {leak: yes}}}",
            "1:45: leak: expected true or false, got 'yes'",
        ),
        (
            "leads: {file: a, id: b, columns: {x: {leak: true}, x: {leak: true}}}",
            "1:52: the column 'x' is there twice",
        ),
        (
            SMALL + "events: [{file: e, time: t, kind: k}]",
            "2:10: expected exactly one of lead, contact and account: the column that says whose "
            "event it is; got none",
        ),
        (
            SMALL + "events: [{file: e, time: t, kind: k, lead: l, account: a}]",
            "2:10: expected exactly one of lead, contact and account: the column that says whose "
            "event it is; got lead and account",
        ),
        (
            SMALL + "events: [{file: e, time: t, lead: l}]",
            "2:10: expected either kind (a column, or several) or kind_is (the same for all)",
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
        (SMALL + "outcome: {column: x}", "2:10: outcome: the key 'won' is missing"),
        (
            SMALL + "outcome: {won: x}",
            "2:10: outcome: won is read from a column of the leads, or from a stage history",
        ),
        (SMALL + "outcome: {column: x, won: []}", "2:27: won: the list is empty"),
        (
            SMALL + "outcome: {column: x, won: y, horizon_days: 3 months}",
            "2:44: horizon_days: expected a whole number of at least 1, got '3 months'",
        ),
        (
            SMALL + "outcome: {column: x, won: y, worked: {within_days: 3}}",
            "2:38: worked: expected stages or events that show that sales followed up",
        ),
        (
            SMALL + "outcome: {column: x, won: y, worked: {events: [call]}}",
            "2:47: events: this workspace has no events",
        ),
        (
            SMALL + "outcome: {column: x, won: y, reasons: {bad timming: [Later]}}",
            "2:40: unknown disposition 'bad timming'; did you mean 'bad timing'?",
        ),
        (
            SMALL + "outcome: {column: x, won: y, reasons: {other: [A], duplicate: [B, A]}}",
            "2:63: duplicate: 'A' is also under 'other'",
        ),
        (
            "outcome: {column: x, won: y, reason: z}\n"
            "leads: {file: a, id: b, columns: {z: {feature: why, family: origin}}}",
            "2:38: 'z' is the reason that sales gave, so it cannot be a feature",
        ),
        (
            "outcome: {column: x, won: y}\nmoment: {closed: z}\n"
            "leads: {file: a, id: b, columns: {z: {feature: end, family: origin, type: date}}}",
            "3:38: 'z' is when the lead was closed, so it cannot be a feature",
        ),
        (
            "outcome: {column: x, won: y}\n"
            "leads: {file: a, id: b, columns: {x: {feature: end, family: origin}}}",
            "2:38: 'x' is what became of the lead, so it cannot be a feature",
        ),
        (
            SMALL + "evaluation: {test_share: 25}",
            "2:26: test_share: expected a number between 0.01 and 0.9, got 25",
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
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    assert error(tmp_path, text)[0].removeprefix(f"{tmp_path}/leadready.yaml:") == says


def test_a_hint_says_what_to_write(tmp_path: Path) -> None:
    column = "leads: {file: a, id: b, columns: {x: {feature: Job title, family: role}}}"
    assert error(tmp_path, column)[1] == "write  job_title"
    assert "{ignore: other}" in str(error(tmp_path, column.replace("feature: Job title,", ""))[1])


def test_a_folder_without_a_workspace_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match="there is no workspace file") as caught:
        read_workspace(tmp_path)
    assert "leadready init DIR --leads FILE" in str(caught.value.hint)
    assert "-w DIR" in str(caught.value.hint)


@pytest.mark.parametrize("name", sorted(one.name for one in EXAMPLES.iterdir()))
def test_the_examples_are_read(name: str) -> None:
    ws = read_workspace(EXAMPLES / name)
    assert ws.outcome.won
    assert ws.leads.columns


def test_the_whole_file_uses_every_key(tmp_path: Path) -> None:
    """So that a key which is accepted and never read would be noticed above."""
    used = set(re.findall(r"[a-z_]+(?=:)", WHOLE + PANEL))
    assert {key for keys in KEYS.values() for key in keys} <= used


def test_the_documentation_explains_every_key() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for part, keys in KEYS.items():
        for key in keys:
            said = f"`{part}.{key}`" if part else f"`{key}`"
            assert said in text, f"docs/data.md does not explain {said}"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.S)


def test_the_file_in_the_documentation_is_read(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    ws = read(tmp_path, text)
    assert (ws.leads.id, ws.outcome.won, ws.moment.column) == (
        "Lead Id",
        ("Closed Won",),
        "Handed Over",
    )


def test_the_error_in_the_documentation_is_the_one_that_comes(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    (folder := tmp_path / "acme").mkdir()
    (folder / "leads.csv").write_text("Lead Id,Company,Created\n1,a,27.06.2024 11:28\n")
    (folder / "companies.csv").write_text("Name\na\n")
    (folder / "leadready.yaml").write_text(text.replace("created: Created", "created: Creatd"))
    with pytest.raises(LeadReadyError) as caught:
        read_tables(read_workspace(folder))
    said = str(caught.value).replace(f"{tmp_path}/", "")
    assert f"error: {said}" in DOCS.read_text(encoding="utf-8")


def test_numbers_in_the_documentation_are_read_as_it_says() -> None:
    rows = re.findall(r"^\| (`.*?) \| ([\d.]+|missing)[:,| ]", DOCS.read_text(), flags=re.M)
    told = [(one, number) for cell, number in rows for one in re.findall(r"`([^`]+)`", cell)]
    assert len(told) > 12
    for one, number in told:
        (read_as,) = parse_numbers(pd.Series([one], dtype=object))
        assert pd.isna(read_as) if number == "missing" else read_as == float(number), one


def test_every_problem_that_can_be_found_is_in_the_documentation() -> None:
    """A kind of problem that is added to the code and not to the page is noticed here."""
    said = {
        "without id": "rows without an id",
        "repeated rows": "exact copies",
        "duplicate ids": "id of another lead",
        "duplicate keys": "an id twice",
        "not joined": "is not in the joined file",
        "unreadable dates": "cannot be read",
        "impossible dates": "impossible dates",
        "future dates": "after the extract",
        "closed before created": "closed before they were created",
        "outcomes before the moment": "outcomes before the moment",
        "of unknown leads": "not in the export",
        "without time": "events without a time",
        "without kind": "events without a kind",
        "repeated events": "repeat another exactly",
        "without stage": "without a stage",
        "outcome never seen": "that no lead has",
        "value never seen": "the rule never applies",
        "kind never seen": "`rename_kinds`",
        "no order": "`evaluation.order_by`",
        "of unknown columns": "columns that the leads do not have",
    }
    kinds = {
        call.args[1].value
        for file in (EXAMPLES.parent / "features").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", None) == "add"
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
    }
    assert kinds == set(said)
    text = DOCS.read_text(encoding="utf-8")
    assert [one for one in said.values() if one not in text] == []
