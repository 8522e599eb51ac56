"""What all verbs of the command line share: where the workspace is, and where answers go.

Data goes to stdout, talk to stderr. Nothing heavy is imported here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[[argparse.Namespace], int]


def verb(verbs: Any, name: str, run: Run, words: str) -> Any:
    """Add one verb; ``run`` takes the options and gives the exit code."""
    said = words[0].upper() + words[1:] + ("" if words.endswith("?") else ".")
    one = verbs.add_parser(name, help=words, description=said)
    one.set_defaults(run=run)
    return one


def in_workspace(one: argparse.ArgumentParser, as_json: bool = True) -> None:
    """Let a verb take ``-w``, and ``--json`` where it answers something."""
    one.add_argument(
        "-w",
        "--workspace",
        type=Path,
        default=Path("."),
        metavar="DIR",
        help="the folder with leadready.yaml (default: the current folder)",
    )
    if as_json:
        one.add_argument("--json", action="store_true", help="print the answer as JSON")


def which_model(one: argparse.ArgumentParser) -> None:
    """Let a verb take ``--model``; the champion is meant without it."""
    words = "a registered model, by version or name (default: champion, the one in use)"
    one.add_argument("--model", default="champion", metavar="VERSION", help=words)


def say(words: str) -> None:
    """Tell people what is being done."""
    print(words, file=sys.stderr, flush=True)
