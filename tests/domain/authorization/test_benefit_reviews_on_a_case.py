"""Benefit reviews on a running case: what a clinician has not seen is answered anew, and what is a physician's stays there."""

from __future__ import annotations

from datetime import timedelta

from domain.authorization import message_effects
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import AddDocuments
from domain.cases.messages import CompleteTask, MessageResult
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.journal import UMPIRE, Actor
from domain.requests.request import StayPurpose, StayReference
from tests.domain.authorization.casebook import START, criteria, line, open_case
from tests.domain.authorization.closings.endings import ELSEWHERE, MISFILED, NO_FORM, close, rules, work
from tests.domain.decisions.benefit_cases import LIMIT, benefit_decision

NOT_NEEDED = {"necessary": False, "rationale": "The therapy record of May shows that the goals were met."}


def limited(*more: LineAssessment) -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")).model_copy(update={"provisions": (LIMIT,)}), *more)
    work(case, START)
    return case


def complete(
    case: AuthorizationCase, kind: TaskKind, who: str, outcome: TaskOutcome, hours: int, **content: object
) -> MessageResult:
    task, now = case.open_task(kind), START + timedelta(hours=hours)
    assert task is not None, kind
    said: dict[str, object] = {
        "message_id": f"m-{hours}",
        "at": now,
        "actor": Actor(kind="reviewer", id=who),
        "task_id": task.task_id,
        "reviewer_id": who,
        "outcome": outcome,
    }
    answer = message_effects.receive_message(case, CompleteTask.model_validate(said | content), now)
    work(case, now)
    return answer


def to_benefits(case: AuthorizationCase) -> MessageResult:
    return complete(case, TaskKind.NURSE_REVIEW, "nurse", TaskOutcome.TO_BENEFITS, 1, recommendation="Two a year.")


def test_records_that_the_clinician_has_not_seen_put_the_question_again_before_benefit_staff_sign() -> None:
    case = limited()
    assert to_benefits(case).accepted
    assert complete(case, TaskKind.NEED_QUESTION, "md.fit", TaskOutcome.DONE, 2, form=NOT_NEEDED).accepted
    waiting = case.open_task(TaskKind.BENEFIT_REVIEW)
    at = START + timedelta(hours=3)
    came = AddDocuments(message_id="docs", at=at, actor=UMPIRE, document_ids=("doc-1",))
    assert message_effects.receive_message(case, came, at).accepted
    work(case, at)
    assert waiting is not None and not case.tasks[waiting.task_id].is_open
    assert case.open_task(TaskKind.BENEFIT_REVIEW) is None and case.open_task(TaskKind.NEED_QUESTION) is not None
    assert complete(case, TaskKind.NEED_QUESTION, "md.fit", TaskOutcome.DONE, 4, form=NOT_NEEDED).accepted
    again = case.open_task(TaskKind.BENEFIT_REVIEW)
    assert again is not None
    signed = benefit_decision(task_id=again.task_id, signed_at=START + timedelta(hours=5))
    assert complete(case, TaskKind.BENEFIT_REVIEW, "benefits", TaskOutcome.DECIDE, 5, signed=signed).accepted


def test_an_early_end_of_approved_care_is_a_physicians_and_never_benefit_staff_s() -> None:
    reduction = StayReference(process_id="PA-TEST", purpose=StayPurpose.REDUCTION, round=1)
    case = limited()
    case.stay = reduction
    assert "benefit.physician_only" in {one.rule for one in to_benefits(case).refusals}
    case = limited()
    assert to_benefits(case).accepted
    assert complete(case, TaskKind.NEED_QUESTION, "md.fit", TaskOutcome.DONE, 2, form=NOT_NEEDED).accepted
    case.stay = reduction
    task = case.open_task(TaskKind.BENEFIT_REVIEW)
    assert task is not None
    signed = benefit_decision(task_id=task.task_id, signed_at=START + timedelta(hours=3))
    refused = complete(case, TaskKind.BENEFIT_REVIEW, "benefits", TaskOutcome.DECIDE, 3, signed=signed)
    assert "benefit.physician_only" in {one.rule for one in refused.refusals} and not case.adverse


def test_a_signed_decision_on_a_part_is_not_buried_when_the_rest_is_closed_undecided() -> None:
    case = limited(line("2", criteria("not_met")))
    assert to_benefits(case).accepted
    assert complete(case, TaskKind.NEED_QUESTION, "md.fit", TaskOutcome.DONE, 2, form=NOT_NEEDED).accepted
    at = START + timedelta(hours=4)
    assert "closing.signed" not in rules(case, close(NO_FORM, at=at))
    task = case.open_task(TaskKind.BENEFIT_REVIEW)
    assert task is not None
    signed = benefit_decision(task_id=task.task_id, signed_at=START + timedelta(hours=3))
    assert complete(case, TaskKind.BENEFIT_REVIEW, "benefits", TaskOutcome.DECIDE, 3, signed=signed).accepted
    for closing, who in ((NO_FORM, "appeals"), (ELSEWHERE, "intake"), (MISFILED, "intake")):
        assert "closing.signed" in rules(case, close(closing, who, at=at))
