"""Rows, standing and the next alarm of dossiers whose whole course is tasks for people: concerns and callbacks."""

from __future__ import annotations

from datetime import datetime

from domain.cases import escalation as escalating
from domain.cases.escalation_ladders import Holder
from domain.cases.member_case import PersonalDossier
from domain.cases.tasks import Task
from domain.cases.views import CaseStanding, CaseStatus, CaseView, ProcessKind, Sheet, Waiting
from domain.cases.waiting import in_a_sentence
from domain.plain_language.phrases import someone
from domain.vocabulary import ReviewKind, ServiceKind, Urgency


def waiting(dossier: PersonalDossier) -> Waiting | None:
    """What the dossier waits for, who owes it, until when, and what happens then; None when it waits for nobody."""
    task = min(dossier.open_tasks(), key=lambda task: task.due_at, default=None)
    if not dossier.is_open or task is None:
        return None
    owner = task.assignee or someone(task.role)
    return Waiting(what=task.kind.value.replace("_", " "), owner=owner, until=task.due_at, then=_then(dossier, task))


def row(dossier: PersonalDossier, process: ProcessKind, title: str, status: CaseStatus) -> CaseView:
    """One row of the case list. What only requests have is empty. Raises LookupError before the first look."""
    return CaseView(
        case_id=dossier.case_id,
        process=process,
        title=title,
        lob=dossier.lob,
        state=dossier.state,
        zone=dossier.zone,
        review_kind=ReviewKind.CONCURRENT,
        service_kind=ServiceKind.MEDICAL,
        urgency=Urgency.STANDARD,
        member_id=dossier.member_id,
        requesting_npi="",
        request_version=0,
        received_at=dossier.received_at,
        status=status,
        waiting=waiting(dossier),
        decision_due=None,
        governing_rule=None,
        rulebook_version=dossier.looked_up().rulebook_version,
        closed_at=dossier.closed_at,
    )


def standing(dossier: PersonalDossier, status: CaseStatus) -> CaseStanding:
    """Where the dossier stands, in a sentence that names the zone of its times."""
    wait = waiting(dossier)
    if wait is not None:
        sentence = in_a_sentence(wait, dossier.zone)
    else:
        sentence = "It is being opened." if dossier.is_open else f"Closed: {status.value.replace('_', ' ')}."
    return CaseStanding(
        case_id=dossier.case_id,
        sentence=sentence,
        status=status,
        waiting=wait,
        open_tasks=tuple(task.task_id for task in dossier.open_tasks()),
    )


def next_alarm(dossier: PersonalDossier) -> datetime | None:
    """The next instant (UTC) at which an escalation is due, or None."""
    return min(escalating.alarms(dossier), default=None)


def put_sheet(dossier: PersonalDossier, shown: Sheet) -> None:
    """Let the last entry that the store has not seen carry the dossier's whole view."""
    if dossier.pending:
        last = dossier.pending[-1]
        data = last.data | {"sheet": shown.model_dump(mode="json")}
        dossier.pending[-1] = last.model_copy(update={"data": data})


def _then(dossier: PersonalDossier, task: Task) -> str:
    last = dossier.ladders.for_task(task.kind.value, task.role).steps[-1].to
    return "a reminder goes out" if last is Holder.OWNER else f"{last.value.replace('_', ' ')} is told"
