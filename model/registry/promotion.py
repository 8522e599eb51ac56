"""What changes in the registry when a version becomes champion, or an earlier one does again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from features.errors import LeadReadyError
from model.registry.lookup import CHALLENGER, CHAMPION, PREVIOUS
from model.registry.one_step import Change
from model.registry.sqlite_reader import Version
from model.registry.write_run import utc_now


def promotion(
    record: Version,
    champion: Version | None,
    challenger: Version | None,
    tags: Mapping[str, str | None],
) -> Change:
    """Describe how a version becomes champion.

    Examples
    --------
    >>> change = promotion(Version("2", "", "", 0), Version("1", "", "", 0), None, {})
    >>> dict(change.aliases)
    {'previous': '1', 'champion': '2'}
    """
    version, aliases = record.version, dict[str, str | None]()
    written = {**tags, "promoted_at": utc_now()}
    if challenger is not None and challenger.version == version:
        aliases[CHALLENGER] = None
    if champion is not None and champion.version != version:
        written["promoted_over"] = aliases[PREVIOUS] = champion.version
    return Change({**aliases, CHAMPION: version}, {version: written})


def return_to(record: Version, champion: Version | None, versions: Iterable[Version]) -> Change:
    """Describe how a version that was champion once becomes champion again.

    Raises
    ------
    LeadReadyError
        If it is champion already, or never was.
    """
    if champion is not None and champion.version == record.version:
        raise LeadReadyError(f"version {record.label} is champion already")
    if "promoted_at" not in record.tags:
        what = f"version {record.label} was never champion, so there is nothing to return to"
        raise LeadReadyError(what, hint="leadready models  lists the versions")
    earlier = record.tags.get("promoted_over")
    others = {version.version for version in versions} - {record.version}
    aliases = {PREVIOUS: earlier if earlier in others else None, CHAMPION: record.version}
    return Change(aliases, {champion.version: {"rolled_back_at": utc_now()}} if champion else {})
