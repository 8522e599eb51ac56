"""The gate: the checks that a version must pass before it may become champion.

Each check says what it observed, what is required and how to fix it, and is in one of four states:
passed, refused, not asked (there is nothing to check it by) or cannot tell (there are too few leads
to have found an error that matters). The checks here are about the data, the ranking and the
registered files; those of the probabilities are in `model.gate_calibration`, those against the
agreed definition in `model.gate_rules`, and those of what is too good to be true in
`model.gate_proportion`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from features import text

if TYPE_CHECKING:
    from features.leaks.audit import Suspect
    from model.serving import Tolerance
    from model.training.metrics import Metrics
    from model.training.moves import Move

LEAST = 40  # won leads to learn from, and as many that were not won
LEAST_TEST = 20  # won leads to test on
MOVED = 2.0  # times the move that added leads explain
CHAMPION = 0.02  # tolerance where the definition names none
SAME = 1e-9  # differences up to this come from rounding
SHOWN = 3  # slices that fail
SCORES = ("probability", "score", "fit_points", "engagement_points")
LABELS = ("grade", "level", "rules_verdict", "model_verdict", "decision", "reasons_for")


PASSED, REFUSED, NOT_ASKED, CANNOT_TELL = "passed", "refused", "not asked", "cannot tell"
CONFIRM = "leadready train --confirmed-by NAME"


class Gate(NamedTuple):
    """One check: what it observed, what is required, and how to fix it where it failed.

    Attributes
    ----------
    passed : bool
        Whether the version may be promoted as far as this check goes.
    state : str
        ``passed``, ``refused``, ``not asked`` or ``cannot tell``.
    """

    name: str
    passed: bool
    observed: str
    required: str
    hint: str = ""
    state: str = ""

    @property
    def known_state(self) -> str:
        """The state; versions registered earlier only say whether the check passed."""
        return self.state or (PASSED if self.passed else REFUSED)


def gate_result(name: str, passed: object, observed: str, required: str, hint: str = "") -> Gate:
    """Make a check that passed or was refused; the hint is dropped where it passed."""
    state = PASSED if passed else REFUSED
    return Gate(name, bool(passed), observed, required, "" if passed else hint, state)


def not_asked(name: str, why: str, required: str) -> Gate:
    """Make a check that there is nothing to check by; it does not stop a promotion.

    Examples
    --------
    >>> not_asked("examples hold", "no examples", "the agreed verdict").known_state
    'not asked'
    """
    return Gate(name, True, why, required, "", NOT_ASKED)


def confirmed(gates: Sequence[Gate], name: str) -> list[Gate]:
    """Let a person answer for the checks that cannot tell; refused checks stay refused.

    Examples
    --------
    >>> unclear = Gate("calibrated", False, "slope 1.2 (-3 to 5)", "", "more wins", CANNOT_TELL)
    >>> confirmed([unclear], "Ann Lee")[0].observed
    'slope 1.2 (-3 to 5); confirmed by Ann Lee'
    """
    return [
        gate._replace(passed=True, observed=f"{gate.observed}; confirmed by {name}", hint="")
        if name and gate.known_state == CANNOT_TELL and not gate.passed
        else gate
        for gate in gates
    ]


def enough_leads(won: int, not_won: int, won_test: int) -> Gate:
    """Require 40 won leads and 40 others to learn from, and 20 won leads to test on.

    Examples
    --------
    >>> gate = enough_leads(25, 300, 30)
    >>> gate.observed
    '25 won and 300 not won to learn from, 30 won to test on'
    >>> gate.hint
    '15 more won leads to learn from are needed: add more history'
    """
    missing = [
        f"{least - number} more {outcome} leads to {purpose}"
        for number, least, outcome, purpose in (
            (won, LEAST, "won", "learn from"),
            (not_won, LEAST, "not won", "learn from"),
            (won_test, LEAST_TEST, "won", "test on"),
        )
        if number < least
    ]
    return gate_result(
        "enough leads",
        not missing,
        f"{won:,} won and {not_won:,} not won to learn from, {won_test:,} won to test on",
        f"at least {LEAST} of each to learn from, worked and mature, and {LEAST_TEST} won "
        "to test on",
        f"{text.join(missing)} are needed: add more history",
    )


def no_leaks(suspects: Sequence[Suspect]) -> Gate:
    """Require an answer for every column and kind of event that may reveal the outcome."""
    names = [suspect.summary for suspect in suspects]
    answers = [suspect.answer for suspect in suspects]
    return gate_result(
        "no suspected leaks",
        not names,
        f"suspected: {', '.join(names)}" if names else "no suspected columns or events",
        "an answer in leadready.yaml for every suspected column and kind of event",
        f"leadready check shows the evidence; answer in leadready.yaml: {'; '.join(answers)}",
    )


def known_in_time(at_extract: bool, how: str, horizon_days: int | None) -> Gate:
    """Require that the model learned only from outcomes known before its test period.

    Without dates or a horizon nobody knows when an outcome was known, so it is not asked.
    """
    name, required = "outcomes known at the time", "only outcomes known before the test period"
    if at_extract:
        hint = "remove  outcomes: at_extract  from leadready.yaml, evaluation"
        return gate_result(name, False, "outcomes as of the extract", required, hint)
    if how != "forward in time":
        return not_asked(name, "the leads were not split by date", required)
    if horizon_days is None:
        return not_asked(name, "there is no horizon after which an outcome is known", required)
    return gate_result(name, True, required, required)


def later_leads_tested(how: str, allowed_by: str | None) -> Gate:
    """Require a test on later leads, unless somebody allowed a random split by name.

    Parameters
    ----------
    how : str
        How the leads were split, see `model.training.splits.Split`.
    allowed_by : str
        Who allowed a random split in the workspace; empty if nobody did.
    """
    name, required = "tested on later leads", "a test on leads that came after those learned from"
    if how != "at random":
        return gate_result(name, True, f"the leads were split {how}", required)
    observed = "the leads were split at random, so the figures may look too good"
    if allowed_by:
        return not_asked(name, f"{observed}; allowed by {allowed_by}", required)
    hint = (
        "map the date of each lead (leads.created) or evaluation.order_by; or write in "
        "leadready.yaml  evaluation: {allow_random_split: true, allowed_by: NAME}"
    )
    return gate_result(name, False, observed, required, hint)


def better_than_rules(metrics: Mapping[str, Metrics], *, draft: bool = False) -> Gate:
    """Require that ``model`` beats chance and ``definition`` on later leads, beyond chance.

    A ``draft``, to which nobody has agreed, is reported but need not be beaten.
    """
    auc = metrics["model"].intervals()["auc"]
    gain = metrics["model"].difference(metrics["definition"], "auc")
    beats_chance = auc.low is not None and auc.low > 0.5
    hint = "it is not shown that the model ranks leads better than the rules: add other features"
    if gain.high is not None and gain.high <= 0:
        hint = "the model ranks leads no better than the rules: add other features"
    if not beats_chance:
        hint = (
            "to the model the outcomes look random: add what leads did (events) or more of what "
            "was known early about them, or check  outcome:  in leadready.yaml"
        )
    return gate_result(
        "better than chance and than the rules alone",
        beats_chance and (draft or (gain.low is not None and gain.low > 0)),
        f"AUC {text.interval(*auc, digits=3)}, "
        f"{text.signed_interval(*gain, digits=3)} compared with the rules alone",
        "lower end of the interval above 0.5"
        + ("; the rules are a draft" if draft else ", and above the AUC of the rules"),
        hint,
    )


def not_worse_than_champion(
    metrics: Mapping[str, Metrics] | None,
    leads: int,
    tolerance: Tolerance,
    champion: str,
) -> Gate:
    """Require that the champion is not better, on leads that neither of them learned from.

    Parameters
    ----------
    metrics : mapping or None
        ``model`` and ``champion`` on those leads; None where there is no champion or no such lead.
    leads : int
        Number of those leads; without any, of all leads in the test.
    champion : str
        Its version; empty where there is none.
    """
    margin = CHAMPION if tolerance.champion is None else tolerance.champion
    name = "not worse than the champion"
    required = f"AUC at most {margin:g} below the champion's, by the lower end of the interval"
    if not champion:
        return not_asked(name, "no champion yet", required)
    if metrics is None:
        hint = "test on leads after the champion's training period: set evaluation.test_from"
        observed = f"champion {champion} may have learned from all {leads:,} test leads"
        return gate_result(name, False, observed, required, hint)
    gain = metrics["model"].difference(metrics["champion"], "auc")
    return gate_result(
        name,
        gain.low is not None and gain.low >= -margin,
        f"AUC {text.signed_interval(*gain, digits=3)} against version {champion} "
        f"on {text.count(leads, 'lead')}",
        required,
        "the champion stays: look at what changed between the two",
    )


def scores_moved(move: Move, expected: float | None) -> Gate:
    """Require that learning from all outcomes moved scores no more than added leads explain.

    Parameters
    ----------
    move : Move
        From the judged to the served model.
    expected : float or None
        The points by which scores moved in earlier periods when leads were added, for as many
        leads; None where that is unknown.
    """
    name = "served as judged"
    observed = f"learning from all {move.after:,} wins moved scores by {move.points:.1f} points"
    required = f"at most {MOVED:g} times what added leads moved scores by in earlier periods"
    if expected is None:
        return not_asked(name, f"{observed}; no earlier periods to compare with", required)
    return gate_result(
        name,
        move.points <= MOVED * expected,
        f"{observed}; {expected:.1f} are expected from earlier periods",
        required,
        "the scores moved more than the added leads explain: compare the cards of both versions, "
        "and train again later",
    )


def served_as_evaluated(evaluated: pd.DataFrame, served: pd.DataFrame) -> Gate:
    """Require the same scores from the registered model, loaded in a fresh process elsewhere."""
    numbers = list(SCORES)
    difference = np.abs(evaluated[numbers].to_numpy() - served[numbers].to_numpy())
    largest = float(difference.max(initial=0))
    same_labels = all(
        (evaluated[label].astype("str").to_numpy() == served[label].astype("str").to_numpy()).all()
        for label in LABELS
    )
    return gate_result(
        "served as evaluated",
        largest <= SAME and same_labels,
        f"{text.count(len(evaluated), 'lead')} scored in a fresh process, "
        f"largest difference {largest:.1g}",
        "the same scores and decisions",
        "the registered files differ from the evaluated model: train again",
    )


def verdict_text(gates: Iterable[Gate]) -> str:
    """Say what the gate decided, and which checks passed without being asked or told.

    Examples
    --------
    >>> verdict_text([enough_leads(25, 300, 30)])
    'Refused and kept as challenger: enough leads (25 won and 300 not won to learn from, ...'
    """
    checks = list(gates)
    reasons = [f"{gate.name} ({gate.observed})" for gate in checks if not gate.passed]
    if not reasons:
        return f"Promoted: {passed_text(checks)}. This version now scores the leads."
    return f"Refused and kept as challenger: {'; '.join(reasons)}."


def passed_text(gates: Sequence[Gate]) -> str:
    """Say of checks that let a version pass what each state stands for.

    Examples
    --------
    >>> enough = enough_leads(50, 300, 30)
    >>> passed_text([enough]), passed_text([enough, not_asked("examples hold", "no examples", "")])
    ('every check passed', '1 check passed; not asked: examples hold')
    """
    named: dict[str, list[str]] = {state: [] for state in (PASSED, NOT_ASKED, CANNOT_TELL)}
    for gate in gates:
        named.setdefault(gate.known_state, []).append(gate.name)
    others = [f"{state}: {', '.join(named[state])}" for state in (NOT_ASKED, CANNOT_TELL)]
    told = [other for other in others if not other.endswith(": ")]
    if not told:
        return "every check passed"
    return "; ".join([f"{text.count(len(named[PASSED]), 'check')} passed", *told])
