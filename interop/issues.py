"""What is wrong with a document and what is merely worth saying, collected so that a sender hears it all at once."""

from __future__ import annotations

import re

from domain.errors import NotReadable, Problem

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}")


MOST_PROBLEMS = 200


class Findings:
    """Problems refuse the document; notes travel with it. Neither may hold health information: they reach logs.

    Of each, no more than MOST_PROBLEMS are kept: nobody reads more, and a hostile document could hold millions.
    """

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self._notes: dict[Problem, None] = {}

    def problem(self, path: str, rule: str, message: str, expected: str | None = None) -> None:
        self._keep(self._problems, Problem(path=path, rule=rule, message=message, expected=expected))

    def note(self, path: str, rule: str, message: str, expected: str | None = None) -> None:
        self._keep(self._notes, Problem(path=path, rule=rule, message=message, expected=expected))

    @staticmethod
    def _keep(kept: dict[Problem, None], finding: Problem) -> None:
        if len(kept) < MOST_PROBLEMS:
            kept[finding] = None
        elif len(kept) == MOST_PROBLEMS:
            kept[Problem(path="document", rule="umpire-more", message="there is more wrong than is listed here")] = None

    @property
    def refused(self) -> bool:
        return bool(self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems)

    @property
    def notes(self) -> tuple[Problem, ...]:
        return tuple(self._notes)

    def refuse_if_any(self) -> None:
        """Raises NotReadable with every problem found so far, in the order of finding."""
        if self._problems:
            raise NotReadable(self.problems)


def refusal(path: str, rule: str, message: str, expected: str | None = None) -> NotReadable:
    """One problem that leaves nothing more to look at."""
    return NotReadable((Problem(path=path, rule=rule, message=message, expected=expected),))


def shown(code: object) -> str:
    """A code as it stands in the document, for a message; anything longer than a code could be about a person."""
    return f"'{code}'" if isinstance(code, str) and _CODE.fullmatch(code) else "not a code"
