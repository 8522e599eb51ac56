"""Write ``docs/workshop.md``: the definition workshop, with what every command really said.

Two teams of the simulated company come with a first draft that is too strict, and with a criterion
that does nothing. They check it, hold it against history, ask for proposals, sign and adopt, twice.
Every figure in the page comes from the commands in it: run ``make workshop`` to write it again.
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
COMPANY = Settings(
    leads=24_000, events=360_000
)  # twice the demo's leads, so that lines can be told
DRAFT = (  # what the teams believe at first: more than the data bears out
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
    """What is said before a command, the command, and how many lines of its answer are shown."""

    words: str
    command: str
    lines: int = 40


def _signed(file: str, day: str) -> tuple[Step, ...]:
    """Both teams sign a file."""
    sign = f"leadready definition sign {file} --on {day}"
    return (
        Step("", f'{sign} --team sales --name "Head of Sales"'),
        Step("", f'{sign} --team marketing --name "Head of Marketing"'),
    )


IN_USE = f"{FOLDER}/definition.yaml"
STEPS = (
    Step(
        """## 1. Is the draft sound?

Sales and marketing have written down what a sales-ready lead is. First: can it be read, does every
line of it matter, and how many leads does each line let through?""",
        "leadready definition check",
    ),
    Step(
        """Both teams sign it as it stands, and a first model is trained, so that something is in
force.""",
        f'leadready definition sign {IN_USE} --on 2026-10-05 --team sales --name "Head of Sales"',
    ),
    _signed(IN_USE, "2026-10-05")[1],
    Step("", "leadready train", 3),
    Step(
        """## 2. What would it have meant?

The rules are held against every lead of the past. Two lines are worth a long look: how many ready
leads a week there would have been against what sales can take, and the wins that would have been
missed.""",
        "leadready definition simulate",
        24,
    ),
    Step(
        """The team could take five times as many ready leads as it would have got, and most wins
are missed. The draft is too strict. But which line is to blame?

## 3. What does the data propose?

Every line is tried: another threshold, no such line at all, other values on a list, something that
is missing. What is found on the earlier leads has to hold on the later ones.""",
        "leadready definition propose --out new.yaml",
        62,
    ),
    Step(
        """The size is to blame: companies of 50 to 200 employees are won no less often than larger
ones. (The company is simulated, and 50 employees is what its author planted. The teams could not
know, and neither could the software.) And the company's age, which nobody planted, does nothing.
With fewer leads either may go unsaid: where the later leads do not confirm a change, none is
proposed.

## 4. What changes, in words and in leads?""",
        f"leadready definition diff {IN_USE} new.yaml --data",
    ),
    Step(
        """## 5. Sign and adopt

Both teams agree and sign the new file. Then it is put in force beside the model that scores leads.
Nothing is trained again, but all that model and definition promise each other is checked.""",
        'leadready definition sign new.yaml --on 2026-10-06 --team sales --name "Head of Sales"',
    ),
    _signed("new.yaml", "2026-10-06")[1],
    Step("", "leadready definition adopt new.yaml"),
    Step("", f"cp new.yaml {IN_USE}"),
    Step(
        """## 6. Where do model and definition still disagree?

On leads that the model never learnt from, so that nobody marks their own homework.""",
        "leadready agreement",
    ),
)

HEAD = """# A definition workshop, from the first draft to a signature

Two hours, both teams in one room, one screen. This page is a transcript: every command was run on
a simulated company like that of `leadready demo`, with twice its leads, and every answer is what it
said. Nobody in it exists. `make workshop` writes it again.

The draft that the teams bring asks for companies of at least 200 employees and 15 years, for a
sales team that can take 30 leads a week. Long answers are cut where it says so. What the figures
mean, and how luck is ruled out: [how proposals are made](proposals.md).
"""


def transcript() -> str:
    """Go the whole way in a temporary folder, and give the page."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            _company(Path(FOLDER))
            return "\n".join([HEAD, *_told()])
        finally:
            os.chdir(before)


def _company(folder: Path) -> None:
    write_company(simulate_company(COMPANY), folder)
    path = folder / "definition.yaml"
    text = path.read_text(encoding="utf-8").partition("agreed:")[0]
    for old, new in DRAFT:
        if text.count(old) != 1:
            raise ValueError(f"the company's definition has no single {old!r}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def _told() -> Iterator[str]:
    for step in STEPS:
        if step.words:
            yield step.words + "\n"
        ours = step.command.startswith("leadready")
        command = f"{step.command} -w {FOLDER}" if ours else step.command
        print(command, file=sys.stderr, flush=True)
        answer = shown(said(command), step.lines)
        yield "\n".join(["```console", f"$ {command}", *([answer] if answer else []), "```\n"])


def said(command: str) -> str:
    """Run a command and give what it prints for people to read."""
    words = shlex.split(command)
    if words[0] == "cp":
        shutil.copy(words[1], words[2])
        return ""
    out, talk = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(talk):
        code = leadready(words[1:])
    if code == 2:
        raise RuntimeError(f"{command}: {talk.getvalue()}")
    return out.getvalue().rstrip()


def shown(answer: str, lines: int) -> str:
    """Cut a long answer, and say so.

    Examples
    --------
    >>> print(shown("a\\nb\\nc", 2))
    a
    b
    … 1 more line
    """
    whole = answer.splitlines()
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
