"""What comes from data, headings and file names never commands the terminal, whatever the verb."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from features.text import CONTROL
from pipelines.cli.main import main

ROOT = Path(__file__).parents[3]
ESCAPE = (  # colour, title of the window, one-byte escape, reversed text, hidden marks
    "\x1b[31mred\x1b]0;owned\x07\x9b31mabc\u202ecbaa\u200f\ufeffb"
)
SAFE = ("printable", "json_text")  # make text safe for a terminal
OWN_TEXT = {  # prints of texts that hold nothing from a company's data
    "pipelines/simulator/demo.py": "the simulated company",
    "pipelines/cli/main.py": "help, version and completion of the program itself",
    "pipelines/cli/terminal.py": "made printable above, where it is wrapped and coloured",
}


def export(folder: Path) -> Path:
    """Leads with an escape in a heading, in values, in the stages and in the name of the file."""
    stages = (f"Won {ESCAPE}", "Lost", f"New {ESCAPE}")
    rows = [
        f'{n},2024-0{n % 9 + 1}-1{n % 9},"{stages[n % 3]}","{"ab"[n % 2]}{ESCAPE}",{n % 7}'
        for n in range(120)
    ]
    file = folder / f"le{ESCAPE}ads.csv"
    file.write_text("\n".join([f'Id,Created,Stage,"Source{ESCAPE}",Visits', *rows]), "utf-8")
    return file


def test_no_verb_prints_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, file = str(tmp_path / f"ws{ESCAPE}"), str(export(tmp_path))
    in_folder = ["-w", folder]
    for arguments in (
        ["init", folder, "--leads", file],
        ["init", folder, "--leads", file],  # which is there already
        ["check", *in_folder],
        ["check", *in_folder, "--json"],
        ["outcomes", *in_folder],
        ["definition", "simulate", *in_folder],
        ["explain", f"no{ESCAPE}body", *in_folder],
        ["score", *in_folder],
        ["models", *in_folder],
        [f"no{ESCAPE}verb"],
        ["init", folder, f"--no{ESCAPE}option"],
    ):
        main(arguments)
        printed = capsys.readouterr()
        found = CONTROL.findall(printed.out + printed.err)
        assert not found, (arguments[0], found, printed.out + printed.err)


def unsafe_prints(file: Path) -> list[str]:
    """The prints of a module whose text is neither its own nor made safe."""
    text = file.read_text("utf-8")
    calls = (
        node
        for node in (ast.walk(ast.parse(text)) if "print(" in text else ())
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    )
    return [f"{file.name}:{call.lineno}" for call in calls if not all(map(is_safe, call.args))]


def is_safe(argument: ast.expr) -> bool:
    match argument:
        case ast.Constant() | ast.Name(id="FORGOTTEN"):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in SAFE
    return False


def test_every_print_goes_through_one_of_two_functions() -> None:
    """So that the verbs that need a trained model, and new ones, are safe too."""
    modules = (ROOT / "pipelines").rglob("*.py")
    found = {
        str(file.relative_to(ROOT)): prints for file in modules if (prints := unsafe_prints(file))
    }
    assert found.keys() - OWN_TEXT.keys() == set(), found
