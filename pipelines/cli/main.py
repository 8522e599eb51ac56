"""The command line: one verb for each thing people run.

Data goes to stdout, talk to stderr; ``--json`` prints the answer for programs. Exit code 0 is yes,
1 means that the answer is no (a gate refused, a check failed), 2 that it could not be done. Verbs
import what they need when they run, so that ``leadready --help`` stays quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from features.errors import LeadReadyError
from pipelines.cli.arguments import in_workspace, say, verb, which_model
from pipelines.cli.definition import add_definition
from pipelines.output import print_json

YES, NO, COULD_NOT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except LeadReadyError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return COULD_NOT
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return YES


def parser() -> argparse.ArgumentParser:
    """The verbs and their options."""
    top = argparse.ArgumentParser(
        prog="leadready",
        description="Learn which leads close, hold the score against what was agreed, and say why.",
        epilog="exit codes: 0 yes · 1 the answer is no (a gate or check refused) · 2 could not",
    )
    top.add_argument("--version", action="version", version=f"leadready {_version()}")
    verbs = top.add_subparsers(title="verbs", metavar="VERB", required=True)
    for add in (
        _init,
        _check,
        _outcomes,
        _train,
        _backtest,
        _score,
        _explain,
        _report,
        _models,
        add_definition,
        _agreement,
        _demo,
    ):
        add(verbs)
    return top


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("leadready")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "(not installed)"


def _init(verbs: Any) -> None:
    one = verb(verbs, "init", _run_init, "write a workspace from a CRM export, with reasons")
    one.add_argument("folder", type=Path, metavar="DIR", help="the workspace to write")
    one.add_argument("--leads", type=Path, required=True, metavar="FILE", help="CSV, XLSX, Parquet")
    one.add_argument(
        "--events",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="what leads did: CSV, XLSX or Parquet",
    )
    one.add_argument("--outcome", metavar="COLUMN=VALUE", help="the column and value of a win")
    one.add_argument("--id", metavar="COLUMN", help="the column that identifies a lead")
    one.add_argument("--created", metavar="COLUMN", help="the column that says when it came")
    one.add_argument(
        "--null",
        nargs="+",
        action="extend",
        default=[],
        metavar="VALUE",
        help="values that mean missing, such as Select",
    )
    one.add_argument("--force", action="store_true", help="write over files that are there")


def _run_init(given: argparse.Namespace) -> int:
    from pipelines.init.init import init

    written = init(
        given.folder,
        given.leads,
        events_files=given.events,
        outcome=given.outcome,
        id=given.id,
        created=given.created,
        null_values=given.null,
        force=given.force,
    )
    for path in written:
        print(path)
    print(f"next: leadready check -w {given.folder}", file=sys.stderr)
    return YES


def _check(verbs: Any) -> None:
    one = verb(verbs, "check", _run_check, "look at the data, the mapping and the definition")
    in_workspace(one)


def _run_check(given: argparse.Namespace) -> int:
    from pipelines.check.check import check
    from pipelines.check.check_text import check_text

    result = check(given.workspace, progress=say)
    if given.json:
        print_json(result.to_json())
    else:
        print(check_text(result))
    return YES if result.ok else NO


def _outcomes(verbs: Any) -> None:
    one = verb(verbs, "outcomes", _run_outcomes, "count what became of the leads, month by month")
    in_workspace(one)
    one.add_argument("--out", type=Path, metavar="FILE", help="each lead: CSV, Parquet or JSON")


def _run_outcomes(given: argparse.Namespace) -> int:
    from pipelines.check.outcomes import outcomes, outcomes_text
    from pipelines.output import write_table

    found = outcomes(given.workspace, progress=say)
    if given.out:
        write_table(found.table, given.out)
        say(f"{len(found.table):,} leads → {given.out}")
    if given.json:
        print_json(found.to_json())
    else:
        print(outcomes_text(found))
    return YES


def _train(verbs: Any) -> None:
    one = verb(verbs, "train", _run_train, "learn from outcomes, judge the model, register it")
    in_workspace(one)
    one.add_argument("--seed", type=int, default=0, help="for folds and resamples (default: 0)")


def _run_train(given: argparse.Namespace) -> int:
    from pipelines.train.train import train
    from pipelines.train.training_text import training_text

    answer = train(given.workspace, seed=given.seed, progress=say)
    if given.json:
        print_json(answer)
    else:
        print(training_text(answer))
    return YES if answer["promoted"] else NO


def _backtest(verbs: Any) -> None:
    one = verb(
        verbs,
        "backtest",
        _run_backtest,
        "retrain at several past dates and test on later leads",
    )
    in_workspace(one)
    one.add_argument(
        "--days",
        type=_days,
        default=(),
        metavar="0,7,14",
        help="judge leads so many days after the date of their moment (default: as the file says)",
    )
    one.add_argument("--periods", type=int, default=3, help="trainings, 3 or more (default: 3)")
    one.add_argument("--seed", type=int, default=0, help="for folds and resamples (default: 0)")


def _days(text: str) -> list[int]:
    found = [one.strip() for one in text.split(",")]
    if not all(one.isdecimal() for one in found):
        raise argparse.ArgumentTypeError(f"expected days such as 0,7,14, got {text!r}")
    return [int(one) for one in found]


def _run_backtest(given: argparse.Namespace) -> int:
    from pipelines.train.backtest import backtest
    from pipelines.train.backtest_text import backtest_text

    answer = backtest(
        given.workspace, days=given.days, periods=given.periods, seed=given.seed, progress=say
    )
    if given.json:
        print_json(answer)
    else:
        print(backtest_text(answer))
    return YES if all(result["gate"]["passed"] for result in answer["backtest"]) else NO


def _score(verbs: Any) -> None:
    one = verb(verbs, "score", _run_score, "score the open leads with the registered model")
    in_workspace(one)
    one.add_argument("--out", type=Path, metavar="FILE", help="CSV or Parquet (default: stdout)")
    one.add_argument("--as-of", metavar="TIME", help="judge at this time (default: the extract)")
    which_model(one)
    one.add_argument(
        "--unsigned", action="store_true", help="score even if the definition is not signed"
    )


def _run_score(given: argparse.Namespace) -> int:
    from pipelines.score.score import scores_text, write_scores

    summary = write_scores(
        given.workspace,
        out=given.out,
        as_of=given.as_of,
        model=given.model,
        unsigned=given.unsigned,
        as_json=given.json,
        progress=say,
    )
    say(scores_text(summary))
    return YES


def _explain(verbs: Any) -> None:
    one = verb(verbs, "explain", _run_explain, "print the hand-off brief of one lead")
    one.add_argument("lead", metavar="LEAD", help="the lead's id")
    in_workspace(one)
    one.add_argument("--as-of", metavar="TIME", help="judge at this time (default: the extract)")
    which_model(one)


def _run_explain(given: argparse.Namespace) -> int:
    from pipelines.score.brief_text import brief_text
    from pipelines.score.explain import explain

    brief = explain(given.workspace, given.lead, as_of=given.as_of, model=given.model)
    if given.json:
        print_json(brief.to_json())
    else:
        print(brief_text(brief))
    return YES


def _report(verbs: Any) -> None:
    one = verb(verbs, "report", _run_report, "write the report as one offline HTML page")
    in_workspace(one, as_json=False)
    one.add_argument(
        "--out", type=Path, metavar="FILE", help="default: report.html beside the data"
    )
    one.add_argument("--model", default=None, metavar="VERSION", help="default: the newest version")


def _run_report(given: argparse.Namespace) -> int:
    from pipelines.report.report import report

    print(report(given.workspace, out=given.out, model=given.model))
    return YES


def _models(verbs: Any) -> None:
    one = verb(verbs, "models", _run_models, "list the registered versions")
    in_workspace(one)
    one.add_argument("--rollback", action="store_true", help="make the previous champion champion")


def _run_models(given: argparse.Namespace) -> int:
    from pipelines.models import list_models, models_text, roll_back

    if given.rollback:
        say(f"version {roll_back(given.workspace)} is champion again")
    versions = list_models(given.workspace)
    if given.json:
        print_json(versions)
    else:
        print(models_text(versions))
    return YES


def _agreement(verbs: Any) -> None:
    words = "where the model and the agreed rules part ways, and who was right"
    one = verb(verbs, "agreement", _run_agreement, words)
    in_workspace(one)
    which_model(one)


def _run_agreement(given: argparse.Namespace) -> int:
    from pipelines.definition.disagreement import agreement, render

    answer = agreement(given.workspace, model=given.model, progress=say)
    if given.json:
        print_json(answer)
    else:
        print(render(answer))
    return YES


def _demo(verbs: Any) -> None:
    one = verb(verbs, "demo", _run_demo, "go the whole way with a simulated company")
    one.add_argument("--folder", type=Path, default=Path("demo"), metavar="DIR", help="where")


def _run_demo(given: argparse.Namespace) -> int:
    from pipelines.simulator.demo import demo

    return YES if demo(given.folder, progress=say) else NO


if __name__ == "__main__":
    sys.exit(main())
