"""Screen 6: what the definition does today, and what each proposed change would do."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from features.errors import LeadReadyError
from features.progress import Progress
from model.serving import READY, Definition
from model.simulation.consequences import Consequences
from model.simulation.history import History, verdict_codes
from pipelines.proposals.answer import Proposals
from pipelines.proposals.propose import proposals_on
from pipelines.snapshot import Snapshot


@dataclass(frozen=True)
class Quarter:
    """The judgements of a quarter: all, ready, won of these, other wins, outcome not known."""

    name: str
    leads: int
    ready: int
    won: int
    missed: int
    not_known: int

    @property
    def figures(self) -> tuple[int, ...]:
        """The counts in this order."""
        return self.leads, self.ready, self.won, self.missed, self.not_known


@dataclass(frozen=True)
class ChangeFacts:
    """What the definition does today, in all and by quarter, and the proposals if there are any."""

    current: Consequences
    proposals: Proposals | None
    quarters: tuple[Quarter, ...] = ()
    why_none: str = ""


def change_facts(
    snapshot: Snapshot, history: History, current: Consequences, progress: Progress
) -> ChangeFacts:
    """Search for changes that outcomes support; too few leads are said, not raised."""
    quarters = quarters_of(history, snapshot.definition())
    try:
        proposals = proposals_on(snapshot, history, progress)
    except LeadReadyError as error:
        return ChangeFacts(current, None, quarters, error.what)
    return ChangeFacts(current, proposals, quarters)


def quarters_of(history: History, definition: Definition) -> tuple[Quarter, ...]:
    """Count ready leads, their wins and the missed wins of each quarter; none without dates."""
    ready = verdict_codes(definition, history.X) == READY
    won = history.won == 1
    counts = pd.DataFrame(
        {
            "quarter": history.rows["as_of"].dt.to_period("Q").astype("str").to_numpy(),
            "leads": 1,
            "ready": ready,
            "won": ready & won,
            "missed": ~ready & won,
            "not_known": ~history.labelled,
        }
    )
    by_quarter = counts[counts["quarter"] != "NaT"].groupby("quarter").sum()
    return tuple(
        Quarter(str(name).replace("Q", " Q"), *(int(figure) for figure in figures))
        for name, figures in zip(by_quarter.index, by_quarter.to_numpy().tolist(), strict=True)
    )
