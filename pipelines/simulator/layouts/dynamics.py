"""Microsoft Dynamics 365: a workbook of leads, and activities as text with American times.

The company qualifies a lead when it is won. The first three columns are those that Dynamics needs
to read an edited workbook again.
"""

from __future__ import annotations

from pipelines.simulator.layouts.columns import (
    Column,
    constant,
    guids,
    numbered,
    only_if,
    us_timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile
from pipelines.simulator.layouts.records import WON

STATUS = {
    "Contact": "Open",
    "MQL": "Open",
    "SAL": "Open",
    "SQL": "Open",
    "Opportunity": "Open",
    "Recycled": "Open",
    "Closed Won": "Qualified",
    "Closed Lost": "Disqualified",
    "Rejected": "Disqualified",
}
STATUS_REASON = {
    "Contact": "New",
    "MQL": "Handed over",
    "SAL": "Contacted",
    "SQL": "In Progress",
    "Opportunity": "Proposal",
    "Recycled": "On Hold",
    "Closed Won": "Qualified",
    "Closed Lost": "Lost",
    "Rejected": "No Longer Interested",
}
LEAD_ID = numbered("lead", guids("lead"))
LEAD: dict[str, Column] = {
    "(Do Not Modify) Lead": LEAD_ID,
    "(Do Not Modify) Row Checksum": numbered("lead", guids("checksum")),
    "(Do Not Modify) Modified On": "changed",
    "Name": lambda leads: leads["first_name"] + " " + leads["last_name"],
    "Topic": "campaign",
    "Job Title": "title",
    "Email": "email",
    "Business Phone": "phone",
    "Status": worded("stage", STATUS),
    "Status Reason": worded("stage", STATUS_REASON),
    "Disqualification Reason": "reason",
    "Created On": "created",
    "Handed Over On": "handed_off",
    "Closed On": "closed",
    "Last Activity Date": "last_activity",
    "Lead Source": "source",
    "Landing Page": "landing_page",
    "Lead Score": "old_score",
    "Rating": "rating",
    "Owner": "owner",
    "Company Name": "company",
    "Industry": "industry",
    "No. of Employees": "employees",
    "Annual Revenue": "revenue",
    "Currency": constant("Euro"),
    "Sales Region": "region",
    "Country/Region": "country",
    "Year Founded": "founded",
    "Preferred Language": "language",
    "Newsletter Frequency": "newsletter",
    "Qualifying Opportunity": only_if(
        "stage", WON, lambda leads: leads["company"] + " opportunity"
    ),
}
ACTIVITY: dict[str, Column] = {
    "(Do Not Modify) Activity": numbered("event", guids("activity")),
    "Activity Type": "kind",
    "Activity Status": constant("Completed"),
    "Subject": "asset",
    "Actual End": us_timed("at"),
    "Direction": worded("direction", {"Inbound": "Incoming", "Outbound": "Outgoing"}),
    "Actual Duration": "minutes",
    "Campaign": "campaign",
    "Lead (Regarding) (Lead)": LEAD_ID,
}
AUDIT: dict[str, Column] = {
    "Changed Date": us_timed("at"),
    "Changed By": "by",
    "Event": constant("Update"),
    "Record": LEAD_ID,
    "Changed Field": constant("Status Reason"),
    "Old Value": worded("before", STATUS_REASON),
    "New Value": worded("stage", STATUS_REASON),
}
DYNAMICS = Layout(
    "dynamics",
    "Microsoft Dynamics 365",
    (
        RawFile("My Open and Closed Leads.xlsx", "leads", "leads", LEAD),
        RawFile("All Activities.csv", "events", "events", ACTIVITY),
        RawFile("Audit History.csv", "changes", "changes", AUDIT),
    ),
    encoding="utf-8-sig",
)
