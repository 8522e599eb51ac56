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


TRADES = {
    "won": [
        "PO Received",
        "Kaufvertrag",
        "Souscription",
        "Alta",
        "Akkoord",
        "Договор заключен",
        "Abone oldu",
        "入会",
        "已交车",
        "Zapisany na zabieg",
        "Confermato",
        "Disbursed",
    ],
    "lost": [
        "No Decision",
        "Kein Kauf",
        "Refus client",
        "Scaduto",
        "Niet akkoord",
        "Недозвон",
        "Altyapı yok",
        "連絡不通",
        "失联",
        "Brak kontaktu",
        "Sem contato",
        "Not relevant",
    ],
    "open": [
        "Planung läuft",
        "En relance",
        "Em atendimento",
        "Verstuurd",
        "Показ",
        "Lead angenommen",
    ],
    None: ["Alta prioridad", "Cita confirmada", "Ex-aluno", "Nicht relevant"],
}


@pytest.mark.parametrize("meaning", TRADES)
def test_words_of_trades_are_read_and_their_look_alikes_are_not(meaning: str | None) -> None:
    found = {value: stage_meaning(value) for value in TRADES[meaning]}
    assert found == dict.fromkeys(TRADES[meaning], meaning)


def test_a_form_with_a_not_before_it_is_lost() -> None:
    for value in ("Não contratada", "Non firmata", "No vendidas", "Not funded"):
        assert stage_meaning(value) == "lost"
    assert stage_meaning("Signed up") == "open"
