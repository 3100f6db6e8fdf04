"""Outcomes of the limits of a drug or supply for a service line: the short form for routing, screens and letters."""

from __future__ import annotations

from enum import StrEnum

from domain.drug_limits.rules import QuantityRule, StepRule
from domain.model import Model
from domain.three_valued import Tri


class LimitKind(StrEnum):
    STEP = "step"
    QUANTITY = "quantity"
    AGE = "age"
    SEX = "sex"
    DOSE = "dose"
    OPIOID = "opioid"
    BENEFIT = "benefit"
    """The benefit that pays for the drug: Part B or Part D."""
    INDICATION = "indication"
    FORMULARY = "formulary"
    TIER = "tier"


class LimitOutcome(Model):
    """The outcome of one limit of a drug or supply for one line.

    `state`: met (the limit is no obstacle), not_met or unknown; neither of these is a decision on the request. `reason` is
    the rule's own, `because` the reason for this outcome. `rests_on_statement` is true where it is met only by a statement that
    weighs less than the plan's floor for approvals by rule. `missing_facts` are those that the provider could still supply: ids
    of the fact dictionary, or words. `any_one_of` states that one of them is enough.
    """

    rule_id: str
    kind: LimitKind
    title: str
    state: Tri
    because: str
    reason: str
    citation: str
    rests_on_statement: bool = False
    missing_facts: tuple[str, ...] = ()
    any_one_of: bool = False
    what_would_change: str = ""

    @property
    def allows_approval(self) -> bool:
        """Whether the line may be approved by rule as far as this limit is concerned."""
        return self.state is Tri.MET and not self.rests_on_statement


class ExceptionRequest(StrEnum):
    """The prescriber's request for an exception to a step or quantity limit (42 CFR 423.578(b))."""

    ASKED = "asked"
    """An exception is requested; the prescriber's supporting statement is missing."""
    SUPPORTED = "supported"
    """The prescriber states that the step or limit would be ineffective or harmful."""


def describe_what_would_change(rule: StepRule | QuantityRule) -> str:
    """Describe in one sentence what the provider could show or request so that the limit is met."""
    if isinstance(rule, QuantityRule):
        return (
            f"A request for at most {rule.limit:f} {rule.unit} in {rule.per_days} days, with what was given before,"
            " or a prescriber's statement that this amount would be ineffective or harmful."
        )
    drugs = [f"{step.drug.title or 'the drug that comes first'} for {step.min_days} days" for step in rule.steps]
    needed = f"{rule.needed} of: " if 1 < len(drugs) != rule.needed else ""
    joined = (" and " if rule.needed == len(drugs) else " or ").join(drugs)
    reasons = " ".join(each.text for each in rule.exceptions)
    return (
        f"Records of {needed}{joined} in the last {rule.lookback_days} days, or a yes to one of these: {reasons}"
        " Or a prescriber's statement that the drug that comes first would be ineffective or harmful."
    )
