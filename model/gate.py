"""The gate: what a version must show before it may become champion.

Each check says what it saw, what it wanted and what to do. Statistical checks ask for the end of
an interval, so that luck is not enough; checks against the agreed definition ask every lead, every
example and every curve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.definition.read import examples_that_differ, requirements
from model.serving import READY, UNKNOWN, Definition, Scorecard
from model.training.metrics import Figures

Array = npt.NDArray[Any]
LEAST = 40  # won leads, and as many that were not
TOLERANCE = {"calibration": 0.15, "champion": 0.02}  # where the definition agrees on nothing else
SLICE_LEADS, SLICE_WINS = 100, 10
SHOWN = 3


class Gate(NamedTuple):
    """One check: what it saw, what it wanted, and what to do where it refused."""

    name: str
    passed: bool
    saw: str
    wanted: str
    hint: str = ""


def enough(won: int, not_won: int) -> Gate:
    """Ask for 40 won and 40 other leads to learn from.

    Examples
    --------
    >>> enough(25, 300).saw, enough(25, 300).hint
    ('25 won and 300 not won', '15 more won leads are needed: give more history')
    """
    lacking = [
        f"{LEAST - n} more {words}"
        for n, words in ((won, "won"), (not_won, "not won"))
        if n < LEAST
    ]
    hint = f"{' and '.join(lacking)} leads are needed: give more history" if lacking else ""
    return Gate(
        "enough leads",
        not lacking,
        f"{won:,} won and {not_won:,} not won",
        f"at least {LEAST} of each, worked and mature",
        hint,
    )


def no_leaks(suspects: Sequence[Any]) -> Gate:
    """Ask that every column which may tell the outcome has been answered for."""
    names = ", ".join(one.column for one in suspects)
    hint = "leadready check says why; answer in leadready.yaml: " if suspects else ""
    return Gate(
        "no leaks",
        not suspects,
        f"suspected: {names}" if suspects else "no column is suspected",
        "no unanswered suspect among the features",
        hint + "; ".join(f"{one.column}: leak: true, or known_at_moment: true" for one in suspects),
    )


def known_in_time(at_extract: bool) -> Gate:
    """Ask that only outcomes were learnt from which were known at the time."""
    return Gate(
        "outcomes known at the time",
        not at_extract,
        "outcomes as they stood at the extract" if at_extract else "only what was known then",
        "a model that could have been trained on the day its test begins",
        "remove  outcomes: at_extract  from leadready.yaml, evaluation" if at_extract else "",
    )


def better(figures: Mapping[str, Figures]) -> Gate:
    """Ask that the model beats chance and the definition alone on later leads, beyond luck."""
    model, rules = figures["model"], figures["definition"]
    auc = model.intervals()["auc"]
    ahead = model.ahead_of(rules, "auc")
    chance = auc["low"] is not None and auc["low"] > 0.5
    passed = chance and ahead["low"] is not None and ahead["low"] > 0
    hint = "these features do not tell the rules' leads apart any better: collect other features"
    if not chance:
        hint = "nothing here tells won leads from others: the outcomes look random to the model"
    return Gate(
        "better than chance and than the rules alone",
        bool(passed),
        f"AUC {_between(auc)}; {_between(ahead, '+.3f')} over the rules alone",
        "AUC above 0.5 and above the rules, by the lower end of the interval",
        "" if passed else hint,
    )


def calibrated(figures: Figures, tolerance: Mapping[str, float]) -> Gate:
    """Ask that predicted wins are as many as real ones, and as far apart as they say.

    A figure passes when it lies within the tolerance, or cannot be told from 1.
    """
    share = tolerance.get("calibration", TOLERANCE["calibration"])
    told = figures.intervals()
    slope, ratio = told["calibration_slope"], told["expected_wins_ratio"]
    wrong = []
    if not _near_one(ratio, share):
        many = (ratio["value"] or 0) > 1
        wrong.append("too many wins are promised" if many else "too few are promised")
    if not _near_one(slope, share):
        flat = slope["value"] is None or slope["value"] < 1
        wrong.append("good leads are overrated" if flat else "differences are understated")
    return Gate(
        "calibrated",
        not wrong,
        f"predicted over real wins {_between(ratio, '.2f')}; slope {_between(slope, '.2f')}"
        + (f": {' and '.join(wrong)}" if wrong else ""),
        f"both within {share:.0%} of 1, or their intervals include it",
        "what wins leads has changed since: train on later outcomes" if wrong else "",
    )


def calibrated_before(pooled: Figures | None, periods: int, tolerance: Mapping[str, float]) -> Gate:
    """Ask that predicted wins were as many as real ones over all periods, not in the last alone.

    Parameters
    ----------
    pooled : Figures or None
        On the leads of all periods, each scored by what was known when its period began.
    periods : int
        How many; 0 where leads were not split in time.
    """
    share = tolerance.get("calibration", TOLERANCE["calibration"])
    name, wanted = "calibrated over all periods", f"within {share:.0%} of 1, or an interval with 1"
    if pooled is None:
        return Gate(name, True, "there are no earlier periods to look at", wanted)
    ratio = pooled.intervals()["expected_wins_ratio"]
    passed = _near_one(ratio, share)
    return Gate(
        name,
        passed,
        f"predicted over real wins {_between(ratio, '.2f')} over {periods} periods, each by what "
        "was known when it began",
        wanted,
        ""
        if passed
        else "chances do not hold from season to season: trust the ranking only; "
        "leadready rolling shows each period",
    )


def calibrated_by_slice(slices: pd.DataFrame, tolerance: Mapping[str, float]) -> Gate:
    """Ask the same of every slice that is large enough, allowing for how many there are."""
    share = tolerance.get("calibration", TOLERANCE["calibration"])
    ranked = slices.assign(beyond=np.maximum(slices["low"] - 1, 1 - slices["high"]))
    off = ranked[ranked["beyond"] > share].sort_values("beyond", ascending=False)
    said = [
        f"{one.words} {one.label}: {one.won:.0f} won, {one.expected:.0f} expected"
        for one in off.head(SHOWN).itertuples()
    ]
    more = f" and {len(off) - SHOWN} more" if len(off) > SHOWN else ""
    return Gate(
        "calibrated in every slice",
        off.empty,
        ("; ".join(said) + more) if len(off) else f"{len(slices)} slices, none beyond chance",
        f"real over predicted wins within {share:.0%} of 1 in each, as far as can be told",
        "" if off.empty else "look at these slices; has something changed there?",
    )


def slices(
    card: Scorecard, X: pd.DataFrame, y: Array, p: Array, wider: float = 1.0
) -> pd.DataFrame:
    """Compare real with predicted wins for each value of each fit feature.

    Parameters
    ----------
    wider : float
        How much wider intervals are since rows are alike (`model.training.bins.wider`).

    Returns
    -------
    DataFrame
        ``words, label, leads, won, expected, low, high``: the last two are the ends of the
        interval of real over predicted wins, as wide as the number of slices asks for; slices with
        fewer than 100 leads or 10 expected wins are left out.
    """
    from scipy.stats import norm

    rows = []
    for feature in card.content["features"]:
        if feature["family"] == "engagement":
            continue
        bins = card.axes[feature["name"]].bins(X)
        for place, label in enumerate(feature["labels"]):
            here = bins == place
            expected = float(p[here].sum())
            if here.sum() >= SLICE_LEADS and expected >= SLICE_WINS:
                spread = wider * float(np.sqrt((p[here] * (1 - p[here])).sum()))
                rows.append(
                    (
                        feature["words"],
                        label,
                        int(here.sum()),
                        float(y[here].sum()),
                        expected,
                        spread,
                    )
                )
    found = pd.DataFrame(rows, columns=["words", "label", "leads", "won", "expected", "spread"])
    wide = norm.ppf(1 - 0.025 / max(len(found), 1))
    found["low"] = (found["won"] - wide * found["spread"]) / found["expected"]
    found["high"] = (found["won"] + wide * found["spread"]) / found["expected"]
    return found.drop(columns="spread")


def never_rules(scored: pd.DataFrame) -> Gate:
    """Ask that no lead which the rules exclude is handed to sales."""
    never = scored["rules_verdict"] == "never"
    broken = scored["lead_id"][never & (scored["decision"] != "never")]
    return Gate(
        "never-rules hold",
        broken.empty,
        f"{int(never.sum()):,} leads that the rules exclude, {len(broken)} of them handed on",
        "none handed on",
        "" if broken.empty else f"look at lead {broken.iloc[0]}",
    )


def directions_hold(
    card: Scorecard, expected: Mapping[str, int], free: Sequence[Mapping[str, Any]] = ()
) -> Gate:
    """Ask that the served curves rise and fall as both teams expect.

    A feature that the model does not use contradicts nobody. Where a curve learnt freely (see
    ``directions.free_curves``) goes the other way, the gate says so, and does not refuse.
    """
    known = {one["name"]: one for one in card.content["features"]}
    wrong = []
    for name, sign in expected.items():
        if name in known:
            steps = np.diff(known[name]["points"][1:]) * sign  # the first bin is: missing
            if known[name]["kind"] == "number" and (steps < -1e-9).any():
                wrong.append(known[name]["words"])
    used = sum(name in known for name in expected)
    contradicted = [f"{one['words']} ({one['says']})" for one in free if one["contradicted"]]
    warning = f"; left to itself the data says otherwise of {', '.join(contradicted)}"
    return Gate(
        "directions hold",
        not wrong,
        (
            f"against what was expected: {', '.join(wrong)}"
            if wrong
            else f"{used} of {len(expected)} expected directions are used, and hold"
            if expected
            else "no direction is expected"
        )
        + (warning if contradicted else ""),
        "every curve as the definition expects",
        "talk about it: the data says otherwise; change  expect:  or the data" if wrong else "",
    )


def examples_hold(definition: Mapping[str, Any]) -> Gate:
    """Ask that every example lead gets the verdict that was agreed for it."""
    different = examples_that_differ(definition)
    count = len(definition.get("examples") or ())
    return Gate(
        "examples hold",
        not different,
        "; ".join(str(one) for one in different[:SHOWN])
        if different
        else f"{count} examples, each as agreed"
        if count
        else "there are no examples",
        "each example's verdict",
        "change the rule or the example in the definition" if different else "",
    )


def agreement(scored: pd.DataFrame, definition: Mapping[str, Any]) -> Gate:
    """Ask that model and rules say the same of as many leads as was agreed."""
    wanted = (definition.get("tolerance") or {}).get("agreement")
    known = scored["agreement"] != "unknown"
    share = float((scored["agreement"][known] == "agree").mean()) if known.any() else 1.0
    passed = wanted is None or share >= wanted
    return Gate(
        "model and rules agree",
        bool(passed),
        f"they agree on {share:.0%} of the {int(known.sum()):,} leads that the rules can judge",
        f"at least {wanted:.0%}" if wanted is not None else "no tolerance was agreed",
        "" if passed else "see who was right in the report, and change the rules or the tolerance",
    )


def agreement_by_criterion(
    scored: pd.DataFrame, X: pd.DataFrame, definition: Mapping[str, Any]
) -> Gate:
    """Ask that the leads which the model calls ready mostly meet each thing that the rules require.

    A requirement is a criterion that every ready lead has to meet, or a group of which it has to
    meet one; leads for which it is not known count neither way.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> rules = {"ready_when": [size], "tolerance": {"criterion": 0.8}}
    >>> scored = pd.DataFrame({"model_verdict": ["ready", "ready", "not ready"]})
    >>> X = pd.DataFrame({"employees": [60, 20, 10]})
    >>> agreement_by_criterion(scored, X, rules).saw
    'of the leads that the model calls ready, 50% of 2 meet size'
    """
    wanted = (definition.get("tolerance") or {}).get("criterion")
    ready = X[(scored["model_verdict"] == "ready").to_numpy()]
    shares = {}
    for name, rule in requirements(definition):
        code = Definition.from_dict({"ready_when": {"all": [rule]}}).evaluate(ready).code
        told = code[code != UNKNOWN]
        if len(told):
            shares[name] = (float((told == READY).mean()), len(told))
    worst = sorted(shares.items(), key=lambda one: one[1][0])
    low = [one for one in worst if wanted is not None and one[1][0] < wanted]
    said = [f"{share:.0%} of {many:,} meet {name}" for name, (share, many) in (low or worst[:1])]
    return Gate(
        "model and rules agree on each criterion",
        not low,
        f"of the leads that the model calls ready, {'; '.join(said[:SHOWN]) or 'none can be told'}",
        f"at least {wanted:.0%} each" if wanted is not None else "no tolerance was agreed",
        "the model cares less for it than was agreed: talk about the criterion" if low else "",
    )


def not_worse(
    figures: Mapping[str, Figures] | None, leads: int, tolerance: Mapping[str, float], champion: str
) -> Gate:
    """Ask that the champion is not better, on leads that neither of them learnt from.

    Parameters
    ----------
    figures : mapping or None
        ``model`` and ``champion`` on those leads; None where there is no champion or no such lead.
    leads : int
        How many there are.
    champion : str
        Its version; empty where there is none.
    """
    least = -tolerance.get("champion", TOLERANCE["champion"])
    wanted = f"AUC no more than {-least:g} below the champion's, by the lower end of the interval"
    name = "not worse than the champion"
    if not champion:
        return Gate(name, True, "there is no champion yet", wanted)
    if figures is None:
        hint = "test on later leads than the champion learnt from: see evaluation.test_from"
        return Gate(name, False, f"champion {champion} has seen all {leads} leads", wanted, hint)
    ahead = figures["model"].ahead_of(figures["champion"], "auc")
    passed = ahead["low"] is not None and ahead["low"] >= least
    return Gate(
        name,
        bool(passed),
        f"AUC {_between(ahead, '+.3f')} against version {champion} on {leads:,} leads",
        wanted,
        "" if passed else "the champion stays; see what changed between the two",
    )


def served(here: pd.DataFrame, there: pd.DataFrame) -> Gate:
    """Ask that the registered model, in a fresh process elsewhere, gives the same scores."""
    numbers = ["probability", "score", "fit_points", "engagement_points"]
    words = ["grade", "level", "rules_verdict", "model_verdict", "decision", "reasons_for"]
    far = float(np.abs(here[numbers].to_numpy() - there[numbers].to_numpy()).max(initial=0))
    same = all(
        (here[one].astype("str").to_numpy() == there[one].astype("str").to_numpy()).all()
        for one in words
    )
    passed = far <= 1e-9 and same
    return Gate(
        "served as evaluated",
        bool(passed),
        f"{len(here):,} leads scored in a fresh process, largest difference {far:.1g}",
        "the same scores and decisions",
        "" if passed else "the registered files differ from the evaluated model: train again",
    )


def verdict(gates: Iterable[Gate]) -> str:
    """Say in one sentence what the gate decided."""
    refused = [one for one in gates if not one.passed]
    if not refused:
        return "Promoted: every check passed. This version now scores the leads."
    reasons = "; ".join(f"{one.name} (saw {one.saw})" for one in refused)
    return f"Refused, and kept as challenger: {reasons}."


def _near_one(figure: Mapping[str, float | None], share: float) -> bool:
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None:
        return False
    if abs(value - 1) <= share:
        return True
    return low is not None and high is not None and low <= 1 <= high


def _between(figure: Mapping[str, float | None], form: str = ".3f") -> str:
    if figure["value"] is None:
        return "cannot be told"
    if figure["low"] is None:
        return f"{figure['value']:{form}}"
    return f"{figure['value']:{form}} ({figure['low']:{form}} to {figure['high']:{form}})"
