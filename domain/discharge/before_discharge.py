"""The checklist before a discharge: the items of the target setting, each with its owner and its due date."""

from __future__ import annotations

from datetime import date, datetime

from domain.calendars import END_OF_DAY, utc_of_local_time
from domain.cases.tasks import TaskKind
from domain.discharge.case import DischargeCase
from domain.discharge.parts import DischargeTarget
from domain.discharge.policy import ChecklistItem, choices_missing, item_due, unanswered_domains
from domain.journal import EntryKind

ASSESSED, TARGET, CHOICES = "needs_assessment", "target_setting", "choices_offered"
AUTHORIZATION, ACCEPTED, RECONCILED = "next_authorization", "referral_accepted", "medicines_reconciled"
TAUGHT = "teach_back"
DONE_BY_LETTER = ("written_plan", "summary_sent")
"""Done when the summary is mailed."""

KIND_BY_ITEM = {
    ASSESSED: TaskKind.NEEDS_ASSESSMENT,
    TARGET: TaskKind.TARGET_SETTING,
    CHOICES: TaskKind.PROVIDER_CHOICES,
    ACCEPTED: TaskKind.REFERRAL,
    "equipment_ordered": TaskKind.EQUIPMENT,
    RECONCILED: TaskKind.MEDICATION_RECONCILIATION,
    "follow_up_booked": TaskKind.FOLLOW_UP_BOOKING,
    "transport_arranged": TaskKind.TRANSPORT,
    TAUGHT: TaskKind.TEACH_BACK,
}
"""The task kind of each item; an item that is not listed is a task without a form."""
CHECKLIST_KINDS = (*KIND_BY_ITEM.values(), TaskKind.CHECKLIST_ITEM, TaskKind.NEXT_AUTHORIZATION)
USEFUL_AFTER_DISCHARGE = frozenset(
    {
        TaskKind.TARGET_SETTING,
        TaskKind.EQUIPMENT,
        TaskKind.MEDICATION_RECONCILIATION,
        TaskKind.TEACH_BACK,
        TaskKind.FOLLOW_UP_BOOKING,
    }
)
"""Tasks that stay useful after the member has left."""


def checklist_items(plan: DischargeCase) -> tuple[ChecklistItem, ...]:
    """The checklist items known so far: the first two need no target, all others do."""
    policy = plan.rules().transitions
    if plan.target is None:
        return tuple(one for one in policy.checklist if one.item in (ASSESSED, TARGET))
    return policy.checklist_for(plan.target.setting)


def update_tasks(plan: DischargeCase, now: datetime) -> None:
    """Open the tasks that are needed before the discharge, and cancel those that the target setting does not need."""
    if plan.picture.discharged_at is not None:
        return
    wanted = {item.item: item for item in checklist_items(plan)}
    for task in plan.open_tasks(*CHECKLIST_KINDS):
        if (task.about or "") not in wanted:
            plan.cancel_tasks(now, "the target setting does not ask for it", task)
    for name, item in wanted.items():
        if name == AUTHORIZATION or name in DONE_BY_LETTER or name in plan.done:
            continue
        _open_task(plan, item, now)


def _open_task(plan: DischargeCase, item: ChecklistItem, now: datetime) -> None:
    kind = KIND_BY_ITEM.get(item.item, TaskKind.CHECKLIST_ITEM)
    task, due_at = plan.task_about(kind, item.item), due_instant(plan, item, now)
    if task is None:
        plan.add_task(
            kind, item.role, _task_reason(plan, item), now, due_at, about=item.item, needs=plan.member_context().needs
        )
    elif task.due_at != max(due_at, task.opened_at):
        plan.move_task(task, max(due_at, task.opened_at), now)


def _task_reason(plan: DischargeCase, item: ChecklistItem) -> str:
    if item.item == ASSESSED and plan.needs:
        left = ", ".join(domain.value.replace("_", " ") for domain in unanswered_domains(plan.needs.values()))
        return f"{item.title}. Not answered yet: {left}"
    if item.item == TARGET and plan.replan is not None:
        return f"{item.title}. {plan.replan}"
    return item.title


def due_instant(plan: DischargeCase, item: ChecklistItem, now: datetime) -> datetime:
    """Due instant (UTC) of an item: its day before the planned discharge; without a plan, the due date of the assessment.

    The assessment never waits for the discharge to come near.
    """
    planned, policy = plan.planned_discharge_day(now), plan.rules()
    if planned is None:
        return policy.assess_by
    by_plan = item_due(item, planned, plan.tz)
    return min(by_plan, policy.assess_by) if item.item == ASSESSED else by_plan


def is_assessed(plan: DischargeCase, now: datetime) -> bool:
    return not unanswered_domains(plan.needs.values())


def set_target(plan: DischargeCase, target: DischargeTarget, at: datetime) -> None:
    """Set the target setting. Items that were done for another setting are opened again."""
    before = plan.target
    if before is not None and before.setting is not target.setting:
        plan.reopen(CHOICES, ACCEPTED, AUTHORIZATION)
    plan.choose_setting(target)
    if target.on is not None:
        plan.finish(TARGET, at)
    else:
        plan.reopen(TARGET)


def require_new_plan(plan: DischargeCase, why: str) -> None:
    """Reopen the target, because it no longer holds: a planner sets a new one."""
    plan.replan = why
    plan.reopen(TARGET)


def missing_choices(plan: DischargeCase, offered: tuple[str, ...]) -> int:
    """Number of providers still to be offered for the target."""
    return 0 if plan.target is None else choices_missing(plan.rules().transitions, plan.target.setting, offered)


def record_departure(plan: DischargeCase, now: datetime) -> None:
    """Record the discharge: list the items not done, and cancel the tasks that are now pointless."""
    undone = [
        item.item for item in checklist_items(plan) if item.item not in plan.done and item.item not in DONE_BY_LETTER
    ]
    plan.left_undone = tuple(undone)
    _adopt_told_setting(plan, now)
    for task in plan.open_tasks(*CHECKLIST_KINDS):
        if task.kind not in USEFUL_AFTER_DISCHARGE:
            plan.cancel_tasks(now, "the member has left", task)


def _adopt_told_setting(plan: DischargeCase, now: datetime) -> None:
    """Take the setting from the discharge itself where nobody had planned one, and end the question for it."""
    told, left_at = plan.rules().transitions.setting_told(plan.picture.disposition), plan.picture.discharged_at
    if told is None or left_at is None:
        return
    if plan.target is None:
        set_target(plan, DischargeTarget(setting=told, on=plan.day(left_at), told_by_hospital=True), now)
        says = f"Nobody had planned where the member goes; the hospital discharged to: {told.value.replace('_', ' ')}."
        plan.note(EntryKind.PLAN_CHANGED, now, says)
    plan.cancel_tasks(now, "the member has left, and where to is known", *plan.open_tasks(TaskKind.TARGET_SETTING))


def drop_told_setting(plan: DischargeCase) -> None:
    """Plan anew where a discharge that told the setting was taken back."""
    if plan.target is not None and plan.target.told_by_hospital:
        require_new_plan(plan, "The hospital took the discharge back.")


def end_of_day(day: date, plan: DischargeCase) -> datetime:
    """The end of a local day (UTC)."""
    return utc_of_local_time(day, END_OF_DAY, plan.tz)
