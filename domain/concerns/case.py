"""The case of a quality or safety concern, or of a referral to care management, and its looked-up context."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.cases.member_case import MemberCase, MemberContext
from domain.cases.views import CaseStatus
from domain.concerns.forms import (
    ClosureForm,
    CommitteeForm,
    PeerReviewForm,
    ReferralForm,
    ReferralOutcomeForm,
    TriageForm,
)
from domain.concerns.policy import ConcernPolicy, SeverityLevel
from domain.errors import ImpossibleState
from domain.model import Model
from domain.vocabulary import ConcernKind


class ConcernContext(Model):
    """The looked-up context of a concern: the member, the plan's rules, and the reviewers involved in the case at issue.

    `involved` are reviewer ids; `triage_due` (UTC) is computed in the plan's zone.
    """

    person: MemberContext
    policy: ConcernPolicy
    involved: tuple[str, ...]
    triage_due: AwareDatetime


class QualityConcernCase(MemberCase):
    """One concern, from its report to its closure. The content of the peer review stays in this case."""

    kind: ConcernKind
    raised_by: str
    about_case_id: str
    about_task_id: str | None = None
    what: str

    policy: ConcernPolicy | None = None
    involved: tuple[str, ...] = ()
    noted: bool = False
    triage_due: AwareDatetime | None = None

    triage: TriageForm | None = None
    triaged_by: str | None = None
    triaged_at: AwareDatetime | None = None
    peer_review: PeerReviewForm | None = None
    peer_reviewed_by: str | None = None
    committee: CommitteeForm | None = None
    referrals: list[ReferralForm] = []
    referral_outcome: ReferralOutcomeForm | None = None
    closure: ClosureForm | None = None
    closed_by: str | None = None

    @property
    def rules(self) -> ConcernPolicy:
        """The plan's rules. Raises ImpossibleState before the context is known."""
        if self.policy is None:
            raise ImpossibleState(f"{self.case_id}: the rules on concerns are not looked up yet")
        return self.policy

    @property
    def status(self) -> CaseStatus:
        return CaseStatus.OPEN if self.is_open else CaseStatus.COMPLETED

    @property
    def severity(self) -> SeverityLevel | None:
        """The current severity level: the peer review's, else the triage's; None when neither set one."""
        if self.peer_review is not None:
            return self.peer_review.severity
        if self.triage is None or self.triage.severity == "none":
            return None
        return self.triage.severity
