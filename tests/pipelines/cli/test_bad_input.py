"""Bad input of every kind: a clear error with a hint, exit code 2, and nothing left behind.

Each case breaks a sound company in one way and lists the words that a stranger needs to fix it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from model.registry.registry import Registry
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company

Run = Callable[..., Any]
Change = Callable[[Path], object]
LEADS = Path("crm", "leads.csv")
MADE = {"crm", "truth", "leadready.yaml", "definition.yaml", "definition.signed"}


class Case(NamedTuple):
    """What is done to the company, and what the error and its hint must say."""

    change: Change
    error: tuple[str, ...]
    hint: tuple[str, ...]


def csv(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    """Change a table of the CRM."""

    def do(folder: Path) -> None:
        path = folder / "crm" / f"{name}.csv"
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        change(table).to_csv(path, index=False)

    return do


def text(name: str, old: str, new: str) -> Change:
    """Change the words of a file."""

    def do(folder: Path) -> None:
        content = (folder / name).read_text(encoding="utf-8")
        assert old in content
        (folder / name).write_text(content.replace(old, new, 1), encoding="utf-8")

    return do


def one_value(column: str, *values: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Fill a column with values that take turns, where it is not empty."""

    def do(table: pd.DataFrame) -> pd.DataFrame:
        turns = pd.Series([values[i % len(values)] for i in range(len(table))], table.index)
        return table.assign(**{column: turns.where(table[column] != "", "")})

    return do


CASES = {
    "empty file": Case(
        lambda folder: (folder / LEADS).write_text(""),
        ("leads.csv: the file is empty",),
        ("export it again",),
    ),
    "header only": Case(
        csv("leads", lambda t: t.head(0)),
        ("leads.csv: the file has a header but no leads",),
        ("with their rows",),
    ),
    "events: header only": Case(
        csv("activities", lambda t: t.head(0)),
        ("leadready.yaml:", "none of the 400 leads has an event in activities.csv"),
        ("export the events again",),
    ),
    "file missing": Case(
        lambda folder: (folder / LEADS).unlink(),
        ("leadready.yaml:8", "there is no file"),
        ("correct its name",),
    ),
    "no column of the outcome": Case(
        csv("stage_history", lambda t: t.drop(columns="Stage")),
        ("leadready.yaml:", "unknown column 'Stage'", "Changed At"),
        ("stage_history.csv",),
    ),
    "outcome never seen": Case(
        text("leadready.yaml", "[Closed Won]", "[Signed Up]"),
        ("leadready.yaml:", "no lead has the stage 'Signed Up', which means won"),
        ("values seen", "Closed Won"),
    ),
    "outcome misspelt": Case(
        text("leadready.yaml", "[Closed Won]", "[Closed Wom]"),
        ("leadready.yaml:", "unknown stage 'Closed Wom'; did you mean 'Closed Won'"),
        (),
    ),
    "one class": Case(
        csv("stage_history", lambda t: t[t["Stage"] != "Closed Won"]),
        ("no lead has the stage 'Closed Won', which means won",),
        ("values seen",),
    ),
    "two leads": Case(
        csv("leads", lambda t: t.head(2)),
        ("only 1% of ",),
        ("partial: true",),
    ),
    "every id the same": Case(
        csv("leads", lambda t: t.assign(**{"Lead ID": "L-00001"})),
        ("leadready.yaml:", "399 of 400 rows repeat the Lead ID of another row"),
        ("export each lead once, or name another column as its id",),
    ),
    "mixed dates": Case(
        csv("leads", one_value("Handed Off At", "03/04/2025", "31.12.2025")),
        ("leadready.yaml:", "'Handed Off At'", "are not ISO 8601"),
        ("date_format",),
    ),
    "broken encoding": Case(
        lambda folder: (folder / LEADS).write_bytes(
            (folder / LEADS).read_bytes().replace(b"Referral", b"Ref\xff\x81\x8d")
        ),
        ("leads.csv: the encoding of the text is not known",),
        ("save it as UTF-8",),
    ),
    "no table at all": Case(
        lambda folder: (folder / LEADS).write_bytes(b"PK\x03\x04\x00\x00" * 100),
        ("leads.csv: the file cannot be read as a workbook",),
        ("save it again as XLSX or CSV",),
    ),
    "missing definition": Case(
        lambda folder: (folder / "definition.yaml").unlink(),
        ("definition.yaml: there is no definition",),
        ("leadready init",),
    ),
    "unknown feature in the definition": Case(
        text("definition.yaml", "feature: employees", "feature: employes"),
        ("definition.yaml:17", "unknown feature 'employes'; did you mean 'employees'?"),
        ("leadready check lists the features",),
    ),
    "definition is no YAML": Case(
        text("definition.yaml", "ready_when:", "ready_when: ["),
        ("definition.yaml:", "not YAML"),
        ("bracket",),
    ),
    "mapping is no YAML": Case(
        text("leadready.yaml", "leads:", "leads: ["),
        ("leadready.yaml:", "not YAML"),
        ("bracket",),
    ),
    "unknown key": Case(
        text("leadready.yaml", "extract_at:", "extracted_at:"),
        ("leadready.yaml:", "'extracted_at'", "did you mean 'extract_at'"),
        (),
    ),
    "column that is not there": Case(
        text("leadready.yaml", "created: Created At", "created: Creatd At"),
        ("leadready.yaml:", "unknown column 'Creatd At'; did you mean 'Created At'"),
        ("leads.csv",),
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound") / "company"
    return write_company(simulate_company(Settings(leads=400, events=9_000, base_rate=0.3)), folder)


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A sound company, to be broken."""
    return Path(shutil.copytree(sound, tmp_path / "company"))


def error_of(answer: Any) -> tuple[str, str]:
    """The error and its hint, after whatever was said on the way."""
    assert (answer.code, answer.data) == (2, ""), answer
    _, found, said = answer.talk.rpartition("error: ")
    assert found
    assert "Traceback" not in answer.talk
    error, _, hint = said.partition("\nhint: ")
    return error, hint


@pytest.mark.parametrize("name", CASES)
def test_training_on_bad_input_says_what_to_fix(run: Run, folder: Path, name: str) -> None:
    case = CASES[name]
    case.change(folder)
    error, hint = error_of(run("train", "-w", folder, "--json"))
    for words in case.error:
        assert words in error
    for words in case.hint:
        assert words in hint
    assert {path.name for path in folder.iterdir()} <= MADE, "nothing is left behind"


@pytest.mark.parametrize(
    "name",
    [
        "empty file",
        "header only",
        "missing definition",
        "mixed dates",
        "mapping is no YAML",
        "unknown feature in the definition",
    ],
)
def test_check_says_the_same(run: Run, folder: Path, name: str) -> None:
    CASES[name].change(folder)
    error, hint = error_of(run("check", "-w", folder, "--json"))
    assert all(words in error for words in CASES[name].error)
    assert all(words in hint for words in CASES[name].hint)


@pytest.mark.parametrize("name", ["empty file", "broken encoding", "column that is not there"])
def test_scoring_bad_input_leaves_no_file(
    run: Run, company: Path, tmp_path: Path, name: str
) -> None:
    CASES[name].change(company)
    before = sorted(path.name for path in company.iterdir())
    error, hint = error_of(run("score", "-w", company, "--out", tmp_path / "scores.csv"))
    assert all(words in error for words in CASES[name].error)
    assert all(words in hint for words in CASES[name].hint)
    assert not (tmp_path / "scores.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["company"]
    assert sorted(path.name for path in company.iterdir()) == before


@pytest.mark.usefixtures("one_card")
def test_unusual_input_that_can_be_read_is_read(run: Run, folder: Path) -> None:
    """A cell of a million characters, UTF-16, ids that repeat, an empty column: no error."""
    leads = pd.read_csv(folder / LEADS, dtype="str", keep_default_na=False)
    leads.loc[3, "Landing Page"] = "/" + "ä" * 1_000_000
    pd.concat([leads, leads.head(5)]).to_csv(folder / LEADS, index=False, encoding="utf-16")
    accounts = pd.read_csv(folder / "crm" / "accounts.csv", dtype="str")
    accounts.assign(Founded="").to_csv(folder / "crm" / "accounts.csv", index=False)
    answer = run("train", "-w", folder, "--json")
    assert answer.code == 1, answer.talk
    assert answer.json["data"]["leads"] == leads["Lead ID"].nunique()
    gates = {check["name"]: check for check in answer.json["gate"]}
    assert not gates["enough leads"]["passed"]
    assert "more won leads to learn from" in gates["enough leads"]["hint"]
    card = Registry.for_workspace(folder).load("challenger").scorecard
    names = {line["name"] for line in card["lines"]}
    assert "company_age" not in names, "an empty column is left out"
    assert {"employees", "seniority"} & names
    assert "ä" * 1000 not in answer.data, "such a cell is not repeated"


@pytest.mark.parametrize(
    "command", [["score"], ["explain", "L-00001"], ["report"], ["models", "--rollback"]]
)
def test_a_missing_model_has_to_be_trained_first(
    run: Run, folder: Path, command: list[str]
) -> None:
    error, hint = error_of(run(*command, "-w", folder))
    assert "registered" in error
    assert "leadready train" in hint
    assert {path.name for path in folder.iterdir()} == MADE


@pytest.mark.parametrize(
    "command",
    [["train"], ["score"], ["explain", "L-1"], ["report"], ["check"], ["models"], ["outcomes"]],
)
def test_a_missing_workspace_is_named(run: Run, tmp_path: Path, command: list[str]) -> None:
    error, hint = error_of(run(*command, "-w", tmp_path / "nowhere"))
    assert "there is no workspace file" in error
    assert "leadready init DIR --leads FILE" in hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        ["--out", "nowhere/scores.csv"],
        ["--out", "scores.xls"],
        ["--out", "scores"],
        ["--as-of", "tomorrowish"],
        ["--model", "7"],
        ["--model", "champoin"],
    ],
)
def test_impossible_options_change_nothing(
    run: Run, company: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.chdir(company)
    before = sorted(path.name for path in company.iterdir())
    error, hint = error_of(run("score", "-w", company, *options))
    assert options[1].partition("/")[0].rpartition(".")[2] in error
    assert hint
    assert sorted(path.name for path in company.iterdir()) == before


@pytest.mark.usefixtures("one_card")
def test_a_failure_while_registering_leaves_no_version(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from features.errors import LeadReadyError
    from model.registry import write_run

    def full(*_: Any) -> None:
        raise LeadReadyError("the disk is full", hint="make room")

    monkeypatch.setattr(write_run, "_create_version", full)
    error, hint = error_of(run("train", "-w", folder))
    assert (error, hint) == ("the disk is full", "make room\n")
    assert Registry.for_workspace(folder).versions() == []
    assert not [path for path in (folder / "mlartifacts").rglob("*") if path.is_file()]


def test_a_file_is_no_workspace(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("id\n", encoding="utf-8")
    error, hint = error_of(run("check", "-w", file))
    assert "a workspace is a folder, but this is a file" in error
    assert "-w DIR" in hint
