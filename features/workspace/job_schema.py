"""The part of ``leadready.yaml`` on the scoring job: its limits, and where scores are kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guards:
    """What the scoring job checks before it replaces old scores; None turns a check off.

    Attributes
    ----------
    max_age : float or None
        How many days old the data may be at the time of scoring.
    """

    max_age: float | None = 7


@dataclass(frozen=True)
class LedgerPlace:
    """Where scores are kept, and for how many days; None keeps all."""

    file: str = "ledger.duckdb"
    keep_days: int | None = None
