"""Leads and events with what engines treat differently."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

AS_OF = pd.Timestamp("2026-03-29 12:34:56.789012")  # clocks went forward on that day
ZONE = "Europe/Berlin"
WORKSPACE = """
name: engines
leads:
  file: leads.parquet
  id: Id
  account: Firma
  contact: E-Mail
  created: Created
  join:
    - {file: firms.parquet, on: Firma, key: Name, partial: true}
  columns:
    Size:       {feature: employees, family: firmographic, type: number}
    Industry:   {feature: industry, family: firmographic, type: category}
    Founded:    {feature: company_age, family: firmographic, type: year}
    Title:      {feature: title, family: role, type: title}
    Newsletter: {feature: newsletter, family: origin, type: flag}
    Renewal:    {feature: renewal, family: origin, type: date}
    Topics:     {feature: topics, family: origin, type: choices, choices: [Größe, Preis]}
events:
  - file: events.parquet
    lead: Lead
    contact: Mail
    account: Account
    partial: true
    time: At
    kind: [Kind, Channel]
    asset: Asset
    campaign: Campaign
    value: Value
    by_sales: {column: Direction, values: [Außen]}
stages: {file: stages.parquet, lead: Lead, stage: Stage, time: At}
moment: {column: Created}
outcome:
  won_when: {Stage: [Gewonnen]}
  lost_when: {Stage: [Verloren]}
  with_sales_when: {Stage: [Gespräch]}
"""


def write_tables(folder: Path, leads: int, events: int, seed: int = 0) -> None:
    """Write a workspace with typed tables."""
    random = np.random.default_rng(seed)
    (folder / "leadready.yaml").write_text(WORKSPACE, encoding="utf-8")
    ids = np.array([f"L{number}-{'é日ß’Ж'[number % 5]}" for number in range(leads)], object)
    mails = np.array([f"Ann{number % (leads - 3)}@ünï.example" for number in range(leads)], object)
    firms = np.array([f"Firma „{number % (leads // 3 + 1)}“ & Söhne" for number in range(leads)])
    own_firms = _with_missing(random, firms, 0.2)
    own_mails = _with_missing(random, mails, 0.2)
    created = _times(random, leads, days=500, least=1)
    _write(
        folder / "leads.parquet",
        Id=ids,
        Firma=own_firms,
        **{"E-Mail": own_mails},
        Created=created,
        Title=_drawn(
            random, ["Geschäftsführer", "VP of Sales", "ИТ-директор", "營業", None], leads
        ),
        Newsletter=_drawn(random, ["ja", "nein", "Yes", None], leads),
        Renewal=_times(random, leads, days=300, least=-100),
        Topics=_drawn(random, ["Größe;Preis", "preis", "Wetter", None], leads),
    )
    names = np.unique(firms)
    _write(
        folder / "firms.parquet",
        Name=names.astype(object),
        Size=_drawn(random, ["51-200", "10", "1k", None], len(names)),
        Industry=_drawn(random, ["Maschinenbau", "Énergie", "it's", "銀行", None], len(names)),
        Founded=pd.array(_drawn(random, [1899, 1980, 2026, 2030, None], len(names)), "Int64"),
    )
    owner = random.integers(0, leads, events)
    by = random.random(events)
    mail = pd.Series(mails[owner], dtype=object).where(by < 0.4, None)
    lead = pd.Series(ids[owner], dtype=object).where((by >= 0.4) & (by < 0.8), None)
    account = pd.Series(firms[owner], dtype=object).where((by >= 0.7) & (by < 0.95), None)
    _write(
        folder / "events.parquet",
        Lead=lead.mask(by > 0.98, "nobody"),
        Mail=mail.where(random.random(events) < 0.5, mail.str.upper()),
        Account=account,
        At=_times(random, events, days=120, least=-1),
        Kind=_drawn(random, ["Web-Besuch", "anrufErhalten", "it's", "問い合わせ", None], events),
        Channel=_drawn(random, ["mobil", None], events),
        Asset=_drawn(random, ["Größe.pdf", "größe.pdf", "白皮書", None], events),
        Campaign=_drawn(random, ["Frühling", "fall", None], events),
        Value=np.where(random.random(events) < 0.5, random.integers(-8, 90, events) / 4, np.nan),
        Direction=_drawn(random, ["Außen", "Innen", None], events),
    )
    rows = random.permutation(np.repeat(np.arange(leads), 2))[:leads]
    stages = ["Neu", "Gespräch", "Gewonnen", "Verloren", None]
    _write(
        folder / "stages.parquet",
        Lead=ids[rows],
        Stage=_drawn(random, stages, leads, [0.4, 0.3, 0.1, 0.1, 0.1]),
        At=pd.Series(pd.date_range("2025-11-01", AS_OF, periods=leads, tz="UTC").as_unit("us")),
    )


def _with_missing(random: np.random.Generator, values: np.ndarray, share: float) -> np.ndarray:
    found: np.ndarray = values.astype(object)
    found[random.random(len(values)) < share] = None
    return found


def _drawn(
    random: np.random.Generator, values: Sequence[Any], many: int, p: Sequence[float] | None = None
) -> np.ndarray:
    drawn: np.ndarray = random.choice(np.array(values, object), many, p=p)
    return drawn


def _times(random: np.random.Generator, many: int, *, days: int, least: int) -> pd.Series:
    """Draw times before the moment, a third of them ties or at the edge of a window."""
    microseconds = random.integers(least * 86_400_000_000, days * 86_400_000_000, many)
    edges = np.array([0, 7, 30, 60, 90, 90.5], "float64") * 86_400e6
    at_edge = random.choice(edges, many).astype("int64") + random.integers(-1, 2, many)
    ties = microseconds // 3_600_000_000 * 3_600_000_000
    kind = random.random(many)
    ago = np.where(kind < 0.1, at_edge, np.where(kind < 0.33, ties, microseconds))
    times = pd.Series(AS_OF - pd.to_timedelta(ago, unit="us")).astype("datetime64[us]")
    times = times.mask(pd.Series(random.random(many) < 0.02))
    return times.dt.tz_localize("UTC").dt.tz_convert(ZONE)


def _write(path: Path, **columns: Any) -> None:
    pq.write_table(pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False), path)
