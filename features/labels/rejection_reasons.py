"""Why sales turned a lead down: a taxonomy of twelve dispositions.

Every company has its own reasons (*Doesn't Answer*, *Bad Email*, *Went to Rivals*). They are mapped
to the taxonomy, so that they can be counted, learned from and compared with the definition.
``leadready init`` proposes the mapping from the wording; the team corrects it in
``leadready.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from features.vocabulary.reason_values import reason_meaning
from features.workspace.vocabulary import DISPOSITIONS

TAXONOMY = DISPOSITIONS
(
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
) = TAXONOMY
NO_LEAD = (DUPLICATE, TEST)  # records that are not leads
NO_OUTCOME = (*NO_LEAD, NEVER_WORKED)  # these leads say nothing about who buys

# The first pattern found decides, so the more specific ones come first.
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
    """Guess the disposition from the wording of a company's reason; None if it gives no clue.

    Examples
    --------
    >>> [guess_disposition(reason) for reason in ("No answer", "Wrong Contact", "Too small")]
    ['bad data', 'not the right contact', 'not the right size']
    >>> guess_disposition("Wettbewerber"), guess_disposition("Not the right fit")
    ('competitor', 'not the right fit')
    >>> guess_disposition("X-17") is None
    True
    """
    text = " ".join(re.sub(r"[_/]+", " ", reason.casefold()).split())
    if text in TAXONOMY:
        return text
    english = next((name for name, pattern in PATTERNS if pattern.search(text)), None)
    return reason_meaning(reason) or english


def dispositions_by_reason(mapped: Mapping[str, Iterable[str]] | None) -> dict[str, str]:
    """Invert the mapping of the workspace: from each of the company's reasons to its disposition.

    Examples
    --------
    >>> dispositions_by_reason({"bad timing": ["Gone", "Later"]})
    {'Gone': 'bad timing', 'Later': 'bad timing'}
    """
    return {
        reason: disposition for disposition, reasons in (mapped or {}).items() for reason in reasons
    }


def map_reasons(
    reasons: Iterable[str], mapped: Mapping[str, Iterable[str]] | None = None
) -> dict[str, str]:
    """Map each reason to a disposition: as the team decided, else as guessed, else ``other``.

    Parameters
    ----------
    reasons : iterable of str
        As the company writes them.
    mapped : mapping, optional
        The company's reasons by disposition, as in ``outcome.reasons``.

    Examples
    --------
    >>> map_reasons(["Abandoned", "Gone"], {"bad timing": ["Gone"]})
    {'Abandoned': 'never worked', 'Gone': 'bad timing'}
    """
    decided = dispositions_by_reason(mapped)
    return {reason: decided.get(reason) or guess_disposition(reason) or OTHER for reason in reasons}
