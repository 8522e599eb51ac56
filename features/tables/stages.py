"""The table of stages: which lead came to which stage when, and what sales said about it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from features.files.arrow_text import TEXT, to_texts
from features.tables.mapped_file import MappedFile, Progress, open_file
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
    say: Progress,
    given: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Read the history of stages.

    Parameters
    ----------
    leads : DataFrame
        The table of leads, which says whose ids are known.
    given : DataFrame, optional
        A table in place of the file.

    Returns
    -------
    DataFrame
        ``lead_id, stage, at, reason, amount``, in the order of the file; empty where the mapping
        names none.
    """
    source = ws.stages
    if source is None:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    file = open_file(
        ws,
        source,
        "stages",
        problems,
        say,
        given,
        texts=[source.lead, source.stage, source.reason],
        others=[source.time, source.amount],
    )
    found = _as_written(file, source)
    known = found["lead_id"].isin(leads["lead_id"])
    problems.add(
        "stages",
        "of unknown leads",
        int((~known).sum()),
        f"{{count}} rows of {file.name} name no lead that we know and were left out",
        "export the leads of the same time, or all of them",
        found.loc[~known, "lead_id"].dropna().head(50),
    )
    nothing = known & found["stage"].isna()
    problems.add(
        "stages",
        "without stage",
        int(nothing.sum()),
        f"{{count}} rows of {file.name} have no stage and were left out",
        f"fill {source.stage} in the export",
    )
    kept = found[known & ~nothing].reset_index(drop=True)
    _count_odd(kept, file)
    return kept


def _as_written(file: MappedFile, source: StagesSource) -> pd.DataFrame:
    def text(key: str, name: str | None) -> pd.Series:
        if name is None:
            nothing: pd.Series = pd.Series(pd.NA, pd.RangeIndex(len(file)), dtype=TEXT)
            return nothing
        found: pd.Series = pd.Series(to_texts(*file.codes(key, name)), dtype=TEXT)
        return found

    return pd.DataFrame(
        {
            "lead_id": text("lead", source.lead),
            "stage": text("stage", source.stage),
            "at": file.dates("stages"),
            "reason": text("reason", source.reason),
            "amount": file.numbers("amount", source.amount),
        }
    )


def _count_odd(stages: pd.DataFrame, file: MappedFile) -> None:
    file.problems.add(
        "stages",
        "without time",
        int(stages["at"].isna().sum()),
        f"{{count}} rows of {file.name} have no time; they count, but nobody knows when they were",
        f"fill {file.source.time} in the export",
    )
    file.problems.add(
        "stages",
        "repeated rows",
        int(stages.duplicated().sum()),
        f"{{count}} rows of {file.name} say exactly what another one says; all were kept",
        "if the export repeats rows, export it again without",
    )
