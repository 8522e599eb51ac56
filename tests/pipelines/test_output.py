"""The output room: answers for people and programs, tables that are whole and safe to open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from features.errors import LeadReadyError
from pipelines.output import (
    print_answer,
    print_chunks,
    print_json,
    spreadsheet_safe,
    write_chunks,
    write_table,
)

LEADS = pd.DataFrame(
    {
        "lead_id": ["a", "=1+1", "7"],
        "score": [0.1234567890123, -1.0, float("nan")],
        "as_of": pd.to_datetime(["2026-10-01T00:00", "2026-10-02T12:00", None]),
        "source": ["-x", None, "web, mail"],
    }
)


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path, parse_dates=["as_of"], dtype={"lead_id": "str"})
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_a_table_in_chunks_is_the_same_file_as_a_table_at_once(tmp_path: Path, ending: str) -> None:
    write_table(LEADS, tmp_path / f"whole.{ending}")
    write_chunks([LEADS[:2], LEADS[2:]], tmp_path / f"parts.{ending}")
    whole, parts = _read(tmp_path / f"whole.{ending}"), _read(tmp_path / f"parts.{ending}")
    pd.testing.assert_frame_equal(whole, parts)
    assert whole["lead_id"].tolist() == ["a", "'=1+1" if ending == "csv" else "=1+1", "7"]
    assert list(whole.columns) == list(LEADS.columns)


def test_only_texts_are_changed_in_csv(tmp_path: Path) -> None:
    write_table(LEADS, tmp_path / "leads.csv")
    assert (tmp_path / "leads.csv").read_bytes().decode() == (
        "lead_id,score,as_of,source\n"
        "a,0.123457,2026-10-01 00:00:00,'-x\n"
        "'=1+1,-1,2026-10-02 12:00:00,\n"
        '7,,,"web, mail"\n'
    )


def test_safe_texts_stay_as_they_are() -> None:
    texts = pd.Series(["L-1", "", "a=b", "=b", "\rb", "'x"])
    assert spreadsheet_safe(texts).to_list() == ["L-1", "", "a=b", "'=b", "'\rb", "'x"]


@pytest.mark.parametrize("rows", [0, 2])
def test_json_is_an_array_of_rows(tmp_path: Path, rows: int) -> None:
    write_chunks([LEADS[:0], LEADS[:rows], LEADS[:0]], tmp_path / "leads.json")
    assert len(json.loads((tmp_path / "leads.json").read_text(encoding="utf-8"))) == rows


def test_a_format_asked_for_by_name_wins_over_the_ending(tmp_path: Path) -> None:
    write_chunks([LEADS], tmp_path / "leads.csv", "json")
    assert len(json.loads((tmp_path / "leads.csv").read_text(encoding="utf-8"))) == len(LEADS)


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_a_failure_half_way_leaves_no_file_and_keeps_an_old_one(
    tmp_path: Path, ending: str
) -> None:
    def chunks() -> Iterator[pd.DataFrame]:
        yield LEADS
        raise LeadReadyError("the power went out")

    path = tmp_path / f"leads.{ending}"
    with pytest.raises(LeadReadyError, match="power"):
        write_chunks(chunks(), path)
    assert list(tmp_path.iterdir()) == []
    path.write_text("yesterday's", encoding="utf-8")
    with pytest.raises(LeadReadyError, match="power"):
        write_chunks(chunks(), path)
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["yesterday's"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("leads.doc", "cannot write .doc"),
        ("leads", "cannot write a file without an ending"),
        ("missing/leads.csv", "there is no folder"),
    ],
)
def test_a_wrong_name_is_refused_before_the_first_row_is_made(
    tmp_path: Path, name: str, message: str
) -> None:
    def never() -> Iterator[pd.DataFrame]:
        pytest.fail("hours of work")
        yield LEADS

    with pytest.raises(LeadReadyError, match=message) as raised:
        write_chunks(never(), tmp_path / name)
    assert raised.value.hint


def test_a_new_file_has_the_rights_that_any_file_would_have(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_table(LEADS, tmp_path / "leads.csv")
    assert (tmp_path / "leads.csv").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.touch()
    path.chmod(0o640)
    write_table(LEADS, path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_stdout_takes_what_a_file_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for as_json, ending in ((False, "csv"), (True, "json")):
        write_table(LEADS, tmp_path / f"leads.{ending}")
        print_chunks([LEADS], as_json)
        printed = capsys.readouterr().out
        assert printed == (tmp_path / f"leads.{ending}").read_bytes().decode()


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
