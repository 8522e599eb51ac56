"""What the simulated people do: opens, clicks, pages, webinars, downloads, forms, demo requests.

Activities before the hand-off are drawn first, since they decide how ready a lead is. Those after
it follow what sales did and the outcome: people who are about to buy look around a lot, and
customers go on using the product. The table of all activities is therefore full of hints about the
outcome that did not exist at the moment of the hand-off, and features must not use them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.simulator.names import ASSET_TYPES, TOPICS
from pipelines.simulator.people import BOT
from pipelines.simulator.settings import DAY, HOUR, Settings

Array = np.ndarray[Any, Any]

KINDS = (
    "email_open",
    "email_click",
    "page_view",
    "webinar_attended",
    "content_download",
    "form_submit",
    "demo_request",
    "call",
    "meeting",
    "email_unsubscribed",
)
CODE = {kind: code for code, kind in enumerate(KINDS)}
BEFORE = {  # how many in the mean before the hand-off, and how much of it the engagement moves
    "webinar_attended": (0.30, 0.5),
    "content_download": (0.55, 0.7),
    "form_submit": (0.35, 0.5),
    "demo_request": (0.10, 0.5),
    "call": (0.12, 0.3),
    "email_unsubscribed": (0.02, 0.0),
}
AFTER = {
    "webinar_attended": (0.10, 0.5),
    "content_download": (0.20, 0.7),
    "form_submit": (0.08, 0.5),
    "demo_request": (0.03, 0.5),
    "email_unsubscribed": (0.02, 0.0),
}
EVERYDAY = {"email_open": 0.48, "page_view": 0.38, "email_click": 0.14}  # shares of the rest
EVERYDAY_BEFORE = 0.58  # share of the everyday activities that come before the hand-off
BEGAN_WITH = {  # the activity that a source's leads begin with
    "web": "form_submit",
    "webinar": "webinar_attended",
    "paid search": "content_download",
}
BOT_EVENTS = (300, 900)
QUIET_BEFORE_RETURN = 91  # days without activity before somebody who comes back is handed over
SEEN_FOR, SEEN_AT_MOST = 40, 240  # days after the hand-off, in the mean and at most


class Events(NamedTuple):
    """Activities as columns of equal length; ``lead`` and ``kind`` are places in their tables."""

    lead: Array
    kind: Array
    at: Array
    by_sales: Array
    minutes: Array

    def where(self, mask: Array) -> Events:
        """Keep some of them."""
        return Events(*(column[mask] for column in self))


def events(
    lead: Array, kind: str | Array, at: Array, by_sales: bool | Array = False, minutes: Any = np.nan
) -> Events:
    """Make activities; what is given once holds for all."""
    code = CODE[kind] if isinstance(kind, str) else kind
    full = (np.broadcast_to(value, len(lead)) for value in (code, at, by_sales, minutes))
    return Events(np.asarray(lead), *(np.asarray(column) for column in full))


def concatenate_events(parts: list[Events]) -> Events:
    """Join several sets of activities into one."""
    return Events(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def draw_contents(settings: Settings) -> pd.DataFrame:
    """Make the content assets: some of each type and topic."""
    rng = settings.stream("contents")
    rows = [(kind, topic, part) for kind in ASSET_TYPES for topic in TOPICS for part in (1, 2)]
    ids = [f"AST-{number:03d}" for number in range(1, len(rows) + 1)]
    return pd.DataFrame(
        {
            "asset_id": ids,
            "name": [f"{topic} {kind} {part}" for kind, topic, part in rows],
            "type": [kind for kind, _, _ in rows],
            "topic": [topic for _, topic, _ in rows],
            "published": settings.starts_at - pd.to_timedelta(rng.integers(1, 400, len(rows)), "D"),
        }
    )


def draw_events_before(settings: Settings, leads: pd.DataFrame) -> Events:
    """Draw what was done before the hand-off."""
    rng = settings.stream("before")
    found = [
        _poisson_events(rng, leads, kind, *how, _times_before_handoff)
        for kind, how in BEFORE.items()
    ]
    found += [_first_events(leads, source, kind) for source, kind in BEGAN_WITH.items()]
    found.append(_bot_events(rng, leads))
    expected_after = len(leads) * (2.4 + sum(rate for rate, _ in AFTER.values()))
    room = settings.events - sum(len(part.at) for part in found) - expected_after
    found.append(
        _everyday_events(
            rng, leads, round(EVERYDAY_BEFORE * room), leads["engaged"], _times_before_handoff
        )
    )
    return _in_data_span(settings, leads, concatenate_events(found))


def draw_events_after(
    settings: Settings, leads: pd.DataFrame, already: Events, won: Array, accepted: Array
) -> Events:
    """Draw what was done after the hand-off, so that there are exactly the events asked for."""
    rng = settings.stream("after")
    open_for = _observable_seconds(settings, leads)
    alive = leads.loc[open_for > HOUR].assign(room=open_for[open_for > HOUR])
    livelier = 1 + 1.5 * won[alive.index] + 0.5 * accepted[alive.index]
    alive["engaged"] = alive["engaged"] * livelier
    found = [
        _poisson_events(rng, alive, kind, *how, _times_after_handoff) for kind, how in AFTER.items()
    ]
    rest = max(settings.events - len(already.at) - sum(len(part.at) for part in found), 0)
    weight = alive["engaged"] * -np.expm1(-alive["room"] / (SEEN_FOR * DAY))
    found.append(_everyday_events(rng, alive, rest, weight, _times_after_handoff))
    return concatenate_events(found)


def cut_for_return(leads: pd.DataFrame, of: Events) -> Events:
    """Leave out what came after the hand-off but shortly before the person was a lead again."""
    until = _next_handoff(leads)[of.lead] - QUIET_BEFORE_RETURN * DAY
    return of.where(of.at < until)


def _poisson_events(
    rng: np.random.Generator, leads: pd.DataFrame, kind: str, rate: float, power: float, when: Any
) -> Events:
    count = rng.poisson(rate * leads["engaged"].to_numpy() ** power)
    lead = np.repeat(np.arange(len(leads)), count)
    return events(
        leads.index.to_numpy()[lead], kind, when(rng, leads, lead), *_call_details(kind, lead)
    )


def _call_details(kind: str, lead: Array) -> tuple[Any, Any]:
    if kind != "call":
        return False, np.nan
    return lead % 3 > 0, 3.0 + lead % 17  # two of three early calls are ours


def _everyday_events(
    rng: np.random.Generator,
    leads: pd.DataFrame,
    how_many: int,
    weight: pd.Series[float],
    when: Any,
) -> Events:
    share = weight.to_numpy(float)
    count = rng.multinomial(how_many, share / share.sum())
    lead = np.repeat(np.arange(len(leads)), count)
    codes = np.array([CODE[kind] for kind in EVERYDAY])
    kind = rng.choice(codes, len(lead), p=list(EVERYDAY.values()))
    return events(leads.index.to_numpy()[lead], kind, when(rng, leads, lead))


def _times_before_handoff(rng: np.random.Generator, leads: pd.DataFrame, lead: Array) -> Array:
    """Draw times before the hand-off: most are shortly before it, and some people go quiet."""
    quiet = np.where(rng.random(len(leads)) < 0.5, rng.exponential(25, len(leads)), 0.0)
    close = rng.random(len(lead)) < 0.6
    days = np.where(close, rng.exponential(14, len(lead)), rng.uniform(0, 150, len(lead)))
    moment = leads["moment"].to_numpy()[lead]
    at = moment - ((days + quiet[lead]) * DAY).astype(np.int64) - rng.integers(60, HOUR, len(lead))
    return np.asarray(np.minimum(_moved_to_daytime(rng, at), moment - 60))


def _times_after_handoff(rng: np.random.Generator, leads: pd.DataFrame, lead: Array) -> Array:
    """Draw times after the hand-off, more and more rarely, until the extract."""
    room, mean = leads["room"].to_numpy()[lead], SEEN_FOR * DAY
    later = -mean * np.log1p(rng.random(len(lead)) * np.expm1(-room / mean))
    at = leads["moment"].to_numpy()[lead] + np.minimum(later, room - 1).astype(np.int64)
    moved = _moved_to_daytime(rng, at)
    inside = (moved > leads["moment"].to_numpy()[lead]) & (moved - at < room - later - 1)
    return np.where(inside, moved, at)


def _moved_to_daytime(rng: np.random.Generator, at: Array) -> Array:
    """Move times of the night into the day."""
    hour = at % DAY // HOUR
    asleep = (hour < 6) | (hour > 21)
    day = at - at % DAY
    return np.where(asleep, day + rng.integers(7 * HOUR, 20 * HOUR, len(at)), at)


def _first_events(leads: pd.DataFrame, source: str, kind: str) -> Events:
    mine = leads.loc[leads["source"].eq(source)]
    return events(mine.index.to_numpy(), kind, mine["created"].to_numpy())


def _bot_events(rng: np.random.Generator, leads: pd.DataFrame) -> Events:
    """Draw what bots do: hundreds of pages within hours, at any time of day."""
    mine = leads.loc[leads["kind"].eq(BOT)]
    lead = np.repeat(mine.index.to_numpy(), rng.integers(*BOT_EVENTS, len(mine)))
    began = leads["moment"].to_numpy()[lead] - DAY
    at = began + rng.integers(0, 20 * HOUR, len(lead))
    kind = np.where(rng.random(len(lead)) < 0.8, CODE["page_view"], CODE["email_open"])
    return events(lead, kind, at)


def _in_data_span(settings: Settings, leads: pd.DataFrame, of: Events) -> Events:
    start, end = settings.span
    return of.where((of.at >= start) & (of.at < end))


def _next_handoff(leads: pd.DataFrame) -> Array:
    """Find when the person behind each lead is handed over again (far away if never)."""
    again = np.full(len(leads), np.iinfo(np.int64).max)
    back = leads.loc[leads["comes_back"]]
    again[back["first"].to_numpy()] = back["moment"].to_numpy()
    return again


def _observable_seconds(settings: Settings, leads: pd.DataFrame) -> Array:
    """Count the seconds after each hand-off in which activities can be seen."""
    moment = leads["moment"].to_numpy()
    until = np.minimum(settings.span[1], _next_handoff(leads) - QUIET_BEFORE_RETURN * DAY)
    return np.asarray(np.minimum(until - moment, SEEN_AT_MOST * DAY))
