"""The one judge of messages: signals and updates both come here, and both hear the same reasons.

Nothing here changes a case. `refusals(case, message, now)` tells every rule a message breaks; an empty answer means that
`casework.receive` may carry it out. `now` is the workflow's clock in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization import task_checks
from domain.authorization.case import Case
from domain.authorization.information_requests import what_is_missing
from domain.authorization.messages import (
    AddDocuments,
    CaseMessage,
    CorrectRequest,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    Withdraw,
)
from domain.cases import assignment as assignments
from domain.cases.messages import ClaimTask, CompleteTask, NoteDuplicate, ReassignTask, ReleaseTask
from domain.clocks.engine import ExtensionReason
from domain.decisions.determination import STAMP_SKEW
from domain.errors import Refusal, refusal
from domain.plain_language.printable import unfit
from domain.vocabulary import AskedBy, NoticeKind, Role, Urgency

EXTENSION_ROLES = frozenset({Role.NURSE, Role.PHYSICIAN, Role.PHARMACIST, Role.MEDICAL_DIRECTOR, Role.SUPERVISOR})
MOST_DAYS_GIVEN = 365
OF_TASKS = (ClaimTask, ReleaseTask, ReassignTask, CompleteTask)


def refusals(case: Case, message: CaseMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that `message` breaks."""
    at_the_door = (*_stamp(case, message, now), *_open(case, message), *_version(case, message))
    return at_the_door or tuple(_by_kind(case, message, now))


def refusals_at_sight(case: Case, message: CaseMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody: for validators, which must not look anything up.

    What passes here is judged in full by `refusals`, on fresh records of the people involved.
    """
    broken = [*_stamp(case, message, now), *_open(case, message)]
    if isinstance(message, ClaimTask | ReleaseTask | CompleteTask | TakeExtension):
        broken += assignments.own(message)
    if isinstance(message, OF_TASKS):
        task = assignments.find(case, message.task_id)
        if isinstance(task, Refusal):
            broken.append(task)
        elif isinstance(message, CompleteTask):
            broken += assignments.fits_the_kind(task, message.outcome)
    return tuple(broken)


def _stamp(case: Case, message: CaseMessage, now: datetime) -> Iterator[Refusal]:
    if message.at > now + STAMP_SKEW:
        yield refusal(
            "message.stamp", "The time of acting lies in the future.", "Correct the clock where you act and send again."
        )
    if message.at < case.received_at:
        yield refusal(
            "message.stamp",
            "The time of acting lies before the request was received.",
            "Correct the clock and send again.",
        )


def _open(case: Case, message: CaseMessage) -> Iterator[Refusal]:
    if not case.is_open and not isinstance(message, (NoteDuplicate, *OF_TASKS)):
        yield refusal(
            "case.closed", f"The case is closed ({case.status.value}).", "Send a new request, or appeal the decision."
        )
    elif case.is_decided and isinstance(message, Withdraw | CorrectRequest | TakeExtension | RequestExpedite):
        what = "withdrawn" if case.withdrawal is not None else "decided"
        yield refusal(
            "case.decided",
            f"The case is {what}; its letters are on the way.",
            "Appeal the decision, or send a new request.",
        )


def _version(case: Case, message: CaseMessage) -> Iterator[Refusal]:
    if isinstance(message, AddDocuments | CorrectRequest):
        version = message.request_version
        if version is not None and not 1 <= version <= case.newest_version:
            yield refusal(
                "request.version",
                "The store has no such version of the request.",
                "Keep the new version first, then tell the case of it.",
            )


def _by_kind(case: Case, message: CaseMessage, now: datetime) -> Iterator[Refusal]:
    match message:
        case ClaimTask():
            yield from assignments.claim(case, message, now)
        case ReleaseTask():
            yield from assignments.release(case, message)
        case ReassignTask():
            yield from assignments.reassign(case, message, now)
        case CompleteTask():
            yield from task_checks.complete(case, message, now)
        case TakeExtension():
            yield from _extension(case, message, now)
        case RequestExpedite():
            yield from _expedite(case, message)
        case SettlePeerToPeer():
            yield from _peer_to_peer(case, message)
        case Withdraw():
            if message.by is AskedBy.PLAN:
                yield refusal(
                    "withdraw.by",
                    "The plan cannot take back what others asked for.",
                    "Decide the request, or let the member or the provider withdraw it.",
                )
        case AddDocuments() | CorrectRequest() | NoteDuplicate():
            pass


def _peer_to_peer(case: Case, message: SettlePeerToPeer) -> Iterator[Refusal]:
    offer = case.peer_to_peer
    if offer is None or offer.is_settled:
        yield refusal("peer_to_peer.none", "No peer-to-peer is open.", "Look at the case: it may be settled already.")
    elif message.at < offer.offered_at - STAMP_SKEW:
        yield refusal("message.stamp", "The time of acting lies before the offer.", "Correct the clock and send again.")


def _expedite(case: Case, message: RequestExpedite) -> Iterator[Refusal]:
    if case.expedite is not None:
        if message.physician_statement is not True:
            yield refusal(
                "expedite.pending",
                "A request to expedite is being decided.",
                "A physician's statement makes it mandatory.",
            )
    elif case.urgency is Urgency.EXPEDITED:
        yield refusal("expedite.already", "The case is expedited already.", "Nothing needs to be done.")


def _extension(case: Case, message: TakeExtension, now: datetime) -> Iterator[Refusal]:
    yield from assignments.own(message)
    yield from _may_extend(case, message)
    if case.extension is not None and NoticeKind.EXTENSION not in case.blocked_letters:
        yield refusal("extension.pending", "An extension is being taken already.", "Wait for its letter.")
    wrong = unfit(message.justification)
    if wrong is not None:
        yield refusal(
            "extension.justification",
            f"An extension needs its reason ({wrong}).",
            "Say why, in words for the member.",
        )
    if message.days_given is not None and not 0 < message.days_given <= MOST_DAYS_GIVEN:
        yield refusal(
            "extension.days_given",
            "The time given for the answer is no number of days that anybody could have.",
            f"Give a number from 1 to {MOST_DAYS_GIVEN}, or none.",
        )
    if message.reason == "missing_information" and not any(what_is_missing(case)):
        yield refusal(
            "extension.nothing_missing",
            "Nothing is known to be missing, so the notice could not say what to send.",
            "Ask for the missing facts first.",
        )
    yield from _terms(case, message, now)


def _may_extend(case: Case, message: TakeExtension) -> Iterator[Refusal]:
    who = case.reviewers.get(message.reviewer_id)
    if who is None or not who.active:
        yield refusal("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    elif not EXTENSION_ROLES & set(who.roles):
        yield refusal(
            "extension.role", "The reviewer's role may not take an extension.", "Ask a nurse, physician or supervisor."
        )


def _terms(case: Case, message: TakeExtension, now: datetime) -> Iterator[Refusal]:
    """What the clock on which the case acts says to an extension."""
    due = case.due()
    if due is None:
        yield refusal("extension.no_clock", "No decision clock runs.", "Nothing needs to be extended.")
        return
    clock, _ = due
    wrong = clock.why_not_extend(ExtensionReason(message.reason), now)
    if wrong is not None:
        yield refusal(
            f"{clock.rule_id}.extension", f"{clock.title}: {wrong}.", f"Decide by the due instant ({clock.citation})."
        )
    terms = clock.may_extend
    stops = terms is not None and terms.stops_for is not None and terms.stops_for.value == message.reason
    least = terms.least_days_given if terms is not None and stops else None
    if wrong is None and least is not None and (message.days_given or 0) < least:
        yield refusal(
            f"{clock.rule_id}.extension",
            f"The notice must give at least {least} days to send what is missing.",
            f"Give {least} days or more ({clock.citation}).",
        )
