"""A request for days of a stay that goes on: it becomes a clinical update of the stay, and never a case beside it.

Such a request is one that says that its review is concurrent; one for days in the hospital whose Encounter is under way; or
a longer stay (certification type extension, or an update) for days that were authorized before and whose stay is known here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.errors import Problem
from domain.journal import Actor
from domain.requests.request import AuthorizationRequest, RequestAction, ServiceLine
from domain.stays.adt import AdtKind
from domain.stays.evidence import StayEvidence
from domain.stays.messages import ClinicalUpdate
from domain.vocabulary import CertificationType, Circumstance, ReviewKind
from intake.requests.following import prior_case
from intake.requests.meaning import ForStay, Meaning, OpensStay, Refused
from intake.stays.levels import are_days, are_hospital_days, asked_lines, class_of, level_of
from intake.stays.records import keep_evidence
from intake.stays.stay_match import stay_of
from interop.plain.admission import Admission
from interop.submission import Submission
from store import cases, directory, inbox
from store.inbox import InboxItem
from store.stays import Stay

_DAY = timedelta(days=1)


def for_a_stay(s: Session, item: InboxItem, submission: Submission) -> Meaning | None:
    """What the request means for a stay; None when it is about none and goes the way of all requests."""
    request, lines = submission.request, asked_lines(submission.request)
    if request.review_kind is ReviewKind.CONCURRENT and not are_days(lines):
        message = "a concurrent review is of days of a stay, and not every line names the level of care of one"
        wanted = "level_of_care, such as inpatient or icu, on each line; or a prospective review"
        return Refused((Problem(path="review_kind", rule="intake.review_kind", message=message, expected=wanted),))
    stay = stay_of(s, request, submission.hospital_stay, _first_day(lines))
    if not _goes_on(s, submission, lines, stay):
        return None
    if isinstance(stay, Problem):
        return Refused((stay,))
    if stay is None:
        return _opens(s, item, submission, lines)
    return _joins(s, item, submission, stay)


def update_of(s: Session, item: InboxItem, submission: Submission, stay: Stay) -> ClinicalUpdate:
    """What the stay is told, with what it says clinically kept. The same bytes always give the same message."""
    request, lines = submission.request, asked_lines(submission.request)
    evidence = StayEvidence(
        facts=request.facts,
        statements=submission.statements,
        answers=submission.answers,
        documents=request.documents,
    )
    stated = request.circumstances or ()
    return ClinicalUpdate(
        message_id=f"request-{item.sha256[:32]}",
        at=item.received_at,
        actor=Actor(kind="provider", id=request.requesting_provider.npi),
        update_id=keep_evidence(s, stay.stay_id, evidence, submission.attachments, item.received_at),
        through=_last_day(lines),
        level=level_of(lines),
        post_stabilization=True if Circumstance.POST_STABILIZATION in stated else None,
    )


# -- whether it is about a stay --------------------------------------------------------------------------------------------


def _goes_on(s: Session, submission: Submission, lines: tuple[ServiceLine, ...], stay: Stay | Problem | None) -> bool:
    request = submission.request
    if request.review_kind is ReviewKind.CONCURRENT:
        return True
    if not are_hospital_days(lines):
        return False
    prior = prior_case(s, request)
    running = cases.get(s, prior) if prior is not None else None
    if prior is not None and (running is None or running.status is CaseStatus.OPEN):
        return False  # the case that it changes is not decided yet: there it belongs
    if submission.hospital_stay is not None:
        return True
    longer = request.action is RequestAction.UPDATE or any(
        line.certification in (CertificationType.EXTENSION, CertificationType.RENEWAL) for line in lines
    )
    return longer and stay is not None


# -- a stay that is known --------------------------------------------------------------------------------------------------


def _joins(s: Session, item: InboxItem, submission: Submission, stay: Stay) -> ForStay:
    before = any(one.sha256 == item.sha256 and one.inbox_id != item.inbox_id for one in inbox.of_case(s, stay.stay_id))
    update = update_of(s, item, submission, stay)
    inbox.accept(s, item.inbox_id, stay.stay_id, 1)
    return ForStay(stay.stay_id, update, before, submission.notes)


def _first_day(lines: tuple[ServiceLine, ...]) -> date | None:
    return min((line.start for line in lines if line.start is not None), default=None)


def _last_day(lines: tuple[ServiceLine, ...]) -> date | None:
    """The last day asked for: the end of the lines, or as many days from their start as they ask for."""
    return max((last for line in lines if (last := _end(line)) is not None), default=None)


def _end(line: ServiceLine) -> date | None:
    counted = None
    if line.start is not None and line.unit == "day" and line.quantity is not None and line.quantity >= Decimal(1):
        counted = line.start + (int(line.quantity) - 1) * _DAY
    return max((day for day in (counted, line.end) if day is not None), default=None)


# -- a stay that nobody has announced --------------------------------------------------------------------------------------


def _opens(s: Session, item: InboxItem, submission: Submission, lines: tuple[ServiceLine, ...]) -> Meaning:
    request, said = submission.request, submission.hospital_stay
    facility = request.servicing_provider or request.requesting_provider
    zone = _zone(s, request, facility.npi, item.received_at)
    admitted_at = said.admitted_at if said is not None else None
    if admitted_at is None:
        day = (said.admitted_on if said is not None else None) or _first_day(lines)
        if day is None:
            message = "nobody says since when the member is in the hospital, and the stay is not known here"
            return _refused(
                "admission", "stay.no_admission", message, "the day of the admission, or the days asked for"
            )
        admitted_at = datetime.combine(day, datetime.min.time(), zone)
    if admitted_at > item.received_at:
        message = "the stay is not known here, and by the request it has not begun"
        return _refused(
            "admission", "stay.not_begun", message, "a request for a planned admission: a prospective review"
        )
    known = directory.provider(s, facility.npi)
    level = level_of(lines)
    return OpensStay(
        Admission(
            kind=AdtKind.ADMIT,
            facility=facility.name or (known.name if known is not None else facility.npi),
            facility_npi=facility.npi,
            visit_number=said.visit_number if said is not None else None,
            member_id=request.member.member_id,
            patient_class=class_of(lines),
            admitted_at=admitted_at,
            happened_at=admitted_at,
            unit=level.value if level is not None else None,
            diagnoses=request.diagnoses,
            attending_npi=request.ordering_practitioner.npi if request.ordering_practitioner is not None else None,
            entered_by=f"request INBOX-{item.inbox_id}",
        )
    )


def _zone(s: Session, request: AuthorizationRequest, npi: str, at: datetime) -> ZoneInfo:
    """The zone in which the facility's days are, else the member's. A member without coverage was refused before."""
    facility = directory.provider(s, npi)
    if facility is not None and facility.zone is not None:
        return ZoneInfo(facility.zone)
    member_id = request.member.member_id
    coverage = directory.coverage_on(s, member_id, at.date()) or directory.coverages(s, member_id)[0]
    return ZoneInfo(coverage.zone)


def _refused(path: str, rule: str, message: str, expected: str) -> Refused:
    return Refused((Problem(path=path, rule=rule, message=message, expected=expected),))
