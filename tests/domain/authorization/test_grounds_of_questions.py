"""A question to the provider may stop a clock, so it is tied to an open criterion or gives its reason."""

from __future__ import annotations

from datetime import timedelta

from domain.authorization import message_checks, path
from domain.authorization.case import AuthorizationCase
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.journal import Actor
from rulebook.review_rules import load_review_rules
from tests.domain.authorization.casebook import START, criteria, line, open_case

LATER = START + timedelta(hours=1)


def _refusals(*facts: str, note: str | None = None, rule: bool = True) -> set[str]:
    case = _at_the_nurse(rule)
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    asks = CompleteTask(
        message_id="q", at=LATER, actor=Actor(kind="reviewer", id="nurse"), task_id=task.task_id, reviewer_id="nurse",
        outcome=TaskOutcome.ASK, facts_to_ask=facts, note=note,
    )  # fmt: skip
    return {one.rule for one in message_checks.violations(case, asks, LATER)}


def _at_the_nurse(rule: bool) -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")))
    assert case.assessment is not None
    policy = case.assessment.policy.model_copy(update={"questions_need_ground": rule})
    case.assessment = case.assessment.model_copy(update={"policy": policy})
    path.advance(case, LATER)
    return case


def test_the_rulebook_asks_for_the_ground_of_a_question() -> None:
    assert load_review_rules().policy.questions_need_ground


def test_a_question_that_nothing_open_asks_for_is_refused() -> None:
    assert _refusals("the favorite color of the patient") == {"task.question_ground"}
    assert _refusals("FUS-2b", "the favorite color of the patient") == {"task.question_ground"}
    assert _refusals("the favorite color of the patient", note=" ") == {"task.question_ground"}


def test_a_question_tied_to_an_open_criterion_or_with_its_reason_is_asked() -> None:
    assert not _refusals("FUS-2b")
    assert not _refusals("Were injections tried?", note="The notes of June mention injections without dates.")


def test_a_question_asked_under_an_older_release_is_replayed_as_it_was() -> None:
    assert not _refusals("the favorite color of the patient", rule=False)
