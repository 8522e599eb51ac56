"""The statements of the ledger, which DuckDB and PostgreSQL both understand."""

from __future__ import annotations

KEPT = ("score", "probability", "rules_verdict", "model_verdict", "decision", "warning")
COMPARED = ("score", "rules_verdict", "decision", "warning")  # what counts as a change
TABLES = {
    "cards": {"model": "VARCHAR", "content": "VARCHAR"},
    "runs": {"as_of": "TIMESTAMP", "export": "VARCHAR"},
    "unfinished": {
        "as_of": "TIMESTAMP",
        "export": "VARCHAR",
        "file": "VARCHAR",
        "stamp": "VARCHAR",
    },
    "scores": {
        "lead": "VARCHAR",
        "as_of": "TIMESTAMP",
        "model": "VARCHAR",
        "definition": "VARCHAR",
        "score": "DOUBLE PRECISION",
        "probability": "DOUBLE PRECISION",
        "rules_verdict": "VARCHAR",
        "model_verdict": "VARCHAR",
        "decision": "VARCHAR",
        "warning": "VARCHAR",
        "facts": "VARCHAR[]",
        "scored_at": "TIMESTAMP",
        "explore_chance": "DOUBLE PRECISION",
    },
}
CREATE = tuple(
    f"CREATE TABLE IF NOT EXISTS {table} "
    f"({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
    for table, columns in TABLES.items()
)
ADD = """
    INSERT INTO scores SELECT * FROM incoming WHERE NOT EXISTS (
        SELECT 1 FROM scores old WHERE old.as_of = incoming.as_of AND old.model = incoming.model
        AND old.definition = incoming.definition AND old.lead = incoming.lead)"""
ROWS = f"""
    SELECT lead, as_of, model, definition, {", ".join(KEPT)}, facts FROM scores
    WHERE {{where}} ORDER BY lead, as_of, scored_at"""
OF_LEAD = "lead = ?"
DECIDED_OTHERWISE = """lead IN (
    SELECT now.lead FROM
        (SELECT DISTINCT ON (lead) lead, decision FROM scores
         ORDER BY lead, as_of DESC, scored_at DESC) AS now
        JOIN (SELECT DISTINCT ON (lead) lead, decision FROM scores WHERE as_of < ?
         ORDER BY lead, as_of DESC, scored_at DESC) AS earlier ON earlier.lead = now.lead
    WHERE now.decision <> earlier.decision)"""
HAS_RUNS = "SELECT EXISTS (SELECT 1 FROM runs)"
HAS_SCORES = "SELECT EXISTS (SELECT 1 FROM scores)"
# Only runs whose file appeared: what a killed run would have written is written by the next one.
LATEST = f"""
    SELECT DISTINCT ON (lead) lead, {", ".join(COMPARED)} FROM scores
    WHERE as_of < ? AND as_of IN (SELECT as_of FROM runs)
    ORDER BY lead, as_of DESC, scored_at DESC"""
# The last and the first hand-off of each lead, by runs whose file appeared.
_HANDED_OFF = """
    SELECT DISTINCT ON (lead) lead, as_of, decision, explore_chance FROM scores
    WHERE decision IN ('hand off', 'explore') AND as_of < ? AND as_of IN (SELECT as_of FROM runs)
    ORDER BY lead, as_of {order}, scored_at {order}"""
LAST_HAND_OFFS = _HANDED_OFF.format(order="DESC")
FIRST_HAND_OFFS = _HANDED_OFF.format(order="ASC")
CHANCE_SINCE = """
    SELECT max(explore_chance) FROM scores
    WHERE as_of >= ? AND as_of < ? AND as_of IN (SELECT as_of FROM runs)"""
LEADS_TO_HAND_OFF = """
    SELECT count(DISTINCT lead) FROM scores
    WHERE decision IN ('hand off', 'explore', 'wait', 'nurture')
    AND as_of IN (SELECT as_of FROM runs)"""
LAST_RUN = "SELECT export FROM runs WHERE as_of < ? ORDER BY as_of DESC LIMIT 1"
FORGET = "DELETE FROM scores WHERE lead = ?"
FORGET_TIME = """
    DELETE FROM scores WHERE as_of = ? AND as_of NOT IN (SELECT as_of FROM runs)"""
EXPIRE = "DELETE FROM scores WHERE as_of < ?"
CARDS = "SELECT model, content FROM cards"
CARD_OF = "SELECT content FROM cards WHERE model = ?"
ADD_CARD = "INSERT INTO cards VALUES (?, ?)"
FORGET_RUN = "DELETE FROM runs WHERE as_of = ?"
ADD_RUN = "INSERT INTO runs VALUES (?, ?)"
UNFINISHED = "SELECT as_of, export, file, stamp FROM unfinished ORDER BY as_of"
ADD_UNFINISHED = "INSERT INTO unfinished VALUES (?, ?, ?, ?)"
FORGET_UNFINISHED = "DELETE FROM unfinished WHERE as_of = ?"
