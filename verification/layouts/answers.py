"""The answers that the gate asks for by name: found in its hints, written to ``leadready.yaml``.

Only what a hint proposes word for word is written, so the hints are tested too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

KNOWN = re.compile(r"([^;]+?): \{(…, )?known_at_moment: true\}")
KIND = re.compile(r"kinds: \{([^:{}]+): known_at_moment\}")
ASKED = "Answer in leadready.yaml: "
CONFIRM = "--confirmed-by NAME"


def known_answers(gate: Iterable[Mapping[str, Any]]) -> list[str]:
    """List the lines that answer *known at the moment*, as the hints propose them.

    Examples
    --------
    >>> hint = "was it known? Answer in leadready.yaml: Page: {…, known_at_moment: true}  or  "
    >>> hint += "Page: {leak: true}; kinds: {call: known_at_moment}  or  kinds: {call: leak}"
    >>> known_answers([{"passed": False, "hint": hint}])
    ['Page: {…, known_at_moment: true}', 'kinds: {call: known_at_moment}']
    """
    hints = [check["hint"] for check in gate if not check["passed"]]
    return [
        match.group()
        for hint in hints
        for proposal in hint.partition(ASKED)[2].split("; ")
        if (match := KNOWN.match(proposal) or KIND.match(proposal))
    ]


def confirmable(gate: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a check proposes that a person confirms what it cannot tell."""
    return any(not check["passed"] and CONFIRM in check["hint"] for check in gate)


def answered_name(line: str) -> str:
    """The column or kind of event that a line answers for.

    Examples
    --------
    >>> answered_name("Page: {…, known_at_moment: true}"), answered_name("kinds: {call: leak}")
    ('Page', 'call')
    """
    if line.startswith("kinds: {"):
        return line.removeprefix("kinds: {").partition(":")[0]
    return line.partition(": {")[0].strip("\"'")


def write_answers(file: Path, answers: Sequence[str]) -> None:
    """Write the answers to a workspace's file, each where the hint says.

    Raises
    ------
    ValueError
        If the file has no such line.
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    kinds = [answer for answer in answers if answer.startswith("kinds: {")]
    for answer in answers:
        if answer not in kinds:
            _answer_column(lines, answer)
    if kinds:
        named = ", ".join(f"{answered_name(kind)}: known_at_moment" for kind in kinds)
        place = next(n for n, line in enumerate(lines) if line.startswith("    kind: "))
        lines.insert(place, f"    kinds: {{{named}}}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _answer_column(lines: list[str], answer: str) -> None:
    name, _, keys = answer.partition(": {")
    if not keys.startswith("…, "):  # a link: a line of its own
        lines.insert(lines.index("  columns:") + 1, f"    {answer}")
        return
    for place, line in enumerate(lines):
        if line.startswith(f"    {name}: {{") and line.endswith("}"):
            lines[place] = f"{line[:-1]}, {keys.removeprefix('…, ')}"
            return
    raise ValueError(f"leadready.yaml has no line  {name}: {{…}}")
