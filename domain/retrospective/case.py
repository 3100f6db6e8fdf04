"""The case of one retrospective review: its claim, the findings by line, judgments, referrals, and lessons learned."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from domain.cases.member_case import MemberCase
from domain.cases.messages import ReviewAnswered
from domain.cases.views import CaseStatus
from domain.errors import ImpossibleState
from domain.retrospective.comparison import (
    AuthorizationNotRequired,
    Authorized,
    Differs,
    EmergencyCare,
    Finding,
    NotAuthorized,
)
from domain.retrospective.parts import (
    ClaimContext,
    ComplianceReferral,
    DrgOpinion,
    EmergencyJudgment,
    Lesson,
    ReportedConcern,
    RetrospectivePolicy,
)
from domain.retrospective.questions import ReviewQuestion, review_questions


class RetrospectiveCase(MemberCase):
    """The state of one retrospective review. `findings` holds the finding of each line, by line id.

    `settled_at` is when the last line had its finding or its answer. Nothing in this case denies care: a line that needs a
    decision is decided in the case `review`, under its rules.
    """

    status: CaseStatus = CaseStatus.OPEN
    look: ClaimContext | None = None
    findings: dict[str, Finding] = {}
    judgments: list[EmergencyJudgment] = []
    drg_opinion: DrgOpinion | None = None
    referrals: list[ComplianceReferral] = []
    concerns: list[ReportedConcern] = []
    lessons: list[Lesson] = []
    review: str | None = None
    answer: ReviewAnswered | None = None
    settled_at: AwareDatetime | None = None

    def require_context(self) -> ClaimContext:
        """The claim context. Raises ImpossibleState before it was looked up."""
        if self.look is None:
            raise ImpossibleState(f"{self.case_id}: nobody has looked at the claim")
        return self.look

    @property
    def policy(self) -> RetrospectivePolicy:
        return self.require_context().policy

    # -- open work ---------------------------------------------------------------------------------------------------

    def doubtful(self) -> tuple[str, ...]:
        """The lines that a person has to compare with the authorization."""
        waiting = self.unjudged_emergency_lines()
        return tuple(
            line_id
            for line_id, found in self.findings.items()
            if isinstance(found, Differs | NotAuthorized) and found.doubtful and line_id not in waiting
        )

    def unjudged_emergency_lines(self) -> tuple[str, ...]:
        """The lines that wait for a clinician's judgment of the symptoms, which precedes any question about them."""
        if self.is_emergency_judged:
            return ()
        maybe = self.require_context().claim.emergency_lines
        return tuple(line_id for line_id in maybe if isinstance(self.findings.get(line_id), Differs | NotAuthorized))

    @property
    def is_emergency_judged(self) -> bool:
        """Whether a clinician found an emergency, or a physician judged the symptoms. Nothing else ends the question."""
        return any(one.a_physicians or one.finding.state.value == "met" for one in self.judgments)

    def questions(self) -> tuple[ReviewQuestion, ...]:
        """The questions that a review has to answer, as known so far."""
        return review_questions(self.findings.values())

    @property
    def is_compared(self) -> bool:
        """Whether every line has a finding that needs no further comparison or judgment."""
        return self.look is not None and not self.doubtful() and not self.unjudged_emergency_lines()

    @property
    def has_shortcomings(self) -> bool:
        """Whether a lesson may be learned: a line was not as authorized, or a concern or referral was reported."""
        plain = all(
            isinstance(found, Authorized | AuthorizationNotRequired | EmergencyCare) for found in self.findings.values()
        )
        return not plain or bool(self.concerns or self.referrals)

    def task_due_at(self, now: datetime, hours: int) -> datetime:
        """The due instant (UTC) of a task that precedes a decision: its hours, and never more than its share of the time
        that the earliest decision clock leaves."""
        wanted, due = now + timedelta(hours=hours), self.due()
        if due is None:
            return wanted
        return max(now, min(wanted, now + (due[1].at - now) * self.policy.share_of_time))
