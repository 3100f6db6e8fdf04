"""Open work that fits a person: by role, training, license, State and specialty, on the plan's day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.cases.assignment import Fitness, fitness_of, make_fitness, professions_for, states_with_a_nurse
from domain.decisions.determination import reviewer_violations
from domain.decisions.reviewers import Reviewer
from domain.decisions.signed import DeciderRule
from domain.errors import RuleViolation
from domain.model import Model
from store import directory, tasks
from store.tasks import CaseTask
from store.worklist import paging

_DEFAULT_ZONE = "America/New_York"


def plan_zone(s: Session) -> str:
    """The IANA zone of the plan's office hours, in which its people read days; the first plan's where there are several."""
    zones = (contact.zone for contact in directory.plans(s).values())
    return next((zone for zone in zones if zone), _DEFAULT_ZONE)


def plan_day(s: Session, now: datetime) -> date:
    """The day in the plan's zone."""
    return now.astimezone(ZoneInfo(plan_zone(s))).date()


def load_fitness(s: Session, who: Reviewer, deciders: Collection[DeciderRule], now: datetime) -> Fitness:
    """The fitness of this person for work today."""
    return fitness_of(who, directory.reviewers(s), deciders, plan_day(s, now))


class TaskPerson(Model):
    """Somebody of the plan beside tasks that are to be handed over: `has` are the tasks that they have, `refusals` the rules
    against their having these."""

    reviewer_id: str
    name: str
    has: int
    refusals: tuple[RuleViolation, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether they may do every one of the tasks."""
        return not self.refusals


def placement_violations(
    s: Session, found: CaseTask, who: Reviewer, deciders: Collection[DeciderRule], now: datetime
) -> tuple[RuleViolation, ...]:
    """Every rule against this person's having the task, as its case checks a claim."""
    return _Placing(s, deciders, now).violations(s, found, who)


def list_people_for(
    s: Session, task_ids: Collection[str], deciders: Collection[DeciderRule], now: datetime
) -> tuple[TaskPerson, ...]:
    """Everybody active, but for who has one of these tasks: who may do every one of them first, the least busy ahead. A task
    that is not open is left out; with none, nobody is listed."""
    held = [tasks.get(s, task_id) for task_id in dict.fromkeys(task_ids)]
    chosen = [found for found in held if found is not None and found.task.is_open]
    if not chosen:
        return ()
    placing = _Placing(s, deciders, now)
    holders = {found.task.assignee for found in chosen}
    people = [who for who in placing.everybody if who.active and who.reviewer_id not in holders]
    load = paging.count_claimed(s, [who.reviewer_id for who in people])
    listed = []
    for who in people:
        broken = {one.message: one for found in chosen for one in placing.violations(s, found, who)}
        has = load.get(who.reviewer_id, 0)
        listed.append(TaskPerson(reviewer_id=who.reviewer_id, name=who.name, has=has, refusals=tuple(broken.values())))
    return tuple(sorted(listed, key=lambda one: (not one.fits, one.has, one.name)))


class _Placing:
    """The directory as it stands, against which people and tasks are compared."""

    def __init__(self, s: Session, deciders: Collection[DeciderRule], now: datetime) -> None:
        self.everybody = directory.reviewers(s)
        self._day = plan_day(s, now)
        self._states = states_with_a_nurse(self.everybody, self._day)
        self._deciders = deciders

    def violations(self, s: Session, found: CaseTask, who: Reviewer) -> tuple[RuleViolation, ...]:
        task = found.task
        lob, state = tasks.lob_and_state(s, found)
        fitness = make_fitness(who, self._states, self._deciders, self._day)
        of_person = reviewer_violations(who, (task.role, *task.also_for), professions_for(who, task), self._day)
        return (*of_person, *fitness.lasting_violations(task, lob, state))
