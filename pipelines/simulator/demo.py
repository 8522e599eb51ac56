"""Demo: the whole way once, with a simulated company, ending with where to look.

simulate → check → train → score → explain → report. The company's planted truth lies aside and no
command reads it.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from features.errors import LeadReadyError
from pipelines.snapshot import Progress

MARK = "name: demo"
SUMMARY = """
What there is to see in {folder}:
  crm/*.csv          what the CRM of the simulated company exports
  leadready.yaml     what its columns mean
  definition.yaml    what sales and marketing agreed to call a sales-ready lead
  report.html        what the model learnt: open it in a browser
  scores.csv         every open lead: score, verdict, decision, reasons
  mlflow.db          the registry: mlflow ui --backend-store-uri sqlite:///{folder}/mlflow.db

Try next:
  leadready explain {lead} -w {folder}
  leadready check -w {folder}
  leadready init my-company --leads my-leads.csv"""


def demo(folder: Path, *, progress: Progress) -> bool:
    """Go the whole way in a new folder; say whether the model was promoted."""
    from pipelines.check.check import check
    from pipelines.report.report import report
    from pipelines.score.explain import explain, render
    from pipelines.score.score import score_to
    from pipelines.simulator.company import Settings, simulate, write
    from pipelines.train.train import render as render_training
    from pipelines.train.train import train

    begin = time.perf_counter()
    _make_room(folder)
    progress("— simulating a company: 24 months of leads, events and outcomes")
    write(simulate(Settings()), folder)
    progress("— check: the data, the mapping and the definition")
    checked = check(folder, progress=progress)
    counts = checked.counts
    progress(
        f"  {counts['leads']:,} leads, {counts['events']:,} events; {counts['won']:,} won, "
        f"{counts['not won']:,} not won, {counts['unknown']:,} unknown"
    )
    progress("— train: learn, judge on later leads, register")
    answer = train(folder, progress=lambda words: progress(f"  {words}"))
    print(render_training(answer), end="\n\n")
    model = "champion" if answer["promoted"] else "challenger"
    progress(f"— score: the open leads, by the {model}")
    scores = folder / "scores.csv"
    print(score_to(folder, out=scores, as_of=None, model=model))
    lead = _best(scores)
    progress(f"— explain: the brief of the best lead, {lead}")
    print("\n" + render(explain(folder, lead, model=model)), end="\n\n")
    progress("— report")
    report(folder)
    print(SUMMARY.format(folder=folder, lead=lead))
    progress(f"\n{time.perf_counter() - begin:.0f} seconds in all")
    return bool(answer["promoted"])


def _make_room(folder: Path) -> None:
    """Remove an earlier demo; leave anything else alone."""
    mapping = folder / "leadready.yaml"
    if mapping.is_file() and MARK in mapping.read_text(encoding="utf-8").splitlines():
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise LeadReadyError(
            "the folder holds something else",
            where=str(folder),
            hint="choose another one: leadready demo --folder DIR",
        )


def _best(scores: Path) -> Any:
    import pandas as pd

    table = pd.read_csv(scores, dtype={"lead_id": "str"})
    handed = table[table["decision"] == "hand off"]
    return (handed if len(handed) else table).sort_values("score").iloc[-1]["lead_id"]
