"""A file appears whole or not at all; what killed processes left is removed, nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from features import whole_file
from features.whole_file import write_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from features.whole_file import whole_file
with whole_file(Path(sys.argv[1])) as new:
    new.write_text("a part")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not whole_file.LOCKS, reason="files are not locked on Windows")
def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "scores [1].csv"
    write_whole(path, "yesterday's")
    subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    (left,) = set(tmp_path.iterdir()) - {path}
    assert path.read_text() == "yesterday's"
    write_whole(path, "today's")
    assert left.exists(), "it could be that of a process that begins now"
    os.utime(left, (0, 0))
    write_whole(path, "today's")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_files_of_others_and_of_living_processes_stay(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    others = [".scores.csv-backup", ".scores.csv-2026.bak", ".other.csv-abcdefgh", "scores.csv-abc"]
    for name in others:
        (tmp_path / name).write_text("mine")
        os.utime(tmp_path / name, (0, 0))
    with whole_file.whole_file(path) as first:
        first.write_text("the first")
        os.utime(first, (0, 0))
        write_whole(path, "the second")
        assert first.exists()
    assert path.read_text() == "the first"
    assert {file.name for file in tmp_path.iterdir()} == {path.name, *others}
