"""The shape of what ``leadready train --json`` and ``leadready backtest --json`` print."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

MetricJson = dict[str, float | None]  # value, low, high
MetricsJson = dict[str, MetricJson]  # by metric
Row = dict[str, Any]  # of a table


class GateJson(TypedDict):
    """A check of the gate."""

    name: str
    passed: bool
    observed: str
    required: str
    hint: str
    state: str


class SplitJson(TypedDict):
    """How leads were split, and the window of the test."""

    how: str
    test_from: str | None
    test_until: str | None


class LiftJson(TypedDict):
    """The share of the wins that each scorer captures in the best share of the leads."""

    share: list[float]
    captured: dict[str, list[float]]


class CurvesJson(TypedDict):
    """The points of the plots."""

    lift: LiftJson
    calibration: list[Row]
    scores: dict[str, list[float]]


class WeightsJson(TypedDict):
    """How unequal the weights of the worked leads are."""

    effective_size: float
    clipped: int
    clipped_where: list[Row]
    largest: float
    limit: float
    used: bool


class WorkedJson(TypedDict):
    """Which leads sales worked, and how weights correct for those that it did not."""

    share: float
    leads: int
    worked: int
    by: dict[str, dict[str, float]]
    slices: list[Row]
    weights: WeightsJson
    overlap: Row
    balance: dict[str, float]
    no_prediction: list[Row]
    rarely_worked: Row | None
    later: Row


class CardJson(TypedDict):
    """The card: its lines, what brevity costs, other cards, and the version that is served."""

    lines: list[Row]
    price_of_brevity: NotRequired[Row]
    alternatives: list[Row]
    clocks: list[Row]
    served: Row


class OldScoreJson(TypedDict):
    """An old score on trial, on the test leads that have one.

    ``scorers`` has for each scorer ``auc, lift_10, wins`` and, where they are known, ``amount`` and
    ``expected_wins_ratio``; ``gains`` has by how much the model exceeds the old score, and is empty
    where the comparison would not be fair.
    """

    name: str
    basis: str
    fair: bool
    leads: int
    won: int
    without: int
    share: float
    per_week: float | None
    amount: float | None
    scorers: dict[str, MetricsJson]
    gains: MetricsJson


class EvaluationJson(CardJson):
    """What was measured on the test leads."""

    candidate: str
    comparison: list[Row]
    calibration: dict[str, float]
    n_train: int
    n_test: int
    leads_train: int
    leads_test: int
    won_train: int
    won_test: int
    base_rate: float
    metrics: MetricsJson
    full: NotRequired[MetricsJson]
    yardstick: MetricsJson
    definition: MetricsJson
    points: NotRequired[MetricsJson]
    base_rate_alone: MetricsJson
    unweighted: NotRequired[MetricsJson]
    periods: list[Row]
    pooled: NotRequired[MetricsJson]
    worked: WorkedJson | None
    excluded: dict[str, int]
    split: SplitJson
    warnings: list[str]
    curves: CurvesJson
    importance: list[Row]
    directions: list[Row]
    agreement: list[Row]
    criteria: list[Row]
    old_scores: NotRequired[list[OldScoreJson]]


class KnownAtTheTimeJson(TypedDict):
    """Figures of the training on outcomes known at the time."""

    candidate: str
    n_train: int
    n_test: int
    base_rate: float
    metrics: MetricsJson
    yardstick: MetricsJson
    excluded: dict[str, int]


class DataJson(TypedDict):
    """What was learned from, and what was found in it."""

    time_to_win: Row | None
    data: dict[str, int]
    suspects: list[Row]


class VersionJson(EvaluationJson, DataJson):
    """What the registry keeps of a version."""

    rejections: Row
    seed: int
    known_at_the_time: NotRequired[KnownAtTheTimeJson]


class TrainingJson(VersionJson):
    """A training: the version, and what the gate decided."""

    model_version: str
    promoted: bool
    verdict: str
    gate: list[GateJson]
    unsigned_because: list[str]


class LevelKeptJson(TypedDict):
    """The figures if the level is kept up between trainings."""

    metrics: MetricsJson
    moves: int
    log_loss_saved: MetricJson


TrialJson = TypedDict(
    "TrialJson",
    {
        "from": str | None,
        "until": str | None,
        "candidate": str,
        "n_train": int,
        "won_train": int,
        "n_test": int,
        "won_test": int,
        "metrics": MetricsJson,
        "yardstick": MetricsJson,
        "level_kept": LevelKeptJson,
        "outcomes": NotRequired[str],
    },
)


class BacktestResult(TypedDict):
    """A backtest with one choice of the moment."""

    days: int
    periods: list[TrialJson]
    pooled: MetricsJson
    yardstick: MetricsJson
    random: MetricsJson
    level_kept: LevelKeptJson
    optimism: MetricsJson
    gate: GateJson
    n_test: int
    won_test: int
    own: TrialJson


class BacktestJson(TypedDict):
    """A backtest for each choice of the moment."""

    workspace: str
    seed: int
    backtest: list[BacktestResult]
