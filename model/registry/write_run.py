"""How a version is written into MLflow: everything is prepared in a folder, and then registered.

One run holds the evidence (figures, settings, pictures, the card) and the files of the model; the
version, with all its tags, is created last and in one step. If anything fails before that step,
the run is marked as failed and deleted, and the registry is as it was.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model.registry import bundle
from model.registry.bundle import Contents, plain
from model.registry.model_card import model_card, shortened
from model.registry.store import Store, local_path, quiet

CARD, PLOTS = "card.md", "plots"
COMPARED = ("candidate", "n_train", "n_test", "base_rate")  # settings to compare runs by
RIVALS = ("yardstick", "definition", "champion")
ABOUT = "A learned, calibrated points scorecard for leads; `champion` is the version that scores."
LONGEST_SETTING = 500


def prepare(contents: Contents, folder: Path, model: str) -> dict[str, str]:
    """Write everything that a version consists of into a folder, and return its tags.

    Raises
    ------
    LeadReadyError
        If scorecard or definition cannot be served.
    """
    with tempfile.TemporaryDirectory(prefix="leadready-") as data:
        digests = bundle.write_data_files(contents, Path(data))
        bundle.save_model(folder / bundle.MODEL_FOLDER, Path(data))
    for name, picture in contents.plots.items():
        path = folder / PLOTS / Path(name).name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture.encode() if isinstance(picture, str) else picture)
    about = [plain(one) for one in (contents.scorecard, contents.definition, contents.evaluation)]
    card = model_card(*about, model=model, tags=contents.tags())
    (folder / CARD).write_text(card, encoding="utf-8")
    digest_tags = {f"{bundle.DIGEST_TAG}{name}": digest for name, digest in digests.items()}
    return contents.tags() | digest_tags


def register(
    store: Store, model: str, contents: Contents, folder: Path, tags: Mapping[str, str]
) -> str:
    """Register what `prepare` wrote; return the new version's number.

    The caller holds the store's lock.
    """
    client = store.client()
    experiment = _experiment(client, model, store.artifacts)
    run = client.create_run(experiment, tags=dict(tags), run_name=f"{model} {now()}")
    run_id = run.info.run_id
    try:
        _log_evidence(client, run_id, contents)
        client.log_artifacts(run_id, str(folder))
        source = f"{run.info.artifact_uri}/{bundle.MODEL_FOLDER}"
        card = shortened((folder / CARD).read_text(encoding="utf-8"))
        client.set_terminated(run_id)
        return _create_version(client, model, source, run_id, tags, card)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        client.delete_run(run_id)
        if (files := local_path(run.info.artifact_uri)) is not None:
            own = files.parent if files.parent.name == run_id else files
            shutil.rmtree(own, ignore_errors=True)
        raise


def now() -> str:
    """Return the present second in UTC, as text."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def figures(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Walk through the figures of an evaluation: the value and both ends of its interval.

    Examples
    --------
    >>> measured = {"metrics": {"auc": {"value": 0.8, "low": 0.7, "high": None}},
    ...             "yardstick": {"auc": {"value": 0.81}}}
    >>> list(figures(measured))
    [('auc', 0.8), ('auc_low', 0.7), ('yardstick_auc', 0.81)]
    """
    groups = {
        "": evaluation.get("metrics"),
        **{f"{name}_": evaluation.get(name) for name in RIVALS},
    }
    for prefix, group in groups.items():
        metrics = group if isinstance(group, Mapping) else {}
        for key, metric in metrics.get("metrics", metrics).items():
            if isinstance(metric, Mapping) and "value" in metric:
                for end, value in metric.items():
                    if end in ("value", "low", "high") and isinstance(value, int | float):
                        yield f"{prefix}{key}" + ("" if end == "value" else f"_{end}"), value


def _log_evidence(client: Any, run_id: str, contents: Contents) -> None:
    from mlflow.entities import Metric, Param

    evaluation = plain(contents.evaluation)
    settings = {key: evaluation[key] for key in COMPARED if key in evaluation}
    settings |= {str(key): plain(value) for key, value in contents.params.items()}
    params = [Param(key, str(value)[:LONGEST_SETTING]) for key, value in settings.items()]
    moment = int(datetime.now(UTC).timestamp() * 1000)
    metrics = [Metric(key, float(value), moment, 0) for key, value in figures(evaluation)]
    client.log_batch(run_id, metrics=metrics, params=params)


def _experiment(client: Any, model: str, artifacts: str | None) -> str:
    """Find or make the experiment that keeps its files here, not where a copy came from."""
    for name in (model, f"{model} in {artifacts}"):
        found = client.get_experiment_by_name(name)
        if found is None:
            return str(client.create_experiment(name, artifacts))
        if artifacts is None or found.artifact_location == artifacts:
            break
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def _create_version(
    client: Any, model: str, source: str, run_id: str, tags: Mapping[str, str], card: str
) -> str:
    """Create the version in one step; the model's name goes again if it was new and this fails."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(model, description=ABOUT)
        new = True
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        new = False
    try:
        with quiet("mlflow.store.model_registry.abstract_store"):
            made = client.create_model_version(
                model, source, run_id, tags=dict(tags), description=card
            )
    except BaseException:
        if new:
            client.delete_registered_model(model)
        raise
    return str(made.version)
