"""The simulated company: is it as large, consistent and untidy as it should be?

The truth is checked against the exported tables by other ways of counting.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.simulator.settings import HOME_REGIONS

ONCE_IN = 1e-4
FAR = float(norm.isf(ONCE_IN / 2))  # standard errors
QUIET = {"noise": 0.0, "account_noise": 0.0}  # all that drives wins is known
SMALL = {"leads": 3_000, "events": 60_000}


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company()


def _regular(made: Company) -> pd.DataFrame:
    leads = made.truth.leads
    return leads.loc[leads["kind"].eq("regular") & leads["handed_off"]]


# What there is


def test_it_is_as_large_as_set(company: Company) -> None:
    assert len(company.leads) == 12_000
    assert len(company.activities) == 400_000
    assert company.leads["Account ID"].nunique() > 3_500
    created = company.leads["Created At"]
    assert created.dt.to_period("M").nunique() == 24
    kinds = company.activities["Type"].value_counts(normalize=True)
    assert len(kinds) == 10
    assert kinds[["Email Open", "Page View"]].sum() > 0.6
    assert kinds[["Demo Request", "Meeting", "Webinar Attended"]].min() > 0.002


def test_wins_are_as_many_as_set(company: Company) -> None:
    counted = _regular(company)
    assert counted["probability"].mean() == pytest.approx(0.085, abs=1e-6)
    worked = company.truth.leads.query("worked")
    assert 0.08 < worked["would_win"].mean() < 0.11
    won = company.stage_history["Stage"].eq("Closed Won").sum()
    assert 500 < won < 900


def test_an_honest_model_could_be_good_but_not_perfect(company: Company) -> None:
    worked = company.truth.leads.query("worked")
    assert 0.8 < roc_auc_score(worked["would_win"], worked["log_odds"]) < 0.88


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    settings = Settings(**SMALL, seed=3)
    first, two = (
        write_company(simulate_company(settings), tmp_path / name) for name in ("first", "two")
    )
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert len(names) == 15  # nine tables, three files of the workspace, three of the truth
    assert all((first / name).read_bytes() == (two / name).read_bytes() for name in names)
    other = simulate_company(Settings(**SMALL, seed=4))
    assert not other.leads["Created At"].equals(simulate_company(settings).leads["Created At"])


def test_turning_one_dial_leaves_the_other_draws_as_they_were() -> None:
    first, two = (
        simulate_company(Settings(**SMALL)),
        simulate_company(Settings(**SMALL, worked=0.3, prefer_home=0)),
    )
    pd.testing.assert_frame_equal(first.accounts, two.accounts)
    pd.testing.assert_frame_equal(first.contacts, two.contacts)
    same = ["Lead ID", "Created At", "Handed Off At", "Source"]
    pd.testing.assert_frame_equal(first.leads[same], two.leads[same])
    outcomes = ["probability", "would_win", "days_to_win"]
    pd.testing.assert_frame_equal(first.truth.leads[outcomes], two.truth.leads[outcomes])
    assert two.truth.leads["worked"].sum() < 0.6 * first.truth.leads["worked"].sum()


# Is it consistent


def test_nothing_happens_outside_the_two_years(company: Company) -> None:
    start, end = company.settings.starts_at, company.settings.extract_at
    for times in (
        company.leads["Created At"],
        company.leads["Handed Off At"],
        company.leads["Closed At"],
        company.activities["Occurred At"],
        company.stage_history["Changed At"],
        company.opportunities["Created At"],
        company.opportunities["Closed At"],
    ):
        assert times.min() >= start
        assert times.max() < end


def test_stages_follow_each_other(company: Company) -> None:
    reached = company.stage_history.pivot(index="Lead ID", columns="Stage", values="Changed At")
    funnel = ["Contact", "MQL", "SAL", "SQL", "Opportunity", "Closed Won"]
    for before, after in pairwise(funnel):
        both = reached.dropna(subset=[after])
        assert (both[before] <= both[after]).all()
    for end in ("Rejected", "Closed Lost", "Recycled"):
        assert (reached["MQL"] < reached[end]).loc[reached[end].notna()].all()
    ends = reached[["Closed Won", "Closed Lost", "Rejected", "Recycled"]].notna().sum(axis=1)
    assert ends.max() == 1
    assert reached.loc[reached["Rejected"].notna(), "SAL"].isna().all()


def test_the_tables_agree_with_each_other(company: Company) -> None:
    ids = set(company.leads["Lead ID"])
    assert company.leads["Lead ID"].is_unique
    assert set(company.stage_history["Lead ID"]) == ids
    assert set(company.opportunities["Lead ID"]) <= ids
    assert set(company.activities["Contact ID"]) <= set(company.contacts["Contact ID"])
    assert set(company.leads["Contact ID"]) == set(company.contacts["Contact ID"])
    assert set(company.leads["Account ID"]) <= set(company.accounts["Account ID"])
    assert set(company.activities["Campaign"].dropna()) <= set(company.campaigns["Campaign"])
    assert set(company.leads["Campaign"].dropna()) <= set(company.campaigns["Campaign"])
    assert set(company.activities["Asset"].dropna()) <= set(company.assets["Asset"])
    won = company.opportunities.query("Stage == 'Closed Won'")
    assert (won["Amount"] > 0).all()
    history = company.stage_history.query("Stage == 'Closed Won'")
    assert (
        won.set_index("Lead ID")["Amount"]
        .sort_index()
        .equals(history.set_index("Lead ID")["Amount"].sort_index())
    )


def test_the_history_agrees_with_the_truth(company: Company) -> None:
    # counted from the export: worked, mature leads that were won within the horizon
    reached = company.stage_history.pivot(index="Lead ID", columns="Stage", values="Changed At")
    leads = company.truth.leads.set_index("lead_id")
    reached, horizon = reached.reindex(leads.index), pd.Timedelta(days=120)
    mature = reached["MQL"] + horizon <= company.settings.extract_at
    won = reached["Closed Won"] <= reached["MQL"] + horizon
    some = leads["worked"] & mature
    assert some.sum() > 5_000
    assert won[some].equals(leads.loc[some, "would_win"])
    assert (
        not reached.loc[~leads["worked"], ["SAL", "Rejected", "Closed Won"]].notna().any(axis=None)
    )


def test_the_true_drivers_are_those_of_the_export(company: Company) -> None:
    # another way of counting: lead by lead, from the table of activities
    leads = company.leads.dropna(subset=["Handed Off At"]).sample(250, random_state=0)
    done = dict(iter(company.activities.groupby("Contact ID")))
    truth = company.truth.leads.set_index("lead_id")
    for row in leads.itertuples():
        mine = done.get(row[3], company.activities.iloc[:0])
        age = row[5] - mine["Occurred At"]
        recent = mine.loc[(age > pd.Timedelta(0)) & (age <= pd.Timedelta(days=30)), "Type"]
        known = truth.loc[row[1]]
        for kind in ("Webinar Attended", "Demo Request", "Content Download", "Page View"):
            assert known[f"{kind.lower().replace(' ', '_')}_30d"] == recent.eq(kind).sum()
        own = age[mine["Direction"].eq("Inbound") & (age > pd.Timedelta(0))]
        since = own.min() / pd.Timedelta(days=1)
        assert known["days_since_last_activity"] == pytest.approx(since, nan_ok=True)


def test_sales_follows_up_after_the_hand_off_only(company: Company) -> None:
    touched = company.activities.query("Direction == 'Outbound' and Type == 'Call'")
    first = touched.merge(company.leads[["Contact ID", "Lead ID", "Handed Off At"]])
    first = first.loc[first["Occurred At"] > first["Handed Off At"]]
    soon = first["Occurred At"] - first["Handed Off At"] <= pd.Timedelta(days=30)
    called = set(first.loc[soon, "Lead ID"])
    leads = company.truth.leads
    alone = ~company.leads["Contact ID"].duplicated(keep=False)
    assert set(leads.loc[leads["worked"] & alone, "lead_id"]) <= called
    assert not set(leads.loc[~leads["worked"] & alone, "lead_id"]) & called


# What makes it real


def test_activities_go_on_after_the_hand_off_and_leak_the_outcome(company: Company) -> None:
    handed = company.leads.dropna(subset=["Handed Off At"])
    handed = handed.loc[~handed["Contact ID"].duplicated(keep=False)]
    done = company.activities.merge(handed, on="Contact ID")
    after = done["Occurred At"] >= done["Handed Off At"]
    assert 0.3 < after.mean() < 0.6
    views = done.loc[after].groupby("Lead ID").size().reindex(handed["Lead ID"], fill_value=0)
    won = handed["Lead Status"].eq("Closed Won").to_numpy()
    assert views[won].mean() > 1.5 * views[~won].mean()
    closed = done["Closed At"].notna() & done["Lead Status"].eq("Closed Won")
    assert (done["Occurred At"] > done["Closed At"])[closed].mean() > 0.05  # customers go on


def test_sales_chooses_whom_to_work(company: Company) -> None:
    leads = company.truth.leads.query("handed_off")
    home, large = leads["region"].isin(HOME_REGIONS), leads["employees"].ge(200)
    for group in (home, large, leads["old_score"] > leads["old_score"].median()):
        shares = leads["worked"].groupby(group.to_numpy()).agg(["mean", "size"])
        spread = np.sqrt((shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum())
        assert (shares["mean"][True] - shares["mean"][False]) / spread > FAR
    assert leads["worked"].mean() == pytest.approx(0.7, abs=0.03)


def test_some_outcomes_are_not_mature(company: Company) -> None:
    moment = company.leads["Handed Off At"].dropna()
    young = moment + pd.Timedelta(days=120) > company.settings.extract_at
    assert 0.1 < young.mean() < 0.25
    worked = company.truth.leads.query("worked and would_win")
    status = company.leads.loc[worked.index, "Lead Status"]
    assert (
        20 < (status != "Closed Won").sum() < 150
    )  # will be won, which the export does not know yet


def test_bots_look_at_hundreds_of_pages_and_never_buy(company: Company) -> None:
    leads = company.truth.leads
    bots = leads["kind"].eq("bot")
    assert bots.sum() == 18
    done = company.activities.groupby("Contact ID").size()
    many = done.loc[company.leads.loc[bots, "Contact ID"]]
    assert many.median() > 300
    assert not leads.loc[~leads["kind"].eq("regular"), "would_win"].any()


def test_duplicates_are_second_records_of_a_person(company: Company) -> None:
    twice = company.truth.leads["kind"].eq("duplicate").to_numpy()
    assert twice.sum() == 240
    people = company.leads.merge(company.contacts, on="Contact ID", validate="m:1")
    assert people["Email"][twice].isin(people["Email"][~twice]).all()
    reasons = people["Disposition Reason"][twice & people["Lead Status"].eq("Rejected")]
    assert set(reasons) == {"Duplicate"}
    assert len(reasons) > 80


def test_people_come_back_and_accounts_repeat(company: Company) -> None:
    per_contact = company.leads["Contact ID"].value_counts()
    assert (per_contact == 2).sum() == 600
    assert per_contact.max() == 2
    both = company.leads.loc[company.leads["Contact ID"].duplicated(keep=False)]
    apart = both.groupby("Contact ID")["Created At"].agg(lambda at: at.max() - at.min())
    assert apart.min() > pd.Timedelta(days=150)
    assert company.leads["Account ID"].value_counts().max() > 20


def test_cells_are_missing_as_often_as_set(company: Company) -> None:
    accounts = company.accounts[["Employees", "Annual Revenue", "Industry", "Founded", "Country"]]
    contacts = company.contacts[["Job Title", "Phone"]]
    leads = company.leads[["Preferred Language", "Newsletter Frequency"]]
    shares = pd.concat([table.isna().mean() for table in (accounts, contacts, leads)])
    assert shares.mean() == pytest.approx(0.06, abs=0.015)
    assert shares.min() > 0.01
    none = simulate_company(Settings(**SMALL, missing=0.0))
    assert none.accounts.notna().all(axis=None)
    assert none.contacts.notna().all(axis=None)


def test_titles_are_written_as_people_write(company: Company) -> None:
    titles = company.contacts["Job Title"].dropna()
    assert titles.nunique() > 1_000
    assert titles.str.isupper().mean() > 0.04
    assert titles.str.islower().mean() > 0.08
    assert titles.str.contains("FP&A").any()
    assert titles.str.contains("Leiter|Directeur|Responsable").mean() > 0.01


def test_one_column_is_overwritten_after_the_outcome(company: Company) -> None:
    rating = company.leads.groupby("Lead Status")["Lead Rating"].value_counts(normalize=True)
    assert rating["Closed Won"]["Hot"] > 0.85
    assert rating["Rejected"]["Cold"] > 0.85
    assert rating["SAL"].get("Cold", 0) < 0.4
    assert company.leads["Record Type"].nunique() == 1


def test_reasons_fit_the_lead(company: Company) -> None:
    rejected = company.leads["Lead Status"].eq("Rejected")
    reason = company.leads.loc[rejected, "Disposition Reason"]
    assert reason.notna().all()
    assert reason.nunique() >= 9
    small = company.truth.leads.loc[rejected, "employees"] < 50
    wrong_size = reason.eq("Not the right size")
    assert wrong_size[small].mean() > 3 * wrong_size[~small].mean()
    open_or_won = company.leads["Lead Status"].isin(["MQL", "SAL", "SQL", "Closed Won"])
    assert company.leads.loc[open_or_won, "Disposition Reason"].isna().all()
