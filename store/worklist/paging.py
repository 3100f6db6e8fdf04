"""Pages of open work: tasks of cases and arrivals that a person must read, the least time left first, and those whose clock the
law has stopped last. A page is one range of an index, however much work is open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Select, and_, case, func, literal, select, true, tuple_
from sqlalchemy.orm import Session

from domain.cases.tasks import Task
from store.columns import Instant
from store.inbox import InboxItem
from store.worklist import arrivals, tables
from store.worklist.selection import WorkSelection

_T = tables.tasks
CASE_ID = _T.c.case_id
_ORDER: Sequence[Any] = (_T.c.clock_stopped, _T.c.open_due_at, _T.c.task_id)
_OF_TASKS, _OF_INBOX = 0, 1


class WorkPlace(NamedTuple):
    """The place of a row in the order of open work; at one instant arrivals come after tasks. `number` is an arrival's."""

    stopped: bool
    due_at: datetime
    source: int
    task_id: str
    number: int


class OpenTask(NamedTuple):
    """An open task of a case; `stopped_until` (UTC) while the law stops its clock."""

    case_id: str
    task: Task
    stopped_until: datetime | None


@dataclass(frozen=True)
class WorkRange:
    """The rows of a page of work in order, each with its place, and whether there are rows before and after them."""

    rows: tuple[tuple[WorkPlace, OpenTask | InboxItem], ...]
    has_earlier: bool
    has_later: bool


def select_page(
    s: Session,
    wanted: WorkSelection,
    limit: int | None,
    after: WorkPlace | None = None,
    before: WorkPlace | None = None,
) -> WorkRange:
    """The first `limit` rows (None: all) that match, behind `after`; or the last ones ahead of `before`."""
    backward = before is not None
    start = before if before is not None else after
    most = None if limit is None else limit + 1
    rows = [*_tasks(s, wanted, most, start, backward), *_arrivals(s, wanted, most, start, backward)]
    # The database has ordered each source, in its own collation; only the two are merged here.
    rows.sort(key=lambda row: row[0][:3], reverse=backward)
    more = limit is not None and len(rows) > limit
    rows = rows[:limit]
    if backward:
        rows.reverse()
    return WorkRange(
        tuple(rows), has_earlier=more if backward else after is not None, has_later=True if backward else more
    )


def count(s: Session, wanted: WorkSelection, most: int | None = None) -> int:
    """The number of rows that match; it stops counting at `most`."""
    found: int = s.execute(select_counts(wanted, (), most)).scalar_one() + count_arrivals(s, wanted)
    return found if most is None else min(found, most)


def count_tasks(s: Session, wanted: WorkSelection, parts: Sequence[WorkSelection], most: int) -> tuple[int, ...]:
    """The number of tasks that match, and how many of them each of `parts` has besides, which narrows `wanted` by its people
    alone. Arrivals are left out. It stops reading at `most`: the numbers of the parts are then no answer."""
    return tuple(s.execute(select_counts(wanted, parts, most)).one())


def count_arrivals(s: Session, wanted: WorkSelection) -> int:
    """The number of arrivals that match, as a part of `count`."""
    return arrivals.count_open(s, wanted.kind, wanted.due_before) if _has_arrivals(wanted) else 0


def select_counts(wanted: WorkSelection, parts: Sequence[WorkSelection], most: int | None) -> Select[Any]:
    """The query of `count_tasks`: with `most`, in the order of the index of open work, which then ends the reading early."""
    belongs = [case((and_(true(), *part.of_people()), 1)).label(f"part_{place}") for place, part in enumerate(parts)]
    rows = select(literal(1).label("one"), *belongs).select_from(_T).where(*wanted.conditions())
    if most is not None:
        rows = rows.order_by(*_ORDER).limit(most)
    found = rows.subquery()
    numbers: list[Any] = [func.count(), *(func.count(found.c[one.name]) for one in belongs)]
    return select(*numbers).select_from(found)


def count_by_state(s: Session, wanted: WorkSelection, most: int) -> dict[str, int]:
    """The number of matching tasks by the State of their cases; it stops counting at `most` in all."""
    found = select(_T.c.state).where(*wanted.conditions()).limit(most).subquery()
    query = select(found.c.state, func.count()).group_by(found.c.state)
    return {row[0]: row[1] for row in s.execute(query)}


def count_claimed(s: Session, reviewer_ids: Collection[str]) -> dict[str, int]:
    """The number of open tasks that each of these people has claimed; who has none is left out."""
    held = (_T.c.open_due_at.is_not(None), _T.c.assignee.in_(reviewer_ids))
    query = select(_T.c.assignee, func.count()).where(*held).group_by(_T.c.assignee)
    return {str(reviewer): number for reviewer, number in s.execute(query)}


def _tasks(
    s: Session, wanted: WorkSelection, most: int | None, start: WorkPlace | None, backward: bool
) -> list[tuple[WorkPlace, OpenTask | InboxItem]]:
    found = select_keys(wanted, most, start, backward).subquery()
    row = select(_T.c.case_id, _T.c.task, _T.c.due_at, _T.c.clock_stopped, _T.c.stopped_until).join(
        found, and_(_T.c.case_id == found.c.case_id, _T.c.task_id == found.c.task_id)
    )
    row = row.order_by(*(column.desc() if backward else column for column in _ORDER))
    result: list[tuple[WorkPlace, OpenTask | InboxItem]] = []
    for one in s.execute(row):
        task = Task.model_validate(one.task)
        place = WorkPlace(one.clock_stopped, one.due_at, _OF_TASKS, task.task_id, 0)
        result.append((place, OpenTask(one.case_id, task, one.stopped_until)))
    return result


def select_keys(
    wanted: WorkSelection, most: int | None, start: WorkPlace | None = None, backward: bool = False
) -> Select[tuple[str, str]]:
    """The query for the keys of a page's tasks: answered by the index of open work alone, in its order."""
    keys = select(_T.c.case_id, _T.c.task_id).where(*wanted.conditions())
    if start is not None:
        keys = keys.where(_beyond(_ORDER, start, backward))
    return keys.order_by(*(column.desc() if backward else column for column in _ORDER)).limit(most)


def _beyond(order: Sequence[Any], start: WorkPlace, backward: bool) -> Any:
    """The condition on tasks that come behind the place, or ahead of it: one comparison of rows, which the index answers."""
    stopped, due_at = literal(start.stopped, Boolean), literal(start.due_at, Instant)
    if start.source == _OF_TASKS:
        here, there = tuple_(*order), tuple_(stopped, due_at, literal(start.task_id))
        return here < there if backward else here > there
    here, there = tuple_(*order[:2]), tuple_(stopped, due_at)
    return here <= there if backward else here > there


def _arrivals(
    s: Session, wanted: WorkSelection, most: int | None, start: WorkPlace | None, backward: bool
) -> list[tuple[WorkPlace, OpenTask | InboxItem]]:
    """Arrivals that are no case yet. Their clock always runs, so that a stopped one stands behind all of them."""
    if not _has_arrivals(wanted) or (start is not None and start.stopped and not backward):
        return []
    place = None if start is None or start.stopped else (start.due_at, start.number)
    found = arrivals.select_open(s, wanted.kind, wanted.due_before, most, place, backward)
    return [(WorkPlace(False, one.due_at, _OF_INBOX, "", one.inbox_id), one) for one in found]


def _has_arrivals(wanted: WorkSelection) -> bool:
    return wanted.includes_intake and not wanted.is_about_cases


class OpenGroup(NamedTuple):
    """Open tasks that need the same of a person: how many, how many due soon, how many that nobody has claimed. The words of
    `roles`, `professions` and `specialties` are in order."""

    role: str
    roles: tuple[str, ...]
    professions: tuple[str, ...]
    specialties: tuple[str, ...]
    lob: str
    state: str
    tasks: int
    due_soon: int
    unclaimed: int

    @property
    def needs(self) -> tuple[object, ...]:
        """All that the tasks need of a person."""
        return self[:6]

    def less(self, other: OpenGroup) -> OpenGroup:
        """The group without those tasks of the same needs."""
        return self._replace(
            tasks=self.tasks - other.tasks,
            due_soon=self.due_soon - other.due_soon,
            unclaimed=self.unclaimed - other.unclaimed,
        )


def select_groups(soon: datetime, *also: ColumnElement[bool]) -> Select[Any]:
    """The query of `group_open`, in the order of an index of its own."""
    needs = (_T.c.role, _T.c.roles, _T.c.professions, _T.c.specialties, _T.c.lob, _T.c.state)
    query = select(
        *needs,
        func.count().label("tasks"),
        func.count(case((_T.c.open_due_at < soon, 1))).label("due_soon"),
        func.count(case((_T.c.assignee.is_(None), 1))).label("unclaimed"),
    )
    return query.where(_T.c.open_due_at.is_not(None), *also).group_by(*needs)


def group_open(s: Session, soon: datetime, *also: ColumnElement[bool]) -> tuple[OpenGroup, ...]:
    """The open tasks by what they need of a person; due soon are those due before then (UTC). `also` are further
    conditions."""
    return tuple(
        OpenGroup(
            role=row.role,
            roles=_words(row.roles),
            professions=_words(row.professions),
            specialties=_words(row.specialties),
            lob=row.lob,
            state=row.state,
            tasks=row.tasks,
            due_soon=row.due_soon,
            unclaimed=row.unclaimed,
        )
        for row in s.execute(select_groups(soon, *also))
    )


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word for word in listed.split(",") if word)
