"""Exceptions that were granted to a member before, from the cases on file."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.coverage.directory import Coverage
from domain.coverage.requirements import Requirement
from domain.pharmacy.exception_periods import (
    ExceptionPeriod,
    GrantedException,
    find_standing_exception,
    last_day_of_exception,
)
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import LineOutcome, ProcessKind
from store import cases


def requirement_by_exception(
    s: Session,
    periods: tuple[ExceptionPeriod, ...],
    case_id: str,
    request: AuthorizationRequest,
    coverage: Coverage,
    line: ServiceLine,
) -> Requirement | None:
    """The finding that a line needs no approval because an exception that was granted before still holds; None else."""
    if line.start is None:
        return None
    period = next((one for one in periods if one.binds(coverage.lob, request.service_kind, line.start)), None)
    if period is None:
        return None
    granted = _granted(s, case_id, request.member.member_id)
    found = find_standing_exception(granted, line.code, line.quantity, line.start, line.end)
    if found is None or found.start is None:
        return None
    because = f"{period.because}: {found.case_id}, through {last_day_of_exception(found.start).isoformat()}"
    return Requirement(required=False, because=because, citation=period.cite)


def _granted(s: Session, case_id: str, member_id: str) -> tuple[GrantedException, ...]:
    return tuple(
        GrantedException(
            case_id=view.case_id,
            code=line.code,
            quantity=line.approved_quantity,
            start=line.approved_start,
            end=line.approved_end,
        )
        for view in cases.find(s, member_id=member_id)
        if view.process is ProcessKind.REQUEST and view.case_id != case_id
        for line in cases.lines(s, view.case_id)
        if line.outcome is LineOutcome.APPROVED and line.exception is not None
    )
