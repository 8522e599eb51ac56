"""The brief as one offline page of HTML."""

from __future__ import annotations

from pipelines.brief.brief_text import brief_parts
from pipelines.brief.explain import Brief
from pipelines.pages.shell import environment, page_style


def brief_page(brief: Brief) -> str:
    """Write a brief as a page; everything that comes from the data is escaped."""
    head, *parts = brief_parts(brief)
    lines = [[line for line in part if line.strip()] for part in parts]
    template = environment().get_template("brief.html")
    return str(template.render(style=page_style(), head=head, parts=lines))
