"""How the code is built stays within limits, and a wheel has only what a company runs."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch

from verification.structure import (
    BESIDE,
    INSTALLED,
    ROOT,
    figures_of_the_code,
    modules_of,
    structure_text,
)


def test_every_figure_is_within_its_limit() -> None:
    exceeded = [figure for figure in figures_of_the_code() if not figure.kept]
    assert not exceeded, "\n" + structure_text(exceeded)


def test_benchmarks_and_verification_are_not_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]

    def is_installed(module: str) -> bool:
        return any(fnmatch(module, pattern) for pattern in patterns)

    assert all(is_installed(module.name) for module in modules_of(*INSTALLED))
    assert not any(is_installed(module.name) for module in modules_of(*BESIDE, "tests"))
