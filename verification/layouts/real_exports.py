"""Real exports, and the right end of each: promoted, asked about by name, or refused, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DATA = Path(os.environ.get("LEADREADY_DATA", "../shared/data"))


class RightEnd(NamedTuple):
    """What has to become of an export.

    Attributes
    ----------
    why : str
        Why this end is right.
    asked : tuple of str
        The columns and kinds of events that the gate asks about by name, until they are answered.
    refused : tuple of str
        Checks that then refuse the version; none, and it has to be promoted.
    """

    why: str
    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class RawExport(NamedTuple):
    """A real export.

    Attributes
    ----------
    name : str
    leads : str
        Its file of leads, below the folder of the real data.
    right : RightEnd
    others : tuple of str
        Files given with it, beside the leads.
    events : tuple of str
        Its files of events.
    """

    name: str
    leads: str
    right: RightEnd
    others: tuple[str, ...] = ()
    events: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[object]:
        """The files, as ``leadready init`` takes them."""
        events = [part for name in self.events for part in ("--events", DATA / name)]
        return [*(DATA / name for name in self.others), "--leads", DATA / self.leads, *events]


BETTER = "better than chance and than the rules alone"
SCHOOL = RightEnd(
    "how long sales called says most, and must be confirmed; the win rate then falls by a third",
    asked=("outbound",),
    refused=("calibrated",),
)
NO_SIGNAL = RightEnd(
    "what is known on the first day says nothing of the outcome", refused=(BETTER,)
)
RANDOM = RightEnd("the outcomes are random", refused=(BETTER,))

REAL = (
    RawExport(
        "x_education",
        "x_education/Leads.csv",
        RightEnd(
            "the time spent on the website may have been counted until today",
            asked=("Total Time Spent on Website", "Lead Source", "Lead Origin"),
        ),
    ),
    RawExport(
        "itschool_crm",
        "itschool_crm/raw_deals.xlsx",
        SCHOOL,
        events=("itschool_crm/clean_calls.parquet",),
    ),
    RawExport("marketstar", "marketstar/Leads.csv", NO_SIGNAL),
    RawExport(
        "marketstar_all",
        "marketstar/Leads.csv",
        NO_SIGNAL,
        others=("marketstar/Opportunities.csv",),
    ),
    RawExport("maven_crm", "maven_crm/sales_pipeline.csv", RANDOM),
    RawExport(
        "maven_crm_all",
        "maven_crm/sales_pipeline.csv",
        RANDOM,
        others=("maven_crm/accounts.csv", "maven_crm/products.csv", "maven_crm/sales_teams.csv"),
    ),
    RawExport(
        "bank_marketing",
        "bank_marketing/leads.parquet",
        RightEnd(
            "indices of the economy tell when a lead came in, and the win rate rises sixfold",
            asked=("cons.conf.idx",),
            refused=("calibrated in slices",),
        ),
    ),
)


def real_exports() -> Iterator[RawExport]:
    """The real exports that are here."""
    return (export for export in REAL if (DATA / export.leads).exists())
