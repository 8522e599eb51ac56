"""The feature table as a data contract in the Open Data Contract Standard (ODCS), version 3."""

from __future__ import annotations

from collections.abc import Sequence

from features.families.feature import Feature

TYPES = {"number": "number", "category": "string", "date": "string"}
Yaml = dict[str, object]


def data_contract(features: Sequence[Feature], company: str, version: str) -> Yaml:
    """Describe the table that a version scores.

    Examples
    --------
    >>> size = Feature("employees", "employees", "firmographic", "number", "people")
    >>> contract = data_contract([size], "Acme", "3")
    >>> contract["kind"], contract["schema"][0]["properties"][-1]["logicalType"]
    ('DataContract', 'number')
    """
    key = _property("lead_id", "string", "id of the lead")
    properties = [
        key | {"required": True, "unique": True, "primaryKey": True, "primaryKeyPosition": 1},
        _property("as_of", "date", "when the features were known, in UTC"),
        _property("with_sales", "boolean", "whether sales already has the lead"),
        *(_feature_property(feature) for feature in features),
    ]
    return {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": f"leadready-features-{version}",
        "name": f"{company}: features that version {version} of the model reads",
        "version": f"{version}.0.0" if version.isdecimal() else version,
        "status": "active",
        "description": {
            "purpose": "What leadready knows of each lead when it scores it.",
            "limitations": "A missing value is NULL, never an empty text or NaN.",
        },
        "schema": [
            {
                "name": "features",
                "logicalType": "object",
                "physicalType": "table",
                "dataGranularityDescription": "one row for each lead",
                "properties": properties,
            }
        ],
    }


def _feature_property(feature: Feature) -> Yaml:
    about = f"{feature.words}; missing: {feature.missing}"
    found = _property(feature.name, TYPES[feature.kind], about)
    return found | ({"tags": [feature.family]} if feature.family else {})


def _property(name: str, logical: str, description: str) -> Yaml:
    return {"name": name, "logicalType": logical, "description": description, "required": False}
