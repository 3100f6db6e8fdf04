"""Activities of a hospital stay: lookup of its context, and the request of each concurrent review."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue, ValidationError
from sqlalchemy.orm import Session
from temporalio import activity

from activities.lookups.clock_inputs import clock_inputs
from activities.members import MemberLookups
from domain.authorization.orders import ReviewInput
from domain.calendars import local_day
from domain.cases.member_case import MemberContext, MemberInput
from domain.cases.orders import NoInput
from domain.cases.views import CaseStatus
from domain.clocks.binding import compute_clocks, governing_clock
from domain.clocks.engine import DueKind
from domain.errors import Corrupt, NotOnFile
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.requests.remarks import ReadingRemark, add_remarks, on_the_whole
from domain.requests.request import (
    AuthorizationRequest,
    MemberReference,
    ProviderReference,
    ServiceLine,
    StayPurpose,
    StayReference,
    UrgencyClaim,
)
from domain.stays.avoidable_days import DelayReason
from domain.stays.context import BindingRules, build_context, preauthorized_days
from domain.stays.levels_of_care import ACUTE_INPATIENT, LevelOfCare
from domain.stays.messages import StayEvidence
from domain.stays.orders import OpenedStayReview, StayContext, StayInput, StayReviewInput
from domain.stays.parts import PreauthorizedDays
from domain.stays.readmissions import EarlierStay, ReadmissionLink, readmission_links
from domain.vocabulary import (
    AskedBy,
    Channel,
    Circumstance,
    CodeSystem,
    Lob,
    ProcessKind,
    ReviewKind,
    ServiceKind,
    Urgency,
)
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import cases, directory, documents, requests, stays_on_file
from store.session import Store

_BEHAVIORAL = frozenset({LevelOfCare.PSYCH_IP, LevelOfCare.RESIDENTIAL, LevelOfCare.PHP, LevelOfCare.IOP})
_HOSPITAL = ACUTE_INPATIENT | {LevelOfCare.PSYCH_IP, LevelOfCare.LTCH}
"""Levels of care whose admissions count as readmissions."""
_APPROVED_STATUSES = (CaseStatus.APPROVED, CaseStatus.APPROVED_IN_PART)

_UPDATE_NOT_ON_FILE = ReadingRemark(
    path="$.update_id",
    rule="stay.update_content",
    message="the content of a clinical update is not on file",
    expected="the hospital's records, sent again",
    about_service=True,
)


class StayLookups:
    """Activities of a stay. Lookups change nothing; opening a review again returns the same version."""

    def __init__(self, store: Store, rulebook: Rulebook, people: MemberLookups) -> None:
        self._store, self._rulebook, self._people = store, rulebook, people

    @activity.defn(no_thread_cancel_exception=True)
    def look_at_stay(self, order: StayInput) -> StayContext:
        """Look up the complete context of the stay at once."""
        person = None if order.person_known else self._people.look_up_person(_member_input(order))
        known = self._people.look_up_person(_member_input(order)) if person is None else person
        with translate_errors(), self._store.read() as s:
            return self._look(s, order, person, known.lob, ZoneInfo(known.zone))

    @activity.defn(no_thread_cancel_exception=True)
    def open_review(self, order: StayReviewInput) -> OpenedStayReview:
        """Store the request of a concurrent review under its case number. A repeat returns the stored version."""
        with translate_errors(), self._store.begin() as s:
            case_id = order.round.case_id
            try:
                stored = requests.load(s, case_id, 1)
            except NotOnFile:
                evidence = self._evidence(s, order)
                evidence = _with_expected_midnights(order, evidence)
                request, answers = _review_request(order, evidence), _submitted_evidence(evidence)
                for document in evidence.documents:
                    documents.attach(s, case_id, document.document_id, document.received_at, title=document.title)
                version = requests.save(s, case_id, request, answers=answers)
            else:
                version = stored.version
            decide_by = self._decide_by(s, case_id, version, order.round.received_at)
            return OpenedStayReview(case_id=case_id, request_version=version, decide_by=decide_by)

    @activity.defn(no_thread_cancel_exception=True)
    def delay_reasons(self, order: NoInput) -> list[DelayReason]:
        """Look up the rulebook's reasons for avoidable days."""
        return list(self._rulebook.stays.delays.reasons)

    # -- lookups -------------------------------------------------------------------------------------------------------

    def _look(
        self, s: Session, order: StayInput, person: MemberContext | None, lob: Lob | None, zone: ZoneInfo
    ) -> StayContext:
        stays = self._rulebook.stays
        rules = BindingRules(stays.policy, stays.levels, self._rulebook.calendar, zone, lob)
        drg = stays.gmlos(order.working_drg) if order.working_drg is not None else None
        facility = directory.provider(s, order.facility_npi) if order.facility_npi is not None else None
        own = facility.zone if facility is not None else None
        # A stay that began in the member's zone keeps it; a new one counts in the facility's.
        counted = order.care_zone or (own if not order.person_known else None)
        care = ZoneInfo(counted) if counted is not None else zone
        authorizations = _authorizations(s, order, care)
        found = build_context(order, rules, drg, person, authorizations, self._readmissions(s, order, care))
        return found.model_copy(update={"care_zone": None if order.person_known else own})

    def _decide_by(self, s: Session, case_id: str, version: int, received_at: datetime) -> datetime | None:
        """The instant (UTC) at which a review's decision is due, as its own case will compute it; None where nothing binds."""
        order = ReviewInput(
            case_id=case_id, request_version=version, received_at=received_at, events=(), now=received_at
        )
        try:
            facts, events = clock_inputs(s, self._rulebook, order)
        except Corrupt:
            return None  # without coverage no clock is known; the review itself reports it
        clocks = compute_clocks(self._rulebook.clocks, facts, events, self._rulebook.calendar)
        found = governing_clock(clocks, DueKind.DECISION)
        if found is not None:
            return found[1].at
        stay = requests.load(s, case_id, version).request.stay
        return stay.decide_by(ZoneInfo(facts.zone)) if stay is not None else None

    def _readmissions(self, s: Session, order: StayInput, zone: ZoneInfo) -> tuple[ReadmissionLink, ...]:
        """The member's stays that ended shortly before this one. They are shown with it and decide nothing."""
        admitted = order.admitted_at
        if admitted is None or order.level not in _HOSPITAL:
            return ()  # a transfer to a nursing facility is a transition of care, not an admission
        earlier = [
            EarlierStay(
                case_id=view.case_id,
                discharged_at=stay.discharged_at,
                ms_drg=stay.working_drg,
                diagnosis_group=self._group(stay.working_drg),
            )
            for view, stay in stays_on_file.of_member(s, order.member_id)
            if view.case_id != order.stay_id and stay.discharged_at is not None and stay.level_of_care in _HOSPITAL
        ]
        now = EarlierStay(
            case_id=order.stay_id,
            discharged_at=order.now,
            ms_drg=order.working_drg,
            diagnosis_group=self._group(order.working_drg),
        )
        return readmission_links(self._rulebook.stays.transitions.readmission, admitted, now, earlier, zone)

    def _group(self, drg: str | None) -> str | None:
        found = self._rulebook.stays.gmlos(drg) if drg is not None else None
        return found.mdc if found is not None else None

    def _evidence(self, s: Session, order: StayReviewInput) -> StayEvidence:
        """The evidence of the clinical updates that led to the review, the earliest first."""
        ids = (*order.round.earlier_updates, *((order.round.update_id,) if order.round.update_id is not None else ()))
        said = [_read_update(s, one) for one in ids]
        return StayEvidence(
            facts=tuple(fact for one in said for fact in one.facts),
            statements=tuple(statement for one in said for statement in one.statements),
            answers=tuple(answer for one in said for answer in one.answers),
            documents=tuple({document.document_id: document for one in said for document in one.documents}.values()),
            summary="\n".join(one.summary for one in said if one.summary),
            remarks=add_remarks((), on_the_whole(remark for one in said for remark in one.remarks)),
        )


def _read_update(s: Session, update_id: str) -> StayEvidence:
    """The content of a clinical update. What is not on file, or is no content of one, is remarked upon: the days asked for are
    reviewed all the same, by people."""
    try:
        return StayEvidence.model_validate_json(documents.get(s, update_id))
    except (NotOnFile, ValidationError):
        return StayEvidence(remarks=(_UPDATE_NOT_ON_FILE,))


def _member_input(order: StayInput) -> MemberInput:
    return MemberInput(member_id=order.member_id, now=order.now, day=order.first_day)


def _authorizations(s: Session, order: StayInput, zone: ZoneInfo) -> tuple[PreauthorizedDays, ...]:
    """Approved days of planned admissions to this facility that lie on days of the stay."""
    if order.began_at is None or order.facility_npi is None:
        return ()
    day = local_day(order.began_at, zone)
    found: list[PreauthorizedDays] = []
    for view in cases.find(s, member_id=order.member_id):
        if view.process is not ProcessKind.REQUEST or view.status not in _APPROVED_STATUSES:
            continue
        asked = requests.load(s, view.case_id, view.request_version).request
        provider = asked.servicing_provider or asked.requesting_provider
        planned = asked.stay is None or asked.stay.purpose is StayPurpose.NEXT_SETTING
        if planned and order.facility_npi in (provider.npi, asked.requesting_provider.npi):
            found += [
                one for line in cases.lines(s, view.case_id) if (one := preauthorized_days(view, asked, line, day))
            ]
    return tuple(found)


_MIDNIGHTS = "ip.expected_midnights"


def _with_expected_midnights(order: StayReviewInput, evidence: StayEvidence) -> StayEvidence:
    """The evidence with the expected midnights that the hospital stated to a nurse, including those before the order.

    The clinical update's own statement counts first. A statement by telephone is no document, so it approves nothing by
    itself.
    """
    if order.expected_midnights is None or any(fact.id == _MIDNIGHTS for fact in evidence.facts):
        return evidence
    said = FactSource(
        kind=SourceKind.ATTESTATION, reference=f"{order.stay_id}: answer to the question about the status"
    )
    fact = Fact(id=_MIDNIGHTS, value=order.expected_midnights, source=said)
    return evidence.model_copy(update={"facts": (*evidence.facts, fact)})


def _review_request(order: StayReviewInput, evidence: StayEvidence) -> AuthorizationRequest:
    planned = order.round
    reduces = planned.purpose is StayPurpose.REDUCTION
    levels = {line.level for line in planned.lines}
    facility = ProviderReference(npi=order.facility_npi or order.attending_npi or "unknown", name=order.facility)
    return AuthorizationRequest(
        submission_id=f"urn:umpire:stay|{order.stay_id}/{planned.number}",
        received_at=planned.received_at,
        channel=Channel.API,
        review_kind=ReviewKind.CONCURRENT,
        service_kind=ServiceKind.BEHAVIORAL if levels <= _BEHAVIORAL else ServiceKind.MEDICAL,
        urgency=UrgencyClaim(
            urgency=Urgency.STANDARD if reduces else Urgency.EXPEDITED,
            asked_by=AskedBy.PLAN if reduces else AskedBy.PROVIDER,
        ),
        member=MemberReference(member_id=order.member_id),
        requesting_provider=facility,
        ordering_practitioner=ProviderReference(npi=order.attending_npi) if order.attending_npi else None,
        diagnoses=order.diagnoses,
        circumstances=_circumstances(order, levels),
        lines=tuple(
            ServiceLine(
                line_id=line.line_id,
                code=line.code,
                code_system=CodeSystem.OTHER,
                description=line.description,
                quantity=line.quantity,
                unit=line.unit,
                start=line.first,
                end=line.last,
                level_of_care=line.level_of_care,
                diagnoses=order.diagnoses,
            )
            for line in order.lines
        ),
        documents=evidence.documents,
        facts=evidence.facts,
        remarks=evidence.remarks,
        stay=StayReference(
            process_id=order.stay_id,
            purpose=planned.purpose,
            round=planned.number,
            course_ends_at=order.course_ends_at,
            asked_in_vain=planned.asked_in_vain,
            second_look_at=planned.second_look_at,
            peer_to_peer_held_at=planned.peer_to_peer_held_at,
            effective_on=planned.effective_on,
            days_of_notice=planned.notice.days_of_notice if planned.notice is not None else None,
            notice_citation=planned.notice.citation if planned.notice is not None else "",
            proposed_level=planned.proposed_level.value if planned.proposed_level is not None else None,
        ),
    )


def _circumstances(order: StayReviewInput, levels: set[LevelOfCare]) -> tuple[Circumstance, ...]:
    found = [Circumstance.HOSPITALIZED] if levels & ACUTE_INPATIENT else []
    if order.round.post_stabilization is True:
        found.append(Circumstance.POST_STABILIZATION)
    return tuple(found)


def _submitted_evidence(evidence: StayEvidence) -> JsonValue:
    return {
        "statements": [one.model_dump(mode="json") for one in evidence.statements],
        "answers": [one.model_dump(mode="json") for one in evidence.answers],
    }
