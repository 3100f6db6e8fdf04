"""Phrases for numbers and roles in journal texts."""

from __future__ import annotations

from domain.vocabulary import Role

DEPARTMENTS = frozenset({Role.INTAKE, Role.APPEALS, Role.COMPLIANCE})


def count_phrase(number: int, noun: str) -> str:
    """``1 record``, ``3 records``; for nouns that take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def role_phrase(role: Role) -> str:
    """``a nurse``, ``a medical director``; a department by its name: ``compliance``."""
    word = role.value.replace("_", " ")
    if role in DEPARTMENTS:
        return word
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
