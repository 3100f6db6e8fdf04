"""The path of a discharge plan: given the plan, what happens next. Pure, so that it can be tested without Temporal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.cases import escalation as escalating
from domain.cases import letter_tracking as mail
from domain.cases.journal_rows import clock_rows
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.discharge import after_discharge as discharge_after
from domain.discharge import before_discharge as discharge_before
from domain.discharge import letters as discharge_letters
from domain.discharge import next_setting as discharge_next_setting
from domain.discharge import notices as discharge_notices
from domain.discharge import qio as discharge_qio
from domain.discharge.case import DischargePlan
from domain.discharge.notice_duties import settled
from domain.discharge.parts import NextSettingReview, OwedLetter, Referral
from domain.journal import UMPIRE, EntryKind
from domain.stays.plan_messages import PlanNews
from domain.vocabulary import NoticeKind

OUTLIVES = (TaskKind.MISSED_CLOCK, TaskKind.LETTER_REPAIR)
"""Tasks that stay open when the plan is closed: somebody has to have looked."""

STILL_WANTED = (NoticeKind.PROVIDER_FEEDBACK,)
"""Letters that are worth writing at any time. Others have no purpose any more when the time after the discharge is over."""


@dataclass(frozen=True)
class LookUp:
    """Who is this, which plan have they, and what is the policy."""


@dataclass(frozen=True)
class ComputeDuties:
    """Something happened from which notices are counted."""


@dataclass(frozen=True)
class LookUpChoices:
    """Which of the providers offered are in the network."""

    npis: tuple[str, ...]


@dataclass(frozen=True)
class BeginReview:
    """The authorization of the next setting has to be begun."""

    review: NextSettingReview


@dataclass(frozen=True)
class Refer:
    """Gaps go to care management."""

    referral: Referral


@dataclass(frozen=True)
class TellStay:
    """The stay has to know where the member is to go, and what waits for the QIO."""

    news: PlanNews


@dataclass(frozen=True)
class LookForReadmissions:
    """See whether the member is in a hospital again; `day` counts from the discharge."""

    day: int


@dataclass(frozen=True)
class WriteLetter:
    """A letter is owed."""

    letter: OwedLetter


@dataclass(frozen=True)
class HandOver:
    """Letters are written, and the carrier can be asked to take them."""

    letter_ids: tuple[str, ...]


@dataclass(frozen=True)
class Close:
    """Everything that belongs to this discharge is done."""

    status: CaseStatus


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody acts or an instant comes."""


@dataclass(frozen=True)
class Finish:
    """The plan is closed and nobody owes anything any more."""


Step = (
    LookUp
    | ComputeDuties
    | LookUpChoices
    | BeginReview
    | Refer
    | TellStay
    | LookForReadmissions
    | WriteLetter
    | HandOver
    | Close
    | Wait
    | Finish
)


def next_step(plan: DischargePlan, now: datetime) -> Step:
    """What happens next. Opens tasks on the way (journalled), and returns what needs the world."""
    discharge_letters.take_back(plan)
    if plan.person is None or plan.policy is None:
        return LookUp()
    if plan.is_open and not plan.picture.voided and discharge_notices.is_stale(plan, now):
        return ComputeDuties()
    step = _go_on(plan, now) if plan.is_open else None
    escalating.ring(plan, now)
    return step or _letters(plan, now) or _rest(plan, now)


def _go_on(plan: DischargePlan, now: datetime) -> Step | None:
    if plan.is_over:
        _drop_everything(plan, now)
        return None
    discharge_notices.ring(plan, now)
    discharge_before.keep_going(plan, now)
    discharge_after.keep_going(plan, now)
    discharge_after.summarize(plan, now)
    discharge_after.remind(plan, now)
    if plan.choices_unknown:
        return LookUpChoices(tuple(choice.npi for choice in plan.choices if choice.in_network is None))
    review = discharge_next_setting.next_review(plan, now)
    if review is not None:
        return BeginReview(review)
    waiting = next((referral for referral in plan.referrals if not referral.started), None)
    if waiting is not None:
        return Refer(waiting)
    news = _news(plan, now)
    if news is not None:
        return TellStay(news)
    look = discharge_after.look_due(plan, now)
    return LookForReadmissions(look) if look is not None else None


def _drop_everything(plan: DischargePlan, now: datetime) -> None:
    """Nobody is called, written to or taught any more; what compliance has to see stays."""
    why = "the admission was taken back" if plan.picture.voided else "the member died"
    plan.cancel_tasks(now, why, *(task for task in plan.open_tasks() if task.kind not in OUTLIVES))
    plan.owed = []
    plan.clocks = settled(plan, plan.clocks)


def _news(plan: DischargePlan, now: datetime) -> PlanNews | None:
    """What the stay has not been told yet."""
    target = plan.target
    news = PlanNews(
        message_id=f"{plan.case_id}-news-{plan.seq}",
        at=now,
        actor=UMPIRE,
        target_setting=target.setting if target is not None else None,
        target_date=target.on if target is not None else None,
        waits_for_qio=discharge_qio.waits(plan),
        goes_on=discharge_qio.goes_on(plan),
        owes_nothing_before=discharge_qio.owes_nothing_before(plan),
        ends_not_before=discharge_qio.ends_not_before(plan, now),
    )
    told = plan.told
    same = {"message_id", "at"}
    if told is None:
        nothing = target is None and not plan.qio and news.ends_not_before is None
        return None if nothing else news
    return None if told.model_dump(exclude=same) == news.model_dump(exclude=same) else news


def _letters(plan: DischargePlan, now: datetime) -> Step | None:
    if plan.owed:
        return WriteLetter(plan.owed[0])
    ready = mail.ready(plan, now)
    return HandOver(ready) if ready else None


def _rest(plan: DischargePlan, now: datetime) -> Step:
    if not plan.is_open:
        return Wait() if plan.open_tasks() else Finish()
    if plan.is_over:
        return Close(CaseStatus.VOIDED if plan.picture.voided else CaseStatus.COMPLETED)
    letters = plan.unsent() or any(letter.notice in STILL_WANTED for letter in plan.blocked)
    over = plan.left_at is not None and now > discharge_after.ends_at(plan)
    return Close(CaseStatus.COMPLETED) if over and not letters and discharge_notices.is_settled(plan, now) else Wait()


def close(plan: DischargePlan, status: CaseStatus, now: datetime) -> None:
    """Close the plan. What was not done is said; a missed duty stays on compliance's desk until somebody has looked at it."""
    for letter in tuple(plan.blocked):
        discharge_letters.forget(plan, letter, now)
        name = letter.notice.value
        plan.left_undone = tuple(dict.fromkeys((*plan.left_undone, name)))
        plan.note(EntryKind.LETTER_BLOCKED, now, f"Never written: {name.replace('_', ' ')}.")
    moot = [task for task in plan.open_tasks() if task.kind not in OUTLIVES]
    if status is CaseStatus.COMPLETED and not plan.died:
        undone = (task.about or task.kind.value for task in moot)
        plan.left_undone = tuple(dict.fromkeys((*plan.left_undone, *undone)))
    plan.cancel_tasks(now, "the plan is closed", *moot)
    plan.status, plan.closed_at = status, now
    how = {
        CaseStatus.VOIDED: "the admission was taken back",
        CaseStatus.COMPLETED: "the member died" if plan.died else "the time after the discharge is over",
    }[status]
    plan.note(EntryKind.CLOSED, now, f"Plan closed: {how}.", clocks=clock_rows(plan))


def next_alarm(plan: DischargePlan, now: datetime) -> datetime | None:
    """The next instant (UTC) at which time itself has something to do, or None."""
    return min(_alarms(plan, now), default=None)


def _alarms(plan: DischargePlan, now: datetime) -> Iterator[datetime]:
    yield from escalating.alarms(plan)
    if plan.hand_over_again_at is not None and plan.unsent():
        yield plan.hand_over_again_at
    if not plan.is_open or plan.is_over:
        return
    yield from discharge_notices.alarms(plan, now)
    yield from discharge_after.alarms(plan, now)
    begins = discharge_next_setting.begins_at(plan, plan.target) if plan.target is not None else None
    if begins is not None and begins > now:
        yield begins
