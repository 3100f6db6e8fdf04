"""Carried out of domain/standing.py."""

from __future__ import annotations

from domain.authorization.case import Case
from domain.cases.escalation_ladders import Holder
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStanding, Waiting
from domain.cases.waiting import BESIDE, in_a_sentence
from domain.clocks.engine import DueKind
from domain.plain_language.phrases import someone


def waiting(case: Case) -> Waiting | None:
    """What the case waits for, who owes it, until when, and what happens then; None when it waits for nobody."""
    if not case.is_open or case.assessment is None:
        return None
    if case.information is not None and case.information.is_open:
        return Waiting(
            what="missing facts",
            owner="the requesting provider",
            until=case.information.wait_until,
            then="a nurse reviews what is there",
        )
    task = min(case.open_tasks(), key=lambda task: (task.kind in BESIDE, task.due_at), default=None)
    if task is None:
        return Waiting(what="its next step", owner="Umpire", until=None, then="the case goes on by itself")
    owner = task.assignee or someone(task.role)
    return Waiting(what=task.kind.value.replace("_", " "), owner=owner, until=task.due_at, then=_then(case, task))


def _then(case: Case, task: Task) -> str:
    """What happens at the due instant of a task: the law's answer where it is the decision's, else who is told."""
    due = case.due()
    if due is not None and due[1].at == task.due_at:
        clock = due[0]
        effect = clock.missed.effect.value.replace("_", " ") if clock.missed is not None else "recorded"
        return f"the clock {clock.rule_id} is missed ({effect}), and compliance is told"
    file = case.due(DueKind.CASE_FILE) if task.kind is TaskKind.CASE_FORWARDING else None
    if file is not None:
        return f"the clock {file[0].rule_id} is missed, and compliance is told"
    ladder = case.looked_at().ladders.for_task(task.kind.value, task.role)
    last = ladder.steps[-1].to
    return "a reminder goes out" if last is Holder.OWNER else f"{last.value.replace('_', ' ')} is told"


def standing(case: Case) -> CaseStanding:
    """Where the case stands, in a sentence that names the zone of its times."""
    wait = waiting(case)
    if wait is not None:
        sentence = in_a_sentence(wait, case.zone)
    elif case.is_open:
        sentence = "The case is being opened."
    else:
        sentence = f"Closed: {case.status.value.replace('_', ' ')}."
    return CaseStanding(
        case_id=case.case_id,
        sentence=sentence,
        status=case.status,
        waiting=wait,
        open_tasks=tuple(task.task_id for task in case.open_tasks()),
    )
