"""The simulated company: is what it claims to be true really true, and does every dial turn?

The truth is checked against the exported tables by other ways of counting, and the planted effects
by a plain logistic regression written here. Tolerances are those of the statistics: a test whose
statistic follows a known distribution may be this far out once in ten thousand seeds.
"""

from __future__ import annotations

import math
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import chi2, norm
from sklearn.metrics import roc_auc_score

from features.errors import LeadReadyError
from model.serving import Definition
from pipelines import company_truth as planted
from pipelines.company import Company, Settings, simulate, write
from pipelines.company_settings import HOME_REGIONS

ONCE_IN = 1e-4
FAR = float(norm.isf(ONCE_IN / 2))  # standard errors
QUIET = {"noise": 0.0, "account_noise": 0.0}  # all that drives wins is known
SMALL = {"leads": 3_000, "events": 60_000}


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate()


@pytest.fixture(scope="module")
def quiet() -> Company:
    """As the demo's, but nothing unknown drives wins: regression has the right model."""
    return simulate(Settings(**QUIET))


@pytest.fixture(scope="module")
def files(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(company, tmp_path_factory.mktemp("company"))


def _table(files: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(files / "crm" / f"{name}.csv", dtype=str)


def _fit(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood by Newton's method: estimates and their covariance."""
    beta = np.zeros(X.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-X @ beta))
        information = (X * (p * (1 - p))[:, None]).T @ X
        step = np.linalg.solve(information, X.T @ (y - p))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    return beta, np.linalg.inv(information)


def _design(facts: pd.DataFrame, settings: Settings) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return a column for each planted effect, with its size and its feature."""
    effects = planted.effects(settings)
    rows = [planted.Effect(*row) for row in effects.to_numpy(dtype=object)]
    columns = [row.holds(facts).astype(float) for row in rows]
    return np.column_stack(columns), effects["log_odds"].to_numpy(), list(effects["feature"])


def _regular(made: Company) -> pd.DataFrame:
    leads = made.truth.leads
    return leads.loc[leads["kind"].eq("regular") & leads["handed_off"]]


# What there is


def test_it_is_as_large_as_asked(company: Company) -> None:
    assert len(company.leads) == 12_000
    assert len(company.activities) == 400_000
    assert company.leads["Account ID"].nunique() > 3_500
    created = company.leads["Created At"]
    assert created.dt.to_period("M").nunique() == 24
    kinds = company.activities["Type"].value_counts(normalize=True)
    assert len(kinds) == 10
    assert kinds[["Email Open", "Page View"]].sum() > 0.6
    assert kinds[["Demo Request", "Meeting", "Webinar Attended"]].min() > 0.002


def test_wins_are_as_many_as_asked(company: Company) -> None:
    counted = _regular(company)
    assert counted["probability"].mean() == pytest.approx(0.08, abs=1e-6)
    worked = company.truth.leads.query("worked")
    assert 0.075 < worked["would_win"].mean() < 0.105
    won = company.stage_history["Stage"].eq("Closed Won").sum()
    assert 400 < won < 800


def test_an_honest_model_could_be_good_but_not_perfect(company: Company) -> None:
    worked = company.truth.leads.query("worked")
    assert 0.75 < roc_auc_score(worked["would_win"], worked["log_odds"]) < 0.85


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    settings = Settings(**SMALL, seed=3)
    one, two = (write(simulate(settings), tmp_path / name) for name in ("one", "two"))
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(names) == 13  # eight tables, two files of the workspace, three of the truth
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)
    other = simulate(Settings(**SMALL, seed=4))
    assert not other.leads["Created At"].equals(simulate(settings).leads["Created At"])


def test_it_is_made_in_seconds(tmp_path: Path) -> None:
    began = time.process_time()
    write(simulate(), tmp_path)
    assert time.process_time() - began < 6


def test_turning_one_dial_leaves_the_other_draws_as_they_were() -> None:
    one, two = simulate(Settings(**SMALL)), simulate(Settings(**SMALL, worked=0.3, prefer_home=0))
    pd.testing.assert_frame_equal(one.accounts, two.accounts)
    pd.testing.assert_frame_equal(one.contacts, two.contacts)
    same = ["Lead ID", "Created At", "Handed Off At", "Source"]
    pd.testing.assert_frame_equal(one.leads[same], two.leads[same])
    told = ["probability", "would_win", "days_to_win"]
    pd.testing.assert_frame_equal(one.truth.leads[told], two.truth.leads[told])
    assert two.truth.leads["worked"].sum() < 0.6 * one.truth.leads["worked"].sum()


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


def test_the_tables_tell_of_one_company(company: Company) -> None:
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


def test_the_history_tells_what_the_truth_knows(company: Company) -> None:
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


def test_activities_go_on_after_the_hand_off_and_give_the_outcome_away(company: Company) -> None:
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


def test_whoever_is_never_worked_is_so_for_reasons(company: Company) -> None:
    leads = company.truth.leads.query("handed_off")
    home, large = leads["region"].isin(HOME_REGIONS), leads["employees"].ge(200)
    for group in (home, large, leads["old_score"] > leads["old_score"].median()):
        shares = leads["worked"].groupby(group.to_numpy()).agg(["mean", "size"])
        spread = np.sqrt((shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum())
        assert (shares["mean"][True] - shares["mean"][False]) / spread > FAR
    assert leads["worked"].mean() == pytest.approx(0.65, abs=0.03)


def test_some_outcomes_are_not_mature(company: Company) -> None:
    moment = company.leads["Handed Off At"].dropna()
    young = moment + pd.Timedelta(days=120) > company.settings.extract_at
    assert 0.1 < young.mean() < 0.25
    worked = company.truth.leads.query("worked and would_win")
    status = company.leads.loc[worked.index, "Lead Status"]
    assert 20 < (status != "Closed Won").sum() < 150  # will be won, and nobody knows yet


def test_robots_look_at_hundreds_of_pages_and_never_buy(company: Company) -> None:
    leads = company.truth.leads
    robots = leads["kind"].eq("bot")
    assert robots.sum() == 18
    done = company.activities.groupby("Contact ID").size()
    many = done.loc[company.leads.loc[robots, "Contact ID"]]
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


def test_cells_are_missing_as_often_as_asked(company: Company) -> None:
    accounts = company.accounts[["Employees", "Annual Revenue", "Industry", "Founded", "Country"]]
    contacts = company.contacts[["Job Title", "Phone"]]
    leads = company.leads[["Preferred Language", "Newsletter Frequency"]]
    shares = pd.concat([table.isna().mean() for table in (accounts, contacts, leads)])
    assert shares.mean() == pytest.approx(0.06, abs=0.015)
    assert shares.min() > 0.01
    none = simulate(Settings(**SMALL, missing=0.0))
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


# The planted truth


def test_planted_effects_are_recovered(quiet: Company) -> None:
    leads = _regular(quiet).query("worked")
    X, wanted, features = _design(leads, quiet.settings)
    X = np.column_stack([np.ones(len(X)), X])
    wanted = np.concatenate([[quiet.truth.intercept], wanted])
    found, covariance = _fit(X, leads["would_win"].to_numpy(float))
    off = (found - wanted) / np.sqrt(np.diag(covariance))
    assert np.abs(off).max() < FAR + 0.5, dict(zip(["intercept", *features], off, strict=True))
    wald = (found - wanted) @ np.linalg.solve(covariance, found - wanted)
    assert wald < chi2.isf(ONCE_IN, len(wanted))
    strong = found[1:][np.abs(wanted[1:]) >= 0.9]
    assert (np.sign(strong) == np.sign(wanted[1:][np.abs(wanted[1:]) >= 0.9])).all()


def test_the_null_features_have_no_effect(quiet: Company) -> None:
    leads = _regular(quiet).query("worked")
    shown = quiet.leads.loc[leads.index]
    nulls = [
        leads["region"].isin(HOME_REGIONS),
        leads["country"].eq("United States"),
        leads["founded"].ge(2010),
        shown["Preferred Language"].eq("German"),
        shown["Newsletter Frequency"].eq("Weekly"),
    ]
    X, _, _ = _design(leads, quiet.settings)
    X = np.column_stack([np.ones(len(X)), X, *(null.to_numpy(float) for null in nulls)])
    found, covariance = _fit(X, leads["would_win"].to_numpy(float))
    assert len(nulls) == len(quiet.truth.null_features)
    last = slice(-len(nulls), None)
    wald = found[last] @ np.linalg.solve(covariance[last, last], found[last])
    assert wald < chi2.isf(ONCE_IN, len(nulls))


def test_probabilities_mean_what_they_say(company: Company) -> None:
    leads = _regular(company)
    chance = leads["probability"]
    for low, high in ((0, 0.03), (0.03, 0.1), (0.1, 0.25), (0.25, 1)):
        some = chance.between(low, high)
        spread = math.sqrt((chance * (1 - chance))[some].sum())
        assert abs(leads["would_win"][some].sum() - chance[some].sum()) < FAR * spread


# Every dial


def test_shuffled_outcomes_have_nothing_to_do_with_the_leads() -> None:
    made = simulate(Settings(shuffled=True))
    leads = _regular(made).query("worked")
    wanted = planted.log_odds(Settings(), leads, np.zeros(len(leads)))
    won, lost = leads["would_win"].sum(), (~leads["would_win"]).sum()
    spread = math.sqrt((won + lost + 1) / (12 * won * lost))  # of an AUC by chance
    assert abs(roc_auc_score(leads["would_win"], wanted) - 0.5) < FAR * spread
    assert won > 400
    assert (made.truth.effects["log_odds"] == 0).all()
    rejected = made.leads["Lead Status"].eq("Rejected")
    wrong_size = made.leads.loc[rejected, "Disposition Reason"].eq("Not the right size")
    small = made.truth.leads.loc[rejected, "employees"].lt(50)
    shares = wrong_size.groupby(small).agg(["mean", "size"])
    spread = math.sqrt((shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum())
    assert abs(shares["mean"].diff().iloc[-1]) < FAR * spread


def test_drift_moves_the_chance_to_win() -> None:
    made = simulate(Settings(drift=1.5, **QUIET))
    still = simulate(Settings(**QUIET))
    half = made.leads["Handed Off At"] < made.settings.starts_at + pd.DateOffset(months=12)
    moved = made.truth.leads["log_odds"] - still.truth.leads["log_odds"]
    regular = _regular(made).index
    shift = moved[regular][~half[regular]].mean() - moved[regular][half[regular]].mean()
    assert shift == pytest.approx(0.75, abs=0.05)
    rates = _regular(made)["would_win"].groupby(half[regular].to_numpy()).mean()
    assert rates[False] > 1.5 * rates[True]


def test_fading_takes_the_webinar_away() -> None:
    made = simulate(Settings(fading=1.0, leads=30_000, events=600_000, **QUIET))
    leads = _regular(made)
    late = (made.leads["Handed Off At"] >= made.settings.extract_at - pd.DateOffset(months=6)).loc[
        leads.index
    ]
    found = {}
    for name, some in (("late", leads[late]), ("early", leads[~late])):
        X, _, features = _design(some, made.settings)
        beta, covariance = _fit(
            np.column_stack([np.ones(len(X)), X]), some["would_win"].to_numpy(float)
        )
        place = 1 + features.index("webinar_attended_30d")
        found[name] = (beta[place], math.sqrt(covariance[place, place]))
    assert abs(found["late"][0] - 0.125) < FAR * found["late"][1]  # 1 at the start, 0 at the end
    assert found["early"][0] - FAR * found["early"][1] > 0.1


def test_home_webinars_are_worth_more() -> None:
    made, still = (simulate(Settings(**SMALL, **QUIET, home_webinar=x)) for x in (1.0, 0.0))
    leads = _regular(made)
    more = (made.truth.leads["log_odds"] - still.truth.leads["log_odds"]).loc[leads.index]
    at_home = leads["region"].isin(HOME_REGIONS) & leads["webinar_attended_30d"].ge(1)
    assert more[at_home].mean() - more[~at_home].mean() == pytest.approx(1.0, abs=1e-6)


def test_mix_drift_brings_paid_search() -> None:
    made = simulate(Settings(**SMALL, mix_drift=0.8))
    share = made.truth.leads["source"].eq("Paid Search").to_numpy()
    assert share[-500:].mean() > 0.6
    assert share[:500].mean() < 0.3


def test_noise_hides_what_drives_wins() -> None:
    loud = simulate(Settings(noise=2.0)).truth.leads.query("worked")
    calm = simulate(Settings(**QUIET)).truth.leads.query("worked")
    aucs = [roc_auc_score(some["would_win"], some["log_odds"]) for some in (loud, calm)]
    assert aucs[0] < aucs[1] - 0.05


def test_strength_zero_drives_nothing() -> None:
    made = simulate(Settings(**SMALL, **QUIET, strength=0.0))
    assert _regular(made)["probability"].std() == pytest.approx(0)


def test_the_right_size_is_where_it_is_set() -> None:
    made = simulate(Settings(**SMALL, **QUIET, employees_from=200))
    steps = made.truth.effects.query("feature == 'employees'")["from_value"]
    assert list(steps) == [200, 4000]


def test_sales_may_never_work_a_region_or_a_low_score() -> None:
    one = simulate(Settings(**SMALL, only_regions=("Nordics",))).truth.leads
    assert set(one.query("worked")["region"]) == {"Nordics"}
    high = simulate(Settings(**SMALL, only_score_above=0.5)).truth.leads
    cut = high.query("handed_off")["old_score"].median()
    assert high.query("worked")["old_score"].min() >= cut
    assert high.loc[~high["worked"], "worked_probability"].eq(0).any()


def test_without_preferences_everybody_is_worked_alike() -> None:
    even = Settings(prefer_score=0, prefer_large=0, prefer_home=0, worked=0.5)
    leads = simulate(even).truth.leads.query("handed_off")
    shares = leads["worked"].groupby(leads["employees"].ge(200).to_numpy()).agg(["mean", "size"])
    spread = np.sqrt((shares["mean"] * (1 - shares["mean"]) / shares["size"]).sum())
    assert abs(shares["mean"].diff().iloc[-1]) < FAR * spread


def test_wins_take_as_long_as_asked() -> None:
    made = simulate(
        Settings(base_rate=0.3, days_to_win=30.0, late=0.1, leads=6_000, events=120_000)
    )
    days = _regular(made)["days_to_win"]
    days = days[np.isfinite(days)]
    n = len(days)
    spread = math.sqrt(0.25 / n)
    assert n > 1_200
    assert abs((days <= 30).mean() - 0.5) < FAR * spread + 0.03  # certain winners win sooner
    assert (days > made.settings.horizon_days).mean() == pytest.approx(0.1, abs=0.04)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"base_rate": 8}, "base_rate is 8"),
        ({"leads": 3}, "leads is 3"),
        ({"leads": 1_000, "events": 2_000}, "too few for 1000 leads"),
        ({"only_regions": ("Nordic",)}, "did you mean 'Nordics'"),
        ({"days_to_win": 200.0}, "200 days to win is beyond the horizon"),
        ({"bots": float("nan")}, "bots is nan"),
    ],
)
def test_what_cannot_be_simulated_is_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(LeadReadyError, match=says):
        Settings(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(leads=100, events=2_000),
        Settings(leads=300, events=6_000, months=6),
        Settings(leads=300, events=6_000, months=12, duplicates=0.0, bots=0.0, tests=0.0),
        Settings(leads=300, events=6_000, repeated_contacts=0.2, duplicates=0.2),
        Settings(leads=300, events=6_000, handed_off=1.0, worked=1.0),
        Settings(leads=300, events=6_000, leads_per_account=50.0),
    ],
)
def test_small_and_odd_companies_work(settings: Settings) -> None:
    made = simulate(settings)
    assert len(made.leads) == settings.leads
    assert len(made.activities) == settings.events
    assert made.activities["Occurred At"].max() < settings.extract_at
    if settings.handed_off == settings.worked == 1.0:  # but for the last days' leads
        assert made.truth.leads["worked"].mean() > 0.95


# The files


def test_the_files_hold_what_the_tables_hold(company: Company, files: Path) -> None:
    for name in ("accounts", "contacts", "leads", "campaigns", "assets", "stage_history"):
        made = getattr(company, name)
        read = _table(files, name)
        assert list(read) == list(made)
        assert len(read) == len(made)
        assert (read.isna() == made.isna()).all(axis=None)
    contacts = _table(files, "contacts")["Contact ID"]
    assert contacts.str.fullmatch(r"\d{19}").all()
    at = pd.to_datetime(_table(files, "activities")["Occurred At"], format="%Y-%m-%d %H:%M:%S")
    assert (at.to_numpy() == company.activities["Occurred At"].to_numpy()).all()


def test_the_mapping_names_every_column_and_no_other(files: Path) -> None:
    text = (files / "leadready.yaml").read_text(encoding="utf-8")
    mapping = yaml.safe_load(text)
    there = {
        name for table in ("leads", "accounts", "contacts") for name in _table(files, table).columns
    }
    leads = mapping["leads"]
    ids = {leads["id"], leads["account"], leads["contact"], leads["created"]}
    moment = {mapping["moment"]["column"], mapping["moment"]["closed"]}
    assert set(leads["columns"]) | ids | moment == there
    assert not set(leads["columns"]) & (ids | moment)
    assert "truth" not in text
    events, stages = mapping["events"][0], mapping["stages"]
    used = {events[key] for key in ("contact", "time", "kind", "campaign", "asset")}
    assert used <= set(_table(files, "activities"))
    assert {stages[key] for key in stages if key != "file"} <= set(_table(files, "stage_history"))
    assert set(mapping["outcome"]["won"]) <= set(_table(files, "stage_history")["Stage"])
    assert mapping["extract_at"].isoformat() == "2026-10-01"


def test_personal_data_never_becomes_a_feature(files: Path) -> None:
    columns = yaml.safe_load((files / "leadready.yaml").read_text(encoding="utf-8"))["leads"][
        "columns"
    ]
    for name in ("First Name", "Last Name", "Email", "Phone"):
        assert columns[name] == {"ignore": "personal"}
    assert columns["Lead Rating"] == {"leak": True}
    assert columns["Record Type"] == {"ignore": "constant"}


def test_the_workspace_can_be_read_by_the_project(files: Path) -> None:
    workspace = pytest.importorskip("features.workspace")
    read = workspace.read_workspace(files)
    assert read.name == "demo"
    assert read.outcome.horizon_days == 120


def test_the_hand_made_points_are_for_facts_that_the_simulator_knows(
    company: Company, files: Path
) -> None:
    points = Definition.from_file(files / "definition.yaml").content["points"]
    given = {one["feature"] for one in points["give"]}
    assert {"email_open_30d", "demo_request_30d"} < given <= set(company.truth.leads)


def test_the_definition_is_signed_and_its_examples_hold(files: Path) -> None:
    definition = Definition.from_file(files / "definition.yaml")
    assert definition.signed
    assert definition.signatures() == ("sales", "marketing")
    for example in definition.content["examples"]:
        lead = pd.DataFrame([example["lead"]])
        assert list(definition.evaluate(lead).verdict) == [example["verdict"]]
    text = (files / "definition.yaml").read_text(encoding="utf-8")
    changed = files / "changed.yaml"
    changed.write_text(text.replace("at_least: 50", "at_least: 51"), encoding="utf-8")
    assert not Definition.from_file(changed).signed
    changed.unlink()


def test_the_definition_finds_better_leads_but_not_all(company: Company, files: Path) -> None:
    # it has to be worth agreeing on, and to leave the model something to add
    leads = _regular(company)
    X = leads.assign(demo_request_90d=leads["demo_request_30d"])
    ready = (
        np.asarray(Definition.from_file(files / "definition.yaml").evaluate(X).verdict) == "ready"
    )
    assert 0.1 < ready.mean() < 0.4
    assert leads["would_win"][ready].mean() > 2 * leads["would_win"][~ready].mean()
    assert leads["would_win"][~ready].sum() > 100
