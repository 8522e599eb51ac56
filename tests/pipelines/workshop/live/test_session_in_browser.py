"""A whole session in a real browser: what is seen is what is kept, signed, in force and scored by."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, cast

import pytest

from model import gate_calibration
from model.definition.edits import with_edits
from model.gate import Gate
from model.registry.registry import Registry
from pipelines.definition.simulate import simulate_on
from pipelines.proposals.answer import ProposedChange
from pipelines.workshop.live.room import Searched, open_room
from verification.browser import chromium
from verification.workshop.live_session import (
    Script,
    play,
    served,
    session_faults,
)

PASSED = Gate("calibrated", True, "9", "9")


class FewerDemos:
    """A proposal, as far as the page shows it."""

    words, reason = "demo: at least 1 → at least 2", "<b>the reason</b>"
    edit = {  # noqa: RUF012
        "change": "set",
        "criterion": "demo",
        "operator": "at_least",
        "from": 1,
        "to": 2,
    }


@pytest.mark.slow
def test_a_session_keeps_exactly_what_was_decided(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("playwright")
    pytest.importorskip("axe_playwright_python")
    monkeypatch.setattr(gate_calibration, "calibrated", lambda *parts: PASSED)  # a small company
    registry = Registry.for_workspace(company)
    registry.promote("1", [PASSED])
    line = registry.load("champion").scorecard["lines"][0]
    before = Path(shutil.copy(company / "definition.yaml", company / "before.yaml"))
    points = str(line["points"][1] + 1)
    script = Script(("right-size", "45"), "content", line["name"], points)
    room = open_room(company)
    proposal: Any = FewerDemos()
    room.searched = Searched(True, (cast(ProposedChange, proposal),))
    with served(room) as app, chromium() as browser:
        played = play(browser.new_page(), app.address, script)
    assert session_faults(company, room, played, before) == []
    moved = simulate_on(
        room.leads.history, [with_edits(room.session.signed, room.session.state.edits[:1])], [""]
    )
    assert f"{moved.current.workload.per_week:,.1f} leads a week" in played.weekly
    assert room.session.state.hand_set[0].by == "Ann"
    changed = {edit.criterion.id for edit in room.session.state.edits}
    assert changed == {"right-size", "content", "demo"}
    champion = registry.load("champion")
    (line,) = [each for each in champion.scorecard["lines"] if each["name"] == script.line]
    assert line["by_hand"][0]["because"] == "we know these"
