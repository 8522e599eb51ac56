"""Salesforce, as the Data Loader exports it: API names, 18-character ids, times in UTC.

The company converts a lead when it is won. ``Lead.csv`` shows that as ``IsConverted``, a date, the
ids of the records that came of it, and the last status.
"""

from __future__ import annotations

from pipelines.simulator.layouts.columns import (
    Column,
    constant,
    either,
    holds,
    numbered,
    only_if,
    salesforce_ids,
    timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile
from pipelines.simulator.layouts.records import WON

TIME = "%Y-%m-%dT%H:%M:%S.000Z"
STATUS = {
    "Contact": "Open - Not Contacted",
    "MQL": "Marketing Qualified",
    "SAL": "Working - Contacted",
    "SQL": "Working - Qualified",
    "Opportunity": "Working - Proposal",
    "Rejected": "Closed - Not Converted",
    "Closed Lost": "Closed - Not Converted",
    "Closed Won": "Closed - Converted",
    "Recycled": "Nurturing",
}
SUBJECT = {
    "Email Open": "Opened email",
    "Email Click": "Clicked link in email",
    "Page View": "Viewed page",
    "Content Download": "Downloaded content",
    "Form Submit": "Submitted form",
    "Demo Request": "Requested demo",
    "Call": "Call",
    "Meeting": "Meeting",
    "Email Unsubscribed": "Unsubscribed",
}
LEAD: dict[str, Column] = {
    "Id": numbered("lead", salesforce_ids("00Q")),
    "IsDeleted": constant("false"),
    "LastName": "last_name",
    "FirstName": "first_name",
    "Title": "title",
    "Company": "company",
    "Country": "country",
    "Phone": "phone",
    "Email": "email",
    "LeadSource": "source",
    "Status": worded("stage", STATUS),
    "Industry": "industry",
    "Rating": "rating",
    "AnnualRevenue": "revenue",
    "NumberOfEmployees": "employees",
    "OwnerId": numbered("owner_number", salesforce_ids("005")),
    "IsConverted": holds("stage", WON, "true", "false"),
    "ConvertedDate": only_if("stage", WON, timed("closed", "%Y-%m-%d")),
    "ConvertedAccountId": only_if("stage", WON, numbered("account", salesforce_ids("001"))),
    "ConvertedContactId": only_if("stage", WON, numbered("contact", salesforce_ids("003"))),
    "ConvertedOpportunityId": only_if("stage", WON, numbered("lead", salesforce_ids("006"))),
    "CreatedDate": timed("created", TIME),
    "LastModifiedDate": timed("changed", TIME),
    "LastActivityDate": timed("last_activity", "%Y-%m-%d"),
    "RecordTypeId": constant("0125e000000AbCdAAK"),
    "MQL_Date__c": timed("handed_off", TIME),
    "Closed_Date__c": timed("closed", TIME),
    "Disqualified_Reason__c": "reason",
    "Primary_Campaign__c": "campaign",
    "Landing_Page__c": "landing_page",
    "Lead_Score__c": "old_score",
    "Region__c": "region",
    "Year_Founded__c": "founded",
    "Preferred_Language__c": "language",
    "Newsletter_Frequency__c": "newsletter",
}
CONTACT_ID = numbered("contact", salesforce_ids("003"))
TASK: dict[str, Column] = {
    "Id": numbered("event", salesforce_ids("00T")),
    "WhoId": either("moved", CONTACT_ID, numbered("lead", salesforce_ids("00Q"))),
    "Subject": worded("kind", SUBJECT),
    "Type": "kind",
    "Status": constant("Completed"),
    "ActivityDate": timed("at", "%Y-%m-%d"),
    "CallDurationInSeconds": lambda events: (events["minutes"] * 60).astype("Int64"),
    "CallType": only_if("kind", ("Call",), "direction"),
    "CreatedDate": timed("at", TIME),
    "Campaign__c": "campaign",
    "Asset__c": "asset",
}
CAMPAIGN_MEMBER: dict[str, Column] = {
    "Id": numbered("event", salesforce_ids("00v")),
    "CampaignId": numbered("campaign_number", salesforce_ids("701")),
    "LeadId": numbered("lead", salesforce_ids("00Q")),
    "Status": constant("Attended"),
    "HasResponded": constant("true"),
    "CreatedDate": timed("at", TIME),
}
LEAD_HISTORY: dict[str, Column] = {
    "LeadId": numbered("lead", salesforce_ids("00Q")),
    "Field": constant("Status"),
    "OldValue": worded("before", STATUS),
    "NewValue": worded("stage", STATUS),
    "CreatedDate": timed("at", TIME),
    "CreatedById": "by",
}
SALESFORCE = Layout(
    "salesforce",
    "Salesforce",
    (
        RawFile("Lead.csv", "leads", "leads", LEAD),
        RawFile("Task.csv", "events", "events", TASK, tuple(SUBJECT)),
        RawFile("CampaignMember.csv", "events", "events", CAMPAIGN_MEMBER, ("Webinar Attended",)),
        RawFile("LeadHistory.csv", "changes", "changes", LEAD_HISTORY),
    ),
    conversions=("moved", "partly-moved", "cadence-left", "deleted"),
)
