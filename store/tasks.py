"""Worklist: open tasks of cases and open inbox items, the earliest due first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases.tasks import Task, TaskStatus
from domain.errors import Corrupt
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import ArrivalKind, Lob, Role
from store import inbox
from store.worklist import paging, tables
from store.worklist.arrivals import kind_of_work
from store.worklist.paging import OpenTask, WorkPlace
from store.worklist.selection import WorkSelection

_T = tables.tasks
INBOX_PREFIX = "INBOX-"


class CaseTask(Model):
    """A task and the case that it belongs to."""

    case_id: str
    task: Task


class WorkItem(Model):
    """One row of the worklist: a case's task (`case_id`), or an inbox item that a person must review (`inbox_id`).

    `kind` is a TaskKind's value, or `unread_submission` for an inbox item, whose task id is ``INBOX-<id>``; `case_alert`
    for one that says that a case does not run. `stopped_until` (UTC): the law stops its clock.
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
    stopped_until: AwareDatetime | None = Field(default=None, exclude_if=lambda until: until is None)


_SHARED = tuple(name for name in WorkItem.model_fields if name in Task.model_fields and name != "kind")


def get(s: Session, task_id: str) -> CaseTask | None:
    """The task with its case. Raises Corrupt when two cases have a task of this id."""
    rows = s.execute(select(_T.c.case_id, _T.c.task).where(_T.c.task_id == task_id)).all()
    if len(rows) > 1:
        raise Corrupt(f"the task id {task_id} is used by {len(rows)} cases")
    return CaseTask(case_id=rows[0].case_id, task=Task.model_validate(rows[0].task)) if rows else None


def lob_and_state(s: Session, found: CaseTask) -> tuple[Lob | None, str]:
    """The line of business and the State of the task's case; None and empty where they are not known."""
    query = select(_T.c.lob, _T.c.state).where(_T.c.case_id == found.case_id, _T.c.task_id == found.task.task_id)
    lob, state = s.execute(query).one()
    return (Lob(lob) if lob else None), state


def of_case(s: Session, case_id: str) -> tuple[Task, ...]:
    """Every task that the case ever had, by due instant."""
    query = select(_T.c.task).where(_T.c.case_id == case_id).order_by(_T.c.due_at, _T.c.task_id)
    return tuple(Task.model_validate(task) for task in s.scalars(query))


def open_of_cases(s: Session, case_ids: Collection[str]) -> dict[str, tuple[Task, ...]]:
    """The open tasks of each of these cases, by due instant."""
    query = select(_T.c.case_id, _T.c.task).where(_T.c.case_id.in_(case_ids), _T.c.open_due_at.is_not(None))
    found: dict[str, list[Task]] = {}
    for row in s.execute(query.order_by(_T.c.due_at, _T.c.task_id)):
        found.setdefault(row.case_id, []).append(Task.model_validate(row.task))
    return {case_id: tuple(listed) for case_id, listed in found.items()}


def worklist(s: Session, role: Role | None = None, assignee: str | None = None) -> tuple[WorkItem, ...]:
    """Open work of this role and this person (None: of all), the earliest due first. Work is of every role that may take it.

    Inbox items belong to intake and are assigned to nobody: they appear unless another role or a person is selected.
    """
    roles = frozenset({role}) if role is not None else None
    wanted = WorkSelection(roles=roles) if assignee is None else WorkSelection(own=assignee, only_own=True)
    items = select_work(s, wanted).items
    return (
        items if assignee is None or role is None else tuple(one for one in items if role in (one.role, *one.also_for))
    )


@dataclass(frozen=True)
class WorkPage:
    """A page of the worklist: each row with its place, and whether there are rows before and after them."""

    rows: tuple[tuple[WorkPlace, WorkItem], ...]
    has_earlier: bool
    has_later: bool

    @property
    def items(self) -> tuple[WorkItem, ...]:
        return tuple(item for _place, item in self.rows)


def select_work(
    s: Session,
    wanted: WorkSelection,
    limit: int | None = None,
    *,
    after: WorkPlace | None = None,
    before: WorkPlace | None = None,
) -> WorkPage:
    """The first `limit` rows (None: all) that match, behind `after`, the least time left first; or the last ones ahead of
    `before`. Inbox items belong to intake and to no case: they appear unless the selection is about a case."""
    found = paging.select_page(s, wanted, limit, after, before)
    rows = tuple((place, _work_item(row)) for place, row in found.rows)
    return WorkPage(rows, found.has_earlier, found.has_later)


def count_work(s: Session, wanted: WorkSelection, most: int | None = None) -> int:
    """The number of rows that match; it stops counting at `most`."""
    return paging.count(s, wanted, most)


def inbox_id_of(task_id: str) -> int | None:
    """The inbox item that an intake task stands for; None when it is a case's task."""
    number = task_id.removeprefix(INBOX_PREFIX)
    return int(number) if number != task_id and number.isdecimal() else None


def _work_item(row: OpenTask | inbox.InboxItem) -> WorkItem:
    if isinstance(row, inbox.InboxItem):
        return _inbox_work_item(row)
    shared = {name: getattr(row.task, name) for name in _SHARED}
    kind = row.task.kind.value
    return WorkItem(case_id=row.case_id, inbox_id=None, kind=kind, stopped_until=row.stopped_until, **shared)


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
        kind=kind_of_work(item),
        role=Role.INTAKE,
        why=why,
        opened_at=item.received_at,
        due_at=item.due_at,
        status=TaskStatus.OPEN,
    )
