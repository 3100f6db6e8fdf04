"""The facts by which clocks bind a case, as the directory, the request and the plan's list of requirements have them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.clock_facts import ClockFacts
from domain.errors import Corrupt
from domain.gold_cards import card_for
from domain.orders import LookOrder
from domain.plan import Coverage, NetworkStatus
from domain.request import AuthorizationRequest, ServiceLine
from domain.requirements import LineOfCase, requirement_for
from domain.vocabulary import Channel, ReviewKind
from rulebook.book import Rulebook
from store import directory, requests

ELECTRONIC = frozenset({Channel.FHIR_PAS, Channel.PORTAL, Channel.API, Channel.COMMAND_LINE})


def facts_on_file(s: Session, book: Rulebook, order: LookOrder) -> ClockFacts:
    """What is on file about the version of a request that an order names. Raises Corrupt for a member without coverage."""
    request = requests.load(s, order.case_id, order.request_version).request
    coverage = coverage_on_file(s, request)
    return _facts(s, order, request, coverage, authorization_required(s, book, request, coverage))


def _facts(
    s: Session, order: LookOrder, request: AuthorizationRequest, coverage: Coverage, required: bool | None
) -> ClockFacts:
    return ClockFacts(
        lob=coverage.lob,
        urgency=request.urgency.urgency,
        received_at=order.received_at,
        zone=coverage.zone,
        service_kind=request.service_kind,
        review_kind=ReviewKind.PROSPECTIVE,
        requires_prior_authorization=required,
        state=coverage.state,
        self_funded=coverage.self_funded,
        electronic=request.channel in ELECTRONIC,
        noncontract_records_needed=is_noncontract(s, request, coverage),
        rating_period_start=coverage.rating_period_start,
        accreditations=coverage.accreditations,
        circumstances=coverage.circumstances,
    )


def coverage_on_file(s: Session, request: AuthorizationRequest) -> Coverage:
    """The coverage that tells line of business, state and zone: the one on the first day of service, else the latest."""
    known = directory.coverages(s, request.member.member_id)
    if not known:
        raise Corrupt("the member of the case has no coverage on file")
    days = [line.start for line in request.lines if line.start is not None]
    covering = next((one for one in known if days and one.covers(min(days))), None)
    return covering or max(known, key=lambda coverage: coverage.effective)


def authorization_required(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage
) -> bool | None:
    """For the case as a whole: required if any line is; not required only if every line says so."""
    found = {_line_required(s, book, request, coverage, line) for line in request.lines}
    return True if True in found else None if None in found else False


def is_noncontract(s: Session, request: AuthorizationRequest, coverage: Coverage) -> bool | None:
    """Whether records would come from a provider without a contract; None when the directory does not know them."""
    status = _network(s, request.requesting_provider.npi, coverage)
    return None if status is None else status is NetworkStatus.OUT_OF_NETWORK


def _line_required(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine
) -> bool | None:
    """What the plan's list says, unless the requesting provider's gold card exempts the service."""
    groups = book.code_map.line_codes(line).service_groups
    asked = LineOfCase(
        lob=coverage.lob,
        service_kind=request.service_kind,
        line=line,
        service_groups=groups,
        network=_network(s, (request.servicing_provider or request.requesting_provider).npi, coverage),
        plan_id=coverage.plan_id,
        state=coverage.state,
    )
    listed = requirement_for(book.review.requirements, asked).required
    provider = directory.provider(s, request.requesting_provider.npi)
    if provider is None or listed is False:
        return listed
    exempt = card_for(
        provider.gold_cards,
        book.review.gold_cards,
        code=line.code,
        service_groups=groups,
        day=line.start,
        lob=coverage.lob,
        state=coverage.state,
        self_funded=coverage.self_funded,
    )
    return listed if exempt is None else False


def _network(s: Session, npi: str, coverage: Coverage) -> NetworkStatus | None:
    provider = directory.provider(s, npi)
    return None if provider is None else provider.network.get(coverage.plan_id)
