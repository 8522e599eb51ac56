"""Signatures: who agreed to exactly this content, and what has changed since.

A signature is a line under ``agreed`` with the digest of everything else in the file. Signing
writes that line into the file, leaving comments and layout untouched, and keeps a copy of what was
signed beside it, in ``definition.signed/<digest>.yaml``. When the file changes later and the
signature becomes void, the copy shows what the team signed and what is different.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from features.dates.one_time import read_time
from features.errors import LeadReadyError
from features.plain_yaml import PlainYaml, compose_yaml
from features.text import yaml_inline
from features.whole_file import whole_file
from model.definition.diff import definition_changes
from model.definition.edit_yaml import node_end
from model.definition.read import read_definition
from model.definition.words import FeatureNames
from model.serving import Definition, Signature, digest

COPIES = ".signed"  # definition.yaml → definition.signed/
BOM = b"\xef\xbb\xbf"


class SignatureStatus(NamedTuple):
    """A signature, and whether it holds.

    Attributes
    ----------
    signature : Signature
        As the file has it.
    holds : bool
        Whether it is over the present content.
    changes : tuple of str or None
        What has changed since, in words; None where there is no copy of what was signed.
    """

    signature: Signature
    holds: bool
    changes: tuple[str, ...] | None = ()

    def __str__(self) -> str:
        line = self.signature
        who = f"{line.team}: {line.name}, {line.on}"
        if self.holds:
            return who
        if self.changes is None:
            return f"{who}: void, the file has changed since (no copy of what was signed is here)"
        changes = "; ".join(self.changes) or "only how the same content is written"
        return f"{who}: void, changed since: {changes}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON takes it, with the line in words."""
        changes = None if self.changes is None else list(self.changes)
        status = {"holds": self.holds, "changes": changes, "words": str(self)}
        return self.signature._asdict() | status


def signature_statuses(
    definition: Definition,
    path: Path | None = None,
    others: Iterable[Definition] = (),
    names: FeatureNames = None,
) -> list[SignatureStatus]:
    """Compare every signature with the content.

    Parameters
    ----------
    path : path, optional
        The definition's file, beside which the signed copies are kept.
    others : iterable of Definition
        More definitions that may have been signed, such as the champion's.
    names : mapping, optional
        What each feature is called.

    Examples
    --------
    >>> rules = {"version": 1, "ready_when": [{"id": "a", "feature": "employees", "at_least": 50}]}
    >>> first = Definition.from_dict(rules)
    >>> agreed = [Signature("sales", "Ann", "2026-10-01", first.digest)._asdict()]
    >>> print(*signature_statuses(Definition.from_dict(rules | {"agreed": agreed})))
    sales: Ann, 2026-10-01
    >>> second = Definition.from_dict(rules | {"version": 2, "agreed": agreed})
    >>> print(*signature_statuses(second, others=[first]))
    sales: Ann, 2026-10-01: void, changed since: version: 1 → 2
    """
    known = {other.digest: other for other in others}
    statuses = []
    for line in definition.signatures:
        if line.digest == definition.digest:
            statuses.append(SignatureStatus(line, True))
            continue
        signed = known.get(line.digest) or _signed_copy(path, line.digest)
        changes = None if signed is None else tuple(definition_changes(signed, definition, names))
        statuses.append(SignatureStatus(line, False, changes))
    return statuses


def without_void_signatures(content: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the signatures that do not hold.

    Examples
    --------
    >>> without_void_signatures({"version": 2, "agreed": [{"team": "sales", "digest": "of 1"}]})
    {'version': 2, 'agreed': []}
    """
    if not content.get("agreed"):
        return dict(content)
    now = digest(content)
    return {**content, "agreed": [line for line in content["agreed"] if line["digest"] == now]}


def missing_signatures(definition: Definition, statuses: Sequence[SignatureStatus]) -> list[str]:
    """List in words what is missing for the definition to be signed; empty if nothing is.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "a", "feature": "employees", "at_least": 50}]}
    >>> missing_signatures(Definition.from_dict(rules), [])
    ['sales has not signed', 'marketing has not signed']
    """
    void = {status.signature.team: status for status in statuses if not status.holds}
    reasons = []
    for team in definition.teams:
        if team in definition.signed_by:
            continue
        if team in void:
            changes = "; ".join(void[team].changes or ())
            reason = f"the signature of {team} is void, the file has changed since"
            reasons.append(f"{reason}: {changes}" if changes else reason)
        else:
            reasons.append(f"{team} has not signed")
    return reasons


def sign_file(path: Path, *, team: str, name: str, on: str | None = None) -> Signature:
    """Write a team's signature into a definition file.

    The caller has checked that the definition is valid; here it is only read once more. Comments
    and layout stay as they are, and an earlier signature of the same team is replaced.

    Parameters
    ----------
    path : path
        The definition.
    team, name : str
        Who signs.
    on : str, optional
        The day, such as 2026-10-01 (default: today).

    Raises
    ------
    LeadReadyError
        If the team has nothing to sign here, the name is empty, or the day is not a day.
    """
    definition = read_definition(path)
    if team not in definition.teams:
        raise LeadReadyError.unknown(team, definition.teams, what="team", where=str(path))
    if not name.strip():
        raise LeadReadyError("the name is empty", where="--name", hint="who signs for the team?")
    signature = Signature(team, name.strip(), _iso_day(on), definition.digest)
    text = path.read_bytes().decode("utf-8-sig")
    _replace_file(path, with_signature(text, signature), signature)
    _keep_copy(path, signature.digest)
    return signature


def _iso_day(on: str | None) -> str:
    if on is None:
        return date.today().isoformat()
    return f"{read_time(on, '--on'):%Y-%m-%d}"


# -- the line in the file -------------------------------------------------------------------------


def with_signature(text: str, signature: Signature) -> str:
    """Put a signature into the text of a definition, and leave everything else as it is.

    Examples
    --------
    >>> print(with_signature("version: 4  # agreed in May\\n",
    ...                      Signature("sales", "Ann Keller", "2026-10-01", "ab12")))
    version: 4  # agreed in May
    agreed:
      - {team: sales, name: Ann Keller, on: 2026-10-01,
         digest: ab12}
    <BLANKLINE>
    """
    ends = "\r\n" if "\r\n" in text else "\n"
    root: Any = compose_yaml(text)
    agreed = next((value for key, value in root.value if key.value == "agreed"), None)
    if agreed is None:
        head = text if text.endswith("\n") else text + ends
        return f"{head}agreed:{ends}{_signature_lines(signature, 2, ends)}"
    if isinstance(agreed, yaml.SequenceNode) and not agreed.flow_style and agreed.value:
        return _with_line(text, agreed, signature, ends)
    signatures = [*_other_teams(agreed, signature.team), signature]
    lines = "".join(_signature_lines(line, 2, ends) for line in signatures).removesuffix(ends)
    start = _end_of_key(text, root, "agreed")
    rest = text[max(start, node_end(agreed)) :]
    return text[:start] + ends + lines + (rest if rest.strip(" ")[:1] in "\r\n#" else ends)


def _with_line(text: str, agreed: yaml.SequenceNode, signature: Signature, ends: str) -> str:
    """Replace the team's item in a list with one item a line, or add one."""
    indent = agreed.start_mark.column
    lines = _signature_lines(signature, indent, ends)[indent:].removesuffix(ends)
    for item in agreed.value:
        if _signature_of(item).team == signature.team:
            start = text.rindex("-", 0, item.start_mark.index)
            return text[:start] + lines + text[node_end(item) :]
    line_end = text.find("\n", node_end(agreed))  # a comment after the last one stays there
    end = len(text) if line_end < 0 else line_end - (ends == "\r\n")
    return text[:end] + ends + " " * indent + lines + (text[end:] or ends)


def _other_teams(agreed: yaml.Node, team: str) -> list[Signature]:
    items = agreed.value if isinstance(agreed, yaml.SequenceNode) else []
    return [line for line in map(_signature_of, items) if line.team != team]


def _signature_of(node: yaml.Node) -> Signature:
    return Signature(**PlainYaml("").construct_document(node))


def _end_of_key(text: str, root: yaml.MappingNode, name: str) -> int:
    key = next(key for key, _ in root.value if key.value == name)
    return text.index(":", key.end_mark.index) + 1


def _signature_lines(line: Signature, indent: int, ends: str) -> str:
    space = " " * indent
    who = f"team: {yaml_inline(line.team)}, name: {yaml_inline(line.name)}, on: {line.on}"
    return f"{space}- {{{who},{ends}{space}   digest: {line.digest}}}{ends}"


def _replace_file(path: Path, text: str, signature: Signature) -> None:
    """Replace the file once the new text reads as it should."""
    with whole_file(path) as draft:
        bom = BOM if path.read_bytes().startswith(BOM) else b""
        draft.write_bytes(bom + text.encode())
        if not _is_signed(draft, signature):
            what = "the signature cannot be written into this file"
            hint = "write  agreed:  as the last key, with one signature on a line"
            raise LeadReadyError(what, where=str(path), hint=hint)


def _is_signed(draft: Path, signature: Signature) -> bool:
    try:
        definition = read_definition(draft)
    except LeadReadyError:  # the error names the draft, which no person ever sees
        return False
    return definition.digest == signature.digest and signature.team in definition.signed_by


# -- copies of what was signed --------------------------------------------------------------------


def _keep_copy(path: Path, signed: str) -> None:
    folder = path.with_suffix(COPIES)
    folder.mkdir(exist_ok=True)
    (folder / f"{signed}.yaml").write_bytes(path.read_bytes())


def _signed_copy(path: Path | None, signed: str) -> Definition | None:
    """Read the copy of what was signed, if it is still what was signed."""
    if path is None or not re.fullmatch(r"[0-9a-f]{64}", signed):
        return None
    copy = path.with_suffix(COPIES) / f"{signed}.yaml"
    if not copy.is_file():
        return None
    try:
        definition = read_definition(copy)
    except LeadReadyError:
        return None
    return definition if definition.digest == signed else None
