"""Print how much is read right: ``python -m verification.reading``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from verification.reading.dates import date_readings
from verification.reading.ids import id_readings, link_readings
from verification.reading.money import money_readings
from verification.reading.share import Reading, is_good, share_text
from verification.reading.titles import readings_by_language
from verification.reading.words import word_readings

SUBJECTS: dict[str, Callable[[], list[Reading]]] = {
    "dates": date_readings,
    "ids": id_readings,
    "ids that two files spell differently": link_readings,
    "numbers and money": money_readings,
    "stages, yes and no, headings": word_readings,
}


def main() -> int:
    """Print the share of each subject; fail if one is below the bar."""
    readings = {subject: read() for subject, read in SUBJECTS.items()}
    readings |= {f"titles ({language})": found for language, found in readings_by_language()}
    for subject, found in readings.items():
        print(share_text(subject, found))
    return 0 if all(map(is_good, readings.values())) else 1


if __name__ == "__main__":
    sys.exit(main())
