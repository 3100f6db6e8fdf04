"""The authorization case: the state of one request under review.

Only the case's own workflow changes it, through the functions of this folder. Every change leaves a journal entry in
`pending`, which the workflow passes to the store; what is not in the journal did not happen.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.authorization.assessment import Assessment, CoverageFinding, LineAssessment
from domain.authorization.messages import RequestExpedite, TakeExtension
from domain.authorization.orders import Reservation
from domain.authorization.parts import ANSWERED_ROUTES, InformationRequest, IreForwarding, PeerToPeer, Route
from domain.cases.case import Case
from domain.cases.escalation_ladders import EscalationLadders
from domain.cases.views import CaseStatus
from domain.clocks.engine import Clock, DueKind
from domain.clocks.missed_clock import MissedClock
from domain.decisions.determination import AdverseDetermination, Approval, LineDecision
from domain.requests.request import StayReference
from domain.vocabulary import ReviewKind, ServiceKind, Urgency


class AuthorizationCase(Case):
    """A request under review: its assessment, the route of each line, and the determinations so far."""

    request_version: int
    newest_version: int = 1
    requesting_npi: str = ""
    review_kind: ReviewKind = ReviewKind.PROSPECTIVE
    stay: StayReference | None = None
    reported: bool = False
    service_kind: ServiceKind = ServiceKind.MEDICAL
    urgency: Urgency = Urgency.STANDARD
    status: CaseStatus = CaseStatus.OPEN

    assessment: Assessment | None = None
    look_needed: bool = True
    routes: dict[str, Route] = {}
    approvals: dict[str, Approval] = {}
    adverse: tuple[AdverseDetermination, ...] = ()
    reserved: tuple[Reservation, ...] = ()
    decided_at: AwareDatetime | None = None
    concluded: CaseStatus | None = None
    authorization_number: str | None = None
    nurse_recommendation: str | None = None

    done: dict[DueKind, AwareDatetime] = {}
    consequence: MissedClock | None = None
    untold: list[MissedClock] = []
    forwarding: IreForwarding | None = None

    information: InformationRequest | None = None
    peer_to_peer: PeerToPeer | None = None
    expedite: RequestExpedite | None = None
    extension: TakeExtension | None = None
    extended_due: AwareDatetime | None = None
    withdrawal: str | None = None
    coverage_confirmed: bool = False
    coverage_set_aside: bool = False
    expedite_refusal: str | None = None

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.status is CaseStatus.OPEN

    @property
    def ladders(self) -> EscalationLadders:
        return self.require_context().ladders

    @property
    def letter_repair_hours(self) -> int:
        return self.require_context().policy.letter_repair_hours

    @property
    def missed_clock_hours(self) -> int:
        return self.require_context().policy.missed_clock_task_hours

    @property
    def is_covered(self) -> bool:
        """Whether the member is covered: by the eligibility system or, while it does not answer, as confirmed by intake."""
        found = self.assessment.coverage if self.assessment is not None else None
        return found is CoverageFinding.ACTIVE or (found is CoverageFinding.UNAVAILABLE and self.coverage_confirmed)

    @property
    def is_settled(self) -> bool:
        """Whether every line has its determination and coverage is no longer in question."""
        return (
            self.assessment is not None and not self.unresolved_lines() and (self.is_covered or self.coverage_set_aside)
        )

    @property
    def is_decided(self) -> bool:
        """Whether the request can no longer be changed: it was decided or withdrawn."""
        return self.concluded is not None or self.withdrawal is not None or self.is_settled

    def decision_deadline(self) -> tuple[datetime, str] | None:
        """The decision deadline (UTC), with its citation: that of its clock. A reduction of approved care may have no decision
        clock; its deadline is then the last day on which its notice is in time."""
        if (due := self.due()) is not None:
            return due[1].at, due[1].citation
        last = self.stay.decide_by(ZoneInfo(self.zone)) if self.stay is not None else None
        return (last, self.stay.notice_citation) if self.stay is not None and last is not None else None

    def require_context(self) -> Assessment:
        """The current assessment. Raises LookupError before the first one: nothing may be decided without it."""
        if self.assessment is None:
            raise LookupError(f"{self.case_id} has not been assessed")
        return self.assessment

    def unresolved_lines(self) -> tuple[LineAssessment, ...]:
        """The lines that need authorization and have neither an approval nor a decision."""
        if self.assessment is None:
            return ()
        return tuple(line for line in self.assessment.lines if self.routes.get(line.line_id) not in ANSWERED_ROUTES)

    def signed_answer(self, line_id: str) -> tuple[AdverseDetermination, LineDecision] | None:
        """The adverse determination in effect on a line, with its decision; None when there is none."""
        if self.routes.get(line_id) is not Route.DECIDED:
            return None
        found = ((made, line) for made in reversed(self.adverse) for line in made.lines if line.line_id == line_id)
        return next(((made, line) for made, line in found if line.is_adverse), None)

    def effective_determinations(self) -> tuple[AdverseDetermination, ...]:
        """The determinations with an adverse decision in effect, in the order in which they were accepted."""
        answers = [self.signed_answer(line.line_id) for line in self.require_context().lines]
        standing = [answer[0] for answer in answers if answer is not None]
        return tuple(made for made in self.adverse if made in standing)

    # -- writing -------------------------------------------------------------------------------------------------------

    def apply_assessment(self, assessment: Assessment, clocks: tuple[Clock, ...]) -> None:
        """Set the assessment and the clocks; they hold until new information arrives. Routes and approvals of lines that no
        longer exist are dropped."""
        self.assessment, self.clocks = assessment, clocks
        self.lob, self.state, self.zone = assessment.lob, assessment.state, assessment.zone
        self.look_needed = self.clocks_stale = False
        known = {line.line_id for line in assessment.lines}
        self.routes = {line_id: route for line_id, route in self.routes.items() if line_id in known}
        self.approvals = {line_id: approval for line_id, approval in self.approvals.items() if line_id in known}

    def decided(self, at: datetime) -> None:
        """Record that a line was decided at `at`; the last of these is when the case was decided."""
        self.decided_at = at if self.decided_at is None else max(self.decided_at, at)

    def approve(self, approval: Approval, route: Route) -> None:
        """Record the approval of a line."""
        self.approvals[approval.line_id] = approval
        self.routes[approval.line_id] = route
