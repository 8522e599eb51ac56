"""The command line: ``leadready`` and its verbs.

Results go to stdout; progress and messages go to stderr. A verb is one function: it takes the
options, prints the answer and returns the exit code. It imports what it needs when it runs, so
that ``leadready --help`` stays quick.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence

import click
from click.shell_completion import get_completion_class

from features.errors import LeadReadyError
from features.text import printable
from pipelines.cli.command import ERROR, SUCCESS, Verbs, verb
from pipelines.cli.definition_verbs import definition
from pipelines.cli.faults import Debug, ended_cleanly, exit_code, reason_and_hint
from pipelines.cli.terminal import say_error
from pipelines.cli.workspace_verbs import WORKSPACE_VERBS

OBJECTS_BETWEEN_SEARCHES = 100_000  # Python's 700 costs a tenth of the time of a wide export
EPILOG = """\b
Results go to stdout; progress and messages go to stderr.
Exit codes: 0 success, 1 a check failed or the gate refused, 2 error."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code.

    Examples
    --------
    >>> main(["completion", "powershell"])
    2
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    debug = Debug()
    try:
        with ended_cleanly():
            code = leadready.main(arguments, "leadready", standalone_mode=False, obj=debug)
            return int(code or SUCCESS)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
    except click.Abort:
        say_error("interrupted")
    except Exception as error:  # whatever broke, people get a sentence; --debug shows the traceback
        if debug.asked:
            traceback.print_exc()
        _say_why(error)
        return exit_code(error)
    return ERROR


def _say_why(error: Exception) -> None:
    if isinstance(error, LeadReadyError):
        for note in getattr(error, "__notes__", ()):
            print(printable(note), end="\n\n", file=sys.stderr)
        say_error(*reason_and_hint(error))
    elif isinstance(error, click.UsageError):
        what = error.format_message().rstrip(".").replace(". Did you mean", "; did you mean")
        hint = f"{error.ctx.command_path} --help" if error.ctx else None
        say_error(what[:1].lower() + what[1:], hint)
    else:
        say_error(*reason_and_hint(error))


def _print_version(context: click.Context, option: click.Parameter, asked: bool) -> None:
    from importlib.metadata import PackageNotFoundError, version

    if asked:
        try:
            print(f"leadready {version('leadready')}")
        except PackageNotFoundError:  # run from a checkout that is not installed
            print("leadready (not installed)")
        context.exit()


@click.group(
    cls=Verbs,
    examples=("leadready demo", "leadready init acme --leads leads.csv"),
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def leadready() -> None:
    """Learn which leads become customers, and explain every score.

    The score is checked against the definition that sales and marketing agreed on.
    """


@verb(
    "completion",
    'eval "$(leadready completion bash)"',
    "leadready completion fish > ~/.config/fish/completions/leadready.fish",
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion_command(shell: str) -> int:
    """Print a completion script for bash, zsh or fish."""
    script = get_completion_class(shell)
    assert script is not None
    print(script(leadready, {}, "leadready", "_LEADREADY_COMPLETE").source())
    return SUCCESS


for command in (*WORKSPACE_VERBS, definition, completion_command):
    leadready.add_command(command)


if __name__ == "__main__":
    sys.exit(main())
