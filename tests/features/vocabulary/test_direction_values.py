"""Who began a call or an e-mail, in twelve languages."""

from __future__ import annotations

import pytest

from features.vocabulary.direction_values import BY_LEAD, BY_SALES, who_acted

WORDS = {
    "en": ("Outbound|Outgoing call|Sales|us", "Inbound|Incoming"),
    "de": ("ausgehend|Ausgehender Anruf", "eingehend|Eingehende E-Mail"),
    "fr": ("sortant|Appel sortant", "entrant|Appel entrant"),
    "es": ("Saliente|Llamada saliente", "Entrante"),
    "pt": ("Saída", "Entrada"),
    "it": ("in uscita", "in entrata"),
    "nl": ("uitgaand", "inkomend"),
    "pl": ("wychodzące", "przychodzące"),
    "ru": ("Исходящий", "Входящий звонок"),
    "tr": ("Giden", "Gelen arama"),
    "ja": ("発信", "着信"),
    "zh": ("呼出|去电", "呼入|来电"),
}


@pytest.mark.parametrize("language", WORDS)
def test_directions_are_understood(language: str) -> None:
    by_sales, by_lead = (text.split("|") for text in WORDS[language])
    assert {word: who_acted(word) for word in by_sales} == dict.fromkeys(by_sales, BY_SALES)
    assert {word: who_acted(word) for word in by_lead} == dict.fromkeys(by_lead, BY_LEAD)


@pytest.mark.parametrize(
    "value", ["Email Open", "Besuch", "Webinar", "Web", "House", "Sent", "", "A-7"]
)
def test_other_values_say_nothing(value: str) -> None:
    assert who_acted(value) is None
