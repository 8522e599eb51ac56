"""The kind of event that a file without a column of kinds holds."""

from __future__ import annotations

from pathlib import Path

from features.vocabulary.feature_names import feature_name
from features.vocabulary.headings import heading_words

_SINGULAR = {
    "calls": "call",
    "meetings": "meeting",
    "tasks": "task",
    "events": "event",
    "visits": "visit",
    "emails": "email",
    "mails": "mail",
    "forms": "form",
    "clicks": "click",
    "activities": "activity",
}


def kind_of_file(file: Path) -> str:
    """The kind of event that a file is called after: ``Calls_001.csv`` has calls.

    Examples
    --------
    >>> [kind_of_file(Path(name)) for name in ("Calls_001.csv", "web visits 2024-05.csv")]
    ['call', 'web_visit']
    """
    words = [word for word in heading_words(file.stem) if not word.isdigit()]
    if words and words[-1] in _SINGULAR:
        words[-1] = _SINGULAR[words[-1]]
    return feature_name(" ".join(words) or file.stem)
