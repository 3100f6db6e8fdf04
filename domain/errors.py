"""Errors that a user can act on, and the rule violations and validation issues that they hold.

UmpireError
├── Refused            a person asked for something that a rule does not allow (user acts)
├── NotOnFile          nothing is on file under this number or id (user acts)
├── NotReadable        a document could not be understood (user acts; it stays in the inbox)
├── LetterIncomplete   a required element is missing, so no letter was made (staff acts)
├── Unavailable        a required system did not answer (operations act; retried)
└── Corrupt            stored data contradicts itself (developers act)
"""

from __future__ import annotations

from pydantic import Field

from domain.model import Model


class RuleViolation(Model):
    """The reason that something was not done: the rule, its message, and the remedy. Holds no health information."""

    rule: str
    message: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.message} [{self.rule}] {self.way_out}"


def violation(rule: str, message: str, way_out: str) -> RuleViolation:
    """Create a `RuleViolation` from positional arguments: the rule, its message, the remedy."""
    return RuleViolation(rule=rule, message=message, way_out=way_out)


class ValidationIssue(Model):
    """One validation issue of a document: its path in the document, the problem, and the expected value. `about_case` names the
    case that the document would have changed, whose reviewers see it as a proposal."""

    path: str
    rule: str
    message: str
    expected: str | None = None
    about_case: str | None = Field(default=None, exclude_if=lambda named: named is None)

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.message}"
            + (f" (expected {self.expected})" if self.expected else "")
            + f" [{self.rule}]"
        )


class UmpireError(Exception):
    """The root. `code` is stable and travels as the type of a Temporal ApplicationError."""

    code = "umpire"
    retryable = False


class Refused(UmpireError):
    code = "refused"

    def __init__(self, refusals: tuple[RuleViolation, ...]) -> None:
        super().__init__("; ".join(str(r) for r in refusals))
        self.refusals = refusals


def refusal(rule: str, message: str, way_out: str) -> Refused:
    """Create the exception for one broken rule: the rule, its message, the remedy."""
    return Refused((violation(rule, message, way_out),))


class NotOnFile(UmpireError):
    """Nothing is on file under this number or id. `way_out` is empty where the caller knows the remedy."""

    code = "not_found"

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(f"{message} {way_out}".strip())
        self.message, self.way_out = message, way_out


class NotReadable(UmpireError):
    """The document is stored; `problems` list its validation issues."""

    code = "not_readable"

    def __init__(self, problems: tuple[ValidationIssue, ...]) -> None:
        super().__init__("; ".join(str(p) for p in problems))
        self.problems = problems


class LetterIncomplete(UmpireError):
    """`missing` are the keys of the required elements that the context could not fill."""

    code = "letter_incomplete"

    def __init__(self, notice: str, audience: str, missing: tuple[str, ...], detail: str = "") -> None:
        super().__init__(f"{notice} for {audience} lacks: {', '.join(missing)}{' - ' + detail if detail else ''}")
        self.notice, self.audience, self.missing = notice, audience, missing


class Unavailable(UmpireError):
    code = "unavailable"
    retryable = True


class Corrupt(UmpireError):
    code = "corrupt"


class ImpossibleState(RuntimeError):
    """A state that the checks should have kept out: developers act.

    It is no `LookupError`, so that nobody takes it for something that is not on file, and no `UmpireError`, because no user can
    act on it. A workflow that raises it does not fail: the step is undone and tried again until a release mends the code.
    """
