"""The path of a prior authorization: given a case, what happens next. Pure, so that it can be tested without Temporal.

Software approves, asks or routes. No step here makes an adverse answer: `Conclude` only carries out what rules approved and
clinicians signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.authorization import benefit_units as benefits
from domain.authorization import forwarding
from domain.authorization import letter_events as post_room
from domain.authorization.case import Case
from domain.authorization.conclusion import outcome_of
from domain.authorization.orders import Reservation
from domain.authorization.routing import (
    ask_provider,
    before_decision,
    end_outdated_reviews,
    keep_in_time,
    open_reviews,
    route_by_rule,
)
from domain.cases import letter_tracking as mail
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.vocabulary import NoticeKind, Role


@dataclass(frozen=True)
class Assess:
    """Look at the request, the coverage, the need for authorization and the criteria (anew)."""


@dataclass(frozen=True)
class ComputeClocks:
    """Something happened that clocks look at."""


@dataclass(frozen=True)
class SendLetters:
    """Letters are owed before the case goes on."""

    notices: tuple[NoticeKind, ...]


@dataclass(frozen=True)
class HandOver:
    """Letters are written, and the carrier can be asked to take them."""

    letter_ids: tuple[str, ...]


@dataclass(frozen=True)
class Extend:
    """Send the extension notice; only when it is out does the extension count."""


@dataclass(frozen=True)
class Reserve:
    """Every line has its answer: take the units of benefit limits before anybody is told."""

    reservations: tuple[Reservation, ...]


@dataclass(frozen=True)
class Conclude:
    """Everything is answered: the determination is made, and its letters are owed."""

    status: CaseStatus


@dataclass(frozen=True)
class Report:
    """Tell the process that asked for this review what came of it."""

    process_id: str


@dataclass(frozen=True)
class Close:
    """Every letter is out."""

    status: CaseStatus


@dataclass(frozen=True)
class Wait:
    """Nothing to do until somebody acts or an instant comes."""


@dataclass(frozen=True)
class Finish:
    """The case is closed and nobody owes anything any more."""


Step = Assess | ComputeClocks | SendLetters | HandOver | Extend | Reserve | Conclude | Report | Close | Wait | Finish


def next_step(case: Case, now: datetime) -> Step:
    """What happens next. Opens tasks and asks questions on the way (journalled), and returns what needs the world."""
    if case.look_needed and case.concluded is None:
        return Assess()
    if case.clocks_stale:
        return ComputeClocks()
    forwarding.open_task(case, now)
    step = _towards_a_conclusion(case, now) if case.concluded is None else _report(case)
    return step or _letters(case, now) or _rest(case)


def _report(case: Case) -> Step | None:
    return Report(case.stay.process_id) if case.stay is not None and not case.reported else None


def _letters(case: Case, now: datetime) -> Step | None:
    post_room.drop_moot(case, now)
    if case.owed_letters:
        return SendLetters(tuple(case.owed_letters))
    ready = mail.ready(case, now)
    return HandOver(ready) if ready else None


def _rest(case: Case) -> Step:
    if case.concluded is not None and case.is_open and not case.blocked_letters and not case.unsent():
        return Close(case.concluded)
    return Wait() if case.is_open or case.open_tasks() else Finish()


def _towards_a_conclusion(case: Case, now: datetime) -> Step | None:
    keep_in_time(case, now)
    if case.is_covered:
        case.cancel_tasks(now, "coverage is known", *case.open_tasks(TaskKind.COVERAGE_QUESTION))
        if case.withdrawal is None:
            route_by_rule(case, now)
    end_outdated_reviews(case, now)
    if case.withdrawal is not None or case.is_settled:
        units = benefits.wanted(case)
        return Conclude(outcome_of(case)) if units == case.reserved else Reserve(units)
    if case.extension is not None and not post_room.extension_is_under_way(case):
        return Extend()
    _settle_urgency(case, now)
    _question_the_clock(case, now)
    if not case.is_covered and not case.coverage_set_aside:
        _ask_intake_about_coverage(case, now)
        return None
    ask_provider(case, now)
    open_reviews(case, now)
    return None


def _settle_urgency(case: Case, now: datetime) -> None:
    """A request to expedite without a physician's word is decided by a clinician, at once; meanwhile the case is expedited
    if it came so, because waiting must not harm the member."""
    if case.expedite is None or case.open_task(TaskKind.EXPEDITE_DECISION) is not None:
        return
    policy = case.looked_at().policy
    who = case.expedite.asked_by.value
    case.new_task(
        TaskKind.EXPEDITE_DECISION,
        policy.expedite_decision_role,
        f"The {who} asks for an expedited review without a physician's statement.",
        now,
        now + timedelta(hours=policy.expedite_decision_hours),
    )


def _question_the_clock(case: Case, now: datetime) -> None:
    """A case on which no clock runs would never be late: that has to be somebody's business."""
    if case.decide_by() is not None or any(task.kind is TaskKind.NO_CLOCK for task in case.tasks.values()):
        return
    case.new_task(
        TaskKind.NO_CLOCK,
        Role.COMPLIANCE,
        "No decision clock of the rulebook binds this case: find out by when it has to be decided, and see to it.",
        now,
        now + timedelta(hours=case.looked_at().policy.missed_clock_task_hours),
    )


def _ask_intake_about_coverage(case: Case, now: datetime) -> None:
    if case.open_task(TaskKind.COVERAGE_QUESTION) is not None:
        return
    found = case.looked_at()
    case.new_task(
        TaskKind.COVERAGE_QUESTION,
        Role.INTAKE,
        found.coverage_note,
        now,
        before_decision(case, now, now + timedelta(hours=found.policy.coverage_question_hours)),
        tuple(line.line_id for line in found.lines),
    )
