"""The files of a registered version: four data files, and one file of code that serves them.

This project reads back only the data files (scorecard, definition, catalogue, evaluation); their
SHA-256 is in the tags of the version. For everyone else they are packed with ``model/serving.py``
into an MLflow model. Its signature and requirements are stated here: inferring them would take
MLflow seconds and would list whatever happens to be installed.
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
from model.registry.lookup import TRAIN
from model.registry.sqlite_reader import LABEL_TAG, Version

SCORECARD, DEFINITION = "scorecard.json", "definition.yaml"
CATALOGUE, EVALUATION = "catalogue.json", "evaluation.json"
DATA_FILES = (SCORECARD, DEFINITION, CATALOGUE, EVALUATION)
SERVED_CODE = Path(serving.__file__).name  # in the model's folder
MODEL_FOLDER = "model"  # of a run's artifacts
DATA_FOLDER = "artifacts"  # of the model's folder, by MLflow's custom
DIGEST_TAG = "sha256."
REQUIREMENTS = ("mlflow", "numpy", "pandas", "pyyaml")
POINTS = "points"  # whole numbers in format 2 of the scorecard
OUTPUTS = {
    "lead_id": "string",
    "as_of": "datetime",
    "probability": "double",
    "score": POINTS,
    "fit_points": POINTS,
    "engagement_points": POINTS,
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
    """Everything that a version is made of.

    Attributes
    ----------
    scorecard, definition : mapping
        What the model learned (format 2), and what was agreed.
    catalogue : sequence of Feature or mapping
        The meaning of every feature.
    evaluation : mapping
        The output of ``leadready train --json``: candidate, counts, ``metrics``, ``yardstick``,
        ``definition`` (each metric a ``{value, low, high}``), ``excluded``.
    data_digest : str
        SHA-256 of the training table (see `table_digest`).
    training_window : pair, optional
        First and last moment of the training leads.
    params : mapping
        Settings to compare runs by.
    plots : mapping
        Pictures by file name, such as ``{"lift.svg": "<svg…"}``.
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
        """Describe in tags what the version was made from."""
        tags = {
            "candidate": self.evaluation.get("candidate", ""),
            "data_sha256": self.data_digest,
            "definition_version": self.definition.get("version", ""),
            "definition_digest": serving.digest(to_plain(self.definition)),
        }
        if label := self.scorecard.get("version"):  # only the level was moved
            tags[LABEL_TAG] = label
        if self.training_window is not None:
            tags["training_from"], tags["training_until"] = map(to_plain, self.training_window)
        return {key: str(value) for key, value in tags.items()}


def to_plain(value: Any) -> Any:
    """Convert a value to types that JSON and YAML have; a number that is not finite becomes None.

    Examples
    --------
    >>> to_plain({"auc": np.float64(0.75), "low": float("nan"), "on": pd.Timestamp("2026-10-01")})
    {'auc': 0.75, 'low': None, 'on': '2026-10-01T00:00:00'}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return to_plain(dataclasses.asdict(value))
    if hasattr(value, "_asdict"):
        return to_plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): to_plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return to_plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Iterable):
        return [to_plain(part) for part in value]
    if pd.isna(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def table_digest(table: pd.DataFrame) -> str:
    """SHA-256 of a table: of its column names and all values, in order, without the index.

    (MLflow's own digest of a data set covers only the first 10,000 rows.)

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
        total.update(_column_bytes(column))
    return total.hexdigest()


def _column_bytes(column: pd.Series[Any]) -> bytes:
    """Encode a column: numbers and times as they are, text as distinct values and their places."""
    kind = getattr(column.dtype, "kind", "O")
    if kind in "biuf":
        return column.to_numpy(np.float64, na_value=np.nan).tobytes()
    if kind in "mM":
        return column.to_numpy(f"{'datetime' if kind == 'M' else 'timedelta'}64[us]").tobytes()
    places, distinct = pd.factorize(column)
    return json.dumps([str(value) for value in distinct]).encode() + places.astype("<i8").tobytes()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_digest(record: Version, path: Path) -> None:
    """Refuse a file of a version that is missing or is not the one that was registered."""
    registered = record.tags.get(DIGEST_TAG + path.name)
    found = file_digest(path) if path.is_file() else None
    if registered is None or found != registered:
        problem = "is missing" if found is None else "is not the file that was registered"
        what = f"{path.name} of version {record.label} {problem}"
        hint = f"restore the file, choose another version with --model, or run {TRAIN}"
        raise LeadReadyError(what, where=str(path.parent), hint=hint)


def write_data_files(contents: Contents, folder: Path) -> dict[str, str]:
    """Write the four data files, check that they can be served, and return their digests.

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
        text = json.dumps(to_plain(value), ensure_ascii=False, indent=1, allow_nan=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    definition = without_void_signatures(to_plain(contents.definition))  # a void signature is none
    (folder / DEFINITION).write_text(_definition_yaml(definition), encoding="utf-8")
    _read_served_files(folder)
    return {name: file_digest(folder / name) for name in DATA_FILES}


def _definition_yaml(definition: Mapping[str, Any]) -> str:
    """Write YAML that reads back the same: some line ends of Unicode need to be escaped."""
    text = yaml.safe_dump(definition, sort_keys=False, allow_unicode=True)
    same = yaml.load(text, serving.Yaml) == definition
    return str(text if same else yaml.safe_dump(definition, sort_keys=False))


def read_data_files(
    folder: Path,
) -> tuple[dict[str, Any], dict[str, Any], list[Any], dict[str, Any]]:
    """Read scorecard, definition, catalogue and evaluation; nothing in them is executed.

    Raises
    ------
    LeadReadyError
        If this version of the project cannot read them.
    """
    scorecard, definition = _read_served_files(folder)
    catalogue, evaluation = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in (CATALOGUE, EVALUATION)
    )
    return dict(scorecard.content), dict(definition.content), catalogue, evaluation


def _read_served_files(folder: Path) -> tuple[serving.Scorecard, serving.Definition]:
    try:
        card = serving.Scorecard.from_file(folder / SCORECARD)
        return card, serving.Definition.from_file(folder / DEFINITION)
    except serving.ServingError as error:
        raise LeadReadyError(error.what, where=folder.name, hint=error.hint) from error


def save_model(folder: Path, data: Path) -> None:
    """Save an MLflow model that serves the data files, as a model from code."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow.pyfunc

    catalogue = json.loads((data / CATALOGUE).read_text(encoding="utf-8"))
    with warnings.catch_warnings():  # the signature is stated, so no example is needed
        warnings.filterwarnings("ignore", "(?s).*input example was not provided")
        mlflow.pyfunc.save_model(
            folder,
            python_model=serving.__file__,
            artifacts={Path(name).stem: (data / name).as_uri() for name in DATA_FILES},
            signature=model_signature(*_read_served_files(data), catalogue),
            pip_requirements=[f"{name}=={installed(name)}" for name in REQUIREMENTS],
        )


def model_signature(
    scorecard: serving.Scorecard, definition: serving.Definition, catalogue: Sequence[Any]
) -> Any:
    """State the inputs and outputs of the served model, as an MLflow signature.

    Every feature of scorecard and definition is an input. None is required: a column that is not
    there is unknown for every lead, and the column ``warning`` of the scores names it. Numbers are
    ``double``: MLflow accepts float64, float32 and int32 columns, and rejects int64 columns with
    values other than 0 and 1; cast these. All other features are ``string``: text columns;
    ``category`` columns are rejected. ``lead_id`` (text) and ``as_of`` are passed through, and
    ``with_sales`` (true or false) says which leads sales already has; other columns are dropped.
    The parameter ``reasons`` is the number of reasons in each direction.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    kinds = {feature["name"]: feature["kind"] for feature in catalogue}
    kinds |= {line["name"]: line["kind"] for line in scorecard.lines}
    names = dict.fromkeys([*scorecard.features, *definition.features])
    types = {name: "double" if kinds.get(name) == "number" else "string" for name in names}
    types = {"lead_id": "string", "as_of": "datetime", "with_sales": "boolean", **types}
    inputs = [ColSpec(kind, name, required=False) for name, kind in types.items()]
    points = "long" if scorecard.whole else "double"
    outputs = [ColSpec(points if kind == POINTS else kind, name) for name, kind in OUTPUTS.items()]
    return ModelSignature(
        inputs=Schema(inputs),
        outputs=Schema(outputs),
        params=ParamSchema([ParamSpec("reasons", "long", 3)]),
    )
