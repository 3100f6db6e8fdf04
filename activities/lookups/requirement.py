"""Prior authorization requirement of a request, from the plan's requirement list and the provider's gold cards."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.lookups.coverage import coverage_of_request
from activities.lookups.granted_exceptions import requirement_by_exception
from domain.coverage.directory import Coverage
from domain.coverage.gold_cards import find_exempting_program
from domain.coverage.requirements import LineInContext, Requirement, find_requirement
from domain.requests.request import AuthorizationRequest, ServiceLine
from rulebook.rulebook import Rulebook
from store import directory


def is_authorization_required(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage
) -> bool | None:
    """Whether the case as a whole needs authorization: yes if any line does; no only if no line does; else unknown."""
    asked = (line_of_case(s, book, request, coverage, line) for line in request.lines)
    found = {determine_requirement(s, book, request, coverage, one).required for one in asked}
    return True if True in found else None if None in found else False


def look_up_requirement(
    s: Session, book: Rulebook, request: AuthorizationRequest, line: ServiceLine
) -> tuple[Coverage, Requirement]:
    """The coverage and the requirement of a line of a request that is no case yet, as its case would find them before it reads
    the record. Raises Corrupt for a member without any coverage."""
    coverage = coverage_of_request(s, request)
    needed = determine_requirement(s, book, request, coverage, line_of_case(s, book, request, coverage, line))
    if needed.required is False:
        return coverage, needed
    periods = book.drugs.exception_periods
    return coverage, requirement_by_exception(s, periods, "", request, coverage, line) or needed


def line_of_case(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine
) -> LineInContext:
    """The line as the rules on requirements, specialties and benefits see it."""
    npi = (request.servicing_provider or request.requesting_provider).npi
    provider = directory.provider(s, npi)
    return LineInContext(
        lob=coverage.lob,
        service_kind=request.service_kind,
        line=line,
        service_groups=book.code_map.line_codes(line).service_groups,
        network=provider.network.get(coverage.plan_id) if provider is not None else None,
        plan_id=coverage.plan_id,
        state=coverage.state,
    )


def determine_requirement(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage, asked: LineInContext
) -> Requirement:
    """The requirement by the plan's list, unless the law forbids to ask for authorization, or the requesting provider's gold
    card exempts the service. For a line without a day of service the law of the day of receipt counts."""
    day = asked.line.start or request.received_at.astimezone(ZoneInfo(coverage.zone)).date()
    for ban in book.review.authorization_bans:
        if ban.forbids(asked, coverage.self_funded, day):
            return Requirement(required=False, because=ban.because, citation=f"{ban.cite} ({ban.ban_id})")
    listed = find_requirement(book.review.requirements, asked)
    provider = directory.provider(s, request.requesting_provider.npi)
    if provider is None or not provider.gold_cards or listed.required is False:
        return listed
    programme = find_exempting_program(
        provider.gold_cards,
        book.review.gold_cards,
        code=asked.line.code,
        service_groups=asked.service_groups,
        day=asked.line.start,
        lob=coverage.lob,
        state=coverage.state,
        self_funded=coverage.self_funded,
    )
    if programme is None:
        return listed
    because = "the requesting provider holds a gold card for this service"
    return Requirement(required=False, because=because, citation=f"{programme.cite} ({programme.programme})")
