"""Reading ``leadready.yaml``: the one file in which a company says what its data means.

Each part of the file has a function here that knows its keys. A key that nobody knows, a value of
the wrong kind, or two things that contradict each other is an error with file, line and column,
what was expected and the nearest right name. What is read are the records of ``schema``;
whether the columns really exist is seen when the data is read (``features.tables.read``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.errors import LeadReadyError
from features.families.feature import FAMILIES
from features.labels.rejection_reasons import TAXONOMY
from features.workspace.part import KEYS, Part
from features.workspace.schema import (
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
from features.workspace.yaml_with_lines import Place, read_places

__all__ = [
    "KEYS",
    "Column",
    "Evaluation",
    "EventsSource",
    "Join",
    "LeadsSource",
    "Moment",
    "Outcome",
    "StagesSource",
    "Worked",
    "Workspace",
    "read_workspace",
]

FILE = "leadready.yaml"
TYPES = ("number", "year", "category", "flag", "title", "date")
IGNORED = ("personal", "constant", "identifier", "outcome", "other")
OUTCOMES = ("known_at_the_time", "at_extract")
IMMATURE = ("leave_out", "weight")
UNWORKED = ("weight", "leave_out")


def read_workspace(folder: str | Path) -> Workspace:
    """Read the ``leadready.yaml`` of a folder.

    Parameters
    ----------
    folder : path
        The workspace.

    Returns
    -------
    Workspace
        What the file says; nothing of the data is read yet.

    Raises
    ------
    LeadReadyError
        With file, line and column, what was expected, and the nearest right name.

    Examples
    --------
    >>> read_workspace("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere/leadready.yaml: there is no workspace file
    """
    home = Path(folder)
    top = read_places(
        home / FILE,
        what="workspace file",
        missing="leadready init DIR --leads FILE writes one; -w DIR says where it is",
        keys="leads: …",
    )
    return _workspace(Part("", top, {}), home)


def _workspace(top: Part, home: Path) -> Workspace:
    for key in ("leads",):
        if key not in top.keys:
            raise top.place.wrong(
                f"the key {key!r} is missing", "see docs/data.md for a whole file"
            )
    stages = top.keys.get("stages")
    found = {
        **top.texts("definition", "model"),
        "leads": _leads(top.part("leads", ("file", "id"))),
        "events": tuple(_events(one) for one in top.each("events", ("file", "time"))),
        "stages": _stages(top.part("stages", ("file", "lead", "stage", "time")))
        if stages
        else None,
        "field_history": _field_history(
            top.part("field_history", ("file", "lead", "column", "time"))
        )
        if "field_history" in top.keys
        else None,
        **({"extract_at": top.keys["extract_at"].time()} if "extract_at" in top.keys else {}),
        **({"moment": _moment(top.part("moment"))} if "moment" in top.keys else {}),
        **({"outcome": _outcome(top)} if "outcome" in top.keys else {}),
        **({"evaluation": _evaluation(top.part("evaluation"))} if "evaluation" in top.keys else {}),
    }
    _check_ends(found, top)
    _check_panel(found, top)
    name = top.keys["name"].written() if "name" in top.keys else home.resolve().name
    return Workspace(name=name, folder=home, places=top.places, **found)


# -- the leads ------------------------------------------------------------------------------------


def _leads(part: Part) -> LeadsSource:
    joins = tuple(
        Join(**one.texts("file", "on", "key", "sheet"))
        for one in part.each("join", ("file", "on", "key"))
    )
    return LeadsSource(
        **part.texts("file", "sheet", "id", "account", "contact", "created"),
        **part.lists("null_values", "date_format"),
        join=joins,
        columns=_columns(part),
    )


def _columns(part: Part) -> tuple[Column, ...]:
    if "columns" not in part.keys:
        return ()
    named = part.keys["columns"].mapping(None, what="column", as_written=True)
    part.places.update({f"leads.columns.{name}": one.where for name, one in named.items()})
    return tuple(_column(name, place, part.places) for name, place in named.items())


def _column(name: str, place: Place, places: dict[str, str]) -> Column:
    part = Part(f"leads.columns.{name}", place, places)
    said: dict[str, Any] = part.texts("feature", "label", "unit")
    for key, options in (("family", FAMILIES), ("type", TYPES), ("ignore", IGNORED)):
        if key in part.keys:
            said[key] = part.keys[key].choice(options)
    for key in ("leak", "known_at_moment"):
        if key in part.keys:
            said[key] = part.keys[key].flag()
    _check_column(part, said)
    return Column(name, **said)


def _check_column(part: Part, said: Mapping[str, Any]) -> None:
    if not any(said.get(key) for key in ("feature", "ignore", "leak")):
        says = "{feature: …, family: …, type: …}, {ignore: other} or {leak: true}"
        raise part.place.wrong("expected feature, ignore or leak", f"write  {says}")
    if "feature" in said:
        if "ignore" in said:
            raise part.keys["ignore"].wrong("a column is a feature or ignored, not both")
        if "family" not in said:
            raise part.place.wrong("the key 'family' is missing", f"one of {', '.join(FAMILIES)}")
        if not re.fullmatch(r"[^\W\d]\w*", said["feature"]):
            hint = f"write  {re.sub(r'[^a-z0-9]+', '_', said['feature'].lower()).strip('_')}"
            raise part.keys["feature"].wrong("expected a name of letters, digits and _", hint)
    if said.get("leak") and said.get("known_at_moment"):
        raise part.keys["known_at_moment"].wrong("it is a leak or it was known, not both")


# -- events and stages ----------------------------------------------------------------------------


def _events(part: Part) -> EventsSource:
    links = [key for key in ("lead", "contact", "account") if key in part.keys]
    if len(links) != 1:
        what = "expected exactly one of lead, contact and account: the column that says whose event"
        raise part.place.wrong(f"{what} it is; got {' and '.join(links) or 'none'}")
    if ("kind" in part.keys) == ("kind_is" in part.keys):
        what = "expected either kind (a column, or several) or kind_is (the same for all)"
        raise part.place.wrong(what)
    renamed = {}
    if "rename_kinds" in part.keys:
        named = part.keys["rename_kinds"].mapping(None, what="kind", as_written=True)
        renamed = {kind: place.written() for kind, place in named.items()}
    return EventsSource(
        **part.texts("file", "sheet", *links, "time", "kind_is", "asset", "campaign", "value"),
        **part.lists("kind", "date_format", "null_values"),
        rename_kinds=renamed,
        by_sales=_by_sales(part),
    )


def _by_sales(part: Part) -> bool | Mapping[str, Any]:
    if "by_sales" not in part.keys:
        return False
    if not isinstance(part.keys["by_sales"].value, dict):
        return part.keys["by_sales"].flag()
    rule = part.part("by_sales", ("column", "values"))
    return {**rule.texts("column"), **rule.lists("values")}


def _stages(part: Part) -> StagesSource:
    return StagesSource(
        **part.texts("file", "sheet", "lead", "stage", "time", "reason", "amount"),
        **part.lists("date_format", "null_values"),
    )


def _field_history(part: Part) -> FieldHistorySource:
    return FieldHistorySource(
        **part.texts("file", "sheet", "lead", "column", "time"),
        **part.lists("date_format", "null_values"),
    )


# -- moment, outcome, evaluation ------------------------------------------------------------------


def _moment(part: Part) -> Moment:
    days = {**part.whole("plus_days", 0), **part.whole("every_days", 1)}
    return Moment(**part.texts("column", "closed"), **days)


def _check_panel(found: Mapping[str, Any], top: Part) -> None:
    """Open leads can be judged again and again only if it is known when each began and ended."""
    moment, outcome = found.get("moment", Moment()), found.get("outcome", Outcome())
    if moment.every_days is None:
        return
    at_extract = found.get("evaluation", Evaluation()).outcomes == "at_extract"
    undated = outcome.column is not None and outcome.won_at is None
    unmet = {
        "when it began: leads.created or moment.column": not (
            moment.column or found["leads"].created
        ),
        "when it was closed: moment.closed": moment.closed is None,
        "when it was won: outcome.won_at": undated,
        "within how many days a win counts: outcome.horizon_days": outcome.horizon_days is None,
        "outcomes that were known at the time, not  evaluation: {outcomes: at_extract}": at_extract,
        "mature outcomes only, not  outcome: {immature: weight}": outcome.immature == "weight",
    }
    for needed, missing in unmet.items():
        if missing:
            what = f"to judge an open lead again and again takes {needed}"
            place = top.part("moment").keys["every_days"]
            raise place.wrong(what, "say so, or judge each lead once: take every_days out")


def _outcome(top: Part) -> Outcome:
    part = top.part("outcome", ("won",))
    if "column" not in part.keys and "stages" not in top.keys:
        what = "won is read from a column of the leads, or from a stage history"
        raise part.place.wrong(what, "write  column: …  here, or say where the  stages:  are")
    unknown = {}
    if "unknown_when" in part.keys:
        reasons = part.keys["unknown_when"].mapping(None, what="reason", as_written=True)
        for reason, place in reasons.items():
            columns = place.mapping(None, what="column", as_written=True)
            unknown[reason] = {name: one.listed() for name, one in columns.items()}
            path = f"outcome.unknown_when.{reason}"
            part.places.update({f"{path}.{name}": one.where for name, one in columns.items()})
    return Outcome(
        **part.texts("column", "won_at", "amount", "reason"),
        **part.lists("won"),
        **part.whole("horizon_days", 1),
        reasons=_reasons(part),
        unknown_when=unknown,
        worked=_worked(part.part("worked"), top) if "worked" in part.keys else None,
        **_counted(part),
    )


def _counted(part: Part) -> dict[str, Any]:
    """How leads count that are not mature, or that sales never worked."""
    said: dict[str, Any] = {}
    if "immature" in part.keys:
        said["immature"] = part.keys["immature"].choice(IMMATURE)
    if "unworked" in part.keys:
        said["unworked"] = part.keys["unworked"].choice(UNWORKED)
    if said.get("immature") == "weight" and "horizon_days" not in part.keys:
        what = "without a horizon no lead is immature, so there is nothing to weigh"
        raise part.keys["immature"].wrong(
            what, "say within how many days a win counts: horizon_days"
        )
    return said


def _check_ends(found: Mapping[str, Any], top: Part) -> None:
    """What is written when a lead ends was not known before, whatever an audit may see."""
    outcome, moment = found.get("outcome", Outcome()), found.get("moment", Moment())
    ends = {
        outcome.column: "what became of the lead",
        outcome.won_at: "when the lead was won",
        moment.closed: "when the lead was closed",
        outcome.amount: "what the win was worth",
        outcome.reason: "the reason that sales gave",
    }
    for one in found["leads"].columns:
        if one.name in ends and one.feature and not one.leak:
            where = top.places[f"leads.columns.{one.name}"]
            what = f"{one.name!r} is {ends[one.name]}, so it cannot be a feature"
            raise LeadReadyError(what, where=where, hint="write  ignore: outcome")


def _reasons(part: Part) -> dict[str, tuple[str, ...]]:
    """The company's reasons under each name of the taxonomy; each of them once."""
    if "reasons" not in part.keys:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    told: dict[str, str] = {}
    for name, place in part.keys["reasons"].mapping(TAXONOMY, what="disposition").items():
        found[name] = place.listed()
        for reason in found[name]:
            if told.setdefault(reason, name) != name:
                raise place.wrong(f"{reason!r} is also under {told[reason]!r}")
    return found


def _worked(part: Part, top: Part) -> Worked:
    if not part.keys.keys() & {"stages", "events"}:
        raise part.place.wrong("expected stages or events that show that sales followed up")
    for key in ("stages", "events"):
        if key in part.keys and key not in top.keys:
            raise part.keys[key].wrong(f"this workspace has no {key}")
    return Worked(**part.lists("stages", "events"), **part.whole("within_days", 1))


def _evaluation(part: Part) -> Evaluation:
    said: dict[str, Any] = part.texts("order_by")
    for key in ("test_from", "test_until"):
        if key in part.keys:
            said[key] = part.keys[key].time()
    if "test_share" in part.keys:
        said["test_share"] = part.keys["test_share"].number(0.01, 0.9)
    if "outcomes" in part.keys:
        said["outcomes"] = part.keys["outcomes"].choice(OUTCOMES)
    dated = {"test_from", "test_until"} <= said.keys()
    if dated and said["test_until"] <= said["test_from"]:
        raise part.keys["test_until"].wrong("the test ends before it begins")
    return Evaluation(**said)
