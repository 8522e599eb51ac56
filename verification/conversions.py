"""Systems that move, merge or delete the events of won leads, trained through to the gate.

    python -m verification.conversions [CONVERSION ...]

A simulated company is laid out as each system keeps it. Unmended, that is with a mapping that says
nothing of where the events went, its training has to be refused and the events named. Mended by
the line that ``leadready init`` writes, the figures have to be those of the same layout without
conversion. What was deleted cannot be mended. Names choose some: ``moved merged``.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from features.errors import LeadReadyError
from features.text import interval, percent_interval
from model.training.intervals import Interval
from pipelines.init.init import init
from pipelines.simulator.company import Company, Settings, simulate_company
from pipelines.simulator.layouts.choose import write_layout
from pipelines.simulator.layouts.conversions import KEPT
from pipelines.train.train import train
from verification.estimates import Check, checks_text

LEADS, EVENTS_A_LEAD, BASE_RATE = 4_000, 15, 0.3
CONVERSIONS = (
    ("salesforce", "moved"),
    ("salesforce", "partly-moved"),
    ("salesforce", "cadence-left"),
    ("hubspot", "merged"),
    ("hubspot", "deleted"),
)
LINK = re.compile(r"\n    on: \[.*")  # the line of the mapping that mends it


class Training(NamedTuple):
    """What a training found.

    Attributes
    ----------
    auc, wins : Interval
        AUC, and predicted over actual wins.
    events : str
        What the gate says of suspected events; empty if it does not suspect any.
    """

    auc: Interval
    wins: Interval
    events: str

    @property
    def text(self) -> str:
        """The figures in words."""
        auc, wins = interval(*self.auc, digits=3), percent_interval(*self.wins)
        return f"AUC {auc}, predicted wins {wins}"


def write_mapping(company: Company, layout: str, conversion: str, folder: Path) -> None:
    """Write the files of the layout, and the mapping that ``init`` finds for them."""
    files = write_layout(company, layout, folder, conversion)
    leads, *others = (path for paths in files.values() for path in paths)
    init(folder, leads, other_files=others)


def unmend(folder: Path) -> None:
    """Say in the mapping that the file names others too, and not where their events are.

    A person may do so who is asked about ids that no lead has.
    """
    mapping = folder / "leadready.yaml"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(LINK.sub("\n    partial: true", text), encoding="utf-8")


def trained(company: Company, layout: str, conversion: str, *, mended: bool) -> Training:
    """Train on the company in a layout."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_mapping(company, layout, conversion, folder)
        if not mended:
            unmend(folder)
        try:
            answer = train(folder)
        except LeadReadyError as error:  # all won leads seem never worked
            _, suspected, evidence = str(error).partition("suspected: events of ")
            nothing = Interval(None, None, None)
            return Training(nothing, nothing, suspected + evidence)
    auc, wins = (Interval(**answer["metrics"][name]) for name in ("auc", "expected_wins_ratio"))
    (leaks,) = (check for check in answer["gate"] if check["name"] == "no suspected leaks")
    named = not leaks["passed"] and not answer["promoted"] and "events of " in leaks["observed"]
    return Training(auc, wins, leaks["observed"] if named else "")


def within_luck(found: Training, plain: Training) -> bool:
    """Whether both figures lie within the interval of the plain layout.

    Examples
    --------
    >>> wins = Interval(1.0, 0.8, 1.2)
    >>> plain = Training(Interval(0.80, 0.75, 0.85), wins, "")
    >>> [within_luck(Training(Interval(auc, 0.6, 0.9), wins, ""), plain) for auc in (0.76, 0.74)]
    [True, False]
    """
    pairs = ((found.auc, plain.auc), (found.wins, plain.wins))
    return all(
        mine.value is not None
        and other.low is not None
        and other.high is not None
        and other.low <= mine.value <= other.high
        for mine, other in pairs
    )


def conversion_checks(
    company: Company, chosen: Sequence[tuple[str, str]] = CONVERSIONS
) -> list[Check]:
    """Train on each layout: as its system leaves it, mended, and without conversion."""
    checks: list[Check] = []
    plain = {
        layout: trained(company, layout, KEPT, mended=True)
        for layout, conversion in chosen  # each layout once
        if conversion != "deleted"
    }
    for layout, conversion in chosen:
        unmended = trained(company, layout, conversion, mended=False)
        result = f"refused, {unmended.events}" if unmended.events else "events are not named"
        name = f"{layout}, {conversion}"
        required = "refused, and the events named"
        checks.append(Check(f"{name}, unmended", result, required, bool(unmended.events)))
        if conversion == "deleted":
            continue
        mended = trained(company, layout, conversion, mended=True)
        required = f"within luck of {plain[layout].text}"
        passed = within_luck(mended, plain[layout]) and not mended.events
        checks.append(Check(f"{name}, mended", mended.text, required, passed))
    return checks


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [conversion for _, conversion in CONVERSIONS]
    parser.add_argument("conversion", nargs="*", help=f"all, if left out: {', '.join(names)}")
    parser.add_argument("--leads", type=int, default=LEADS)
    options = parser.parse_args(arguments)
    if unknown := set(options.conversion) - set(names):
        parser.error(f"unknown conversion {', '.join(sorted(unknown))}; known: {', '.join(names)}")
    chosen = [pair for pair in CONVERSIONS if pair[1] in (options.conversion or names)]
    leads = options.leads
    settings = Settings(leads=leads, events=EVENTS_A_LEAD * leads, base_rate=BASE_RATE)
    checks = conversion_checks(simulate_company(settings), chosen)
    print(checks_text(checks))
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
