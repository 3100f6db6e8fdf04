"""Fitness of a person for work: what they may take by role, training, license, State and specialty, before any of it is taken.

The checks of a claim (`domain.cases.assignment`) hold for everything that fits. Beyond them, fitness looks at what no act of
theirs could change later: a review that may end with a signature fits who could sign it (`domain.decisions.checks`), and a
nurse's work fits a nurse of the case's State, unless no nurse of the plan has a license of that State.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.cases.tasks import Task
from domain.decisions.reviewers import License, Reviewer
from domain.decisions.signed import DeciderRule
from domain.vocabulary import Lob, Role

_OF_EVERY_TASK = frozenset({Role.PHARMACIST, Role.PSYCHOLOGIST})
"""Roles that take a task with their own license, whatever the role it is for."""
_BY_SPECIALTY = frozenset({Role.PHYSICIAN, Role.MEDICAL_DIRECTOR})


@dataclass(frozen=True)
class Fitness:
    """A person as seen from open work, on one day.

    `roles` are empty for who may take nothing: not active, or their training is not current. `professions` and `states` are
    those of their current unrestricted licenses. `specialties` None: their role is not asked for one. `nurse_states` are the
    States whose nurse work is not theirs, because another nurse of the plan is licensed there. `same_state` and `by_specialty`
    are the lines of business whose signed decisions need a license of the member's State, and a fitting specialty.
    """

    reviewer_id: str
    roles: frozenset[Role]
    professions: frozenset[str]
    states: frozenset[str]
    specialties: frozenset[str] | None
    nurse_states: frozenset[str]
    same_state: frozenset[Lob]
    by_specialty: frozenset[Lob]

    @property
    def needs_every_license(self) -> bool:
        """Whether a license is asked of them also for tasks of another role that an escalation opened to them."""
        return bool(_OF_EVERY_TASK & self.roles)

    def fits(self, task: Task, lob: Lob | None, state: str) -> bool:
        """Whether this person may do the task of a case of this line of business and State ('': not known)."""
        if not self.roles & {task.role, *task.also_for}:
            return False
        if task.professions and (self.needs_every_license or task.role in self.roles):
            if not self.professions & set(task.professions):
                return False
            if lob in self.same_state and state not in self.states:
                return False
        if task.role is Role.NURSE and Role.NURSE in self.roles and state in self.nurse_states:
            return False
        asked = task.specialties and lob in self.by_specialty and self.specialties is not None
        return not asked or bool((self.specialties or frozenset()) & set(task.specialties))


def fitness_of(who: Reviewer, everybody: Iterable[Reviewer], deciders: Iterable[DeciderRule], day: date) -> Fitness:
    """The fitness of `who` on `day` (local), beside everybody in the directory and under the plan's rules on deciders."""
    rules = tuple(deciders)
    trained = who.training_valid_through is not None and who.training_valid_through >= day
    held = tuple(_current(who, day))
    states = frozenset(one.state for one in held)
    roles = frozenset(who.roles) if who.active and trained else frozenset()
    return Fitness(
        reviewer_id=who.reviewer_id,
        roles=roles,
        professions=frozenset(one.profession for one in held),
        states=states,
        specialties=frozenset(who.specialties) if _BY_SPECIALTY & roles else None,
        nurse_states=_states_with_a_nurse(everybody, day) - states if who.licences else frozenset(),
        same_state=frozenset(rule.lob for rule in rules if rule.same_state),
        by_specialty=frozenset(rule.lob for rule in rules if rule.specialty),
    )


def _states_with_a_nurse(everybody: Iterable[Reviewer], day: date) -> frozenset[str]:
    nurses = (one for one in everybody if one.active and Role.NURSE in one.roles)
    return frozenset(held.state for one in nurses for held in _current(one, day))


def _current(who: Reviewer, day: date) -> Iterable[License]:
    return (held for held in who.licences if held.expires >= day and held.unrestricted is True)
