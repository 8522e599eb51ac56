"""``leadready export excel``: the sheet computes what Python computes, and runs nothing of the data."""

from __future__ import annotations

import math
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from features.errors import LeadReadyError
from features.families.feature import Feature
from model.serving import Definition, Scorecard, score_leads
from pipelines.export.excel import export_excel, fact_value, scoring_book
from pipelines.export.lead_sheet import RESULTS

ODD = ["o'brien", '=HYPERLINK("x")', 'the "vp"', "VP", "vp", "a*", "é", "-1"]
FEATURES = [
    Feature("size", "employees", "firmographic", "number"),
    Feature("title", "job title", "role", "category"),
    Feature("visits", "visits", "engagement", "number"),
    Feature("asked", "asked for a demo", "engagement", "category"),
    Feature("known_on", "day of first contact", "other", "date"),
    Feature("code", "code", "other", "category"),
]


def line(name: str, family: str, **rows: Any) -> dict[str, Any]:
    kind = "number" if "cuts" in rows else "category"
    labels = [f"row {place}" for place in range(len(rows["points"]))]
    return {"name": name, "family": family, "kind": kind, "labels": labels, **rows}


KINDS = [
    {
        "says": says,
        "below": below,
        "intercept": 0.1,
        "features": [
            {"name": "title", "kind": "category", "categories": [ODD[3]], "log_odds": [0, 1, -1]},
            {"name": "visits", "kind": "number", "cuts": [1.5], "log_odds": [-0.2, 0.1, 0.3]},
        ],
    }
    for says, below in (("=1+1", -0.5), ("few like these", 0.15), ("=1+1", -0.9))
]
CARD = Scorecard.from_dict(
    {
        **{"format": 2, "start": 47, "level": -2.4, "base_rate": 0.08, "ready_at": 52},
        **{"grades": {"A": 6, "B": 0, "C": -5}, "levels": {"1": 8, "2": 1, "3": -4}},
        "lines": [
            line("size", "firmographic", cuts=[50, 200.5], points=[0, -4, 2, 6]),
            line(
                "title", "role", categories=[ODD[:2], ODD[2:4], ODD[5:7]], points=[-1, 0, 4, -9, 3]
            ),
            line("visits", "engagement", cuts=[0.1, 1 / 3, 2], points=[0, -6, 1, 5, 9]),
            line("asked", "engagement", categories=[], points=[0, 2]),
        ],
        "no_claim": KINDS,
    }
)
RULES = Definition.from_dict(
    {
        "version": 1,
        "handoff": {"decide_by": "rules"},
        "ready_when": {
            "all": [
                {"id": "=size", "feature": "size", "between": [20, 1000]},
                {
                    "any": [
                        {"id": "boss", "feature": "title", "one_of": [ODD[0], ODD[3]]},
                        {"none": [{"id": "quiet", "feature": "visits", "at_most": 0.1}]},
                        {"id": "seven", "feature": "code", "equals": 7},
                        {"id": "two", "feature": "visits", "one_of": [2, 3]},
                    ]
                },
                {"id": "new", "feature": "known_on", "after": "2026-01-31"},
            ]
        },
        "never_when": [
            {"id": "asked", "feature": "asked", "equals": False},
            {
                "all": [
                    {"id": "no code", "feature": "code", "is_missing": True},
                    {"id": "old", "feature": "known_on", "before": "2026-01-15"},
                    {"id": "odd", "feature": "title", "none_of": ODD[1:3]},
                ]
            },
        ],
    }
)


def random_leads(many: int) -> pd.DataFrame:
    random = np.random.default_rng(0)
    values: dict[str, list[Any]] = {
        "size": [20.0, 50.0, 200.5, 1000.0, 1001.0, math.nan],
        "title": [*ODD, "another", None],
        "visits": [0.0, 0.1, 1 / 3, 2.0, 3.0, 1.5, math.nan],
        "asked": ["yes", "yes", "no", None],
        "known_on": ["2026-01-14", "2026-01-31", "2026-02-01", "2026-05-01", "2026-05-02", None],
        "code": ["7", "8", None],
    }
    drawn = {
        name: [known[place] for place in random.integers(0, len(known), many)]
        for name, known in values.items()
    }
    table = pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in drawn.items()})
    return table.astype({"size": "float64", "visits": "float64"})


def book_of(leads: pd.DataFrame) -> Workbook:
    facts = {
        f"lead {place}": {
            feature.name: fact_value(feature, lead[feature.name]) for feature in FEATURES
        }
        for place, lead in enumerate(leads.to_dict("records"))
    }
    return scoring_book(CARD, RULES, FEATURES, facts)


@pytest.mark.slow
def test_libreoffice_computes_what_python_computes(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice Calc (soffice) is not installed")
    leads = random_leads(90)
    book_of(leads).save(tmp_path / "card.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "card.xlsx")], check=True, capture_output=True)
    computed = CalamineWorkbook.from_path(tmp_path / "card.ods")
    expected = score_leads(leads, CARD, RULES)
    assert expected["rules_verdict"].nunique() == 4
    assert expected["warning"].nunique() == 3
    for place, lead in enumerate(expected.to_dict("records")):
        sheet = computed.get_sheet_by_name(f"lead {place}").to_python(skip_empty_area=False)
        shown = {
            name: sheet[int(cell[1:]) - 1][ord(cell[0]) - ord("A")]
            for name, cell in RESULTS.items()
        }
        assert abs(shown.pop("probability") - lead["probability"]) < 1e-9
        assert shown.pop("level") == str(lead["level"])
        assert shown == {
            "score": lead["score"],
            "model": lead["model_verdict"],
            "grade": lead["grade"],
            "rules": lead["rules_verdict"],
            "decision": lead["decision"],
            "warning": lead["warning"],
        }, (place, leads.iloc[place].to_dict())


def test_texts_of_the_data_never_become_formulas(tmp_path: Path) -> None:
    book = book_of(random_leads(30))
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.data_type == "f":
                assert not any(
                    text in cell.value for text in ("HYPERLINK", "1+1", "brien", "=size")
                )
    texts = {cell.value for cell in book["Choices"]["A"]}
    assert {*ODD[:4], "any other value"} <= texts


def test_the_command_writes_a_workbook_without_macros(
    run: Callable[..., Any], hostile: Path, tmp_path: Path
) -> None:
    path = tmp_path / "card.xlsx"
    answer = run("export", "excel", "-w", hostile, "--model", "2", "--out", path)
    assert (answer.code, answer.data, answer.talk) == (0, "", f"sheet written to {path}\n")
    assert not [name for name in zipfile.ZipFile(path).namelist() if "vba" in name.lower()]
    sheet = load_workbook(path)["Lead"]
    assert sheet.protection.sheet
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert lists
    assert all(rule.formula1.startswith("Choices!$A$") for rule in lists)


def test_another_ending_is_refused() -> None:
    with pytest.raises(LeadReadyError, match=r"card\.xlsm: the sheet is written as an Excel workb"):
        export_excel("nowhere", Path("card.xlsm"))
