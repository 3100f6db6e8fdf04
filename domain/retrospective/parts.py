"""Parts of a retrospective case besides its findings: context, emergency judgments, DRG opinion, referrals, lessons."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, NonNegativeInt

from domain.coverage.requirements import Requirement
from domain.decisions.prudent_layperson import EmergencyFinding
from domain.model import Model
from domain.retrospective.claim import Claim
from domain.retrospective.comparison import Finding
from domain.retrospective.drg_check import DrgCheck
from domain.vocabulary import ConcernKind


class RetrospectivePolicy(Model):
    """Time limits of each task, in hours from its opening; never longer than `share_of_time` of the time left until the
    decision, where the task precedes one. `lessons_hours` counts from the end of the review."""

    comparison_hours: int = Field(gt=0)
    emergency_hours: int = Field(gt=0)
    drg_hours: int = Field(gt=0)
    compliance_hours: int = Field(gt=0)
    lessons_hours: int = Field(gt=0)
    share_of_time: float = Field(gt=0, lt=1)


class Readmission(Model):
    """An admission shortly after a discharge. It is shown; it decides nothing."""

    earlier: str
    days_since: NonNegativeInt
    same_drg: bool | None


class DocumentationGap(Model):
    """A documentation gap: the questions of a line's criteria that its records do not answer."""

    line_id: str
    guideline: str
    asks: tuple[str, ...]


class ClaimContext(Model):
    """The looked-up context of a claim. `claim` is without its documents and facts, which stay in the store.

    `findings` has every line once, `needs` whether each line needed authorization on its date. `billed_before` are other
    reviews in which the same care on the same days was billed. `noncontract`: the billing provider has no
    contract with the plan; None is unknown.
    """

    claim: Claim
    day: date
    findings: tuple[Finding, ...]
    needs: dict[str, Requirement] = {}
    gaps: tuple[DocumentationGap, ...] = ()
    drg: DrgCheck | None = None
    readmissions: tuple[Readmission, ...] = ()
    billed_before: tuple[str, ...] = ()
    noncontract: bool | None = None
    policy: RetrospectivePolicy


class EmergencyJudgment(Model):
    """A clinician's judgment of the presenting symptoms, with what follows from it."""

    finding: EmergencyFinding
    by: str
    at: AwareDatetime
    a_physicians: bool


class DrgAnswer(StrEnum):
    """A coder's answer on a billed DRG. None of these changes a payment: it is a signal for the payer."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot_tell"


class DrgOpinion(Model):
    answer: DrgAnswer
    coder_drg: str | None
    note: str
    by: str
    at: AwareDatetime


class Suspicion(StrEnum):
    """Subjects that are referred to compliance and not decided here."""

    FRAUD = "fraud"
    MISREPRESENTATION = "misrepresentation"
    COVERAGE = "coverage"


class ComplianceReferral(Model):
    """A question for compliance; `answer` is the action taken on it."""

    suspicion: Suspicion
    what: str
    raised_by: str
    at: AwareDatetime
    answer: str | None = None
    answered_by: str | None = None


class ReportedConcern(Model):
    """A reported concern about the care, which becomes a case of its own: `concern_id` is its case number."""

    concern_id: str
    kind: ConcernKind
    what: str
    raised_by: str
    at: AwareDatetime
    handed_over: bool = False


class ProcessStage(StrEnum):
    """The part of the process in which something fell short."""

    PRIOR_AUTHORIZATION = "prior_authorization"
    CONCURRENT_REVIEW = "concurrent_review"
    DISCHARGE = "discharge"
    CLAIM = "claim"


class Lesson(Model):
    """A lesson learned: what fell short, where, and what would help the next time."""

    stage: ProcessStage
    what_went_wrong: str
    suggestion: str
    recorded_by: str
    at: AwareDatetime


class RecordedLesson(Lesson):
    """A lesson with the review that recorded it, and the claim that it was learned from."""

    case_id: str
    claim_number: str


ComparisonAnswer = Literal["authorized", "beyond", "not_authorized"]
