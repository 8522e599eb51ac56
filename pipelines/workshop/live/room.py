"""One live session: its state, the past leads, and what happens when people press a button.

Several browsers may look at the same session, so each step is taken under a lock. What takes longer
than people wait is done beside the session: the features that the page does not show at first, the
search for proposals, the training of another card.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from features.errors import LeadReadyError
from features.progress import Progress, no_progress
from model.definition.edits import Edit, edit_from_dict
from model.registry.registry import Registry
from pipelines.card.alternatives import Alternative, alternatives
from pipelines.card.hand_set import HandSetPoints
from pipelines.card.hand_set_check import HandSetCheck, check_hand_set
from pipelines.card.train_alternative import CardTraining, card_words, train_card
from pipelines.proposals.answer import ProposedChange
from pipelines.proposals.propose import proposals_on
from pipelines.snapshot import Snapshot, read_snapshot
from pipelines.workshop.facts.gather import version_to_show
from pipelines.workshop.live.card_view import set_again
from pipelines.workshop.live.forms import Fields, change_of
from pipelines.workshop.live.keep import Kept, adopt_kept, save, sign_kept
from pipelines.workshop.live.leads import (
    LiveCard,
    LiveLeads,
    live_card,
    live_leads,
    with_all_features,
)
from pipelines.workshop.live.minutes import Minutes, minutes_of
from pipelines.workshop.live.outlook import Outlook, outlook
from pipelines.workshop.live.session import ChooseCard, Session, SetRows, TakeProposal

AT_ONCE = ("undo", "set", "switch", "points", "reset", "card", "capacity", "note")  # actions


@dataclass
class Searched:
    """The proposals, once they were searched for; ``why_none`` says why there are none."""

    done: bool = False
    proposals: tuple[ProposedChange, ...] = ()
    why_none: str = ""


class Room:
    """A live session in a workspace.

    Parameters
    ----------
    snapshot : Snapshot
        The workspace; its definition is what changes are compared with.
    model : str, optional
        An alias or version (default: the champion, or the latest version without one).
    """

    def __init__(self, snapshot: Snapshot, model: str | None = None) -> None:
        snapshot.check_definitions(None)
        definition = snapshot.definition()
        registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
        loaded, self.model_note = version_to_show(registry, model)
        self.snapshot = snapshot
        self.leads: LiveLeads = live_leads(snapshot, definition, loaded)
        self.session = Session(definition)
        self.check: HandSetCheck | None = None
        self.kept: Kept | None = None
        self.searched = Searched()
        self.training: CardTraining | None = None
        self.costs_of_cards: dict[str, CardTraining] = {}
        self.alternatives: tuple[Alternative, ...] = ()
        if loaded is not None:
            found = alternatives(snapshot.workspace.folder, loaded.version)
            self.alternatives = tuple(found.alternatives or ())
        self.lock, self.building = threading.RLock(), threading.Lock()
        self.complete = False
        self.seen: Outlook = outlook(self.leads, self.session)

    def build_the_rest(self) -> None:
        """Build the features that the page did not need at first."""
        with self.building:
            if not self.complete:
                whole = with_all_features(self.leads, self.snapshot)
                with self.lock:
                    self.leads = replace(self.leads, history=whole.history)
                self.complete = True

    def search(self) -> None:
        """Search for changes that outcomes support; takes longer than people wait."""
        self.build_the_rest()
        try:
            found = proposals_on(self.snapshot, self.leads.history, no_progress)
            self.searched = Searched(True, tuple(found.proposals))
        except LeadReadyError as error:
            self.searched = Searched(True, why_none=error.what)

    def act(self, action: str, fields: Fields) -> None:
        """Do what a button or a field of the page asks for.

        Raises
        ------
        LeadReadyError
            When it cannot be done; the session stays as it was.
        """
        if action not in AT_ONCE:
            self.build_the_rest()
        with self.lock:
            match action:
                case "undo":
                    self._show(self.session.undone())
                case "take":
                    self._show(self.session.after(TakeProposal(self._proposed(fields))))
                case "cost":
                    self.check = self._cost()
                case "again":
                    self._show(self.session.after(SetRows(self._lost_points())))
                case "train":
                    self._begin_training(fields)
                case "save":
                    self.kept = save(self.snapshot, self.session, self._fresh_check())
                case "sign":
                    team, name = fields.text("team"), fields.text("by", 80)
                    self.kept = sign_kept(self.snapshot, self._saved(), team, name)
                case "adopt":
                    self.kept = adopt_kept(self.snapshot, self._saved())
                case _:
                    change = change_of(action, fields, self.session, self.leads)
                    self._show(self.session.after(change))

    def _show(self, session: Session) -> None:
        self.seen = outlook(self.leads, session)  # first: it raises where a rule cannot be applied
        self.session = session

    def _proposed(self, fields: Fields) -> Edit:
        place = int(fields.number("number"))
        if not 0 <= place < len(self.searched.proposals):
            raise LeadReadyError(f"there is no proposal {place}")
        return edit_from_dict(self.searched.proposals[place].edit, self.session.signed)

    def _lost_points(self) -> tuple[HandSetPoints, ...]:
        """Give what was set by hand before the last training learned it."""
        card = self.chosen_card
        return tuple(set_again(card, self.session)) if card else ()

    @property
    def chosen_card(self) -> LiveCard | None:
        """The card that the session looks at."""
        return self.leads.chosen(self.session.state.card)

    def _begin_training(self, fields: Fields) -> None:
        if self.training is not None and self.training.step:
            raise LeadReadyError("a card is being trained", hint="wait until it is trained")
        place = int(fields.number("number"))
        if not 0 <= place < len(self.alternatives):
            raise LeadReadyError(f"there is no card {place}")
        chosen = self.alternatives[place]
        self.training = CardTraining(card_words(chosen), "reading the tables")
        threading.Thread(target=self.train, args=(chosen,), daemon=True).start()

    def train(self, chosen: Alternative) -> None:
        """Train a card, and look at it; takes longer than people wait."""
        words, workspace = card_words(chosen), self.snapshot.workspace

        def show(step: str) -> None:
            self.training = CardTraining(words, step)

        try:
            done = train_card(workspace.folder, chosen, show)
            if done.version:
                registry = Registry.for_workspace(workspace.folder, workspace.model)
                loaded = registry.load(done.version)
                card = live_card(self.snapshot, self.leads.history, loaded)
                with self.lock:
                    trained = {**self.leads.trained, done.version: card}
                    self.leads = replace(self.leads, trained=trained)
                    self.costs_of_cards[done.version] = done
                    self._show(self.session.after(ChooseCard(done.version)))
            self.training = done
        except Exception:  # whatever went wrong, the page stops waiting; the error goes on
            self.training = CardTraining(words, "", costs=("The training failed.",))
            raise

    def _cost(self) -> HandSetCheck:
        card = self.chosen_card
        if card is None or not self.session.state.hand_set:
            raise LeadReadyError("no points were set by hand", hint="set points, then look at them")
        history, loaded = self.leads.history, card.loaded
        return check_hand_set(self.snapshot, history, loaded, self.session.state.hand_set)

    def _fresh_check(self) -> HandSetCheck | None:
        """Give the cost of exactly the points that are set now."""
        fresh = self.check is not None and self.check.hand_set == self.session.state.hand_set
        return self.check if fresh else None

    def _saved(self) -> Kept:
        if self.kept is None:
            raise LeadReadyError("nothing was saved yet", hint="save the new version first")
        return self.kept

    def minutes(self) -> Minutes:
        """Write down what was decided so far."""
        company = self.snapshot.workspace.name
        with self.lock:
            check = self._fresh_check() if self.session.state.hand_set else None
            return minutes_of(company, self.leads, self.session, self.seen, check, self.kept)


def open_room(
    folder: Path | str, *, model: str | None = None, progress: Progress = no_progress
) -> Room:
    """Read a workspace for a live session.

    Raises
    ------
    LeadReadyError
        When the workspace or its definition cannot be read, or there is no such version.

    Examples
    --------
    >>> open_room("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    return Room(read_snapshot(folder, progress), model)
