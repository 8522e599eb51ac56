"""Agreement: where the registered model and the agreed rules part ways, and who was right.

read history → keep the leads that the champion never learnt from → score them → compare. Leads
whose outcome nobody knows are counted, and are in no win rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.progress import Progress
from model.registry.registry import LoadedModel, Registry
from model.serving import Definition, Scorecard, score_leads
from model.simulation.disagreement import GROUPS, MODEL_ONLY, RULES_ONLY, disagreement, in_words
from model.simulation.history import History
from model.training.splits import split_leads
from pipelines.definition.simulate import bounds, judged, rate
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.train.evaluation import unseen_rows

FAILED = 4  # criteria that are told


def agreement(folder: Path, *, model: str = "champion", progress: Progress) -> dict[str, Any]:
    """Hold a registered model against the definition that it serves.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str
        An alias or a version.

    Returns
    -------
    dict
        What ``leadready agreement --json`` prints: see ``model.simulation``, with the versions
        and the leads looked at.

    Raises
    ------
    LeadReadyError
        When no such model is registered, or it has seen every lead whose outcome is known.
    """
    snapshot = read_snapshot(folder, progress)
    workspace = snapshot.workspace  # the model first: it is the quickest to be missing
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    everyone = judged(snapshot)
    here = unseen(snapshot, everyone, loaded)
    progress(f"scoring {int(here.sum()):,} leads that version {loaded.version} never learnt from")
    part = everyone.part(here)
    wanted = [Feature(**one) for one in loaded.catalogue]
    table = snapshot.at(part.rows, wanted).features
    scored = score_leads(
        table, Scorecard.from_dict(loaded.scorecard), Definition.from_dict(loaded.definition)
    )
    return {
        "model_version": loaded.version,
        "definition_version": str(loaded.definition.get("version", "")),
        "from": _day(part.rows["as_of"].min()),
        "until": _day(part.rows["as_of"].max()),
        **disagreement(part, scored.reset_index(drop=True)),
    }


def unseen(snapshot: Snapshot, everyone: History, loaded: LoadedModel) -> npt.NDArray[np.bool_]:
    """Which of the judged leads a version cannot have learnt from.

    Those that it was tested on, and leads of the same time whose outcome nobody knows.
    """
    labelled, asked = snapshot.labelled, snapshot.workspace.evaluation
    seed = int(loaded.evaluation.get("seed") or 0)
    parts = split_leads(
        labelled.rows,
        test_from=asked.test_from,
        test_until=asked.test_until,
        test_share=asked.test_share,
        seed=seed,
    )
    tested = unseen_rows(loaded.evaluation, parts, labelled.rows)
    before = loaded.evaluation.get("split") or {}
    if not tested.any() and before.get("how") == parts.how != "forward in time":
        tested = parts.test  # the same leads, drawn in the same way
    if not tested.any():
        raise LeadReadyError(
            f"version {loaded.version} may have learnt from every lead whose outcome is known",
            hint="give later leads, or train again: leadready train",
        )
    ids = set(labelled.rows["lead_id"][tested])
    found = everyone.rows["lead_id"].isin(ids).to_numpy()
    if before.get("test_from"):
        later = (everyone.rows["as_of"] >= pd.Timestamp(before["test_from"])).to_numpy()
        found = later & (found | ~everyone.known)
    return np.asarray(found)


def _day(time: Any) -> str | None:
    return None if pd.isna(time) else str(time.date())


# -- for people -----------------------------------------------------------------------------------


def render(answer: Mapping[str, Any]) -> str:
    """Say it as a table, and in words."""
    when = f" judged from {answer['from']} to {answer['until']}" if answer["from"] else ""
    again = answer["judged"] > answer["leads"]
    what = "judgements" if again else "leads"
    open_again = f"{answer['judged']:,} judgements, since open leads are judged again and again"
    lines = [
        f"version {answer['model_version']} and definition {answer['definition_version']}, on "
        f"{answer['leads']:,} leads{when}, none of which the model learnt from",
        *([open_again] if again else []),
        f"they disagree on {answer['disagree']:.0%} of them",
        "",
        f"{'ready?':24}{what:>12}{'outcome known':>15}{'won':>26}"
        f"{'if never worked lost … won':>30}",
    ]
    for name in GROUPS:
        one = answer["groups"][name]
        lines.append(
            f"{name:24}{one['leads']:>12,}{one['known']:>15,}{rate(one):>26}{bounds(one):>30}"
        )
    lines += ["", in_words(answer)]
    for name, who in (
        (MODEL_ONLY, "the rules say no, the model yes"),
        (RULES_ONLY, "the rules say yes, the model no"),
    ):
        lines += ["", *_about(name, who, answer["groups"][name], what)]
    return "\n".join(lines)


def _about(name: str, who: str, group: Mapping[str, Any], what: str) -> list[str]:
    lines = [f"{name} ({who}): {group['leads']:,} {what}"]
    if group["failed"]:
        said = ", ".join(
            f"{one['criterion']} {one['share']:.0%}" for one in group["failed"][:FAILED]
        )
        lines.append(f"  the rules say no because of: {said}")
    if not group["common"]:
        lines.append("  nothing sets them apart, beyond luck")
        return lines
    lines.append(f"  more frequent than among the {what} where {group['beside']}:")
    lines += [
        f"    {one['words']}: {one['label']} — {one['share']:.0%} against {_times(one)}"
        for one in group["common"]
    ]
    return lines


def _times(one: Mapping[str, Any]) -> str:
    if not one["beside"]:
        return "none"
    between = f"{one['low']:.1f} to {one['high']:.1f}"
    return f"{one['beside']:.0%}, {one['lift']:.1f} times as often ({between})"
