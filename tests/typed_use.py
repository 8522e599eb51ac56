"""How a program uses ``leadready``, for the type checker alone: nothing here runs.

An error that is expected and does not come is an error for it, too.
"""

from __future__ import annotations

import pandas as pd

import leadready


def scores_of_a_workspace() -> pd.DataFrame:
    """Types are those of the functions, though ``import leadready`` loads none of them."""
    leadready.score("acme", as_off="2026-10-01")  # type: ignore[call-arg]
    number: int = leadready.score("acme")  # type: ignore[assignment]
    assert number
    return leadready.score("acme", as_of="2026-10-01")
