"""Steps at once: their results in order, what the first of those that fail raises, the context."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from features.at_once import at_once, one_ahead

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


def test_two_steps_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=20)
    arrived = at_once(both.wait, both.wait)
    assert sorted(arrived) == [0, 1]


def test_results_come_in_the_order_of_the_steps() -> None:
    second_done = threading.Event()

    def first() -> str:
        assert second_done.wait(20)
        return "first"

    def second() -> str:
        second_done.set()
        return "second"

    assert at_once(first, second) == ("first", "second")


def test_the_first_step_that_failed_is_told_and_all_have_ended() -> None:
    ended = []

    def fails(text: str) -> None:
        ended.append(text)
        raise ValueError(text)

    with pytest.raises(ValueError, match="first"):
        at_once(lambda: fails("first"), lambda: fails("second"), lambda: fails("third"))
    assert sorted(ended) == ["first", "second", "third"]


def test_steps_know_what_the_caller_knows() -> None:
    token = WHO.set("the caller")
    try:
        assert at_once(WHO.get, WHO.get) == ("the caller", "the caller")
    finally:
        WHO.reset(token)


def test_the_next_item_is_made_while_the_one_before_is_used() -> None:
    made = threading.Event()

    def items() -> Iterator[str]:
        yield "first"
        made.set()
        yield "second"
        raise ValueError("no third")

    ahead = one_ahead(items())
    assert next(ahead) == "first"
    assert made.wait(20)
    assert next(ahead) == "second"
    with pytest.raises(ValueError, match="no third"):
        next(ahead)
