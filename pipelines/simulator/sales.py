"""What marketing hands over, what sales follows up, and how it ends.

Reps choose: they like a high old score, large companies and their home regions, and some follow up
more than others. A lead that was never followed up has no outcome, though the truth keeps what it
would have been. A lead that was followed up is rejected with a reason, or accepted and moved
through the stages to a win, a loss or nowhere. Every step takes time, and anything after the
extract has not happened yet.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from pipelines.simulator.activity import Events, concatenate_events, events
from pipelines.simulator.people import BOT, DUPLICATE, REGULAR, TEST
from pipelines.simulator.settings import DAY, HOME_REGIONS, HOUR, REGIONS, Settings
from pipelines.simulator.truth import shift_to, sigmoid

Array = np.ndarray[Any, Any]

NOT_YET = np.iinfo(np.int64).max
REPS_A_REGION = 3
LONGEST_FIRST_TOUCH = 20  # days
ENDS = 0.75  # share of the accepted leads that are closed as lost, if they are not won
RECYCLED = 0.35  # share of the leads without a follow-up that are put back after some months
STAGES = {  # the columns of a course, in the order of the funnel
    "created": "Contact",
    "handed_at": "MQL",
    "accepted_at": "SAL",
    "rejected_at": "Rejected",
    "sql_at": "SQL",
    "opportunity_at": "Opportunity",
    "won_at": "Closed Won",
    "lost_at": "Closed Lost",
    "recycled_at": "Recycled",
}
REJECTED_FOR = (
    "Not the right fit",
    "Not the right size",
    "Not the right contact",
    "Not interested",
    "No budget",
    "Bad timing",
    "Competitor",
    "Bad data",
)
LOST_FOR = ("No budget", "Bad timing", "Competitor", "Not interested", "Not the right fit")
LOST_SHARES = (0.27, 0.23, 0.27, 0.15, 0.08)
ALWAYS_FOR = {DUPLICATE: "Duplicate", BOT: "Bad data", TEST: "Test record"}


def handed_off(settings: Settings, leads: pd.DataFrame, score: Array) -> Array:
    """Decide which leads marketing hands over: mostly those with a high old score."""
    rng = settings.stream("handed off")
    liked = 1.2 * _standardized(score)
    chosen = rng.random(len(leads)) < sigmoid(liked + shift_to(settings.handed_off, liked))
    return chosen & (leads["moment"].to_numpy() < settings.span[1])


def reps(settings: Settings, facts: pd.DataFrame) -> Array:
    """Give each lead a rep of its region."""
    rng = settings.stream("reps")
    region = pd.Categorical(facts["region"], REGIONS).codes.astype(int)
    return region * REPS_A_REGION + rng.integers(0, REPS_A_REGION, len(facts))


def worked_probability(
    settings: Settings,
    facts: pd.DataFrame,
    score: Array,
    handed: Array,
    rep: Array,
    interest: Array,
) -> Array:
    """Work out how likely sales is to follow up each lead handed over."""
    rng = settings.stream("zeal")
    zeal = rng.normal(0, 0.3, len(REGIONS) * REPS_A_REGION)
    large = facts["employees"].ge(200).to_numpy()
    at_home = facts["region"].isin(HOME_REGIONS).to_numpy()
    liked = zeal[rep] + settings.prefer_score * _standardized(score)
    liked = liked + settings.prefer_large * large + settings.prefer_home * at_home
    liked = liked + settings.prefer_large_home * (large & at_home)
    liked = liked + settings.prefer_interest * _standardized(interest)
    allowed = handed.copy()
    if settings.only_regions:
        allowed &= facts["region"].isin(settings.only_regions).to_numpy()
    if settings.only_score_above and handed.any():
        allowed &= score >= np.quantile(score[handed], settings.only_score_above)
    if not allowed.any():
        return np.zeros(len(facts))
    return np.where(allowed, sigmoid(liked + shift_to(settings.worked, liked[allowed])), 0.0)


def days_to_win(settings: Settings, probability: Array) -> Array:
    """Draw how long each lead would take to be won if worked (infinity: never).

    A win falls within the horizon with exactly the given probability; of all wins, the share
    ``settings.late`` comes later. One draw decides whether and when.
    """
    draw = settings.stream("outcomes").random(len(probability))
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.where(probability > 0, draw / probability * (1 - settings.late), np.inf)
    grid = np.linspace(0, 1, 2001)[1:-1]
    normal = NormalDist()
    spread = np.log(settings.horizon_days / settings.days_to_win) / normal.inv_cdf(
        1 - settings.late
    )
    days = settings.days_to_win * np.exp(
        spread * np.array([normal.inv_cdf(share) for share in grid])
    )
    return np.where(place < 1, np.interp(place, grid, days), np.inf)


def courses(
    settings: Settings,
    leads: pd.DataFrame,
    facts: pd.DataFrame,
    readiness: Array,
    days: Array,
    handed: Array,
    worked: Array,
) -> pd.DataFrame:
    """Let every lead take its course: when each stage was reached (``NOT_YET``: it was not)."""
    winner = worked & np.isfinite(days)
    touched = _first_touch(settings, leads, days, winner)
    worked = worked & (touched < settings.span[1])
    accepted = worked & (winner | _accepted_by_sales(settings, leads, readiness))
    course = _stage_times(settings, leads, days, touched, worked, accepted, winner)
    rng = settings.stream("recycled")
    ignored = handed & ~worked & (rng.random(len(leads)) < RECYCLED)
    idle = rng.integers(60 * DAY, 120 * DAY, len(leads))
    course["handed_at"] = _time_or_not_yet(handed, leads["moment"].to_numpy())
    course["recycled_at"] = _time_or_not_yet(ignored, leads["moment"].to_numpy() + idle)
    course = course.where(course < settings.span[1], NOT_YET)
    course["reason"] = _disposition_reasons(settings, leads, facts, course)
    course["amount"] = _deal_amounts(settings, facts)
    return course


def _first_touch(settings: Settings, leads: pd.DataFrame, days: Array, winner: Array) -> Array:
    """Draw when sales follows up first: a day or so after the hand-off, sometimes weeks."""
    rng, moment = settings.stream("first touch"), leads["moment"].to_numpy()
    touched = moment + _lognormal_hours(rng, len(leads), 20, 1.1, LONGEST_FIRST_TOUCH * 24)
    return np.where(winner, np.minimum(touched, _part_of_the_way(moment, days, 0.25)), touched)


def _accepted_by_sales(settings: Settings, leads: pd.DataFrame, readiness: Array) -> Array:
    """Draw which leads sales accepts, of those that will not be won."""
    regular = leads["kind"].eq(REGULAR).to_numpy()
    chance = sigmoid(0.5 * _standardized(readiness) - 0.7)
    return np.asarray(regular & (settings.stream("accepted").random(len(leads)) < chance))


def _stage_times(
    settings: Settings,
    leads: pd.DataFrame,
    days: Array,
    touched: Array,
    worked: Array,
    accepted: Array,
    winner: Array,
) -> pd.DataFrame:
    """Draw when each stage after the hand-off is reached."""
    rng, n = settings.stream("courses"), len(leads)
    length = np.where(winner, days, np.clip(rng.gamma(3, 25, n), 5, 400))
    depth = np.where(winner, 2, rng.choice(3, n, p=(0.45, 0.3, 0.25)))
    ends = rng.random(n) < ENDS
    late = touched + _lognormal_hours(rng, n, 60, 1.0, 40 * 24)
    return pd.DataFrame(
        {
            "created": leads["created"],
            "touched_at": _time_or_not_yet(worked, touched),
            "accepted_at": _time_or_not_yet(accepted, _part_of_the_way(touched, length, 0.1)),
            "rejected_at": _time_or_not_yet(worked & ~accepted, late),
            "sql_at": _time_or_not_yet(
                accepted & (depth > 0), _part_of_the_way(touched, length, 0.25)
            ),
            "opportunity_at": _time_or_not_yet(
                accepted & (depth > 1), _part_of_the_way(touched, length, 0.4)
            ),
            "won_at": _time_or_not_yet(
                winner, _part_of_the_way(leads["moment"].to_numpy(), days, 1.0)
            ),
            "lost_at": _time_or_not_yet(
                accepted & ~winner & ends, _part_of_the_way(touched, length, 1.0)
            ),
        }
    )


def follow_ups(settings: Settings, course: pd.DataFrame) -> Events:
    """Draw the calls and meetings of sales with leads that it works, and with customers."""
    rng = settings.stream("follow-ups")
    ends = course[["won_at", "lost_at", "rejected_at"]].min(axis=1).clip(upper=settings.span[1])
    calls = _events_between(rng, course, "touched_at", ends, 1.2, "call", 12.0)
    first = np.flatnonzero(course["touched_at"] < NOT_YET)
    touch = events(first, "call", course["touched_at"].to_numpy()[first], True, 4.0)
    meetings = _events_between(rng, course, "accepted_at", ends, 1.4, "meeting", 40.0)
    until = course["won_at"].clip(upper=settings.span[1] - 90 * DAY) + 90 * DAY
    customers = _events_between(rng, course, "won_at", until, 3.0, "meeting", 50.0)
    done = concatenate_events([touch, calls, meetings, customers])
    return done.where(done.at < settings.span[1])


def _events_between(
    rng: np.random.Generator,
    course: pd.DataFrame,
    begin: str,
    ends: pd.Series[Any],
    rate: float,
    kind: str,
    minutes: float,
) -> Events:
    some = np.flatnonzero((course[begin] < NOT_YET) & (course[begin] < ends))
    lead = np.repeat(some, rng.poisson(rate, len(some)))
    start, end = course[begin].to_numpy()[lead], ends.to_numpy()[lead]
    at = start + 60 + ((end - start) * rng.random(len(lead)) ** 1.5).astype(np.int64)
    return events(lead, kind, at, True, np.rint(minutes * np.exp(rng.normal(0, 0.5, len(lead)))))


def _disposition_reasons(
    settings: Settings, leads: pd.DataFrame, facts: pd.DataFrame, course: pd.DataFrame
) -> Array:
    """Say why sales gave each lead up: the reason fits the lead, mostly."""
    rng, reason = settings.stream("reasons"), np.full(len(leads), None, dtype=object)
    scores = _reason_scores(settings, facts)
    best = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
    always = leads["kind"].map(ALWAYS_FOR).to_numpy(dtype=object)
    rejected = np.where(pd.notna(always), always, np.array(REJECTED_FOR, dtype=object)[best])
    lost = rng.choice(np.array(LOST_FOR, dtype=object), len(leads), p=LOST_SHARES)
    ignored = np.full(len(leads), "No follow-up", dtype=object)
    for column, why in (("rejected_at", rejected), ("lost_at", lost), ("recycled_at", ignored)):
        reached = course[column].lt(NOT_YET).to_numpy()
        reason[reached] = why[reached]
    return reason


def _reason_scores(settings: Settings, facts: pd.DataFrame) -> Array:
    scores = np.zeros((len(facts), len(REJECTED_FOR)))
    untouched = facts["webinar_attended_30d"].eq(0) & facts["demo_request_30d"].eq(0)
    for reason, size, holds in (
        ("Not the right size", 2.2, facts["employees"].lt(settings.employees_from)),
        ("Not the right contact", 1.7, facts["seniority"].isin(["individual", "student"])),
        ("Not the right fit", 1.2, facts["industry"].eq("Public Sector")),
        ("Not the right fit", 1.5, facts["seniority"].eq("student")),
        ("Not interested", 1.2, untouched),
        ("Bad data", 1.6, facts["source"].eq("Purchased List")),
        ("Competitor", -0.5, facts["employees"].gt(0)),
    ):
        scores[:, REJECTED_FOR.index(reason)] += size * holds
    return scores


def _deal_amounts(settings: Settings, facts: pd.DataFrame) -> Array:
    rng = settings.stream("amounts")
    size = facts["employees"].to_numpy() ** 0.45
    return np.rint(2_500 * size * np.exp(rng.normal(0, 0.5, len(facts))) / 100) * 100


def _time_or_not_yet(holds: Array, at: Array) -> Array:
    return np.where(holds, at, NOT_YET)


def _part_of_the_way(begin: Array, days: Array, part: float) -> Array:
    """Give the second at which a part of the days has passed."""
    finite = np.where(np.isfinite(days), days, 0)
    return np.asarray(begin + (part * finite * DAY).astype(np.int64))


def _lognormal_hours(
    rng: np.random.Generator, n: int, median: float, spread: float, most: float
) -> Array:
    hours = np.minimum(np.exp(rng.normal(np.log(median), spread, n)), most)
    return (hours * HOUR).astype(np.int64)


def _standardized(x: Array) -> Array:
    return np.asarray((x - x.mean()) / (x.std() or 1.0))
