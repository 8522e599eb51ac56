"""Rules in words."""

from __future__ import annotations

from typing import Any

import pytest

from model.definition.words import rule_text
from model.serving import Criterion, Group


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"at_least": 50}, "company size at least 50"),
        ({"at_most": 1_000_000}, "company size at most 1,000,000"),
        ({"between": [0.5, 2]}, "company size between 0.5 and 2"),
        ({"one_of": ["a"]}, "company size is a"),
        ({"one_of": ["a", "b", "c"]}, "company size is a, b or c"),
        ({"none_of": ["a", "b"]}, "company size is not a or b"),
        ({"equals": True}, "company size is yes"),
        ({"is_missing": True}, "company size is not known"),
        ({"is_missing": False}, "company size is known"),
        ({"before": "2024-01-01"}, "company size before 2024-01-01"),
    ],
)
def test_a_criterion_rule_text(rule: dict[str, Any], words: str) -> None:
    criterion = Criterion.from_dict({"id": "x", "feature": "company_size"} | rule)
    assert rule_text(criterion) == words


def test_groups_have_brackets_where_they_could_be_misread() -> None:
    a, b, c = ({"id": i, "feature": i, "at_least": 1} for i in "abc")
    cases = {
        "a at least 1, and (b at least 1, or c at least 1)": {"all": [a, {"any": [b, c]}]},
        "(a at least 1, and b at least 1), or c at least 1": {"any": [{"all": [a, b]}, c]},
        "none of: a at least 1; b at least 1": {"none": [a, b]},
        "a at least 1, and none of: b at least 1": {"all": [a], "none": [b]},
        "(none of: a at least 1), or b at least 1": {"any": [{"none": [a]}, b]},
    }
    for words, rules in cases.items():
        assert rule_text(Group.from_content(rules, "all")) == words
