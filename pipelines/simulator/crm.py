"""The simulated company as its CRM shows it: with cells missing, misspelt and overwritten.

Ids, dates and texts look as they do in an export, each table under the CRM's own column names.
Cells go missing, company sizes are written in three ways, reps overwrite the rating of a lead once
they know its outcome, and the status of a lead is today's, not that of the hand-off.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipelines.simulator.activity import CODE, KINDS, Events
from pipelines.simulator.names import CHANNELS
from pipelines.simulator.people import SOURCE_CHANNEL
from pipelines.simulator.sales import NOT_YET, REPS_A_REGION, STAGES
from pipelines.simulator.settings import REGIONS, Settings

Array = np.ndarray[Any, Any]

FORGOTTEN = {  # how much more often than the average a column is left empty
    "Employees": 1.2,
    "Annual Revenue": 2.0,
    "Industry": 0.8,
    "Founded": 1.4,
    "Country": 0.4,
    "Job Title": 0.7,
    "Phone": 1.5,
    "Preferred Language": 1.0,
    "Newsletter Frequency": 0.6,
    "Landing Page": 0.4,
}
BANDS = (1, 11, 51, 201, 501, 1_001, 5_001, 10_001)
AS_BAND, WITH_COMMAS = 0.04, 0.10
LANDING_PAGES = {
    "web": ("/", "/pricing", "/product", "/blog"),
    "webinar": ("/webinars",),
    "event": ("/events",),
    "referral": ("/referral", "/"),
    "partner": ("/partners",),
    "paid search": ("/lp/planning", "/lp/forecasting"),
}
RATINGS = {"Closed Won": "Hot", "Closed Lost": "Cold", "Rejected": "Cold"}
CAMPAIGN_HEADERS = ("Campaign ID", "Campaign", "Channel", "Begins", "Ends", "Cost")
ASSET_HEADERS = ("Asset ID", "Asset", "Type", "Topic", "Published")
AUTOMATION = "Marketing Automation"
CHANNEL_OF = {
    "email_open": "Email",
    "email_click": "Email",
    "email_unsubscribed": "Email",
    "webinar_attended": "Webinar",
    "content_download": "Content Syndication",
}
CONTENTS_OF = {  # which types of content a kind of activity names, and how often
    "webinar_attended": (("Webinar",), 1.0),
    "content_download": (("Whitepaper", "Case Study", "Checklist"), 1.0),
    "page_view": (("Web Page",), 0.4),
    "email_click": (("Webinar", "Whitepaper", "Case Study", "Web Page"), 1.0),
}


def crm_accounts(settings: Settings, companies: pd.DataFrame) -> pd.DataFrame:
    """Show the accounts."""
    rng = settings.stream("accounts as shown")
    table = pd.DataFrame(
        {
            "Account ID": companies["account_id"],
            "Account Name": companies["name"],
            "Industry": companies["industry"],
            "Employees": _written_sizes(rng, companies["employees"].to_numpy()),
            "Annual Revenue": companies["revenue"].astype("int64").astype("str"),
            "Region": companies["region"],
            "Country": companies["country"],
            "Founded": companies["founded"].astype("str"),
        }
    )
    return _with_missing_cells(settings, rng, table)


def crm_contacts(settings: Settings, people: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Show the people."""
    rng = settings.stream("contacts as shown")
    table = pd.DataFrame(
        {
            "Contact ID": people["contact_id"],
            "Works At": companies["account_id"].to_numpy()[people["account"]],
            "First Name": people["first_name"],
            "Last Name": people["last_name"],
            "Email": people["email"],
            "Phone": people["phone"],
            "Job Title": people["title"],
        }
    )
    return _with_missing_cells(settings, rng, table)


def crm_leads(
    settings: Settings,
    known: pd.DataFrame,
    contact_ids: Array,
    account_ids: Array,
    campaigns: pd.DataFrame,
    course: pd.DataFrame,
    score: Array,
    rep: Array,
    last_activity: Array,
) -> pd.DataFrame:
    """Show the leads; status, reason, rating and last activity are as of the extract."""
    rng = settings.stream("leads as shown")
    channel = known["source"].map(SOURCE_CHANNEL)
    status = _lead_status(course)
    closed = course[["won_at", "lost_at", "rejected_at", "recycled_at"]].min(axis=1)
    owned = course["touched_at"].lt(NOT_YET)
    table = pd.DataFrame(
        {
            "Lead ID": known["lead_id"],
            "Account ID": account_ids[known["account"]],
            "Contact ID": contact_ids[known["contact"]],
            "Created At": as_timestamps(known["created"]),
            "Handed Off At": as_timestamps(course["handed_at"]),
            "Source": known["source"].str.title().mask(rng.random(len(known)) < 0.01),
            "Campaign": _running_campaign(campaigns, channel, known["created"], "name"),
            "Landing Page": _landing_pages(rng, known["source"]),
            "Lead Score": np.where(course["handed_at"] < NOT_YET, score, np.nan),
            "Owner": pd.Series(rep_names()[rep]).where(owned),
            "Lead Status": status,
            "Disposition Reason": course["reason"],
            "Closed At": as_timestamps(closed),
            "Lead Rating": _lead_ratings(rng, status),
            "Last Activity At": as_timestamps(pd.Series(last_activity)),
            "Preferred Language": known["preferred_language"],
            "Newsletter Frequency": known["newsletter_frequency"],
            "Record Type": "Standard",
        }
    )
    return _with_missing_cells(settings, rng, table)


def crm_activities(
    settings: Settings,
    done: Events,
    contact_of: Array,
    known: pd.DataFrame,
    campaigns: pd.DataFrame,
    contents: pd.DataFrame,
) -> pd.DataFrame:
    """Show the activities; ``contact_of`` is the contact id of each lead."""
    rng = settings.stream("activities as shown")
    kinds = np.array([kind.replace("_", " ").title() for kind in KINDS], dtype=object)
    return pd.DataFrame(
        {
            "Activity ID": [f"ACT-{number:07d}" for number in range(1, len(done.at) + 1)],
            "Contact ID": contact_of[done.lead],
            "Type": kinds[done.kind],
            "Occurred At": done.at.astype("datetime64[s]"),
            "Direction": np.array(["Inbound", "Outbound"], dtype=object)[done.by_sales.astype(int)],
            "Minutes": done.minutes,
            "Campaign": _campaigns_of_events(done, known, campaigns),
            "Asset": _contents_of_events(rng, done, contents),
        }
    )


def crm_stage_history(known: pd.DataFrame, course: pd.DataFrame, rep: Array) -> pd.DataFrame:
    """Show every change of stage, in the order of time."""
    ids = known["lead_id"].to_numpy()
    parts = []
    for place, (column, stage) in enumerate(STAGES.items()):
        reached = np.flatnonzero(course[column].to_numpy() < NOT_YET)
        ended = stage in ("Rejected", "Closed Lost", "Recycled")
        ours = stage not in ("Contact", "MQL", "Recycled")
        parts.append(
            pd.DataFrame(
                {
                    "Lead ID": ids[reached],
                    "Stage": stage,
                    "Changed At": as_timestamps(course[column].iloc[reached]).to_numpy(),
                    "Reason": course["reason"].to_numpy()[reached] if ended else None,
                    "Amount": course["amount"].to_numpy()[reached]
                    if stage == "Closed Won"
                    else np.nan,
                    "Changed By": rep_names()[rep[reached]] if ours else AUTOMATION,
                    "place": place,
                }
            )
        )
    history = pd.concat(parts).sort_values(["Changed At", "Lead ID", "place"], ignore_index=True)
    return history.drop(columns="place")


def crm_opportunities(
    known: pd.DataFrame, account_ids: Array, course: pd.DataFrame
) -> pd.DataFrame:
    """Show the opportunities, open and closed."""
    some = np.flatnonzero(course["opportunity_at"].to_numpy() < NOT_YET)
    mine = course.iloc[some]
    won, lost = mine["won_at"].lt(NOT_YET), mine["lost_at"].lt(NOT_YET)
    table = pd.DataFrame(
        {
            "Opportunity ID": "",
            "Lead ID": known["lead_id"].to_numpy()[some],
            "Account ID": account_ids[known["account"].to_numpy()[some]],
            "Created At": as_timestamps(mine["opportunity_at"]).to_numpy(),
            "Stage": np.select([won, lost], ["Closed Won", "Closed Lost"], "Open"),
            "Amount": mine["amount"].to_numpy(),
            "Closed At": as_timestamps(mine[["won_at", "lost_at"]].min(axis=1)).to_numpy(),
            "Lost Reason": mine["reason"].where(lost).to_numpy(),
        }
    )
    table = table.sort_values(["Created At", "Lead ID"], ignore_index=True)
    return table.assign(**{"Opportunity ID": [f"OPP-{n:05d}" for n in range(1, len(table) + 1)]})


def with_headers(table: pd.DataFrame, headers: tuple[str, ...]) -> pd.DataFrame:
    """Show a table under the CRM's own headers."""
    return table.set_axis(list(headers), axis="columns")


def rep_names() -> Array:
    """Name the reps by region and number."""
    names = [f"{region} {number}" for region in REGIONS for number in range(1, REPS_A_REGION + 1)]
    return np.array(names, dtype=object)


def _lead_status(course: pd.DataFrame) -> Array:
    status = np.full(len(course), "Contact", dtype=object)
    for column, stage in STAGES.items():
        status[course[column].to_numpy() < NOT_YET] = stage
    return status


def _lead_ratings(rng: np.random.Generator, status: Array) -> Array:
    """Rate leads; once a lead is closed, most ratings are overwritten by its outcome."""
    first = rng.choice(
        np.array(["Warm", "Hot", "Cold", None], dtype=object), len(status), p=(0.4, 0.1, 0.15, 0.35)
    )
    final = pd.Series(status).map(RATINGS).to_numpy(dtype=object)
    overwritten = pd.notna(final) & (rng.random(len(status)) < 0.9)
    return np.where(overwritten, final, first)


def _landing_pages(rng: np.random.Generator, source: pd.Series[str]) -> Array:
    page = np.full(len(source), None, dtype=object)
    for name, pages in LANDING_PAGES.items():
        mine = source.eq(name).to_numpy()
        page[mine] = rng.choice(np.array(pages, dtype=object), mine.sum())
    return page


def _written_sizes(rng: np.random.Generator, employees: Array) -> Array:
    """Write sizes as people do: 1200, "1,200" or "1001-5000"."""
    how = rng.random(len(employees))
    band = np.searchsorted(BANDS, employees, side="right") - 1
    ends = [*(f"-{after - 1}" for after in BANDS[1:]), "+"]
    bands = np.array([f"{low}{end}" for low, end in zip(BANDS, ends, strict=True)], dtype=object)
    with_commas = np.array([f"{int(count):,}" for count in employees], dtype=object)
    plain = np.array([str(int(count)) for count in employees], dtype=object)
    return np.where(how < AS_BAND, bands[band], np.where(how < WITH_COMMAS, with_commas, plain))


def _with_missing_cells(
    settings: Settings, rng: np.random.Generator, table: pd.DataFrame
) -> pd.DataFrame:
    forgotten = [column for column in table if column in FORGOTTEN]
    for column in forgotten:
        share = settings.missing * FORGOTTEN[str(column)]
        table[column] = table[column].mask(rng.random(len(table)) < share)
    return table


def _running_campaign(
    campaigns: pd.DataFrame, channel: pd.Series[str] | Array, at: Any, column: str
) -> Array:
    """Find the campaign of a channel that runs at a time."""
    begins = np.unique(campaigns["begins"].to_numpy().astype("datetime64[s]").astype(np.int64))
    quarter = np.searchsorted(begins, np.asarray(at), side="right") - 1
    place = quarter * len(CHANNELS) + pd.Categorical(channel, CHANNELS).codes.astype(int)
    return np.asarray(campaigns[column].to_numpy(dtype=object)[place])


def _campaigns_of_events(done: Events, known: pd.DataFrame, campaigns: pd.DataFrame) -> Array:
    named = np.full(len(done.at), None, dtype=object)
    for kind, channel in CHANNEL_OF.items():
        mine = done.kind == CODE[kind]
        channels = np.full(mine.sum(), channel, dtype=object)
        named[mine] = _running_campaign(campaigns, channels, done.at[mine], "name")
    forms = done.kind == CODE["form_submit"]
    channels = known["source"].map(SOURCE_CHANNEL).to_numpy()[done.lead[forms]]
    named[forms] = _running_campaign(campaigns, channels, done.at[forms], "name")
    return named


def _contents_of_events(rng: np.random.Generator, done: Events, contents: pd.DataFrame) -> Array:
    named = np.full(len(done.at), None, dtype=object)
    for kind, (types, share) in CONTENTS_OF.items():
        mine = np.flatnonzero((done.kind == CODE[kind]) & (rng.random(len(done.at)) < share))
        ids = contents.loc[contents["type"].isin(types), "name"].to_numpy(dtype=object)
        named[mine] = ids[rng.integers(0, len(ids), len(mine))]
    return named


def as_timestamps(seconds: Any) -> pd.Series[Any]:
    """Show seconds as times; what has not happened yet has none.

    Examples
    --------
    >>> as_timestamps([0, NOT_YET]).to_list()
    [Timestamp('1970-01-01 00:00:00'), NaT]
    """
    stamps = pd.Series(seconds, dtype="int64").reset_index(drop=True)
    return stamps.where(stamps < NOT_YET).astype("Int64").astype("float64").pipe(_from_seconds)


def _from_seconds(seconds: pd.Series[float]) -> pd.Series[Any]:
    return pd.to_datetime(seconds, unit="s").astype("datetime64[s]")
