"""The whole way of a definition: agreed, signed, tried, changed, signed again, in force."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from model.registry.registry import Registry

Run = Callable[..., Any]
OLD, NEW = "employees, at_least: 50,", "employees, at_least: 60,"


def sign_by_both(run: Run, company: Path, *file: Path) -> None:
    """Both teams sign the definition in use, or another."""
    for team in ("sales", "marketing"):
        who = ("--team", team, "--name", "Ann Keller", "--on", "2026-10-05")
        signed = run("definition", "sign", *file, "-w", company, *who)
        assert signed.code == 0, signed.talk


def scored_rows(run: Run, company: Path) -> pd.DataFrame:
    """Score the open leads."""
    out = company / "scores.csv"
    scored = run("score", "-w", company, "--out", out)
    assert scored.code == 0, scored.talk
    return pd.read_csv(out, dtype="str")


def test_from_the_first_signature_to_a_changed_definition_in_force(company: Path, run: Run) -> None:
    file, new = company / "definition.yaml", company / "next.yaml"
    agreed = file.read_text(encoding="utf-8").partition("agreed:")[0]
    file.write_text(agreed, encoding="utf-8")
    sign_by_both(run, company)
    checked = run("definition", "check", "-w", company, "--json").json
    first = Registry.for_workspace(company).load("champion")
    assert checked["signed"]
    assert checked["digest"] == first.record.tags["definition_digest"], "what it was trained with"
    assert set(scored_rows(run, company)["definition_version"]) == {"1"}

    new.write_text(agreed.replace(OLD, NEW).replace("version: 1", "version: 2"), encoding="utf-8")
    tried = run("definition", "simulate", new, "-w", company, "--json").json
    before, after = (tried[side]["verdicts"]["ready"] for side in ("current", "new"))
    joins, leaves = (
        tried["change"][moved]["win_rate"]["leads"] for moved in ("newly_ready", "no_longer_ready")
    )
    assert (joins, leaves) == (0, before - after)
    assert leaves > 0
    compared = run("definition", "diff", file, new, "-w", company, "--data").data
    assert "right-size: at least 50 → at least 60 employees" in compared
    assert re.search(rf"no longer ready +{leaves:,} ", compared)

    refused = run("definition", "adopt", new, "-w", company)
    assert refused.code == 2
    assert "next.yaml: the definition is not signed: sales has not signed" in refused.talk
    sign_by_both(run, company, new)
    adopted = run("definition", "adopt", new, "-w", company, "--json").json
    assert adopted["adopted"], adopted["gate"]
    file.write_text(new.read_text(encoding="utf-8"), encoding="utf-8")
    scored = scored_rows(run, company)
    assert set(scored["model_version"]) == {adopted["model_version"]} != {first.version}
    assert set(scored["definition_version"]) == {"2"}
    answer = run("agreement", "-w", company, "--json").json
    versions = answer["model_version"], answer["definition_version"]
    assert versions == (adopted["model_version"], "2")
    assert run("report", "-w", company).code == 0
    page = (company / "report.html").read_text(encoding="utf-8")
    assert f"the points are those of version {first.version}" in page
