"""The path of a prior authorization: given a case, what happens next. Pure, so that it can be tested without Temporal.

Software approves, asks or routes. No step here makes an adverse answer: `Conclude` only carries out what rules approved and
clinicians signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.asking import follow_the_clock
from domain.assessment import CoverageFinding
from domain.case import Case, Route
from domain.conclusion import outcome_of
from domain.routing import ask_provider, before_decision, open_reviews, route_by_rule
from domain.tasks import TaskKind
from domain.views import CaseStatus
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
    """Letters are still in the house because their carrier was in trouble; it is time to try again."""


@dataclass(frozen=True)
class Extend:
    """Send the extension notice; only when it is out does the extension count."""


@dataclass(frozen=True)
class Conclude:
    """Everything is answered: the determination is made, and its letters are owed."""

    status: CaseStatus


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


Step = Assess | ComputeClocks | SendLetters | HandOver | Extend | Conclude | Close | Wait | Finish


def next_step(case: Case, now: datetime) -> Step:
    """What happens next. Opens tasks and asks questions on the way (journalled), and returns what needs the world."""
    if case.look_needed:
        return Assess()
    if case.clocks_stale:
        return ComputeClocks()
    if case.concluded is None:
        _follow_the_clock(case, now)
        step = _towards_a_conclusion(case, now)
        if step is not None:
            return step
    if case.owed_letters:
        return SendLetters(tuple(case.owed_letters))
    if case.hand_over_again_at is not None and case.hand_over_again_at <= now:
        return HandOver()
    if case.concluded is not None and case.is_open and not case.blocked_letters and not case.in_the_house():
        return Close(case.concluded)
    return Wait() if case.is_open or case.open_tasks() else Finish()


def _follow_the_clock(case: Case, now: datetime) -> None:
    """An extension or an upgrade moves the decision; what serves it moves along."""
    due = case.due()
    if due is None or due[1].at <= now:
        return
    follow_the_clock(case)
    for kind in (TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW):
        task = case.open_task(kind)
        if task is not None and task.due_at != due[1].at:
            case.move_task(task, due[1].at, now)
    offer = case.peer_to_peer
    if offer is not None and not offer.is_settled and offer.until > due[1].at:
        offer.until = now + (due[1].at - now) * case.looked_at().policy.peer_to_peer_share


def _towards_a_conclusion(case: Case, now: datetime) -> Step | None:
    if case.withdrawal is not None:
        return Conclude(CaseStatus.WITHDRAWN)
    if case.extension is not None and NoticeKind.EXTENSION not in case.blocked_letters:
        return Extend()
    _settle_urgency(case, now)
    if _is_covered(case):
        route_by_rule(case, now)
    elif not _coverage_referred(case):
        _ask_intake_about_coverage(case, now)
        return None
    if not case.unresolved():
        return Conclude(outcome_of(case))
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


def _is_covered(case: Case) -> bool:
    """Covered by the system's word; while the system is silent, by the word of intake."""
    found = case.looked_at().coverage
    return found is CoverageFinding.ACTIVE or (found is CoverageFinding.UNAVAILABLE and case.coverage_confirmed)


def _coverage_referred(case: Case) -> bool:
    """Intake could not confirm coverage and referred the question; a physician now holds the case."""
    return any(route in (Route.PHYSICIAN, Route.APPROVED, Route.DECIDED) for route in case.routes.values())


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
