"""Labels: a version that only moves the level of version 3 is 3.1, everywhere people see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from model.gate import Gate
from model.registry.lookup import find_version
from model.registry.registry import Contents, Registry
from model.registry.sqlite_reader import Version

Make = Callable[..., Contents]
ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_2.json").read_text(encoding="utf-8"))
PASSED = [Gate("enough", True, "90 won", "40 won")]


def labelled(number: str, label: str | None = None) -> Version:
    return Version(number, "", "", 0, tags={"label": label} if label else {})


VERSIONS = [labelled("3"), labelled("4", "3.1"), labelled("5"), labelled("6", "3.2")]


@pytest.mark.parametrize(
    ("sought", "number"), [("3.1", "4"), ("v3.2", "6"), ("5", "5"), (3, "3"), ("4", "4")]
)
def test_a_version_is_found_by_its_label_and_by_its_number(sought: str, number: str) -> None:
    assert find_version(VERSIONS, sought, model="leads", where="here").version == number


@pytest.mark.parametrize(("sought", "nearest"), [("3.9", "3.2"), ("9", "5"), ("4.1", "3.1")])
def test_where_there_is_no_such_label_the_nearest_is_named(sought: str, nearest: str) -> None:
    with pytest.raises(LeadReadyError, match=f"no version {sought}; the nearest is {nearest}"):
        find_version(VERSIONS, sought, model="leads", where="here")


@pytest.fixture
def moved(three: Registry, contents: Make) -> Registry:
    """A registry whose champion, version 3, was followed by 3.1."""
    card = {**CARD, "level": CARD["level"] + 0.5, "version": "3.1"}
    assert three.log(contents(scorecard=card)) == "3.1"
    return three


def test_it_is_promoted_and_rolled_back_by_its_label(moved: Registry) -> None:
    assert moved.promote("3.1", PASSED, instead_of="3") == "3.1"
    loaded = moved.load("champion")
    assert (loaded.version, loaded.record.version, loaded.record.label) == ("3.1", "4", "3.1")
    assert moved.rollback() == "3"
    assert moved.load("champion").version == "3"


def test_a_version_compared_with_another_champion_is_not_promoted(
    moved: Registry, contents: Make
) -> None:
    moved.promote("3.1", PASSED, instead_of="3")
    new = moved.log(contents(300))
    assert new == "5"
    with pytest.raises(LeadReadyError, match=r"compared with version 3, .* is now 3\.1"):
        moved.promote(new, PASSED, instead_of="3")
    assert moved.promote(new, PASSED, instead_of="3.1") == "5"


def test_a_label_is_given_once(moved: Registry, contents: Make) -> None:
    with pytest.raises(LeadReadyError, match=r"version 3\.1 was registered by another process"):
        moved.log(contents(scorecard={**CARD, "version": "3.1"}))
    assert [version.label for version in moved.versions()] == ["1", "2", "3", "3.1"]


@pytest.mark.fresh_process
def test_mlflow_serves_it_under_its_label(moved: Registry, leads: pd.DataFrame) -> None:
    assert set(moved.served_scores("3.1", leads)["model_version"]) == {"3.1"}
