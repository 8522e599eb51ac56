"""How a command of ``leadready`` is declared: one function, with examples in its help."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from features.errors import LeadReadyError
from pipelines.cli.faults import ERROR, FAILED, SUCCESS, debug_option

__all__ = ["ERROR", "FAILED", "SUCCESS", "Verb", "Verbs", "verb"]
WRITTEN = ("out", "summary", "log")  # options that name a file to write


class _Examples(click.Command):
    """A command whose help ends with examples, lines to type."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples
        self.params.append(debug_option())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        with formatter.section("Examples" if len(self.examples) > 1 else "Example"):
            for line in self.examples:
                formatter.write(f"  {line}\n")


class Verb(_Examples):
    """A command that does something; its function returns the exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; a reader of its output who has seen enough is no error."""
        files = {name: ctx.params[name] for name in WRITTEN if ctx.params.get(name) is not None}
        if files and "workspace" in ctx.params:
            from pipelines.inputs import refuse_input

            _refuse_same_file(files)
            for option, path in files.items():
                refuse_input(ctx.params["workspace"], path, f"--{option}")
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return SUCCESS


def _refuse_same_file(files: Mapping[str, Path]) -> None:
    """Refuse to write two things into one file."""
    options: dict[Path, str] = {}
    for option, path in files.items():
        if (other := options.setdefault(path.resolve(), option)) != option:
            what = f"{path} is the file of --{other} as well"
            raise LeadReadyError(what, where=f"--{option}", hint="name two files")


class Verbs(_Examples, click.Group):
    """A group of verbs, listed as they were added; a mistyped one gets a suggestion."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs in their order."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that is meant.

        Raises
        ------
        LeadReadyError
            When there is no such verb; it names the nearest.
        """
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            hint = f"{ctx.command_path} --help lists them"
            raise LeadReadyError.unknown(args[0], self.commands, what="command", hint=hint)
        return super().resolve_command(ctx, args)


def verb(name: str, *examples: str) -> Callable[[Callable[..., int]], Verb]:
    """Make a verb of a function that takes the options and returns the exit code.

    Examples
    --------
    >>> @verb("hello", "leadready hello")
    ... def hello_command() -> int:
    ...     return SUCCESS
    >>> hello_command.name, hello_command.main([], standalone_mode=False)
    ('hello', 0)
    """
    return click.command(name, cls=Verb, examples=examples)
