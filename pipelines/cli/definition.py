"""The verbs of ``leadready definition``: work on the agreed definition without programming.

Check it, sign it, compare two of them, see what today's points are worth, write the rules as SQL,
and put a changed definition beside the champion. Every action is one entry of ``ACTIONS``: a
function that adds its options and sets what to run. What runs is imported when it runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.cli.arguments import Run, in_workspace, say, verb, which_model
from pipelines.output import print_json

Add = Callable[[Any], None]


def add_definition(verbs: Any) -> None:
    """Add ``leadready definition`` and its actions to the command line."""
    words = "check, sign, compare and change the agreed lead definition"
    one = verbs.add_parser("definition", help=words, description=words[0].upper() + words[1:] + ".")
    actions = one.add_subparsers(title="actions", metavar="ACTION", required=True)
    for add in ACTIONS:
        add(actions)


def action(actions: Any, name: str, run: Run, words: str) -> Any:
    """Add one action with ``-w`` and ``--json``; ``run`` takes the options, gives the exit code."""
    one = verb(actions, name, run, words)
    in_workspace(one)
    return one


# -- check, sign, diff, points, sql, adopt --------------------------------------------------------


def _check(actions: Any) -> None:
    words = "is the definition valid, does every line of it count, and who has signed?"
    one = action(actions, "check", _run_check, words)
    one.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: the one in use")


def _run_check(given: argparse.Namespace) -> int:
    from pipelines.definition.review import render, review

    answer = review(given.workspace, say, given.file)
    _answer(answer, render, given.json)
    return 0 if answer["ok"] else 1


def _sign(actions: Any) -> None:
    one = action(actions, "sign", _run_sign, "put a team's name to what the definition says now")
    one.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: the one in use")
    one.add_argument("--team", required=True, metavar="TEAM", help="such as sales or marketing")
    one.add_argument("--name", required=True, metavar="NAME", help="who signs for the team")
    one.add_argument("--on", metavar="DATE", help="such as 2026-10-01 (default: today)")


def _run_sign(given: argparse.Namespace) -> int:
    from pipelines.definition.sign import render, sign_definition

    who = {"team": given.team, "name": given.name, "on": given.on, "path": given.file}
    return _answer(sign_definition(given.workspace, **who, progress=say), render, given.json)


def _diff(actions: Any) -> None:
    one = action(actions, "diff", _run_diff, "say in words how two definitions differ")
    one.add_argument("old", type=Path, metavar="OLD", help="the definition as it was")
    one.add_argument("new", type=Path, metavar="NEW", help="the definition as it would be")
    one.add_argument(
        "--data", action="store_true", help="say also what it would mean for the past leads"
    )


def _run_diff(given: argparse.Namespace) -> int:
    from pipelines.definition.diff import diff, render

    folder = given.workspace if given.data else None
    return _answer(diff(given.old, given.new, folder=folder, progress=say), render, given.json)


def _points(actions: Any) -> None:
    words = "the points that people give by hand, beside those that the data gives"
    one = action(actions, "points", _run_points, words)
    which_model(one)


def _run_points(given: argparse.Namespace) -> int:
    from pipelines.definition.points import points, render

    return _answer(points(given.workspace, model=given.model, progress=say), render, given.json)


def _adopt(actions: Any) -> None:
    words = "put a changed definition in force for the model in use, without training again"
    one = action(actions, "adopt", _run_adopt, words)
    one.add_argument("file", type=Path, metavar="FILE", help="the definition to put in force")
    one.add_argument("--unsigned", action="store_true", help="adopt it though it is not signed")


def _run_adopt(given: argparse.Namespace) -> int:
    from pipelines.definition.adopt import adopt, render

    answer = adopt(given.workspace, given.file, unsigned=given.unsigned, progress=say)
    _answer(answer, render, given.json)
    return 0 if answer["adopted"] else 1


def _sql(actions: Any) -> None:
    words = "write the rules as one SQL statement that gives each lead's verdict"
    one = action(actions, "sql", _run_sql, words)
    one.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: the one in use")
    one.add_argument("--dialect", default="duckdb", metavar="NAME", help="duckdb or postgres")
    one.add_argument(
        "--table",
        default="features",
        metavar="NAME",
        help="of the leads' features (default: features)",
    )


def _run_sql(given: argparse.Namespace) -> int:
    from pipelines.definition.sql import sql

    how = {"dialect": given.dialect, "table": given.table, "progress": say}
    return _answer(
        {"sql": sql(given.workspace, given.file, **how)}, lambda one: one["sql"], given.json
    )


# -- simulate, propose ----------------------------------------------------------------------------


def _simulate(actions: Any) -> None:
    words = "hold the definition, or a changed one, against what became of past leads"
    one = action(actions, "simulate", _run_simulate, words)
    one.add_argument("new", type=Path, nargs="?", metavar="NEW", help="a changed definition")


def _run_simulate(given: argparse.Namespace) -> int:
    from pipelines.definition.simulate import render, simulate

    return _answer(simulate(given.workspace, given.new, progress=say), render, given.json)


def _propose(actions: Any) -> None:
    words = "propose changes to the definition that past outcomes speak for"
    one = action(actions, "propose", _run_propose, words)
    one.add_argument(
        "--out", type=Path, metavar="FILE", help="write the definition with all proposals here"
    )


def _run_propose(given: argparse.Namespace) -> int:
    from pipelines.definition.propose import propose
    from pipelines.definition.propose_text import render

    return _answer(propose(given.workspace, out=given.out, progress=say), render, given.json)


def _answer(answer: dict[str, Any], render: Callable[[dict[str, Any]], str], as_json: bool) -> int:
    if as_json:
        print_json(answer)
    else:
        print(render(answer))
    return 0


ACTIONS: tuple[Add, ...] = (
    _check,
    _sign,
    _diff,
    _points,
    _sql,
    _adopt,
    _simulate,
    _propose,
)
