"""Systems whose layouts no code of the project was written for.

Headings, words and dates follow their public export templates. Only this verification uses them.
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
    us_timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile
from pipelines.simulator.layouts.records import LOST, WON

ISO = "%Y-%m-%dT%H:%M:%S+00:00"
SECONDS = "%Y-%m-%d %H:%M:%S"
OPEN = ("Contact", "MQL", "SAL", "SQL", "Opportunity", "Recycled")


def _stages(won: str, lost: str, rejected: str, *still_open: str) -> dict[str, str]:
    """Name the stages of the simulated company in a system's words."""
    return {
        "Closed Won": won,
        "Closed Lost": lost,
        "Rejected": rejected,
        **dict(zip(OPEN, still_open, strict=True)),
    }


CLOSE_LEAD = numbered("lead", prefixed("lead_", digits=12))
CLOSE = Layout(
    "close",
    "Close",
    (
        RawFile(
            "leads.csv",
            "leads",
            "leads",
            {
                "id": CLOSE_LEAD,
                "display_name": "company",
                "status_label": worded(
                    "stage",
                    _stages(
                        *("Customer", "Lost", "Bad Fit", "Potential", "Potential"),
                        *("Contacted", "Qualified", "Qualified", "Nurture"),
                    ),
                ),
                "date_created": timed("created", ISO),
                "date_updated": timed("changed", ISO),
                "date_handed_over": timed("handed_off", ISO),
                "date_won": only_if("stage", WON, timed("closed", ISO)),
                "date_lost": only_if("stage", LOST, timed("closed", ISO)),
                "custom.Lost Reason": "reason",
                "custom.Lead Source": "source",
                "custom.Campaign": "campaign",
                "custom.Industry": "industry",
                "custom.Employees": "employees",
                "custom.Annual Revenue": "revenue",
                "custom.Region": "region",
                "addresses.0.country": "country",
                "contacts.0.name": lambda leads: leads["first_name"] + " " + leads["last_name"],
                "contacts.0.title": "title",
                "contacts.0.emails.0.email": "email",
                "contacts.0.phones.0.phone": "phone",
                "primary_owner": "owner",
            },
        ),
        RawFile(
            "activities.csv",
            "events",
            "events",
            {
                "id": numbered("event", prefixed("acti_", digits=12)),
                "_type": "kind",
                "lead_id": CLOSE_LEAD,
                "activity_at": timed("at", ISO),
                "direction": "direction",
                "duration": "minutes",
                "campaign": "campaign",
                "subject": "asset",
            },
        ),
    ),
)
FRESHSALES_CONTACT = numbered("lead", prefixed("", first=402_000_000_000))
FRESHSALES = Layout(
    "freshsales",
    "Freshsales",
    (
        RawFile(
            "Contacts.csv",
            "leads",
            "leads",
            {
                "Id": FRESHSALES_CONTACT,
                "First name": "first_name",
                "Last name": "last_name",
                "Job title": "title",
                "Emails": "email",
                "Work": "phone",
                "Accounts": "company",
                "Status": worded(
                    "stage",
                    _stages(
                        *("Won", "Lost", "Unqualified", "New", "Contacted", "Interested"),
                        *("Qualified", "Negotiation", "Not now"),
                    ),
                ),
                "Lost reason": "reason",
                "Source": "source",
                "Campaign": "campaign",
                "Score": "old_score",
                "Industry type": "industry",
                "Number of employees": "employees",
                "Annual revenue": "revenue",
                "Territory": "region",
                "Country": "country",
                "Created at": timed("created", SECONDS),
                "Updated at": timed("changed", SECONDS),
                "Handed over to sales at": timed("handed_off", SECONDS),
                "Closed at": timed("closed", SECONDS),
                "Sales owner": "owner",
                "Subscription status": constant("Subscribed"),
            },
        ),
        RawFile(
            "Sales Activities.csv",
            "events",
            "events",
            {
                "Id": numbered("event", prefixed("", first=503_000_000_000)),
                "Sales activity type": "kind",
                "Title": "asset",
                "Start date": timed("at", SECONDS),
                "Direction": "direction",
                "Campaign": "campaign",
                "Contact id": FRESHSALES_CONTACT,
            },
        ),
    ),
)
SUGAR_LEAD = numbered("lead", prefixed("a1b2c3d4-", digits=12))
SUGAR = Layout(
    "sugarcrm",
    "SugarCRM",
    (
        RawFile(
            "Leads.csv",
            "leads",
            "leads",
            {
                "ID": SUGAR_LEAD,
                "First Name": "first_name",
                "Last Name": "last_name",
                "Title": "title",
                "Account Name": "company",
                "Email Address": "email",
                "Office Phone": "phone",
                "Status": worded(
                    "stage",
                    _stages(
                        *("Converted", "Dead", "Dead", "New", "Assigned"),
                        *("In Process", "In Process", "In Process", "Recycled"),
                    ),
                ),
                "Converted": holds("stage", WON, "1", "0"),
                "Lead Source": "source",
                "Campaign": "campaign",
                "Industry": "industry",
                "Employees": "employees",
                "Annual Revenue": "revenue",
                "Sales Region": "region",
                "Primary Address Country": "country",
                "Date Created": us_timed("created"),
                "Date Modified": us_timed("changed"),
                "Handed Off Date": us_timed("handed_off"),
                "Date Closed": us_timed("closed"),
                "Dead Reason": "reason",
                "Assigned To": "owner",
                "Deleted": constant("0"),
            },
        ),
        RawFile(
            "Activities.csv",
            "events",
            "events",
            {
                "ID": numbered("event", prefixed("e5f6a7b8-", digits=12)),
                "Activity Type": "kind",
                "Subject": "asset",
                "Date Start": us_timed("at"),
                "Direction": "direction",
                "Parent ID": SUGAR_LEAD,
            },
        ),
    ),
)
COPPER_LEAD = numbered("lead", prefixed("", first=70_000_000))
COPPER_TIME = "%m/%d/%Y %H:%M"
COPPER = Layout(
    "copper",
    "Copper",
    (
        RawFile(
            "leads.csv",
            "leads",
            "leads",
            {
                "Copper ID": COPPER_LEAD,
                "First Name": "first_name",
                "Last Name": "last_name",
                "Title": "title",
                "Account": "company",
                "Email": "email",
                "Phone Number": "phone",
                "Status": worded(
                    "stage",
                    _stages(
                        *("Won", "Lost", "Unqualified", "New", "New"),
                        *("Contacted", "Qualified", "Qualified", "Contacted"),
                    ),
                ),
                "Loss Reason": "reason",
                "Source": "source",
                "Campaign": "campaign",
                "Industry cf_101": "industry",
                "Employees cf_102": "employees",
                "Region cf_103": "region",
                "Country": "country",
                "Created At": timed("created", COPPER_TIME),
                "Updated At": timed("changed", COPPER_TIME),
                "Handed Off At": timed("handed_off", COPPER_TIME),
                "Closed At": timed("closed", COPPER_TIME),
                "Owned By": "owner",
            },
        ),
        RawFile(
            "activity_log.csv",
            "events",
            "events",
            {
                "Activity ID": numbered("event", prefixed("", first=90_000_000)),
                "Activity Type": "kind",
                "Activity Date": timed("at", COPPER_TIME),
                "Direction": "direction",
                "Details": "asset",
                "Lead ID": COPPER_LEAD,
            },
        ),
    ),
)
MONDAY_ITEM = numbered("lead", lambda numbers: prefixed("", first=1_400_000_000)(numbers * 7_919))
MONDAY_BOARD: dict[str, Column] = {
    "Name": lambda leads: leads["first_name"] + " " + leads["last_name"],
    "Item ID": MONDAY_ITEM,
    "Status": worded(
        "stage",
        _stages(
            *("Won", "Lost", "Not relevant", "New lead", "New lead"),
            *("Contacted", "Qualified", "Proposal sent", "On hold"),
        ),
    ),
    "Company": "company",
    "Title": "title",
    "E-mail": "email",
    "Phone": "phone",
    "Industry": "industry",
    "Company size": "employees",
    "Region": "region",
    "Country": "country",
    "Lead source": "source",
    "Reason lost": "reason",
    "Creation log": timed("created", "%d/%b/%Y %H:%M"),
    "Handed over": timed("handed_off", "%d/%b/%Y %H:%M"),
    "Close date": timed("closed", "%d/%b/%Y %H:%M"),
    "Last updated": timed("changed", "%d/%b/%Y %H:%M"),
    "Person": "owner",
}
MONDAY = Layout(
    "monday",
    "monday.com",
    (
        RawFile("Leads_board.xlsx", "leads", "leads", MONDAY_BOARD),
        RawFile(
            "Activities.csv",
            "events",
            "events",
            {
                "Activity": "kind",
                "Item ID": MONDAY_ITEM,
                "Start time": timed("at", "%d/%b/%Y %H:%M"),
                "Direction": "direction",
                "Content": "asset",
            },
        ),
    ),
)
OTHER_SYSTEMS = (CLOSE, COPPER, FRESHSALES, MONDAY, SUGAR)
