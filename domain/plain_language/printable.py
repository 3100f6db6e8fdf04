"""What makes words that a person wrote unfit for a letter, whatever they are about.

The same words are judged twice: before somebody signs or sends them, when they can still be mended, and by the letter itself.
Findings hold no text of the case, so that they can be logged.
"""

from __future__ import annotations

import re

SHORTEST_SECRET = len("123-45-6789")

_SSN = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_MBI = re.compile(
    r"\b[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"
)
_HOLES = ("{{", "}}", "{%", "[insert")
_HOLE_WORDS = ("TBD", "TBA", "XX-XX", "nan", "null", "undefined")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOTHING_SAID = frozenset({"", "none", "nan", "null", "n/a", "na", "-"})


def unfit(text: str) -> str | None:
    """Why these words cannot stand in a letter, or None."""
    if _CONTROL.search(text):
        return "a text holds control characters"
    if says_nothing(text):
        return "a text still holds a placeholder"
    if holds_secret_number(text):
        return "a text holds what looks like a Social Security or Medicare number"
    return None


def says_nothing(text: str) -> bool:
    """Whether the text is a placeholder, or holds one."""
    return has_hole(text) or text.strip().lower() in _NOTHING_SAID


def has_hole(text: str) -> bool:
    """Whether something in the text was to be filled in and was not."""
    return any(hole in text for hole in _HOLES) or any(has_word(word, text) for word in _HOLE_WORDS)


def holds_secret_number(text: str) -> bool:
    """Whether a word of the text looks like a Social Security or Medicare number."""
    return any(_SSN.search(word) or _MBI.search(word) for word in text.split() if len(word) >= SHORTEST_SECRET)


def is_secret_number(number: str) -> bool:
    """Whether all of it looks like a Social Security or Medicare number."""
    return bool(_SSN.fullmatch(number) or _MBI.fullmatch(number) or re.fullmatch(r"\d{9}", number))


def has_word(word: str, text: str) -> bool:
    return word in text and re.search(rf"\b{word}\b", text) is not None
