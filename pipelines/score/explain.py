"""Explain: the hand-off brief of one lead, for the sales rep who is about to call.

What to do, how likely a win is and why, what the agreed rules say, what the lead did lately, and
what nobody knows yet. No personal data: the CRM has the name and the number.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from features.families.event_words import singular_words
from model.definition.words import rule_text
from model.serving import SMALLEST_REASON, holds
from model.training.rejections import likely_reason
from pipelines.score.score import Scoring, prepare

LATELY = 6
MOST = 5
WIDTH = 96


def explain(
    folder: Path | str, lead: str, *, as_of: str | None = None, model: str = "champion"
) -> dict[str, Any]:
    """Gather all that a brief says of a lead.

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
    """
    ready = prepare(Path(folder), as_of, model)
    leads = ready.at(_moment(ready, lead))
    (scored,) = ready.scores(leads)
    row = scored.iloc[0]
    values = leads.features.iloc[0].to_dict()
    words = {one["name"]: one["words"] for one in ready.loaded.catalogue}
    failed = [one for one in str(row["failed_criteria"]).split(", ") if one]
    told = {one.id: one for one in ready.definition.criteria}
    brief: dict[str, Any] = {
        key: _plain(row[key])
        for key in scored.columns
        if not key.startswith(("reasons_", "warning"))
    }
    brief["failed_criteria"] = [
        {
            "id": one,
            "words": rule_text(told[one], words),
            "asked_by": told[one].asked_by,
            "holds": bool(holds(told[one], pd.DataFrame([values]))[0] > 0),
        }
        for one in failed
    ]
    brief["missing"] = [one for one in str(row["missing"]).split(", ") if one]
    brief["base_rate"] = ready.card.base_rate
    brief["horizon_days"] = ready.snapshot.workspace.outcome.horizon_days
    brief["points"] = [
        contribution._asdict()
        for contribution in ready.card.explain({name: values[name] for name in ready.card.axes})
    ]
    reason = likely_reason(
        ready.loaded.scorecard.get("rejections"), ready.card, pd.DataFrame([values])
    )
    brief["likely_rejection"] = None if reason is None else reason._asdict()
    brief["warnings"] = [
        kind.reason for kind in ready.card.unpredictable if kind.holds(leads.features)[0]
    ]
    brief["lately"] = _lately(ready, leads.moments)
    brief["follow_up_hours"] = (ready.loaded.definition.get("handoff") or {}).get("follow_up_hours")
    brief["signed"] = ready.definition.signed
    return brief


def _moment(ready: Scoring, lead: str) -> pd.DataFrame:
    leads = ready.snapshot.tables.leads
    found = leads[leads["lead_id"] == lead].head(1)
    if found.empty:
        raise LeadReadyError.unknown(
            lead, leads["lead_id"], what="lead", where=str(ready.snapshot.workspace.folder)
        )
    judged = found[["lead_id", "person_id", "account_id"]].reset_index(drop=True)
    return judged.assign(as_of=pd.Series([ready.as_of], dtype="datetime64[us]"))


def _lately(ready: Scoring, judged: pd.DataFrame) -> list[dict[str, Any]]:
    """The last things that happened with the lead before the moment, latest first."""
    events = ready.snapshot.tables.events
    own = events[(events["person_id"] == judged.at[0, "person_id"]) & (events["at"] < ready.as_of)]
    last = own.sort_values("at", kind="stable").tail(LATELY).iloc[::-1]
    return [
        {
            "at": _plain(one["at"]),
            "what": singular_words(str(one["kind"])),
            "asset": _plain(one["asset"]),
            "campaign": _plain(one["campaign"]),
            "by": "us" if one["by_sales"] else "the lead",
        }
        for one in last.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def render(brief: Mapping[str, Any]) -> str:
    """Write the brief for reading."""
    parts = [
        _head(brief),
        _warnings(brief),
        _reasons(brief, +1, "Speaks for it"),
        _reasons(brief, -1, "Speaks against"),
        _rejection(brief),
        _rules(brief),
        _did_lately(brief),
        _foot(brief),
    ]
    return "\n\n".join(one for one in parts if one)


def _head(brief: Mapping[str, Any]) -> str:
    times = brief["probability"] / brief["base_rate"]
    within = f" within {brief['horizon_days']} days" if brief["horizon_days"] else ""
    hours = brief["follow_up_hours"]
    deadline = f": call within {hours:g} hours" if hours and brief["decision"] == "hand off" else ""
    return (
        f"Lead {brief['lead_id']} on {brief['as_of'][:10]}\n"
        f"{brief['decision'].upper()}{deadline}\n"
        f"score {brief['score']:.0f} · fit {brief['grade']} · engagement {brief['level']} · "
        f"{brief['probability']:.0%} likely to be won{within} ({times:.1f} × the average)"
    )


def _reasons(brief: Mapping[str, Any], sign: int, title: str) -> str:
    told = [one for one in brief["points"] if one["points"] * sign >= SMALLEST_REASON]
    lines = [f"  {one['points']:+6.1f}  {one['words']}: {one['label']}" for one in told[:MOST]]
    rest = sum(one["points"] for one in told[MOST:])
    if rest:
        lines.append(f"  {rest:+6.1f}  {len(told) - MOST} smaller reasons")
    return "\n".join([title, *lines]) if lines else ""


def _rejection(brief: Mapping[str, Any]) -> str:
    """Why sales would turn it down, where that is likely enough to be worth saying."""
    likely = brief["likely_rejection"]
    if not likely:
        return ""
    return (
        f"If sales turns it down, then most likely because: {likely['reason']} "
        f"({likely['probability']:.0%}; {likely['usual']:.0%} of all that are turned down)"
    )


VERDICTS = {
    "ready": "ready",
    "not ready": "not ready",
    "never": "never hand over",
    "unknown": "cannot tell",
}


def _rules(brief: Mapping[str, Any]) -> str:
    lines = [f"The agreed rules say: {VERDICTS[brief['rules_verdict']]}"]
    for one in brief["failed_criteria"]:
        by = f", asked for by {one['asked_by']}" if one["asked_by"] else ""
        what = "stands against it" if one["holds"] else "not met"
        lines.append(f"  {what}: {one['words']} ({one['id']}{by})")
    if brief["missing"]:
        lines += textwrap.wrap(
            f"ask for: {', '.join(brief['missing'])}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="  ",
        )
    if brief["agreement"] == "model only":
        lines.append("  The model says ready: experience speaks for this lead, the rules do not.")
    if brief["agreement"] == "rules only":
        lines.append("  The model says not ready: leads like this one were seldom won.")
    return "\n".join(lines)


def _warnings(brief: Mapping[str, Any]) -> str:
    """What the model cannot know of such leads."""
    told = (f"No claim on it: {one}" for one in brief["warnings"])
    return "\n".join(textwrap.fill(one, WIDTH, subsequent_indent="  ") for one in told)


def _did_lately(brief: Mapping[str, Any]) -> str:
    lines = []
    for one in brief["lately"]:
        about = " · ".join(str(part) for part in (one["asset"], one["campaign"]) if part)
        by = " (by us)" if one["by"] == "us" else ""
        lines.append(f"  {one['at'][:10]}  {one['what']}{by}{': ' + about if about else ''}")
    return "\n".join(["Lately", *lines]) if lines else ""


def _foot(brief: Mapping[str, Any]) -> str:
    return (
        f"50 points are an average lead, every 10 double the odds. "
        f"Model {brief['model_version']}, definition {brief['definition_version']}."
    )
