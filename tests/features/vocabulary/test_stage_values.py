"""What stages of vendors' standard pipelines say."""

from __future__ import annotations

import pytest

from features.vocabulary.stage_values import stage_meaning

VENDORS = {
    "Bitrix24": {
        "won": ["Качественный лид", "Сделка успешна"],
        "lost": ["Некачественный лид"],
        "open": ["Не обработан", "В работе"],
    },
    "Kommo": {
        "won": ["Closed - won", "Успешно реализовано"],
        "lost": ["Closed - lost", "Закрыто и не реализовано"],
        "open": [
            *["Initial contact", "Discussions", "Decision making", "Contract discussion"],
            *["Неразобранное", "Первичный контакт", "Переговоры", "Принимают решение"],
        ],
    },
    "Close": {
        "won": ["Customer"],
        "lost": ["Bad Fit", "Not Interested", "Canceled"],
        "open": ["Potential", "Qualified", "Interested"],
    },
    "Zendesk Sell": {
        "won": ["Won"],
        "lost": ["Lost", "Unqualified"],
        "open": ["Incoming", "Qualified", "Quote"],
    },
    "RD Station": {
        "won": ["Cliente"],
        "lost": ["Perdido"],
        "open": ["Lead Qualificado", "Oportunidade"],
    },
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_stages_of_vendors(vendor: str) -> None:
    read = {stage: stage_meaning(stage) for stages in VENDORS[vendor].values() for stage in stages}
    assert read == {
        stage: meaning for meaning, stages in VENDORS[vendor].items() for stage in stages
    }


@pytest.mark.parametrize("word", ["Sale", "Verkauf", "Vente", "Venta", "Venda", "Продажа", "Satış"])
def test_a_sale_is_won_as_a_whole_value_only(word: str) -> None:
    assert stage_meaning(word) == "won"
    assert stage_meaning("Sales meeting") == "open"
    assert stage_meaning("No sale") == "lost"


FORMS = {
    "won": "Contratada Ganadas Vendida Inscrite Signées Zrealizowane Firmata Vinte Выдан Policiert "
    "Geplaatst Funded Hired",
    "lost": "Perdues Refusées Odrzucone Wycofana Rechazadas Rinunciata Teruggetrokken Fallout",
    "open": "Abiertas Contactées Nowe Contattata Abertas",
}


@pytest.mark.parametrize("meaning", FORMS)
def test_stages_are_read_in_every_gender_and_number(meaning: str) -> None:
    words = FORMS[meaning].split()
    assert {word: stage_meaning(word) for word in words} == dict.fromkeys(words, meaning)


def test_a_form_with_a_not_before_it_is_lost() -> None:
    for value in ("Não contratada", "Non firmata", "No vendidas", "Not funded"):
        assert stage_meaning(value) == "lost"
    assert stage_meaning("Signed up") == "open"
