"""Exports as vendors make them, read by ``leadready init`` without any option."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from features.workspace.read import read_workspace
from pipelines.check.check import check
from pipelines.init.draft import Draft
from pipelines.init.init import init

ROWS = range(60)
DAYS = pd.Series([pd.Timestamp("2024-01-03 08:15") + pd.Timedelta(days=5 * row) for row in ROWS])
WON = [row % 4 == 0 for row in ROWS]
OPEN = [row % 5 == 1 for row in ROWS]


def stages(won: str, lost: str, still: list[str]) -> list[str]:
    return [won if WON[row] else still[row % len(still)] if OPEN[row] else lost for row in ROWS]


def turns(*values: str | None) -> list[str | None]:
    return [values[row % len(values)] for row in ROWS]


@dataclass(frozen=True)
class Export:
    """An export and what it says: the id, the created date, won and lost, types by column."""

    columns: dict[str, list[str | None]]
    id: str
    created: str
    won: str
    lost: str
    types: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    separator: str = ","


MAILS: list[str | None] = [f"someone{row}@firm{row % 20}.com" for row in ROWS]
CLOSED = (DAYS + pd.Timedelta(days=21)).dt.strftime("%d.%m.%Y %H:%M:%S")
EXPORTS = {
    "Marketo": Export(
        {
            "Id": [str(1_000_040 + 3 * row) for row in ROWS],
            "Email Address": MAILS,
            "Job Title": turns("VP Marketing", "CEO", "Intern"),
            "Created At": list(DAYS.dt.strftime("%b %d, %Y %I:%M %p")),
            "Lead Status": stages("Customer", "Disqualified", ["MQL", "SAL", "Engaged"]),
            "Number of Employees": turns("1-10", "201-1,000", "5,000+"),
        },
        *("Id", "Created At", "Customer", "Disqualified"),
        {"Job Title": "title", "Number of Employees": "number"},
    ),
    "RD Station": Export(
        {
            "Email": MAILS,
            "Cargo": turns("Diretor Comercial", "Estagiária", None),
            "Data da primeira conversão": list(DAYS.dt.strftime("%d/%m/%Y %H:%M")),
            "Data da última conversão": list(
                (DAYS + pd.Timedelta(days=30)).dt.strftime("%d/%m/%Y %H:%M")
            ),
            "Estágio no funil": stages("Cliente", "Perdido", ["Lead Qualificado", "Oportunidade"]),
            "Valor total": turns("R$ 1.200,50", "R$ 900,00", None),
        },
        *("Email", "Data da primeira conversão", "Cliente", "Perdido"),
        {"Cargo": "title", "Valor total": "number"},
    ),
    "Bitrix24": Export(
        {
            "ID": [str(1201 + row) for row in ROWS],
            "Стадия": stages(
                "Качественный лид", "Некачественный лид", ["Не обработан", "В работе"]
            ),
            "Дата создания": list(DAYS.dt.strftime("%d.%m.%Y %H:%M:%S")),
            "Сумма": turns("45 300,00 руб.", "7 120,00 руб.", None),
            "Количество сотрудников": turns("до 10", "11-50", "более 200"),
        },
        *("ID", "Дата создания", "Качественный лид", "Некачественный лид"),
        {"Сумма": "number", "Количество сотрудников": "number"},
        *("cp1251", ";"),
    ),
    "amoCRM": Export(
        {
            "ID": [str(28_000_000 + 11 * row) for row in ROWS],
            "Этап сделки": stages(
                "Успешно реализовано", "Закрыто и не реализовано", ["Первичный контакт"]
            ),
            "Дата создания сделки": list(DAYS.dt.strftime("%d.%m.%Y %H:%M:%S")),
            "Дата закрытия": list(CLOSED.where(~pd.Series(OPEN), "не закрыта")),
            "Бюджет": turns("90000", "15000"),
        },
        *("ID", "Дата создания сделки", "Успешно реализовано", "Закрыто и не реализовано"),
        {"Бюджет": "number"},
    ),
    "a Japanese list": Export(
        {
            "顧客番号": [f"C{row:06d}" for row in ROWS],
            "作成日": list(DAYS.dt.strftime("%Y年%m月%d日")),
            "役職": turns("部長", "課長", "代表取締役"),
            "従業員数": turns("1～9名", "10～49名", "300名以上"),
            "ステータス": stages("受注", "失注", ["商談中", "新規"]),
        },
        *("顧客番号", "作成日", "受注", "失注"),
        {"役職": "title", "従業員数": "number"},
        "cp932",
    ),
    "a French list": Export(
        {
            "Réf.": [str(3000 + row) for row in ROWS],
            "Créé le": list(DAYS.dt.strftime("%d/%m/%Y %Hh%M")),
            "Fonction": turns("PDG", "Acheteur", "Responsable des achats"),
            "Étape": stages("Gagnée", "Perdue", ["En cours", "Nouveau"]),
            "Décideur": turns("Oui", "Non"),
        },
        *("Réf.", "Créé le", "Gagnée", "Perdue"),
        {"Fonction": "title", "Décideur": "flag"},
    ),
}


def draft_of(export: Export, folder: Path) -> Draft:
    table = pd.DataFrame(export.columns)
    table.to_csv(folder / "x.csv", index=False, encoding=export.encoding, sep=export.separator)
    return init(folder / "ws", folder / "x.csv").draft


@pytest.mark.parametrize("vendor", EXPORTS)
def test_an_export_is_read_right(vendor: str, tmp_path: Path) -> None:
    export = EXPORTS[vendor]
    draft = draft_of(export, tmp_path)
    assert (draft.id, draft.created) == (export.id, export.created)
    assert draft.outcome is not None
    assert draft.outcome.won == (export.won,)
    column = draft.raw[draft.outcome.column]
    results = draft.outcome.results(draft.raw)
    assert set(column[results == "not won"]) == {export.lost}
    assert not draft.outcome.states.unclear
    types = {guess.column: guess.type for guess in draft.guesses}
    assert {name: types[name] for name in export.types} == export.types


@pytest.mark.parametrize(
    ("days", "formats"),
    [
        (["06/04/2024", "03/07/2024", "11/12/2024"], ["%m/%d/%Y"]),
        (["14/01/2024", "01/25/2024", "26/03/2024"], ["%d/%m/%Y", "%m/%d/%Y"]),
    ],
)
def test_what_the_question_about_dates_says_to_type_works_to_the_end(
    tmp_path: Path, days: list[str], formats: list[str]
) -> None:
    leads = {
        "Id": [f"L{row}" for row in ROWS],
        "Created": turns(*days),
        "Status": stages("Won", "Lost", ["New"]),
        "Source": turns("Web", "Fair"),
    }
    pd.DataFrame(leads).to_csv(tmp_path / "leads.csv", index=False)
    options = [f"Created={text}" for text in formats]
    init(tmp_path / "ws", tmp_path / "leads.csv", date_formats=options)
    assert read_workspace(tmp_path / "ws").leads.created == "Created"
    blocking = {problem.kind for problem in check(tmp_path / "ws").problems if problem.blocks}
    assert blocking == {"too few won", "too few not won"}  # sixty leads are not many
