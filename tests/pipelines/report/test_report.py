"""``leadready report``: one page that loads nothing, hides nothing and names no person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.pipelines.conftest import SCRIPT

Run = Callable[..., Any]
LOADS = {"src", "href", "xlink:href", "action", "data", "poster", "srcset", "background"}


class Page(HTMLParser):
    """What a browser would make of the page: its elements and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All texts, with single blanks."""
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def html(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    from pipelines.report.report import report

    path = tmp_path_factory.mktemp("report") / "report.html"
    assert report(trained, out=path) == path
    return path.read_text(encoding="utf-8")


def test_the_page_loads_nothing_from_anywhere(html: str) -> None:
    page = Page(html)
    loaded = [
        (tag, name, value)
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name in LOADS and not (value or "").startswith(("#", "data:"))
    ]
    assert loaded == []
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "link"}
    without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    assert "http://" not in without_names
    assert "https://" not in without_names
    assert "@import" not in html
    assert not re.search(r"url\((?!['\"]?#|['\"]?data:)", html)
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_it_opens_with_the_card(html: str, trained: Path) -> None:
    from pipelines.card.card import card
    from pipelines.card.card_page import card_fragment

    alone = card_fragment(card(trained), "h3")
    size = re.compile(
        r"--print-size:[0-9.]+pt"
    )  # on the report, it shares a sheet with the verdict
    assert size.sub("", alone) in size.sub("", html)
    assert html.index('class="card"') < html.index(">In short</h2>") < html.index(">The data</h2>")


def test_figures_are_those_of_the_training(html: str, training: dict[str, Any]) -> None:
    text = Page(html).text
    assert f"{training['metrics']['auc']['value']:.3f}" in text
    assert f"{training['yardstick']['auc']['value']:.3f}" in text
    for reason, count in training["excluded"].items():
        assert reason in text
        assert f"{count:,}" in text
    assert len(training["periods"]) > 1
    for period in training["periods"]:
        wins = f"{period['leads']:,} {period['expected']:,.0f} {period['won']:,.0f}"
        assert f"{period['from'][:10]} to {period['until'][:10]} {wins}" in text
    for check in training["gate"]:
        assert check["name"] in text
        assert check["observed"] in text


def test_no_person_is_named_anywhere(run: Run, company: Path, training: dict[str, Any]) -> None:
    """Names, addresses and numbers of contacts are in the CRM; nothing that is made holds them."""
    people = pd.read_csv(company / "crm" / "contacts.csv", dtype="str")
    talk = json.dumps(training)
    for command in (
        ["score", "--out", company / "scores.csv"],
        ["report"],
        ["models"],
        ["check"],
        ["explain", "L-00002"],
        ["score"],
    ):
        answer = run(*command, "-w", company)
        assert answer.code in (0, 1), answer.talk
        talk += answer.data + answer.talk
    made = [
        file
        for file in company.rglob("*")
        if file.is_file() and not {"crm", "truth"} & set(file.relative_to(company).parts)
    ]
    assert {"scores.csv", "report.html", "scorecard.json", "mlflow.db", "card.md"} <= {
        file.name for file in made
    }
    everything = talk + "\n".join(file.read_bytes().decode("utf-8", "replace") for file in made)
    assert not re.search(r"@\S+\.example", everything), "the domain of every address"
    words = re.findall(r"\w+", everything)
    numbers = people["Phone"].dropna().str.split().str[-1]
    assert numbers.str.len().min() >= 8
    assert not set(numbers) & set(words)
    assert not set(people["Contact ID"]) & set(words)
    names = zip(people["First Name"].fillna(""), people["Last Name"].fillna(""), strict=True)
    assert not set(names) & set(pairwise(words))
    assert not set(people["Last Name"].dropna()) - {"Test"} & set(words)


def test_what_is_in_the_data_is_never_run(run: Run, hostile: Path, tmp_path: Path) -> None:
    """A category is somebody else's text: it is shown, not obeyed."""
    assert run("report", "-w", hostile, "--out", tmp_path / "page.html").code == 0
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert SCRIPT in Page(html).text, "it is shown as it is written"
    assert run("score", "-w", hostile, "--out", tmp_path / "s.csv").code == 0
    cells = pd.read_csv(tmp_path / "s.csv", dtype="str", keep_default_na=False)
    texts = cells.drop(columns=["fit_points", "engagement_points", "score"])
    assert not texts.apply(lambda column: column.str.startswith(("=", "+", "-", "@"))).any().any()


def test_the_page_is_written_where_it_was_asked_for(
    run: Run, company: Path, tmp_path: Path
) -> None:
    answer = run("report", "-w", company)
    assert (answer.code, answer.data) == (0, f"{company / 'report.html'}\n")
    other = tmp_path / "page.html"
    assert run("report", "-w", company, "--out", other, "--model", "champion").code == 0
    assert other.read_text(encoding="utf-8").startswith("<!doctype html>")
    for wrong in (["--out", tmp_path / "nowhere" / "x.html"], ["--model", "9"]):
        answer = run("report", "-w", company, *wrong)
        assert (answer.code, answer.data) == (2, "")
        assert "\nhint: " in answer.talk


def test_each_expected_direction_is_drawn_with_and_without_the_constraint(
    html: str, training: dict[str, Any]
) -> None:
    part = html[html.index("Expected directions") : html.index("<h3>The definition</h3>")]
    assert part.count('class="chart"') == len(training["directions"]) > 3
    assert "by the data alone" in part
    text = Page(part).text
    for curve in training["directions"]:
        says = "contradicts it" if curve["contradicted"] else "does not contradict it"
        assert f"{curve['words']}: expected to be {curve['expected']}. The data {says}" in text


def test_a_definition_that_was_changed_is_mentioned_at_the_top(run: Run, company: Path) -> None:
    def page() -> str:
        assert run("report", "-w", company).code == 0
        return Page((company / "report.html").read_text(encoding="utf-8")).text

    assert "version 1 (signed by sales and marketing)" in page()
    assert "takes effect" not in page()
    path = company / "definition.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("at_least: 50", "at_least: 60", 1), encoding="utf-8")
    assert (
        "The definition file was changed and is not signed; the change takes effect with leadready "
        "definition adopt: right-size: at least 50 → at least 60 employees."
    ) in page()
