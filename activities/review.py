"""Looking at a request: coverage, need for authorization, benefits, criteria, clocks. One look loads all that a step needs."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.criteria import CriteriaDesk
from activities.eligibility import Eligibility
from activities.faults import translated
from domain.assessment import Assessment, BenefitFinding, CoverageFinding, LineAssessment, Requirement
from domain.claim import clean_noncontract
from domain.clock_binding import compute_all
from domain.clocks import Clock, ClockFacts
from domain.errors import Corrupt, Unavailable
from domain.gold_cards import card_for
from domain.orders import Clocks, Look, LookOrder
from domain.plan import BenefitLimit, Coverage, NetworkStatus
from domain.request import AuthorizationRequest, ServiceLine, StayPurpose
from domain.requirements import LineOfCase, requirement_for, specialties_for
from domain.views import CaseStatus, ProcessKind
from domain.vocabulary import Channel, Proceeding
from rulebook.book import Rulebook
from store import benefits, cases, directory, documents, requests
from store.session import Store

ENDED_WITHOUT_SERVICE = (CaseStatus.WITHDRAWN, CaseStatus.DENIED, CaseStatus.NOT_REQUIRED)
ELECTRONIC = frozenset({Channel.FHIR_PAS, Channel.PORTAL, Channel.API, Channel.COMMAND_LINE})


class Review:
    """Activities that look. They read, store criteria traces under ids made from their content, and change nothing else."""

    def __init__(self, store: Store, rulebook: Rulebook, eligibility: Eligibility) -> None:
        self._store, self._rulebook, self._eligibility = store, rulebook, eligibility
        self._criteria = CriteriaDesk(rulebook)

    @activity.defn
    def look_into(self, order: LookOrder) -> Look:
        """One look; when the eligibility system does not answer, the look says so instead of guessing."""
        with translated():
            return self._look(order, patient=False)

    @activity.defn
    def look_patiently(self, order: LookOrder) -> Look:
        """The same look, failing while eligibility does not answer, so that Temporal tries again."""
        with translated():
            return self._look(order, patient=True)

    @activity.defn
    def compute_clocks(self, order: LookOrder) -> Clocks:
        """Every clock that binds, after the order's events."""
        with translated(), self._store.read() as s:
            request = requests.load(s, order.case_id, order.request_version).request
            coverage = _coverage_on_file(s, request)
            required = self._authorization_required(s, request, coverage)
            noncontract = _is_noncontract(s, request, coverage)
            return Clocks(clocks=self._clocks(order, request, coverage, required, noncontract))

    def requirement_on(
        self, s: Session, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine
    ) -> Requirement:
        """Whether a line needs authorization on its date of service."""
        return self._requirement(s, request, coverage, self._asked(s, request, coverage, line))

    def _look(self, order: LookOrder, *, patient: bool) -> Look:
        with self._store.read() as s:
            stored = requests.load(s, order.case_id, order.request_version)
            request, coverage = stored.request, _coverage_on_file(s, stored.request)
            day = _first_day(request, order.received_at, coverage.zone)
        finding, note, answered = self._covered(request.member.member_id, day, patient)
        with self._store.begin() as s:
            lines = tuple(self._line(s, order, request, stored.answers, coverage, line) for line in request.lines)
            evidence = tuple(document.document_id for document in documents.of_case(s, order.case_id))
            required = self._authorization_required(s, request, coverage)
            noncontract = _is_noncontract(s, request, coverage)
        assessment = Assessment(
            request_version=order.request_version,
            coverage=finding,
            coverage_note=note,
            lob=coverage.lob,
            state=coverage.state,
            zone=coverage.zone,
            plan_id=coverage.plan_id,
            lines=lines,
            decider=self._rulebook.review.decider(coverage.lob, coverage.state, coverage.self_funded),
            policy=self._rulebook.review.policy,
            ladders=self._rulebook.ladders,
            evidence=evidence,
            codes=_codes(request),
            involved_npis=_involved(request),
            rulebook_version=self._rulebook.version,
        )
        return Look(
            eligibility_answered=answered,
            assessment=assessment,
            clocks=self._clocks(order, request, coverage, required, noncontract),
            service_kind=request.service_kind,
            urgency=request.urgency.urgency,
            urgency_asked_by=request.urgency.asked_by,
            physician_statement=request.urgency.physician_statement,
            member_id=request.member.member_id,
            requesting_npi=request.requesting_provider.npi,
            review_kind=request.review_kind,
            stay=request.stay,
        )

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
            note = f"No coverage is on file for {day.isoformat()}: confirm it, or refer the case."
            return CoverageFinding.NOT_ACTIVE, note, True
        return CoverageFinding.ACTIVE, "Coverage is active on the first day of service.", True

    def _clocks(
        self,
        order: LookOrder,
        request: AuthorizationRequest,
        coverage: Coverage,
        required: bool | None,
        noncontract: bool | None,
    ) -> tuple[Clock, ...]:
        facts = ClockFacts(
            lob=coverage.lob,
            urgency=request.urgency.urgency,
            received_at=order.received_at,
            zone=coverage.zone,
            service_kind=request.service_kind,
            review_kind=request.review_kind,
            proceeding=_proceeding(request),
            course_ends_at=request.stay.course_ends_at if request.stay is not None else None,
            requires_prior_authorization=required,
            state=coverage.state,
            self_funded=coverage.self_funded,
            electronic=request.channel in ELECTRONIC,
            noncontract_records_needed=noncontract,
            clean_noncontract_claim=clean_noncontract(request.clean_claim, noncontract),
            rating_period_start=coverage.rating_period_start,
            accreditations=coverage.accreditations,
            circumstances=coverage.circumstances,
        )
        return compute_all(self._rulebook.clocks, facts, order.events, self._rulebook.calendar)

    def _authorization_required(self, s: Session, request: AuthorizationRequest, coverage: Coverage) -> bool | None:
        """For the case as a whole: required if any line is; not required only if every line says so."""
        found = {
            self._requirement(s, request, coverage, self._asked(s, request, coverage, line)).required
            for line in request.lines
        }
        return True if True in found else None if None in found else False

    def _asked(self, s: Session, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine) -> LineOfCase:
        npi = (request.servicing_provider or request.requesting_provider).npi
        provider = directory.provider(s, npi)
        return LineOfCase(
            lob=coverage.lob,
            service_kind=request.service_kind,
            line=line,
            service_groups=self._rulebook.code_map.line_codes(line).service_groups,
            network=provider.network.get(coverage.plan_id) if provider is not None else None,
            plan_id=coverage.plan_id,
            state=coverage.state,
        )

    def _requirement(
        self, s: Session, request: AuthorizationRequest, coverage: Coverage, asked: LineOfCase
    ) -> Requirement:
        """What the plan's list says, unless the requesting provider's gold card exempts the service."""
        listed = requirement_for(self._rulebook.review.requirements, asked)
        provider = directory.provider(s, request.requesting_provider.npi)
        if provider is None or not provider.gold_cards or listed.required is False:
            return listed
        programme = card_for(
            provider.gold_cards,
            self._rulebook.review.gold_cards,
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

    def _line(
        self,
        s: Session,
        order: LookOrder,
        request: AuthorizationRequest,
        answers: object,
        coverage: Coverage,
        line: ServiceLine,
    ) -> LineAssessment:
        asked = self._asked(s, request, coverage, line)
        requirement = self._requirement(s, request, coverage, asked)
        criteria = None
        if requirement.required is not False:
            today = order.now.astimezone(ZoneInfo(coverage.zone)).date()
            criteria = self._criteria.judge(s, order, request, answers, line, coverage, today)
        return LineAssessment(
            line_id=line.line_id,
            code=line.code,
            description=line.description or f"{line.code_system.value.upper()} {line.code}",
            quantity=line.quantity,
            start=line.start,
            end=line.end,
            requirement=requirement,
            benefit=_benefit(s, coverage, asked),
            criteria=criteria,
            overlapping_cases=_overlapping(s, order.case_id, request, line),
            fitting_specialties=specialties_for(self._rulebook.review.specialties, asked),
        )


def _proceeding(request: AuthorizationRequest) -> Proceeding:
    reduces = request.stay is not None and request.stay.purpose is StayPurpose.REDUCTION
    return Proceeding.REDUCTION if reduces else Proceeding.AUTHORIZATION


def _overlapping(s: Session, case_id: str, request: AuthorizationRequest, line: ServiceLine) -> tuple[str, ...]:
    """Other cases of the member, open or approved, with the same code on days of this line; unknown days overlap."""
    found = []
    for view in cases.find(s, member_id=request.member.member_id):
        if view.process is not ProcessKind.REQUEST or view.case_id == case_id or view.status in ENDED_WITHOUT_SERVICE:
            continue
        other = requests.load(s, view.case_id, view.request_version).request
        if any(theirs.code == line.code and _share_days(theirs, line) for theirs in other.lines):
            found.append(view.case_id)
    return tuple(sorted(found))


def _share_days(one: ServiceLine, other: ServiceLine) -> bool:
    if one.start is None or other.start is None:
        return True
    return one.start <= (other.end or other.start) and other.start <= (one.end or one.start)


def _coverage_on_file(s: Session, request: AuthorizationRequest) -> Coverage:
    """The coverage that tells line of business, state and zone: the one on the first day of service, else the latest."""
    known = directory.coverages(s, request.member.member_id)
    if not known:
        raise Corrupt("a case was opened for a member without any coverage on file")
    days = [line.start for line in request.lines if line.start is not None]
    if days:
        covering = next((coverage for coverage in known if coverage.covers(min(days))), None)
        if covering is not None:
            return covering
    return max(known, key=lambda coverage: coverage.effective)


def _first_day(request: AuthorizationRequest, received_at: datetime, zone: str) -> date:
    days = [line.start for line in request.lines if line.start is not None]
    return min(days) if days else received_at.astimezone(ZoneInfo(zone)).date()


def _is_noncontract(s: Session, request: AuthorizationRequest, coverage: Coverage) -> bool | None:
    """Whether records would come from a provider without a contract; None when the directory does not know them."""
    provider = directory.provider(s, request.requesting_provider.npi)
    status = provider.network.get(coverage.plan_id) if provider is not None else None
    return None if status is None else status is NetworkStatus.OUT_OF_NETWORK


def _codes(request: AuthorizationRequest) -> tuple[str, ...]:
    of_lines = {code for line in request.lines for code in (line.code, *line.diagnoses)}
    return tuple(sorted(of_lines | set(request.diagnoses)))


def _involved(request: AuthorizationRequest) -> tuple[str, ...]:
    providers = (request.requesting_provider, request.servicing_provider, request.ordering_practitioner)
    return tuple(sorted({provider.npi for provider in providers if provider is not None}))


def _benefit(s: Session, coverage: Coverage, asked: LineOfCase) -> BenefitFinding | None:
    for limit in coverage.benefits:
        if asked.line.code in limit.codes or not asked.service_groups.isdisjoint(limit.service_groups):
            return _compared(s, limit, asked.line)
    return None


def _compared(s: Session, limit: BenefitLimit, line: ServiceLine) -> BenefitFinding:
    used = benefits.used(s, limit.benefit_id)
    return BenefitFinding(
        benefit_id=limit.benefit_id,
        limit=limit.limit,
        used=used,
        requested=line.quantity,
        unit=limit.unit,
        fits=None if line.quantity is None else used + line.quantity <= limit.limit,
    )
