"""Explain one lead: everything that the brief for the sales rep says about it.

What to do, how likely a win is and why, what the agreed rules say, recent activity, and what is not
known yet. No personal data: the CRM has the name and the number.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.families.event_words import singular_words
from features.families.feature import Feature
from features.tables.lead_rows import lead_rows
from model.definition.words import rule_text
from model.serving import WITH_SALES, Contribution, holds
from model.training.rejections import LikelyReason, likely_reason
from pipelines.brief.what_if import READY, Outcome, Question, WhatIf
from pipelines.score.score import Scorer, load_scorer
from pipelines.snapshot import Snapshot

RECENT_EVENTS = 6


class FailedCriterion(NamedTuple):
    """A criterion that keeps the lead from being ready."""

    id: str
    words: str
    asked_by: str | None
    holds: bool  # a rule that excludes the lead applies, rather than a required one failing


class RecentEvent(NamedTuple):
    """Something that the lead did, or that we did."""

    at: str
    what: str
    asset: str | None
    campaign: str | None
    by: str  # "us" or "the lead"


@dataclass(frozen=True)
class Brief:
    """Everything that is known about one lead at a time.

    Attributes
    ----------
    lead_id, as_of : str
        The lead and the time.
    probability, score, fit_points, engagement_points : float
        Of the model; the score is 50 for an average lead. Score and points are whole numbers.
    grade, level : str
        Of fit and engagement.
    rules_verdict, model_verdict, agreement, decision : str
        As in the table of scores.
    failed_criteria : list of FailedCriterion
    missing : list of str
        Features that the rules need and nobody has filled in.
    points : list of Contribution
        What each line adds to the score, the largest first.
    likely_rejection : LikelyReason or None
        Why sales would reject the lead, if one reason is likely enough.
    warnings : list of str
        Why the prediction is not reliable.
    recent_events : list of RecentEvent
        The last ones before the time, latest first.
    start : int or float
        The score before any points.
    average : float
        The probability of an average lead, one with 50 points.
    horizon_days, follow_up_hours : float or None
        Within which time a win counts, and a handed-off lead should be called.
    signed : bool
        Whether the definition is signed.
    is_open : bool
        Whether the lead is open at the time; if not, the decision is what it would be.
    ask_first : Question or None
        The unknown fact whose answer could change the decision most.
    ready_by : list of Outcome
        The fewest answers and actions that would lead to a hand-off; none if it is one, if sales
        has the lead, or if no two of them are enough.
    short_of_ready : float
        By how many points the score is below that from which the model says ready; 0 if it is not.
    """

    lead_id: str
    as_of: str
    probability: float
    score: float
    fit_points: float
    engagement_points: float
    grade: str
    level: str
    rules_verdict: str
    failed_criteria: list[FailedCriterion]
    missing: list[str]
    model_verdict: str
    agreement: str
    decision: str
    model_version: str
    definition_version: str
    scored_at: str
    start: float
    average: float
    horizon_days: int | None
    points: list[Contribution]
    likely_rejection: LikelyReason | None
    warnings: list[str]
    recent_events: list[RecentEvent]
    follow_up_hours: float | None
    signed: bool
    is_open: bool
    ask_first: Question | None
    ready_by: list[Outcome]
    short_of_ready: float

    def to_json(self) -> dict[str, Any]:
        """Give the brief as plain data."""
        rejection = self.likely_rejection
        return {
            **asdict(self),
            "failed_criteria": [criterion._asdict() for criterion in self.failed_criteria],
            "points": [contribution._asdict() for contribution in self.points],
            "likely_rejection": None if rejection is None else rejection._asdict(),
            "ask_first": None if self.ask_first is None else self.ask_first._asdict(),
            "ready_by": [
                {**way._asdict(), "answers": [answer._asdict() for answer in way.answers]}
                for way in self.ready_by
            ],
            "recent_events": [event._asdict() for event in self.recent_events],
        }


def explain(
    folder: Path | str, lead: str, *, as_of: str | None = None, model: str = "champion"
) -> Brief:
    """Gather everything that a brief says about a lead.

    Parameters
    ----------
    folder : path
        The workspace.
    lead : str
        The lead's id.
    as_of, model
        As in `pipelines.score.score.score`.

    Raises
    ------
    LeadReadyError
        When there is no such lead or model.

    Examples
    --------
    >>> brief = explain("acme", "LEAD-42")  # doctest: +SKIP
    >>> brief.decision, brief.reasons_for  # doctest: +SKIP
    ('hand off', 'job function: finance (+13)')
    >>> explain("nowhere", "LEAD-42")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    scorer = load_scorer(folder, as_of, model)
    leads = scorer.at(_lead_moment(scorer, lead))
    (scored,) = scorer.scores(leads)
    row, X, card = scored.iloc[0], leads.features, scorer.card
    values, tried = X.iloc[0].to_dict(), _what_if(scorer, X)
    shown = {
        column: _json_value(row[column])
        for column in scored.columns
        if column in Brief.__dataclass_fields__
    }
    return Brief(
        **{
            **shown,
            "failed_criteria": _failed_criteria(scorer, X, _split_list(row["failed_criteria"])),
            "missing": _split_list(row["missing"]),
        },
        start=card.start,
        average=float(1 / (1 + np.exp(-card.level))),
        horizon_days=scorer.snapshot.workspace.outcome.horizon_days,
        points=card.explain({name: values[name] for name in card.axes}),
        likely_rejection=likely_reason(scorer.loaded.scorecard.get("rejections"), card, X),
        warnings=[kind.reason for kind in card.unpredictable if kind.holds(X)[0]],
        recent_events=_recent_events(leads),
        follow_up_hours=scorer.definition.handoff.follow_up_hours,
        signed=scorer.definition.signed,
        is_open=scorer.is_open(lead),
        ask_first=tried.first_question(),
        ready_by=[] if row["decision"] in (WITH_SALES, READY) else tried.ways_to_ready(),
        short_of_ready=max(0, card.ready_at - tried.now.score),
    )


def _what_if(scorer: Scorer, X: pd.DataFrame) -> WhatIf:
    """Prepare to try what answers and actions would change."""
    catalogue = [Feature(**feature) for feature in scorer.loaded.catalogue]
    return WhatIf(X, scorer.card, scorer.definition, catalogue)


def _lead_moment(scorer: Scorer, lead: str) -> pd.DataFrame:
    leads = scorer.snapshot.tables.leads
    found = leads[leads["lead_id"] == lead].head(1)
    if found.empty:
        where = str(scorer.snapshot.workspace.folder)
        raise LeadReadyError.unknown(lead, leads["lead_id"], what="lead", where=where)
    moment = found[["lead_id", "person_id", "account_id"]].reset_index(drop=True)
    return moment.assign(as_of=pd.Series([scorer.as_of], dtype="datetime64[us]"))


def _split_list(cell: Any) -> list[str]:
    return [part for part in str(cell).split(", ") if part]


def _failed_criteria(scorer: Scorer, X: pd.DataFrame, failed: list[str]) -> list[FailedCriterion]:
    words = {feature["name"]: feature["words"] for feature in scorer.loaded.catalogue}
    criteria = {criterion.id: criterion for criterion in scorer.definition.criteria}
    return [
        FailedCriterion(
            name,
            rule_text(criteria[name], words),
            criteria[name].asked_by,
            bool(holds(criteria[name], X)[0] > 0),
        )
        for name in failed
    ]


def _recent_events(leads: Snapshot) -> list[RecentEvent]:
    """List the last events of the lead before the moment, latest first."""
    moment, tables = leads.moments.iloc[0], leads.tables
    events = tables.kept_events.around(int(lead_rows(tables.leads, [moment["lead_id"]])[0]))
    own = events[(events["person_id"] == moment["person_id"]) & (events["at"] < moment["as_of"])]
    last = own.sort_values("at", kind="stable").tail(RECENT_EVENTS).iloc[::-1]
    return [
        RecentEvent(
            event["at"].isoformat(),
            singular_words(str(event["kind"])),
            _json_value(event["asset"]),
            _json_value(event["campaign"]),
            "us" if event["by_sales"] else "the lead",
        )
        for event in last.to_dict("records")
    ]


def _json_value(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
