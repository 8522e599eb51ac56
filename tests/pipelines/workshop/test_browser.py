"""The page in a real browser: nothing loaded, nothing cut off, nothing hard to use."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.workshop.page import workshop_page
from pipelines.workshop.workshop import workshop
from tests.pipelines.workshop.conftest import facts_with
from verification.browser import browser_faults

BAD = """<!doctype html><html lang="en"><title>bad</title><main><div style="width:2000px">wide</div>
<img src="pixel.png"><p style="color:#eee;background:#fff">pale</p></main></html>"""


def test_pages_pass_in_a_browser_and_faults_are_noticed(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    pytest.importorskip("axe_playwright_python")
    good, bad = tmp_path / "good.html", tmp_path / "bad.html"
    good.write_text(workshop_page(facts_with("x" * 300, criteria=3)), "utf-8")
    bad.write_text(BAD, "utf-8")
    simulated = workshop(trained, out=tmp_path / "simulated.html")
    faults = browser_faults([good, simulated, bad])
    assert [fault for fault in faults if not fault.startswith("bad")] == []
    for expected in ("pixel.png", "cut off", "color-contrast", "image-alt"):
        assert any(expected in fault for fault in faults), expected
