"""Reads the sections of ``leadready.yaml`` on outcomes, the card and the scoring job."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from features.text import yaml_inline
from features.workspace.conditions import Condition, column_conditions, read_condition
from features.workspace.job_schema import LEAD_ID, SCORE_COLUMNS, Export, Guards, LedgerPlace
from features.workspace.outcome_schema import Outcome, Worked
from features.workspace.schema import CardSize, Moment
from features.workspace.section import Section
from features.workspace.vocabulary import (
    DISPOSITIONS,
    IMMATURE_LEADS,
    UNWORKED_LEADS,
)
from features.workspace.yaml_with_lines import Place


def read_moment_section(top: Section) -> Moment:
    """Read ``moment``, or its defaults."""
    if "moment" not in top.keys:
        return Moment()
    section = top.section("moment")
    return Moment(
        plus_days=section.whole("plus_days", 0),
        every_days=section.whole("every_days", 1),
        column=section.optional_text("column"),
        closed=section.optional_text("closed"),
    )


def read_outcome_section(top: Section) -> Outcome:
    """Read ``outcome``, or its defaults."""
    if "outcome" not in top.keys:
        return Outcome()
    _refuse_former_keys(top)
    section = top.section("outcome", ("won_when",))
    return Outcome(
        unknown_when=_read_unknown_when(section),
        won_when=_read_state(section, "won_when"),
        lost_when=_read_state(section, "lost_when"),
        won_at=section.optional_text("won_at"),
        amount=section.optional_text("amount"),
        reason=section.optional_text("reason"),
        horizon_days=section.whole("horizon_days", 1),
        reasons=_read_reasons(section),
        worked=_read_worked(section, top),
        immature=_read_immature(section),
        unworked=section.choice("unworked", UNWORKED_LEADS) or Outcome.unworked,
        with_sales_when=_read_state(section, "with_sales_when"),
        open_when=_read_state(section, "open_when"),
    )


def _refuse_former_keys(top: Section) -> None:
    """Refuse ``column`` and ``won``, which named the won leads before there were conditions."""
    place = top.keys["outcome"]
    former = {"column", "won"} & place.value.keys() if isinstance(place.value, dict) else None
    if not former:
        return
    stages = top.keys["stages"].value if "stages" in top.keys else None
    stage = stages.get("stage") if isinstance(stages, dict) else None
    column = yaml_inline(str(place.value.get("column") or stage or "Stage"))
    won = place.value.get("won") or ["Closed Won"]
    values = yaml_inline([str(value) for value in (won if isinstance(won, list) else [won])])
    hint = f"write  won_when: {{{column}: {values}}}  in its place"
    if "lost_when" not in place.value:
        lost = f"lost_when: {{{column}: {{none_of: {values}}}}}"
        hint += f", and  {lost}  if every lead with another value is lost"
    keys = place.mapping(None, what="key", as_written=True)
    raise keys[min(former)].wrong("won leads are named by the condition  won_when", hint)


def _read_state(section: Section, key: str) -> Condition | None:
    """Read the condition of a state, and note where its columns are named."""
    if key not in section.keys:
        return None
    place = section.keys[key]
    condition = read_condition(place)
    paths = (f"outcome.{key}.{part.column}" for part in column_conditions(condition))
    section.places.update(dict.fromkeys(paths, place.where))
    return condition


def _read_unknown_when(section: Section) -> dict[str, dict[str, tuple[str, ...]]]:
    if "unknown_when" not in section.keys:
        return {}
    rules = {}
    reasons = section.keys["unknown_when"].mapping(None, what="reason", as_written=True)
    for reason, place in reasons.items():
        columns = place.mapping(None, what="column", as_written=True)
        rules[reason] = {name: values.raw_texts() for name, values in columns.items()}
        path = f"outcome.unknown_when.{reason}"
        section.places.update({f"{path}.{name}": at.where for name, at in columns.items()})
    return rules


def _read_reasons(section: Section) -> dict[str, tuple[str, ...]]:
    """The company's reasons under each disposition; each of them once."""
    if "reasons" not in section.keys:
        return {}
    groups: dict[str, tuple[str, ...]] = {}
    group_of: dict[str, str] = {}
    names = section.keys["reasons"].mapping(DISPOSITIONS, what="disposition")
    for name, place in names.items():
        groups[name] = place.raw_texts()
        for reason in groups[name]:
            if group_of.setdefault(reason, name) != name:
                raise place.wrong(f"{reason!r} is also under {group_of[reason]!r}")
    return groups


def _read_worked(outcome: Section, top: Section) -> Worked | None:
    if "worked" not in outcome.keys:
        return None
    section = outcome.section("worked")
    if not section.keys.keys() & {"stages", "events"}:
        raise section.place.wrong("expected stages or events that show that sales followed up")
    for key in ("stages", "events"):
        if key in section.keys and key not in top.keys:
            raise section.keys[key].wrong(f"this workspace has no {key}")
    return Worked(
        stages=section.texts("stages"),
        events=section.texts("events"),
        within_days=section.whole("within_days", 1),
    )


def _read_immature(section: Section) -> str:
    immature = section.choice("immature", IMMATURE_LEADS) or Outcome.immature
    if immature == "weight" and "horizon_days" not in section.keys:
        what = "weight requires a horizon: without one, no lead is immature"
        hint = "add  horizon_days: …, the days within which a win counts"
        raise section.keys["immature"].wrong(what, hint)
    return immature


def read_card_section(top: Section) -> CardSize:
    """Read ``card``, or its default."""
    if "card" not in top.keys:
        return CardSize()
    features = top.section("card").whole("features", 1)
    return CardSize() if features is None else CardSize(features)


def read_guards_section(top: Section) -> Guards:
    """Read ``guards``, or their defaults; ``off`` turns one off."""
    if "guards" not in top.keys:
        return Guards()
    places = top.section("guards").keys
    return Guards(**{name: _read_limit(name, place) for name, place in places.items()})


def read_ledger_section(top: Section) -> LedgerPlace:
    """Read ``ledger``, or its defaults."""
    if "ledger" not in top.keys:
        return LedgerPlace()
    section = top.section("ledger")
    file = section.optional_text("file") or LedgerPlace.file
    return LedgerPlace(file, section.whole("keep_days", 1), _read_ledger_url(section))


def _read_ledger_url(section: Section) -> str | None:
    """Read the address of a PostgreSQL database; no password is kept in a file."""
    if "url" not in section.keys:
        return None
    place, url = section.keys["url"], section.text("url")
    if "file" in section.keys:
        raise place.wrong("scores are kept in a file or in a database", "remove one of the two")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("postgresql", "postgres"):
        hint = "write  url: postgresql://USER@HOST/DATABASE"
        raise place.wrong("expected the address of a PostgreSQL database", hint)
    if parts.password or "password" in parse_qs(parts.query):
        hint = "remove it here, and set the environment variable PGPASSWORD, or use ~/.pgpass"
        raise place.wrong("a password does not belong into this file", hint)
    return url


def _read_limit(name: str, place: Place) -> float | None:
    if place.value == "off":
        return None
    if isinstance(place.value, str):
        raise place.wrong(f"expected a number, or off, got {place.value!r}")
    return place.number(0) if name == "max_age" else place.number(0, 1)


def read_export_section(top: Section) -> Export:
    """Read ``export``, or its defaults."""
    if "export" not in top.keys or "columns" not in top.section("export").keys:
        return Export()
    columns = top.section("export").keys["columns"]
    names: dict[str, str] = {}
    for column, place in columns.mapping(SCORE_COLUMNS, what="column").items():
        name = place.raw_text()
        if name in names.values():
            raise place.wrong(f"two columns would be called {name!r}", "give each its own name")
        names[column] = name
    if LEAD_ID not in names:
        hint = f"add  {LEAD_ID}: …, the name that the CRM has for it"
        raise columns.wrong("without the lead's id, nobody can tell whose scores these are", hint)
    return Export(names)
