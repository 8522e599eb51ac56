"""The page about the workshop: each question of the list is answered on the screen it names."""

from __future__ import annotations

import re
from html import unescape

from pipelines.workshop.page import screens_of, workshop_page
from tests.pipelines.workshop.conftest import facts_with
from verification.workshop.pictures import DOCS, PICTURES

PAGE = (DOCS / "workshop.md").read_text(encoding="utf-8")


def questions() -> list[list[str]]:
    table = PAGE[PAGE.index("## Ten questions") : PAGE.index("## A live session")]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


def test_ten_questions_are_answered_on_the_screens_they_name() -> None:
    facts = facts_with()
    html = unescape(
        re.sub(r"<[^>]+>", "", workshop_page(facts).replace('<section class="screen', "\f<section"))
    )
    parts = {
        screen.title: text
        for screen, text in zip(screens_of(facts), html.split("\f")[1:], strict=True)
    }
    assert len(questions()) == 10
    for question, screen, where in questions():
        assert screen in parts, question
        for heading in re.findall(r"\*(.+?)\*", where):
            assert heading in parts[screen], (question, heading)


def test_the_screens_are_those_of_the_page() -> None:
    for screen in screens_of(facts_with()):
        assert f"| {screen.title} |" in PAGE


def test_the_pictures_are_there_and_small() -> None:
    for picture in PICTURES:
        assert picture.file in PAGE
        assert (DOCS / picture.file).stat().st_size < 120_000, picture.file
