"""The gate's checks of a model against the agreed definition.

They cover every lead, every example and every curve: a single exception fails the check, except
where the definition sets a tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features import text
from model.definition.evaluate import example_mismatches, requirements
from model.gate import CANNOT_TELL, NOT_ASKED, SAME, SHOWN, Gate, gate_result, not_asked
from model.serving import READY, UNKNOWN, Definition, Scorecard, Tolerance, rule_codes
from model.training.intervals import Z95, win_rate_interval

if TYPE_CHECKING:
    from model.training.expected_directions import UnconstrainedCurve

OF_A_DRAFT = "not asked: the definition is a draft"
NO_TOLERANCE = "the definition sets no tolerance"
WIDE = 0.1  # half the width of an interval of agreement that shows nothing


def not_asked_of_a_draft(check: Gate) -> Gate:
    """Report what a check saw without requiring it: nobody has agreed to a draft yet.

    Examples
    --------
    >>> not_asked_of_a_draft(Gate("rules agree", False, "agreement on 40%", "90%")).required
    'not asked: the definition is a draft'
    """
    return check._replace(passed=True, required=OF_A_DRAFT, hint="", state=NOT_ASKED)


def never_rules_hold(scored: pd.DataFrame) -> Gate:
    """Require the decision ``never`` for every lead that the rules exclude."""
    excluded = scored["rules_verdict"] == "never"
    passed_on = scored["lead_id"][excluded & (scored["decision"] != "never")]
    name, required = "never-rules hold", "the decision never for each lead that they exclude"
    if not excluded.any():
        return not_asked(name, "the rules exclude none of these leads", required)
    return gate_result(
        name,
        passed_on.empty,
        f"{text.count(int(excluded.sum()), 'lead')} excluded by the rules, "
        f"{len(passed_on):,} of them with another decision",
        required,
        "" if passed_on.empty else f"look at lead {passed_on.iloc[0]}",
    )


def directions_hold(
    card: Scorecard, expected: Mapping[str, int], curves: Sequence[UnconstrainedCurve] = ()
) -> Gate:
    """Require that the served curves rise and fall as the definition expects.

    A feature that the model does not use passes. Where a curve learned without the constraint goes
    the other way, the check still passes but says so.

    Parameters
    ----------
    expected : mapping
        Feature to 1 (increasing) or -1.
    curves : sequence of UnconstrainedCurve
        See `model.training.expected_directions`.
    """
    used = [line for line in card.lines if line["name"] in expected]
    wrong = [
        line["words"]
        for line in used
        if line["kind"] == "number" and _goes_against(line["points"], expected[line["name"]])
    ]
    observed = "no direction is expected"
    if wrong:
        observed = f"against the expected direction: {', '.join(wrong)}"
    elif expected:
        observed = f"{len(used)} of {len(expected)} expected directions are used"
        observed += ", all hold" if used else ""
    contradicted = [f"{curve.words} ({curve.finding})" for curve in curves if curve.contradicted]
    if contradicted:
        observed += (
            f"; without the constraint, the data points the other way for {', '.join(contradicted)}"
        )
    required = "every curve as the definition expects"
    if not used:
        return not_asked("directions hold", observed, required)
    return gate_result(
        "directions hold",
        not wrong,
        observed,
        required,
        "the data points the other way: discuss it, then change  expect:  or correct the data",
    )


def _goes_against(points: Sequence[float], sign: int) -> bool:
    return bool((np.diff(points[1:]) * sign < -SAME).any())  # the first bin is: missing


def examples_hold(definition: Definition) -> Gate:
    """Require the agreed verdict for every example lead of the definition."""
    different = [str(mismatch) for mismatch in example_mismatches(definition)]
    number = len(definition.examples)
    required = "the agreed verdict for each example"
    if not number:
        return not_asked("examples hold", "no examples", required)
    agreed = f"{text.count(number, 'example')}, each as agreed"
    return gate_result(
        "examples hold",
        not different,
        "; ".join(different[:SHOWN]) or agreed,
        required,
        "change the rule or the example in the definition",
    )


def agrees_with_rules(scored: pd.DataFrame, tolerance: Tolerance) -> Gate:
    """Require that model and rules agree on the share of leads that the definition asks for.

    Leads on which the rules have no verdict do not count.
    """
    least = tolerance.agreement
    decided = scored["agreement"][scored["agreement"] != "unknown"]
    name, agreeing = "model and rules agree", int((decided == "agree").sum())
    observed = "the rules have no verdict on any lead"
    if len(decided):
        observed = (
            f"agreement on {text.percent(agreeing / len(decided))} of "
            f"{text.count(len(decided), 'lead')} with a verdict of the rules"
        )
    if least is None:
        return not_asked(name, observed, NO_TOLERANCE)
    required = f"at least {text.percent(least)}"
    if _unclear(agreeing, len(decided), least):
        more = _leads_needed(least) - len(decided)
        unclear = f"{observed}: too few leads to tell, about {more:,} more would"
        return Gate(name, True, unclear, required, "", CANNOT_TELL)
    return gate_result(
        name,
        agreeing >= least * len(decided),
        observed,
        required,
        "the report shows who was right: change the rules or the tolerance",
    )


def _unclear(met: int, leads: int, least: float) -> bool:
    """Whether so few leads show nothing: the interval includes the limit and is wide."""
    if not leads:
        return True
    low, high = win_rate_interval(met, leads)
    return low < least < high and (high - low) / 2 > WIDE


def _leads_needed(least: float) -> int:
    """Leads for an interval around a share that is narrow enough."""
    return int(np.ceil((Z95 / WIDE) ** 2 * max(least * (1 - least), 0.05))) + 1


def agrees_on_criteria(scored: pd.DataFrame, X: pd.DataFrame, definition: Definition) -> Gate:
    """Require that enough of the leads that the model calls ready meet each requirement.

    A requirement is a criterion that every ready lead has to meet, or a group of which it has to
    meet one. Leads for which it is unknown do not count.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> rules = Definition.from_dict({"ready_when": [size], "tolerance": {"criterion": 0.8}})
    >>> scored = pd.DataFrame({"model_verdict": ["ready", "ready", "not ready"]})
    >>> X = pd.DataFrame({"employees": [60, 20, 10]})
    >>> agrees_on_criteria(scored, X, rules).observed
    'of the leads that the model calls ready, 1 of 2 (50%) meet size: too few leads to tell'
    """
    least, name = definition.tolerance.criterion, "model and rules agree on each criterion"
    ready = X[(scored["model_verdict"] == "ready").to_numpy()]
    shares = []
    for requirement, rule in requirements(definition.ready):
        code = rule_codes(ready, rule)
        known = code[code != UNKNOWN]
        if len(known):
            met = int((known == READY).sum())
            shares.append((met / len(known), met, len(known), requirement))
    shares.sort(key=lambda row: row[0])
    unclear = [row for row in shares if least is not None and _unclear(*row[1:3], least)]
    low = [row for row in shares if least is not None and row[0] < least and row not in unclear]
    described = [
        f"{met:,} of {leads:,} ({text.percent(share)}) meet {requirement}"
        for share, met, leads, requirement in low or unclear or shares[:1]
    ]
    observed = f"of the leads that the model calls ready, {'; '.join(described[:SHOWN])}"
    if not described:
        observed = "no lead that the model calls ready has a known criterion"
    if least is None:
        return not_asked(name, observed, NO_TOLERANCE)
    required = f"at least {text.percent(least)} for each"
    if not described:
        return Gate(name, True, observed, required, "", CANNOT_TELL)
    if unclear and not low:
        return Gate(name, True, f"{observed}: too few leads to tell", required, "", CANNOT_TELL)
    return gate_result(
        name,
        not low,
        observed,
        required,
        "more of the leads that the model calls ready lack it than agreed: discuss the criterion",
    )
