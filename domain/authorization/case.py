"""A case as its workflow holds it: the one mutable aggregate of the domain.

Only the case's own workflow changes it, through the functions of `casework`, `pathway` and `watch`. Every change leaves a
journal entry in `pending`, which the workflow hands to the store; what is not in the journal did not happen. Entries are
numbered in the order in which the case learned of things; their stamps tell when things were done and may lie before those
of earlier entries.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.authorization.assessment import Assessment, CoverageFinding, LineAssessment
from domain.authorization.messages import RequestExpedite, TakeExtension
from domain.authorization.orders import Reservation
from domain.authorization.parts import ANSWERED, Forwarding, InformationRequest, PeerToPeer, Route
from domain.calendars import at_local
from domain.cases.case import Dossier
from domain.cases.escalation_ladders import EscalationLadders
from domain.cases.views import CaseStatus
from domain.clocks.engine import Clock, DueKind
from domain.clocks.missed import MissedClock
from domain.decisions.determination import AdverseDetermination, Approval, LineDecision
from domain.requests.request import StayReference
from domain.vocabulary import ReviewKind, ServiceKind, Urgency


class Case(Dossier):
    """The state of one request under review."""

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
    forwarding: Forwarding | None = None

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
        return self.looked_at().ladders

    @property
    def letter_repair_hours(self) -> int:
        return self.looked_at().policy.letter_repair_hours

    @property
    def missed_clock_hours(self) -> int:
        return self.looked_at().policy.missed_clock_task_hours

    @property
    def is_covered(self) -> bool:
        """Covered by the system's word; while the system is silent, by the word of intake."""
        found = self.assessment.coverage if self.assessment is not None else None
        return found is CoverageFinding.ACTIVE or (found is CoverageFinding.UNAVAILABLE and self.coverage_confirmed)

    @property
    def is_settled(self) -> bool:
        """Whether every line has its answer and nobody has to ask about coverage: only the conclusion is left to draw."""
        return self.assessment is not None and not self.unresolved() and (self.is_covered or self.coverage_set_aside)

    @property
    def is_decided(self) -> bool:
        """Whether the request can be changed no more: it was answered, or taken back."""
        return self.concluded is not None or self.withdrawal is not None or self.is_settled

    def decide_by(self) -> tuple[datetime, str] | None:
        """By when the decision is made (UTC), and the citation: by its clock. What ends approved care early has none where only
        its notice is bound; then by the last day on which a notice is in time."""
        if (due := self.due()) is not None:
            return due[1].at, due[1].citation
        asked = self.stay
        if asked is None or asked.effective_on is None or asked.days_of_notice is None:
            return None
        last = asked.effective_on - timedelta(days=asked.days_of_notice + 1)
        return at_local(last, time(23, 59, 59), ZoneInfo(self.zone)), asked.notice_citation

    def looked_at(self) -> Assessment:
        """The current assessment. Raises LookupError before the first one: nothing may be concluded without it."""
        if self.assessment is None:
            raise LookupError(f"{self.case_id} has not been assessed")
        return self.assessment

    def unresolved(self) -> tuple[LineAssessment, ...]:
        """The lines that need authorization and have neither an approval nor a decision."""
        if self.assessment is None:
            return ()
        return tuple(line for line in self.assessment.lines if self.routes.get(line.line_id) not in ANSWERED)

    def signed_answer(self, line_id: str) -> tuple[AdverseDetermination, LineDecision] | None:
        """The determination that answers a line adversely, with its answer; None when no such answer stands."""
        if self.routes.get(line_id) is not Route.DECIDED:
            return None
        found = ((made, line) for made in reversed(self.adverse) for line in made.lines if line.line_id == line_id)
        return next(((made, line) for made, line in found if line.is_adverse), None)

    def standing_determinations(self) -> tuple[AdverseDetermination, ...]:
        """The determinations of which an adverse answer stands, in the order in which they were accepted."""
        answers = [self.signed_answer(line.line_id) for line in self.looked_at().lines]
        standing = [answer[0] for answer in answers if answer is not None]
        return tuple(made for made in self.adverse if made in standing)

    # -- writing -------------------------------------------------------------------------------------------------------

    def take_in(self, assessment: Assessment, clocks: tuple[Clock, ...]) -> None:
        """Keep what a look found: it holds until something is known that it did not see. What it does not know any more
        of lines that are gone is dropped."""
        self.assessment, self.clocks = assessment, clocks
        self.lob, self.state, self.zone = assessment.lob, assessment.state, assessment.zone
        self.look_needed = self.clocks_stale = False
        known = {line.line_id for line in assessment.lines}
        self.routes = {line_id: route for line_id, route in self.routes.items() if line_id in known}
        self.approvals = {line_id: approval for line_id, approval in self.approvals.items() if line_id in known}

    def decided(self, at: datetime) -> None:
        """Somebody or something decided a line at `at`; the case is decided by the last of these."""
        self.decided_at = at if self.decided_at is None else max(self.decided_at, at)

    def approve(self, approval: Approval, route: Route) -> None:
        """Keep the approval of a line."""
        self.approvals[approval.line_id] = approval
        self.routes[approval.line_id] = route
