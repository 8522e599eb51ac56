"""Files are what they hold: kinds come from the name of a file, accounts from their ids."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.guess.ids import guess_id
from features.workspace.read import read_workspace
from pipelines.init.init import init
from pipelines.init.key_columns import key_columns
from pipelines.init.reasons import guess_reason_column, guess_unknown_when

IDS = [f"L{number:03}" for number in range(200)]
STAGES = ["Won", "Lost", "New", "Talks"] * 50


def test_calls_with_nothing_but_a_direction_are_named_after_their_file(tmp_path: Path) -> None:
    created = [f"2024-{number % 9 + 1:02}-11" for number in range(200)]
    leads = pd.DataFrame({"Lead Id": IDS, "Created": created, "Stage": STAGES})
    leads.to_csv(tmp_path / "leads.csv", index=False)
    calls = pd.DataFrame({"Lead Id": IDS * 2, "Call Time": created + created})
    calls["Call Type"] = ["Inbound", "Outbound"] * 200
    calls.to_csv(tmp_path / "Calls_001.csv", index=False)
    init(tmp_path / "ws", tmp_path / "leads.csv", events_files=[tmp_path / "Calls_001.csv"])
    source = read_workspace(tmp_path / "ws").events[0]
    assert (source.kind, source.kind_is) == ((), "call")


def test_the_id_of_an_account_beats_its_name() -> None:
    raw = pd.DataFrame({"Lead Id": IDS, "Company": [f"Firm {n % 60}" for n in range(200)]})
    raw["Company ID"] = [f"C{number % 70:02}" for number in range(200)]
    guesses = guess_columns(raw)
    assert key_columns(raw, guesses, guess_id(raw, guesses, None), None).account == "Company ID"


@pytest.mark.parametrize(
    "heading",
    [
        "Loss reason",
        "Absagegrund",
        "Motif de perte",
        "Motivo de pérdida",
        "Motivo da perda",
        "Motivo della perdita",
        "Reden verlies",
        "Powód utraty",
        "Причина отказа",
        "Kayıp nedeni",
        "失注理由",
        "输单原因",
    ],
)
def test_reasons_are_found_by_their_heading_in_twelve_languages(heading: str) -> None:
    won = pd.Series([stage == "Won" for stage in STAGES])
    values = pd.Series(["A1", "B2", "C3", "D4", "E5"] * 40, dtype=object).mask(won, None)
    raw = pd.DataFrame({"Gebiet": ["N", "S", "O", "W"] * 50, heading: values})
    assert guess_reason_column(raw, won, set()) == heading


def test_parts_of_the_leads_are_refused_with_the_pattern_in_quotes(tmp_path: Path) -> None:
    leads = pd.DataFrame({"Lead Id": IDS, "City": ["Rome", "Bonn"] * 100, "Stage": STAGES})
    files = [tmp_path / f"leads-2024-{month}.csv" for month in ("01", "02", "12")]
    for place, file in enumerate(files):
        leads.iloc[place * 60 : place * 60 + 60].to_csv(file, index=False)
    with pytest.raises(LeadReadyError, match="are parts of one table") as error:
        init(tmp_path / "ws", files[0], other_files=files[1:])
    assert f"--leads '{tmp_path}/leads-2024-*.csv'" in str(error.value.hint)
    init(tmp_path / "ws", tmp_path / "leads-2024-*.csv")
    history = pd.concat([leads, leads.assign(Stage="New")])
    history.to_csv(tmp_path / "history.csv", index=False)
    leads.to_csv(tmp_path / "all.csv", index=False)
    init(tmp_path / "ws2", tmp_path / "all.csv", other_files=[tmp_path / "history.csv"])


def test_leads_that_name_their_customers_are_no_history(tmp_path: Path) -> None:
    customers = [f"{number % 40:05}" for number in range(200)]
    quotes = pd.DataFrame({"Angebots-Nr.": range(7000, 7200), "Nr.": customers, "Status": STAGES})
    quotes.to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame({"Nr.": customers[:40], "Firma": IDS[:40]}).to_csv(tmp_path / "b.csv", index=False)
    draft = init(tmp_path / "ws", other_files=[tmp_path / "a.csv", tmp_path / "b.csv"]).draft
    assert draft.leads_file.name == "a.csv"


def test_a_history_that_calls_the_id_as_the_leads_do_is_not_taken_for_them(tmp_path: Path) -> None:
    leads = pd.DataFrame({"Código interesado": IDS, "Zona": ["Norte", "Sur"] * 100})
    leads.to_csv(tmp_path / "interesados.csv", index=False)
    days = ["2024-01-03", "2024-02-05"]
    history = pd.concat(
        pd.DataFrame({"Código interesado": IDS, "Fase": fases, "Fecha": day})
        for fases, day in zip((["New"] * 200, ["Won", "Lost"] * 100), days, strict=True)
    )
    history.to_csv(tmp_path / "fases.csv", index=False)
    draft = init(
        tmp_path / "ws", other_files=[tmp_path / "fases.csv", tmp_path / "interesados.csv"]
    ).draft
    assert draft.leads_file.name == "interesados.csv"
    assert [guess.is_stages for _, guess in draft.events] == [True]


def test_reasons_for_an_unknown_outcome_are_found_among_the_values() -> None:
    raw = pd.DataFrame(
        {
            "Lost Reason": ["Duplicate", "Too small", "Expensive"],
            "Source": ["Test", "Google", "Organic"],
            "Why": ["Abandoned", "Wrong contact", "No budget"],
            "Page": ["/test", "/eng", "/"],
        }
    )
    assert guess_unknown_when(raw, set()) == {
        "duplicate": ("Lost Reason", "Duplicate"),
        "test record": ("Source", "Test"),
        "never worked": ("Why", "Abandoned"),
    }
    assert "never worked" not in guess_unknown_when(raw, {"Why"})
