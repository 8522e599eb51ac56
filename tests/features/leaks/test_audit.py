"""The leak audit finds every planted trace, and no column that was known at the moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from features.leaks import audit, statistics
from features.leaks.audit import Suspect, audit_columns
from features.leaks.finding import Finding, LeadStatus, exact_share

LEADS = 4000


@pytest.fixture
def company() -> dict[str, pd.DataFrame | pd.Series]:
    """Leads whose columns were all known when they came in; nothing leaks."""
    random = np.random.default_rng(7)
    size = random.choice(["small", "middle", "big"], LEADS, p=[0.5, 0.3, 0.2])
    source = random.choice(["web", "fair", "referral"], LEADS, p=[0.6, 0.3, 0.1])
    visits = random.poisson(3, LEADS)
    drive = 1.2 * (size == "big") + 1.5 * (source == "referral") + 0.25 * visits - 2.5
    won = random.random(LEADS) < 1 / (1 + np.exp(-drive))
    came = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 500, LEADS), unit="D")
    still_open = (came > pd.Timestamp("2025-03-01")) & (random.random(LEADS) < 0.7)
    raw = pd.DataFrame({"Size": size, "Source": source, "Visits": visits.astype(str)}, dtype=object)
    outcome = pd.Series(np.select([still_open, won], ["unknown", "won"], "not won"), dtype=object)
    return {"raw": raw, "outcome": outcome, "as_of": pd.Series(came)}


def with_column(company: dict, name: str, values: object) -> list[Suspect]:
    raw = company["raw"].assign(**{name: pd.Series(values, dtype=object)})
    return audit_columns(raw, company["outcome"], as_of=company["as_of"])


def names(suspects: list[Suspect]) -> list[str]:
    return [suspect.column for suspect in suspects]


def evidence(suspects: list[Suspect]) -> str:
    return "; ".join(sentence for suspect in suspects for sentence in suspect.evidence)


# -- columns that must be found -------------------------------------------------------------------


@pytest.mark.parametrize(("open_loses", "found"), [(True, ["Region"]), (False, [])])
def test_a_field_filled_at_closing_is_found_where_open_leads_count_as_not_won(
    company: dict, open_loses: bool, found: list[str]
) -> None:
    """Among closed leads it tells nothing; a horizon counts old open leads as not won."""
    random = np.random.default_rng(1)
    is_open = company["outcome"].eq("unknown").to_numpy()
    region = random.choice(["north", "south"], LEADS).astype(object)
    region[is_open & (random.random(LEADS) < 0.7)] = None
    raw = company["raw"].assign(Region=region)
    outcome, as_of = company["outcome"], company["as_of"]
    suspects = audit_columns(raw, outcome, as_of=as_of, open_loses=open_loses)
    assert names(suspects) == found
    never_judged = as_of.mask(pd.isna(region))
    assert not audit_columns(raw, outcome, as_of=never_judged, open_loses=open_loses)


def test_a_field_filled_when_leads_are_won_is_found(company: dict) -> None:
    won = (company["outcome"] == "won").to_numpy()
    chance = np.random.default_rng(1).random(LEADS)
    contract = np.where(chance < np.where(won, 0.8, 0.3), "X", None)
    found = with_column(company, "Contract", contract)
    assert names(found) == ["Contract"]
    assert "of won leads but 30% of the others" in evidence(found)


def test_the_same_field_is_cleared_if_an_early_column_explains_it(company: dict) -> None:
    """A question that only the demo form asks is filled more often for won leads."""
    random = np.random.default_rng(2)
    won = (company["outcome"] == "won").to_numpy()
    form = np.where(random.random(LEADS) < np.where(won, 0.6, 0.25), "demo form", "newsletter")
    team = np.where((form == "demo form") & (random.random(LEADS) < 0.95), "ten people", None)
    company["raw"] = company["raw"].assign(Form=form.astype(object))
    assert with_column(company, "Team", team) == []
    without_form = {**company, "raw": company["raw"].drop(columns="Form")}
    assert names(with_column(without_form, "Team", team)) == ["Team"]


def test_dates_after_the_moment_are_found(company: dict) -> None:
    days = np.random.default_rng(3).integers(-3, 60, LEADS)
    signed = (company["as_of"] + pd.to_timedelta(days, unit="D")).dt.strftime("%Y-%m-%d")
    found = with_column(company, "Some day", signed)
    assert names(found) == ["Some day"]
    assert "of its dates are after the moment" in found[0].evidence[0]


def test_dates_before_the_moment_are_honest(company: dict) -> None:
    days = np.random.default_rng(3).integers(0, 900, LEADS)
    born = (company["as_of"] - pd.to_timedelta(days, unit="D")).dt.strftime("%d.%m.%Y")
    assert with_column(company, "First seen", born) == []


def test_a_field_that_the_stage_decides_is_found(company: dict) -> None:
    stage = company["outcome"].map({"won": "Won", "not won": "Lost", "unknown": "New"})
    raw = company["raw"].assign(Who=np.where(stage == "New", None, "Ann"))
    found = audit_columns(raw, company["outcome"], as_of=company["as_of"], stage=stage)
    assert names(found) == ["Who"]
    assert "the stage decides whether it is filled (never for 'New')" in evidence(found)


def test_a_field_half_filled_within_each_stage_is_not_decided_by_it(company: dict) -> None:
    stage = company["outcome"].map({"won": "Won", "not won": "Lost", "unknown": "New"})
    drawn = np.random.default_rng(4).random(LEADS) < np.where(stage == "New", 0.35, 0.99)
    raw = company["raw"].assign(Account=np.where(drawn, "a company", None))
    assert audit_columns(raw, company["outcome"], as_of=company["as_of"], stage=stage) == []


def test_a_column_that_reveals_nearly_everything_is_found_under_any_name(company: dict) -> None:
    won = (company["outcome"] == "won").to_numpy()
    random = np.random.default_rng(5)
    mostly = np.where(random.random(LEADS) < 0.06, ~won, won)
    found = with_column(company, "Zebra", np.where(mostly, "green", "blue"))
    assert names(found) == ["Zebra"]
    assert "alone it separates won leads from the others with AUC 0.9" in evidence(found)


def rated(company: dict, late: float) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """A rating with some information, changed for some leads a month after the moment."""
    random = np.random.default_rng(3)
    won = (company["outcome"] == "won").to_numpy()
    rating = np.where(random.random(LEADS) < np.where(won, 0.5, 0.4), "hot", "cold")
    after = pd.Series(company["as_of"] + pd.Timedelta(days=30))
    before = company["as_of"] - pd.Timedelta(days=1)
    changed = {"Rating": after.where(random.random(LEADS) < late, before)}
    return company["raw"].assign(Rating=pd.Series(rating, dtype=object)), changed


def test_a_value_changed_after_the_moment_is_found(company: dict) -> None:
    raw, changed = rated(company, late=0.3)
    found = audit_columns(raw, company["outcome"], as_of=company["as_of"], changed=changed)
    assert names(found) == ["Rating"]
    share = f"{(changed['Rating'] > company['as_of']).mean():.0%}"
    sentence = f"changed after the moment for {share} of the leads"
    assert f"{sentence} (median of the last change: 30 days)" in evidence(found)
    assert audit_columns(raw, company["outcome"], as_of=company["as_of"]) == []


def test_a_few_corrections_and_changes_before_the_moment_are_honest(company: dict) -> None:
    raw, changed = rated(company, late=0.02)
    assert audit_columns(raw, company["outcome"], as_of=company["as_of"], changed=changed) == []


def test_a_column_with_the_latest_event_is_found(company: dict) -> None:
    won = (company["outcome"] == "won").to_numpy()
    sent = np.random.default_rng(6).random(LEADS) < np.where(won, 0.6, 0.3)
    found = with_column(company, "Last Activity", np.where(sent, "SMS Sent", "Email Opened"))
    assert names(found) == ["Last Activity"]


def test_scores_computed_in_batches_are_found(company: dict) -> None:
    random = np.random.default_rng(8)
    won = (company["outcome"] == "won").to_numpy()
    age = company["as_of"].rank(pct=True).to_numpy()
    there = (age < 0.3) | (age > 0.7)
    raw = company["raw"]
    for name in ("Fit Score", "Interest Score"):
        score = (random.normal(won * 0.7, 1, LEADS) * 5 + 50).round().astype(int).astype(str)
        raw = raw.assign(**{name: np.where(there, score, None)})
    found = audit_columns(raw, company["outcome"], as_of=company["as_of"])
    assert sorted(names(found)) == ["Fit Score", "Interest Score"]
    assert "filled in batches over time" in evidence(found)


def test_a_column_tied_to_a_strong_suspect_is_found(company: dict) -> None:
    random = np.random.default_rng(9)
    stage = company["outcome"].map(
        {"won": "closed won", "not won": "closed lost", "unknown": "talks"}
    )
    unfit = (stage == "closed lost") & (random.random(LEADS) < 0.08)
    raw = company["raw"].assign(current_stage=stage, is_sql=np.where(unfit, "False", "True"))
    found = audit_columns(raw, company["outcome"], as_of=company["as_of"])
    assert sorted(names(found)) == ["current_stage", "is_sql"]


def test_a_value_tied_to_a_strong_suspect_is_evidence_where_outcomes_alone_are_not() -> None:
    random = np.random.default_rng(10)
    stage = random.choice(["closed won", "closed lost", "talks"], LEADS, p=[0.12, 0.48, 0.4])
    drawn = {"closed lost": 0.25, "closed won": 0.05, "talks": 0.0}
    unfit = random.random(LEADS) < pd.Series(stage).map(drawn)
    raw = pd.DataFrame({"Now": stage, "is_sql": np.where(unfit, "no", "yes")}, dtype=object)
    outcome = pd.Series(np.where(stage == "closed won", "won", "not won"), dtype=object)
    found = audit_columns(raw, outcome)
    assert names(found) == ["Now", "is_sql"]
    assert "leads with 'no' have Now = 'closed lost', and Now is itself" in found[1].evidence[0]
    assert audit_columns(raw.drop(columns="Now"), outcome) == []


def test_the_original_of_a_column_that_was_overwritten_is_honest(company: dict) -> None:
    random = np.random.default_rng(11)
    won = (company["outcome"] == "won").to_numpy()
    first = random.choice(["web", "fair", "list", None], LEADS).astype(object)
    latest = np.where(won & (random.random(LEADS) < 0.5), "customer referral", first)
    raw = company["raw"].assign(first_source=first, latest_source=latest)
    found = audit_columns(raw, company["outcome"], as_of=company["as_of"])
    assert names(found) == ["latest_source"]


def test_open_leads_reveal_a_field_filled_while_closing(company: dict) -> None:
    """Filled a little more for won than for lost leads: enough only if open leads lack it."""
    outcome = company["outcome"]
    place = outcome.groupby(outcome).cumcount() % 100
    late = place < outcome.map({"won": 95, "not won": 80, "unknown": 40})
    early = place < outcome.map({"won": 95, "not won": 80, "unknown": 85})
    found = with_column(company, "Answer time", np.where(late, "quick", None))
    assert names(found) == ["Answer time"]
    assert "of open leads of the same age" in evidence(found)
    assert with_column(company, "Answer time", np.where(early, "quick", None)) == []


def test_open_leads_reveal_a_counter_that_goes_on(company: dict) -> None:
    random = np.random.default_rng(12)
    rate = company["outcome"].map({"won": 9, "not won": 4, "unknown": 1}).to_numpy()
    found = with_column(company, "Contacts", random.poisson(rate).astype(str))
    assert names(found) == ["Contacts"]
    assert "its values separate closed from open leads of the same age" in evidence(found)


# -- columns that must not be suspected -----------------------------------------------------------


def test_honest_columns_are_not_suspected(company: dict) -> None:
    found = audit_columns(company["raw"], company["outcome"], as_of=company["as_of"])
    assert found == []
    won, visits = company["outcome"] == "won", company["raw"]["Visits"].astype(int)
    assert roc_auc_score(won, visits) > 0.55  # they do predict something


@pytest.mark.parametrize("name", ["is_won", "Lost Reason", "current_score", "Total closed"])
def test_a_name_alone_never_makes_a_suspect(company: dict, name: str) -> None:
    assert with_column(company, name, company["raw"]["Visits"]) == []


def test_names_give_at_most_half_of_the_points_of_a_suspect(company: dict) -> None:
    """One weak trace, and a name with every suspicious word."""
    random = np.random.default_rng(13)
    won = (company["outcome"] == "won").to_numpy()
    age = company["as_of"].rank(pct=True).to_numpy()
    there = (age < 0.3) | (age > 0.7)
    weak = np.where(random.random(LEADS) < np.where(won, 0.6, 0.35), "x", "y")
    name = "last total score of won and lost"
    assert with_column(company, name, np.where(there, weak, None)) == []


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_outcomes_make_no_suspects(company: dict, seed: int) -> None:
    """The table has leaking columns, but nothing can predict shuffled outcomes."""
    won = company["outcome"] == "won"
    raw = company["raw"].assign(paid=np.where(won, "100", None), Tags=np.where(won, "sent", "lost"))
    assert len(audit_columns(raw, company["outcome"])) == 2  # before shuffling
    shuffled = company["outcome"].sample(frac=1, random_state=seed).reset_index(drop=True)
    assert audit_columns(raw, shuffled, seed=seed) == []


def test_columns_that_are_answered_or_skipped_are_not_suspected(company: dict) -> None:
    won = company["outcome"] == "won"
    raw = company["raw"].assign(paid=np.where(won, "100", None), sum=np.where(won, "1", "2"))
    assert audit_columns(raw, company["outcome"], answers={"paid": "known"}, skip=["sum"]) == []


# -- inputs ---------------------------------------------------------------------------------------


def test_index_and_order_of_rows_do_not_matter(company: dict) -> None:
    won = company["outcome"] == "won"
    raw = company["raw"].assign(paid=np.where(won, "100", None))
    straight = audit_columns(raw, company["outcome"], as_of=company["as_of"])
    place = np.random.default_rng(0).permutation(LEADS)
    hostile = pd.Index(np.arange(LEADS) % 3)
    mixed = audit_columns(
        raw.iloc[place].set_axis(hostile),
        company["outcome"].iloc[place].set_axis(hostile),
        as_of=company["as_of"].iloc[place],
    )
    assert names(mixed) == names(straight) == ["paid"]


def test_inputs_are_not_changed(company: dict) -> None:
    before = {name: data.copy() for name, data in company.items()}
    audit_columns(company["raw"], company["outcome"], as_of=company["as_of"])
    for name, data in company.items():
        assert data.equals(before[name])


@pytest.mark.parametrize(
    "outcome", [[], ["won", "not won"], ["won"] * 50, ["unknown"] * 50, ["not won"] * 50]
)
def test_little_or_one_sided_data_gives_no_error(outcome: list[str]) -> None:
    rows = len(outcome)
    raw = pd.DataFrame({"a": ["x"] * rows, "b": [None] * rows}, dtype=object)
    assert audit_columns(raw, pd.Series(outcome, dtype=object)) == []


def test_a_suspect_comes_with_the_lines_that_settle_it(company: dict) -> None:
    won = company["outcome"] == "won"
    raw = company["raw"].assign(**{"Paid: yet": np.where(won, "100", None)})
    (found,) = audit_columns(raw, company["outcome"])
    assert '"Paid: yet": {leak: true}' in found.answer
    assert "known_at_moment: true" in found.answer
    assert found.strength >= 10


def test_progress_is_reported(company: dict) -> None:
    messages: list[str] = []
    audit_columns(company["raw"], company["outcome"], progress=messages.append)
    assert messages[0] == "leak audit, columns: 0 of 3"
    messages.clear()
    raw = pd.DataFrame({f"Column {number}": ["a", "b"] for number in range(12)})
    audit_columns(raw, pd.Series(["unknown"] * 2), progress=messages.append)
    assert messages == [f"leak audit, columns: {number} of 12" for number in (0, 10, 12)]


# -- the statistics, computed another way ---------------------------------------------------------


def test_auc_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    won = random.random(500) < 0.3
    score = np.round(random.normal(won, 1), 1)  # with ties
    assert statistics.auc(score, won) == pytest.approx(roc_auc_score(won, score), abs=1e-12)


def test_log_odds_of_unique_values_predict_nothing() -> None:
    """Learned from the lead itself, an id would predict everything."""
    random = np.random.default_rng(0)
    won = random.random(2000) < 0.3
    codes = np.arange(2000, dtype=np.int32)
    fold = random.integers(0, 5, 2000).astype(np.int32)
    odds = statistics.log_odds_by_code(codes, won, 2000, fold)
    assert statistics.auc(odds, won) == pytest.approx(0.5, abs=0.03)


def test_the_joint_model_is_a_ridge_logistic_regression() -> None:
    random = np.random.default_rng(0)
    table = np.column_stack([np.ones(800), random.normal(size=(800, 3))])
    won = random.random(800) < 1 / (1 + np.exp(-table @ [0.2, 1, -0.5, 0]))
    ours = statistics._ridge_logistic(table, won, ridge=1.0)
    theirs = LogisticRegression(C=1.0, fit_intercept=False, tol=1e-10).fit(table, won).coef_[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_without_its_only_informative_column_the_model_predicts_nothing() -> None:
    random = np.random.default_rng(0)
    won = random.random(4000) < 0.5
    odds = {"informative": random.normal(2.0 * won - 1, 1.0), "noise": random.normal(size=4000)}
    train = np.arange(4000) < 2800
    whole, without = statistics.losses_without(odds, won, train, ["informative", "noise"])
    assert without["noise"] == pytest.approx(whole, abs=0.005)
    assert without["informative"] == pytest.approx(np.log(2), abs=0.01)
    assert whole < 0.45


def test_information_within_strata_is_zero_if_they_explain_everything() -> None:
    random = np.random.default_rng(0)
    form = random.integers(0, 2, 20_000)
    won = random.random(20_000) < np.where(form, 0.5, 0.1)
    filled = random.random(20_000) < np.where(form, 0.9, 0.1)
    strata = statistics.code(pd.Series(form.astype(str)))
    alone = statistics.information_value(filled[won].mean(), filled[~won].mean())
    assert alone > 0.5
    assert statistics.information_within(filled, won, strata) < 0.01


def test_shares_filled_are_compared_at_the_same_age() -> None:
    """Open leads are younger, and a field introduced late is filled for young ones only."""
    young = np.repeat([0, 1], 500).astype(np.int32)
    still_open = np.r_[np.arange(500) < 50, np.arange(500) < 450]
    filled = young.astype(bool)
    inside, outside = statistics.fill_by_group(filled, still_open, young)
    assert inside == outside == pytest.approx(0.5)
    assert filled[still_open].mean() - filled[~still_open].mean() == pytest.approx(0.8)


@pytest.mark.parametrize(("share", "text"), [(0.998, "99.8%"), (0.002, "0.2%"), (1, "100%")])
def test_nearly_all_is_never_written_as_all(share: float, text: str) -> None:
    assert exact_share(share) == text


# -- limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("won", "compared"), [(0, False), (1, True), (2, True), (3, False)], ids=str
)
def test_columns_are_compared_with_outcomes_only_if_there_are_both(
    monkeypatch: pytest.MonkeyPatch, won: int, compared: bool
) -> None:
    seeds, messages = [], []

    def outcome_findings(coded: object, leads: object, seed: int) -> dict[str, list[Finding]]:
        seeds.append(seed)
        return {}

    monkeypatch.setattr(audit, "outcome_findings", outcome_findings)
    outcome = pd.Series(["won"] * won + ["not won"] * (3 - won) + ["unknown"])
    audit_columns(pd.DataFrame({"Size": list("abab")}), outcome, progress=messages.append)
    assert seeds == ([0] if compared else [])
    assert ("leak audit: comparing the columns with each other" in messages) == compared


@pytest.mark.parametrize("raw", [{"Size": []}, {}])
def test_without_rows_or_columns_nothing_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, raw: dict[str, list[str]]
) -> None:
    monkeypatch.setattr(audit, "filled_together", None)
    assert audit_columns(pd.DataFrame(raw, dtype=object), pd.Series([], dtype=object)) == []


def test_a_closed_lead_without_an_outcome_is_not_open() -> None:
    raw = pd.DataFrame({"Size": list("abcd")})
    outcome = pd.Series(["won", "not won", "unknown", "unknown"])
    closed_at = pd.Series(pd.to_datetime(["2024-01-01", None, "2024-01-02", None]))

    def is_open(closed: pd.Series | None) -> list[bool]:
        status = audit._status_of_leads(raw, outcome, None, closed, None, None, None)
        return [bool(value) for value in status.open]

    assert is_open(closed_at) == [False, False, False, True]
    assert is_open(None) == [False, False, True, True]
    assert is_open(pd.Series(closed_at.max(), index=range(4))) == is_open(None), "a planned date"


def test_leads_without_a_moment_do_not_hide_the_moments_of_the_others() -> None:
    raw, outcome = pd.DataFrame({"Size": list("abcd")}), pd.Series(["unknown"] * 4)
    order = pd.Series([4.0, 3.0, 2.0, 1.0])

    def status(days: list[str | None]) -> LeadStatus:
        as_of = pd.Series(pd.to_datetime(days))
        return audit._status_of_leads(raw, outcome, as_of, None, None, order, None)

    partly = status(["2024-01-03", "2024-01-02", "2024-01-04", None])
    assert partly.as_of is not None
    assert partly.age[1] < partly.age[0] < partly.age[2]
    undated = status([None] * 4)
    assert undated.as_of is None
    assert list(undated.age) == sorted(undated.age, reverse=True), "then the order counts"


def test_the_evidence_is_that_of_the_causes_and_what_supports_them() -> None:
    findings = [
        Finding("name", 5, "its name", supports=True),
        Finding("separates", 1, "it separates", supports=True),
        Finding("one-sided", 5, "one-sided"),
        Finding("filled when won", 6, "filled when won"),
        Finding("filled together", 1, "one-sided"),
    ]
    suspect = audit._weigh("Paid", findings)
    assert suspect == Suspect("Paid", ("filled when won", "one-sided", "its name"), 17.0)
    assert audit._weigh("Paid", findings[:2] + findings[2:3]) is not None
    assert audit._weigh("Paid", [findings[0], *findings[1:2], *findings[4:]]) is None


def test_only_strong_suspects_with_few_values_pull_others_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def column(size: int, is_number: bool = False) -> statistics.Coded:
        levels = tuple(str(level) for level in range(size - 2))
        return statistics.Coded(np.arange(2, dtype=np.int32), levels, is_number)

    coded = {
        "just strong": column(42),
        "weak": column(42),
        "many values": column(43),
        "number": column(42, is_number=True),
        "other": column(3),
    }
    strengths = {"just strong": 20.0, "weak": 19.9, "many values": 30.0, "number": 30.0}
    suspects = [Suspect(name, (), strength) for name, strength in strengths.items()]
    pulled, tied = [], []

    def set_by_stage(_: object, stage: str, filled: object) -> list[Finding]:
        pulled.append(stage)
        return [Finding("set by stage", 10, "set"), Finding("set by stage", 10, "set again")]

    def tied_to_suspects(_: object, strong: list[str], name: str) -> list[Finding]:
        tied.append((tuple(strong), name))
        return [Finding("set by stage", 2, "tied")]

    monkeypatch.setattr(audit, "set_by_stage", set_by_stage)
    monkeypatch.setattr(audit, "tied_to_suspects", tied_to_suspects)
    (found,) = audit._tied_suspects(coded, {"other": []}, suspects)
    assert pulled == ["just strong"]
    assert tied == [(("just strong",), "other")]
    assert (found.column, found.strength, found.evidence) == ("other", 12.0, ("set", "tied"))
    one_sided = [Finding("one-sided", 5, "never won"), Finding("later dates", 1, "later")]
    (found,) = audit._tied_suspects(coded, {"other": one_sided}, suspects)
    assert tied == [(("just strong",), "other")], "values with one outcome count once"
    assert found.evidence == ("set", "later")


# -- everything together ---------------------------------------------------------------------------


def _export(random: np.random.Generator, rows: int) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """A CRM export with twelve leaks among ten honest columns."""
    source = random.choice(["Web", "List", "Event", "Referral"], rows, p=[0.5, 0.3, 0.15, 0.05])
    form = random.choice(["newsletter", "ebook", "demo"], rows, p=[0.5, 0.35, 0.15])
    visits, age = random.poisson(4, rows), random.integers(0, 500, rows)
    drive = 1.3 * (source == "Referral") - 0.8 * (source == "List") + 2.2 * (form == "demo")
    won = random.random(rows) < 1 / (1 + np.exp(2.8 - drive - 0.2 * visits))
    closed = random.random(rows) < 1 - np.exp(-age / 120)
    won, worked = won & closed, closed | (random.random(rows) < 0.4)
    came = pd.Series(pd.Timestamp("2024-06-30") - pd.to_timedelta(age, unit="D"))
    took = np.minimum(random.exponential(60, rows), age)

    def day(days: object) -> pd.Series:
        return (came + pd.to_timedelta(days, unit="D")).dt.strftime("%Y-%m-%d")

    def where(there: object, values: object) -> pd.Series:
        return pd.Series(np.where(there, values, None), dtype=object)

    few, ids = random.choice(["a", "b", "c"], rows), np.arange(rows).astype(str)
    drawn = random.random(rows)
    status = np.select([won, closed, worked], ["Converted", "Dead", "Contacted"], "Open")
    leaks = {
        "Status": status,
        "AccountId": where(won, ids),
        "Converted": where(won, day(took)),
        "Modified": day(np.minimum(took + random.exponential(20, rows), age)),
        "Loss reason": where(closed & ~won & (drawn < 0.8), few),
        "Days": where(closed, took.astype(int).astype(str)),
        "Next step": where(drawn < np.where(won, 0.7, 0.15), few),
        "Contacts": random.poisson(np.where(won, 9, np.where(closed, 3, 1))).astype(str),
        "Heat": where(worked & (drawn < np.where(won, 0.95, 0.5)), few),
        "Meetings": random.poisson(np.where(won, 2.2, 0.2)).astype(str),
        "VAT": where((won & (drawn < 0.85)) | (drawn < 0.03), ids),
        "Team": where(worked, few),
    }
    honest = {
        "Source": source,
        "Form": form,
        "Visits": visits.astype(str),
        "Gave phone": np.where(drawn < np.where(source == "Web", 0.5, 0.3), "Yes", "No"),
        "Asked on the demo form": where((form == "demo") & (drawn < 0.97), few),
        "Asked since spring": where((age < 200) & (drawn < 0.7), few),
        "Campaign": where(source != "Referral", random.integers(0, 40, rows).astype(str)),
        "Founded": random.integers(1950, 2022, rows).astype(str),
        "Newsletter since": where(drawn < 0.4, day(-random.integers(0, 400, rows))),
        "current_total_score": random.integers(0, 100, rows).astype(str),
    }
    outcome = pd.Series(np.select([won, closed], ["won", "not won"], "unknown"), dtype=object)
    return pd.DataFrame({**leaks, **honest}, dtype=object), outcome, came


@pytest.mark.parametrize(("seed", "rows"), [(0, 8000), (1, 3000), (2, 20_000), (3, 2000)])
def test_an_export_with_every_kind_of_leak(seed: int, rows: int) -> None:
    raw, outcome, came = _export(np.random.default_rng(seed), rows)
    found = set(names(audit_columns(raw, outcome, as_of=came)))
    leaks, honest = set(raw.columns[:12]), set(raw.columns[12:])
    assert found & honest == set()
    assert leaks - found == set()


@pytest.mark.parametrize("heading", ["duration", "Gesprächsdauer", "Durée", "length of stay"])
def test_how_long_the_call_took_is_suspected_if_it_is_strong(heading: str) -> None:
    random = np.random.default_rng(4)
    won = pd.Series(random.random(3_000) < 0.2)
    seconds = pd.Series(random.exponential(np.where(won, 780, 200))).round().astype("int64")
    outcome = won.map({True: "won", False: "not won"})
    raw = pd.DataFrame({heading: seconds.astype(str)}, dtype=object)
    assert [suspect.column for suspect in audit_columns(raw, outcome)] == [heading]
    weak = pd.DataFrame({heading: seconds.sample(frac=1, random_state=1).to_numpy()}).astype(str)
    assert audit_columns(weak, outcome) == [], "a name is never enough"
    assert audit_columns(raw.set_axis(["visits"], axis=1), outcome) == []


# -- marks of closing ------------------------------------------------------------------------------


def test_a_mark_of_a_few_lost_leads_is_suspected(company: dict) -> None:
    lost = (company["outcome"] == "not won").to_numpy()
    rival = lost & (np.random.default_rng(1).random(LEADS) < 0.1)
    (suspect,) = with_column(company, "Lost to", np.where(rival, "Acme", None))
    assert suspect.column == "Lost to"
    assert f"0 of {rival.sum():,} leads with any value were won" in suspect.evidence[0]


def test_a_tag_that_winning_adds_is_suspected(company: dict) -> None:
    random = np.random.default_rng(1)
    won = (company["outcome"] == "won").to_numpy() & (random.random(LEADS) < 0.4)
    topic = random.choice(["blog;event", "event", "blog", "event;fair", "fair;blog"], LEADS)
    tags = np.where(won, "customer;" + topic.astype(object), topic)
    (suspect,) = with_column(company, "Tags", tags)
    assert "leads with 'customer' among others were won" in suspect.evidence[0]


def test_what_counts_the_days_since_closing_is_suspected(company: dict) -> None:
    """It says nothing of the outcome, but it tells closed leads from open ones."""
    is_open = (company["outcome"] == "unknown").to_numpy()
    random = np.random.default_rng(1)
    days = np.where(is_open, random.integers(0, 30, LEADS), random.integers(20, 200, LEADS))
    (suspect,) = with_column(company, "Days quiet", days.astype(str))
    assert "separate closed from open leads of the same age" in suspect.evidence[0]


def test_columns_that_follow_the_date_are_not_suspected_where_leads_are_closed_soon() -> None:
    random = np.random.default_rng(0)
    days = random.integers(0, 900, LEADS)
    is_open = days + random.gamma(1.5, 8, LEADS) > 900
    won = random.random(LEADS) < 0.2
    raw = pd.DataFrame({"Form": days // 60, "Campaign": days // 30, "Number": days}).astype(str)
    outcome = pd.Series(np.select([is_open, won], ["unknown", "won"], "not won"), dtype=object)
    as_of = pd.Series(pd.Timestamp("2022-01-01") + pd.to_timedelta(days, unit="D"))
    assert 30 < is_open.sum() < 100
    assert audit_columns(raw.astype(object), outcome, as_of=as_of) == []
