"""The demo: every step once, on a simulated company, ending with a list of what to look at.

simulate → check → train → card → score → explain → report. The company's planted truth is kept
apart, and no command reads it. In the layout of another system only the raw files are simulated:
``leadready init`` finds out what they mean, and what it writes is used as it is.
"""

from __future__ import annotations

import re
import shlex
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import LeadReadyError
from features.progress import Progress
from features.whole_file import write_whole

if TYPE_CHECKING:
    from pipelines.check.result import LeadCounts
    from pipelines.simulator.company import Company

PLAIN = "plain"
RAW_FILES = re.compile(r"""^  file: ["']?crm/""", re.M)  # in the leadready.yaml of a demo
DEFINITIONS = {
    True: "the sales-ready lead that sales and marketing agreed on",
    False: "a first draft of the sales-ready lead",
}
SUMMARY = """
Files in {folder}:
  crm/               the CRM export of the simulated company
  leadready.yaml     what its columns mean
  definition.yaml    {definition}
  card.html          the points of the model on one page: print it
  report.html        what the model learned: open it in a browser
  scores.csv         every open lead: score, verdict, decision, reasons
  mlflow.db          the registry: mlflow ui --backend-store-uri sqlite:///{folder}/mlflow.db

Try next:
  leadready card -w {folder}
  leadready explain {lead} -w {folder} --as-of {day}
  leadready check -w {folder}
  leadready init my-company --leads my-leads.csv"""


def demo(
    folder: Path, layout: str = PLAIN, conversion: str = "kept", *, progress: Progress
) -> bool:
    """Run every step in a new folder; return whether the model was promoted.

    Parameters
    ----------
    folder : Path
        Made anew; an earlier demo in it is removed.
    layout : str
        How the files look: ``plain``, or the name of a layout in ``layouts.choose``.
    conversion : str
        What the system does with the events of won leads, as in ``layouts.conversions``.
    progress : callable
        Called with a message for each step.
    """
    from pipelines.brief.brief_text import brief_text
    from pipelines.brief.explain import explain
    from pipelines.card.card import card
    from pipelines.card.card_page import card_page
    from pipelines.check.check import check
    from pipelines.report.report import report
    from pipelines.score.job import write_scores
    from pipelines.score.summary import scores_text
    from pipelines.simulator.company import Settings, simulate_company
    from pipelines.simulator.layouts.choose import check_conversion
    from pipelines.train.train import train
    from pipelines.train.training_text import training_text

    begin = time.perf_counter()
    check_conversion(layout, conversion)
    _clear_demo_folder(folder)
    print("— simulating a company: 24 months of leads, events and outcomes")
    company = simulate_company(Settings())
    day = f"{company.settings.extract_at:%Y-%m-%d}"  # the company's present
    _write_workspace(company, folder, layout, conversion, progress)
    print("— check: the data, the mapping and the definition")
    _print_counts(check(folder, progress=progress).counts)
    print("— train: learn, test on later leads, register")
    answer = train(folder, progress=progress)
    print(training_text(answer), end="\n\n")
    model = "champion" if answer["promoted"] else "challenger"
    print("— card: all points on one page")
    write_whole(folder / "card.html", card_page(card(folder, model)))
    print(f"— score: the open leads, with the {model}")
    scores = folder / "scores.csv"
    print(scores_text(write_scores(folder, out=scores, model=model, as_of=day)))
    lead = _best_lead(scores)
    print(f"— explain: the brief for the best lead, {lead}")
    print("\n" + brief_text(explain(folder, lead, model=model, as_of=day)), end="\n\n")
    print("— report")
    report(folder)
    print(
        SUMMARY.format(folder=folder, lead=lead, day=day, definition=DEFINITIONS[layout == PLAIN])
    )
    print(f"\nDone in {time.perf_counter() - begin:.0f} seconds")
    return bool(answer["promoted"])


def _print_counts(counts: LeadCounts) -> None:
    print(
        f"  {counts.leads:,} leads, {counts.events:,} events; {counts.won:,} won, "
        f"{counts.not_won:,} not won, {counts.unknown:,} unknown"
    )


def _write_workspace(
    company: Company, folder: Path, layout: str, conversion: str, progress: Progress
) -> None:
    """Write the company's files with their mapping, or let ``init`` find out what they mean."""
    if layout == PLAIN:
        from pipelines.simulator.export import write_company

        write_company(company, folder)
        return
    from pipelines.init.init import init
    from pipelines.simulator.layouts.choose import write_layout

    files = write_layout(company, layout, folder, conversion)
    leads, others = files["leads"][0], [path for paths in files.values() for path in paths][1:]
    print(
        f"— leadready {shlex.join(['init', *map(str, (folder, *others)), '--leads', str(leads)])}"
    )
    init(folder, leads, other_files=others, progress=progress)


def _clear_demo_folder(folder: Path) -> None:
    """Remove an earlier demo; refuse a folder with anything else in it."""
    mapping = folder / "leadready.yaml"
    text = mapping.read_text(encoding="utf-8") if mapping.is_file() else "  file: crm/"
    if (folder / "truth" / "truth.json").is_file() and RAW_FILES.search(text):
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise LeadReadyError(
            "the folder is not empty and holds no demo",
            where=str(folder),
            hint="choose another folder: leadready demo --folder DIR",
        )


def _best_lead(scores: Path) -> Any:
    import pandas as pd

    table = pd.read_csv(scores, dtype={"lead_id": "str"})
    handed_off = table[table["decision"] == "hand off"]
    return (handed_off if len(handed_off) else table).sort_values("score").iloc[-1]["lead_id"]
