"""``leadready export excel``: a sheet where people pick a lead's facts and see its score.

All of it is formulas, without macros. The reference sheets hold the card's rows, what the rules
require and the values to pick from; the sheet of a lead refers to their cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.whole_file import whole_file
from model.registry.registry import Registry
from model.serving import Definition, Scorecard
from pipelines.export.feature_table import served_features
from pipelines.snapshot import read_snapshot

if TYPE_CHECKING:
    from openpyxl import Workbook

XLSX, LEAD = ".xlsx", "Lead"


def export_excel(folder: Path | str, out: Path, *, model: str = "champion") -> None:
    """Write a registered version as an Excel workbook.

    Parameters
    ----------
    folder : path
        The workspace.
    out : path
        The file, which ends in .xlsx.
    model : str
        An alias or a version of the registered model.

    Raises
    ------
    LeadReadyError
        When there is no such version, its points are not whole numbers, or the ending is another.

    Examples
    --------
    >>> export_excel("nowhere", Path("card.xlsx"))
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    if out.suffix.lower() != XLSX:
        what = "the sheet is written as an Excel workbook without macros"
        raise LeadReadyError(what, where=str(out), hint=f"end the name in {XLSX}")
    workspace = read_snapshot(folder).workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    card = Scorecard.from_dict(loaded.scorecard)
    title = f"{workspace.name}: score of a lead, version {loaded.version}"
    book = scoring_book(
        card, Definition.from_dict(loaded.definition), served_features(loaded), {title: {}}
    )
    with whole_file(out) as temporary, temporary.open("wb") as stream:
        book.save(stream)


def scoring_book(
    card: Scorecard,
    definition: Definition,
    features: list[Feature],
    leads: Mapping[str, Mapping[str, object]],
) -> Workbook:
    """Write a workbook with a sheet for each lead.

    Parameters
    ----------
    features : list of Feature
        What card and definition use.
    leads : mapping
        The facts of each lead by the title of its sheet, numbers and texts by the name of the
        feature; facts that are left out are not known.
    """
    from openpyxl import Workbook

    from pipelines.export.lead_sheet import write_lead
    from pipelines.export.sheet_blocks import write_reference

    if not card.whole:
        what = "this version is of format 1, whose points are not whole numbers"
        raise LeadReadyError(what, hint="train again: leadready train")
    book = Workbook()
    places = [book.active, *(book.create_sheet(LEAD) for _ in range(len(leads) - 1))]
    sheets = {name: book.create_sheet(name) for name in ("Card", "Rules", "Choices")}
    texts = [feature.name for feature in features if feature.kind == "category"]
    reference = write_reference(sheets, card, definition, texts)
    for sheet, (title, facts) in zip(places, leads.items(), strict=True):
        sheet.title = LEAD if len(leads) == 1 else title
        write_lead(sheet, title, features, definition, reference, facts)
    sheets["Choices"].sheet_state = "hidden"
    return book


def fact_value(feature: Feature, value: Any) -> Any:
    """Give a fact as a cell holds it: a number, a date or a text."""
    if value is None or value != value:
        return None
    if feature.kind == "date":
        return date.fromisoformat(str(value)[:10])
    return float(value) if feature.kind == "number" else str(value)
