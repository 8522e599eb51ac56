"""No check of the gate says what is not known: each sentence beside a case that does not show it."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features.leaks.audit import Suspect
from model import gate, gate_calibration, gate_old_score, gate_proportion, gate_rules
from model.gate import Gate
from model.gate_calibration import Circumstances
from model.gate_old_score import better_than_old_score
from model.serving import Definition, Tolerance
from model.training.calibration import SliceCalibration
from model.training.intervals import Interval
from model.training.metrics import Metrics
from model.training.moves import Move
from tests.model.test_gate import ahead
from tests.model.test_gate_calibration import RIGHT, UNKNOWN, metrics
from tests.model.test_gate_proportion import check as weighed
from tests.model.test_gate_rules import card, decided

Case = Callable[[], Gate]
WIDE = (-9.0, -22.0, 7.6)
RULES = Definition.from_dict(
    {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}
    | {"tolerance": {"criterion": 0.8}}
)
SAME = ["probability", "score", "fit_points", "engagement_points"]


def rules_better_by(model: tuple, gain: tuple) -> dict[str, Metrics]:
    found, rules = ahead(model, gain)
    return {"model": found, "definition": rules}


def calibrated(**figures) -> Gate:
    intervals = {"expected_wins_ratio": RIGHT, "calibration_slope": RIGHT} | figures
    return gate_calibration.calibrated(metrics(**intervals), Tolerance(), 50)


def sliced(low: float, high: float) -> Gate:
    row = SliceCalibration("source", "web", 40, 3.0, 3.0, low, high)
    return gate_calibration.calibrated_in_slices([row], Tolerance())


def agreeing(leads: int) -> Gate:
    scored = pd.DataFrame({"agreement": ["agree"] * leads})
    return gate_rules.agrees_with_rules(scored, Tolerance(agreement=0.9))


def criteria(employees: float, leads: int = 100) -> Gate:
    ready = pd.DataFrame({"model_verdict": ["ready"] * leads})
    sizes = pd.DataFrame({"employees": [employees] * leads})
    return gate_rules.agrees_on_criteria(ready, sizes, RULES)


def served(score: float) -> Gate:
    row = pd.DataFrame([dict.fromkeys(SAME, 1.0) | dict.fromkeys(gate.LABELS, "a")])
    return gate.served_as_evaluated(row, row.assign(score=score))


AHEAD = rules_better_by((0.7, 0.6, 0.8), (0.05, 0.01, 0.1))
CASES: dict[str, tuple[Case, list[Case]]] = {
    # the check: where it is shown, and where it is not
    "enough_leads": (
        lambda: gate.enough_leads(40, 40, 20),
        [lambda: gate.enough_leads(39, 40, 20), lambda: gate.enough_leads(40, 40, 0)],
    ),
    "no_leaks": (lambda: gate.no_leaks([]), [lambda: gate.no_leaks([Suspect("Stage", (), 10)])]),
    "known_in_time": (
        lambda: gate.known_in_time(False, "forward in time", 90),
        [
            lambda: gate.known_in_time(False, "forward in time", None),
            lambda: gate.known_in_time(False, "in order", 90),
            lambda: gate.known_in_time(True, "forward in time", 90),
        ],
    ),
    "later_leads_tested": (
        lambda: gate.later_leads_tested("forward in time", None),
        [
            lambda: gate.later_leads_tested("at random", None),
            lambda: gate.later_leads_tested("at random", "Ann Lee"),
        ],
    ),
    "better_than_rules": (
        lambda: gate.better_than_rules(AHEAD),
        [
            lambda: gate.better_than_rules(rules_better_by((0.7, 0.5, 0.9), (0.1, 0.1, 0.1))),
            lambda: gate.better_than_rules(rules_better_by((0.7, 0.6, 0.8), (0.1, -0.1, 0.3))),
            lambda: gate.better_than_rules(rules_better_by((0.7, 0.6, 0.8), UNKNOWN)),
            lambda: gate.better_than_rules(rules_better_by((0.7, None, None), UNKNOWN)),
        ],
    ),
    "not_worse_than_champion": (
        lambda: gate.not_worse_than_champion(
            {"model": AHEAD["model"], "champion": AHEAD["definition"]}, 9, Tolerance(), "3"
        ),
        [
            lambda: gate.not_worse_than_champion(None, 9, Tolerance(), ""),
            lambda: gate.not_worse_than_champion(None, 9, Tolerance(), "3"),
        ],
    ),
    "scores_moved": (
        lambda: gate.scores_moved(Move(1, 9, 19), 1.0),
        [lambda: gate.scores_moved(Move(1, 9, 19), None)],
    ),
    "served_as_evaluated": (lambda: served(1.0), [lambda: served(1.1), lambda: served(np.nan)]),
    "calibrated": (
        calibrated,
        [
            lambda: calibrated(calibration_slope=WIDE),
            lambda: calibrated(calibration_slope=UNKNOWN),
            lambda: calibrated(expected_wins_ratio=(1.0, None, None)),
        ],
    ),
    "calibrated_over_periods": (
        lambda: gate_calibration.calibrated_over_periods(
            metrics(expected_wins_ratio=RIGHT), 4, Tolerance()
        ),
        [
            lambda: gate_calibration.calibrated_over_periods(None, 0, Tolerance()),
            lambda: gate_calibration.calibrated_over_periods(
                metrics(expected_wins_ratio=WIDE), 4, Tolerance()
            ),
        ],
    ),
    "calibrated_in_slices": (
        lambda: sliced(0.8, 1.2),
        [
            lambda: sliced(0.1, 9.0),
            lambda: gate_calibration.calibrated_in_slices([], Tolerance()),
        ],
    ),
    "better_than_old_score": (
        lambda: better_than_old_score("Old Score", "history", Interval(0.1, 0.01, 0.2)),
        [
            lambda: better_than_old_score("Old Score", "history", Interval(0.1, -0.01, 0.2)),
            lambda: better_than_old_score("Old Score", "history", Interval(0.1, None, None)),
            lambda: better_than_old_score("Old Score", "history", None),
        ],
    ),
    "columns_in_proportion": (lambda: weighed(1, 0.5), [lambda: weighed(40, 0.5)]),
    "auc_in_proportion": (
        lambda: gate_proportion.auc_in_proportion(Interval(0.9, 0.8, 0.95)),
        [lambda: gate_proportion.auc_in_proportion(Interval(0.96, 0.95, 0.97))],
    ),
    "never_rules_hold": (
        lambda: gate_rules.never_rules_hold(decided(("never", "never"))),
        [
            lambda: gate_rules.never_rules_hold(decided(("ready", "hand off"))),
            lambda: gate_rules.never_rules_hold(decided(("never", "nurture"))),
        ],
    ),
    "directions_hold": (
        lambda: gate_rules.directions_hold(card([0.0, 0.0, 1.0]), {"visits": 1}),
        [
            lambda: gate_rules.directions_hold(card([0.0, 0.0, 1.0]), {"other": 1}),
            lambda: gate_rules.directions_hold(card([0.0, 0.0, 1.0]), {}),
        ],
    ),
    "examples_hold": (
        lambda: gate_rules.examples_hold(
            Definition.from_dict(
                {**RULES.content, "examples": [{"lead": {"employees": 60}, "verdict": "ready"}]}
            )
        ),
        [lambda: gate_rules.examples_hold(RULES)],
    ),
    "agrees_with_rules": (lambda: agreeing(90), [lambda: agreeing(0), lambda: agreeing(3)]),
    "agrees_on_criteria": (
        lambda: criteria(60),
        [lambda: criteria(np.nan), lambda: criteria(60, 3)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_sentence_is_only_printed_where_it_is_known(name: str) -> None:
    shown, not_shown = CASES[name]
    claim = shown()
    assert claim.known_state == gate.PASSED
    for case in not_shown:
        result = case()
        assert result.name == claim.name
        assert result.known_state != gate.PASSED
        assert result.observed != claim.observed
        assert "all hold" not in result.observed
        assert "every check passed" not in gate.verdict_text([result])


def test_every_check_of_the_gate_has_its_case() -> None:
    helpers = {"gate_result", "not_asked", "not_asked_of_a_draft"}
    checks = {
        name
        for module in (gate, gate_calibration, gate_old_score, gate_proportion, gate_rules)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation == "Gate"
    }
    assert checks - helpers == set(CASES)


@pytest.mark.parametrize(
    ("circumstances", "cause"),
    [
        (Circumstances(99), "won leads to learn from"),
        (Circumstances(500, open_share=0.4), "have no outcome yet"),
        (Circumstances(500, moved_events="calls"), "may have been moved or deleted"),
        (Circumstances(500, periods=[(100, 100), (100, 200)]), "what wins leads has changed"),
        (Circumstances(500), "the data does not show why"),
    ],
)
def test_each_cause_is_named_in_its_own_case_only(circumstances: Circumstances, cause: str) -> None:
    causes = [
        "won leads to learn from",
        "have no outcome yet",
        "may have been moved or deleted",
        "what wins leads has changed",
        "the data does not show why",
    ]
    assert [each for each in causes if each in circumstances.hint_text()] == [cause]
