"""The table of leads: ids, dates and order in time, next to every column of the company's file.

The company's own columns are kept as text under ``raw:<name>``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from features import text
from features.dates.parse import parse_dates
from features.errors import LeadReadyError
from features.files.arrow_text import as_arrow
from features.links.matching import EMAIL, comparable_ids
from features.links.pairs import id_column
from features.progress import Progress
from features.tables.lead_columns import read_lead_columns
from features.tables.mapped_dates import read_mapped_dates
from features.tables.mapped_numbers import check_mapped_numbers, mapped_numbers
from features.tables.problems import Problems
from features.workspace.conditions import column_conditions
from features.workspace.schema import Workspace
from features.workspace.vocabulary import ROW_NUMBER

RAW = "raw:"
DATE_COLUMNS = ("created_at", "moment_base_at", "closed_at", "won_at")
MOST_REPEATED = 0.9  # of the rows; with more, a row is not a lead
_NUMBER = r"^([0-9](\.[0-9]+)?E\+?[0-9]+|[0-9]{13,}000)$"  # of a spreadsheet
ENOUGH_IDS = 10  # with fewer ids, most may end in zeros by chance


def read_leads_table(
    ws: Workspace, problems: Problems, progress: Progress, frame: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Read the leads and the files joined to them.

    Parameters
    ----------
    frame : DataFrame, optional
        A table in place of the leads' file.

    Returns
    -------
    DataFrame
        ``lead_id, account_id, person_id, created_at, moment_base_at, closed_at, won_at, order`` and
        the raw columns; one row for each id, in the order of the file.
    """
    raw = read_lead_columns(ws, problems, progress, frame)
    _check_columns(ws, raw)
    absent = [old.column for old in ws.old_scores if old.column not in raw]
    raw = raw.assign(**dict.fromkeys(absent))
    raw = _one_row_per_id(ws, raw, problems)
    leads = pd.concat([_lead_ids(ws, raw), _lead_dates(ws, raw, problems)], axis=1)
    leads["order"] = _lead_order(ws, raw, problems)
    check_mapped_numbers(ws, raw, problems)
    leads = pd.concat([leads, raw.add_prefix(RAW)], axis=1)
    _count_impossible_order(ws, leads, problems)
    return leads


STATES = ("won_when", "lost_when", "with_sales_when", "open_when")
HISTORY_RULES = tuple(  # may name the history's stage column
    f"outcome.{key}." for key in ("unknown_when", *STATES)
)


def _check_columns(ws: Workspace, raw: pd.DataFrame) -> None:
    """Refuse a column that the mapping names and the file does not have, at its line."""
    keys = ("id", "account", "contact", "created")
    mapped = {
        **{f"leads.{key}": getattr(ws.leads, key) for key in keys},
        **{f"leads.columns.{column.name}": column.name for column in ws.leads.columns},
        "moment.column": ws.moment.column,
        "moment.closed": ws.moment.closed,
        "outcome.won_at": ws.outcome.won_at,
        "outcome.amount": ws.outcome.amount,
        "outcome.reason": ws.outcome.reason,
        "evaluation.order_by": ws.evaluation.order_by,
    }
    if ws.field_history is None:  # which may have the score where the leads do not
        mapped |= {f"old_score.{n}.column": old.column for n, old in enumerate(ws.old_scores)}
    for reason, columns in ws.outcome.unknown_when.items():
        mapped |= {f"outcome.unknown_when.{reason}.{name}": name for name in columns}
    for key in STATES:
        named = [part.column for part in column_conditions(getattr(ws.outcome, key))]
        mapped |= {f"outcome.{key}.{name}": name for name in named}
    last_stage = ws.stages.stage if ws.stages else None  # a column of the history, not of the leads
    for path, name in mapped.items():
        in_history = name == last_stage and path.startswith(HISTORY_RULES)
        if name is not None and name not in raw and not in_history:
            hint = f"use the column names of {ws.leads.file.rpartition('/')[2]}"
            raise LeadReadyError.unknown(name, raw.columns, where=ws.where(path), hint=hint)


# -- ids ------------------------------------------------------------------------------------------


def _one_row_per_id(ws: Workspace, raw: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    key = ws.leads.id
    blank = raw[key].isna()
    problems.add(
        "leads",
        "without id",
        int(blank.sum()),
        f"{text.count(int(blank.sum()), 'row')} without {key} left out",
        f"fill {key} in the export",
    )
    raw = raw[~blank] if blank.any() else raw
    _check_digits(ws, raw[key])
    repeated = raw[key].duplicated()
    _check_rows_are_leads(ws, repeated)
    if repeated.any():
        copies = raw[raw[key].duplicated(keep=False)].duplicated()
        n_copies = int(copies.sum())
        problems.add(
            "leads",
            "repeated rows",
            n_copies,
            "{count} {row is an exact copy|rows are exact copies} of another row; one of "
            "each was kept",
            "export each lead once",
            raw.loc[repeated, key],
        )
        problems.add(
            "leads",
            "duplicate ids",
            int(repeated.sum()) - n_copies,
            f"{{count}} {{row repeats|rows repeat}} the {key} of another lead but "
            "{differs|differ} from it"
            f"{_difference_text(raw, key)}; the first row of each was kept",
            "export each lead once, or name another column as its id",
            raw.loc[repeated & ~copies.reindex(raw.index, fill_value=False), key],
        )
    return (raw[~repeated] if repeated.any() else raw).reset_index(drop=True)


def _check_rows_are_leads(ws: Workspace, repeated: pd.Series) -> None:
    """Require that most rows are leads of their own, before anything is linked with them."""
    if repeated.mean() > MOST_REPEATED:
        raise LeadReadyError(
            f"{repeated.sum():,} of {len(repeated):,} rows repeat the {ws.leads.id} of another row",
            where=ws.where("leads.id"),
            hint="export each lead once, or name another column as its id",
        )


def _difference_text(raw: pd.DataFrame, key: str) -> str:
    """Name the columns in which the first two different rows of a lead differ."""
    different = raw[raw[key].duplicated(keep=False)].drop_duplicates()
    different = different[different[key].duplicated(keep=False)]
    if different.empty:
        return ""
    first = different[different[key] == different[key].iloc[0]].head(2)
    columns = [str(name) for name in first if first[name].nunique(dropna=False) > 1]
    return f" (the first of them in {text.join(columns, most=3)})"


def _check_digits(ws: Workspace, ids: pd.Series) -> None:
    """Refuse ids that a spreadsheet saved as numbers, since it keeps at most 15 digits."""
    cut = np.asarray(pc.match_substring_regex(as_arrow(ids), _NUMBER, ignore_case=True))
    if len(ids) >= ENOUGH_IDS and cut.mean() > 0.5:
        raise LeadReadyError(
            f"the ids in {ws.leads.id} lost their last digits, such as {ids[cut].iloc[0]}",
            where=ws.where("leads.id"),
            hint="export them again, and format that column as text before saving",
        )


def _lead_ids(ws: Workspace, raw: pd.DataFrame) -> pd.DataFrame:
    lead = raw[ws.leads.id]
    empty = pd.Series([None] * len(raw), index=raw.index, dtype=object)
    person = "lead:" + lead.astype(object)
    if ws.leads.contact:
        contact = _contact_ids(raw[ws.leads.contact])
        person = person.where(contact.isna(), "contact:" + contact.astype(object))
    account = raw[ws.leads.account] if ws.leads.account else empty
    return pd.DataFrame({"lead_id": lead, "account_id": account, "person_id": person}, dtype=object)


def _contact_ids(contact: pd.Series) -> pd.Series:
    """The ids of the contacts; e-mail addresses are the same whatever their capitals."""
    named = contact.dropna()
    if not len(named) or id_column("", named).kind != EMAIL:
        return contact
    return contact.where(
        contact.isna(), pd.Series(comparable_ids(named.to_numpy(object), EMAIL), named.index)
    )


# -- dates and order ------------------------------------------------------------------------------


def _lead_dates(ws: Workspace, raw: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    base = "moment.column" if ws.moment.column else "leads.created"
    mapped = {
        "created_at": ("leads.created", ws.leads.created),
        "moment_base_at": (base, ws.moment.column or ws.leads.created),
        "closed_at": ("moment.closed", ws.moment.closed),
        "won_at": ("outcome.won_at", ws.outcome.won_at),
    }
    read: dict[str, pd.Series] = {}
    dates = {}
    for column, (path, name) in mapped.items():
        if name and name not in read:
            read[name] = read_mapped_dates(
                raw[name], ws.leads.date_formats_of(name), "leads", ws.where(path), problems, ws
            )
        dates[column] = read[name] if name else pd.Series(pd.NaT, raw.index, dtype="datetime64[us]")
    for feature in ws.leads.columns:
        name = feature.name
        if feature.type == "date" and feature.feature and name not in read:  # only checked here
            where = ws.where(f"leads.columns.{name}")
            read_mapped_dates(
                raw[name], ws.leads.date_formats_of(name), "leads", where, problems, ws
            )
    return pd.DataFrame(dates)


def _lead_order(ws: Workspace, raw: pd.DataFrame, problems: Problems) -> pd.Series:
    name = ws.evaluation.order_by
    if name is None:
        return pd.Series(np.nan, raw.index)
    if name == ws.leads.id == ROW_NUMBER:
        raise LeadReadyError(
            "the numbers of the rows say nothing about the order in which the leads came in",
            where=ws.where("evaluation.order_by"),
            hint="name a column that grows as leads arrive, or leave out  order_by:",
        )
    numbers = mapped_numbers(ws, name, raw[name]).read(raw[name])
    unread = raw[name].notna() & numbers.isna()
    if numbers.isna().all() and len(raw):
        try:
            dates = parse_dates(raw[name], ws.leads.date_formats_of(name))
        except LeadReadyError:
            raise LeadReadyError(
                f"{name} should order the leads, but contains neither numbers nor dates",
                where=ws.where("evaluation.order_by"),
                hint="name a column that grows as leads arrive, such as a running number",
            ) from None
        return dates.astype("int64").astype("float64").mask(dates.isna())
    problems.add(
        "leads",
        "no order",
        int(unread.sum()),
        f"{{count}} {{value|values}} of {name} "
        "{is not a number, so this lead has|are not numbers, so these leads have} no place in time",
        None,
        raw.loc[unread, name].head(50),
    )
    return numbers


def _count_impossible_order(ws: Workspace, leads: pd.DataFrame, problems: Problems) -> None:
    """Count leads that ended before they began, by day: many exports have no time of the end."""
    early = leads["closed_at"] < leads["created_at"].dt.normalize()
    problems.add(
        "leads",
        "closed before created",
        int(early.sum()),
        "{count} {lead was|leads were} closed on a day before {it was|they were} created, and "
        "{is|are} not judged",
        "correct the dates in the CRM",
        leads.loc[early, "lead_id"].head(50),
    )
    early = leads["won_at"] < leads["moment_base_at"].dt.normalize()
    if ws.outcome.won_at != ws.moment.closed:
        problems.add(
            "leads",
            "outcomes before the moment",
            int(early.sum()),
            "{count} {lead was|leads were} decided before the moment at which "
            "{it is|they are} judged, "
            "so {it is|they are} not judged",
            "judge them earlier (moment: column), or correct the dates",
            leads.loc[early, "lead_id"].head(50),
        )
