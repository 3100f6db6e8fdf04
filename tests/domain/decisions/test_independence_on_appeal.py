"""An appeal is decided by somebody who took no part before and, where the law says so, reports to nobody who did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain.authorization.case import AuthorizationCase
from domain.authorization.message_checks import accepted_violations
from domain.authorization.task_checks import decision_circumstances
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import (
    AdverseDetermination,
    Circumstances,
    DeciderRule,
    DecisionLevel,
    SignedDecision,
    decision_violations,
    make_adverse_determination,
)
from domain.decisions.reviewers import Reviewer
from domain.journal import Actor
from domain.vocabulary import Role
from tests.domain.authorization.casebook import PHYSICIAN, RULE, START, denial
from tests.domain.decisions.test_never_says_no import at_the_physician

APPEAL = RULE.model_copy(
    update={
        "rule_id": "DEC-MCD-APPEAL",
        "level": DecisionLevel.APPEAL,
        "not_involved_before": True,
        "not_subordinate": True,
        "citations": ("42 CFR 438.406(b)(2)",),
    }
)
CITE = "DEC-MCD-APPEAL: 42 CFR 438.406(b)(2)"


def after(*earlier: str) -> tuple[SignedDecision, Circumstances]:
    """A proper denial, and a case in which these decided before."""
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    return denial(case, task_id), at.model_copy(update={"earlier_reviewers": earlier})


def broken(who: Reviewer, *earlier: str) -> set[str]:
    signed, at = after(*earlier)
    return {refusal.rule for refusal in decision_violations(signed, who, APPEAL, at)}


def test_somebody_who_took_no_part_may_decide_an_appeal():
    signed, at = after("md.before")
    assert make_adverse_determination(signed, PHYSICIAN, APPEAL, at).rule.level is DecisionLevel.APPEAL


def test_whoever_decided_first_may_not_decide_the_appeal():
    assert broken(PHYSICIAN, "md.before", PHYSICIAN.reviewer_id) == {CITE}


def test_nobody_decides_the_appeal_against_a_decision_of_their_superior():
    under = PHYSICIAN.model_copy(update={"reports_to": "director.osei"})
    assert broken(under, "director.osei") == {CITE}
    assert broken(under, "md.before") == set()
    equal = APPEAL.model_copy(update={"not_subordinate": False})
    signed, at = after("director.osei")
    assert decision_violations(signed, under, equal, at) == ()


def test_who_reports_to_nobody_is_nobodys_subordinate():
    assert PHYSICIAN.reports_to is None and broken(PHYSICIAN) == set()


def test_the_determination_itself_cannot_exist_without_independence():
    signed, at = after(PHYSICIAN.reviewer_id)
    with pytest.raises(ValidationError, match="took part in an earlier decision"):
        AdverseDetermination(signed=signed, reviewer=PHYSICIAN, rule=APPEAL, circumstances=at)


EARLIER = ("md.signer", "nurse.recommender", "md.peer", "md.second", "md.refuser")
"""Signer, nurse who recommended, physicians of the peer-to-peer and of the second look, and who refused to expedite."""


def appeal_case(who: Reviewer, rule: DeciderRule) -> tuple[AuthorizationCase, str]:
    """The review of an appeal of what EARLIER decided, with its task of a physician, and `who` on file."""
    case, task_id = at_the_physician()
    found = case.require_context().model_copy(update={"decider": rule, "earlier_reviewers": EARLIER})
    case.assessment = found
    case.reviewers[who.reviewer_id] = who
    return case, task_id


@pytest.mark.parametrize("subordinates", [True, False])
@pytest.mark.parametrize("superior", [None, *EARLIER, "director.osei"])
@pytest.mark.parametrize("name", [*EARLIER, PHYSICIAN.reviewer_id])
def test_nobody_who_took_part_claims_gets_or_ends_the_task_of_an_appeal_and_everybody_else_may(
    name: str, superior: str | None, subordinates: bool
) -> None:
    who = PHYSICIAN.model_copy(update={"reviewer_id": name, "reports_to": superior})
    rule = APPEAL.model_copy(update={"not_subordinate": subordinates})
    case, task_id = appeal_case(who, rule)
    barred = name in EARLIER or (subordinates and superior in EARLIER)
    said = {"at": START + timedelta(minutes=5), "task_id": task_id, "reviewer_id": name}
    actor = Actor(kind="reviewer", id=name)
    director = PHYSICIAN.model_copy(update={"reviewer_id": "md.lead", "roles": (Role.MEDICAL_DIRECTOR,)})
    case.reviewers[director.reviewer_id] = director
    messages = (
        ClaimTask(message_id="c", actor=actor, **said),
        ReassignTask(message_id="r", actor=Actor(kind="reviewer", id="md.lead"), **said),
        CompleteTask(message_id="d", actor=actor, outcome=TaskOutcome.APPROVE, **said),
    )
    for message in messages:
        broken = {one.rule for one in accepted_violations(case, message, START + timedelta(minutes=5))}
        assert (CITE in broken) is barred, (message.type, broken)
