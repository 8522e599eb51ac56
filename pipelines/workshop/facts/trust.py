"""Screen 7: how far to trust the model, forward in time, and where it is weak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pandas as pd

from features.locale import iso_day
from features.text import day
from model.gate import Gate
from model.registry.registry import LoadedModel
from model.training.intervals import Interval, win_rate_interval
from pipelines.snapshot import Snapshot
from pipelines.train.training_json import OldScoreJson, VersionJson


@dataclass(frozen=True)
class Period:
    """Predicted and actual wins of a period that the model had not seen, weighted if it is."""

    name: str
    leads: int
    predicted: float
    won: float

    @property
    def ends(self) -> tuple[float, float]:
        """The 95% interval of the actual wins."""
        low, high = win_rate_interval(self.won, self.leads)
        return low * self.leads, high * self.leads


@dataclass(frozen=True)
class TrustFacts:
    """How far to trust a version.

    Attributes
    ----------
    how : str
        How it was tested: ``forward in time``, ``in order`` or ``at random``.
    test_from, test_until : str
        The days of the test; empty without dates.
    leads, won : int
        Of the test.
    ranked, predicted, found : Interval
        Shares: pairs of a won and another lead that it ranks in the right order; predicted wins
        for each actual win; wins among the best fifth of the leads.
    periods : tuple of Period
        With the test as the last one.
    weighted : bool
        Whether worked leads stand for those that sales never worked.
    weak : tuple of str
        Where it is weak: the checks that it did not pass, and the warnings of the training.
    known_on : str
        When the outcomes of the leads of the extract's last day are known; empty without dates.
    old_scores : tuple of mapping
        The scores that the company had already, beside the model on the same leads.
    """

    how: str
    test_from: str
    test_until: str
    leads: int
    won: int
    ranked: Interval
    predicted: Interval
    found: Interval
    periods: tuple[Period, ...]
    weighted: bool
    weak: tuple[str, ...]
    known_on: str
    old_scores: tuple[OldScoreJson, ...] = ()


def trust_facts(snapshot: Snapshot, loaded: LoadedModel, gates: list[Gate]) -> TrustFacts:
    """Take from a version what was measured when it was tested."""
    evaluation = cast(VersionJson, loaded.evaluation)
    split = evaluation["split"]
    forward = split["how"] == "forward in time"
    refused = [f"{gate.name}: {gate.observed}" for gate in gates if not gate.passed]
    return TrustFacts(
        how=split["how"],
        test_from=str(split["test_from"])[:10] if forward else "",
        test_until=str(split["test_until"])[:10] if forward else "",
        leads=evaluation["n_test"],
        won=evaluation["won_test"],
        ranked=_metric(evaluation, "auc"),
        predicted=_metric(evaluation, "expected_wins_ratio"),
        found=_metric(evaluation, "captured_20"),
        periods=_tested_periods(evaluation),
        weighted=_is_weighted(evaluation),
        weak=(*refused, *evaluation["warnings"]),
        known_on=known_on_day(snapshot),
        old_scores=tuple(evaluation.get("old_scores", ())),
    )


def _metric(evaluation: VersionJson, name: str) -> Interval:
    metric = evaluation["metrics"].get(name) or {}
    return Interval(metric.get("value"), metric.get("low"), metric.get("high"))


def _is_weighted(evaluation: VersionJson) -> bool:
    worked = evaluation["worked"]
    return bool(worked and worked["weights"]["used"])


def _tested_periods(evaluation: VersionJson) -> tuple[Period, ...]:
    """Name the periods by their days, or by their number where there are no dates."""
    return tuple(
        Period(
            f"{iso_day(period['from'])} to {iso_day(period['until'])}"
            if period["from"]
            else f"part {n}",
            int(period["leads"]),
            float(period["expected"]),
            float(period["won"]),
        )
        for n, period in enumerate(evaluation["periods"], start=1)
    )


def known_on_day(snapshot: Snapshot) -> str:
    """Say when the outcomes of leads handed over on the last day of the extract are known."""
    days = snapshot.workspace.outcome.horizon_days
    if days is None or pd.isna(snapshot.extract_at):
        return ""
    return day(snapshot.extract_at + pd.Timedelta(days=days))
