"""The values that ``leadready.yaml`` may choose from; ``docs/data.md`` explains each of them."""

from __future__ import annotations

OTHER = "other"  # of features of which nobody has said what they are
FAMILIES = ("firmographic", "role", "origin", "engagement", OTHER)
TYPES = ("number", "year", "category", "flag", "title", "date", "choices")
DECIMAL_MARKS = (".", ",")
IGNORE_REASONS = ("personal", "constant", "identifier", "outcome", "other")
OUTCOMES_TO_LEARN_FROM = ("known_at_the_time", "at_extract")
BEST_NUMBERS = ("high", "low")  # of an old score
IMMATURE_LEADS = ("leave_out", "weight")
UNWORKED_LEADS = ("weight", "leave_out")
DISPOSITIONS = (  # standard reasons for closing a lead
    "not the right fit",
    "not the right size",
    "not the right contact",
    "not interested",
    "bad timing",
    "no budget",
    "competitor",
    "bad data",
    "duplicate",
    "test record",
    "never worked",
    "other",
)
MATCHES = (  # how ids are compared
    "exact",
    "email",
    "guid",
    "salesforce_id",
    "number",
    "letters",
    "prefixed_number",
)
ROW_NUMBER = "row number"  # the id of leads that no column identifies
KIND_ANSWERS = ("leak", "known_at_moment")  # to the audit of a kind of event
