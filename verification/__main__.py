"""Run every verification to its end, and then say which promises are kept.

    python -m verification [NAME ...]

Each one runs in a process of its own, so that one that fails stops no other. ``make verify`` runs
it; names choose some. The exit code is 1 if one of them fails.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from features.text import number

MINUTE = 60.0
KEPT, BROKEN = "kept", "NOT KEPT"
PROMISES: Mapping[str, str] = {
    "reading": "files of strangers are read right, or asked about",
    "estimates": "intervals hold the truth, and estimates are right on average",
    "proposals": "proposed changes of the definition are honest",
    "level": "the level follows the win rate, and stays where it stays",
    "leaks": "planted leaks of columns are found",
    "job.kills": "a job that is killed leaves nothing half-written",
    "job.at_once": "jobs that run at once do not disturb each other",
    "odd_dates": "dates that were swapped or moved are found at scoring",
    "event_leaks": "planted leaks of events are found",
    "conversions": "systems that move events are found, and mended",
    "layouts": "raw files run through all six verbs",
    "card.checks": "a short card tells as much as models without limits",
    "card.peers": "the card is near the best of its peers",
    "workshop.live_session": "a live session changes what it says",
    "properties": "properties hold for many generated inputs",
}
PROPERTIES = (
    *("pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"),
    *("-m", "hypothesis", "--hypothesis-profile", "long", "tests"),
)
Run = Callable[[Sequence[str]], int]


class Verdict(NamedTuple):
    """What became of a verification."""

    name: str
    kept: bool
    minutes: float


def command_of(name: str) -> list[str]:
    """Give the command of a verification.

    Examples
    --------
    >>> command_of("card.peers")[1:]
    ['-m', 'verification.card.peers']
    """
    if name == "properties":
        return [sys.executable, "-m", *PROPERTIES]
    return [sys.executable, "-m", f"verification.{name}"]


def verify(names: Sequence[str], run: Run = subprocess.call) -> list[Verdict]:
    """Run each of them, also after one has failed.

    Examples
    --------
    >>> [verdict.kept for verdict in verify(["level", "leaks"], run=lambda command: 1)]
    [False, False]
    """
    verdicts = []
    for name in names:
        print(f"\n== {name}: {PROMISES[name]}", flush=True)
        began = time.monotonic()
        code = run(command_of(name))
        verdicts.append(Verdict(name, code == 0, (time.monotonic() - began) / MINUTE))
    return verdicts


def verdicts_text(verdicts: Sequence[Verdict]) -> str:
    """Write the verdicts as a Markdown table.

    Examples
    --------
    >>> print(verdicts_text([Verdict("level", True, 1.25)]))
    | verification | promise | verdict | minutes |
    |---|---|---|---|
    | level | the level follows the win rate, and stays where it stays | kept | 1.2 |
    """
    rows = [
        f"| {name} | {PROMISES[name]} | {KEPT if kept else BROKEN} | {number(minutes, 1)} |"
        for name, kept, minutes in verdicts
    ]
    return "\n".join(["| verification | promise | verdict | minutes |", "|---|---|---|---|", *rows])


def main(arguments: Sequence[str] | None = None, run: Run = subprocess.call) -> int:
    """Run the verifications and print the verdicts; return 1 if a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m verification", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROMISES))
    names = parser.parse_args(arguments).names or list(PROMISES)
    if unknown := [name for name in names if name not in PROMISES]:
        parser.error(f"no verification is called {unknown[0]}; there are {', '.join(PROMISES)}")
    verdicts = verify(names, run)
    print(f"\n{verdicts_text(verdicts)}")
    return 0 if all(verdict.kept for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
