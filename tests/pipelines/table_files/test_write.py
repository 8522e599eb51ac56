"""Tables are written whole or not at all, in each format so that nothing runs and ids stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from features.errors import LeadReadyError
from pipelines.table_files import workbook
from pipelines.table_files.formats import PRINTED, TABLE_FORMATS, TableFormat
from pipelines.table_files.safe_cells import excel_id, formula_safe
from pipelines.table_files.write import print_chunks, write_chunks, write_table

ENDINGS = ["csv", "parquet", "json", "xlsx"]
LEADS = pd.DataFrame(
    {
        "lead_id": ["a", "=1+1", "007"],
        "score": [0.1234567890123, -1.0, float("nan")],
        "as_of": pd.to_datetime(["2026-10-01T00:00", "2026-10-02T12:00", None]),
        "source": ["-x", None, "web, mail"],
    }
)


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype={"lead_id": "str"}, engine="openpyxl")
    if path.suffix == ".csv":
        return pd.read_csv(path, parse_dates=["as_of"], dtype={"lead_id": "str"})
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_in_chunks_is_the_same_file_as_a_table_at_once(tmp_path: Path, ending: str) -> None:
    write_table(LEADS, tmp_path / f"whole.{ending}")
    write_chunks([LEADS[:2], LEADS[2:]], tmp_path / f"parts.{ending}")
    whole, parts = _read(tmp_path / f"whole.{ending}"), _read(tmp_path / f"parts.{ending}")
    pd.testing.assert_frame_equal(whole, parts)
    assert whole["lead_id"].tolist() == LEADS["lead_id"].tolist(), "they join back to the CRM"
    assert list(whole.columns) == list(LEADS.columns)


def test_only_texts_are_changed_in_csv(tmp_path: Path) -> None:
    write_table(LEADS, tmp_path / "leads.csv")
    assert (tmp_path / "leads.csv").read_bytes().decode() == (
        "lead_id,score,as_of,source\n"
        '"a",0.1234567890123,2026-10-01 00:00:00,"\'-x"\n'
        '"=1+1",-1,2026-10-02 12:00:00,\n'
        '"007",,,"web, mail"\n'
    )


@pytest.mark.parametrize("rows", [0, 2])
def test_json_is_an_array_of_rows(tmp_path: Path, rows: int) -> None:
    write_chunks([LEADS[:0], LEADS[:rows], LEADS[:0]], tmp_path / "leads.json")
    assert len(json.loads((tmp_path / "leads.json").read_text(encoding="utf-8"))) == rows


def test_a_format_asked_for_by_name_wins_over_the_ending(tmp_path: Path) -> None:
    write_chunks([LEADS], tmp_path / "leads.csv", "json")
    assert len(json.loads((tmp_path / "leads.csv").read_text(encoding="utf-8"))) == len(LEADS)


@pytest.mark.parametrize("ending", ENDINGS)
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


@pytest.mark.parametrize("format", PRINTED)
def test_stdout_takes_what_a_file_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: TableFormat
) -> None:
    write_chunks([LEADS], tmp_path / "leads", format)
    print_chunks([LEADS], format)
    assert capsys.readouterr().out == (tmp_path / "leads").read_bytes().decode()


@pytest.mark.parametrize("format", sorted({*TABLE_FORMATS} - {*PRINTED}))
def test_what_is_no_text_is_not_printed(format: TableFormat) -> None:
    with pytest.raises(LeadReadyError, match="written to a file only") as raised:
        print_chunks([LEADS], format)
    assert raised.value.hint == f"--out FILE.{format}"


def test_a_german_excel_reads_numbers_dates_and_ids_as_they_are(tmp_path: Path) -> None:
    write_chunks([LEADS[:2], LEADS[2:]], tmp_path / "leads.csv", "csv-excel-de")
    content = (tmp_path / "leads.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(
        tmp_path / "leads.csv", sep=";", decimal=",", encoding="utf-8-sig", dtype={"lead_id": "str"}
    )
    assert table["score"].tolist()[:2] == LEADS["score"].tolist()[:2]
    assert table["lead_id"].tolist() == ["a", '="=1+1"', '="007"']
    assert table["source"].tolist() == ["'-x", np.nan, "web, mail"]


def test_a_workbook_has_texts_and_no_formulas(tmp_path: Path) -> None:
    write_table(LEADS, tmp_path / "leads.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "leads.xlsx").active
    assert sheet is not None
    cells = list(sheet.iter_rows(min_row=2))
    assert [row[0].data_type for row in cells] == ["s"] * 3
    assert [row[0].value for row in cells] == LEADS["lead_id"].tolist()
    assert [row[0].number_format for row in cells] == ["@"] * 3
    assert [row[1].value for row in cells] == [0.1234567890123, -1, None]
    assert cells[0][2].value == LEADS["as_of"][0]
    assert cells[0][3].value == "-x"


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_CHARACTERS"])
def test_what_excel_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    table = LEADS.assign(source="x" * 40_000) if limit == "MOST_CHARACTERS" else LEADS
    monkeypatch.setattr(workbook, "MOST_ROWS", 3 if limit == "MOST_ROWS" else 1000)
    with pytest.raises(LeadReadyError) as raised:
        write_table(table, tmp_path / "leads.xlsx")
    assert "parquet" in str(raised.value.hint)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", TABLE_FORMATS)
def test_the_crm_gets_its_columns_under_its_names(tmp_path: Path, format: TableFormat) -> None:
    names = {"score": "LR_Score__c", "lead_id": "Lead ID"}
    path = tmp_path / f"leads.{format.replace('csv-excel-de', 'csv')}"
    write_chunks([LEADS[:1], LEADS[1:]], path, format, names=names)
    if format == "csv-excel-de":
        columns = path.read_text("utf-8-sig").split("\n")[0].replace('"', "").split(";")
    else:
        read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "json": pd.read_json, "xlsx": _read}
        columns = list(read[format](path).columns)
    assert columns == list(names.values())


IDS = ["L-1", "", "=1", "007", "1E5", "00000000000000000019", "1-2", "MAR1", "mrz-12", "wahr",
       'a"b', "a;b", "ä", "x y", "+49", "00Q5g00000ABCdeEAB", "=" * 300]  # fmt: off


def test_excel_gets_ids_quoted_only_where_it_would_change_them() -> None:
    written = excel_id(pa.array(IDS)).to_pylist()
    kept = {lead for lead, cell in zip(IDS, written, strict=True) if cell == lead}
    assert kept == {"L-1"}
    for lead, cell in zip(IDS[1:-1], written[1:-1], strict=True):
        assert cell == '="' + lead.replace('"', '""') + '"', lead
    assert written[-1] == "'" + IDS[-1], "Excel does not take so long a text in a formula"


def test_only_texts_that_begin_as_formulas_are_changed() -> None:
    texts = ["L-1", "", "a=b", "=b", "\rb", "'x", "-2", "a\n=b", None]
    safe = ["L-1", "", "a=b", "'=b", "'\rb", "'x", "'-2", "a\n=b", None]
    for kind in (pa.string(), pa.large_string()):
        assert formula_safe(pa.array(texts, kind)).to_pylist() == safe
