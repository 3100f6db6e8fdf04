"""Port to the eligibility system. The embedded one reads the directory; a plan puts its own system behind the port."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from domain.coverage.directory import Coverage
from store import directory
from store.session import Store


class Eligibility(Protocol):
    """Port that returns a member's coverage on a day of service, or raises `Unavailable`. It never guesses: no answer is not a
    "no"."""

    def coverage(self, member_id: str, day: date) -> Coverage | None: ...


class DirectoryEligibility:
    """The embedded directory as the source of coverage."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def coverage(self, member_id: str, day: date) -> Coverage | None:
        with self._store.read() as s:
            return directory.coverage_on(s, member_id, day)
