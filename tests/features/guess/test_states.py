"""Which leads are won, lost, open and with sales, in twelve languages and many makes of CRM."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.outcome import guess_outcome
from features.guess.states import meets_condition

NUMBERS = {"won": 40, "lost": 70, "open": 30, "with sales": 25}
WORDS = {  # a few values of each state, in the order above
    "en": ("Stage", "Closed Won|Signed", "Closed Lost|Disqualified", "New|Working", "Negotiation"),
    "de": ("Phase", "Gewonnen|Auftrag erteilt", "Verloren|Kein Interesse", "Neu", "Verhandlung"),
    "fr": ("Étape", "Gagné|Signé", "Perdu|Sans suite", "Nouveau|En cours", "Devis envoyé"),
    "es": ("Etapa", "Ganado|Cerrado ganado", "Perdido|Descartado", "Nuevo", "En negociación"),
    "pt": ("Etapa", "Ganho|Fechado ganho", "Perdido|Sem interesse", "Novo", "Proposta"),
    "it": ("Fase", "Vinto|Chiuso vinto", "Perso|Non interessato", "Nuovo", "In trattativa"),
    "nl": ("Fase", "Gewonnen|Getekend", "Verloren|Geen interesse", "Nieuw", "Offerte verstuurd"),
    "pl": ("Etap", "Wygrana|Podpisano", "Przegrana|Odrzucona", "Nowa|W toku", "Negocjacje"),
    "ru": ("Стадия", "Выиграна|Успешно реализовано", "Проиграна|Отказ", "Новая", "Переговоры"),
    "tr": ("Aşama", "Kazanıldı|Satıldı", "Kaybedildi|İlgilenmiyor", "Yeni", "Teklif verildi"),
    "ja": ("ステージ", "受注|成約", "失注|見送り", "新規|対応中", "見積提出"),
    "zh": ("阶段", "赢单|已签约", "输单|战败", "新建|跟进中", "商务谈判"),
}
CRMS: dict[str, dict[str, str]] = {  # the values of each column: won, lost, open, with sales
    "Odoo: archived means lost": {
        "Stage": "Won; New|Qualified; New; Proposition",
        "Active": "True; False; True; True",
        "Lost Reason": "; Too expensive; ; ",
    },
    "Odoo with a stage for some of the lost leads": {
        "Stage": "Won; Lost|New; New; Proposition",
        "Active": "True; True|False; True; True",
    },
    "Odoo in German": {
        "Phase": "Gewonnen; Neu; Neu; Angebot",
        "Aktiv": "WAHR; FALSCH; WAHR; WAHR",
    },
    "HubSpot contacts": {
        "Lifecycle Stage": "Customer|Evangelist; Lead; Subscriber|MQL; Opportunity",
        "Lead Status": "CONNECTED|; UNQUALIFIED; NEW|ATTEMPTED_TO_CONTACT|; OPEN_DEAL",
    },
    "HubSpot deals": {
        "dealstage": "closedwon; closedlost; appointmentscheduled|qualifiedtobuy; contractsent",
        "hs_is_closed_won": "true; false; false; false",
        "hs_is_closed": "true; true; false; false",
    },
    "HubSpot deals with a flag for lost": {
        "hs_is_closed_won": "true; false; false; false",
        "hs_is_closed_lost": "false; true; false; false",
        "Deal Stage": "3810; 3811; 3812; Negotiation",
    },
    "Pipedrive deals": {
        "Deal - Status": "Won; Lost; Open; Open",
        "Deal - Stage": "Demo Scheduled; Demo Scheduled|Negotiation; Qualified; Negotiation",
    },
    "Pipedrive leads": {
        "is_archived": "false; true; false; false",
        "Converted": "true; false; false; false",
        "Stage": "; ; ; Negotiation",
    },
    "Closed and won in German": {
        "Gewonnen": "Ja; Nein; Nein; Nein",
        "Geschlossen": "Ja; Ja; Nein; Nein",
        "Phase": "D; B|C; A; Angebot",
    },
    "Closed and won in Turkish": {
        "Kazanıldı": "Evet; Hayır; Hayır; Hayır",
        "Kapandı": "Evet; Evet; Hayır; Hayır",
        "Aşama": "D; B|C; A; Teklif",
    },
    "Pipedrive in Spanish": {"Estado": "Ganado; Perdido; Abierto; En negociación"},
    "Zoho leads": {
        "Lead Status": "Pre-Qualified|Contacted; Lost Lead|Junk Lead|Not Qualified; "
        "Not Contacted|Attempted to Contact|Contact in Future; Negotiation",
        "Is Converted": "true; false; false; false",
    },
    "Zoho deals": {
        "Stage": "Closed Won; Closed Lost|Closed-Lost to Competition; "
        "Qualification|Needs Analysis; Negotiation/Review|Proposal/Price Quote",
    },
    "Salesforce leads": {
        "Status": "Closed - Converted; Closed - Not Converted; Open - Not Contacted|"
        "Working - Contacted; Negotiation",
        "IsConverted": "true; false; false; false",
    },
    "Salesforce opportunities": {
        "StageName": "Closed Won; Closed Lost|Dropped; Prospecting|Id. Decision Makers|"
        "Perception Analysis; Proposal/Price Quote",
        "IsWon": "true; false; false; false",
        "IsClosed": "true; true; false; false",
    },
    "Salesforce opportunities with stages of the company's own": {
        "StageName": "A; B|C; D; Negotiation",
        "IsWon": "1; 0; 0; 0",
        "IsClosed": "1; 1; 0; 0",
    },
    "Dynamics: numbers of leads": {
        "statecode": "1; 2; 0; 0",
        "statuscode": "3; 4|5|6|7; 1|2; 2",
        "stage": "Qualify; Qualify; Qualify; Proposal",
    },
    "Dynamics: numbers with decimals": {"statecode": "1.0; 2.0; 0.0; 0.0", "stage": ";;; Quote"},
    "Dynamics: only the reason of the state": {
        "statuscode": "3; 4|5; 1|2; 2",
        "stage": "; ; ; Proposal",
    },
    "Dynamics: words": {
        "Status": "Qualified; Disqualified; Open; Open",
        "Status Reason": "Qualified; Lost|Cannot Contact; New|Contacted; Negotiating",
    },
    "a flag beside nothing else": {"Converted": "1; 0; ; "},
}


def leads_of(columns: dict[str, list[str]]) -> tuple[pd.DataFrame, pd.Series]:
    """Leads whose values take turns, shuffled, and their true states."""
    states = [state for state, number in NUMBERS.items() for _ in range(number)]
    place = dict.fromkeys(NUMBERS, 0)
    rows = []
    for state in states:
        values = {}
        for name, by_state in columns.items():
            options = by_state[list(NUMBERS).index(state)].split("|")
            values[name] = options[place[state] % len(options)].strip() or None
        place[state] += 1
        rows.append(values)
    raw = pd.DataFrame(rows, dtype=object).assign(state=states)
    raw = raw.sample(frac=1, random_state=0, ignore_index=True)
    return raw.drop(columns="state"), raw["state"].astype(object)


def guessed_states(raw: pd.DataFrame, option: str | None = None) -> tuple[pd.Series, list[str]]:
    """The state of each lead as drafted, and the values about which people are asked."""
    guess = guess_outcome(raw, option)
    found = pd.Series("none", index=raw.index, dtype=object)
    found[meets_condition(raw, guess.states.open)] = "open"
    found[meets_condition(raw, guess.states.with_sales)] = "with sales"
    found[meets_condition(raw, guess.states.lost)] = "lost"
    found[raw[guess.column].isin(guess.won)] = "won"
    return found, list(guess.states.unclear)


def test_states_are_recognised_in_twelve_languages() -> None:
    wrong = {}
    for language, (column, *values) in WORDS.items():
        raw, states = leads_of({column: values})
        found, unclear = guessed_states(raw)
        if unclear or not found.equals(states):
            wrong[language] = Counter(zip(raw[column], states, found, strict=True)), unclear
    assert not wrong


@pytest.mark.parametrize("crm", CRMS)
def test_states_are_recognised_as_each_crm_keeps_them(crm: str) -> None:
    columns = {name: values.split(";") for name, values in CRMS[crm].items()}
    raw, states = leads_of(columns)
    found, unclear = guessed_states(raw)
    if crm == "a flag beside nothing else":
        states = states.replace("with sales", "open")
    differs = found.ne(states)
    rows = zip(raw[differs].to_dict("records"), states[differs], found[differs], strict=True)
    assert Counter(map(str, rows)) == Counter()
    assert unclear == []


NO_STATES = {  # flags that say nothing about the state of a lead, with the values of each state
    "Profile completed": "yes; yes|no; no; no",
    "Mail rejected": "no; yes|no; yes|no; no",
    "Active": "True; False; False; False",  # customers are active
    "Account archived": "no; yes|no; yes; no",
}


@pytest.mark.parametrize("flag", NO_STATES)
def test_a_flag_about_something_else_changes_no_state(flag: str) -> None:
    stages = ["Won", "Lost", "New", "Proposal"]
    raw, states = leads_of({"Stage": stages, flag: NO_STATES[flag].split(";")})
    found, _ = guessed_states(raw)
    assert found.equals(states)


def test_values_that_say_nothing_are_asked_about() -> None:
    raw, states = leads_of({"Stage": ["Won", "Lost|A7", "New|A7", "Proposal"]})
    found, unclear = guessed_states(raw)
    assert unclear == ["A7"]
    assert set(found[raw["Stage"] == "A7"]) == {"none"}
    known = raw["Stage"] != "A7"
    assert found[known].equals(states[known])


def test_numbers_of_states_that_nobody_knows_are_asked_about() -> None:
    raw, _ = leads_of(
        {"Deal Stage": ["Sold", "Call", "Call", "Negotiation"], "Status": list("1200")}
    )
    with pytest.raises(LeadReadyError, match="nothing says which leads are lost"):
        guess_outcome(raw, None)


def test_values_of_a_status_beside_the_outcome_can_be_named_as_lost() -> None:
    raw, states = leads_of(
        {
            "Is Converted": ["yes", "no", "no", "no"],
            "Lead Status": ["Contacted", "Junk Lead|A7", "Contacted", "Negotiation"],
        }
    )
    guess = guess_outcome(raw, None, ["a7"])
    assert meets_condition(raw, guess.states.lost).equals(states == "lost")
    assert guess.states.unclear == ()
    with pytest.raises(LeadReadyError, match="--lost: unknown value of Lead Status 'A8'"):
        guess_outcome(raw, None, ["A8"])
