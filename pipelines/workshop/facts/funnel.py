"""Screen 1: the funnel, the leads that nobody followed up, and those that sales turned down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.families.feature import Feature
from features.labels.outcomes import NOT_MATURE, UNKNOWN
from features.labels.rejection_reasons import NEVER_WORKED, NO_OUTCOME
from features.labels.states import won_stages
from features.vocabulary.stage_values import LOST, stage_meaning
from model.simulation.by_slice import ANY_OTHER, NOT_KNOWN, value_bands
from model.simulation.history import Mask
from pipelines.snapshot import Snapshot
from pipelines.workshop.facts.shares import Share

ORIGIN = "origin"
MOST_SOURCES = 8
PASSED = 0.5  # of the won leads: a stage that fewer passed is not on the way to a win
NO_STAGES = (
    "No stage history is mapped, so the funnel has only the steps that the table of leads shows, "
    "and no days."
)
NO_PATH = (
    "The stage history shows no lead on its way to a win, so the funnel has only the steps that "
    "the table of leads shows, and no days."
)
NO_FOLLOW_UPS = (
    "The workspace does not say which leads sales followed up (outcome: worked), so nobody can "
    "tell how many were never followed up."
)
NO_REASONS = "The export has no reasons for turning leads down."
NO_SOURCE = "No column is mapped as the source of the leads."


@dataclass(frozen=True)
class Step:
    """A step of the funnel: how many leads came so far, and after how many days (the median)."""

    name: str
    leads: int
    days: float | None


@dataclass(frozen=True)
class FunnelFacts:
    """Where we are.

    Attributes
    ----------
    steps : tuple of Step
        From the first contact to the win.
    least_age : int or None
        Only leads at least this many days old are counted; None where all are.
    steps_note, ignored_note, rejected_note : str
        What is not known, and why; empty where it is.
    ignored : Share or None
        The leads that were never followed up.
    ignored_by : tuple of Share
        The same by source.
    source_words : str
        What the source is called.
    rejected : Share or None
        The leads that sales turned down.
    reasons : tuple of Share
        Why, of those that were turned down; the most frequent first.
    """

    steps: tuple[Step, ...]
    least_age: int | None
    steps_note: str
    ignored: Share | None
    ignored_by: tuple[Share, ...]
    source_words: str
    ignored_note: str
    rejected: Share | None
    reasons: tuple[Share, ...]
    rejected_note: str


def funnel_facts(snapshot: Snapshot) -> FunnelFacts:
    """Count the leads at each step, those never followed up, and those turned down."""
    old_enough, least_age = _old_enough(snapshot)
    steps = _steps_from_stages(snapshot, old_enough)
    note = "" if steps else NO_PATH if len(snapshot.tables.stages) else NO_STAGES
    ignored, by_source, source, ignored_note = _never_followed_up(snapshot)
    rejected, reasons = _turned_down(snapshot)
    return FunnelFacts(
        steps=steps or _steps_from_leads(snapshot, old_enough),
        least_age=least_age,
        steps_note=note,
        ignored=ignored,
        ignored_by=by_source,
        source_words=source,
        ignored_note=ignored_note,
        rejected=rejected,
        reasons=reasons,
        rejected_note="" if reasons else NO_REASONS,
    )


# -- the steps ------------------------------------------------------------------------------------


def _old_enough(snapshot: Snapshot) -> tuple[Mask, int | None]:
    """Tell which leads have had the time to be won."""
    leads, days = snapshot.tables.leads, snapshot.workspace.outcome.horizon_days
    created = leads["created_at"]
    if days is None or created.isna().all():
        return np.ones(len(leads), dtype=bool), None
    latest = snapshot.extract_at - pd.Timedelta(days=days)
    return (created <= latest).to_numpy(), days


def _steps_from_stages(snapshot: Snapshot, old_enough: Mask) -> tuple[Step, ...]:
    """Follow the stages that won leads passed, in their usual order."""
    stages, lead = snapshot.tables.stages[["stage", "at"]], snapshot.tables.stage_leads
    stages = stages.assign(lead=lead)[(lead >= 0) & np.append(old_enough, False)[lead]]
    reached = stages.groupby(["lead", "stage"], sort=False)["at"].min().reset_index()
    won = snapshot.results["won"].to_numpy(dtype=bool)[reached["lead"]]
    path = _path_of_wins(reached[won], won_stages(snapshot.workspace, snapshot.tables))
    if len(path) < 2:
        return ()
    place = reached["stage"].map({stage: position for position, stage in enumerate(path)})
    on_path = reached.assign(place=place).dropna(subset=["place"])
    furthest = on_path.groupby("lead")["place"].max()
    begun = reached.groupby("lead")["at"].min()
    return tuple(
        Step(
            stage,
            int((furthest >= position).sum()),
            _median_days(on_path[on_path["place"] == position], begun) if position else None,
        )
        for position, stage in enumerate(path)
    )


def _path_of_wins(of_wins: pd.DataFrame, won_values: tuple[str, ...]) -> list[str]:
    of_wins = of_wins.assign(rank=of_wins.groupby("lead")["at"].rank(method="average"))
    by_stage = of_wins.groupby("stage")["rank"].agg(["mean", "size"])
    usual = by_stage[by_stage["size"] >= PASSED * max(of_wins["lead"].nunique(), 1)]
    ends = {stage: stage in won_values for stage in usual.index}
    ordered = sorted(usual.index, key=lambda stage: (ends[stage], usual.loc[stage, "mean"]))
    return [str(stage) for stage in ordered if stage_meaning(str(stage)) != LOST or ends[stage]]


def _median_days(reached: pd.DataFrame, begun: pd.Series) -> float | None:
    days = (reached["at"].to_numpy() - begun.reindex(reached["lead"]).to_numpy()) / np.timedelta64(
        1, "D"
    )
    known = days[np.isfinite(days)]
    return float(np.median(known)) if len(known) else None


def _steps_from_leads(snapshot: Snapshot, old_enough: Mask) -> tuple[Step, ...]:
    """Take the steps that need no stage history: all leads, judged, followed up, won."""
    leads = snapshot.tables.leads["lead_id"].reset_index(drop=True)
    old_ids = set(leads[old_enough])
    judged = set(snapshot.moments["lead_id"]) & old_ids
    steps = [("Leads in the export", old_ids), ("Judged for sales", judged)]
    if _says_who_was_worked(snapshot):
        outcomes = snapshot.outcomes
        ignored = set(outcomes["lead_id"][outcomes["why_unknown"] == NEVER_WORKED])
        steps.append(("Followed up by sales", judged - ignored))
    won = set(leads[snapshot.results["won"].to_numpy()]) & old_ids
    steps.append(("Won", won))
    return tuple(Step(name, len(ids), None) for name, ids in steps)


# -- both sides' complaints -----------------------------------------------------------------------


def _says_who_was_worked(snapshot: Snapshot) -> bool:
    never = (snapshot.outcomes["why_unknown"] == NEVER_WORKED).any()
    return snapshot.workspace.outcome.worked is not None or bool(never)


def _never_followed_up(
    snapshot: Snapshot,
) -> tuple[Share | None, tuple[Share, ...], str, str]:
    if not _says_who_was_worked(snapshot):
        return None, (), "", NO_FOLLOW_UPS
    outcomes = snapshot.outcomes
    known = (outcomes["outcome"] != UNKNOWN).to_numpy()
    never = (outcomes["why_unknown"] == NEVER_WORKED).to_numpy()
    last = ~outcomes["lead_id"].duplicated(keep="last").to_numpy()
    due = (known | never) & last
    total = Share("all leads", int((never & due).sum()), int(due.sum()))
    feature = source_feature(snapshot)
    if feature is None:
        return total, (), "", NO_SOURCE
    band, names = value_bands(snapshot.features[feature.name], feature)
    shares = [
        Share(_band_text(name), int((never & due & (band == place)).sum()), int(rows.sum()))
        for place, name in enumerate(names)
        if (rows := due & (band == place)).any()
    ]
    shares.sort(key=lambda share: -share.part / share.whole)
    return total, tuple(shares[: MOST_SOURCES + 2]), feature.words, ""


def _band_text(name: str) -> str:
    return f"({name})" if name in (ANY_OTHER, NOT_KNOWN) else name


def source_feature(snapshot: Snapshot) -> Feature | None:
    """Find the feature that says where leads came from; None where there is none."""
    origins = [
        feature
        for feature in snapshot.catalogue
        if feature.family == ORIGIN and feature.kind == "category"
    ]
    named = [feature for feature in origins if "source" in feature.name.casefold()]
    return next(iter([*named, *origins]), None)


def _turned_down(snapshot: Snapshot) -> tuple[Share | None, tuple[Share, ...]]:
    """Count the leads that sales turned down, and the reasons; each lead old enough, once."""
    outcomes = snapshot.outcomes.drop_duplicates("lead_id", keep="last")
    old = outcomes[outcomes["why_unknown"] != NOT_MATURE]
    given = old["disposition"].dropna()
    counts = given[~given.isin(NO_OUTCOME)].value_counts()
    if counts.empty:
        return None, ()
    total = int(counts.sum())
    reasons = tuple(Share(str(name), int(leads), total) for name, leads in counts.items())
    return Share("turned down", total, len(old)), reasons
