"""The frame of an offline page: its head, style and navigation, and the templates of all pages."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pipelines.pages.glossary import with_meanings

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


CONTROLS = dict.fromkeys(  # of the direction, without width, and of a terminal
    (
        *(0x061C, 0x200B, 0x200E, 0x200F, 0xFEFF),
        *(*range(0x202A, 0x202F), *range(0x2066, 0x206A)),
        *(*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)),
    )
)
QUOTED_FROM_THE_RIGHT = re.compile("“([^”]*[\u0590-\u08ff\ufb1d-\ufefc][^”]*)”")


class Exactly(str):
    """A text that a page sends back as it is, such as the value of a box to tick."""


def in_its_own_direction(value: Any) -> Any:
    """Keep what is written from right to left from turning the words around it.

    Characters that change the direction of what follows, or that nobody sees, are left out, and a
    quotation that is read from right to left stands on its own.

    Examples
    --------
    >>> in_its_own_direction("turned down as \u202eabc")
    'turned down as abc'
    >>> ascii(in_its_own_direction("“\u0645” is enough"))
    "'\\\\u201c\\\\u2068\\\\u0645\\\\u2069\\\\u201d is enough'"
    """
    if not isinstance(value, str) or isinstance(value, Exactly):
        return value
    plain = value.translate(CONTROLS)
    if not QUOTED_FROM_THE_RIGHT.search(plain):
        return plain
    return type(value)(QUOTED_FROM_THE_RIGHT.sub("“\u2068\\1\u2069”", plain))


@cache
def environment() -> Environment:
    """Give the templates of the pages; every value is escaped, and a missing one is an error."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    rooms = ("pages", "workshop", "workshop.live", "report", "brief")
    loader = ChoiceLoader([PackageLoader(f"pipelines.{room}", "") for room in rooms])
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=in_its_own_direction,
    )
    made.filters["terms"] = with_meanings
    made.filters["exactly"] = Exactly
    return made


def page_style() -> Markup:
    """Give the style sheet that all pages share."""
    from markupsafe import Markup

    templates = environment()
    assert templates.loader is not None
    return Markup(templates.loader.get_source(templates, "page.css")[0])
