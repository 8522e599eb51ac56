import pandas as pd
import pytest

from features.vocabulary.job_titles import read_title, read_titles


@pytest.mark.parametrize(
    ("title", "seniority", "function"),
    [
        ("C - Level", "c_level", "general_management"),
        ("CEO", "c_level", "general_management"),
        ("Chief Operating Officer", "c_level", "operations"),
        ("CTO / Co-Founder", "c_level", "it"),
        ("President", "c_level", "general_management"),
        ("SVP / VP", "vp", None),
        ("Vice President", "vp", None),
        ("Executive Vice-President, Sales", "vp", "sales"),
        ("Owner", "owner", "general_management"),
        ("Owner, Designer", "owner", "creative"),
        ("Head of Growth", "director", "marketing"),
        ("Marketing DIrector", "director", "marketing"),
        ("dir. of I.T.", "director", "it"),
        ("Assistant General Manager", "manager", "general_management"),
        ("Sr. Product Mgr", "manager", "product"),
        ("Senior Software Engineer", "senior", "engineering"),
        ("Account Executive", "individual", "sales"),
        ("HR Business Partner", "individual", "hr"),
        ("Staff", "individual", None),
        ("Executive Assistant to the CEO", "entry", "administration"),
        ("Student / Intern", "student", None),
        ("business_development - cxo", "c_level", "sales"),
        ("Self-Employed", "owner", "general_management"),
    ],
)
def test_english_titles(title, seniority, function):
    assert read_title(title) == (seniority, function)


@pytest.mark.parametrize(
    ("title", "seniority", "function"),
    [
        ("Geschäftsführer", "c_level", "general_management"),
        ("GESCHAEFTSFUEHRERIN", "c_level", "general_management"),
        ("Vertriebsleiter Süd", "manager", "sales"),
        ("Leiterin Einkauf", "director", "purchasing"),
        ("Softwareentwicklerin", "individual", "engineering"),
        ("Directeur des ventes", "director", "sales"),
        ("Directrice générale", "c_level", "general_management"),
        ("Chef de projet marketing", "manager", "marketing"),
        ("Director de Recursos Humanos", "director", "hr"),
        ("Jefa de compras", "manager", "purchasing"),
        ("Diretor Financeiro", "director", "finance"),
        ("Responsabile vendite", "manager", "sales"),
        ("Eigenaar", "owner", "general_management"),
        ("Dyrektor sprzedaży", "director", "sales"),
        ("Директор по маркетингу", "director", "marketing"),
        ("Стажёр", "student", None),
    ],
)
def test_other_languages_accents_and_compounds(title, seniority, function):
    assert read_title(title) == (seniority, function)


@pytest.mark.parametrize("typo", ["Marketing Manger", "Marekting Manager", "marketting  MANAGER"])
def test_one_wrong_letter_is_corrected(typo):
    assert read_title(typo) == ("manager", "marketing")


@pytest.mark.parametrize("title", ["", " - ", "n/a", "[Not Provided]", "xxx", "(no title)", "ssa"])
def test_titles_without_a_meaning_are_missing(title):
    assert read_title(title) == (None, None)


def test_only_the_beginning_of_a_title_of_a_million_letters_is_read():
    assert read_title("Director " + "x" * 1_000_000) == ("director", None)


def test_rows_keep_their_order_and_index_and_missing_stays_missing():
    titles = pd.Series(["CEO", None, "Student", "CEO"], index=[3, 3, 1, 0], dtype=object)
    before = titles.copy()
    found = read_titles(titles)
    assert found["seniority"].tolist() == ["c_level", None, "student", "c_level"]
    assert found["job_function"].tolist() == [
        "general_management",
        None,
        None,
        "general_management",
    ]
    assert found.index.tolist() == [3, 3, 1, 0]
    pd.testing.assert_series_equal(titles, before)


def test_without_titles_both_are_missing():
    found = read_titles(pd.Series([None, None], dtype=object))
    assert found["seniority"].tolist() == [None, None]
