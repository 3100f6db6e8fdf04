"""The benefit that pays for a drug instead: what Part B pays for is not Part D's, and the other way round.

Where one plan covers both (an MA-PD plan), the request goes on under the other benefit with its receipt; where not, member and
prescriber are told who pays, and a clinician's signed answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import Field

from domain.cited_value import Confidence
from domain.coverage.directory import Coverage
from domain.decisions.signed import LineDecision
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import PART_B, PART_D, Lob, ServiceKind

_PAYER_INSTEAD_OF = {Lob.PART_D: PART_B, Lob.MEDICARE_ADVANTAGE: PART_D}
KIND_UNDER = {Lob.MEDICARE_ADVANTAGE: ServiceKind.PART_B_DRUG, Lob.PART_D: ServiceKind.PHARMACY_DRUG}
"""The kind of service as which a request for a drug goes on under a line of business."""


class HandOverRule(Model):
    """The way of a plan that covers only one of the two benefits, from `first_day` on (a day of service).

    `signed_answer`: a clinician answers with a signed decision that names who pays. Without, or where it is not sure, no
    adverse decision is signed, and the request stays open until it is withdrawn.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    first_day: date
    last_day: date | None = None
    signed_answer: bool
    because: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    confidence: Confidence

    def lets_answer(self, lob: Lob, day: date) -> bool:
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        return in_force and lob in self.lobs and self.signed_answer and self.confidence is not Confidence.UNSURE


class OtherBenefit(Model):
    """The finding that another benefit than the one asked pays for a drug (`state` not met), or may pay (unknown).

    `same_plan`: one plan of the member covers both. `paid_by` is who pays instead, as letters name it; None in assessments of
    older releases, which told nobody by letter. `signed_answer`: a signed decision may say so.
    """

    rule_id: str
    state: Tri
    citation: str
    same_plan: bool
    paid_by: str | None = Field(default=None, exclude_if=lambda payer: payer is None)
    signed_answer: bool = Field(default=False, exclude_if=lambda may: not may)

    @property
    def is_to_tell(self) -> bool:
        """Whether member and prescriber have to be told: it is known who pays, and it is not this benefit."""
        return self.state is Tri.NOT_MET and self.paid_by is not None

    @property
    def way_out(self) -> str:
        """The next step of whoever works on the line."""
        if self.same_plan:
            other = "drug" if self.paid_by == PART_D else "medical"
            return (
                f"this plan decides it under its {other} benefit: enter it there as a request of its own with this receipt,"
                " and have the requester take it out of this one"
            )
        if self.paid_by is None:
            return (
                "tell prescriber and member that Part B pays, through Medicare or the plan that has the member's Part B, and"
                " where to send the request; the requester can withdraw it here"
            )
        told = (
            "a letter tells prescriber and member who pays and where to go; the requester can withdraw the request here"
        )
        if not self.signed_answer:
            return told
        return f"{told}, or a signed decision on that ground alone, which cites {self.citation}, answers it"

    def forbids(self, decision: LineDecision, answered: str | None) -> bool:
        """Whether an adverse decision may not stand. `answered` is the clinician's own answer to the rule; one who finds that
        this benefit pays answers `met`.

        Where one plan covers both, nothing is refused for being the other benefit's. Where it does not, the decision on a drug
        of the other benefit has to say so and cite it; on any other drug that is no ground.
        """
        if not decision.is_adverse:
            return False
        elsewhere = answered == "not_met" or (self.state is Tri.NOT_MET and answered != "met")
        if self.signed_answer and not self.same_plan:
            return elsewhere is not self.is_ground_of(decision)
        return elsewhere or self.is_ground_of(decision)

    def is_ground_of(self, decision: LineDecision) -> bool:
        """Whether the reason of a decision names this rule or cites its law."""
        reason = decision.reason
        if reason is None:
            return False
        cited = (reason.rule_citation, *(finding.citation for finding in reason.findings))
        return self.rule_id in reason.rule or any(self.citation in one for one in cited)


class BenefitNotice(Model):
    """The content of the letter to member and prescriber: for these lines another benefit pays, by `citation`.

    `moved`: the whole request goes on under that benefit of the same plan.
    """

    line_ids: tuple[str, ...] = Field(min_length=1)
    paid_by: str
    citation: str
    same_plan: bool
    moved: bool = False


def find_other_benefit(
    limits: Iterable[LimitOutcome], *, same_plan: bool, lob: Lob = Lob.PART_D, signed_answer: bool = False
) -> OtherBenefit | None:
    """The finding that another benefit than that of the line of business pays or may pay; None where this one does."""
    open_ones = [one for one in limits if one.kind is LimitKind.BENEFIT and one.state is not Tri.MET]
    found = min(open_ones, key=lambda one: one.state is not Tri.NOT_MET, default=None)
    if found is None:
        return None
    return OtherBenefit(
        rule_id=found.rule_id,
        state=found.state,
        citation=found.citation,
        same_plan=same_plan,
        paid_by=_PAYER_INSTEAD_OF.get(lob),
        signed_answer=signed_answer and not same_plan,
    )


def find_medical_coverage(of_drugs: Coverage, known: Iterable[Coverage], day: date) -> Coverage | None:
    """The coverage of the same plan that pays for Part B on `day`, as the directory names it; None where it names none."""
    if of_drugs.lob is not Lob.PART_D or of_drugs.medical_coverage_id is None:
        return None
    return next(
        (
            one
            for one in known
            if one.coverage_id == of_drugs.medical_coverage_id
            and one.member_id == of_drugs.member_id
            and one.plan_id == of_drugs.plan_id
            and one.lob is Lob.MEDICARE_ADVANTAGE
            and one.covers(day)
        ),
        None,
    )


def find_other_half(coverage: Coverage, known: Iterable[Coverage], day: date) -> Coverage | None:
    """The other coverage of a plan that has Part B and Part D on `day`; None where the directory names none."""
    known = tuple(known)
    if coverage.lob is Lob.PART_D:
        return find_medical_coverage(coverage, known, day)
    halves = (one for one in known if one.covers(day) and find_medical_coverage(one, known, day) == coverage)
    return next(halves, None)
