"""What is planted: events that a CRM moved or deleted, and kinds that were written afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from verification.event_leaks.company import Array, EventCompany

SHARE_MOVED, HALF = 0.7, 0.5
CADENCE = ("email_open", "email_click", "call")  # stay with the lead when others are moved


class Planted(NamedTuple):
    """A company with a leak.

    Attributes
    ----------
    company : EventCompany
    kind : str
        The kind of event that is planted; empty if events were moved or deleted.
    unlinked : int
        Events that now name a record that is no lead.
    dated : bool
        Whether only the dates of closing show the leak.
    copies : int
        Events that equal another.
    """

    company: EventCompany
    kind: str = ""
    unlinked: int = 0
    dated: bool = False
    copies: int = 0


def _moved(company: EventCompany) -> Planted:
    return _taken_away(company, company.of_won)


def _partly_moved(company: EventCompany) -> Planted:
    some = company.random.random(len(company.lead)) < SHARE_MOVED
    return _taken_away(company, company.of_won & some)


def _half_moved(company: EventCompany) -> Planted:
    """Won leads, who were more active, then have about as many events as others."""
    some = company.random.random(len(company.lead)) < HALF
    return _taken_away(company, company.of_won & some)


def _cadence_left(company: EventCompany) -> Planted:
    return _taken_away(company, company.of_won & ~np.isin(company.kind, CADENCE))


def _first_kept(company: EventCompany) -> Planted:
    """The export keeps the first event of a won lead."""
    order = np.lexsort((company.at, company.lead))
    lead = company.lead[order]
    place = np.arange(len(lead)) - np.searchsorted(lead, lead)
    later = np.zeros(len(lead), dtype=bool)
    later[order] = place >= 1
    return Planted(company.without(company.of_won & later))


def _dated_anew(company: EventCompany) -> Planted:
    """Most events of won leads get the time of the conversion."""
    some = company.of_won & (company.random.random(len(company.lead)) < SHARE_MOVED)
    at = np.where(some, company.closed[company.lead], company.at)
    return Planted(company._replace(at=at), dated=True)


def _copied(company: EventCompany) -> Planted:
    """Merging two people keeps the events of both, of which many are the same."""
    some = company.of_won & (company.random.random(len(company.lead)) < HALF)
    lead = np.append(company.lead, company.lead[some])
    kind, at = np.append(company.kind, company.kind[some]), np.append(company.at, company.at[some])
    return Planted(company._replace(lead=lead, kind=kind, at=at), copies=int(some.sum()))


def _merged(company: EventCompany) -> Planted:
    """Three in four won leads were merged with an older contact, which keeps its own events."""
    merged = company.random.random(len(company.status)) < 0.75
    return _taken_away(company, company.of_won & merged[company.lead])


def _deleted(company: EventCompany) -> Planted:
    return Planted(company.without(company.of_won))


def _lost_deleted(company: EventCompany) -> Planted:
    """Three in five lost leads were made anonymous, and their events deleted."""
    deleted = company.random.random(len(company.status)) < 0.6
    return Planted(
        company.without((company.status[company.lead] == "Lost") & deleted[company.lead])
    )


def _lost_trimmed(company: EventCompany) -> Planted:
    """A clean-up deletes seven in ten events of lost leads."""
    some = company.random.random(len(company.lead)) < SHARE_MOVED
    return Planted(company.without((company.status[company.lead] == "Lost") & some))


def _lost_archived(company: EventCompany) -> Planted:
    """Four in five events of leads that were lost half a year ago are in an archive."""
    some = company.random.random(len(company.lead)) < 0.8
    last = company.closed[company.status != "Open"].max()
    old = (last - company.closed > np.timedelta64(183, "D")) & (company.status == "Lost")
    return Planted(company.without(old[company.lead] & some))


def _taken_away(company: EventCompany, events: Array) -> Planted:
    return Planted(company.without(events), unlinked=int(events.sum()))


def _kind_of(name: str, of_won: float, of_others: float) -> Callable[[EventCompany], Planted]:
    """Plant a kind that the log dates too early, as it dates everything of an import."""

    def plant(company: EventCompany) -> Planted:
        shares = np.select(
            [company.status == state for state in ("Won", "Lost")], [of_won, of_others]
        )
        leads = np.flatnonzero(company.random.random(len(shares)) < shares)
        days = company.random.integers(0, 19, len(leads)).astype("timedelta64[D]")
        return Planted(company.added(leads, name, company.created[leads] + days), name)

    return plant


def _at_closing(company: EventCompany) -> Planted:
    """Leads that close when they are judged have a kind of no telling name hours before."""
    early = (company.status != "Open") & (company.random.random(len(company.status)) < 0.5)
    judged = company.created + np.timedelta64(20, "D")
    closed = np.where(early, judged + np.timedelta64(6, "h"), company.closed)
    shares = np.where(company.status == "Won", 0.6, 0.05) * early
    leads = np.flatnonzero(company.random.random(len(shares)) < shares)
    told = company.added(leads, "step_17", judged[leads] - np.timedelta64(9, "h"))
    return Planted(told._replace(closed=closed), "step_17", dated=True)


LEAKS: Mapping[str, Callable[[EventCompany], Planted]] = {
    "events moved when a lead is won": _moved,
    "70% of them moved": _partly_moved,
    "half of them moved": _half_moved,
    "moved but for those of a cadence": _cadence_left,
    "contacts merged": _merged,
    "people deleted with their events": _deleted,
    "all but the first event left out": _first_kept,
    "70% of them dated anew": _dated_anew,
    "events copied": _copied,
    "events of lost leads deleted": _lost_deleted,
    "70% of the events of lost leads deleted": _lost_trimmed,
    "events of old lost leads archived": _lost_archived,
    "kind: converted": _kind_of("converted", 0.9, 0.0),
    "kind: declined": _kind_of("declined", 0.0, 0.5),
    "kind: contract sent": _kind_of("contract_sent", 0.6, 0.05),
    "kind: onboarding": _kind_of("onboarding_call", 0.4, 0.01),
    "kind: invoice": _kind_of("invoice", 0.5, 0.0),
    "kind: credit check": _kind_of("credit_check", 0.6, 0.05),
    "kind: quote sent": _kind_of("quote_sent", 0.7, 0.15),
    "kind of no telling name": _kind_of("zz_17", 0.5, 0.01),
    "kind of no telling name, at closing": _at_closing,
}
