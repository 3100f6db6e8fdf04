"""The Medicare notices in progress: the tasks to deliver each form in time, and the record of every duty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.calendars import END_OF_DAY, utc_of_local_time
from domain.cases import duty_tracking
from domain.cases.duty_tracking import DoneAt, Duty
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import Task, TaskKind
from domain.clocks.engine import Clock
from domain.discharge import letters
from domain.discharge.case import DischargeCase
from domain.discharge.notice_duties import (
    DUTY_RULES,
    HOSPITAL_FORM_RULES,
    IM_COPY,
    LONG_OBSERVATION,
    MOON,
    NOTICE_BY_RULE,
    REASON_RULES,
    RECORD_RULES,
    adjust_clocks,
    completed_duties,
    current_subject,
    duty_events,
)
from domain.discharge.parts import PendingLetter
from domain.journal import EntryKind
from domain.vocabulary import Role

DUTY_TASK_KINDS = (TaskKind.FORM_DELIVERY, TaskKind.DETAILED_REASON, TaskKind.QIO_RECORDS)
SECOND = timedelta(seconds=1)


def task_subject(rule_id: str, what: str) -> str:
    """The subject of a duty's task: ``MA-NOMNC 2026-12-01``."""
    return f"{rule_id} {what}".rstrip()


def rule_of(task: Task) -> str:
    return (task.about or "").split(" ", 1)[0]


def subject_of(task: Task) -> str:
    return (task.about or "").partition(" ")[2]


def needs_new_duties(plan: DischargeCase, now: datetime) -> bool:
    """Whether events happened after the duties were computed."""
    return plan.duties_of != duty_events(plan, now)


def apply_duties(plan: DischargeCase, clocks: tuple[Clock, ...], now: datetime) -> None:
    """Apply the newly computed duties. A duty whose subject changed is due again."""
    before = {clock.rule_id for clock in plan.clocks}
    plan.duties_of, plan.clocks_stale = duty_events(plan, now), False
    plan.clocks = adjust_clocks(plan, clocks)
    for rule in DUTY_RULES:
        what = current_subject(plan, rule, now)
        if what and plan.duty_keys.get(rule, what) != what:
            duty_tracking.reopen_duty(plan, rule)
        if what:
            plan.duty_keys[rule] = what
    finished = completed_duties(plan, now)
    for rule in DUTY_RULES:
        # A copy that was in time for a planned discharge may be too early for the actual one.
        if rule not in finished and _is_recorded_as(plan, rule, "met"):
            duty_tracking.reopen_duty(plan, rule)
    if before or plan.clocks:
        named = ", ".join(clock.rule_id for clock in plan.clocks) or "none binds"
        plan.note(EntryKind.CLOCKS_COMPUTED, now, f"Duties computed: {named}.", clocks=clock_rows(plan))


def process_duties(plan: DischargeCase, now: datetime) -> None:
    """Open the tasks of the notices to deliver now, and record which duties were met and which were missed."""
    duty_tracking.record_met_and_missed(plan, _tracked_duties(plan), _done_at(plan, now), now)
    _cancel_moot_tasks(plan, now)
    for clock in _open_duties(plan, now):
        _work_duty(plan, clock, now)


def upcoming_timers(plan: DischargeCase, now: datetime) -> Iterator[datetime]:
    """The instants (UTC) at which a form may be delivered, a duty is missed, or a planned discharge day has passed."""
    yield from duty_tracking.upcoming_timers(plan, _tracked_duties(plan), _done_at(plan, now))
    for clock in _open_duties(plan, now):
        opens = _earliest_delivery(plan, clock)
        if opens is not None and opens > now:
            yield opens
    planned = plan.planned_discharge_day(now)
    if planned is not None and plan.picture.discharged_at is None:
        yield utc_of_local_time(planned, END_OF_DAY, plan.tz) + SECOND


def is_resolved(plan: DischargeCase, now: datetime) -> bool:
    """Whether every duty was done, or is recorded as missed."""
    return not any(True for _ in duty_tracking.upcoming_timers(plan, _tracked_duties(plan), _done_at(plan, now)))


def _tracked_duties(plan: DischargeCase) -> tuple[Duty, ...]:
    """The duties tracked now: the second copy is measured by the actual discharge and not by the planned one."""
    planned_only = plan.picture.discharged_at is None
    rules = {rule for rule in DUTY_RULES if not (rule == IM_COPY and planned_only)}
    return tuple((clock, clock.due[0]) for clock in plan.clocks if clock.rule_id in rules)


def _done_at(plan: DischargeCase, now: datetime) -> DoneAt:
    finished = completed_duties(plan, now)
    return lambda clock, _due: finished.get(clock.rule_id)


def _open_duties(plan: DischargeCase, now: datetime) -> tuple[Clock, ...]:
    """The duties still to be done."""
    finished = completed_duties(plan, now)
    return tuple(
        clock
        for clock in plan.clocks
        if clock.rule_id in DUTY_RULES and clock.set_aside is None and clock.rule_id not in finished
    )


def _earliest_delivery(plan: DischargeCase, clock: Clock) -> datetime | None:
    """Earliest instant at which a form may be delivered; None: at once."""
    if clock.rule_id == MOON and plan.picture.observation_began_at is not None:
        return plan.picture.observation_began_at + LONG_OBSERVATION
    return clock.opens_at


def _work_duty(plan: DischargeCase, clock: Clock, now: datetime) -> None:
    opens, rule = _earliest_delivery(plan, clock), clock.rule_id
    if (opens is not None and now < opens) or (rule in HOSPITAL_FORM_RULES and plan.picture.discharged_at is not None):
        return
    what = current_subject(plan, rule, now)
    subj = task_subject(rule, what)
    if rule in RECORD_RULES:
        _open_task(plan, TaskKind.QIO_RECORDS, subj, f"Send the QIO the records: {clock.title}", clock, now)
    elif rule in REASON_RULES and (subj not in plan.explanations or _is_blocked(plan, rule, subj)):
        _open_task(plan, TaskKind.DETAILED_REASON, subj, f"Write the reason for the member: {clock.title}", clock, now)
    else:
        if plan.task_about(TaskKind.FORM_DELIVERY, subj) is None:
            plan.queue_letter(NOTICE_BY_RULE[rule], subj)
        why = f"Have it delivered, explained and signed: {clock.title}"
        _open_task(plan, TaskKind.FORM_DELIVERY, subj, why, clock, now)


def _is_blocked(plan: DischargeCase, rule: str, subj: str) -> bool:
    """Whether the notice could not be rendered with the reason given."""
    return PendingLetter(notice=NOTICE_BY_RULE[rule], about=subj) in plan.blocked


def _open_task(plan: DischargeCase, kind: TaskKind, subj: str, why: str, clock: Clock, now: datetime) -> None:
    task, due_at = plan.task_about(kind, subj), clock.due[0].at
    if task is None:
        needs = plan.member_context().needs
        plan.add_task(kind, Role.DISCHARGE_PLANNER, why, now, due_at, about=subj, needs=needs)
    elif task.due_at != max(due_at, task.opened_at):
        plan.move_task(task, max(due_at, task.opened_at), now)


def _cancel_moot_tasks(plan: DischargeCase, now: datetime) -> None:
    """Cancel delivery tasks that are moot: done, about another subject now, or after the member's discharge."""
    owed = {task_subject(clock.rule_id, current_subject(plan, clock.rule_id, now)) for clock in _open_duties(plan, now)}
    for task in plan.open_tasks(*DUTY_TASK_KINDS):
        rule = rule_of(task)
        if task.about not in owed:
            plan.cancel_tasks(now, "it is not required any more", task)
        elif (
            rule in HOSPITAL_FORM_RULES
            and plan.picture.discharged_at is not None
            and _is_recorded_as(plan, rule, "missed")
        ):
            plan.cancel_tasks(now, "the member has left, and the record says that it was not delivered", task)
    plan.owed = [one for one in plan.owed if one.notice not in NOTICE_BY_RULE.values() or one.about in owed]
    for letter in [one for one in plan.blocked if one.notice in NOTICE_BY_RULE.values() and one.about not in owed]:
        letters.drop_blocked(plan, letter, now)


def _is_recorded_as(plan: DischargeCase, rule: str, judged: str) -> bool:
    """Whether this rule's duty is recorded as `met` or `missed`."""
    return any(key.startswith(f"{rule}/") and word == judged for key, word in plan.judged.items())
