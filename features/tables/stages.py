"""The stage history: which lead reached which stage, when, and what sales said about it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.files.arrow_text import TEXT, coded_texts
from features.progress import Progress
from features.tables.mapped_file import MappedFile, open_mapped_file
from features.tables.mapped_links import link_rows
from features.tables.problems import Problems
from features.workspace.schema import StagesSource, Workspace

COLUMNS: dict[str, Any] = {
    "lead_id": TEXT,
    "stage": TEXT,
    "at": "datetime64[us]",
    "reason": TEXT,
    "amount": "float64",
}


def read_stages(
    ws: Workspace,
    leads: pd.DataFrame,
    problems: Problems,
    progress: Progress,
    frame: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Read the stage history.

    Parameters
    ----------
    leads : DataFrame
        The table of leads; stages of other leads are counted and left out.
    frame : DataFrame, optional
        A table in place of the file.

    Returns
    -------
    DataFrame
        ``lead_id, stage, at, reason, amount``, in the order of the file; empty if the workspace
        has no such file.
    """
    source = ws.stages
    if source is None:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    file = open_mapped_file(
        ws,
        source,
        "stages",
        problems,
        progress,
        frame,
        texts=[source.lead, source.stage, source.reason],
        others=[source.time, source.amount],
    )
    lead = link_rows(file, "stages", leads).lead
    stages = _all_stages(file, source, leads["lead_id"], lead)
    known = pd.Series(lead >= 0)
    blank = known & stages["stage"].isna()
    problems.add(
        "stages",
        "without stage",
        int(blank.sum()),
        f"{{count}} {{row|rows}} of {file.name} {{has|have}} no stage and {{was|were}} left out",
        f"fill {source.stage} in the export",
    )
    kept = stages[known & ~blank].reset_index(drop=True)
    _count_odd_rows(kept, file)
    return kept


def _all_stages(
    file: MappedFile, source: StagesSource, lead_ids: pd.Series, lead: np.ndarray
) -> pd.DataFrame:
    def text(key: str, name: str | None) -> pd.Series:
        if name is None:
            empty: pd.Series = pd.Series(pd.NA, pd.RangeIndex(len(file)), dtype=TEXT)
            return empty
        return coded_texts(*file.codes(key, name))

    return pd.DataFrame(
        {
            "lead_id": coded_texts(lead, lead_ids.to_numpy(object)),
            "stage": text("stage", source.stage),
            "at": file.dates("stages"),
            "reason": text("reason", source.reason),
            "amount": file.numbers("amount", source.amount),
        }
    )


def _count_odd_rows(stages: pd.DataFrame, file: MappedFile) -> None:
    file.problems.add(
        "stages",
        "without time",
        int(stages["at"].isna().sum()),
        f"{{count}} {{row|rows}} of {file.name} {{has|have}} no time; "
        "{it counts|they count}, but "
        "{its|their} date is unknown",
        f"fill {file.source.time} in the export",
    )
    file.problems.add(
        "stages",
        "repeated rows",
        int(stages.duplicated().sum()),
        f"{{count}} {{row|rows}} of {file.name} {{is an exact copy|are exact copies}} of "
        "another; all "
        "were kept",
        "if the export repeats rows, export it again without them",
    )
