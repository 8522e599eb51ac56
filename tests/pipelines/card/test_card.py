"""``leadready card``: the version that scores, in every format, and its alternatives."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.gate import Gate
from model.registry.registry import Contents, Registry
from model.serving import Scorecard
from pipelines.card.card import SCORES, card
from tests.pipelines.card.conftest import FULL, card_with, line

Run = Callable[..., Any]
REFUSED = [Gate("enough", False, "3 won", "40 won", "wait")]
WHOLE = {
    "format": 2,
    "start": 41,
    "level": -2.94,
    "ready_at": 56,
    "grades": {"A": 6, "B": 0, "C": -5},
    "levels": {"1": 8, "2": 1, "3": -4},
}
OTHER_CARDS = [
    {
        "without": "webinar_attended_30d",
        "without_words": "webinars attended in the last 30 days",
        "use": "content_downloads_90d",
        "use_words": "content downloads in the last 90 days",
        "auc_change": -0.001,
        "low": -0.004,
        "high": 0.002,
    },
    {
        "without": "Lead Source",
        "without_words": "lead source",
        "use": None,
        "use_words": None,
        "auc_change": -0.0025,
        "low": -0.006,
        "high": 0.001,
    },
]


def register(folder: Path, changes: dict[str, Any], **evaluation: Any) -> str:
    """Register the first version once more, with changes; the gate refuses it."""
    registry = Registry.for_workspace(folder)
    first = registry.load("1")
    scorecard, measured = first.scorecard | changes, first.evaluation | evaluation
    version = registry.log(
        Contents(scorecard, first.definition, first.catalogue, measured, "0" * 64)
    )
    registry.settle(version, REFUSED)
    return version


def test_it_is_the_card_of_the_champion(trained: Path) -> None:
    shown, champion = card(trained), Registry.for_workspace(trained).load("champion")
    served = Scorecard.from_dict(champion.scorecard)
    assert (shown.version, shown.aliases, shown.note) == ("1", ("champion",), "")
    assert {part.words for part in shown.lines} == {term.words for term in served.terms}
    assert shown.leads == champion.scorecard["provenance"]["leads"]
    assert shown.learned_until == champion.record.tags["training_until"][:10]
    for score in SCORES:
        log_odds = served.level + (score - 50) / 10 * np.log(2)
        assert shown.probability(score) == pytest.approx(1 / (1 + np.exp(-log_odds)))


def test_importances_are_what_its_lines_give_and_take(
    trained: Path, training: dict[str, Any]
) -> None:
    moves = {part.name: pytest.approx(part.moves) for part in card(trained).lines}
    assert {row["feature"]: row["importance"] for row in training["importance"]} == moves


def test_another_version_is_shown_when_asked_for(run: Run, company: Path) -> None:
    register(company, {"name": "another"})
    assert run("card", "-w", company).data.startswith("demo: lead-readiness, version 1")
    for asked in ("2", "challenger"):
        shown = run("card", "-w", company, "--model", asked).data
        assert "another, version 2 (challenger), trained on" in " ".join(shown.split())
    answer = run("card", "-w", company, "--model", "9")
    assert (answer.code, answer.data) == (2, "")
    assert "has no version 9" in answer.talk


def test_without_a_champion_it_is_the_latest_and_says_so(run: Run, company: Path) -> None:
    registry = Registry.for_workspace(company)
    register(company, {})
    registry.store.client().delete_registered_model_alias(registry.model, "champion")
    answer = run("card", "-w", company, "--json")
    assert answer.code == 0
    assert (answer.json["version"], answer.json["note"]) == (
        "2",
        "no version is champion yet; this is the latest one",
    )
    text = " ".join(run("card", "-w", company).data.split())
    assert "; no version is champion yet; this is the latest one" in text


def test_before_any_training_it_says_what_to_do(run: Run, untrained: Path) -> None:
    answer = run("card", "-w", untrained)
    assert (answer.code, answer.data) == (2, "")
    assert "leadready train trains and registers one" in answer.talk


def test_json_and_csv_have_every_row(run: Run, trained: Path) -> None:
    answer, table = run("card", "-w", trained, "--json"), run("card", "-w", trained, "--csv")
    rows = [(part, row) for part in answer.json["lines"] for row in part["rows"]]
    cells = list(csv.DictReader(io.StringIO(table.data)))
    assert len(cells) == len(rows) > 5
    for cell, (part, row) in zip(cells, rows, strict=True):
        assert (cell["line"], cell["family"]) == (part["words"], part["family"])
        assert cell["row"].removeprefix("'") == row["label"].removeprefix("'")
        assert float(cell["points"]) == pytest.approx(row["points"], rel=1e-5)
        assert (cell["leads"], cell["won"]) == (str(row["leads"]), str(row["won"]))
        assert cell["missing"] == str(row["missing"]).lower()
        assert (cell["win_rate"] == "") == (row["leads"] == 0)


def test_csv_is_safe_in_a_spreadsheet(run: Run, company: Path) -> None:
    lines = [line("@source", "origin", [["=HYPERLINK(1)"], ["+1", "Web"]], [0, -1, 9, 4])]
    version = register(company, WHOLE | {"lines": lines})
    answer = run("card", "-w", company, "--csv", "--model", version)
    cells = list(csv.DictReader(io.StringIO(answer.data)))
    assert [cell["row"] for cell in cells] == [
        "'=HYPERLINK(1)",
        "'+1, Web",
        "any other",
        "unknown",
    ]
    assert {cell["line"] for cell in cells} == {"'@source"}
    assert [cell["points"] for cell in cells] == ["9", "4", "-1", "0"], "numbers stay numbers"


def test_points_of_format_2_are_whole_numbers() -> None:
    shown = card_with([line(*part) for part in FULL])
    table = shown.table()
    assert list(table.columns) == [
        *("line", "feature", "part", "family", "row", "missing", "points", "low", "high"),
        *("leads", "won", "win_rate", "win_rate_low", "win_rate_high"),
    ]
    assert table["points"].dtype == np.int64
    assert len(table) == 60
    plain = json.loads(json.dumps(shown.to_json()))
    assert (plain["start"], plain["probabilities"]["50"]) == (41, pytest.approx(0.0502, abs=1e-4))
    assert plain["lines"][0]["rows"][0]["categories"] == ["c_level", "vp"]


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["--out", "card.html"], "<!doctype html>"),
        (["--html", "--out", "page"], "<!doctype html>"),
        (["--out", "card.csv"], "line,feature,part,"),
        (["--csv", "--out", "card.txt"], "line,feature,part,"),
        (["--out", "card.json"], '{\n  "company": "demo"'),
        (["--out", "card.txt"], "demo: lead-readiness, version 1"),
    ],
)
def test_it_is_written_where_it_was_asked_for(
    run: Run, trained: Path, tmp_path: Path, arguments: list[str], begins: str
) -> None:
    path = tmp_path / arguments[-1]
    answer = run("card", "-w", trained, *arguments[:-1], path)
    assert (answer.code, answer.data) == (0, "")
    assert answer.talk == f"card of version 1 written to {path}\n"
    assert path.read_text(encoding="utf-8").startswith(begins)


# -- alternatives ----------------------------------------------------------------------------------


def test_alternatives_say_what_they_cost_and_how_to_take_them(run: Run, company: Path) -> None:
    version = register(company, {}, alternatives=OTHER_CARDS)
    asked = ("card", "-w", company, "--alternatives", "--model", version)
    lines = run(*asked).data.splitlines()
    assert lines[2:] == [
        "",
        "1. without webinars attended in the last 30 days, with content downloads in the",
        "   last 90 days",
        "   AUC -0.001 (-0.004 to +0.002)",
        f"   leadready train -w {company} --without webinar_attended_30d --use content_downloads_90d",
        "",
        "2. without lead source",
        "   AUC -0.003 (-0.006 to +0.001)",
        f"   leadready train -w {company} --without 'Lead Source'",
    ]
    assert "nearly the same quality as version 2" in " ".join(lines[:2])
    first, second = run(*asked, "--json").json["alternatives"]
    assert first["auc_change"] == -0.001
    assert first["command"].endswith("--use content_downloads_90d")
    assert (second["use"], second["low"]) == (None, -0.006)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (
            {"alternatives": None},
            "The training of version 2 looked for no other cards.\nnext: leadready train\n",
        ),
        (
            {"alternatives": []},
            "No card of nearly the same quality as version 2 uses other features.\n",
        ),
    ],
)
def test_that_there_are_none_is_said(
    run: Run, company: Path, found: dict[str, Any], says: str
) -> None:
    version = register(company, {}, **found)
    answer = run("card", "-w", company, "--alternatives", "--model", version)
    assert (answer.code, answer.data) == (0, says)


def test_alternatives_are_no_table_and_no_page(run: Run, trained: Path, tmp_path: Path) -> None:
    answer = run("card", "-w", trained, "--alternatives", "--out", tmp_path / "card.html")
    assert (answer.code, answer.data) == (2, "")
    assert answer.talk == (
        "error: the alternatives cannot be written as HTML\n"
        "hint: leadready card --alternatives, or with --json\n"
    )


def test_at_most_five_are_shown(run: Run, company: Path) -> None:
    version = register(company, {}, alternatives=OTHER_CARDS * 4)
    asked = ("card", "-w", company, "--alternatives", "--json", "--model", version)
    assert len(run(*asked).json["alternatives"]) == 5
