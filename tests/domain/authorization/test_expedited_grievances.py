"""The member who does not agree with more time, or with the standard time, is answered in 24 hours by somebody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import FileGrievance, PartyStatement
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.clocks.engine import Clock, ClockEvent, DueInstant, EventKind
from domain.clocks.rules import Confidence, DueKind
from domain.journal import Actor
from domain.vocabulary import Channel, Lob
from tests.domain.authorization.casebook import START, criteria, line, open_case
from tests.domain.authorization.closings.endings import rules, tell, work

SAID = START + timedelta(hours=30)
DUE = SAID + timedelta(hours=24)
KEY = "MA-GRV-EXPEDITED//grievance_answer"


def refused_to_expedite() -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")))
    work(case, START)
    refused = ClockEvent(kind=EventKind.EXPEDITE_REFUSED, at=START + timedelta(hours=20))
    case.clock_events.append(refused)
    return case


def grievance(**changes: Any) -> FileGrievance:
    content: dict[str, Any] = {
        "message_id": "grievance",
        "at": SAID + timedelta(hours=1),
        "actor": Actor(kind="reviewer", id="intake"),
        "reviewer_id": "intake",
        "about": "expedite_refusal",
        "asked": PartyStatement(person="The member", channel=Channel.PHONE, at=SAID),
        "said": "She cannot wait a week.",
    }
    return FileGrievance.model_validate(content | changes)


def filed() -> AuthorizationCase:
    case = refused_to_expedite()
    assert tell(case, grievance()).accepted
    cite = "42 CFR 422.564(f)"
    clock = Clock(
        rule_id="MA-GRV-EXPEDITED",
        title="Answer",
        citation=cite,
        confidence=Confidence.CONFIRMED,
        starts_at=SAID,
        base_due=DUE,
        due=(DueInstant(kind=DueKind.GRIEVANCE_ANSWER, at=DUE, reason="test", citation=cite),),
    )
    case.clocks = (*case.clocks, clock)
    work(case, SAID + timedelta(hours=1))
    return case


def answer(case: AuthorizationCase, at: datetime, who: str = "appeals") -> CompleteTask:
    task = case.open_task(TaskKind.EXPEDITED_GRIEVANCE)
    assert task is not None
    said = {
        "answered_to": "The member",
        "channel": "phone",
        "at": at.isoformat(),
        "answer": "We expedite it after all.",
    }
    return CompleteTask(
        message_id=f"answer-{who}",
        at=at,
        actor=Actor(kind="reviewer", id=who),
        task_id=task.task_id,
        reviewer_id=who,
        outcome=TaskOutcome.DONE,
        form=said,
    )


def test_a_grievance_is_a_task_of_24_hours_and_its_answer_meets_the_clock() -> None:
    case = filed()
    task = case.open_task(TaskKind.EXPEDITED_GRIEVANCE)
    assert task is not None and task.due_at == DUE and task.role.value == "appeals"
    received = [event.at for event in case.clock_events if event.kind is EventKind.EXPEDITED_GRIEVANCE_RECEIVED]
    assert received == [SAID], "the clock counts from what was said, not from when it was entered"
    at = SAID + timedelta(hours=20)
    assert tell(case, answer(case, at)).accepted
    work(case, at)
    assert case.judged[KEY] == "met" and case.open_task(TaskKind.NURSE_REVIEW) is not None, "the review goes on"


def test_a_grievance_that_nobody_answers_is_missed_and_compliance_is_told() -> None:
    case = filed()
    work(case, DUE + timedelta(hours=1))
    assert case.judged[KEY] == "missed" and case.open_task(TaskKind.MISSED_CLOCK) is not None
    assert case.open_task(TaskKind.EXPEDITED_GRIEVANCE) is not None, "and the answer stays owed"


def test_whoever_refused_to_expedite_does_not_answer_for_it() -> None:
    case = filed()
    task = next(iter(case.tasks.values()))
    refusal = task.model_copy(update={"task_id": "T-X", "kind": TaskKind.EXPEDITE_DECISION, "assignee": "appeals"})
    case.tasks["T-X"] = refusal
    assert rules(case, answer(case, SAID + timedelta(hours=2))) == {"grievance.independence"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"about": "extension"}, "grievance.about"),
        ({"said": " "}, "grievance.said"),
        ({"asked": PartyStatement(person=" ", channel=Channel.PHONE, at=SAID)}, "grievance.said"),
        ({"asked": PartyStatement(person="M", channel=Channel.PHONE, at=SAID + timedelta(days=2))}, "message.stamp"),
        ({"reviewer_id": "stranger", "actor": Actor(kind="reviewer", id="stranger")}, "reviewer.unknown"),
    ],
)
def test_a_grievance_is_about_something_that_happened_and_says_who_said_what(
    changes: dict[str, Any], rule: str
) -> None:
    assert rules(refused_to_expedite(), grievance(**changes)) == {rule}


def test_one_grievance_is_answered_before_the_next_and_only_medicare_has_the_24_hours() -> None:
    assert rules(filed(), grievance(message_id="again")) == {"grievance.open"}
    other = refused_to_expedite()
    other.lob = Lob.MEDICAID
    assert rules(other, grievance()) == {"grievance.lob"}
