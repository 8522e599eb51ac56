"""The road of a stranger: six verbs on raw files, each as the command line runs it."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from features.text import interval, join, percent_interval
from model.gate import REFUSED
from model.training.intervals import Interval
from pipelines.cli.main import main
from pipelines.snapshot import read_snapshot
from verification.layouts.answers import (
    answered_name,
    confirmable,
    known_answers,
    write_answers,
)

VERBS = ("init", "check", "train", "score", "explain", "report")
WRAPPED = re.compile(r"\n\s+")


@dataclass(frozen=True)
class Road:
    """How far a company's raw files came.

    Attributes
    ----------
    name : str
    codes : dict of str to int
        The exit code of each verb.
    promoted : bool
    why : str
        The verdict on the version, or the error that ended the road.
    auc, wins : Interval or None
        AUC, and predicted over actual wins; None where no version was trained.
    asked : tuple of str
        The columns and kinds of events that the first training asked about by name.
    refused : tuple of str
        The checks that stood against the last version.
    """

    name: str
    codes: dict[str, int]
    promoted: bool
    why: str
    auc: Interval | None = None
    wins: Interval | None = None
    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def codes_text(self) -> str:
        """The exit codes in the order of the verbs."""
        return " ".join(str(self.codes.get(verb, "–")) for verb in VERBS)

    @property
    def text(self) -> str:
        """The road in a sentence.

        Examples
        --------
        >>> codes = {"init": 0, "check": 0, "train": 2}
        >>> Road("acme", codes, False, "all leads were won").text
        'exit codes 0 0 2 – – –; all leads were won'
        """
        figures = ""
        if self.auc is not None and self.wins is not None:
            figures = f"AUC {interval(*self.auc)}, predicted wins {percent_interval(*self.wins)}; "
        verdict = "promoted" if self.promoted else self.why
        if self.asked:
            verdict = f"asked about {join(self.asked)}; once answered: {verdict}"
        return f"exit codes {self.codes_text}; {figures}{verdict}"


def walk(
    name: str,
    folder: Path,
    init_arguments: Sequence[object] | None,
    as_of: str = "",
    *,
    answer: bool = False,
) -> Road:
    """Run the six verbs; what ``init`` writes is used as it is.

    Parameters
    ----------
    name : str
        Of the files, for people.
    folder : Path
        The workspace; made by ``init``.
    init_arguments : sequence or None
        Files and options of ``leadready init``; None for a workspace that somebody wrote.
    as_of : str
        The day to score at; by default the day after the last one that the data has.
    answer : bool
        Give the answers that the gate proposes, *known at the moment*, and train again.
    """
    codes: dict[str, int] = {}
    scores = folder / "scores.csv"
    here = ["-w", folder]
    if init_arguments is not None:
        codes["init"], said, _ = _run("init", folder, *init_arguments)
        if codes["init"]:
            return Road(name, codes, False, said)
    codes["check"] = _run("check", *here).code
    codes["train"], said, printed = _run("train", "--json", *here)
    if codes["train"] > 1:
        return Road(name, codes, False, said)
    training = json.loads(printed)
    asked = known_answers(training["gate"]) if answer else []
    if asked or (answer and confirmable(training["gate"])):
        write_answers(folder / "leadready.yaml", asked)
        confirmed = [] if asked else ["--confirmed-by", "verification"]
        codes["train"], said, printed = _run("train", "--json", *confirmed, *here)
        if codes["train"] > 1:
            return Road(name, codes, False, said)
        training = json.loads(printed)
    day = ["--as-of", as_of] if as_of else _last_day(folder)
    model = [] if training["promoted"] else ["--model", "challenger"]
    codes["score"] = _run("score", *here, *model, *day, "--out", scores).code
    if not codes["score"]:
        open_leads = pd.read_csv(scores, dtype="str", nrows=1)["lead_id"].tolist()
        lead, *_ = open_leads or read_snapshot(folder).moments["lead_id"]  # all may be closed
        codes["explain"] = _run("explain", lead, *here, *model, *day).code
    codes["report"] = _run("report", *here).code
    metrics = training["metrics"]
    return Road(
        name,
        codes,
        training["promoted"],
        training["verdict"],
        Interval(**metrics["auc"]),
        Interval(**metrics["expected_wins_ratio"]),
        tuple(map(answered_name, asked)),
        tuple(check["name"] for check in training["gate"] if check["state"] == REFUSED),
    )


def _last_day(folder: Path) -> list[str]:
    """Score at the day after the last one that the data has; today, if it has none."""
    last = read_snapshot(folder).extract_at
    if pd.isna(last):
        return []
    return ["--as-of", f"{last.floor('D') + pd.Timedelta(days=1):%Y-%m-%d}"]


class _Answer(NamedTuple):
    code: int
    error: str
    printed: str


def _run(*arguments: object) -> _Answer:
    """Run a verb quietly."""
    out, talk = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(talk):
        code = main([str(argument) for argument in arguments])
    error = talk.getvalue().rpartition("error: ")[2].partition("\nhint:")[0]
    return _Answer(code, WRAPPED.sub(" ", error).strip(), out.getvalue())
