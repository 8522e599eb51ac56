"""What a run of the scoring job leaves for those who did not watch it: a summary and a log.

The summary is one line of JSON for schedulers. It is written however the run ends, and replaces
that of the last run. The log gets a line for each message; then nothing is printed unless something
is wrong, so that cron sends no mail.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.progress import Progress, Step
from features.text import printable
from features.whole_file import refuse_missing_folder, write_whole
from pipelines.cli.faults import SUCCESS, exit_code, reason_and_hint
from pipelines.score.summary import ScoringSummary, scores_text

Print = Callable[[str], None]
RESULTS = (  # of the summary; None where the run did not get so far
    "as_of",
    "model_version",
    "definition_version",
    "leads",
    "written",
    "closed",
    "without_prediction",
    "decisions",
    "forced",
    "warnings",
    "out",
)


class RunRecord:
    """A run that is being recorded.

    Attributes
    ----------
    summary, log : Path or None
        The files to write.
    print_message : callable
        Prints what a person should read, where there is no log.
    """

    def __init__(self, summary: Path | None, log: Path | None, print_message: Print) -> None:
        self.summary, self.log, self.print_message = summary, log, print_message
        self.started, self.clock = utc_text(), time.monotonic()
        self.results: dict[str, object] = {}

    def tell(self, message: str) -> None:
        """Write a message into the log, or print it where there is none."""
        if self.log is None:
            self.print_message(message)
        else:
            self._write_log(message)

    def listening(self, progress: Progress) -> Progress:
        """Write what is being done into the log as well."""

        def listen(message: str) -> None:
            progress(message)
            if self.log is not None and not isinstance(message, Step):
                self._write_log(message)

        return listen

    def finish(self, summary: ScoringSummary) -> None:
        """Tell what the run did, and write the summary."""
        self.results = summary.to_json()
        self.tell(scores_text(summary))
        self.write_summary(SUCCESS)

    def fail(self, error: BaseException) -> None:
        """Write why the run ended."""
        reason, hint = reason_and_hint(error)
        if self.log is not None:
            self._write_log(f"error: {reason}" + (f"\nhint: {hint}" if hint else ""))
        self.write_summary(exit_code(error), reason, hint, getattr(error, "guards", ()))

    def write_summary(
        self, code: int, reason: str | None = None, hint: str | None = None, guards: Any = ()
    ) -> None:
        """Write the summary in one line, with the same keys however the run ended."""
        if self.summary is None:
            return
        content = {
            "exit": code,
            "reason": reason,
            "hint": hint,
            "guards": list(guards),
            "started_at": self.started,
            "seconds": round(time.monotonic() - self.clock, 3),
            **{name: self.results.get(name) for name in RESULTS},
        }
        write_whole(self.summary, json.dumps(content, ensure_ascii=True) + "\n")

    def _write_log(self, message: str) -> None:
        assert self.log is not None
        with self.log.open("a", encoding="utf-8") as file:
            file.writelines(f"{utc_text()}  {line}\n" for line in printable(message).split("\n"))


@contextmanager
def recorded_run(
    summary: Path | None, log: Path | None, print_message: Print
) -> Iterator[RunRecord]:
    """Record a run, however it ends.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with recorded_run(None, folder / "score.log", print) as record:
    ...     record.tell("2 open leads")
    >>> (folder / "score.log").read_text()[20:]
    '  2 open leads\\n'
    """
    for option, path in (("--summary", summary), ("--log", log)):
        if path is not None:
            refuse_missing_folder(path, option)
    record = RunRecord(summary, log, print_message)
    try:
        yield record
    except BaseException as error:
        record.fail(error)
        raise


def utc_text() -> str:
    """Write the present time in UTC.

    Examples
    --------
    >>> len(utc_text())
    20
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
