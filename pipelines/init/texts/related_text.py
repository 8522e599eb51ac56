"""The sections of ``leadready.yaml`` for the files beside the leads, as ``init`` writes them."""

from __future__ import annotations

from pathlib import Path

from features.dates.formats import ISO
from features.links.linked import ENOUGH_MATCHED
from features.links.matching import EXACT
from features.links.pairs import Match
from features.related.events import EventsGuess
from features.related.file_kinds import kind_of_file
from features.related.links import LinkGuess, spelling_text
from features.text import one_line_comment, percent, yaml_inline
from pipelines.init.draft import Draft

HISTORY_KEYS = ("stage", "column", "time", "until", "old", "new", "reason", "amount")


def join_lines(draft: Draft, home: Path) -> list[str]:
    """Write ``leads.join``: the files with a row for each account or contact."""
    lines = ["  join:"] * bool(draft.joins)
    for file, guess in draft.joins:
        matched = f"{percent(guess.match.share)} of the leads find their row"
        lines += [
            *_item(draft.reading.yaml_lines(file, home, "      ")),
            f"      on: {yaml_inline(guess.on)}   # {matched}",
            f"      key: {yaml_inline(guess.key)}",
            *_match_lines(guess.match, guess.examples, "      "),
        ]
    return lines


def _item(lines: list[str]) -> list[str]:
    """Put the dash of a list before the first line."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    return [f"{lines[0][: indent - 2]}- {lines[0].lstrip()}", *lines[1:]]


def related_files_lines(draft: Draft, home: Path) -> list[str]:
    """Write ``events``, ``stages`` and ``field_history``."""
    events = [(file, guess) for file, guess in draft.events if guess.is_events]
    lines = ["events:"] * bool(events)
    for file, guess in events:
        lines += _events_lines(draft, file, guess, home)
    for file, guess in draft.events:
        if guess.is_stages:
            lines += ["stages:", *_history_lines(draft, file, guess, home)]
        elif not guess.is_events:
            lines += ["field_history:", *_history_lines(draft, file, guess, home)]
    lines += [
        f"# not used: {one_line_comment(f'{file.name}: {why}')}" for file, why in draft.unused
    ]
    return [*lines, ""] if lines else []


def _events_lines(draft: Draft, file: Path, guess: EventsGuess, home: Path) -> list[str]:
    kind = guess.columns.get("kind")
    lines = [
        *_item(draft.reading.yaml_lines(file, home, "    ")),
        *_link_lines(draft, guess.link, "    "),
        f"    time: {yaml_inline(guess.columns['time'])}",
        f"    kind: {yaml_inline(kind)}   # its values become the kinds of event"
        if kind
        else f"    kind_is: {yaml_inline(kind_of_file(file))}",
        *_key_lines(guess, ("asset", "campaign", "value"), "    "),
    ]
    if guess.direction:
        rule = {"column": guess.direction, "values": guess.by_sales}
        lines.append(f"    by_sales: {yaml_inline(rule)}   # caused by sales, not by the lead")
    return [*lines, *_event_notation(guess, "    ")]


def _history_lines(draft: Draft, file: Path, guess: EventsGuess, home: Path) -> list[str]:
    return [
        *draft.reading.yaml_lines(file, home, "  "),
        *_link_lines(draft, guess.link, "  "),
        *_key_lines(
            guess, ("stage", "column", "time", "until", "old", "new", "reason", "amount"), "  "
        ),
        *_event_notation(guess, "  "),
    ]


def _link_lines(draft: Draft, link: LinkGuess, indent: str) -> list[str]:
    """The column that names the leads, and how its ids are compared with theirs."""
    own = {"lead": draft.id, "contact": draft.contact, "account": draft.account}[link.link]
    who = " or ".join([link.link, *link.further])
    matched = f"{percent(link.match.share)} of the rows find their {who} in the leads"
    lines = [f"{indent}{link.link}: {yaml_inline(link.column)}   # {one_line_comment(matched)}"]
    lines += [f"{indent}{key}: {yaml_inline(column)}" for key, (column, _) in link.further.items()]
    if link.also:
        names = yaml_inline([link.on, *link.also])
        lines.append(f"{indent}on: {names}   # also the ids of converted or merged records")
    elif link.on != own:
        lines.append(f"{indent}on: {yaml_inline(link.on)}   # the leads' column with the same ids")
    return lines + _match_lines(link.match, link.examples, indent)


def _match_lines(match: Match, examples: tuple[str, str] | None, indent: str) -> list[str]:
    """How two columns are compared, and the question if many rows find nobody."""
    lines = []
    if match.rule != EXACT:
        comment = one_line_comment(spelling_text(match, examples))
        lines.append(f"{indent}match: {match.rule}   # {comment}")
    if match.share < ENOUGH_MATCHED:
        lines += [
            f"{indent}# partial: true   # remove the first # if it is right that the others find",
            f"{indent}#                 # nobody; nothing is trained until you answer",
        ]
    return lines


def _key_lines(guess: EventsGuess, keys: tuple[str, ...], indent: str) -> list[str]:
    columns = guess.columns
    return [f"{indent}{key}: {yaml_inline(columns[key])}" for key in keys if key in columns]


def _event_notation(guess: EventsGuess, indent: str) -> list[str]:
    plain = guess.date_formats in ((), (ISO,))
    lines = [] if plain else [f"{indent}date_format: {yaml_inline(guess.date_formats)}"]
    return lines + [f"{indent}decimal: {yaml_inline(guess.decimal)}"] * bool(guess.decimal)
