"""Who is in the simulated company's CRM: accounts, contacts and leads, as they truly are.

Leads come in seasons. Some accounts send many of them. Some people come back months after their
first enquiry; some are entered twice; a few are bots or test records. Here everything is known and
in numbers. What the CRM leaves out and misspells is added later, in ``crm``.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from pipelines.simulator.names import (
    CHANNELS,
    COUNTRIES,
    FIRST_NAMES,
    FUNCTION_SHARES,
    FUNCTIONS,
    INDUSTRIES,
    INDUSTRY_SHARES,
    LAST_NAMES,
    REGION_SHARES,
    SENIORITIES,
    SENIORITY_SHARES,
    company_names,
    job_titles,
)
from pipelines.simulator.settings import DAY, HOUR, REGIONS, Settings

Array = np.ndarray[Any, Any]

SOURCES = {  # share of the leads, and how engaged such leads are
    "web": (0.27, 1.0),
    "webinar": (0.14, 1.2),
    "event": (0.12, 0.9),
    "referral": (0.10, 1.1),
    "purchased list": (0.13, 0.6),
    "partner": (0.10, 1.0),
    "paid search": (0.14, 0.9),
}
SOURCE_CHANNEL = {
    "web": "Content Syndication",
    "webinar": "Webinar",
    "event": "Event",
    "referral": "Partner",
    "purchased list": "Email",
    "partner": "Partner",
    "paid search": "Paid Search",
    "test": "Email",
}
MONTH_WEIGHTS = (0.95, 1.05, 1.15, 1.05, 1.05, 1.0, 0.8, 0.75, 1.15, 1.15, 1.1, 0.8)
COMES_BACK_AFTER = 200  # days at least, so that one enquiry's events are not the next one's
LONGEST_WAIT = 60  # days from creation to hand-off
REGULAR, DUPLICATE, BOT, TEST = "regular", "duplicate", "bot", "test"
LANGUAGES = ("English", "German", "French", "Spanish")
NEWSLETTERS = ("Weekly", "Monthly", "Quarterly", "Never")


def draw_accounts(settings: Settings) -> pd.DataFrame:
    """Make the companies: size, revenue, industry, region, country, year founded."""
    rng = settings.stream("accounts")
    n = max(20, round(settings.leads / settings.leads_per_account))
    employees = np.clip(np.rint(np.exp(rng.normal(4.5, 1.7, n))), 1, 90_000)
    region = rng.choice(len(REGIONS), n, p=REGION_SHARES)
    place = rng.random(n) ** 2  # the first country of a region is the most frequent
    country = [
        COUNTRIES[REGIONS[r]][int(p * len(COUNTRIES[REGIONS[r]]))]
        for r, p in zip(region, place, strict=True)
    ]
    name = company_names(rng, n)
    return pd.DataFrame(
        {
            "account_id": _numbered_ids("ACC-", n),
            "name": name,
            "employees": employees,
            "revenue": np.rint(employees * np.exp(rng.normal(11.9, 0.5, n)) / 1000) * 1000,
            "industry": rng.choice(INDUSTRIES, n, p=INDUSTRY_SHARES),
            "region": np.array(REGIONS)[region],
            "country": country,
            "founded": 2023 - np.minimum(rng.gamma(1.6, 14, n), 150).astype(int),
            "weight": np.exp(rng.normal(0, 1.0, n)),
        }
    )


def draw_leads(settings: Settings, of: pd.DataFrame) -> pd.DataFrame:
    """Make the leads, in the order of their creation, with the person behind each.

    ``contact`` numbers people, ``first`` points to the earlier lead of one who came back or was
    entered twice (else -1), ``moment`` is the second at which the lead is or would be handed
    over, ``engaged`` multiplies what the lead does.
    """
    rng = settings.stream("leads")
    kind, back = _lead_kinds(settings, rng)
    first = _earlier_leads(settings, rng, kind, back)
    created = _creation_times(settings, rng, first, kind, back)
    order = np.argsort(created, kind="stable")
    kind, back, first, created = kind[order], back[order], first[order], created[order]
    first = np.where(first < 0, -1, np.argsort(order)[first])
    n, known = len(kind), np.where(first < 0, np.arange(len(kind)), first)
    account = rng.choice(len(of), n, p=(of["weight"] / of["weight"].sum()).to_numpy())[known]
    source = _lead_sources(settings, rng, created, kind)
    wait = np.clip(np.exp(rng.normal(np.log(6), 0.8, n)), 0.1, LONGEST_WAIT)
    reach = np.array([SOURCES.get(name, (0, 1.0))[1] for name in source])
    numbers = np.cumsum(~back) - 1  # a person for each lead, but for those who come back
    return pd.DataFrame(
        {
            "lead_id": _numbered_ids("L-", n),
            "kind": kind,
            "comes_back": back,
            "first": first,
            "account": account,
            "contact": np.where(back, numbers[known], numbers),
            "created": created,
            "moment": created + (wait * DAY).astype(np.int64),
            "source": source,
            "engaged": np.exp(rng.normal(0, 0.6, n)) * reach,
            "preferred_language": rng.choice(LANGUAGES, n, p=(0.5, 0.3, 0.12, 0.08)),
            "newsletter_frequency": rng.choice(NEWSLETTERS, n),
        }
    )


def draw_contacts(settings: Settings, of: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Make the person behind each lead; whoever was entered twice is there twice."""
    rng = settings.stream("contacts")
    mine = of.loc[~of["comes_back"]].reset_index(drop=True)
    n = len(mine)
    seniority = rng.choice(SENIORITIES, n, p=SENIORITY_SHARES)
    function = rng.choice(FUNCTIONS, n, p=FUNCTION_SHARES)
    people = pd.DataFrame(
        {
            "contact_id": _long_ids(rng, n),
            "account": mine["account"],
            "first_name": rng.choice(FIRST_NAMES, n),
            "last_name": rng.choice(LAST_NAMES, n),
            "title": job_titles(rng, seniority, function),
            "seniority": seniority,
            "job_function": function,
        }
    )
    people["phone"] = [f"+49 30 555{number:05d}" for number in rng.integers(0, 100_000, n)]
    people = _copy_duplicates(people, mine, of)
    people.loc[mine["kind"].eq(TEST).to_numpy(), ["first_name", "last_name", "title"]] = "Test"
    people["email"] = _email_addresses(people, companies)
    return people


def draw_campaigns(settings: Settings) -> pd.DataFrame:
    """Make the campaigns: one of each channel a quarter, with what they cost."""
    rng = settings.stream("campaigns")
    quarters = range(-1, settings.months // 3 + 1)
    rows = [(quarter, channel) for quarter in quarters for channel in CHANNELS]
    begins = [settings.starts_at + pd.DateOffset(months=3 * quarter) for quarter, _ in rows]
    channel = [channel for _, channel in rows]
    quarter = [f"{begin:%Y}-Q{begin.quarter}" for begin in begins]
    return pd.DataFrame(
        {
            "campaign_id": _numbered_ids("CMP-", len(rows)),
            "name": [f"{when} {what}" for when, what in zip(quarter, channel, strict=True)],
            "channel": channel,
            "begins": begins,
            "ends": [begin + pd.DateOffset(months=3) - pd.Timedelta(days=1) for begin in begins],
            "cost": rng.integers(8, 160, len(rows)) * 250,
        }
    )


def _lead_kinds(settings: Settings, rng: np.random.Generator) -> tuple[Array, Array]:
    n = settings.leads
    shares = {DUPLICATE: settings.duplicates, BOT: settings.bots, TEST: settings.tests}
    kind = np.full(n, REGULAR, dtype=object)
    odd = rng.permutation(n)
    at = 0
    for name, share in shares.items():
        how_many = round(share * n)
        kind[odd[at : at + how_many]] = name
        at += how_many
    back = np.zeros(n, bool)
    back[odd[at : at + round(settings.repeated_contacts * n)]] = True
    return kind, back


def _earlier_leads(settings: Settings, rng: np.random.Generator, kind: Array, back: Array) -> Array:
    """Choose the earlier lead of each that comes back or was entered twice: each only once."""
    first = np.full(len(kind), -1)
    later = np.flatnonzero(back | (kind == DUPLICATE))
    plain = np.flatnonzero((kind == REGULAR) & ~back)
    first[later] = rng.choice(plain, len(later), replace=False)
    return first


def _creation_times(
    settings: Settings, rng: np.random.Generator, first: Array, kind: Array, back: Array
) -> Array:
    start, end = settings.span
    created = _seasonal_times(settings, rng, len(first))
    again = (COMES_BACK_AFTER + rng.exponential(120, len(first))) * DAY
    twice = rng.uniform(0.1, 25, len(first)) * DAY
    # whoever comes back has to have come early enough for that
    early = start + (rng.random(len(first)) * 0.9 * max(end - start - 230 * DAY, DAY)).astype(int)
    created[first[back]] = early[back]
    room = end - HOUR - created[first]
    wait = np.where(back, again, twice)
    least = np.where(back, np.minimum(COMES_BACK_AFTER * DAY, 0.9 * room), 0)
    wait = np.where(wait < room, wait, least + rng.random(len(first)) * (room - least))
    return np.asarray(np.where(first < 0, created, created[first] + wait), np.int64)


def _seasonal_times(settings: Settings, rng: np.random.Generator, n: int) -> Array:
    start, end = settings.span
    days = np.arange(start, end, DAY)
    stamps = pd.DatetimeIndex(days.astype("datetime64[s]"))
    weight = np.array(MONTH_WEIGHTS)[stamps.month - 1] * np.where(stamps.day_of_week < 5, 1.0, 0.35)
    day = rng.choice(days, n, p=weight / weight.sum())
    hour = np.clip(rng.normal(13, 3.5, n), 0, 23.99)
    return np.asarray(np.minimum(day + (hour * HOUR).astype(np.int64), end - HOUR))


def _lead_sources(
    settings: Settings, rng: np.random.Generator, created: Array, kind: Array
) -> Array:
    names, (shares, _) = list(SOURCES), zip(*SOURCES.values(), strict=True)
    source = rng.choice(np.array(names, dtype=object), len(created), p=shares)
    start, end = settings.span
    moved = rng.random(len(created)) < settings.mix_drift * (created - start) / (end - start)
    source[moved] = "paid search"
    source[kind == BOT] = "web"
    source[kind == TEST] = "test"
    return source


def _copy_duplicates(people: pd.DataFrame, mine: pd.DataFrame, of: pd.DataFrame) -> pd.DataFrame:
    """Give each duplicate the name, title and phone of the person it is a second record of."""
    twice = np.flatnonzero(mine["kind"].eq(DUPLICATE))
    originals = of["contact"].to_numpy()[mine["first"].to_numpy()[twice]]
    same = ["first_name", "last_name", "title", "seniority", "job_function", "phone"]
    people.loc[twice, same] = people.loc[originals, same].to_numpy()
    people.loc[twice, "last_name"] = people.loc[twice, "last_name"].str.upper()
    return people


def _email_addresses(people: pd.DataFrame, companies: pd.DataFrame) -> list[str]:
    domains = [_ascii_letters(name.split(" ")[0]) for name in companies["name"]]
    hosts = [domains[account] for account in people["account"]]
    return [
        f"{_ascii_letters(first)}.{_ascii_letters(last)}@{host}.example"
        for first, last, host in zip(people["first_name"], people["last_name"], hosts, strict=True)
    ]


def _ascii_letters(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower().replace("ø", "o"))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


def _numbered_ids(prefix: str, n: int) -> Array:
    return np.array([f"{prefix}{number:05d}" for number in range(1, n + 1)], dtype=object)


def _long_ids(rng: np.random.Generator, n: int) -> Array:
    """Make ids of 19 digits, as some CRMs do: they lose digits when read as numbers."""
    steps = np.cumsum(rng.integers(1_001, 90_001, n))
    return np.array([str(5_805_028_000_000_000_000 + int(step)) for step in steps], dtype=object)
