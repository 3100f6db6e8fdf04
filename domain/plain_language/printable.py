"""Checks that text written by a person can be printed in a letter.

The same text is checked twice: before somebody signs or sends it, when it can still be corrected, and in the letter itself.
Reasons hold no text of the case, so that they can be logged.
"""

from __future__ import annotations

import re

_SSN = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_MBI = re.compile(
    r"\b[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"
)
_PLACEHOLDERS = ("{{", "}}", "{%", "[insert")
_PLACEHOLDER_WORDS = ("TBD", "TBA", "XX-XX", "nan", "null", "undefined")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EMPTY_ANSWERS = frozenset({"", "none", "nan", "null", "n/a", "na", "-"})


def unprintable_reason(text: str) -> str | None:
    """The reason that this text cannot be printed in a letter, or None."""
    if _CONTROL.search(text):
        return "a text holds control characters"
    if is_blank_or_placeholder(text):
        return "a text still holds a placeholder"
    if has_ssn_or_mbi(text):
        return "a text holds what looks like a Social Security or Medicare number"
    return None


def is_blank_or_placeholder(text: str) -> bool:
    """Whether the text is empty or a placeholder, or holds a placeholder."""
    return has_placeholder(text) or text.strip().lower() in _EMPTY_ANSWERS


def has_placeholder(text: str) -> bool:
    """Whether the text holds a placeholder that was not filled in."""
    return any(hole in text for hole in _PLACEHOLDERS) or any(has_word(word, text) for word in _PLACEHOLDER_WORDS)


def has_ssn_or_mbi(text: str) -> bool:
    """Whether the text holds what looks like a Social Security or Medicare number (SSN or MBI)."""
    return bool(_SSN.search(text) or _MBI.search(text))


def is_ssn_or_mbi(number: str) -> bool:
    """Whether the whole text looks like a Social Security or Medicare number (SSN or MBI)."""
    return bool(_SSN.fullmatch(number) or _MBI.fullmatch(number) or re.fullmatch(r"\d{9}", number))


def has_word(word: str, text: str) -> bool:
    return word in text and re.search(rf"\b{word}\b", text) is not None
