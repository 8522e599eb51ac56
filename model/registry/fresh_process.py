"""Scores from the registered model in a fresh process, where this project does not exist.

An isolated Python process in an empty folder gets a table of features and the address of a version.
It loads the version with ``mlflow.pyfunc``, as any other program would, and writes its scores. An
import hook blocks this project's packages, so a served file that depends on them fails.
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
blocked = set(order["blocked"])

class Block:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ImportError(f"{name} is not available here")

sys.meta_path.insert(0, Block)
import mlflow
import pandas
mlflow.set_tracking_uri(order["tracking_uri"])
mlflow.set_registry_uri(order["registry_uri"])
model = mlflow.pyfunc.load_model(order["model_uri"])
scores = model.predict(pandas.read_parquet("features.parquet"), params=order["params"])
assert not blocked & set(sys.modules), blocked & set(sys.modules)
scores.to_parquet("scores.parquet")
"""


def served_scores(
    model_uri: str,
    X: pd.DataFrame,
    *,
    tracking_uri: str,
    registry_uri: str,
    blocked: Sequence[str] = (),
    params: dict[str, Any] | None = None,
) -> pd.DataFrame:
    """Score a table with the registered model, in a process without this project.

    Parameters
    ----------
    model_uri : str
        Such as ``models:/lead-readiness/3``.
    X : DataFrame
        Features as the signature requires them.
    blocked : sequence of str
        Further packages that cannot be imported there.
    params : dict, optional
        Parameters of the prediction, such as ``{"reasons": 3}``.

    Raises
    ------
    LeadReadyError
        If the model cannot be loaded or cannot predict there, with the original message.
    """
    order = {
        "model_uri": model_uri,
        "tracking_uri": tracking_uri,
        "registry_uri": registry_uri,
        "blocked": [*OWN, *blocked],
        "params": params,
    }
    with tempfile.TemporaryDirectory(prefix="leadready-") as folder:
        path = Path(folder)
        (path / "order.json").write_text(json.dumps(order), encoding="utf-8")
        X.to_parquet(path / "features.parquet")
        _run_isolated(path, model_uri)
        return pd.read_parquet(path / "scores.parquet")


def _run_isolated(folder: Path, model_uri: str) -> None:
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    for name in ("PYTHONPATH", "PYTHONSTARTUP", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        environment.pop(name, None)
    command = [sys.executable, "-I", "-c", SCRIPT]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60 * MINUTES,
        )
    except subprocess.TimeoutExpired as error:
        raise LeadReadyError(
            f"the registered model returned no scores within {MINUTES} minutes", where=model_uri
        ) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise LeadReadyError(
            f"the registered model cannot be used in a fresh process: {last[0]}",
            where=model_uri,
            hint="check that the features match the model's signature, then run leadready train",
        )
