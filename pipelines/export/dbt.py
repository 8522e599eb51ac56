"""``leadready export dbt``: a registered version as a dbt package, with tests and a data contract.

The package has two models: ``lead_features`` checks and types the table that ``leadready features``
writes, and ``lead_scores`` is the statement of ``leadready export sql`` over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from sqlglot import exp

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.whole_file import refuse_missing_folder, write_whole
from model.dialects import check_dialect, column_sql, dialect_text, named_sql
from model.registry.registry import LoadedModel, Registry
from model.serving import VERDICTS, Scorecard
from pipelines.export.contract import data_contract
from pipelines.export.feature_table import WITH_SALES, served_features
from pipelines.export.statement import statement_of
from pipelines.score.summary import DECISIONS
from pipelines.snapshot import read_snapshot

FEATURES, SCORES, SOURCE = "lead_features", "lead_scores", "leadready"
TABLE = "features"  # that leadready features writes
PROJECT = "dbt_project.yml"
PLACE = "place of the table"  # in a statement, until dbt's call takes it
Yaml = dict[str, object]


def export_dbt(
    folder: Path | str, out: Path, *, dialect: str = "duckdb", model: str = "champion"
) -> list[Path]:
    """Write a registered version as a dbt package.

    Parameters
    ----------
    folder : path
        The workspace.
    out : path
        A folder for the package; it is made if it does not exist.
    dialect : str
        One of ``model.dialects.DIALECTS``: the database of the dbt project.
    model : str
        An alias or a version of the registered model.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    LeadReadyError
        When there is no such version or dialect, or the folder holds something else.

    Examples
    --------
    >>> export_dbt("nowhere", Path("dbt"))
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    check_dialect(dialect)
    workspace = read_snapshot(folder).workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    _refuse_other_folder(out)
    written = []
    for name, text in dbt_files(loaded, workspace.name, dialect).items():
        path = out / name
        path.parent.mkdir(exist_ok=True)
        write_whole(path, text)
        written.append(path)
    return written


def dbt_files(loaded: LoadedModel, company: str, dialect: str) -> dict[str, str]:
    """Write the files of the package, by their names."""
    features = served_features(loaded)
    card = Scorecard.from_dict(loaded.scorecard)
    scores = statement_of(loaded, dialect=dialect, table=PLACE, with_sales=WITH_SALES)
    typed = dialect_text(_typed_features(features), dialect)
    return {
        PROJECT: _yaml_text(_project()),
        f"models/{FEATURES}.sql": _with_call(typed, f"source('{SOURCE}', '{TABLE}')", dialect),
        f"models/{SCORES}.sql": _with_call(scores, f"ref('{FEATURES}')", dialect),
        "models/schema.yml": _yaml_text(_schema(features, card)),
        "lead_features.odcs.yaml": _yaml_text(data_contract(features, company, loaded.version)),
    }


def _refuse_other_folder(out: Path) -> None:
    """Refuse a folder with other files than an earlier package; make a new one."""
    refuse_missing_folder(out)
    if out.exists() and not out.is_dir():
        raise LeadReadyError("this is a file, not a folder", where=str(out))
    if out.is_dir() and any(out.iterdir()) and not (out / PROJECT).is_file():
        hint = "name a new folder, or one with an earlier package"
        raise LeadReadyError("the folder holds something else", where=str(out), hint=hint)
    out.mkdir(exist_ok=True)


def _typed_features(features: Sequence[Feature]) -> exp.Select:
    """Select the feature table's columns with their types."""
    columns = [
        named_sql(exp.cast(column_sql(feature.name), "double"), feature.name)
        if feature.kind == "number"
        else column_sql(feature.name)
        for feature in features
    ]
    known = [column_sql(name) for name in ("lead_id", "as_of", WITH_SALES)]
    return exp.select(*known, *columns).from_(exp.table_(PLACE, quoted=True))


def _with_call(sql: str, call: str, dialect: str) -> str:
    """Put a call of dbt in the place of the table; braces of the data are none of its templates.

    Examples
    --------
    >>> print(_with_call('SELECT "a{" FROM "place of the table"', "ref('leads')", "duckdb"))
    SELECT "a{{ '{' }}" FROM {{ ref('leads') }}
    <BLANKLINE>
    """
    name = exp.to_identifier(PLACE, quoted=True).sql(dialect=dialect)
    return sql.replace("{", "{{ '{' }}").replace(name, f"{{{{ {call} }}}}") + "\n"


def _project() -> Yaml:
    return {
        "name": "leadready_scores",
        "version": "1.0.0",
        "config-version": 2,
        "profile": SOURCE,
        "model-paths": ["models"],
        "models": {"leadready_scores": {"+materialized": "table"}},
    }


def _schema(features: Sequence[Feature], card: Scorecard) -> Yaml:
    """Describe the models, with their tests."""
    key = _column("lead_id", "id of the lead", "unique", "not_null")
    of_features = [
        key,
        _column("as_of", "when this was known"),
        _column(WITH_SALES, "whether sales already has the lead"),
        *(_column(feature.name, feature.words) for feature in features),
    ]
    lines = [
        _column(f"points_{axis.name}", f"points of {axis.words}", "not_null")
        for axis in card.axes.values()
    ]
    of_scores = [
        key,
        _column("score", "50 is an average lead; 10 points double the odds", "not_null"),
        _column("probability", "probability of being won within the horizon", "not_null"),
        _column("grade", "fit", _accepted([*card.grades, "D"])),
        _column("rules_verdict", "what the agreed rules say", "not_null", _accepted(VERDICTS)),
        _column("model_verdict", "what the model says", _accepted(["ready", "not ready"])),
        _column("decision", "what to do with the lead", "not_null", _accepted(DECISIONS)),
        *lines,
    ]
    return {
        "version": 2,
        "sources": [{"name": SOURCE, "tables": [{"name": TABLE}]}],
        "models": [
            {
                "name": FEATURES,
                "description": "What is known of each lead.",
                "columns": of_features,
            },
            {"name": SCORES, "description": "The score of each lead.", "columns": of_scores},
        ],
    }


def _column(name: str, description: str, *tests: object) -> Yaml:
    column: Yaml = {"name": name, "description": description.replace("{", "(").replace("}", ")")}
    return column | ({"data_tests": list(tests)} if tests else {})


def _accepted(values: Sequence[str]) -> Mapping[str, Any]:
    return {"accepted_values": {"arguments": {"values": list(dict.fromkeys(values))}}}


def _yaml_text(content: Yaml) -> str:
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
