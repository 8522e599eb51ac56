"""The brief as one offline page of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context
from typing import NamedTuple

from features import text
from pipelines.brief.brief_text import brief_parts
from pipelines.brief.explain import Brief
from pipelines.pages.shell import environment, page_style

UNBROKEN = 100_000  # columns: the browser breaks the lines


class BriefPart(NamedTuple):
    """A part of the page: its heading, which may be empty, and its lines."""

    heading: str
    lines: Sequence[str]


def brief_page(brief: Brief) -> str:
    """Write a brief as a page; everything that comes from the data is escaped."""
    head, *parts = copy_context().run(_unbroken_parts, brief)
    template = environment().get_template("brief.html")
    content = {"style": page_style(), "head": head, "parts": list(map(_part, parts))}
    return str(template.render(content))


def _unbroken_parts(brief: Brief) -> list[list[str]]:
    text.WIDTH.set(UNBROKEN)
    return brief_parts(brief)


def _part(lines: Sequence[str]) -> BriefPart:
    """Tell the heading of a part from its lines, which are indented."""
    titled = len(lines) > 1 and lines[1].startswith(" ")
    heading, rest = (lines[0], lines[1:]) if titled else ("", lines)
    return BriefPart(heading, [line.strip() for line in rest])
