"""The benefit that pays for a drug instead: a drug of Part B is never denied under Part D for being one.

Where one plan covers both (an MA-PD plan), the request goes on under the medical benefit with its receipt; where not, the
prescriber is told who pays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.coverage.directory import Coverage
from domain.decisions.signed import LineDecision
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Lob


class OtherBenefit(Model):
    """The finding that another benefit than the one asked pays for a drug (`state` not met), or may pay (unknown).
    `same_plan`: one plan of the member covers both."""

    rule_id: str
    state: Tri
    citation: str
    same_plan: bool

    @property
    def way_out(self) -> str:
        """The next step of whoever works on the line."""
        if self.same_plan:
            return (
                "this plan decides it under its medical benefit: enter it there as a request of its own with this receipt,"
                " and have the requester take it out of this one"
            )
        return (
            "tell prescriber and member that Part B pays, through Medicare or the plan that has the member's Part B, and where"
            " to send the request; the requester can withdraw it here"
        )

    def forbids(self, decision: LineDecision, answered: str | None) -> bool:
        """Whether an adverse decision may not stand: the drug belongs elsewhere by the facts or by the clinician's own
        answer to the rule (`answered`), or the decision is founded on that. A clinician who finds that
        this benefit pays answers `met`."""
        if not decision.is_adverse:
            return False
        elsewhere = answered == "not_met" or (self.state is Tri.NOT_MET and answered != "met")
        return elsewhere or self._is_ground_of(decision)

    def _is_ground_of(self, decision: LineDecision) -> bool:
        reason = decision.reason
        if reason is None:
            return False
        cited = (reason.rule_citation, *(finding.citation for finding in reason.findings))
        return self.rule_id in reason.rule or any(self.citation in one for one in cited)


def find_other_benefit(limits: Iterable[LimitOutcome], *, same_plan: bool) -> OtherBenefit | None:
    """The finding that another benefit pays or may pay; None where this one does."""
    open_ones = [one for one in limits if one.kind is LimitKind.BENEFIT and one.state is not Tri.MET]
    found = min(open_ones, key=lambda one: one.state is not Tri.NOT_MET, default=None)
    if found is None:
        return None
    return OtherBenefit(rule_id=found.rule_id, state=found.state, citation=found.citation, same_plan=same_plan)


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
