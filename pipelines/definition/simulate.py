"""Simulate: what a definition would have meant for the leads of the past.

read history → hold the rules against it → compare → by month and slice. Every lead that was ever
judged takes part. Where nobody knows what became of a lead, it is in the counts of leads and in no
win rate; for leads that sales never worked, the bounds say how much that could matter.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.labels.outcomes import NOT_MATURE, NOT_WON, UNKNOWN, WON
from features.labels.rejection_reasons import map_reasons
from features.progress import Progress
from model.simulation.by_slice import by_month, by_slice
from model.simulation.history import History, compare, consequences
from pipelines.definition.data import counted
from pipelines.snapshot import Snapshot, read_snapshot

WIDTH = 100
SHOWN = 10  # leads, slices and reasons that people are shown; --json has all of them
NEARLY_ALL = 0.95  # of the leads: no slice that tells something
OUTCOMES = {WON: 1.0, NOT_WON: 0.0}


def simulate(folder: Path, new: Path | None = None, *, progress: Progress) -> dict[str, Any]:
    """Hold the current definition, and another one, against history.

    Parameters
    ----------
    folder : path
        The workspace.
    new : path, optional
        A changed definition; without it, only the current one is looked at.

    Returns
    -------
    dict
        What ``leadready definition simulate --json`` prints: ``current``, and with a new one
        ``new`` and ``change``; ``months`` and ``slices`` hold both, in this order.

    Raises
    ------
    LeadReadyError
        When the workspace or a definition cannot be read, or the new one means another moment or
        horizon: their outcomes could not be compared.
    """
    paths = [None] if new is None else [None, new]
    snapshot = read_snapshot(folder, progress)
    snapshot.check_definitions(*paths)
    versions = [dict(snapshot.definition(one).content) for one in paths]
    files = [str(one or snapshot.workspace.definition) for one in paths]
    progress("holding the rules against history")
    return simulated(judged(snapshot), versions, files)


def judged(snapshot: Snapshot) -> History:
    """Every lead that was ever judged, with what became of it.

    A win that is known before its lead is mature is not counted: of the young leads only the wins
    would be known.
    """
    became = snapshot.outcomes
    reasons = became["reason"].astype(object).where(became["reason"].notna(), None)
    told = map_reasons(str(one) for one in reasons.dropna().unique())
    won = became["outcome"].map({**OUTCOMES, UNKNOWN: float("nan")}).to_numpy(dtype="float64")
    young = (became["mature_at"] > snapshot.extract_at).to_numpy()
    early = young & np.isfinite(won)
    why = became["why_unknown"].to_numpy(dtype=object)
    return History(
        snapshot.moments.assign(mature_at=became["mature_at"]),
        snapshot.features,
        np.where(early, np.nan, won),
        np.where(early, NOT_MATURE, why),
        reasons.map(lambda one: told.get(one) if one is not None else None).to_numpy(dtype=object),
        [one for one in snapshot.catalogue if one.kind != "date"],
        days=[one for one in snapshot.catalogue if one.kind == "date"],
    )


def simulated(history: History, versions: list[dict[str, Any]], files: list[str]) -> dict[str, Any]:
    """The answer, for one definition or two."""
    answer: dict[str, Any] = {"files": files}
    if len(versions) == 1:
        answer["current"] = consequences(history, versions[0])
    else:
        change = compare(history, *versions)
        answer |= {"current": change.pop("old"), "new": change.pop("new"), "change": change}
    return {
        **answer,
        "months": by_month(history, versions),
        "slices": by_slice(history, versions),
        "stated": STATED,
    }


STATED = (
    "Win rates are of leads whose outcome is known. Of leads that sales never worked nobody knows "
    "it: the bounds count all of them as lost, or all as won. The truth lies between, and at the "
    "win rate itself if they were like the ones that were worked."
)


# -- for people -----------------------------------------------------------------------------------


def render(answer: Mapping[str, Any]) -> str:
    """Say it as tables."""
    sides = [("now", answer["current"])]
    if "new" in answer:
        sides.append(("changed", answer["new"]))
    lines = [*_title(answer), "", *_figures(sides)]
    if "change" in answer:
        lines += ["", *_change(answer["change"])]
    lines += ["", *_rejections(sides), *_missed(sides), *_unknown(sides)]
    parts = [_months(answer["months"]), _slices(answer["slices"], answer["current"]["judged"])]
    for one in parts:
        lines += ["", *one] if one else []
    return "\n".join([*lines, "", textwrap.fill(STATED, WIDTH)])


def _title(answer: Mapping[str, Any]) -> list[str]:
    told = answer["current"]
    weeks = f" over {told['weeks']:.0f} weeks" if told["weeks"] else ""
    again = f", judged {told['judged']:,} times while they were open," if _again(told) else ""
    lines = [f"{told['leads']:,} past leads{again}{weeks}, held against {answer['files'][0]}"]
    if "new" in answer:
        lines[0] += f" (now) and {answer['files'][1]} (changed)"
    if _again(told):
        lines += [
            "win rates and verdicts are of judgements; leads a week, wins missed and reasons "
            "count a lead once"
        ]
    return lines


def _again(told: Mapping[str, Any]) -> bool:
    return bool(told["judged"] > told["leads"])


def _figures(sides: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    again = _again(sides[0][1])
    rows: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "ready judgements" if again else "ready leads": lambda one: f"{one['verdicts']['ready']:,}",
        "  leads that become ready a week" if again else "  a week": lambda one: _number(
            one["ready"]["per_week"], "{:.1f}"
        ),
        "  sales can take a week": lambda one: _number(one["ready"]["capacity"], "{:g}"),
        "  weeks with more than that": lambda one: _number(one["ready"]["weeks_above"], "{:.0%}"),
        "win rate of the ready": lambda one: rate(one["ready"]),
        "  if the never worked were lost … won": lambda one: bounds(one["ready"]),
        "win rate of the not ready": lambda one: rate(one["not_ready"]),
        "not ready": lambda one: f"{one['verdicts']['not ready']:,}",
        "never: a never-rule holds": lambda one: f"{one['verdicts']['never']:,}",
        "unknown: data is missing": lambda one: f"{one['verdicts']['unknown']:,}",
        "wins that would have been missed": lambda one: f"{one['missed']['leads']:,}",
        "wins that the rules cannot judge": lambda one: f"{one['open']['leads']:,}",
    }
    head = f"{'':38}" + "".join(f"{name:>26}" for name, _ in sides)
    body = [
        f"{words:38}" + "".join(f"{say(one):>26}" for _, one in sides)
        for words, say in rows.items()
    ]
    return [head.rstrip(), *body]


def _change(change: Mapping[str, Any]) -> list[str]:
    if change["same"]:
        return ["The change moves no past lead."]
    found = change["difference"]
    lines = [
        f"{f'{words}:':10}"
        + (
            f"{one['leads']:,} leads; of {one['known']:,} the outcome is known, won {rate(one)}"
            if one["leads"]
            else "no lead"
        )
        for words, one in (("let in", change["let_in"]), ("left out", change["left_out"]))
    ]
    if found["value"] is not None:
        ends = f"{found['low'] * 100:+.1f} to {found['high'] * 100:+.1f}"
        lines.append(f"win rate of the ready: {found['value'] * 100:+.1f} points ({ends})")
    for words, key in (("won, and now left out", "left_out"), ("won, and now let in", "let_in")):
        if change[key]["won_ids"]:
            lines.append(_filled(f"{words}: {_some(change[key]['won_ids'])}"))
    return lines


def _rejections(sides: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    table = [{one["reason"]: one for one in told["rejections"]} for _, told in sides]
    if not table[0]:
        return ["sales gave no reasons for turning leads down"]
    names = "".join(f"{f'not sent ({name})':>22}" for name, _ in sides)
    lines = [f"{'turned down for':38}{'leads':>10}{names}"]
    for reason, one in list(table[0].items())[:SHOWN]:
        cells = [f"{side[reason]['avoided']:,} ({side[reason]['share']:.0%})" for side in table]
        lines.append(f"{reason:38}{one['leads']:>10,}" + "".join(f"{cell:>22}" for cell in cells))
    return lines


def _missed(sides: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    return [
        _filled(f"wins missed ({name}): {_some(told['missed']['ids'])}")
        for name, told in sides
        if told["missed"]["ids"]
    ]


def _unknown(sides: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    return [
        f"not known ({name}): "
        + ", ".join(f"{one['words']} of {counted(one['leads'], 'lead')}" for one in missing)
        for name, told in sides
        if (missing := told["unknown"]["missing"][:5])
    ]


def _months(months: list[dict[str, Any]]) -> list[str]:
    return _parts("month", [(one["label"], one) for one in months])


def _slices(slices: list[dict[str, Any]], judged: int) -> list[str]:
    """Show the parts that the change moves most; without one, those with the most leads."""

    def moved(one: Mapping[str, Any]) -> int:
        counts: list[int] = [each["leads"] for each in one["ready"]]
        return abs(counts[-1] - counts[0]) if len(counts) > 1 else counts[0]

    telling = [one for one in slices if one["leads"] < NEARLY_ALL * judged]
    chosen = sorted(telling, key=moved, reverse=True)[:SHOWN]
    return _parts("leads", [(f"{one['words']}: {one['label']}", one) for one in chosen])


def _parts(name: str, parts: list[tuple[str, dict[str, Any]]]) -> list[str]:
    if not parts:
        return []
    sides = ["now", "changed"][: len(parts[0][1]["ready"])]
    head = "".join(f"{f'ready {one}':>14}{'won':>26}" for one in sides)
    wide = max(38, 2 + max(len(label) for label, _ in parts))
    lines = [f"{name:{wide}}{'leads':>8}{head}"]
    for label, one in parts:
        cells = "".join(f"{each['leads']:>14,}{rate(each):>26}" for each in one["ready"])
        lines.append(f"{label:{wide}}{one['leads']:>8,}{cells}")
    return lines


def rate(told: Mapping[str, Any]) -> str:
    """Say a win rate with its interval.

    Examples
    --------
    >>> rate({"rate": 0.1, "low": 0.08, "high": 0.121}), rate({"rate": None})
    ('10.0% (8.0% to 12.1%)', 'nobody knows')
    """
    if told["rate"] is None:
        return "nobody knows"
    return f"{told['rate']:.1%} ({told['low']:.1%} to {told['high']:.1%})"


def bounds(told: Mapping[str, Any]) -> str:
    """Say what a win rate could be, had all of those never worked been lost, or won."""
    if told["if_all_lost"] is None:
        return "nobody knows"
    return f"{told['if_all_lost']:.1%} … {told['if_all_won']:.1%}"


def _number(value: float | None, form: str) -> str:
    return "not said" if value is None else form.format(value)


def _filled(words: str) -> str:
    return textwrap.fill(words, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _some(ids: list[str]) -> str:
    more = f" and {len(ids) - SHOWN:,} more (--json lists them)" if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more


def from_table(
    rows: pd.DataFrame, X: pd.DataFrame, won: Any, features: Any, **given: Any
) -> History:
    """Make a history of a table that is no workspace's: for simulations and tests."""
    nothing = pd.array([None] * len(rows), dtype=object).to_numpy()
    return History(rows, X, won, given.get("why", nothing), given.get("reason", nothing), features)
