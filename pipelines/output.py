"""What commands print: an answer as JSON for programs, or as text for people.

Tables are written by ``pipelines/table_files``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from features.text import CONTROL, percent, printable
from features.whole_file import write_whole

Answer = TypeVar("Answer")


def print_answer(answer: Answer, text: Callable[[Answer], str], as_json: bool) -> None:
    """Print an answer to stdout, as JSON for programs or as text for people.

    An answer that is not plain data gives it by ``to_json``.

    Examples
    --------
    >>> print_answer({"leads": 2}, lambda answer: f"{answer['leads']} leads", as_json=False)
    2 leads
    """
    if as_json:
        print_json(answer.to_json() if hasattr(answer, "to_json") else answer)
    else:
        print(printable(text(answer)))


def print_json(answer: Any) -> None:
    """Print an answer to stdout as JSON.

    Examples
    --------
    >>> print_json({"promoted": True})
    {
      "promoted": true
    }
    """
    print(json_text(answer))


def json_text(answer: Any) -> str:
    """Write an answer as strict JSON, in UTF-8; control characters are written as escapes."""
    text = json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False, default=_record_fields)
    return CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _record_fields(value: Any) -> Any:
    """Give the fields of a dataclass by name, and anything else as text."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)


def print_or_write(text: str, path: Path | None) -> None:
    """Write a text to a file, which appears whole or not at all, or print it to stdout.

    Examples
    --------
    >>> print_or_write("SELECT 1", None)
    SELECT 1
    """
    if path is None:
        print(printable(text))
    else:
        write_whole(path, f"{text}\n")


def chance_text(probability: float) -> str:
    """Write a probability as a percentage that is never 0% or 100%.

    Examples
    --------
    >>> chance_text(0.34), chance_text(0.004), chance_text(0.997)
    ('34%', 'under 1%', 'over 99%')
    """
    if probability < 0.01:
        return "under 1%"
    return "over 99%" if probability > 0.99 else percent(probability)
