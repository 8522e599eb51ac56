"""One simulated company: every model is trained as training does, and held against the truth.

The card is compared with three models that have no limits, with cards that are learned otherwise,
and with the card that is served after learning from all known outcomes.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pandas as pd

from model.card.card import Terms
from model.estimators.logistic import LogisticOnBins
from model.training.folds import CANDIDATES
from model.training.learn import train_card
from model.training.learning_data import calibrated_on
from model.training.splits import Split
from pipelines.train.fit import Trained, fit, fit_full, with_all_known
from verification.card.row_worth import rows_covered
from verification.card.selections import (
    SimulatedWorkspace,
    company_settings,
    selection_of,
    simulate_workspace,
)
from verification.card.told import Told, told

Array = npt.NDArray[Any]
CARD, FULL, LOGISTIC, BLACK_BOX = "card", "full boosting", "logistic regression", "black box"
WEIGHTED, SERVED = "card learned with weights", "card learned from all known outcomes"
ALL, NEVER, OPEN = "all later leads", "never-worked leads", "open leads"


@dataclass(frozen=True)
class CardFigures:
    """What was found in one company.

    Attributes
    ----------
    number, selection : int, str
        The company, and how its sales chooses.
    told : dict
        By leads and model.
    nulls : dict of str to list
        Planted null features on the judged and on the served card.
    covered : dict of str to list of bool
        For each row of the judged card, by kind of line, whether its interval holds its worth.
    candidates : dict of str to float
        What each candidate tells of all later leads at the best level, the chosen one first.
    size : dict of str to int
        Leads and wins learned from, lines and rows.
    """

    number: int
    selection: str
    told: dict[str, dict[str, Told]]
    nulls: dict[str, list[str]]
    covered: dict[str, list[bool]]
    candidates: dict[str, float]
    size: dict[str, int]


def measure_company(number: int, **dials: Any) -> CardFigures:
    """Simulate a company in a temporary folder, train all models and measure them."""
    with tempfile.TemporaryDirectory() as folder:
        company = simulate_workspace(company_settings(number, **dials), Path(folder))
        return measure_models(number, company)


def measure_models(number: int, company: SimulatedWorkspace) -> CardFigures:
    """Train all models in a company and measure them."""
    snapshot = company.snapshot
    trained = with_all_known(fit(snapshot, snapshot.definition()))
    odds, p = model_log_odds(trained, snapshot.features), company.knowable
    leads = _measured_leads(company, trained.split)
    candidates = _candidate_log_odds(trained, snapshot.features[leads[ALL]])
    rows = snapshot.labelled.places[trained.split.train]
    return CardFigures(
        number,
        selection_of(number),
        {
            name: {model: told(found[these], p[these]) for model, found in odds.items()}
            for name, these in leads.items()
        },
        {
            name: sorted(company.null_features & set(card.axes))
            for name, card in ((CARD, trained.card), (SERVED, trained.served_card))
        },
        rows_covered(
            trained.card,
            snapshot.features.iloc[rows],
            company.truth["probability"].to_numpy()[rows],
        ),
        {name: told(found, p[leads[ALL]]).best_level for name, found in candidates.items()},
        {
            "leads": len(rows),
            "won": int(trained.labelled.y[trained.split.train].sum()),
            "lines": len(trained.card.lines),
            "rows": sum(len(line["points"]) for line in trained.card.lines),
        },
    )


def _measured_leads(company: SimulatedWorkspace, split: Split) -> dict[str, Array]:
    """Mark the leads judged after the test began, never worked, and after all that is known."""
    if split.test_from is None:
        raise ValueError("a simulated company is split in time")
    later = company.judged_from(split.test_from)
    horizon = pd.Timedelta(days=company.settings.horizon_days)
    return {
        ALL: later,
        NEVER: later & ~company.truth["worked"].to_numpy(),
        OPEN: company.judged_from(company.settings.extract_at - horizon),
    }


def model_log_odds(trained: Trained, X: pd.DataFrame) -> dict[str, Array]:
    """Give the log-odds of all leads by every model."""
    train, data = trained.split.train, trained.data
    weights = trained.split.learning_weights_of(train)
    logistic = data.fit(LogisticOnBins, train, weights)
    return {
        CARD: trained.card.log_odds(X),
        SERVED: trained.served_card.log_odds(X),
        FULL: fit_full(trained).log_odds(X),
        LOGISTIC: calibrated_on(logistic, 1.0, data, trained.split).log_odds(X),
        BLACK_BOX: trained.learned.yardstick.log_odds(X),
        WEIGHTED: _learned_with_weights(trained).log_odds(X),
    }


def _learned_with_weights(trained: Trained) -> Any:
    """Learn the same kind of card with the weights for leads that sales never worked."""
    weighted = replace(trained.split, learning_weights=trained.split.weights)
    judged = trained.learned.chosen
    data = trained.data.without(trained.learned.clocks)
    return train_card(data, type(judged.estimator), weighted, judged.calibration[0])


def _candidate_log_odds(trained: Trained, X: pd.DataFrame) -> dict[str, Array]:
    """Give the log-odds by each candidate with the lines of the card, the chosen one first."""
    chosen, train = trained.learned.chosen.estimator, trained.split.train
    data = trained.data.without(trained.learned.clocks)
    weights = trained.split.learning_weights_of(train)
    others = [kind for kind in CANDIDATES if kind is not type(chosen)]
    learned: dict[str, Terms] = {}
    cards = (
        data.fit_card(kind, train, weights, chosen.chosen_, learned=learned) for kind in others
    )
    return {card.name: card.log_odds(X) for card in (chosen, *cards)}
