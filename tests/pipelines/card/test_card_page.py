"""The card as a page: complete, escaped, readable without a mouse, and one sheet in print."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.card.card import Card
from pipelines.card.card_page import card_page
from pipelines.card.card_text import card_text
from tests.pipelines.card.conftest import SUPPLIERS, card_with, line
from tests.pipelines.report.test_report import LOADS, Page

EVIL = "<script>alert('card')</script>"
PHONE = 390  # pixels


@pytest.fixture(scope="module")
def page(full_card: Card) -> str:
    return card_page(full_card)


def test_it_loads_nothing_and_runs_nothing(page: str) -> None:
    tags = Page(page).tags
    assert not {tag for tag, _ in tags} & {"script", "iframe", "object", "embed", "link", "img"}
    assert not LOADS & {name for _, attributes in tags for name in attributes}
    assert not re.search(r"https?:|url\(|@import", page)


def test_every_row_has_its_points_leads_and_win_rate(page: str, full_card: Card) -> None:
    text = Page(page).text
    for part in full_card.lines:
        for row in part.rows:
            points = f"{row.points:+d}" if row.points else "0"
            figures = f"{points} {row.leads} {row.win_rate.value:.1%}"
            assert f"{row.label} {figures}" in text, (part.words, row.label)
    assert "Score 30 40 50 60 70 80 Probability of a win 1.3% 2.6% 5.0% 9.6% 17.5% 29.7%" in text


def test_its_bars_have_colours_of_their_own_in_the_dark(page: str) -> None:
    """They are those of the light page, which could not be told from a dark one."""
    drawn = set(re.findall(r'fill="(#\w+)"', page))
    dark = page.partition("prefers-color-scheme:dark")[2].partition("@page")[0]
    assert drawn - set(re.findall(r'fill="(#\w+)"', dark)) == {"#7b8794"}  # grey: seen on both


def test_fit_and_engagement_are_apart(page: str, full_card: Card) -> None:
    fit, engagement = page.index("<h2>Fit"), page.index("<h2>Engagement")
    for part in full_card.lines:
        place = page.index(f">{part.words} <span")
        assert (fit < place < engagement) if part.part == "fit" else (engagement < place)


def test_every_cell_has_a_header_of_its_row_and_its_column(page: str, full_card: Card) -> None:
    headers = [attributes.get("scope") for tag, attributes in Page(page).tags if tag == "th"]
    assert headers.count("row") == 60 + 2
    assert headers.count("col") == 4 * len(full_card.lines)
    assert len(headers) == headers.count("row") + headers.count("col")


def test_bars_lie_on_one_scale() -> None:
    rows = ["no", "yes"]
    page = card_page(
        card_with(
            [line("a", "role", rows, [0, -10, 30]), line("b", "engagement", rows, [0, 5, 10])]
        )
    )
    bars = re.findall(r'<rect x="([\d.]+)" y="1" width="([\d.]+)" height="8" fill="(#\w+)"', page)
    teal, red = "#0b7285", "#c2410c"
    assert [(float(left), float(wide), colour) for left, wide, colour in bars] == [
        (0, 25, red),
        (25, 75, teal),
        (25, 0, teal),
        (25, 12.5, teal),
        (25, 25, teal),
        (25, 0, teal),
    ]


def test_an_interval_that_goes_on_outside_the_box_has_an_arrow() -> None:
    """The box ends at -10 and 30."""
    lines = [line("a", "role", ["no", "yes"], [0, -10, 30])]
    page = card_page(card_with([lines[0] | {"low": [-2, -11, 25], "high": [2, -9, 30]}]))
    assert page.count('class="card-cut" d="M0 ') == 1
    assert page.count('class="card-cut" d="M100 ') == 0
    page = card_page(card_with([lines[0] | {"low": [-2, -10, 25], "high": [31, -9, 35]}]))
    assert page.count('class="card-cut" d="M0 ') == 0
    assert page.count('class="card-cut" d="M100 ') == 2


def test_long_groups_are_shortened_but_stay_complete(page: str) -> None:
    label = ", ".join(["Content Syndication", *SUPPLIERS])
    summary = "Content Syndication, Adresslieferant 0, Adresslieferant 1 and 28 more"
    assert f"<details><summary>{summary}</summary>{label}</details>" in page


def test_what_is_in_the_data_is_shown_and_not_run() -> None:
    lines = [line(EVIL, "origin", [[EVIL], [f"{EVIL} 1", *SUPPLIERS]], [0, 0, 3, 4])]
    page = card_page(card_with(lines, name=EVIL))
    assert "<script" not in page
    assert Page(page).text.count(EVIL) >= 4


# -- in a browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed")
    return found


def _run(chromium: str, folder: Path, *arguments: str) -> str:
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu"]
    command += [f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("labels", ["as they are", "long everywhere"])
def test_it_prints_on_one_sheet_of_a4(
    chromium: str, full_card: Card, tmp_path: Path, labels: str
) -> None:
    card = full_card
    if labels == "long everywhere":
        rows = [f"Lebensmitteleinzelhandel in Süddeutschland {number}" for number in range(4)]
        words = "Anzahl der Webinarteilnahmen in den letzten 30 Tagen"
        families = ["role"] * 4 + ["engagement"] * 8
        card = card_with(
            [
                line(f"{words} ({number})", family, rows, [0, 1, 2, 3, 4])
                for number, family in enumerate(families)
            ]
        )
    (tmp_path / "card.html").write_text(card_page(card), encoding="utf-8")
    pdf = tmp_path / "card.pdf"
    printed = ["--no-pdf-header-footer", f"--print-to-pdf={pdf}"]
    _run(chromium, tmp_path, *printed, (tmp_path / "card.html").as_uri())
    content = pdf.read_bytes()
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert [tuple(round(float(side)) for side in size) for size in sizes] == [(595, 842)]


@pytest.mark.slow
def test_nothing_is_cut_off_on_a_phone(chromium: str, page: str, tmp_path: Path) -> None:
    """A page around it tells how wide the card is in a frame as narrow as a phone."""
    quoted = page.replace("&", "&amp;").replace('"', "&quot;")
    frame = f'<iframe style="width:{PHONE}px;height:800px;border:0" srcdoc="{quoted}"></iframe>'
    asks = (
        "onload=()=>{const page=document.querySelector('iframe').contentDocument;"
        "document.title=page.querySelectorAll('tr').length+' '+page.documentElement.scrollWidth}"
    )
    around = tmp_path / "around.html"
    around.write_text(f"<!doctype html>{frame}<script>{asks}</script>", encoding="utf-8")
    shown = _run(chromium, tmp_path, "--dump-dom", around.as_uri())
    title = re.search(r"<title>(\d+) (\d+)</title>", shown)
    assert title is not None
    rows, width = map(int, title.groups())
    assert rows == 60 + 12 + 2
    assert 0 < width <= PHONE


def test_a_line_says_which_rows_people_set_by_hand() -> None:
    script = "<script>we know these</script>"
    row = {"row": 1, "points": -9, "learned": -3, "by": "Ann", "because": script}
    card = card_with(
        [line("company size", "firmographic", ["small", "large"], [0, -9, 3]) | {"by_hand": [row]}]
    )
    assert "small set by hand by Ann" in " ".join(card_text(card).split())
    assert "small set by hand by Ann: &lt;script&gt;" in card_page(card)
    assert "<script" not in card_page(card)
