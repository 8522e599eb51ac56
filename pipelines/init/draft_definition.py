"""The text of the ``definition.yaml`` that ``leadready init`` writes: a start, agreed by nobody.

It names features that the data has and thresholds in the middle of the data; it never looks at
outcomes, since what the teams agree on and what the model learns are to be held against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from features.guess.columns import Guess
from pipelines.init.draft_workspace import listed, scalar

if TYPE_CHECKING:
    from pipelines.init.init import Draft


def definition_text(draft: Draft) -> str:
    """The text of ``definition.yaml``: a start for the workshop, not signed by anybody."""
    fit, engagement = _fit(draft), _engagement(draft)
    never = _never(draft)
    lines = [
        "# The lead definition: what sales and marketing agree a sales-ready lead is. This draft",
        "# was made from the columns alone and nobody has agreed to it. Sit down together, change",
        "# every line that is wrong, then sign it:",
        "#   leadready definition check",
        '#   leadready definition sign --team sales --name "…"',
        "name: sales-ready lead",
        "version: 1",
        "terms:",
        "  lead: somebody who might buy from us",
        "  mql: a lead that marketing hands over to sales",
        "  sal: a handed-over lead that sales has accepted",
        "  sql: an accepted lead whose need and budget sales has confirmed",
        "  opportunity: a deal that sales expects to be decided",
        "ready_when:",
        "  all:",
        *(fit or engagement or ["    - " + _anything(draft)]),
        *(_any_of(engagement) if fit and engagement else []),
    ]
    lines += ["never_when:", *never] if never else ["never_when: []   # e.g. students, competitors"]
    return "\n".join(lines + _agreement()) + "\n"


def _agreement() -> list[str]:
    return [
        "expect: []   # e.g. - {feature: employees, direction: increasing}",
        "examples: []   # e.g. - {lead: {employees: 500}, verdict: ready, because: it closed}",
        "handoff:",
        "  decide_by: review   # where the model and these rules disagree: review, model or rules",
        "  follow_up_hours: 48",
        "  explore: 0.0   # share of the other leads handed over all the same, to keep learning",
        "tolerance: {agreement: 0.5}   # share of leads on which model and rules have to agree",
        "teams: [sales, marketing]   # have to sign",
        "agreed: []   # signatures; any change above voids them",
    ]


def _usable(draft: Draft) -> list[Guess]:
    taken = {draft.id, draft.account, draft.contact, draft.created, draft.handoff, draft.reason}
    taken.add(draft.outcome.column if draft.outcome else None)
    return [
        one
        for one in draft.guesses
        if one.family and one.column not in draft.suspects and one.column not in taken
    ]


def _fit(draft: Draft) -> list[str]:
    lines = []
    for one in _usable(draft):
        if one.family == "firmographic" and one.type == "number":
            lines += _at_least_median(draft, one, "half of the leads have as many")
        elif one.type == "title":
            lines += [
                "    # read from the job title",
                "    - {id: decision-maker, feature: seniority, one_of: [director, vp, c_level]}",
            ]
    if not lines:
        lines = [
            line
            for one in _usable(draft)
            if one.family in ("firmographic", "role")
            for line in _common_values(draft, one)
        ]
    return lines[:4]


def _engagement(draft: Draft) -> list[str]:
    if any(not one.is_stages for _, one in draft.events):
        return [
            "    # did anything at all in the last month",
            "    - {id: active, feature: active_days_30d, at_least: 1}",
        ]
    numbers = [one for one in _usable(draft) if one.family == "engagement" and one.type == "number"]
    lines = [
        line for one in numbers for line in _at_least_median(draft, one, "half of the leads do")
    ]
    return lines[:4]


def _at_least_median(draft: Draft, guess: Guess, why: str) -> list[str]:
    from features.files.open_table import parse_numbers

    middle = parse_numbers(draft.raw[guess.column]).median()
    if pd.isna(middle):
        return []
    name = guess.feature.replace("_", "-")
    head = f"{{id: {scalar('enough-' + name)}, feature: {scalar(guess.feature)}"
    return [
        f"    # {why}; not learnt from outcomes",
        f"    - {head}, at_least: {middle:.6g}}}",
    ]


def _common_values(draft: Draft, guess: Guess) -> list[str]:
    if guess.type != "category":
        return []
    counts = draft.raw[guess.column].value_counts()
    if not len(counts) >= 2:
        return []
    name = guess.feature.replace("_", "-")
    return [
        "    # the most common values; keep those that fit you",
        f"    - {{id: {scalar('right-' + name)}, feature: {scalar(guess.feature)}, "
        f"one_of: {listed(counts.index[:3])}}}",
    ]


def _anything(draft: Draft) -> str:
    usable = _usable(draft)
    feature = usable[0].feature if usable else "days_since_created"
    return f"{{id: known, feature: {scalar(feature)}, is_missing: false}}"


def _any_of(lines: list[str]) -> list[str]:
    return ["    - any:   # one sign of interest is enough", *("    " + one for one in lines)]


def _never(draft: Draft) -> list[str]:
    for one in _usable(draft):
        if one.type == "flag" and one.feature.startswith(("do_not", "opt_out", "unsubscribed")):
            name = one.feature.replace("_", "-")
            return [
                "  # they asked us not to",
                f'  - {{id: {scalar(name)}, feature: {scalar(one.feature)}, equals: "yes"}}',
            ]
    return []
