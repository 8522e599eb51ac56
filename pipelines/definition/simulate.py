"""``leadready definition simulate``: what a definition would have meant for past leads.

Every lead that was ever judged takes part. A lead without a known outcome counts among the leads,
but in no win rate; for leads that sales never worked, the bounds show how much they could matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path

from features.progress import Progress, no_progress
from features.text import NOTHING, count, join, number, percent, table, wrap
from model.serving import Definition
from model.simulation.by_slice import Month, Slice, ready_by_month, ready_by_slice
from model.simulation.consequences import Change, Consequences, compare, consequences
from model.simulation.history import History
from model.simulation.win_rates import WinRate
from pipelines.definition.past_leads import past_leads
from pipelines.definition.rates_text import (
    BOUNDS,
    MOST_SHOWN,
    bounds_text,
    lead_ids_lines,
    points_difference_text,
    win_rate_text,
)
from pipelines.snapshot import read_snapshot

MOST_MISSING = 5  # features that are named as missing
NEARLY_ALL = 0.95  # of the leads: a slice that says nothing
NOTE = (
    "Win rates are of leads with a known outcome. Nobody knows how leads that sales never worked "
    "would have ended: the lower bound counts all of them as lost, the upper bound all as won. The "
    "true rate is in between; it equals the win rate if they are like the leads that were worked."
)


@dataclass(frozen=True)
class Simulation:
    """What one or two definitions would have meant for past leads.

    Attributes
    ----------
    files : list of str
        The definition in use, and the changed one if there is one.
    current : Consequences
        Of the definition in use.
    new : Consequences or None
        Of the changed one.
    change : Change or None
        The leads that the changed one moves.
    months : list of Month
        With the win rates of both definitions, in this order.
    slices : list of Slice
        The same for each kind of lead.
    note : str
        How to read win rates and bounds.
    """

    files: list[str]
    current: Consequences
    new: Consequences | None
    change: Change | None
    months: list[Month]
    slices: list[Slice]
    note: str = NOTE

    @property
    def sides(self) -> dict[str, Consequences]:
        """The consequences of each definition by a short name."""
        return {"now": self.current} | ({"changed": self.new} if self.new else {})


def simulate(
    folder: Path | str, new: Path | str | None = None, *, progress: Progress = no_progress
) -> Simulation:
    """Apply the definition in use, and a changed one, to past leads.

    Parameters
    ----------
    folder : path
        The workspace.
    new : path, optional
        A changed definition.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        When the workspace or a definition cannot be read, or the changed definition has another
        moment or horizon: its outcomes would not be comparable.

    Examples
    --------
    >>> simulation = simulate("acme", "changed.yaml")  # doctest: +SKIP
    >>> [side.ready.rate for side in simulation.sides.values()]  # doctest: +SKIP
    [0.21, 0.26]
    >>> simulate("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    snapshot = read_snapshot(folder, progress)
    paths = [None] if new is None else [None, Path(new)]
    snapshot.check_definitions(*paths)
    definitions = [snapshot.definition(path) for path in paths]
    files = [str(path or snapshot.workspace.definition) for path in paths]
    history = past_leads(snapshot)
    progress("applying the rules to past leads")
    return simulate_on(history, definitions, files)


def simulate_on(
    history: History, definitions: Sequence[Definition], files: list[str]
) -> Simulation:
    """Apply one or two definitions to past leads that have been read."""
    current, *changed = definitions
    return Simulation(
        files,
        consequences(history, current),
        consequences(history, changed[0]) if changed else None,
        compare(history, current, changed[0]) if changed else None,
        ready_by_month(history, definitions),
        ready_by_slice(history, definitions),
    )


# -- for people -----------------------------------------------------------------------------------


def simulation_text(simulation: Simulation) -> str:
    """Write a simulation as tables and sentences."""
    sides = simulation.sides
    parts = [
        _title_lines(simulation),
        _figures_lines(sides),
        _change_lines(simulation.change) if simulation.change else [],
        _rejection_lines(sides),
        _missed_lines(sides),
        _missing_lines(sides),
        _month_lines(simulation.months),
        _slice_lines(simulation.slices, simulation.current.judgements),
        wrap(simulation.note),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _judged_repeatedly(side: Consequences) -> bool:
    return side.judgements > side.leads


def _title_lines(simulation: Simulation) -> list[str]:
    side = simulation.current
    weeks = f" over {side.weeks:.0f} weeks" if side.weeks else ""
    times = f", judged {side.judgements:,} times while open" if _judged_repeatedly(side) else ""
    leads = f"{count(side.leads, 'past lead')}{weeks}{times}"
    if len(simulation.files) == 1:
        lines = wrap(f"{leads}, by {simulation.files[0]}")
    else:
        named = zip(simulation.sides, simulation.files, strict=True)
        lines = [*wrap(f"{leads}, by:"), *(f"  {name}: {file}" for name, file in named)]
    if _judged_repeatedly(side):
        lines += wrap(
            "Win rates and verdicts count judgements. Leads per week, missed wins and rejected "
            "leads count each lead once."
        )
    return lines


def _figures_lines(sides: dict[str, Consequences]) -> list[str]:
    panel = any(_judged_repeatedly(side) for side in sides.values())
    figures: dict[str, Callable[[Consequences], str]] = {
        "Ready judgements" if panel else "Ready leads": lambda side: f"{side.verdicts['ready']:,}",
        "  newly ready leads per week" if panel else "  per week": lambda side: number(
            side.workload.per_week, 1
        ),
        "  sales capacity per week": lambda side: _capacity_text(side.workload.capacity),
        "  weeks above capacity": lambda side: percent(side.workload.weeks_above),
        "Win rate of ready leads": lambda side: win_rate_text(side.ready),
        f"  {BOUNDS}": lambda side: bounds_text(side.ready),
        "Win rate of leads that are not ready": lambda side: win_rate_text(side.not_ready),
        "Not ready": lambda side: f"{side.verdicts['not ready']:,}",
        "Never ready (excluded by a rule)": lambda side: f"{side.verdicts['never']:,}",
        "Unknown (data is missing)": lambda side: f"{side.verdicts['unknown']:,}",
        "Missed wins (won, but not ready)": lambda side: f"{side.missed_wins.leads:,}",
        "Wins that the rules cannot judge": lambda side: f"{side.unjudged_wins.leads:,}",
    }
    rows = [
        {"figure": label, **{name: figure(side) for name, side in sides.items()}}
        for label, figure in figures.items()
    ]
    return table(rows, {"figure": "", **{name: f"> {name}" for name in sides}})


def _capacity_text(capacity: float | None) -> str:
    return "not agreed" if capacity is None else f"{capacity:g}"


def _change_lines(change: Change) -> list[str]:
    if change.same:
        return ["The change moves no past lead."]
    lines = []
    for label, moved in (
        ("Newly ready", change.newly_ready),
        ("No longer ready", change.no_longer_ready),
    ):
        lines += wrap(f"{label}: {_moved_text(moved.win_rate)}", hanging="  ")
        if moved.won_ids:
            lines += lead_ids_lines("  won among them", moved.won_ids)
    if change.difference.value is not None:
        difference = points_difference_text(change.difference)
        lines += wrap(f"The win rate of ready leads changes by {difference}.")
    return lines


def _moved_text(group: WinRate) -> str:
    if not group.leads:
        return "no leads"
    if not group.labelled:
        return f"{count(group.leads, 'lead')}, none with a known outcome"
    return (
        f"{count(group.leads, 'lead')}; of the {group.labelled:,} with a known outcome, "
        f"{win_rate_text(group)} were won"
    )


def _rejection_lines(sides: dict[str, Consequences]) -> list[str]:
    rejected = {name: {row.reason: row for row in side.rejections} for name, side in sides.items()}
    first = next(iter(rejected.values()))
    if not first:
        return ["Sales gave no reasons for rejecting leads."]
    rows = [
        {
            "reason": reason,
            "leads": f"{row.leads:,}",
            **{
                name: f"{side[reason].avoided:,} ({percent(side[reason].share)})"
                for name, side in rejected.items()
            },
        }
        for reason, row in list(first.items())[:MOST_SHOWN]
    ]
    columns = {"reason": "Rejected by sales as", "leads": "> leads"}
    return table(rows, columns | {name: f"> not sent ({name})" for name in sides})


def _missed_lines(sides: dict[str, Consequences]) -> list[str]:
    lines = []
    for name, side in sides.items():
        if side.missed_wins.ids:
            lines += lead_ids_lines(f"Missed wins{_of_side(name, sides)}", side.missed_wins.ids)
    return lines


def _missing_lines(sides: dict[str, Consequences]) -> list[str]:
    """Name the features that the rules lack; once if both definitions lack the same."""
    lacking = {name: side.missing for name, side in sides.items()}
    if all(missing == sides["now"].missing for missing in lacking.values()):
        lacking = {"now": sides["now"].missing}
    lines = []
    for name, missing in lacking.items():
        if missing:
            features = join(
                f"{feature.words} for {count(feature.leads, 'lead')}"
                for feature in missing[:MOST_MISSING]
            )
            lines += wrap(f"Missing data{_of_side(name, lacking)}: {features}", hanging="  ")
    return lines


def _of_side(name: str, sides: Sized) -> str:
    return f" ({name})" if len(sides) > 1 else ""


def _month_lines(months: list[Month]) -> list[str]:
    return _parts_lines("month", [(month.month, month.leads, month.ready) for month in months])


def _slice_lines(slices: list[Slice], judgements: int) -> list[str]:
    """Show the slices that the change moves most; without a change, those with most ready leads."""

    def moved(part: Slice) -> int:
        leads = [group.leads for group in part.ready]
        return abs(leads[-1] - leads[0]) if len(leads) > 1 else leads[0]

    telling = [part for part in slices if part.leads < NEARLY_ALL * judgements]
    chosen = sorted(telling, key=moved, reverse=True)[:MOST_SHOWN]
    return _parts_lines(
        "kind of lead", [(f"{part.words}: {part.label}", part.leads, part.ready) for part in chosen]
    )


def _arrow_text(texts: Iterable[str]) -> str:
    """Join the figures of both definitions; an unknown figure stands once."""
    figures = list(texts)
    return NOTHING if set(figures) == {NOTHING} else " → ".join(figures)


def _parts_lines(heading: str, parts: list[tuple[str, int, list[WinRate]]]) -> list[str]:
    """Write parts of history as a table; figures of two definitions stand side by side."""
    if not parts:
        return []
    rows = [
        {
            "label": label,
            "leads": f"{leads:,}",
            "ready": " → ".join(f"{group.leads:,}" for group in ready),
            "won": _arrow_text(map(win_rate_text, ready)),
        }
        for label, leads, ready in parts
    ]
    sides = " (now → changed)" if len(parts[0][2]) > 1 else ""
    title = f"By {heading}{sides}:"
    columns = {"label": heading, "leads": "> leads", "ready": "> ready", "won": "> won of ready"}
    return [title, *table(rows, columns)]
