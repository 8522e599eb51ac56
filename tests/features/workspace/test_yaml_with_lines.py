"""Every value of a YAML file knows its line, and text stays the text that it looks like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from features.errors import LeadReadyError
from features.plain_yaml import PlainYaml, QuickYaml
from features.workspace.yaml_with_lines import LARGEST, Place, read_places
from model.serving import Yaml

ARTIFACTS = Path(__file__).parents[2] / "artifacts"


def places(tmp_path: Path, text: str) -> dict[str, Place]:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    return read_places(tmp_path / "a.yaml").mapping(None, as_written=True)


def error(place: Place, getter: str, *arguments: object) -> str:
    with pytest.raises(LeadReadyError) as caught:
        getattr(place, getter)(*arguments)
    assert caught.value.where == place.where
    return caught.value.what


@pytest.mark.parametrize(
    "text", ["on", "off", "yes", "no", "012", "1_000", "0x1f", "1:30", "2024-07-01", "True", ".inf"]
)
def test_text_that_yaml_takes_for_something_else_stays_text(tmp_path: Path, text: str) -> None:
    place = places(tmp_path, f"a: {text}")["a"]
    assert place.value == text
    assert place.text() == text
    assert yaml.safe_load(f"a: {text}")["a"] != text, "plain YAML reads it as something else"


@pytest.mark.parametrize("key", ["on", "yes", "2024", "1.5", "true", "2024-07-01", "~x"])
def test_keys_are_text_as_written(tmp_path: Path, key: str) -> None:
    assert list(places(tmp_path, f"{key}: 1")) == [key]


def test_a_key_that_is_not_text_is_refused_where_names_are_expected(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("2024: 1")
    with pytest.raises(LeadReadyError, match="expected a text as key, got 2024") as caught:
        read_places(tmp_path / "a.yaml").mapping(None)
    assert caught.value.hint == "write  '2024'"


def test_line_and_column_are_those_of_the_value(tmp_path: Path) -> None:
    found = places(tmp_path, "# a comment\na:   x\nb: [1,\n    two]\n")
    assert found["a"].where.endswith("a.yaml:2:6")
    assert found["b"].items()[1].where.endswith("a.yaml:4:5")


def test_raw_texts_are_as_written(tmp_path: Path) -> None:
    found = places(tmp_path, "a: [1, 1.50, yes, 2024-07-01, 'x y', true]\nb: 007\nc: 1")
    assert found["a"].raw_texts() == ("1", "1.50", "yes", "2024-07-01", "x y", "true")
    assert found["b"].raw_texts() == ("007",)
    assert found["c"].raw_text() == "1"


@pytest.mark.parametrize(
    ("text", "getter", "arguments", "message"),
    [
        ("[1]", "raw_text", (), "a: expected a text, got a list"),
        ("''", "raw_text", (), "a: expected a text, got ''"),
        ("null", "raw_text", (), "a: expected a text, got nothing"),
        ("[]", "raw_texts", (), "a: the list is empty"),
        ("[[1]]", "raw_texts", (), "expected a text, got a list"),
        ("{b: 1}", "raw_texts", (), "a: expected a list, got keys and values"),
        ("soon", "time", (), "a: expected a date such as 2024-07-01, got 'soon'"),
        ("2024", "time", (), "a: expected a date such as 2024-07-01, got '2024'"),
        ("2024-13-01", "time", (), "a: expected a date such as 2024-07-01, got '2024-13-01'"),
        ("'7'", "whole", (1,), "a: expected a whole number of at least 1, got '7'"),
        ("0", "whole", (1,), "a: expected a whole number of at least 1, got 0"),
        ("true", "whole", (1,), "a: expected a whole number of at least 1, got true"),
        ("yes", "flag", (), "a: expected true or false, got 'yes'"),
        ("2", "number", (0, 1), "a: expected a number between 0 and 1, got 2"),
        ("[x]", "mapping", (None,), "a: expected keys and values, got a list"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_at_its_place(
    tmp_path: Path, text: str, getter: str, arguments: tuple[object, ...], message: str
) -> None:
    (tmp_path / "a.yaml").write_text(f"a: {text}")
    place = read_places(tmp_path / "a.yaml").mapping(None)["a"]
    if text == "[[1]]":
        place = place.items()[0]
        getter = "raw_text"
    assert error(place, getter, *arguments) == message


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-07-01", "2024-07-01"),
        ("2024-07-01T12:30", "2024-07-01 12:30"),
        ("'2024-07-01 12:30'", "2024-07-01 12:30"),
        ("2024-07-01T12:30+02:00", "2024-07-01 10:30"),
        ("2024-07-01T12:30Z", "2024-07-01 12:30"),
    ],
)
def test_times_are_in_utc_without_a_time_zone(tmp_path: Path, text: str, utc: str) -> None:
    time = places(tmp_path, f"a: {text}")["a"].time()
    assert time == pd.Timestamp(utc)
    assert time.tzinfo is None


def test_an_unknown_key_gets_the_most_similar_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("creatd: x")
    with pytest.raises(LeadReadyError, match="unknown key 'creatd'; did you mean 'created'"):
        read_places(tmp_path / "a.yaml").mapping(["created", "closed"])


def test_a_repeated_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match="the key 'a' is repeated") as caught:
        places(tmp_path, "a: 1\nb: 2\na: 3")
    assert str(caught.value.where).endswith(":3:1")


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: [1", "not YAML", ":1:6"),
        ("a: 1\n\tb: 2", "not YAML", ":2:1"),
        ("- a", "expected keys and values", ":1:1"),
        ("", "expected keys and values", ":1:1"),
        ("a: &x 1\nb: *x", "write it out", ":2:4"),
        ("a: !!python/object:os.system 1", "could not determine a constructor", ":1:4"),
        ("a: " + "[" * 5000, "not YAML|nested too deeply", ""),
    ],
)
def test_invalid_yaml_is_refused(tmp_path: Path, text: str, message: str, line: str) -> None:
    with pytest.raises(LeadReadyError, match=message) as caught:
        places(tmp_path, text)
    assert line in str(caught.value.where)


def test_missing_huge_and_badly_encoded_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match="there is no thing") as caught:
        read_places(tmp_path / "b.yaml", what="thing", missing="make one")
    assert caught.value.hint == "make one"
    (tmp_path / "huge.yaml").write_text("a: " + "x" * LARGEST)
    with pytest.raises(LeadReadyError, match="is it the right file"):
        read_places(tmp_path / "huge.yaml")
    (tmp_path / "latin.yaml").write_bytes("a: Käufer".encode("latin-1"))
    with pytest.raises(LeadReadyError, match="cannot be read") as caught:
        read_places(tmp_path / "latin.yaml")
    assert caught.value.hint == "save it as UTF-8 text"


def test_a_definition_is_read_here_as_the_served_file_reads_it() -> None:
    """The served file imports nothing from this project, so it has its own reader."""
    text = (ARTIFACTS / "definition_format_1.yaml").read_text(encoding="utf-8")
    odd = "{a: on, b: 012, c: 1.5, d: 1e5, e: ~, f: 2024-07-01, g: true, h: -3, i: +.5, j: null}"
    for content in (text, odd, "{a: .5, b: -0.5, c: -.5}"):
        assert yaml.load(content, PlainYaml) == yaml.load(content, Yaml)


def all_nodes(node: yaml.Node) -> Iterator[tuple[object, ...]]:
    """Every node with all that a reader looks at."""
    mark, quoted = node.start_mark, getattr(node, "style", None) or ""
    yield node.tag, mark.index, mark.line, mark.column, node.end_mark.index
    yield quoted, bool(getattr(node, "flow_style", None))
    if isinstance(node, yaml.ScalarNode):
        yield (node.value,)
        return
    for part in node.value:
        for inner in part if isinstance(node, yaml.MappingNode) else (part,):
            yield from all_nodes(inner)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "# é\nключ: {größe: [1, 2.5, ~, true], 东京: 'it''s'}\n",
        'a: "line \\n \\u00fc 😀"\n😀: x\n',
        "a: |\n  two\n  lines\nb: >-\n  folded\n  text\n",
        "a: a text\n  that goes on\nb:\n- c: 1\n  d: 2\n- [x, y]\n",
        "a:\nb: ''\n? long key\n: value\n",
        "\r\na: 1\r\nb: 2\r\n",
    ],
)
def test_both_readers_give_the_same_nodes(text: str) -> None:
    quick, plain = (yaml.compose(text, loader) for loader in (QuickYaml, PlainYaml))
    assert list(all_nodes(quick)) == list(all_nodes(plain))


@pytest.mark.parametrize(
    "text", ["a: [1", "a: b: c", "\ta: 1", "a: *b", "a: &b 1\nc: *b", "a: \x07"]
)
def test_what_is_refused_is_refused_in_the_words_of_the_plain_reader(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(yaml.YAMLError) as of_plain:
        yaml.compose(text, PlainYaml)
    with pytest.raises(LeadReadyError) as told:
        read_places(tmp_path / "a.yaml")
    assert str(getattr(of_plain.value, "problem", None) or of_plain.value) in told.value.what
