"""Selection of open work: each filter as a condition on the table of tasks alone, so that an index answers it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from domain.vocabulary import Lob, ProcessKind, Role, Urgency
from store import tables as case_tables
from store.cases import names_provider
from store.worklist import tables

if TYPE_CHECKING:  # lists load no case
    from domain.cases.assignment import Fitness

_T, _C = tables.tasks, case_tables.cases


@dataclass(frozen=True)
class WorkSelection:
    """Selection of open work: every filter that is given must match. `due_before` is UTC and excludes itself.

    `roles` and `fitness` say who may take it; `free` excludes what anybody has claimed. What `own`, a reviewer's id, has
    claimed is selected whatever these three say, and with `only_own` nothing else. `running` leaves out work whose clock the
    law has stopped. `case_ids` limits the cases; `provider` is an NPI. `seen` are further conditions on tasks, by which
    confidential cases are left out; without `arrivals`, arrivals that are no case are left out, for who may not see them.
    """

    task_id: str | None = None
    kind: str | None = None
    process: ProcessKind | None = None
    lob: Lob | None = None
    state: str | None = None
    urgency: Urgency | None = None
    specialty: str | None = None
    member: str | None = None
    provider: str | None = None
    case_ids: tuple[str, ...] | None = None
    due_before: datetime | None = None
    running: bool = False
    roles: frozenset[Role] | None = None
    fitness: Fitness | None = None
    free: bool = False
    own: str | None = None
    only_own: bool = False
    seen: tuple[ColumnElement[bool], ...] = ()
    arrivals: bool = True

    @property
    def is_about_cases(self) -> bool:
        """Whether it selects by what only a case has: arrivals that are no case yet do not match."""
        of_case = (self.task_id, self.process, self.lob, self.state, self.urgency, self.specialty)
        return any(one is not None for one in (*of_case, self.member, self.provider, self.case_ids))

    @property
    def includes_intake(self) -> bool:
        """Whether work of intake that nobody has claimed is selected."""
        of_roles = self.roles is None or Role.INTAKE in self.roles
        return (
            self.arrivals
            and of_roles
            and not self.only_own
            and (self.fitness is None or Role.INTAKE in self.fitness.roles)
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on a task: that it is open, and the filters."""
        found: list[ColumnElement[bool]] = [_T.c.open_due_at.is_not(None)]
        if self.running:
            found.append(_T.c.clock_stopped == false())
        if self.due_before is not None:
            found.append(_T.c.open_due_at < self.due_before)
        for column, wanted in (
            (_T.c.task_id, self.task_id),
            (_T.c.kind, self.kind),
            (_T.c.process, self.process),
            (_T.c.lob, self.lob),
            (_T.c.state, self.state),
            (_T.c.urgency, self.urgency),
        ):
            if wanted is not None:
                found.append(column == str(wanted))
        if self.specialty is not None:
            found.append(names_one(_T.c.specialties, {self.specialty}))
        if self.case_ids is not None:
            found.append(_T.c.case_id.in_(self.case_ids))
        of_case = [_C.c.member_id == self.member] if self.member is not None else []
        if self.provider is not None:
            of_case.append(names_provider(self.provider))
        if of_case:
            found.append(_T.c.case_id.in_(select(_C.c.case_id).where(*of_case)))
        return [*found, *self.of_people(), *self.seen]

    def of_people(self) -> list[ColumnElement[bool]]:
        """Of the conditions, those on who has the task or may take it."""
        mine = _T.c.assignee == self.own if self.own is not None else false()
        if self.only_own:
            return [mine]
        # Written so that no index on assignees is taken for it: nearly everything is free, and the index of all has its order.
        nobodys = func.coalesce(_T.c.assignee, "") == ""
        others: list[ColumnElement[bool]] = [nobodys] if self.free else []
        if self.roles is not None:
            others.append(names_one(_T.c.roles, self.roles))
        if self.fitness is not None:
            others.append(fits(self.fitness))
        if not others:
            return []
        return [or_(mine, and_(*others))] if self.own is not None else others


def fits(who: Fitness) -> ColumnElement[bool]:
    """`Fitness.fits` as a condition on the table of tasks."""
    own_role = true() if who.needs_every_license else _T.c.role.in_(sorted(who.roles))
    of_lob = {
        name: _T.c.lob.in_(sorted(lobs)) if lobs else false()
        for name, lobs in (("same_state", who.same_state), ("by_specialty", who.by_specialty))
    }
    licensed = and_(
        names_one(_T.c.professions, who.professions),
        or_(~of_lob["same_state"], _T.c.role == Role.NURSE.value, _T.c.state.in_(sorted(who.states))),
    )
    found = [names_one(_T.c.roles, who.roles), or_(_T.c.professions == "", ~own_role, licensed)]
    if Role.NURSE in who.roles and who.nurse_states:
        found.append(or_(_T.c.role != Role.NURSE.value, _T.c.state.not_in(sorted(who.nurse_states))))
    if who.specialties is not None:
        fitting = names_one(_T.c.specialties, who.specialties)
        found.append(or_(_T.c.specialties == "", ~of_lob["by_specialty"], fitting))
    return and_(*found)


def names_one(column: ColumnElement[str], wanted: Collection[str]) -> ColumnElement[bool]:
    """Whether a list of words (each with a comma before and behind) has one of these."""
    return or_(false(), *(column.contains(f",{one},", autoescape=True) for one in sorted(map(str, wanted))))
