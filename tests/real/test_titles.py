"""The 680 titles that people really wrote, of 34,153 leads (MarketStar)."""

import pandas as pd

from features.families.role import read_titles


def test_nearly_all_titles_say_seniority_or_function(real_data, capsys):
    titles = pd.read_csv(real_data / "marketstar" / "Leads.csv", dtype=str)["Title"].dropna()
    read = read_titles(titles)
    known = read.notna()
    shares = {**known.mean().to_dict(), "either": known.any(axis=1).mean()}
    with capsys.disabled():
        said = ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
        print(f"\n{titles.nunique()} titles of {len(titles):,} leads: {said}")
    assert titles.nunique() == 680
    assert shares["either"] >= 0.97  # 98.0 % when written; the rest is `xxx`, `contact us`, `other`
    assert shares["seniority"] >= 0.94
    assert shares["job_function"] >= 0.54  # `Director`, `Manager` and `Staff` name none


def test_the_commonest_titles_are_read_as_people_mean_them(real_data):
    titles = pd.read_csv(real_data / "marketstar" / "Leads.csv", dtype=str)["Title"].dropna()
    commonest = titles.value_counts().index[:9]
    read = read_titles(pd.Series(commonest)).set_index(pd.Index(commonest))["seniority"]
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
