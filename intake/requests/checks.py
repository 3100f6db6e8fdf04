"""Checks of a readable request against the directory and the rulebook, before it is sent: nothing is stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import ValidationIssue
from domain.evidence.facts import FactDictionary
from domain.vocabulary import Lob
from intake.requests.directory_remarks import add_directory_remarks
from intake.requests.membership import membership_issues
from interop.submission import Submission


def compare_with_directory(
    s: Session, submission: Submission, lobs: frozenset[Lob] | None, facts: FactDictionary | None, at: datetime
) -> tuple[Submission, tuple[ValidationIssue, ...]]:
    """The submission with the remarks that it would get, and the issues for which intake would have to look at it."""
    return add_directory_remarks(s, submission, facts, at), membership_issues(s, submission.request, lobs)
