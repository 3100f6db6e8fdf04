"""Requests for days of an ongoing stay: such a request becomes a clinical update of the stay, and no separate case.

Such a request states a concurrent review, or asks for days in the hospital with an Encounter in progress, or extends days
that were authorized before (certification type extension, or an update) and whose stay is on file.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.errors import ValidationIssue
from domain.journal import Actor
from domain.requests.request import AuthorizationRequest, RequestAction, ServiceLine
from domain.stays.adt import AdtKind
from domain.stays.messages import ClinicalUpdate, StayEvidence
from domain.vocabulary import CertificationType, Circumstance, ReviewKind
from intake.requests.arrival_outcome import ArrivalOutcome, NewStay, RejectedArrival, StayRequest
from intake.requests.updates import find_prior_case
from intake.stays.levels import (
    are_hospital_days,
    are_stay_days,
    requested_level,
    requested_lines,
    requested_patient_class,
)
from intake.stays.records import store_evidence
from intake.stays.stay_match import match_stay
from interop.plain.admission import Admission
from interop.submission import Submission
from store import cases, directory, inbox
from store.inbox import InboxItem
from store.stays import StayRecord

_DAY = timedelta(days=1)


def interpret_stay_request(
    s: Session, item: InboxItem, submission: Submission, received_at: datetime
) -> ArrivalOutcome | None:
    """Interpret the request as a request for days of a stay, made at `received_at` (UTC), its first receipt; None when it is
    about no stay."""
    request, lines = submission.request, requested_lines(submission.request)
    if request.review_kind is ReviewKind.CONCURRENT and not are_stay_days(lines):
        message = "a concurrent review is for days of a stay, and not every line names a level of care"
        wanted = "level_of_care, such as inpatient or icu, on each line; or a prospective review"
        return RejectedArrival(
            (ValidationIssue(path="review_kind", rule="intake.review_kind", message=message, expected=wanted),)
        )
    stay = match_stay(s, request, submission.hospital_stay, _first_day(lines))
    if not _is_about_stay(s, submission, lines, stay):
        return None
    if isinstance(stay, ValidationIssue):
        return RejectedArrival((stay,))
    if stay is None:
        return _open_new_stay(s, item, submission, lines, received_at)
    return _add_to_stay(s, item, submission, stay, received_at)


def build_update(
    s: Session, item: InboxItem, submission: Submission, stay: StayRecord, received_at: datetime
) -> ClinicalUpdate:
    """Build the stay's clinical update of `received_at` (UTC) and store its evidence. The same bytes give the same message."""
    request, lines = submission.request, requested_lines(submission.request)
    evidence = StayEvidence(
        facts=request.facts,
        statements=submission.statements,
        answers=submission.answers,
        documents=request.documents,
        remarks=request.remarks,
    )
    stated = request.circumstances or ()
    return ClinicalUpdate(
        message_id=f"request-{item.sha256[:32]}",
        at=received_at,
        actor=Actor(kind="provider", id=request.requesting_provider.npi),
        update_id=store_evidence(s, stay.stay_id, evidence, submission.attachments, received_at),
        through=_last_day(lines),
        level=requested_level(lines),
        post_stabilization=True if Circumstance.POST_STABILIZATION in stated else None,
    )


# -- whether it is about a stay --------------------------------------------------------------------------------------------


def _is_about_stay(
    s: Session, submission: Submission, lines: tuple[ServiceLine, ...], stay: StayRecord | ValidationIssue | None
) -> bool:
    request = submission.request
    if request.review_kind is ReviewKind.CONCURRENT:
        return True
    if not are_hospital_days(lines):
        return False
    prior = find_prior_case(s, request)
    running = cases.get(s, prior) if prior is not None else None
    if prior is not None and (running is None or running.status is CaseStatus.OPEN):
        return False  # the case that it changes is not decided yet, so it belongs to that case
    if submission.hospital_stay is not None:
        return True
    longer = request.action is RequestAction.UPDATE or any(
        line.certification in (CertificationType.EXTENSION, CertificationType.RENEWAL) for line in lines
    )
    return longer and stay is not None


# -- a stay on file --------------------------------------------------------------------------------------------------------


def _add_to_stay(
    s: Session, item: InboxItem, submission: Submission, stay: StayRecord, received_at: datetime
) -> StayRequest:
    before = any(one.sha256 == item.sha256 and one.inbox_id != item.inbox_id for one in inbox.of_case(s, stay.stay_id))
    update = build_update(s, item, submission, stay, received_at)
    inbox.accept(s, item.inbox_id, stay.stay_id, 1)
    return StayRequest(stay.stay_id, update, before, submission.notes)


def _first_day(lines: tuple[ServiceLine, ...]) -> date | None:
    return min((line.start for line in lines if line.start is not None), default=None)


def _last_day(lines: tuple[ServiceLine, ...]) -> date | None:
    """The last requested day: the end of the lines, or as many days from their start as they request."""
    return max((last for line in lines if (last := _last_day_of_line(line)) is not None), default=None)


def _last_day_of_line(line: ServiceLine) -> date | None:
    counted = None
    if line.start is not None and line.unit == "day" and line.quantity is not None and line.quantity >= Decimal(1):
        counted = line.start + (int(line.quantity) - 1) * _DAY
    return max((day for day in (counted, line.end) if day is not None), default=None)


# -- a stay not on file ----------------------------------------------------------------------------------------------------


def _open_new_stay(
    s: Session, item: InboxItem, submission: Submission, lines: tuple[ServiceLine, ...], received_at: datetime
) -> ArrivalOutcome:
    request, said = submission.request, submission.hospital_stay
    facility = request.servicing_provider or request.requesting_provider
    zone = _facility_zone(s, request, facility.npi, item.received_at)
    admitted_at = said.admitted_at if said is not None else None
    if admitted_at is None:
        day = (said.admitted_on if said is not None else None) or _first_day(lines)
        if day is None:
            message = "the day of admission is not stated, and the stay is not on file"
            return _rejection("admission", "stay.no_admission", message, "the day of admission, or the requested days")
        admitted_at = datetime.combine(day, datetime.min.time(), zone)
    if admitted_at > item.received_at:
        message = "the stay is not on file, and by the request it has not begun"
        return _rejection(
            "admission", "stay.not_begun", message, "a request for a planned admission: a prospective review"
        )
    known = directory.provider(s, facility.npi)
    level = requested_level(lines)
    return NewStay(
        Admission(
            kind=AdtKind.ADMIT,
            facility=facility.name or (known.name if known is not None else facility.npi),
            facility_npi=facility.npi,
            visit_number=said.visit_number if said is not None else None,
            member_id=request.member.member_id,
            patient_class=requested_patient_class(lines),
            admitted_at=admitted_at,
            happened_at=admitted_at,
            unit=level.value if level is not None else None,
            diagnoses=request.diagnoses,
            attending_npi=request.ordering_practitioner.npi if request.ordering_practitioner is not None else None,
            entered_by=f"request INBOX-{item.inbox_id}",
        ),
        received_at if admitted_at <= received_at else item.received_at,
    )


def _facility_zone(s: Session, request: AuthorizationRequest, npi: str, at: datetime) -> ZoneInfo:
    """The facility's time zone, else the member's. A member without coverage was rejected before."""
    facility = directory.provider(s, npi)
    if facility is not None and facility.zone is not None:
        return ZoneInfo(facility.zone)
    member_id = request.member.member_id
    coverage = directory.coverage_on(s, member_id, at.date()) or directory.coverages(s, member_id)[0]
    return ZoneInfo(coverage.zone)


def _rejection(path: str, rule: str, message: str, expected: str) -> RejectedArrival:
    return RejectedArrival((ValidationIssue(path=path, rule=rule, message=message, expected=expected),))
