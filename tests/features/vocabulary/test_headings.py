"""Headings in twelve languages."""

from __future__ import annotations

import pytest

from features.vocabulary.headings import HEADING_FILES, heading_concepts, known_concepts
from features.vocabulary.phrase_book import listed_words

LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "tr", "zh")


@pytest.mark.parametrize(
    ("concepts", "headings"),
    [
        ("created date", "Erstelldatum|Create Date|date_created|createdate|Дата создания"),
        ("created date", "Date de création|Fecha de creación|Data utworzenia|Oluşturulma Tarihi"),
        ("created time", "作成日時|创建时间|Created at|CREATED_TIME"),
        ("modified", "Geändert am|GEAENDERT AM|Modified On|(Do Not Modify) Modified On"),
        ("handed_off", "Übergeben am|Handed over on|przekazano|移交"),
        ("customer number", "Kundennummer|customer_no|Klantnummer|客户编号|顧客番号|Numéro client"),
        ("account id", "associatedcompanyid|primaryaccountid|Company ID"),
        ("lead id", "LEADID|leadId|Lead-ID|ID лида|线索ID"),
        ("employees", "Mitarbeiter|Mitarbeiterzahl|No. of Employees|Liczba pracowników|公司规模"),
        (
            "stage opportunity",
            "Стадия сделки|Deal - Stage|deal_stage|Etapa del negocio|商談フェーズ",
        ),
        (
            "lost reason",
            "Verlustgrund|Lost reason|Motivo perdita|失注理由|丢单原因|Why not|Warum nicht?|Pourquoi pas|¿Por qué no?|Почему нет",
        ),
        ("first_name", "Vorname|First Name|firstName|Prénom|Voornaam"),
        ("phone", "Telefonnummer|Mobile|Nº de telefone|电话|電話番号|Номер телефона"),
    ],
)
def test_one_concept_in_many_languages(concepts: str, headings: str) -> None:
    wrong = {
        heading: sorted(heading_concepts(heading))
        for heading in headings.split("|")
        if not set(concepts.split()) <= heading_concepts(heading)
    }
    assert not wrong


@pytest.mark.parametrize(
    "heading", ["zebra", "valid", "overpaid", "image", "coverage", "X17", "user2", ""]
)
def test_parts_of_other_words_say_nothing(heading: str) -> None:
    assert heading_concepts(heading) <= {"person"}


def test_a_preposition_counts_only_alone() -> None:
    assert "old" in heading_concepts("from")
    assert "old" not in heading_concepts("Data de criação") | heading_concepts("mail from us")


def test_every_concept_has_words_in_every_language() -> None:
    languages = {
        concept: {
            language for known, language, _ in listed_words(*HEADING_FILES) if known == concept
        }
        for concept in known_concepts() - {"not_a_word"}
    }
    missing = {concept: set(LANGUAGES) - found for concept, found in languages.items()}
    assert not {concept: found for concept, found in missing.items() if found}
