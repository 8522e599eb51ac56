"""Odoo: leads of ``crm.lead`` with their stage, and the activities of the chatter.

Two columns hold the outcome. A lead that was won is in the stage *Won*; a lead that was lost is
archived (``Active`` is FALSE) and keeps the stage that it had then.
"""

from __future__ import annotations

import pandas as pd

from pipelines.simulator.layouts.columns import (
    Column,
    constant,
    holds,
    numbered,
    prefixed,
    timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile
from pipelines.simulator.layouts.records import LOST

TIME = "%Y-%m-%d %H:%M:%S"
STAGE = {
    "Contact": "New",
    "MQL": "Handed over",
    "SAL": "Contacted",
    "SQL": "Qualified",
    "Opportunity": "Proposition",
    "Closed Won": "Won",
    "Recycled": "Nurturing",
}


def _archived(changes: pd.DataFrame) -> pd.Series:
    return changes["stage"].isin(LOST)


LEAD: dict[str, Column] = {
    "External ID": numbered("lead", prefixed("__export__.crm_lead_")),
    "ID": numbered("lead", prefixed("")),
    "Opportunity": lambda leads: leads["company"] + "'s opportunity",
    "Contact Name": lambda leads: leads["first_name"] + " " + leads["last_name"],
    "Email": "email",
    "Phone": "phone",
    "Job Position": "title",
    "Company Name": "company",
    "Stage": worded("reached", STAGE),
    "Active": holds("stage", LOST, "FALSE", "TRUE"),
    "Lost Reason": "reason",
    "Salesperson": "owner",
    "Priority": "rating",
    "Created on": timed("created", TIME),
    "Handed Off on": timed("handed_off", TIME),
    "Closed Date": timed("closed", TIME),
    "Last Updated on": timed("changed", TIME),
    "Last Action": timed("last_activity", TIME),
    "Source": "source",
    "Campaign": "campaign",
    "Landing Page": "landing_page",
    "Lead Score": "old_score",
    "Industry": "industry",
    "Employees": "employees",
    "Annual Revenue": "revenue",
    "Region": "region",
    "Country": "country",
    "Year Founded": "founded",
    "Language": "language",
    "Newsletter": "newsletter",
    "Type": constant("Opportunity"),
}
ACTIVITY: dict[str, Column] = {
    "External ID": numbered("event", prefixed("__export__.mail_message_")),
    "Related Document Model": constant("crm.lead"),
    "Related Document ID": numbered("lead", prefixed("")),
    "Activity Type": "kind",
    "Date": timed("at", TIME),
    "Direction": "direction",
    "Duration": "minutes",
    "Campaign": "campaign",
    "Content": "asset",
}
TRACKING: dict[str, Column] = {
    "External ID": lambda changes: [f"__export__.mail_tracking_{n}" for n in range(len(changes))],
    "Related Document ID": numbered("lead", prefixed("")),
    "Field": holds("stage", LOST, "Active", "Stage"),
    "Old Value": lambda changes: changes["before"].map(STAGE).mask(_archived(changes), "TRUE"),
    "New Value": lambda changes: changes["stage"].map(STAGE).mask(_archived(changes), "FALSE"),
    "Created on": timed("at", TIME),
    "Created by": "by",
}
ODOO = Layout(
    "odoo",
    "Odoo",
    (
        RawFile("crm.lead.csv", "leads", "leads", LEAD),
        RawFile("mail.message.csv", "events", "events", ACTIVITY),
        RawFile("mail.tracking.value.csv", "changes", "changes", TRACKING),
    ),
)
