"""Signing leaves the file as people wrote it; a later change is noticed and shown in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import LeadReadyError
from model.definition.read import read_definition
from model.definition.signatures import (
    missing_signatures,
    sign_file,
    signature_statuses,
    with_signature,
    without_void_signatures,
)
from model.serving import Signature

TEXT = """\
# What we agreed in May.
version: 4   # the fourth
ready_when:
  - {id: right-size, feature: employees, at_least: 50,  # no department below
     because: "small, and busy"}
handoff: {per_week: 40}
"""
LINE = Signature("sales", "Ann Keller", "2026-10-01", "ab12")
NEW = "  - {team: sales, name: Ann Keller, on: 2026-10-01,\n     digest: ab12}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "definition.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TEXT, f"{TEXT}agreed:\n{NEW}\n"),
        (TEXT.rstrip("\n"), f"{TEXT}agreed:\n{NEW}\n"),
        (f"agreed: []  # not yet\n{TEXT}", f"agreed:\n{NEW}  # not yet\n{TEXT}"),
        (f"agreed:\n{TEXT}", f"agreed:\n{NEW}\n{TEXT}"),
        (
            "agreed:\n  # both\n  - {team: legal, name: B, on: 2026-01-01, digest: x}  # B\n"
            "version: 4\n",
            "agreed:\n  # both\n  - {team: legal, name: B, on: 2026-01-01, digest: x}  # B\n"
            f"{NEW}\nversion: 4\n",
        ),
        (
            "agreed:\n  - {team: sales, name: B, on: 2026-01-01, digest: x}\n  # end\nversion: 4\n",
            f"agreed:\n{NEW}\n  # end\nversion: 4\n",
        ),
        (
            "agreed:\n- team: sales\n  name: B\n  on: 2026-01-01\n  digest: x  # old\n\nversion: 4\n",
            "agreed:\n- {team: sales, name: Ann Keller, on: 2026-10-01,\n   digest: ab12}  # old\n\n"
            "version: 4\n",
        ),
        ("version: 4\r\n", "version: 4\r\nagreed:\r\n" + NEW.replace("\n", "\r\n") + "\r\n"),
    ],
)
def test_only_the_line_of_the_signature_is_written(before: str, after: str) -> None:
    assert with_signature(before, LINE) == after


@pytest.mark.parametrize("name", ["Ann Keller", "Zoë O'Neil", "no", "1", 'A "B": {c}, #d', "x: y"])
def test_any_name_reads_back(path: Path, name: str) -> None:
    sign_file(path, team="sales", name=name, on="2026-10-01")
    assert read_definition(path).signatures[0].name == name


def test_a_definition_is_signed_when_every_team_has(path: Path) -> None:
    sign_file(path, team="sales", name="Ann", on="2026-10-01")
    assert not read_definition(path).signed
    sign_file(path, team="marketing", name="Ben", on="2026-10-02")
    assert read_definition(path).signed
    assert path.read_text(encoding="utf-8").startswith(TEXT)
    sign_file(path, team="sales", name="Cleo", on="2026-10-03")  # another signs for the same team
    assert [line.name for line in read_definition(path).signatures] == ["Cleo", "Ben"]


def test_one_changed_character_voids_every_signature_and_is_listed(path: Path) -> None:
    for team in ("sales", "marketing"):
        sign_file(path, team=team, name="Ann", on="2026-10-01")
    path.write_text(path.read_text().replace("at_least: 50", "at_least: 51"), encoding="utf-8")
    definition = read_definition(path)
    statuses = signature_statuses(definition, path)
    assert list(map(str, statuses)) == [
        f"{team}: Ann, 2026-10-01: void, changed since: right-size: at least 50 → at least 51 "
        "employees"
        for team in ("sales", "marketing")
    ]
    assert missing_signatures(definition, statuses)[0] == (
        "the signature of sales is void, the file has changed since: right-size: at least 50 → at "
        "least 51 employees"
    )
    assert without_void_signatures(definition.content)["agreed"] == []
    assert len(definition.content["agreed"]) == 2, "the content itself is left alone"


def test_a_signed_copy_that_was_changed_as_well_is_not_used(path: Path) -> None:
    signed = sign_file(path, team="sales", name="Ann", on="2026-10-01")
    copy = path.with_suffix(".signed") / f"{signed.digest}.yaml"
    copy.write_text(copy.read_text().replace("at_least: 50", "at_least: 51"), encoding="utf-8")
    path.write_text(path.read_text().replace("at_least: 50", "at_least: 52"), encoding="utf-8")
    (status,) = signature_statuses(read_definition(path), path)
    assert status.changes is None
    assert str(status) == (
        "sales: Ann, 2026-10-01: void, the file has changed since (no copy of what was signed is "
        "here)"
    )


def test_a_change_that_no_words_show_is_named_as_such(path: Path) -> None:
    sign_file(path, team="sales", name="Ann", on="2026-10-01")
    path.write_text(path.read_text().replace("version: 4 ", "version: '4' "), encoding="utf-8")
    (status,) = signature_statuses(read_definition(path), path)
    assert str(status).endswith("void, changed since: only how the same content is written")


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ({"team": "sale"}, "unknown team 'sale'; did you mean 'sales'?"),
        ({"name": "  "}, "--name: the name is empty"),
        ({"on": "yesterday"}, "--on: 'yesterday' is not a date or time"),
    ],
)
def test_who_cannot_sign(path: Path, who: dict[str, str], says: str) -> None:
    with pytest.raises(LeadReadyError) as caught:
        sign_file(path, **{"team": "sales", "name": "Ann", **who})
    assert str(caught.value).replace(f"{path}: ", "") == says
    assert path.read_text(encoding="utf-8") == TEXT
