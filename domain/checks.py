"""The one judge of messages: signals and updates both come here, and both hear the same reasons.

Nothing here changes a case. `refusals(case, message, now)` tells every rule a message breaks; an empty answer means that
`casework.apply` may carry it out. `now` is the workflow's clock in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.case import Case
from domain.clocks import ExtensionReason
from domain.decisions import STAMP_SKEW
from domain.errors import Refusal, refusal
from domain.messages import (
    AddDocuments,
    CaseMessage,
    ClaimTask,
    CompleteTask,
    CorrectRequest,
    NoteDuplicate,
    ReassignTask,
    ReleaseTask,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    Withdraw,
)
from domain.task_checks import claim, complete, find, fits_the_kind, own, reassign, release
from domain.vocabulary import Role, Urgency

EXTENSION_ROLES = frozenset({Role.NURSE, Role.PHYSICIAN, Role.PHARMACIST, Role.MEDICAL_DIRECTOR, Role.SUPERVISOR})


def refusals(case: Case, message: CaseMessage, now: datetime) -> tuple[Refusal, ...]:
    """Every rule that `message` breaks."""
    return tuple(_stamp(case, message, now)) + tuple(_open(case, message)) or tuple(_by_kind(case, message, now))


def refusals_at_sight(case: Case, message: CaseMessage, now: datetime) -> tuple[Refusal, ...]:
    """What can be refused without asking the directory about anybody: for validators, which must not look anything up.

    What passes here is judged in full by `refusals`, on fresh records of the people involved.
    """
    broken = [*_stamp(case, message, now), *_open(case, message)]
    if isinstance(message, ClaimTask | ReleaseTask | CompleteTask):
        broken += own(message)
    if isinstance(message, ClaimTask | ReleaseTask | ReassignTask | CompleteTask):
        task = find(case, message.task_id)
        if isinstance(task, Refusal):
            broken.append(task)
        elif isinstance(message, CompleteTask):
            broken += fits_the_kind(task, message.outcome)
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
    if not case.is_open and not isinstance(
        message, NoteDuplicate | ClaimTask | ReleaseTask | ReassignTask | CompleteTask
    ):
        yield refusal(
            "case.closed", f"The case is closed ({case.status.value}).", "Send a new request, or appeal the decision."
        )
    elif case.concluded is not None and isinstance(
        message, Withdraw | CorrectRequest | TakeExtension | RequestExpedite
    ):
        yield refusal(
            "case.decided",
            "The case is decided; its letters are on the way.",
            "Appeal the decision, or send a new request.",
        )


def _by_kind(case: Case, message: CaseMessage, now: datetime) -> Iterator[Refusal]:
    match message:
        case ClaimTask():
            yield from claim(case, message, now)
        case ReleaseTask():
            yield from release(case, message)
        case ReassignTask():
            yield from reassign(case, message, now)
        case CompleteTask():
            yield from complete(case, message, now)
        case TakeExtension():
            yield from _extension(case, message, now)
        case RequestExpedite():
            if case.urgency is Urgency.EXPEDITED:
                yield refusal("expedite.already", "The case is expedited already.", "Nothing needs to be done.")
            elif case.expedite is not None and message.physician_statement is not True:
                yield refusal(
                    "expedite.pending",
                    "A request to expedite is being decided.",
                    "A physician's statement makes it mandatory.",
                )
        case SettlePeerToPeer():
            if case.peer_to_peer is None or case.peer_to_peer.is_settled:
                yield refusal(
                    "peer_to_peer.none", "No peer-to-peer is open.", "Look at the case: it may be settled already."
                )
        case AddDocuments() | CorrectRequest() | Withdraw() | NoteDuplicate():
            pass


def _extension(case: Case, message: TakeExtension, now: datetime) -> Iterator[Refusal]:
    yield from own(message)
    who = case.reviewers.get(message.reviewer_id)
    if who is None:
        yield refusal("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    elif not EXTENSION_ROLES & set(who.roles):
        yield refusal(
            "extension.role", "The reviewer's role may not take an extension.", "Ask a nurse, physician or supervisor."
        )
    if case.extension is not None:
        yield refusal("extension.pending", "An extension is being taken already.", "Wait for its letter.")
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
    if not message.justification.strip():
        yield refusal("extension.justification", "An extension needs its reason.", "Say why, in words for the member.")
