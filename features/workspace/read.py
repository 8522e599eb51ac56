"""Reads ``leadready.yaml``, the one file in which a company says what its data means.

Each section of the file has a function here. An unknown key, a value of the wrong type or a
contradiction is an error with file, line and column, what was expected and the most similar valid
name. The result is the records of ``schema``. Whether the columns exist is checked when the data
is read (``features.tables.read``).
"""

from __future__ import annotations

import re
from pathlib import Path

from features.errors import LeadReadyError
from features.workspace.schema import (
    BySales,
    Column,
    Evaluation,
    EventsSource,
    FieldHistorySource,
    Join,
    LeadsSource,
    Moment,
    Outcome,
    StagesSource,
    Worked,
    Workspace,
)
from features.workspace.section import Section
from features.workspace.vocabulary import (
    DISPOSITIONS,
    FAMILIES,
    IGNORE_REASONS,
    IMMATURE_LEADS,
    OUTCOMES_TO_LEARN_FROM,
    TYPES,
    UNWORKED_LEADS,
)
from features.workspace.yaml_with_lines import Place, read_places

__all__ = ["Column", "Workspace", "read_workspace"]

FILE = "leadready.yaml"


def read_workspace(folder: str | Path) -> Workspace:
    """Read the ``leadready.yaml`` of a folder.

    Parameters
    ----------
    folder : path
        The workspace.

    Returns
    -------
    Workspace
        What the file says. No data is read yet.

    Raises
    ------
    LeadReadyError
        With file, line and column, what was expected, and the most similar valid name.

    Examples
    --------
    >>> read_workspace("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere/leadready.yaml: there is no workspace file
    """
    home = Path(folder)
    content = read_places(
        home / FILE,
        what="workspace file",
        missing="create one with  leadready init DIR --leads FILE, or name its folder with  -w DIR",
        keys="leads: …",
    )
    top = Section("", content, {})
    ws = _workspace(top, home)
    _check_features(ws, top)
    _check_panel(ws, top)
    return ws


def _workspace(top: Section, home: Path) -> Workspace:
    if "leads" not in top.keys:
        raise top.place.wrong("the key 'leads' is missing", "docs/data.md shows a complete file")
    return Workspace(
        definition=top.optional_text("definition") or Workspace.definition,
        model=top.optional_text("model") or Workspace.model,
        leads=_leads(top.section("leads", ("file", "id"))),
        events=tuple(_events(section) for section in top.sections("events", ("file", "time"))),
        stages=_stages(top),
        field_history=_field_history(top),
        extract_at=top.keys["extract_at"].time() if "extract_at" in top.keys else None,
        moment=_moment(top),
        outcome=_outcome(top),
        evaluation=_evaluation(top),
        name=top.optional_text("name") or home.resolve().name,
        folder=home,
        places=top.places,
    )


# -- the leads ------------------------------------------------------------------------------------


def _leads(section: Section) -> LeadsSource:
    return LeadsSource(
        file=section.text("file"),
        sheet=section.optional_text("sheet"),
        id=section.text("id"),
        account=section.optional_text("account"),
        contact=section.optional_text("contact"),
        created=section.optional_text("created"),
        null_values=section.texts("null_values"),
        date_format=section.texts("date_format"),
        join=tuple(_join(part) for part in section.sections("join", ("file", "on", "key"))),
        columns=_columns(section),
    )


def _join(section: Section) -> Join:
    return Join(
        file=section.text("file"),
        on=section.text("on"),
        key=section.text("key"),
        sheet=section.optional_text("sheet"),
    )


def _columns(section: Section) -> tuple[Column, ...]:
    if "columns" not in section.keys:
        return ()
    columns = section.keys["columns"].mapping(None, what="column", as_written=True)
    paths = {f"leads.columns.{name}": place.where for name, place in columns.items()}
    section.places.update(paths)
    return tuple(_column(name, place, section.places) for name, place in columns.items())


def _column(name: str, place: Place, places: dict[str, str]) -> Column:
    section = Section(f"leads.columns.{name}", place, places)
    column = Column(
        name,
        feature=section.optional_text("feature"),
        label=section.optional_text("label"),
        unit=section.optional_text("unit"),
        family=section.choice("family", FAMILIES),
        type=section.choice("type", TYPES),
        ignore=section.choice("ignore", IGNORE_REASONS),
        leak=section.flag("leak"),
        known_at_moment=section.flag("known_at_moment"),
    )
    _check_column(section, column)
    return column


def _check_column(section: Section, column: Column) -> None:
    if not (column.feature or column.ignore or column.leak):
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
    if column.leak and column.known_at_moment:
        what = "a column is a leak or known at the moment, not both"
        raise section.keys["known_at_moment"].wrong(what)


# -- events, stages and field history -------------------------------------------------------------


def _events(section: Section) -> EventsSource:
    links = [key for key in ("lead", "contact", "account") if key in section.keys]
    if len(links) != 1:
        what = (
            "expected exactly one of lead, contact and account: the column with the id of whoever"
        )
        raise section.place.wrong(f"{what} the event is about; got {' and '.join(links) or 'none'}")
    if ("kind" in section.keys) == ("kind_is" in section.keys):
        what = "expected either kind (one or more columns) or kind_is (one kind for the whole file)"
        raise section.place.wrong(what)
    renamed = {}
    if "rename_kinds" in section.keys:
        kinds = section.keys["rename_kinds"].mapping(None, what="kind", as_written=True)
        renamed = {kind: place.raw_text() for kind, place in kinds.items()}
    return EventsSource(
        file=section.text("file"),
        sheet=section.optional_text("sheet"),
        lead=section.optional_text("lead"),
        contact=section.optional_text("contact"),
        account=section.optional_text("account"),
        time=section.text("time"),
        kind=section.texts("kind"),
        kind_is=section.optional_text("kind_is"),
        rename_kinds=renamed,
        asset=section.optional_text("asset"),
        campaign=section.optional_text("campaign"),
        value=section.optional_text("value"),
        by_sales=_by_sales(section),
        date_format=section.texts("date_format"),
        null_values=section.texts("null_values"),
    )


def _by_sales(section: Section) -> bool | BySales:
    if "by_sales" in section.keys and isinstance(section.keys["by_sales"].value, dict):
        rule = section.section("by_sales", ("column", "values"))
        return BySales(rule.text("column"), rule.texts("values"))
    return section.flag("by_sales")


def _stages(top: Section) -> StagesSource | None:
    if "stages" not in top.keys:
        return None
    section = top.section("stages", ("file", "lead", "stage", "time"))
    return StagesSource(
        file=section.text("file"),
        sheet=section.optional_text("sheet"),
        lead=section.text("lead"),
        stage=section.text("stage"),
        time=section.text("time"),
        reason=section.optional_text("reason"),
        amount=section.optional_text("amount"),
        date_format=section.texts("date_format"),
        null_values=section.texts("null_values"),
    )


def _field_history(top: Section) -> FieldHistorySource | None:
    if "field_history" not in top.keys:
        return None
    section = top.section("field_history", ("file", "lead", "column", "time"))
    return FieldHistorySource(
        file=section.text("file"),
        sheet=section.optional_text("sheet"),
        lead=section.text("lead"),
        column=section.text("column"),
        time=section.text("time"),
        date_format=section.texts("date_format"),
        null_values=section.texts("null_values"),
    )


# -- moment, outcome, evaluation ------------------------------------------------------------------


def _moment(top: Section) -> Moment:
    if "moment" not in top.keys:
        return Moment()
    section = top.section("moment")
    return Moment(
        plus_days=section.whole("plus_days", 0),
        every_days=section.whole("every_days", 1),
        column=section.optional_text("column"),
        closed=section.optional_text("closed"),
    )


def _outcome(top: Section) -> Outcome:
    if "outcome" not in top.keys:
        return Outcome()
    section = top.section("outcome", ("won",))
    if "column" not in section.keys and "stages" not in top.keys:
        what = "won is read from a column of the leads, or from a stage history"
        raise section.place.wrong(what, "add  column: …  here, or a section  stages: …")
    return Outcome(
        unknown_when=_unknown_when(section),
        column=section.optional_text("column"),
        won_at=section.optional_text("won_at"),
        amount=section.optional_text("amount"),
        reason=section.optional_text("reason"),
        won=section.texts("won"),
        horizon_days=section.whole("horizon_days", 1),
        reasons=_reasons(section),
        worked=_worked(section, top),
        immature=_immature(section),
        unworked=section.choice("unworked", UNWORKED_LEADS) or Outcome.unworked,
    )


def _unknown_when(section: Section) -> dict[str, dict[str, tuple[str, ...]]]:
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


def _reasons(section: Section) -> dict[str, tuple[str, ...]]:
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


def _worked(outcome: Section, top: Section) -> Worked | None:
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


def _immature(section: Section) -> str:
    immature = section.choice("immature", IMMATURE_LEADS) or Outcome.immature
    if immature == "weight" and "horizon_days" not in section.keys:
        what = "weight requires a horizon: without one, no lead is immature"
        hint = "add  horizon_days: …, the days within which a win counts"
        raise section.keys["immature"].wrong(what, hint)
    return immature


def _evaluation(top: Section) -> Evaluation:
    if "evaluation" not in top.keys:
        return Evaluation()
    section = top.section("evaluation")
    keys = section.keys
    evaluation = Evaluation(
        order_by=section.optional_text("order_by"),
        test_from=keys["test_from"].time() if "test_from" in keys else None,
        test_until=keys["test_until"].time() if "test_until" in keys else None,
        test_share=(
            keys["test_share"].number(0.01, 0.9) if "test_share" in keys else Evaluation.test_share
        ),
        outcomes=section.choice("outcomes", OUTCOMES_TO_LEARN_FROM) or Evaluation.outcomes,
    )
    first, last = evaluation.test_from, evaluation.test_until
    if first is not None and last is not None and last <= first:
        raise keys["test_until"].wrong("the test ends before it begins")
    return evaluation


# -- checks across sections -----------------------------------------------------------------------


def _check_features(ws: Workspace, top: Section) -> None:
    """Refuse features that are only written when a lead ends, whatever an audit may find."""
    ends = {
        ws.outcome.column: "the outcome",
        ws.outcome.won_at: "the date of the win",
        ws.moment.closed: "the date on which the lead was closed",
        ws.outcome.amount: "the amount that was won",
        ws.outcome.reason: "the reason that sales gave",
    }
    for column in ws.leads.columns:
        if column.name in ends and column.feature and not column.leak:
            where = top.places[f"leads.columns.{column.name}"]
            what = f"{column.name!r} is {ends[column.name]}, so it cannot be a feature"
            raise LeadReadyError(what, where=where, hint="write  ignore: outcome")


def _check_panel(ws: Workspace, top: Section) -> None:
    """Judging open leads repeatedly requires to know when each of them began and ended."""
    if ws.moment.every_days is None:
        return
    undated_wins = ws.outcome.column is not None and ws.outcome.won_at is None
    requirements = {
        "a start date: leads.created or moment.column": ws.moment.column or ws.leads.created,
        "a closing date: moment.closed": ws.moment.closed is not None,
        "a date of each win: outcome.won_at": not undated_wins,
        "a horizon: outcome.horizon_days": ws.outcome.horizon_days is not None,
        "outcomes known at the time, not  evaluation: {outcomes: at_extract}": (
            ws.evaluation.outcomes != "at_extract"
        ),
        "mature outcomes only, not  outcome: {immature: weight}": ws.outcome.immature != "weight",
    }
    for requirement, met in requirements.items():
        if not met:
            place = top.section("moment").keys["every_days"]
            what = f"judging open leads repeatedly requires {requirement}"
            raise place.wrong(what, "correct that, or judge each lead once: remove every_days")
