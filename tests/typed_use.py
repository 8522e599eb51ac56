"""How a program uses ``leadready``, for the type checker alone: nothing here runs."""

from __future__ import annotations

from typing import assert_type

import pandas as pd

import leadready


def scores_of_a_workspace() -> None:
    """Types are those of the functions, though ``import leadready`` loads none of them."""
    assert_type(leadready.score("acme", as_of="2026-10-01"), pd.DataFrame)
    # A misspelt option has to be an error: where there is none, the comment is refused as unused.
    leadready.score("acme", as_off="2026-10-01")  # type: ignore[call-arg]
