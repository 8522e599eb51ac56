"""Leads that fit no state: neither won, lost, open nor with sales.

They count as open, and people are asked. Where they are a notable share of the leads, nothing is
trained until somebody has answered: lost leads among them would teach the model nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.labels.conditions import meets
from features.labels.states import EMPTY, count_values, lost_leads, state_column
from features.tables.problems import Problem
from features.tables.read import Tables
from features.text import count, join, yaml_inline
from features.workspace.schema import Workspace

WITHOUT_STATE = "leads without a state"
NOTABLE = 0.01  # of the leads: fewer do not matter to what is learned
MOST_VALUES = 6  # that the message names


def values_without_state(
    ws: Workspace, tables: Tables, known: npt.NDArray[np.bool_]
) -> dict[str, int]:
    """Count the leads that fit no state, by their value in the column that should say it.

    Parameters
    ----------
    known : array of bool
        Which leads are known to be won, or to have no outcome for a reason that the workspace
        names.
    """
    fits = known | lost_leads(ws, tables).to_numpy(dtype=bool)
    for condition in (ws.outcome.open_when, ws.outcome.with_sales_when):
        if condition is not None:
            fits |= meets(ws, tables, condition)
    return count_values(ws, tables, state_column(ws), ~fits)


def leads_without_state(
    ws: Workspace, tables: Tables, known: npt.NDArray[np.bool_]
) -> list[Problem]:
    """Ask about the leads that fit no state, by value; a notable share prevents training.

    Parameters
    ----------
    known : array of bool
        Which leads need no state, as in `values_without_state`.
    """
    counts = values_without_state(ws, tables, known)
    if not counts:
        return []
    column, stateless, leads = state_column(ws), sum(counts.values()), len(tables.leads)
    named = join((f"{value} ({number:,})" for value, number in counts.items()), most=MOST_VALUES)
    values = [value for value in counts if value != EMPTY][:MOST_VALUES]
    fits = values or {"is_missing": True}
    rule = yaml_inline({yaml_inline(column): fits})
    return [
        Problem(
            "leads",
            WITHOUT_STATE,
            stateless,
            f"{count(stateless, 'lead')} of {leads:,} fit no state and count as open: "
            f"{column} is {named}",
            f"write  {rule}  under outcome: lost_when, with_sales_when or open_when, next to what "
            "is there",
            tuple(counts),
            blocks=stateless >= NOTABLE * leads,
        )
    ]
