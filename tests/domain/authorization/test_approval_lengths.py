"""An approval does not end before the law lets it end."""

from __future__ import annotations

from datetime import date, timedelta

from domain.authorization import message_checks, message_effects, path
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.coverage.approval_lengths import ApprovalLength
from domain.decisions.determination import LineDecision
from domain.journal import Actor
from domain.three_valued import Tri
from domain.vocabulary import LineOutcome
from tests.domain.authorization.casebook import BASIS, START, claimed, criteria, line, open_case

LATER = START + timedelta(hours=1)
SIX_MONTHS = date(2027, 5, 2)


def bound(state: str, chronic: Tri = Tri.NOT_MET, *, auto: bool = False, end: date | None = None) -> LineAssessment:
    months = 6 if chronic is Tri.NOT_MET else 12
    length = ApprovalLength(rule_id="IL-APPROVAL-LENGTH", months=months, chronic=chronic, citation="215 ILCS 200/60")
    return line("1", criteria(state, auto=auto)).model_copy(update={"least_length": length, "end": end})


def approve(case: AuthorizationCase, end: date | None) -> CompleteTask:
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    return CompleteTask(
        message_id="a", at=LATER, actor=Actor(kind="reviewer", id="nurse"), task_id=task.task_id, reviewer_id="nurse",
        outcome=TaskOutcome.APPROVE,
        lines=(LineDecision(line_id="1", outcome=LineOutcome.APPROVED, approved_end=end),),
        basis=BASIS,
    )  # fmt: skip


def at_the_nurse(asked: LineAssessment) -> AuthorizationCase:
    case = open_case(asked)
    path.advance(case, LATER)
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    return claimed(case, task.task_id, "nurse")


def test_an_approval_by_rule_without_an_end_holds_as_long_as_the_law_lets_it() -> None:
    case = open_case(bound("met", auto=True))
    path.advance(case, LATER)
    assert case.approvals["1"].approved_end == SIX_MONTHS


def test_an_approval_by_rule_ends_when_the_requester_asked_for_it() -> None:
    asked = date(2026, 12, 31)
    case = open_case(bound("met", auto=True, end=asked))
    path.advance(case, LATER)
    assert case.approvals["1"].approved_end == asked


def test_a_reviewer_is_told_the_law_when_an_approval_would_end_too_early() -> None:
    case = at_the_nurse(bound("not_met"))
    early = approve(case, SIX_MONTHS - timedelta(days=1))
    (broken,) = message_checks.violations(case, early, LATER)
    assert broken.rule == "approval.length" and "at least 6 months (215 ILCS 200/60)" in str(broken)
    assert f"through {SIX_MONTHS}" in str(broken)
    assert not message_checks.violations(case, approve(case, SIX_MONTHS), LATER)


def test_a_reviewer_who_names_no_end_approves_for_the_least_time() -> None:
    case = at_the_nurse(bound("not_met"))
    assert message_effects.receive_message(case, approve(case, None), LATER).accepted
    assert case.approvals["1"].approved_end == SIX_MONTHS


def test_while_nobody_said_that_the_condition_is_not_chronic_the_longer_time_counts_and_says_why() -> None:
    case = at_the_nurse(bound("not_met", Tri.UNKNOWN))
    (broken,) = message_checks.violations(case, approve(case, SIX_MONTHS), LATER)
    assert "at least 12 months, while nobody said whether the condition is a chronic one" in str(broken)


def test_where_no_law_gives_a_length_an_approval_has_the_end_that_was_asked_for_or_none() -> None:
    case = open_case(line("1", criteria("met", auto=True)).model_copy(update={"end": None}))
    path.advance(case, LATER)
    assert case.approvals["1"].approved_end is None
