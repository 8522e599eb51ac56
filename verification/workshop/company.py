"""The simulated company of a workshop: its teams signed a draft that is too strict."""

from __future__ import annotations

from pathlib import Path

from model.definition.signatures import sign_file
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.train.train import train

# Twice the leads of the demo, for clearer evidence. With the seed of the demo, the last period
# refuses the model by chance (calibration slope 1.22, over all periods 0.92).
COMPANY = Settings(leads=24_000, events=360_000, seed=12)
DRAFT = (  # the teams' first draft: stricter than the data supports
    ("at_least: 50, asked_by: sales", "at_least: 200, asked_by: sales"),
    (
        "    - any:\n        - {id: decision-maker",
        "    - {id: established, feature: company_age, at_least: 15, asked_by: sales,"
        " because: young companies go bust}\n    - any:\n        - {id: decision-maker",
    ),
    ("{employees: 400, seniority", "{employees: 400, company_age: 30, seniority"),
    ("per_week: 40", "per_week: 30"),
)


def draft_company(folder: Path) -> Path:
    """Simulate the company, let both teams sign their draft, and train a model; once a folder."""
    if not (folder / "mlflow.db").is_file():
        write_company(simulate_company(COMPANY), folder)
        path = folder / "definition.yaml"
        text = path.read_text(encoding="utf-8").partition("agreed:")[0]
        for old, new in DRAFT:
            if text.count(old) != 1:
                raise ValueError(f"the company's definition has no single {old!r}")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        for team in ("sales", "marketing"):
            sign_file(path, team=team, name=f"Head of {team.title()}", on="2026-10-05")
        train(folder)
    return folder
