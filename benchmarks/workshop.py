"""How fast the workshop's page is written and a live session answers, for 100,000 leads.

The company is simulated and a model of a smaller one is trained, once, in a folder that is given
and kept, or in one that is removed. On two cores the page may take 30 seconds, a live session 10
until it is open and half a second for each change.

    python -m benchmarks.workshop [FOLDER]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import shortest_time
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.train.train import train
from pipelines.workshop.live.forms import Fields
from pipelines.workshop.live.room import open_room
from pipelines.workshop.workshop import workshop

LEADS = int(os.environ.get("LEADREADY_BENCH_LEADS", "100_000"))
LIMIT, OPEN, ANSWER = 30.0, 10.0, 0.5  # seconds for 100,000 leads
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
        opened, answered = live_seconds(folder)
    scale = LEADS / 100_000
    print(f"{LEADS:,} leads: the page takes {seconds:.1f} s (limit {LIMIT:g} s), {size:,} bytes")
    print(f"a live session is open in {opened:.1f} s (limit {OPEN:g} s)")
    print(f"a change is answered in {answered:.2f} s (limit {ANSWER:g} s)")
    within = seconds <= LIMIT * scale and opened <= OPEN * scale and answered <= ANSWER * scale
    return 0 if within and size <= LARGEST else 1


def live_seconds(folder: Path) -> tuple[float, float]:
    """Measure until a live session is open, and until a moved threshold is answered."""
    begin = time.perf_counter()
    room = open_room(folder)
    opened = time.perf_counter() - begin
    thresholds = iter(range(60, 100))

    def move() -> None:
        room.act("set", Fields({"name": ["right-size"], "operand": [str(next(thresholds))]}))

    return opened, shortest_time(move, repeats=5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
