"""One road for the data: each part is built once, when first asked for."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.build import build_features
from features.labels.moments import build_moments
from features.labels.outcomes import NOT_WON, WON, build_outcomes, results_at_extract
from features.labels.time_to_win import estimate_time_to_win
from features.leaks.workspace_audit import audit_tables
from features.progress import no_progress
from features.tables.read import read_tables
from pipelines.brief.explain import explain
from pipelines.score.score import score
from pipelines.simulator.company import Settings
from pipelines.snapshot import Judged, RawTables, Snapshot, read_snapshot
from pipelines.train import train
from tests.pipelines.conftest import build
from tests.pipelines.shared_parts import unshared_parts

STEPS = (
    read_tables,
    build_moments,
    build_features,
    results_at_extract,
    build_outcomes,
    estimate_time_to_win,
    audit_tables,
)


@contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    """Count the calls of every step, whichever module calls it by whatever name."""
    counts: Counter[str] = Counter()
    own = [
        module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in ("features", "model", "pipelines")
    ]
    with unshared_parts(), pytest.MonkeyPatch.context() as patch:
        for step in STEPS:
            counted = _counted(step, counts)
            for module in own:
                for name in [name for name, value in vars(module).items() if value is step]:
                    patch.setattr(module, name, counted)
        yield counts


def _counted(step: Callable[..., Any], counts: Counter[str]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        counts[step.__name__] += 1
        return step(*arguments, **options)

    return call


@pytest.mark.usefixtures("one_card")
@pytest.mark.parametrize("outcomes", ["known_at_the_time", "at_extract"])
def test_a_training_takes_each_step_once(tmp_path: Path, outcomes: str) -> None:
    few = Settings(seed=1, leads=800, events=12_000, base_rate=0.5)
    untrained = build(tmp_path / "few", few)
    path = untrained / "leadready.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("\nevaluation:\n") == 1
    text = text.replace("\nevaluation:\n", f"\nevaluation:\n  outcomes: {outcomes}\n")
    path.write_text(text, encoding="utf-8")
    with counted_calls() as counts:
        answer = train.train(untrained)
    labellings = 2 if outcomes == "at_extract" else 1  # the second as it was known at the time
    once = {step.__name__: 1 for step in STEPS}
    assert counts == {**once, "build_outcomes": labellings}
    passed = {check["name"]: check["passed"] for check in answer["gate"]}
    assert passed["outcomes known at the time"] is (outcomes == "known_at_the_time")
    assert ("known_at_the_time" in answer) is (outcomes == "at_extract")


def test_a_brief_builds_features_once_and_looks_up_states_once(trained: Path) -> None:
    lead = score(trained)["lead_id"].iloc[0]
    with counted_calls() as counts:
        explain(trained, lead)
    assert counts == {"read_tables": 1, "build_features": 1, "results_at_extract": 1}


def test_only_what_is_asked_for_is_read(trained: Path) -> None:
    messages: list[str] = []
    snapshot = read_snapshot(trained, messages.append)
    assert snapshot.workspace.name
    assert messages == []
    with counted_calls() as counts:
        assert snapshot.words
        assert snapshot.words
    assert counts == {"read_tables": 1}


def test_labelled_rows_are_those_with_a_known_outcome(trained: Path) -> None:
    snapshot = read_snapshot(trained)
    labelled, outcomes = snapshot.labelled, snapshot.outcomes
    learned = (outcomes["outcome"] != "unknown") & ~snapshot.cut_off.left_out
    known = outcomes[learned]
    assert labelled.rows["lead_id"].tolist() == known["lead_id"].tolist()
    assert labelled.X["lead_id"].tolist() == known["lead_id"].tolist()
    np.testing.assert_array_equal(labelled.y, (known["outcome"] == "won").to_numpy(float))
    np.testing.assert_array_equal(labelled.places, known.index)
    left = len(snapshot.tables.leads["lead_id"].unique()) - sum(labelled.excluded.values())
    assert len(labelled.rows) == left


def test_at_other_moments_the_features_of_a_model_are_built(trained: Path) -> None:
    snapshot = read_snapshot(trained)
    features = [feature for feature in snapshot.catalogue if feature.family == "role"]
    few = snapshot.at(snapshot.moments.tail(5), features)
    assert list(few.features.columns) == ["lead_id", "as_of", *(part.name for part in features)]
    assert few.tables is snapshot.tables
    expected = snapshot.features[few.features.columns].tail(5).reset_index(drop=True)
    pd.testing.assert_frame_equal(few.features, expected)


def test_another_labelling_keeps_the_features(trained: Path) -> None:
    snapshot = read_snapshot(trained)
    assert snapshot.known_at_the_time() is snapshot
    evaluation = replace(snapshot.workspace.evaluation, outcomes="at_extract")
    flattering = replace(snapshot, workspace=replace(snapshot.workspace, evaluation=evaluation))
    then = flattering.known_at_the_time()
    assert then.features is flattering.features
    assert flattering.outcomes["why_unknown"].isna().all()
    pd.testing.assert_frame_equal(then.outcomes, snapshot.outcomes)


def test_tables_in_place_of_files_are_read(trained: Path) -> None:
    leads = pd.read_csv(trained / "crm" / "leads.csv", dtype="str").head(7)
    snapshot = read_snapshot(trained, raw=RawTables(leads=leads))
    assert len(snapshot.tables.leads) == 7


def test_a_definition_with_another_horizon_is_refused_before_the_tables_are_read(
    company: Path,
) -> None:
    path = company / "definition.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("horizon_days: 120", "horizon_days: 30"), encoding="utf-8")
    messages: list[str] = []
    snapshot = read_snapshot(company, messages.append)
    with pytest.raises(LeadReadyError, match="30 days"):
        snapshot.check_definitions(None)
    assert messages == []


# -- leads judged before their history was recorded ------------------------------------------------


def snapshot_of(days: int) -> Snapshot:
    """A lead a day with a known outcome, each with events on the 90 days before its moment."""
    begin = pd.Timestamp("2024-10-01")
    as_of = begin + pd.to_timedelta(np.arange(days), unit="D")
    moments = pd.DataFrame({"lead_id": range(days), "person_id": range(days), "as_of": as_of})
    events = pd.concat([moments.assign(at=as_of - pd.Timedelta(days=age)) for age in (90, 45, 0)])
    found = Snapshot(None, no_progress)  # type: ignore[arg-type]  # every part is given
    vars(found).update(
        tables=SimpleNamespace(events=events[events["at"] >= begin]),
        judged=Judged(moments, {}),
        features=pd.DataFrame({"n": range(days)}),
        outcomes=pd.DataFrame(
            {
                "outcome": np.where(np.arange(days) % 3, NOT_WON, WON),
                "why_unknown": None,
                "mature_at": as_of,
                "known_at": as_of,
            }
        ),
    )
    return found


def test_leads_judged_before_their_history_was_recorded_are_not_learned_from() -> None:
    snapshot = snapshot_of(500)
    assert len(snapshot.labelled.y) == 410
    assert snapshot.labelled.X["n"].min() == 90
    assert snapshot.labelled.excluded == {"judged less than 90 days after the first events": 90}
    assert snapshot.cut_off.warnings == ()


def test_where_they_are_too_many_all_are_kept() -> None:
    snapshot = snapshot_of(300)
    (warning,) = snapshot.cut_off.warnings
    assert warning.startswith("90 of 300 leads with a known outcome were judged less than 90 days")
    assert len(snapshot.labelled.y) == 300
    assert snapshot.labelled.excluded == {}
    assert not snapshot.cut_off.left_out.any()
