"""Reads the sections of ``leadready.yaml`` that map files: leads, events, stages, field history."""

from __future__ import annotations

import codecs
import re

from features.text import join
from features.workspace.schema import (
    BySales,
    Column,
    EventsSource,
    FieldHistorySource,
    Join,
    LeadsSource,
    StagesSource,
)
from features.workspace.section import Section
from features.workspace.vocabulary import (
    DECIMAL_MARKS,
    FAMILIES,
    IGNORE_REASONS,
    KIND_ANSWERS,
    MATCHES,
    TYPES,
)
from features.workspace.yaml_with_lines import Place


def read_leads_section(top: Section) -> LeadsSource:
    """Read ``leads``, the only section that every file must have."""
    if "leads" not in top.keys:
        raise top.place.wrong("the key 'leads' is missing", "docs/data.md shows a complete file")
    section = top.section("leads", ("file", "id"))
    formats = _read_date_formats(section)
    return LeadsSource(
        file=section.file(),
        sheet=section.optional_text("sheet"),
        encoding=_encoding(section),
        id=section.text("id"),
        account=section.optional_text("account"),
        contact=section.optional_text("contact"),
        created=section.optional_text("created"),
        null_values=section.texts("null_values"),
        date_format=formats.get("", ()),
        column_date_formats={name: texts for name, texts in formats.items() if name},
        decimal=section.choice("decimal", DECIMAL_MARKS),
        join=tuple(_read_join(part) for part in section.sections("join", ("file", "on", "key"))),
        columns=_read_columns(section),
    )


def _encoding(section: Section) -> str | None:
    """The encoding of a text file, by Python's name for it."""
    if "encoding" not in section.keys:
        return None
    name = section.text("encoding")
    try:
        return codecs.lookup(name).name
    except LookupError:
        hint = "write  utf-8, cp1252, cp1250, cp1251, shift_jis, gbk or another usual name"
        raise section.keys["encoding"].wrong(f"unknown encoding {name!r}", hint) from None


def _read_date_formats(section: Section) -> dict[str, tuple[str, ...]]:
    """The formats of each column that has its own; those of all others without a name."""
    place = section.keys.get("date_format")
    if place is None or not isinstance(place.value, dict):
        return {"": section.date_formats("date_format")}
    columns = place.mapping(None, what="column", as_written=True)
    section.places.update({f"leads.date_format.{name}": at.where for name, at in columns.items()})
    return {name: at.date_formats() for name, at in columns.items()}


def _read_join(section: Section) -> Join:
    return Join(
        file=section.file(),
        on=section.text("on"),
        key=section.text("key"),
        sheet=section.optional_text("sheet"),
        encoding=_encoding(section),
        match=_read_match(section),
        partial=section.flag("partial"),
    )


def _read_match(section: Section) -> str:
    return section.choice("match", MATCHES) or MATCHES[0]


def _read_columns(section: Section) -> tuple[Column, ...]:
    if "columns" not in section.keys:
        return ()
    columns = section.keys["columns"].mapping(None, what="column", as_written=True)
    paths = {f"leads.columns.{name}": place.where for name, place in columns.items()}
    section.places.update(paths)
    return tuple(_read_column(name, place, section.places) for name, place in columns.items())


def _read_column(name: str, place: Place, places: dict[str, str]) -> Column:
    section = Section(f"leads.columns.{name}", place, places)
    column = Column(
        name,
        feature=section.optional_text("feature"),
        label=section.optional_text("label"),
        unit=section.optional_text("unit"),
        decimal=section.choice("decimal", DECIMAL_MARKS),
        family=section.choice("family", FAMILIES),
        type=section.choice("type", TYPES),
        choices=section.texts("choices"),
        separator=section.sign("separator", Column.separator),
        ignore=section.choice("ignore", IGNORE_REASONS),
        leak=section.flag("leak"),
        known_at_moment=section.flag("known_at_moment"),
    )
    _check_column_keys(section, column)
    return column


def _check_column_keys(section: Section, column: Column) -> None:
    if not (column.feature or column.ignore or column.leak or column.known_at_moment):
        options = "{feature: …, family: …, type: …}, {ignore: other} or {leak: true}"
        raise section.place.wrong("expected feature, ignore or leak", f"write  {options}")
    if column.feature is not None:
        if column.ignore is not None:
            raise section.keys["ignore"].wrong("a column is a feature or ignored, not both")
        if column.family is None:
            hint = f"one of {', '.join(FAMILIES)}"
            raise section.place.wrong("the key 'family' is missing", hint)
        if not re.fullmatch(r"[^\W\d]\w*", column.feature):
            name = re.sub(r"[^a-z0-9]+", "_", column.feature.lower()).strip("_")
            what = "expected a name of letters, digits and _"
            raise section.keys["feature"].wrong(what, f"write  {name}")
    if (column.type == "choices") != bool(column.choices):
        what = "type: choices and the list of choices belong together"
        raise section.place.wrong(what, "write  type: choices, choices: [Analytics, Support]")
    if column.leak and column.known_at_moment:
        what = "a column is a leak or known at the moment, not both"
        raise section.keys["known_at_moment"].wrong(what)


# -- events, stages and field history -------------------------------------------------------------


def read_events_sections(top: Section) -> tuple[EventsSource, ...]:
    """Read ``events``: a file, or a list of files."""
    sections = top.sections("events", ("file", "time"))
    return tuple(_read_events_file(section) for section in sections)


def _read_events_file(section: Section) -> EventsSource:
    links = [key for key in ("lead", "contact", "account") if key in section.keys]
    if not links:
        what = (
            "expected lead, contact or account: the column with the id of whom the event is about"
        )
        raise section.place.wrong(what)
    if len(links) > 1 and "on" in section.keys:
        raise section.keys["on"].wrong(f"it belongs to one link, but there are {join(links)}")
    if ("kind" in section.keys) == ("kind_is" in section.keys):
        what = "expected either kind (one or more columns) or kind_is (one kind for the whole file)"
        raise section.place.wrong(what)
    renamed = {}
    if "rename_kinds" in section.keys:
        kinds = section.keys["rename_kinds"].mapping(None, what="kind", as_written=True)
        renamed = {kind: place.raw_text() for kind, place in kinds.items()}
    return EventsSource(
        file=section.file(),
        sheet=section.optional_text("sheet"),
        encoding=_encoding(section),
        lead=section.optional_text("lead"),
        contact=section.optional_text("contact"),
        account=section.optional_text("account"),
        on=section.texts("on"),
        match=_read_match(section),
        partial=section.flag("partial"),
        time=section.text("time"),
        kind=section.texts("kind"),
        kind_is=section.optional_text("kind_is"),
        rename_kinds=renamed,
        kinds=_read_kind_answers(section),
        complete=section.flag("complete"),
        asset=section.optional_text("asset"),
        campaign=section.optional_text("campaign"),
        value=section.optional_text("value"),
        by_sales=_read_by_sales(section),
        date_format=section.date_formats("date_format"),
        null_values=section.texts("null_values"),
        decimal=section.choice("decimal", DECIMAL_MARKS),
    )


def _read_kind_answers(section: Section) -> dict[str, str]:
    """The team's answer for each kind of event that the audit suspects."""
    if "kinds" not in section.keys:
        return {}
    kinds = section.keys["kinds"].mapping(None, what="kind", as_written=True)
    for place in kinds.values():
        if place.raw_text() not in KIND_ANSWERS:
            raise place.wrong(f"expected {' or '.join(KIND_ANSWERS)}")
    return {kind: place.raw_text() for kind, place in kinds.items()}


def _read_by_sales(section: Section) -> bool | BySales:
    if "by_sales" in section.keys and isinstance(section.keys["by_sales"].value, dict):
        rule = section.section("by_sales", ("column", "values"))
        return BySales(rule.text("column"), rule.texts("values"))
    return section.flag("by_sales")


def read_stages_section(top: Section) -> StagesSource | None:
    """Read ``stages``, if it is there."""
    if "stages" not in top.keys:
        return None
    section = top.section("stages", ("file", "lead", "stage", "time"))
    return StagesSource(
        file=section.file(),
        sheet=section.optional_text("sheet"),
        encoding=_encoding(section),
        lead=section.text("lead"),
        on=section.texts("on"),
        match=_read_match(section),
        partial=section.flag("partial"),
        stage=section.text("stage"),
        time=section.text("time"),
        reason=section.optional_text("reason"),
        amount=section.optional_text("amount"),
        date_format=section.date_formats("date_format"),
        null_values=section.texts("null_values"),
        decimal=section.choice("decimal", DECIMAL_MARKS),
    )


def read_field_history_section(top: Section) -> FieldHistorySource | None:
    """Read ``field_history``, if it is there."""
    if "field_history" not in top.keys:
        return None
    section = top.section("field_history", ("file", "lead", "time"))
    _check_history_keys(section)
    return FieldHistorySource(
        file=section.file(),
        sheet=section.optional_text("sheet"),
        encoding=_encoding(section),
        lead=section.text("lead"),
        on=section.texts("on"),
        match=_read_match(section),
        partial=section.flag("partial"),
        column=section.optional_text("column"),
        old=section.optional_text("old"),
        new=section.optional_text("new"),
        until=section.optional_text("until"),
        time=section.text("time"),
        date_format=section.date_formats("date_format"),
        null_values=section.texts("null_values"),
    )


def _check_history_keys(section: Section) -> None:
    keys = section.keys
    if "column" in keys and "until" in keys:
        what = "until is for rows with all columns of a lead, column for rows with one change each"
        raise keys["until"].wrong(what, "remove the key that does not fit the file")
    if "column" not in keys and keys.keys() & {"old", "new"}:
        raise section.place.wrong("the key 'column' is missing", "it names the field of each row")
    if "old" in keys and "new" not in keys:
        raise keys["old"].wrong("old and new belong together", "add  new: …")
