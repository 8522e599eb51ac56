"""The card of a training: how large it may be, which features people chose, and its description.

Brevity has a price: what the card gives up, on the same later leads, against the full model with
all features and against the black box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features import text
from features.errors import LeadReadyError
from model.card.card import CardLimits
from model.training.metrics import Metrics
from pipelines.snapshot import Snapshot
from pipelines.train.fit import Trained
from pipelines.train.training_json import CardJson, Row


def card_limits(
    snapshot: Snapshot,
    features: int | None = None,
    use: Sequence[str] = (),
    without: Sequence[str] = (),
) -> CardLimits:
    """Combine the size of the card that the workspace allows with the choices of people.

    Raises
    ------
    LeadReadyError
        When a feature is unknown, is both wanted and not wanted, or finds no room.
    """
    names = [feature.name for feature in snapshot.learnable]
    for option, chosen in (("--use", use), ("--without", without)):
        for name in chosen:
            if name not in names:
                where = f"train {option}"
                raise LeadReadyError.unknown(name, names, what="feature", where=where)
    if both := sorted({*use} & {*without}):
        raise LeadReadyError(f"{both[0]} is named by --use and by --without", hint="name it once")
    lines = snapshot.workspace.card.features if features is None else features
    if lines < len(use):
        raise LeadReadyError(
            f"a card of {text.count(lines, 'feature')} has no room for the {len(use)} to use",
            hint=f"leadready train --features {len(use)}",
        )
    return CardLimits(lines, use=tuple(use), without=tuple(without))


def card_json(trained: Trained, metrics: Mapping[str, Metrics]) -> CardJson:
    """Describe the card as plain data.

    Parameters
    ----------
    trained : Trained
    metrics : mapping of str to Metrics
        Of the card (``model``), the black box (``yardstick``) and, where it was trained, the full
        model with all features (``full``) on the same later leads.
    """
    choice = trained.learned.chosen.estimator.chosen_.choice
    words = {feature.name: feature.words for feature in trained.snapshot.learnable}
    card = CardJson(
        lines=[line._asdict() for line in choice.lines],
        alternatives=[
            {
                **swap._asdict(),
                "without_words": words[swap.without],
                "use_words": None if swap.use is None else words[swap.use],
            }
            for swap in choice.swaps
        ],
        clocks=[{"feature": name, "words": words[name]} for name in trained.learned.clocks],
        served=_served_json(trained.served_scorecard),
    )
    if "full" in metrics:
        card["price_of_brevity"] = {
            **{rival: _auc_behind(metrics, rival) for rival in ("full", "yardstick")},
            "lines": len(choice.lines),
            "lines_needed": choice.needed,
        }
    return card


def _auc_behind(metrics: Mapping[str, Metrics], rival: str) -> dict[str, float | None]:
    """By how much the AUC of another model exceeds that of the card, paired by lead."""
    return metrics[rival].difference(metrics["model"], "auc")._asdict()


def _served_json(scorecard: Mapping[str, Any]) -> Row:
    """The leads that a scorecard learned from, and its size; a row has at least a lead."""
    lines = scorecard["lines"]
    rows = sum(leads > 0 for line in lines for leads in line["counts"])
    return {**scorecard["provenance"], "features": len(lines), "rows": rows}
