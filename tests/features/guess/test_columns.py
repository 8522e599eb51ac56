"""Guesses about raw columns: from their values first, from their name second."""

from __future__ import annotations

import pandas as pd
import pytest

from features.guess.columns import ColumnGuess, guess_columns
from features.values.few_values import count_columns
from features.values.placeholders import placeholders


def guess(name: str, values: list[str | None]) -> ColumnGuess:
    (found,) = guess_columns(pd.DataFrame({name: values}, dtype=object))
    return found


MANY = [str(number) for number in range(100, 400)]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("Id", [f"58050280000568646{number}" for number in MANY], "id"),
        ("anything", [f"7927b2df-8bba-4d29-b9a2-b6e0beafe{number}" for number in MANY], "id"),
        ("account_id", ["acct_1", "acct_2"] * 100 + [f"acct_{n}" for n in MANY], "account"),
        ("Contact Name", [f"5805028000000{number}" for number in MANY] * 2, "contact"),
        ("whatever", ["a@b.com", "c@d.org", None] * 20, "personal"),
        ("Mobile", ["+49 170 1234567", "0170/7654321"] * 20, "personal"),
        ("First Name", ["Ann", "Bob"] * 30 + [f"N{chr(65 + n)}" for n in range(26)], "personal"),
        ("last_ip", [f"10.0.{number}.7" for number in range(30)], "personal"),
        ("Magazine", ["No"] * 30, "constant"),
        ("Empty", [None] * 30, "constant"),
        ("Closing Date", ["02.04.2024", "30.01.2024", None] * 10, "date"),
        ("Deal Owner Name", ["Charlie Davis", "Julia Nelson"] * 30, "owner"),
        ("OwnerEmployeeId", ["1", "2", "3"] * 30, "owner"),
        ("Notes", [f"{'long words ' * 9} {number}" for number in MANY], "text"),
        ("Reference", [f"R-{number}" for number in MANY], "id"),
        ("EmployeeId", [f"{number}" for number in MANY] * 2, "identifier"),
        ("Employer code", [f"E{number}" for number in MANY] * 2, "identifier"),
        ("PLZ", ["01067", "80331"] * 30, "identifier"),
        ("Row Checksum", ["kx1", "kx2"] * 30, "identifier"),
        ("whatever", [f"{number}" for number in MANY], "identifier"),
        ("Freitext", [f"Wert {number}" for number in MANY] * 4, "identifier"),
        ("Primary Address Country", ["Germany", "France", "Spain"] * 20, "feature"),
        ("Billing Address State", ["Ohio", "Utah", "Iowa"] * 20, "feature"),
        ("Email Status", ["Valid", "Bounced", "Unknown"] * 20, "feature"),
        ("Phone Type", ["Mobile", "Work", "Home"] * 20, "feature"),
        ("Primary Address Street", ["Long Lane 5", "Hill Rd 7", "Elm St 9"] * 20, "personal"),
        ("Address City", ["12 Elm, Bonn", "7 Oak, Rome", "9 Ash, Oslo"] * 20, "personal"),
        ("Primary Address Postal Code", ["50667", "10115", "80331"] * 20, "identifier"),
        ("Vorname", ["Ute", "Heike", "Uwe"] * 20, "personal"),
        ("Ansprechpartner", ["Meier", "Schulz", "Weber"] * 20, "personal"),
        ("Functie contactpersoon", ["Anna Vos", "Jan Smit", "Maria Bos"] * 20, "personal"),
        ("Referred By", ["Ann Poe", "Bo Li", "Cy Fox"] * 20, "personal"),
        ("Handled", ["Anna Meier", "John Smith", "Marta Rossi"] * 20, "personal"),
        ("DOB", ["1980-02-03", "1990-05-06", "1971-12-24"] * 20, "personal"),
        ("konto", ["DE89 3704 0044 0532 0130 00", "FR1420041010050500013M02606"] * 9, "personal"),
        ("wohin", ["Hauptstraße 5", "Marktplatz 12", "Am Weg 3"] * 20, "personal"),
        ("Betreuer", ["a", "b", "c"] * 20, "owner"),
        ("Firma", [f"Firma {number} GmbH" for number in MANY], "account"),
    ],
)
def test_roles_other_than_feature(name: str, values: list[str | None], role: str) -> None:
    assert guess(name, values).role == role


@pytest.mark.parametrize(
    ("name", "values", "family", "kind", "feature"),
    [
        ("Employees", ["50", "150", "5,050"], "firmographic", "number", "employees"),
        ("employee_band", ["200-499", "500-999", "2000+"], "firmographic", "number", "employees"),
        ("estimated_revenue", ["$10M-$50M", "$200M+"], "firmographic", "number", "revenue"),
        ("year_established", ["1996", "2004"], "firmographic", "year", "company_age"),
        ("sector", ["retail", "medical"], "firmographic", "category", "industry"),
        ("TimeZone", ["PST", "EST"], "firmographic", "category", "time_zone"),
        ("Title", ["VP Sales", "Owner"], "role", "title", "title"),
        ("Position des Ansprechpartners", ["Leiter", "Chef"], "role", "title", "title"),
        ("seniority", ["vp", "director"], "role", "category", "seniority"),
        ("Your occupation", ["Student", "Other"], "role", "category", "your_occupation"),
        ("Lead Source", ["Google", "bing"], "origin", "category", "source"),
        ("Page", ["/eng", "/test"], "origin", "category", "page"),
        ("Page Views Per Visit", ["2.5", "3"], "engagement", "number", "page_views_per_visit"),
        ("TotalVisits", ["2", "3"], "engagement", "number", "total_visits"),
        ("Do Not Email", ["Yes", "No"], "engagement", "flag", "do_not_email"),
        ("Zebra", ["a", "b"], "other", "category", "zebra"),
        ("age", ["31", "42"], "role", "number", "age"),
        ("Monthly income", ["1000", "2500"], "role", "number", "monthly_income"),
        ("var_17", ["1", "2"], "other", "number", "var_17"),
        ("Mitarbeiterzahl", ["50", "150"], "firmographic", "number", "employees"),
        ("Отрасль", ["Банк", "Энергия"], "firmographic", "category", "industry"),
        ("Übergeben von", ["Messe", "Web"], "other", "category", "uebergeben_von"),
        ("来源", ["网站", "展会"], "origin", "category", "source"),
        ("已知项目", ["甲", "乙"], "other", "category", "已知项目"),
        ("Newsletter", ["evet", "hayır"], "engagement", "flag", "newsletter"),
    ],
)
def test_families_and_types(
    name: str, values: list[str | None], family: str, kind: str, feature: str
) -> None:
    found = guess(name, values * 20)
    assert found.role == "feature"
    assert (found.family, found.type, found.feature) == (family, kind, feature)
    assert found.reason


def test_feature_names_are_unique() -> None:
    raw = pd.DataFrame({"Source": ["a", "b"] * 9, "Lead Source": ["c", "d"] * 9}, dtype=object)
    assert [found.feature for found in guess_columns(raw)] == ["source", "source_2"]


def test_the_reason_says_that_a_name_does_not_show_the_family() -> None:
    assert "please check" in guess("Zebra", ["a", "b"] * 20).reason


def test_placeholders_are_found_by_value_the_most_frequent_first() -> None:
    raw = pd.DataFrame({"a": ["Select"] * 5 + ["x"], "b": ["-", "Selected", "n/a", "-", "y", None]})
    assert placeholders(count_columns(raw)) == ["Select", "-", "n/a"]


def test_dates_are_no_telephone_numbers() -> None:
    days = [f"{month:02d}/{day:02d}/2024" for month in range(1, 13) for day in range(1, 20)]
    assert guess("Created", days).role == "date"
    assert guess("Geburtstag", days).role == "personal"


def test_a_large_amount_is_no_id() -> None:
    assert (
        guess("Revenue", [str(10**8 + 7919 * number**2 % 10**8) for number in range(300)]).role
        == "feature"
    )


RANKS = {
    "Fonction": ["PDG", "Acheteur", "Responsable des achats"],
    "Functie": ["Directeur", "Inkoper", "Hoofd verkoop"],
    "Ruolo": ["Amministratore delegato", "Responsabile acquisti", "Impiegata"],
    "Funktion": ["Geschäftsführer", "Sachbearbeiter Einkauf", "Vertriebsleiter"],
    "Función": ["Director General", "Gerente de Compras", "Técnico"],
}


@pytest.mark.parametrize("heading", RANKS)
def test_titles_are_known_by_their_texts_where_the_heading_may_mean_a_department(
    heading: str,
) -> None:
    assert guess(heading, RANKS[heading] * 10).type == "title"
    assert guess(heading, ["Marketing", "IT", "Vertrieb"] * 10).type == "category"


@pytest.mark.parametrize("heading", ["Title", "Lead title", "Deal - Title", "Titel"])
def test_the_name_of_a_record_is_no_job_title(heading: str) -> None:
    assert guess(heading, [f"Lead #{number}" for number in MANY]).role != "feature"


def test_numbers_with_leading_zeros_are_no_amounts() -> None:
    assert guess("Kd.-Nr.", [f"{number % 60:06}" for number in range(300)]).role == "contact"


@pytest.mark.parametrize(
    "heading", ["Kundennummer", "Customer No.", "Klantnummer", "Numéro client"]
)
def test_numbers_of_customers_that_repeat_are_no_amounts(heading: str) -> None:
    assert guess(heading, [f"{4700 + number % 60}" for number in range(300)]).role == "identifier"


@pytest.mark.parametrize("base", [1.2, 4])
def test_how_many_customers_there_are_is_a_number(base: float) -> None:
    found = guess("Number of customers", [str(int(base ** (place % 30))) for place in range(300)])
    assert found.type == "number"


def test_an_area_may_be_a_region_or_a_department() -> None:
    assert guess("Area", ["EMEA", "APAC"] * 20).family == "other"


@pytest.mark.parametrize("heading", ["Kunde", "Customer", "Cliente", "Müşteri", "客户"])
def test_customers_with_many_leads_are_accounts(heading: str) -> None:
    assert guess(heading, [f"Firma {number % 60}" for number in range(300)]).role == "account"


@pytest.mark.parametrize(
    ("heading", "values", "role"),
    [
        ("Deal - Title", [f"Firm {number % 60} deal" for number in range(300)], "identifier"),
        ("Last Name", ["Meier", "Rossi"] * 30, "personal"),
        ("Last Name", ["Yes", "No"] * 30, "feature"),
    ],
)
def test_names_are_never_features(heading: str, values: list[str | None], role: str) -> None:
    assert guess(heading, values).role == role


def test_an_owner_of_something_that_is_answered_with_yes_and_no_is_no_sales_rep() -> None:
    raw = pd.DataFrame(
        {"Propriétaire du logement": ["Oui", "Non"] * 20, "Owner": ["Ann", "Bo"] * 20}
    )
    assert [(guess.role, guess.type) for guess in guess_columns(raw)] == [
        ("feature", "flag"),
        ("owner", ""),
    ]


def test_a_name_beside_first_names_is_personal() -> None:
    names = pd.DataFrame(
        {"Nom": ["PETIT", "ROY", "FABRE", "LEROY"] * 9, "Taille": list("abcd") * 9}
    )
    assert guess_columns(names)[0].role == "feature"
    people = names.assign(Prénom=["Léa", "Hugo", "Inès", "Léo"] * 9)
    assert [guess.role for guess in guess_columns(people)] == ["personal", "feature", "personal"]
