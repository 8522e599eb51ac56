"""Kill commands at random moments (SIGKILL), and check that nothing is left half done.

    python -m verification.job.kills [POINTS]

Each command is run undisturbed first. Then a fresh copy of the workspace is taken for every point,
the command is started in a process of its own and killed, and each part of the workspace must be as
before or as after the undisturbed run. Repeated, the command must lead to what the undisturbed run
led to, and nothing may be left beside the files.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.definition.signatures import sign_file
from model.gate import Gate
from model.registry.registry import Contents, Registry
from pipelines.definition.adopt import adopt
from pipelines.ledger.ledger import Ledger
from pipelines.level.level import next_label
from pipelines.score.job import write_scores
from pipelines.snapshot import read_snapshot

State = Mapping[str, object]
POINTS = 50
AS_OF = "2026-10-01"
PASSED = [Gate("enough", True, "90 won", "40 won")]
LOADED = ["mlflow", "duckdb", "sklearn"]  # before any clock starts, and what runs the commands:
LOADED += ["pipelines.definition.adopt", "pipelines.level.level", "pipelines.score.job"]


@dataclass(frozen=True)
class Command:
    """A command that is killed.

    Attributes
    ----------
    name : str
        What it is called.
    run : callable
        Runs it in a workspace.
    state : callable
        What it changes, part by part.
    prepare : callable
        Gets a workspace ready for it.
    again : bool
        Whether it can be repeated after it succeeded.
    """

    name: str
    run: Callable[[Path], object]
    state: Callable[[Path], State]
    prepare: Callable[[Path], object]
    again: bool = True


def with_columns(folder: Path, ledger: str = "") -> None:
    """Let the job write what two runs have in common, and keep scores where they belong."""
    export = "export: {columns: {lead_id: lead_id, score: score, decision: decision}}"
    with (folder / "leadready.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\n{export}\n{ledger}\n")


def run_score(folder: Path) -> None:
    """Score the open leads into a file."""
    write_scores(folder, out=folder / "scores.csv", as_of=AS_OF, unsigned=True, forced=["max_age"])


def score_state(folder: Path) -> State:
    """Return the file, and the scores that the ledger has."""
    ledger, out = Ledger.of(read_snapshot(folder).workspace), folder / "scores.csv"
    rows = ledger.rows("true") if ledger.store.exists() else pd.DataFrame()
    kept = "" if rows.empty else rows.drop(columns="facts").to_csv(index=False)
    return {"file": out.read_text("utf-8") if out.exists() else "", "ledger": kept}


def second_version(folder: Path) -> None:
    """Register a copy of the champion."""
    registry = Registry.for_workspace(folder)
    loaded = registry.load()
    card = {key: value for key, value in loaded.scorecard.items() if key != "version"}
    files = loaded.definition, loaded.catalogue, loaded.evaluation
    registry.log(Contents(card, *files, "0" * 64))


def promote_second(folder: Path) -> None:
    """Promote the newest version."""
    registry = Registry.for_workspace(folder)
    registry.promote(registry.versions()[-1].label, PASSED, instead_of="1")


def two_champions(folder: Path) -> None:
    """Promote a copy of the champion over it."""
    second_version(folder)
    promote_second(folder)


def run_rollback(folder: Path) -> None:
    """Return to the champion before."""
    Registry.for_workspace(folder).rollback()


def move_level(folder: Path) -> None:
    """Register the champion with another level and promote it, as ``leadready level`` does."""
    registry = Registry.for_workspace(folder)
    loaded = registry.load()
    level = loaded.scorecard["level"] + 0.1
    trained = loaded.version.partition(".")[0]
    card = {**loaded.scorecard, "level": level, "version": next_label(registry, trained)}
    files = loaded.definition, loaded.catalogue, loaded.evaluation
    version = registry.log(Contents(card, *files, "0" * 64, None, {"level_of": trained}))
    registry.settle(version, PASSED, instead_of=loaded.version)


def change_definition(folder: Path) -> None:
    """Change the agreed text, so that it can be signed and adopted."""
    path = folder / "definition.yaml"
    path.write_text(path.read_text("utf-8").replace("follow_up_hours: 48", "follow_up_hours: 24"))


def run_adopt(folder: Path) -> None:
    """Put the changed definition in force."""
    adopt(folder, folder / "definition.yaml", unsigned=True)


def run_sign(folder: Path) -> None:
    """Sign the changed definition."""
    sign_file(folder / "definition.yaml", team="sales", name="Ann Lee", on="2026-10-01")


def registry_state(folder: Path) -> State:
    """Return who holds the aliases: they move together."""
    versions = Registry.for_workspace(folder).versions()
    return {"aliases": {alias: found.label for found in versions for alias in found.aliases}}


def level_state(folder: Path) -> State:
    """Return the levels of the versions with an alias: the label of a repeated one is the next."""
    registry = Registry.for_workspace(folder)
    return {
        "levels": {
            alias: registry.load(found.label).scorecard["level"]
            for found in registry.versions()
            for alias in found.aliases
        }
    }


def definition_state(folder: Path) -> State:
    """Return the text of the definition."""
    return {"definition": (folder / "definition.yaml").read_text("utf-8")}


def commands(postgres: str | None = None) -> list[Command]:
    """List the commands; with the address of a server, one keeps its scores there."""
    listed = [
        Command("score", run_score, score_state, with_columns),
        Command("promote", promote_second, registry_state, second_version, again=False),
        Command("rollback", run_rollback, registry_state, two_champions, again=False),
        Command("level", move_level, level_state, lambda folder: None, again=False),
        Command("adopt", run_adopt, registry_state, change_definition, again=False),
        Command("sign", run_sign, definition_state, change_definition),
    ]
    if postgres is not None:

        def keep_there(folder: Path) -> None:
            with_columns(folder, f"ledger: {{url: '{postgres}'}}")

        listed.append(Command("score, PostgreSQL", run_score, score_state, keep_there))
    return listed


def faults_of(command: Command, folder: Path, points: int, seed: int = 0) -> list[str]:
    """Kill a command at random moments; list what was left half done."""
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        home = Path(name)
        ready = _copy(folder, home / "ready")
        command.prepare(ready)
        before, done = command.state(ready), _copy(ready, home / "done")
        seconds = _time_of(command, done)
        after = command.state(done)
        moments = np.random.default_rng(seed).uniform(0, seconds * 1.05, points)
        return [
            f"{command.name}, killed after {moment:.3f} of {seconds:.3f} s: {fault}"
            for place, moment in enumerate(moments)
            for fault in _faults_at(
                command, _copy(ready, home / f"point {place}"), moment, before, after
            )
        ]


def _faults_at(
    command: Command, folder: Path, moment: float, before: State, after: State
) -> list[str]:
    killed_after(command.run, folder, moment)
    left = command.state(folder)
    faults = [part for part in before if left[part] not in (before[part], after[part])]
    for file in _leftovers(folder):
        os.utime(file, (0, 0))  # as if the next run were tomorrow's
    if command.again or left == before:
        command.run(folder)
        repeated = command.state(folder)
        faults += [f"{part}, repeated" for part in after if repeated[part] != after[part]]
        faults += [f"left behind: {file.name}" for file in _leftovers(folder)]
    shutil.rmtree(folder)
    return faults


def _leftovers(folder: Path) -> list[Path]:
    names = ("scores.csv", "ledger.duckdb", "definition.yaml")
    return [file for name in names for file in folder.glob(f".{name}-*")]


def _copy(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to))


def _time_of(command: Command, folder: Path) -> float:
    began, process = started(command.run, folder)
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"{command.name} fails undisturbed")
    return time.monotonic() - began


def killed_after(run: Callable[[Path], object], folder: Path, seconds: float) -> None:
    """Run something in a process of its own, and kill that after some seconds."""
    began, process = started(run, folder)
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    if process.is_alive():  # else its number may be that of another process by now
        process.kill()
    process.join()


def started(run: Callable[[Path], object], folder: Path) -> tuple[float, Any]:
    """Start a process that has imported everything; return the time at which it began, and it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    ours, theirs = context.Pipe()
    process = context.Process(target=_signalled, args=(theirs, run, folder))
    process.start()
    theirs.close()  # so that a process that cannot begin is an error
    ours.recv()
    return time.monotonic(), process


def _signalled(pipe: Any, run: Callable[[Path], object], folder: Path) -> None:
    pipe.send("begins")
    run(folder)


def trained_company(folder: Path) -> Path:
    """Simulate a small company, train its first version, and promote it whatever the gate says."""
    from pipelines.simulator.company import Settings, simulate_company
    from pipelines.simulator.export import write_company
    from pipelines.train.train import train

    write_company(simulate_company(Settings(seed=2, leads=4_000, events=60_000)), folder)
    train(folder, confirmed_by="the verification")
    registry = Registry.for_workspace(folder)
    if not any("champion" in version.aliases for version in registry.versions()):
        registry.promote("1", PASSED)
    return folder


def main(points: int = POINTS) -> int:
    """Print what was left half done by each command; return 1 if anything was."""
    found = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = trained_company(Path(name) / "company")
        for command in commands(os.environ.get("LEADREADY_POSTGRES")):
            faults = faults_of(command, folder, points)
            print(f"{command.name:<20} {points} points, {len(faults)} faults", *faults, sep="\n  ")
            found += len(faults)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
