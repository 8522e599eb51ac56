"""What the documents say is what the code does: their examples are read, their tables computed."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.feature import Feature
from model.definition.evaluate import example_mismatches
from model.definition.read import check_same_terms, read_definition
from model.definition.signatures import sign_file, signature_statuses
from model.definition.validate import KEYS
from model.serving import (
    GROUPS,
    OPERATORS,
    SETTLED,
    VERDICTS,
    Definition,
    Handoff,
    Scorecard,
    Tolerance,
    score_leads,
)
from tests.conftest import parse_command

ROOT = Path(__file__).resolve().parents[1]
DEFINITION = ROOT / "docs" / "definition.md"
NUMBERS = (
    "employees",
    "webinar_attended_30d",
    "demo_request_90d",
    "email_open_30d",
    "days_since_last_activity",
)
KNOWN = [
    *(Feature(name, name, "engagement", "number") for name in NUMBERS),
    *(Feature(name, name, "role", "category") for name in ("seniority", "job_function")),
]
RULES = [{"id": "any-size", "feature": "employees", "at_least": 1}]
BASE = {
    "version": "version: 4\n",
    "ready_when": "ready_when:\n  - {id: any-size, feature: employees, at_least: 1}\n",
}


def blocks(path: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a document: what is said after the fence, and the text."""
    found = re.findall(r"^```([^\n]*)\n(.*?)^```$", path.read_text("utf-8"), re.M | re.S)
    return [(info.strip(), text) for info, text in found]


def read(tmp_path: Path, text: str, known: Any = KNOWN) -> Definition:
    path = tmp_path / "definition.yaml"
    path.write_text(text, encoding="utf-8")
    return read_definition(path, known)


def tables(path: Path) -> list[list[dict[str, str]]]:
    """The tables of a document, as rows by column."""
    found = []
    for text in re.findall(r"(?:^\|.*\|\n)+", path.read_text("utf-8"), re.M):
        head, _, *rows = [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in text.splitlines()
        ]
        found.append([dict(zip(head, row, strict=True)) for row in rows])
    return found


def table_with(column: str) -> list[dict[str, str]]:
    return next(table for table in tables(DEFINITION) if column in table[0])


# -- the definition file ---------------------------------------------------------------------------


def test_the_whole_example_reads_is_signed_and_its_leads_come_out_as_it_says(
    tmp_path: Path,
) -> None:
    (text,) = [text for info, text in blocks(DEFINITION) if info == "yaml"]
    definition = read(tmp_path, text)
    assert set(definition.content) == set(KEYS) - {"draft"}, "the whole example shows every key"
    assert definition.signed
    assert example_mismatches(definition) == []


def test_parts_of_a_definition_read_as_well(tmp_path: Path) -> None:
    parts = [text for info, text in blocks(DEFINITION) if info == "yaml part"]
    assert len(parts) == 2
    for part in parts:
        keys = re.findall(r"^(\w+):", part, re.M)
        definition = read(tmp_path, part + "".join(BASE[key] for key in BASE if key not in keys))
        assert set(keys) <= set(definition.content)


def wrong_ones() -> list[tuple[str, str, str]]:
    found = blocks(DEFINITION)
    pairs = pairwise(found)
    return [
        (info, text, says)
        for (info, text), (_, says) in pairs
        if info in ("yaml wrong", "yaml differs")
    ]


@pytest.mark.parametrize(("kind", "text", "says"), wrong_ones())
def test_what_is_wrong_is_said_to_the_letter(
    tmp_path: Path, kind: str, text: str, says: str
) -> None:
    assert said(tmp_path, kind, text) == says


def said(tmp_path: Path, kind: str, text: str) -> str:
    """What the command line prints of such a file."""
    if kind == "yaml differs":
        return "".join(f"{mismatch}\n" for mismatch in example_mismatches(read(tmp_path, text)))
    with pytest.raises(LeadReadyError) as caught:
        read(tmp_path, text)
    hint = f"hint: {caught.value.hint}\n" if caught.value.hint else ""
    return f"error: {caught.value}\n{hint}".replace(f"{tmp_path}/", "")


def test_every_key_operator_and_group_has_its_line() -> None:
    text = DEFINITION.read_text("utf-8")
    keys = [row["key"].strip("`") for table in tables(DEFINITION) for row in table if "key" in row]
    assert sorted(keys) == sorted([*KEYS, *Handoff._fields, *Tolerance._fields])
    operators = [re.match(r"`(\w+):", row["operator"]) for row in table_with("operator")]
    assert sorted(row[1] for row in operators if row) == sorted(OPERATORS)
    for word in (*GROUPS, *VERDICTS, *SETTLED, "id", "asked_by", "because", "threshold", "give"):
        assert f"`{word}`" in text, word


def test_every_key_that_the_document_shows_is_accepted(tmp_path: Path) -> None:
    """The other way round: nothing is documented that the file may not hold."""
    for row in table_with("operator"):
        operator = row["operator"].strip("`")
        dates = row["for"] == "dates"
        known = ["employees"] if dates or row["for"] != "numbers" else KNOWN
        rule = f"ready_when:\n  - {{id: a, feature: employees, {operator}}}\n"
        assert read(tmp_path, f"version: 1\n{rule}", known).ready.rules


def test_the_features_named_are_those_that_are_built() -> None:
    from features.families.engagement import ACTIVITY, kind_features

    built = {feature.name for feature in kind_features("webinar_attended")}
    named = {
        name for row in table_with("what it is") for name in re.findall(r"`(\w+)`", row["feature"])
    }
    assert named == built
    text = DEFINITION.read_text("utf-8")
    for name in ("activity_30d", "active_days_30d", "days_since_last_activity"):
        assert f"`{name}`" in text
        assert name in {feature.name for feature in ACTIVITY}


def test_the_table_of_unknowns_is_the_one_that_is_computed() -> None:
    values = {"holds": 1.0, "fails": 0.0, "unknown": None}
    verdicts = {"ready": "holds", "not ready": "fails", "unknown": "unknown"}
    rows = table_with("all of a, b")
    assert len({(row["a"], row["b"]) for row in rows}) == 6
    X = pd.DataFrame([{name: values[row[name]] for name in "ab"} for row in rows], dtype="float64")
    parts = [{"id": name, "feature": name, "at_least": 1} for name in "ab"]
    for group in GROUPS:
        said = Definition.from_dict({"ready_when": {group: parts}}).evaluate(X).verdict
        assert [verdicts[kind] for kind in said] == [row[f"{group} of a, b"] for row in rows]


def test_the_table_of_decisions_is_the_one_that_is_computed() -> None:
    rows = table_with("rules say")
    assert len({(row["rules say"], row["model says"]) for row in rows}) == 8
    leads = {
        "ready": (1.0, 0.0),
        "not ready": (0.0, 0.0),
        "unknown": (None, 0.0),
        "never": (1.0, 1.0),
    }
    X = pd.DataFrame([leads[row["rules say"]] for row in rows], columns=["size", "banned"])
    X["good"] = [float(row["model says"] == "ready") for row in rows]
    for decide_by in SETTLED:
        scored = score_leads(X.astype("float64"), CARD, agreed(decide_by))
        assert list(scored["rules_verdict"]) == [row["rules say"] for row in rows]
        assert list(scored["model_verdict"]) == [row["model says"] for row in rows]
        assert list(scored["agreement"]) == [row["agreement"] for row in rows]
        assert list(scored["decision"]) == [row[f"`decide_by: {decide_by}`"] for row in rows]


CARD = Scorecard.from_dict(
    {
        "format": 2,
        "start": 50,
        "level": -2.2,
        "base_rate": 0.1,
        "ready_at": 55,
        "grades": {"A": 1},
        "levels": {"1": 1},
        "lines": [
            {
                "name": "good",
                "family": "role",
                "kind": "number",
                "cuts": [0.5],
                "points": [0, -10, 10],
                "labels": ["unknown", "no", "yes"],
            }
        ],
    }
)


def agreed(decide_by: str) -> Definition:
    return Definition.from_dict(
        {
            "version": 1,
            "handoff": {"decide_by": decide_by},
            "ready_when": [{"id": "size", "feature": "size", "at_least": 1}],
            "never_when": [{"id": "banned", "feature": "banned", "at_least": 1}],
        }
    )


def test_signing_as_shown_writes_the_signature_shown(tmp_path: Path) -> None:
    (text,) = [text for info, text in blocks(DEFINITION) if info == "yaml"]
    signatures = read(tmp_path, text).signatures
    path = tmp_path / "definition.yaml"
    path.write_text(text.partition("agreed:")[0], encoding="utf-8")
    for line in signatures:
        sign_file(path, team=line.team, name=line.name, on=line.on)
    assert path.read_text(encoding="utf-8") == text
    path.write_text(text.replace("at_least: 50,", "at_least: 51,", 1), encoding="utf-8")
    changed = signature_statuses(read_definition(path), path)
    assert str(changed[0]) in DEFINITION.read_text("utf-8")


def test_the_contradiction_quoted_is_the_one_that_is_said() -> None:
    from types import SimpleNamespace

    workspace: Any = SimpleNamespace(
        definition="definition.yaml", outcome=SimpleNamespace(horizon_days=90)
    )
    with pytest.raises(LeadReadyError) as caught:
        check_same_terms(Definition.from_dict({"horizon_days": 60, "ready_when": RULES}), workspace)
    assert caught.value.what in re.sub(r"\s+", " ", DEFINITION.read_text("utf-8"))


# -- all documents ---------------------------------------------------------------------------------

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if re.match(r"https?:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file) if file else path
        assert place.exists(), target
        if anchor:
            assert anchor in anchors(place), target


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in heads}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(path: Path) -> None:
    named = re.findall(
        r"`((?:features|model|pipelines|tests|docs|examples|notebooks)/[\w./-]+)`",
        path.read_text("utf-8"),
    )
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        assert path.read_text("utf-8").startswith(f"# {path.name[:4]}. ")


# -- the command line ------------------------------------------------------------------------------

README = ROOT / "README.md"


def test_every_command_has_its_line_and_every_line_its_command() -> None:
    from pipelines.cli.main import leadready

    named = re.findall(r"^\| `leadready (\w+)` \|", README.read_text("utf-8"), re.M)
    assert sorted(named) == sorted(leadready.commands)


def test_commands_that_are_shown_are_understood() -> None:
    import shlex

    from tests.conftest import parse_command

    shown = [
        line
        for path in DOCUMENTS
        for info, text in blocks(path)
        if info == "sh"
        for line in text.splitlines()
        if re.match(r"(\S*/)?leadready ", line)
    ]
    assert len(shown) >= 5
    for line in shown:
        parse_command(shlex.split(line, comments=True)[1:])


def test_make_targets_that_are_shown_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    shown = set(
        re.findall(
            r"\bmake ([a-z]+)\b",
            "".join(text for path in DOCUMENTS for info, text in blocks(path) if info == "sh"),
        )
    )
    assert shown
    assert shown <= targets


def test_every_command_of_the_scoring_job_is_one() -> None:
    text = (ROOT / "docs" / "production.md").read_text("utf-8")
    commands = re.findall(r"^leadready (.+)$", text, re.M)
    assert len(commands) >= 9
    for command in commands:
        parse_command(shlex.split(command))
