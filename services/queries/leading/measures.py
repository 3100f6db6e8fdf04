"""Readings for the metrics: counts and ages from indexes, without a case or a person in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from domain.vocabulary import Role
from engine.observing import measures
from engine.observing.measures import Measure, Readings
from services.queries.leading.oversight import count_clocks
from store import tables
from store.inbox import InboxStatus
from store.worklist.tables import tasks

_I, _L, _C = tables.inbox, tables.letters, tables.case_letters


def read_measures(s: Session, now: datetime) -> Readings:
    """Every gauge of the registry as of `now` (UTC)."""
    found: dict[tuple[str, tuple[str, ...]], float] = {}

    def put(measure: Measure, value: float, *labels: str) -> None:
        found[measure.name, labels] = value

    clocks = count_clocks(s, now)
    for state, number in clocks.model_dump().items():
        put(measures.CLOCKS, number, state)
    waiting = {
        "unread": _I.c.status == InboxStatus.RECEIVED.value,
        "unstarted": and_(_I.c.status == InboxStatus.ACCEPTED.value, _I.c.started_at.is_(None)),
    }
    for state, condition in waiting.items():
        number, oldest = s.execute(select(func.count(), func.min(_I.c.received_at)).where(condition)).one()
        put(measures.ARRIVALS, number, state)
        put(measures.OLDEST_ARRIVAL, _age(oldest, now), state)
    number, oldest = s.execute(_unmailed()).one()
    put(measures.LETTERS, number)
    put(measures.OLDEST_LETTER, _age(oldest, now))
    late = func.sum(case((tasks.c.open_due_at < now, 1), else_=0))
    by_role = select(tasks.c.role, func.count(), late).where(tasks.c.open_due_at.is_not(None)).group_by(tasks.c.role)
    counted = {row[0]: (row[1], row[2]) for row in s.execute(by_role)}
    for role in Role:
        opened, overdue = counted.get(role.value, (0, 0))
        put(measures.OPEN_TASKS, opened, role.value)
        put(measures.OVERDUE_TASKS, overdue, role.value)
    put(measures.MEASURED_AT, now.timestamp())
    return found


def _unmailed() -> Select[int, datetime | None]:
    """Letters that are not handed over and were not recalled."""
    joined = _L.outerjoin(_C, and_(_C.c.case_id == _L.c.case_id, _C.c.letter_id == _L.c.letter_id))
    recalled = func.coalesce(_C.c.letter["recalled_at"].as_string(), "") != ""
    query = select(func.count(), func.min(_L.c.written_at)).select_from(joined)
    return query.where(_L.c.handed_over_at.is_(None), ~recalled)


def _age(oldest: datetime | None, now: datetime) -> float:
    """Seconds since then; none where nothing waits. A stamp of another machine's clock may be ahead."""
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
