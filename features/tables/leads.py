"""The table of leads: who they are, when they came, and every raw column beside.

The company's own columns stay as they are, as text, under ``raw:<name>``. Beside them stand the
columns that the mapping asks for: ids, dates, and the order in time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.files.arrow_text import as_objects, from_frame
from features.files.csv_dialect import named
from features.files.dates import dates_of, parse_dates
from features.files.numbers import parse_numbers
from features.files.open_table import find_file, read_arrow
from features.tables.problems import Problems
from features.workspace.schema import Join, Workspace

RAW = "raw:"
DATED = ("created_at", "moment_base_at", "closed_at", "won_at")
MANY = 10  # ids, from which on it is no chance that most end in zeros
Progress = Callable[[str], None]


def read_leads(
    ws: Workspace, problems: Problems, say: Progress, given: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Read the leads and what is joined onto them.

    Returns
    -------
    DataFrame
        ``lead_id, account_id, person_id, created_at, moment_base_at, closed_at, won_at, order`` and
        the raw columns; a row for each id, in the order of the file.
    """
    raw = _raw(ws, problems, say, given)
    _check_columns(ws, raw)
    raw = _one_row_an_id(ws, raw, problems)
    leads = pd.concat([_keys(ws, raw), _dates(ws, raw, problems)], axis=1)
    leads["order"] = _order(ws, raw, problems)
    found = pd.concat([leads, raw.add_prefix(RAW)], axis=1)
    _check_order_of_dates(ws, found, problems)
    return found


def _raw(
    ws: Workspace, problems: Problems, say: Progress, given: pd.DataFrame | None
) -> pd.DataFrame:
    source = ws.leads
    if given is not None:
        table = from_frame(given, named("the table given", list(given.columns)))
    else:
        path = find_file(source.file, ws.folder, ws.where("leads.file"))
        say(f"reading {path.name}")
        table = read_arrow(path, sheet=source.sheet)
    raw = as_objects(table, source.null_values)
    if raw.empty and given is None:
        raise LeadReadyError(
            "the file has a header but no leads",
            where=str(path),
            hint="export the leads again, with their rows",
        )
    for place, join in enumerate(source.join):
        raw = _joined(ws, raw, join, f"leads.join.{place}", problems, say)
    return raw


def _joined(
    ws: Workspace, raw: pd.DataFrame, join: Join, place: str, problems: Problems, say: Progress
) -> pd.DataFrame:
    if join.on not in raw:
        raise LeadReadyError.unknown(join.on, raw.columns, where=ws.where(f"{place}.on"))
    path = find_file(join.file, ws.folder, ws.where(f"{place}.file"))
    say(f"reading {path.name}")
    more = as_objects(read_arrow(path, sheet=join.sheet), ws.leads.null_values)
    if join.key not in more:
        raise LeadReadyError.unknown(join.key, more.columns, where=ws.where(f"{place}.key"))
    more = more[more[join.key].notna()]
    twice = more[join.key].duplicated()
    problems.add(
        "leads",
        "duplicate keys",
        int(twice.sum()),
        f"{{count}} rows of {path.name} repeat the {join.key} of another row; the first was joined",
        f"export {path.name} with one row for each {join.key}",
        more.loc[twice, join.key],
    )
    more = more[~twice].set_index(join.key)
    more = more.rename(columns={one: f"{path.stem}.{one}" for one in more if one in raw})
    rows = more.index.get_indexer(pd.Index(raw[join.on]))
    absent = (rows < 0) & raw[join.on].notna().to_numpy()
    problems.add(
        "leads",
        "not joined",
        int(absent.sum()),
        f"{{count}} leads have a {join.on} that is not in {path.name}; its columns are empty there",
        f"export {path.name} whole, or mend the spelling",
        raw.loc[absent, join.on],
    )
    taken = more.reset_index(drop=True).reindex(np.where(rows < 0, len(more), rows))
    taken = taken.set_axis(raw.index).astype(object)
    return pd.concat([raw, taken.where(taken.notna(), None)], axis=1)


def _check_columns(ws: Workspace, raw: pd.DataFrame) -> None:
    """Every column that the mapping names is there, where the file says so."""
    keys = ("id", "account", "contact", "created")
    wanted = {
        **{f"leads.{key}": getattr(ws.leads, key) for key in keys},
        **{f"leads.columns.{one.name}": one.name for one in ws.leads.columns},
        "moment.column": ws.moment.column,
        "moment.closed": ws.moment.closed,
        "outcome.column": ws.outcome.column,
        "outcome.reason": ws.outcome.reason,
        "evaluation.order_by": ws.evaluation.order_by,
    }
    if ws.outcome.column:
        wanted |= {"outcome.won_at": ws.outcome.won_at, "outcome.amount": ws.outcome.amount}
    for reason, columns in ws.outcome.unknown_when.items():
        wanted |= {f"outcome.unknown_when.{reason}.{name}": name for name in columns}
    last_stage = ws.stages.stage if ws.stages else None  # a column of the history, not of the leads
    for path, name in wanted.items():
        of_history = name == last_stage and ".unknown_when." in path
        if name is not None and name not in raw and not of_history:
            hint = f"the columns are named as in {ws.leads.file.rpartition('/')[2]}"
            raise LeadReadyError.unknown(name, raw.columns, where=ws.where(path), hint=hint)


def _one_row_an_id(ws: Workspace, raw: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    key = ws.leads.id
    nameless = raw[key].isna()
    problems.add(
        "leads",
        "without id",
        int(nameless.sum()),
        f"{{count}} rows have no {key} and were left out",
        f"fill {key} in the export",
    )
    raw = raw[~nameless]
    _check_digits(ws, raw[key])
    again = raw[key].duplicated()
    if again.any():
        same = raw[raw[key].duplicated(keep=False)].duplicated()
        copies = int(same.sum())
        problems.add(
            "leads",
            "repeated rows",
            copies,
            "{count} rows are exact copies of another row; one of each was kept",
            "export each lead once",
            raw.loc[again, key],
        )
        problems.add(
            "leads",
            "duplicate ids",
            int(again.sum()) - copies,
            f"{{count}} rows repeat the {key} of another lead and differ from it; the first row of "
            "each was kept",
            "export each lead once, or name another column as its id",
            raw.loc[again & ~same.reindex(raw.index, fill_value=False), key],
        )
    return raw[~again].reset_index(drop=True)


def _check_digits(ws: Workspace, ids: pd.Series) -> None:
    """Refuse ids that went through a spreadsheet as numbers: it keeps no more than 15 digits."""
    cut = ids.str.fullmatch(r"\d(\.\d+)?E\+?\d+|\d{13,}000", case=False).astype(bool)
    if len(ids) >= MANY and cut.mean() > 0.5:
        raise LeadReadyError(
            f"the ids in {ws.leads.id} lost their last digits, such as {ids[cut].iloc[0]}",
            where=ws.where("leads.id"),
            hint="export them again, and format that column as text before saving it",
        )


def _keys(ws: Workspace, raw: pd.DataFrame) -> pd.DataFrame:
    lead = raw[ws.leads.id]
    nothing = pd.Series([None] * len(raw), index=raw.index, dtype=object)
    person = "lead:" + lead.astype(object)
    if ws.leads.contact:
        contact = raw[ws.leads.contact]
        person = person.where(contact.isna(), "contact:" + contact.astype(object))
    account = raw[ws.leads.account] if ws.leads.account else nothing
    return pd.DataFrame({"lead_id": lead, "account_id": account, "person_id": person}, dtype=object)


# -- dates and order ------------------------------------------------------------------------------


def _dates(ws: Workspace, raw: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    base = "moment.column" if ws.moment.column else "leads.created"
    asked = {
        "created_at": ("leads.created", ws.leads.created),
        "moment_base_at": (base, ws.moment.column or ws.leads.created),
        "closed_at": ("moment.closed", ws.moment.closed),
        "won_at": ("outcome.won_at", ws.outcome.won_at if ws.outcome.column else None),
    }
    read: dict[str, pd.Series] = {}
    found = {}
    for ours, (path, name) in asked.items():
        if name and name not in read:
            read[name] = dates_of(
                raw[name], ws.leads.date_format, "leads", ws.where(path), problems, ws
            )
        found[ours] = read[name] if name else pd.Series(pd.NaT, raw.index, dtype="datetime64[us]")
    for one in ws.leads.columns:
        if one.type == "date" and one.feature and one.name not in read:  # read as a feature, later
            where = ws.where(f"leads.columns.{one.name}")
            dates_of(raw[one.name], ws.leads.date_format, "leads", where, problems, ws)
    return pd.DataFrame(found)


def _order(ws: Workspace, raw: pd.DataFrame, problems: Problems) -> pd.Series:
    name = ws.evaluation.order_by
    if name is None:
        return pd.Series(np.nan, raw.index)
    numbers = parse_numbers(raw[name])
    unread = raw[name].notna() & numbers.isna()
    if numbers.isna().all() and len(raw):
        try:
            dates = parse_dates(raw[name], ws.leads.date_format)
        except LeadReadyError:
            raise LeadReadyError(
                f"{name} orders the leads and holds neither numbers nor dates",
                where=ws.where("evaluation.order_by"),
                hint="name a column that grows as leads come in, such as a running number",
            ) from None
        return dates.astype("int64").astype("float64").mask(dates.isna())
    problems.add(
        "leads",
        "no order",
        int(unread.sum()),
        f"{{count}} values of {name} are no numbers, so these leads have no place in time",
        None,
        raw.loc[unread, name].head(50),
    )
    return numbers


def _check_order_of_dates(ws: Workspace, leads: pd.DataFrame, problems: Problems) -> None:
    """Count what ended before it began, by the day: many exports know no time of the end."""
    early = leads["closed_at"] < leads["created_at"].dt.normalize()
    problems.add(
        "leads",
        "closed before created",
        int(early.sum()),
        "{count} leads were closed on a day before they were created, and are not judged",
        "mend the dates in the CRM",
        leads.loc[early, "lead_id"].head(50),
    )
    early = leads["won_at"] < leads["moment_base_at"].dt.normalize()
    if ws.outcome.won_at != ws.moment.closed:
        problems.add(
            "leads",
            "outcomes before the moment",
            int(early.sum()),
            "{count} leads were decided before the moment at which they are judged, and are not "
            "judged",
            "judge them earlier (moment: column), or mend the dates",
            leads.loc[early, "lead_id"].head(50),
        )
