"""The part of ``leadready.yaml`` on the scoring job: limits, the ledger, the columns it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

LEAD_ID = "lead_id"
SCORE_COLUMNS = (  # of scored leads, in their order
    LEAD_ID,
    "as_of",
    "probability",
    "score",
    "fit_points",
    "engagement_points",
    "grade",
    "level",
    "rules_verdict",
    "failed_criteria",
    "missing",
    "model_verdict",
    "agreement",
    "decision",
    "reasons_for",
    "reasons_against",
    "warning",
    "model_version",
    "definition_version",
    "scored_at",
)


@dataclass(frozen=True)
class Guards:
    """What the scoring job checks before it replaces old scores; None turns a check off.

    Attributes
    ----------
    max_age : float or None
        How many days old the data may be at the time of scoring.
    fewer_leads, fewer_events : float or None
        By which share the rows may have become fewer since the last run (before the first run:
        since the training).
    fewer_linked : float or None
        By how much the share of events that belong to a lead may have fallen.
    bad_dates : float or None
        By how much the share of rows without a possible date may have risen.
    unseen, outside : float or None
        Share of leads that may have a value that training never saw, or a number outside its range.
    more_missing : float or None
        By how much the share of missing values of a feature may be above that of the training.
    """

    max_age: float | None = 7
    fewer_leads: float | None = 0.2
    fewer_events: float | None = 0.2
    fewer_linked: float | None = 0.2
    bad_dates: float | None = 0.05
    unseen: float | None = 0.05
    outside: float | None = 0.05
    more_missing: float | None = 0.25


GUARDS = tuple(guard.name for guard in fields(Guards))  # as in the workspace and after --force


@dataclass(frozen=True)
class LedgerPlace:
    """Where scores are kept, and for how many days; None keeps all.

    Attributes
    ----------
    file : str
        A DuckDB file.
    url : str or None
        Of a PostgreSQL database, in place of the file; without a password.
    """

    file: str = "ledger.duckdb"
    keep_days: int | None = None
    url: str | None = None


@dataclass(frozen=True)
class Export:
    """How scores are written for the CRM.

    Attributes
    ----------
    columns : mapping of str to str
        The columns to write, in this order, and what the CRM calls them; empty for all columns
        under their own names.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
