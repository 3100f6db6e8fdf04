"""Activities of a hospital stay: lookup of its context, and the request of each concurrent review."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from sqlalchemy.orm import Session
from temporalio import activity

from activities.lookups.clock_inputs import clock_inputs
from activities.members import MemberLookups
from domain.authorization.orders import ReviewInput
from domain.calendars import local_day, utc_of_local_time
from domain.cases.member_case import MemberInput
from domain.cases.orders import NoInput
from domain.cases.views import CaseStatus, CaseView, LineView, ProcessKind
from domain.clocks.binding import compute_clocks, governing_clock
from domain.clocks.engine import DueKind
from domain.errors import Corrupt
from domain.evidence.facts import Fact, FactSource, SourceKind
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
from domain.stays.day_counts import next_review_opens_at
from domain.stays.evidence import StayEvidence
from domain.stays.levels_of_care import ACUTE_INPATIENT, CountedIn, LevelOfCare, LevelRule
from domain.stays.orders import LevelTerms, OpenedStayReview, StayContext, StayInput, StayReviewInput
from domain.stays.parts import PreauthorizedDays, ReductionRule
from domain.stays.readmissions import EarlierStay, ReadmissionLink, readmission_links
from domain.vocabulary import AskedBy, Channel, Circumstance, CodeSystem, Lob, ReviewKind, ServiceKind, Urgency
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import case_summaries, cases, documents, requests
from store.session import Store

_CRITERIA_LEVEL_NAMES = {
    "inpatient_stay": "inpatient",
    "skilled_nursing_facility": "snf",
    "inpatient_rehabilitation": "irf",
}
"""The criteria's name of a level of care, by its service group in the table of levels."""

_REQUEST_LEVEL_NAMES = {
    "inpatient": LevelOfCare.INPATIENT_WARD,
    "acute_inpatient": LevelOfCare.INPATIENT_WARD,
    "skilled_nursing_facility": LevelOfCare.SNF,
    "inpatient_rehabilitation": LevelOfCare.IRF,
    "inpatient_psychiatric": LevelOfCare.PSYCH_IP,
}
_BEHAVIORAL = frozenset({LevelOfCare.PSYCH_IP, LevelOfCare.RESIDENTIAL, LevelOfCare.PHP, LevelOfCare.IOP})
_HOSPITAL = ACUTE_INPATIENT | {LevelOfCare.PSYCH_IP, LevelOfCare.LTCH}
"""Levels of care whose admissions count as readmissions."""
_APPROVED_STATUSES = (CaseStatus.APPROVED, CaseStatus.APPROVED_IN_PART)


class StayLookups:
    """Activities of a stay. Lookups change nothing; opening a review again returns the same version."""

    def __init__(self, store: Store, rulebook: Rulebook, people: MemberLookups) -> None:
        self._store, self._rulebook, self._people = store, rulebook, people

    @activity.defn
    def look_at_stay(self, order: StayInput) -> StayContext:
        """Look up the complete context of the stay at once."""
        person = None if order.person_known else self._people.look_up_person(_member_input(order))
        known = self._people.look_up_person(_member_input(order)) if person is None else person
        with translate_errors(), self._store.read() as s:
            return self._look(s, order, person, known.lob, ZoneInfo(known.zone))

    @activity.defn
    def open_review(self, order: StayReviewInput) -> OpenedStayReview:
        """Store the request of a concurrent review under its case number. A repeat returns the stored version."""
        with translate_errors(), self._store.begin() as s:
            case_id = order.round.case_id
            try:
                stored = requests.load(s, case_id, 1)
            except LookupError:
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

    @activity.defn
    def delay_reasons(self, order: NoInput) -> list[DelayReason]:
        """Look up the rulebook's reasons for avoidable days."""
        return list(self._rulebook.stays.delays.reasons)

    # -- lookups -------------------------------------------------------------------------------------------------------

    def _look(self, s: Session, order: StayInput, person: object, lob: Lob | None, zone: ZoneInfo) -> StayContext:
        rules, calendar = self._rulebook.stays, self._rulebook.calendar
        policy, now = rules.policy, order.now
        drg = rules.gmlos(order.working_drg) if order.working_drg is not None else None
        level = order.level or LevelOfCare.INPATIENT_WARD
        after = policy.after_denial_for(lob) if lob is not None else None
        reopening = after.reopening if after is not None else None
        reduction = policy.reduction_for(lob) if lob is not None else None
        move = (
            rules.levels.move(order.left_level, order.level)
            if order.left_level is not None and order.level is not None and order.left_level is not order.level
            else None
        )
        unlisted = order.left_level is not None and order.level is not None and move is None
        moved = order.left_level is not order.level
        return StayContext(
            person=person,
            levels={
                one.event_id: rules.levels.level_of_patient(one.unit, one.status, order.facility_npi)
                for one in order.placings
            },
            terms=tuple(_level_terms(rule) for rule in rules.levels.levels if rule.is_certified),
            authorizations=_authorizations(s, order, zone),
            readmissions=self._readmissions(s, order, zone),
            gmlos=drg.gmlos if drg is not None else None,
            drg_title=drg.title if drg is not None else None,
            update_due_at=(
                policy.first_review_due(now, calendar, zone)
                if order.decided_through is None and order.level is not LevelOfCare.OBSERVATION
                else policy.clinical_update_due(now, level, calendar, zone)
            ),
            next_review_at=next_review_opens_at(order.decided_through, calendar, zone)
            if order.decided_through
            else None,
            long_stay_from=_days_after(order.admitted_at, policy.long_stay_days.value, zone),
            long_stay_days=policy.long_stay_days.value,
            long_stay_every_days=policy.long_stay_review_days.value,
            huddle_at=policy.huddle_at_variance_days.value,
            director_round_at=policy.medical_director_round_at_variance_days.value,
            observation_question_at=(
                order.observation_began_at + timedelta(hours=policy.observation_question_hours.value)
                if order.observation_began_at is not None
                else None
            ),
            second_look_until=(
                after.peer_to_peer.ends(order.denied_at, calendar, zone)
                if after is not None and order.denied_at is not None
                else None
            ),
            reopening_until=(
                reopening.ends(order.denied_at, calendar, zone)
                if reopening is not None and order.denied_at is not None
                else None
            ),
            reduction=(
                ReductionRule(days_of_notice=reduction.days_of_notice, citation=reduction.source)
                if reduction is not None and reduction.days_of_notice is not None
                else None
            ),
            no_reduction_because=(
                f"{reduction.because} ({reduction.source})"
                if reduction is not None
                else "No rule of the rulebook lets approved days end early here."
            ),
            move_asks=(
                move.asks_person
                if move is not None
                else "The rulebook does not list this move between levels of care: somebody says what it needs."
                if unlisted and moved
                else ""
            ),
            open_after_discharge_days=policy.open_after_discharge_days.value,
        )

    def _decide_by(self, s: Session, case_id: str, version: int, received_at: datetime) -> datetime | None:
        """When the decision of a review is due (UTC), as its own case will compute it; None where nothing binds."""
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
        earlier = []
        for view in cases.find(s, member_id=order.member_id):
            sheet = case_summaries.get(s, view.case_id) if view.process is ProcessKind.STAY else None
            if sheet is None or view.case_id == order.stay_id or not sheet.content.get("discharged_at"):
                continue
            if sheet.content.get("level_of_care") not in _HOSPITAL:
                continue
            drg = sheet.content.get("working_drg")
            earlier.append(
                EarlierStay(
                    case_id=view.case_id,
                    discharged_at=datetime.fromisoformat(str(sheet.content["discharged_at"])),
                    ms_drg=str(drg) if drg else None,
                    diagnosis_group=self._group(str(drg) if drg else None),
                )
            )
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
        said = [StayEvidence.model_validate_json(documents.get(s, one)) for one in ids]
        return StayEvidence(
            facts=tuple(fact for one in said for fact in one.facts),
            statements=tuple(statement for one in said for statement in one.statements),
            answers=tuple(answer for one in said for answer in one.answers),
            documents=tuple({document.document_id: document for one in said for document in one.documents}.values()),
            summary="\n".join(one.summary for one in said if one.summary),
        )


def _member_input(order: StayInput) -> MemberInput:
    return MemberInput(member_id=order.member_id, now=order.now, day=order.first_day)


def _level_terms(rule: LevelRule) -> LevelTerms:
    cap = rule.cap or 1
    in_hours = rule.counted_in is CountedIn.HOURS
    return LevelTerms(
        level=rule.level,
        title=rule.title,
        days=-(-cap // 24) if in_hours else cap,
        hours=cap if in_hours else None,
        criteria_at_admission=_CRITERIA_LEVEL_NAMES.get(rule.admission_group or "", rule.level.value),
        criteria=_CRITERIA_LEVEL_NAMES.get(rule.continued_group or "", rule.level.value),
    )


def _days_after(at: datetime | None, count: int, zone: ZoneInfo) -> datetime | None:
    return utc_of_local_time(local_day(at, zone) + timedelta(days=count), time(0), zone) if at is not None else None


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
            found += [one for line in cases.lines(s, view.case_id) if (one := _matched(view, asked, line, day))]
    return tuple(found)


def _matched(view: CaseView, asked: AuthorizationRequest, line: LineView, day: date) -> PreauthorizedDays | None:
    stated = asked.line(line.line_id).level_of_care or ""
    level = _REQUEST_LEVEL_NAMES.get(stated) or (LevelOfCare(stated) if stated in set(LevelOfCare) else None)
    first, last = line.approved_start, line.approved_end
    if level is None or first is None or last is None or line.decided_by is None or view.decided_at is None:
        return None
    if not first - timedelta(days=2) <= day <= last:
        return None
    return PreauthorizedDays(
        case_id=view.case_id,
        line_id=line.line_id,
        first=max(first, day),
        last=last,
        level=level,
        by=line.decided_by,
        decided_at=view.decided_at,
        authorization_number=view.authorization_number,
    )


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
