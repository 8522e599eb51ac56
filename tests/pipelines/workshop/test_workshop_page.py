"""The workshop's page: complete, escaped, honest about what is not known, and offline."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipelines.pages.drawing import draw_bars
from pipelines.pages.pieces import BarChart
from pipelines.pages.shell import environment
from pipelines.workshop.facts.content import NO_EVENTS, ContentFacts
from pipelines.workshop.facts.funnel import NO_FOLLOW_UPS, NO_REASONS, NO_STAGES, Step
from pipelines.workshop.facts.gather import NO_MODEL, WorkshopFacts
from pipelines.workshop.facts.shares import Share
from pipelines.workshop.page import screens_of, workshop_page
from pipelines.workshop.screens.agreement import agreed_screen
from pipelines.workshop.screens.outcomes import outcomes_screen
from pipelines.workshop.screens.told import told_screen
from pipelines.workshop.screens.where import where_screen
from tests.pipelines.report.test_report import LOADS, Page
from tests.pipelines.workshop.conftest import facts_with, fate, rate

HOSTILE = {
    "script": "<script>alert('x')</script>",
    "attribute": '" onmouseover="alert(1)',
    "right to left": "\u202eمدير المشتريات\u202e",
    "long": "x" * 300,
    "template": "{{ 7 * 7 }}{% raw %}",
    "unseen": "\u200b\u200f\x00\x1b[31m\U0001f469\u200d\U0001f4bb webinar\ufeff\u2066",
}
UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066\u2067\ufeff]")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=list(HOSTILE))
def test_no_name_from_the_data_breaks_the_page(name: str) -> None:
    html = workshop_page(facts_with(name, criteria=40, categories=500))
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "link", "img"}
    attributes = {key for _, given in page.tags for key in given}
    assert not LOADS & attributes - {"href"}
    assert not [key for key in attributes if key.startswith("on")]
    hrefs = [given["href"] for tag, given in page.tags if tag == "a"]
    assert all(href and href.startswith("#") for href in hrefs)
    assert not re.search(r"https?:|url\(|@import", html)
    assert "{{ 7" in html or "{{" not in name
    assert not UNSEEN.search(html)
    assert len(html.encode()) < 5_000_000


def test_a_very_long_name_is_cut_wherever_it_stands() -> None:
    html = workshop_page(facts_with("n" * 10_000, criteria=1, categories=1))
    sentences = re.findall(r'class="(?:sentence|complaint|ask)">(.*?)</p>', html, re.DOTALL)
    assert max(map(len, sentences)) < 2_000
    assert max(map(len, re.findall(r"<t[dh][^>]*><bdi>(.*?)</bdi>", html))) < 2_000


def test_what_a_page_sends_back_is_exactly_what_the_data_has() -> None:
    value = "\u202e<b>\u200bwebinar"
    drawn = environment().from_string("{{ value | exactly }}|{{ value }}").render(value=value)
    assert drawn == "\u202e&lt;b&gt;\u200bwebinar|&lt;b&gt;webinar"


def test_seven_screens_each_have_a_sentence_a_picture_and_a_question(
    plain_facts: WorkshopFacts,
) -> None:
    screens = screens_of(plain_facts)
    assert [screen.key for screen in screens] == [
        "where",
        "agreed",
        "outcomes",
        "apart",
        "told",
        "proposals",
        "decisions",
    ]
    for screen in screens:
        assert re.fullmatch(r"[^\n]{20,}[.]", screen.sentence), screen.key
        assert not re.search(r"[.?!] [A-Z“]", screen.sentence), (screen.key, "two sentences")
        assert screen.picture or screen.card, screen.key
        assert screen.question.endswith("?"), screen.key
    html = workshop_page(plain_facts)
    for screen in screens:
        assert f'href="#{screen.key}"' in html
        assert f'id="{screen.key}"' in html


def test_every_bar_says_its_figure_in_words(plain_facts: WorkshopFacts) -> None:
    charts = [
        chart
        for screen in screens_of(plain_facts)
        for chart in (screen.picture, *(piece for part in screen.more for piece in part.pieces))
        if isinstance(chart, BarChart)
    ]
    assert len(charts) >= 8
    for chart in charts:
        for bar in chart.bars:
            assert re.search(r"\d", bar.figure), (chart.title, bar)
            assert bar.count or re.search(r"leads?|wins?", bar.figure), (chart.title, bar)


def test_both_complaints_have_their_number(plain_facts: WorkshopFacts) -> None:
    text = Page(workshop_page(plain_facts)).text.replace("\u2060", "")
    assert "sales never followed up 30% (26–35%) of the leads" in text
    assert "Sales’ complaint: 30% (26–35%) of the leads had to be turned down" in text


def test_what_is_not_known_is_said(plain_facts: WorkshopFacts) -> None:
    funnel = replace(
        plain_facts.funnel,
        steps_note=NO_STAGES,
        ignored=None,
        ignored_by=(),
        ignored_note=NO_FOLLOW_UPS,
        rejected=None,
        reasons=(),
        rejected_note=NO_REASONS,
    )
    bare = replace(
        plain_facts,
        version_note=NO_MODEL,
        funnel=funnel,
        learned=None,
        parting=None,
        parting_note=NO_MODEL,
        feedback=(),
        content=ContentFacts((), "", NO_EVENTS),
        trust=None,
    )
    text = Page(workshop_page(bare)).text
    for note in (NO_STAGES, NO_FOLLOW_UPS, NO_REASONS, NO_EVENTS):
        assert note in text
    assert text.count("leadready train") == 3
    assert "No change could be tested: too few leads." in text


def test_figures_and_days_follow_the_language(plain_facts: WorkshopFacts) -> None:
    english = Page(workshop_page(plain_facts)).text
    german = Page(workshop_page(plain_facts, "de")).text
    assert "1,000 leads" in english
    assert "1.000 leads" in german
    assert "12.5 a week" in english
    assert "12,5 a week" in german
    assert "79 % (75\u2060–\u206082 %)" in german
    assert "1,000" not in german
    assert "from 01.01.2026 to 31.03.2026" in german
    assert "trained on 01.10.2026" in german


def test_criteria_are_judged_by_what_they_let_through() -> None:
    assert fate(gain=0.2).tells_apart
    assert fate(gain=-0.2).against_its_purpose
    assert fate(gain=-0.2, excludes=True).tells_apart
    assert fate(gain=0.2, excludes=True).against_its_purpose
    assert not fate(gain=0.01).tells_apart


def test_one_criterion_or_one_line_is_not_compared_with_others() -> None:
    facts = facts_with(criteria=1)
    assert agreed_screen(facts.agreed).sentence.startswith(
        "The only criterion tells good leads from others beyond chance: with “size-0” "
    )
    assert facts.learned is not None
    assert "moves the score by" in outcomes_screen(facts.learned, "").sentence


def test_a_step_or_a_criterion_shows_its_meaning() -> None:
    funnel = replace(facts_with().funnel, steps=(Step("MQL", 9, None), Step("Won", 1, 2.0)))
    drawn = str(draw_bars(where_screen(funnel, {"mql": "a lead that is <handed over>"}).picture))
    assert 'data-meaning="a lead that is &lt;handed over&gt;">MQL</dfn>' in drawn
    html = workshop_page(facts_with())
    assert 'data-meaning="size-0 at least 50">size-0: met</dfn>' in html


def test_the_question_is_about_the_criterion_that_does_no_good() -> None:
    facts = facts_with().agreed
    idle = replace(facts, criteria=(fate("a", gain=0.2), fate("b", gain=0.0)))
    assert "“b” makes a difference" in agreed_screen(idle).question
    wrong = replace(facts, criteria=(fate("a", gain=0.2), fate("c", gain=-0.2)))
    assert "“c” lets the worse leads through" in agreed_screen(wrong).question


def test_what_few_leads_or_no_dates_cannot_tell_is_left_out() -> None:
    facts = facts_with(criteria=1)
    (criterion,) = facts.agreed.criteria
    few = replace(
        facts, agreed=replace(facts.agreed, criteria=(replace(criterion, meets=rate(2, 2)),))
    )
    assert "too few leads to compare" in workshop_page(few)
    assert facts.parting is not None
    assert "judged on" in workshop_page(facts)
    (example,) = facts.parting.examples
    undated = replace(facts.parting, examples=(replace(example, judged_on="–"),))
    assert ">judged on<" not in workshop_page(replace(facts, parting=undated))


def test_without_wins_there_is_nothing_to_compare_with() -> None:
    facts = facts_with()
    screen = told_screen(facts.feedback, Share("won leads, for comparison", 0, 0), facts.content)
    assert "–" not in screen.sentence.partition(";")[0]
    assert screen.picture is not None
    assert "won leads, for comparison" not in [bar.label for bar in screen.picture.bars]


def test_the_question_about_a_direction_is_plain() -> None:
    facts = facts_with("visits").learned
    assert facts is not None
    assert "more of “visits” to raise the score" in outcomes_screen(facts, "").question


def test_content_is_called_an_association(plain_facts: WorkshopFacts) -> None:
    text = Page(workshop_page(plain_facts)).text
    assert "not proof that the content caused the wins" in text
    assert "went with 1.7" in text.replace("\u2060", "")
