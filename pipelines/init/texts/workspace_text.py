"""The text of the ``leadready.yaml`` that ``leadready init`` writes: each guess with its reason.

Comments appear where a person may want to change something, and say how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from features.guess.columns import ColumnGuess
from features.guess.id_values import EMAIL, looks_like
from features.labels.rejection_reasons import guess_disposition
from features.tables.mapped_numbers import MARK_NAMES
from features.text import day, one_line_comment, yaml_inline
from features.vocabulary.feature_names import feature_name, heading_text
from features.workspace.vocabulary import FAMILIES, OTHER
from pipelines.init.draft import Draft
from pipelines.init.file_reading import workspace_name
from pipelines.init.reasons import draft_reasons_lines
from pipelines.init.texts.date_format_text import date_format_lines
from pipelines.init.texts.decimal_marks import DecimalMarks, decimal_marks
from pipelines.init.texts.related_text import join_lines, related_files_lines
from pipelines.init.texts.state_text import state_lines

_IGNORE = {  # what to write for columns that are never features, by role
    "personal": "personal",
    "constant": "constant",
    **dict.fromkeys(("id", "account", "contact", "identifier"), "identifier"),
}


def draft_workspace_text(draft: Draft, home: Path) -> str:
    """Write the text of ``leadready.yaml``.

    Parameters
    ----------
    home : Path
        The workspace, from which paths of files start.
    """
    sections = [
        _header_lines(draft),
        _leads_section(draft, home),
        related_files_lines(draft, home),
        _moment_section(draft),
        _outcome_section(draft),
        _old_score_section(draft),
    ]
    return "\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _header_lines(draft: Draft) -> list[str]:
    lines = [
        "# First draft: every line is a guess, with its reason. Read it, correct it, then run",
        "#   leadready check",
        f"name: {yaml_inline(workspace_name(draft.leads_file))}",
        "definition: definition.yaml",
    ]
    if draft.extract_at is not None:
        line = f"extract_at: {day(draft.extract_at)}   # for training: when you exported"
        if draft.closed_after_leads:
            lines.append(f"{line}; leads were closed until the day before")
        else:
            lines.append(f"# {line}, if not by the latest date in the data")
    return [*lines, ""]


# -- the leads ------------------------------------------------------------------------------------


def _leads_section(draft: Draft, home: Path) -> list[str]:
    reasons = {guess.column: guess.reason for guess in draft.guesses}
    reasons[draft.id] = draft.id_reason
    if draft.contact and looks_like(draft.raw[draft.contact].dropna(), EMAIL):
        reasons[draft.contact] = "e-mail addresses: whoever has the same one is one person"
    lines = ["leads:", *draft.reading.yaml_lines(draft.leads_file, home, "  ")]
    keys = ("id", draft.id), ("account", draft.account), ("contact", draft.contact)
    for key, column in (*keys, ("created", draft.created)):
        if column:
            lines.append(f"  {key}: {yaml_inline(column)}   # {one_line_comment(reasons[column])}")
    if draft.null_values:
        guessed = draft.null_values_guessed
        comment = "found in the data: probably means missing" if guessed else "as given by --null"
        lines.append(f"  null_values: {yaml_inline(draft.null_values)}   # {comment}")
    marks = decimal_marks(draft)
    lines += [*date_format_lines(draft), *_decimal_lines(marks), *join_lines(draft, home)]
    return [*lines, "  columns:", *_column_lines(draft, marks.by_column), ""]


def _decimal_lines(marks: DecimalMarks) -> list[str]:
    if marks.default is None:
        return []
    name, shown = MARK_NAMES[marks.default], one_line_comment(marks.example)
    return [f"  decimal: {yaml_inline(marks.default)}   # a decimal {name}, as in {shown}"]


def _column_lines(draft: Draft, decimals: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for family in FAMILIES:
        features = [guess for guess in draft.feature_columns if guess.family == family]
        lines += [f"    # {family}"] * bool(features)
        lines += [
            line for guess in features for line in _feature_lines(guess, decimals.get(guess.column))
        ]
    further = draft.further_columns
    suspected = [guess for guess in further if guess.column in draft.suspects]
    links = [column for column in draft.suspected_columns if draft.suspects[column].is_link]
    if suspected or links:
        lines += [
            "    # SUSPECTED LEAKS: no model uses these. If a value was known when the lead was",
            "    # judged, write known_at_moment: true in place of leak: true.",
        ]
        lines += [
            line
            for guess in suspected
            for line in _suspect_lines(draft, guess, decimals.get(guess.column))
        ]
        lines += [line for column in links for line in _suspected_link_lines(draft, column)]
    others = [guess for guess in further if not guess.family and guess.column not in draft.suspects]
    lines += ["    # never features"] * bool(others) + [_ignored_line(guess) for guess in others]
    return lines or ["    {}"]


def _feature_lines(guess: ColumnGuess, decimal: str | None) -> list[str]:
    return [f"    # {one_line_comment(guess.reason)}", _mapping_line(guess, decimal)]


def _suspect_lines(draft: Draft, guess: ColumnGuess, decimal: str | None) -> list[str]:
    line = _mapping_line(_as_feature(guess), decimal, _answer_key(draft, guess.column))
    return [*_evidence_lines(draft, guess.column), line]


def _suspected_link_lines(draft: Draft, column: str) -> list[str]:
    comment = "with leak: true, no feature counts what is linked by it"
    answer = yaml_inline({_answer_key(draft, column): True})
    return [*_evidence_lines(draft, column), f"    {yaml_inline(column)}: {answer}   # {comment}"]


def _evidence_lines(draft: Draft, column: str) -> list[str]:
    evidence = draft.suspects[column].evidence[:3]
    return [f"    # suspected: {one_line_comment(finding)}" for finding in evidence]


def _answer_key(draft: Draft, column: str) -> str:
    return "known_at_moment" if draft.known.get(column) else "leak"


def _mapping_line(guess: ColumnGuess, decimal: str | None, answer: str = "") -> str:
    mapping = {
        "feature": guess.feature,
        "family": guess.family,
        "type": guess.type,
        "label": guess.label,
        "unit": guess.unit,
        "decimal": decimal,
        "separator": guess.choices.separator if guess.choices else None,
        "choices": guess.choices.names if guess.choices else None,
        answer: bool(answer),
    }
    filled = {key: value for key, value in mapping.items() if value}
    return f"    {yaml_inline(guess.column)}: {yaml_inline(filled)}"


def _as_feature(guess: ColumnGuess) -> ColumnGuess:
    """A suspect is mapped as a feature, so that a single key answers for it."""
    if guess.family:
        return guess
    kind, name = "date" if guess.role == "date" else "category", feature_name(guess.column)
    label = heading_text(guess.column)
    return replace(guess, family=OTHER, type=kind, feature=name, label=label)


def _ignored_line(guess: ColumnGuess) -> str:
    mapping = {"ignore": _IGNORE.get(guess.role, "other")}
    advice = "; with type: date it would count days" if guess.role == "date" else ""
    comment = one_line_comment(f"{guess.role}: {guess.reason}{advice}")
    return f"    {yaml_inline(guess.column)}: {yaml_inline(mapping)}   # {comment}"


# -- moment and outcome ---------------------------------------------------------------------------


def _moment_section(draft: Draft) -> list[str]:
    if draft.moment is None:
        return _order_without_dates(draft)
    comment = "a lead is judged by what was known then"
    lines = ["moment:", f"  column: {yaml_inline(draft.moment)}   # {comment}"]
    if draft.plus_days:
        comment = "days later, once the first events have happened"
        lines.append(f"  plus_days: {draft.plus_days}   # {comment}")
    if draft.closed:
        comment = "the closing date: leads that were closed by then are not judged"
        lines.append(f"  closed: {yaml_inline(draft.closed)}   # {comment}")
    return [*lines, ""]


def _order_without_dates(draft: Draft) -> list[str]:
    if draft.order_by is None:
        return [
            "# No date says when a lead came in, so tests can only split the leads at random.",
            "",
        ]
    return [
        "# No date says when a lead came in. These numbers probably grow as leads come in, so the",
        "# model is tested on the leads with the highest numbers.",
        "evaluation:",
        f"  order_by: {yaml_inline(draft.order_by)}",
        "",
    ]


def _outcome_section(draft: Draft) -> list[str]:
    lines = ["outcome:"]
    lines += [*state_lines(draft), *_horizon_lines(draft)]
    if draft.reason_column:
        column = yaml_inline(draft.reason_column)
        lines.append(f"  reason: {column}   # why sales closed the lead")
    lines += [*draft_reasons_lines(draft.reasons), *_unknown_when_lines(draft)]
    return lines + _worked_lines(draft)


def _old_score_section(draft: Draft) -> list[str]:
    if not draft.old_scores:
        return []
    comment = "compared with the model on the same leads; never a feature"
    lines = ["", f"old_score:   # {comment}"]
    for old in draft.old_scores:
        keys = {
            "column": old.column,
            "best": old.best if old.best != "high" else None,
            "best_first": old.best_first,
            "probability": old.probability,
        }
        filled = yaml_inline({key: value for key, value in keys.items() if value})
        lines.append(f"  - {filled}   # {one_line_comment(old.reason)}")
    return lines


def _horizon_lines(draft: Draft) -> list[str]:
    lines = []
    if draft.won_at:
        comment = "when a lead was won" if draft.won_at != draft.closed else "the closing date"
        lines.append(f"  won_at: {yaml_inline(draft.won_at)}   # {comment}")
    if draft.horizon is not None:
        days = f"  horizon_days: {draft.horizon.days}"
        return [*lines, f"{days}   # {draft.horizon.reason}" if draft.horizon.reason else days]
    return [
        *lines,
        "  # horizon_days: 90   # remove the first # to count only wins within this many days;",
        "  #                    # without it, the outcome is taken as of the extract",
    ]


def _worked_lines(draft: Draft) -> list[str]:
    if draft.worked is None:
        return []
    return [
        f"  worked:   # {draft.worked.reason}",
        f"    events: {yaml_inline(draft.worked.kinds)}",
        f"    within_days: {draft.worked.days}",
    ]


def _unknown_when_lines(draft: Draft) -> list[str]:
    if draft.outcome is None:
        return []
    lines = [
        f"    {reason}: {_rule_text({column: (value,)})}"
        for reason, (column, value) in draft.unknown_when.items()
        if column != draft.reason_column or guess_disposition(value) != reason
    ]
    return ["  unknown_when:   # such leads do not count as lost", *lines] if lines else []


def _rule_text(rule: dict[str, tuple[str, ...]]) -> str:
    return yaml_inline({yaml_inline(column): values for column, values in rule.items()})
