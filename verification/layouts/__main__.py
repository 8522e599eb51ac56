"""Raw files through all six verbs, unaided.

    python -m verification.layouts [--only NAME ...]

The demo's company is laid out as each system exports it, then ``init``, ``check``, ``train``,
``score``, ``explain`` and ``report`` run one after another, and no line of what ``init`` wrote is
edited. Every layout has to be promoted with an AUC within the interval of the plain layout. Real
exports follow, where they are present: each has a right end. Where the gate asks about columns by
name, the answers that it proposes are given, and the training runs again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from features.text import interval, join
from pipelines.simulator.company import Settings, simulate_company
from verification.estimates import Check, checks_text
from verification.layouts.companies import (
    PLAIN,
    layout_names,
    write_files,
)
from verification.layouts.real_exports import RawExport, real_exports
from verification.layouts.road import VERBS, Road, walk


def layout_check(road: Road, plain: Road | None) -> Check:
    """Require six verbs without an error, a promotion, and the plain layout's AUC.

    Examples
    --------
    >>> codes = dict.fromkeys(VERBS, 0)
    >>> layout_check(Road("acme", codes, True, ""), None).passed
    True
    """
    done = not any(road.codes.values()) and len(road.codes) >= len(VERBS[1:]) and road.promoted
    required = "six verbs, promoted"
    if plain is not None and plain.auc is not None:
        value, low, high = plain.auc
        required += f", AUC within {interval(value, low, high)}"
        if low is not None and high is not None:
            done &= road.auc is not None and low <= (road.auc.value or 0) <= high
    return Check(road.name, road.text, required, done)


def export_check(road: Road, export: RawExport) -> Check:
    """Require the right end: promoted, asked about by name, or refused for the true reason.

    Examples
    --------
    >>> right = RightEnd("the outcomes are random", refused=("better than chance",))
    >>> codes = {"init": 0, "check": 0, "train": 1, "score": 0, "explain": 0, "report": 0}
    >>> refused = Road("dice", codes, False, "Refused", refused=("better than chance",))
    >>> export_check(refused, RawExport("dice", "leads.csv", right)).passed
    True
    """
    right = export.right
    required = f"refused: {join(right.refused, last='or')}" if right.refused else "promoted"
    if right.asked:
        required = f"asked about {join(right.asked)}, then {required}"
    ended = road.promoted if not right.refused else bool({*right.refused} & {*road.refused})
    asked = set(right.asked) <= set(road.asked)
    usable = all(road.codes.get(verb) == 0 for verb in VERBS if verb != "train")
    return Check(road.name, road.text, f"{required} ({right.why})", ended and asked and usable)


def layout_checks(names: Sequence[str]) -> Iterator[Check]:
    """Walk each layout of the demo's company, the plain one first."""
    company = simulate_company(Settings())
    day, plain = f"{company.settings.extract_at:%Y-%m-%d}", None
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            files = write_files(company, name, Path(folder))
            written = name == PLAIN  # its workspace is beside the files
            workspace = Path(folder) if written else Path(folder, "workspace")
            road = walk(name, workspace, None if written else files, day)
        yield layout_check(road, plain)
        plain = road if name == PLAIN else plain


def export_checks(names: Sequence[str]) -> Iterator[Check]:
    """Walk each real export that is present."""
    for export in real_exports():
        if export.name in names:
            with tempfile.TemporaryDirectory() as folder:
                workspace = Path(folder, "workspace")
                road = walk(export.name, workspace, export.arguments, answer=True)
            yield export_check(road, export)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    known = [*layout_names(), *(export.name for export in real_exports())]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=known, default=known, metavar="NAME")
    names = parser.parse_args(arguments).only
    layouts = [name for name in layout_names() if name in names]
    head, passed = 0, True
    for check in chain(layout_checks(layouts) if layouts else (), export_checks(names)):
        lines = checks_text([check]).splitlines()  # a road takes minutes: each row when it ends
        print("\n".join(lines[head:]), flush=True)
        head, passed = len(lines) - 1, passed and check.passed
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
