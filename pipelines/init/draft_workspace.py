"""The text of the ``leadready.yaml`` that ``leadready init`` writes: each guess with its reason.

Comments stand where a person will want to change something, and say how.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from features.files.dates import ISO
from features.guess.columns import Guess
from features.guess.workspace import EventsGuess
from pipelines.init.draft_reasons import reasons_text

if TYPE_CHECKING:
    from pipelines.init.init import Draft

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./()+-]*")
_RESERVED = {"yes", "no", "true", "false", "null", "on", "off", "y", "n", "~"}
_FAMILIES = ("firmographic", "role", "origin", "engagement")
_IGNORED = {
    "personal": "personal",
    "constant": "constant",
    **dict.fromkeys(("id", "account", "contact", "identifier"), "identifier"),
}


def scalar(value: object) -> str:
    """A value as YAML, quoted where it could be taken for something else.

    Examples
    --------
    >>> scalar("Lead Source"), scalar("yes"), scalar("1"), scalar("a: b")
    ('Lead Source', '"yes"', '"1"', '"a: b"')
    """
    text = str(value)
    plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)


def listed(values: Iterable[object]) -> str:
    """Values as a YAML list on one line.

    Examples
    --------
    >>> listed(["Won", "1"])
    '[Won, "1"]'
    """
    return "[" + ", ".join(scalar(one) for one in values) + "]"


def _comment(text: str) -> str:
    """One line, without what could end a comment or fill the screen."""
    clean = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return clean if len(clean) <= 160 else clean[:159] + "…"


def workspace_text(draft: Draft, home: Path) -> str:
    """The text of ``leadready.yaml``."""
    parts = [
        _head(draft),
        _leads(draft, home),
        _events(draft, home),
        _moment(draft),
        _outcome(draft),
    ]
    return "\n".join("\n".join(one) for one in parts if one) + "\n"


def _head(draft: Draft) -> list[str]:
    lines = [
        "# A first draft: every line is a guess with its reason. Read it, correct it, then run",
        "#   leadready check",
        f"name: {scalar(draft.name)}",
        "definition: definition.yaml",
    ]
    if draft.extract_at is not None:
        lines.append(
            f"extract_at: {draft.extract_at:%Y-%m-%d}   # the day after the latest date seen; "
            "correct it if the data was taken out later"
        )
    return [*lines, ""]


def _leads(draft: Draft, home: Path) -> list[str]:
    found = {one.column: one for one in draft.guesses}
    lines = ["leads:", f"  file: {scalar(_path(draft.leads_file, home))}"]
    lines.append(f"  id: {scalar(draft.id)}   # {_comment(found[draft.id].why)}")
    for key, column in (("account", draft.account), ("contact", draft.contact)):
        if column:
            lines.append(f"  {key}: {scalar(column)}   # {_comment(found[column].why)}")
    if draft.created:
        lines.append(f"  created: {scalar(draft.created)}   # {_comment(found[draft.created].why)}")
    if draft.nulls:
        why = "found in the data: probably means missing" if draft.nulls_found else "as asked for"
        lines.append(f"  null_values: {listed(draft.nulls)}   # {why}")
    lines += _date_format(draft)
    return [*lines, "  columns:", *_columns(draft), ""]


def _date_format(draft: Draft) -> list[str]:
    formats = [one for guess in draft.guesses for one in guess.date_formats]
    wanted = list(dict.fromkeys(one for one in formats if one != ISO))
    if not wanted:
        return []
    if ISO in formats:
        wanted += ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
    return [f"  date_format: {listed(wanted)}   # as found in the date columns"]


def _path(file: Path, home: Path) -> str:
    """The file as seen from the workspace where it is near, else in full."""
    near = os.path.relpath(file.resolve(), home.resolve())
    return near if near.count("..") <= 2 else str(file.resolve())


def _columns(draft: Draft) -> list[str]:
    taken = {draft.id, draft.account, draft.contact, draft.created, draft.handoff, draft.reason}
    taken.add(draft.outcome.column if draft.outcome else None)
    rest = [one for one in draft.guesses if one.column not in taken]
    lines: list[str] = []
    for family in _FAMILIES:
        own = [one for one in rest if one.family == family and one.column not in draft.suspects]
        lines += [f"    # {family}"] * bool(own) + [line for one in own for line in _column(one)]
    suspected = [one for one in rest if one.column in draft.suspects]
    if suspected:
        lines += [
            "    # SUSPECTED LEAKS: left out of every model until you answer. Add leak: true, or",
            "    # known_at_moment: true if the value was there when the lead was judged.",
        ]
        lines += [line for one in suspected for line in _suspect(draft, one)]
    others = [one for one in rest if not one.family and one.column not in draft.suspects]
    lines += ["    # never features"] * bool(others) + [_ignored(one) for one in others]
    return lines or ["    {}"]


def _column(guess: Guess) -> list[str]:
    return [f"    # {_comment(guess.why)}", f"    {scalar(guess.column)}: {{{_mapping(guess)}}}"]


def _mapping(guess: Guess) -> str:
    parts = [
        f"feature: {scalar(guess.feature)}",
        f"family: {guess.family}",
        f"type: {guess.type}",
        f"label: {scalar(guess.label)}",
    ]
    return ", ".join(parts + [f"unit: {scalar(guess.unit)}"] * bool(guess.unit))


def _suspect(draft: Draft, guess: Guess) -> list[str]:
    evidence = draft.suspects[guess.column].evidence
    lines = [f"    # suspected: {_comment(one)}" for one in evidence[:3]]
    return [*lines, f"    {scalar(guess.column)}: {{{_mapping(_as_feature(guess))}}}"]


def _as_feature(guess: Guess) -> Guess:
    """A suspect keeps a mapping, so that one word answers for it."""
    from dataclasses import replace

    from features.guess.columns import slug

    if guess.family:
        return guess
    kind = "date" if guess.role == "date" else "category"
    name = slug(guess.column)
    return replace(
        guess, family="engagement", type=kind, feature=name, label=" ".join(name.split("_"))
    )


def _ignored(guess: Guess) -> str:
    why = {"date": f"{guess.why}; with type: date it would count days", "text": guess.why}
    kind = _IGNORED.get(guess.role, "other")
    said = why.get(guess.role, guess.why)
    return f"    {scalar(guess.column)}: {{ignore: {kind}}}   # {_comment(f'{guess.role}: {said}')}"


def _events(draft: Draft, home: Path) -> list[str]:
    plain = [(file, one) for file, one in draft.events if not one.is_stages]
    lines = ["events:"] * bool(plain)
    for file, one in plain:
        lines += _one_events(file, one, home)
    for file, one in [pair for pair in draft.events if pair[1].is_stages][:1]:
        lines += ["stages:", *_one_stages(file, one, home)]
    return [*lines, ""] if lines else []


def _one_events(file: Path, one: EventsGuess, home: Path) -> list[str]:
    share = f"{100 * one.matched:.0f} % of its values are ids of the leads"
    lines = [
        f"  - file: {scalar(_path(file, home))}",
        f"    {one.link}: {scalar(one.link_column)}   # {share}",
        f"    time: {scalar(one.columns['time'])}",
    ]
    kind = one.columns.get("kind")
    lines.append(
        f"    kind: {scalar(kind)}   # the values become kinds of events"
        if kind
        else f"    kind_is: {scalar(re.sub(r'[^a-z0-9]+', '_', file.stem.lower()).strip('_'))}"
    )
    lines += [
        f"    {key}: {scalar(one.columns[key])}"
        for key in ("asset", "campaign", "value")
        if key in one.columns
    ]
    if one.direction:
        lines.append(
            f"    by_sales: {{column: {scalar(one.direction)}, values: {listed(one.by_sales)}}}"
            "   # done by us, not by the lead"
        )
    return lines + _formats(one, "    ")


def _one_stages(file: Path, one: EventsGuess, home: Path) -> list[str]:
    lines = [
        f"  file: {scalar(_path(file, home))}",
        f"  lead: {scalar(one.link_column)}",
        f"  stage: {scalar(one.columns['stage'])}",
        f"  time: {scalar(one.columns['time'])}",
    ]
    lines += [
        f"  {key}: {scalar(one.columns[key])}" for key in ("reason", "amount") if key in one.columns
    ]
    return lines + _formats(one, "  ")


def _formats(one: EventsGuess, indent: str) -> list[str]:
    wanted = [form for form in one.date_formats if form != ISO]
    return [f"{indent}date_format: {listed(wanted)}"] if wanted else []


def _moment(draft: Draft) -> list[str]:
    base = draft.handoff or draft.created
    if base is None:
        return _undated(draft)
    lines = ["moment:", f"  column: {scalar(base)}   # a lead is judged with what was known then"]
    if draft.events and not draft.handoff:
        lines.append("  plus_days: 7   # so many days later, when the first events tell something")
    late = [one for one in draft.guesses if one.role == "date" and one.column in draft.suspects]
    lines += [
        f"  # closed: {scalar(one.column)}   # take the first # away if it says when a lead closed"
        for one in late[:1]
    ]
    return [*lines, ""]


def _undated(draft: Draft) -> list[str]:
    if draft.order_by is None:
        return [
            "# No date says when a lead came in, so tests can only split the leads at random.",
            "",
        ]
    return [
        "# No date says when a lead came in. These numbers probably grow as leads come in, so the",
        "# model is tested on the leads with the highest ones.",
        "evaluation:",
        f"  order_by: {scalar(draft.order_by)}",
        "",
    ]


def _outcome(draft: Draft) -> list[str]:
    lines = ["outcome:"]
    if draft.outcome is None:
        lines.append(f"  won: {listed([draft.won_stage])}   # this stage of the stage history")
    else:
        lines += [
            f"  column: {scalar(draft.outcome.column)}   # {_comment(draft.outcome.why)}",
            f"  won: {listed(draft.outcome.won)}",
        ]
    lines += [
        "  # horizon_days: 90   # take the first # away to count only wins within so many days;",
        "  #                    # without it the outcome is as it stands at the extract",
    ]
    if draft.reason:
        lines.append(f"  reason: {scalar(draft.reason)}   # why sales closed the lead")
    lines += reasons_text(draft.reasons, {one: scalar(one) for one in draft.reasons})
    return lines + _unknown_when(draft)


def _unknown_when(draft: Draft) -> list[str]:
    if draft.outcome is None:
        return []
    lines = []
    if draft.outcome.still_open:
        column, values = scalar(draft.outcome.column), listed(draft.outcome.still_open)
        lines.append(f"    still open: {{{column}: {values}}}   # neither won nor lost")
    lines += [
        f"    {reason}: {{{scalar(column)}: {listed([value])}}}"
        for reason, (column, value) in draft.unknown.items()
        if column != draft.reason
    ]
    return ["  unknown_when:   # such leads are not counted as lost", *lines] if lines else []
