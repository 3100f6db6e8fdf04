"""Loading of a task's dock for who looks at it: with their own draft, or with what they have just typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from domain.cases.tasks import Task
from domain.decisions.signed import DeciderRule
from domain.errors import NotOnFile
from domain.vocabulary import ProcessKind
from engine import edge_clock
from services.access import require_on_file
from services.commands import decision_form
from services.commands.decision_form import ReviewWorksheet
from services.commands.task_forms import form_for
from services.context import TemporalUnavailable
from services.fitting_work import placement_violations
from store import cases, directory, tasks
from store.drafts import task_drafts
from store.drafts.task_drafts import TaskDraft
from web.context import SignedIn, WebContext
from web.presentation.dock import Dock, Standing, about_lines, build_options, sentences
from web.presentation.forms import Typed


class TaskStanding(NamedTuple):
    """A task as it stands for one person, with their draft."""

    case_id: str
    task: Task
    zone: str
    process: ProcessKind | None
    standing: Standing
    holder: str
    why_not: tuple[str, ...]
    draft: TaskDraft | None


async def load_dock(
    context: WebContext,
    who: SignedIn,
    task_id: str,
    *,
    outcome: str | None = None,
    typed: Typed | None = None,
    errors: Mapping[str, str] | None = None,
    others: Sequence[str] = (),
    act: str | None = None,
) -> Dock:
    """The dock of the task. `outcome` is the one to unfold, `typed` what was just sent (None: the draft), `errors` sentences by
    field. A worker that does not answer leaves a dock with less to tick. Raises NotOnFile."""
    found = await find_standing(context, who, task_id)
    said = typed if typed is not None else (found.draft.typed if found.draft is not None else {})
    dock = Dock(
        task=found.task,
        case_id=found.case_id,
        zone=found.zone,
        act=act or edge_clock.new_message_id(),
        standing=found.standing,
        holder=found.holder,
        why_not=found.why_not,
        kept_at=found.draft.kept_at if found.draft is not None else None,
        others=sentences(others),
    )
    if found.standing is not Standing.YOURS:
        return dock
    before, late = await load_sheet(context, who, found)
    chosen = outcome or next(iter(said.get("outcome", ())), None)
    asks = {name: fact.ask for name, fact in context.services.fact_definitions.items()}
    options = build_options(found.task, before, said, found.zone, chosen, errors or {}, asks)
    return replace(dock, options=options, about=about_lines(before), late=late)


async def load_sheet(context: WebContext, who: SignedIn, found: TaskStanding) -> tuple[ReviewWorksheet | None, bool]:
    """The reviewer's worksheet where the task has one, and whether a worker was too slow to give it."""
    if not needs_sheet(found.task, found.process):
        return None, False
    try:
        return await decision_form.load_worksheet(context.services, found.task.task_id, who.principal.reviewer), False
    except TemporalUnavailable:
        return None, True


async def find_standing(context: WebContext, who: SignedIn, task_id: str) -> TaskStanding:
    """The task as it stands for who is signed in. Raises NotOnFile."""
    services = context.services
    return await services.read(read_standing, task_id, who.principal.reviewer, services.deciders, services.clock())


def needs_sheet(task: Task, process: ProcessKind | None) -> bool:
    """Whether the task is done from a worksheet: one of an authorization that has no form of its own."""
    return process in (None, ProcessKind.REQUEST) and form_for(task.kind) is None


def read_standing(
    s: Session, task_id: str, reviewer_id: str, deciders: Collection[DeciderRule], now: datetime
) -> TaskStanding:
    """The task as it stands for this person at `now` (UTC). Raises NotOnFile."""
    found = tasks.get(s, task_id)
    if found is None:
        raise NotOnFile(f"There is no task {task_id} for you.", "Look at the worklist for what is open.")
    task, view, who = found.task, cases.get(s, found.case_id), require_on_file(s, reviewer_id)
    zone = view.zone if view is not None else "UTC"
    holder = directory.reviewer(s, task.assignee) if task.assignee is not None else None
    broken = placement_violations(s, found, who, deciders, now)
    if not task.is_open:
        standing = Standing.ENDED
    elif task.assignee is not None:
        standing = Standing.YOURS if task.assignee == reviewer_id else Standing.OTHERS
    else:
        standing = Standing.NOT_FOR_YOU if broken else Standing.FREE
    return TaskStanding(
        case_id=found.case_id,
        task=task,
        zone=zone,
        process=view.process if view is not None else None,
        standing=standing,
        holder=holder.name if holder is not None else task.assignee or "",
        why_not=tuple(one.message for one in broken),
        draft=task_drafts.find(s, task_id, reviewer_id),
    )
