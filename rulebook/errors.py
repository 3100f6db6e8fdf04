"""Errors of rulebook files."""

from __future__ import annotations


class RulebookError(ValueError):
    """An error in a rulebook file. ``key`` is the path inside the item, such as ``length.unit``; ``line`` counts from 1.

    ``excerpt`` shows the line itself with a caret under the place, where the file is not readable at all.
    """

    def __init__(self, file: str, line: int, key: str, problem: str, expected: str = "", excerpt: str = "") -> None:
        self.file, self.line, self.key, self.problem, self.expected = file, line, key, problem, expected
        place = f"{file}:{line}: {key}: " if key else f"{file}:{line}: "
        self.excerpt = excerpt
        super().__init__(place + problem + (f"; expected {expected}" if expected else "") + excerpt)


class RulebookErrors(ValueError):
    """All errors of one load, in the order of the lines; the message has one line for each."""

    def __init__(self, errors: tuple[RulebookError, ...]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.file, error.line)))
        super().__init__("\n".join(str(error) for error in self.errors))
