"""Who began a call or an e-mail, in twelve languages."""

from __future__ import annotations

import pytest

from features.vocabulary.direction_values import BY_LEAD, BY_SALES, who_acted

WORDS = {
    "en": ("Outbound|Outgoing call|sent|Sales|us", "Inbound|Incoming|received"),
    "de": ("ausgehend|Ausgehender Anruf|gesendet", "eingehend|Eingehende E-Mail|empfangen"),
    "fr": ("sortant|Appel sortant|envoyé", "entrant|Appel entrant|reçu"),
    "es": ("Saliente|Llamada saliente|enviado", "Entrante|recibida"),
    "pt": ("Saída|efetuada|enviado", "Entrada|recebida"),
    "it": ("in uscita|inviata", "in entrata|ricevuta"),
    "nl": ("uitgaand|verzonden", "inkomend|ontvangen"),
    "pl": ("wychodzące|wysłany", "przychodzące|odebrane"),
    "ru": ("Исходящий|отправлено", "Входящий звонок|получено"),
    "tr": ("Giden|gönderilen", "Gelen arama|alınan"),
    "ja": ("発信|送信", "着信|受信"),
    "zh": ("呼出|去电", "呼入|来电"),
}


@pytest.mark.parametrize("language", WORDS)
def test_directions_are_understood(language: str) -> None:
    by_sales, by_lead = (text.split("|") for text in WORDS[language])
    assert {word: who_acted(word) for word in by_sales} == dict.fromkeys(by_sales, BY_SALES)
    assert {word: who_acted(word) for word in by_lead} == dict.fromkeys(by_lead, BY_LEAD)


@pytest.mark.parametrize("value", ["Email Open", "Besuch", "Webinar", "Web", "House", "", "A-7"])
def test_other_values_say_nothing(value: str) -> None:
    assert who_acted(value) is None
