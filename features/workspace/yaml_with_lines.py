"""YAML values that know their line, so that an error can point at it.

Both files that people write, ``leadready.yaml`` and the definition, are read here. Every key and
value keeps its file, line and column; an invalid one is refused with what was expected and the most
similar valid name. Text stays text: ``on``, ``no``, ``012`` and ``2026-10-01`` do not turn into
truth values, numbers or dates unless the reader asks for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from features.dates.formats import check_date_format
from features.dates.one_time import read_time
from features.errors import LeadReadyError
from features.plain_yaml import PlainYaml, compose_yaml

LARGEST = 5_000_000  # bytes; files that people write by hand are smaller


def read_places(
    path: Path, *, what: str = "file", missing: str | None = None, keys: str = "key: value"
) -> Place:
    """Read a YAML file of keys and values.

    Parameters
    ----------
    path : path
        The file.
    what, missing, keys : str
        For errors: what the file is, the hint if it does not exist, an example of its keys.

    Raises
    ------
    LeadReadyError
        If the file does not exist, is not YAML, or has no keys.
    """
    try:
        node = compose_yaml(_content(path))
        value = None if node is None else PlainYaml("").construct_document(node)
    except FileNotFoundError:
        raise LeadReadyError(f"there is no {what}", where=str(path), hint=missing) from None
    except (OSError, UnicodeDecodeError) as error:
        hint = "save it as UTF-8 text" if isinstance(error, UnicodeDecodeError) else None
        if isinstance(error, NotADirectoryError):
            raise LeadReadyError(
                "a workspace is a folder, but this is a file",
                where=str(path.parent),
                hint="name the folder that contains leadready.yaml: -w DIR",
            ) from None
        raise LeadReadyError(f"cannot be read: {error}", where=str(path), hint=hint) from error
    except yaml.YAMLError as error:
        raise _not_yaml(path, error) from error
    except RecursionError:
        raise LeadReadyError("values are nested too deeply", where=str(path)) from None
    if not isinstance(node, yaml.MappingNode):
        hint = "leadready init writes a draft"
        raise LeadReadyError(
            f"expected keys and values, such as  {keys}", where=f"{path}:1:1", hint=hint
        )
    return Place(value, node, str(path))


def _content(path: Path) -> str:
    if path.is_file() and path.stat().st_size > LARGEST:
        raise OSError(f"it has {path.stat().st_size:,} bytes; is it the right file?")
    return path.read_text(encoding="utf-8-sig")


def _not_yaml(path: Path, error: yaml.YAMLError) -> LeadReadyError:
    mark, where = getattr(error, "problem_mark", None), str(path)
    if mark is not None:
        where += f":{mark.line + 1}:{mark.column + 1}"
    problem = getattr(error, "problem", None) or str(error)
    hint = "look for a missing colon, bracket or quote, or a tab, there or on the line above"
    return LeadReadyError(f"not YAML: {problem}", where=where, hint=hint)


@dataclass(frozen=True)
class Place:
    """A value of a YAML file and where it is.

    Attributes
    ----------
    value : object
        A mapping, list, text, number, truth value or None.
    node : yaml.Node
        The same as a YAML node, with its line and column.
    file : str
        The file's name.
    key : str
        The key that it belongs to.
    """

    value: Any
    node: yaml.Node
    file: str
    key: str = ""

    @property
    def where(self) -> str:
        """File, line and column."""
        mark = self.node.start_mark
        return f"{self.file}:{mark.line + 1}:{mark.column + 1}"

    def wrong(self, what: str, hint: str | None = None) -> LeadReadyError:
        """Make an error that points here."""
        prefix = f"{self.key}: " if self.key else ""
        return LeadReadyError(prefix + what, where=self.where, hint=hint)

    def unknown(
        self, name: str, known: Iterable[str], what: str, hint: str | None = None
    ) -> LeadReadyError:
        """Make an error that suggests the most similar valid name."""
        return LeadReadyError.unknown(name, known, what=what, where=self.where, hint=hint)

    def mapping(
        self,
        known: Iterable[str] | None,
        required: Iterable[str] = (),
        what: str = "key",
        as_written: bool = False,
    ) -> dict[str, Place]:
        """Give the value of each key.

        Parameters
        ----------
        known : iterable of str or None
            The keys that are allowed; None for any.
        required : iterable of str
            The keys that must be there.
        what : str
            What a key is, for errors.
        as_written : bool
            Whether keys such as ``2024`` or ``true`` are accepted, as text.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"expected {what}s and values, got {yaml_value_text(self.value)}")
        allowed, places = None if known is None else list(known), dict[str, Place]()
        for key_node, node in self.node.value:
            key, key_place = key_node.value, Place(None, key_node, self.file)
            is_text = key_node.tag == "tag:yaml.org,2002:str"
            if not is_text and not (as_written and isinstance(key_node, yaml.ScalarNode)):
                raise key_place.wrong(f"expected a text as {what}, got {key}", f"write  '{key}'")
            if key in places:
                raise key_place.wrong(f"the {what} {key!r} is repeated")
            if allowed is not None and key not in allowed:
                raise key_place.unknown(key, allowed, what, self._comma_hint(key, node, places))
            value = self.value[key] if is_text else self.value[_construct(key_node)]
            places[key] = Place(value, node, self.file, key)
        for key in required:
            if key not in places:
                raise self.wrong(f"the key {key!r} is missing")
        return places

    def _comma_hint(self, key: str, node: yaml.Node, before: Iterable[str]) -> str | None:
        """Explain a text that was cut at its comma: ``{because: large, and growing}``."""
        cut = isinstance(node, yaml.ScalarNode) and not node.value and not node.style
        *_, last = ["", *before]
        if not (cut and last and isinstance(self.node, yaml.MappingNode) and self.node.flow_style):
            return None
        return f'a text with a comma needs quotes:  {last}: "{self.value[last]}, {key}"'

    def items(self, at_least: int = 0, exactly: int | None = None) -> list[Place]:
        """Give the values of a list.

        Parameters
        ----------
        at_least, exactly : int, optional
            How many values there must be.
        """
        empty = self.value is None and not at_least and exactly is None
        if not empty and not isinstance(self.value, list):
            hint = f"write  [{self.value}]" if isinstance(self.node, yaml.ScalarNode) else None
            raise self.wrong(f"expected a list, got {yaml_value_text(self.value)}", hint)
        nodes = [] if empty else self.node.value
        if len(nodes) < at_least:
            raise self.wrong("the list is empty")
        if exactly is not None and len(nodes) != exactly:
            raise self.wrong(f"expected {exactly} values, got {len(nodes)}")
        values = [] if empty else self.value
        keys = [self.key if isinstance(node, yaml.ScalarNode) else "" for node in nodes]
        items = zip(values, nodes, keys, strict=True)
        return [Place(value, node, self.file, key) for value, node, key in items]

    def text(self) -> str:
        """Give a text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            hint = f"write  '{self.value}'" if isinstance(self.value, (int, float)) else None
            raise self.wrong(f"expected a text, got {yaml_value_text(self.value)}", hint)
        return self.value

    def raw_text(self) -> str:
        """Give a text as it is written: ``1``, ``yes`` and ``2024-07-01`` are texts here."""
        if not isinstance(self.node, yaml.ScalarNode) or not str(self.node.value).strip():
            raise self.wrong(f"expected a text, got {yaml_value_text(self.value)}")
        if self.value is None:
            raise self.wrong("expected a text, got nothing", f"write  '{self.node.value}'")
        return str(self.node.value)

    def sign(self) -> str:
        """Give what stands between values, which may be a line break."""
        if not isinstance(self.value, str) or not self.value:
            raise self.wrong(f"expected a sign such as ';', got {yaml_value_text(self.value)}")
        return self.value

    def raw_texts(self) -> tuple[str, ...]:
        """Give texts as they are written: a list of them, or a single one."""
        if isinstance(self.node, yaml.ScalarNode):
            return (self.raw_text(),)
        return tuple(item.raw_text() for item in self.items(at_least=1))

    def time(self) -> pd.Timestamp:
        """Give a date or a time, as UTC without a time zone."""
        text = self.raw_text()
        try:
            return read_time(text)
        except LeadReadyError as error:
            several = " can be " in error.what
            what = f"expected a date such as 2024-07-01, got {yaml_value_text(text)}"
            raise self.wrong(error.what if several else what, error.hint) from None

    def date_formats(self) -> tuple[str, ...]:
        """Give formats of dates: a list of them, or a single one."""
        formats = self.raw_texts()
        for date_format in formats:
            try:
                check_date_format(date_format)
            except LeadReadyError as error:
                raise self.wrong(error.what, error.hint) from None
        return formats

    def number(self, low: float = float("-inf"), high: float = float("inf")) -> float:
        """Give a number within bounds."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.wrong(f"expected a number, got {yaml_value_text(self.value)}")
        if not low <= self.value <= high or not math.isfinite(self.value):
            bounds = f"between {low:g} and {high:g}" if high < float("inf") else f"at least {low:g}"
            raise self.wrong(f"expected a number {bounds}, got {self.value:g}")
        return self.value

    def whole(self, low: int) -> int:
        """Give a whole number of at least ``low``."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < low:
            what = f"expected a whole number of at least {low}, got {yaml_value_text(self.value)}"
            raise self.wrong(what)
        return self.value

    def flag(self) -> bool:
        """Give true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong(f"expected true or false, got {yaml_value_text(self.value)}")
        return self.value

    def choice(self, options: Iterable[str]) -> str:
        """Give a text that must be one of the options."""
        if self.value not in (names := list(options)):
            raise self.unknown(str(self.value), names, self.key or "choice")
        return str(self.value)

    def day(self) -> str:
        """Give a date, written as 2026-10-01."""
        try:
            date.fromisoformat(str(self.value))
        except ValueError:
            what = f"expected a date such as 2026-10-01, got {yaml_value_text(self.value)}"
            raise self.wrong(what) from None
        return str(self.value)


def _construct(node: yaml.Node) -> Any:
    return PlainYaml("").construct_object(node)


def yaml_value_text(value: Any) -> str:
    """Write a value for an error.

    Examples
    --------
    >>> yaml_value_text("many"), yaml_value_text(None), yaml_value_text([1])
    ("'many'", 'nothing', 'a list')
    """
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "keys and values"
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return text if len(text) <= 40 else f"{text[:39]}…"
