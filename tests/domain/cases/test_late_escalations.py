"""A case that is told late escalates once: everybody who has to know gets one message, and nothing is taken twice."""

from __future__ import annotations

from datetime import timedelta

from domain.authorization.case import AuthorizationCase
from domain.cases import escalation
from domain.cases.tasks import TaskKind
from domain.journal import EntryKind
from domain.vocabulary import Role
from rulebook.escalations import load_escalation_ladders
from tests.domain.authorization.casebook import START, criteria, line, open_case

LATE = START + timedelta(days=3)
LADDERS = load_escalation_ladders()


def told_late(*, one_message: bool = True) -> AuthorizationCase:
    """A case with two tasks whose time has passed when it hears of them, and one that has all its time."""
    case = open_case(line("1", criteria("not_met")))
    ladders = LADDERS.model_copy(update={"one_message_if_late": one_message})
    case.assessment = case.require_context().model_copy(update={"ladders": ladders})
    for number in range(2):
        case.add_task(TaskKind.LETTER_REPAIR, Role.SUPERVISOR, f"Late {number}", START, START + timedelta(hours=4))
    case.add_task(TaskKind.LETTER_REPAIR, Role.SUPERVISOR, "In time", LATE, LATE + timedelta(hours=4))
    case.pending.clear()
    return case


def escalations(case: AuthorizationCase) -> list[str]:
    return [entry.summary for entry in case.pending if entry.kind is EntryKind.ESCALATED]


def test_the_escalations_of_a_case_that_is_told_late_come_as_one_message() -> None:
    case = told_late()
    escalation.escalate_due_tasks(case, LATE)
    (told,) = escalations(case)
    assert "T1 (letter repair), T2 (letter repair)" in told and "T3" not in told
    for who in ("every supervisor", "medical director", "compliance"):
        assert who in told
    escalation.escalate_due_tasks(case, LATE)
    assert len(escalations(case)) == 1, "no step is taken twice"


def test_a_case_whose_ladders_are_of_an_older_release_escalates_step_by_step_as_it_began() -> None:
    case = told_late(one_message=False)
    escalation.escalate_due_tasks(case, LATE)
    steps = len(LADDERS.for_task("letter_repair", Role.SUPERVISOR).steps)
    assert len(escalations(case)) == 2 * steps
    together = told_late()
    escalation.escalate_due_tasks(together, LATE)
    assert {one.task_id: (one.escalated, one.also_for) for one in together.tasks.values()} == {
        one.task_id: (one.escalated, one.also_for) for one in case.tasks.values()
    }


def test_a_step_that_comes_in_its_time_is_a_message_of_its_own() -> None:
    case = told_late()
    escalation.escalate_due_tasks(case, LATE)
    escalation.escalate_due_tasks(case, LATE + timedelta(hours=2, minutes=1))
    assert len(escalations(case)) == 2 and escalations(case)[1].startswith("PA-TEST-T3: ")
