"""A small company whose files and mapping each test varies."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from features.errors import LeadReadyError
from features.tables.read import Problem, Tables, read_tables
from features.workspace.read import Workspace, read_workspace

MAPPING = """
name: small
extract_at: 2024-07-01
leads:
  file: leads.csv
  id: Id
  account: Account
  contact: Contact
  created: Created
  null_values: [Select]
outcome: {won_when: {Stage: [Won]}}
"""
LEADS = """\
Id,Account,Contact,Created,Stage,City
5805028000056864695,acme,c1,2024-01-01,Won,Rome
5805028000056864696,acme,c1,2024-02-01 10:30,Lost,Select
0012,,,2024-03-01T00:00:00+01:00,Open, Oslo
"""
EVENTS_MAPPING = """
events:
  - file: events.csv
    lead: who
    time: when
    kind: [type, state]
    rename_kinds: {Call Attended: talk, never: x}
    asset: what
    campaign: why
    value: secs
    by_sales: {column: type, values: [Call]}
"""
EVENTS = """\
who,when,type,state,what,why,secs
{a},2024-01-02,Call,Attended,guide,spring,"1,200"
{a},2024-01-02 09:00,Mail,,guide,,
{b},2024-01-03,Call,Missed,,spring,7
nobody,2024-01-03,Call,Missed,,,
,2024-01-03,Call,Missed,,,
{b},,Call,Missed,,,
"""
STAGES_MAPPING = """
stages: {file: stages.csv, lead: lead, stage: to, time: on, reason: why, amount: sum}
"""
STAGES = """\
lead,to,on,why,sum
0012,MQL,2024-03-02,,
0012,Won,2024-03-09,fits,"€ 1,200"
nobody,Won,2024-03-09,,
0012,,2024-03-09,,
"""


@dataclass
class SmallCompany:
    """Writes a mapping and files, and reads them."""

    folder: Path
    mapping: str = MAPPING
    leads: str = LEADS
    events_mapping: str = EVENTS_MAPPING
    stages_mapping: str = STAGES_MAPPING
    stages: str = STAGES
    events: str = field(default=EVENTS.format(a="5805028000056864695", b="0012"))

    def events_of(self, a: str, b: str) -> str:
        """The events with other ids."""
        return EVENTS.format(a=a, b=b)

    def workspace(self) -> Workspace:
        """Read the mapping that was written last."""
        return read_workspace(self.folder)

    def read(self, more: str = "", mapping: str | None = None, **files: str) -> Tables:
        """Write the mapping and files, and read the tables."""
        text = self.mapping if mapping is None else mapping
        (self.folder / "leadready.yaml").write_text(text + more)
        for name, content in {"leads": self.leads, **files}.items():
            (self.folder / f"{name}.csv").write_text(content)
        return read_tables(self.workspace())

    def error(self, *arguments: Any, **files: str) -> tuple[str, str]:
        """Read what cannot be read; give the message and the hint."""
        with pytest.raises(LeadReadyError) as caught:
            self.read(*arguments, **files)
        return str(caught.value).replace(f"{self.folder}/", ""), str(caught.value.hint)

    def problem(self, tables: Tables, kind: str) -> Problem:
        """The only problem of a kind."""
        (problem,) = (problem for problem in tables.problems if problem.kind == kind)
        return problem


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    """A company in a folder of its own."""
    return SmallCompany(tmp_path)
