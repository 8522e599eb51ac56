"""One thread for linear algebra: where it holds, and that it ends there."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import threadpoolctl
from threadpoolctl import threadpool_info, threadpool_limits

from features.blas_threads import one_blas_thread
from features.leaks import statistics


def threads_of_blas() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_the_limit_holds_inside_only() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        assert one_blas_thread(threads_of_blas)() == {1}
        assert threads_of_blas() == {2}


def test_libraries_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one_blas_thread(threads_of_blas)() == {1}
    monkeypatch.setattr(threadpoolctl, "ThreadpoolController", None)
    assert one_blas_thread(len)("ab") == 2
    monkeypatch.setitem(sys.modules, "one more module", sys)
    with pytest.raises(TypeError):
        one_blas_thread(len)("ab")


def test_the_leak_audit_compares_columns_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def loss(*_: object) -> float:
        seen.append(threads_of_blas())
        return 0.5

    monkeypatch.setattr(statistics, "_test_loss", loss)
    won = np.array([True, False])
    with threadpool_limits(limits=2, user_api="blas"):
        statistics.losses_without({"a": np.zeros(2)}, won, won, ["a"])
    assert seen == [{1}, {1}]
