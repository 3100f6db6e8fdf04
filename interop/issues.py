"""Collector of a document's problems and notes, so that a sender gets all of them at once."""

from __future__ import annotations

import re
from typing import TypeVar

from domain.errors import NotReadable, ValidationIssue
from domain.limits import document_issues

M = TypeVar("M")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}")


MAX_ISSUES = 200


class IssueCollector:
    """Collects problems, which reject the document, and notes, which go with it. Both reach logs: no health information.

    Of each, no more than MOST_PROBLEMS are kept: nobody reads more, and a hostile document could hold millions.
    """

    def __init__(self) -> None:
        self._problems: dict[ValidationIssue, None] = {}
        self._notes: dict[ValidationIssue, None] = {}

    def problem(self, path: str, rule: str, message: str, expected: str | None = None) -> None:
        self._keep(self._problems, ValidationIssue(path=path, rule=rule, message=message, expected=expected))

    def note(self, path: str, rule: str, message: str, expected: str | None = None) -> None:
        self._keep(self._notes, ValidationIssue(path=path, rule=rule, message=message, expected=expected))

    @staticmethod
    def _keep(kept: dict[ValidationIssue, None], finding: ValidationIssue) -> None:
        if len(kept) < MAX_ISSUES:
            kept[finding] = None
        elif len(kept) == MAX_ISSUES:
            kept[
                ValidationIssue(path="document", rule="umpire-more", message="there is more wrong than is listed here")
            ] = None

    @property
    def refused(self) -> bool:
        return bool(self._problems)

    @property
    def problems(self) -> tuple[ValidationIssue, ...]:
        return tuple(self._problems)

    @property
    def notes(self) -> tuple[ValidationIssue, ...]:
        return tuple(self._notes)

    def raise_if_any(self) -> None:
        """Raise NotReadable with every problem found so far, in the order found."""
        if self._problems:
            raise NotReadable(self.problems)


def require_within_limits(document: M) -> M:
    """The document, if no text, list, number or day of it exceeds the limits of `domain.limits`. Raises NotReadable."""
    problems = document_issues(document)
    if problems:
        raise NotReadable(problems)
    return document


def not_readable(path: str, rule: str, message: str, expected: str | None = None) -> NotReadable:
    """An exception with the one problem that ends the reading."""
    return NotReadable((ValidationIssue(path=path, rule=rule, message=message, expected=expected),))


def quoted_code(code: object) -> str:
    """A code in quotes, for a message; anything longer than a code is withheld, because it could be about a person."""
    return f"'{code}'" if isinstance(code, str) and _CODE.fullmatch(code) else "not a code"
