"""Exports of strangers: other programs, trades and languages, read without any option."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from pipelines.init.init import init
from tests.pipelines.init.test_vendor_exports import DAYS, ROWS, WON, turns

CLOSED = DAYS + pd.Timedelta(days=21)
OPEN = [row % 5 == 1 and not WON[row] for row in ROWS]
NAMES = [
    ("Anna Müller", "Jonas Weber", "Maria Rossi", "Peter Schulz", "Lucia Neri")[row % 5]
    for row in ROWS
]


def states(won: str, lost: list[str], still: list[str]) -> list[str]:
    return [
        won if WON[row] else still[row % len(still)] if OPEN[row] else lost[row % len(lost)]
        for row in ROWS
    ]


@dataclass(frozen=True)
class Export:
    """An export with its id, created date and outcome; what some columns are, by type or role."""

    columns: dict[str, list[str | None]]
    id: str
    created: str
    outcome: str
    kinds: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"


EXPORTS = {
    "an insurer, German": Export(
        {
            "Vorgangsnr.": [f"V{row:07d}" for row in ROWS],
            "Angebotsdatum": list(DAYS.dt.strftime("%d.%m.%y")),
            "Versicherungsnehmer": NAMES,
            "Jahresbeitrag": turns("1.234,56 €", "345,00 €", "89,90 €"),
            "Vermittler": turns("Schulz", "Kaya"),
            "Status": states("Policiert", ["Abgelehnt", "Storniert"], ["Angebot versandt"]),
            "PLZ": [f"{(1067 + 731 * row) % 99999:05d}" for row in ROWS],
        },
        *("Vorgangsnr.", "Angebotsdatum", "Status"),
        {
            "Versicherungsnehmer": "personal",
            "Jahresbeitrag": "number",
            "Vermittler": "owner",
            "PLZ": "identifier",
        },
        "cp1252",
    ),
    "a recruiter, Dutch": Export(
        {
            "Kandidaatnummer": [str(40_000 + 7 * row) for row in ROWS],
            "Aangemeld op": [
                f"{day.day} {'mei' if day.month == 5 else 'maart'} {day.year}" for day in DAYS
            ],
            "Functie": turns("Inkoper", "Directeur", "Stagiair", "Hoofd verkoop"),
            "Fase": states("Geplaatst", ["Afgewezen", "Teruggetrokken"], ["Nieuw", "Gesprek"]),
            "Salariswens": turns("€ 3.500,-", "€ 4.200,-", "€ 2.900,-"),
            "Recruiter": turns("Sanne", "Daan"),
        },
        *("Kandidaatnummer", "Aangemeld op", "Fase"),
        {"Functie": "title", "Salariswens": "number", "Recruiter": "owner"},
    ),
    "a university, French": Export(
        {
            "N° dossier": [f"2024-{row:05d}" for row in ROWS],
            "Nom": [name.split()[1].upper() for name in NAMES],
            "Prénom": [name.split()[0] for name in NAMES],
            "Date de dépôt": list(DAYS.dt.strftime("%d/%m/%Y")),
            "Boursier": turns("Oui", "Non", "Non"),
            "Décision": states("Inscrite", ["Refusée", "Désistement"], ["Dossier incomplet"]),
        },
        *("N° dossier", "Date de dépôt", "Décision"),
        {"Nom": "personal", "Prénom": "personal", "Boursier": "flag"},
    ),
    "a webshop, Polish": Export(
        {
            "Nr zapytania": [f"Z/{row:05d}/2024" for row in ROWS],
            "Data utworzenia": list(DAYS.dt.strftime("%Y.%m.%d %H:%M")),
            "Stanowisko": turns("Prezes", "Kierownik zakupów", "Specjalista"),
            "Wartość": turns("1 200,50 zł", "15 000,00 zł", "890,00 zł"),
            "Status": states("Zrealizowane", ["Odrzucone", "Anulowane"], ["Nowe", "W trakcie"]),
            "Opiekun": turns("Jan", "Ewa"),
        },
        *("Nr zapytania", "Data utworzenia", "Status"),
        {"Stanowisko": "title", "Wartość": "number", "Opiekun": "owner"},
        "cp1250",
    ),
    "a bank, Russian": Export(
        {
            "Номер заявки": [f"З-{row:05d}" for row in ROWS],
            "Дата заявки": list(DAYS.dt.strftime("%d.%m.%Y")),
            "ФИО": turns("Иван Петров", "Ольга Сидорова", "Анна Иванова"),
            "Результат": states("Выдан", ["Отказ", "Отказ клиента"], ["На рассмотрении"]),
            "Сумма, тыс. руб.": turns("1 200", "350", "4 500"),
        },
        *("Номер заявки", "Дата заявки", "Результат"),
        {"ФИО": "personal", "Сумма, тыс. руб.": "number"},
        "cp1251",
    ),
    "a supplier, Chinese": Export(
        {
            "线索编号": [f"XS{row:05d}" for row in ROWS],
            "创建时间": list(DAYS.dt.strftime("%Y-%m-%d %H:%M:%S")),
            "联系人": turns("张伟", "王芳", "李娜", "刘洋"),
            "职位": turns("总经理", "采购经理", "工程师", "财务总监"),
            "状态": states("成交", ["无效", "已流失"], ["新线索", "跟进中"]),
            "负责人": turns("赵敏", "陈强"),
        },
        *("线索编号", "创建时间", "状态"),
        {"联系人": "personal", "职位": "title", "负责人": "owner"},
        "gb18030",
    ),
    "a dealer's finance desk": Export(
        {
            "application_number": [f"{7_000_000 + 131 * row * row}" for row in ROWS],
            "app_ts": [str(int(day.timestamp() * 1000)) for day in DAYS],
            "loan_amt": turns("120000", "95000", "310000"),
            "loan_officer": turns("A. Smith", "B. Jones"),
            "final_disposition": states("Funded", ["Denied", "Fallout"], ["Underwriting"]),
            "funded_ts": [
                str(int(day.timestamp() * 1000)) if won else None
                for day, won in zip(CLOSED, WON, strict=True)
            ],
        },
        *("application_number", "app_ts", "final_disposition"),
        {"loan_amt": "number", "loan_officer": "owner", "funded_ts": "date"},
    ),
    "monday.com": Export(
        {
            "Name": [f"Inquiry {row}" for row in ROWS],
            "Status": states("Won", ["Lost"], ["Working on it", "Stuck"]),
            "Deal creation date": list(DAYS.dt.strftime("%Y-%m-%d")),
            "Item ID (auto generated)": [str(9_876_543_210 + 11 * row) for row in ROWS],
        },
        *("Item ID (auto generated)", "Deal creation date", "Status"),
    ),
    "a product's sign-ups": Export(
        {
            "workspace_id": [f"ws_{(row * 2654435761) % 2**32:08x}" for row in ROWS],
            "signed_up_at": [str(int(day.timestamp())) for day in DAYS],
            "plan": turns("free", "pro", "team"),
            "closed_won_at": [
                str(int(day.timestamp())) if won else None
                for day, won in zip(CLOSED, WON, strict=True)
            ],
        },
        *("workspace_id", "signed_up_at", "closed_won_at"),
    ),
}


@pytest.mark.parametrize("stranger", EXPORTS)
def test_a_strangers_export_is_read_right(stranger: str, tmp_path: Path) -> None:
    export = EXPORTS[stranger]
    table = pd.DataFrame(export.columns)
    table.to_csv(tmp_path / "x.csv", index=False, encoding=export.encoding, sep=";")
    draft = init(tmp_path / "ws", tmp_path / "x.csv").draft
    assert draft.outcome is not None
    found = (draft.id, draft.created, draft.outcome.column)
    assert found == (export.id, export.created, export.outcome)
    results = draft.outcome.results(draft.raw)
    assert results.eq("won").tolist() == WON
    assert draft.outcome.is_date or results.eq("unknown").tolist() == OPEN
    assert not draft.outcome.states.unclear
    guesses = {guess.column: guess for guess in draft.guesses}
    kinds = {name: guesses[name].type or guesses[name].role for name in export.kinds}
    assert kinds == export.kinds
    assert not {guess.column for guess in draft.feature_columns} & {
        name for name, kind in export.kinds.items() if kind in ("personal", "owner", "identifier")
    }
