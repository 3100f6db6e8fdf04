"""Worklist: open tasks of cases and open inbox items, the earliest due first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, FromClause, and_, false, or_, select, true
from sqlalchemy.orm import Session

from domain.cases.tasks import Task, TaskStatus
from domain.errors import Corrupt
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import ArrivalKind, Role
from store import inbox, tables
from store.cases import CaseSelection, falls_before

_T = tables.tasks
UNREAD_SUBMISSION = "unread_submission"
CASE_ALERT = "case_alert"
INBOX_PREFIX = "INBOX-"


class CaseTask(Model):
    """A task and the case that it belongs to."""

    case_id: str
    task: Task


class WorkItem(Model):
    """One row of the worklist: a case's task (`case_id`), or an inbox item that a person must review (`inbox_id`).

    `kind` is a TaskKind's value, or `unread_submission` for an inbox item, whose task id is ``INBOX-<id>``; `case_alert`
    for one that says that a case does not run.
    """

    task_id: str
    case_id: str | None
    inbox_id: int | None
    kind: str
    role: Role
    also_for: tuple[Role, ...] = Field(default=(), exclude_if=lambda roles: not roles)
    why: str
    about: str | None = None
    needs: dict[str, str] = {}
    line_ids: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    opened_at: AwareDatetime
    due_at: AwareDatetime
    status: TaskStatus
    assignee: str | None = None
    escalated: int = 0


def get(s: Session, task_id: str) -> CaseTask | None:
    """The task with its case. Raises Corrupt when two cases have a task of this id."""
    rows = s.execute(select(_T.c.case_id, _T.c.task).where(_T.c.task_id == task_id)).all()
    if len(rows) > 1:
        raise Corrupt(f"the task id {task_id} is used by {len(rows)} cases")
    return CaseTask(case_id=rows[0].case_id, task=Task.model_validate(rows[0].task)) if rows else None


def of_case(s: Session, case_id: str) -> tuple[Task, ...]:
    """Every task that the case ever had, by due instant."""
    query = select(_T.c.task).where(_T.c.case_id == case_id).order_by(_T.c.due_at, _T.c.task_id)
    return tuple(Task.model_validate(task) for task in s.scalars(query))


def worklist(s: Session, role: Role | None = None, assignee: str | None = None) -> tuple[WorkItem, ...]:
    """Open work of this role and this person (None: of all), the earliest due first. Work is of every role that may take it.

    Inbox items belong to intake and are assigned to nobody: they appear unless another role or a person is selected.
    """
    open_states = [TaskStatus.OPEN.value, TaskStatus.CLAIMED.value]
    query = select(_T.c.case_id, _T.c.task).where(_T.c.status.in_(open_states))
    if role is not None:
        query = query.where(is_for((role,)))
    if assignee is not None:
        query = query.where(_T.c.assignee == assignee)
    items = [_case_work_item(row.case_id, Task.model_validate(row.task)) for row in s.execute(query)]
    if assignee is None and role in (None, Role.INTAKE):
        items += [_inbox_work_item(item) for item in inbox.list_open(s)]
    return tuple(sorted(items, key=lambda item: (item.due_at, item.task_id)))


def select_work(
    s: Session,
    wanted: CaseSelection,
    *,
    kind: str | None = None,
    roles: Collection[Role] | None = None,
    assignee: str | None = None,
    unclaimed: bool = False,
    also: Sequence[ColumnElement[bool]] = (),
) -> tuple[WorkItem, ...]:
    """Open work that matches every given filter, the earliest due first. `wanted` selects by the case, and by the task's due;
    `also` are further conditions on a case's task.

    With `assignee`, what they have claimed and, unless `unclaimed` says otherwise, what nobody has. Inbox items belong to
    intake and to no case: they appear unless the filters are about a case.
    """
    due = falls_before(_T.c.due_at, wanted.due_before)
    query = select(_T.c.case_id, _T.c.task).where(
        _T.c.status.in_([TaskStatus.OPEN.value, TaskStatus.CLAIMED.value]), *due, *also
    )
    about_case = wanted.conditions()
    if about_case:
        query = query.join(tables.cases, tables.cases.c.case_id == _T.c.case_id).where(*about_case)
    if kind is not None:
        query = query.where(_T.c.task["kind"].as_string() == kind)
    in_roles = is_for(roles) if roles is not None else true()
    mine = _T.c.assignee == assignee if assignee is not None and not unclaimed else false()
    free = _T.c.assignee.is_(None) if assignee is not None or unclaimed else true()
    query = query.where(or_(mine, and_(in_roles, free)))
    items = [_case_work_item(row.case_id, Task.model_validate(row.task)) for row in s.execute(query)]
    if not about_case and (roles is None or Role.INTAKE in roles):
        items += [
            item
            for item in map(_inbox_work_item, inbox.list_open(s))
            if kind in (None, item.kind) and (wanted.due_before is None or item.due_at < wanted.due_before)
        ]
    return tuple(sorted(items, key=lambda item: (item.due_at, item.task_id)))


def is_for(roles: Collection[Role], table: FromClause = _T) -> ColumnElement[bool]:
    """Whether a task is for one of these roles, or also for one of them; `table` is the table of tasks, or an alias of it."""
    also = table.c.task["also_for"].as_string()
    return or_(table.c.role.in_([role.value for role in roles]), *(also.contains(f'"{role.value}"') for role in roles))


def inbox_id_of(task_id: str) -> int | None:
    """The inbox item that an intake task stands for; None when it is a case's task."""
    number = task_id.removeprefix(INBOX_PREFIX)
    return int(number) if number != task_id and number.isdecimal() else None


def _case_work_item(case_id: str, task: Task) -> WorkItem:
    shared = task.model_dump(include=set(WorkItem.model_fields) - {"kind"})
    return WorkItem(case_id=case_id, inbox_id=None, kind=task.kind.value, **shared)


def _inbox_work_item(item: inbox.InboxItem) -> WorkItem:
    is_alert = item.kind is ArrivalKind.CASE_ALERT
    if is_alert:
        why = f"{item.problems[0].path}: {item.problems[0].message}"
    elif item.status is inbox.InboxStatus.REFUSED:
        problems = count_phrase(len(item.problems), "problem")
        why = f"A submission could not be read: {problems}, the first at {item.problems[0].path}"
    else:
        why = "A submission has not been read yet"
    return WorkItem(
        task_id=f"{INBOX_PREFIX}{item.inbox_id}",
        case_id=None,
        inbox_id=item.inbox_id,
        kind=CASE_ALERT if is_alert else UNREAD_SUBMISSION,
        role=Role.INTAKE,
        why=why,
        opened_at=item.received_at,
        due_at=item.due_at,
        status=TaskStatus.OPEN,
    )
