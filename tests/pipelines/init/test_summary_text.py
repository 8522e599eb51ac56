"""What init shows after writing, and the questions that it asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from features.errors import LeadReadyError
from features.workspace.conditions import ColumnCondition, column_conditions
from features.workspace.read import read_workspace
from pipelines.init.init import InitResult, init
from pipelines.init.questions import open_questions
from pipelines.init.texts.summary_text import init_summary_text

STAGES = ("Gewonnen", "Verloren", "In Arbeit", "Sonderfall")


def export(folder: Path, extra: str = "") -> Path:
    rows = [
        f"{900 + n};{n % 28 + 1:02d}.0{n % 9 + 1}.2024;{STAGES[n % 4]};{n * 7 % 50};Ann{n} Poe;{n % 3}"
        for n in range(80)
    ]
    heading = "Nr;Angelegt am;Phase;Mitarbeiter;Vorname;xyz" + extra
    (folder / "leads.csv").write_text("\n".join([heading, *rows]), "utf-8")
    return folder / "leads.csv"


def started(folder: Path, *answers: str) -> InitResult:
    given = iter(answers)
    ask = (lambda question: next(given)) if answers else None
    return init(folder / "ws", export(folder), ask=ask)


def test_the_summary_names_what_was_understood_on_one_screen(tmp_path: Path) -> None:
    text = init_summary_text(started(tmp_path).draft)
    lines = text.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    for part in (
        "leads.csv: 80 leads, 6 columns",
        "created       Angelegt am",
        "Phase: won 20, lost 20, open 40",
        "firmographic  1: Mitarbeiter",
        "other         not understood; 1: xyz",
        "personal      never used; 1: Vorname",
        "Which of these mean lost: Sonderfall?",
    ):
        assert part in text, text


def test_files_beside_the_leads_are_named_with_what_became_of_them(tmp_path: Path) -> None:
    leads = ["Lead Id,Created,Stage,Account"]
    leads += [f"{n},2024-01-{n % 28 + 1:02d},{('Won', 'Lost')[n % 2]},A{n % 9}" for n in range(80)]
    (tmp_path / "leads.csv").write_text("\n".join(leads), "utf-8")
    accounts = ["Account,Size", *(f"A{n},{n * 10}" for n in range(9))]
    (tmp_path / "accounts.csv").write_text("\n".join(accounts), "utf-8")
    spend = ["Day,Cost", *(f"2024-01-{n + 1:02d},{n * 7}.50" for n in range(28))]
    (tmp_path / "spend.csv").write_text("\n".join(spend), "utf-8")
    text = init_summary_text(init(tmp_path / "ws", other_files=[str(tmp_path)]).draft)
    assert "joined        accounts.csv by Account" in text
    assert "not used      spend.csv: " in text


def test_long_headings_are_counted_where_they_do_not_fit_and_never_cut_off(tmp_path: Path) -> None:
    extra = "".join(f";What matters to you most about our courses, part {n}" for n in range(6))
    file = export(tmp_path, extra)
    head, *rows = file.read_text("utf-8").splitlines()
    rows = [row + f";{n % 3};{n % 4};{n % 5};{n % 6};{n % 7};{n % 8}" for n, row in enumerate(rows)]
    file.write_text("\n".join([head, *rows]), "utf-8")
    lines = init_summary_text(init(tmp_path / "ws", file).draft).splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("other"))
    both = " ".join(part.strip() for part in lines[place : place + 2])
    assert re.search(r": xyz, .* and \d more$", both), both


def test_a_question_about_a_heading_with_parentheses_is_asked_in_full(tmp_path: Path) -> None:
    file = export(tmp_path)
    file.write_text(file.read_text("utf-8").replace("Phase", "Phase (Deal)"), "utf-8")
    text = init_summary_text(init(tmp_path / "ws", file).draft)
    assert "Is a lead won if Phase (Deal) is Gewonnen?" in text


def test_control_characters_of_a_file_never_reach_the_terminal(tmp_path: Path) -> None:
    file = export(tmp_path)
    file.write_text(file.read_text("utf-8").replace("xyz", "\x1b[31mred"), "utf-8")
    result = init(tmp_path / "ws", file)
    assert "\x1b" not in init_summary_text(result.draft)


def test_answers_on_the_terminal_are_written(tmp_path: Path) -> None:
    result = started(tmp_path, "yes", "Sonderfall", "90")
    outcome = read_workspace(tmp_path / "ws").outcome
    (lost,) = column_conditions(outcome.lost_when)
    assert lost.column == "Phase"
    assert sorted(lost.operand) == ["Sonderfall", "Verloren"]
    assert outcome.horizon_days == 90
    assert [question.kind for question in open_questions(result.draft)] == ["outcome", "family"]


def test_empty_answers_keep_the_guesses(tmp_path: Path) -> None:
    started(tmp_path, "", "", "")
    outcome = read_workspace(tmp_path / "ws").outcome
    assert outcome.won_when == ColumnCondition("Phase", "one_of", ("Gewonnen",))
    assert outcome.horizon_days is None


@pytest.mark.parametrize(
    "answers", [("Phase=Nirgends", "", ""), ("", "nothing", ""), ("", "", "x")]
)
def test_an_answer_that_does_not_fit_is_refused_and_nothing_is_written(
    tmp_path: Path, answers: tuple[str, ...]
) -> None:
    with pytest.raises(LeadReadyError):
        started(tmp_path, *answers)
    assert not (tmp_path / "ws").exists()
