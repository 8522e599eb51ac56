"""What people read about the old score: one table for each, and what follows from it."""

from __future__ import annotations

import textwrap

from features import text
from pipelines.train.training_json import MetricJson, MetricsJson, OldScoreJson

SCORERS = {"model": "model", "definition": "rules alone", "points": "points by hand"}
LEAST_ROOM = max(map(len, SCORERS.values()))  # for names, in characters
NO_LIMIT = (
    "The definition does not say how many leads sales can take (handoff: per_week) or it is all of "
    "them, so the best {share} are shown."
)
UNFAIR = (
    "{name} was read {basis}: this is no fair comparison. It takes the history of the field "
    "(field_history in leadready.yaml), or the team's word that it was not changed after the "
    "moment (old_score: {{column: …, known_at_moment: true}})."
)


def old_score_lines(trial: OldScoreJson) -> list[str]:
    """Write an old score beside the model, the rules and the points by hand, on the same leads."""
    before = [f"The old score on trial: {trial['name']}", old_score_leads_text(trial)]
    return [
        *(line for sentence in before for line in text.wrap(sentence)),
        "",
        *_table_lines(trial),
        "",
        *text.wrap(old_score_verdict_text(trial)),
    ]


def _table_lines(trial: OldScoreJson) -> list[str]:
    """Write the table; a name that is too long for the terminal goes on in the next line."""
    columns, rows = old_score_columns(trial), old_score_rows(trial)
    figures = zip(columns[1:], *(row[1:] for row in rows), strict=True)
    room = text.width() - sum(2 + max(map(len, column)) for column in figures)
    wrapped = [
        dict(zip(columns, [part, *(row[1:] if first else [""] * len(row[1:]))], strict=True))
        for row in rows
        for first, part in _name_parts(row[0], max(room, LEAST_ROOM))
    ]
    return text.table(wrapped, {columns[0]: "", **{name: f"> {name}" for name in columns[1:]}})


def _name_parts(name: str, room: int) -> list[tuple[bool, str]]:
    parts = textwrap.wrap(name, room, break_on_hyphens=False)
    return [(place == 0, part) for place, part in enumerate(parts)]


def old_score_leads_text(trial: OldScoreJson) -> str:
    """Say which leads were compared, and how many of them sales takes."""
    without = ""
    if trial["without"]:
        have = "has" if trial["without"] == 1 else "have"
        without = f"; {text.count(trial['without'], 'test lead')} without it {have} been left out"
    compared = (
        f"Read {trial['basis']}, on the {text.count(trial['leads'], 'test lead')} that "
        f"have it ({trial['won']:,} won){without}."
    )
    share = text.percent(trial["share"])
    if trial["per_week"] is None:
        return f"{compared} {NO_LIMIT.format(share=share)}"
    return f"{compared} Sales can take {trial['per_week']:,} leads a week, the best {share}."


def old_score_columns(trial: OldScoreJson) -> list[str]:
    """Name the columns of the table: those of figures that are known."""
    top = f"top {text.percent(trial['share'])}"
    columns = ["scorer", "AUC", f"wins, {top}"]
    if trial["amount"] is not None:
        columns.append(f"money, {top}")
    return [*columns, "predicted wins"] if _is_probability(trial) else columns


def old_score_rows(trial: OldScoreJson) -> list[list[str]]:
    """Give the cells of each scorer; the old score is the last."""
    return [
        [SCORERS.get(key, trial["name"]), *_cells(trial, metrics)]
        for key, metrics in trial["scorers"].items()
    ]


def _cells(trial: OldScoreJson, metrics: MetricsJson) -> list[str]:
    auc = metrics["auc"]
    cells = [
        text.interval(auc["value"], auc["low"], auc["high"]),
        _share_text(metrics["wins"]),
    ]
    if trial["amount"] is not None:
        cells.append(_share_text(metrics.get("amount")))
    if _is_probability(trial):
        cells.append(_share_text(metrics.get("expected_wins_ratio")))
    return cells


def _is_probability(trial: OldScoreJson) -> bool:
    return "expected_wins_ratio" in trial["scorers"]["old_score"]


def old_score_verdict_text(trial: OldScoreJson) -> str:
    """Say by how much the model exceeds the old score, or why they cannot be compared."""
    name = trial["name"]
    if not trial["fair"]:
        return UNFAIR.format(name=name, basis=trial["basis"])
    gains = trial["gains"]
    auc = _signed_text(gains["auc"], 3)
    if auc == text.NOTHING:
        return f"Too few of these leads were won, or not won, to compare the model with {name}."
    sentence = (
        f"Compared with {name}, the model changes the AUC by {auc}, and the share of the wins that "
        f"its best {text.percent(trial['share'])} of the leads hold by "
        f"{_signed_text(gains['wins'], 0, 100)} percentage points"
    )
    if trial["amount"] is not None and "amount" in gains:
        money = _signed_text(gains["amount"], 0, trial["amount"])
        sentence += f", worth {money} of {text.number(trial['amount'], 0)} won"
    return f"{sentence}."


def _signed_text(gain: MetricJson, digits: int, unit: float = 1.0) -> str:
    """Write a difference with its interval, in a unit: 100 for percentage points."""
    value, low, high = (
        None if end is None else end * unit for end in (gain["value"], gain["low"], gain["high"])
    )
    return text.signed_interval(value, low, high, digits)


def _share_text(metric: MetricJson | None) -> str:
    if metric is None:
        return ""
    return text.percent_interval(metric["value"], metric["low"], metric["high"])
