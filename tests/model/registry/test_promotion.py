"""Promotion: never past the gate, the alias last, and back again; MLflow serves each version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from model import serving
from model.gate import Gate
from model.registry import bundle, one_step, store
from model.registry.registry import NO_CHAMPION, Contents, Registry

Make = Callable[..., Contents]
ROOT = Path(__file__).resolve().parents[3]
ARTIFACTS = ROOT / "tests" / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text(encoding="utf-8"))
AGREED = serving.Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content
NUMBERS = ["employees", "webinars_attended_30d", "emails_opened_30d"]
PASSED = [Gate("enough", True, "90 won", "40 won")]
REFUSED = [
    *PASSED,
    Gate("calibrated", False, "slope 0.4", "1 within its interval", "train on more outcomes"),
]


def aliases(registry: Registry) -> dict[str, str]:
    return {alias: version.version for version in registry.versions() for alias in version.aliases}


def data_file(registry: Registry, version: str, name: str) -> Path:
    folder = store.local_path(registry.find(version).source)
    assert folder is not None
    return folder / bundle.DATA_FOLDER / name


def raised(does: Callable[[], Any]) -> LeadReadyError:
    with pytest.raises(LeadReadyError) as caught:
        does()
    return caught.value


# -- promotion -------------------------------------------------------------------------------------


def test_promotion_moves_the_aliases_and_keeps_the_evidence(three: Registry) -> None:
    assert aliases(three) == {"champion": "3", "previous": "2"}
    tags = three.find("champion").tags
    assert (tags["gate"], tags["promoted_over"]) == ("passed", "2")
    card = three.find("champion").description
    assert "| passed | enough | 90 won | 40 won |" in card
    client = three.store.client()
    gate = client.download_artifacts(three.find("champion").run_id, "gate.json")
    assert [Gate(**check) for check in json.loads(Path(gate).read_text())] == PASSED


def test_a_refused_version_stays_challenger_with_the_reasons(
    three: Registry, contents: Make
) -> None:
    new = three.log(contents(300))
    assert three.settle(new, REFUSED) is False
    assert aliases(three) == {"champion": "3", "previous": "2", "challenger": "4"}
    tags = three.find("challenger").tags
    assert tags["gate"] == "refused"
    assert tags["refused_because"] == "calibrated: slope 0.4 (required: 1 within its interval)"
    assert tags["refused_checks"] == "calibrated"
    assert "**refused** | calibrated" in three.find(new).description


def test_a_challenger_that_passes_later_loses_its_reasons(three: Registry, contents: Make) -> None:
    new = three.log(contents(300))
    three.settle(new, REFUSED)
    assert three.settle(new, PASSED) is True
    assert aliases(three) == {"champion": "4", "previous": "3"}
    assert "refused_because" not in three.find(new).tags


@pytest.mark.parametrize(("gates", "why"), [(REFUSED, "calibrated"), ([], "the gate has not run")])
def test_nothing_is_promoted_past_the_gate(three: Registry, gates: list[Gate], why: str) -> None:
    assert why in raised(lambda: three.promote("1", gates)).what
    assert aliases(three)["champion"] == "3"


def test_a_version_is_not_promoted_over_a_champion_it_was_not_compared_with(
    three: Registry, contents: Make
) -> None:
    new = three.log(contents(300))
    error = raised(lambda: three.promote(new, PASSED, instead_of="2"))
    assert "compared with version 2, but the champion is now 3" in error.what
    assert aliases(three)["champion"] == "3"
    assert three.promote(new, PASSED, instead_of="3") == "4"


@pytest.mark.parametrize("step", ["log_text", "update_model_version"])
def test_the_alias_moves_last(
    three: Registry, monkeypatch: pytest.MonkeyPatch, step: str, contents: Make
) -> None:
    from mlflow.tracking import MlflowClient

    new = three.log(contents(300))
    monkeypatch.setattr(MlflowClient, step, lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        three.promote(new, PASSED)
    assert aliases(three) == {"champion": "3", "previous": "2"}


def test_a_rollback_restores_the_previous_champion(three: Registry) -> None:
    assert three.rollback() == "2"
    assert aliases(three) == {"champion": "2", "previous": "1"}
    assert "rolled_back_at" in three.find(3).tags
    assert three.load().scorecard["intercept"] == CARD["intercept"] + 100
    assert three.rollback() == "1"
    assert aliases(three) == {"champion": "1"}
    assert "no earlier champion" in raised(three.rollback).what


def test_a_rollback_goes_to_any_earlier_champion_and_back(three: Registry, contents: Make) -> None:
    assert three.rollback(1) == "1"
    assert aliases(three) == {"champion": "1"}
    assert three.rollback("3") == "3"
    assert aliases(three) == {"champion": "3", "previous": "2"}
    assert "is champion already" in raised(lambda: three.rollback(3)).what
    never = three.log(contents(300))
    assert "was never champion" in raised(lambda: three.rollback(never)).what
    assert aliases(three) == {"champion": "3", "previous": "2"}


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("statement", range(9))
def test_killed_at_any_statement_the_registry_is_before_or_after(
    three: Registry, contents: Make, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    new = three.log(contents(300))
    tags = dict(three.find(new).tags)
    sent: list[str] = []

    def counted(write: Any) -> Any:
        def until_killed(writer: Any, *rest: Any) -> None:
            sent.append("")
            if len(sent) > statement:
                raise Killed
            write(writer, *rest)

        return until_killed

    for name in ("_write_tag", "_write_alias"):
        monkeypatch.setattr(one_step, name, counted(getattr(one_step, name)))
    try:
        three.promote(new, PASSED)
    except Killed:
        assert aliases(three) == {"champion": "3", "previous": "2"}
        assert dict(three.find(new).tags) == tags
    else:
        assert statement >= 7, "it was killed at each of the seven writes before"
        assert aliases(three) == {"champion": "4", "previous": "3"}


def test_a_champion_that_appeared_meanwhile_counts(registry: Registry, contents: Make) -> None:
    first, second = registry.log(contents()), registry.log(contents(100))
    registry.promote(first, PASSED, instead_of=NO_CHAMPION)
    error = raised(lambda: registry.promote(second, PASSED, instead_of=NO_CHAMPION))
    assert error.what == "version 2 was compared with no champion, but the champion is now 1"
    assert aliases(registry) == {"champion": "1"}


def test_the_served_file_is_the_one_that_was_registered(three: Registry, contents: Make) -> None:
    new = three.log(contents(300))
    code = data_file(three, new, "").parent / "serving.py"
    code.write_text(code.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "is not the file that was registered" in raised(lambda: three.promote(new, PASSED)).what
    assert aliases(three)["champion"] == "3"


def test_no_rollback_to_a_damaged_version(three: Registry) -> None:
    data_file(three, "2", bundle.DEFINITION).unlink()
    assert "is missing" in raised(three.rollback).what
    assert aliases(three) == {"champion": "3", "previous": "2"}


# -- served by MLflow ------------------------------------------------------------------------------


def test_champion_and_challenger_keep_their_own_points_in_one_process(
    three: Registry, mlflow_at: Any, leads: pd.DataFrame
) -> None:
    load = mlflow_at(three).pyfunc.load_model
    champion, first = load("models:/lead-readiness@champion"), load("models:/lead-readiness/1")
    best, worst = champion.predict(leads), first.predict(leads)
    np.testing.assert_allclose(best["score"] - worst["score"], 200)
    assert set(best["model_version"]) == {"3"}
    card, agreed = serving.Scorecard.from_dict(CARD), serving.Definition.from_dict(AGREED)
    pd.testing.assert_frame_equal(
        worst.drop(columns="scored_at"),
        serving.score_leads(leads, card, agreed, model_version="1").drop(columns="scored_at"),
        check_exact=True,
        check_dtype=False,
    )
    assert worst["lead_id"].to_list() == leads["lead_id"].to_list()


def test_what_the_signature_accepts_and_rejects(
    registry: Registry, mlflow_at: Any, contents: Make, leads: pd.DataFrame
) -> None:
    registry.log(contents())
    model = mlflow_at(registry).pyfunc.load_model("models:/lead-readiness/1")
    X = leads.fillna(dict.fromkeys(NUMBERS, 3.0))
    expected = model.predict(X)["score"]
    for taken in (
        X.astype(dict.fromkeys(NUMBERS, "float32")),
        X.astype(dict.fromkeys(NUMBERS, "int32")),
        X.assign(campaign="a column it does not know", seniority=X["seniority"].astype("object")),
        X.drop(columns=["lead_id", "as_of"]),
        X[X.columns[::-1]],
    ):
        pd.testing.assert_series_equal(model.predict(taken)["score"], expected)
    for refused, why in (
        (X.astype({"employees": "int64"}), "Can not safely convert int64 to float64"),
        (X.astype({"seniority": "category"}), "column seniority"),
        (X.assign(source=1.5), "column source"),
    ):
        with pytest.raises(Exception, match=why):
            model.predict(refused)


def test_the_number_of_reasons_is_a_parameter(
    registry: Registry, mlflow_at: Any, contents: Make, leads: pd.DataFrame
) -> None:
    registry.log(contents())
    model = mlflow_at(registry).pyfunc.load_model("models:/lead-readiness/1")
    reasons = model.predict(leads, params={"reasons": 1})["reasons_for"]
    assert reasons.str.count(";").max() == 0
    assert model.predict(leads)["reasons_for"].str.count(";").max() > 0


def test_the_checks_are_kept_beside_the_version(registry, contents) -> None:
    version = registry.log(contents())
    assert registry.gates(version) == []
    registry.promote(version, PASSED)
    assert registry.gates("champion") == PASSED
