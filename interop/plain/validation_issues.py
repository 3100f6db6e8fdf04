"""Pydantic errors as validation issues: JSON path, rule, expected value. Values of the document are never repeated."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.plain_language.value_errors import expected_value
from interop.issues import IssueCollector

RULE = "umpire-request/1"
_COMMON_ISSUES = {
    "missing": ("the property is missing", None),
    "too_short": ("the list is too short", None),
}


def add_validation_issues(error: ValidationError, findings: IssueCollector, rule: str = RULE) -> None:
    """Add one problem for each error. `rule` names the format."""
    details = error.errors(include_url=False, include_input=False)
    for detail in details:
        if detail["type"] == "too_short" and _has_wrong_parts(detail, details):
            continue
        message, expected = _COMMON_ISSUES.get(detail["type"], ("the value cannot be read", None))
        if detail["type"] == "extra_forbidden":
            message, expected = "the property is not known", f"a property of {rule}"
        findings.problem(path_of(detail["loc"]), rule, message, expected or expected_value(detail))


def _has_wrong_parts(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list has wrong parts: pydantic then also reports it as too short, which would mislead the reader."""
    place = detail["loc"]
    return any(other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in details)


def path_of(location: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "$" + "".join(parts)
