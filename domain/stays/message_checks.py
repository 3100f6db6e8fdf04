"""Which messages a stay refuses, and why. Nothing here changes a stay; signals and updates hear the same reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.cases import review_answers as answers
from domain.cases import task_messages as task_desk
from domain.cases.messages import ReviewAnswered
from domain.cases.tasks import TaskKind
from domain.errors import Refusal, refusal
from domain.model import Model
from domain.stays.avoidable_days import DelayReasons, day_refusals
from domain.stays.case import Stay
from domain.stays.messages import (
    AskSecondLook,
    ClinicalUpdate,
    LevelAnswer,
    LookedInto,
    NoteAvoidableDay,
    ProposeReduction,
    StatusAnswer,
    StayMessage,
    UpdateChased,
)
from domain.stays.parts import DAY, Stand, days
from domain.stays.round_planning import earliest_end
from domain.vocabulary import Role

FORMS: Mapping[TaskKind, type[Model]] = {
    TaskKind.CLINICAL_UPDATE: UpdateChased,
    TaskKind.LEVEL_QUESTION: LevelAnswer,
    TaskKind.STATUS_QUESTION: StatusAnswer,
    TaskKind.LONG_STAY: LookedInto,
    TaskKind.DISCHARGE_HUDDLE: LookedInto,
    TaskKind.DIRECTOR_ROUND: LookedInto,
}
"""The form of each kind of task that a stay opens."""

FARTHEST_DAYS = 90
"""How far ahead days may be asked for: farther is a slip of the pen, and would certify a season."""


def refusals(stay: Stay, message: StayMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that `message` breaks."""
    if isinstance(message, task_desk.OF_TASKS):
        return tuple(task_desk.refusals(stay, message, now, FORMS))
    return (*task_desk.stamp(stay, message, now), *_by_kind(stay, message, now))


def refusals_at_sight(stay: Stay, message: StayMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody."""
    if isinstance(message, task_desk.OF_TASKS):
        return tuple(task_desk.refusals_at_sight(stay, message, now, FORMS))
    if isinstance(message, NoteAvoidableDay | ProposeReduction):
        return tuple(task_desk.stamp(stay, message, now))
    return refusals(stay, message, now)


def _by_kind(stay: Stay, message: StayMessage, now: datetime) -> Iterator[Refusal]:
    match message:
        case ClinicalUpdate():
            yield from _open(stay)
            yield from _update(stay, message, now)
        case AskSecondLook():
            yield from _open(stay)
            yield from _looked_at(stay) or _second_look(stay, message, now)
        case ProposeReduction():
            yield from _open(stay)
            yield from _person(stay, message.reviewer_id, message.actor.id)
            yield from _looked_at(stay) or _reduction(stay, message, now)
        case NoteAvoidableDay():
            yield from _person(stay, message.reviewer_id, message.actor.id)
            yield from _avoidable(stay, message)
        case ReviewAnswered():
            yield from answers.unsigned(message)
        case _:
            pass


def _open(stay: Stay) -> Iterator[Refusal]:
    if not stay.is_open:
        yield refusal("stay.closed", "The review of the stay has ended.", "Send the claim, or appeal the decision.")
    elif stay.course.is_voided:
        yield refusal("stay.voided", "The hospital took the admission back.", "Announce the admission first.")


def _looked_at(stay: Stay) -> tuple[Refusal, ...]:
    """Before the first look nobody knows which rules bind, and nothing is decided that could be looked at again."""
    if stay.look is not None:
        return ()
    return (refusal("stay.new", "The stay has only just become known.", "Send it again in a moment."),)


def _update(stay: Stay, message: ClinicalUpdate, now: datetime) -> Iterator[Refusal]:
    if stay.course.began_at is None:
        yield refusal("stay.not_begun", "Nobody has said yet that the patient came.", "Announce the admission first.")
    at_present = stay.look.terms_of(stay.level) if stay.look is not None else None
    if message.post_stabilization is True and message.level is None and at_present is None:
        yield refusal(
            "update.level",
            "After stabilization one hour decides, and nobody says at which level of care the patient is to stay.",
            "Name the level of care that is asked for.",
        )
    if message.through is not None and message.through > stay.day(now) + FARTHEST_DAYS * DAY:
        yield refusal(
            "update.through",
            f"Days are asked for more than {FARTHEST_DAYS} days ahead.",
            "Ask for the days of the next round; later ones are asked for with a later update.",
        )
    # Before the first look nobody knows the zone in which the stay's days are counted.
    began = stay.course.began_at if stay.look is not None else None
    if message.through is not None and began is not None and message.through < stay.day(began):
        yield refusal("update.through", "The last day asked for lies before the stay.", "Correct the day.")


def _second_look(stay: Stay, message: AskSecondLook, now: datetime) -> Iterator[Refusal]:
    if message.last < message.first or not stay.denied_days(message.first, message.last):
        yield refusal("second_look.days", "None of these days stands denied.", "Name denied days of the stay.")
        return
    look = stay.looked_at()
    until = look.second_look_until if message.how == "peer_to_peer" else look.reopening_until
    if until is None:
        yield refusal(
            "second_look.rule",
            "The rulebook knows no second look of this kind in this line of business.",
            "Appeal the decision; the letter says how.",
        )
    elif message.at > until:
        yield refusal(
            "second_look.time", f"It could be asked for until {stay.local(until)}.", "Appeal the decision instead."
        )
    if message.how == "peer_to_peer" and message.held_at is None:
        yield refusal("second_look.held_at", "When the talk was held is missing.", "Give the time of the talk.")
    if message.held_at is not None and message.held_at > message.at:
        yield refusal("second_look.held_at", "The talk lies in the future.", "Ask once it was held.")
    if stay.second_look is not None:
        yield refusal("second_look.pending", "A second look is asked for already.", "Wait for its answer.")


def _reduction(stay: Stay, message: ProposeReduction, now: datetime) -> Iterator[Refusal]:
    """An approved day is never taken back except by the rule that allows it, and then only ahead of time."""
    who = stay.reviewers.get(message.reviewer_id)
    if who is not None and not {Role.PHYSICIAN, Role.MEDICAL_DIRECTOR} & set(who.roles):
        yield refusal("reduction.role", "Only a physician may propose it.", "Ask a physician or the medical director.")
    rule = stay.looked_at().reduction
    if rule is None:
        yield refusal(
            "reduction.none", stay.looked_at().no_reduction_because, "Let the approved days run; decide the next ones."
        )
        return
    earliest = earliest_end(stay, rule, now)
    if message.effective_on < earliest:
        yield refusal(
            "reduction.notice",
            f"It may take effect on {earliest} at the earliest: {rule.days_of_notice} days of notice ({rule.citation}).",
            "Name a later day.",
        )
    last = stay.certified_through
    found = () if last is None else (stay.answer_of(day) for day in days(message.effective_on, last))
    if not any(span is not None and span.stand is Stand.CERTIFIED for span in found):
        yield refusal("reduction.days", "No approved day lies on or after that day.", "Nothing needs to be ended.")
    if stay.reduction is not None:
        yield refusal("reduction.pending", "A reduction is proposed already.", "Wait for its decision.")


def _person(stay: Stay, reviewer_id: str, actor_id: str) -> Iterator[Refusal]:
    if reviewer_id != actor_id:
        yield refusal("message.actor", "The sender is not the reviewer named.", "Act under your own name.")
    who = stay.reviewers.get(reviewer_id)
    if who is None or not who.active:
        yield refusal("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")


def _avoidable(stay: Stay, message: NoteAvoidableDay) -> Iterator[Refusal]:
    began, ended = stay.course.began_at, stay.course.discharged_at
    if began is None:
        yield refusal("delay.day", "The stay has not begun.", "Enter a day of the stay.")
        return
    reasons = DelayReasons(reasons=stay.delay_reasons) if stay.delay_reasons else None
    if reasons is None:
        yield refusal("delay.reason", "The rulebook's reasons are not known.", "Try again.")
        return
    yield from day_refusals(message.entry, reasons, stay.day(began), stay.day(ended) if ended else None)
