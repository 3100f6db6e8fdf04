"""The next task: the one with the least time left that somebody may do, claimed for them, so that an act ends at the next."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.cases.assignment import professions_for
from domain.decisions.determination import reviewer_violations
from domain.decisions.reviewers import Reviewer
from domain.model import Model
from services.access import require_on_file
from services.commands import case_actions
from services.context import CommandStatus, ServiceContext
from store import cases, tasks
from store.cases import CaseSelection
from store.tasks import WorkItem

MOST_TRIES = 12
"""Tasks that are tried in turn when others claim them a moment before."""


class TaskFilter(Model):
    """The worklist's filters that the next task keeps to: which cases, which kind of task, which specialty."""

    cases: CaseSelection = CaseSelection()
    kind: str | None = None
    specialty: str | None = None


class NextTask(Model):
    """The task that is theirs now. `is_claimed` is False while no worker has answered the claim: it may still be another's."""

    task_id: str
    case_id: str
    is_claimed: bool = True


async def claim_next(
    services: ServiceContext, reviewer_id: str, wanted: TaskFilter | None = None, *, but: frozenset[str] = frozenset()
) -> NextTask | None:
    """Claim the task with the least time left that this reviewer may do, or return one that is theirs already and due before
    it; None when there is none. `but` are tasks to leave out, such as the one just done.

    Raises NotOnFile and TemporalUnavailable.
    """
    found = await services.read(_fitting_work, reviewer_id, wanted or TaskFilter(), services.clock())
    for item in [one for one in found if one.task_id not in but][:MOST_TRIES]:
        if item.case_id is None:
            continue
        if item.assignee == reviewer_id:
            return NextTask(task_id=item.task_id, case_id=item.case_id)
        reply = await case_actions.claim_task(services, item.task_id, reviewer_id)
        if reply.kind is not CommandStatus.REFUSED:
            answered = reply.kind is CommandStatus.ACCEPTED
            return NextTask(task_id=item.task_id, case_id=item.case_id, is_claimed=answered)
    return None


def _fitting_work(s: Session, reviewer_id: str, wanted: TaskFilter, now: datetime) -> tuple[WorkItem, ...]:
    """Open work of the filters that the reviewer may do, least time left first; what a specialist of another field would decide
    stands behind what is theirs."""
    who = require_on_file(s, reviewer_id)
    found = tasks.select_work(s, wanted.cases, kind=wanted.kind, roles=frozenset(who.roles), assignee=reviewer_id)
    if wanted.specialty is not None:
        found = tuple(one for one in found if wanted.specialty in one.specialties)
    fitting = [one for one in found if one.case_id is not None and _may_do(s, who, one, now)]
    return tuple(sorted(fitting, key=lambda one: not _in_own_field(who, one)))


def _may_do(s: Session, who: Reviewer, item: WorkItem, now: datetime) -> bool:
    view = cases.get(s, item.case_id or "")
    day = now.astimezone(ZoneInfo(view.zone if view is not None else "UTC")).date()
    return not reviewer_violations(who, (item.role, *item.also_for), professions_for(who, item), day)


def _in_own_field(who: Reviewer, item: WorkItem) -> bool:
    return not item.specialties or bool(set(item.specialties) & set(who.specialties))
