"""``leadready init``: what it writes can be read back, gives reasons, and is whole or absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from features.errors import LeadReadyError
from features.tables.read import read_tables
from features.workspace.conditions import ColumnCondition
from features.workspace.read import Column, read_workspace
from features.workspace.schema import BySales
from model.definition.read import read_definition
from pipelines.cli.command import ERROR, SUCCESS
from pipelines.cli.main import main
from pipelines.init.init import init

LEADS = 400


def write_export(folder: Path, **columns: Any) -> Path:
    """Write a small CRM export with every kind of column."""
    random = np.random.default_rng(0)
    won = random.random(LEADS) < 0.3
    closed = random.random(LEADS) < 0.8
    created = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(LEADS) % 200, unit="D")
    stage = np.select([~closed, won], ["Talks", "Won"], "Lost")
    frame = pd.DataFrame(
        {
            "Lead Id": [f"58050280000568{number:05d}" for number in range(LEADS)],
            "Created": created.strftime("%d.%m.%Y"),
            "Company": [f"company {number % 90}" for number in range(LEADS)],
            "Employees": random.integers(1, 900, LEADS).astype(str),
            "Industry": random.choice(["Retail", "Bank"], LEADS),
            "Job title": random.choice(["VP Sales", "Buyer", "CEO"], LEADS),
            "Lead Source": random.choice(["Web", "Fair", "Test"], LEADS, p=[0.6, 0.39, 0.01]),
            "Page Views": random.poisson(4, LEADS).astype(str),
            "Do Not Call": random.choice(["Yes", "No"], LEADS),
            "Mail": [f"somebody{number}@example.com" for number in range(LEADS)],
            "Country": "Select",
            "Stage": stage,
            "Contract": np.where((stage == "Won") & (random.random(LEADS) < 0.9), "C-1", ""),
            **columns,
        }
    )
    frame.to_csv(folder / "leads.csv", index=False)
    return folder / "leads.csv"


def columns_of(folder: Path) -> dict[str, Column]:
    return {column.name: column for column in read_workspace(folder).leads.columns}


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that init wrote; tests only read it."""
    folder = tmp_path_factory.mktemp("drafted")
    written = init(folder / "ws", write_export(folder)).files
    assert [file.name for file in written] == ["leadready.yaml", "definition.yaml"]
    return folder / "ws"


def test_the_workspace_reads_back_as_guessed(drafted: Path) -> None:
    ws = read_workspace(drafted)
    assert (ws.leads.id, ws.leads.account, ws.leads.created) == ("Lead Id", "Company", "Created")
    assert ws.outcome.won_when == ColumnCondition("Stage", "one_of", ("Won",))
    assert ws.outcome.lost_when == ColumnCondition("Stage", "one_of", ("Lost",))
    assert ws.outcome.unknown_when["test record"] == {"Lead Source": ("Test",)}
    columns = columns_of(drafted)
    features = {name: (col.family, col.type) for name, col in columns.items() if col.feature}
    assert features == {
        "Employees": ("firmographic", "number"),
        "Industry": ("firmographic", "category"),
        "Job title": ("role", "title"),
        "Lead Source": ("origin", "category"),
        "Page Views": ("engagement", "number"),
        "Do Not Call": ("engagement", "flag"),
        "Contract": ("other", "category"),
    }
    assert columns["Mail"].ignore == "personal"
    assert columns["Country"].ignore == "constant"


def test_every_guess_has_its_reason(drafted: Path) -> None:
    text = (drafted / "leadready.yaml").read_text()
    assert "Mail: {ignore: personal}   # personal: looks like e-mail addresses (100% " in text
    assert "400 different values in 400 rows" in text
    assert "dates (%d.%m.%Y) from 2024-01-01 to 2024-07-18" in text
    assert "null_values: [Select]   # found in the data" in text


def test_a_suspected_leak_is_left_out_and_one_word_takes_it_back(drafted: Path) -> None:
    text = (drafted / "leadready.yaml").read_text()
    assert "# suspected: filled for" in text
    contract = columns_of(drafted)["Contract"]
    assert contract.leak
    assert contract.feature
    line = next(line for line in text.splitlines() if line.strip().startswith("Contract:"))
    assert "leak: true" in line
    assert not contract.known_at_moment


def test_the_definition_is_a_valid_draft_without_signatures(drafted: Path) -> None:
    known = ["employees", "industry", "seniority", "job_function", "page_views", "do_not_call"]
    definition = read_definition(drafted / "definition.yaml", known_features=known)
    assert definition.draft
    assert not definition.signed
    assert {criterion.feature for criterion in definition.criteria} <= set(known)
    lead = {"employees": 800.0, "seniority": "vp", "page_views": 9.0}
    leads = pd.DataFrame([{**lead, "do_not_call": "no"}, {**lead, "do_not_call": "yes"}])
    assert list(definition.evaluate(leads).verdict) == ["ready", "never"]


def test_large_medians_are_written_as_numbers(tmp_path: Path) -> None:
    """A float such as 1e+06 would be read back as text."""
    rows = [
        f"{number},{'won' if number % 3 else 'lost'},{1000000 if number % 2 else 20}"
        for number in range(30)
    ]
    (tmp_path / "leads.csv").write_text(
        "id,stage,revenue\n" + "\n".join([*rows, "30,lost,1000000"])
    )
    init(tmp_path / "ws", tmp_path / "leads.csv")
    text = (tmp_path / "ws" / "definition.yaml").read_text()
    assert "{id: enough-revenue, feature: revenue, at_least: 1000000}" in text


def test_a_file_in_place_of_the_folder_is_refused_with_the_right_command(tmp_path: Path) -> None:
    file = write_export(tmp_path)
    with pytest.raises(LeadReadyError, match="is a file; the workspace") as caught:
        init(file, other_files=[tmp_path / "my calls.csv"])
    assert f"leadready init acme {file} '{tmp_path / 'my calls.csv'}'" in str(caught.value.hint)


def test_existing_files_are_only_overwritten_if_asked(tmp_path: Path) -> None:
    file = write_export(tmp_path)
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "leadready.yaml").write_text("mine")
    with pytest.raises(LeadReadyError, match="already exists") as caught:
        init(tmp_path / "ws", file)
    assert "--force" in str(caught.value.hint)
    assert (tmp_path / "ws" / "leadready.yaml").read_text() == "mine"
    init(tmp_path / "ws", file, force=True)
    assert (tmp_path / "ws" / "leadready.yaml").read_text() != "mine"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "the file is empty"),
        ("id,stage\n", {}, "a header but no leads"),
        ("id,stage\n1,a\n2,b\n", {}, "--outcome COLUMN=VALUE"),
        ("id,stage\n1,won\n2,won\n", {}, "--outcome COLUMN=VALUE"),
        ("lead id,stage\n" + "1,won\n2,lost\n" * 9, {}, "--id 'row number'"),
        ("id,stage\n1,won\n2,lost\n", {"outcome": "stage"}, "COLUMN=VALUE"),
        ("id,stage\n1,won\n2,lost\n", {"outcome": "stag=won"}, "did you mean 'stage'"),
        ("id,stage\n1,won\n2,lost\n", {"id": "no"}, "unknown column 'no'"),
        ("id,stage\n1,won\n2,lost\n", {"created": "no"}, "unknown column 'no'"),
    ],
)
def test_bad_input_is_an_error_with_a_hint_and_leaves_nothing(
    tmp_path: Path, content: str, options: dict[str, Any], message: str
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(content)
    with pytest.raises(LeadReadyError) as caught:
        init(tmp_path / "ws", file, **options)
    assert caught.value.hint
    assert message in f"{caught.value} {caught.value.hint}"
    assert [path.name for path in tmp_path.iterdir()] == ["leads.csv"]


def test_nothing_is_written_if_the_draft_cannot_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise LeadReadyError("no", hint="no")

    monkeypatch.setattr("pipelines.init.init.read_workspace", refuse)
    (tmp_path / "leads.csv").write_text("id,stage,x\n1,won,a\n2,lost,b\n")
    with pytest.raises(LeadReadyError):
        init(tmp_path / "ws", tmp_path / "leads.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["leads.csv"]


def test_two_leads_are_enough_to_start(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,stage,x\n1,won,a\n2,lost,b\n")
    init(tmp_path / "deep" / "ws", tmp_path / "leads.csv")
    assert read_workspace(tmp_path / "deep" / "ws").outcome.won_columns == ("stage",)


AWKWARD_NAMES = [
    "a: b",
    "yes",
    "#x",
    "c, {d}",
    "- e",
    'say "f"',
    "g'h",
    "1",
    "  i",
    "Größe €",
    "null",
    "a\tb",
]


def test_columns_of_any_name_are_mapped(tmp_path: Path) -> None:
    values = np.random.default_rng(1).choice(["p", "q"], LEADS)
    init(tmp_path / "ws", write_export(tmp_path, **dict.fromkeys(AWKWARD_NAMES, values)))
    names = set(columns_of(tmp_path / "ws"))
    assert {" ".join(name.split()) for name in AWKWARD_NAMES} <= names


def test_an_outcome_column_of_any_name_is_mapped(tmp_path: Path) -> None:
    rows = [f"{number},{'won' if number % 3 else 'lost'}" for number in range(30)]
    rows += [f"{number},new" for number in range(30, 40)]
    (tmp_path / "leads.csv").write_text('id,"stage: now, {really}"\n' + "\n".join(rows))
    init(tmp_path / "ws", tmp_path / "leads.csv")
    outcome = read_workspace(tmp_path / "ws").outcome
    assert outcome.won_columns == ("stage: now, {really}",)
    assert outcome.lost_when == ColumnCondition("stage: now, {really}", "one_of", ("lost",))


def test_a_huge_cell_does_not_flood_the_file(tmp_path: Path) -> None:
    text = ["x" * 1_000_000, *[f"note {number}" for number in range(LEADS - 1)]]
    init(tmp_path / "ws", write_export(tmp_path, Remark=text))
    assert len((tmp_path / "ws" / "leadready.yaml").read_text()) < 10_000


def test_an_empty_column_and_mixed_dates_are_mapped(tmp_path: Path) -> None:
    days = ["2024-01-05", "05.02.2024"] * (LEADS // 2)
    init(tmp_path / "ws", write_export(tmp_path, Empty=[None] * LEADS, Seen=days))
    ws = read_workspace(tmp_path / "ws")
    assert columns_of(tmp_path / "ws")["Empty"].ignore == "constant"
    assert set(ws.leads.date_format) == {"%d.%m.%Y", "ISO8601"}


def test_events_and_a_stage_history_are_mapped(tmp_path: Path) -> None:
    file = write_export(tmp_path)
    ids = pd.read_csv(file, dtype=str)["Lead Id"]
    pd.DataFrame(
        {
            "lead": ids.repeat(3).to_numpy(),
            "at": pd.date_range("2024-01-02", periods=3 * LEADS, freq="h"),
            "event type": ["email click", "page view", "webinar"] * LEADS,
            "campaign": ["spring", "autumn", "winter"] * LEADS,
            "direction": ["Inbound", "Inbound", "Outbound"] * LEADS,
        }
    ).to_csv(tmp_path / "events.csv", index=False)
    pd.DataFrame(
        {
            "lead": ids.repeat(2).to_numpy(),
            "changed at": pd.date_range("2024-01-02", periods=2 * LEADS, freq="h"),
            "stage": ["MQL", "Rejected"] * LEADS,
            "reason": [None, "no budget"] * LEADS,
        }
    ).to_csv(tmp_path / "stages.csv", index=False)
    init(tmp_path / "ws", file, [tmp_path / "events.csv", tmp_path / "stages.csv"])
    ws = read_workspace(tmp_path / "ws")
    (events,) = ws.events
    assert (events.lead, events.time, events.campaign) == ("lead", "at", "campaign")
    assert (events.kind, events.by_sales) == (("event type",), BySales("direction", ("Outbound",)))
    assert ws.stages is not None
    assert (ws.stages.lead, ws.stages.stage, ws.stages.reason) == ("lead", "stage", "reason")
    assert ws.outcome.reasons == {"no budget": ("no budget",)}
    assert ws.moment.plus_days == 7
    content = yaml.safe_load((tmp_path / "ws" / "definition.yaml").read_text())
    assert "active_days_30d" in str(content["ready_when"])


def test_leads_without_dates_are_ordered_by_their_number(tmp_path: Path) -> None:
    rows = "".join(
        f"k{number}x,{9000 - number},{'won' if number % 3 else 'lost'}\n" for number in range(90)
    )
    (tmp_path / "leads.csv").write_text("lead id,lead number,stage\n" + rows)
    init(tmp_path / "ws", tmp_path / "leads.csv")
    ws = read_workspace(tmp_path / "ws")
    assert ws.evaluation.order_by == "lead number"
    assert ws.leads.created is None


def test_rows_without_an_id_are_numbered_and_never_ordered_by_their_numbers(tmp_path: Path) -> None:
    rows = "".join(f"{'web' if number % 2 else 'fair'},{number % 3}\n" for number in range(90))
    (tmp_path / "leads.csv").write_text("source,converted\n" + rows.replace("2\n", "0\n"))
    init(tmp_path / "ws", tmp_path / "leads.csv")
    ws = read_workspace(tmp_path / "ws")
    assert (ws.leads.id, ws.evaluation.order_by) == ("row number", None)
    assert "so their rows are numbered" in (tmp_path / "ws" / "leadready.yaml").read_text()
    assert read_tables(ws).leads["lead_id"].tolist() == [str(number) for number in range(1, 91)]


def test_the_command_prints_the_files_and_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "leads.csv").write_text("id,stage,x\n1,won,a\n2,lost,b\n")
    arguments = ["init", str(tmp_path / "ws"), "--leads", str(tmp_path / "leads.csv")]
    assert main(arguments) == SUCCESS
    printed = capsys.readouterr()
    assert "won 1, lost 1, open 0" in printed.out
    assert printed.out.splitlines()[:2] == [
        str(tmp_path / "ws" / "leadready.yaml"),
        str(tmp_path / "ws" / "definition.yaml"),
    ]
    assert "leadready check" in printed.err
    assert main(arguments) == ERROR
    assert "hint: " in capsys.readouterr().err


def test_where_leads_were_closed_long_after_the_last_one_came_in_the_extract_is_stated(
    tmp_path: Path,
) -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=120))
    leads = {
        "Id": [f"L{number}" for number in range(120)],
        "Created": days.dt.strftime("%d.%m.%Y"),
        "Stage": ["Won", "Lost", "Lost"] * 40,
        "Closed": (days + pd.Timedelta(days=40)).dt.strftime("%d.%m.%Y"),
    }
    leads["Closed"] = leads["Closed"].where(days.index % 10 > 0, "not closed")
    leads["Stage"] = pd.Series(leads["Stage"]).where(days.index % 10 > 0, "New")
    pd.DataFrame(leads).to_csv(tmp_path / "leads.csv", index=False)
    init(tmp_path / "ws", tmp_path / "leads.csv")
    ws = read_workspace(tmp_path / "ws")
    assert ws.extract_at == pd.Timestamp("2024-06-09")
    assert ws.leads.null_values == ("not closed",)
    assert not [problem for problem in read_tables(ws).problems if problem.blocks]
