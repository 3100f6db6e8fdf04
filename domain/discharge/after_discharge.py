"""The thirty days after a discharge: calls, visits, medicines, reminders, and the watch for a readmission."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.calendars import END_OF_DAY, at_local, local_day
from domain.cases.tasks import TaskKind
from domain.discharge import before_discharge as discharge_before
from domain.discharge import letters as discharge_letters
from domain.discharge.case import DischargePlan
from domain.discharge.parts import Gap, LinkedReadmission, OwedLetter, Referral
from domain.discharge.policy import DueFrom, TransitionTask, reminder_at, task_due
from domain.journal import Actor, EntryKind
from domain.letters.stay_facts import Appointment
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.readmissions import EarlierStay, readmission_links
from domain.vocabulary import Lob, NoticeKind, Role

CALL, CONTACT, RECONCILIATION = "post_discharge_call", "patient_engagement", "medication_reconciliation"
EQUIPMENT, PCP, WATCH = "equipment_check", "pcp_notice", "readmission_watch"
KINDS = {
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
OF_TASKS = (*KINDS.values(), TaskKind.CHECKLIST_ITEM)
SUMMARY = OwedLetter(notice=NoticeKind.DISCHARGE_SUMMARY, about="discharge")
_DAY = timedelta(days=1)


def tasks(plan: DischargePlan) -> tuple[TransitionTask, ...]:
    """The tasks of this discharge. Where nobody said where the member went, they are called as if they were at home."""
    setting = plan.target.setting if plan.target is not None else LevelOfCare.HOME
    found = plan.rules().transitions.tasks_for(
        setting, plan.lob or Lob.MEDICARE_ADVANTAGE, plan.complexity, behavioral=plan.picture.behavioral
    )
    return tuple(one for one in found if one.due_from is DueFrom.DISCHARGE)


def due(plan: DischargePlan, task: TransitionTask) -> datetime:
    """When a task is due (UTC). Raises LookupError while the member is still in the hospital."""
    return task_due(task, left(plan), plan.rules().calendar, plan.tz)


def left(plan: DischargePlan) -> datetime:
    """The discharge (UTC). Raises LookupError while there was none."""
    if plan.picture.discharged_at is None:
        raise LookupError(f"{plan.case_id}: nobody was discharged")
    return plan.picture.discharged_at


def keep_going(plan: DischargePlan, now: datetime) -> None:
    """Take note of the discharge (or that there was none after all), and open what has to be done after it."""
    if plan.picture.discharged_at != plan.left_at:
        _turn(plan, now)
    if plan.left_at is None:
        return
    wanted = {task.task: task for task in tasks(plan) if task.task not in plan.done and _is_wanted(plan, task.task)}
    for open_task in plan.open_tasks(*OF_TASKS):
        name = open_task.about or ""
        if name not in wanted and open_task.kind not in discharge_before.STILL_OF_USE:
            plan.cancel_tasks(now, "it is done, or not needed after this discharge", open_task)
    _ask_for_the_summary(plan, now)
    for task in wanted.values():
        _open(plan, task, now)


def _turn(plan: DischargePlan, now: datetime) -> None:
    before, plan.left_at = plan.left_at, plan.picture.discharged_at
    if plan.left_at is None:
        plan.cancel_tasks(now, "the member has not left after all", *plan.open_tasks(*OF_TASKS))
        plan.note(EntryKind.PLAN_CHANGED, now, "The discharge was taken back; the plan goes on.")
        return
    if before is None:
        discharge_before.leave(plan, now)
        undone = ", ".join(item.replace("_", " ") for item in plan.left_undone) or "nothing"
        plan.note(EntryKind.PLAN_CHANGED, now, f"The member has left. Not done before: {undone}.")


def _is_wanted(plan: DischargePlan, name: str) -> bool:
    """What is not asked twice: equipment that nobody ordered, a contact while the call is open, a PCP who has a letter."""
    match name:
        case "readmission_watch":
            return False
        case "equipment_check":
            return plan.equipment is None or bool(plan.equipment.items)
        case "pcp_notice":
            return plan.looked_up().pcp_npi is None
        case "patient_engagement":
            return not any(task.task == CALL for task in tasks(plan)) or CALL in plan.done
        case "medication_reconciliation":
            return not plan.open_tasks(TaskKind.MEDICATION_RECONCILIATION) or _reopened(plan)
    return True


def _reopened(plan: DischargePlan) -> bool:
    return plan.task_about(TaskKind.MEDICATION_RECONCILIATION, RECONCILIATION) is not None


def _open(plan: DischargePlan, task: TransitionTask, now: datetime) -> None:
    kind = KINDS.get(task.task, TaskKind.CHECKLIST_ITEM)
    found, due_at = plan.task_about(kind, task.task), due(plan, task)
    if found is None and now <= watch_ends(plan):
        professions = plan.looked_up().nurse_professions if task.role is Role.NURSE else ()
        why, needs = _why(plan, task), plan.looked_up().needs
        plan.new_task(kind, task.role, why, now, due_at, about=task.task, professions=professions, needs=needs)
    elif found is not None and found.due_at != max(due_at, found.opened_at):
        plan.move_task(found, max(due_at, found.opened_at), now)


def _why(plan: DischargePlan, task: TransitionTask) -> str:
    if task.task == CALL and plan.calls:
        return f"{task.title}. Attempt {len(plan.calls) + 1}: nobody was reached so far"
    return task.title


# -- the summary -------------------------------------------------------------------------------------------------------


def summarize(plan: DischargePlan, now: datetime) -> None:
    """Owe the summary, once: when everything is known that it has to tell, and in any case when the PCP has to be told.

    One that could not be written for want of something is tried again when that is known.
    """
    if plan.left_at is None:
        return
    if SUMMARY in plan.blocked:
        if _can_tell(plan) and not plan.retold:
            plan.retold = True
            discharge_letters.write_again(plan, SUMMARY.notice, SUMMARY.about, now)
    elif not plan.summarized and (_can_tell(plan) or now >= summary_due(plan)):
        plan.summarized, plan.retold = True, _can_tell(plan)
        plan.owe_letter(SUMMARY.notice, SUMMARY.about)


def _can_tell(plan: DischargePlan) -> bool:
    return not _lacking(plan)


def _lacking(plan: DischargePlan) -> tuple[str, ...]:
    """What the summary cannot tell yet: where the member went, what they take, which signs call for help."""
    taught = plan.teaching is not None and bool(plan.teaching.warning_signs)
    known = {
        discharge_before.TARGET: plan.target is not None,
        discharge_before.RECONCILED: plan.medicines is not None,
        discharge_before.TAUGHT: taught,
    }
    return tuple(item for item, is_known in known.items() if not is_known)


def _ask_for_the_summary(plan: DischargePlan, now: datetime) -> None:
    """What the summary lacks is somebody's task until it is written."""
    if any(letter.notice is SUMMARY.notice for letter in plan.letters.values()):
        return
    for item in plan.rules().transitions.checklist:
        kind = discharge_before.KINDS.get(item.item)
        if item.item in _lacking(plan) and kind is not None and not plan.open_tasks(kind):
            why = f"{item.title}. The summary of the discharge waits for it"
            needs = plan.looked_up().needs
            plan.new_task(kind, item.role, why, now, summary_due(plan), about=item.item, needs=needs)


def summary_due(plan: DischargePlan) -> datetime:
    """Until when the summary can wait for what it has to tell (UTC): as long as the PCP has to be told by."""
    task = next((one for one in plan.rules().transitions.tasks if one.task == PCP), None)
    return due(plan, task) if task is not None else left(plan)


# -- reminders ---------------------------------------------------------------------------------------------------------


def _reminders(plan: DischargePlan) -> Iterator[tuple[str, Appointment, datetime]]:
    """Every reminder that was not sent, with its key and instant (UTC)."""
    policy = plan.rules()
    for appointment in plan.appointments:
        for task in policy.transitions.tasks:
            key = f"{appointment.appointment_id}/{task.task}"
            if task.due_from is DueFrom.APPOINTMENT and key not in plan.reminded:
                yield key, appointment, reminder_at(task, appointment.at, policy.calendar, plan.tz, policy.reminders_at)


def remind(plan: DischargePlan, now: datetime) -> None:
    """Owe the reminders whose time has come: one letter for each appointment, however many are due at once."""
    for key, appointment, at in tuple(_reminders(plan)):
        if at > now:
            continue
        plan.reminded.append(key)
        if appointment.at > now:
            plan.owe_letter(NoticeKind.APPOINTMENT_REMINDER, appointment.appointment_id)


# -- readmission -------------------------------------------------------------------------------------------------------


def watch_ends(plan: DischargePlan) -> datetime:
    """The end of the last day of the watch (UTC)."""
    day = local_day(left(plan), plan.tz) + plan.rules().transitions.readmission.days * _DAY
    return at_local(day, END_OF_DAY, plan.tz)


def looks(plan: DischargePlan) -> tuple[tuple[int, datetime], ...]:
    """The looks that were not taken yet: the day after the discharge, and the instant (UTC) at that day's end."""
    if plan.left_at is None:
        return ()
    day = local_day(plan.left_at, plan.tz)
    days = plan.rules().transitions.readmission.looks_on_days
    return tuple((n, at_local(day + n * _DAY, END_OF_DAY, plan.tz)) for n in days if n not in plan.looked_on)


def look_due(plan: DischargePlan, now: datetime) -> int | None:
    """The day of the look that has to be taken now: the latest of those that are due."""
    return max((day for day, at in looks(plan) if at <= now), default=None)


def looked(plan: DischargePlan, day: int) -> None:
    plan.looked_on.extend(n for n, _ in looks(plan) if n <= day)


def link(plan: DischargePlan, stay_id: str, admitted_at: datetime, now: datetime) -> bool:
    """Link an admission that follows this discharge closely; whether it does. It has no other consequence."""
    if plan.left_at is None or stay_id in {plan.picture.stay_id, *(one.stay_id for one in plan.readmissions)}:
        return False
    earlier = EarlierStay(case_id=plan.picture.stay_id, discharged_at=plan.left_at, ms_drg=plan.picture.working_drg)
    rule = plan.rules().transitions.readmission
    for found in readmission_links(rule, admitted_at, None, (earlier,), plan.tz):
        linked = LinkedReadmission(stay_id=stay_id, admitted_at=admitted_at, days_since=found.days_since)
        plan.readmissions.append(linked)
        words = f"Readmission linked: {stay_id}, day {found.days_since} after the discharge. Nothing follows from it."
        plan.note(EntryKind.READMISSION_LINKED, now, words)
        return True
    return False


# -- gaps --------------------------------------------------------------------------------------------------------------


def find_gaps(plan: DischargePlan, what: tuple[str, ...], found_by: Actor, found_in: str, at: datetime) -> None:
    """Keep what was found missing: the provider hears of it, and care management gets a referral."""
    known = {gap.what for gap in plan.gaps}
    new = tuple(dict.fromkeys(one for one in what if one not in known))
    if not new:
        return
    plan.gaps.extend(Gap(what=one, found_by=found_by.id, found_in=found_in, at=at) for one in new)
    plan.note(
        EntryKind.GAP_FOUND,
        at,
        f"Found missing after the discharge: {'; '.join(one.rstrip('.') for one in new)}.",
        found_by,
    )
    plan.owe_letter(NoticeKind.PROVIDER_FEEDBACK, f"{len(plan.gaps) - len(new)} to {len(plan.gaps)}")
    number = len(plan.referrals) + 1
    plan.referrals.append(
        Referral(case_id=f"QC-{plan.tail}-CM{number}", raised_by=found_by.id, what="; ".join(new), at=at)
    )


# -- the end -----------------------------------------------------------------------------------------------------------


def ends_at(plan: DischargePlan) -> datetime:
    """When the time after the discharge is over (UTC): with the watch, or with the last reminder if that comes later."""
    return max((watch_ends(plan), *(at for _, _, at in _reminders(plan))))


def alarms(plan: DischargePlan, now: datetime) -> Iterator[datetime]:
    """The instants (UTC) after `now` at which a reminder, a look or the end is due."""
    found = [at for _, _, at in _reminders(plan)] + [at for _, at in looks(plan)]
    if plan.left_at is not None:
        found.append(summary_due(plan))
        found.append(ends_at(plan) + timedelta(seconds=1))
    yield from (at for at in found if at > now)
