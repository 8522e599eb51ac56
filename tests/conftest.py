"""What every test shares: where the real data lies, and which components must be there.

A test that needs something this machine lacks is skipped with the reason. Where
``LEADREADY_REQUIRE_ALL=1`` is set (continuous integration), such a skip is a failure.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def missing(reason: str) -> None:
    """Skip, or fail where every component is required."""
    if os.environ.get("LEADREADY_REQUIRE_ALL") == "1":
        pytest.fail(f"required here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; their licences do not let us ship them."""
    folder = Path(os.environ.get("LEADREADY_DATA") or ROOT.parent / "shared" / "data").resolve()
    if not folder.is_dir():
        missing("the real data sets are not here; set LEADREADY_DATA to their folder")
    os.environ["LEADREADY_DATA"] = str(folder)
    return folder


@pytest.fixture(autouse=True)
def _quiet_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
