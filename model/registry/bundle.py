"""What travels with a registered version: four data files, and one file of code that serves them.

The data files (scorecard, definition, catalogue, evaluation) are all that this project ever reads
back; their SHA-256 stands in the version's tags. Everybody else gets an MLflow model made from
them and ``model/serving.py``. Its signature and its requirements are written down here rather than
guessed by MLflow, which takes seconds and names whatever happens to be installed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from features.errors import LeadReadyError
from model import serving
from model.definition.signatures import without_void_signatures

SCORECARD, DEFINITION = "scorecard.json", "definition.yaml"
CATALOGUE, EVALUATION = "catalogue.json", "evaluation.json"
DATA_FILES = (SCORECARD, DEFINITION, CATALOGUE, EVALUATION)
MODEL_FOLDER = "model"  # of a run's artifacts
DATA_FOLDER = "artifacts"  # of the model's folder, by MLflow's custom
DIGEST_TAG = "sha256."
REQUIREMENTS = ("mlflow", "numpy", "pandas", "pyyaml")
OUTPUTS = {
    "lead_id": "string",
    "as_of": "datetime",
    "probability": "double",
    "score": "double",
    "fit_points": "double",
    "engagement_points": "double",
    "grade": "string",
    "level": "long",
    "rules_verdict": "string",
    "failed_criteria": "string",
    "missing": "string",
    "model_verdict": "string",
    "agreement": "string",
    "decision": "string",
    "reasons_for": "string",
    "reasons_against": "string",
    "warning": "string",
    "model_version": "string",
    "definition_version": "string",
    "scored_at": "datetime",
}


@dataclass(frozen=True)
class Contents:
    """All that a version is made of.

    Attributes
    ----------
    scorecard, definition : mapping
        What was learned (format 1) and what was agreed.
    catalogue : sequence of Feature or mapping
        What every feature means.
    evaluation : mapping
        What ``leadready train --json`` prints: candidate, counts, ``metrics``, ``yardstick``,
        ``definition`` (each metric a ``{value, low, high}``), ``excluded``.
    data_digest : str
        SHA-256 of the training table (see `table_digest`).
    training_window : pair, optional
        First and last moment that was learnt from.
    params : mapping
        Settings to compare runs by.
    plots : mapping
        File name to picture, such as ``{"lift.svg": "<svg…"}``.
    """

    scorecard: Mapping[str, Any]
    definition: Mapping[str, Any]
    catalogue: Sequence[Any]
    evaluation: Mapping[str, Any]
    data_digest: str
    training_window: tuple[Any, Any] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    plots: Mapping[str, bytes | str] = field(default_factory=dict)

    def tags(self) -> dict[str, str]:
        """Say what the version was made from, in tags."""
        said = {
            "candidate": self.evaluation.get("candidate", ""),
            "data_sha256": self.data_digest,
            "definition_version": self.definition.get("version", ""),
            "definition_digest": serving.digest(plain(self.definition)),
        }
        if self.training_window is not None:
            said["training_from"], said["training_until"] = map(plain, self.training_window)
        return {key: str(value) for key, value in said.items()}


def plain(value: Any) -> Any:
    """Turn a value into what JSON and YAML know; what is not a finite number becomes None.

    Examples
    --------
    >>> plain({"auc": np.float64(0.75), "low": float("nan"), "on": pd.Timestamp("2026-10-01")})
    {'auc': 0.75, 'low': None, 'on': '2026-10-01T00:00:00'}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Iterable):
        return [plain(one) for one in value]
    if pd.isna(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def table_digest(table: pd.DataFrame) -> str:
    """SHA-256 of a whole table: its column names and every value, in order; not its index.

    MLflow's own digest of a data set covers only the first 10,000 rows.

    Examples
    --------
    >>> leads = pd.DataFrame({"employees": [20.0, None], "seniority": ["vp", None]})
    >>> table_digest(leads) == table_digest(leads.set_axis([7, 8]))
    True
    >>> table_digest(leads) == table_digest(leads.iloc[::-1])
    False
    """
    total = hashlib.sha256()
    for name, column in table.items():
        total.update(f"{name}\n".encode())
        total.update(_bytes(column))
    return total.hexdigest()


def _bytes(column: pd.Series[Any]) -> bytes:
    """Write a column down: numbers and times as they are, texts as a list and places in it."""
    kind = getattr(column.dtype, "kind", "O")
    if kind in "biuf":
        return column.to_numpy(np.float64, na_value=np.nan).tobytes()
    if kind in "mM":
        return column.to_numpy(f"{'datetime' if kind == 'M' else 'timedelta'}64[us]").tobytes()
    places, distinct = pd.factorize(column)
    return json.dumps([str(one) for one in distinct]).encode() + places.astype("<i8").tobytes()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_data_files(contents: Contents, folder: Path) -> dict[str, str]:
    """Write the four data files, after seeing that they can be served; return their digests.

    Raises
    ------
    LeadReadyError
        If scorecard or definition cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        SCORECARD: contents.scorecard,
        CATALOGUE: contents.catalogue,
        EVALUATION: contents.evaluation,
    }
    for name, value in files.items():
        text = json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    definition = without_void_signatures(plain(contents.definition))  # a void signature is none
    (folder / DEFINITION).write_text(_yaml(definition), encoding="utf-8")
    _usable(folder)
    return {name: file_digest(folder / name) for name in DATA_FILES}


def _yaml(definition: Mapping[str, Any]) -> str:
    """Write it so that it reads the same: a few line ends of Unicode only do as escapes."""
    text = yaml.safe_dump(definition, sort_keys=False, allow_unicode=True)
    same = yaml.load(text, serving.Yaml) == definition
    return str(text if same else yaml.safe_dump(definition, sort_keys=False))


def read_data_files(
    folder: Path,
) -> tuple[dict[str, Any], dict[str, Any], list[Any], dict[str, Any]]:
    """Read scorecard, definition, catalogue and evaluation back; nothing in them is executed.

    Raises
    ------
    LeadReadyError
        If they are not what this version of the project can read.
    """
    scorecard, definition = _usable(folder)
    catalogue, evaluation = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in (CATALOGUE, EVALUATION)
    )
    return dict(scorecard.content), dict(definition.content), catalogue, evaluation


def _usable(folder: Path) -> tuple[serving.Scorecard, serving.Definition]:
    try:
        card = serving.Scorecard.from_file(folder / SCORECARD)
        return card, serving.Definition.from_file(folder / DEFINITION)
    except serving.ServingError as error:
        raise LeadReadyError(error.what, where=folder.name, hint=error.hint) from error


def save_model(folder: Path, data: Path) -> None:
    """Save the MLflow model that serves the data files, in the form of models from code."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow.pyfunc

    catalogue = json.loads((data / CATALOGUE).read_text(encoding="utf-8"))
    with warnings.catch_warnings():  # the signature is written down, so no example is needed
        warnings.filterwarnings("ignore", "(?s).*input example was not provided")
        mlflow.pyfunc.save_model(
            folder,
            python_model=serving.__file__,
            artifacts={Path(name).stem: (data / name).as_uri() for name in DATA_FILES},
            signature=signature(*_usable(data), catalogue),
            pip_requirements=[f"{name}=={installed(name)}" for name in REQUIREMENTS],
        )


def signature(
    scorecard: serving.Scorecard, definition: serving.Definition, catalogue: Sequence[Any]
) -> Any:
    """Write down what the served model takes and gives, as an MLflow signature.

    Every feature of scorecard and definition is needed. A number is ``double``: MLflow takes
    float64, float32 and int32 columns; an int64 column it refuses as soon as it holds more than
    0 and 1, so cast it. Everything else is ``string``: text columns; a ``category`` column is
    refused. ``lead_id`` (text) and ``as_of`` are passed through if they are there, other columns
    are dropped. The parameter ``reasons`` says how many reasons to give.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    kinds = {one["name"]: one["kind"] for one in catalogue}
    kinds |= {one["name"]: one["kind"] for one in scorecard.content["features"]}
    needed = dict.fromkeys([*scorecard.features, *definition.features])
    types = {name: "double" if kinds.get(name) == "number" else "string" for name in needed}
    inputs = [ColSpec(kind, name) for name, kind in types.items()]
    passed = [ColSpec("string", "lead_id", False), ColSpec("datetime", "as_of", False)]
    return ModelSignature(
        inputs=Schema([*passed, *inputs]),
        outputs=Schema([ColSpec(kind, name) for name, kind in OUTPUTS.items()]),
        params=ParamSchema([ParamSpec("reasons", "long", 3)]),
    )
