"""A live session on a small trained company: figures, costs, what is kept, and who may enter."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from features.errors import LeadReadyError
from model.serving import Definition
from pipelines.card import train_alternative
from pipelines.card.alternatives import Alternative
from pipelines.card.hand_set import Relearned
from pipelines.definition.adopt import _candidate
from pipelines.definition.simulate import simulate_on
from pipelines.pages.shell import environment
from pipelines.workshop.live.app import LiveApp
from pipelines.workshop.live.content import room_content
from pipelines.workshop.live.forms import Fields
from pipelines.workshop.live.leads import live_card
from pipelines.workshop.live.minutes import minutes_markdown
from pipelines.workshop.live.outlook import outlook
from pipelines.workshop.live.room import Room, Searched, open_room
from pipelines.workshop.live.session import Session, SwitchCriterion
from pipelines.workshop.live.view import outlook_charts


@pytest.fixture(scope="module")
def opened(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Room:
    folder = shutil.copytree(trained, tmp_path_factory.mktemp("live") / "company")
    return open_room(folder)


@pytest.fixture
def room(opened: Room) -> Room:
    """The room at its beginning."""
    for path in opened.snapshot.workspace.folder.glob("definition-v*"):
        path.unlink()
    opened._show(Session(opened.session.signed))
    opened.check, opened.kept, opened.searched = None, None, Searched()
    return opened


def act(room: Room, action: str, **fields: str) -> None:
    room.act(action, Fields({key: [value] for key, value in fields.items()}))


def test_consequences_are_those_of_simulate(room: Room) -> None:
    act(room, "set", name="right-size", operand="120")
    act(room, "switch", name="student")
    definitions = [room.session.signed, room.session.definition]
    simulated = simulate_on(room.leads.history, definitions, ["now", "new"])
    assert (room.seen.before, room.seen.after) == (simulated.current, simulated.new)
    assert room.seen.change == simulated.change
    moved = room.seen.change
    for listed, ids in ((True, moved.newly_ready.ids), (False, moved.no_longer_ready.ids)):
        sides = [side.lead_id for side in room.seen.sides if side.now_ready == listed]
        assert set(sides) <= set(ids)
        assert bool(sides) == bool(ids)


def test_points_set_by_hand_are_kept_only_after_their_cost_was_seen(room: Room) -> None:
    assert room.leads.card is not None
    before = room.seen.agreement_after
    line = room.leads.card.loaded.scorecard["lines"][0]
    place = str(len(line["points"]) - 1)
    fields = {"feature": line["name"], "row": place, "points": "60", "because": "we know these"}
    act(room, "points", **fields, by="Ann")
    assert room.seen.agreement_after != before
    with pytest.raises(LeadReadyError, match="nobody has looked at what they cost"):
        act(room, "save")
    act(room, "cost")
    assert room.check is not None
    assert room.check.moved > 0
    written = minutes_markdown(room.minutes())
    assert "set by hand by Ann: we know these (+60, learned:" in written
    act(room, "save")
    assert room.kept is not None
    assert room.kept.file == room.snapshot.definition_file
    with pytest.raises(LeadReadyError, match="nobody signs for the points"):
        act(room, "points", **fields, by=" ")
    if not room.kept.model_passed:
        with pytest.raises(LeadReadyError, match="the gate refused it"):
            act(room, "adopt")


def test_what_was_saved_is_unsigned_and_named_in_the_minutes(room: Room) -> None:
    act(room, "set", name="right-size", operand="120")
    act(room, "note", about="right-size", words="<b>too | strict</b>", by="Ann")
    act(room, "save")
    assert room.kept is not None
    saved = room.snapshot.definition(room.kept.file)
    assert (saved.version, saved.signed_by) == ("2", ())
    written = minutes_markdown(room.minutes())
    assert "- version: 1 → 2\n" in written
    assert "at least 50 → at least 120 employees" in written
    assert r"\<b\>too \| strict\</b\>" in written
    with pytest.raises(LeadReadyError, match="not signed"):
        act(room, "adopt")


def test_capacity_is_moved_like_any_other_line_and_written_into_the_new_version(room: Room) -> None:
    act(room, "capacity", per_week="25")
    assert room.seen.after.workload.capacity == 25
    assert room.seen.before.workload.capacity == room.session.signed.handoff.per_week
    assert room.seen.agreement_after != room.seen.agreement_before
    act(room, "save")
    assert room.kept is not None
    assert room.snapshot.definition(room.kept.file).handoff.per_week == 25
    assert "- handoff per\\_week: " in minutes_markdown(room.minutes())
    with pytest.raises(LeadReadyError, match="fewer leads a week than one"):
        act(room, "capacity", per_week="0")
    act(room, "capacity", per_week=str(room.session.signed.handoff.per_week))
    assert room.session.state.per_week is None


@pytest.mark.parametrize("change", ["capacity", "rules"])
def test_the_model_is_held_against_the_rules_as_adoption_will_hold_it(
    room: Room, change: str
) -> None:
    """What sales can take, or else the rules, say how many leads the model calls ready."""
    assert room.leads.card is not None
    card = room.leads.card
    if change == "capacity":
        act(room, "capacity", per_week="25")
    else:
        content = {**room.session.signed.content, "handoff": {}}
        signed = Definition.from_dict(content)
        loaded = replace(card.loaded, definition=content)
        card = live_card(room.snapshot, room.leads.history, loaded)
        room._show(Session(signed).after(SwitchCriterion("right-size", False)))
        room.seen = outlook(replace(room.leads, card=card, signed=signed), room.session)
    adopted = _candidate(room.snapshot, card.loaded, room.session.definition).scorecard
    assert room.seen.ready_at is not None
    assert room.seen.ready_at.before == card.learned.ready_at
    assert room.seen.ready_at.after == adopted["ready_at"] != card.learned.ready_at
    shown = re.sub("<[^>]+>", "", "".join(outlook_charts(room.seen)))
    assert f"ready from {adopted['ready_at']} points, not {card.learned.ready_at}." in shown


def test_an_equally_good_card_is_trained_looked_at_and_taken_back(
    room: Room, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = json.loads((trained.parent / "training.json").read_text(encoding="utf-8"))
    asked: dict[str, Any] = {}

    def train(folder: Path, **options: Any) -> Any:
        asked.update(options)
        return answer | {"model_version": "1"}

    monkeypatch.setattr(train_alternative, "train", train)
    card = Alternative("age", "company age", "size", "employees", -0.001, -0.004, 0.002, "")
    other = card._replace(without="city", without_words="city")
    monkeypatch.setattr(room, "alternatives", (card, other))
    room.train(card)
    assert (asked["without"], asked["use"], asked["promote"]) == (["age"], ["size"], False)
    assert room.session.state.card == "1"
    shown = room_content(room, "")
    page = environment().get_template("live_room.html").render(shown)
    assert "without company age, with employees" in page
    assert shown["alternatives"] == [(1, "without city, with employees")], "the other is trained"
    assert "Beside the card in use: " in page
    act(room, "save")
    written = minutes_markdown(room.minutes())
    assert "The card of version 1 was chosen." in written
    assert "The rules stay as they are: definition.yaml" in written
    assert "The chosen card is version 1: no check stands against it." in written
    act(room, "undo")
    assert room.session.state.card == ""
    with pytest.raises(LeadReadyError, match="unknown card of this session '9'"):
        act(room, "card", version="9")


def test_points_that_a_training_learned_again_are_named_and_set_again(room: Room) -> None:
    card = room.leads.card
    assert card is not None
    line = card.loaded.scorecard["lines"][0]
    row = Relearned(line["name"], line["words"], line["labels"][1], 7, "Ann", "we know", "3")
    other = row._replace(label=line["labels"][2], points=5)
    gone = row._replace(label="a row of another card")
    lost = [each._asdict() for each in (row, other, gone)]
    evaluation = card.loaded.evaluation | {"relearned": lost}
    loaded = replace(card.loaded, evaluation=evaluation)
    room.leads = replace(room.leads, card=replace(card, loaded=loaded))
    try:
        assert [lost.place for lost in room_content(room, "")["lost"]] == [1, 2, None]
        act(room, "again")
        again = room.session.state.hand_set
        assert [each[:3] for each in again] == [(line["name"], 1, 7), (line["name"], 2, 5)]
        assert [lost.label for lost in room_content(room, "")["lost"]] == [gone.label]
        act(room, "undo")  # the whole step
        assert room.session == Session(room.session.signed)
    finally:
        room.leads = replace(room.leads, card=card)


class Answer:
    """What the application answers to a request."""

    def __init__(self, app: LiveApp, method: str, path: str, headers: dict[str, str], body: bytes):
        self.status, self.headers, self.text = 0, {}, ""
        path, _, query = path.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "root_path": "",
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {key.decode(): value.decode() for key, value in message["headers"]}
            else:
                self.text += message["body"].decode()

        asyncio.run(app(scope, receive, send))


@pytest.fixture
def ask(room: Room) -> Callable[..., Answer]:
    app = LiveApp(room, 8123)

    def ask(method: str, path: str, body: str = "", **headers: str) -> Answer:
        usual = {"host": "127.0.0.1:8123", "cookie": f"leadready-8123={app.key}"}
        if method == "POST":
            usual |= {"origin": "http://127.0.0.1:8123", "x-leadready": app.token}
        given = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(app, method, path.replace("KEY", app.key), given, body.encode())

    return ask


def test_only_the_page_itself_may_ask(ask: Callable[..., Answer]) -> None:
    assert ask("GET", "/", cookie="").status == 403
    assert ask("GET", "/", host="evil.example:8123").status == 421
    entered = ask("GET", "/?key=KEY", cookie="")
    assert entered.status == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "samesite=strict" in entered.headers["set-cookie"].casefold()
    body = urlencode({"name": "right-size", "operand": "120"})
    for refused in ({"x_leadready": "guess"}, {"origin": "http://evil.example"}, {"cookie": ""}):
        assert ask("POST", "/act/set", body, **refused).status == 403, refused
    answer = ask("POST", "/act/set", body)
    assert answer.status == 200
    assert "no longer ready" in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert ask("POST", "/act/set", "x" * 200_000).status == 413
    refused_change = ask("POST", "/act/set", urlencode({"name": "right-size", "operand": "many"}))
    assert "Expected a number, got" in refused_change.text


def test_what_people_type_is_escaped(ask: Callable[..., Answer], room: Room) -> None:
    script = "<script>alert(1)</script>"
    act(room, "note", about="right-size", words=script, by=script)
    act(room, "add", feature="source", operator="one_of", operand=script, place="every", by=script)
    page = ask("GET", "/")
    assert page.text.count("<script") == 1
    assert "&lt;script&gt;" in page.text
    assert not re.search(r"https?://|url\(", page.text)
    minutes = ask("GET", "/minutes.html")
    assert "<script" not in minutes.text
    assert "&lt;script&gt;" in minutes.text
