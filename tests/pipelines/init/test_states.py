"""Open, lost, won and with sales, as CRMs of many makes and languages write them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from features.labels.conditions import meets
from features.labels.moments import count_closed, moments_at
from features.labels.outcomes import results_at_extract
from features.labels.states import lost_leads
from features.tables.read import read_tables
from features.workspace.conditions import condition_yaml
from features.workspace.read import read_workspace
from pipelines.init.init import init
from pipelines.init.questions import open_questions

NUMBERS = (40, 70, 30, 25)  # leads that are won, lost, open and with sales
STAGES = {  # the stage column, and its values in that order
    "en": ("Stage", "Closed Won", "Closed Lost", "New", "Negotiation"),
    "de": ("Phase", "Gewonnen", "Verloren", "Neu", "In Verhandlung"),
    "fr": ("Étape", "Gagné", "Perdu", "Nouveau", "Devis envoyé"),
    "es": ("Etapa", "Ganado", "Perdido", "Nuevo", "En negociación"),
    "pt": ("Etapa", "Ganho", "Perdido", "Novo", "Proposta"),
    "it": ("Fase", "Vinto", "Perso", "Nuovo", "In trattativa"),
    "nl": ("Fase", "Gewonnen", "Verloren", "Nieuw", "Offerte verstuurd"),
    "pl": ("Etap", "Wygrana", "Przegrana", "Nowa", "Negocjacje"),
    "ru": ("Стадия", "Выиграна", "Проиграна", "Новая", "Переговоры"),
    "tr": ("Aşama", "Kazanıldı", "Kaybedildi", "Yeni", "Teklif verildi"),
    "ja": ("ステージ", "受注", "失注", "新規", "見積提出"),
    "zh": ("阶段", "赢单", "输单", "新建", "商务谈判"),
}


def states_of(tmp_path: Path, rows: list[dict[str, str]]) -> tuple[Counter[str], int]:
    """Draft a workspace from leads, and count the states as the written file gives them."""
    came = pd.date_range("2024-01-01", periods=len(rows), freq="D").strftime("%Y-%m-%d")
    leads = pd.DataFrame(rows).assign(Created=came, Employees=range(10, 10 + len(rows)))
    leads.insert(0, "Lead Id", [f"L-{number:04d}" for number in range(len(rows))])
    leads.to_csv(tmp_path / "leads.csv", index=False)
    init(tmp_path / "ws", tmp_path / "leads.csv")
    ws = read_workspace(tmp_path / "ws")
    tables = read_tables(ws)
    assert ws.outcome.open_when is not None
    state = pd.Series("none", index=tables.leads.index)
    state[meets(ws, tables, ws.outcome.open_when)] = "open"
    if ws.outcome.with_sales_when is not None:
        state[meets(ws, tables, ws.outcome.with_sales_when)] = "with sales"
    state[lost_leads(ws, tables)] = "lost"
    state[results_at_extract(ws, tables)["won"].to_numpy()] = "won"
    time = pd.Timestamp("2030-01-01")
    scored = set(moments_at(ws, tables, time)["lead_id"])
    decided = set(tables.leads["lead_id"][state.isin(["won", "lost"])])
    assert not scored & decided
    return Counter(state), count_closed(ws, tables, time)


@pytest.mark.parametrize("language", STAGES)
def test_states_are_recognised_in_twelve_languages(tmp_path: Path, language: str) -> None:
    column, *values = STAGES[language]
    rows = [
        {column: value}
        for value, number in zip(values, NUMBERS, strict=True)
        for _ in range(number)
    ]
    counts, closed = states_of(tmp_path, rows)
    assert counts == {"won": 40, "lost": 70, "open": 30, "with sales": 25}
    assert closed == 110


CRMS: dict[str, list[tuple[int, dict[str, str]]]] = {
    "Odoo: archived with a reason means lost": [
        (40, {"Stage": "Won", "Active": "True", "Lost Reason": ""}),
        (70, {"Stage": "New", "Active": "False", "Lost Reason": "Too expensive"}),
        (30, {"Stage": "New", "Active": "True", "Lost Reason": ""}),
        (25, {"Stage": "Proposition", "Active": "True", "Lost Reason": ""}),
    ],
    "HubSpot: lifecycle stage and lead status": [
        (40, {"Lifecycle Stage": "Customer", "Lead Status": "Connected"}),
        (70, {"Lifecycle Stage": "Lead", "Lead Status": "Unqualified"}),
        (30, {"Lifecycle Stage": "Lead", "Lead Status": "New"}),
        (25, {"Lifecycle Stage": "Opportunity", "Lead Status": "In progress"}),
    ],
    "Pipedrive: status": [
        (40, {"Status": "Won", "Lost reason": ""}),
        (70, {"Status": "Lost", "Lost reason": "Price"}),
        (55, {"Status": "Open", "Lost reason": ""}),
    ],
    "Zoho: stages": [
        (40, {"Stage": "Closed Won"}),
        (50, {"Stage": "Closed Lost"}),
        (20, {"Stage": "Closed Lost to Competition"}),
        (30, {"Stage": "Qualification"}),
        (25, {"Stage": "Negotiation/Review"}),
    ],
}


@pytest.mark.parametrize("crm", CRMS)
def test_states_are_recognised_in_the_manner_of_each_crm(tmp_path: Path, crm: str) -> None:
    rows = [row for number, row in CRMS[crm] for _ in range(number)]
    counts, closed = states_of(tmp_path, rows)
    assert (counts["won"], counts["lost"]) == (40, 70)
    assert counts["open"] + counts["with sales"] == 55
    assert closed == 110


PATHS = {  # the stages of leads, and how many leads have them
    ("New", "Negotiation", "Closed Won", "Onboarding"): 40,
    ("New", "Closed Lost"): 70,
    ("New", "A7"): 5,
    ("New", "Negotiation"): 25,
    (): 30,
}


def history_files(tmp_path: Path) -> dict[str, Path]:
    leads, stages = [], []
    for path, number in PATHS.items():
        for _ in range(number):
            lead = f"L-{len(leads):04d}"
            came = pd.Timestamp("2024-01-01") + pd.Timedelta(days=len(leads))
            leads.append({"Lead Id": lead, "Created": came, "Employees": len(leads)})
            stages += [
                {"Lead Id": lead, "Stage": stage, "Changed At": came + pd.Timedelta(days=day)}
                for day, stage in enumerate(path, 1)
            ]
    files = {"leads": tmp_path / "leads.csv", "stages": tmp_path / "stages.csv"}
    pd.DataFrame(leads).to_csv(files["leads"], index=False)
    pd.DataFrame(stages).to_csv(files["stages"], index=False)
    return files


@pytest.mark.parametrize("lost", [(), ("a7",), ("all",)])
def test_the_states_of_a_stage_history_are_written(tmp_path: Path, lost: tuple[str, ...]) -> None:
    files = history_files(tmp_path)
    draft = init(tmp_path / "ws", files["leads"], stages_files=[files["stages"]], lost=lost).draft
    ws = read_workspace(tmp_path / "ws")
    tables, outcome = read_tables(ws), ws.outcome
    assert outcome.won_when is not None
    assert condition_yaml(outcome.won_when) == {"Stage": ["Closed Won"]}
    assert results_at_extract(ws, tables)["won"].sum() == 40
    assert lost_leads(ws, tables).sum() == {(): 70, ("a7",): 75, ("all",): 140}[lost]
    assert outcome.open_when is not None
    assert meets(ws, tables, outcome.open_when).sum() == 30
    assert meets(ws, tables, outcome.with_sales_when).sum() == 25
    asked = [question.text for question in open_questions(draft) if question.kind == "lost"]
    assert ["A7" in text for text in asked] == ([] if lost else [True])


def test_a_flag_alone_takes_the_others_for_lost_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Id,Converted,Size\n" + "1,1,5\n2,0,6\n3,0,7\n4,1,8\n")
    init(tmp_path / "ws", tmp_path / "leads.csv")
    text = (tmp_path / "ws" / "leadready.yaml").read_text("utf-8")
    assert 'lost_when: {Converted: ["0"]}   # a guess: nothing says which of these leads' in text
    assert "open_when" not in text
