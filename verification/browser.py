"""Open pages in a real browser: nothing may be loaded, cut off, or hard to use.

    python -m verification.browser FOLDER PAGE.html ...

Each page is opened at the width of a desk, light and dark, and of a telephone. Reported are
messages of the console, requests for anything but the page itself, what axe-core finds serious, and
text that is cut off at the side. Screenshots and the printed page (PDF) are written into FOLDER.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VIEWS = (("desk", 1280, "light"), ("desk", 1280, "dark"), ("telephone", 390, "light"))
SERIOUS = ("serious", "critical")
CUT_OFF = """() => [...document.querySelectorAll('main *')].filter(element => {
  const box = element.getBoundingClientRect();
  return box.width && box.right > window.innerWidth + 1 && !element.closest('.scroll, svg');
}).slice(0, 5).map(element => element.outerHTML.slice(0, 120))"""
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/google-chrome")


def browser_faults(pages: list[Path], out: Path | None = None) -> list[str]:
    """Open pages in one browser and list what is wrong with them.

    Parameters
    ----------
    pages : list of path
        HTML files.
    out : path, optional
        A folder for screenshots and printed pages.
    """
    with chromium() as browser:
        return [fault for page in pages for fault in _faults_of(browser, page, out)]


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser of this machine, and close it at the end of the block."""
    from playwright.sync_api import sync_playwright

    path = next((name for name in CHROMIUM if Path(name).exists()), None)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def serious_violations(tab: Any) -> list[str]:
    """List what axe-core finds serious in a tab: the rule, and the first part that breaks it."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in Axe().run(tab).response["violations"]
        if violation["impact"] in SERIOUS
    ]


def _faults_of(browser: Any, path: Path, out: Path | None) -> Iterator[str]:
    for device, width, scheme in VIEWS:
        where = f"{path.name}, {device}, {scheme}"
        tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        heard: list[str] = []
        tab.on("console", lambda message, heard=heard: heard.append(message.text))
        tab.on("pageerror", lambda error, heard=heard: heard.append(str(error)))
        tab.on("request", lambda request, heard=heard: heard.append(request.url))
        tab.goto(path.resolve().as_uri())
        yield from (f"{where}: {words}" for words in heard[1:])  # the first is the page itself
        yield from (f"{where}: cut off: {words}" for words in tab.evaluate(CUT_OFF))
        if device == "desk":
            yield from (f"{where}: {words}" for words in serious_violations(tab))
        if out is not None:
            tab.screenshot(path=out / f"{path.stem}-{device}-{scheme}.png", full_page=True)
            if (device, scheme) == ("desk", "light"):
                tab.pdf(path=out / f"{path.stem}.pdf", prefer_css_page_size=True)
        tab.close()


def main(arguments: list[str]) -> int:
    """Check some pages and print what is wrong; 1 if anything is."""
    folder, *pages = map(Path, arguments)
    folder.mkdir(parents=True, exist_ok=True)
    faults = browser_faults(pages, folder)
    print("\n".join(faults) or f"{len(pages)} pages: nothing is wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
