"""What people see besides results: messages, errors and progress, all on stderr.

Colour is used on a terminal only, and never where ``NO_COLOR`` is set. Progress is shown on a
terminal only. No line is wider than the terminal.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

import click

from features.errors import LeadReadyError
from features.progress import Progress, Step, no_progress
from features.text import percent, printable, width, wrap

QUIET = "leadready.quiet"  # key of the context: whether --quiet was given
TITLES = {"error": "red", "hint": "cyan"}


def say(message: str) -> None:
    """Print a message to stderr, unless ``--quiet`` was given.

    Examples
    --------
    >>> say("2 leads written")
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(QUIET):
        return
    _print_message(message)


def _print_message(message: str) -> None:
    for line in printable(message).split("\n"):
        for part in wrap(line, hanging="  ") or [""]:
            print(part, file=sys.stderr, flush=True)


def ask_on_terminal(question: str) -> str:
    """Ask a person a question on the terminal; an empty answer is possible."""
    _print_message(question)
    answer: str = click.prompt("", default="", show_default=False, prompt_suffix="> ", err=True)
    return answer


def refuse_without_terminal(option: str, hint: str) -> None:
    """Refuse an option that asks questions where nobody can answer."""
    if not sys.stdin.isatty():
        raise LeadReadyError(f"{option} asks questions, but there is no terminal", hint=hint)


def say_error(what: str, hint: str | None = None) -> None:
    """Print an error, and how to correct it, to stderr."""
    for title, text in (("error", what), ("hint", hint)):
        if text:
            first, *rest = _wrap_under(f"{title}: ", printable(text))
            label = _coloured(f"{title}:", TITLES[title])
            print(label + first.removeprefix(f"{title}:"), *rest, sep="\n", file=sys.stderr)


def _wrap_under(title: str, text: str) -> list[str]:
    """Wrap a text line by line, each line of it beginning under the first."""
    blank = " " * len(title)
    lines = text.splitlines()
    return [
        part
        for place, line in enumerate(lines)
        for part in wrap(line, title if place == 0 else blank, blank) or [""]
    ]


def _coloured(text: str, colour: str) -> str:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not sys.stderr.isatty() else click.style(text, fg=colour, bold=True)


def progress_on(stream: TextIO, quiet: bool = False) -> Progress:
    """Choose how progress is shown on a stream: not at all unless it is a terminal."""
    if quiet or not stream.isatty():
        return no_progress
    shown = ProgressLines(stream)
    click.get_current_context().call_on_close(shown.finish)
    return shown


class ProgressLines:
    """Shows what is being done; a `Step` keeps to one line that is written again and again.

    Examples
    --------
    >>> lines = ProgressLines(sys.stdout)
    >>> lines("reading leads.csv")
    reading leads.csv
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.step = ""  # whose line is open
        self.since = time.monotonic()

    def __call__(self, message: str) -> None:
        """Show a message."""
        if isinstance(message, Step):
            if self.step not in ("", message.what):
                self.finish()
            self.step = message.what
            text = printable(step_text(message, time.monotonic() - self.since))
            self.stream.write(f"\r{text[: width() - 1]:<{width() - 1}}")
            if message.done >= message.total:
                self.finish()
        else:
            self.finish()
            print(*wrap(printable(message), hanging="  "), sep="\n", file=self.stream)
        self.stream.flush()

    def finish(self) -> None:
        """End the line that is open, if any; the next step begins now."""
        if self.step:
            self.stream.write("\n")
        self.step, self.since = "", time.monotonic()


def step_text(step: Step, seconds: float) -> str:
    """Say how far a step is and how fast it goes.

    Examples
    --------
    >>> step_text(Step("scoring leads", 50_000, 200_000), 2.0)
    'scoring leads: 50,000 of 200,000 (25%, 25,000 per second)'
    >>> step_text(Step("testing changes", 3, 4), 6.0)
    'testing changes: 3 of 4 (75%, 30 per minute)'
    """
    rate = step.done / max(seconds, 1e-9)
    each = f"{rate:,.0f} per second" if rate >= 1 else f"{60 * rate:,.0f} per minute"
    return f"{step} ({percent(step.done / max(step.total, 1))}, {each})"
