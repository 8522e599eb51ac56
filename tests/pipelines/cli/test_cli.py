"""The command line has one manner: help for every verb, data here, talk there, three exit codes."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli.main import main, parser

Run = Callable[..., Any]
Command = tuple[str, ...]
ROOT = Path(__file__).resolve().parents[3]


def commands(of: argparse.ArgumentParser, before: Command = ()) -> Iterator[Command]:
    """Walk through every verb and every action of a verb."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, one in action.choices.items():
                yield (*before, name)
                yield from commands(one, (*before, name))


ALL = list(commands(parser()))


def test_the_verbs_are_those_that_were_promised() -> None:
    verbs = {one[0] for one in ALL}
    assert {"init", "check", "train", "score", "explain", "report", "models", "demo"} <= verbs


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_command_has_help(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    said = capsys.readouterr()
    assert (ended.value.code, said.err) == (0, "")
    assert said.out.startswith(f"usage: leadready {' '.join(command)} ")


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_option_says_what_it_is_for(command: tuple[str, ...]) -> None:
    one = parser()
    for name in command:
        (verbs,) = (a for a in one._actions if isinstance(a, argparse._SubParsersAction))
        one = verbs.choices[name]
    assert one.description
    unsaid = [
        a.dest for a in one._actions if not a.help and not isinstance(a, argparse._SubParsersAction)
    ]
    assert unsaid == []


@pytest.mark.parametrize("wrong", [[], ["trian"], ["score", "--modle", "1"], ["explain"]])
def test_a_wrong_command_could_not_be_done(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert "usage: leadready" in said.err


HEAVY = (
    "pandas",
    "numpy",
    "pyarrow",
    "duckdb",
    "mlflow",
    "sklearn",
    "interpret",
    "matplotlib",
    "scipy",
    "joblib",
    "jinja2",
    "openpyxl",
    "yaml",
)


def test_help_imports_nothing_heavy() -> None:
    code = f"""
import sys
from pipelines.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    assert ended.code == 0
heavy = set({HEAVY!r}) & set(sys.modules)
assert not heavy, heavy
"""
    for arguments in (["--help"], ["train", "--help"], ["--version"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(trained: Path) -> None:
    code = "import sys; from pipelines.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "score", "-w", str(trained)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith("lead_id,")
        running.stdout.close()
        said = running.stderr.read()
    assert "Traceback" not in said
    assert running.returncode == 0


def test_data_and_talk_do_not_mix(run: Run, trained: Path) -> None:
    """What is piped on is data alone, whatever a library would like to say."""
    for command, first in (
        (["score"], "lead_id,as_of,"),
        (["models", "--json"], "[\n"),
        (["explain", "L-00002", "--json"], "{\n"),
    ):
        answer = run(*command, "-w", trained)
        assert answer.code == 0
        assert answer.data.startswith(first)
        assert "reading" not in answer.data
