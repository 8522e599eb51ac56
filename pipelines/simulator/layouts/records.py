"""The simulated company's records, before any system gives them its own headings and spellings.

Every layout starts from these tables. They hold what ``crm/*.csv`` of the plain layout holds and
nothing more: leads with their person and company, events and changes of stage. Ids are numbers,
times are timestamps, and texts are those of the simulated company.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipelines.simulator.company import Company

WON, LOST = ("Closed Won",), ("Rejected", "Closed Lost")
LEADS = {
    "Lead ID": "lead_id",
    "Account ID": "account_id",
    "Contact ID": "contact_id",
    "Created At": "created",
    "Handed Off At": "handed_off",
    "Source": "source",
    "Campaign": "campaign",
    "Landing Page": "landing_page",
    "Lead Score": "old_score",
    "Owner": "owner",
    "Lead Status": "stage",
    "Disposition Reason": "reason",
    "Closed At": "closed",
    "Lead Rating": "rating",
    "Last Activity At": "last_activity",
    "Preferred Language": "language",
    "Newsletter Frequency": "newsletter",
}
CONTACTS = {
    "Contact ID": "contact_id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Phone": "phone",
    "Job Title": "title",
}
ACCOUNTS = {
    "Account ID": "account_id",
    "Account Name": "company",
    "Industry": "industry",
    "Employees": "employees",
    "Annual Revenue": "revenue",
    "Region": "region",
    "Country": "country",
    "Founded": "founded",
}
EVENTS = {
    "Type": "kind",
    "Occurred At": "at",
    "Direction": "direction",
    "Minutes": "minutes",
    "Campaign": "campaign",
    "Asset": "asset",
}
CHANGES = {
    "Lead ID": "lead_id",
    "Stage": "stage",
    "Changed At": "at",
    "Reason": "reason",
    "Amount": "amount",
    "Changed By": "by",
}


@dataclass(frozen=True)
class Records:
    """What a system knows about its leads.

    Attributes
    ----------
    leads : DataFrame
        A row for each lead, with its person and company; ``lead``, ``contact`` and ``account`` are
        their numbers. ``reached`` is the stage of a lead, or the last one before it was lost;
        ``last_open`` the stage, or the last one before it was won or lost.
    accounts : DataFrame
        A row for each company.
    events : DataFrame
        What the leads and sales did, in the order of time, each with the ``lead`` that it was
        recorded for. ``conversions`` says what a system does with them when a lead is won.
    changes : DataFrame
        Every change of stage, with the stage ``before``, in the order of time.
    """

    leads: pd.DataFrame
    accounts: pd.DataFrame
    events: pd.DataFrame
    changes: pd.DataFrame


def company_records(company: Company) -> Records:
    """Gather the company's records.

    Examples
    --------
    >>> from pipelines.simulator.company import Settings, simulate_company
    >>> records = company_records(simulate_company(Settings(leads=400, events=9_000)))
    >>> len(records.leads), len(records.events)
    (400, 9000)
    >>> records.changes[["before", "stage"]].dropna().head(1).to_numpy().tolist()
    [['Contact', 'MQL']]
    """
    accounts = _renamed(company.accounts, ACCOUNTS)
    accounts["account"] = range(1, len(accounts) + 1)
    accounts["employees"] = _whole_numbers(accounts["employees"])
    accounts["revenue"] = _whole_numbers(accounts["revenue"])
    contacts = _renamed(company.contacts, CONTACTS)
    contacts["contact"] = range(1, len(contacts) + 1)
    leads = _renamed(company.leads, LEADS)
    leads["lead"] = range(1, len(leads) + 1)
    lead_of = leads.set_index("lead_id")["lead"]
    changes = _renamed(company.stage_history, CHANGES)
    changes["lead"] = changes["lead_id"].map(lead_of)
    changes["before"] = changes.groupby("lead")["stage"].shift()
    last = changes.groupby("lead")[["before", "amount"]].last()
    leads = leads.merge(contacts, on="contact_id").merge(accounts, on="account_id")
    leads = leads.sort_values("lead", ignore_index=True).join(last, on="lead")
    leads["reached"] = leads["before"].where(leads["stage"].isin(LOST), leads["stage"])
    leads["last_open"] = leads["before"].where(leads["stage"].isin(WON + LOST), leads["stage"])
    leads["owner_number"] = pd.factorize(leads["owner"])[0] + 1  # 0: still in a queue
    leads["changed"] = leads["lead"].map(changes.groupby("lead")["at"].last())
    events = _renamed(company.activities, EVENTS)
    events["lead"] = company.activity_leads.map(lead_of).to_numpy()
    events["campaign_number"] = pd.factorize(events["campaign"])[0] + 1
    events["event"] = range(1, len(events) + 1)
    events["moved"], events["merged"], leads["merged"] = False, 0, None
    who = leads.set_index("lead")
    for name in ("contact", "account"):
        events[name] = events["lead"].map(who[name])
    return Records(leads, accounts, events, changes)


def _renamed(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return table[list(names)].rename(columns=names)


def _whole_numbers(written: pd.Series) -> pd.Series:
    """Read ``"1,200"`` and ``"1001-5000"`` as whole numbers: of a band the lower end."""
    start = written.str.replace(",", "").str.extract(r"^(\d+)", expand=False)
    return start.astype("float64").astype("Int64")
