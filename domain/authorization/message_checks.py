"""Checks of the messages to an authorization case. Signals and updates pass the same checks.

Nothing here changes a case. `violations(case, message, now)` returns every rule a message breaks; if it is empty,
`message_effects.receive_message` may apply the message. `now` is the workflow's clock in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.authorization import task_checks
from domain.authorization.approval_checks import account_violations
from domain.authorization.case import AuthorizationCase
from domain.authorization.closings.checks import closing_violations, vacating_violations
from domain.authorization.expedite import is_binding
from domain.authorization.grievances import expedited
from domain.authorization.information_requests import missing_information
from domain.authorization.messages import (
    AddDocuments,
    AuthorizationMessage,
    CloseUndecided,
    CorrectRequest,
    FileGrievance,
    NoteFollowUp,
    ReinstateRequest,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    VacateDismissal,
    WithdrawRequest,
)
from domain.authorization.parts import CasePhase
from domain.authorization.party_checks import EXTENSION_ROLES, entry_violations, ground_violations, party_violations
from domain.cases import assignment
from domain.cases.messages import ClaimTask, CompleteTask, NoteDuplicate, ReassignTask, ReleaseTask
from domain.cases.task_messages import TASK_MESSAGES
from domain.clocks.engine import ExtensionReason
from domain.decisions.determination import STAMP_SKEW
from domain.errors import RuleViolation, violation
from domain.plain_language.printable import unprintable_reason
from domain.vocabulary import AskedBy, NoticeKind, Urgency

MOST_DAYS_GIVEN = 365
CLOCK_ENDED = "reinstate.clock_ended"


def violations(
    case: AuthorizationCase,
    message: AuthorizationMessage,
    now: datetime,
    *,
    spoken: bool = True,
    accounted: bool = True,
) -> tuple[RuleViolation, ...]:
    """Every rule that `message` breaks. Without `spoken` those about who speaks are left out, without `accounted` those about
    the account that reviewers give: messages of older releases do not meet them."""
    broken = accepted_violations(case, message, now)
    account = account_violations(case, message) if accounted else ()
    if broken:
        return (*broken, *account) if _is_signed(message) else broken
    party = (*party_violations(case, message), *entry_violations(case, message)) if spoken else ()
    return (*party, *account)


def _is_signed(message: AuthorizationMessage) -> bool:
    """Whether the message carries a signed decision: its signer reads everything that is wrong with it at once."""
    return isinstance(message, CompleteTask) and message.signed is not None


def accepted_violations(
    case: AuthorizationCase, message: AuthorizationMessage, now: datetime
) -> tuple[RuleViolation, ...]:
    """Every rule that `message` breaks apart from those about who speaks and about the account of the work."""
    early = (
        *_stamp_violations(case, message, now),
        *_closed_case_violations(case, message),
        *_version_violations(case, message),
    )
    return early or tuple(_message_violations(case, message, now))


def violations_without_lookup(
    case: AuthorizationCase, message: AuthorizationMessage, now: datetime
) -> tuple[RuleViolation, ...]:
    """Every rule that `message` breaks, as far as no lookup is needed: for validators, which must not call activities.

    Messages that pass are checked in full by `violations`, on current records of the reviewers.
    """
    broken = [*_stamp_violations(case, message, now), *_closed_case_violations(case, message)]
    broken += () if broken else party_violations(case, message)
    if isinstance(message, ClaimTask | ReleaseTask | CompleteTask | TakeExtension | CloseUndecided | VacateDismissal):
        broken += assignment.sender_violations(message)
    if isinstance(message, TASK_MESSAGES):
        task = assignment.find_open_task(case, message.task_id)
        if isinstance(task, RuleViolation):
            broken.append(task)
        elif isinstance(message, CompleteTask):
            broken += assignment.outcome_violations(task, message.outcome)
    return tuple(broken) or (() if _is_signed(message) else account_violations(case, message))


def _stamp_violations(case: AuthorizationCase, message: AuthorizationMessage, now: datetime) -> Iterator[RuleViolation]:
    if message.at > now + STAMP_SKEW:
        yield violation(
            "message.stamp", "The time of acting lies in the future.", "Correct the clock where you act and send again."
        )
    if message.at < case.received_at:
        yield violation(
            "message.stamp",
            "The time of acting lies before the request was received.",
            "Correct the clock and send again.",
        )


def _closed_case_violations(case: AuthorizationCase, message: AuthorizationMessage) -> Iterator[RuleViolation]:
    if not case.is_open and not isinstance(message, (NoteDuplicate, NoteFollowUp, VacateDismissal, *TASK_MESSAGES)):
        yield violation(
            "case.closed", f"The case is closed ({case.status.value}).", "Send a new request, or appeal the decision."
        )
    elif case.phase >= CasePhase.ANSWERED and isinstance(
        message, WithdrawRequest | CorrectRequest | TakeExtension | RequestExpedite
    ):
        closed = "closed without a decision" if case.closing is not None else "decided"
        what = "withdrawn" if case.withdrawal is not None else closed
        yield violation(
            "case.decided",
            f"The case is {what}; its letters are on the way.",
            "Appeal the decision, or send a new request.",
        )


def _version_violations(case: AuthorizationCase, message: AuthorizationMessage) -> Iterator[RuleViolation]:
    if isinstance(message, AddDocuments | CorrectRequest):
        version = message.request_version
        if version is not None and not 1 <= version <= case.newest_version:
            yield violation(
                "request.version",
                "The store has no such version of the request.",
                "Store the new version first, then notify the case.",
            )


def as_on_file(message: AddDocuments, later: Mapping[str, int]) -> AddDocuments:
    """The message with those of its documents that the store holds for this case, and with the version that brought them.
    `later` are its documents that came after the request, each with that version."""
    held = tuple(document_id for document_id in message.document_ids if document_id in later)
    version = message.request_version
    if version is None and held:
        version = max(later[document_id] for document_id in held)
    return message.model_copy(update={"document_ids": held, "request_version": version})


def arrival_violations(case: AuthorizationCase, message: AddDocuments | CorrectRequest) -> Iterator[RuleViolation]:
    """Check that something came: a version of the request that the store has, after the first, and that nobody has told of.
    Word of anything else would end the wait for the provider, or begin a clock again, although nothing came."""
    version = message.request_version
    if version is None or version == 1:
        yield violation(
            "records.not_on_file",
            "The store holds nothing for this case that came after the request.",
            "Send the records themselves: 'umpire add-document'.",
        )
    elif case.has_heard_of(version):
        yield violation("records.known", "The case has all of this already.", "Nothing needs to be done.")


def _message_violations(
    case: AuthorizationCase, message: AuthorizationMessage, now: datetime
) -> Iterator[RuleViolation]:
    """Every rule of the message's own type that it breaks. Documents, corrections and duplicates have none."""
    match message:
        case ClaimTask():
            yield from assignment.claim_violations(case, message, now)
            yield from task_checks.independence_violations(case, message.task_id, message.reviewer_id)
        case ReleaseTask():
            yield from assignment.release_violations(case, message)
        case ReassignTask():
            yield from assignment.reassign_violations(case, message, now)
            yield from task_checks.independence_violations(case, message.task_id, message.reviewer_id)
        case CompleteTask():
            yield from task_checks.completion_violations(case, message, now)
            if message.signed is None:  # a signed decision is checked with everything else that its signer must not be
                yield from task_checks.independence_violations(case, message.task_id, message.reviewer_id)
        case TakeExtension():
            yield from _extension_violations(case, message, now)
        case RequestExpedite():
            yield from _expedite_violations(case, message)
        case SettlePeerToPeer():
            yield from _peer_to_peer_violations(case, message)
        case ReinstateRequest():
            yield from _reinstatement_violations(case, message, now)
        case CloseUndecided():
            yield from closing_violations(case, message, now)
        case FileGrievance():
            yield from expedited.filing_violations(case, message)
        case VacateDismissal():
            yield from vacating_violations(case, message, now)
        case WithdrawRequest():
            if message.by is AskedBy.PLAN:
                yield violation(
                    "withdraw.by",
                    "The plan cannot take back what others asked for.",
                    "Decide the request, or let the member or the provider withdraw it.",
                )


def _reinstatement_violations(
    case: AuthorizationCase, message: ReinstateRequest, now: datetime
) -> Iterator[RuleViolation]:
    if case.withdrawal is None:
        yield violation("reinstate.none", "The request is not withdrawn.", "Nothing needs to be taken back.")
        return
    if case.stay is not None and case.ending.reported:
        yield violation(
            "reinstate.stay", "The stay that asked for this review knows of its end.", "Ask for the days at the stay."
        )
    deadline = case.decision_deadline()
    if deadline is not None and now > deadline[0]:
        yield violation(
            CLOCK_ENDED, "The time to decide this case has ended.", "It goes on as a new case, received at the call."
        )


def _peer_to_peer_violations(case: AuthorizationCase, message: SettlePeerToPeer) -> Iterator[RuleViolation]:
    offer = case.peer_to_peer
    if offer is None or offer.is_settled:
        yield violation("peer_to_peer.none", "No peer-to-peer is open.", "Look at the case: it may be settled already.")
    elif message.at < offer.offered_at - STAMP_SKEW:
        yield violation(
            "message.stamp", "The time of acting lies before the offer.", "Correct the clock and send again."
        )


def _expedite_violations(case: AuthorizationCase, message: RequestExpedite) -> Iterator[RuleViolation]:
    if case.expediting.asked is not None:
        if not is_binding(case, message):
            yield violation(
                "expedite.pending",
                "A request to expedite is being decided.",
                "A physician's statement makes it mandatory.",
            )
    elif case.urgency is Urgency.EXPEDITED:
        yield violation("expedite.already", "The case is expedited already.", "Nothing needs to be done.")


def _extension_violations(case: AuthorizationCase, message: TakeExtension, now: datetime) -> Iterator[RuleViolation]:
    yield from assignment.sender_violations(message)
    yield from _extension_role_violations(case, message)
    if case.extending.taken is not None and NoticeKind.EXTENSION not in case.blocked_letters:
        yield violation("extension.pending", "An extension is being taken already.", "Wait for its letter.")
    wrong = unprintable_reason(message.justification)
    if wrong is not None:
        yield violation(
            "extension.justification",
            f"An extension needs its reason ({wrong}).",
            "Say why, in words for the member.",
        )
    if message.days_given is not None and not 0 < message.days_given <= MOST_DAYS_GIVEN:
        yield violation(
            "extension.days_given",
            "The time given for the answer is no number of days that anybody could have.",
            f"Give a number from 1 to {MOST_DAYS_GIVEN}, or none.",
        )
    if message.reason == "missing_information" and not any(missing_information(case)):
        yield violation(
            "extension.nothing_missing",
            "Nothing is known to be missing, so the notice could not say what to send.",
            "Ask for the missing facts first.",
        )
    yield from ground_violations(case, message)
    yield from _extension_terms_violations(case, message, now)


def _extension_role_violations(case: AuthorizationCase, message: TakeExtension) -> Iterator[RuleViolation]:
    who = case.reviewers.get(message.reviewer_id)
    if who is None or not who.active:
        yield violation("reviewer.unknown", "The reviewer is not in the directory.", "Check the reviewer's id.")
    elif not EXTENSION_ROLES & set(who.roles):
        yield violation(
            "extension.role", "The reviewer's role may not take an extension.", "Ask a nurse, physician or supervisor."
        )


def _extension_terms_violations(
    case: AuthorizationCase, message: TakeExtension, now: datetime
) -> Iterator[RuleViolation]:
    """Every rule of the governing clock that an extension breaks."""
    due = case.due()
    if due is None:
        yield violation("extension.no_clock", "No decision clock runs.", "Nothing needs to be extended.")
        return
    clock, _ = due
    wrong = clock.extension_problem_at(ExtensionReason(message.reason), now)
    if wrong is not None:
        yield violation(
            f"{clock.rule_id}.extension", f"{clock.title}: {wrong}.", f"Decide by the due instant ({clock.citation})."
        )
    terms = clock.may_extend
    stops = terms is not None and terms.stops_for is not None and terms.stops_for.value == message.reason
    least = terms.least_days_given if terms is not None and stops else None
    if wrong is None and least is not None and (message.days_given or 0) < least:
        yield violation(
            f"{clock.rule_id}.extension",
            f"The notice must give at least {least} days to send what is missing.",
            f"Give {least} days or more ({clock.citation}).",
        )
