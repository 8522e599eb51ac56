"""Snapshots of the same files share their parts: what one command has built, the next one takes.

Reading and building have tests of their own. Who changes a table changes a copy: pandas copies on
write.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest

from features.kept_events.events import Events
from features.tables.read import Tables
from features.workspace.schema import Workspace
from pipelines.inputs import input_files
from pipelines.snapshot import NO_TABLES, Part, Snapshot

KEPT = 6  # the snapshots last used
ORIGINAL = {name: vars(Snapshot)[name].func for name in get_args(Part)}


@contextmanager
def shared_parts() -> Iterator[None]:
    """Share parts among all snapshots of this process."""
    known: OrderedDict[str, dict[str, tuple[Any, list[str]]]] = OrderedDict()

    def shared(name: str, build: Callable[[Snapshot], Any]) -> Callable[[Snapshot], Any]:
        def part(snapshot: Snapshot) -> Any:
            if snapshot.raw is not NO_TABLES or not isinstance(snapshot.workspace, Workspace):
                return build(snapshot)
            parts = known.setdefault(key := _key(snapshot), {})
            known.move_to_end(key)
            while len(known) > KEPT:
                known.popitem(last=False)
            if name not in parts:
                told: list[str] = []
                parts[name] = (build(_telling(snapshot, told.append)), told)
            value, told = parts[name]
            for words in told:
                snapshot.progress(words)
            return _copied(value)

        return part

    with _parts({name: shared(name, build) for name, build in ORIGINAL.items()}):
        yield


@contextmanager
def unshared_parts() -> Iterator[None]:
    """Build every part anew."""
    with _parts(ORIGINAL):
        yield


@contextmanager
def _parts(builders: dict[str, Callable[[Snapshot], Any]]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, build in builders.items():
            part: cached_property[Any] = cached_property(build)
            part.__set_name__(Snapshot, name)
            patch.setattr(Snapshot, name, part)
        yield


def _telling(snapshot: Snapshot, progress: Callable[[str], None]) -> Snapshot:
    """The same snapshot, which tells its progress elsewhere."""
    other = replace(snapshot, progress=progress)
    vars(other).update(
        {name: vars(snapshot)[name] for name in vars(snapshot) if name != "progress"}
    )
    return other


def _key(snapshot: Snapshot) -> str:
    """Tell snapshots apart: by the mapping, the files, the rows that are judged and the features."""
    if "shared key" not in vars(snapshot):
        ws = snapshot.workspace
        rows = snapshot.chosen_moments
        digest = hashlib.blake2b()
        for path in input_files(ws):
            if path.is_file() and path.suffix != ".yaml":
                digest.update(str(path.name).encode() + b"\0" + path.read_bytes())
        if rows is not None:
            digest.update(pd.util.hash_pandas_object(rows.astype("str")).to_numpy().tobytes())
        chosen = (replace(ws, folder=Path()), snapshot.chosen_features, rows is None)
        vars(snapshot)["shared key"] = f"{chosen!r} {digest.hexdigest()}"
    return str(vars(snapshot)["shared key"])


def _copied(value: Any) -> Any:
    """A copy that may be changed."""
    match value:
        case pd.DataFrame():
            return value.copy(deep=False)
        case Tables():
            frames = {
                name: getattr(value, name).copy(deep=False)
                for name in ("leads", "stages", "field_history")
            }
            events = Events.of(value.events.copy(deep=False))
            return replace(value, **frames, kept_events=events, problems=list(value.problems))
        case list():
            return list(value)
        case _:
            return value
