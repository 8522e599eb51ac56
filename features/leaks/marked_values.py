"""Values that closing a lead wrote: they go with one outcome, and open leads hardly have them.

*Competitor* is filled for a few of the lost, *customer* is added to the tags of the won. Such a
mark may be rare, so the column as a whole shows little. What was known early is different: open
leads, which look as all leads did before they were closed, have it as often as closed ones of
their age.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from features.leaks.finding import MARKED, Finding, LeadStatus, exact_share, value_name
from features.leaks.statistics import Coded, Mask, fill_by_group, rates
from features.values.choices import SEPARATORS, split_choices
from features.values.different import Different

LEAST_LEADS, LEAST_SHARE = 30, 0.005  # closed leads with the mark
ONE_SIDED, SURPRISE = 10.0, 4.0  # odds ratio; standard deviations from what chance would give
EXPECTED_OPEN, SEEN_OPEN = 8.0, 0.2  # open leads with it if it were known early; share seen
NEVER_WINS, EXPECTED_WINS = 0.04, 25.0  # share of the expected wins, where no open lead can tell
ROUNDING = 1e-9  # of figures that are computed in two ways
SEVERAL, MOST_DISTINCT = 0.05, 20_000  # share of the leads with several choices; values to split


def marked_values(of: Different, coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find the mark of a column that goes with one outcome most surprisingly.

    Parameters
    ----------
    of : Different
        The values of the column as they stand, with their multiple choices.
    """
    if not len(leads.won_of_decided) or leads.share_won in (0, 1):
        return []
    found = [
        (surprise, sentence)
        for name, having in _marks(of, coded, leads)
        for surprise, sentence in _written_late(name, having, leads)
    ]
    return [Finding(MARKED, 10, max(found)[1])] if found else []


def _marks(of: Different, coded: Coded, leads: LeadStatus) -> Iterator[tuple[str, Mask]]:
    """All that leads may be marked with: any value, each value, and each of several choices."""
    yield "any value", coded.filled
    if not coded.is_number:
        for place in _surprising_values(coded, leads):
            yield value_name(coded, place), coded.codes == place
        yield from _choices(of)


def _surprising_values(coded: Coded, leads: LeadStatus) -> list[int]:
    """The values that may go with one outcome; that most do not is seen for all of them at once."""
    wins, rows = rates(coded.codes[leads.decided], leads.won_of_decided, coded.size)
    base = leads.share_won
    spread = np.sqrt(rows * base * (1 - base))
    may = (np.abs(wins - rows * base) >= (1 - ROUNDING) * SURPRISE * spread) & (rows > 0)
    return [int(place) for place in np.flatnonzero(may) if place >= 2]


def _choices(of: Different) -> Iterator[tuple[str, Mask]]:
    """Each frequent choice of a column that lists several in a cell."""
    if not 0 < len(of.values) <= MOST_DISTINCT:
        return
    places, leads, rows, values = of.places, len(of.places), of.rows, [*map(str, of.values)]
    written = "".join(values)
    for separator in SEPARATORS:
        if separator not in written:
            continue
        listed = np.array([separator in value for value in values])
        if rows[listed].sum() < SEVERAL * leads:
            continue
        lists = [frozenset(split_choices(value, separator)) for value in values]
        several = np.array([len(choices) > 1 for choices in lists])
        if rows[several].sum() < SEVERAL * leads:
            continue
        chosen = Counter[str]()
        for choices, count in zip(lists, rows.tolist(), strict=True):
            chosen.update(dict.fromkeys(choices, count))
        for choice, count in chosen.most_common():
            if count < max(LEAST_LEADS, LEAST_SHARE * leads):
                break
            has = np.array([*(choice in choices for choices in lists), False])
            yield f"{choice!r} among others", has[places]


def _written_late(name: str, having: Mask, leads: LeadStatus) -> list[tuple[float, str]]:
    """Say how surprising it is that a mark goes with one outcome, if open leads lack it."""
    won, have = leads.won_of_decided, having[leads.decided]
    rows, total = int(np.count_nonzero(have)), len(won)
    if rows < max(LEAST_LEADS, LEAST_SHARE * total) or rows == total:
        return []
    wins, base = int(np.count_nonzero(won[have])), leads.share_won
    rest = (won.sum() - wins + base) / (total - rows + 1)
    own = (wins + base) / (rows + 1)
    ratio = abs(np.log(own / (1 - own)) - np.log(rest / (1 - rest)))
    surprise = abs(wins - rows * base) / np.sqrt(rows * base * (1 - base))
    if surprise < SURPRISE or ratio < np.log(ONE_SIDED):
        return []
    sentence = f"{wins:,} of {rows:,} leads with {name} were won, {exact_share(float(rest))} of all"
    sentence += " others"
    expected, seen = _open_leads(having, leads)
    if expected >= EXPECTED_OPEN:
        late = f"; of open leads, {seen:,} have it, where {expected:,.0f} of closed ones would"
        return [(surprise, sentence + late)] if seen <= SEEN_OPEN * expected else []
    never = wins <= NEVER_WINS * rows * rest and rows * rest >= EXPECTED_WINS
    return [(surprise, sentence)] if never else []


def _open_leads(having: Mask, leads: LeadStatus) -> tuple[float, int]:
    """Open leads that would have a mark if they had it as often as closed ones, and that do."""
    used = leads.open | leads.decided
    closed, still_open = fill_by_group(having[used], leads.decided[used], leads.same_age[used])
    number = int(leads.open.sum())
    if not number or np.isnan(closed):
        return 0.0, 0
    return closed * number, round(still_open * number)
