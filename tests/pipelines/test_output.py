"""What commands print: answers for people and for programs."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from pipelines.output import print_answer, print_json


def test_an_answer_is_text_or_strict_json(capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"leads": 2, "day": pd.Timestamp("2026-10-01"), "name": "Zoë"}
    print_answer(answer, lambda given: f"{given['leads']} leads", as_json=False)
    assert capsys.readouterr().out == "2 leads\n"
    print_answer(answer, lambda given: "unused", as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "leads": 2,
        "day": "2026-10-01 00:00:00",
        "name": "Zoë",
    }
    leads = SimpleNamespace(to_json=lambda: {"leads": 2})
    print_answer(leads, str, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"leads": 2}
    with pytest.raises(ValueError, match="JSON"):
        print_json({"share": float("nan")})
