"""The text of the ``definition.yaml`` that ``leadready init`` writes: a start for the workshop.

Each criterion says which share of the leads meets it. The draft never looks at outcomes, because
what the teams agree on and what the model learns are to be compared.
"""

from __future__ import annotations

from features.text import one_line_comment, percent, yaml_inline
from features.vocabulary.headings import heading_concepts
from pipelines.init.draft import Draft
from pipelines.init.draft_criteria import (
    DraftCriterion,
    any_criterion,
    dashed,
    fit_criteria,
    interest_criteria,
)


def draft_definition_text(draft: Draft) -> str:
    """Write the text of ``definition.yaml``, without signatures."""
    never = _never_lines(draft)
    lines = [
        "# The lead definition: what sales and marketing agree makes a lead sales-ready. This is a",
        "# draft, made from the columns alone, and not agreed yet. Go through it together,",
        "# correct every line that is wrong, then sign it:",
        "#   leadready definition check",
        '#   leadready definition sign --team sales --name "…"',
        "draft: true   # nothing is held against a draft; remove this line once it is yours",
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
        *_ready_lines(draft),
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


def _criterion_lines(criterion: DraftCriterion) -> list[str]:
    comment = f"{criterion.words}: {percent(criterion.share)} of the leads"
    return [f"    # {one_line_comment(comment)}", f"    - {yaml_inline(criterion.rule)}"]


def _ready_lines(draft: Draft) -> list[str]:
    fit, interest = fit_criteria(draft), interest_criteria(draft)
    lines = [line for criterion in fit for line in _criterion_lines(criterion)]
    signs = [line for criterion in interest for line in _criterion_lines(criterion)]
    if len(interest) == 1:
        return lines + signs
    if interest:
        return [*lines, "    - any:   # one sign of interest is enough", *_indented(signs)]
    if lines:
        return lines
    splitting = any_criterion(draft)
    if splitting:
        return _criterion_lines(splitting)
    return ["    # no column tells the leads apart, so all meet this: replace it", _known(draft)]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _known(draft: Draft) -> str:
    features = draft.feature_columns
    feature = features[0].feature if features else "days_since_created"
    return f"    - {yaml_inline({'id': 'known', 'feature': feature, 'is_missing': False})}"


def _never_lines(draft: Draft) -> list[str]:
    for guess in draft.feature_columns:
        if guess.type == "flag" and "opt_out" in heading_concepts(guess.column):
            criterion = {"id": dashed(guess.feature), "feature": guess.feature, "equals": "yes"}
            return ["  # they asked us not to", f"  - {yaml_inline(criterion)}"]
    return []
