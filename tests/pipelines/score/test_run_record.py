"""A run of the scoring job leaves a summary and a log, however it ends, and is quiet if asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import LeadReadyError
from model.serving import Definition
from pipelines.score import job
from pipelines.score.active_definition import ActiveDefinition
from pipelines.score.guards import Breach, refuse_breaches
from pipelines.score.run_record import RESULTS
from pipelines.score.summary import DECISIONS, ScoringSummary

Run = Callable[..., Any]
RULES = {"version": 4, "ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
DONE = ScoringSummary(
    leads=1243,
    written=1243,
    as_of=pd.Timestamp("2026-10-01T04:00"),
    model_version="3.1",
    active=ActiveDefinition(Definition.from_dict(RULES), ()),
    decisions=Counter({"hand off": 43, "nurture": 1200}),
    warnings=2,
    closed=7,
    out=Path("scores.csv"),
    forced=[Breach("fewer_leads", "the export has 15 leads, 1,000 in the last run")],
    doubtful=["2 leads created after 2026-10-02: not scored"],
)
SENTENCE = "1,243 open leads at 2026-10-01 04:00"


def refused() -> None:
    reason = "the export has 15 leads, 1,000 in the last run"
    refuse_breaches([Breach("fewer_leads", reason)], [], "acme")


def raises(error: BaseException) -> Callable[[], None]:
    def end() -> None:
        raise error

    return end


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Let the scoring job report a message and then end as told."""

    def ends(how: Callable[[], None]) -> None:
        def write_scores(*_: Any, progress: Any, **__: Any) -> ScoringSummary:
            progress("reading leads.csv")
            how()
            return DONE

        monkeypatch.setattr(job, "write_scores", write_scores)

    return ends


def test_the_summary_is_one_line_with_everything_that_a_scheduler_asks(
    run: Run, ends: Any, tmp_path: Path
) -> None:
    ends(lambda: None)
    assert run("score", "--summary", tmp_path / "run.json").code == 0
    text = (tmp_path / "run.json").read_text(encoding="ascii")
    assert text.count("\n") == 1
    summary = json.loads(text)
    assert summary["exit"] == 0
    assert summary["reason"] is summary["hint"] is None
    assert (summary["leads"], summary["closed"], summary["without_prediction"]) == (1243, 7, 2)
    assert summary["decisions"] == dict.fromkeys(DECISIONS, 0) | DONE.decisions
    assert (summary["as_of"], summary["model_version"]) == ("2026-10-01T04:00:00", "3.1")
    assert [breach["guard"] for breach in summary["forced"]] == ["fewer_leads"]
    assert "the definition is not signed" in summary["warnings"]
    assert "2 leads created after 2026-10-02: not scored" in summary["warnings"]
    assert summary["out"] == "scores.csv"
    assert summary["seconds"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", summary["started_at"])


@pytest.mark.parametrize(
    ("how", "code", "guards", "reason"),
    [
        (refused, 1, ["fewer_leads"], "15 leads"),
        (raises(LeadReadyError("there is no model", hint="train")), 2, [], "there is no model"),
        (raises(OSError(28, "No space left on device", "x")), 2, [], "no space left"),
        (raises(ZeroDivisionError("by zero")), 2, [], "unexpected problem"),
        (raises(KeyboardInterrupt()), 2, [], "interrupted"),
    ],
)
def test_a_run_that_fails_leaves_the_same_keys_with_the_reason(
    run: Run, ends: Any, tmp_path: Path, how: Any, code: int, guards: list[str], reason: str
) -> None:
    files = tmp_path / "run.json", tmp_path / "score.log"
    files[0].write_text("yesterday's", encoding="utf-8")
    ends(how)
    answer = run("score", "--summary", files[0], "--log", files[1], "-q")
    summary = json.loads(files[0].read_text(encoding="utf-8"))
    assert (answer.code, summary["exit"], summary["guards"]) == (code, code, guards)
    assert reason in summary["reason"]
    assert reason in files[1].read_text(encoding="utf-8").splitlines()[1]
    assert reason in answer.talk, "cron sends it by mail"
    assert {summary[name] for name in RESULTS} == {None}
    ends(lambda: None)
    run("score", "--summary", files[0])
    assert list(json.loads(files[0].read_text(encoding="utf-8"))) == list(summary)


def test_a_log_takes_the_messages_and_nothing_is_printed(
    run: Run, ends: Any, tmp_path: Path
) -> None:
    log = tmp_path / "score.log"
    ends(lambda: None)
    for runs in (1, 2):
        answer = run("score", "--log", log)
        assert (answer.code, answer.data, answer.talk) == (0, "", "")
        lines = log.read_text(encoding="utf-8").splitlines()
        assert sum(SENTENCE in line for line in lines) == runs
        assert sum(line.endswith("  reading leads.csv") for line in lines) == runs
        assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ", line) for line in lines)


def test_quiet_prints_errors_only(run: Run, ends: Any) -> None:
    ends(lambda: None)
    assert SENTENCE in run("score").talk
    assert run("score", "-q")[1:] == ("", "")
    ends(refused)
    assert run("score", "-q").talk.startswith("error: ")


@pytest.mark.parametrize("option", ["--summary", "--log"])
def test_files_that_cannot_be_written_are_refused_before_the_run(
    run: Run, ends: Any, tmp_path: Path, option: str
) -> None:
    ends(lambda: pytest.fail("hours of work"))
    out = tmp_path / "scores.csv"
    answer = run("score", option, tmp_path / "missing" / "file")
    assert (answer.code, answer.talk.count(option)) == (2, 1)
    answer = run("score", option, out, "--out", out)
    assert (answer.code, "is the file of --out as well" in answer.talk) == (2, True)
