"""Write ``docs/workshop.md``: a definition workshop with the real output of every command.

Two teams of the simulated company bring a draft that is too strict and has a useless criterion.
They check it, test it on past leads, ask for proposals, sign and adopt. Every figure on the page
comes from the commands on it. ``make workshop`` writes it again.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipelines.cli.main import main as leadready
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company

PAGE = Path(__file__).resolve().parents[1] / "docs" / "workshop.md"
FOLDER = "company"
# Twice the leads of the demo, for clearer evidence. With the seed of the demo, the last period
# refuses the model by chance (calibration slope 1.22, over all periods 0.92).
COMPANY = Settings(leads=24_000, events=360_000, seed=12)
DRAFT = (  # the teams' first draft: stricter than the data supports
    ("at_least: 50, asked_by: sales", "at_least: 200, asked_by: sales"),
    (
        "    - any:\n        - {id: decision-maker",
        "    - {id: established, feature: company_age, at_least: 15, asked_by: sales,"
        " because: young companies go bust}\n    - any:\n        - {id: decision-maker",
    ),
    ("{employees: 400, seniority", "{employees: 400, company_age: 30, seniority"),
    ("per_week: 40", "per_week: 30"),
)


class Step(NamedTuple):
    """The text before a command, the command, and how many lines of its output are shown."""

    words: str
    command: str
    lines: int = 40


def _signatures(file: str, day: str) -> tuple[Step, ...]:
    """The steps in which both teams sign a file."""
    sign = f"leadready definition sign {file} --on {day}"
    return (
        Step("", f'{sign} --team sales --name "Head of Sales"'),
        Step("", f'{sign} --team marketing --name "Head of Marketing"'),
    )


IN_USE = f"{FOLDER}/definition.yaml"
STEPS = (
    Step(
        """## 1. Is the draft sound?

Sales and marketing have written down what a sales-ready lead is. First: is the file valid, does
every criterion matter, and how many leads meet each of them?""",
        "leadready definition check",
    ),
    Step(
        """Both teams sign it as it is, and a first model is trained.""",
        f'leadready definition sign {IN_USE} --on 2026-10-05 --team sales --name "Head of Sales"',
    ),
    _signatures(IN_USE, "2026-10-05")[1],
    Step("", "leadready train", 3),
    Step(
        """## 2. What would it have meant for past leads?

The rules are applied to every past lead. Two lines deserve attention: how many ready leads there
would have been each week, compared with what sales can take, and how many wins would have been
missed.""",
        "leadready definition simulate",
        24,
    ),
    Step(
        """Sales could take five times as many leads as the rules call ready, and most wins are
missed. The draft is too strict. Which criterion is responsible?

## 3. What does the data suggest?

Every criterion is tested with another threshold, with other values, and left out. Missing criteria
are tested too. A change that helps on earlier leads is proposed only if later leads confirm it.""",
        "leadready definition propose --out new.yaml",
        62,
    ),
    Step(
        """The threshold for size is too high: companies with 50 to 200 employees are won as often
as larger ones. (The company is simulated, and the planted threshold is 50. Neither the teams nor
the software could know that.) The age of the company makes no difference, and none was planted.
Here the earlier leads do not show it clearly enough, so its criterion stays: a change is proposed
only if both halves support it. [How often such changes are found](verification.md).

## 4. What changes, in words and in leads?""",
        f"leadready definition diff {IN_USE} new.yaml --data",
    ),
    Step(
        """## 5. Sign and adopt

Both teams agree and sign the new file. Then it is adopted: the model in use scores with the new
definition. Nothing is retrained, but the checks that involve the definition run again.""",
        'leadready definition sign new.yaml --on 2026-10-06 --team sales --name "Head of Sales"',
    ),
    _signatures("new.yaml", "2026-10-06")[1],
    Step("", "leadready definition adopt new.yaml"),
    Step("", f"cp new.yaml {IN_USE}"),
    Step(
        """## 6. Where do model and definition still disagree?

Only leads that the model was not trained on are compared.""",
        "leadready agreement",
    ),
)

HEAD = """# A definition workshop, from the first draft to a signature

Two hours, both teams in one room, one screen. This page is a transcript: every command was run on
a simulated company like that of `leadready demo`, with twice its leads. The people and companies
are made up. `make workshop` writes the page again.

The teams' draft requires companies to have at least 200 employees and to be at least 15 years old.
Sales can take 30 leads a week. Long output is shortened, as marked. What the figures mean and how
chance is ruled out: [how proposals are made](proposals.md).
"""


def transcript() -> str:
    """Run every step in a temporary folder and return the page."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            _write_draft_company(Path(FOLDER))
            return "\n".join([HEAD, *_blocks()])
        finally:
            os.chdir(before)


def _write_draft_company(folder: Path) -> None:
    write_company(simulate_company(COMPANY), folder)
    path = folder / "definition.yaml"
    text = path.read_text(encoding="utf-8").partition("agreed:")[0]
    for old, new in DRAFT:
        if text.count(old) != 1:
            raise ValueError(f"the company's definition has no single {old!r}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def _blocks() -> Iterator[str]:
    for step in STEPS:
        if step.words:
            yield step.words + "\n"
        ours = step.command.startswith("leadready")
        command = f"{step.command} -w {FOLDER}" if ours else step.command
        print(command, file=sys.stderr, flush=True)
        output = shortened(output_of(command), step.lines)
        yield "\n".join(["```console", f"$ {command}", *([output] if output else []), "```\n"])


def output_of(command: str) -> str:
    """Run a command and return what it prints to stdout."""
    words = shlex.split(command)
    if words[0] == "cp":
        shutil.copy(words[1], words[2])
        return ""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = leadready(words[1:])
    if code == 2:
        raise RuntimeError(f"{command}: {errors.getvalue()}")
    return out.getvalue().rstrip()


def shortened(output: str, lines: int) -> str:
    """Cut long output, and count the lines that are left out.

    Examples
    --------
    >>> print(shortened("a\\nb\\nc", 2))
    a
    b
    … 1 more line
    """
    whole = output.splitlines()
    more = len(whole) - lines
    rest = [f"… {more} more line{'s' if more > 1 else ''}"] if more > 0 else []
    return "\n".join([*(line.rstrip() for line in whole[:lines]), *rest])


def main() -> int:
    """Write the page."""
    PAGE.write_text(transcript(), encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
