"""Coverage on file from which the line of business, the State and the zone of a case follow."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from domain.coverage.directory import Coverage
from domain.errors import Corrupt
from domain.requests.request import AuthorizationRequest
from store import directory


def coverage_of_request(s: Session, request: AuthorizationRequest) -> Coverage:
    """The coverage on the first day of service, else the latest. Raises Corrupt for a member without any."""
    days = [line.start for line in request.lines if line.start is not None]
    found = covering_or_latest_coverage(s, request.member.member_id, lambda one: bool(days) and one.covers(min(days)))
    if found is None:
        raise Corrupt("a case was opened for a member without any coverage on file")
    return found


def covering_or_latest_coverage(s: Session, member_id: str, covers: Callable[[Coverage], bool]) -> Coverage | None:
    """The member's coverage for which `covers` is true, else the one that began last; None for a member without any."""
    known = directory.coverages(s, member_id)
    return next(filter(covers, known), None) or max(known, key=lambda one: one.effective, default=None)
