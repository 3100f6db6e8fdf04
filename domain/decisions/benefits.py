"""Adverse decisions on the plan's own documents: an exclusion or a contractual limit, without clinical judgment.

They are signed like every adverse decision, by staff with the credential for it and under the category `benefit`: the type
admits nobody else, as it admits no staff to a clinical one. A provision that needs judgment (is it experimental? is it
cosmetic?) is none of theirs. For members under 21 in Medicaid a limit is soft: a clinician first answers whether the care is
needed all the same (42 USC 1396d(r)(5)).
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, field_validator

from domain.cited_value import Confidence
from domain.decisions.reviewers import License, StaffCredential
from domain.decisions.signed import LineDecision
from domain.journal import canonical_json
from domain.model import Model
from domain.vocabulary import Lob, Role

MAY_DECIDE_BENEFITS = frozenset({Role.BENEFITS})
"""The only roles that a rulebook may name as signers of category `benefit`. No setting makes anybody else one."""


class ProvisionKind(StrEnum):
    EXCLUSION = "exclusion"
    LIMIT = "limit"


class PlanProvision(Model):
    """A provision of the plan's documents, word for word, from the plan file.

    It is about `codes` (a trailing ``*`` makes a prefix) under `lobs`. `needs_judgment` says whether applying it takes clinical
    judgment; only a provision that takes none may be applied by benefit staff. Both days count.
    """

    provision_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    kind: ProvisionKind
    lobs: tuple[Lob, ...] = Field(min_length=1)
    codes: tuple[str, ...] = Field(min_length=1)
    document: str = Field(min_length=1)
    section: str = Field(min_length=1)
    words: str = Field(min_length=1)
    needs_judgment: bool
    first_day: date
    last_day: date | None = None

    @property
    def citation(self) -> str:
        """The place as it is cited: ``Evidence of Coverage, Chapter 4, Section 3.1``."""
        return f"{self.document}, {self.section}"

    def is_about(self, lob: Lob, code: str, day: date) -> bool:
        """Whether it is in force on this day of service and about this code."""
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        named = any(code == one or (one.endswith("*") and code.startswith(one[:-1])) for one in self.codes)
        return in_force and lob in self.lobs and named


class BenefitSignerRule(Model):
    """The rule on who may sign an adverse decision of category `benefit` in a line of business.

    `clinician_first_under` is the age under which a clinician has to have answered first whether the care is needed in spite
    of the provision; None where no law asks for that.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lob: Lob
    roles: tuple[Role, ...] = Field(min_length=1)
    clinician_first_under: int | None = Field(default=None, gt=0)
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    @field_validator("roles")
    @classmethod
    def _benefit_staff_only(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        others = sorted(role.value for role in set(roles) - MAY_DECIDE_BENEFITS)
        if others:
            raise ValueError(f"{', '.join(others)} may never sign a benefit decision, whatever a rulebook says")
        return roles


class NecessityAnswer(Model):
    """A clinician's answer whether a line is needed to correct or ameliorate a condition, in spite of what the plan limits."""

    line_id: str
    reviewer_id: str
    licence: License
    necessary: bool
    rationale: str
    answered_at: AwareDatetime


class SignedBenefitDecision(Model):
    """A decision of benefit staff on one line, with the provision it rests on and everything needed to account for it.

    `signature` is the sha256 (hex) over the content, made at `signed_at` (UTC).
    """

    category: Literal["benefit"]
    decision_id: str
    case_id: str
    task_id: str
    reviewer_id: str
    credential: StaffCredential
    no_conflict_of_interest: bool
    provision_id: str
    lines: tuple[LineDecision, ...] = Field(min_length=1, max_length=1)
    attestation: str
    signed_at: AwareDatetime
    signature: str = ""

    def digest(self) -> str:
        return hashlib.sha256(canonical_json(self.model_dump(mode="json", exclude={"signature"}))).hexdigest()

    def with_signature(self) -> SignedBenefitDecision:
        """The same decision with its signature."""
        return self.model_copy(update={"signature": self.digest()})


class BenefitCircumstances(Model):
    """The circumstances of the case against which a benefit decision is checked.

    `provisions` are those of the plan file about the line; `clinician_first` whether a clinician has to have answered first,
    and `need` what the clinician answered. `criteria_settled` says that no clinical question about the line is open.
    """

    case_id: str
    task_id: str
    task_opened_at: AwareDatetime
    line_id: str
    lob: Lob
    zone: str
    involved_npis: tuple[str, ...]
    codes: tuple[str, ...]
    provisions: tuple[PlanProvision, ...]
    clinician_first: bool
    need: NecessityAnswer | None
    criteria_settled: bool
    is_emergency: bool
    now: AwareDatetime
