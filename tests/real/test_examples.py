"""The definitions of the examples: signed, consistent, and plausible on the real leads."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from features.labels.outcomes import UNKNOWN, WON
from model.definition.evaluate import criteria_counts, example_mismatches, manual_points
from model.definition.read import check_same_terms, read_definition
from model.definition.signatures import signature_statuses
from model.serving import Definition
from pipelines.definition.review import review
from pipelines.snapshot import Snapshot, read_snapshot

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("itschool_crm", "maven_crm", "marketstar", "x_education")
READY = (0.10, 0.40)  # a share that sales can take on and marketing can live with


class Example(NamedTuple):
    """An example with its real leads."""

    snapshot: Snapshot
    definition: Definition
    won: pd.Series  # missing where the outcome is unknown

    def verdicts(self) -> pd.Series:
        """The rules' verdict on each lead."""
        return pd.Series(self.definition.evaluate(self.snapshot.features).verdict)


@pytest.fixture(params=NAMES)
def definition_file(request: pytest.FixtureRequest) -> Path:
    return EXAMPLES / str(request.param) / "definition.yaml"


@pytest.fixture(scope="module", params=NAMES)
def example(request: pytest.FixtureRequest, real_data: Path) -> Example:
    """Each example with the features and outcomes of its leads, built once."""
    snapshot = read_snapshot(EXAMPLES / request.param)
    outcomes = snapshot.outcomes["outcome"]
    won = outcomes.eq(WON).astype("float64").where(outcomes != UNKNOWN)
    return Example(snapshot, snapshot.definition(), won)


def test_every_example_has_a_definition() -> None:
    files = EXAMPLES.glob("*/definition.yaml")
    assert sorted(file.parent.name for file in files) == sorted(NAMES)


def test_both_teams_have_signed_the_file_as_it_is(definition_file: Path) -> None:
    definition = read_definition(definition_file)
    assert definition.signed
    assert set(definition.signed_by) == {"sales", "marketing"}


def test_a_changed_definition_is_not_signed(definition_file: Path) -> None:
    definition = read_definition(definition_file)
    changed = Definition.from_dict({**definition.content, "version": "tampered"})
    assert not changed.signed_by
    for status in signature_statuses(changed, definition_file):
        assert status.changes == (f"version: {definition.version} → tampered",)


def test_the_examples_get_their_verdicts_and_show_every_verdict(definition_file: Path) -> None:
    definition = read_definition(definition_file)
    assert example_mismatches(definition) == []
    verdicts = {lead.verdict for lead in definition.examples}
    assert {"ready", "not ready", "never"} <= verdicts
    assert all(lead.because for lead in definition.examples)


def test_definition_check_finds_no_problems(definition_file: Path, real_data: Path) -> None:
    found = review(definition_file.parent)
    assert (found.ok, found.signed) == (True, True)
    assert (found.findings, found.unseen) == ([], [])


def test_the_workspace_agrees_and_every_feature_is_built(example: Example) -> None:
    """Reading the definition against the catalogue refuses unknown names and kinds."""
    check_same_terms(example.definition, example.snapshot.workspace)
    used = {feature for lead in example.definition.examples for feature in lead.lead}
    assert used <= set(example.snapshot.features.columns)


def test_a_plausible_share_of_the_real_leads_is_ready(example: Example) -> None:
    shares = example.verdicts().value_counts(normalize=True)
    assert READY[0] <= shares["ready"] <= READY[1], shares.to_dict()
    assert shares["not ready"] > 0
    assert shares.get("unknown", 0) < 0.5, "most leads can be judged"
    assert shares.get("never", 0) < 0.05


def test_every_criterion_separates_leads(example: Example) -> None:
    counts = criteria_counts(example.definition, example.snapshot.features)
    assert (counts["pass"] > 0).all(), counts
    assert (counts["fail"] > 0).all(), counts


def test_the_data_has_the_values_that_criteria_name(example: Example) -> None:
    """A misspelt value would never match, without any error."""
    definition, X = example.definition, example.snapshot.features
    of_points = [rule.criterion for rule in definition.points.give]
    for criterion in (*definition.criteria, *of_points):
        if criterion.operator in ("one_of", "none_of", "equals"):
            assert set(criterion.operands) <= set(X[criterion.feature].dropna()), criterion


def test_outcomes_do_not_contradict_the_expected_directions(example: Example) -> None:
    """The sign of the rank correlation with winning, beyond two standard errors."""
    known = example.won.notna()
    for feature, sign in example.definition.directions.items():
        values = example.snapshot.features[feature]
        pair = pd.DataFrame({"x": values, "won": example.won})[known].dropna()
        correlation = pair["x"].rank().corr(pair["won"].rank())
        assert sign * correlation > -2 / np.sqrt(len(pair)), (feature, correlation)


def test_the_manual_points_lift_some_leads_over_the_threshold(example: Example) -> None:
    points = manual_points(example.definition, example.snapshot.features)
    assert 0.02 < (points >= example.definition.points.threshold).mean() < 0.8


@pytest.mark.parametrize("example", ["itschool_crm", "x_education"], indirect=True)
def test_the_rules_find_better_leads_where_outcomes_are_not_random(example: Example) -> None:
    known = example.won.notna().to_numpy()
    rates = example.won[known].groupby(example.verdicts().to_numpy()[known]).mean()
    assert rates["ready"] > 1.5 * rates["not ready"], rates.to_dict()
