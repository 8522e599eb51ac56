"""``leadready definition check``: is the definition valid, does every line count, who has signed?

Logic first (can a lead be ready at all, is there a criterion that can never matter), then the
example leads, then the data: how many leads each criterion passes, fails and leaves unknown,
criteria without which no lead would get another verdict, and values that no lead has. The answer
is no where something has to be mended or a signature is void.
"""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import LeadReadyError
from features.progress import Progress
from features.workspace.yaml_with_lines import read_places
from model.definition.contradictions import TooComplex, contradiction_text, find_contradictions
from model.definition.evaluate import criteria_counts, example_mismatches, requirements
from model.definition.read import check_same_terms, read_definition
from model.definition.signatures import missing_signatures, signature_statuses
from model.definition.unused_criteria import unused_criteria, unused_text
from model.definition.words import rule_text
from model.serving import READY, VERDICTS, Criterion, Definition, Rule, apply_rules
from pipelines.definition.data import counted, registered_definitions, table
from pipelines.snapshot import Snapshot, read_snapshot

VALUES = ("one_of", "none_of", "equals")
WIDE = 64  # letters of a criterion in the table; --json has them all


def review(folder: Path, progress: Progress, path: Path | None = None) -> dict[str, Any]:
    """Look at a definition from every side.

    Parameters
    ----------
    folder : path
        The workspace.
    progress : callable
        Told in words what is being done.
    path : path, optional
        Another definition than the one in use.

    Returns
    -------
    dict
        What ``leadready definition check --json`` prints; ``ok`` is the answer.

    Raises
    ------
    LeadReadyError
        Where the file is not a definition: the line, what was expected, the nearest right name.
    """
    snapshot = read_snapshot(folder, progress)
    read_definition(path or snapshot.definition_file)
    path = path or snapshot.definition_file
    definition = dict(snapshot.definition(path).content)
    wrong = mistakes(definition, snapshot)
    wrong += _here(definition, snapshot, wrong)
    places = lines(path)
    for one in wrong:
        named = [one.get("criterion"), *one.get("because_of", ())]
        one["where"] = next((places[name] for name in named if name in places), None)
    agreed = Definition.from_dict(definition)
    registered = map(Definition.from_dict, registered_definitions(snapshot.workspace))
    signed = signature_statuses(agreed, path, registered, snapshot.words)
    void = [one for one in signed if not one.holds]
    return {
        "ok": not any(one["blocks"] for one in wrong) and not void,
        "file": path.name,
        "version": agreed.version,
        "digest": agreed.digest,
        "signed": agreed.signed,
        "signatures": [status.to_dict() for status in signed],
        "unsigned_because": missing_signatures(agreed, signed),
        "findings": wrong,
        "examples": len(definition.get("examples") or ()),
        "leads": len(snapshot.features),
        **_against_data(definition, snapshot, path),
    }


def mistakes(definition: Mapping[str, Any], snapshot: Snapshot) -> list[dict[str, Any]]:
    """Find what logic, the examples and the workspace say against a definition."""
    agreed = Definition.from_dict(definition)
    found: list[dict[str, Any]] = []
    try:
        for one in find_contradictions(agreed):
            words = contradiction_text(one, agreed, snapshot.words)
            found.append(
                {
                    "kind": one.kind,
                    "criterion": one.criterion,
                    "because_of": list(one.others),
                    "lead": dict(one.lead),
                    "words": words,
                    "blocks": one.blocks,
                }
            )
    except TooComplex:
        words = "the rules ask for the same features so often that logic cannot follow them through"
        found.append({"kind": "too intertwined", "words": words, "blocks": False})
    for different in example_mismatches(agreed):
        found.append({"kind": "example differs", "words": str(different), "blocks": True})
    try:
        check_same_terms(agreed, snapshot.workspace)
    except LeadReadyError as error:
        words = f"{error.what} ({error.hint})"
        found.append({"kind": "another moment or horizon", "words": words, "blocks": True})
    return found


def refuse_mistakes(definition: Mapping[str, Any], snapshot: Snapshot, path: Path) -> None:
    """Refuse a definition in which something has to be mended first."""
    blocking = [one["words"] for one in mistakes(definition, snapshot) if one["blocks"]]
    if blocking:
        raise LeadReadyError(
            "; ".join(blocking),
            where=path.name,
            hint="mend it first; leadready definition check says more",
        )


# -- against the data -----------------------------------------------------------------------------


def _here(
    definition: Mapping[str, Any], snapshot: Snapshot, wrong: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Find what these leads say against the rules, beyond what logic has found."""
    by_logic = [one for one in wrong if "criterion" in one]
    if snapshot.features.empty or any(one["blocks"] for one in by_logic):
        return []
    agreed, X = Definition.from_dict(definition), snapshot.features
    required = agreed.ready
    if not _ready(required, X):
        unmet = [name for name, rule in requirements(required) if not _ready(rule, X)]
        words = f"none of these {len(X):,} leads meets {' and '.join(unmet) or 'all of it'}"
        return [{"kind": "nobody is ready", "words": words, "blocks": False}]
    ids = snapshot.features["lead_id"].astype("str")
    return [
        {
            "kind": "decides nothing here",
            "criterion": one.id,
            "blocks": False,
            "because_of": list(one.others),
            "lead_id": ids.iloc[one.row],
            "words": unused_text(one, agreed, ids.iloc[one.row], snapshot.words),
        }
        for one in unused_criteria(agreed, X, [one["criterion"] for one in by_logic])
    ]


def _ready(rule: Rule, X: pd.DataFrame) -> bool:
    """Whether some lead meets a rule."""
    return bool((apply_rules(X, rule).code == READY).any())


def _against_data(definition: Mapping[str, Any], snapshot: Snapshot, path: Path) -> dict[str, Any]:
    agreed = Definition.from_dict(definition)
    counts = criteria_counts(agreed, snapshot.features)
    said = pd.Series(agreed.evaluate(snapshot.features).verdict, dtype="str").value_counts()
    criteria = [
        {
            "id": one.id,
            "words": rule_text(one, snapshot.words),
            "asked_by": one.asked_by,
            "passes": int(row["pass"]),
            "fails": int(row["fail"]),
            "unknown": int(row["unknown"]),
        }
        for one, (_, row) in zip(agreed.criteria, counts.iterrows(), strict=True)
    ]
    return {
        "verdicts": {one: int(said.get(one, 0)) for one in VERDICTS},
        "criteria": criteria,
        "unseen": unseen(agreed.criteria, snapshot.features, lines(path)),
    }


def unseen(
    criteria: Iterable[Criterion], X: pd.DataFrame, where: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Find values that criteria name and no lead has, with the nearest value that leads have.

    Examples
    --------
    >>> boss = Criterion("boss", "seniority", "one_of", ("vp", "directer"))
    >>> for one in unseen([boss], pd.DataFrame({"seniority": ["vp", "director", None]})):
    ...     print(one["words"])
    boss: no lead has seniority 'directer'; the nearest is 'director' (1 lead)
    """
    found = []
    for one in criteria:
        column = X[one.feature]
        if pd.api.types.is_numeric_dtype(column):
            continue
        seen = column.dropna().astype("str").value_counts()
        for value in _named(one):
            if value not in seen.index:
                near = _nearest(value, seen)
                about = {"criterion": one.id, "value": value, "nearest": near}
                words = f"{one.id}: no lead has {one.feature.replace('_', ' ')} {value!r}"
                if near is not None:
                    words += f"; the nearest is {near!r} ({counted(int(seen[near]), 'lead')})"
                place = (where or {}).get(one.id)
                found.append({**about, "leads": 0, "where": place, "words": words})
    return found


def _named(criterion: Criterion) -> list[str]:
    if criterion.operator not in VALUES:
        return []
    operand = criterion.operand
    listed = operand if isinstance(operand, tuple) else (operand,)
    return [{True: "yes", False: "no"}.get(one, str(one)) for one in listed]


def _nearest(value: str, seen: pd.Series[int]) -> str | None:
    folded = {str(one).casefold(): str(one) for one in reversed(seen.index.to_list())}
    near = difflib.get_close_matches(value.casefold(), folded, n=1, cutoff=0.5)
    return folded[near[0]] if near else (str(seen.index[0]) if len(seen) else None)


def lines(path: Path) -> dict[str, str]:
    """Give ``file:line:column`` of each criterion, by its id."""
    found: dict[str, str] = {}

    def walk(node: Any) -> None:
        children = node.value if isinstance(node.value, list) else []
        for one in children:
            if not isinstance(one, tuple):
                walk(one)
                continue
            if one[0].value == "id" and isinstance(one[1].value, str):
                mark = one[1].start_mark
                found[one[1].value] = f"{path.name}:{mark.line + 1}:{mark.column + 1}"
            walk(one[1])

    walk(read_places(path).node)
    return found


# -- in words -------------------------------------------------------------------------------------


def render(answer: Mapping[str, Any]) -> str:
    """Say what was found, for people."""
    parts = [_headline(answer)]
    blocking = [_told(one) for one in answer["findings"] if one["blocks"]]
    others = [_told(one) for one in answer["findings"] if not one["blocks"]]
    if blocking:
        parts.append("\n".join(["To mend:", *(f"  ! {one}" for one in blocking)]))
    if others:
        parts.append("\n".join(["To talk about:", *(f"  - {one}" for one in others)]))
    if answer["unseen"]:
        told = [f"  - {_told(one)}" for one in answer["unseen"]]
        parts.append("\n".join(["Values that no lead has:", *told]))
    parts += [_criteria(answer), _signed(answer)]
    return "\n\n".join(parts)


def _told(one: Mapping[str, Any]) -> str:
    return f"{one['where']}: {one['words']}" if one["where"] else str(one["words"])


def _headline(answer: Mapping[str, Any]) -> str:
    about = f"{answer['file']}, version {answer['version']}"
    if any(one["blocks"] for one in answer["findings"]):
        return f"{about}: something has to be mended."
    few = {0: "it has no example leads yet", 1: "its one example lead comes out as agreed"}
    many = f"{answer['examples']:,} example leads come out as agreed"
    valid = f"{about}: valid, and {few.get(answer['examples'], many)}"
    return valid + ("." if answer["ok"] else "; but it was changed after it was signed.")


def _criteria(answer: Mapping[str, Any]) -> str:
    columns = {
        "id": "criterion",
        "words": "asks for",
        "passes": "> pass",
        "fails": "> fail",
        "unknown": "> not known",
        "asked_by": "asked for by",
    }
    rows = [
        {key: f"{one[key]:,}" if isinstance(one[key], int) else one[key] or "" for key in columns}
        for one in answer["criteria"]
    ]
    for row in rows:
        row["words"] = textwrap.shorten(row["words"], WIDE, placeholder=" …")
    told = ", ".join(f"{count:,} {one}" for one, count in answer["verdicts"].items() if count)
    head = f"Of {counted(answer['leads'], 'lead')}: {told or 'none'}"
    return "\n".join([head, *(f"  {line}" for line in table(rows, columns))])


def _signed(answer: Mapping[str, Any]) -> str:
    lines = [f"  {one['words']}" for one in answer["signatures"]]
    if answer["signed"]:
        return "\n".join(["Signed by all who have to:", *lines])
    wanting = [f"  {one}" for one in answer["unsigned_because"] if "has not signed" in one]
    return "\n".join(["Not signed:", *lines, *wanting])
