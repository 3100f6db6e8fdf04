"""Validation of messages to a stay: the rules that a message may break, the same for signals and updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.cases import review_answers, task_messages
from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.tasks import TaskKind
from domain.errors import RuleViolation, violation
from domain.model import Model
from domain.stays.avoidable_days import DelayReasons, day_violations
from domain.stays.case import StayCase
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import (
    ClinicalUpdate,
    LevelAnswer,
    LongStayFindings,
    ProposeReduction,
    RecordAvoidableDay,
    RequestSecondLook,
    StatusAnswer,
    StayMessage,
    UpdateFollowUp,
)
from domain.stays.parts import DAY, DayStatus, days_between
from domain.stays.question_tasks import is_lower, says_below_order
from domain.stays.round_planning import earliest_end
from domain.vocabulary import Role

FORMS: Mapping[TaskKind, type[Model]] = {
    TaskKind.CLINICAL_UPDATE: UpdateFollowUp,
    TaskKind.LEVEL_QUESTION: LevelAnswer,
    TaskKind.STATUS_QUESTION: StatusAnswer,
    TaskKind.LONG_STAY: LongStayFindings,
    TaskKind.DISCHARGE_HUDDLE: LongStayFindings,
    TaskKind.DIRECTOR_ROUND: LongStayFindings,
}
"""The form of each kind of task on a stay."""

MAX_DAYS_AHEAD = 90
"""Number of days ahead that may be requested: a day further ahead is a typing error, and would certify a whole season."""


def violations(stay: StayCase, message: StayMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """All rule violations of `message`."""
    if isinstance(message, task_messages.TASK_MESSAGES):
        found = task_messages.violations(stay, message, now, FORMS)
        return (*found, *_check_level_answer(stay, message), *_check_proposed_level(stay, message))
    return (*task_messages.stamp_violations(stay, message, now), *_by_kind(stay, message, now))


def violations_without_lookup(stay: StayCase, message: StayMessage, now: datetime) -> tuple[RuleViolation, ...]:
    """The violations that can be found without looking up reviewers in the directory."""
    if isinstance(message, task_messages.TASK_MESSAGES):
        found = task_messages.violations_without_lookup(stay, message, now, FORMS)
        return (*found, *_check_level_answer(stay, message))
    if isinstance(message, RecordAvoidableDay | ProposeReduction):
        return tuple(task_messages.stamp_violations(stay, message, now))
    return violations(stay, message, now)


def _by_kind(stay: StayCase, message: StayMessage, now: datetime) -> Iterator[RuleViolation]:
    match message:
        case ClinicalUpdate():
            yield from _check_open(stay)
            yield from _check_update(stay, message, now)
        case RequestSecondLook():
            yield from _check_open(stay)
            yield from _check_context(stay) or _check_second_look(stay, message, now)
        case ProposeReduction():
            yield from _check_open(stay)
            yield from _check_reviewer(stay, message.reviewer_id, message.actor.id)
            yield from _check_context(stay) or _check_reduction(stay, message, now)
        case RecordAvoidableDay():
            yield from _check_reviewer(stay, message.reviewer_id, message.actor.id)
            yield from _check_avoidable_day(stay, message)
        case ReviewAnswered():
            yield from review_answers.unsigned_violations(message)
        case _:
            pass


def _check_level_answer(stay: StayCase, message: StayMessage) -> Iterator[RuleViolation]:
    """Check that an answer about the level is not below the hospital's order, which only a physician's decision may be."""
    if stay.keeps_order and says_below_order(stay, message):
        yield violation(
            "level.below_order",
            "The hospital ordered more than that, and its order stands until it changes it.",
            "Answer the level that the hospital ordered, and name the lower one as proposed_level: it stands on the review, "
            "where a physician decides whether less is approved.",
        )


def _check_proposed_level(stay: StayCase, message: StayMessage) -> Iterator[RuleViolation]:
    """Check that the level that an answer proposes is less care than the level that it says was ordered."""
    match message:
        case CompleteTask(form={"level": str(ordered), "proposed_level": str(said)}):
            task, known = stay.tasks.get(message.task_id), set(LevelOfCare)
            is_answer = task is not None and task.kind is TaskKind.LEVEL_QUESTION and {ordered, said} <= known
            if is_answer and not is_lower(LevelOfCare(said), LevelOfCare(ordered)):
                what = "The proposed level is no less care than the ordered one."
                yield violation("level.proposed", what, "Leave the proposal out.")
        case _:
            pass


def _check_open(stay: StayCase) -> Iterator[RuleViolation]:
    if not stay.is_open:
        yield violation("stay.closed", "The review of the stay has ended.", "Send the claim, or appeal the decision.")
    elif stay.course.is_voided:
        yield violation("stay.voided", "The hospital took the admission back.", "Announce the admission first.")


def _check_context(stay: StayCase) -> tuple[RuleViolation, ...]:
    """Check that the context was looked up: before that the rules are unknown, and nothing is decided yet."""
    if stay.look is not None:
        return ()
    return (violation("stay.new", "The stay was only just opened.", "Send it again in a moment."),)


def _check_update(stay: StayCase, message: ClinicalUpdate, now: datetime) -> Iterator[RuleViolation]:
    if stay.course.began_at is None:
        yield violation("stay.not_begun", "No arrival of the patient is reported yet.", "Announce the admission first.")
    at_present = stay.look.terms_of(stay.level) if stay.look is not None else None
    if message.post_stabilization is True and message.level is None and at_present is None:
        yield violation(
            "update.level",
            "After stabilization one hour decides, and the level of care at which the patient is to stay is missing.",
            "Name the level of care that is asked for.",
        )
    if message.through is not None and message.through > stay.day(now) + MAX_DAYS_AHEAD * DAY:
        yield violation(
            "update.through",
            f"Days are asked for more than {MAX_DAYS_AHEAD} days ahead.",
            "Ask for the days of the next round; later ones are asked for with a later update.",
        )
    # Before the first context the zone of the stay's days is unknown.
    began = stay.course.began_at if stay.look is not None else None
    if message.through is not None and began is not None and message.through < stay.day(began):
        yield violation("update.through", "The last day asked for lies before the stay.", "Correct the day.")


def _check_second_look(stay: StayCase, message: RequestSecondLook, now: datetime) -> Iterator[RuleViolation]:
    if message.last < message.first or not stay.denied_days(message.first, message.last):
        yield violation("second_look.days", "None of these days stands denied.", "Name denied days of the stay.")
        return
    look = stay.require_context()
    until = look.second_look_until if message.how == "peer_to_peer" else look.reopening_until
    if until is None:
        yield violation(
            "second_look.rule",
            "The rulebook knows no second look of this kind in this line of business.",
            "Appeal the decision; the letter says how.",
        )
    elif message.at > until:
        yield violation(
            "second_look.time", f"It could be asked for until {stay.local(until)}.", "Appeal the decision instead."
        )
    if message.how == "peer_to_peer" and message.held_at is None:
        yield violation("second_look.held_at", "When the talk was held is missing.", "Give the time of the talk.")
    if message.held_at is not None and message.held_at > message.at:
        yield violation("second_look.held_at", "The talk lies in the future.", "Ask once it was held.")
    if stay.second_look is not None:
        yield violation("second_look.pending", "A second look is asked for already.", "Wait for its answer.")


def _check_reduction(stay: StayCase, message: ProposeReduction, now: datetime) -> Iterator[RuleViolation]:
    """Check a reduction: an approved day ends early only by the rule that allows it, and only with advance notice."""
    who = stay.reviewers.get(message.reviewer_id)
    if who is not None and not {Role.PHYSICIAN, Role.MEDICAL_DIRECTOR} & set(who.roles):
        yield violation(
            "reduction.role", "Only a physician may propose it.", "Ask a physician or the medical director."
        )
    rule = stay.require_context().reduction
    if rule is None:
        yield violation(
            "reduction.none",
            stay.require_context().no_reduction_because,
            "Let the approved days run; decide the next ones.",
        )
        return
    earliest = earliest_end(stay, rule, now)
    if message.effective_on < earliest:
        yield violation(
            "reduction.notice",
            f"It may take effect on {earliest} at the earliest: {rule.days_of_notice} days of notice ({rule.citation}).",
            "Name a later day.",
        )
    last = stay.certified_through
    found = () if last is None else (stay.determination_for(day) for day in days_between(message.effective_on, last))
    if not any(span is not None and span.stand is DayStatus.CERTIFIED for span in found):
        yield violation("reduction.days", "No approved day lies on or after that day.", "Nothing needs to be ended.")
    if stay.reduction is not None:
        yield violation("reduction.pending", "A reduction is proposed already.", "Wait for its decision.")


def _check_reviewer(stay: StayCase, reviewer_id: str, actor_id: str) -> Iterator[RuleViolation]:
    if reviewer_id != actor_id:
        yield violation("message.actor", "The sender is not the reviewer named.", "Act under your own name.")
    who = stay.reviewers.get(reviewer_id)
    if who is None or not who.active:
        yield violation("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")


def _check_avoidable_day(stay: StayCase, message: RecordAvoidableDay) -> Iterator[RuleViolation]:
    began, ended = stay.course.began_at, stay.course.discharged_at
    if began is None:
        yield violation("delay.day", "The stay has not begun.", "Enter a day of the stay.")
        return
    reasons = DelayReasons(reasons=stay.delay_reasons) if stay.delay_reasons else None
    if reasons is None:
        yield violation("delay.reason", "The rulebook's reasons are not known.", "Try again.")
        return
    yield from day_violations(message.entry, reasons, stay.day(began), stay.day(ended) if ended else None)
