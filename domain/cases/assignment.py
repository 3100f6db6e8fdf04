"""Rules on who may claim, release, reassign and complete the tasks of any case, and which open tasks fit a person.

The checks of a claim hold for everything that fits. Beyond them, `Fitness` looks at what no act of theirs could change later: a
review that may end with a signature fits who could sign it (`domain.decisions.checks`), and a nurse's work fits a nurse of the
case's State, unless no nurse of the plan has a license of that State.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.cases.case import Case
from domain.cases.messages import ClaimTask, CompleteTask, ReassignTask, ReleaseTask
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskOutcome
from domain.decisions.determination import STAMP_SKEW, reviewer_violations
from domain.decisions.reviewers import License, Reviewer
from domain.decisions.signed import DeciderRule
from domain.errors import RuleViolation, violation
from domain.journal import Actor
from domain.vocabulary import Lob, Role

_OWN_LICENSE = frozenset({Role.PHARMACIST, Role.PSYCHOLOGIST})
"""Roles that take a task with their own license, whatever the role it is for."""
_BY_SPECIALTY = frozenset({Role.PHYSICIAN, Role.MEDICAL_DIRECTOR})


def find_open_task(case: Case, task_id: str) -> Task | RuleViolation:
    """Find the open task with this id, or the rule that is broken when there is none."""
    task = case.tasks.get(task_id)
    if task is None:
        return violation("task.unknown", "The case has no such task.", "Look at the worklist for its open tasks.")
    if not task.is_open:
        return violation(
            "task.ended", f"The task is {task.status.value} already.", "Look at the case for what is open now."
        )
    return task


class _ReviewerMessage(Protocol):
    """A message that names the reviewer for whom it acts."""

    @property
    def actor(self) -> Actor: ...
    @property
    def reviewer_id(self) -> str: ...


def sender_violations(message: _ReviewerMessage) -> Iterator[RuleViolation]:
    if message.actor.id != message.reviewer_id:
        yield violation("message.actor", "The sender is not the reviewer named.", "Act under your own name.")


class _AssignedWork(Protocol):
    """A task, or a row about one: for which role, and which licensed professions it needs."""

    @property
    def role(self) -> Role: ...
    @property
    def professions(self) -> tuple[str, ...]: ...


def professions_for(who: Reviewer, task: _AssignedWork) -> tuple[str, ...]:
    """The licensed professions that a task needs of this reviewer: none of a role that took over after an escalation.

    Pharmacist and psychologist are no such roles: where they may decide, they take the task with their own license.
    """
    return task.professions if {task.role, *_OWN_LICENSE} & set(who.roles) else ()


def claim_violations(case: Case, message: ClaimTask, now: datetime) -> Iterator[RuleViolation]:
    yield from sender_violations(message)
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
        return
    yield from _claimed_violations(task, message.reviewer_id)
    yield from _assignee_violations(case, task, message.reviewer_id, now)
    yield from _fit_violations(case, task, message.reviewer_id, now)


def release_violations(case: Case, message: ReleaseTask) -> Iterator[RuleViolation]:
    yield from sender_violations(message)
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
    elif task.assignee != message.reviewer_id:
        yield violation("task.not_yours", "The task is not yours to release.", "Only who claimed it can release it.")


def reassign_violations(case: Case, message: ReassignTask, now: datetime) -> Iterator[RuleViolation]:
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
        return
    sender = case.reviewers.get(message.actor.id)
    leads = sender is not None and sender.active and {Role.SUPERVISOR, Role.MEDICAL_DIRECTOR} & set(sender.roles)
    if not leads and task.assignee != message.actor.id:
        yield violation(
            "task.reassign", "Only a supervisor, a medical director or the assignee may reassign.", "Ask one of them."
        )
    yield from _assignee_violations(case, task, message.reviewer_id, now)
    yield from _fit_violations(case, task, message.reviewer_id, now)


def completion_violations(case: Case, message: CompleteTask, now: datetime) -> Iterator[RuleViolation]:
    """Every rule that the completion of any task breaks: by whom, when, and with which outcome."""
    yield from sender_violations(message)
    task = find_open_task(case, message.task_id)
    if isinstance(task, RuleViolation):
        yield task
        return
    if message.at < task.opened_at - STAMP_SKEW:
        yield violation(
            "message.stamp", "The time of acting lies before the task was opened.", "Correct the clock and send again."
        )
    yield from _claimed_violations(task, message.reviewer_id)
    yield from _assignee_violations(case, task, message.reviewer_id, now)
    yield from outcome_violations(task, message.outcome)


def outcome_violations(task: Task, outcome: TaskOutcome) -> Iterator[RuleViolation]:
    if outcome not in ALLOWED_OUTCOMES[task.kind]:
        may = ", ".join(sorted(allowed.value for allowed in ALLOWED_OUTCOMES[task.kind]))
        yield violation(
            "task.outcome",
            f"A {task.kind.value.replace('_', ' ')} cannot end with '{outcome.value}'.",
            f"It may end with: {may}. Only a physician's signed decision can be adverse, "
            "or one of benefit staff on the plan's documents.",
        )


def _claimed_violations(task: Task, reviewer_id: str) -> Iterator[RuleViolation]:
    if task.assignee is not None and task.assignee != reviewer_id:
        yield violation("task.claimed", "Somebody else has claimed the task.", "Ask a supervisor to reassign it.")


def _assignee_violations(case: Case, task: Task, reviewer_id: str, now: datetime) -> Iterator[RuleViolation]:
    who = case.reviewers.get(reviewer_id)
    if who is None:
        yield violation("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    else:
        yield from reviewer_violations(who, (task.role, *task.also_for), professions_for(who, task), case.day(now))


def _fit_violations(case: Case, task: Task, reviewer_id: str, now: datetime) -> Iterator[RuleViolation]:
    """The rules on specialty and State, which no act of theirs could mend later. `nurse_states` None: a release
    answered that did not look, and what it let pass stands."""
    who = case.reviewers.get(reviewer_id)
    if who is not None and case.nurse_states is not None:
        fitness = make_fitness(who, frozenset(case.nurse_states), case.deciders(), case.day(now))
        yield from fitness.lasting_violations(task, case.lob, case.state)


class TaskNeeds(Protocol):
    """The needs of a task: who may do it, by role, profession and specialty."""

    @property
    def role(self) -> Role: ...
    @property
    def also_for(self) -> tuple[Role, ...]: ...
    @property
    def professions(self) -> tuple[str, ...]: ...
    @property
    def specialties(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Fitness:
    """A person as seen from open work, on one day.

    `roles` are empty for who may take nothing: not active, or their training is not current. `professions` and `states` are
    those of their current unrestricted licenses. `specialties` None: their role is not asked for one. `nurse_states` are the
    States whose nurse work is not theirs, because another nurse of the plan is licensed there. `same_state` and `by_specialty`
    are the lines of business whose signed decisions need a license of the member's State, and a fitting specialty; a nurse's
    work ends with none.
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
        return bool(_OWN_LICENSE & self.roles)

    def fits(self, task: TaskNeeds, lob: Lob | None, state: str) -> bool:
        """Whether this person may do the task of a case of this line of business and State ('': not known)."""
        if not self.roles & {task.role, *task.also_for}:
            return False
        if self._needs_license(task) and not self.professions & set(task.professions):
            return False
        return not any(self.lasting_violations(task, lob, state))

    def lasting_violations(self, task: TaskNeeds, lob: Lob | None, state: str) -> Iterator[RuleViolation]:
        """The rules on State and specialty against this person's doing the task, whatever they do; claims and hand-overs are
        refused by them."""
        of_nurses = task.role is Role.NURSE
        if self._needs_license(task) and not of_nurses and lob in self.same_state and state not in self.states:
            yield violation(
                "task.license_state",
                f"A decision on this task is signed with a license of {state or 'the member’s State'}, and they hold none.",
                "Leave it to, or hand it over to, somebody licensed there.",
            )
        if of_nurses and Role.NURSE in self.roles and state in self.nurse_states:
            yield violation(
                "task.license_state",
                f"A nurse licensed in {state} does this task, and they are not.",
                "Leave it to, or hand it over to, a nurse licensed there.",
            )
        asked = task.specialties and lob in self.by_specialty and self.specialties is not None
        if asked and not (self.specialties or frozenset()) & set(task.specialties):
            fitting = " or ".join(one.replace("_", " ") for one in task.specialties)
            yield violation(
                "task.specialty",
                f"The task needs a specialist in {fitting}.",
                "Leave it to, or hand it over to, a fitting specialist.",
            )

    def _needs_license(self, task: TaskNeeds) -> bool:
        return bool(task.professions) and (self.needs_every_license or task.role in self.roles)


def fitness_of(who: Reviewer, everybody: Iterable[Reviewer], deciders: Iterable[DeciderRule], day: date) -> Fitness:
    """The fitness of `who` on `day` (local), beside everybody in the directory and under the plan's rules on deciders."""
    return make_fitness(who, states_with_a_nurse(everybody, day), deciders, day)


def make_fitness(who: Reviewer, nurse_states: frozenset[str], deciders: Iterable[DeciderRule], day: date) -> Fitness:
    """The fitness of `who` on `day` (local) in a plan with a nurse licensed in each of `nurse_states`."""
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
        nurse_states=nurse_states - states if who.licences else frozenset(),
        same_state=frozenset(rule.lob for rule in rules if rule.same_state),
        by_specialty=frozenset(rule.lob for rule in rules if rule.specialty),
    )


def states_with_a_nurse(everybody: Iterable[Reviewer], day: date) -> frozenset[str]:
    """The States in which an active nurse of the plan holds a current license on `day` (local)."""
    nurses = (one for one in everybody if one.active and Role.NURSE in one.roles)
    return frozenset(held.state for one in nurses for held in _current(one, day))


def _current(who: Reviewer, day: date) -> Iterable[License]:
    return (held for held in who.licences if held.expires >= day and held.unrestricted is True)
