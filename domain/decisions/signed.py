"""Signed decisions of clinicians, and the rule and circumstances that they are checked against."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, field_validator

from domain.decisions.citations import CitableRules
from domain.decisions.other_deciders import OtherDecider
from domain.decisions.prudent_layperson import EmergencyLines
from domain.decisions.reasons import StructuredReason
from domain.decisions.reviewers import License
from domain.journal import canonical_json
from domain.model import Model
from domain.vocabulary import ADVERSE_OUTCOMES, LineOutcome, Lob, Role

MAY_DECIDE = frozenset({Role.PHYSICIAN, Role.PHARMACIST, Role.MEDICAL_DIRECTOR})
"""The only roles that a rulebook may name as deciders. No setting makes anybody else one."""

NEVER_DECIDE = frozenset({"registered_nurse", "licensed_practical_nurse", "licensed_vocational_nurse"})
"""Licensed professions that may approve or refer, and never decide adversely."""


class DecisionLevel(StrEnum):
    """The first decision on a request, or the plan's own decision on an appeal of it."""

    FIRST_DECISION = "first_decision"
    APPEAL = "appeal"


class DeciderRule(Model):
    """The rule on who may sign an adverse decision in one line of business at one level; `states` limits it where given.

    `professions` are licensed professions; `same_state` requires a license of the member's state; `specialty` states
    whether the reviewer's specialty must fit the service. On appeal `not_involved_before` excludes whoever took part in
    an earlier decision of the case, `not_subordinate` also those who report to one of them.
    `others` are clinicians of another profession who may decide what is to be decided, in their own specialties.
    """

    rule_id: str = Field(min_length=1)
    lob: Lob
    roles: tuple[Role, ...] = Field(min_length=1)
    professions: tuple[str, ...] = Field(min_length=1)
    unrestricted_licence: bool
    same_state: bool
    specialty: bool
    peer_to_peer_first: bool
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: str
    states: tuple[str, ...] = ()
    level: DecisionLevel = DecisionLevel.FIRST_DECISION
    not_involved_before: bool = False
    not_subordinate: bool = False
    note: str = ""
    others: tuple[OtherDecider, ...] = Field(default=(), exclude_if=lambda others: not others)

    @field_validator("professions")
    @classmethod
    def _no_nurses(cls, professions: tuple[str, ...]) -> tuple[str, ...]:
        nurses = sorted(NEVER_DECIDE & set(professions))
        if nurses:
            raise ValueError(f"{', '.join(nurses)} may approve or refer and never decide adversely")
        return professions

    @field_validator("roles")
    @classmethod
    def _clinicians_only(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        others = sorted(role.value for role in set(roles) - MAY_DECIDE)
        if others:
            raise ValueError(f"{', '.join(others)} may never decide adversely, whatever a rulebook says")
        return roles

    def other(self, profession: str) -> OtherDecider | None:
        """The entry of another profession that may decide beside those of the rule."""
        return next((one for one in self.others if one.profession == profession), None)


class LineDecision(Model):
    """A reviewer's decision on one line. Approved quantity and dates are what may be rendered and when (both days included).

    `approved_level` is the lower level of care at which days of a stay are approved in place of the ordered one.
    """

    line_id: str
    outcome: LineOutcome
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    approved_level: str | None = Field(default=None, exclude_if=lambda level: level is None)
    reason: StructuredReason | None = None

    @property
    def is_adverse(self) -> bool:
        return self.outcome in ADVERSE_OUTCOMES

    @property
    def has_approved_extent(self) -> bool:
        days = self.approved_start is not None and self.approved_end is not None
        return self.approved_quantity is not None or days or self.approved_level is not None

    @property
    def approves_nothing(self) -> bool:
        """Whether the quantity is not above zero, or the days end before they begin: nobody can render that."""
        start, end = self.approved_start, self.approved_end
        backwards = start is not None and end is not None and end < start
        return backwards or (self.approved_quantity is not None and self.approved_quantity <= 0)


class CriterionAnswer(Model):
    """The clinician's answer to one criterion that software left open or found not met."""

    node_id: str = Field(description="The criterion, by its id in the guideline.")
    answer: Literal["met", "not_met", "cannot_tell"] = Field(
        description="What the record shows: met, not met, or it cannot be told."
    )
    note: str = Field(description="Why, in a sentence.")


class SignedDecision(Model):
    """A clinician's decision with everything needed to account for it.

    `signature` is the sha256 (hex) over the content, made when the clinician signed at `signed_at` (UTC); a decision that was
    changed afterwards no longer matches it.
    """

    decision_id: str
    case_id: str
    task_id: str
    reviewer_id: str
    licence: License
    specialty: str
    no_conflict_of_interest: bool
    evidence_opened: tuple[str, ...]
    criteria_answered: tuple[CriterionAnswer, ...]
    lines: tuple[LineDecision, ...]
    attestation: str
    signed_at: AwareDatetime
    signature: str = ""

    def digest(self) -> str:
        return hashlib.sha256(canonical_json(self.model_dump(mode="json", exclude={"signature"}))).hexdigest()

    def with_signature(self) -> SignedDecision:
        """The same decision with its signature."""
        return self.model_copy(update={"signature": self.digest()})


class RecordOnFile(Model):
    """A record of the case, by the hash of its content and the title under which it is on file."""

    document_id: str
    title: str


class RecordOpening(Model):
    """A record that a reviewer opened in Umpire, and when they first did (UTC)."""

    document_id: str
    reviewer_id: str
    opened_at: AwareDatetime


class Circumstances(Model):
    """The circumstances of the case against which a decision is checked.

    `involved_npis` are the requesting, servicing and ordering providers; `evidence` the records that a decision must rest
    on; `codes` the service and diagnosis codes, which a reason for the member must not hold; `open_criteria` the criteria
    that a clinician has to answer; `earlier_reviewers` who took part in earlier decisions of the case;
    `emergency` the lines that are emergency care under review after it was given; `records` every record on file for the case
    when it was signed, `citable` the rules that a reason may cite, `opened` the records that the signer opened in Umpire; None,
    as in cases of older releases, where nobody looked.
    """

    case_id: str
    task_id: str
    task_opened_at: AwareDatetime
    line_ids: tuple[str, ...]
    lob: Lob
    state: str
    zone: str
    fitting_specialties: tuple[str, ...]
    involved_npis: tuple[str, ...]
    evidence: tuple[str, ...]
    codes: tuple[str, ...]
    open_criteria: tuple[str, ...]
    peer_to_peer_settled: bool
    now: AwareDatetime
    earlier_reviewers: tuple[str, ...] = ()
    emergency: EmergencyLines | None = Field(default=None, exclude_if=lambda stated: stated is None)
    records: tuple[RecordOnFile, ...] | None = Field(default=None, exclude_if=lambda held: held is None)
    citable: CitableRules | None = Field(default=None, exclude_if=lambda rules: rules is None)
    opened: tuple[str, ...] | None = Field(default=None, exclude_if=lambda opened: opened is None)
