"""Signing leaves the file as people wrote it; a change afterwards is noticed, and said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import LeadReadyError
from model.definition.diff import changes
from model.definition.read import read_definition
from model.definition.signatures import sign, signatures, standing, unsigned_because, with_signature

TEXT = """\
# What we agreed in May.
version: 4   # the fourth
ready_when:
  - {id: right-size, feature: employees, at_least: 50,  # no department below
     because: "small, and busy"}
handoff: {per_week: 40}
"""
LINE = {"team": "sales", "name": "Ann Keller", "on": "2026-10-01", "digest": "ab12"}
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
        (f"agreed: []  # nobody yet\n{TEXT}", f"agreed:\n{NEW}  # nobody yet\n{TEXT}"),
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
    sign(path, team="sales", name=name, on="2026-10-01")
    assert read_definition(path).signatures[0].name == name


def test_a_definition_is_signed_when_every_team_has(path: Path) -> None:
    sign(path, team="sales", name="Ann", on="2026-10-01")
    assert not read_definition(path).signed
    sign(path, team="marketing", name="Ben", on="2026-10-02")
    assert read_definition(path).signed
    assert path.read_text(encoding="utf-8").startswith(TEXT)
    sign(path, team="sales", name="Cleo", on="2026-10-03")  # another signs for the same team
    assert [line.name for line in read_definition(path).signatures] == ["Cleo", "Ben"]


def test_one_changed_character_voids_every_signature_and_is_said(path: Path) -> None:
    for team in ("sales", "marketing"):
        sign(path, team=team, name="Ann", on="2026-10-01")
    path.write_text(path.read_text().replace("at_least: 50", "at_least: 51"), encoding="utf-8")
    content = read_definition(path).content
    assert [str(one) for one in signatures(content, path)] == [
        f"{team}: Ann, 2026-10-01: void, changed since: right-size: at least 50 → at least 51 "
        "employees"
        for team in ("sales", "marketing")
    ]
    assert unsigned_because(content, signatures(content, path))[0] == (
        "the signature of sales is void, the file was changed since: right-size: at least 50 → at "
        "least 51 employees"
    )
    assert standing(content)["agreed"] == []
    assert len(content["agreed"]) == 2, "the content itself is left alone"


def test_a_kept_copy_that_was_changed_as_well_is_not_believed(path: Path) -> None:
    signed = sign(path, team="sales", name="Ann", on="2026-10-01")
    kept = path.with_suffix(".signed") / f"{signed.digest}.yaml"
    kept.write_text(kept.read_text().replace("at_least: 50", "at_least: 51"), encoding="utf-8")
    path.write_text(path.read_text().replace("at_least: 50", "at_least: 52"), encoding="utf-8")
    (found,) = signatures(read_definition(path).content, path)
    assert found.changes is None
    assert str(found) == (
        "sales: Ann, 2026-10-01: void, the file was changed since (what was signed is not kept "
        "here)"
    )


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ({"team": "sale"}, "unknown team 'sale'; did you mean 'sales'?"),
        ({"name": "  "}, "--name: the name is empty"),
        ({"on": "yesterday"}, "--on: 'yesterday' is not a day"),
    ],
)
def test_who_cannot_sign(path: Path, who: dict[str, str], says: str) -> None:
    with pytest.raises(LeadReadyError) as caught:
        sign(path, **{"team": "sales", "name": "Ann", **who})
    assert str(caught.value).replace(f"{path}: ", "") == says
    assert path.read_text(encoding="utf-8") == TEXT


def test_every_part_that_changed_is_said() -> None:
    vp = {"id": "vp", "feature": "seniority", "one_of": ["vp"], "because": "they sign"}
    web = {"id": "web", "feature": "webinars_30d", "at_least": 1}
    old = {
        "version": 4,
        "horizon_days": 90,
        "terms": {"lead": "a person"},
        "ready_when": {"all": [vp, {"any": [web]}]},
        "never_when": [{"id": "student", "feature": "seniority", "equals": "student"}],
        "expect": [{"feature": "employees", "direction": "increasing"}],
        "points": {"threshold": 5, "give": [web | {"points": 5}]},
        "examples": [{"lead": {"seniority": "vp"}, "verdict": "ready"}],
        "handoff": {"per_week": 40},
        "tolerance": {"agreement": 0.7},
    }
    new = {
        "version": 5,
        "horizon_days": 60,
        "terms": {"lead": "somebody"},
        "ready_when": {"all": [vp | {"because": "they pay"}, web | {"at_least": 2}]},
        "points": {"threshold": 9, "give": [web | {"points": 3}]},
        "examples": [{"lead": {"seniority": "vp"}, "verdict": "unknown"}],
        "handoff": {"per_week": 30, "explore": 0.1},
        "tolerance": {},
    }
    assert changes(old, new, {"webinars_30d": "webinars"}) == [
        "version: 4 → 5",
        "horizon days: 90 → 60",
        "term lead: a person → somebody",
        "vp, because: they sign → they pay",
        "web: at least 1 → at least 2 webinars",
        "ready when: web moved to another group, which now reads: seniority is vp, and webinars at "
        "least 2",
        "never when, removed: student (seniority is student)",
        "expected, removed: employees increasing",
        "points threshold: 5 → 9",
        "points for webinars at least 1: +5 → +3",
        "example 1: verdict: ready → unknown",
        "handoff per_week: 40 → 30",
        "handoff explore: nothing → 0.1",
        "tolerance agreement: 0.7 → nothing",
    ]
    assert changes(old, old) == []


def test_an_example_that_tells_of_the_same_lead_is_said_once() -> None:
    small = {"lead": {"employees": 12}, "verdict": "not ready", "because": "too small"}
    large = {"lead": {"employees": 400}, "verdict": "ready", "because": "closed in three weeks"}
    rules = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    new = [
        large | {"lead": {"employees": 500, "seniority": "vp"}},
        {"lead": {"employees": 60}, "verdict": "ready"},
    ]
    assert changes(rules | {"examples": [small, large]}, rules | {"examples": new}) == [
        "example 1: employees 400 → 500; seniority not known → vp",
        "example, removed: employees 12: not ready (too small)",
        "example, added: employees 60: ready",
    ]
    again = [small | {"because": "no team", "verdict": "never"}, large]
    assert changes(rules | {"examples": [small, large]}, rules | {"examples": again}) == [
        "example 1: verdict: not ready → never; because: too small → no team"
    ]
