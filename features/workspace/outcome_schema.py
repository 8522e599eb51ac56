"""The section ``outcome`` of ``leadready.yaml``: what became of a lead, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.workspace.conditions import Condition, condition_columns

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Worked:
    """What shows that sales followed up: stages, or kinds of event after the moment."""

    stages: Texts = ()
    events: Texts = ()
    within_days: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What counts as won, within which horizon, and when the outcome is unknown.

    Attributes
    ----------
    won_when : Condition or None
        Which leads are won. A stage of the history counts once a lead has reached it.
    lost_when : Condition or None
        Which leads are lost. Leads that are neither won nor lost are open; a horizon that has
        passed without a win gives them an outcome all the same.
    reason : str or None
        The leads' column with the reason that sales gave; None if the stage history has it.
    reasons : mapping
        The company's own reasons by disposition (``vocabulary.DISPOSITIONS``).
    unknown_when : mapping
        ``{column: values}`` by reason; any of them makes the outcome unknown. The stage column of
        the history means the last stage that a lead reached.
    immature : str
        ``leave_out``, or ``weight``: early wins count at once, weighted for those still to come.
    unworked : str
        ``weight``: leads that sales worked are weighted to represent those that it did not;
        ``leave_out``: they are not.
    with_sales_when : Condition or None
        Which open leads sales already has; they are scored, but not handed off again.
    open_when : Condition or None
        Which other leads are open. Leads that fit no state are open too, and ``check`` asks about
        them.
    """

    won_when: Condition | None = None
    lost_when: Condition | None = None
    won_at: str | None = None
    amount: str | None = None
    horizon_days: int | None = None
    reason: str | None = None
    reasons: Mapping[str, Texts] = field(default_factory=dict)
    unknown_when: Mapping[str, Mapping[str, Texts]] = field(default_factory=dict)
    worked: Worked | None = None
    immature: str = "leave_out"
    unworked: str = "weight"
    with_sales_when: Condition | None = None
    open_when: Condition | None = None

    @property
    def won_columns(self) -> Texts:
        """The columns that say which leads are won."""
        return condition_columns(self.won_when)

    @property
    def lost_columns(self) -> Texts:
        """The columns that say which leads are lost."""
        return condition_columns(self.lost_when)


NO_OUTCOME = Outcome()  # where the file does not say
