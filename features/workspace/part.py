"""Parts of ``leadready.yaml``: the keys that each part may have, and where each of them stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from features.workspace.yaml_with_lines import Place

KEYS: dict[str, tuple[str, ...]] = {  # every key that the file may have, by part
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
    ),
    "leads": (
        "file",
        "sheet",
        "id",
        "account",
        "contact",
        "created",
        "null_values",
        "date_format",
        "join",
        "columns",
    ),
    "leads.join": ("file", "sheet", "on", "key"),
    "leads.columns": (
        "feature",
        "family",
        "type",
        "label",
        "unit",
        "ignore",
        "leak",
        "known_at_moment",
    ),
    "events": (
        "file",
        "sheet",
        "lead",
        "contact",
        "account",
        "time",
        "kind",
        "kind_is",
        "rename_kinds",
        "asset",
        "campaign",
        "value",
        "by_sales",
        "date_format",
        "null_values",
    ),
    "events.by_sales": ("column", "values"),
    "stages": (
        "file",
        "sheet",
        "lead",
        "stage",
        "time",
        "reason",
        "amount",
        "date_format",
        "null_values",
    ),
    "field_history": ("file", "sheet", "lead", "column", "time", "date_format", "null_values"),
    "moment": ("column", "plus_days", "closed", "every_days"),
    "outcome": (
        "column",
        "won",
        "won_at",
        "amount",
        "horizon_days",
        "reason",
        "reasons",
        "unknown_when",
        "worked",
        "immature",
        "unworked",
    ),
    "outcome.worked": ("stages", "events", "within_days"),
    "evaluation": ("order_by", "test_from", "test_until", "test_share", "outcomes"),
}


@dataclass(frozen=True)
class Part:
    """A part of the file with its keys; it notes down where each of them stands."""

    path: str
    place: Place
    places: dict[str, str]
    required: tuple[str, ...] = ()
    keys: Mapping[str, Place] = field(init=False)

    def __post_init__(self) -> None:  # noqa: D105
        known = KEYS[re.sub(r"\.\d+|(?<=leads\.columns)\..*", "", self.path)]
        keys = {
            key: one
            for key, one in self.place.mapping(known, self.required).items()
            if one.value is not None
        }
        object.__setattr__(self, "keys", keys)
        self.places[self.path] = self.place.where
        self.places.update({joined(self.path, key): one.where for key, one in keys.items()})

    def part(self, key: str, required: Iterable[str] = (), under: str = "") -> Part:
        """The part under a key."""
        place = self.keys[key]
        return Part(joined(self.path, under or key), place, self.places, tuple(required))

    def each(self, key: str, required: Iterable[str]) -> list[Part]:
        """The parts in a list of parts; one alone needs no list."""
        if key not in self.keys:
            return []
        place = self.keys[key]
        many = [place] if isinstance(place.value, dict) else place.items()
        path, wanted = joined(self.path, key), tuple(required)
        return [Part(f"{path}.{i}", one, self.places, wanted) for i, one in enumerate(many)]

    def texts(self, *keys: str) -> dict[str, Any]:
        """The values of keys that are there and hold one text."""
        return {key: self.keys[key].written() for key in keys if key in self.keys}

    def lists(self, *keys: str) -> dict[str, Any]:
        """The values of keys that are there and hold texts."""
        return {key: self.keys[key].listed() for key in keys if key in self.keys}

    def whole(self, key: str, low: int) -> dict[str, Any]:
        """The value of a key that is there and holds a whole number."""
        return {key: self.keys[key].whole(low)} if key in self.keys else {}


def joined(path: str, key: str) -> str:
    """Name a key of a part: ``leads.id``."""
    return f"{path}.{key}" if path else key
