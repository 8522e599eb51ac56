"""Reasons for closing a lead, in the words of eleven languages besides English."""

from __future__ import annotations

from features.labels.rejection_reasons import TAXONOMY, guess_disposition
from features.vocabulary.phrase_book import listed_words


def test_every_listed_reason_is_read_as_what_it_means() -> None:
    listed = listed_words("reasons.yaml")
    wrong = [
        (word.language, word.text, found)
        for word in listed
        if (found := guess_disposition(word.text.strip("*="))) != word.meaning
    ]
    assert wrong == []
    languages = {language for _, language, _ in listed}
    assert len(languages) == 11
    for meaning in {word.meaning for word in listed}:
        assert meaning in TAXONOMY
        assert {word.language for word in listed if word.meaning == meaning} == languages
