"""``leadready agreement``: where a model and the agreed rules disagree, and who was right.

Only leads that the model cannot have learned from take part. Leads without a known outcome are
counted, but are in no win rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.progress import Progress, no_progress
from features.text import count, day, interval, percent, table, wrap
from model.registry.registry import LoadedModel, Registry
from model.serving import Definition, Scorecard, score_leads
from model.simulation.disagreement import (
    LEAST_LEADS,
    MODEL,
    MODEL_ONLY,
    NEITHER,
    RULES,
    RULES_ONLY,
    Disagreement,
    Trait,
    VerdictGroup,
    disagreement,
)
from model.simulation.history import History, Mask
from model.training.splits import split_leads
from pipelines.definition.past_leads import past_leads
from pipelines.definition.rates_text import bounds_text, points_difference_text, win_rate_text
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.judge import unseen_rows

MOST_FAILED = 4  # criteria that are named


@dataclass(frozen=True)
class Agreement:
    """How far a registered model and a definition agree.

    Attributes
    ----------
    model_version, definition_version : str
        What was compared.
    first_day, last_day : str or None
        When the leads were judged; None without dates.
    disagreement : Disagreement
        The leads by who calls them ready.
    """

    model_version: str
    definition_version: str
    first_day: str | None
    last_day: str | None
    disagreement: Disagreement


def agreement(
    folder: Path, *, model: str = "champion", progress: Progress = no_progress
) -> Agreement:
    """Compare a registered model with the definition that it serves.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str
        An alias or a version.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        When no such model is registered, or it has seen every lead with a known outcome.
    """
    snapshot = read_snapshot(folder, progress)
    workspace = snapshot.workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    return compare_on_unseen(snapshot, past_leads(snapshot), loaded, progress).agreement


class ComparedLeads(NamedTuple):
    """A comparison, the leads that it is about, and their scores."""

    agreement: Agreement
    leads: History
    scored: pd.DataFrame


def compare_on_unseen(
    snapshot: Snapshot, history: History, loaded: LoadedModel, progress: Progress = no_progress
) -> ComparedLeads:
    """Compare a version with its definition, on past leads that it has not learned from.

    Raises
    ------
    LeadReadyError
        When it may have learned from every lead with a known outcome.
    """
    unseen = unseen_leads(snapshot, history, loaded)
    progress(
        f"scoring {count(int(unseen.sum()), 'lead')} that version {loaded.version} has not "
        "learned from"
    )
    part = history.subset(unseen)
    definition = Definition.from_dict(loaded.definition)
    scored = score_leads(
        _features_of_model(snapshot, part, loaded),
        Scorecard.from_dict(loaded.judged),
        definition,
    ).reset_index(drop=True)
    dated = part.rows["as_of"].notna().any()
    answer = Agreement(
        loaded.version,
        definition.version,
        day(part.rows["as_of"].min()) if dated else None,
        day(part.rows["as_of"].max()) if dated else None,
        disagreement(part, scored),
    )
    return ComparedLeads(answer, part, scored)


def _features_of_model(snapshot: Snapshot, part: History, loaded: LoadedModel) -> pd.DataFrame:
    """Give the features of a version; they are built again only if the workspace changed them."""
    of_model = [Feature(**feature) for feature in loaded.catalogue]
    if all(feature in snapshot.catalogue for feature in of_model):
        return part.X
    return snapshot.at(part.rows, of_model).features


def unseen_leads(snapshot: Snapshot, history: History, loaded: LoadedModel) -> Mask:
    """Tell which leads a version cannot have learned from.

    These are the leads that it was tested on, and leads of the same period without an outcome.

    Raises
    ------
    LeadReadyError
        When it may have learned from every lead with a known outcome.
    """
    labelled, evaluation = snapshot.labelled, snapshot.workspace.evaluation
    halves = split_leads(
        labelled.rows,
        test_from=evaluation.test_from,
        test_until=evaluation.test_until,
        test_share=evaluation.test_share,
        seed=int(loaded.evaluation.get("seed") or 0),
    )
    tested = unseen_rows(loaded.evaluation, halves, labelled.rows)
    of_model = loaded.evaluation.get("split") or {}
    if not tested.any() and of_model.get("how") == halves.how != "forward in time":
        tested = halves.test  # the same leads, drawn in the same way
    if not tested.any():
        raise LeadReadyError(
            f"version {loaded.version} may have learned from every lead with a known outcome",
            hint="add later leads, or train again: leadready train",
        )
    ids = set(labelled.rows["lead_id"][tested])
    unseen = history.rows["lead_id"].isin(ids).to_numpy()
    if of_model.get("test_from"):
        later = (history.rows["as_of"] >= pd.Timestamp(of_model["test_from"])).to_numpy()
        unseen = later & (unseen | ~history.labelled)
    return np.asarray(unseen)


# -- for people -----------------------------------------------------------------------------------


def agreement_text(answer: Agreement) -> str:
    """Write the comparison as a table and sentences."""
    found = answer.disagreement
    noun = "judgement" if found.judgements > found.leads else "lead"
    parts = [
        _compared_lines(answer, noun),
        _groups_lines(found, noun),
        wrap(who_was_right_text(found)),
        _group_lines(MODEL_ONLY, found, noun),
        _group_lines(RULES_ONLY, found, noun),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts)


def _compared_lines(answer: Agreement, noun: str) -> list[str]:
    found = answer.disagreement
    when = f" judged from {answer.first_day} to {answer.last_day}" if answer.first_day else ""
    lines = wrap(
        f"Version {answer.model_version} and definition {answer.definition_version}, compared on "
        f"{count(found.leads, 'lead')}{when}. The model has not learned from any of them."
    )
    if noun == "judgement":
        lines += wrap(
            f"Open leads are judged repeatedly, so there are {count(found.judgements, noun)}."
        )
    apart = sum(found.groups[name].win_rate.leads for name in (MODEL_ONLY, RULES_ONLY))
    share = percent(found.share)
    return [
        *lines,
        *wrap(f"They disagree on {apart:,} of {count(found.judgements, noun)} ({share})."),
    ]


def _groups_lines(found: Disagreement, noun: str) -> list[str]:
    rows = [
        {
            "group": name,
            "leads": f"{group.win_rate.leads:,}",
            "labelled": f"{group.win_rate.labelled:,}",
            "won": win_rate_text(group.win_rate),
            "bounds": bounds_text(group.win_rate),
        }
        for name, group in found.groups.items()
    ]
    columns = {
        "group": "",
        "leads": f"> {noun}s",
        "labelled": "> outcome known",
        "won": "> won of these",
        "bounds": "> unworked as lost–won",
    }
    return table(rows, columns)


def who_was_right_text(found: Disagreement) -> str:
    """Say whether the model or the rules were right where they disagree.

    Examples
    --------
    >>> print(who_was_right_text(Disagreement(9, 9, 0.2, {}, None, "undecided")))
    Who was right? Too few leads to tell: each side needs 20 with a known outcome.
    """
    if found.difference is None:
        return (
            f"Who was right? Too few leads to tell: each side needs {LEAST_LEADS} with a known "
            "outcome."
        )
    difference = points_difference_text(found.difference, -1 if found.right == RULES else 1)
    if found.right in (MODEL, RULES):
        side, other = (MODEL, RULES) if found.right == MODEL else (RULES, MODEL)
        verb = "was" if side == MODEL else "were"
        return (
            f"Who was right? The {side} {verb}: leads that only the {side} called ready were won "
            f"more often than those that only the {other} called ready, by {difference}."
        )
    return (
        "Who was right? The data cannot tell: the win rates of the two sides differ by "
        f"{difference}, which may be chance."
    )


def _group_lines(name: str, found: Disagreement, noun: str) -> list[str]:
    """Describe the leads that only one side calls ready."""
    group, side = found.groups[name], MODEL if name == MODEL_ONLY else RULES
    lines = wrap(f"Ready only to the {side}: {count(group.win_rate.leads, noun)}")
    if group.failed:
        failed = ", ".join(
            f"{criterion.criterion} ({percent(criterion.share)})"
            for criterion in group.failed[:MOST_FAILED]
        )
        lines += wrap(f"Criteria that they fail: {failed}", "  ", "    ")
    return [*lines, *_traits_lines(group, noun)]


def _traits_lines(group: VerdictGroup, noun: str) -> list[str]:
    callers = "neither calls" if group.compared_with == NEITHER else "both call"
    others = f"the {noun}s that {callers} ready"
    if not group.traits:
        return wrap(f"Nothing distinguishes them from {others} beyond chance.", "  ")
    lines = wrap(f"More frequent than among {others}:", "  ")
    for trait in group.traits:
        lines += wrap(trait_text(trait), "    ", "      ")
    return lines


def trait_text(trait: Trait) -> str:
    """Say how much more frequent a value is.

    Examples
    --------
    >>> trait_text(Trait("n", "visits", "5 or more", 0.55, 0.22, 2.5, 9.0, 0.0, 2.0, 3.04))
    'visits: 5 or more — 55% against 22%, 2.5 times as often (2.0–3.0)'
    """
    share = f"{trait.words}: {trait.label} — {percent(trait.share)} against"
    if not trait.other_share:
        return f"{share} none"
    often = interval(trait.lift, trait.low, trait.high, 1).replace(" (", " times as often (")
    return f"{share} {percent(trait.other_share)}, {often}"
