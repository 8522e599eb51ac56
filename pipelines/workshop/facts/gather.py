"""All facts of the workshop: the leads are read once, and each screen's facts built from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from features.at_once import at_once
from features.blas_threads import one_blas_thread
from features.errors import LeadReadyError
from features.families.feature import Feature
from features.progress import Progress
from features.text import day
from model.registry.lookup import CHAMPION
from model.registry.registry import LoadedModel, Registry
from model.serving import Definition, Scorecard, score_leads
from model.simulation.consequences import Consequences, consequences
from model.simulation.history import History
from pipelines.definition.past_leads import past_leads
from pipelines.snapshot import Snapshot
from pipelines.workshop.facts.agreed import AgreedFacts, agreed_facts
from pipelines.workshop.facts.changes import ChangeFacts, change_facts
from pipelines.workshop.facts.content import ContentFacts, content_facts
from pipelines.workshop.facts.feedback import ReasonFate, feedback_facts
from pipelines.workshop.facts.funnel import FunnelFacts, funnel_facts
from pipelines.workshop.facts.learned import LearnedFacts, learned_facts
from pipelines.workshop.facts.parting import PartingFacts, parting_facts
from pipelines.workshop.facts.trust import TrustFacts, known_on_day, trust_facts

NO_MODEL = "No model has been trained yet. The command  leadready train  trains one."


@dataclass(frozen=True)
class WorkshopFacts:
    """What the seven screens say.

    Attributes
    ----------
    company, extract_day : str
    leads : int
        Leads that were judged.
    version_note : str
        Which version is shown, or why there is none.
    funnel, agreed, feedback, content, changes
        Of the screens that need no model.
    learned, parting, trust
        Of those that do; None where nobody knows.
    parting_note : str
        Why model and rules cannot be compared.
    known_on : str
        The day on which all outcomes of this extract are known; empty without dates.
    """

    company: str
    extract_day: str
    leads: int
    version_note: str
    funnel: FunnelFacts
    agreed: AgreedFacts
    learned: LearnedFacts | None
    parting: PartingFacts | None
    parting_note: str
    feedback: tuple[ReasonFate, ...]
    content: ContentFacts
    changes: ChangeFacts
    trust: TrustFacts | None
    known_on: str


@one_blas_thread
def workshop_facts(snapshot: Snapshot, model: str | None, progress: Progress) -> WorkshopFacts:
    """Compute what the screens say.

    Parameters
    ----------
    snapshot : Snapshot
        The leads of the workspace.
    model : str or None
        An alias or a version; None takes the champion, or the latest version without one.

    Raises
    ------
    LeadReadyError
        When the workspace or its definition cannot be read, or there is no such version.
    """
    snapshot.check_definitions(None)
    definition = snapshot.definition()
    registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
    loaded, note = version_to_show(registry, model)
    history, _ = at_once(  # the search asks which columns may leak the outcome
        partial(past_leads, snapshot), lambda: snapshot.learnable
    )
    progress("applying the rules to past leads")
    current = consequences(history, definition)
    changes, facts = at_once(  # the search takes as long as everything else
        partial(change_facts, snapshot, history, current, progress),
        partial(_facts_but_changes, snapshot, history, definition, current, registry, loaded, note),
    )
    return replace(facts, changes=changes)


def _facts_but_changes(
    snapshot: Snapshot,
    history: History,
    definition: Definition,
    current: Consequences,
    registry: Registry,
    loaded: LoadedModel | None,
    note: str,
) -> WorkshopFacts:
    """Compute everything but the search for changes."""
    parting, parting_note = _parting_if_known(snapshot, history, loaded)
    fit = None if loaded is None else _grades(snapshot, loaded)
    trust = None
    if loaded is not None:
        trust = trust_facts(snapshot, loaded, registry.gates(loaded.version))
    return WorkshopFacts(
        company=snapshot.workspace.name,
        extract_day=day(snapshot.extract_at),
        leads=history.leads,
        version_note=note,
        funnel=funnel_facts(snapshot),
        agreed=agreed_facts(snapshot, history, definition),
        learned=None if loaded is None else learned_facts(snapshot, definition, loaded),
        parting=parting,
        parting_note=parting_note,
        feedback=feedback_facts(history, definition, current),
        content=content_facts(snapshot, history, fit),
        changes=ChangeFacts(current, None),
        trust=trust,
        known_on=known_on_day(snapshot),
    )


def version_to_show(registry: Registry, model: str | None) -> tuple[LoadedModel | None, str]:
    """Load the version that was asked for; else the champion, or the latest without one."""
    if model is not None:
        return registry.load(model), ""
    versions = registry.versions()
    if not versions:
        return None, NO_MODEL
    if any(CHAMPION in version.aliases for version in versions):
        return registry.load(CHAMPION), ""
    latest = versions[-1].label
    return registry.load(latest), (
        f"No version has passed all checks yet, so none scores leads; this is version {latest}, "
        "the latest one."
    )


def _parting_if_known(
    snapshot: Snapshot, history: History, loaded: LoadedModel | None
) -> tuple[PartingFacts | None, str]:
    if loaded is None:
        return None, NO_MODEL
    try:
        return parting_facts(snapshot, history, loaded), ""
    except LeadReadyError as error:
        return None, f"{error.what[:1].upper()}{error.what[1:]}."


def _grades(snapshot: Snapshot, loaded: LoadedModel) -> pd.Series[str]:
    """Give the grade of fit of each judged lead."""
    of_model = [Feature(**feature) for feature in loaded.catalogue]
    same = {feature.name for feature in of_model} <= set(snapshot.features.columns)
    X = snapshot.features if same else snapshot.at(snapshot.moments, of_model).features
    card, definition = (
        Scorecard.from_dict(loaded.scorecard),
        Definition.from_dict(loaded.definition),
    )
    return score_leads(X, card, definition, reasons=0)["grade"]
