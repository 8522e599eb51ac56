"""The sections of ``leadready.yaml``: which keys each one may have, and typed access to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from features.files.database import table_name
from features.workspace.job_schema import GUARDS
from features.workspace.yaml_with_lines import Place

FILE_KEYS = ("file", "source", "table", "query")  # a file, or the rows of a database
KEYS: dict[str, tuple[str, ...]] = {  # every key that the file may have, by section
    "": (
        "name",
        "definition",
        "model",
        "extract_at",
        "leads",
        "events",
        "stages",
        "field_history",
        "moment",
        "outcome",
        "evaluation",
        "old_score",
        "card",
        "guards",
        "ledger",
        "export",
    ),
    "leads": (
        *FILE_KEYS,
        "sheet",
        "encoding",
        "id",
        "account",
        "contact",
        "created",
        "null_values",
        "date_format",
        "decimal",
        "join",
        "columns",
    ),
    "leads.join": (*FILE_KEYS, "sheet", "encoding", "on", "key", "match", "partial"),
    "leads.columns": (
        "feature",
        "family",
        "type",
        "label",
        "unit",
        "decimal",
        "choices",
        "separator",
        "ignore",
        "leak",
        "known_at_moment",
    ),
    "events": (
        *FILE_KEYS,
        "sheet",
        "encoding",
        "lead",
        "contact",
        "account",
        "on",
        "match",
        "partial",
        "time",
        "kind",
        "kind_is",
        "rename_kinds",
        "kinds",
        "complete",
        "asset",
        "campaign",
        "value",
        "by_sales",
        "date_format",
        "decimal",
        "null_values",
    ),
    "events.by_sales": ("column", "values"),
    "stages": (
        *FILE_KEYS,
        "sheet",
        "encoding",
        "lead",
        "on",
        "match",
        "partial",
        "stage",
        "time",
        "reason",
        "amount",
        "date_format",
        "decimal",
        "null_values",
    ),
    "field_history": (
        *FILE_KEYS,
        "sheet",
        "encoding",
        "lead",
        "on",
        "match",
        "partial",
        "column",
        "time",
        "old",
        "new",
        "until",
        "date_format",
        "null_values",
    ),
    "moment": ("column", "plus_days", "closed", "every_days"),
    "outcome": (
        "won_when",
        "lost_when",
        "won_at",
        "amount",
        "horizon_days",
        "reason",
        "reasons",
        "unknown_when",
        "with_sales_when",
        "open_when",
        "worked",
        "immature",
        "unworked",
    ),
    "outcome.worked": ("stages", "events", "within_days"),
    "evaluation": (
        "order_by",
        "test_from",
        "test_until",
        "test_share",
        "outcomes",
        "allow_random_split",
        "allowed_by",
    ),
    "old_score": ("column", "best", "best_first", "probability", "known_at_moment"),
    "card": ("features",),
    "guards": GUARDS,
    "ledger": ("file", "url", "keep_days"),
    "export": ("columns",),
}


@dataclass(frozen=True)
class Section:
    """A section of the file with its keys.

    Attributes
    ----------
    path : str
        Its name, such as ``leads`` or ``events.0``.
    place : Place
        Its content.
    places : dict of str to str
        Filled with the line and column of each key, by path: ``leads.id``.
    required : tuple of str
        Keys that must be there.
    keys : mapping of str to Place
        The keys that have a value.
    """

    path: str
    place: Place
    places: dict[str, str]
    required: tuple[str, ...] = ()
    keys: Mapping[str, Place] = field(init=False)

    def __post_init__(self) -> None:
        allowed = KEYS[re.sub(r"(?s)\.\d+|(?<=leads\.columns)\..*", "", self.path)]
        keys = {
            key: place
            for key, place in self.place.mapping(allowed, self._needed()).items()
            if place.value is not None
        }
        object.__setattr__(self, "keys", keys)
        self.places[self.path] = self.place.where
        self.places.update({self._path(key): place.where for key, place in keys.items()})

    def section(self, key: str, required: Iterable[str] = ()) -> Section:
        """Give the section under a key."""
        return Section(self._path(key), self.keys[key], self.places, tuple(required))

    def sections(self, key: str, required: Iterable[str]) -> list[Section]:
        """Give the sections in a list; a single one needs no list."""
        if key not in self.keys:
            return []
        place, needed = self.keys[key], tuple(required)
        items = [place] if isinstance(place.value, dict) else place.items()
        return [
            Section(f"{self._path(key)}.{position}", item, self.places, needed)
            for position, item in enumerate(items)
        ]

    def _needed(self) -> tuple[str, ...]:
        """The keys that must be there: a source stands in the place of a file."""
        content = self.place.value
        if isinstance(content, dict) and "source" in content:
            return tuple("source" if key == "file" else key for key in self.required)
        return self.required

    def file(self) -> str:
        """Give the name of the file, or what stands for the rows of a database."""
        if "source" not in self.keys:
            for key in ("table", "query"):
                if key in self.keys:
                    raise self.keys[key].wrong(f"{key} belongs to a source", "write  source: …")
            return self.text("file")
        if "file" in self.keys:
            raise self.keys["file"].wrong("expected either a file or a source")
        if ("table" in self.keys) == ("query" in self.keys):
            raise self.keys["source"].wrong("expected either table or query beside the source")
        table, query = self.optional_text("table"), self.optional_text("query")
        return table_name(self.text("source"), table=table, query=query)

    def text(self, key: str) -> str:
        """Give the text of a required key."""
        return self.keys[key].raw_text()

    def optional_text(self, key: str) -> str | None:
        """Give the text of a key, None if it is not there."""
        return self.text(key) if key in self.keys else None

    def sign(self, key: str, default: str) -> str:
        """Give the sign of a key, which may be a line break; the default if it is not there."""
        return self.keys[key].sign() if key in self.keys else default

    def texts(self, key: str) -> tuple[str, ...]:
        """Give the texts of a key, none if it is not there."""
        return self.keys[key].raw_texts() if key in self.keys else ()

    def date_formats(self, key: str) -> tuple[str, ...]:
        """Give the date formats of a key, none if it is not there."""
        return self.keys[key].date_formats() if key in self.keys else ()

    def whole(self, key: str, low: int) -> int | None:
        """Give the whole number of a key, None if it is not there."""
        return self.keys[key].whole(low) if key in self.keys else None

    def flag(self, key: str) -> bool:
        """Give the truth value of a key, False if it is not there."""
        return key in self.keys and self.keys[key].flag()

    def choice(self, key: str, options: Iterable[str]) -> str | None:
        """Give the choice of a key, None if it is not there."""
        return self.keys[key].choice(options) if key in self.keys else None

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
