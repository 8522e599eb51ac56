"""The minutes of a session: what was decided, by whom, and what it means, before and after.

The changes are those that ``leadready definition diff`` lists, word for word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from features import text
from features.locale import iso_day
from features.text import day
from model.definition.diff import definition_changes
from model.simulation.consequences import Consequences
from model.training.intervals import Interval
from pipelines.card.hand_set import with_hand_set_points
from pipelines.card.hand_set_check import HandSetCheck
from pipelines.card.lines import hand_set_text
from pipelines.pages.pieces import Table, share_text, shortest_number
from pipelines.workshop.facts.shares import Share
from pipelines.workshop.live.keep import Kept, next_version
from pipelines.workshop.live.leads import LiveLeads
from pipelines.workshop.live.outlook import Outlook
from pipelines.workshop.live.session import Session

_SPECIAL = re.compile(r"([\\`*_\[\]#|<>~&])")


@dataclass(frozen=True)
class Minutes:
    """The minutes.

    Attributes
    ----------
    title, held_on : str
    decided : list of str
        The changes to the rules, in words.
    points, costs : list of str
        The chosen card and its points set by hand, and what these cost.
    notes : list of str
        What was said, about what and by whom.
    figures : Table
        Before and after.
    kept : list of str
        What was saved, signed and put in force.
    """

    title: str
    held_on: str
    decided: list[str]
    points: list[str]
    costs: list[str]
    notes: list[str]
    figures: Table
    kept: list[str]

    @property
    def parts(self) -> list[tuple[str, list[str]]]:
        """The parts that are lists, with their headings; empty ones are left out."""
        parts = [
            ("Changes to the rules", self.decided or ["No rule was changed."]),
            ("The card and points set by hand", self.points),
            ("What these points cost", self.costs),
            ("Notes", self.notes),
            ("What was kept", self.kept or ["Nothing was saved yet."]),
        ]
        return [(heading, lines) for heading, lines in parts if lines]


def minutes_of(
    company: str,
    leads: LiveLeads,
    session: Session,
    seen: Outlook,
    check: HandSetCheck | None,
    kept: Kept | None,
) -> Minutes:
    """Write down what was decided."""
    words = leads.history.words
    changes = definition_changes(session.signed, session.definition, words)
    if session.state.changes_definition:
        changes = [f"version: {session.signed.version} → {next_version(session.signed)}", *changes]
    return Minutes(
        title=f"Definition workshop: {company}",
        held_on=day(date.today()),
        decided=changes,
        points=hand_set_lines(leads, session),
        costs=cost_lines(check) if check else [],
        notes=[
            f"{words.get(note.about, note.about)}: {note.words}{f' ({note.by})' if note.by else ''}"
            for note in session.state.notes
        ],
        figures=figures_table(seen),
        kept=kept_lines(kept, session),
    )


def hand_set_lines(leads: LiveLeads, session: Session) -> list[str]:
    """Say which card was chosen, and which of its rows were set by hand."""
    state, card = session.state, leads.chosen(session.state.card)
    lines = [f"The card of version {state.card} was chosen."] if state.card else []
    if not state.hand_set or card is None:
        return lines
    changed = with_hand_set_points(card.loaded.scorecard, state.hand_set)
    set_by_hand = {row.feature for row in state.hand_set}
    return lines + [
        f"{line['words']}: {hand_set_text(line)}"
        for line in changed["lines"]
        if line["name"] in set_by_hand
    ]


def cost_lines(check: HandSetCheck) -> list[str]:
    """Say what points set by hand cost, and which checks stand against them."""
    leads = text.count(check.leads, "later lead")
    lines = [
        f"On {leads} that the model has not learned from, {text.number(check.won, 0)} of them won, "
        f"the score of {text.number(check.moved, 0)} changes.",
        f"Pairs of a won and another lead in the right order: {points_text(check.ranked)}.",
        f"Predicted wins: {text.percent_interval(*check.predicted_before)} of the actual number "
        f"before, {text.percent_interval(*check.predicted_after)} after.",
    ]
    refused = [f"{made.name}: {made.observed}" for made in check.gates if not made.passed]
    return (
        [*lines, *(f"Refused: {reason}." for reason in refused)]
        if refused
        else [
            *lines,
            "No check stands against these points.",
        ]
    )


def points_text(change: Interval) -> str:
    """Write the change of a share in percentage points.

    Examples
    --------
    >>> points_text(Interval(-0.006, -0.011, -0.003))
    '-0.6 (-1.1 to -0.3) percentage points'
    """
    points = [None if part is None else 100 * part for part in change]
    return f"{text.signed_interval(points[0], points[1], points[2])} percentage points"


def figures_table(seen: Outlook) -> Table:
    """Put the figures of both versions side by side."""
    before, after = seen.before, seen.after
    rows = [
        [
            "ready leads a week",
            *(text.number(side.workload.per_week, 1) for side in (before, after)),
        ],
        ["sales can take a week", *(_capacity_text(side) for side in (before, after))],
        ["ready past leads", *(text.number(side.verdicts["ready"], 0) for side in (before, after))],
        [
            "win rate of ready leads (95% interval)",
            *(
                share_text(side.ready.rate, side.ready.low, side.ready.high)
                for side in (before, after)
            ),
        ],
        ["wins missed", *(text.number(side.missed_wins.leads, 0) for side in (before, after))],
        [
            "wins that the rules cannot judge",
            *(text.number(side.unjudged_wins.leads, 0) for side in (before, after)),
        ],
        [
            "model and rules agree (95% interval)",
            *(_share_words(share) for share in (seen.agreement_before, seen.agreement_after)),
        ],
    ]
    if (at := seen.ready_at) is not None:
        rows.append(
            ["the model calls a lead ready from (points)", f"{at.before:g}", f"{at.after:g}"]
        )
    return Table("Past leads, before and after", ["figure", "> in use", "> changed"], rows)


def _capacity_text(side: Consequences) -> str:
    capacity = side.workload.capacity
    return shortest_number(capacity)


def _share_words(share: Share | None) -> str:
    return text.NOTHING if share is None else share.words


def kept_lines(kept: Kept | None, session: Session) -> list[str]:
    """Say what was saved, signed and put in force."""
    if kept is None:
        return []
    lines = [f"Saved as {kept.file.name}, version {kept.version}."]
    if not kept.state.changes_definition:
        lines = [f"The rules stay as they are: {kept.file.name}, version {kept.version}."]
    if kept.state != session.state:
        lines.append("Later changes of the session are not in this file.")
    if kept.model_version:
        verdict = "no check stands against it" if kept.model_passed else "the gate refused it"
        what = "The points set by hand are" if kept.state.hand_set else "The chosen card is"
        lines.append(f"{what} version {kept.model_version}: {verdict}.")
    lines += [
        f"{signing.name} signed for {signing.team} on {iso_day(signing.on)}."
        for signing in kept.signatures
    ]
    if kept.adoption is None:
        return lines
    if kept.adoption.adopted:
        return [
            *lines,
            f"In force as version {kept.adoption.model_version}: the next scores use it.",
        ]
    refused = [check["name"] for check in kept.adoption.gate if not check["passed"]]
    return [*lines, f"Not in force: the gate refused it ({text.join(refused)})."]


def minutes_markdown(minutes: Minutes) -> str:
    """Write the minutes as Markdown; what people typed cannot become markup."""
    lines = [f"# {plain_markdown(minutes.title)}", "", plain_markdown(minutes.held_on)]
    for heading, parts in minutes.parts:
        lines += ["", f"## {heading}", "", *(f"- {plain_markdown(part)}" for part in parts)]
    figures = minutes.figures
    headings = [column.removeprefix("> ") for column in figures.columns]
    lines += ["", f"## {figures.title}", "", _row(headings), _row(["---", "---:", "---:"])]
    lines += [_row(list(map(plain_markdown, row))) for row in figures.rows]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def plain_markdown(words: str) -> str:
    r"""Write words so that Markdown shows them as they are.

    Examples
    --------
    >>> plain_markdown("<b>a|b</b> *now*")
    '\\<b\\>a\\|b\\</b\\> \\*now\\*'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(words.split()))
