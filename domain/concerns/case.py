"""A concern about quality or safety, or a referral to care management: what is known of it, and how far it is."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.cases.member_case import PersonalDossier, PersonLook
from domain.cases.views import CaseStatus
from domain.concerns.forms import (
    ClosureForm,
    CommitteeForm,
    PeerReviewForm,
    ReferralForm,
    ReferralOutcomeForm,
    TriageForm,
)
from domain.concerns.policy import ConcernPolicy, Severity
from domain.model import Model
from domain.vocabulary import ConcernKind


class ConcernLook(Model):
    """What a concern has to know: the person, the plan's rules, and who had a part in the dossier that it is about.

    `involved` are reviewer ids; `triage_due` (UTC) is computed in the plan's zone.
    """

    person: PersonLook
    policy: ConcernPolicy
    involved: tuple[str, ...]
    triage_due: AwareDatetime


class Concern(PersonalDossier):
    """One concern, from its raising to its closing. The peer review's content stays here and goes nowhere else."""

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
        """The plan's rules. Raises LookupError before the first look."""
        if self.policy is None:
            raise LookupError(f"{self.case_id}: the rules on concerns are not looked up yet")
        return self.policy

    @property
    def status(self) -> CaseStatus:
        return CaseStatus.OPEN if self.is_open else CaseStatus.COMPLETED

    @property
    def severity(self) -> Severity | None:
        """The level that stands: the peer review's, else that of the triage; None where nobody set one."""
        if self.peer_review is not None:
            return self.peer_review.severity
        if self.triage is None or self.triage.severity == "none":
            return None
        return self.triage.severity
