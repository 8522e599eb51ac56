"""Where each value of a definition stands in its file, so that an error can point at it.

The file is read by the served file's own loader: what is checked here is to the letter what the
registered model reads.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from features.errors import LeadReadyError
from model.serving import Yaml


def read_places(path: Path) -> Place:
    """Read a YAML file of keys and values.

    Raises
    ------
    LeadReadyError
        Where there is no such file, or it is not YAML, or holds no keys.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), _WrittenOut)
        value = None if node is None else _WrittenOut("").construct_document(node)
    except FileNotFoundError:
        says = "leadready init writes a draft; leadready.yaml names the file under  definition:"
        raise LeadReadyError("there is no definition", where=str(path), hint=says) from None
    except (OSError, UnicodeDecodeError) as error:
        hint = "save it as UTF-8 text" if isinstance(error, UnicodeDecodeError) else None
        raise LeadReadyError(f"cannot be read: {error}", where=str(path), hint=hint) from error
    except yaml.YAMLError as error:
        raise _not_yaml(path, error) from error
    except RecursionError:
        raise LeadReadyError("values are nested too deep", where=str(path)) from None
    if not isinstance(node, yaml.MappingNode):
        what = "expected keys and values, such as  ready_when: …"
        raise LeadReadyError(what, where=f"{path}:1:1", hint="leadready init writes a draft")
    return Place(value, node, str(path))


def _not_yaml(path: Path, error: yaml.YAMLError) -> LeadReadyError:
    mark, where = getattr(error, "problem_mark", None), str(path)
    if mark is not None:
        where += f":{mark.line + 1}:{mark.column + 1}"
    problem = getattr(error, "problem", None) or str(error)
    hint = "look for a missing colon, bracket or quote, or a tab, there or on the line above"
    return LeadReadyError(f"not YAML: {problem}", where=where, hint=hint)


class _WrittenOut(Yaml):
    """YAML without aliases: a few lines of those can stand for a billion values."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(problem="write it out, without  *", problem_mark=mark)
        return super().compose_node(parent, index)


@dataclass(frozen=True)
class Place:
    """A value and where it stands.

    Attributes
    ----------
    value : object
        What stands there: a mapping, list, text, number, truth value or nothing.
    node : yaml.Node
        The same with its marks.
    file : str
        The file's name.
    key : str
        The key that it stands under.
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
        about = f"{self.key}: " if self.key else ""
        return LeadReadyError(about + what, where=self.where, hint=hint)

    def unknown(
        self, name: str, known: Iterable[str], what: str, hint: str | None = None
    ) -> LeadReadyError:
        """Make an error that names the nearest right name."""
        return LeadReadyError.unknown(name, known, what=what, where=self.where, hint=hint)

    def mapping(
        self, known: Iterable[str] | None, required: Iterable[str] = (), what: str = "key"
    ) -> dict[str, Place]:
        """Give the places under each key; ``known`` keys only, unless it is None."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"expected {what}s and values, got {shown(self.value)}")
        names, places = None if known is None else list(known), dict[str, Place]()
        for key_node, node in self.node.value:
            key, here = key_node.value, Place(None, key_node, self.file)
            if key_node.tag != "tag:yaml.org,2002:str":
                raise here.wrong(f"expected a text as {what}, got {key}", f"write  '{key}'")
            if key in places:
                raise here.wrong(f"the {what} {key!r} is there twice")
            if names is not None and key not in names:
                raise here.unknown(key, names, what)
            places[key] = Place(self.value[key], node, self.file, key)
        for key in required:
            if key not in places:
                raise self.wrong(f"the key {key!r} is missing")
        return places

    def items(self, at_least: int = 0, exactly: int | None = None) -> list[Place]:
        """Give the places in a list."""
        empty = self.value is None and not at_least and exactly is None
        if not empty and not isinstance(self.value, list):
            hint = f"write  [{self.value}]" if isinstance(self.node, yaml.ScalarNode) else None
            raise self.wrong(f"expected a list, got {shown(self.value)}", hint)
        nodes = [] if empty else self.node.value
        if len(nodes) < at_least:
            raise self.wrong("the list is empty")
        if exactly is not None and len(nodes) != exactly:
            raise self.wrong(f"expected {exactly} values, got {len(nodes)}")
        values = [] if empty else self.value
        keys = [self.key if isinstance(one, yaml.ScalarNode) else "" for one in nodes]
        told = zip(values, nodes, keys, strict=True)
        return [Place(value, node, self.file, key) for value, node, key in told]

    def text(self) -> str:
        """Give a text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            hint = f"write  '{self.value}'" if isinstance(self.value, (int, float)) else None
            raise self.wrong(f"expected a text, got {shown(self.value)}", hint)
        return self.value

    def number(self, low: float = float("-inf"), high: float = float("inf")) -> float:
        """Give a number between two others."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.wrong(f"expected a number, got {shown(self.value)}")
        if not low <= self.value <= high or not math.isfinite(self.value):
            within = f"between {low:g} and {high:g}" if high < float("inf") else f"at least {low:g}"
            raise self.wrong(f"expected a number {within}, got {self.value:g}")
        return self.value

    def whole(self, low: int) -> int:
        """Give a whole number of at least so much."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < low:
            what = f"expected a whole number of at least {low}, got {shown(self.value)}"
            raise self.wrong(what)
        return self.value

    def flag(self) -> bool:
        """Give true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong(f"expected true or false, got {shown(self.value)}")
        return self.value

    def choice(self, options: Iterable[str]) -> str:
        """Give one of some texts."""
        if self.value not in (names := list(options)):
            raise self.unknown(str(self.value), names, self.key or "choice")
        return str(self.value)

    def day(self) -> str:
        """Give a date, written as 2026-10-01."""
        try:
            date.fromisoformat(str(self.value))
        except ValueError:
            what = f"expected a date such as 2026-10-01, got {shown(self.value)}"
            raise self.wrong(what) from None
        return str(self.value)


def shown(value: Any) -> str:
    """Say a value in an error.

    Examples
    --------
    >>> shown("many"), shown(None), shown([1])
    ("'many'", 'nothing', 'a list')
    """
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "keys and values"
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return text if len(text) <= 40 else f"{text[:39]}…"
