"""Ids that two files spell differently compare equal by one rule, and different ids never do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.links.linked import LinkCounts, find_ids
from features.links.matching import comparable_ids
from features.links.pairs import Match, best_match, id_column, spelled_examples

SAME_ID = {
    "email": [
        "Ann@Acme.com",
        "ann@acme.com",
        "mailto:ANN@acme.com",
        "Ann S. <ann@acme.com>",
        "'ann@acme.com'",
    ],
    "guid": [
        "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "urn:uuid:3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "3F2504E04F8911D39A0C0305E82C3301",
    ],
    "salesforce_id": [
        "00Q5f000009A000",
        "00Q5f000009A000EAC",
        "00q5f000009a000eac",
        '"00Q5f000009A000"',
    ],
    "number": [
        *("4000", "4000.0", "4000,00", "004000", "4,000", "4.000", "4 000", "4'000", "4\u00a0000"),
        *('="4000"', "'4000", " 4000 ", "4,000.00", "４０００"),
    ],
    "prefixed_number": ["K/00012", "k-12", "12", "K 0012", "zcrm_12"],
    "letters": ["ACME, Inc.", "Acme Inc", "acme inc.", "“Acme  Inc.”"],
}


@pytest.mark.parametrize("rule", SAME_ID)
def test_all_spellings_of_an_id_compare_equal(rule: str) -> None:
    forms = comparable_ids(SAME_ID[rule], rule)
    assert len(set(forms)) == 1, dict(zip(SAME_ID[rule], forms, strict=True))


@pytest.mark.parametrize(
    ("rule", "ids"),
    [
        ("email", ["ann@acme.com", "ann@acme.org", "an@acme.com"]),
        ("salesforce_id", ["00Q5f000009AbCX", "00Q5f000009AbCx", "00Q5f000009AbCY"]),
        ("number", ["4000", "400", "40000", "4000.5", "A4000", "4,00", "1.2.3"]),
        ("letters", ["Acme Inc", "Acme Ink"]),
        ("exact", ["007", "7", "7.0"]),
    ],
)
def test_different_ids_stay_different(rule: str, ids: list[str]) -> None:
    assert len(set(comparable_ids(ids, rule))) == len(ids)


def ids_of(spellings: list[str]) -> pd.Series:
    return pd.Series(spellings, dtype=object)


LEADS = [str(4000 + number) for number in range(40)]


@pytest.mark.parametrize(
    ("ours", "theirs", "rule"),
    [
        (LEADS, LEADS, "exact"),
        (LEADS, [*LEADS[:36], *(f"{each}.0" for each in LEADS[36:])], "number"),
        ([f"{number:06d}" for number in range(1, 41)], [str(n) for n in range(1, 41)], "number"),
        ([f"p{n}@x.org" for n in range(40)], [f"P{n}@X.org" for n in range(40)], "email"),
        (
            [f"00Q5f000009A{n:03d}EAG" for n in range(40)],
            [f"00Q5f000009A{n:03d}" for n in range(40)],
            "salesforce_id",
        ),
        (
            [f"3f2504e0-4f89-11d3-9a0c-0305e82c{n:04d}" for n in range(40)],
            [f"{{3F2504E0-4F89-11D3-9A0C-0305E82C{n:04d}}}" for n in range(40)],
            "guid",
        ),
        ([f"CRM-{n}" for n in range(40)], [f"crm {n}" for n in range(40)], "letters"),
        ([f"K/{n:05d}" for n in range(40)], [f"K-{n}" for n in range(40)], "prefixed_number"),
        (
            [f"zcrm_{4_876_000_000 + n}" for n in range(40)],
            [str(4_876_000_000 + n) for n in range(40)],
            "prefixed_number",
        ),
    ],
)
def test_the_rule_is_chosen_from_the_values(ours: list[str], theirs: list[str], rule: str) -> None:
    columns = id_column("Id", ids_of(ours)), id_column("Who", ids_of(theirs))
    assert best_match(*columns, own_ids=True) == Match(rule, 1.0)
    assert (spelled_examples(*columns, rule) is None) == (rule == "exact")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["007", "7", "8"], ["7", "8.0"]),
        ([f"L-{n:03d}" for n in range(40)], [f"C-{n:03d}" for n in range(40)]),
        ([f"L-{n:03d}" for n in range(40)], [str(n) for n in range(40)]),
        (["L-012", "L-12", "L-8"], ["L-0008"]),
        (["00Q5f000009AbCX00", "00Q5f000009AbCx00"], ["00q5f000009abcx00"]),
        (["Ann@x.org", "ann@x.org"], ["ANN@x.org"]),
    ],
)
def test_a_rule_that_merges_two_leads_is_never_chosen(ours: list[str], theirs: list[str]) -> None:
    match = best_match(
        id_column("Id", ids_of(ours)), id_column("Who", ids_of(theirs)), own_ids=True
    )
    assert match.rule == "exact"


def test_a_rule_that_merges_two_leads_is_refused_with_both() -> None:
    with pytest.raises(LeadReadyError, match="'007' and '7' would be the same") as caught:
        find_ids(np.array(["007", "7"]), np.array(["7"]), "number", "x.yaml:3", own_ids=True)
    assert caught.value.where == "x.yaml:3"
    assert "match: exact" in str(caught.value.hint)


def test_an_address_of_two_leads_is_one_person() -> None:
    ids, named = np.array(["Ann@x.org", "ann@x.org"]), np.array(["ANN@X.ORG", "bo@x.org"])
    assert find_ids(ids, named, "email", "", own_ids=False).tolist() == [0, -1]


@pytest.mark.parametrize(("matched", "asks"), [(95, False), (94, True), (0, True)])
def test_under_95_percent_a_person_is_asked(matched: int, asks: bool) -> None:
    assert LinkCounts(100, matched).needs_answer is asks
    assert not LinkCounts(0, 0).needs_answer
