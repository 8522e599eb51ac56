"""The last gate: does the registered model score alike where nothing of this project exists?

A new Python process, isolated, in an empty folder, is given a table of features and the address of
a version. It loads the version as any stranger would, by ``mlflow.pyfunc``, and writes its scores.
An import hook refuses this project's packages there, so a served file that leans on them fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError

OWN = ("features", "model", "pipelines")
MINUTES = 10

SCRIPT = """
import json, sys
order = json.load(open("order.json", encoding="utf-8"))
refused = set(order["refused"])

class Refuse:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ImportError(f"{name} is not to be had here")

sys.meta_path.insert(0, Refuse)
import mlflow
import pandas
mlflow.set_tracking_uri(order["tracking_uri"])
mlflow.set_registry_uri(order["registry_uri"])
model = mlflow.pyfunc.load_model(order["model_uri"])
scores = model.predict(pandas.read_parquet("features.parquet"), params=order["params"])
assert not refused & set(sys.modules), refused & set(sys.modules)
scores.to_parquet("scores.parquet")
"""


def served_scores(
    model_uri: str,
    X: pd.DataFrame,
    *,
    tracking_uri: str,
    registry_uri: str,
    refused: Sequence[str] = (),
    params: dict[str, Any] | None = None,
) -> pd.DataFrame:
    """Score a table by the registered model, in a process that knows nothing of this project.

    Parameters
    ----------
    model_uri : str
        Such as ``models:/lead-readiness/3``.
    X : DataFrame
        Features as the signature wants them.
    refused : sequence of str
        Further packages that must not be imported there.

    Raises
    ------
    LeadReadyError
        If the model cannot be loaded or cannot predict there; its own words are repeated.
    """
    order = {
        "model_uri": model_uri,
        "tracking_uri": tracking_uri,
        "registry_uri": registry_uri,
        "refused": [*OWN, *refused],
        "params": params,
    }
    with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
        place = Path(folder)
        (place / "order.json").write_text(json.dumps(order), encoding="utf-8")
        X.to_parquet(place / "features.parquet")
        _run(place, model_uri)
        return pd.read_parquet(place / "scores.parquet")


def _run(place: Path, model_uri: str) -> None:
    surroundings = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    for name in ("PYTHONPATH", "PYTHONSTARTUP", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        surroundings.pop(name, None)
    command = [sys.executable, "-I", "-c", SCRIPT]
    try:
        done = subprocess.run(
            command,
            cwd=place,
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=60 * MINUTES,
        )
    except subprocess.TimeoutExpired as error:
        raise LeadReadyError(
            f"the registered model gave no scores within {MINUTES} minutes", where=model_uri
        ) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
        raise LeadReadyError(
            f"the registered model cannot be used in a fresh process: {last[0]}",
            where=model_uri,
            hint="see that the features fit the model's signature, then leadready train",
        )
