"""Every verification runs, also after one that fails, and one failure is enough to fail."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import pytest

from verification.__main__ import PROMISES, command_of, main


def test_a_failure_stops_no_other_and_decides_the_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    started: list[str] = []

    def run(command: Sequence[str]) -> int:
        started.append(command[-1])
        return int(command[-1] == "verification.leaks")

    assert main([], run) == 1
    assert started == [command_of(name)[-1] for name in PROMISES]
    verdicts = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[0] for line in verdicts if "NOT KEPT" in line] == ["| leaks"]
    assert main(["level"], lambda command: 0) == 0


def test_every_name_is_a_module_that_can_be_run() -> None:
    for name in PROMISES:
        if name != "properties":
            assert find_spec(command_of(name)[-1]), name


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["levels"], lambda command: 0)
    assert "no verification is called levels" in capsys.readouterr().err
