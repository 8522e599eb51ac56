"""A company with honest events: won leads are more active, and strong kinds are among them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.kept_events.events import COLUMNS, Events
from features.tables.problems import Problem
from features.tables.read import Tables
from features.workspace.read import Workspace, read_workspace

Array = npt.NDArray[Any]
LEADS, EVENTS_OF_WON, EVENTS_OF_OTHERS = 2_000, 9, 5
MAPPING = """\
name: small
extract_at: 2025-01-01
leads: {file: leads.csv, id: id, created: created}
events:
  - {file: events.csv, lead: id, time: at, kind: kind}
outcome: {won_when: {Status: [Won]}, lost_when: {Status: [Lost]}}
"""
SHARES: Mapping[str, tuple[float, float]] = {  # of the won leads that have the kind, and of others
    "form_submit": (0.45, 0.3),
    "webinar": (0.4, 0.15),
    "demo_request": (0.35, 0.06),  # the strongest that early activity can be
    "pricing_page": (0.5, 0.2),
    "unsubscribed": (0.01, 0.06),
}
EVERYDAY = ("email_open", "email_click", "page_view", "call")
WIN_RATE, SHARE_OPEN = 0.19, 0.2


class EventCompany(NamedTuple):
    """Leads and what became of them, with all their events.

    Attributes
    ----------
    status : array of str, one for each lead
        ``Won``, ``Lost`` or ``Open``.
    created, closed : array of datetime64
        A lead is judged 20 days after it was created, and closed 20 days or more later.
    lead, kind, at : array
        The lead, the kind and the time of each event.
    random : Generator
        For what is planted.
    """

    status: Array
    created: Array
    closed: Array
    lead: Array
    kind: Array
    at: Array
    random: np.random.Generator

    @property
    def of_won(self) -> Array:
        """The events of won leads."""
        of_won: Array = self.status[self.lead] == "Won"
        return of_won

    def added(self, leads: Array, kind: str, at: Array) -> EventCompany:
        """Add an event of a kind to some leads."""
        return self._replace(
            lead=np.append(self.lead, leads),
            kind=np.append(self.kind, np.full(len(leads), kind, dtype=object)),
            at=np.append(self.at, at),
        )

    def without(self, events: Array) -> EventCompany:
        """Leave out events."""
        return self._replace(lead=self.lead[~events], kind=self.kind[~events], at=self.at[~events])


def event_company(seed: int) -> EventCompany:
    """Draw a company whose events were all there before the outcome was known."""
    random = np.random.default_rng(seed)
    won = random.random(LEADS) < WIN_RATE  # or will be
    is_open = random.random(LEADS) < SHARE_OPEN
    status = np.select([is_open, won], ["Open", "Won"], "Lost").astype(object)
    created = np.datetime64("2024-01-01", "us") + _days(random.uniform(0, 300, LEADS))
    closed = created + _days(random.uniform(40, 90, LEADS))
    lead = np.repeat(
        np.arange(LEADS), random.poisson(np.where(won, EVENTS_OF_WON, EVENTS_OF_OTHERS))
    )
    at = created[lead] + _days(random.uniform(0, 60, len(lead)))
    kind = random.choice(EVERYDAY, len(lead)).astype(object)
    company = EventCompany(status, created, closed, lead, kind, at, random)
    for name, (of_won, of_others) in SHARES.items():
        leads = np.flatnonzero(random.random(LEADS) < np.where(won, of_won, of_others))
        company = company.added(
            leads, name, created[leads] + _days(random.uniform(0, 19, len(leads)))
        )
    return company


def _days(days: Array) -> Array:
    """Turn days into whole seconds."""
    return (days * 86_400).astype("timedelta64[s]").astype("timedelta64[us]")


def company_tables(
    company: EventCompany, unlinked: int = 0, *, dated: bool = True, copies: int = 0
) -> Tables:
    """Make the tables that a workspace would read.

    Parameters
    ----------
    unlinked : int
        Rows of the file of events that name no lead.
    dated : bool
        Whether the CRM says when leads were closed.
    copies : int
        Events that equal another.
    """
    ids = np.array([f"L{number}" for number in range(LEADS)], dtype=object)
    is_open = company.status == "Open"
    closed = pd.Series(company.closed).mask(is_open | (not dated))
    leads = pd.DataFrame(
        {
            "lead_id": ids,
            "account_id": None,
            "person_id": "lead:" + ids,
            "created_at": company.created,
            "moment_base_at": company.created + np.timedelta64(20, "D"),
            "closed_at": closed,
            "won_at": closed.where(company.status == "Won"),
            "order": np.arange(LEADS, dtype=float),
            "raw:Status": company.status,
        }
    )
    events = pd.DataFrame(
        {"person_id": "lead:" + ids[company.lead], "kind": company.kind, "at": company.at}
    ).reindex(columns=list(COLUMNS))
    counts = {"of unknown leads": unlinked, "repeated events": copies}
    problems = [Problem("events", kind, number, "") for kind, number in counts.items() if number]
    stages = pd.DataFrame({"lead_id": [], "stage": [], "at": []})
    return Tables(leads, Events.of(events.assign(by_sales=False)), stages, problems)


@cache
def mapping() -> Workspace:
    """The workspace of every such company."""
    with TemporaryDirectory() as folder:
        Path(folder, "leadready.yaml").write_text(MAPPING, encoding="utf-8")
        for name in ("leads.csv", "events.csv"):
            Path(folder, name).write_text("id\n", encoding="utf-8")
        return read_workspace(Path(folder))
