"""Phrases for numbers and roles in journal texts."""

from __future__ import annotations

from datetime import timedelta

from domain.vocabulary import Lob, Role

DEPARTMENTS = frozenset({Role.INTAKE, Role.APPEALS, Role.COMPLIANCE})
_STAFF = {Role.BENEFITS: "benefit staff", Role.ENROLLMENT: "enrollment staff"}


def count_phrase(number: int, noun: str) -> str:
    """``1 record``, ``3 records``; for nouns that take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def span_phrase(span: timedelta) -> str:
    """``7 days and 7 hours``, ``2 hours and 5 minutes``, ``19 seconds``: a span from zero on in its two largest units."""
    seconds = int(span.total_seconds())
    parts = (("day", seconds // 86400), ("hour", seconds // 3600 % 24), ("minute", seconds // 60 % 60))
    shown = [(number, noun) for noun, number in (*parts, ("second", seconds % 60))]
    largest = next((place for place, (number, _) in enumerate(shown) if number), len(shown) - 1)
    said = [count_phrase(number, noun) for number, noun in shown[largest : largest + 2] if number]
    return " and ".join(said) or count_phrase(0, "second")


_LOB_PHRASES = {
    Lob.MEDICARE_ADVANTAGE: "Medicare Advantage",
    Lob.PART_D: "Part D",
    Lob.MEDICAID: "Medicaid",
    Lob.CHIP: "CHIP",
    Lob.COMMERCIAL_ERISA: "Commercial, ERISA",
    Lob.COMMERCIAL_ACA: "Commercial, ACA",
    Lob.QHP: "QHP",
}


def lob_phrase(lob: Lob) -> str:
    """A line of business as people write it: ``Medicare Advantage``, ``Part D``."""
    return _LOB_PHRASES[lob]


def role_phrase(role: Role) -> str:
    """``a nurse``, ``a medical director``; a department by its name: ``compliance``; ``benefit staff``."""
    if role in _STAFF:
        return _STAFF[role]
    word = role.value.replace("_", " ")
    if role in DEPARTMENTS:
        return word
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
