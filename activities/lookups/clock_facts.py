"""Facts that determine which clocks bind a case, from the request, the coverage, the directory and other cases."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.authorization.orders import ReviewInput
from domain.calendars import utc_of_local_time
from domain.clocks.engine import ClockFacts
from domain.coverage import circumstances
from domain.coverage.directory import Coverage, NetworkStatus
from domain.requests.request import AuthorizationRequest, StayPurpose
from domain.retrospective.claim import is_clean_noncontract
from domain.vocabulary import CertificationType, Channel, Circumstance, LineOutcome, Proceeding, ReviewKind
from store import cases, directory, requests

ELECTRONIC = frozenset({Channel.FHIR_PAS, Channel.PORTAL, Channel.API, Channel.COMMAND_LINE})

_PROCEEDINGS: dict[StayPurpose | None, Proceeding] = {
    StayPurpose.REDUCTION: Proceeding.REDUCTION,
    StayPurpose.APPEAL: Proceeding.APPEAL,
}
LAST_SECOND = time(23, 59, 59)
_CONTINUATIONS = frozenset({CertificationType.EXTENSION, CertificationType.RENEWAL})


def clock_facts(
    s: Session,
    order: ReviewInput,
    request: AuthorizationRequest,
    coverage: Coverage,
    required: bool | None,
    *,
    is_new_member: bool = False,
) -> ClockFacts:
    """The facts of the case as it is now. `required`: whether authorization is required for the case as a whole;
    `is_new_member`: whether a rule on care under way protects the member."""
    first = requests.load(s, order.case_id, 1).request if order.request_version > 1 else request
    noncontract = _is_noncontract(s, request, coverage)
    special, later = circumstances.case_circumstances(request, first, coverage)
    if is_new_member:
        special = (*special, Circumstance.NEW_MEMBER)
    return ClockFacts(
        lob=coverage.lob,
        urgency=request.urgency.urgency,
        received_at=order.received_at,
        zone=coverage.zone,
        service_kind=request.service_kind,
        review_kind=request.review_kind,
        proceeding=_proceeding(request),
        requires_prior_authorization=required,
        state=coverage.state,
        self_funded=coverage.self_funded,
        electronic=request.channel in ELECTRONIC,
        accreditations=coverage.accreditations,
        circumstances=special,
        stated_later=later,
        noncontract_records_needed=noncontract,
        clean_noncontract_claim=is_clean_noncontract(request.clean_claim, noncontract),
        rating_period_start=_rating_period(coverage, order.received_at),
        course_ends_at=_course_end(s, order, request, coverage),
        no_course=_states_no_course(request),
        contract_times=coverage.contract_times,
    )


def _proceeding(request: AuthorizationRequest) -> Proceeding:
    purpose = request.stay.purpose if request.stay is not None else None
    return _PROCEEDINGS.get(purpose, Proceeding.AUTHORIZATION)


def _states_no_course(request: AuthorizationRequest) -> bool:
    """Whether a review of a stay says that nothing was approved before; an appeal says nothing of it."""
    asked = request.stay
    return asked is not None and asked.purpose is not StayPurpose.APPEAL and asked.course_ends_at is None


def _is_noncontract(s: Session, request: AuthorizationRequest, coverage: Coverage) -> bool | None:
    """Whether records would come from a provider without a contract; None when the directory does not know them."""
    provider = directory.provider(s, request.requesting_provider.npi)
    status = provider.network.get(coverage.plan_id) if provider is not None else None
    return None if status is None else status is NetworkStatus.OUT_OF_NETWORK


def _rating_period(coverage: Coverage, received_at: datetime) -> date | None:
    """The start of the rating period in which the request was received; unknown when that is before the newest period."""
    start = coverage.rating_period_start
    day = received_at.astimezone(ZoneInfo(coverage.zone)).date()
    return start if start is not None and start <= day else None


def _course_end(s: Session, order: ReviewInput, request: AuthorizationRequest, coverage: Coverage) -> datetime | None:
    """The end (UTC) of the approved course that the request asks to continue; None when it does not, or none is on file.

    The last second, in the case's zone, of the last day that was approved for the same service. Of several lines the one
    whose course ends first counts. A review of a stay states itself until when its days are approved.
    """
    if request.stay is not None:
        return request.stay.course_ends_at
    codes = {
        line.code
        for line in request.lines
        if line.certification in _CONTINUATIONS or request.review_kind is ReviewKind.CONCURRENT
    }
    ends: dict[str, date] = {}
    for view in cases.find(s, member_id=request.member.member_id) if codes else ():
        for line in cases.lines(s, view.case_id):
            approved = line.outcome in (LineOutcome.APPROVED, LineOutcome.APPROVED_IN_PART)
            if view.case_id != order.case_id and approved and line.code in codes and line.approved_end is not None:
                ends[line.code] = max(ends.get(line.code, line.approved_end), line.approved_end)
    return utc_of_local_time(min(ends.values()), LAST_SECOND, ZoneInfo(coverage.zone)) if ends else None
