"""Writing a version to MLflow: everything is prepared in a folder, then registered.

One run holds the figures, settings, pictures, the model card and the files of the model. The
version, with all its tags, is created last and in one step. If anything fails before that step,
the run is marked as failed and deleted, and the registry is unchanged.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model.registry import bundle
from model.registry.bundle import Contents, to_plain
from model.registry.model_card import model_card, shorten_card
from model.registry.store import Store, local_path, quiet_logger
from model.serving import Definition, Scorecard

CARD, PLOTS = "card.md", "plots"
COMPARED = ("candidate", "n_train", "n_test", "base_rate")  # settings to compare runs by
RIVALS = ("yardstick", "definition", "champion")
ABOUT = "A learned, calibrated points scorecard for leads; `champion` is the version that scores."
LONGEST_SETTING = 500


def prepare_version(contents: Contents, folder: Path, model: str) -> dict[str, str]:
    """Write all files of a version into a folder, and return its tags.

    Raises
    ------
    LeadReadyError
        If scorecard or definition cannot be served.
    """
    with tempfile.TemporaryDirectory(prefix="leadready-") as data:
        digests = bundle.write_data_files(contents, Path(data))
        bundle.save_model(folder / bundle.MODEL_FOLDER, Path(data))
    served = folder / bundle.MODEL_FOLDER / bundle.SERVED_CODE
    digests[bundle.SERVED_CODE] = bundle.file_digest(served)
    for name, picture in contents.plots.items():
        path = folder / PLOTS / Path(name).name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture.encode() if isinstance(picture, str) else picture)
    card = model_card(
        Scorecard.from_dict(to_plain(contents.scorecard)),
        Definition.from_dict(to_plain(contents.definition)),
        to_plain(contents.evaluation),
        model=model,
        tags=contents.tags(),
    )
    (folder / CARD).write_text(card, encoding="utf-8")
    digest_tags = {f"{bundle.DIGEST_TAG}{name}": digest for name, digest in digests.items()}
    return contents.tags() | digest_tags


def register_version(
    store: Store, model: str, contents: Contents, folder: Path, tags: Mapping[str, str]
) -> str:
    """Register what `prepare_version` wrote; return the number of the new version.

    The caller holds the store's lock.
    """
    client = store.client()
    experiment = _experiment(client, model, store.artifacts)
    run = client.create_run(experiment, tags=dict(tags), run_name=f"{model} {utc_now()}")
    run_id = run.info.run_id
    try:
        _log_figures(client, run_id, contents)
        client.log_artifacts(run_id, str(folder))
        source = f"{run.info.artifact_uri}/{bundle.MODEL_FOLDER}"
        card = shorten_card((folder / CARD).read_text(encoding="utf-8"))
        client.set_terminated(run_id)
        return _create_version(client, model, source, run_id, tags, card)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        client.delete_run(run_id)
        if (files := local_path(run.info.artifact_uri)) is not None:
            own = files.parent if files.parent.name == run_id else files
            shutil.rmtree(own, ignore_errors=True)
        raise


def utc_now() -> str:
    """Return the current time in UTC to the second, as text."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def metric_values(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Iterate over the metrics of an evaluation: each value and both ends of its interval.

    Examples
    --------
    >>> measured = {"metrics": {"auc": {"value": 0.8, "low": 0.7, "high": None}},
    ...             "yardstick": {"auc": {"value": 0.81}}}
    >>> list(metric_values(measured))
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


def _log_figures(client: Any, run_id: str, contents: Contents) -> None:
    from mlflow.entities import Metric, Param

    evaluation = to_plain(contents.evaluation)
    settings = {key: evaluation[key] for key in COMPARED if key in evaluation}
    settings |= {str(key): to_plain(value) for key, value in contents.params.items()}
    params = [Param(key, str(value)[:LONGEST_SETTING]) for key, value in settings.items()]
    moment = int(datetime.now(UTC).timestamp() * 1000)
    metrics = [Metric(key, float(value), moment, 0) for key, value in metric_values(evaluation)]
    client.log_batch(run_id, metrics=metrics, params=params)


def _experiment(client: Any, model: str, artifacts: str | None) -> str:
    """Find or create the experiment that stores its files here, not where a copy came from."""
    for name in (model, f"{model} in {artifacts}"):
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            return str(client.create_experiment(name, artifacts))
        if artifacts is None or experiment.artifact_location == artifacts:
            break
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return str(experiment.experiment_id)


def _create_version(
    client: Any, model: str, source: str, run_id: str, tags: Mapping[str, str], card: str
) -> str:
    """Create the version in one step; if that fails, a new model's name is removed again."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(model, description=ABOUT)
        new = True
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        new = False
    try:
        with quiet_logger("mlflow.store.model_registry.abstract_store"):
            version = client.create_model_version(
                model, source, run_id, tags=dict(tags), description=card
            )
    except BaseException:
        if new:
            client.delete_registered_model(model)
        raise
    return str(version.version)
