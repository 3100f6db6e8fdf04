"""Exceptions and temporary supplies that were granted to a member before, from the cases on file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.lookups.coverage import coverage_of_request
from domain.cases.views import CaseView
from domain.coverage.directory import Coverage
from domain.coverage.requirements import Requirement
from domain.drug_limits.rules import DrugSelector
from domain.pharmacy.exception_periods import (
    DrugRefill,
    ExceptionPeriod,
    GrantedException,
    find_standing_exception,
    last_day_of_exception,
)
from domain.pharmacy.step_protections import product_prefix
from domain.pharmacy.temporary_supplies import EarlierSupply
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import LineOutcome, ProcessKind, ServiceKind
from store import cases, requests


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
    asked = DrugRefill(
        plan_id=coverage.plan_id,
        lob=coverage.lob,
        code=line.code,
        diagnoses=frozenset(line.diagnoses or request.diagnoses),
        quantity=line.quantity,
        unit=line.unit,
        start=line.start,
        end=line.end,
    )
    found = find_standing_exception(_granted(s, case_id, request.member.member_id), asked)
    if found is None or found.start is None:
        return None
    because = f"{period.because}: {found.case_id}, through {last_day_of_exception(found.start, found.end).isoformat()}"
    return Requirement(required=False, because=because, citation=period.cite)


def supplies_before(
    s: Session, case_id: str, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine
) -> tuple[EarlierSupply, ...]:
    """The temporary supplies of this drug, in any package, that the law granted in other cases of the member, also in withdrawn
    ones."""
    if request.service_kind is not ServiceKind.PHARMACY_DRUG:
        return ()
    product = DrugSelector(codes=(product_prefix(line.code),))
    found = []
    for view in _requests_of(s, case_id, request.member.member_id):
        given = [one for one in cases.lines(s, view.case_id) if one.supply is not None and product.holds(one.code)]
        asked = requests.load(s, view.case_id, view.request_version).request if given else None
        for one in given:
            if one.supply is None or asked is None:
                continue
            received = asked.received_at.astimezone(ZoneInfo(coverage.zone)).date()
            starts = [each.start for each in asked.lines if each.line_id == one.line_id and each.start is not None]
            found.append(EarlierSupply(rule_id=one.supply.rule_id, day=max(received, *starts)))
    return tuple(found)


def _granted(s: Session, case_id: str, member_id: str) -> tuple[GrantedException, ...]:
    found = []
    for view in _requests_of(s, case_id, member_id):
        held = [
            one
            for one in cases.lines(s, view.case_id)
            if one.outcome is LineOutcome.APPROVED and one.exception is not None
        ]
        if not held:
            continue
        asked = requests.load(s, view.case_id, view.request_version).request
        coverage = coverage_of_request(s, asked)
        of_line = {one.line_id: one for one in asked.lines}
        found += [
            GrantedException(
                case_id=view.case_id,
                plan_id=coverage.plan_id,
                lob=coverage.lob,
                code=one.code,
                diagnoses=frozenset(of_line[one.line_id].diagnoses or asked.diagnoses),
                quantity=one.approved_quantity,
                unit=of_line[one.line_id].unit,
                start=one.approved_start,
                end=one.approved_end,
            )
            for one in held
            if one.line_id in of_line
        ]
    return tuple(found)


def _requests_of(s: Session, case_id: str, member_id: str) -> tuple[CaseView, ...]:
    return tuple(
        view
        for view in cases.find(s, member_id=member_id)
        if view.process is ProcessKind.REQUEST and view.case_id != case_id
    )
