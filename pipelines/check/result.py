"""What a check finds: columns, counts, leak suspects, problems and the definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from features.families.feature import Feature
    from features.labels.time_to_win import HorizonSummary
    from features.leaks.audit import Suspect

LEAK_SUSPECT = "leak suspect"
ROLES = ("feature", LEAK_SUSPECT, "id", "date", "outcome", "personal", "constant", "ignored")


@dataclass(frozen=True)
class CheckedColumn:
    """What one column of the company's files is used for.

    Attributes
    ----------
    name, table : str
        The column, and its table (leads, events, stages).
    role : str
        One of `ROLES`.
    family : str or None
        For features and suspects: firmographic, role, origin or engagement.
    reasons : tuple of str
        Why it has this role.
    """

    name: str
    table: str
    role: str
    family: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CheckProblem:
    """Something in the mapping, the data or the definition that a person should know about.

    Attributes
    ----------
    step : str
        The step at which it arises, one of `pipelines.check.problems.STEPS`.
    table, kind : str
        The table, and a short fixed name such as ``duplicate ids``.
    count : int
        The rows or names affected.
    message : str
        What was found.
    hint : str or None
        How to fix it.
    blocks : bool
        Whether it prevents training.
    examples : tuple of str
        A few of the values.
    """

    step: str
    table: str
    kind: str
    count: int
    message: str
    hint: str | None
    blocks: bool
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeadCounts:
    """Rows by table, and leads by outcome.

    Attributes
    ----------
    leads, events, stages : int
        Rows of each table.
    judged, leads_judged : int
        Moments, and the leads that have one; they differ in a panel.
    won, not_won, unknown : int
        Moments by outcome.
    unknown_because, not_judged_because : mapping of str to int
        Moments without an outcome and leads without a moment, by reason.
    neither_won_nor_lost : mapping of str to int
        Leads of the extract by the value that could mean lost.
    """

    leads: int
    events: int
    stages: int
    judged: int
    leads_judged: int
    won: int
    not_won: int
    unknown: int
    unknown_because: Mapping[str, int]
    not_judged_because: Mapping[str, int]
    neither_won_nor_lost: Mapping[str, int]


@dataclass(frozen=True)
class DefinitionSummary:
    """The definition in use: its file, size and signatures.

    Attributes
    ----------
    file : str
    version : int or None
    criteria : int
        How many it has.
    signed : bool
        Whether all required signatures hold.
    signed_by : tuple of str
        Teams whose signature holds.
    void : tuple of str
        Signatures that no longer hold, with the reason.
    draft : bool
        Whether it is still the draft that ``init`` wrote.
    """

    file: str
    version: int | None
    criteria: int
    signed: bool
    signed_by: tuple[str, ...]
    void: tuple[str, ...]
    draft: bool = False


@dataclass(frozen=True)
class CheckResult:
    """Everything that a check found.

    Attributes
    ----------
    name : str
        The workspace.
    columns : tuple of CheckedColumn
        Every column of the leads, and the mapped columns of events and stages.
    counts : LeadCounts
    suspects : tuple of Suspect
        Leak suspects without an answer.
    waiting : tuple of str
        The suspects that are mapped to features; each needs an answer before training.
    problems : tuple of CheckProblem
        Causes before consequences.
    definition : DefinitionSummary
    horizon : HorizonSummary or None
        The share of the wins that it catches; None where wins have no dates.
    features : tuple of Feature
        What the definition can use.
    """

    name: str
    columns: tuple[CheckedColumn, ...]
    counts: LeadCounts
    suspects: tuple[Suspect, ...]
    waiting: tuple[str, ...]
    problems: tuple[CheckProblem, ...]
    definition: DefinitionSummary
    horizon: HorizonSummary | None = None
    features: tuple[Feature, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the workspace is ready to train."""
        return not self.waiting and not any(problem.blocks for problem in self.problems)

    def to_json(self) -> dict[str, Any]:
        """The result as plain data, for programs."""
        return {
            "ok": self.ok,
            "workspace": self.name,
            "counts": asdict(self.counts),
            "columns": [asdict(column) for column in self.columns],
            "suspects": [
                {
                    "column": suspect.column,
                    "strength": round(suspect.strength, 1),
                    "evidence": suspect.evidence,
                    "answer": suspect.answer,
                    "blocks": suspect.column in self.waiting,
                }
                for suspect in self.suspects
            ],
            "problems": [asdict(problem) for problem in self.problems],
            "definition": asdict(self.definition),
            "horizon": None if self.horizon is None else asdict(self.horizon),
            "features": [
                {key: getattr(feature, key) for key in ("name", "words", "family", "kind", "unit")}
                for feature in self.features
            ],
        }
