"""Remarks on a request whose measurements came in units in which they do not count."""

from __future__ import annotations

from collections.abc import Mapping

from domain.criteria.foreign_units import find_foreign_units
from domain.errors import ValidationIssue
from domain.evidence.facts import FactDefinition
from domain.requests.remarks import add_remarks
from interop.submission import Submission


def with_foreign_units(submission: Submission, definitions: Mapping[str, FactDefinition]) -> Submission:
    """The submission with a remark and a note for each fact of these definitions that came in a unit it is not taken in."""
    request = submission.request
    found = find_foreign_units(definitions, request.facts, submission.statements, submission.answers)
    if not found:
        return submission
    notes = (ValidationIssue(path=one.path, rule=one.rule, message=one.message, expected=one.expected) for one in found)
    return submission.model_copy(
        update={
            "request": request.model_copy(update={"remarks": add_remarks(request.remarks, found)}),
            "notes": (*submission.notes, *notes),
        }
    )
