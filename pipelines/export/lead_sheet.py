"""The sheet of one lead: facts to pick or type on the left, score and decision on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from openpyxl.cell.cell import Cell
from openpyxl.styles import PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from features.families.feature import Feature
from model.serving import ENGAGEMENT, FIT, VERDICTS, Criterion, Definition
from pipelines.export.sheet_blocks import BOLD, TITLE, Reference, put
from pipelines.export.sheet_formulas import (
    band_formula,
    criterion_formula,
    row_formula,
    rule_formula,
    sum_formula,
    verdict_code_formula,
)

FIRST = 5  # row of the first fact
ANSWERS = PatternFill("solid", fgColor="FFF7E0")
HELP = (
    "Pick or type what is known about the lead in the yellow cells, and leave the rest empty. "
    "Leads are not drawn for exploration here."
)
WIDTHS = {"A": 46, "B": 26, "C": 9, "D": 34, "F": 3, "G": 26, "H": 34}
HEADINGS = {"A": "Fact", "B": "Value", "C": "Points", "D": "Row of the card"}
HELPERS = ("E", "I", "J", "K")  # hidden columns
SHOWN = {
    "score": "Score",
    "decision": "Decision",
    "rules": "Agreed rules",
    "model": "Model",
    "probability": "Probability of a win",
    "grade": "Grade of fit",
    "level": "Level of engagement",
    "warning": "Warning",
}
RESULTS = {name: f"H{FIRST + place}" for place, name in enumerate(SHOWN)}
FIRST_CRITERION = FIRST + len(RESULTS) + 2


class Fact(NamedTuple):
    """A feature, and the cells with its fact and its points."""

    feature: Feature
    cell: str
    points: str


def write_lead(
    sheet: Worksheet,
    title: str,
    features: Sequence[Feature],
    definition: Definition,
    reference: Reference,
    known: Mapping[str, object],
) -> None:
    """Write the sheet of a lead, with the facts that are known."""
    put(sheet["A1"], title, TITLE)
    put(sheet["A2"], HELP)
    for column, heading in HEADINGS.items():
        put(sheet[f"{column}{FIRST - 1}"], heading, BOLD)
    facts = {
        feature.name: _write_fact(sheet, row, feature, reference, known.get(feature.name))
        for row, feature in enumerate(features, start=FIRST)
    }
    criteria = _write_criteria(sheet, definition, facts, reference)
    _write_results(sheet, definition, facts, criteria, reference)
    for column, width in WIDTHS.items():
        sheet.column_dimensions[column].width = width
    for column in HELPERS:
        sheet.column_dimensions[column].hidden = True
    sheet.freeze_panes = f"A{FIRST}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.protection.sheet = True  # without a password: formulas are not overwritten by mistake


def _write_fact(
    sheet: Worksheet, row: int, feature: Feature, reference: Reference, value: object
) -> Fact:
    put(sheet[f"A{row}"], feature.words)
    fact = Fact(feature, f"B{row}", f"C{row}")
    _write_answer(sheet, sheet[fact.cell], feature, reference, value)
    if feature.name in reference.lines:
        rows = reference.lines[feature.name]
        sheet[f"E{row}"] = f"={row_formula(fact.cell, rows)}"
        sheet[fact.points] = f"=INDEX({rows.numbers},E{row})"
        sheet[f"D{row}"] = f"=INDEX({rows.labels},E{row})"
    return fact


def _write_answer(
    sheet: Worksheet, cell: Cell, feature: Feature, reference: Reference, value: object
) -> None:
    """Prepare a cell for a fact: a list to pick from, a number or a date."""
    cell.fill, cell.protection = ANSWERS, Protection(locked=False)
    if feature.kind == "category":
        rule = DataValidation("list", formula1=_absolute(reference.choices[feature.name]))
        cell.number_format = "@"
    elif feature.kind == "date":
        rule = DataValidation("date", operator="greaterThan", formula1="1")
        cell.number_format = "yyyy-mm-dd"
    else:
        rule = DataValidation("decimal", operator="between", formula1="-1E+300", formula2="1E+300")
    rule.allow_blank, rule.showErrorMessage = True, True
    rule.error = f"Pick or type a {feature.kind}, or leave the cell empty."
    sheet.add_data_validation(rule)
    rule.add(cell)
    if value is not None:
        put(cell, value)
        cell.number_format = "yyyy-mm-dd" if isinstance(value, date) else cell.number_format


def _absolute(cells: str) -> str:
    """Write a range so that it stays where it is: ``Choices!$A$2:$A$5``."""
    sheet, _, places = cells.rpartition("!")
    fixed = ":".join(f"$A${place.lstrip('A')}" for place in places.split(":"))
    return f"{sheet}!{fixed}"


def _write_criteria(
    sheet: Worksheet, definition: Definition, facts: Mapping[str, Fact], reference: Reference
) -> dict[Criterion, str]:
    """List the criteria with their state; return the cell of each as 1, -1 or 0."""
    put(sheet[f"G{FIRST_CRITERION - 1}"], "Agreed criteria", BOLD)
    cells = {}
    for row, criterion in enumerate(definition.criteria, start=FIRST_CRITERION):
        fact, state = facts[criterion.feature], f"I{row}"
        is_number = fact.feature.kind == "number"
        formula = criterion_formula(criterion, fact.cell, reference.operands[criterion], is_number)
        put(sheet[f"G{row}"], criterion.id)
        sheet[state] = f"={formula}"
        sheet[f"H{row}"] = f'=IF({state}=1,"yes",IF({state}=0,"not known","no"))'
        cells[criterion] = state
    return cells


def _write_results(
    sheet: Worksheet,
    definition: Definition,
    facts: Mapping[str, Fact],
    criteria: Mapping[Criterion, str],
    reference: Reference,
) -> None:
    settings, at = reference.settings, RESULTS
    on_card = [fact for name, fact in facts.items() if name in reference.lines]
    fit = [fact.points for fact in on_card if fact.feature.family in FIT]
    engagement = [fact.points for fact in on_card if fact.feature.family == ENGAGEMENT]
    never = rule_formula(definition.never, criteria) if definition.never.rules else None
    code, ready = f"I{at['rules'][1:]}", f"{at['score']}>={settings.ready_at}"
    score = sum_formula([settings.start, *(fact.points for fact in on_card)])
    odds = f"{settings.level}+({at['score']}-50)/10*LN(2)"
    names = ",".join(f'"{verdict}"' for verdict in VERDICTS)
    sheet[code] = f"={verdict_code_formula(rule_formula(definition.ready, criteria), never)}"
    formulas = {
        "score": score,
        "model": f'IF({ready},"ready","not ready")',
        "probability": f"1/(1+EXP(-({odds})))",
        "grade": band_formula(sum_formula(fit), *settings.grades),
        "level": band_formula(sum_formula(engagement), *settings.levels),
        "rules": f"CHOOSE({code},{names})",
        "decision": f"INDEX({reference.decisions},{code},IF({ready},2,1))",
        "warning": _warning_formula(sheet, facts, reference),
    }
    for name, formula in formulas.items():
        put(sheet[f"G{at[name][1:]}"], SHOWN[name], BOLD)
        sheet[at[name]] = f"={formula}"
    sheet[at["probability"]].number_format = "0.0%"


def _warning_formula(sheet: Worksheet, facts: Mapping[str, Fact], reference: Reference) -> str:
    """Join the reasons why there is no prediction, each once, in a hidden column."""
    holds: dict[str, list[str]] = {}
    for row, kind in enumerate(reference.kinds, start=FIRST):
        odds = [
            f"INDEX({rows.numbers},{row_formula(facts[name].cell, rows)})"
            for name, rows in kind.rows
        ]
        sheet[f"J{row}"] = f"={sum_formula([kind.intercept, *odds])}<{kind.below}"
        holds.setdefault(kind.reason, []).append(f"J{row}")
    text = '""'
    for row, (reason, cells) in enumerate(holds.items(), start=FIRST):
        further = f'IF({text}="","","; ")&{reason}'
        sheet[f"K{row}"] = f'={text}&IF(OR({",".join(cells)}),{further},"")'
        text = f"K{row}"
    return text
