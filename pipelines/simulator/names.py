"""The names in the simulated company's CRM: people, companies, job titles, campaigns, contents.

Job titles look as people really type them: abbreviations, upper and lower case, typos, German and
French among the English, a territory at the end. Each is made from a seniority and a job function
that the truth keeps, so that the reading of titles can be measured. Domains end in ``.example``,
and the phone numbers are not in use.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

SENIORITIES = ("c_level", "vp", "director", "manager", "individual", "student")
SENIORITY_SHARES = (0.10, 0.12, 0.20, 0.28, 0.26, 0.04)
FUNCTIONS = ("finance", "it", "operations", "sales", "marketing", "hr", "engineering")
FUNCTION_SHARES = (0.27, 0.17, 0.15, 0.14, 0.11, 0.08, 0.08)

FIELDS = {  # what people call each job function
    "finance": ("Finance", "FP&A", "Accounting", "Controlling", "Treasury", "Finanzen"),
    "it": ("IT", "Information Technology", "Infrastructure", "IT Systems", "Informatik"),
    "operations": ("Operations", "Ops", "Supply Chain", "Logistics", "Logistik"),
    "sales": ("Sales", "Business Development", "Vertrieb", "Inside Sales", "Key Accounts"),
    "marketing": ("Marketing", "Demand Generation", "Digital Marketing", "Brand", "Mktg"),
    "hr": ("HR", "Human Resources", "Talent Acquisition", "People & Culture", "Personal"),
    "engineering": ("Engineering", "R&D", "Software Engineering", "Software Development"),
}
CHIEFS = {
    "finance": ("CFO", "Chief Financial Officer", "C.F.O.", "Group CFO", "Chief Finance Officer"),
    "it": ("CIO", "Chief Information Officer", "CISO", "Group CIO"),
    "operations": ("COO", "Chief Operating Officer", "Chief Operations Officer"),
    "sales": ("CRO", "Chief Revenue Officer", "Chief Sales Officer", "CSO Sales"),
    "marketing": ("CMO", "Chief Marketing Officer", "Chief Marketing & Brand Officer"),
    "hr": ("CHRO", "Chief People Officer", "Chief HR Officer"),
    "engineering": ("Chief Engineer Officer", "Chief Engineering Officer"),
}
PATTERNS = {
    "vp": (
        "VP {}",
        "VP, {}",
        "Vice President {}",
        "Vice President of {}",
        "V.P. {}",
        "SVP {}",
        "Sr. VP {}",
        "EVP {}",
        "Vice-President, {}",
    ),
    "director": (
        "Director {}",
        "Director of {}",
        "{} Director",
        "Dir. {}",
        "Sr. Director, {}",
        "Head of {}",
        "Leiter {}",
        "Directeur {}",
        "Senior Director {}",
        "Director, Global {}",
    ),
    "manager": (
        "{} Manager",
        "Sr. Mgr, {}",
        "{} Mgr",
        "Manager - {}",
        "Manager {}",
        "Senior {} Manager",
        "Manager of {}",
        "Team Lead {}",
        "Teamleiter {}",
        "Responsable {}",
    ),
    "individual": (
        "{} Specialist",
        "{} Analyst",
        "{} Coordinator",
        "Senior {} Specialist",
        "{} Assistant",
        "{} Associate",
        "Sachbearbeiter {}",
        "Jr. {} Analyst",
        "{} Consultant",
    ),
}
STUDENTS = ("student", "Student", "MBA Student", "PhD student", "Graduate Student", "Werkstudent")
AFTER = ("", " EMEA", " DACH", " - Europe", " (North America)", " / Projects")
AFTER_SHARES = (0.86, 0.05, 0.03, 0.02, 0.02, 0.02)
NEIGHBOURS_SWAPPED, UPPER, LOWER, STRAY_SPACE = 0.025, 0.07, 0.12, 0.02  # how people type

INDUSTRIES = (
    "Software",
    "Manufacturing",
    "Financial Services",
    "Retail",
    "Healthcare",
    "Logistics",
    "Professional Services",
    "Public Sector",
    "Education",
    "Energy",
)
INDUSTRY_SHARES = (0.17, 0.17, 0.12, 0.11, 0.10, 0.08, 0.10, 0.06, 0.05, 0.04)
COUNTRIES = {
    "DACH": ("Germany", "Austria", "Switzerland"),
    "UK & Ireland": ("United Kingdom", "Ireland"),
    "Nordics": ("Sweden", "Denmark", "Norway", "Finland"),
    "Southern Europe": ("France", "Spain", "Italy"),
    "North America": ("United States", "Canada"),
}
REGION_SHARES = (0.28, 0.20, 0.12, 0.16, 0.24)


def split_words(text: str) -> tuple[str, ...]:
    """Split a text into its words.

    Examples
    --------
    >>> split_words("Nord Alpen")
    ('Nord', 'Alpen')
    """
    return tuple(text.split())


COMPANY_STARTS = split_words(
    "Nord Alpen Blue Silver Green Atlas Vertex Delta Omni Prime Astra Terra Quanta Lumen Harbor "
    "Summit Iron Cedar Maple Falcon Orion Nova Kappa Stella Baltic Ravn Solis Ponte Riva"
)
COMPANY_MIDDLES = split_words(
    "wind works line bridge field stone gate path point mark forge wave cast land port"
)
COMPANY_ENDS = ("GmbH", "AG", "Ltd", "Ltd.", "Inc.", "LLC", "AB", "ApS", "S.A.", "SARL", "Group")
FIRST_NAMES = split_words(
    "Anna Peter Julia Thomas Sara Michael Laura David Maria Jens Sofia Lars Emma Paul Claire Marco "
    "Elena John Mary James Linda Robert Nora Ahmed Fatima Wei Mei Raj Priya Diego Carmen Olga Ivan "
    "Yuki Kenji Amara Kwame Zoë René Jürgen Søren Åsa"
)
LAST_NAMES = split_words(
    "Müller Schmidt Fischer Weber Smith Jones Taylor Brown Johnson Garcia Martin Bernard Rossi "
    "Russo Hansen Nielsen Larsen Johansson Berg Novak Kowalski Silva Costa Khan Patel Singh Chen "
    "Wang Tanaka Sato Okafor Mensah O'Brien Murphy Keller Huber Moreau Petit Virtanen"
)
TOPICS = ("Planning", "Forecasting", "Cash Flow", "Reporting", "Consolidation", "Budgeting")
ASSET_TYPES = ("Webinar", "Whitepaper", "Case Study", "Checklist", "Web Page")
CHANNELS = ("Email", "Webinar", "Event", "Paid Search", "Content Syndication", "Partner")


def job_titles(rng: np.random.Generator, seniority: Array, function: Array) -> Array:
    """Write a job title for each seniority and function, as people type them.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> list(job_titles(rng, np.array(["vp", "student"]), np.array(["finance", "it"])))
    ['V.P. Finance', 'Werkstudent']
    """
    which = rng.random((5, len(seniority)))
    after = rng.choice(np.array(AFTER), len(seniority), p=AFTER_SHARES)
    made = [
        _job_title(str(level), str(field), *which[:2, row])
        + (after[row] if level != "student" else "")
        for row, (level, field) in enumerate(zip(seniority, function, strict=True))
    ]
    typed = [_with_typing_slips(text, *which[2:, row]) for row, text in enumerate(made)]
    return np.array(typed, dtype=object)


def _job_title(level: str, function: str, first: float, second: float) -> str:
    if level == "student":
        return STUDENTS[int(first * len(STUDENTS))]
    if level == "c_level":
        return CHIEFS[function][int(first * len(CHIEFS[function]))]
    patterns, names = PATTERNS[level], FIELDS[function]
    return patterns[int(first * len(patterns))].format(names[int(second * len(names))])


def _with_typing_slips(text: str, case: float, slip: float, place: float) -> str:
    if slip < NEIGHBOURS_SWAPPED and len(text) > 6:
        at = 1 + int(place * (len(text) - 3))
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    elif slip > 1 - STRAY_SPACE:
        text = f" {text} " if place < 0.5 else text.replace(" ", "  ")
    return text.upper() if case < UPPER else text.lower() if case < UPPER + LOWER else text


def company_names(rng: np.random.Generator, how_many: int) -> Array:
    """Make company names; a few are alike, as in real life."""
    parts = (COMPANY_STARTS, COMPANY_MIDDLES, INDUSTRIES, COMPANY_ENDS)
    picks = [rng.integers(len(part), size=how_many) for part in parts]
    with_field = rng.random(how_many) < 0.4
    names = zip(*picks, with_field, strict=True)
    made = [_company_name(a, b, c if field else None, d) for a, b, c, d, field in names]
    return np.array(made, dtype=object)


def _company_name(start: int, middle: int, field: int | None, end: int) -> str:
    trade = "" if field is None else f" {INDUSTRIES[field]}"
    return f"{COMPANY_STARTS[start]}{COMPANY_MIDDLES[middle]}{trade} {COMPANY_ENDS[end]}"
