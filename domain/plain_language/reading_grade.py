"""The Flesch-Kincaid grade of a text, from a syllable rule: the measure of our letters and of what a clinician writes in them.

The rule needs no dictionary and gives the same number everywhere; it stays within about half a grade of counts from a
pronouncing dictionary on letters of this kind.
"""

from __future__ import annotations

import re

from domain.plain_language.readability import split_sentences, split_words

_SILENT_ENDING = re.compile(r"(?:[^laeiouy]es|[^laeiouytd]ed|[^laeiouy]e)$")
_VOWELS = re.compile(r"[aeiouy]+")
_SPLIT_VOWELS = re.compile(r"(?:ia|io|iu|eo|ua)(?!u)")
_JOINED_VOWELS = re.compile(r"tion|sion|cian|cial|tial|gion|geo")
_LETTER_NAMES_OF_W = 2


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade (school years in the United States). Raises ValueError for a text without sentences."""
    found = split_sentences(text)
    if not found:
        raise ValueError("there is no sentence to grade")
    spoken = [word for sentence in found for word in split_words(sentence)]
    syllables = sum(map(_count_syllables, spoken))
    return round(0.39 * len(spoken) / len(found) + 11.8 * syllables / len(spoken) - 15.59, 2)


def _count_syllables(word: str) -> int:
    if word[0].isdigit():
        return 1 if sum(c.isdigit() for c in word) <= 2 else 2
    if word.isupper() and 1 < len(word) <= 5:
        return len(word) + (_LETTER_NAMES_OF_W if "W" in word else 0)
    letters = re.sub(r"[^a-z]", "", word.lower().replace("’", "'").replace("'s", ""))
    if len(letters) <= 3:
        return 1
    spoken = _SILENT_ENDING.sub(lambda ending: ending.group()[0], letters).removeprefix("y")
    count = len(_VOWELS.findall(spoken))
    if re.search(r"ia|io|eo|ua", spoken):
        count += len(_SPLIT_VOWELS.findall(spoken)) - len(_JOINED_VOWELS.findall(spoken))
    return max(1, count)
