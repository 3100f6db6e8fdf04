"""Duties under the clocks of all cases that are not done: a read model, folded from the clocks that journal entries carry.

Done duties are left out, and with them everything of a closed case but what was missed, so that the table stays as small as the
open work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, JsonValue
from sqlalchemy import ColumnElement, and_, delete, func, literal, select, tuple_
from sqlalchemy.orm import Session

from domain.cases.tasks import TaskKind
from domain.model import Model
from store.columns import Instant
from store.dialect import upsert
from store.oversight.tables import duties
from store.worklist import tables as worklist_tables

CASE_ID = duties.c.case_id

_NOT_A_DUTY = frozenset({"extension_notice_latest"})
"""Due instants that bound what may be done, and ask nobody to do anything."""
_REVIEWED = (TaskKind.MISSED_CLOCK.value, TaskKind.CASE_FORWARDING.value)


class DutyState(StrEnum):
    """Whether a duty runs, is stopped by law, or was missed."""

    RUNNING = "running"
    STOPPED = "stopped"
    MISSED = "missed"


class Duty(Model):
    """A duty of a case that is not done: what is due, to whom, by which rule. `due_at` is UTC."""

    case_id: str
    rule_id: str
    variant: str
    kind: str
    due_at: AwareDatetime
    state: DutyState
    title: str
    citation: str
    recipient: str


def write(s: Session, case_id: str, clocks: Sequence[JsonValue], *, is_open: bool) -> None:
    """Replace the duties of the case by those of its clocks as journaled; of a closed case, by those that were missed."""
    s.execute(delete(duties).where(duties.c.case_id == case_id))
    rows = {(row["rule_id"], row["variant"], row["kind"]): row for clock in clocks for row in _rows(case_id, clock)}
    kept = [row for row in rows.values() if is_open or row["state"] == DutyState.MISSED.value]
    upsert(s, duties, kept)


def due_before(
    s: Session,
    horizon: datetime,
    limit: int,
    seen: tuple[ColumnElement[bool], ...] = (),
    beyond: tuple[datetime, str, str] | None = None,
) -> tuple[Duty, ...]:
    """The duties that are missed and still to be reviewed, or run and are due before then (UTC); the earliest due first. `seen`
    are conditions on the case; `beyond` is the due instant, case and rule behind which they are taken."""
    order = (duties.c.due_at, duties.c.case_id, duties.c.rule_id, duties.c.kind)
    found = []
    # Two queries, each of them a range of the index.
    for condition in (_still_missed(), and_(_in(DutyState.RUNNING), duties.c.due_at < horizon)):
        query = select(duties).where(condition, *seen).order_by(*order).limit(limit)
        if beyond is not None:
            due_at, case_id, rule_id = beyond
            query = query.where(
                tuple_(*order[:3]) > tuple_(literal(due_at, Instant), literal(case_id), literal(rule_id))
            )
        found += [Duty(**row._mapping) for row in s.execute(query)]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.case_id, one.rule_id, one.kind))[:limit])


def count_by_state(
    s: Session, bounds: Sequence[datetime], *also: ColumnElement[bool]
) -> tuple[int, int, tuple[int, ...]]:
    """The numbers of duties that are missed and still to be reviewed, that are stopped, and that run and are due before each
    bound (UTC, ascending; the last number is that of all others); `also` are further conditions."""
    counted = select(func.count()).select_from(duties).where(*also)
    missed = s.execute(counted.where(_still_missed())).scalar_one()
    stopped = s.execute(counted.where(_in(DutyState.STOPPED))).scalar_one()
    running: list[int] = []
    since: datetime | None = None
    for until in (*bounds, None):
        between = [duties.c.due_at >= since] if since is not None else []
        between += [duties.c.due_at < until] if until is not None else []
        running.append(s.execute(counted.where(_in(DutyState.RUNNING), *between)).scalar_one())
        since = until
    return missed, stopped, tuple(running)


def _in(state: DutyState) -> ColumnElement[bool]:
    """In this state. Running and stopped duties are those of open cases alone."""
    return duties.c.state == state.value


def _still_missed() -> ColumnElement[bool]:
    """Missed, and its review by compliance is open."""
    task = worklist_tables.tasks
    reviewed = select(task.c.case_id).where(task.c.open_due_at.is_not(None), task.c.kind.in_(_REVIEWED))
    return and_(_in(DutyState.MISSED), duties.c.case_id.in_(reviewed))


def _rows(case_id: str, clock: Any) -> Iterator[dict[str, Any]]:
    """The duties of one clock that are not done; none of a clock that no longer governs or binds only on a condition, and none
    of what is no clock."""
    if not isinstance(clock, dict) or clock.get("set_aside") or not isinstance(clock.get("due"), list):
        return
    judged, tolled = _object(clock.get("judged")), _object(clock.get("tolled"))
    stopped = bool(tolled) and not tolled.get("answered")
    for due in map(_object, clock["due"]):
        kind, at = due.get("kind"), due.get("at")
        if not isinstance(kind, str) or not isinstance(at, str) or kind in _NOT_A_DUTY:
            continue
        judgment = judged.get(kind)
        if judgment == "met" or (judgment is None and clock.get("condition", "always") != "always"):
            continue
        state = DutyState.MISSED if judgment == "missed" else DutyState.STOPPED if stopped else DutyState.RUNNING
        yield {
            "case_id": case_id,
            "rule_id": str(clock.get("rule_id", "")),
            "variant": str(clock.get("variant", "")),
            "kind": kind,
            "due_at": datetime.fromisoformat(at),
            "state": state.value,
            "title": str(clock.get("title", "")),
            "citation": str(due.get("citation", "")),
            "recipient": str(due.get("to", "")),
        }


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
