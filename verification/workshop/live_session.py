"""A scripted live session in a real browser: what two teams do in two hours, in a minute.

    python -m verification.workshop.live_session [FOLDER]

They open the page of a simulated company whose signed draft is too strict, move a threshold, take
out the idle criterion, take a proposal, set a row of the card by hand, look at what it costs, save,
sign for both teams and put it in force. Then the figures must be those of ``definition simulate``,
the minutes must list what ``definition diff`` lists, and the next scores must use the new version.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.definition.diff import diff
from pipelines.definition.simulate import simulate
from pipelines.loopback import listening_at, server_of
from pipelines.score.score import score
from pipelines.workshop.live.app import LiveApp
from pipelines.workshop.live.minutes import minutes_markdown, plain_markdown
from pipelines.workshop.live.room import Room, open_room
from verification.browser import CUT_OFF, chromium, serious_violations
from verification.workshop.company import draft_company

STEP = 60_000  # milliseconds that a step may take on a busy machine
DAY = "2026-10-01"  # of the simulated export


@dataclass(frozen=True)
class Script:
    """What the teams change: a threshold, a criterion without effect, a row of the card."""

    threshold: tuple[str, str]
    idle: str
    line: str
    points: str
    teams: tuple[str, ...] = ("sales", "marketing")


@dataclass
class Played:
    """What was seen while the session was played."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    weekly: str = ""
    seconds: float = 0.0
    kept: str = ""


@contextmanager
def served(room: Room) -> Iterator[LiveApp]:
    """Serve a room in this process until the block ends."""
    with listening_at(0) as listening:
        app = LiveApp(room, listening.getsockname()[1])
        server = server_of(app)
        thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
        thread.start()
        try:
            yield app
        finally:
            server.should_exit = True
            thread.join(10)


def play(tab: Any, address: str, script: Script, out: Path | None = None) -> Played:
    """Play a session in a tab; screenshots go to a folder."""
    played = Played()
    tab.set_default_timeout(STEP)
    tab.on("console", lambda message: played.console.append(message.text))
    tab.on("pageerror", lambda error: played.console.append(str(error)))
    tab.on("request", lambda request: played.requests.append(request.url))
    tab.goto(address)
    name, operand = script.threshold
    begin = time.perf_counter()
    with _answered(tab, "set"):
        _fill(tab, f"[data-criterion='{name}'] input[type=number]", operand)
    played.seconds = time.perf_counter() - begin
    played.weekly = tab.locator(".outlook figure").first.inner_text()
    with _answered(tab, "switch"):
        tab.locator(f"[data-criterion='{script.idle}'] input[name=on]").uncheck()
    _click(tab, "take")
    _set_points(tab, script)
    _click(tab, "cost")
    played.violations = [*serious_violations(tab), *tab.evaluate(CUT_OFF)]
    _shoot(tab, out, "changed")
    _click(tab, "save")
    for team in script.teams:
        form = tab.locator(f"form[data-act=sign]:has(input[value='{team}'])")
        form.locator("input[name=by]").fill(f"Head of {team}")
        with _answered(tab, "sign"):
            form.locator("button").click()
    _click(tab, "adopt")
    played.kept = tab.locator("#kept, [role=alert]").first.inner_text()
    _shoot(tab, out, "kept")
    return played


@contextmanager
def _answered(tab: Any, action: str) -> Iterator[None]:
    """Wait until what is done in the block was answered and is shown."""
    with tab.expect_response(f"**/act/{action}"):
        yield
    tab.wait_for_selector("#status:empty", state="attached")


def _click(tab: Any, action: str) -> None:
    with _answered(tab, action):
        tab.locator(f"button[data-act={action}], form[data-act={action}] button").first.click()


def _set_points(tab: Any, script: Script) -> None:
    line = tab.locator(f"details.card-line:has(input[value='{script.line}'])")
    line.locator("summary").first.click()
    row = line.locator("form.row").first
    row.locator("input[name=points]").fill(script.points)
    row.locator("input[name=by]").fill("Ann")
    row.locator("input[name=because]").fill("we know these")
    with _answered(tab, "points"):
        row.locator("button").click()


def _fill(tab: Any, where: str, value: str) -> None:
    tab.fill(where, value)
    tab.press(where, "Tab")


def _shoot(tab: Any, out: Path | None, name: str) -> None:
    if out is not None:
        tab.screenshot(path=out / f"live-{name}.png", full_page=True)


def session_faults(folder: Path, room: Room, played: Played, before: Path) -> list[str]:
    """List where what was kept is not what was seen; ``before`` is the definition at the start."""
    assert room.kept is not None
    faults = [f"console: {words}" for words in played.console]
    faults += [f"hard to use: {words}" for words in played.violations]
    faults += [f"request: {url}" for url in played.requests if "//127.0.0.1:" not in url]
    new = folder / room.kept.file.name
    changes = diff(before, new, folder=folder).changes
    minutes = minutes_markdown(room.minutes())
    faults += [
        f"not in the minutes: {line}" for line in changes if plain_markdown(line) not in minutes
    ]
    decided = room.minutes().decided
    faults += [f"only in the minutes: {line}" for line in decided if line not in changes]
    if not room.kept.adoption or not room.kept.adoption.adopted:
        return [*faults, f"not in force: {played.kept}"]
    scored = score(folder, as_of=DAY)
    versions = set(scored["definition_version"])
    if versions != {room.kept.version}:
        faults.append(f"the next scores name {versions}, not {room.kept.version}")
    return faults


def weekly_of_simulate(folder: Path, before: Path, script: Script) -> str:
    """Give the leads a week that ``definition simulate`` finds for the moved threshold alone."""
    name, operand = script.threshold
    text = before.read_text(encoding="utf-8")
    start = text.index(f"{{id: {name},")
    end = text.index("\n", start)
    old = text[start:end]
    operator = old[: old.index(":", old.index("at_"))].rpartition(" ")[2]
    number = old.partition(f"{operator}: ")[2].split(",")[0].rstrip("}")
    changed = before.with_name("threshold-alone.yaml")
    new = old.replace(f"{operator}: {number}", f"{operator}: {operand}")
    changed.write_text(text.replace(old, new), encoding="utf-8")
    found = simulate(folder, changed).new
    changed.unlink()
    assert found is not None
    return f"{found.workload.per_week:,.1f} leads a week"


def main(arguments: list[str]) -> int:
    """Play the session on a simulated company and print what is wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        company = draft_company(Path(arguments[0]) if arguments else Path(scratch) / "company")
        folder = Path(shutil.copytree(company, Path(scratch) / "copy"))
        before = Path(shutil.copy(folder / "definition.yaml", folder / "before.yaml"))
        script = Script(("right-size", "120"), "established", "industry", "0")
        expected = weekly_of_simulate(folder, before, script)
        begin = time.perf_counter()
        room = open_room(folder)
        opened = time.perf_counter() - begin
        room.search()
        with served(room) as app, chromium() as browser:
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            played = play(tab, app.address, script, company)
        faults = session_faults(folder, room, played, before)
        if expected not in played.weekly:
            faults.append(f"simulate says {expected}, the page {played.weekly!r}")
    print(f"open in {opened:.1f} s, a change is answered in {played.seconds:.2f} s")
    print(played.kept)
    print("\n".join(faults) or "the page, simulate, diff, minutes and scores say the same")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
