"""Activities that look up what an authorization review needs: coverage, requirement, benefits, criteria, clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.integrations.compendia import Compendia
from activities.integrations.eligibility import Eligibility
from activities.lookups.citations import find_citable_rules
from activities.lookups.clock_inputs import clock_inputs
from activities.lookups.coverage import coverage_of_request, move_to_other_benefit, other_half_of_plan
from activities.lookups.criteria import CriteriaEvaluator, LineEvidence, RequestEvidence
from activities.lookups.drug_limits import CompendiumAnswers, DrugLimitEvaluator, LimitResults
from activities.lookups.earlier_reviewers import decision_level, reviewers_of_appealed
from activities.lookups.granted_exceptions import requirement_by_exception, supplies_before
from activities.lookups.other_requests import other_requests
from activities.lookups.plan_provisions import find_provisions, is_under_age
from activities.lookups.protections import least_length, protect_care_under_way, validity_window
from activities.lookups.required_sets import RequiredSetLookup, SetToAsk
from activities.lookups.requirement import determine_requirement, line_of_case
from domain.authorization.assessment import Assessment, BenefitFinding, CoverageFinding, LineAssessment
from domain.authorization.orders import ReviewContext, ReviewInput
from domain.cases.orders import ComputedClocks
from domain.cases.views import ENDED_UNDECIDED, CaseStatus
from domain.clocks.binding import awaited_events, compute_clocks
from domain.clocks.emitted_events import RECORDED_WHEN_AWAITED
from domain.clocks.engine import Clock, ClockEvent, ClockFacts, EventKind
from domain.coverage.directory import BenefitLimit, Coverage
from domain.coverage.requirements import LineInContext, Requirement, find_fields_of_others, find_specialties
from domain.criteria.required_sets import LicensedCriteria, RequiredSetFinding
from domain.decisions.other_deciders import find_other_deciders
from domain.errors import Unavailable
from domain.follow_ups.reopening import apply_reopening_rule
from domain.office_hours import OfficeHours, office_hours
from domain.pharmacy.exception_periods import last_day_of_exception
from domain.pharmacy.other_benefit import find_other_benefit
from domain.requests.after_decision import AfterDecisionFinding, AfterDecisionKind
from domain.requests.remarks import add_remarks
from domain.requests.request import AuthorizationRequest, ServiceLine
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import benefits, directory, documents, requests
from store.session import Store

ENDED_WITHOUT_SERVICE = ENDED_UNDECIDED | {CaseStatus.DENIED, CaseStatus.NOT_REQUIRED}


@dataclass(frozen=True)
class _PreparedLine:
    """A line before other systems are asked about it: its requirement, its evidence, and the set that has to be used."""

    line: ServiceLine
    asked: LineInContext
    needed: Requirement
    evidence: LineEvidence
    bound: SetToAsk | None


class AuthorizationLookups:
    """Activities of an authorization review. They read, store criteria traces under ids made from their content, and change
    nothing else."""

    def __init__(
        self,
        store: Store,
        rulebook: Rulebook,
        eligibility: Eligibility,
        compendia: Compendia | None = None,
        licensed: LicensedCriteria | None = None,
    ) -> None:
        self._store, self._rulebook, self._eligibility = store, rulebook, eligibility
        self._criteria, self._limits = CriteriaEvaluator(rulebook), DrugLimitEvaluator(rulebook, compendia)
        self._sets = RequiredSetLookup(rulebook, licensed)

    @activity.defn(no_thread_cancel_exception=True)
    def look_into(self, order: ReviewInput) -> ReviewContext:
        """Look up the review context. When the eligibility system does not answer, the context says so instead of guessing."""
        with translate_errors():
            return self._look(order, patient=False)

    @activity.defn(no_thread_cancel_exception=True)
    def look_patiently(self, order: ReviewInput) -> ReviewContext:
        """Look up the same context, failing while eligibility does not answer, so that Temporal retries."""
        with translate_errors():
            return self._look(order, patient=True)

    @activity.defn(no_thread_cancel_exception=True)
    def compute_clocks(self, order: ReviewInput) -> ComputedClocks:
        """Compute every clock that binds, after the events of the input."""
        with translate_errors(), self._store.read() as s:
            facts, events = clock_inputs(s, self._rulebook, order)
            return ComputedClocks(clocks=self._clocks(facts, events), awaited=self._awaited(facts, events))

    def _look(self, order: ReviewInput, *, patient: bool) -> ReviewContext:
        told = order
        with self._store.read() as s:
            order = _as_on_file(s, told)
            stored = requests.load(s, order.case_id, order.request_version)
            request, coverage = stored.request, coverage_of_request(s, stored.request)
            day = _first_day(request, order.received_at, coverage.zone)
            evidence = self._criteria.gather_evidence(s, request, stored.answers, coverage)
            today = _local_day(order, coverage)
            prepared = tuple(self._prepare(s, request, evidence, coverage, line, today) for line in request.lines)
        finding, note, answered = self._covered(request.member.member_id, day, patient)
        may_need = [one.line for one in prepared if one.needed.required is not False]
        listed = self._limits.ask_compendia(request, may_need, coverage, today)
        required_sets = [self._sets.ask(one.bound) if one.bound is not None else None for one in prepared]
        with self._store.begin() as s:
            lines = tuple(
                self._line(s, order, request, coverage, one, required_set, listed)
                for one, required_set in zip(prepared, required_sets, strict=True)
            )
            moved = move_to_other_benefit(s, order.case_id, stored, coverage, lines, day)
            earlier = reviewers_of_appealed(s, request)
            proofs = tuple(document.document_id for document in documents.of_case(s, order.case_id))
            facts, events = clock_inputs(s, self._rulebook, order)
            plan = directory.plan_contact(s, coverage.plan_id)
            requester = directory.provider(s, request.requesting_provider.npi)
        if moved is not None:
            again = self._look(order.model_copy(update={"request_version": moved}), patient=patient)
            of_file = order.received_at if order.received_at != told.received_at else None
            instead = next((line.other_benefit for line in lines if line.other_benefit is not None), None)
            return again.model_copy(update={"moved_version": moved, "received_at": of_file, "moved_because": instead})
        assessment = Assessment(
            request_version=order.request_version,
            coverage=finding,
            coverage_note=note,
            lob=coverage.lob,
            state=coverage.state,
            zone=coverage.zone,
            plan_id=coverage.plan_id,
            lines=lines,
            decider=self._rulebook.review.decider(
                coverage.lob, coverage.state, coverage.self_funded, decision_level(request)
            ),
            earlier_reviewers=earlier,
            policy=self._rulebook.review.policy,
            ladders=self._rulebook.ladders,
            evidence=proofs,
            codes=_codes(request),
            involved_npis=_involved_npis(request),
            rulebook_version=self._rulebook.version,
            benefit_signer=self._rulebook.review.benefit_signer(coverage.lob),
            closings=self._rulebook.review.closings(coverage.lob, coverage.circumstances),
            remarks=add_remarks(request.remarks, evidence.remarks),
            citable=find_citable_rules(self._rulebook, lines, coverage.lob, _local_day(order, coverage)),
            plan_office=self._office(order, (plan.zone if plan is not None else None) or coverage.zone),
            requester_office=self._office(order, (requester.zone if requester is not None else None) or coverage.zone),
        )
        return ReviewContext(
            eligibility_answered=answered,
            assessment=assessment,
            clocks=self._clocks(facts, events),
            awaited=self._awaited(facts, events),
            service_kind=request.service_kind,
            urgency=request.urgency.urgency,
            urgency_asked_by=request.urgency.asked_by,
            physician_statement=request.urgency.physician_statement,
            member_id=request.member.member_id,
            requesting_npi=request.requesting_provider.npi,
            review_kind=request.review_kind,
            stay=request.stay,
            received_at=order.received_at if order.received_at != told.received_at else None,
            request_version=order.request_version if order.request_version != told.request_version else None,
            urgency_unread=request.urgency.unread,
            renews=request.renews,
            after=self._after_decision(request, coverage, order.received_at),
        )

    def _after_decision(
        self, request: AuthorizationRequest, coverage: Coverage, received_at: datetime
    ) -> AfterDecisionFinding | None:
        """The line's rule on what is asked after a decision; None for a request that follows none."""
        if request.after is None:
            return None
        rules = self._rulebook.review.reopening
        return apply_reopening_rule(rules, coverage.lob, request.after, received_at, ZoneInfo(coverage.zone))

    def _office(self, order: ReviewInput, zone: str) -> OfficeHours:
        """The usual hours of an office in this zone."""
        hours = self._rulebook.stays.policy.callback_hours
        return office_hours(hours, self._rulebook.calendar, zone, order.now.date())

    def _covered(self, member_id: str, day: date, patient: bool) -> tuple[CoverageFinding, str, bool]:
        try:
            coverage = self._eligibility.coverage(member_id, day)
        except Unavailable:
            if patient:
                raise
            return (
                CoverageFinding.UNAVAILABLE,
                "The eligibility system does not answer: confirm coverage by hand.",
                False,
            )
        if coverage is None:
            note = (
                f"No coverage is on file for {day.isoformat()}: confirm it, or let enrollment close the days without coverage "
                "('umpire not-covered')."
            )
            return CoverageFinding.NOT_ACTIVE, note, True
        return CoverageFinding.ACTIVE, "Coverage is active on the first day of service.", True

    def _clocks(self, facts: ClockFacts, events: tuple[ClockEvent, ...]) -> tuple[Clock, ...]:
        return compute_clocks(self._rulebook.clocks, facts, events, self._rulebook.calendar)

    def _awaited(self, facts: ClockFacts, events: tuple[ClockEvent, ...]) -> tuple[EventKind, ...]:
        return tuple(sorted(awaited_events(self._rulebook.clocks, facts, events) & RECORDED_WHEN_AWAITED))

    def _prepare(
        self,
        s: Session,
        request: AuthorizationRequest,
        evidence: RequestEvidence,
        coverage: Coverage,
        line: ServiceLine,
        today: date,
    ) -> _PreparedLine:
        asked = line_of_case(s, self._rulebook, request, coverage, line)
        needed = determine_requirement(s, self._rulebook, request, coverage, asked)
        came = evidence.of_line(line)
        if needed.required is False:
            return _PreparedLine(line, asked, needed, came, None)
        return _PreparedLine(line, asked, needed, came, self._sets.find(s, request, coverage, line, came.facts, today))

    def _line(
        self,
        s: Session,
        order: ReviewInput,
        request: AuthorizationRequest,
        coverage: Coverage,
        prepared: _PreparedLine,
        required_set: RequiredSetFinding | None,
        listed: CompendiumAnswers,
    ) -> LineAssessment:
        line, asked, needed, came = prepared.line, prepared.asked, prepared.needed, prepared.evidence
        criteria, limited, protection, length = None, LimitResults(), None, None
        if needed.required is not False:
            today = _local_day(order, coverage)
            criteria = self._criteria.evaluate_line(s, order, request, came, line, coverage, today)
            earlier = supplies_before(s, order.case_id, request, coverage, line)
            limited = self._limits.evaluate_line(request, came, line, coverage, today, earlier, listed)
            if limited.protected is not None:
                needed = Requirement(required=False, because=limited.protected[0], citation=limited.protected[1])
            periods = self._rulebook.drugs.exception_periods
            needed = requirement_by_exception(s, periods, order.case_id, request, coverage, line) or needed
            protection = protect_care_under_way(s, self._rulebook, request, came, line, coverage, today)
            length = least_length(self._rulebook, request, came, line, coverage, order.received_at, today)
        return LineAssessment(
            line_id=line.line_id,
            code=line.code,
            description=line.description or f"{line.code_system.value.upper()} {line.code}",
            quantity=line.quantity,
            start=line.start,
            end=line.end,
            requirement=needed,
            benefit=None if _keeps_units(request) else _find_benefit(s, coverage, asked),
            criteria=criteria,
            limits=limited.limits,
            exception=limited.exception,
            required_set=required_set,
            supply=limited.supply,
            exception_until=self._exception_until(request, coverage, line) if limited.exception is not None else None,
            continuity=protection,
            least_length=length,
            window=validity_window(
                self._rulebook, request, line, coverage, criteria.certifies_days if criteria is not None else None
            ),
            other_benefit=find_other_benefit(
                limited.limits,
                lob=coverage.lob,
                same_plan=other_half_of_plan(s, request, coverage, asked.line.start) is not None,
                signed_answer=self._may_answer(order, coverage, line),
            ),
            provisions=find_provisions(s, coverage, line, _local_day(order, coverage)),
            under_age=is_under_age(
                s,
                self._rulebook.review.benefit_signer(coverage.lob),
                request,
                line,
                coverage.zone,
            ),
            overlapping_cases=_overlapping_cases(s, order.case_id, request, line),
            fitting_specialties=find_specialties(self._rulebook.review.specialties, asked),
            other_deciders=find_other_deciders(
                self._rulebook.review.other_deciders,
                find_fields_of_others(self._rulebook.review.specialties, asked),
                coverage.lob,
                coverage.state,
                coverage.self_funded,
            ),
        )

    def _may_answer(self, order: ReviewInput, coverage: Coverage, line: ServiceLine) -> bool:
        """Whether a signed decision may say that another plan's benefit pays for a drug."""
        day = line.start or _local_day(order, coverage)
        return any(rule.lets_answer(coverage.lob, day) for rule in self._rulebook.drugs.hand_overs)

    def _exception_until(self, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine) -> date | None:
        """The last day on which an exception holds once it is granted; None where no law says so."""
        day = line.start
        periods = self._rulebook.drugs.exception_periods
        holds = day is not None and any(one.binds(coverage.lob, request.service_kind, day) for one in periods)
        return last_day_of_exception(day, line.end) if day is not None and holds else None


def _local_day(order: ReviewInput, coverage: Coverage) -> date:
    return order.now.astimezone(ZoneInfo(coverage.zone)).date()


def _as_on_file(s: Session, told: ReviewInput) -> ReviewInput:
    """The input with the receipt of the first version on file, and the newest version where the one named is not on file."""
    newest = requests.load(s, told.case_id)
    known = 1 <= told.request_version <= newest.version
    return told.model_copy(
        update={
            "received_at": requests.load(s, told.case_id, 1).request.received_at,
            "request_version": told.request_version if known else newest.version,
        }
    )


def _overlapping_cases(s: Session, case_id: str, request: AuthorizationRequest, line: ServiceLine) -> tuple[str, ...]:
    """Other cases of the member, open or approved, with the same code on days of this line; unknown days overlap."""
    decided = _decided_case(request)
    found = {
        view.case_id
        for view, other, theirs in other_requests(s, case_id, request.member.member_id).asking_for(line.code)
        if view.status not in ENDED_WITHOUT_SERVICE
        and view.case_id != decided
        and not _is_same_stay(request, other)
        and _share_days(theirs, line)
    }
    return tuple(sorted(found))


def _is_same_stay(one: AuthorizationRequest, other: AuthorizationRequest) -> bool:
    """Whether both are reviews of one stay. They follow each other, and a reconsideration is about the same days as the first
    review: that is no overlap."""
    return one.stay is not None and other.stay is not None and one.stay.process_id == other.stay.process_id


def _decided_case(request: AuthorizationRequest) -> str | None:
    """The case that the request is about after its decision: that is no overlap, unless it asks for more of the same."""
    after = request.after
    return after.case_id if after is not None and after.kind is not AfterDecisionKind.MORE_UNITS else None


def _keeps_units(request: AuthorizationRequest) -> bool:
    """Whether the units that it asks for are reserved already, by the authorization that it changes."""
    return request.after is not None and request.after.kind.keeps_units


def _share_days(one: ServiceLine, other: ServiceLine) -> bool:
    if one.start is None or other.start is None:
        return True
    return one.start <= (other.end or other.start) and other.start <= (one.end or one.start)


def _first_day(request: AuthorizationRequest, received_at: datetime, zone: str) -> date:
    days = [line.start for line in request.lines if line.start is not None]
    return min(days) if days else received_at.astimezone(ZoneInfo(zone)).date()


def _codes(request: AuthorizationRequest) -> tuple[str, ...]:
    of_lines = {code for line in request.lines for code in (line.code, *line.diagnoses)}
    return tuple(sorted(of_lines | set(request.diagnoses)))


def _involved_npis(request: AuthorizationRequest) -> tuple[str, ...]:
    providers = (request.requesting_provider, request.servicing_provider, request.ordering_practitioner)
    return tuple(sorted({provider.npi for provider in providers if provider is not None}))


def _find_benefit(s: Session, coverage: Coverage, asked: LineInContext) -> BenefitFinding | None:
    for limit in coverage.benefits:
        if asked.line.code in limit.codes or not asked.service_groups.isdisjoint(limit.service_groups):
            return _compare_with_limit(s, limit, asked.line)
    return None


def _compare_with_limit(s: Session, limit: BenefitLimit, line: ServiceLine) -> BenefitFinding:
    used = benefits.used(s, limit.benefit_id)
    return BenefitFinding(
        benefit_id=limit.benefit_id,
        limit=limit.limit,
        used=used,
        requested=line.quantity,
        unit=limit.unit,
        fits=None if line.quantity is None else used + line.quantity <= limit.limit,
    )
