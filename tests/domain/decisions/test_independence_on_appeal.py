"""An appeal is decided by somebody who took no part before and, where the law says so, reports to nobody who did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain.authorization.task_checks import decision_circumstances
from domain.decisions.determination import (
    AdverseDetermination,
    Circumstances,
    DecisionLevel,
    SignedDecision,
    decision_violations,
    make_adverse_determination,
)
from domain.decisions.reviewers import Reviewer
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
