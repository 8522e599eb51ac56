"""Screen 2: the definition in words, who signed it, and how leads fared by each criterion."""

from __future__ import annotations

from dataclasses import dataclass

from features.locale import iso_day
from model.definition.signatures import missing_signatures, signature_statuses
from model.definition.words import rule_text
from model.serving import Criterion, Definition, holds
from model.simulation.history import History
from model.simulation.win_rates import RateDifference, WinRate, rate_difference, win_rate
from pipelines.definition.review import registered_definitions
from pipelines.snapshot import Snapshot

LEAST_LEADS = 20  # with a known outcome, on each side, before the sides are compared


@dataclass(frozen=True)
class CriterionFate:
    """A criterion, and how the leads that meet it fared beside those that do not.

    Attributes
    ----------
    id, words, asked_by, because : str
        The criterion.
    excludes : bool
        Whether it rules leads out.
    meets, does_not : WinRate
        Both groups of leads.
    unknown : int
        Leads for which nobody can tell.
    difference : RateDifference
        Win rate of those that meet it, less that of the others.
    """

    id: str
    words: str
    asked_by: str
    because: str
    excludes: bool
    meets: WinRate
    does_not: WinRate
    unknown: int
    difference: RateDifference

    @property
    def enough(self) -> bool:
        """Whether both groups are large enough to be compared."""
        return min(self.meets.labelled, self.does_not.labelled) >= LEAST_LEADS

    @property
    def tells_apart(self) -> bool:
        """Whether the leads that it lets through are won more often, beyond chance."""
        return self._sign() > 0

    @property
    def against_its_purpose(self) -> bool:
        """Whether the leads that it lets through are won less often, beyond chance."""
        return self._sign() < 0

    def _sign(self) -> int:
        """1 where the rule works as intended, -1 where it does the opposite, else 0."""
        low, high = self.difference.low, self.difference.high
        if low is None or high is None or not self.enough:
            return 0
        sign = (low > 0) - (high < 0)
        return -sign if self.excludes else sign


@dataclass(frozen=True)
class AgreedFacts:
    """What we agreed.

    Attributes
    ----------
    name, version, ready, never : str
        The definition in words; its name and ``never`` may be empty.
    signed_by : tuple of str
        Team, name and day of each signature that holds.
    unsigned_because : tuple of str
        What is missing.
    criteria : tuple of CriterionFate
        In the order of the file.
    per_week, follow_up_hours : float or None
        What sales promised.
    terms : tuple of (str, str)
        Words that the teams agreed on, and what they mean.
    """

    name: str
    version: str
    ready: str
    never: str
    signed_by: tuple[str, ...]
    unsigned_because: tuple[str, ...]
    criteria: tuple[CriterionFate, ...]
    per_week: float | None
    follow_up_hours: float | None
    terms: tuple[tuple[str, str], ...]


def agreed_facts(snapshot: Snapshot, history: History, definition: Definition) -> AgreedFacts:
    """Put the definition into words, and split past leads by each criterion."""
    words = snapshot.words
    statuses = signature_statuses(
        definition, snapshot.definition_file, registered_definitions(snapshot), words
    )
    excluding = {criterion.id for criterion in definition.never.criteria}
    return AgreedFacts(
        name=definition.name or "",
        version=definition.version,
        ready=rule_text(definition.ready, words),
        never=rule_text(definition.never, words) if definition.never.rules else "",
        signed_by=tuple(
            f"{state['name']} for {state['team']} on {iso_day(state['on'])}"
            for state in (status.to_dict() for status in statuses)
            if state["holds"]
        ),
        unsigned_because=tuple(missing_signatures(definition, statuses)),
        criteria=tuple(
            criterion_fate(history, criterion, words, criterion.id in excluding)
            for criterion in definition.criteria
        ),
        per_week=definition.handoff.per_week,
        follow_up_hours=definition.handoff.follow_up_hours,
        terms=tuple(definition.terms.items()),
    )


def criterion_fate(
    history: History, criterion: Criterion, words: dict[str, str], excludes: bool
) -> CriterionFate:
    """Compare the past leads that meet a criterion with those that do not."""
    meets = holds(criterion, history.X)
    return CriterionFate(
        id=criterion.id,
        words=rule_text(criterion, words),
        asked_by=criterion.asked_by or "",
        because=criterion.because or "",
        excludes=excludes,
        meets=win_rate(history, meets == 1),
        does_not=win_rate(history, meets == -1),
        unknown=int((meets == 0).sum()),
        difference=rate_difference(history, meets == 1, meets == -1),
    )
