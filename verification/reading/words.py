"""Stages, yes and no, and headings in twelve languages, with what they mean.

The lists are written for this purpose, apart from the words that the project knows. A stage that is
not understood is *asked about*: its leads stay open, and ``init`` names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from features.vocabulary.headings import heading_concepts
from features.vocabulary.stage_values import LOST, OPEN, WON, stage_meaning, yes_no
from verification.reading.share import ASKED, RIGHT, WRONG, Reading

STAGES: Mapping[str, tuple[str, str, str]] = {  # won, lost and open
    "en": (
        "Closed Won|Won - signed|Contract signed|Customer",
        "Closed Lost|Lost to competitor|Disqualified|Not interested|Closed - Not Converted|Dead",
        "New|In progress|Negotiation|Proposal sent|Open - Not Contacted|On hold|Qualified",
    ),
    "de": (
        "Gewonnen|Auftrag gewonnen|Abschluss erfolgreich|Auftrag erteilt",
        "Verloren|Auftrag verloren|Abgelehnt|Kein Interesse|Nicht gewonnen|Storniert",
        "Offen|Neu|In Bearbeitung|In Verhandlung|Angebot versendet|Noch nicht kontaktiert",
    ),
    "fr": (
        "Gagné|Affaire gagnée|Signé|Vendu",
        "Perdu|Affaire perdue|Refusé|Abandonné|Pas intéressé|Non qualifié",
        "Nouveau|En cours|En négociation|Devis envoyé|À relancer|En attente",
    ),
    "es": (
        "Ganado|Cerrada ganada|Vendido|Negocio ganado",
        "Perdido|Cerrado perdido|Rechazado|Descartado|No interesado",
        "Nuevo|Abierto|En curso|En negociación|Propuesta enviada|Pendiente",
    ),
    "pt": (
        "Ganho|Negócio ganho|Fechado ganho|Vendido",
        "Perdido|Negócio perdido|Rejeitado|Sem interesse|Cancelado",
        "Novo|Em aberto|Em andamento|Em negociação|Proposta enviada|Aguardando",
    ),
    "it": (
        "Vinto|Chiusa vinta|Trattativa vinta|Venduto",
        "Perso|Chiuso perso|Rifiutato|Annullato|Non interessato",
        "Nuovo|Aperto|In corso|In trattativa|Preventivo inviato|In attesa",
    ),
    "nl": (
        "Gewonnen|Deal gewonnen|Verkocht|Getekend",
        "Verloren|Afgewezen|Geen interesse|Geannuleerd",
        "Nieuw|Open|In behandeling|Offerte verstuurd|In onderhandeling",
    ),
    "pl": (
        "Wygrana|Transakcja wygrana|Sprzedano|Podpisano umowę",
        "Przegrana|Utracona|Odrzucono|Anulowano|Brak zainteresowania",
        "Nowy|W toku|W trakcie negocjacji|Oferta wysłana|Oczekuje",
    ),
    "ru": (
        "Сделка успешна|Успешно реализовано|Выиграна|Договор подписан",
        "Сделка провалена|Проиграна|Отказ клиента|Закрыто и не реализовано|Не заинтересован",
        "Новая|В работе|Переговоры|Отправлено предложение|Ожидание|Первичный контакт",
    ),
    "tr": (
        "Kazanıldı|Anlaşma kazanıldı|Satıldı|İmzalandı",
        "Kaybedildi|Reddedildi|İptal edildi|İlgilenmiyor",
        "Yeni|Açık|Devam ediyor|Teklif verildi|Beklemede",
    ),
    "ja": (
        "受注|受注済み|成約|契約済",
        "失注|見送り|却下|キャンセル",
        "新規|商談中|見積提出|検討中|保留|対応中",
    ),
    "zh": (
        "赢单|已成交|已签约|成功",
        "输单|丢单|已放弃|无效|未成交",
        "新建|跟进中|谈判中|已报价|待跟进|处理中",
    ),
}
YES_NO = {
    "en": "Yes|No",
    "de": "Ja|Nein",
    "fr": "Oui|Non",
    "es": "Sí|No",
    "pt": "Sim|Não",
    "it": "Sì|No",
    "nl": "Ja|Nee",
    "pl": "Tak|Nie",
    "ru": "Да|Нет",
    "tr": "Evet|Hayır",
    "ja": "はい|いいえ",
    "zh": "是|否",
}
HEADINGS: Mapping[str, Mapping[str, str]] = {  # a concept that the heading must have
    "en": {"created": "Date Created", "employees": "No. of Employees", "phone": "Mobile Phone"},
    "de": {"created": "Erstellungsdatum", "employees": "Mitarbeiteranzahl", "owner": "Betreuer"},
    "fr": {"created": "Date de création", "employees": "Effectif", "last_name": "Nom de famille"},
    "es": {"created": "Fecha de alta", "employees": "Número de empleados", "city": "Ciudad"},
    "pt": {"created": "Data de cadastro", "employees": "Nº de funcionários", "source": "Origem"},
    "it": {"created": "Data creazione", "employees": "Numero dipendenti", "last_name": "Cognome"},
    "nl": {"created": "Aanmaakdatum", "employees": "Aantal medewerkers", "first_name": "Voornaam"},
    "pl": {"created": "Data utworzenia", "employees": "Liczba pracowników", "source": "Źródło"},
    "ru": {"created": "Дата создания", "employees": "Кол-во сотрудников", "phone": "Телефон"},
    "tr": {"created": "Oluşturulma tarihi", "employees": "Çalışan sayısı", "last_name": "Soyadı"},
    "ja": {"created": "作成日時", "employees": "従業員数", "phone": "電話番号"},
    "zh": {"created": "创建时间", "employees": "员工人数", "phone": "手机号"},
}


def word_readings() -> list[Reading]:
    """Compare what is read with the right answers, language by language."""
    readings: list[Reading] = []
    for texts in STAGES.values():
        for meaning, listed in zip((WON, LOST, OPEN), texts, strict=True):
            readings += _read(listed.split("|"), meaning, stage_meaning)
    for listed in YES_NO.values():
        yes, no = listed.split("|")
        readings += [*_read([yes], "yes", yes_no), *_read([no], "no", yes_no)]
    for headings in HEADINGS.values():
        for concept, heading in headings.items():
            found = concept in heading_concepts(heading)
            readings.append(Reading(heading, RIGHT if found else ASKED))
    return readings


def _read(texts: Iterable[str], meaning: str, read: Callable[[str], str | None]) -> list[Reading]:
    found = {text: read(text) for text in texts}
    results = {None: ASKED, meaning: RIGHT}
    return [Reading(text, results.get(said, WRONG)) for text, said in found.items()]
