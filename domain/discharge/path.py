"""The path of a discharge plan, step by step. Deterministic and without I/O, so that it can be tested without Temporal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.cases import escalation, letter_tracking
from domain.cases.journal_rows import clock_rows
from domain.cases.steps import CloseCase, DeliverLetters, Finish, Wait
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.discharge import after_discharge, before_discharge, next_setting, notices, qio
from domain.discharge import letters as discharge_letters
from domain.discharge.case import DischargeCase
from domain.discharge.notice_duties import adjust_clocks
from domain.discharge.parts import CareManagementReferral, NextSettingReview, PendingLetter
from domain.journal import UMPIRE, EntryKind
from domain.stays.plan_messages import DischargePlanUpdated
from domain.vocabulary import NoticeKind

KINDS_KEPT_OPEN = (TaskKind.MISSED_CLOCK, TaskKind.LETTER_REPAIR, TaskKind.CASE_TROUBLE)
"""Tasks that stay open when the plan is closed: a person has to review them."""

NOTICES_ALWAYS_SENT = (NoticeKind.PROVIDER_FEEDBACK,)
"""Letters that are sent at any time. Others have no purpose after the end of the follow-up."""


@dataclass(frozen=True)
class LookUpMemberAndPolicy:
    """Look up the member, the health plan, and the policy."""


@dataclass(frozen=True)
class ComputeDuties:
    """Compute the notice duties again after new events."""


@dataclass(frozen=True)
class LookUpChoices:
    """Look up which of the offered providers are in the network."""

    npis: tuple[str, ...]


@dataclass(frozen=True)
class OpenNextSettingReview:
    """Open the authorization of the next setting."""

    review: NextSettingReview


@dataclass(frozen=True)
class ReferToCareManagement:
    """Refer gaps to care management."""

    referral: CareManagementReferral


@dataclass(frozen=True)
class UpdateStay:
    """Update the stay on the target setting and on pending QIO reviews."""

    news: DischargePlanUpdated


@dataclass(frozen=True)
class CheckReadmissions:
    """Check whether the member was admitted again; `day` counts from the discharge."""

    day: int


@dataclass(frozen=True)
class WriteLetter:
    """Write a queued letter."""

    letter: PendingLetter


Step = (
    LookUpMemberAndPolicy
    | ComputeDuties
    | LookUpChoices
    | OpenNextSettingReview
    | ReferToCareManagement
    | UpdateStay
    | CheckReadmissions
    | WriteLetter
    | DeliverLetters
    | CloseCase
    | Wait
    | Finish
)


def advance(plan: DischargeCase, now: datetime) -> Step:
    """Advance the plan to its next step. Deterministic, no I/O; opens tasks, queues letters and journals on the way."""
    discharge_letters.requeue_repaired(plan)
    if plan.person is None or plan.policy is None:
        return LookUpMemberAndPolicy()
    if plan.is_open and not plan.picture.voided and notices.needs_new_duties(plan, now):
        return ComputeDuties()
    step = _advance_open_case(plan, now) if plan.is_open else None
    escalation.escalate_due_tasks(plan, now)
    return step or _letter_step(plan, now) or _closing_step(plan, now)


def _advance_open_case(plan: DischargeCase, now: datetime) -> Step | None:
    if plan.is_over:
        _cancel_everything(plan, now)
        return None
    notices.process_duties(plan, now)
    before_discharge.update_tasks(plan, now)
    after_discharge.update_tasks(plan, now)
    after_discharge.queue_summary(plan, now)
    after_discharge.queue_reminders(plan, now)
    if plan.choices_unknown:
        return LookUpChoices(tuple(choice.npi for choice in plan.choices if choice.in_network is None))
    review = next_setting.review_to_open(plan, now)
    if review is not None:
        return OpenNextSettingReview(review)
    waiting = next((referral for referral in plan.referrals if not referral.started), None)
    if waiting is not None:
        return ReferToCareManagement(waiting)
    news = _stay_update(plan, now)
    if news is not None:
        return UpdateStay(news)
    look = after_discharge.readmission_check_due(plan, now)
    return CheckReadmissions(look) if look is not None else None


def _cancel_everything(plan: DischargeCase, now: datetime) -> None:
    """Cancel all calls, letters and tasks; the tasks of compliance stay open."""
    why = "the admission was canceled" if plan.picture.voided else "the member died"
    plan.cancel_tasks(now, why, *(task for task in plan.open_tasks() if task.kind not in KINDS_KEPT_OPEN))
    plan.owed = []
    plan.clocks = adjust_clocks(plan, plan.clocks)


def _stay_update(plan: DischargeCase, now: datetime) -> DischargePlanUpdated | None:
    """The update that the stay has not received yet."""
    target = plan.target
    news = DischargePlanUpdated(
        message_id=f"{plan.case_id}-news-{plan.seq}",
        at=now,
        actor=UMPIRE,
        target_setting=target.setting if target is not None else None,
        target_date=target.on if target is not None else None,
        waits_for_qio=qio.is_decision_pending(plan),
        goes_on=qio.coverage_continues(plan),
        owes_nothing_before=qio.member_liable_from(plan),
        ends_not_before=qio.earliest_coverage_end(plan, now),
    )
    told = plan.told
    same = {"message_id", "at"}
    if told is None:
        nothing = target is None and not plan.qio and news.ends_not_before is None
        return None if nothing else news
    return None if told.model_dump(exclude=same) == news.model_dump(exclude=same) else news


def _letter_step(plan: DischargeCase, now: datetime) -> Step | None:
    if plan.owed:
        return WriteLetter(plan.owed[0])
    ready = letter_tracking.deliverable_letters(plan, now)
    return DeliverLetters(ready) if ready else None


def _closing_step(plan: DischargeCase, now: datetime) -> Step:
    if not plan.is_open:
        return Wait() if plan.open_tasks() else Finish()
    if plan.is_over:
        return CloseCase(CaseStatus.VOIDED if plan.picture.voided else CaseStatus.COMPLETED)
    letters = plan.unsent_letters() or any(letter.notice in NOTICES_ALWAYS_SENT for letter in plan.blocked)
    over = plan.left_at is not None and now > after_discharge.ends_at(plan)
    return CloseCase(CaseStatus.COMPLETED) if over and not letters and notices.is_resolved(plan, now) else Wait()


def close_case(plan: DischargeCase, status: CaseStatus, now: datetime) -> None:
    """CloseCase the plan and list what was not done; a missed duty stays with compliance until it is reviewed."""
    for letter in tuple(plan.blocked):
        discharge_letters.drop_blocked(plan, letter, now)
        name = letter.notice.value
        plan.leave_undone(name)
        plan.note(EntryKind.LETTER_BLOCKED, now, f"Never written: {name.replace('_', ' ')}.")
    moot = [task for task in plan.open_tasks() if task.kind not in KINDS_KEPT_OPEN]
    if status is CaseStatus.COMPLETED and not plan.member_died:
        plan.leave_undone(*(task.about or task.kind.value for task in moot))
    plan.cancel_tasks(now, "the plan is closed", *moot)
    plan.close(status, now)
    how = {
        CaseStatus.VOIDED: "the admission was canceled",
        CaseStatus.COMPLETED: "the member died" if plan.member_died else "the time after the discharge is over",
    }[status]
    plan.note(EntryKind.CLOSED, now, f"Plan closed: {how}.", clocks=clock_rows(plan))


def next_timer(plan: DischargeCase, now: datetime) -> datetime | None:
    """The next instant (UTC) at which a timer is due, or None."""
    return min(_upcoming_timers(plan, now), default=None)


def _upcoming_timers(plan: DischargeCase, now: datetime) -> Iterator[datetime]:
    yield from escalation.upcoming_timers(plan)
    if plan.hand_over_again_at is not None and plan.unsent_letters():
        yield plan.hand_over_again_at
    if not plan.is_open or plan.is_over:
        return
    yield from notices.upcoming_timers(plan, now)
    yield from after_discharge.upcoming_timers(plan, now)
    begins = next_setting.begins_at(plan, plan.target) if plan.target is not None else None
    if begins is not None and begins > now:
        yield begins
