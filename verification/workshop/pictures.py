"""Take the pictures of ``docs/workshop.md``: a simulated company's page and a live session.

    python -m verification.workshop.pictures [FOLDER]

Two teams bring a draft that is too strict and has a useless criterion; sales can take 30 leads a
week. ``make workshop`` simulates the company, trains a model, writes the page and takes the
pictures. With a folder the company is kept there, and used again.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from pipelines.workshop.live.forms import Fields
from pipelines.workshop.live.room import open_room
from pipelines.workshop.workshop import workshop
from verification.browser import chromium
from verification.workshop.company import draft_company
from verification.workshop.live_session import served

DOCS = Path(__file__).resolve().parents[2] / "docs"
LIVE = "workshop_live.png"
COLOURS = 64  # of a picture
MARGIN = 14  # pixels


class Picture(NamedTuple):
    """A part of the page, the width of the window, and the file."""

    screen: str
    width: int
    height: int | None
    file: str


PICTURES = (
    Picture("proposals", 1120, None, "workshop.png"),
    Picture("where", 390, 780, "workshop_telephone.png"),
)


def take_pictures(page: Path, out: Path) -> None:
    """Write the pictures of a page into a folder, with few colours."""
    from PIL import Image

    with chromium() as browser:
        for screen, width, height, file in PICTURES:
            tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme="light")
            tab.goto(page.resolve().as_uri())
            box = tab.locator(f"#{screen}").bounding_box()
            clip = {
                "x": box["x"] - MARGIN,
                "y": box["y"],
                "width": box["width"] + 2 * MARGIN,
                "height": min(box["height"], height or box["height"]),
            }
            tab.screenshot(path=out / file, clip=clip, full_page=True)
            tab.close()
            Image.open(out / file).convert("RGB").quantize(COLOURS).save(out / file, optimize=True)


def take_live_picture(folder: Path, out: Path) -> Path:
    """Write the picture of a live session, after a threshold was moved."""
    from PIL import Image

    room = open_room(folder)
    room.act("set", Fields({"name": ["right-size"], "operand": ["50"]}))
    with served(room) as app, chromium() as browser:
        tab = browser.new_page(viewport={"width": 1180, "height": 820}, color_scheme="light")
        tab.goto(app.address)
        tab.wait_for_selector("#headline")
        tab.screenshot(path=out / LIVE)
    Image.open(out / LIVE).convert("RGB").quantize(COLOURS).save(out / LIVE, optimize=True)
    return out / LIVE


def main(arguments: list[str]) -> int:
    """Write the page and take its pictures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = draft_company(Path(arguments[0]) if arguments else Path(scratch) / "company")
        take_pictures(workshop(folder), DOCS)
        live = take_live_picture(folder, DOCS)
    print(*(DOCS / picture.file for picture in PICTURES), live, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
