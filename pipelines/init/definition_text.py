"""The text of the ``definition.yaml`` that ``leadready init`` writes: a start for the workshop.

It names features that the data has, with thresholds in the middle of the data. It never looks at
outcomes, because what the teams agree on and what the model learns are to be compared.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from features.guess.columns import ColumnGuess
from features.text import yaml_inline
from features.values.numbers import parse_numbers
from pipelines.init.draft import Draft

MOST_LINES = 4  # of a group of criteria
_OPT_OUTS = ("do_not", "opt_out", "unsubscribed")


def draft_definition_text(draft: Draft) -> str:
    """Write the text of ``definition.yaml``, without signatures."""
    fit, engagement, never = _fit_lines(draft), _engagement_lines(draft), _never_lines(draft)
    lines = [
        "# The lead definition: what sales and marketing agree makes a lead sales-ready. This is a",
        "# draft, made from the columns alone, and not agreed yet. Go through it together,",
        "# correct every line that is wrong, then sign it:",
        "#   leadready definition check",
        '#   leadready definition sign --team sales --name "…"',
        "name: sales-ready lead",
        "version: 1",
        "terms:",
        "  lead: anyone who might buy from us",
        "  mql: a lead that marketing hands over to sales",
        "  sal: a handed-over lead that sales has accepted",
        "  sql: an accepted lead whose need and budget sales has confirmed",
        "  opportunity: a deal that sales expects to be decided",
        "ready_when:",
        "  all:",
        *(fit or engagement or [f"    - {_known_feature(draft)}"]),
        *(_any_of(engagement) if fit and engagement else []),
    ]
    lines += ["never_when:", *never] if never else ["never_when: []   # e.g. students, competitors"]
    return "\n".join(lines + _agreement_lines()) + "\n"


def _agreement_lines() -> list[str]:
    return [
        "expect: []   # e.g. - {feature: employees, direction: increasing}",
        "examples: []   # e.g. - {lead: {employees: 500}, verdict: ready, because: it closed}",
        "handoff:",
        "  decide_by: review   # where model and rules disagree: review, model or rules",
        "  follow_up_hours: 48",
        "  explore: 0.0   # share of the other leads to hand over anyway, to keep learning",
        "tolerance: {agreement: 0.5}   # share of leads on which model and rules must agree",
        "teams: [sales, marketing]   # each of them must sign",
        "agreed: []   # signatures; any change above voids them",
    ]


def _fit_lines(draft: Draft) -> list[str]:
    lines = []
    for guess in draft.feature_columns:
        if guess.family == "firmographic" and guess.type == "number":
            lines += _at_least_median(draft, guess, "half of the leads have at least this many")
        elif guess.type == "title":
            decision_maker = {
                "id": "decision-maker",
                "feature": "seniority",
                "one_of": ["director", "vp", "c_level"],
            }
            lines += _criterion("read from the job title", decision_maker)
    if not lines:
        lines = [
            line
            for guess in draft.feature_columns
            if guess.family in ("firmographic", "role")
            for line in _common_values(draft, guess)
        ]
    return lines[:MOST_LINES]


def _engagement_lines(draft: Draft) -> list[str]:
    if any(not guess.is_stages for _, guess in draft.events):
        active = {"id": "active", "feature": "active_days_30d", "at_least": 1}
        return _criterion("was active at all in the last month", active)
    lines = [
        line
        for guess in draft.feature_columns
        if guess.family == "engagement" and guess.type == "number"
        for line in _at_least_median(draft, guess, "half of the leads reach this")
    ]
    return lines[:MOST_LINES]


def _criterion(comment: str, criterion: Mapping[str, object]) -> list[str]:
    return [f"    # {comment}", f"    - {yaml_inline(criterion)}"]


def _at_least_median(draft: Draft, guess: ColumnGuess, comment: str) -> list[str]:
    median = parse_numbers(draft.raw[guess.column]).median()
    if pd.isna(median):
        return []
    criterion = {
        "id": f"enough-{_dashed(guess.feature)}",
        "feature": guess.feature,
        "at_least": float(f"{median:.6g}"),
    }
    return _criterion(f"{comment}; not learned from outcomes", criterion)


def _common_values(draft: Draft, guess: ColumnGuess) -> list[str]:
    values = draft.raw[guess.column].value_counts().index
    if guess.type != "category" or len(values) < 2:
        return []
    criterion = {
        "id": f"right-{_dashed(guess.feature)}",
        "feature": guess.feature,
        "one_of": [str(value) for value in values[:3]],
    }
    return _criterion("the most common values; keep those that fit you", criterion)


def _known_feature(draft: Draft) -> str:
    features = [guess for guess in draft.feature_columns if guess.type != "choices"]
    feature = features[0].feature if features else "days_since_created"
    return yaml_inline({"id": "known", "feature": feature, "is_missing": False})


def _any_of(lines: list[str]) -> list[str]:
    return ["    - any:   # one sign of interest is enough", *(f"    {line}" for line in lines)]


def _never_lines(draft: Draft) -> list[str]:
    for guess in draft.feature_columns:
        if guess.type == "flag" and guess.feature.startswith(_OPT_OUTS):
            criterion = {"id": _dashed(guess.feature), "feature": guess.feature, "equals": "yes"}
            return ["  # they asked us not to", f"  - {yaml_inline(criterion)}"]
    return []


def _dashed(feature: str) -> str:
    return feature.replace("_", "-")
