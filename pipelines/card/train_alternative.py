"""Train an equally good card beside a live session; it scores nothing until people put it in force.

The training is that of ``leadready train --without … --use …``, with every check of the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from features import text
from features.errors import LeadReadyError
from features.progress import Progress
from pipelines.card.alternatives import Alternative
from pipelines.train.train import train
from pipelines.train.training_json import TrainingJson

AGAINST_CHAMPION = "not worse than the champion"  # a check of the gate


@dataclass(frozen=True)
class CardTraining:
    """A card that is being trained, or was.

    Attributes
    ----------
    words : str
        Which card.
    step : str
        What is being done; empty at the end.
    version : str
        Once it is registered.
    costs : tuple of str
        What the later leads say of it.
    """

    words: str
    step: str
    version: str = ""
    costs: tuple[str, ...] = ()


def card_words(alternative: Alternative) -> str:
    """Say how a card differs from the one in use.

    Examples
    --------
    >>> card_words(Alternative("a", "age", "b", "size", 0.0, None, None, ""))
    'without age, with size'
    """
    instead = f", with {alternative.use_words or alternative.use}" if alternative.use else ""
    return f"without {alternative.without_words or alternative.without}{instead}"


def train_card(folder: Path, alternative: Alternative, progress: Progress) -> CardTraining:
    """Train a card and register it as challenger.

    Parameters
    ----------
    folder : path
        The workspace.
    alternative : Alternative
        What the card leaves out, and what it takes instead.
    progress : callable
        Receives a message before each long step.

    Returns
    -------
    CardTraining
        Without a version where it could not be trained.
    """
    words = card_words(alternative)
    use = [alternative.use] if alternative.use else []
    try:
        answer = train(
            folder, use=use, without=[alternative.without], promote=False, progress=progress
        )
    except LeadReadyError as error:
        return CardTraining(words, "", costs=(f"It could not be trained: {error.what}.",))
    return CardTraining(words, "", answer["model_version"], tuple(cost_of_card(answer)))


def cost_of_card(answer: TrainingJson) -> list[str]:
    """Say what later leads say of a card, and which checks stand against it."""
    ranked, predicted = (answer["metrics"][name] for name in ("auc", "expected_wins_ratio"))
    checks = answer["gate"]
    lines = [
        f"On {text.count(answer['n_test'], 'later lead')} that it has not learned from, it ranks "
        f"{text.percent_interval(ranked['value'], ranked['low'], ranked['high'])} of the pairs of "
        "a won and another lead in the right order.",
        "Predicted wins: "
        f"{text.percent_interval(predicted['value'], predicted['low'], predicted['high'])} of the "
        "actual number.",
        *(
            f"Beside the card in use: {check['observed']}."
            for check in checks
            if check["name"] == AGAINST_CHAMPION
        ),
    ]
    refused = [
        f"Refused: {each['name']}: {each['observed']}." for each in checks if not each["passed"]
    ]
    return [*lines, *(refused or ["No check stands against this card."])]
