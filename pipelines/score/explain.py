"""Explain one lead: everything that the brief for the sales rep says about it.

What to do, how likely a win is and why, what the agreed rules say, recent activity, and what is not
known yet. No personal data: the CRM has the name and the number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from features.families.event_words import singular_words
from model.definition.words import rule_text
from model.serving import holds
from model.training.rejections import likely_reason
from pipelines.score.score import Scorer, load_scorer
from pipelines.snapshot import Snapshot

RECENT_EVENTS = 6


def explain(
    folder: Path | str, lead: str, *, as_of: str | None = None, model: str = "champion"
) -> dict[str, Any]:
    """Gather everything that a brief says about a lead.

    Parameters
    ----------
    folder : path
        The workspace.
    lead : str
        The lead's id.
    as_of, model
        As in `pipelines.score.score.score`.

    Returns
    -------
    dict
        What ``leadready explain --json`` prints.

    Raises
    ------
    LeadReadyError
        When there is no such lead or model.
    """
    scorer = load_scorer(folder, as_of, model)
    leads = scorer.at(_lead_moment(scorer, lead))
    (scored,) = scorer.scores(leads)
    row, X, card = scored.iloc[0], leads.features, scorer.card
    values = X.iloc[0].to_dict()
    contributions = card.explain({name: values[name] for name in card.axes})
    rejection = likely_reason(scorer.loaded.scorecard.get("rejections"), card, X)
    return {
        **{
            column: _json_value(row[column])
            for column in scored.columns
            if not column.startswith(("reasons_", "warning"))
        },
        "failed_criteria": _failed_criteria(scorer, X, _listed(row["failed_criteria"])),
        "missing": _listed(row["missing"]),
        "base_rate": card.base_rate,
        "horizon_days": scorer.snapshot.workspace.outcome.horizon_days,
        "points": [contribution._asdict() for contribution in contributions],
        "likely_rejection": None if rejection is None else rejection._asdict(),
        "warnings": [kind.reason for kind in card.unpredictable if kind.holds(X)[0]],
        "recent_events": _recent_events(leads),
        "follow_up_hours": scorer.definition.handoff.follow_up_hours,
        "signed": scorer.definition.signed,
    }


def _lead_moment(scorer: Scorer, lead: str) -> pd.DataFrame:
    leads = scorer.snapshot.tables.leads
    found = leads[leads["lead_id"] == lead].head(1)
    if found.empty:
        where = str(scorer.snapshot.workspace.folder)
        raise LeadReadyError.unknown(lead, leads["lead_id"], what="lead", where=where)
    moment = found[["lead_id", "person_id", "account_id"]].reset_index(drop=True)
    return moment.assign(as_of=pd.Series([scorer.as_of], dtype="datetime64[us]"))


def _listed(cell: Any) -> list[str]:
    return [part for part in str(cell).split(", ") if part]


def _failed_criteria(scorer: Scorer, X: pd.DataFrame, failed: list[str]) -> list[dict[str, Any]]:
    words = {feature["name"]: feature["words"] for feature in scorer.loaded.catalogue}
    criteria = {criterion.id: criterion for criterion in scorer.definition.criteria}
    return [
        {
            "id": name,
            "words": rule_text(criteria[name], words),
            "asked_by": criteria[name].asked_by,
            "holds": bool(holds(criteria[name], X)[0] > 0),
        }
        for name in failed
    ]


def _recent_events(leads: Snapshot) -> list[dict[str, Any]]:
    """List the last events of the lead before the moment, latest first."""
    moment, events = leads.moments.iloc[0], leads.tables.events
    own = events[(events["person_id"] == moment["person_id"]) & (events["at"] < moment["as_of"])]
    last = own.sort_values("at", kind="stable").tail(RECENT_EVENTS).iloc[::-1]
    return [
        {
            "at": _json_value(event["at"]),
            "what": singular_words(str(event["kind"])),
            "asset": _json_value(event["asset"]),
            "campaign": _json_value(event["campaign"]),
            "by": "us" if event["by_sales"] else "the lead",
        }
        for event in last.to_dict("records")
    ]


def _json_value(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
