"""Zoho CRM: leads and their status, with a file for each kind of activity.

Two columns hold the outcome. A lead that was won is converted and keeps the status that it had
then; a lead that was lost is not converted, and its status says so.
"""

from __future__ import annotations

from pipelines.simulator.layouts.columns import (
    Column,
    constant,
    holds,
    numbered,
    only_if,
    prefixed,
    timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile
from pipelines.simulator.layouts.records import WON

TIME = "%b %d, %Y %I:%M %p"
STATUS = {
    "Contact": "Not Contacted",
    "MQL": "Attempted to Contact",
    "SAL": "Contacted",
    "SQL": "Pre-Qualified",
    "Opportunity": "Pre-Qualified",
    "Closed Won": "Pre-Qualified",
    "Closed Lost": "Lost Lead",
    "Rejected": "Not Qualified",
    "Recycled": "Contact in Future",
}
WEB = (
    "Email Open",
    "Email Click",
    "Page View",
    "Webinar Attended",
    "Content Download",
    "Form Submit",
    "Demo Request",
    "Email Unsubscribed",
)
LEAD_ID = numbered("lead", prefixed("zcrm_5805028000000", digits=6))
EVENT_ID = numbered("event", prefixed("zcrm_5805028000001", digits=7))
LEAD: dict[str, Column] = {
    "Record Id": LEAD_ID,
    "Lead Owner": "owner",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Title": "title",
    "Email": "email",
    "Phone": "phone",
    "Company": "company",
    "Lead Source": "source",
    "Lead Status": worded("stage", STATUS),
    "Industry": "industry",
    "No. of Employees": "employees",
    "Annual Revenue": "revenue",
    "Rating": "rating",
    "Created Time": timed("created", TIME),
    "Modified Time": timed("changed", TIME),
    "Last Activity Time": timed("last_activity", TIME),
    "Handed Off Time": timed("handed_off", TIME),
    "Closed Time": timed("closed", TIME),
    "Is Converted": holds("stage", WON, "true", "false"),
    "Lead Conversion Time": only_if("stage", WON, timed("closed", TIME)),
    "Converted Deal": only_if("stage", WON, numbered("lead", prefixed("zcrm_58050280000009"))),
    "Lost Reason": "reason",
    "Campaign": "campaign",
    "Landing Page": "landing_page",
    "Scoring Rule Total": "old_score",
    "Region": "region",
    "Country": "country",
    "Year Founded": "founded",
    "Preferred Language": "language",
    "Newsletter Frequency": "newsletter",
    "Email Opt Out": constant("false"),
}
CALL: dict[str, Column] = {
    "Record Id": EVENT_ID,
    "Subject": "kind",
    "Call Type": "direction",
    "Call Start Time": timed("at", TIME),
    "Call Duration": "minutes",
    "Related To.id": LEAD_ID,
}
MEETING: dict[str, Column] = {
    "Record Id": EVENT_ID,
    "Title": constant("Meeting"),
    "From": timed("at", TIME),
    "Related To.id": LEAD_ID,
}
ACTIVITY: dict[str, Column] = {
    "Record Id": EVENT_ID,
    "Activity Type": "kind",
    "Activity Time": timed("at", TIME),
    "Campaign": "campaign",
    "Content": "asset",
    "Parent ID.id": LEAD_ID,
}
HISTORY: dict[str, Column] = {
    "Record Id": LEAD_ID,
    "Lead Status": worded("stage", STATUS),
    "Moved From": worded("before", STATUS),
    "Modified Time": timed("at", TIME),
    "Modified By": "by",
}
ZOHO = Layout(
    "zoho",
    "Zoho CRM",
    (
        RawFile("Leads_001.csv", "leads", "leads", LEAD),
        RawFile("Calls_001.csv", "events", "events", CALL, ("Call",)),
        RawFile("Meetings_001.csv", "events", "events", MEETING, ("Meeting",)),
        RawFile("Activities_001.csv", "events", "events", ACTIVITY, WEB),
        RawFile("Lead_Status_History_001.csv", "stages", "changes", HISTORY),
    ),
)
