"""What sales said when a lead was closed, in a dozen words that every company shares.

A company's own reasons (*Doesn't Answer*, *Bad Email*, *Went to Rivals*) are mapped to a taxonomy,
so that reasons can be counted, learnt from, and held against the definition. ``leadready init``
proposes the mapping from the wording; the team corrects it in ``leadready.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

NOT_FIT, NOT_SIZE, NOT_CONTACT = "not the right fit", "not the right size", "not the right contact"
NOT_INTERESTED, TIMING, BUDGET = "not interested", "bad timing", "no budget"
COMPETITOR, BAD_DATA = "competitor", "bad data"
DUPLICATE, TEST, NEVER_WORKED, OTHER = "duplicate", "test record", "never worked", "other"
TAXONOMY = (
    NOT_FIT,
    NOT_SIZE,
    NOT_CONTACT,
    NOT_INTERESTED,
    TIMING,
    BUDGET,
    COMPETITOR,
    BAD_DATA,
    DUPLICATE,
    TEST,
    NEVER_WORKED,
    OTHER,
)
NO_LEAD = (DUPLICATE, TEST)  # records that are no leads at all
NO_OUTCOME = (*NO_LEAD, NEVER_WORKED)  # such leads say nothing about who buys

# The first line whose words are found decides, so the more particular ones come first.
WORDS: tuple[tuple[str, str], ...] = (
    (DUPLICATE, r"duplica|double entr|already (a |an )?(lead|customer|client|exist|in crm)|merged"),
    (TEST, r"^test|\btest (record|lead|entry|data)|spam|\bbots?\b|fake"),
    (
        NEVER_WORKED,
        r"abandon|never (worked|contacted|called)|not (worked|contacted|followed)"
        r"|no follow.?up|aged out|expired|stale",
    ),
    (COMPETITOR, r"competit|rival|went (to|with) (an)?other|other (vendor|supplier|provider)"),
    (
        NOT_SIZE,
        r"too (small|big|large)|\bsize\b|not enough (employees|seats|users)|(small|large) "
        r"(company|business)",
    ),
    (
        BUDGET,
        r"budget|expensive|price|pricing|cost|afford|fund|money|for free|\bfree\b|cheap"
        r"|refusal of (grant|voucher)|gut(schein|stein)|grant|voucher|financ",
    ),
    (
        NOT_CONTACT,
        r"wrong (contact|person)|(not|no) (the )?(right|decision)[ -]?(contact|person"
        r"|maker)?$|not (a |the )?decision|left (the )?company"
        r"|not for (my|him|her|them)sel|no authority|gatekeeper|wrong department",
    ),
    (
        BAD_DATA,
        r"invalid|wrong (number|e-?mail|phone)|bad (e-?mail|number|phone|data)|bounce"
        r"|unreach|(doesn.?t|does not|didn.?t|not|no|never|stopped|stop) (answer|respon|repl"
        r"|pick)|no contact|not reached|could not (be )?(reach|contact)|(didn.?t|did not|"
        r"never) (leave|left|apply|ask|request|fill)|incomplete",
    ),
    (
        TIMING,
        r"tim(e|ing)|later|next (year|quarter|stream|month|season|cohort)|not (now|yet|ready)"
        r"|postpone|on hold|future|delay|freez|too early",
    ),
    (
        NOT_FIT,
        r"target|not (a )?(good )?(fit|match|suit|qualif|eligible|relevant)|unqualif|unsuit"
        r"|(does|did|do) not (fit|suit|speak|know|match|meet|have|use)|not suitable"
        r"|inadequate|(different|another|other) (direction|product|solution|course)|out of "
        r"(region|area|territory|scope)|region|territory|industry|language|requirement"
        r"|missing feature|^(refugee|student|minor|pensioner|private (person|individual))"
        r"s?$",
    ),
    (
        NOT_INTERESTED,
        r"interest|unsubscri|do not (call|contact|mail)|opt(ed)?.?out|no need|not need"
        r"|refus|declin|reject|changed (decision|mind)|decision|cancel",
    ),
)
PATTERNS = tuple((name, re.compile(words)) for name, words in WORDS)


def guess_disposition(reason: str) -> str | None:
    """Propose what a company's own reason means; None where the wording says nothing.

    Examples
    --------
    >>> [guess_disposition(reason) for reason in ("No answer", "Wrong Contact", "Too small")]
    ['bad data', 'not the right contact', 'not the right size']
    >>> guess_disposition("Not the right fit")
    'not the right fit'
    >>> guess_disposition("X-17") is None
    True
    """
    text = " ".join(re.sub(r"[_/]+", " ", reason.casefold()).split())
    if text in TAXONOMY:
        return text
    return next((name for name, pattern in PATTERNS if pattern.search(text)), None)


def dispositions_by_reason(answers: Mapping[str, Iterable[str]] | None) -> dict[str, str]:
    """Turn the team's answers round: each of the company's reasons to its name.

    Examples
    --------
    >>> dispositions_by_reason({"bad timing": ["Gone", "Later"]})
    {'Gone': 'bad timing', 'Later': 'bad timing'}
    """
    return {one: name for name, ones in (answers or {}).items() for one in ones}


def map_reasons(
    reasons: Iterable[str], answers: Mapping[str, Iterable[str]] | None = None
) -> dict[str, str]:
    """Map each reason: as the team answered, else as proposed, else ``other``.

    Parameters
    ----------
    reasons : iterable of str
        As the company writes them.
    answers : mapping, optional
        Of the taxonomy's names to the company's reasons.

    Examples
    --------
    >>> map_reasons(["Abandoned", "Gone"], {"bad timing": ["Gone"]})
    {'Abandoned': 'never worked', 'Gone': 'bad timing'}
    """
    told = dispositions_by_reason(answers)
    return {one: told.get(one) or guess_disposition(one) or OTHER for one in reasons}
