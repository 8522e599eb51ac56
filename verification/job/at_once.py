"""Let eight processes do the same at once, and check that the registry and the ledger hold.

    python -m verification.job.at_once

First trainings: one becomes champion, and the others are not promoted, since they were not compared
with it. Promotions: the champion is one of them, and ``previous`` is the champion before it.
Scorings: each succeeds, with the file and the ledger of a single run.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from features.errors import LeadReadyError
from model.registry.registry import NO_CHAMPION, Contents, Registry
from verification.job.kills import (
    PASSED,
    run_score,
    score_state,
    second_version,
    started,
    trained_company,
    with_columns,
)

PROCESSES = 8


def run_at_once(run: Callable[[Path], object], folder: Path, processes: int) -> int:
    """Run something in several processes at once; return how many succeeded."""
    running = [started(run, folder)[1] for _ in range(processes)]
    for process in running:
        process.join()
    return sum(process.exitcode == 0 for process in running)


def finish_first_training(folder: Path) -> None:
    """Register and settle a version that was compared with no champion, as a first training does.

    Raises
    ------
    LeadReadyError
        If there is a champion by now.
    """
    registry, other = Registry.for_workspace(folder), Registry.for_workspace(folder / "other")
    loaded = other.load("1")
    card = {key: value for key, value in loaded.scorecard.items() if key != "version"}
    files = loaded.definition, loaded.catalogue, loaded.evaluation
    version = registry.log(Contents(card, *files, "0" * 64))
    registry.settle(version, PASSED, instead_of=NO_CHAMPION)


def promote_any(folder: Path) -> None:
    """Promote the oldest version that was not promoted yet; another process may be quicker."""
    registry = Registry.for_workspace(folder)
    for version in registry.versions():
        if "promoted_at" not in version.tags:
            registry.promote(version.label, PASSED)
            return
    raise LeadReadyError("all versions are promoted")


def trainings_hold(folder: Path, processes: int) -> bool:
    """Whether one of several first trainings is promoted, and the others are kept beside it."""
    home = folder.with_name("trainings")
    home.mkdir()
    shutil.copytree(folder, home / "other")
    promoted = run_at_once(finish_first_training, home, processes)
    versions = Registry.for_workspace(home).versions()
    holders = [version.label for version in versions if "champion" in version.aliases]
    return (promoted, len(holders), len(versions)) == (1, 1, processes)


def promotions_hold(folder: Path, processes: int) -> bool:
    """Whether the champion is one of those promoted, and the way back leads to the one before."""
    home = Path(shutil.copytree(folder, folder.with_name("promotions")))
    for _ in range(processes):
        second_version(home)
    run_at_once(promote_any, home, processes)
    versions = Registry.for_workspace(home).versions()
    by_alias = {alias: version for version in versions for alias in version.aliases}
    champion, previous = by_alias["champion"], by_alias["previous"]
    over = champion.tags.get("promoted_over")
    return champion.version != previous.version == over


def scorings_hold(folder: Path, processes: int) -> bool:
    """Whether all of several scorings succeed, with the result of a single one."""
    home = Path(shutil.copytree(folder, folder.with_name("scorings")))
    with_columns(home)
    alone = Path(shutil.copytree(home, folder.with_name("alone")))
    run_score(alone)
    succeeded = run_at_once(run_score, home, processes)
    return succeeded == processes and score_state(home) == score_state(alone)


def main(processes: int = PROCESSES) -> int:
    """Print what holds; return 1 if anything does not."""
    with tempfile.TemporaryDirectory(prefix="at-once-") as name:
        folder = trained_company(Path(name) / "company")
        held = {
            what.__name__: what(folder, processes)
            for what in (trainings_hold, promotions_hold, scorings_hold)
        }
    for what, holds in held.items():
        print(f"{processes} at once, {what:<16} {holds}")
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
