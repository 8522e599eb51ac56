"""Raw files through all six verbs, unaided.

    python -m verification.layouts [NAME ...]

The demo's company is laid out as each system exports it, then ``init``, ``check``, ``train``,
``score``, ``explain`` and ``report`` run one after another, and no line of what ``init`` wrote is
edited. Every layout has to be promoted with an AUC within the interval of the plain layout. Real
exports follow, where they are present: those that hold nothing to learn have to be refused for that
reason.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from features.text import interval
from pipelines.simulator.company import Settings, simulate_company
from verification.estimates import Check, checks_text
from verification.layouts.companies import (
    PLAIN,
    RawExport,
    layout_names,
    real_exports,
    write_files,
)
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
    """Require a promotion, or a refusal for the right reason.

    Examples
    --------
    >>> random = RawExport("random", "leads.csv", refused=("better than chance",))
    >>> codes = {"init": 0, "check": 0, "train": 1, "score": 0, "explain": 0, "report": 0}
    >>> refused = Road("random", codes, False, "Refused: better than chance (AUC 0.50)")
    >>> export_check(refused, random).passed
    True
    """
    if not export.refused:
        return layout_check(road, None)
    reasons = " or ".join(export.refused)
    right = not road.promoted and any(reason in road.why for reason in export.refused)
    usable = all(road.codes.get(verb) == 0 for verb in VERBS if verb != "train")
    return Check(road.name, road.text, f"refused: {reasons}", right and usable)


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
    for export, arguments in real_exports():
        if export.folder in names:
            with tempfile.TemporaryDirectory() as folder:
                road = walk(export.folder, Path(folder, "workspace"), arguments)
            yield export_check(road, export)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    known = [*layout_names(), *(export.folder for export, _ in real_exports())]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=known, help=", ".join(known))
    names = parser.parse_args(arguments).names
    layouts = [name for name in layout_names() if name in names]
    head, passed = 0, True
    for check in chain(layout_checks(layouts) if layouts else (), export_checks(names)):
        lines = checks_text([check]).splitlines()  # a road takes minutes: each row when it ends
        print("\n".join(lines[head:]), flush=True)
        head, passed = len(lines) - 1, passed and check.passed
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
