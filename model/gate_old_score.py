"""The check against the scores that a company already has: a new model has to be better.

The old score is compared only where it cannot have seen the outcomes: as it was at the moment of
each lead. Otherwise nothing is asked, since an old score that was rewritten afterwards looks better
than it was.
"""

from __future__ import annotations

from features import text
from model.gate import CANNOT_TELL, CONFIRM, Gate, gate_result, not_asked
from model.training.intervals import Interval

REQUIRED = "an AUC above that of the old score, by the lower end of the interval"


def better_than_old_score(name: str, basis: str, gain: Interval | None) -> Gate:
    """Require that the model ranks later leads better than the old score did.

    Parameters
    ----------
    name, basis : str
        The old score, and as of when it was read.
    gain : Interval or None
        By how much the AUC of the model exceeds that of the old score on the same leads; None where
        the old score may have seen the outcomes.

    Examples
    --------
    >>> better_than_old_score("Score", "", Interval(0.12, 0.08, 0.16)).observed
    'AUC +0.120 (+0.080 to +0.160) compared with Score'
    """
    title = f"better than the old score {name}"
    if gain is None:
        return not_asked(title, f"the old score was read {basis}", REQUIRED)
    value, low, high = gain
    if value is None or low is None or high is None:
        why = "too few later leads with this score were won, or not won"
        return not_asked(title, why, REQUIRED)
    shown = text.signed_interval(value, low, high, digits=3)
    observed = f"AUC {shown} compared with {name}"
    if low <= 0 <= high:
        hint = f"test on more leads; or answer for it by name: {CONFIRM}"
        return Gate(title, False, observed, REQUIRED, hint, CANNOT_TELL)
    hint = f"go on with {name}, or find out what it knows that the features do not"
    return gate_result(title, low > 0, observed, REQUIRED, hint)
