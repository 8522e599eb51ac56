"""The past leads that a live session looks at: read once, so that every change is answered at once.

What does not change in a session is worked out here: the outcomes, the verdicts and consequences of
the version in use, the row of the card that each lead falls into.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from model.registry.registry import LoadedModel
from model.serving import Definition, Scorecard
from model.simulation.consequences import Consequences, consequences
from model.simulation.history import Array, History, Mask, verdict_codes
from model.simulation.ready_score import leads_to_choose_on, ready_score, share_ready
from pipelines.card.hand_set import HandSetPoints, with_hand_set_points
from pipelines.definition.disagreement import unseen_leads
from pipelines.definition.past_leads import past_leads
from pipelines.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class LiveCard:
    """A version's card on the past leads.

    Attributes
    ----------
    loaded : LoadedModel
        The version.
    cells : array of int, shape (lines, n)
        The row of each line that each lead falls into.
    unseen : array of bool, shape (n,), or None
        Leads that it has not learned from; None where it may have learned from all.
    chosen_on : array of bool, shape (n,)
        Leads on which its ready score is chosen.
    share : float or None
        The share of leads that its own definition lets it call ready.
    """

    loaded: LoadedModel
    cells: Array
    unseen: Mask | None
    chosen_on: Mask
    share: float | None

    @cached_property
    def learned(self) -> Scorecard:
        """The card as it is served."""
        return Scorecard.from_dict(self.loaded.scorecard)

    def scores(self, hand_set: tuple[HandSetPoints, ...]) -> Array:
        """Score each lead, with points that were set by hand."""
        card = self.with_points(hand_set)
        return np.asarray(card.score(card.table[self.cells].T))

    def with_points(self, hand_set: tuple[HandSetPoints, ...]) -> Scorecard:
        """Give the card with points that were set by hand."""
        if not hand_set:
            return self.learned
        return Scorecard.from_dict(with_hand_set_points(self.loaded.scorecard, hand_set))

    def ready_at(self, scores: Array, definition: Definition, history: History) -> float:
        """Give the score that a lead has to reach, once a definition is in force."""
        share = share_ready(definition, history.rows, history.X, self.chosen_on)
        return ready_score(self.loaded, self.share, share, scores[self.chosen_on])


@dataclass(frozen=True, eq=False)
class LiveLeads:
    """The past leads, and what the version in use means for them.

    Attributes
    ----------
    history : History
        Every lead that was ever judged, with its outcome.
    signed : Definition
        The version in use.
    catalogue : tuple of Feature
        What rules can ask for; the history may not have all of it yet.
    card : LiveCard or None
        Of the champion, or of the latest version; None before the first training.
    trained : mapping of str to LiveCard
        Other cards that were trained in the session, by version.
    """

    history: History
    signed: Definition
    catalogue: tuple[Feature, ...]
    card: LiveCard | None = None
    trained: Mapping[str, LiveCard] = field(default_factory=dict)

    def chosen(self, version: str) -> LiveCard | None:
        """Give the card of a version that was trained in the session; else the one in use."""
        return self.trained.get(version, self.card)

    @cached_property
    def before(self) -> Consequences:
        """What the version in use means."""
        return consequences(self.history, self.signed)

    @cached_property
    def codes_before(self) -> Array:
        """Its verdicts, as positions in ``VERDICTS``."""
        return verdict_codes(self.signed, self.history.X)

    @cached_property
    def features(self) -> dict[str, Feature]:
        """What rules can ask for, by name."""
        return {feature.name: feature for feature in self.catalogue}

    @cached_property
    def values(self) -> dict[str, pd.Series[Any]]:
        """How often each value of a category occurs, by feature."""
        return {
            feature.name: self.history.X[feature.name].value_counts()
            for feature in self.history.features
            if feature.kind == "category"
        }

    def codes(self, definition: Definition) -> Array:
        """Give the verdicts of a definition; other figures of the hand-off change none."""
        same = (definition.ready, definition.never) == (self.signed.ready, self.signed.never)
        return self.codes_before if same else verdict_codes(definition, self.history.X)


def live_leads(snapshot: Snapshot, definition: Definition, loaded: LoadedModel | None) -> LiveLeads:
    """Lay out past leads for a session, with the features that its page shows at once.

    Building all features takes as long as everything else; `with_all_features` does it later.

    Parameters
    ----------
    snapshot : Snapshot
        The leads of the workspace.
    definition : Definition
        The version in use.
    loaded : LoadedModel or None
        The version of the model that is shown.
    """
    named = {*definition.features, *(given.criterion.feature for given in definition.points.give)}
    if loaded is not None:
        named |= {feature["name"] for feature in loaded.catalogue}
    shown = snapshot.with_features([each for each in snapshot.catalogue if each.name in named])
    history = past_leads(shown)
    card = None if loaded is None else live_card(shown, history, loaded)
    return LiveLeads(history, definition, tuple(snapshot.catalogue), card)


def with_all_features(leads: LiveLeads, snapshot: Snapshot) -> LiveLeads:
    """Give the same leads with every feature of the catalogue."""
    return replace(leads, history=past_leads(snapshot))


def live_card(snapshot: Snapshot, history: History, loaded: LoadedModel) -> LiveCard:
    """Lay out the card of a version on past leads."""
    try:
        unseen = unseen_leads(snapshot, history, loaded)
    except LeadReadyError:
        unseen = None
    X, card = features_for(snapshot, history, loaded), Scorecard.from_dict(loaded.scorecard)
    chosen_on = leads_to_choose_on(loaded, history.rows)
    share = share_ready(Definition.from_dict(loaded.definition), history.rows, X, chosen_on)
    return LiveCard(loaded, card.cells(X), unseen, chosen_on, share)


def features_for(snapshot: Snapshot, history: History, loaded: LoadedModel) -> pd.DataFrame:
    """Give the features of a version; they are built again only if the workspace lacks them."""
    of_model = [Feature(**feature) for feature in loaded.catalogue]
    if {feature.name for feature in of_model} <= set(history.X.columns):
        return history.X
    return snapshot.at(history.rows, of_model).features
