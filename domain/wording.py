"""Numbers in the words of the journal."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 record``, ``3 records``; for nouns that take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
