"""The file of one retrospective review: a claim, what it was found to be, who looked at what, and what was learned."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from domain.cases.member_case import PersonalDossier
from domain.cases.messages import ReviewAnswered
from domain.cases.views import CaseStatus
from domain.retrospective.comparison import Authorized, Differs, EmergencyCare, Finding, NotAuthorized, NotNeeded
from domain.retrospective.parts import (
    ClaimLook,
    Concern,
    DrgOpinion,
    EmergencyJudgment,
    Lesson,
    Referral,
    RetrospectivePolicy,
)
from domain.retrospective.questions import Question, questions


class RetrospectiveFile(PersonalDossier):
    """The state of one retrospective review. `findings` holds what each line was found to be, by line.

    `settled_at` is when the last line had its finding or its answer. Nothing on the file denies anything: what is to be
    decided is decided in the case `review`, under its rules.
    """

    status: CaseStatus = CaseStatus.OPEN
    look: ClaimLook | None = None
    findings: dict[str, Finding] = {}
    judgments: list[EmergencyJudgment] = []
    drg_opinion: DrgOpinion | None = None
    referrals: list[Referral] = []
    concerns: list[Concern] = []
    lessons: list[Lesson] = []
    review: str | None = None
    answer: ReviewAnswered | None = None
    settled_at: AwareDatetime | None = None

    def looked_at(self) -> ClaimLook:
        """What the look found. Raises LookupError before it."""
        if self.look is None:
            raise LookupError(f"{self.case_id}: nobody has looked at the claim")
        return self.look

    @property
    def policy(self) -> RetrospectivePolicy:
        return self.looked_at().policy

    # -- what is still open --------------------------------------------------------------------------------------------

    def doubtful(self) -> tuple[str, ...]:
        """The lines that a person has to compare."""
        waiting = self.emergencies()
        return tuple(
            line_id
            for line_id, found in self.findings.items()
            if isinstance(found, Differs | NotAuthorized) and found.doubtful and line_id not in waiting
        )

    def emergencies(self) -> tuple[str, ...]:
        """The lines that wait for a clinician's judgment of the symptoms: it comes before any question about them."""
        if self.emergency_is_judged:
            return ()
        maybe = self.looked_at().claim.emergency_lines
        return tuple(line_id for line_id in maybe if isinstance(self.findings.get(line_id), Differs | NotAuthorized))

    @property
    def emergency_is_judged(self) -> bool:
        """Judged: found to be one by a clinician, or looked at by a physician. No other word ends the question."""
        return any(one.a_physicians or one.finding.state.value == "met" for one in self.judgments)

    def questions(self) -> tuple[Question, ...]:
        """What a review has to answer, as far as it can be told by now."""
        return questions(self.findings.values())

    @property
    def is_compared(self) -> bool:
        """Whether every line has a finding that nobody has to look at any more."""
        return self.look is not None and not self.doubtful() and not self.emergencies()

    @property
    def fell_short(self) -> bool:
        """Whether there may be something to learn: not everything was what had been authorized, or somebody objected."""
        plain = all(isinstance(found, Authorized | NotNeeded | EmergencyCare) for found in self.findings.values())
        return not plain or bool(self.concerns or self.referrals)

    def before_decision(self, now: datetime, hours: int) -> datetime:
        """When a task is due (UTC) that stands before a decision: its hours, and never more than its share of the time that
        the earliest decision clock leaves."""
        wanted, due = now + timedelta(hours=hours), self.due()
        if due is None:
            return wanted
        return max(now, min(wanted, now + (due[1].at - now) * self.policy.share_of_time))
