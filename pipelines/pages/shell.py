"""The frame of an offline page: its head, style and navigation, and the templates of all pages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipelines.pages.glossary import with_meanings

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


@cache
def environment() -> Environment:
    """Give the templates of the pages; every value is escaped, and a missing one is an error."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    rooms = ("pages", "workshop", "workshop.live", "report", "brief")
    loader = ChoiceLoader([PackageLoader(f"pipelines.{room}", "") for room in rooms])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.filters["terms"] = with_meanings
    return made


def page_style() -> Markup:
    """Give the style sheet that all pages share."""
    from markupsafe import Markup

    templates = environment()
    assert templates.loader is not None
    return Markup(templates.loader.get_source(templates, "page.css")[0])
