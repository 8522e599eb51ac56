"""The command line: help for every verb, results and messages apart, three exit codes."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from features.errors import LeadReadyError
from features.progress import Step, no_progress
from pipelines.cli.command import ERROR, FAILED, SUCCESS
from pipelines.cli.main import leadready, main
from pipelines.cli.terminal import ProgressLines, progress_on, say, say_error
from tests.conftest import parse_command

Run = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[3]


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every verb, and every action of a verb."""
    yield path
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from walk(part, (*path, name))


ALL = list(walk(leadready))
BY_NAME = pytest.mark.parametrize("path", ALL, ids=lambda path: " ".join(path) or "leadready")


def test_the_verbs_are_those_that_were_promised() -> None:
    assert list(leadready.commands) == [
        *("init", "check", "outcomes", "train", "backtest", "score", "explain", "card"),
        *(
            "report",
            "workshop",
            "models",
            "level",
            "agreement",
            "history",
            "changes",
            "uplift",
            "forget",
            "features",
            "export",
            "serve",
            "demo",
            "definition",
            "completion",
        ),
    ]
    assert (SUCCESS, FAILED, ERROR) == (0, 1, 2)


# Help


@BY_NAME
def test_help_fits_the_terminal_and_ends_with_examples(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*path, "--help"]) == SUCCESS
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.startswith(" ".join(("Usage: leadready", *path)))
    lines = printed.out.rstrip().splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith("...") for line in lines[1:]), "a description is cut"
    title = max(place for place, line in enumerate(lines) if line in ("Example:", "Examples:"))
    examples = lines[title + 1 :]
    assert 1 <= len(examples) <= 2
    for line in examples:
        assert " ".join(("leadready", *path)) in line


@pytest.mark.parametrize("path", [path for path in ALL if path])
def test_examples_can_be_typed(path: tuple[str, ...]) -> None:
    command: Any = leadready
    for name in path:
        command = command.commands[name]
    for line in command.examples:
        if line.startswith("leadready"):
            parse_command(shlex.split(line.partition(">")[0])[1:])


@BY_NAME
def test_every_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    command: Any = leadready
    for name in path:
        command = command.commands[name]
    assert command.help
    for option in command.params:
        assert isinstance(option, click.Argument) or option.help, option.name


HEAVY = (
    *("pandas", "numpy", "pyarrow", "duckdb", "mlflow", "sklearn", "interpret", "matplotlib"),
    *("scipy", "joblib", "jinja2", "openpyxl", "yaml"),
)


def test_help_imports_nothing_heavy_and_init_nothing_that_writes_sql() -> None:
    code = f"""
import sys
from leadready import main
for arguments in (["--help"], ["train", "--help"], ["--version"], ["completion", "zsh"]):
    assert main(arguments) == 0
heavy = set({HEAVY!r}) & set(sys.modules)
assert not heavy, heavy
import pipelines.init.init
assert "sqlglot" not in sys.modules
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        ("trian", "unknown command 'trian'; did you mean 'train'?", "leadready --help lists them"),
        (
            "definition sgin",
            "unknown command 'sgin'; did you mean 'sign'?",
            "leadready definition --help lists them",
        ),
        (
            "score --modle 1",
            "no such option '--modle'; did you mean '--model'?",
            "leadready score --help",
        ),
        ("explain", "missing argument 'LEAD'", "leadready explain --help"),
        (
            "train --seed x",
            "invalid value for '--seed': 'x' is not a valid integer",
            "leadready train --help",
        ),
        (
            "backtest --days 0,soon",
            "invalid value for '--days': expected days such as 0,7,14, got '0,soon'",
            "leadready backtest --help",
        ),
    ],
)
def test_a_mistake_is_explained(arguments: str, error: str, hint: str, run: Run) -> None:
    answer = run(*arguments.split())
    assert answer == (ERROR, "", f"error: {error}\nhint: {hint}\n")


def test_without_a_verb_the_help_is_an_error(run: Run) -> None:
    answer = run()
    assert (answer.code, answer.data) == (ERROR, "")
    assert answer.talk.startswith("Usage: leadready")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_asks_the_command(run: Run, shell: str) -> None:
    answer = run("completion", shell)
    assert (answer.code, answer.talk) == (SUCCESS, "")
    assert f"_LEADREADY_COMPLETE={shell}_complete" in answer.data


def test_completion_knows_verbs_and_options() -> None:
    for typed, expected in (("leadready tr", "train"), ("leadready score --mod", "--model")):
        words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
        done = subprocess.run(
            [sys.executable, "-m", "leadready"],
            cwd=ROOT,
            env={**words, "_LEADREADY_COMPLETE": "bash_complete"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == f"plain,{expected}\n", done.stderr


# Results and messages


def test_a_reader_that_has_seen_enough_is_no_error(trained: Path) -> None:
    command = [sys.executable, "-m", "leadready", "score", "-w", str(trained)]
    command += ["--as-of", "2026-10-01"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith("lead_id,")
        running.stdout.close()
        messages = running.stderr.read()
    assert "Traceback" not in messages
    assert running.returncode == SUCCESS


def test_results_and_messages_do_not_mix(run: Run, trained: Path) -> None:
    """A pipe gets results alone, whatever a library prints."""
    for command, first in (
        (["score"], "lead_id,as_of,"),
        (["models", "--json"], "[\n"),
        (["explain", "L-00002", "--json"], "{\n"),
    ):
        answer = run(*command, "-w", trained)
        assert answer.code == SUCCESS
        assert answer.data.startswith(first)
        assert "reading" not in answer.data + answer.talk, "progress is for terminals"


class Terminal(io.StringIO):
    """A stream that passes for a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_only() -> None:
    with click.Context(leadready):
        assert progress_on(io.StringIO()) is no_progress
        assert progress_on(Terminal(), quiet=True) is no_progress
        assert isinstance(progress_on(Terminal()), ProgressLines)


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_quiet_shows_no_progress(flag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(
        "pipelines.simulator.demo.demo", lambda *_, progress: given.append(progress)
    )
    monkeypatch.setattr(sys, "stderr", Terminal())
    main(["demo"])
    main(["demo", flag])
    assert [progress is no_progress for progress in given] == [False, True]


def test_a_step_keeps_to_its_line_and_says_share_and_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "monotonic", iter(range(0, 1000, 2)).__next__)
    stream = Terminal()
    lines = ProgressLines(stream)
    lines("reading leads.csv")
    lines(Step("scoring leads", 100, 400))
    lines(Step("scoring leads", 400, 400))
    lines(Step("testing changes", 1, 8))
    lines("done")
    shown = [line.rpartition("\r")[2].rstrip() for line in stream.getvalue().split("\n")]
    assert shown == [
        "reading leads.csv",
        "scoring leads: 400 of 400 (100%, 100 per second)",
        "testing changes: 1 of 8 (12%, 30 per minute)",
        "done",
        "",
    ]
    assert "scoring leads: 100 of 400 (25%, 50 per second)" in stream.getvalue()
    assert max(len(part) for part in stream.getvalue().replace("\r", "\n").splitlines()) < 80


def test_an_error_ends_the_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, progress: Callable[[str], None]) -> bool:
        progress(Step("testing changes", 1, 8))
        raise LeadReadyError("no more")

    stream = Terminal()
    monkeypatch.setattr("pipelines.simulator.demo.demo", fail)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["demo"]) == ERROR
    assert stream.getvalue().endswith(" \nerror: no more\n")


@pytest.mark.parametrize(
    ("setting", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_do_not_refuse_it(
    setting: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    for stream, expected in ((Terminal(), coloured), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        say_error("no leads", "export them again")
        assert ("\x1b[" in stream.getvalue()) is expected
        assert click.unstyle(stream.getvalue()) == "error: no leads\nhint: export them again\n"


def test_messages_fit_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    say_error("the first of many words " * 4, "leadready check -w acme names\nthe line")
    say("a long message " * 5)
    printed = capsys.readouterr().err
    assert max(map(len, printed.splitlines())) <= 40
    assert printed.startswith("error: the first of many words the first\n       of many words")
    assert "\nhint: leadready check -w acme names\n      the line\na long" in printed
