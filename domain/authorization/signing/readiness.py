"""Readiness of a decision to be signed: every rule that stands against it, in the order in which its signer meets them.

The rules are those of the message that would be sent; here they are only put in their places.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.authorization import message_checks
from domain.authorization.case import AuthorizationCase
from domain.cases.messages import CompleteTask
from domain.errors import RuleViolation
from domain.model import Model


class SigningStep(StrEnum):
    """A condition of signing, as its signer sees it."""

    RECORDS = "records"
    CRITERIA = "criteria"
    PEER_TO_PEER = "peer_to_peer"
    SIGNER = "signer"
    INDEPENDENCE = "independence"
    DECISION = "decision"
    """The answers and their words."""


_STEPS = {
    "decision.evidence": SigningStep.RECORDS,
    "decision.record_unopened": SigningStep.RECORDS,
    "decision.criteria": SigningStep.CRITERIA,
    "decision.conflict": SigningStep.INDEPENDENCE,
    "decision.training": SigningStep.SIGNER,
    "decision.identity": SigningStep.SIGNER,
    "decision.licence": SigningStep.SIGNER,
    "decision.credential": SigningStep.SIGNER,
    "task.claimed": SigningStep.DECISION,
    "task.unclaimed": SigningStep.DECISION,
}
_OF_THE_TASK = "task."
_ACCOUNT_OF_WORK = frozenset({"task.form", "task.lines", "task.outcome", "task.note"})


class SigningCheck(Model):
    """A condition of signing, with the rules that do not hold; none when it is met."""

    step: SigningStep
    broken: tuple[RuleViolation, ...]


def check_signing(case: AuthorizationCase, message: CompleteTask, now: datetime) -> tuple[SigningCheck, ...]:
    """Every condition of signing this decision, checked as the case checks the message itself. `now` is UTC."""
    return sort_violations(case, message_checks.violations(case, message, now))


def sort_violations(case: AuthorizationCase, broken: tuple[RuleViolation, ...]) -> tuple[SigningCheck, ...]:
    """Put broken rules under their conditions; conditions without any are there too."""
    placed = [(_step_of(one.rule, case), one) for one in dict.fromkeys(broken)]
    return tuple(SigningCheck(step=step, broken=tuple(one for at, one in placed if at is step)) for step in SigningStep)


def _step_of(rule: str, case: AuthorizationCase) -> SigningStep:
    """The condition to which a rule belongs. The rules on who signs are cited with the law they are from."""
    if "peer_to_peer" in rule:
        return SigningStep.PEER_TO_PEER
    found = case.require_context()
    names = [found.decider.rule_id, *(other.rule_id for line in found.lines for other in line.other_deciders)]
    names += [found.benefit_signer.rule_id] if found.benefit_signer is not None else []
    by_law = any(rule.startswith(f"{name}:") for name in names)
    of_task = rule.startswith(_OF_THE_TASK) and rule not in _ACCOUNT_OF_WORK
    return _STEPS.get(rule) or (SigningStep.SIGNER if by_law or of_task else SigningStep.DECISION)
