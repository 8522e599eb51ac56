"""The simulated company's files: a CRM export, the two files of a workspace, and the truth.

A workspace gets ``crm/*.csv`` (what the CRM exports), ``leadready.yaml`` (what the columns mean)
and ``definition.yaml`` (what both teams agreed on, signed). The folder ``truth/`` holds what only
the simulator knows; no command reads it. The same settings give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from model.definition.signatures import sign_file
from pipelines.simulator.company import Company
from pipelines.simulator.settings import Settings

TABLES = (
    "accounts",
    "contacts",
    "leads",
    "campaigns",
    "assets",
    "activities",
    "stage_history",
    "field_history",
    "opportunities",
)
SIGNED = (("sales", "Head of Sales"), ("marketing", "Head of Marketing"))

WORKSPACE = """\
# What the columns of the CRM export mean. The company is simulated.
name: demo
definition: definition.yaml
model: lead-readiness
extract_at: {extract:%Y-%m-%d}                   # when the data was taken out of the CRM

leads:
  file: crm/leads.csv
  id: Lead ID
  account: Account ID
  contact: Contact ID                    # 19 digits: ids are read as text
  created: Created At
  join:
    - {{file: crm/accounts.csv, on: Account ID, key: Account ID}}
    - {{file: crm/contacts.csv, on: Contact ID, key: Contact ID}}
  columns:
    # the company, from accounts.csv
    Employees:      {{feature: employees, family: firmographic, type: number, label: employees, unit: people}}
    Annual Revenue: {{feature: revenue, family: firmographic, type: number, label: annual revenue, unit: EUR}}
    Industry:       {{feature: industry, family: firmographic, type: category, label: industry}}
    Region:         {{feature: region, family: firmographic, type: category, label: region}}
    Country:        {{feature: country, family: firmographic, type: category, label: country}}
    Founded:        {{feature: company_age, family: firmographic, type: year, label: age of the company}}
    Account Name:   {{ignore: identifier}}
    # the person, from contacts.csv
    # Gives seniority and job function. The strongest column: students hardly ever buy. It is asked
    # for when somebody registers, before sales gets in touch.
    Job Title:      {{feature: title, family: role, type: title, known_at_moment: true}}
    Works At:       {{ignore: identifier}}
    First Name:     {{ignore: personal}}
    Last Name:      {{ignore: personal}}
    Email:          {{ignore: personal}}
    Phone:          {{ignore: personal}}
    # where the lead came from, and what people said about themselves, from leads.csv
    Source:         {{feature: source, family: origin, type: category, label: source}}
    Campaign:       {{feature: campaign, family: origin, type: category, label: first campaign}}
    Landing Page:   {{feature: landing_page, family: origin, type: category, label: landing page}}
    Preferred Language:   {{feature: preferred_language, family: origin, type: category, label: preferred language}}
    Newsletter Frequency: {{feature: newsletter_frequency, family: origin, type: category, label: newsletter frequency}}
    Record Type:    {{ignore: constant}}
    # not known at the hand-off, or known only because of the outcome
    Lead Rating:        {{leak: true}}     # reps overwrite it when a lead is won or lost
    Last Activity At:   {{leak: true}}     # as of the extract
    Owner:              {{ignore: other}}  # set with the first follow-up
    Lead Score:         {{ignore: other}}  # the old hand-made points that sales chose by
    Lead Status:        {{ignore: outcome}}
    Disposition Reason: {{ignore: outcome}}

events:
  - file: crm/activities.csv
    contact: Contact ID
    time: Occurred At
    kind: Type
    kinds: {{webinar_attended: known_at_moment}}   # the strongest kind; dated when the webinar takes place
    campaign: Campaign
    asset: Asset
    by_sales: {{column: Direction, values: [Outbound]}}

stages:
  file: crm/stage_history.csv
  lead: Lead ID
  stage: Stage
  time: Changed At
  reason: Reason
  amount: Amount

field_history:                           # columns that it names are read as they were at the moment
  file: crm/field_history.csv
  lead: Lead ID
  column: Field
  old: Old Value
  new: New Value
  time: Changed At

moment:
  column: Handed Off At                  # leads that were never handed off are left out
  closed: Closed At

outcome:
  won_when: {{Stage: [Closed Won]}}        # a stage in the stage history
  lost_when: {{Stage: [Rejected, Closed Lost, Recycled]}}
  open_when: {{Stage: [Contact, MQL]}}
  with_sales_when: {{Stage: [SAL, SQL, Opportunity]}}   # scored, but not handed off again
  horizon_days: {horizon}
  reasons:                               # "Not the right fit" and others match the built-in reasons
    duplicate: [Duplicate]
    test record: [Test record]
    never worked: [No follow-up]
  unknown_when:
    test record: {{Source: [Test]}}
  worked:                                # a lead without a follow-up has no outcome
    stages: [SAL, Rejected]
    events: [call, meeting]
    within_days: 30

evaluation:
  test_share: 0.2                        # test on the last fifth of the leads

old_score: {{column: Lead Score}}          # compared with the model on the same leads
"""  # noqa: E501

DEFINITION = """\
# The sales-ready lead, as sales and marketing agreed.
# A changed file needs new signatures: leadready definition sign
name: sales-ready lead
version: 1
moment: Handed Off At
horizon_days: {horizon}

terms:
  lead: a person or an enquiry that marketing knows by name
  mql: a lead that marketing hands over to sales
  sal: a lead that sales accepted after a first talk
  sql: a lead with a need, a budget and a date
  opportunity: an offer was made

ready_when:
  all:
    - {{id: right-size, feature: employees, at_least: 50, asked_by: sales, because: smaller companies have no planning team}}
    - any:
        - {{id: decision-maker, feature: seniority, one_of: [director, vp, c_level], asked_by: sales, because: they sign}}
        - {{id: finance, feature: job_function, one_of: [finance], asked_by: marketing, because: they use the product}}
    - any:
        - {{id: webinar, feature: webinar_attended_30d, at_least: 1, asked_by: marketing, because: they gave us an hour}}
        - {{id: demo, feature: demo_request_90d, at_least: 1, asked_by: sales, because: they asked for us}}
        - {{id: content, feature: content_download_30d, at_least: 2, asked_by: marketing, because: they are reading up}}

never_when:
  - {{id: student, feature: seniority, one_of: [student], asked_by: sales, because: they write a thesis}}

# What both teams expect of the model: more of a feature never lowers (or never raises) the score.
expect:
  - {{feature: employees, direction: increasing}}
  - {{feature: webinar_attended_30d, direction: increasing}}
  - {{feature: demo_request_30d, direction: increasing}}
  - {{feature: demo_request_90d, direction: increasing}}
  - {{feature: content_download_30d, direction: increasing}}
  - {{feature: days_since_last_activity, direction: decreasing}}

# The hand-made points of today: a lead that reaches the threshold is handed off.
points:
  threshold: 25
  give:
    - {{feature: email_open_30d, at_least: 5, points: 5}}
    - {{feature: email_open_30d, at_least: 10, points: 5}}
    - {{feature: email_click_30d, at_least: 2, points: 5}}
    - {{feature: page_view_30d, at_least: 10, points: 5}}
    - {{feature: webinar_attended_30d, at_least: 1, points: 5}}
    - {{feature: content_download_30d, at_least: 1, points: 5}}
    - {{feature: demo_request_30d, at_least: 1, points: 20}}
    - {{feature: employees, at_least: 200, points: 10}}
    - {{feature: seniority, one_of: [vp, c_level], points: 10}}

examples:
  - lead: {{employees: 400, seniority: vp, job_function: finance, webinar_attended_30d: 1, demo_request_90d: 1, content_download_30d: 0}}
    verdict: ready
    because: closed in three weeks
  - lead: {{employees: 12, seniority: director, job_function: finance, webinar_attended_30d: 1, demo_request_90d: 0, content_download_30d: 0}}
    verdict: not ready
    because: liked us, and had no planning team
  - lead: {{employees: 5000, seniority: student, job_function: finance, webinar_attended_30d: 2, demo_request_90d: 0, content_download_30d: 3}}
    verdict: never
    because: wrote a thesis about us

handoff: {{decide_by: review, per_week: 40, follow_up_hours: 48, explore: 0.05}}
tolerance: {{agreement: 0.6}}
teams: [sales, marketing]
"""  # noqa: E501


def write_company(company: Company, folder: str | Path) -> Path:
    """Write the company's workspace: raw CSV files, ``leadready.yaml`` and the signed definition.

    The truth goes into the folder ``truth/`` beside them, which no command reads.

    Returns
    -------
    Path
        The workspace's folder.
    """
    settings, folder = company.settings, Path(folder)
    crm = folder / "crm"
    crm.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        _write_csv(getattr(company, name), crm / f"{name}.csv")
    _write_text(folder / "leadready.yaml", simulated_workspace_text(settings))
    _write_definition(folder / "definition.yaml", settings)
    write_truth(company, folder / "truth")
    return folder


def simulated_workspace_text(settings: Settings) -> str:
    """Write out the mapping.

    Examples
    --------
    >>> simulated_workspace_text(Settings()).splitlines()[4][:22]
    'extract_at: 2026-10-01'
    """
    return WORKSPACE.format(extract=settings.extract_at, horizon=settings.horizon_days)


def _write_definition(path: Path, settings: Settings) -> None:
    """Write the definition, and have both teams sign it."""
    _write_text(path, DEFINITION.format(horizon=settings.horizon_days))
    day = settings.extract_at - pd.Timedelta(days=14)
    for team, name in SIGNED:
        sign_file(path, team=team, name=name, on=f"{day:%Y-%m-%d}")


def write_truth(company: Company, folder: Path) -> None:
    """Write what only the simulator knows."""
    truth, settings = company.truth, company.settings
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(truth.effects, folder / "effects.csv")
    _write_csv(truth.leads, folder / "leads.csv")
    known = {
        "settings": asdict(settings),
        "intercept": truth.intercept,
        "directions": truth.directions,
        "null_features": list(truth.null_features),
    }
    _write_text(folder / "truth.json", json.dumps(known, indent=2) + "\n")


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    made = pa.Table.from_pandas(table, preserve_index=False)
    whole = [
        made.column(name).cast(pa.timestamp("s"))
        if pa.types.is_timestamp(field.type)
        else made.column(name)
        for name, field in zip(made.column_names, made.schema, strict=True)
    ]
    as_written = pa.csv.WriteOptions(quoting_header="needed")
    pa.csv.write_csv(pa.table(whole, names=made.column_names), path, as_written)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
