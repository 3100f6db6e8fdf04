"""Collector of a document's problems and notes, so that a sender gets all of them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from domain.errors import NotReadable, ValidationIssue
from domain.limits import document_issues
from domain.requests.remarks import ReadingRemark

M = TypeVar("M")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}")


MAX_ISSUES = 200

_FORM_RULES = frozenset({"spec-23"})
"""Rules of notes on elements that only should be there: nothing was left out, so they are no remarks."""


class IssueCollector:
    """Collects problems, which reject the document, and notes, which go with it. Both reach logs: no health information.

    Of each, no more than MOST_PROBLEMS are kept: nobody reads more, and a hostile document could hold millions.
    """

    def __init__(self) -> None:
        self._problems: dict[ValidationIssue, None] = {}
        self._notes: dict[ValidationIssue, None] = {}
        self._about_service: dict[ValidationIssue, None] = {}

    def problem(self, path: str, rule: str, message: str, expected: str | None = None) -> None:
        self._keep(self._problems, ValidationIssue(path=path, rule=rule, message=message, expected=expected))

    def note(
        self, path: str, rule: str, message: str, expected: str | None = None, *, about_service: bool = False
    ) -> None:
        """Note a departure. `about_service` when part of what is asked for was not understood: no rule may answer it."""
        issue = ValidationIssue(path=path, rule=rule, message=message, expected=expected)
        self._keep(self._notes, issue)
        if about_service:
            self._keep(self._about_service, issue)

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

    def remarks(self, line_of: Mapping[str, str]) -> tuple[ReadingRemark, ...]:
        """The notes on what was not understood or left out; `line_of` names the service line of a path and all below it.

        Remarks on the service are kept however many notes there are.
        """
        found = (note for note in (*self._notes, *self._about_service) if note.rule not in _FORM_RULES)
        return tuple(
            ReadingRemark(
                path=note.path,
                rule=note.rule,
                message=note.message,
                expected=note.expected,
                line_id=_line_at(note.path, line_of),
                about_service=note in self._about_service,
            )
            for note in dict.fromkeys(found)
        )

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


def _line_at(path: str, line_of: Mapping[str, str]) -> str | None:
    return next(
        (line for start, line in line_of.items() if path == start or path.startswith((f"{start}.", f"{start}["))), None
    )


def not_readable(path: str, rule: str, message: str, expected: str | None = None) -> NotReadable:
    """An exception with the one problem that ends the reading."""
    return NotReadable((ValidationIssue(path=path, rule=rule, message=message, expected=expected),))


def quoted_code(code: object) -> str:
    """A code in quotes, for a message; anything longer than a code is withheld, because it could be about a person."""
    return f"'{code}'" if isinstance(code, str) and _CODE.fullmatch(code) else "not a code"
