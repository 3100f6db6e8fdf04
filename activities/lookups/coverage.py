"""Coverage on file from which the line of business, the State and the zone of a case follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy.orm import Session

from domain.authorization.assessment import LineAssessment
from domain.coverage.directory import Coverage
from domain.errors import Corrupt
from domain.pharmacy.other_benefit import KIND_UNDER, find_medical_coverage, find_other_half
from domain.requests.request import AuthorizationRequest
from domain.three_valued import Tri
from domain.vocabulary import ServiceKind
from store import directory, requests
from store.requests import StoredRequest


def coverage_of_request(s: Session, request: AuthorizationRequest) -> Coverage:
    """The coverage on the first day of service, else the latest. Raises Corrupt for a member without any.

    Of a plan that covers drugs and Part B alike, the drug coverage answers for drugs of the pharmacy, the medical one for
    the rest; and a request that the plan moved is answered by the coverage to which it was moved.
    """
    days = [line.start for line in request.lines if line.start is not None]
    known = directory.coverages(s, request.member.member_id)
    moved = next((one for one in known if one.coverage_id == request.covered_by), None)
    found = moved or covering_or_latest_coverage(
        s, request.member.member_id, lambda one: bool(days) and one.covers(min(days))
    )
    if found is None:
        raise Corrupt("a case was opened for a member without any coverage on file")
    return found if moved is not None else _half_of_plan(known, found, request, min(days, default=found.effective))


def _half_of_plan(known: Iterable[Coverage], found: Coverage, request: AuthorizationRequest, day: date) -> Coverage:
    for of_drugs in known:
        medical = find_medical_coverage(of_drugs, known, day)
        if medical is not None and of_drugs.covers(day) and found in (of_drugs, medical):
            return of_drugs if request.service_kind is ServiceKind.PHARMACY_DRUG else medical
    return found


def covering_or_latest_coverage(s: Session, member_id: str, covers: Callable[[Coverage], bool]) -> Coverage | None:
    """The member's coverage for which `covers` is true, else the one that began last; None for a member without any."""
    known = directory.coverages(s, member_id)
    return next(filter(covers, known), None) or max(known, key=lambda one: one.effective, default=None)


def other_half_of_plan(
    s: Session, request: AuthorizationRequest, coverage: Coverage, day: date | None
) -> Coverage | None:
    """The coverage of the other benefit of the same plan on `day` (None: the day of receipt, UTC), Part B or Part D; None where
    the directory names none."""
    known = directory.coverages(s, request.member.member_id)
    return find_other_half(coverage, known, day or request.received_at.date())


def move_to_other_benefit(
    s: Session, case_id: str, stored: StoredRequest, coverage: Coverage, lines: Iterable[LineAssessment], day: date
) -> int | None:
    """Keep the request as one of the plan's other benefit, where that pays for every line; returns the version, else None.

    A look that is repeated keeps it once, and what was moved is not moved back. Lines of which only some belong to the other
    benefit stay together, and a person is told.
    """
    other = other_half_of_plan(s, stored.request, coverage, day)
    found = [line.other_benefit for line in lines]
    if other is None or stored.request.covered_by is not None:
        return None
    if not all(one is not None and one.state is Tri.NOT_MET for one in found):
        return None
    moved = stored.request.model_copy(update={"covered_by": other.coverage_id, "service_kind": KIND_UNDER[other.lob]})
    newest = requests.load(s, case_id)
    if newest.request == moved:
        return newest.version
    return requests.save(s, case_id, moved, answers=stored.answers)
