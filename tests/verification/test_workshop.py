"""The transcript of the workshop shows the commands that wrote it, and each of them exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.conftest import parse_command
from verification.workshop_transcript import FOLDER, PAGE, STEPS, output_of, shortened


def commands() -> list[str]:
    return re.findall(r"^\$ (.+)$", PAGE.read_text(encoding="utf-8"), re.M)


def test_the_page_shows_every_step_in_its_order() -> None:
    steps = [step.command for step in STEPS]
    expected = [
        f"{command} -w {FOLDER}" if command.startswith("leadready") else command
        for command in steps
    ]
    assert commands() == expected
    path = ["check", "simulate", "propose", "diff", "sign", "adopt"]
    verbs = [
        shlex.split(command)[2]
        for command in expected
        if command.startswith("leadready definition")
    ]
    places = [verbs.index(command) for command in ("check", "simulate", "propose", "diff")]
    assert places == sorted(places)
    assert set(path) <= set(verbs)


def test_every_command_of_the_page_is_valid() -> None:
    for command in commands():
        if command.startswith("leadready"):
            parse_command(shlex.split(command)[1:])


def test_long_output_is_shortened_and_marked(tmp_path: Path) -> None:
    assert shortened("a\nb\nc\nd", 2) == "a\nb\n… 2 more lines"
    assert shortened("a\nb", 2) == "a\nb"
    (tmp_path / "old").write_text("x", encoding="utf-8")
    assert output_of(f"cp {tmp_path / 'old'} {tmp_path / 'new'}") == ""
    assert (tmp_path / "new").read_text(encoding="utf-8") == "x"
