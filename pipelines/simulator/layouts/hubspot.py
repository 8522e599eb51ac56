"""HubSpot: contacts with their lifecycle stage and lead status, companies, activities.

Two columns hold the outcome. The lifecycle stage of a contact only moves forward, so that a lost
lead keeps it; the lead status says that it is unqualified.
"""

from __future__ import annotations

from pipelines.simulator.layouts.columns import (
    Column,
    constant,
    either,
    listed,
    numbered,
    only_if,
    prefixed,
    timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile
from pipelines.simulator.layouts.records import LOST, WON

TIME = "%Y-%m-%d %H:%M"
LIFECYCLE = {
    "Contact": "Lead",
    "MQL": "Marketing Qualified Lead",
    "Recycled": "Marketing Qualified Lead",
    "SAL": "Sales Qualified Lead",
    "SQL": "Sales Qualified Lead",
    "Opportunity": "Opportunity",
    "Closed Won": "Customer",
}
STATUS = {
    "Contact": "New",
    "MQL": "Open",
    "SAL": "Connected",
    "SQL": "In Progress",
    "Opportunity": "Open Deal",
    "Closed Won": "Open Deal",
    "Closed Lost": "Unqualified",
    "Rejected": "Unqualified",
    "Recycled": "Bad Timing",
}
CONTACT_IDS = prefixed("", first=51_000_000)
CONTACT_ID = numbered("lead", CONTACT_IDS)
COMPANY_ID = numbered("account", prefixed("", first=9_800_000_000))
CONTACT: dict[str, Column] = {
    "Record ID": CONTACT_ID,
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Phone Number": "phone",
    "Job Title": "title",
    "Contact owner": "owner",
    "Lifecycle Stage": worded("reached", LIFECYCLE),
    "Lead Status": worded("stage", STATUS),
    "Create Date": timed("created", TIME),
    "Last Modified Date": timed("changed", TIME),
    "Last Activity Date": timed("last_activity", TIME),
    "Became a Marketing Qualified Lead Date": timed("handed_off", TIME),
    "Became a Customer Date": only_if("stage", WON, timed("closed", TIME)),
    "Closed Lost Date": only_if("stage", LOST, timed("closed", TIME)),
    "Reason for disqualification": "reason",
    "Original Source": "source",
    "Original Source Drill-Down 1": "campaign",
    "First Page Seen": "landing_page",
    "HubSpot Score": "old_score",
    "Lead Rating": "rating",
    "Preferred language": "language",
    "Newsletter frequency": "newsletter",
    "Marketing contact status": constant("Marketing contact"),
    "Associated Company IDs": COMPANY_ID,
    "Associated Company": "company",
    "Merged Contact IDs": listed("merged", CONTACT_IDS),
}
COMPANY: dict[str, Column] = {
    "Record ID": COMPANY_ID,
    "Company name": "company",
    "Industry": "industry",
    "Number of Employees": "employees",
    "Annual Revenue": "revenue",
    "Country/Region": "country",
    "Sales Region": "region",
    "Year Founded": "founded",
}
ACTIVITY: dict[str, Column] = {
    "Activity ID": numbered("event", prefixed("", first=33_100_000_000)),
    "Activity type": "kind",
    "Activity date": timed("at", TIME),
    "Associated Contact IDs": either("moved", numbered("merged", CONTACT_IDS), CONTACT_ID),
    "Direction": "direction",
    "Duration (minutes)": "minutes",
    "Campaign": "campaign",
    "Content": "asset",
}
HISTORY: dict[str, Column] = {
    "Record ID": CONTACT_ID,
    "Property": constant("Lead Status"),
    "Old value": worded("before", STATUS),
    "Value": worded("stage", STATUS),
    "Timestamp": timed("at", TIME),
    "Source": "by",
}
HUBSPOT = Layout(
    "hubspot",
    "HubSpot",
    (
        RawFile("contacts.csv", "leads", "leads", CONTACT),
        RawFile("companies.csv", "accounts", "accounts", COMPANY),
        RawFile("activities.csv", "events", "events", ACTIVITY),
        RawFile("lead-status-history.csv", "changes", "changes", HISTORY),
    ),
    conversions=("merged", "deleted"),
)
