"""Whether prior authorization is required: what the plan's list says of each line, and whom a gold card exempts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.coverage.directory import Coverage
from domain.coverage.gold_cards import card_for
from domain.coverage.requirements import LineOfCase, Requirement, requirement_for
from domain.requests.request import AuthorizationRequest, ServiceLine
from rulebook.rulebook import Rulebook
from store import directory


def authorization_required(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage
) -> bool | None:
    """For the case as a whole: required if any line is; not required only if every line says so."""
    asked = (line_of_case(s, book, request, coverage, line) for line in request.lines)
    found = {requirement(s, book, request, coverage, one).required for one in asked}
    return True if True in found else None if None in found else False


def line_of_case(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine
) -> LineOfCase:
    """What the rules on requirements, specialties and benefits need to know of a line."""
    npi = (request.servicing_provider or request.requesting_provider).npi
    provider = directory.provider(s, npi)
    return LineOfCase(
        lob=coverage.lob,
        service_kind=request.service_kind,
        line=line,
        service_groups=book.code_map.line_codes(line).service_groups,
        network=provider.network.get(coverage.plan_id) if provider is not None else None,
        plan_id=coverage.plan_id,
        state=coverage.state,
    )


def requirement(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage, asked: LineOfCase
) -> Requirement:
    """What the plan's list says, unless the requesting provider's gold card exempts the service."""
    listed = requirement_for(book.review.requirements, asked)
    provider = directory.provider(s, request.requesting_provider.npi)
    if provider is None or not provider.gold_cards or listed.required is False:
        return listed
    programme = card_for(
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
