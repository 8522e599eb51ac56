"""Problems in the mapping, the data and the definition, causes before consequences.

A wrong name in the mapping empties everything that is built from it, so it comes first. Then come
rows of the files that could not be used, leads that could not be judged, outcomes, and the
definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.guess.columns import ColumnGuess
from features.labels.closings import OPEN_WITH_CLOSING_DATE
from features.labels.missing_past import MISSING_PAST
from features.labels.outcomes import NOT_WON, WON
from features.labels.rejection_reasons import OTHER, guess_disposition
from features.labels.stateless import WITHOUT_STATE
from features.tables.problems import Problem
from features.text import count, join, yaml_inline
from features.workspace.schema import Workspace
from model.definition.evaluate import example_mismatches
from model.definition.read import check_same_terms
from model.serving import Definition
from pipelines.check.result import CheckProblem

MAPPING, FILES, MOMENTS, OUTCOMES, DEFINITION = STEPS = (
    "mapping",
    "files",
    "moments",
    "outcomes",
    "definition",
)
STEP_OF_KIND = {  # of the problems found while the tables are read; all others are of the files
    "kind never seen": MAPPING,
    "outcome never seen": MAPPING,
    "value never seen": MAPPING,
    "of unknown columns": MAPPING,
    "future dates": MOMENTS,
    "closed before created": MOMENTS,
    "outcomes before the moment": MOMENTS,
    WITHOUT_STATE: OUTCOMES,
    MISSING_PAST: OUTCOMES,
    OPEN_WITH_CLOSING_DATE: MOMENTS,
}
ENOUGH = 40  # won and not-won leads that a model needs at least
MOST_REASONS = 6  # reasons that a message names


def causes_first(problems: Iterable[CheckProblem]) -> list[CheckProblem]:
    """Order problems by the step at which they arise."""
    return sorted(problems, key=lambda problem: STEPS.index(problem.step))


def table_problems(problems: Iterable[Problem]) -> list[CheckProblem]:
    """Problems found in the tables; most of them do not prevent training."""
    return [
        CheckProblem(
            STEP_OF_KIND.get(problem.kind, FILES),
            problem.table,
            problem.kind,
            problem.count,
            problem.message,
            problem.hint,
            problem.blocks,
            problem.examples,
        )
        for problem in problems
    ]


def personal_features(ws: Workspace, guesses: Mapping[str, ColumnGuess]) -> list[CheckProblem]:
    """Columns with personal data that are mapped to features."""
    problems = []
    for column in ws.leads.columns:
        guess = guesses.get(column.name)
        if column.feature and not column.leak and guess is not None and guess.role == "personal":
            message = f"{column.name} is mapped to a feature, but {guess.reason}"
            hint = f"write  {yaml_inline(column.name)}: {{ignore: personal}}"
            problems.append(
                CheckProblem(MAPPING, "leads", "personal data as feature", 1, message, hint, True)
            )
    return problems


def without_features(features: Sequence[Feature], waiting: int) -> list[CheckProblem]:
    """The problem that nothing describes the leads, so there is nothing to learn from.

    Parameters
    ----------
    waiting : int
        Columns that would be features if somebody said that they were known at the moment.
    """
    if features:
        return []
    hint = "map columns to features under  columns:  in leadready.yaml"
    if waiting:
        answer = "say which of them were known when a lead was judged: known_at_moment: true"
        hint = f"{count(waiting, 'column')} {'is' if waiting == 1 else 'are'} left out as leaks: "
        hint += answer
    message = "no column of the leads is a feature, so there is nothing to learn from"
    return [CheckProblem(MAPPING, "leads", "no features", 1, message, hint, True)]


def unmapped_reason_problems(ws: Workspace, counts: Mapping[str, int]) -> list[CheckProblem]:
    """Reasons that sales gave and the workspace does not map; none if all are mapped.

    Parameters
    ----------
    counts : mapping
        Number of leads by unmapped reason.
    """
    if not counts:
        return []
    named = join((f"{name} ({leads:,})" for name, leads in counts.items()), most=MOST_REASONS)
    proposal: dict[str, list[str]] = {}
    for name in list(counts)[:MOST_REASONS]:
        proposal.setdefault(guess_disposition(name) or OTHER, []).append(name)
    return [
        CheckProblem(
            OUTCOMES,
            "leads" if ws.outcome.reason else "stages",
            "unmapped reasons",
            sum(counts.values()),
            f"leadready.yaml does not map these reasons of sales: {named}",
            f"once you agree, write  reasons: {yaml_inline(proposal)}  under outcome",
            blocks=False,
            examples=tuple(counts),
        )
    ]


def too_few_outcomes(
    outcomes: pd.DataFrame, causes: Iterable[CheckProblem] = ()
) -> list[CheckProblem]:
    """Too few won or not-won leads to learn from.

    Parameters
    ----------
    causes : iterable of CheckProblem
        Problems found so far; the hint points to wrong names in the mapping among them.
    """
    counts = outcomes["outcome"].value_counts()
    hint = "export a longer period, or check won_when, lost_when and horizon_days in leadready.yaml"
    if any(problem.step == MAPPING for problem in causes):
        hint = "first correct the names in leadready.yaml that are not in the data"
    problems = []
    for outcome in (WON, NOT_WON):
        leads = int(counts.get(outcome, 0))
        if leads < ENOUGH:
            known = count(leads, "lead is", "leads are")
            message = f"only {known} known to be {outcome}; a model needs at least {ENOUGH}"
            problems.append(
                CheckProblem(OUTCOMES, "leads", f"too few {outcome}", leads, message, hint, True)
            )
    return problems


def definition_problems(definition: Definition, ws: Workspace) -> list[CheckProblem]:
    """Examples that the rules contradict, and terms that differ from the workspace's."""
    fix = f"change the rules or the example in {ws.definition}"
    found = [("example differs", str(problem), fix) for problem in example_mismatches(definition)]
    try:
        check_same_terms(definition, ws)
    except LeadReadyError as error:
        found.append(("contradiction", str(error), error.hint or fix))
    return [
        CheckProblem(DEFINITION, "definition", kind, 1, message, hint, blocks=True)
        for kind, message, hint in found
    ]
