"""The card of a training: its size, the features that people chose, and the version that scores."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from features.errors import LeadReadyError
from model.card.card import CardLimits
from model.registry.registry import LoadedModel, Registry
from model.serving import Scorecard
from pipelines.snapshot import read_snapshot
from pipelines.train import judge as judging
from pipelines.train import train as training_module
from pipelines.train.train import train
from pipelines.train.training_card import card_limits
from pipelines.train.training_text import brevity_sentences, training_text

Run = Callable[..., Any]
CHEAP = {"value": 0.004, "low": -0.003, "high": 0.011}
DEAR = {"value": 0.03, "low": 0.012, "high": 0.05}


class Second(NamedTuple):
    """A second training, with choices of people, and what the gate was asked."""

    answer: dict[str, Any]
    before: LoadedModel
    after: LoadedModel
    asked: dict[str, Any]
    leads: int


@pytest.fixture(scope="module")
def second(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Second:
    company = Path(shutil.copytree(trained, tmp_path_factory.mktemp("second") / "company"))
    asked: dict[str, Any] = {}
    directions, never = judging.gate_rules.directions_hold, judging.gate_rules.never_rules_hold

    def directions_of(card: Scorecard, *rest: Any) -> Any:
        asked["directions"] = card.content
        return directions(card, *rest)

    def never_of(scored: Any) -> Any:
        asked["scores"] = scored["score"].to_numpy()
        return never(scored)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging.gate_rules, "directions_hold", directions_of)
        patch.setattr(judging.gate_rules, "never_rules_hold", never_of)
        answer = train(company, features=4, use=["revenue"], without=["demo_request_30d"])
    registry = Registry.for_workspace(company)
    leads = len(read_snapshot(company).labelled.y)
    return Second(dict(answer), registry.load("1"), registry.load("2"), asked, leads)


# -- what people chose -----------------------------------------------------------------------------


def test_choices_are_kept(second: Second) -> None:
    lines = [line["feature"] for line in second.answer["lines"]]
    assert len(lines) <= 4
    assert "revenue" in lines
    assert "demo_request_30d" not in lines
    for card in (second.after.scorecard, second.after.judged):
        names = {line["name"] for line in card["lines"]}
        assert len(names) <= 4
        assert "demo_request_30d" not in names


def test_the_workspace_says_how_large_a_card_may_be(trained: Path) -> None:
    snapshot = read_snapshot(trained)
    assert card_limits(snapshot) == CardLimits(lines=12)
    limits = card_limits(snapshot, 3, ["employees"], ["seniority"])
    assert limits == CardLimits(3, use=("employees",), without=("seniority",))


@pytest.mark.parametrize(
    ("choice", "error", "hint"),
    [
        ({"use": ["employes"]}, "train --use: unknown feature 'employes'; did you mean 'emplo", ""),
        ({"without": ["seniorty"]}, "train --without: unknown feature 'seniorty'; did you", ""),
        (
            {"use": ["revenue", "employees"], "without": ["employees"]},
            "employees is named by --use and by --without",
            "name it once",
        ),
        (
            {"features": 1, "use": ["revenue", "employees"]},
            "a card of 1 feature has no room for the 2 to use",
            "leadready train --features 2",
        ),
    ],
)
def test_what_cannot_be_chosen_is_refused_at_once(
    trained: Path, choice: dict[str, Any], error: str, hint: str
) -> None:
    with pytest.raises(LeadReadyError) as caught:
        card_limits(read_snapshot(trained), **choice)
    assert str(caught.value).startswith(error)
    assert (caught.value.hint or "") == hint


def test_the_command_line_passes_the_choices_on(
    run: Run, training: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def record(folder: Path, **options: Any) -> dict[str, Any]:
        given.update(options)
        return training

    monkeypatch.setattr(training_module, "train", record)
    choices = ("--use", "a", "--use", "b", "--without", "c")
    assert run("train", "-w", "acme", "--features", 9, *choices).code == 0
    assert (given["features"], given["use"], given["without"]) == (9, ("a", "b"), ("c",))
    assert run("train", "-w", "acme").code == 0
    assert (given["features"], given["use"], given["without"]) == (None, (), ())
    refused = run("train", "-w", "acme", "--features", 0)
    assert (refused.code, refused.data) == (2, "")
    assert "0 is not in the range x>=1" in refused.talk
    shown = run("train", "--help").data
    assert "leadready train -w acme --features 9 --use employees --without campaign" in shown


# -- the judged and the served twin ----------------------------------------------------------------


def test_the_served_card_has_learned_from_all_known_outcomes(second: Second) -> None:
    judged, served = second.after.judged["provenance"], second.after.scorecard["provenance"]
    assert judged["leads"] == second.answer["n_train"]
    assert judged["won"] == second.answer["won_train"]
    assert served["leads"] == second.leads > judged["leads"] + second.answer["n_test"]
    shown, lines = second.answer["served"], second.after.scorecard["lines"]
    rows = [count for line in lines for count in line["counts"] if count]
    assert shown == {**served, "features": len(lines), "rows": len(rows)}
    assert second.after.scorecard["candidate"] == second.after.judged["candidate"]


def test_rules_and_directions_are_asked_of_the_card_that_scores(second: Second) -> None:
    assert second.asked["directions"] == second.after.scorecard
    assert second.asked["directions"] != second.after.judged
    assert len(second.asked["scores"]) == second.answer["n_test"]


def test_the_judged_twins_are_compared(second: Second) -> None:
    """The champion's served card has learned from the leads that both are compared on."""
    gates = {check["name"]: check for check in second.answer["gate"]}
    assert (
        f"on {second.answer['n_test']:,} leads" in gates["not worse than the champion"]["observed"]
    )
    assert second.before.judged["provenance"]["leads"] == second.answer["n_train"]
    assert "served as judged" in gates


def test_the_features_of_both_twins_are_in_the_catalogue(second: Second) -> None:
    catalogue = {feature["name"] for feature in second.after.catalogue}
    for card in (second.after.scorecard, second.after.judged):
        assert set(Scorecard.from_dict(card).features) <= catalogue


# -- what is printed -------------------------------------------------------------------------------


def test_the_price_of_brevity_is_the_difference_on_the_same_leads(training: dict[str, Any]) -> None:
    price = training["price_of_brevity"]
    for rival in ("full", "yardstick"):
        behind = training[rival]["auc"]["value"] - training["metrics"]["auc"]["value"]
        assert price[rival]["value"] == pytest.approx(behind)
        assert price[rival]["low"] < price[rival]["value"] < price[rival]["high"]
    assert price["lines"] == len(training["lines"])


def test_what_is_printed_of_the_card(training: dict[str, Any]) -> None:
    clocks = [{"feature": "euribor", "words": "three-month rate"}]
    price = {"full": CHEAP, "yardstick": DEAR, "lines": 12, "lines_needed": 9}
    lines = training_text({**training, "clocks": clocks, "price_of_brevity": price}).splitlines()
    text = " ".join(" ".join(lines).split())
    served = training["served"]
    assert "In AUC, the card gives up 0.004 (-0.003 to 0.011) against the full model" in text
    assert f"from all {served['leads']:,} leads that are not left out" in text
    assert f"Its card has {served['features']} features and {served['rows']} rows." in text
    assert "later leads are predicted better without them: three-month rate." in text
    assert "mostly tell the time" not in training_text(training)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("full", "box", "needed", "advice"),
    [
        (CHEAP, CHEAP, 20, ""),
        (
            DEAR,
            CHEAP,
            20,
            "That is more than 0.01. A card of 20 features would do: leadready train",
        ),
        (DEAR, DEAR, None, "That is more than 0.01. No number of features would bring it within"),
        (DEAR, CHEAP, 12, "That is more than 0.01. No number of features would bring it within"),
        (CHEAP, DEAR, 20, "That is more than 0.01. No number of features would bring it within"),
    ],
)
def test_a_dear_card_says_how_many_features_would_do(full, box, needed, advice: str) -> None:
    price = {"full": full, "yardstick": box, "lines": 12, "lines_needed": needed}
    first, *rest = brevity_sentences(price)
    assert first.endswith("the black box.")
    assert [sentence.startswith(advice) for sentence in rest] == ([True] if advice else [])


def test_a_card_that_does_better_gains() -> None:
    better = {"value": -0.02, "low": -0.03, "high": 0.001}
    unknown = {"value": None, "low": None, "high": None}
    price = {"full": better, "yardstick": unknown, "lines": 12, "lines_needed": 9}
    assert brevity_sentences(price) == [
        "In AUC, the card gains 0.020 (-0.001 to 0.030) on the full model with all features, and "
        "cannot be compared with the black box."
    ]
