"""The text of the two files that ``leadready init`` writes: YAML for people, each guess with its why.

Comments stand where a person will want to change something, and say how.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from features.profile import ISO, Guess
from features.skeleton import EventsGuess
from pipelines.init import Draft

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./()+-]*")
_RESERVED = {"yes", "no", "true", "false", "null", "on", "off", "y", "n", "~"}
_FAMILIES = ("firmographic", "role", "origin", "engagement")
_IGNORED = {"personal": "personal", "constant": "constant", "identifier": "identifier", "id": "identifier",
            "account": "identifier", "contact": "identifier"}  # fmt: skip


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


def _listed(values: Iterable[object]) -> str:
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
            f"extract_at: {draft.extract_at:%Y-%m-%d}   # the day after the latest date seen; correct it "
            "if the data was taken out later"
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
        lines.append(f"  null_values: {_listed(draft.nulls)}   # {why}")
    lines += _date_format(draft)
    return [*lines, "  columns:", *_columns(draft), ""]


def _date_format(draft: Draft) -> list[str]:
    formats = [one for guess in draft.guesses for one in guess.date_formats]
    wanted = list(dict.fromkeys(one for one in formats if one != ISO))
    if not wanted:
        return []
    if ISO in formats:
        wanted += ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
    return [f"  date_format: {_listed(wanted)}   # as found in the date columns"]


def _path(file: Path, home: Path) -> str:
    """The file as seen from the workspace where it is near, else in full."""
    near = os.path.relpath(file.resolve(), home.resolve())
    return near if near.count("..") <= 2 else str(file.resolve())


def _columns(draft: Draft) -> list[str]:
    taken = {draft.id, draft.account, draft.contact, draft.created, draft.handoff}
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
        f"words: {scalar(guess.words)}",
    ]
    return ", ".join(parts + [f"unit: {scalar(guess.unit)}"] * bool(guess.unit))


def _suspect(draft: Draft, guess: Guess) -> list[str]:
    evidence = draft.suspects[guess.column].evidence
    lines = [f"    # suspected: {_comment(one)}" for one in evidence[:3]]
    return [*lines, f"    {scalar(guess.column)}: {{{_mapping(_as_feature(guess))}}}"]


def _as_feature(guess: Guess) -> Guess:
    """A suspect keeps a mapping, so that one word answers for it."""
    from dataclasses import replace

    from features.profile import slug

    if guess.family:
        return guess
    kind = "date" if guess.role == "date" else "category"
    name = slug(guess.column)
    return replace(
        guess, family="engagement", type=kind, feature=name, words=" ".join(name.split("_"))
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
            f"    by_sales: {{column: {scalar(one.direction)}, values: {_listed(one.by_sales)}}}"
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
    return [f"{indent}date_format: {_listed(wanted)}"] if wanted else []


def _moment(draft: Draft) -> list[str]:
    base = draft.handoff or draft.created
    if base is None:
        return _undated(draft)
    lines = ["moment:", f"  column: {scalar(base)}   # a lead is judged with what was known then"]
    if draft.events and not draft.handoff:
        lines.append("  plus_days: 7   # so many days later, when the first events tell something")
    late = [one for one in draft.guesses if one.role == "date" and one.column in draft.suspects]
    lines += [
        f"  # closed: {scalar(one.column)}   # take the first # away if this is when a lead was closed"
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
        "# No date says when a lead came in. These whole numbers probably grow as leads come in, so",
        "# the model is tested on the leads with the highest ones.",
        "evaluation:",
        f"  order_by: {scalar(draft.order_by)}",
        "",
    ]


def _outcome(draft: Draft) -> list[str]:
    lines = ["outcome:"]
    if draft.outcome is None:
        lines.append(f"  won: {_listed([draft.won_stage])}   # this stage of the stage history")
    else:
        lines += [
            f"  column: {scalar(draft.outcome.column)}   # {_comment(draft.outcome.why)}",
            f"  won: {_listed(draft.outcome.won)}",
        ]
    lines += [
        "  # horizon_days: 90   # take the first # away to count only wins within so many days;",
        "  #                    # without it the outcome is as it stands at the extract",
    ]
    return lines + _unknown_when(draft)


def _unknown_when(draft: Draft) -> list[str]:
    if draft.outcome is None:
        return []
    lines = []
    if draft.outcome.still_open:
        column = scalar(draft.outcome.column)
        lines.append(
            f"    still open: {{{column}: {_listed(draft.outcome.still_open)}}}   # neither won nor lost"
        )
    lines += [
        f"    {reason}: {{{scalar(column)}: {_listed([value])}}}"
        for reason, (column, value) in draft.unknown.items()
    ]
    return ["  unknown_when:   # such leads are not counted as lost", *lines] if lines else []


# -- the definition -------------------------------------------------------------------------------


def definition_text(draft: Draft) -> str:
    """The text of ``definition.yaml``: a start for the workshop, not signed by anybody."""
    fit, engagement = _fit(draft), _engagement(draft)
    never = _never(draft)
    lines = [
        "# The lead definition: what sales and marketing agree a sales-ready lead is. This draft was",
        "# made from the columns alone and nobody has agreed to it. Sit down together, change every",
        "# line that is wrong, then sign it:",
        "#   leadready definition check",
        '#   leadready definition sign --team sales --name "…"',
        "name: sales-ready lead",
        "version: 1",
        "terms:",
        "  lead: somebody who might buy from us",
        "  mql: a lead that marketing hands over to sales",
        "  sal: a handed-over lead that sales has accepted",
        "  sql: an accepted lead whose need and budget sales has confirmed",
        "  opportunity: a deal that sales expects to be decided",
        "ready_when:",
        "  all:",
        *(fit or engagement or ["    - " + _anything(draft)]),
        *(["    - any:   # one sign of interest is enough", *_deeper(engagement)] if fit and engagement else []),
    ]  # fmt: skip
    lines += ["never_when:", *never] if never else ["never_when: []   # e.g. students, competitors"]
    return "\n".join(lines + _agreement()) + "\n"


def _agreement() -> list[str]:
    return [
        "expect: []   # e.g. - {feature: employees, direction: increasing}",
        "examples: []   # e.g. - {lead: {employees: 500}, verdict: ready, because: closed in 3 weeks}",
        "handoff:",
        "  decide_by: review   # where the model and these rules disagree: review, model or rules",
        "  follow_up_hours: 48",
        "  explore: 0.0   # share of the other leads handed over all the same, to keep learning",
        "tolerance: {agreement: 0.5}   # share of leads on which model and rules have to agree",
        "teams: [sales, marketing]   # have to sign",
        "agreed: []   # signatures; any change above voids them",
    ]


def _usable(draft: Draft) -> list[Guess]:
    taken = {draft.id, draft.account, draft.contact, draft.created, draft.handoff}
    taken.add(draft.outcome.column if draft.outcome else None)
    return [
        one for one in draft.guesses
        if one.family and one.column not in draft.suspects and one.column not in taken
    ]  # fmt: skip


def _fit(draft: Draft) -> list[str]:
    lines = []
    for one in _usable(draft):
        if one.family == "firmographic" and one.type == "number":
            lines += _at_least_median(draft, one, "half of the leads have as many")
        elif one.type == "title":
            lines += [
                "    # read from the job title",
                "    - {id: decision-maker, feature: seniority, one_of: [manager, director, vp, c_level]}",
            ]
    if not lines:
        lines = [line for one in _usable(draft) if one.family in ("firmographic", "role")
                 for line in _common_values(draft, one)]  # fmt: skip
    return lines[:4]


def _engagement(draft: Draft) -> list[str]:
    if any(not one.is_stages for _, one in draft.events):
        return [
            "    # did anything at all in the last month",
            "    - {id: active, feature: active_days_30d, at_least: 1}",
        ]
    numbers = [one for one in _usable(draft) if one.family == "engagement" and one.type == "number"]
    lines = [
        line for one in numbers for line in _at_least_median(draft, one, "half of the leads do")
    ]
    return lines[:4]


def _at_least_median(draft: Draft, guess: Guess, why: str) -> list[str]:
    from features.sources import parse_numbers

    middle = parse_numbers(draft.raw[guess.column]).median()
    if pd.isna(middle):
        return []
    name = guess.feature.replace("_", "-")
    return [
        f"    # {why}; not learnt from outcomes",
        f"    - {{id: {scalar('enough-' + name)}, feature: {scalar(guess.feature)}, at_least: {middle:.6g}}}",
    ]


def _common_values(draft: Draft, guess: Guess) -> list[str]:
    if guess.type != "category":
        return []
    counts = draft.raw[guess.column].value_counts()
    if not 2 <= len(counts):
        return []
    name = guess.feature.replace("_", "-")
    return [
        "    # the most common values; keep those that fit you",
        f"    - {{id: {scalar('right-' + name)}, feature: {scalar(guess.feature)}, "
        f"one_of: {_listed(counts.index[:3])}}}",
    ]


def _anything(draft: Draft) -> str:
    usable = _usable(draft)
    feature = usable[0].feature if usable else "days_since_created"
    return f"{{id: known, feature: {scalar(feature)}, is_missing: false}}"


def _deeper(lines: list[str]) -> list[str]:
    return ["    " + one for one in lines]


def _never(draft: Draft) -> list[str]:
    for one in _usable(draft):
        if one.type == "flag" and one.feature.startswith(("do_not", "opt_out", "unsubscribed")):
            name = one.feature.replace("_", "-")
            return [
                "  # they asked us not to",
                f"  - {{id: {scalar(name)}, feature: {scalar(one.feature)}, equals: \"yes\"}}",
            ]  # fmt: skip
    return []
