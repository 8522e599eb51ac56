"""Names of features in any script: valid, readable and different where headings differ."""

from __future__ import annotations

import re

import pytest

from features.vocabulary.feature_names import feature_name, heading_text


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("TimeZone", "time_zone"),
        ("2nd touch", "column_2nd_touch"),
        ("%", "column"),
        ("Übergeben am", "uebergeben_am"),
        ("Größe", "groesse"),
        ("Chiffre d'affaires (k€)", "chiffre_d_affaires_k"),
        ("Źródło", "zrodlo"),
        ("İlgili Kişi", "ilgili_kisi"),
        ("Город", "город"),
        ("Стадия", "стадия"),
        ("従業員数", "従業員数"),
        ("グループ", "グループ"),
    ],
)
def test_names_keep_their_letters(heading: str, name: str) -> None:
    assert feature_name(heading) == name
    assert re.fullmatch(r"[^\W\d]\w*", name)


def test_the_words_for_people_are_the_heading() -> None:
    assert heading_text("Übergeben am") == "Übergeben am"
    assert heading_text("jobTitle_raw") == "job Title raw"
