"""How fast the workshop's page is written for 100,000 leads of a simulated company.

The company is simulated and a model of a smaller one is trained, once, in a folder that is given
and kept, or in one that is removed. The limit is 30 seconds on two cores.

    python -m benchmarks.workshop [FOLDER]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import shortest_time
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.train.train import train
from pipelines.workshop.workshop import workshop

LEADS = int(os.environ.get("LEADREADY_BENCH_LEADS", "100_000"))
LIMIT = 30.0  # seconds for 100,000 leads
LARGEST = 5_000_000  # bytes of the page


def trained_company(folder: Path) -> Path:
    """Simulate a company; its model is that of a smaller one of the same kind. Once a folder."""
    large, small = folder / "large", folder / "small"
    if not (large / "mlflow.db").is_file():
        write_company(simulate_company(Settings(leads=LEADS, events=30 * LEADS, seed=4)), large)
        write_company(simulate_company(Settings()), small)
        train(small)
        for file in small.glob("mlflow.db*"):
            shutil.copy(file, large)
        shutil.copytree(small / "mlartifacts", large / "mlartifacts")
    return large


def main(arguments: list[str]) -> int:
    """Measure and print; 1 if the page takes too long or is too large."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = trained_company(Path(arguments[0]) if arguments else Path(scratch))
        seconds = shortest_time(lambda: workshop(folder), repeats=1)
        size = (folder / "workshop.html").stat().st_size
    limit = LIMIT * LEADS / 100_000
    print(f"{LEADS:,} leads: the page takes {seconds:.1f} s (limit {limit:.0f} s), {size:,} bytes")
    return 0 if seconds <= limit and size <= LARGEST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
