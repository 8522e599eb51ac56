"""YAML with few surprises: text stays text, and aliases are refused.

It is scanned by libyaml, several times as fast as Python. What libyaml refuses is read again by the
plain reader, whose messages people know.
"""

from __future__ import annotations

import re
from typing import Any

import yaml


class _NoAliases:
    """Refuses aliases, which can expand to a billion values."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse ``*alias``."""
        loader: Any = self
        base: Any = super()
        if loader.check_event(yaml.AliasEvent):
            mark = loader.peek_event().start_mark
            raise yaml.composer.ComposerError(
                problem="write it out instead of using *", problem_mark=mark
            )
        return base.compose_node(parent, index)


class PlainYaml(_NoAliases, yaml.SafeLoader):
    """Safe YAML with few surprises."""


PlainYaml.yaml_implicit_resolvers = {}  # its own: without this, those of SafeLoader
_PLAIN = {
    "null": "~|null|",
    "bool": "true|false",
    "int": r"[-+]?(0|[1-9]\d*)",
    "float": r"([-+]?\d+\.\d*|\.\d+)([eE][-+]\d+)?",
}
for _tag, _form in _PLAIN.items():
    PlainYaml.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_form})$"), None)


class QuickYaml(_NoAliases, yaml.composer.Composer, yaml.CSafeLoader):
    """The same, with the scanner of libyaml: several times as fast, with messages of its own.

    Only the scanner is taken from there: libyaml composes nodes by a recursion that ends the
    process where values are nested too deeply.
    """

    yaml_implicit_resolvers = PlainYaml.yaml_implicit_resolvers

    def __init__(self, stream: str) -> None:
        yaml.CSafeLoader.__init__(self, stream)
        yaml.composer.Composer.__init__(self)


def compose_yaml(text: str) -> yaml.Node | None:
    """Compose a document quickly; if it is refused, again, for messages that people know.

    Raises
    ------
    YAMLError
        When the text is no YAML.

    Examples
    --------
    >>> compose_yaml("a: 1").value[0][1].value
    '1'
    """
    try:
        return yaml.compose(text, QuickYaml)
    except (yaml.YAMLError, UnicodeEncodeError):
        return yaml.compose(text, PlainYaml)
