"""The definitions of the examples: agreed, signed, consistent, and true enough on real leads."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from features.families.build import build_features
from features.families.feature import Feature
from features.labels.moments import build_moments
from features.labels.outcomes import UNKNOWN, WON, build_outcomes
from features.tables.read import read_tables
from features.workspace.read import Workspace, read_workspace
from model.definition.evaluate import criteria_counts, example_mismatches, manual_points
from model.definition.read import check_same_terms, read_definition
from model.definition.signatures import signature_statuses
from model.serving import Definition
from pipelines.definition.review import review

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("itschool_crm", "maven_crm", "marketstar", "x_education")
READY = (0.10, 0.40)  # what a sales team can take, and marketing can live with


class Example(NamedTuple):
    """An example's definition, and its real leads."""

    workspace: Workspace
    catalogue: list[Feature]
    definition: Definition
    X: pd.DataFrame
    won: pd.Series  # missing where the outcome is not known


@pytest.fixture(scope="module")
def example(real_data: Path) -> Callable[[str], Example]:
    """Read an example and build the features of its leads, once."""
    return cache(_read)


def _read(name: str) -> Example:
    ws = read_workspace(EXAMPLES / name)
    tables = read_tables(ws)
    judged, _ = build_moments(ws, tables)
    X, catalogue = build_features(ws, tables, judged)
    definition = read_definition(EXAMPLES / name / ws.definition, known_features=catalogue)
    became = build_outcomes(ws, tables, judged)["outcome"]
    won = became.eq(WON).astype("float64").where(became != UNKNOWN)
    return Example(ws, catalogue, definition, X, won)


def test_every_example_has_a_definition() -> None:
    assert sorted(one.parent.name for one in EXAMPLES.glob("*/definition.yaml")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_both_teams_have_signed_what_the_file_says(name: str) -> None:
    agreed = read_definition(EXAMPLES / name / "definition.yaml")
    assert agreed.signed
    assert set(agreed.signed_by) == {"sales", "marketing"}
    changed = Definition.from_dict({**agreed.content, "version": "tampered"})
    assert not changed.signed_by
    for status in signature_statuses(changed, EXAMPLES / name / "definition.yaml"):
        assert status.changes == (f"version: {agreed.version} → tampered",), "what was signed"


@pytest.mark.parametrize("name", NAMES)
def test_examples_come_out_as_the_file_says_and_show_every_verdict(name: str) -> None:
    definition = read_definition(EXAMPLES / name / "definition.yaml")
    assert example_mismatches(definition) == []
    shown = {example.verdict for example in definition.examples}
    assert {"ready", "not ready", "never"} <= shown
    assert all(example.because for example in definition.examples)


@pytest.mark.parametrize("name", NAMES)
def test_leadready_definition_check_finds_nothing_amiss(name: str, real_data: Path) -> None:
    answer = review(EXAMPLES / name, lambda words: None)
    assert (answer["ok"], answer["signed"]) == (True, True)
    assert (answer["findings"], answer["unseen"]) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_every_feature_named_is_built_and_the_workspace_agrees(
    name: str, example: Callable[[str], Example]
) -> None:
    found = example(name)  # reading it against the catalogue refuses unknown names and kinds
    check_same_terms(found.definition, found.workspace)
    used = {feature for example in found.definition.examples for feature in example.lead}
    assert used <= set(found.X.columns)


@pytest.mark.parametrize("name", NAMES)
def test_a_sensible_share_of_the_real_leads_is_ready(
    name: str, example: Callable[[str], Example]
) -> None:
    found = example(name)
    verdict = pd.Series(found.definition.evaluate(found.X).verdict)
    share = verdict.value_counts(normalize=True)
    assert READY[0] <= share["ready"] <= READY[1], share.to_dict()
    assert share["not ready"] > 0
    assert share.get("unknown", 0) < 0.5, "most leads can be judged"
    assert share.get("never", 0) < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_every_criterion_tells_leads_apart(name: str, example: Callable[[str], Example]) -> None:
    found = example(name)
    counts = criteria_counts(found.definition, found.X)
    assert (counts["pass"] > 0).all(), counts
    assert (counts["fail"] > 0).all(), counts


@pytest.mark.parametrize("name", NAMES)
def test_values_that_criteria_ask_for_are_met_in_the_data(
    name: str, example: Callable[[str], Example]
) -> None:
    """A misspelt value would silently never match."""
    found = example(name)
    of_points = [given.criterion for given in found.definition.points.give]
    for criterion in (*found.definition.criteria, *of_points):
        if criterion.operator in ("one_of", "none_of", "equals"):
            assert set(criterion.operands) <= set(found.X[criterion.feature].dropna()), criterion


@pytest.mark.parametrize("name", NAMES)
def test_expected_directions_are_not_contradicted_by_the_outcomes(
    name: str, example: Callable[[str], Example]
) -> None:
    """The sign of the rank correlation with winning, beyond two standard errors."""
    found = example(name)
    known = found.won.notna()
    for feature, sign in found.definition.directions.items():
        pair = pd.DataFrame({"x": found.X[feature], "won": found.won})[known].dropna()
        correlation = pair["x"].rank().corr(pair["won"].rank())
        assert sign * correlation > -2 / np.sqrt(len(pair)), (feature, correlation)


@pytest.mark.parametrize("name", NAMES)
def test_the_manual_points_let_some_leads_over_the_threshold(
    name: str, example: Callable[[str], Example]
) -> None:
    found = example(name)
    over = manual_points(found.definition, found.X) >= found.definition.points.threshold
    assert 0.02 < over.mean() < 0.8


@pytest.mark.parametrize("name", ["itschool_crm", "x_education"])
def test_where_outcomes_are_not_random_the_rules_find_better_leads(
    name: str, example: Callable[[str], Example]
) -> None:
    found = example(name)
    verdict = np.asarray(found.definition.evaluate(found.X).verdict)
    known = found.won.notna().to_numpy()
    rates = found.won[known].groupby(verdict[known]).mean()
    assert rates["ready"] > 1.5 * rates["not ready"], rates.to_dict()
