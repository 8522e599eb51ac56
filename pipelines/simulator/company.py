"""A simulated company with planted truth, for the demo and for verification.

Two years of a B2B software company's CRM: accounts, people, leads, campaigns, contents, some
400,000 activities, hand-offs, reps who choose whom to follow up, dispositions, opportunities.
What drives wins is planted and kept apart in ``Company.truth``. ``Settings`` holds the dials.

The steps are modules of their own: ``settings`` (the dials), ``names`` (texts), ``people`` (who
there is), ``activity`` (what they do), ``truth`` (what drives wins), ``sales`` (what sales does
with the leads), ``crm`` (how the CRM shows it), ``export`` (the files).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.simulator import activity, crm, people, sales
from pipelines.simulator import truth as planted
from pipelines.simulator.field_history import crm_field_history
from pipelines.simulator.people import REGULAR
from pipelines.simulator.settings import DAY, Settings
from pipelines.simulator.truth import Truth

__all__ = ["Company", "Settings", "Truth", "simulate_company", "simulate_course"]


@dataclass(frozen=True)
class Company:
    """The tables of the CRM as it exports them, and the truth behind them.

    Attributes
    ----------
    accounts, contacts, leads, campaigns, assets : DataFrame
        A row each, under the CRM's own column names.
    activities : DataFrame
        What people did and what sales did, in the order of time.
    activity_leads : Series
        The lead for which each activity was drawn; the CRM shows only its contact.
    stage_history, opportunities : DataFrame
        The leads' stages and outcomes, as known at the extract.
    field_history : DataFrame
        The changes of the leads' score and rating.
    truth : Truth
        What only the simulator knows.
    settings : Settings
        The dials that it was simulated with.
    """

    accounts: pd.DataFrame
    contacts: pd.DataFrame
    leads: pd.DataFrame
    campaigns: pd.DataFrame
    assets: pd.DataFrame
    activities: pd.DataFrame
    activity_leads: pd.Series
    stage_history: pd.DataFrame
    field_history: pd.DataFrame
    opportunities: pd.DataFrame
    truth: Truth
    settings: Settings


def simulate_company(settings: Settings | None = None) -> Company:
    """Simulate a company.

    Parameters
    ----------
    settings : Settings, optional
        The dials; by default the company of the demo.

    Returns
    -------
    Company
        The same tables for the same settings, whatever the machine.

    Examples
    --------
    >>> company = simulate_company(Settings(leads=400, events=9_000))
    >>> len(company.leads), len(company.activities)
    (400, 9000)
    >>> company.truth.directions["webinar_attended_30d"]
    1
    """
    settings = settings or Settings()
    companies, persons, leads, early, course, rep, truth = simulate_course(settings)
    done = _all_events(settings, leads, early, course)
    return _crm_tables(settings, companies, persons, leads, done, course, rep, truth)


class Course(NamedTuple):
    """Who there is, what they did until they were handed over, and what became of them."""

    companies: pd.DataFrame
    persons: pd.DataFrame
    leads: pd.DataFrame
    early: activity.Events
    course: pd.DataFrame
    rep: np.ndarray
    truth: Truth


def simulate_course(settings: Settings) -> Course:
    """Simulate what happens, with the truth about it, but not how the CRM shows it.

    Examples
    --------
    >>> settings = Settings(leads=400, events=9_000)
    >>> simulate_course(settings).truth.leads.equals(simulate_company(settings).truth.leads)
    True
    """
    companies = people.draw_accounts(settings)
    leads = people.draw_leads(settings, companies)
    persons = people.draw_contacts(settings, leads, companies)
    early = activity.draw_events_before(settings, leads)
    facts = planted.drivers(leads, persons, companies, early)
    truth = _simulated_truth(settings, leads, facts)
    course, rep, truth = _followed_up(settings, leads, facts, truth)
    return Course(companies, persons, leads, early, course, rep, truth)


def _simulated_truth(settings: Settings, leads: pd.DataFrame, facts: pd.DataFrame) -> Truth:
    """Work out how ready each lead truly is, and whom marketing hands over."""
    summed = planted.log_odds(settings, facts, leads["moment"].to_numpy())
    noise = planted.noise(settings, leads)
    score = planted.old_score(facts)
    handed = sales.handed_off(settings, leads, score)
    counts = handed & leads["kind"].eq(REGULAR).to_numpy()
    intercept = settings.intercept
    if intercept is None:
        intercept = planted.shift_to(settings.base_rate, (summed + noise)[counts])
    known = pd.concat([leads[["lead_id", "kind"]], facts], axis=1)
    known["log_odds"] = intercept + summed
    known["probability"] = planted.probability(leads, intercept + summed, noise)
    known["old_score"], known["handed_off"] = score, handed
    return Truth(
        effects=planted.effects(settings),
        directions=dict(planted.DIRECTIONS),
        null_features=planted.NULL_FEATURES,
        intercept=intercept,
        leads=known,
    )


def _followed_up(
    settings: Settings, leads: pd.DataFrame, facts: pd.DataFrame, truth: Truth
) -> tuple[pd.DataFrame, np.ndarray, Truth]:
    """Let sales choose whom to follow up, and let every lead take its course."""
    known = truth.leads.copy()
    rep = sales.reps(settings, facts)
    score, handed = known["old_score"].to_numpy(), known["handed_off"].to_numpy()
    interest = planted.noise(settings, leads)
    chance = sales.worked_probability(settings, facts, score, handed, rep, interest)
    chosen = settings.stream("worked").random(len(leads)) < chance
    if settings.shuffled:
        swap = _shuffled_leads(settings, leads, handed)
        known[["log_odds", "probability"]] = known[["log_odds", "probability"]].to_numpy()[swap]
        facts = facts.iloc[swap].reset_index(drop=True)
    days = sales.days_to_win(settings, known["probability"].to_numpy())
    ready = known["log_odds"].to_numpy()
    course = sales.courses(settings, leads, facts, ready, days, handed, chosen)
    known["worked_probability"] = chance
    known["worked"] = course["touched_at"].lt(sales.NOT_YET)
    known["would_win"] = days <= settings.horizon_days
    known["days_to_win"] = days
    return (
        course,
        rep,
        Truth(truth.effects, truth.directions, truth.null_features, truth.intercept, known),
    )


def _shuffled_leads(settings: Settings, leads: pd.DataFrame, handed: np.ndarray) -> np.ndarray:
    """Deal the leads handed over anew: each takes the course of some other lead."""
    swap = np.arange(len(leads))
    some = np.flatnonzero(handed & leads["kind"].eq(REGULAR).to_numpy())
    swap[some] = settings.stream("shuffle").permutation(some)
    return swap


def _all_events(
    settings: Settings, leads: pd.DataFrame, early: activity.Events, course: pd.DataFrame
) -> activity.Events:
    work = activity.cut_for_return(leads, sales.follow_ups(settings, course))
    so_far = activity.concatenate_events([early, work])
    won = course["won_at"].lt(sales.NOT_YET).to_numpy()
    accepted = course["accepted_at"].lt(sales.NOT_YET).to_numpy()
    return activity.concatenate_events(
        [so_far, activity.draw_events_after(settings, leads, so_far, won, accepted)]
    )


def _crm_tables(
    settings: Settings,
    companies: pd.DataFrame,
    persons: pd.DataFrame,
    leads: pd.DataFrame,
    done: activity.Events,
    course: pd.DataFrame,
    rep: np.ndarray,
    truth: Truth,
) -> Company:
    """Show everything as the CRM does."""
    done = done.where(np.argsort(done.at, kind="stable"))
    campaigns, contents = people.draw_campaigns(settings), activity.draw_contents(settings)
    account_ids, contact_ids = companies["account_id"].to_numpy(), persons["contact_id"].to_numpy()
    last = np.full(len(leads), settings.span[0] - DAY)
    np.maximum.at(last, done.lead, done.at)
    score = truth.leads["old_score"].to_numpy()
    shown = crm.crm_leads(
        settings, leads, contact_ids, account_ids, campaigns, course, score, rep, last
    )
    return Company(
        accounts=crm.crm_accounts(settings, companies),
        contacts=crm.crm_contacts(settings, persons, companies),
        leads=shown,
        campaigns=crm.with_headers(campaigns, crm.CAMPAIGN_HEADERS),
        assets=crm.with_headers(contents, crm.ASSET_HEADERS),
        activities=crm.crm_activities(
            settings, done, contact_ids[leads["contact"]], leads, campaigns, contents
        ),
        activity_leads=pd.Series(leads["lead_id"].to_numpy()[done.lead]),
        stage_history=crm.crm_stage_history(leads, course, rep),
        field_history=crm_field_history(settings, shown),
        opportunities=crm.crm_opportunities(leads, account_ids, course),
        truth=truth,
        settings=settings,
    )
