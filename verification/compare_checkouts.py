"""Compare what two checkouts of this project learn from the same data, figure by figure.

    python -m verification.compare_checkouts BEFORE AFTER [--only demo] [--keep FOLDER]

Each checkout, with its own ``.venv``, trains on the demo company and on the four examples (their
data is in the folder that ``LEADREADY_DATA`` names). Every figure of ``train --json`` must be equal
to the last digit, in the same order; keys, sentences and dates may differ. Both scorecards must
have the same features, cuts, categories, points and calibration. ``--keep`` stores the figures of
both sides. A folder of stored figures can take the place of a checkout in a later run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from features.whole_file import write_whole

SETS = ("demo", "itschool_crm", "maven_crm", "marketstar", "x_education")
IN_WORDS = ("words", "labels", "says", "unit", "trained_at")  # keys of a scorecard that may differ
SIMULATE = """
import sys
try:
    from pipelines.simulator.company import Settings, simulate_company
    from pipelines.simulator.export import write_company
except ModuleNotFoundError:  # before the packages were divided into rooms
    from pipelines.company import Settings, simulate as simulate_company, write as write_company
write_company(simulate_company(Settings()), sys.argv[1])
"""

Figures = list[tuple[str, Any]]


def figures_of(tree: Any, *, words: bool, path: str = "") -> Iterator[tuple[str, Any]]:
    """List the values in a JSON tree in order, each with its path.

    Parameters
    ----------
    tree : JSON value
        What ``json.loads`` returns.
    words : bool
        Include text. Keys in ``IN_WORDS`` are then left out.

    Examples
    --------
    >>> list(figures_of({"auc": {"value": 0.5}, "verdict": "Refused", "ok": [True]}, words=False))
    [('auc.value', 0.5), ('ok.0', True)]
    """
    if isinstance(tree, dict | list):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, value in items:
            if not (words and key in IN_WORDS):
                yield from figures_of(value, words=words, path=f"{path}.{key}".lstrip("."))
    elif words or not isinstance(tree, str):
        yield path, tree


def first_difference(before: Figures, after: Figures) -> str | None:
    """Describe the first place where two lists of figures differ.

    Examples
    --------
    >>> print(first_difference([("auc", 0.5), ("n", 3)], [("auc", 0.5), ("leads", 4)]))
    n is 3 before, leads is 4 after
    >>> print(first_difference([("n", 1)], [("n", True)]))
    n is 1 before, n is True after
    >>> first_difference([("n", 1)], [("leads", 1)]) is None
    True
    """
    for (path, value), (new_path, new_value) in zip(before, after, strict=False):
        if (type(value) is bool) != (type(new_value) is bool) or value != new_value:
            return f"{path} is {value!r} before, {new_path} is {new_value!r} after"
    if len(before) != len(after):
        longer, side = (before, "after") if len(before) > len(after) else (after, "before")
        path, value = longer[min(len(before), len(after))]
        return f"{path}, {value!r}, is missing {side}"
    return None


def compare(name: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return a line about the training and one about the scorecard."""
    lines = []
    for part, words in (("training", False), ("scorecard", True)):
        old = list(figures_of(before[part], words=words))
        new = list(figures_of(after[part], words=words))
        difference = first_difference(old, new)
        result = f"DIFFERENT: {difference}" if difference else f"same, {len(old):,} values"
        lines.append(f"{name:13} {part:10} {result}")
    return lines


def train_in(checkout: Path, name: str, folder: Path) -> dict[str, Any]:
    """Train on one data set with the code of a checkout.

    Parameters
    ----------
    checkout : Path
        A checkout with its ``.venv``, or a folder of stored figures.
    name : str
        One of ``SETS``.
    folder : Path
        Where the workspace is written; the checkout stays as it is.

    Returns
    -------
    dict
        ``training``, what ``train --json`` printed, and ``scorecard``, the registered one.

    Raises
    ------
    RuntimeError
        When a program fails, with what it wrote to stderr.
    """
    stored = checkout / f"{name}.json"
    if stored.is_file():
        return dict(json.loads(stored.read_text(encoding="utf-8")))
    if name == "demo":
        _run(checkout, ["python", "-c", SIMULATE, str(folder)])
    else:
        shutil.copytree(checkout / "examples" / name, folder)
    printed = _run(checkout, ["leadready", "train", "--json", "-w", str(folder)], codes=(0, 1))
    (scorecard,) = folder.glob("mlartifacts/*/artifacts/model/artifacts/scorecard.json")
    return {
        "training": json.loads(printed),
        "scorecard": json.loads(scorecard.read_text(encoding="utf-8")),
    }


def _run(checkout: Path, command: Sequence[str], codes: Sequence[int] = (0,)) -> str:
    """Run a program of a checkout's environment, with the checkout's code, and return stdout."""
    program = checkout.resolve() / ".venv" / "bin" / command[0]
    environment = os.environ | {
        "PYTHONPATH": str(checkout.resolve()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    ran = subprocess.run(
        [str(program), *command[1:]],
        cwd=tempfile.gettempdir(),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode not in codes:
        raise RuntimeError(f"{program} {' '.join(command[1:])}\n{ran.stderr}")
    return ran.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each training and scorecard; return 1 if any differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", type=Path, help="a checkout, or a folder of stored figures")
    parser.add_argument("after", type=Path, help="a checkout, or a folder of stored figures")
    parser.add_argument("--only", choices=SETS, action="append", help="compare this data set only")
    parser.add_argument("--keep", type=Path, help="store the figures below this folder")
    options = parser.parse_args(arguments)
    same = True
    for name in options.only or SETS:
        sides = {}
        for side, checkout in (("before", options.before), ("after", options.after)):
            with tempfile.TemporaryDirectory() as made:
                sides[side] = train_in(checkout, name, Path(made) / name)
            if options.keep:
                (options.keep / side).mkdir(parents=True, exist_ok=True)
                write_whole(options.keep / side / f"{name}.json", json.dumps(sides[side], indent=1))
        lines = compare(name, sides["before"], sides["after"])
        print("\n".join(lines), flush=True)
        same = same and not any("DIFFERENT" in line for line in lines)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
