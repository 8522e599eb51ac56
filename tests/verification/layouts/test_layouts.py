"""The road of raw files, and layouts that no code of the project was written for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.training.intervals import Interval
from pipelines.cli.main import main
from pipelines.init.draft import Draft
from pipelines.init.init import init
from pipelines.simulator.company import Settings, simulate_company
from verification.layouts import road
from verification.layouts.__main__ import export_check, layout_check
from verification.layouts.answers import write_answers
from verification.layouts.companies import write_files
from verification.layouts.other_systems import CLOSE, MONDAY
from verification.layouts.real_exports import RawExport, RightEnd
from verification.layouts.road import VERBS, Road, walk

DONE = dict.fromkeys(VERBS, 0)
PLAIN = Road("plain", DONE, True, "", Interval(0.8, 0.75, 0.85), Interval(1.0, 0.9, 1.1))


def test_init_reads_systems_that_no_code_was_written_for(tmp_path: Path) -> None:
    """What was won, when leads were handed over, and whose events they are."""
    company = simulate_company(Settings(leads=200, events=3_000, base_rate=0.3, bots=0.0))
    stages, read = company.leads["Lead Status"], {}
    for layout in (CLOSE, MONDAY):
        *others, _, leads = write_files(company, layout.name, tmp_path / layout.name)
        draft = init(tmp_path / "read", str(leads), other_files=list(map(str, others)), force=True)
        read[layout.name] = _understood(draft.draft)
    right = ((stages == "Closed Won").sum(), company.leads["Handed Off At"].notna().sum(), "lead")
    assert read == {layout.name: right for layout in (CLOSE, MONDAY)}


def _understood(draft: Draft) -> tuple[int, int, str]:
    """The won leads, the leads with a moment, and by what events name a lead."""
    assert draft.outcome is not None
    ((_, guess),) = draft.events
    assert guess.times is not None
    won = draft.outcome.results(draft.raw).eq("won").sum()
    return won, draft.raw[draft.handoff].notna().sum(), guess.link.link


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({}, True),
        ({"promoted": False}, False),
        ({"auc": Interval(0.7, 0.6, 0.8)}, False),
        ({"codes": {**DONE, "explain": 2}}, False),
        ({"codes": {"init": 2}}, False),
    ],
)
def test_a_layout_has_to_come_as_far_as_the_plain_one(
    changes: dict[str, Any], passed: bool
) -> None:
    walked = Road(**{**vars(PLAIN), "name": "acme", **changes})
    assert layout_check(walked, PLAIN).passed == passed


def test_a_data_set_with_nothing_to_learn_has_to_be_refused_for_that() -> None:
    right = RightEnd("the outcomes are random", refused=("better than chance",))
    random = RawExport("random", "leads.csv", right)
    why = "Refused: calibrated (no)"
    refused = Road("random", {**DONE, "train": 1}, False, why, refused=("calibrated",))
    assert not export_check(refused, random).passed
    assert not export_check(PLAIN, random).passed


def test_an_export_has_to_be_asked_about_before_it_is_promoted() -> None:
    export = RawExport("asked", "leads.csv", RightEnd("too good to be true", asked=("Page",)))
    assert not export_check(PLAIN, export).passed
    assert export_check(replace(PLAIN, asked=("Page", "Source")), export).passed
    assert not export_check(replace(PLAIN, asked=("Page",), promoted=False), export).passed


def test_answers_are_written_where_the_hints_say(tmp_path: Path) -> None:
    file = tmp_path / "leadready.yaml"
    file.write_text(
        "leads:\n  columns:\n    Page: {feature: page, family: origin}\nevents:\n"
        "  - file: calls.csv\n    kind: Type\n",
        encoding="utf-8",
    )
    answers = ["Page: {…, known_at_moment: true}", "account: {known_at_moment: true}"]
    write_answers(file, [*answers, "kinds: {call: known_at_moment}"])
    assert file.read_text(encoding="utf-8").splitlines() == [
        *("leads:", "  columns:", "    account: {known_at_moment: true}"),
        "    Page: {feature: page, family: origin, known_at_moment: true}",
        *("events:", "  - file: calls.csv", "    kinds: {call: known_at_moment}"),
        "    kind: Type",
    ]
    with pytest.raises(ValueError, match="no line  Source"):
        write_answers(file, ["Source: {…, known_at_moment: true}"])


def test_the_road_ends_with_the_error_that_a_stranger_sees(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Id,Stage\n", encoding="utf-8")
    found = walk("empty", tmp_path / "work", ["--leads", tmp_path / "leads.csv"])
    assert found.codes == {"init": 2}
    assert "no leads" in found.why


def test_the_road_scores_with_the_challenger_where_none_was_promoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    auc = '{"value": 0.6, "low": 0.5, "high": 0.7}'
    trained = f'{{"promoted": false, "gate": [], "verdict": "Refused", "metrics": {{"auc": {auc}, '
    trained += f'"expected_wins_ratio": {auc}}}}}'

    def run(arguments: list[str]) -> int:
        commands.append(arguments)
        if arguments[0] == "train":
            print(trained)
        if arguments[0] == "score":
            Path(arguments[-1]).write_text("lead_id\n7\n", encoding="utf-8")
        return int(arguments[0] == "train")

    monkeypatch.setattr(road, "main", run)
    found = walk("acme", tmp_path, [], "2026-10-01")
    assert found.codes == {**DONE, "train": 1}
    assert found.text.endswith("Refused")
    assert commands[4] == [
        *("explain", "7", "-w", str(tmp_path), "--model", "challenger", "--as-of", "2026-10-01"),
    ]


def test_where_every_lead_is_closed_one_of_them_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leads.csv").write_text("Id,Stage\n7,Won\n8,Lost\n", encoding="utf-8")
    explained: list[str] = []

    def run(arguments: list[str]) -> int:
        if arguments[0] == "init":
            return main(arguments)
        if arguments[0] == "train":
            print(
                '{"promoted": true, "gate": [], "verdict": "", "metrics": {"auc": {"value": 1, "low": 1, '
            )
            print('"high": 1}, "expected_wins_ratio": {"value": 1, "low": 1, "high": 1}}}')
        if arguments[0] == "score":
            Path(arguments[-1]).write_text("lead_id\n", encoding="utf-8")
        if arguments[0] == "explain":
            explained.append(arguments[1])
        return 0

    monkeypatch.setattr(road, "main", run)
    walk("acme", tmp_path / "work", ["--leads", tmp_path / "leads.csv"])
    assert explained == ["7"]
