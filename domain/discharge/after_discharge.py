"""Work of the thirty days after a discharge: calls, visits, medications, reminders, and the readmission watch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.calendars import END_OF_DAY, local_day, utc_of_local_time
from domain.case_numbers import care_management_number
from domain.cases.tasks import TaskKind
from domain.discharge import before_discharge, letters
from domain.discharge.case import DischargeCase
from domain.discharge.parts import CareManagementReferral, LinkedReadmission, PendingLetter, TransitionGap
from domain.discharge.policy import DueFrom, TransitionTask, reminder_at, task_due
from domain.errors import ImpossibleState
from domain.journal import Actor, EntryKind
from domain.letters.stay_facts import Appointment
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.readmissions import EarlierStay, readmission_links
from domain.vocabulary import Lob, NoticeKind, Role

CALL, CONTACT, RECONCILIATION = "post_discharge_call", "patient_engagement", "medication_reconciliation"
EQUIPMENT, PCP, WATCH = "equipment_check", "pcp_notice", "readmission_watch"
KIND_BY_TASK = {
    CALL: TaskKind.POST_DISCHARGE_CALL,
    "visit_high_complexity": TaskKind.FOLLOW_UP_VISIT,
    "visit_moderate_complexity": TaskKind.FOLLOW_UP_VISIT,
    "behavioral_follow_up_7": TaskKind.FOLLOW_UP_VISIT,
    "behavioral_follow_up_30": TaskKind.FOLLOW_UP_VISIT,
    "medication_check_in": TaskKind.MEDICATION_CHECK_IN,
    RECONCILIATION: TaskKind.MEDICATION_RECONCILIATION,
    "education": TaskKind.EDUCATION,
    EQUIPMENT: TaskKind.EQUIPMENT_CHECK,
    "hand_over_acknowledged": TaskKind.HAND_OVER,
    PCP: TaskKind.PCP_NOTICE,
    CONTACT: TaskKind.MEMBER_CONTACT,
}
TASK_KINDS = (*KIND_BY_TASK.values(), TaskKind.CHECKLIST_ITEM)
SUMMARY = PendingLetter(notice=NoticeKind.DISCHARGE_SUMMARY, about="discharge")
_DAY = timedelta(days=1)


def transition_tasks(plan: DischargeCase) -> tuple[TransitionTask, ...]:
    """The tasks of this discharge. A member whose discharge setting is unknown is called as if at home."""
    setting = plan.target.setting if plan.target is not None else LevelOfCare.HOME
    found = plan.rules().transitions.tasks_for(
        setting, plan.lob or Lob.MEDICARE_ADVANTAGE, plan.complexity, behavioral=plan.picture.behavioral
    )
    return tuple(one for one in found if one.due_from is DueFrom.DISCHARGE)


def due_instant(plan: DischargeCase, task: TransitionTask) -> datetime:
    """Due instant (UTC) of a task. Raises ImpossibleState while the member is still in the hospital."""
    return task_due(task, discharge_instant(plan), plan.rules().calendar, plan.tz)


def discharge_instant(plan: DischargeCase) -> datetime:
    """Instant of the discharge (UTC). Raises ImpossibleState before it."""
    if plan.picture.discharged_at is None:
        raise ImpossibleState(f"{plan.case_id}: nobody was discharged")
    return plan.picture.discharged_at


def update_tasks(plan: DischargeCase, now: datetime) -> None:
    """Record the discharge (or its cancellation), and open and cancel the tasks that follow a discharge."""
    if plan.picture.discharged_at != plan.left_at:
        _apply_discharge_change(plan, now)
    if plan.left_at is None:
        return
    wanted = {
        task.task: task for task in transition_tasks(plan) if task.task not in plan.done and _is_needed(plan, task.task)
    }
    for open_task in plan.open_tasks(*TASK_KINDS):
        name = open_task.about or ""
        if name not in wanted and open_task.kind not in before_discharge.USEFUL_AFTER_DISCHARGE:
            plan.cancel_tasks(now, "it is done, or not needed after this discharge", open_task)
    _open_summary_tasks(plan, now)
    for task in wanted.values():
        _open_task(plan, task, now)


def _apply_discharge_change(plan: DischargeCase, now: datetime) -> None:
    before, plan.left_at = plan.left_at, plan.picture.discharged_at
    if plan.left_at is None:
        plan.cancel_tasks(now, "the discharge was canceled", *plan.open_tasks(*TASK_KINDS))
        plan.note(EntryKind.PLAN_CHANGED, now, "The discharge was canceled; the plan continues.")
        before_discharge.drop_told_setting(plan)
        return
    if before is None:
        before_discharge.record_departure(plan, now)
        undone = ", ".join(item.replace("_", " ") for item in plan.left_undone) or "nothing"
        plan.note(EntryKind.PLAN_CHANGED, now, f"The member has left. Not done before: {undone}.")


def _is_needed(plan: DischargeCase, name: str) -> bool:
    """Whether a task is needed. Not needed: checks of no equipment, contacts during an open call, PCP calls after a letter."""
    match name:
        case "readmission_watch":
            return False
        case "equipment_check":
            return plan.equipment is None or bool(plan.equipment.items)
        case "pcp_notice":
            return plan.member_context().pcp_npi is None
        case "patient_engagement":
            return not any(task.task == CALL for task in transition_tasks(plan)) or CALL in plan.done
        case "medication_reconciliation":
            return not plan.open_tasks(TaskKind.MEDICATION_RECONCILIATION) or _is_reconciliation_open(plan)
    return True


def _is_reconciliation_open(plan: DischargeCase) -> bool:
    return plan.task_about(TaskKind.MEDICATION_RECONCILIATION, RECONCILIATION) is not None


def _open_task(plan: DischargeCase, task: TransitionTask, now: datetime) -> None:
    kind = KIND_BY_TASK.get(task.task, TaskKind.CHECKLIST_ITEM)
    found, due_at = plan.task_about(kind, task.task), due_instant(plan, task)
    if found is None and now <= readmission_watch_end(plan):
        professions = plan.member_context().nurse_professions if task.role is Role.NURSE else ()
        why, needs = _task_reason(plan, task), plan.member_context().needs
        plan.add_task(kind, task.role, why, now, due_at, about=task.task, professions=professions, needs=needs)
    elif found is not None and found.due_at != max(due_at, found.opened_at):
        plan.move_task(found, max(due_at, found.opened_at), now)


def _task_reason(plan: DischargeCase, task: TransitionTask) -> str:
    if task.task == CALL and plan.calls:
        return f"{task.title}. Attempt {len(plan.calls) + 1}: nobody was reached so far"
    return task.title


# -- the summary -------------------------------------------------------------------------------------------------------


def queue_summary(plan: DischargeCase, now: datetime) -> None:
    """Queue the discharge summary, once: as soon as its content is complete, and at the latest when the PCP notice is due.

    A summary that could not be written is tried again once the missing content is known.
    """
    if plan.left_at is None:
        return
    if SUMMARY in plan.blocked:
        if _is_summary_complete(plan) and not plan.retold:
            plan.retold = True
            letters.requeue(plan, SUMMARY.notice, SUMMARY.about, now)
    elif not plan.summarized and (_is_summary_complete(plan) or now >= summary_due(plan)):
        plan.summarized, plan.retold = True, _is_summary_complete(plan)
        plan.queue_letter(SUMMARY.notice, SUMMARY.about)


def _is_summary_complete(plan: DischargeCase) -> bool:
    return not _missing_for_summary(plan)


def _missing_for_summary(plan: DischargeCase) -> tuple[str, ...]:
    """Items that the summary still lacks: the target setting, the medications, the warning signs."""
    taught = plan.teaching is not None and bool(plan.teaching.warning_signs)
    known = {
        before_discharge.TARGET: plan.target is not None,
        before_discharge.RECONCILED: plan.medicines is not None,
        before_discharge.TAUGHT: taught,
    }
    return tuple(item for item, is_known in known.items() if not is_known)


def _open_summary_tasks(plan: DischargeCase, now: datetime) -> None:
    """Open a task for every item that the summary lacks, until the summary is written."""
    if any(letter.notice is SUMMARY.notice for letter in plan.letters.values()):
        return
    for item in plan.rules().transitions.checklist:
        kind = before_discharge.KIND_BY_ITEM.get(item.item)
        if item.item in _missing_for_summary(plan) and kind is not None and not plan.open_tasks(kind):
            why = f"{item.title}. The summary of the discharge waits for it"
            needs = plan.member_context().needs
            plan.add_task(kind, item.role, why, now, summary_due(plan), about=item.item, needs=needs)


def summary_due(plan: DischargeCase) -> datetime:
    """Latest instant (UTC) to which the summary can wait for its content: the due date of the PCP notice."""
    task = next((one for one in plan.rules().transitions.tasks if one.task == PCP), None)
    return due_instant(plan, task) if task is not None else discharge_instant(plan)


# -- reminders ---------------------------------------------------------------------------------------------------------


def _unsent_reminders(plan: DischargeCase) -> Iterator[tuple[str, Appointment, datetime]]:
    """Every reminder not sent yet, with its key and instant (UTC)."""
    policy = plan.rules()
    for appointment in plan.appointments:
        for task in policy.transitions.tasks:
            key = f"{appointment.appointment_id}/{task.task}"
            if task.due_from is DueFrom.APPOINTMENT and key not in plan.reminded:
                yield key, appointment, reminder_at(task, appointment.at, policy.calendar, plan.tz, policy.reminders_at)


def queue_reminders(plan: DischargeCase, now: datetime) -> None:
    """Queue the reminders that are due: one letter for each appointment, however many reminders are due at once."""
    for key, appointment, at in tuple(_unsent_reminders(plan)):
        if at > now:
            continue
        plan.reminded.append(key)
        if appointment.at > now:
            plan.queue_letter(NoticeKind.APPOINTMENT_REMINDER, appointment.appointment_id)


# -- readmission -------------------------------------------------------------------------------------------------------


def readmission_watch_end(plan: DischargeCase) -> datetime:
    """The end of the last day of the readmission watch (UTC)."""
    day = local_day(discharge_instant(plan), plan.tz) + plan.rules().transitions.readmission.days * _DAY
    return utc_of_local_time(day, END_OF_DAY, plan.tz)


def pending_readmission_checks(plan: DischargeCase) -> tuple[tuple[int, datetime], ...]:
    """Readmission checks not done yet: the day after the discharge, and the instant (UTC) at that day's end."""
    if plan.left_at is None:
        return ()
    day = local_day(plan.left_at, plan.tz)
    days = plan.rules().transitions.readmission.looks_on_days
    return tuple((n, utc_of_local_time(day + n * _DAY, END_OF_DAY, plan.tz)) for n in days if n not in plan.looked_on)


def readmission_check_due(plan: DischargeCase, now: datetime) -> int | None:
    """The day of the readmission check to do now: the latest of those that are due."""
    return max((day for day, at in pending_readmission_checks(plan) if at <= now), default=None)


def mark_readmission_checked(plan: DischargeCase, day: int) -> None:
    plan.looked_on.extend(n for n, _ in pending_readmission_checks(plan) if n <= day)


def link_readmission(plan: DischargeCase, stay_id: str, admitted_at: datetime, now: datetime) -> bool:
    """Link an admission that closely follows this discharge, and tell whether it was linked. Linking has no other effect."""
    if plan.left_at is None or stay_id in {plan.picture.stay_id, *(one.stay_id for one in plan.readmissions)}:
        return False
    earlier = EarlierStay(case_id=plan.picture.stay_id, discharged_at=plan.left_at, ms_drg=plan.picture.working_drg)
    rule = plan.rules().transitions.readmission
    for found in readmission_links(rule, admitted_at, None, (earlier,), plan.tz):
        linked = LinkedReadmission(stay_id=stay_id, admitted_at=admitted_at, days_since=found.days_since)
        plan.readmissions.append(linked)
        words = f"Readmission linked: {stay_id}, day {found.days_since} after the discharge. It has no other effect."
        plan.note(EntryKind.READMISSION_LINKED, now, words)
        return True
    return False


# -- gaps --------------------------------------------------------------------------------------------------------------


def record_gaps(plan: DischargeCase, what: tuple[str, ...], found_by: Actor, found_in: str, at: datetime) -> None:
    """Record gaps found after the discharge: the provider gets feedback, and care management gets a referral."""
    known = {gap.what for gap in plan.gaps}
    new = tuple(dict.fromkeys(one for one in what if one not in known))
    if not new:
        return
    plan.gaps.extend(TransitionGap(what=one, found_by=found_by.id, found_in=found_in, at=at) for one in new)
    plan.note(
        EntryKind.GAP_FOUND,
        at,
        f"Found missing after the discharge: {'; '.join(one.rstrip('.') for one in new)}.",
        found_by,
    )
    plan.queue_letter(NoticeKind.PROVIDER_FEEDBACK, f"{len(plan.gaps) - len(new)} to {len(plan.gaps)}")
    number = len(plan.referrals) + 1
    plan.referrals.append(
        CareManagementReferral(
            case_id=care_management_number(plan.case_id, number), raised_by=found_by.id, what="; ".join(new), at=at
        )
    )


# -- the end -----------------------------------------------------------------------------------------------------------


def ends_at(plan: DischargeCase) -> datetime:
    """End of the follow-up (UTC): the end of the readmission watch, or the last reminder if that comes later."""
    return max((readmission_watch_end(plan), *(at for _, _, at in _unsent_reminders(plan))))


def upcoming_timers(plan: DischargeCase, now: datetime) -> Iterator[datetime]:
    """The instants (UTC) after `now` at which a reminder, a readmission check, the summary or the end is due."""
    found = [at for _, _, at in _unsent_reminders(plan)] + [at for _, at in pending_readmission_checks(plan)]
    if plan.left_at is not None:
        found.append(summary_due(plan))
        found.append(ends_at(plan) + timedelta(seconds=1))
    yield from (at for at in found if at > now)
