"""The 680 titles of 34,153 real leads (MarketStar)."""

import pandas as pd

from features.vocabulary.job_titles import read_titles


def test_nearly_all_titles_give_seniority_or_function(real_data, capsys):
    titles = pd.read_csv(real_data / "marketstar" / "Leads.csv", dtype=str)["Title"].dropna()
    read = read_titles(titles)
    filled = read.notna()
    shares = {**filled.mean().to_dict(), "either": filled.any(axis=1).mean()}
    with capsys.disabled():
        text = ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
        print(f"\n{titles.nunique()} titles of {len(titles):,} leads: {text}")
    assert titles.nunique() == 680
    assert shares["either"] >= 0.97  # 98.0% when written; the rest is `xxx`, `contact us`, `other`
    assert shares["seniority"] >= 0.94
    assert shares["job_function"] >= 0.54  # `Director`, `Manager` and `Staff` give none


def test_the_most_frequent_titles_are_read_correctly(real_data):
    titles = pd.read_csv(real_data / "marketstar" / "Leads.csv", dtype=str)["Title"].dropna()
    frequent = titles.value_counts().index[:9]
    read = read_titles(pd.Series(frequent)).set_index(pd.Index(frequent))["seniority"]
    assert read.to_dict() == {
        "C - Level": "c_level",
        "Director": "director",
        "Manager": "manager",
        "Staff": "individual",
        "SVP / VP": "vp",
        "Owner": "owner",
        "CEO": "c_level",
        "General Manager": "director",
        "President": "c_level",
    }
