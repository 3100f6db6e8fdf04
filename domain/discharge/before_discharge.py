"""What is done before a discharge: the checklist of the target setting, item by item, each with its owner and its day."""

from __future__ import annotations

from datetime import date, datetime

from domain.calendars import END_OF_DAY, at_local
from domain.cases.tasks import TaskKind
from domain.discharge.case import DischargePlan
from domain.discharge.parts import Target
from domain.discharge.policy import ChecklistItem, choices_missing, item_due, open_domains

ASSESSED, TARGET, CHOICES = "needs_assessment", "target_setting", "choices_offered"
AUTHORIZATION, ACCEPTED, RECONCILED = "next_authorization", "referral_accepted", "medicines_reconciled"
TAUGHT = "teach_back"
BY_LETTER = ("written_plan", "summary_sent")
"""Done when the summary has left the house."""

KINDS = {
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
"""The task of each item; an item that is not named here is a task without a form."""
ITEM_OF = {kind: item for item, kind in KINDS.items()}
OF_ITEMS = (*KINDS.values(), TaskKind.CHECKLIST_ITEM, TaskKind.NEXT_AUTHORIZATION)
STILL_OF_USE = frozenset(
    {
        TaskKind.TARGET_SETTING,
        TaskKind.EQUIPMENT,
        TaskKind.MEDICATION_RECONCILIATION,
        TaskKind.TEACH_BACK,
        TaskKind.FOLLOW_UP_BOOKING,
    }
)
"""What is worth doing after the member has left, too."""


def items(plan: DischargePlan) -> tuple[ChecklistItem, ...]:
    """The checklist as far as it is known: the first two items need no target, all others do."""
    policy = plan.rules().transitions
    if plan.target is None:
        return tuple(one for one in policy.checklist if one.item in (ASSESSED, TARGET))
    return policy.checklist_for(plan.target.setting)


def keep_going(plan: DischargePlan, now: datetime) -> None:
    """Open what has to be done before the discharge, and end what the target does not ask for any more."""
    if plan.picture.discharged_at is not None:
        return
    wanted = {item.item: item for item in items(plan)}
    for task in plan.open_tasks(*OF_ITEMS):
        if (task.about or "") not in wanted:
            plan.cancel_tasks(now, "the target setting does not ask for it", task)
    for name, item in wanted.items():
        if name == AUTHORIZATION or name in BY_LETTER or name in plan.done:
            continue
        _open(plan, item, now)


def _open(plan: DischargePlan, item: ChecklistItem, now: datetime) -> None:
    kind = KINDS.get(item.item, TaskKind.CHECKLIST_ITEM)
    task, due_at = plan.task_about(kind, item.item), due(plan, item, now)
    if task is None:
        plan.new_task(kind, item.role, _why(plan, item), now, due_at, about=item.item, needs=plan.looked_up().needs)
    elif task.due_at != max(due_at, task.opened_at):
        plan.move_task(task, max(due_at, task.opened_at), now)


def _why(plan: DischargePlan, item: ChecklistItem) -> str:
    if item.item == ASSESSED and plan.needs:
        left = ", ".join(domain.value.replace("_", " ") for domain in open_domains(plan.needs.values()))
        return f"{item.title}. Not answered yet: {left}"
    if item.item == TARGET and plan.replan is not None:
        return f"{item.title}. {plan.replan}"
    return item.title


def due(plan: DischargePlan, item: ChecklistItem, now: datetime) -> datetime:
    """When an item is due (UTC): by its day before the planned discharge; while none is planned, with the first assessment.

    The assessment never waits for the discharge to come near.
    """
    planned, policy = plan.planned_day(now), plan.rules()
    if planned is None:
        return policy.assess_by
    by_plan = item_due(item, planned, plan.tz)
    return min(by_plan, policy.assess_by) if item.item == ASSESSED else by_plan


def assessed(plan: DischargePlan, now: datetime) -> bool:
    return not open_domains(plan.needs.values())


def retarget(plan: DischargePlan, target: Target, at: datetime) -> None:
    """Take in where the member is to go. What was done for another setting has to be done anew for this one."""
    before = plan.target
    if before is not None and before.setting is not target.setting:
        for item in (CHOICES, ACCEPTED, AUTHORIZATION):
            plan.done.pop(item, None)
        plan.choices, plan.chosen_npi, plan.choices_unknown = (), None, False
    plan.target, plan.replan = target, None
    if target.on is not None:
        plan.finish(TARGET, at)
    else:
        plan.done.pop(TARGET, None)


def replan(plan: DischargePlan, why: str) -> None:
    """The target does not hold any more: somebody plans anew."""
    plan.replan = why
    plan.done.pop(TARGET, None)


def too_few(plan: DischargePlan, offered: tuple[str, ...]) -> int:
    """How many providers are still to be offered for the target."""
    return 0 if plan.target is None else choices_missing(plan.rules().transitions, plan.target.setting, offered)


def leave(plan: DischargePlan, now: datetime) -> None:
    """The member has left: what was not done is said, and what cannot be done any more ends."""
    undone = [item.item for item in items(plan) if item.item not in plan.done and item.item not in BY_LETTER]
    plan.left_undone = tuple(undone)
    for task in plan.open_tasks(*OF_ITEMS):
        if task.kind not in STILL_OF_USE:
            plan.cancel_tasks(now, "the member has left", task)


def end_of(day: date, plan: DischargePlan) -> datetime:
    """The end of a local day (UTC)."""
    return at_local(day, END_OF_DAY, plan.tz)
