"""Events in many small parts say the same as in one: tables, problems, features and counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.families.build import build_features
from features.kept_events import parts as event_parts
from features.kept_events.parts import LeadParts
from features.tables import mapped_file
from features.tables.read import Tables, read_tables
from features.workspace.read import Workspace, read_workspace
from pipelines.score.guards import ExportCounts

MAPPING = """
name: parts
extract_at: 2024-07-01
leads:
  file: leads.csv
  id: Id
  account: Account
  contact: Contact
  created: Created
  columns: {City: {feature: city, family: firmographic, type: category}}
outcome: {won_when: {Stage: [Won]}}
events:
  - {file: clicks-*.parquet, lead: who, contact: person, time: at, kind: [kind, state],
     rename_kinds: {Mail Seen: look}, asset: asset, campaign: campaign, value: worth,
     partial: true, by_sales: {column: kind, values: [call]}}
  - {file: visits.csv, account: company, time: at, kind_is: visit, partial: true,
     kinds: {visit: known_at_moment}}
  - {file: notes.csv, lead: who, time: at, kind: kind, kinds: {note: leak}}
"""
NOW = pd.Timestamp("2024-06-15")
PEOPLE, EVENTS = 40, 900


def write_company(folder: Path, seed: int, kind_of_time: str) -> Workspace:
    """Leads that share contacts and accounts; events with ties, gaps, copies and machines."""
    random = np.random.default_rng(seed)

    def some(prefix: str, size: int, most: int, missing: float = 0.2) -> np.ndarray:
        texts = np.char.add(prefix, random.integers(0, most, size).astype(str)).astype(object)
        return np.where(random.random(size) < missing, None, texts)

    leads = pd.DataFrame({"Id": [f"L{n}" for n in range(PEOPLE)], "Created": "2024-02-01 10:00"})
    leads["Contact"], leads["Account"] = some("c", PEOPLE, 25, 0.4), some("a", PEOPLE, 15, 0.5)
    leads["Stage"], leads["City"] = some("S", PEOPLE, 2), some("Rome ", PEOPLE, 3)
    leads.loc[0, "Stage"] = "Won"
    leads.to_csv(folder / "leads.csv", index=False)
    start = pd.Timestamp("2024-01-20").value // 10**9
    days, quarters = random.integers(0, 160, EVENTS), random.integers(28, 76, EVENTS)  # by day
    seconds = start + days * 86_400 + quarters * 900
    seconds[:60] = seconds[0] + 7 + np.arange(60)  # a burst
    seconds[60:84] = start + np.arange(24) * 86_400 + np.arange(24) % 3 * 3_600 + 7_200  # at night
    events = pd.DataFrame({"who": some("L", EVENTS, PEOPLE + 4), "person": some("c", EVENTS, 25)})
    events["at"] = pd.to_datetime(seconds, unit="s").astype(kind_of_time)
    events.loc[random.random(EVENTS) < 0.1, "at"] = pd.NaT
    events.loc[random.random(EVENTS) < 0.02, "at"] = pd.Timestamp("1901-01-01")
    events.loc[84:89, "at"] = pd.Timestamp("2101-01-01")
    events["kind"], events["state"] = some("", EVENTS, 1, 0.1), some(" S", EVENTS, 2, 0.5)
    events["kind"] = random.choice(["mail", "call", "Mail ", None], EVENTS)
    events["state"] = random.choice(["seen", " seen", "", None], EVENTS)
    events["asset"], events["campaign"] = some("guide ", EVENTS, 6), some("spring ", EVENTS, 4)
    events["worth"] = np.where(random.random(EVENTS) < 0.5, np.nan, random.integers(0, 9, EVENTS))
    events.loc[:59, ["who", "person", "kind"]] = ["L1", None, "mail"]
    events.loc[60:83, ["who", "person", "kind"]] = ["L2", None, "mail"]
    events = pd.concat([events, events.sample(40, random_state=seed)])
    for number, part in enumerate((events[:500], events[500:])):
        pq.write_table(
            pa.Table.from_pandas(part, preserve_index=False),
            folder / f"clicks-{number}.parquet",
            row_group_size=130,
        )
    visits = pd.DataFrame({"company": some("a", 90, 17), "at": events["at"].iloc[:90].to_numpy()})
    visits.to_csv(folder / "visits.csv", index=False)
    notes = pd.DataFrame({"who": "L3", "at": ["2024-03-01", "2024-08-01"], "kind": "note"})
    notes.to_csv(folder / "notes.csv", index=False)
    (folder / "leadready.yaml").write_text(MAPPING)
    return read_workspace(folder)


def features_of(workspace: Workspace, tables: Tables) -> pd.DataFrame:
    """What was known about every lead."""
    moments = tables.leads[["lead_id", "person_id", "account_id"]].assign(as_of=NOW)
    moments = moments.sample(frac=1, random_state=1).reset_index(drop=True)
    return build_features(workspace, tables, moments)[0]


def small_blocks(patch: pytest.MonkeyPatch) -> None:
    """Read and keep events in many blocks and parts."""
    patch.setattr(event_parts, "PART", 200)
    patch.setattr(event_parts, "BLOCK", 67)
    patch.setattr(mapped_file, "ROWS", 23)
    patch.setattr(mapped_file, "TEXT_ROWS", 90)


@pytest.mark.parametrize(("seed", "kind_of_time"), [(0, "datetime64[us]"), (2, "datetime64[s]")])
def test_small_parts_say_the_same_as_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, kind_of_time: str
) -> None:
    workspace = write_company(tmp_path, seed, kind_of_time)
    whole = read_tables(workspace)
    expected = features_of(workspace, whole)
    small_blocks(monkeypatch)
    parts = read_tables(workspace)
    assert (whole.kept_events.parts, parts.kept_events.parts) == (1, 6)
    assert {len(part) for part in parts.kept_events.in_parts("at")} != {0}
    kinds = {problem.kind: problem for problem in whole.problems}
    assert kinds.keys() >= {"without kind", "without time", "repeated events", "future dates"}
    assert "bursts" in kinds["by machines"].message
    assert "at night" in kinds["by machines"].message
    assert whole.problems == parts.problems
    pd.testing.assert_frame_equal(whole.events, parts.events)
    pd.testing.assert_frame_equal(expected, features_of(workspace, parts), check_exact=True)
    for latest in (NOW, pd.Timestamp("2024-03-01")):
        assert ExportCounts.of(whole, latest) == ExportCounts.of(parts, latest)
        at = whole.events["at"]
        assert parts.kept_events.latest(latest) == at[at <= latest].max()
        assert parts.kept_events.count_after(latest) == (at > latest).sum()


def test_times_that_cannot_be_meant_are_counted(tmp_path: Path) -> None:
    problems = read_tables(write_company(tmp_path, 3, "datetime64[us]")).problems
    found = next(problem for problem in problems if problem.kind == "impossible dates")
    at = pd.concat(pd.read_parquet(file)["at"] for file in tmp_path.glob("clicks-*.parquet"))
    assert found.count == ((at < "1970") | (at > "2044-07-01")).sum() > 6
    assert set(found.examples) == {"1901-01-01 00:00:00", "2101-01-01 00:00:00"}


def test_all_of_a_person_and_of_an_account_is_in_one_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = write_company(tmp_path, 2, "datetime64[us]")
    small_blocks(monkeypatch)
    tables = read_tables(workspace)
    for name in ("person_id", "account_id"):
        found = [part[name].dropna().unique() for part in tables.kept_events.in_parts(name)]
        owners = np.concatenate([np.asarray(names, dtype=object) for names in found])
        assert len(owners) == len(set(owners)) > 5
    person = tables.events["person_id"] == tables.leads["person_id"][7]
    own = tables.kept_events.around(7)
    assert (own["person_id"] == tables.leads["person_id"][7]).sum() == person.sum() > 0
    assert len(own) < len(tables.events)
    of_lead = tables.leads.assign(part=tables.kept_events.of_lead)
    for name in ("person_id", "account_id"):
        assert of_lead.groupby(name)["part"].nunique().max() == 1


def test_a_chain_of_people_and_accounts_is_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_parts, "PART", 1)
    leads = pd.DataFrame({"person_id": list("aabbcd"), "account_id": [*"xyyzz", None]})
    assert LeadParts.of(leads, 5).of_lead.tolist() == [0, 0, 0, 0, 0, 1]
