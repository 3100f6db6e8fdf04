"""Exceptions and temporary supplies that were granted to a member before, from the cases on file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.lookups.coverage import coverage_of_request
from activities.lookups.other_requests import OtherRequests, other_requests
from domain.coverage.directory import Coverage
from domain.coverage.requirements import Requirement
from domain.drug_limits.rules import normalize_code
from domain.pharmacy.exception_periods import (
    DrugUse,
    ExceptionPeriod,
    GrantedException,
    find_standing_exception,
)
from domain.pharmacy.step_protections import product_prefix
from domain.pharmacy.temporary_supplies import EarlierSupply
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import LineOutcome, ServiceKind
from store.read_cache import read_once


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
    asked = DrugUse(
        plan_id=coverage.plan_id,
        lob=coverage.lob,
        code=line.code,
        diagnoses=frozenset(line.diagnoses or request.diagnoses),
        quantity=line.quantity,
        unit=line.unit,
        start=line.start,
        end=line.end,
    )
    granted = _granted(s, case_id, request.member.member_id).get(asked.drug, ())
    found = find_standing_exception(granted, asked)
    if found is None or found.last_day is None:
        return None
    because = f"{period.because}: {found.case_id}, through {found.last_day.isoformat()}"
    return Requirement(required=False, because=because, citation=period.cite)


def supplies_before(
    s: Session, case_id: str, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine
) -> tuple[EarlierSupply, ...]:
    """The temporary supplies of this drug, in any package, that the law granted in other cases of the member, also in withdrawn
    ones."""
    if request.service_kind is not ServiceKind.PHARMACY_DRUG:
        return ()
    others = other_requests(s, case_id, request.member.member_id)
    given = read_once(s, (EarlierSupply, case_id, request.member.member_id), lambda: _supplies_in(others))
    zone = ZoneInfo(coverage.zone)
    return tuple(
        EarlierSupply(rule_id=one.rule_id, day=max(one.received_at.astimezone(zone).date(), one.start or date.min))
        for one in given.get(_product(line.code), ())
    )


@dataclass(frozen=True)
class _GivenSupply:
    """A temporary supply that was granted: the receipt of its request, and its first day of service."""

    rule_id: str
    received_at: datetime
    start: date | None


def _product(code: str) -> str:
    return normalize_code(product_prefix(code))


def _supplies_in(others: OtherRequests) -> Mapping[str, list[_GivenSupply]]:
    """The temporary supplies in other cases, by product."""
    found: dict[str, list[_GivenSupply]] = {}
    for view in others.views:
        given = [(one.code, one.line_id, one.supply) for one in others.lines_of(view) if one.supply is not None]
        if not given:
            continue
        asked = others.request_of(view)
        starts = {one.line_id: one.start for one in asked.lines}
        for code, line_id, supply in given:
            kept = _GivenSupply(supply.rule_id, asked.received_at, starts.get(line_id))
            found.setdefault(_product(code), []).append(kept)
    return found


def _granted(s: Session, case_id: str, member_id: str) -> Mapping[str, list[GrantedException]]:
    """The exceptions granted in other cases, by drug, read once for all lines."""
    others = other_requests(s, case_id, member_id)
    return read_once(s, (GrantedException, case_id, member_id), lambda: _exceptions_in(s, others))


def _exceptions_in(s: Session, others: OtherRequests) -> Mapping[str, list[GrantedException]]:
    found: dict[GrantedException, None] = {}
    for view in others.views:
        held = [
            one for one in others.lines_of(view) if one.outcome is LineOutcome.APPROVED and one.exception is not None
        ]
        if not held:
            continue
        asked = others.request_of(view)
        coverage = coverage_of_request(s, asked)
        of_line = {one.line_id: one for one in asked.lines}
        for one in held:
            if (line := of_line.get(one.line_id)) is None:
                continue
            granted = GrantedException(
                case_id=view.case_id,
                plan_id=coverage.plan_id,
                lob=coverage.lob,
                code=one.code,
                diagnoses=frozenset(line.diagnoses or asked.diagnoses),
                quantity=one.approved_quantity,
                unit=line.unit,
                start=one.approved_start,
                end=one.approved_end,
            )
            found[granted] = None
    by_drug: dict[str, list[GrantedException]] = {}
    for granted in found:
        by_drug.setdefault(granted.drug, []).append(granted)
    return by_drug
