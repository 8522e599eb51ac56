"""Values written as YAML read back as the same values."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from features.plain_yaml import PlainYaml
from features.text import printable, yaml_inline

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LOADERS = (yaml.SafeLoader, PlainYaml)


@given(TEXTS)
@example("a: b")
@example("yes")
@example("#x")
@example("- e")
@example('say "f"')
@example("1")
@example("  i")
@example("null")
@example("~")
@example("")
@example("2024-01-01")
@example("%d")
@example("a\x85b\u2028c\x7f\ufeff")
@example("\U0001f600 \x80")
def test_any_text_reads_back(text: str) -> None:
    for loader in LOADERS:
        assert yaml.load(f"[{yaml_inline(text)}]   # why", loader) == [text]
        assert yaml.load(f"{yaml_inline(text)}: 1   # why", loader) == {text: 1}


@pytest.mark.parametrize("text", ["Lead Source", "vp", "Größe (m)", "a/b-c"])
def test_ordinary_text_is_not_quoted(text: str) -> None:
    assert yaml_inline(text) == text


@pytest.mark.parametrize(
    "value",
    [
        50,
        50.0,
        0.25,
        1e20,
        -1e-07,
        1.5e-07,
        True,
        None,
        ["a, b", 1],
        {"id": "a", "one_of": ["no", "b"]},
    ],
)
def test_other_values_read_back(value: object) -> None:
    for loader in LOADERS:
        assert yaml.load(yaml_inline(value), loader) == value


@pytest.mark.parametrize("code", [0x00, 0x07, 0x0D, 0x1B, 0x7F, 0x9B, 0x200F, 0x202E, 0x2066])
def test_characters_that_command_a_terminal_are_shown_as_codes(code: int) -> None:
    shown = printable(f"a{chr(code)}b\tc\nd")
    assert shown.isprintable() or shown.replace("\t", "").replace("\n", "").isprintable()
    assert chr(code) not in shown
    assert shown.endswith("b\tc\nd")
