"""``leadready definition propose``: changes to the definition that past outcomes support.

Changes are found on the earlier leads, confirmed on the later ones, and come as patches. The
definition itself is never changed: people read the evidence, and decide what to sign. Where
outcomes support no change, none is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from features.errors import LeadReadyError
from features.progress import Progress, no_progress
from features.text import day
from features.whole_file import write_whole
from model.definition.edit_yaml import edit_file_text, unified_diff
from model.definition.edits import (
    Edit,
    RemoveCriterion,
    SetOperand,
    edit_text,
    in_safe_order,
    with_edits,
)
from model.proposals.question import REJECTIONS
from model.proposals.search import (
    CHANCE_RATE,
    Proposal,
    SearchResult,
    group_rates,
    search,
)
from model.proposals.trial import NOT_CONFIRMED
from model.serving import READY, Definition
from model.simulation.consequences import Consequences, Workload, compare, consequences, workload
from model.simulation.history import History, verdict_codes
from pipelines.definition.past_leads import past_leads
from pipelines.proposals.answer import (
    Effect,
    HalfSummary,
    NotProposed,
    NowAndChanged,
    Proposals,
    ProposedChange,
)
from pipelines.proposals.sentences import (
    because_text,
    edit_worth_text,
    lets_in,
    method_text,
    reason_text,
    tried_change_text,
    tried_text,
)
from pipelines.snapshot import Snapshot, read_snapshot


def propose(
    folder: Path, *, out: Path | None = None, progress: Progress = no_progress
) -> Proposals:
    """Search for changes to a workspace's definition.

    Parameters
    ----------
    folder : path
        The workspace.
    out : path, optional
        Write the definition with all proposals here, unsigned and with the next version.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        When the workspace cannot be read, there are too few leads for two halves, or ``out`` is
        the definition itself.
    """
    snapshot = read_snapshot(folder, progress)
    file = snapshot.definition_file
    if out is not None and out.resolve() == file.resolve():
        raise LeadReadyError(
            "the definition in use is not overwritten",
            where=str(out),
            hint="choose another file, and compare:  leadready definition diff",
        )
    snapshot.check_definitions(None)
    answer = proposals_on(snapshot, past_leads(snapshot), progress)
    if out is not None and answer.text is not None:
        write_whole(out, answer.text)
        answer = replace(answer, written=str(out))
    return answer


def proposals_on(snapshot: Snapshot, history: History, progress: Progress) -> Proposals:
    """Search past leads that have been read; nothing is written.

    Raises
    ------
    LeadReadyError
        When there are too few leads for two halves.
    """
    definition = snapshot.definition()
    usable = _without_suspects(history, snapshot, definition)
    weighted = snapshot.workspace.outcome.unworked == "weight"
    result = search(usable, definition, weighted=weighted, progress=progress)
    text = snapshot.definition_file.read_text(encoding="utf-8-sig")
    return describe(result, usable, definition, text, snapshot.workspace.definition)


def _without_suspects(history: History, snapshot: Snapshot, definition: Definition) -> History:
    """Leave out columns that may leak the outcome, unless a criterion asks for them."""
    usable = {feature.name for feature in snapshot.learnable}
    usable |= {criterion.feature for criterion in definition.ready.criteria}
    features = [feature for feature in history.features if feature.name in usable]
    return replace(history, features=features)


def describe(
    result: SearchResult, history: History, definition: Definition, text: str, file: str
) -> Proposals:
    """Describe the result of a search.

    Parameters
    ----------
    result : SearchResult
        Of the search.
    history : History
        All leads that were searched.
    definition : Definition
        The one in use.
    text, file : str
        Its text, and its name in patches.
    """
    describer = _Describer(result, history, definition, text, Path(file).name)
    edits = [describer.named_edit(proposal) for proposal in result.proposals]
    answer = Proposals(
        file=file,
        found_on=_half_summary(result.split.earlier),
        confirmed_on=_half_summary(result.split.later),
        how=result.split.split.how,
        worked=result.split.worked,
        warnings=list(result.split.split.warnings),
        questions=len(result.trials),
        chance_rate=CHANCE_RATE,
        proposals=[
            describer.proposed(proposal, edit)
            for proposal, edit in zip(result.proposals, edits, strict=True)
        ],
        not_proposed=describer.not_proposed(),
        method=method_text(result.split.worked),
    )
    return describer.with_all(answer, edits) if edits else answer


def _half_summary(half: History) -> HalfSummary:
    dated = half.rows["as_of"].dropna()
    return HalfSummary(
        leads=half.leads,
        judgements=len(half.won) if half.is_panel else None,
        won=int(half.rows["lead_id"][half.won == 1].nunique()),
        first_day=day(dated.min()) if len(dated) else None,
        last_day=day(dated.max()) if len(dated) else None,
    )


class _Describer:
    """Describes proposals for one definition."""

    def __init__(
        self,
        result: SearchResult,
        history: History,
        definition: Definition,
        text: str,
        name: str,
    ) -> None:
        self.result, self.history, self.definition = result, history, definition
        self.text, self.name, self.words = text, name, history.words
        self.ids = {criterion.id for criterion in definition.ready.criteria}

    def named_edit(self, proposal: Proposal) -> Edit:
        """Give a new criterion an id of its own, and say why it is there."""
        edit = proposal.edit
        if isinstance(edit, (SetOperand, RemoveCriterion)):
            return edit
        name = self._free_id(edit.criterion.feature.replace("_", "-"))
        self.ids.add(name)
        criterion = edit.criterion._replace(
            id=name, asked_by="leadready propose", because=because_text(proposal)
        )
        return replace(edit, criterion=criterion)

    def _free_id(self, name: str) -> str:
        candidates = (name if n == 1 else f"{name}-{n}" for n in range(1, 1000))
        return next(candidate for candidate in candidates if candidate not in self.ids)

    def proposed(self, proposal: Proposal, edit: Edit) -> ProposedChange:
        """Describe one proposal."""
        question, rates = proposal.question, group_rates(proposal)
        return ProposedChange(
            kind=question.kind,
            about=question.about,
            words=edit_text(edit, self.words),
            edit=edit.to_dict(),
            diff=unified_diff(self.text, edit_file_text(self.text, [edit]), self.name),
            lets_in=lets_in(proposal),
            rejected_for=question.about if question.kind == REJECTIONS else None,
            rates=rates,
            reason=reason_text(proposal, rates, self.result.split.later),
            worth=edit_worth_text(self.result.card, edit, self.words),
            p=proposal.trial.p,
            adjusted_p=proposal.adjusted_p,
            interval_level=proposal.level,
            effect=self._effect([edit]),
            also=[tried_change_text(trial, self.words) for trial in proposal.also],
        )

    @cached_property
    def _now(self) -> tuple[Consequences, Workload]:
        """What the definition does, before any change."""
        later = consequences(self.result.split.later_all, self.definition)
        return later, self._workload(self.definition)

    def _workload(self, definition: Definition) -> Workload:
        ready = verdict_codes(definition, self.history.X) == READY
        return workload(self.history, ready, definition, self.result.split.later_period)

    def _effect(self, edits: Sequence[Edit]) -> Effect:
        """Work out the effect of changes on the later leads; per week, over all of their time."""
        old = self.definition
        new = with_edits(old, edits)
        later = self.result.split.later_all
        before, load = self._now
        after = consequences(later, new)
        weekly = [load, self._workload(new)]
        avoided = {rejected.reason: rejected.avoided for rejected in before.rejections}
        return Effect(
            per_week=NowAndChanged(weekly[0].per_week, weekly[1].per_week),
            capacity=weekly[0].capacity,
            ready=NowAndChanged(before.ready, after.ready),
            change=compare(later, old, new),
            unknown=NowAndChanged(before.verdicts["unknown"], after.verdicts["unknown"]),
            rejections_avoided={
                rejected.reason: rejected.avoided - avoided[rejected.reason]
                for rejected in after.rejections
            },
        )

    def not_proposed(self) -> list[NotProposed]:
        """Describe everything else that was tried, and why it is not proposed."""
        taken = {
            id(trial)
            for proposal in self.result.proposals
            for trial in (proposal.trial, *proposal.also)
        }
        return [
            NotProposed(
                kind=trial.question.kind,
                about=trial.question.about,
                p=trial.p,
                tried=tried_text(trial.question),
                words=tried_change_text(trial, self.words) if trial.edit else None,
                tested_later=trial.later is not None,
                why=trial.why_not or NOT_CONFIRMED,
            )
            for trial in self.result.trials
            if id(trial) not in taken
        ]

    def with_all(self, answer: Proposals, edits: list[Edit]) -> Proposals:
        """Add the file with all proposals, and their effect together."""
        ordered = in_safe_order(edits)
        version = self.definition.content.get("version")
        next_version = version + 1 if isinstance(version, int) else f"{version}-proposed"
        text = edit_file_text(self.text, ordered, version=next_version)
        return replace(
            answer,
            text=text,
            diff=unified_diff(self.text, text, self.name),
            together=self._effect(ordered),
        )
