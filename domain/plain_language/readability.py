"""The sentences and the words of a text."""

from __future__ import annotations

import re

_ABBREVIATION = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|vs|e\.g|i\.e|U\.S|a\.m|p\.m|Inc|No(?=\. \d))\.", re.IGNORECASE)
_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+|\n")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d[\d,./-]*")


def split_sentences(text: str) -> list[str]:
    """The text's sentences. Points in abbreviations and decimal numbers do not end one; a new line does."""
    text = _ABBREVIATION.sub(lambda found: found.group().replace(".", ""), text)
    text = _DECIMAL_POINT.sub("", text)
    return [part for part in (piece.strip() for piece in _SENTENCE_END.split(text)) if re.search(r"[A-Za-z]", part)]


def split_words(text: str) -> list[str]:
    """The words and numbers of a text."""
    return _WORD.findall(text)
