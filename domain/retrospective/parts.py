"""What a retrospective review is made of besides its findings: emergencies judged, signals, referrals, lessons."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, NonNegativeInt

from domain.coverage.requirements import Requirement
from domain.model import Model
from domain.retrospective.claim import Claim
from domain.retrospective.comparison import Finding
from domain.retrospective.drg_check import DrgCheck
from domain.retrospective.prudent_layperson import EmergencyFinding
from domain.vocabulary import ConcernKind


class RetrospectivePolicy(Model):
    """How long people have for each task, in hours from its opening; never longer than `share_of_time` of what is left until
    the decision, where the task stands before one. `lessons_hours` counts from the end of the review."""

    comparison_hours: int = Field(gt=0)
    emergency_hours: int = Field(gt=0)
    drg_hours: int = Field(gt=0)
    compliance_hours: int = Field(gt=0)
    lessons_hours: int = Field(gt=0)
    share_of_time: float = Field(gt=0, lt=1)


class Readmission(Model):
    """An admission that follows a discharge closely. It is shown; nothing is decided by it."""

    earlier: str
    days_since: NonNegativeInt
    same_drg: bool | None


class Gap(Model):
    """What the records of a line do not show and its criteria ask for, in the words of the question."""

    line_id: str
    guideline: str
    asks: tuple[str, ...]


class ClaimLook(Model):
    """What a look at the claim found. `claim` is without its documents and facts, which stay in the store.

    `findings` has every line once, `needs` whether each line needed authorization on its date. `billed_before` are other
    reviews in which the same care on the same days was billed. `noncontract` tells whether the billing provider has no
    contract with the plan; None is unknown.
    """

    claim: Claim
    day: date
    findings: tuple[Finding, ...]
    needs: dict[str, Requirement] = {}
    gaps: tuple[Gap, ...] = ()
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
    """What a coder says about a billed DRG. None of these changes a payment: it is a signal for whoever pays."""

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
    """What is for compliance to look into, and decided by nobody here."""

    FRAUD = "fraud"
    MISREPRESENTATION = "misrepresentation"
    COVERAGE = "coverage"


class Referral(Model):
    """A question for compliance; `answer` is what was done with it."""

    suspicion: Suspicion
    what: str
    raised_by: str
    at: AwareDatetime
    answer: str | None = None
    answered_by: str | None = None


class Concern(Model):
    """A concern about the care itself, handed to a process of its own: `concern_id` is its number."""

    concern_id: str
    kind: ConcernKind
    what: str
    raised_by: str
    at: AwareDatetime
    handed_over: bool = False


class Stage(StrEnum):
    """Where in the process something fell short."""

    PRIOR_AUTHORIZATION = "prior_authorization"
    CONCURRENT_REVIEW = "concurrent_review"
    DISCHARGE = "discharge"
    CLAIM = "claim"


class Lesson(Model):
    """What fell short, where, and what would help the next time."""

    stage: Stage
    what_went_wrong: str
    suggestion: str
    recorded_by: str
    at: AwareDatetime


LineAnswer = Literal["authorized", "beyond", "not_authorized"]
