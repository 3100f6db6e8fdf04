"""Checks of who speaks, and whether they say enough: a party's word counts as that party's, with how it was said and who
entered it; and what is decided can be told.

Messages that older releases accepted lack some of this; a workflow that accepted one replays it as it was
(`workflows.steps.authorization`), and every other message without it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import (
    AuthorizationMessage,
    CorrectRequest,
    ExtensionGround,
    PartyStatement,
    PlanCall,
    ReinstateRequest,
    SettlePeerToPeer,
    TakeExtension,
    WithdrawRequest,
)
from domain.authorization.peer_to_peer.planning import call_violations
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind
from domain.decisions.determination import STAMP_SKEW
from domain.errors import RuleViolation, violation
from domain.vocabulary import AskedBy, LineOutcome, Role, Urgency

REVIEWS = frozenset({TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW, TaskKind.BENEFIT_REVIEW, TaskKind.NEED_QUESTION})
EXTENSION_ROLES = frozenset({Role.NURSE, Role.PHYSICIAN, Role.PHARMACIST, Role.MEDICAL_DIRECTOR, Role.SUPERVISOR})
NOT_REACHED = frozenset({"declined", "provider_no_show"})
"""Results of a peer-to-peer by which the provider lost the call."""


def party_violations(case: AuthorizationCase, message: AuthorizationMessage) -> tuple[RuleViolation, ...]:
    """Every rule about who speaks that the message breaks, as far as no lookup is needed."""
    match message:
        case CorrectRequest():
            return tuple(_correction_violations(case, message))
        case WithdrawRequest() if not _is_of_the_requesting_case(case, message):
            return tuple(_withdrawal_violations(case, message))
        case ReinstateRequest():
            return tuple(_reinstatement_violations(case, message))
        case SettlePeerToPeer():
            return tuple(_contact_violations(case, message))
        case PlanCall():
            return tuple(call_violations(case, message))
        case CompleteTask():
            return tuple(_undated_violations(case, message))
        case _:
            return ()


def entry_violations(case: AuthorizationCase, message: AuthorizationMessage) -> tuple[RuleViolation, ...]:
    """Every rule about the member of staff who entered the message that it breaks, on current records."""
    if not isinstance(message, WithdrawRequest | ReinstateRequest) or message.entered_by is None:
        return ()
    who = case.reviewers.get(message.entered_by)
    if who is None or not who.active:
        return (violation("reviewer.unknown", "Who entered it is not in the directory.", "Act under your own name."),)
    return ()


def _is_of_the_requesting_case(case: AuthorizationCase, message: WithdrawRequest) -> bool:
    """Whether the stay that asked for this review takes it back itself; the ADT message on its file shows it."""
    return case.stay is not None and message.message_id == f"{case.case_id}-withdrawn"


def _correction_violations(case: AuthorizationCase, message: CorrectRequest) -> Iterator[RuleViolation]:
    if (message.actor.kind, message.actor.id) != (AskedBy.PROVIDER.value, case.requesting_npi):
        yield violation(
            "request.sender",
            "Only who asked for the care may change what is asked.",
            "Ask the requester to send the change; giving less than asked is for a physician to decide.",
        )


def _withdrawal_violations(case: AuthorizationCase, message: WithdrawRequest) -> Iterator[RuleViolation]:
    if message.by is AskedBy.PLAN:
        return
    yield from _speaker_violations(case, message)
    yield from statement_violations(message.asked, message.at, f"{message.type}.statement")
    reviewers = {task.assignee for task in case.tasks.values() if task.kind in REVIEWS}
    if message.entered_by is not None and message.entered_by in reviewers:
        yield violation(
            "withdraw.reviewer",
            "Whoever reviews the case may not enter its withdrawal.",
            "Let a colleague who does not review it speak with the party and enter it.",
        )


def _reinstatement_violations(case: AuthorizationCase, message: ReinstateRequest) -> Iterator[RuleViolation]:
    yield from _speaker_violations(case, message)
    yield from statement_violations(message.asked, message.at, f"{message.type}.statement")
    if case.withdrawal is not None and not may_reinstate(message.by, case.withdrawal):
        yield violation(
            "reinstate.party",
            f"The {case.withdrawal} withdrew the request, and only that party takes it back.",
            "Let that party call, or send the request anew.",
        )
    if message.by is AskedBy.REPRESENTATIVE and message.asked.document_id is None and message.asked.inbox_id is None:
        yield violation(
            "reinstate.representative",
            "Nothing shows that the representative speaks for the member.",
            "Name the document on the case that appoints the representative.",
        )


def may_reinstate(by: AskedBy, withdrawn_by: str) -> bool:
    """Whether this party may take back what `withdrawn_by` withdrew: its own, and the member and the representative each
    other's."""
    one = {AskedBy.MEMBER, AskedBy.REPRESENTATIVE}
    return by.value == withdrawn_by or (by in one and withdrawn_by in {party.value for party in one})


def _speaker_violations(
    case: AuthorizationCase, message: WithdrawRequest | ReinstateRequest
) -> Iterator[RuleViolation]:
    parties = {AskedBy.PROVIDER: case.requesting_npi, AskedBy.MEMBER: case.member_id}
    if message.actor.kind != message.by.value or message.actor.id != parties.get(message.by, message.actor.id):
        yield violation(
            f"{message.type}.speaker",
            "It is said in the name of a party that does not speak in this message.",
            "Record the requester, the member or the representative as who speaks, and yourself as who entered it.",
        )
    if message.entered_by is None and (message.asked is None or message.asked.inbox_id is None):
        yield violation(f"{message.type}.entered_by", "It is not said who entered it.", "Enter it under your own name.")


def statement_violations(asked: PartyStatement | None, at: datetime, rule: str) -> Iterator[RuleViolation]:
    """Violations of a party's statement that does not say who asked, how and when, or that nothing shows. `at` is the time of
    the message that holds it (UTC), `rule` the rule that is named."""
    if asked is None or not asked.is_shown:
        yield violation(
            rule,
            "It needs the person who asked, the channel, the time, and a document or a note.",
            "Say who asked, how and when, and name the document or write down what was said.",
        )
    elif asked.at > at + STAMP_SKEW:
        yield violation("message.stamp", "The party asked at a time that lies ahead.", "Correct the time of asking.")


def _contact_violations(case: AuthorizationCase, message: SettlePeerToPeer) -> Iterator[RuleViolation]:
    if message.result == "plan_no_show":
        return
    call, offer = message.contact, case.peer_to_peer
    if call is None or not (call.called.strip() and call.number.strip() and call.by.strip()):
        yield violation(
            "peer_to_peer.log",
            "A peer-to-peer is settled by the log of a call: who was called, under which number, when and by whom.",
            "Call the requesting provider, and record the call with its result.",
        )
        return
    if call.at > message.at + STAMP_SKEW or (offer is not None and call.at < offer.offered_at - STAMP_SKEW):
        yield violation(
            "message.stamp", "The call lies before the offer or ahead of now.", "Correct the time of the call."
        )
    signers = {task.assignee for task in case.open_tasks(TaskKind.PHYSICIAN_REVIEW)} - {None}
    if message.result in NOT_REACHED and signers & {call.by, message.actor.id}:
        yield violation(
            "peer_to_peer.signer",
            "Whoever decides the case may not be the one to say that the provider gave up the call.",
            "Let a colleague make the call and record it.",
        )


def _undated_violations(case: AuthorizationCase, message: CompleteTask) -> Iterator[RuleViolation]:
    """Violation of a partial approval of which nobody could be told until when it holds."""
    lines = message.signed.lines if message.signed is not None else ()
    ends = {line.line_id: line.end for line in case.assessment.lines} if case.assessment is not None else {}
    for line in lines:
        if line.outcome is LineOutcome.APPROVED_IN_PART and (line.approved_end or ends.get(line.line_id)) is None:
            yield violation(
                "decision.undated",
                f"Line {line.line_id} is approved in part, and nobody said until when.",
                "Give the last day that is approved.",
            )


def signing_violations(case: AuthorizationCase, signer: str, now: datetime) -> Iterator[RuleViolation]:
    """Every rule that a signature breaks when the signer alone said that the provider gave up the call."""
    offer = case.peer_to_peer
    if offer is not None and offer.result in NOT_REACHED and signer in (offer.settled_by or ()) and now < offer.until:
        yield violation(
            "peer_to_peer.signer",
            "The provider's call was given up on the word of the signer alone.",
            "Let another physician decide, or wait until the offer has ended.",
        )


# -- extensions ----------------------------------------------------------------------------------------------------------


def ground_violations(case: AuthorizationCase, message: TakeExtension) -> Iterator[RuleViolation]:
    """Every rule of the rulebook about the ground of an extension, and about the second person, that the message breaks.

    An assessment of an older release has no such rules, so that what it let pass is replayed as it was.
    """
    rules = [rule for rule in case.require_context().policy.extension_grounds if rule.lob is case.lob]
    if not rules:
        return
    allowed = {rule.reason: rule for rule in rules}.get(message.reason)
    if allowed is None:
        return  # the clock's own rule does not allow the reason and says so
    ground = message.ground
    if ground is None or ground.code not in allowed.grounds:
        yield violation(
            "extension.ground",
            f"More time needs one of these grounds: {', '.join(allowed.grounds)} ({allowed.cite}).",
            "Name the ground with its facts, or decide by the due instant.",
        )
    elif not _has_its_facts(ground, message.at):
        yield violation(
            "extension.ground_facts",
            f"The ground {ground.code.replace('_', ' ')} lacks its facts.",
            "Say who asked, how and when; or whose evidence is awaited (NPI) and what it may change; or what is extraordinary.",
        )
    if allowed.second_person_if_expedited and case.urgency is Urgency.EXPEDITED:
        yield from _second_person_violations(case, message)


def _has_its_facts(ground: ExtensionGround, at: datetime) -> bool:
    if not ground.fact.strip():
        return False
    match ground.code:
        case "enrollee_asked":
            party = ground.party
            return party is not None and bool(party.person.strip()) and party.at <= at + STAMP_SKEW
        case "noncontract_evidence":
            return bool((ground.provider_npi or "").strip())
        case "extraordinary":
            return True


def _second_person_violations(case: AuthorizationCase, message: TakeExtension) -> Iterator[RuleViolation]:
    who = case.reviewers.get(message.second_person or "")
    if who is None or not who.active or who.reviewer_id == message.reviewer_id or not EXTENSION_ROLES & set(who.roles):
        yield violation(
            "extension.second_person",
            "An expedited case is extended by two people, and no second one who may take extensions agrees.",
            "Let a second nurse, physician, pharmacist or supervisor agree.",
        )
