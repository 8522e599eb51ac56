"""Pipedrive: the deals with their person and organization, and the activities.

Every heading begins with the kind of record. The status of a deal says whether it was won or lost,
and its stage where it was then.
"""

from __future__ import annotations

from pipelines.simulator.layouts.columns import (
    Column,
    constant,
    numbered,
    only_if,
    prefixed,
    timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile
from pipelines.simulator.layouts.records import LOST, WON

TIME = "%Y-%m-%d %H:%M:%S"
STATUS = {
    "Contact": "Open",
    "MQL": "Open",
    "SAL": "Open",
    "SQL": "Open",
    "Opportunity": "Open",
    "Recycled": "Open",
    "Closed Won": "Won",
    "Closed Lost": "Lost",
    "Rejected": "Lost",
}
STAGE = {
    "Contact": "New",
    "MQL": "Handed over",
    "SAL": "Contact made",
    "SQL": "Needs defined",
    "Opportunity": "Proposal made",
    "Recycled": "On hold",
}
DEAL_ID = numbered("lead", prefixed(""))
DEAL: dict[str, Column] = {
    "Deal - ID": DEAL_ID,
    "Deal - Title": lambda leads: leads["company"] + " deal",
    "Deal - Owner": "owner",
    "Deal - Value": "amount",
    "Deal - Currency of Value": constant("EUR"),
    "Deal - Pipeline": constant("Sales"),
    "Deal - Stage": worded("last_open", STAGE),
    "Deal - Status": worded("stage", STATUS),
    "Deal - Deal created": timed("created", TIME),
    "Deal - Handed over to sales": timed("handed_off", TIME),
    "Deal - Update time": timed("changed", TIME),
    "Deal - Last activity date": timed("last_activity", "%Y-%m-%d"),
    "Deal - Won time": only_if("stage", WON, timed("closed", TIME)),
    "Deal - Lost time": only_if("stage", LOST, timed("closed", TIME)),
    "Deal - Deal closed on": only_if("stage", WON + LOST, timed("closed", TIME)),
    "Deal - Lost reason": "reason",
    "Deal - Label": "rating",
    "Deal - Source": "source",
    "Deal - Campaign": "campaign",
    "Deal - Landing page": "landing_page",
    "Deal - Score": "old_score",
    "Deal - Contact person": lambda leads: leads["first_name"] + " " + leads["last_name"],
    "Person - ID": numbered("contact", prefixed("")),
    "Person - Email": "email",
    "Person - Phone": "phone",
    "Person - Job title": "title",
    "Person - Preferred language": "language",
    "Person - Newsletter frequency": "newsletter",
    "Deal - Organization": "company",
    "Organization - ID": numbered("account", prefixed("")),
    "Organization - Industry": "industry",
    "Organization - Number of employees": "employees",
    "Organization - Annual revenue": "revenue",
    "Organization - Region": "region",
    "Organization - Country": "country",
    "Organization - Year founded": "founded",
}
ACTIVITY: dict[str, Column] = {
    "Activity - ID": numbered("event", prefixed("")),
    "Activity - Type": "kind",
    "Activity - Subject": "asset",
    "Activity - Due date": timed("at", "%Y-%m-%d"),
    "Activity - Marked as done time": timed("at", TIME),
    "Activity - Done": constant("Done"),
    "Activity - Duration": "minutes",
    "Activity - Direction": "direction",
    "Activity - Campaign": "campaign",
    "Deal - ID": DEAL_ID,
    "Person - ID": numbered("contact", prefixed("")),
    "Organization - ID": numbered("account", prefixed("")),
}
PIPEDRIVE = Layout(
    "pipedrive",
    "Pipedrive",
    (
        RawFile("deals.csv", "leads", "leads", DEAL),
        RawFile("activities.csv", "events", "events", ACTIVITY),
    ),
)
