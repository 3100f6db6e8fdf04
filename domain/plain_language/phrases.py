"""Phrases for numbers, names and roles in journal texts and letters."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.vocabulary import Lob, Role

_SHORT_WORD = 3
"""The letters of articles and prepositions at most: they have no capital in a title either."""
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


def instant_phrase(at: datetime, zone: str) -> str:
    """An instant as Americans say it, in the zone, which is named: ``Mon Dec 7, 11:59 PM EST``."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a %b} {there.day}, {there.hour % 12 or 12}:{there:%M %p %Z}"


def day_phrase(at: datetime, zone: str) -> str:
    """The day of an instant in the zone: ``December 7, 2026``."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%B} {there.day}, {there.year}"


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


_PROPER_NAMES = frozenset(
    {
        "alzheimer", "botox", "broviac", "crohn", "cushing", "dexcom", "doppler", "epley", "foley", "harrington", "hickman",
        "holter", "hoyer", "ilizarov", "kirschner", "medicaid", "medicare", "mohs", "nissen", "pap", "papanicolaou",
        "parkinson", "roux", "swan", "unna", "whipple",
    }
)  # fmt: skip
"""Names of people, programs and makers with which names of services begin: they keep their capital."""


def lower_in_sentence(name: str) -> str:
    """The name of a service as it stands within a sentence: ``fusion of 2 lumbar joints``. Its first letter is lowered, unless
    the first word is an abbreviation (``CPAP``, ``X-ray``), a proper name (``Doppler``), or every word has a capital."""
    text = name.strip()
    words = re.findall(r"[^\W\d_]+", text)
    first = words[0] if words and text.startswith(words[0]) else ""
    if len(first) < 2 or not first.istitle() or first.lower() in _PROPER_NAMES:
        return text
    long = [word for word in words if len(word) > _SHORT_WORD]
    if len(long) > 1 and all(word.istitle() for word in long):
        return text
    return text[0].lower() + text[1:]
