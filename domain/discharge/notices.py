"""The notices of Medicare on their way: who has to hand over which form by when, and what became of each duty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.calendars import END_OF_DAY, at_local
from domain.cases import duty_tracking as duty_watch
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import Task, TaskKind
from domain.clocks.engine import Clock
from domain.discharge import letters as discharge_letters
from domain.discharge.case import DischargePlan
from domain.discharge.notice_duties import (
    EXPLAINED,
    FILES,
    FORMS,
    IM_COPY,
    IN_HOSPITAL,
    LONG_OBSERVATION,
    MOON,
    OWED,
    about,
    done,
    events,
    settled,
)
from domain.discharge.parts import OwedLetter
from domain.journal import EntryKind
from domain.vocabulary import Role

OF_DUTIES = (TaskKind.FORM_DELIVERY, TaskKind.DETAILED_REASON, TaskKind.QIO_RECORDS)
SECOND = timedelta(seconds=1)


def subject(rule_id: str, what: str) -> str:
    """What a task of a duty is about: ``MA-NOMNC 2026-12-01``."""
    return f"{rule_id} {what}".rstrip()


def rule_of(task: Task) -> str:
    return (task.about or "").split(" ", 1)[0]


def what_of(task: Task) -> str:
    return (task.about or "").partition(" ")[2]


def is_stale(plan: DischargePlan, now: datetime) -> bool:
    """Whether something happened since the duties were computed."""
    return plan.duties_of != events(plan, now)


def computed(plan: DischargePlan, clocks: tuple[Clock, ...], now: datetime) -> None:
    """Take in the duties as they are after everything that happened. One that is about something else now is owed anew."""
    before = {clock.rule_id for clock in plan.clocks}
    plan.duties_of, plan.clocks_stale = events(plan, now), False
    plan.clocks = settled(plan, clocks)
    for rule in OWED:
        what = about(plan, rule, now)
        if what and plan.duty_keys.get(rule, what) != what:
            duty_watch.reopen(plan, rule)
        if what:
            plan.duty_keys[rule] = what
    finished = done(plan, now)
    for rule in OWED:
        # A copy that was in time for a discharge that did not come about is too early for the one that did.
        if rule not in finished and _is(plan, rule, "met"):
            duty_watch.reopen(plan, rule)
    if before or plan.clocks:
        named = ", ".join(clock.rule_id for clock in plan.clocks) or "none binds"
        plan.note(EntryKind.CLOCKS_COMPUTED, now, f"Duties computed: {named}.", clocks=clock_rows(plan))


def ring(plan: DischargePlan, now: datetime) -> None:
    """Open what has to be handed over now, and record what was done in time and what was not."""
    duty_watch.judge(plan, _judged_now(plan), done(plan, now), now)
    _end_moot(plan, now)
    for clock in _owed(plan, now):
        _see_to(plan, clock, now)


def alarms(plan: DischargePlan, now: datetime) -> Iterator[datetime]:
    """The instants (UTC) at which a form has to be on its way, at which a duty is missed, and at which a plan has passed."""
    finished = done(plan, now)
    yield from duty_watch.alarms(plan, _judged_now(plan), finished)
    for clock in _owed(plan, now):
        opens = _opens(plan, clock)
        if opens is not None and opens > now:
            yield opens
    planned = plan.planned_day(now)
    if planned is not None and plan.picture.discharged_at is None:
        yield at_local(planned, END_OF_DAY, plan.tz) + SECOND


def is_settled(plan: DischargePlan, now: datetime) -> bool:
    """Whether every duty was done, or is recorded as missed."""
    finished, watched = done(plan, now), _judged_now(plan)
    return not any(True for _ in duty_watch.alarms(plan, watched, finished))


def _judged_now(plan: DischargePlan) -> tuple[str, ...]:
    """The second copy is judged by the discharge as it came and not as it was planned."""
    planned_only = plan.picture.discharged_at is None
    return tuple(rule for rule in OWED if not (rule == IM_COPY and planned_only))


def _owed(plan: DischargePlan, now: datetime) -> tuple[Clock, ...]:
    """The duties that are still to be done."""
    finished = done(plan, now)
    return tuple(
        clock
        for clock in plan.clocks
        if clock.rule_id in OWED and clock.set_aside is None and clock.rule_id not in finished
    )


def _opens(plan: DischargePlan, clock: Clock) -> datetime | None:
    """When a form may be handed over; None for at once."""
    if clock.rule_id == MOON and plan.picture.observation_began_at is not None:
        return plan.picture.observation_began_at + LONG_OBSERVATION
    return clock.opens_at


def _see_to(plan: DischargePlan, clock: Clock, now: datetime) -> None:
    opens, rule = _opens(plan, clock), clock.rule_id
    if (opens is not None and now < opens) or (rule in IN_HOSPITAL and plan.picture.discharged_at is not None):
        return
    what = about(plan, rule, now)
    subj = subject(rule, what)
    if rule in FILES:
        _open(plan, TaskKind.QIO_RECORDS, subj, f"Send the QIO the records: {clock.title}", clock, now)
    elif rule in EXPLAINED and (subj not in plan.explanations or _is_refused(plan, rule, subj)):
        _open(plan, TaskKind.DETAILED_REASON, subj, f"Say why, for the member: {clock.title}", clock, now)
    else:
        if plan.task_about(TaskKind.FORM_DELIVERY, subj) is None:
            plan.owe_letter(FORMS[rule], subj)
        why = f"Have it delivered, explained and signed: {clock.title}"
        _open(plan, TaskKind.FORM_DELIVERY, subj, why, clock, now)


def _is_refused(plan: DischargePlan, rule: str, subj: str) -> bool:
    """Whether the notice could not be written with the reason as it was given."""
    return OwedLetter(notice=FORMS[rule], about=subj) in plan.blocked


def _open(plan: DischargePlan, kind: TaskKind, subj: str, why: str, clock: Clock, now: datetime) -> None:
    task, due_at = plan.task_about(kind, subj), clock.due[0].at
    if task is None:
        needs = plan.looked_up().needs
        plan.new_task(kind, Role.DISCHARGE_PLANNER, why, now, due_at, about=subj, needs=needs)
    elif task.due_at != max(due_at, task.opened_at):
        plan.move_task(task, max(due_at, task.opened_at), now)


def _end_moot(plan: DischargePlan, now: datetime) -> None:
    """End what nobody has to hand over any more: it is done, it is about something else now, or the member has left."""
    owed = {subject(clock.rule_id, about(plan, clock.rule_id, now)) for clock in _owed(plan, now)}
    for task in plan.open_tasks(*OF_DUTIES):
        rule = rule_of(task)
        if task.about not in owed:
            plan.cancel_tasks(now, "it is not owed any more", task)
        elif rule in IN_HOSPITAL and plan.picture.discharged_at is not None and _is(plan, rule, "missed"):
            plan.cancel_tasks(now, "the member has left, and the record says that it was not delivered", task)
    plan.owed = [one for one in plan.owed if one.notice not in FORMS.values() or one.about in owed]
    for letter in [one for one in plan.blocked if one.notice in FORMS.values() and one.about not in owed]:
        discharge_letters.forget(plan, letter, now)


def _is(plan: DischargePlan, rule: str, judged: str) -> bool:
    """Whether the record says of this rule's duty that it was `met` or `missed`."""
    return any(key.startswith(f"{rule}/") and word == judged for key, word in plan.judged.items())
