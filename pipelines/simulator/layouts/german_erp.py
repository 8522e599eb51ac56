"""A German ERP system: semicolons, cp1252, days first, decimal commas, German words.

The offers are the leads. Companies are customers with a number in a file of their own.
"""

from __future__ import annotations

import pandas as pd

from pipelines.simulator.layouts.columns import (
    Column,
    Writer,
    constant,
    numbered,
    prefixed,
    timed,
    worded,
)
from pipelines.simulator.layouts.files import Layout, RawFile

TIME = "%d.%m.%Y %H:%M"
STATUS = {
    "Contact": "neu",
    "MQL": "übergeben",
    "SAL": "in Bearbeitung",
    "SQL": "Bedarf geklärt",
    "Opportunity": "Angebot erstellt",
    "Closed Won": "Auftrag erteilt",
    "Closed Lost": "verloren",
    "Rejected": "abgelehnt",
    "Recycled": "zurückgestellt",
}
KIND = {
    "Email Open": "E-Mail geöffnet",
    "Email Click": "E-Mail angeklickt",
    "Page View": "Seitenaufruf",
    "Webinar Attended": "Webinar besucht",
    "Content Download": "Download",
    "Form Submit": "Formular",
    "Demo Request": "Demo angefragt",
    "Call": "Telefonat",
    "Meeting": "Besuch",
    "Email Unsubscribed": "Newsletter abbestellt",
}
REASON = {
    "Not the right fit": "passt nicht",
    "Not the right size": "falsche Größe",
    "Not the right contact": "falscher Ansprechpartner",
    "Not interested": "kein Interesse",
    "No budget": "kein Budget",
    "Bad timing": "falscher Zeitpunkt",
    "Competitor": "Wettbewerber",
    "Bad data": "falsche Daten",
    "Duplicate": "Dublette",
    "Test record": "Testdatensatz",
    "No follow-up": "nicht bearbeitet",
}
RATING = {"Hot": "heiß", "Warm": "warm", "Cold": "kalt"}


def german_amount(column: str, decimals: int = 2) -> Writer:
    """Write an amount as ``1.234.567,00``.

    Examples
    --------
    >>> records = pd.DataFrame({"revenue": pd.array([1_234_567, None], dtype="Int64")})
    >>> list(german_amount("revenue")(records))
    ['1.234.567,00', None]
    """
    swapped = str.maketrans(",.", ".,")

    def written(records: pd.DataFrame) -> list[str | None]:
        amounts = records[column].astype("object")
        return [
            None if pd.isna(amount) else f"{float(amount):,.{decimals}f}".translate(swapped)
            for amount in amounts
        ]

    return written


OFFER_ID = numbered("lead", prefixed("AN", digits=6))
CUSTOMER_ID = numbered("account", prefixed("", first=100_000))
OFFER: dict[str, Column] = {
    "Angebotsnummer": OFFER_ID,
    "Kundennummer": CUSTOMER_ID,
    "Ansprechpartner Vorname": "first_name",
    "Ansprechpartner Nachname": "last_name",
    "E-Mail": "email",
    "Telefon": "phone",
    "Position": "title",
    "Angebotsstatus": worded("stage", STATUS),
    "Absagegrund": worded("reason", REASON),
    "Erstellt am": timed("created", TIME),
    "Übergeben am": timed("handed_off", TIME),
    "Abgeschlossen am": timed("closed", TIME),
    "Geändert am": timed("changed", TIME),
    "Letzter Kontakt am": timed("last_activity", TIME),
    "Sachbearbeiter": "owner",
    "Herkunft": "source",
    "Kampagne": "campaign",
    "Zielseite": "landing_page",
    "Punkte": german_amount("old_score", 1),
    "Einstufung": worded("rating", RATING),
    "Sprache": "language",
    "Newsletter": "newsletter",
    "Mandant": constant("001"),
}
CUSTOMER: dict[str, Column] = {
    "Kundennummer": CUSTOMER_ID,
    "Firma": "company",
    "Branche": "industry",
    "Mitarbeiter": german_amount("employees", 0),
    "Jahresumsatz": german_amount("revenue"),
    "Gebiet": "region",
    "Land": "country",
    "Gründungsjahr": "founded",
}
CONTACT_HISTORY: dict[str, Column] = {
    "Angebotsnummer": OFFER_ID,
    "Datum": timed("at", TIME),
    "Art": worded("kind", KIND),
    "Richtung": worded("direction", {"Inbound": "eingehend", "Outbound": "ausgehend"}),
    "Dauer (Min.)": german_amount("minutes", 1),
    "Kampagne": "campaign",
    "Inhalt": "asset",
}
STATUS_HISTORY: dict[str, Column] = {
    "Angebotsnummer": OFFER_ID,
    "Geändert am": timed("at", TIME),
    "Status alt": worded("before", STATUS),
    "Status neu": worded("stage", STATUS),
    "Benutzer": "by",
}
GERMAN_ERP = Layout(
    "german-erp",
    "a German ERP system",
    (
        RawFile("Angebote.csv", "leads", "leads", OFFER),
        RawFile("Kunden.csv", "accounts", "accounts", CUSTOMER),
        RawFile("Kontakthistorie.csv", "events", "events", CONTACT_HISTORY),
        RawFile("Statushistorie.csv", "stages", "changes", STATUS_HISTORY),
    ),
    separator=";",
    encoding="cp1252",
)
