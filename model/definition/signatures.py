"""Signatures: who agreed to exactly this content, and what has changed since.

A signature is a line under ``agreed`` with the digest of everything else in the file. Signing
writes that line into the file as people wrote it, comments and layout untouched, and keeps a copy
of what was signed beside it, in ``definition.signed/<digest>.yaml``. So when the file is changed
later, and the signature is void, it can be said what the team had signed and what is different.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from features.errors import LeadReadyError
from features.workspace.yaml_with_lines import PlainYaml
from model.definition.read import read_definition
from model.serving import TEAMS, digest

KEPT = ".signed"  # definition.yaml → definition.signed/


@dataclass(frozen=True)
class Signature:
    """A line under ``agreed``, and whether it holds.

    Attributes
    ----------
    team, name, on, digest : str
        As written.
    holds : bool
        Whether it is over the present content.
    changes : tuple of str or None
        Where it does not hold: what has changed since, in words; None where nobody kept what was
        signed.
    """

    team: str
    name: str
    on: str
    digest: str
    holds: bool
    changes: tuple[str, ...] | None = ()

    def __str__(self) -> str:  # noqa: D105
        who = f"{self.team}: {self.name}, {self.on}"
        if self.holds:
            return who
        if self.changes is None:
            return f"{who}: void, the file was changed since (what was signed is not kept here)"
        return f"{who}: void, changed since: {'; '.join(self.changes) or 'the order of a list'}"


def teams(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the teams that have to sign.

    Examples
    --------
    >>> teams({"teams": ["sales"]}), teams({})
    (('sales',), ('sales', 'marketing'))
    """
    return tuple(definition.get("teams") or TEAMS)


def signatures(
    definition: Mapping[str, Any],
    path: Path | None = None,
    others: Iterable[Mapping[str, Any]] = (),
    words: Mapping[str, str] | None = None,
) -> list[Signature]:
    """Hold every signature against the content.

    Parameters
    ----------
    definition : mapping
        As read.
    path : path, optional
        Its file, beside which the signed copies are kept.
    others : iterable of mapping
        More contents that may have been signed, such as the champion's.
    words : mapping, optional
        What features are called.

    Examples
    --------
    >>> rules = {"version": 1, "ready_when": [{"id": "a", "feature": "employees", "at_least": 50}]}
    >>> line = {"team": "sales", "name": "Ann", "on": "2026-10-01", "digest": digest(rules)}
    >>> print(signatures(rules | {"agreed": [line]})[0])
    sales: Ann, 2026-10-01
    >>> print(signatures(rules | {"version": 2, "agreed": [line]}, others=[rules])[0])
    sales: Ann, 2026-10-01: void, changed since: version: 1 → 2
    """
    from model.definition.diff import changes

    now, known = digest(definition), {digest(one): one for one in others}
    found = []
    for one in definition.get("agreed") or ():
        signed = str(one["digest"])
        holds, since = signed == now, None
        if not holds:
            before = known.get(signed) or _kept(path, signed)
            since = None if before is None else tuple(changes(before, definition, words))
        about = Signature(str(one["team"]), str(one["name"]), str(one["on"]), signed, holds)
        found.append(about if holds else replace(about, changes=since))
    return found


def standing(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the signatures that do not hold: they are none.

    Examples
    --------
    >>> standing({"version": 2, "agreed": [{"team": "sales", "digest": "of version 1"}]})
    {'version': 2, 'agreed': []}
    """
    if not definition.get("agreed"):
        return dict(definition)
    now = digest(definition)
    held = [one for one in definition["agreed"] if one.get("digest") == now]
    return {**definition, "agreed": held}


def unsigned_because(definition: Mapping[str, Any], signed: Sequence[Signature]) -> list[str]:
    """Say what is wanting for the definition to be signed; nothing if it is.

    Examples
    --------
    >>> unsigned_because({"version": 1}, [])
    ['sales has not signed', 'marketing has not signed']
    """
    held = {one.team for one in signed if one.holds}
    void = {one.team: one for one in signed if not one.holds}
    said = []
    for team in teams(definition):
        if team in void and team not in held:
            since = void[team].changes
            what = f": {'; '.join(since)}" if since else ""
            said.append(f"the signature of {team} is void, the file was changed since{what}")
        elif team not in held:
            said.append(f"{team} has not signed")
    return said


def sign(path: Path, *, team: str, name: str, on: str | None = None) -> Signature:
    """Write a team's signature into a definition file.

    The caller has seen that the definition is valid; here it is only read once more. Comments and
    layout stay as they are, and an earlier signature of the same team is replaced.

    Parameters
    ----------
    path : path
        The definition.
    team, name : str
        Who signs.
    on : str, optional
        The day, as 2026-10-01; default: today.

    Raises
    ------
    LeadReadyError
        If the team has nothing to sign here, or the day is none.
    """
    content = read_definition(path).content
    if team not in teams(content):
        raise LeadReadyError.unknown(team, teams(content), what="team", where=str(path))
    if not name.strip():
        raise LeadReadyError("the name is empty", where="--name", hint="who signs for the team?")
    day = _day(on)
    line = {"team": team, "name": name.strip(), "on": day, "digest": digest(content)}
    text = path.read_bytes().decode("utf-8-sig")
    _replace(path, with_signature(text, line), line)
    _keep(path, line["digest"])
    return Signature(team, line["name"], day, line["digest"], True)


def _day(on: str | None) -> str:
    if on is None:
        return date.today().isoformat()
    try:
        return date.fromisoformat(on).isoformat()
    except ValueError:
        hint = "write year, month, day: 2026-10-01"
        raise LeadReadyError(f"{on!r} is not a day", where="--on", hint=hint) from None


def with_signature(text: str, line: Mapping[str, str]) -> str:
    """Put a signature into the text of a definition, and leave all else as it is.

    Examples
    --------
    >>> print(with_signature("version: 4  # agreed in May\\n", {
    ...     "team": "sales", "name": "Ann Keller", "on": "2026-10-01", "digest": "ab12"}))
    version: 4  # agreed in May
    agreed:
      - {team: sales, name: Ann Keller, on: 2026-10-01,
         digest: ab12}
    <BLANKLINE>
    """
    ends = "\r\n" if "\r\n" in text else "\n"
    node: Any = yaml.compose(text, PlainYaml)
    agreed = next((value for key, value in node.value if key.value == "agreed"), None)
    if agreed is None:
        head = text if text.endswith("\n") else text + ends
        return f"{head}agreed:{ends}{_line(line, 2, ends)}"
    if not isinstance(agreed, yaml.SequenceNode) or agreed.flow_style or not agreed.value:
        lines = [*_others(agreed, line["team"]), line]
        written = "".join(_line(one, 2, ends) for one in lines).removesuffix(ends)
        start = _after_colon(text, node)
        rest = text[max(start, _end(agreed)) :]
        return text[:start] + ends + written + (rest if rest.strip(" ")[:1] in "\r\n#" else ends)
    return _into_list(text, agreed, line, ends)


def _into_list(text: str, agreed: Any, line: Mapping[str, str], ends: str) -> str:
    indent = agreed.start_mark.column
    written = _line(line, indent, ends)[indent:].removesuffix(ends)
    for one in agreed.value:
        if _content(one).get("team") == line["team"]:
            start = text.rindex("-", 0, one.start_mark.index)
            return text[:start] + written + text[_end(one) :]
    end: int = _end(agreed.value[-1])
    line_end: int = text.find("\n", end)  # a comment behind the last one stays where it is
    end = len(text) if line_end < 0 else line_end - (ends == "\r\n")
    return str(text[:end] + ends + " " * indent + written + (text[end:] or ends))


def _content(node: Any) -> dict[str, Any]:
    return dict(PlainYaml("").construct_document(node))


def _others(agreed: Any, team: str) -> list[dict[str, Any]]:
    lines = agreed.value if isinstance(agreed, yaml.SequenceNode) else []
    return [one for one in map(_content, lines) if one.get("team") != team]


def _after_colon(text: str, node: Any) -> int:
    key = next(key for key, _ in node.value if key.value == "agreed")
    return text.index(":", int(key.end_mark.index)) + 1


def _end(node: Any) -> int:
    """Where a node's text ends; the mark of a list or mapping of lines is at whatever follows."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _line(line: Mapping[str, Any], indent: int, ends: str) -> str:
    told = {key: _scalar(str(line[key])) for key in ("team", "name", "on", "digest")}
    first = ", ".join(f"{key}: {told[key]}" for key in ("team", "name", "on"))
    space = " " * indent
    return f"{space}- {{{first},{ends}{space}   digest: {told['digest']}}}{ends}"


def _scalar(text: str) -> str:
    """Write a text as YAML: plainly where it reads back as that text, else in quotes."""
    plain = re.fullmatch(r"[\w][\w .@+-]*[\w.]|\w", text) is not None
    if plain and yaml.load(text, PlainYaml) == text:
        return text
    return json.dumps(text, ensure_ascii=False)


def _replace(path: Path, text: str, line: Mapping[str, str]) -> None:
    """Put the new text in place of the file, once it reads as what it should say."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            bom = b"\xef\xbb\xbf" if path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
            stream.write(bom + text.encode())
        if not _reads_as_signed(draft, line):
            what = "the signature cannot be written into this file"
            hint = "write  agreed:  as the last key, with one signature on a line"
            raise LeadReadyError(what, where=str(path), hint=hint)
        draft.chmod(path.stat().st_mode)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _reads_as_signed(draft: Path, line: Mapping[str, str]) -> bool:
    try:
        agreed = read_definition(draft)
    except LeadReadyError:  # it says so of the draft, which nobody ever sees
        return False
    return agreed.digest == line["digest"] and line["team"] in agreed.signed_by


# -- what was signed ------------------------------------------------------------------------------


def _keep(path: Path, signed: str) -> None:
    """Keep a copy of what was signed, beside the file, under its digest."""
    folder = path.with_suffix(KEPT)
    folder.mkdir(exist_ok=True)
    (folder / f"{signed}.yaml").write_bytes(path.read_bytes())


def _kept(path: Path | None, signed: str) -> dict[str, Any] | None:
    """Read what was signed, if it is still what was signed."""
    if path is None or not re.fullmatch(r"[0-9a-f]{64}", signed):
        return None
    kept = path.with_suffix(KEPT) / f"{signed}.yaml"
    if not kept.is_file():
        return None
    try:
        definition = read_definition(kept)
    except LeadReadyError:
        return None
    return dict(definition.content) if definition.digest == signed else None
