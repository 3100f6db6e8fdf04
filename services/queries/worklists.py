"""The worklist of a person: a page of open work with whom and what each row is about, and how much there is in each view."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

from domain.cases.assignment import Fitness, fitness_of
from domain.decisions.determination import reviewer_violations
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import DeciderRule
from domain.errors import NotOnFile
from domain.journal import EntryKind
from domain.model import Model
from domain.vocabulary import Lob, Role, Urgency
from services.access import require_on_file
from services.case_visibility import visible_to
from services.fitting_work import plan_day, plan_zone
from services.principals import Principal, Right
from services.queries import search
from services.queries.case_lists import WorkRow, work_rows
from store import cases, directory, journal, tasks
from store.tasks import WorkPage
from store.worklist import paging
from store.worklist import tables as worklist_tables
from store.worklist.paging import WorkPlace
from store.worklist.selection import WorkSelection

COUNTED = 1000
"""So many rows of a view are counted; more is 'more than' that many."""
PAGE = 36
_SEARCHED_CASES = 200
_TAKINGS = (EntryKind.TASK_CLAIMED, EntryKind.TASK_REASSIGNED)
LEADING = frozenset({Role.SUPERVISOR, Role.MEDICAL_DIRECTOR})
"""Roles that may reassign what others have claimed."""


class WorkView(StrEnum):
    """Whose work is shown: what I have claimed, what nobody has, all that I may do, everybody's."""

    MINE = "mine"
    OPEN = "open"
    FIT = "fit"
    TEAM = "team"


class WorkFilters(Model):
    """The filters of a worklist; all that are given must match. `q` is a number or a name, as the search takes it."""

    lob: Lob | None = None
    kind: str | None = None
    urgency: Urgency | None = None
    specialty: str | None = None
    state: str | None = None
    q: str | None = None

    @property
    def is_any(self) -> bool:
        """Whether anything is filtered."""
        return any(value is not None for _name, value in self)


class WorkPageRow(WorkRow):
    """A row of the worklist with the names of who requested, and of who has claimed it; empty where there is none.
    `may_take`: it fits who reads."""

    requester: str = ""
    taken_by: str = ""
    may_take: bool = True


@dataclass(frozen=True)
class Worklist:
    """A page of a person's worklist. `counts` stop at COUNTED + 1, as does `missed`, the rows past their due instant whose
    clock runs. `blocked` are the States whose work of their roles waits for somebody else's license, with its number; `gates`
    are the reasons for which this person is given no task at all, today in the plan's zone. `zone` is the plan's (IANA)."""

    view: WorkView
    rows: tuple[WorkPageRow, ...]
    first: WorkPlace | None
    last: WorkPlace | None
    has_earlier: bool
    has_later: bool
    counts: Mapping[WorkView, int]
    missed: int
    blocked: Mapping[str, int]
    gates: tuple[str, ...]
    specialties: tuple[str, ...]
    zone: str


def load_worklist(
    s: Session,
    reader: Principal,
    view: WorkView,
    filters: WorkFilters,
    deciders: Collection[DeciderRule],
    now: datetime,
    *,
    limit: int = PAGE,
    after: WorkPlace | None = None,
    before: WorkPlace | None = None,
) -> Worklist:
    """The page of `limit` rows behind `after`, or ahead of `before`, at `now` (UTC). Raises NotOnFile for an unknown person."""
    zone = plan_zone(s)
    who = require_on_file(s, reader.reviewer)
    chosen = choose_filtered(s, filters, reader)
    everybody = directory.reviewers(s)
    fitness = fitness_of(who, everybody, deciders, plan_day(s, now))
    views = {one: _of_view(one, chosen, who, fitness) for one in WorkView}
    page = tasks.select_work(s, views[view], limit, after=after, before=before)
    is_first = after is None and before is None
    nothing = not page.rows and is_first
    return Worklist(
        view=view,
        rows=page_rows(s, page, fitness),
        first=page.rows[0][0] if page.rows else None,
        last=page.rows[-1][0] if page.rows else None,
        has_earlier=page.has_earlier,
        has_later=page.has_later,
        counts=_count_views(s, views, who, view if is_first and not page.has_later else None, page),
        missed=_count_missed(s, views[view], page if is_first else None, now),
        blocked=_blocked_states(s, who, chosen, fitness)
        if nothing and view is not WorkView.MINE and not filters.is_any
        else {},
        gates=tuple(one.message for one in reviewer_violations(who, who.roles, (), plan_day(s, now))),
        specialties=tuple(sorted({one for each in everybody for one in each.specialties})),
        zone=zone,
    )


def find_work(s: Session, task_id: str) -> WorkPageRow:
    """The row of one open task. Raises NotOnFile for one that is none."""
    rows = page_rows(s, tasks.select_work(s, WorkSelection(task_id=task_id), 1))
    if not rows:
        raise NotOnFile(f"There is no open task {task_id}.", "Look at the worklist for those that are open.")
    return rows[0]


class Holder(NamedTuple):
    """The person who has a task, since when (UTC; to be shown in `zone`), and the task's kind."""

    name: str
    at: datetime
    zone: str
    kind: str


def find_holder(s: Session, case_id: str, task_id: str) -> Holder | None:
    """Find who has the task, by their own claim or by another's hand; None for nobody."""
    found, view = tasks.get(s, task_id), cases.get(s, case_id)
    if found is None or found.task.assignee is None or view is None:
        return None
    entries = reversed(journal.entries(s, case_id))
    at = next((one.at for one in entries if one.kind in _TAKINGS and _tells(one.data, task_id)), None)
    who = directory.reviewer(s, found.task.assignee)
    name = who.name if who is not None else found.task.assignee
    return Holder(name, at, view.zone, found.task.kind.value) if at is not None else None


def page_rows(s: Session, page: WorkPage, fitness: Fitness | None = None) -> tuple[WorkPageRow, ...]:
    """The rows of a page with the names that stand on it; with a fitness, of whether they fit that person."""
    rows = work_rows(s, page.items, diagnoses=False)
    requesters = directory.providers_of(s, {row.requesting_npi for row in rows if row.requesting_npi})
    takers = directory.reviewers_of(s, {row.assignee for row in rows if row.assignee is not None})
    return tuple(
        WorkPageRow(
            **dict(row),
            requester=requesters[row.requesting_npi].name if row.requesting_npi in requesters else "",
            may_take=fitness is None or fitness.fits(row, row.lob, row.state),
            taken_by=takers[row.assignee].name if row.assignee in takers else row.assignee or "",
        )
        for row in rows
    )


def choose_filtered(s: Session, filters: WorkFilters, reader: Principal) -> WorkSelection:
    """The selection of open work by these filters, of cases that the reader may see."""
    found = search.find_cases(s, filters.q, _SEARCHED_CASES, reader) if filters.q is not None else None
    return WorkSelection(
        kind=filters.kind,
        lob=filters.lob,
        urgency=filters.urgency,
        specialty=filters.specialty,
        state=filters.state,
        case_ids=None if found is None else tuple(view.case_id for view in found),
        # What a search finds is what the reader may see.
        seen=visible_to(reader, worklist_tables.tasks.c.case_id) if found is None else (),
        arrivals=Right.INBOX in reader.rights,
    )


def _of_view(view: WorkView, chosen: WorkSelection, who: Reviewer, fitness: Fitness) -> WorkSelection:
    """The selection of one view. Who leads sees all that nobody has: they hand it to somebody who may do it."""
    match view:
        case WorkView.MINE:
            return replace(chosen, own=who.reviewer_id, only_own=True)
        case WorkView.OPEN:
            return replace(chosen, free=True, fitness=None if _leads(who) else fitness)
        case WorkView.FIT:
            return replace(chosen, own=who.reviewer_id, fitness=fitness)
        case WorkView.TEAM:
            return chosen


def _leads(who: Reviewer) -> bool:
    return who.active and not LEADING.isdisjoint(who.roles)


def _count_views(
    s: Session, views: Mapping[WorkView, WorkSelection], who: Reviewer, whole: WorkView | None, page: WorkPage
) -> dict[WorkView, int]:
    """The number of rows of each view. A view that is read to its end counts those within it on the way: little work is
    counted at once, and much of it by the first thousand rows. `whole` is the view that the page shows all of."""
    within = {
        WorkView.TEAM: (WorkView.FIT, WorkView.OPEN, WorkView.MINE),
        WorkView.FIT: (WorkView.MINE,) if _leads(who) else (WorkView.OPEN, WorkView.MINE),
    }
    arrived = {view: paging.count_arrivals(s, wanted) for view, wanted in views.items()}
    found = {whole: len(page.rows) - arrived[whole]} if whole is not None else {}
    if whole is not None and not page.rows:
        found |= dict.fromkeys(within.get(whole, ()), 0)
    for view in (WorkView.TEAM, WorkView.FIT, WorkView.OPEN, WorkView.MINE):
        if view in found:
            continue
        inside = [one for one in within.get(view, ()) if one not in found]
        number, *parts = paging.count_tasks(s, views[view], [views[one] for one in inside], COUNTED + 1)
        found[view] = number
        if number <= COUNTED:
            found |= dict(zip(inside, parts, strict=True))
    return {view: min(found[view] + arrived[view], COUNTED + 1) for view in WorkView}


def _count_missed(s: Session, wanted: WorkSelection, first_page: WorkPage | None, now: datetime) -> int:
    """The number of rows past their due instant. They come first, so that the first page mostly has them all."""
    if first_page is not None:
        missed = [item for item in first_page.items if item.due_at < now and item.stopped_until is None]
        if len(missed) < len(first_page.rows) or not first_page.has_later:
            return len(missed)
    return tasks.count_work(s, replace(wanted, running=True, due_before=now), COUNTED + 1)


def _blocked_states(s: Session, who: Reviewer, chosen: WorkSelection, fitness: Fitness) -> dict[str, int]:
    """The open work of their roles that does not fit them, by State, the most first; nothing for who may take nothing."""
    if not fitness.roles:
        return {}
    found = paging.count_by_state(s, replace(chosen, roles=frozenset(who.roles), free=True), COUNTED + 1)
    return {state: number for state, number in sorted(found.items(), key=lambda one: -one[1]) if state}


def _tells(data: Mapping[str, object], task_id: str) -> bool:
    told = data.get("tasks")
    return isinstance(told, list) and any(isinstance(one, dict) and one.get("task_id") == task_id for one in told)
