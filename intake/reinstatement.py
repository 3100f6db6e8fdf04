"""Withdrawals that are taken back by a call.

While the case is open it goes on, with its own receipt and clocks. A closed case is not opened again: nobody can say which of
its days counted while nobody reviewed it. Its request goes on as a new case, received when the party took the withdrawal back:
the plan vacates the dismissal (42 CFR 422.568(i), 423.568(k)) and decides within the whole time from there. What was said is
kept as an arrival first, like every request.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.authorization.message_checks import CLOCK_ENDED
from domain.authorization.messages import PartyStatement
from domain.authorization.party_checks import may_reinstate
from domain.authorization.start import AuthorizationStart
from domain.cases.views import CaseStatus
from domain.errors import Refused, RuleViolation, ValidationIssue, violation
from domain.journal import EntryKind
from domain.model import Model
from domain.requests.numbers import case_id_for
from domain.requests.request import UrgencyClaim
from domain.vocabulary import ArrivalKind, AskedBy, Urgency
from intake import submission
from intake.receipt import receive_arrival
from intake.requests.documents import attach_documents
from intake.results import rejected_result, submission_result
from services.commands import case_actions
from services.context import (
    CommandResult,
    CommandStatus,
    ServiceContext,
    SubmissionResult,
    SubmissionStatus,
    TemporalUnavailable,
)
from store import cases, inbox, installation, journal, requests
from store.dialect import acquire_named_lock
from store.inbox import InboxItem, InboxStatus

_GOES_ON_ANEW = frozenset({"case.closed", CLOCK_ENDED})
_MOST_GENERATIONS = 1000
_ABOUT_URGENCY = frozenset({EntryKind.EXPEDITE_REQUESTED, EntryKind.EXPEDITED, EntryKind.EXPEDITE_REFUSED})


class WithdrawalTakenBack(Model):
    """The statement that takes a withdrawal back, as it is kept: on which case, by which party and person, entered by whom."""

    case_id: str
    by: AskedBy
    asked: PartyStatement
    entered_by: str
    why: str | None = None


async def reinstate(
    services: ServiceContext, case_id: str, by: AskedBy, asked: PartyStatement, entered_by: str, why: str | None = None
) -> CommandResult:
    """Take a withdrawal back: the open case goes on, a closed one as a new case from its stored request.

    Raises NotOnFile, Refused and TemporalUnavailable; once the words are kept, the new case starts by itself.
    """
    said = WithdrawalTakenBack(case_id=case_id, by=by, asked=asked, entered_by=entered_by, why=why)
    reply = await _send(services, said)
    if reply.kind is CommandStatus.QUEUED:  # the case may refuse it yet, when nobody waits for the answer any more
        await _keep(services, said, await services.read(_sender_of, case_id))
        return reply
    if not _goes_on_anew(reply):
        return reply
    item = await _keep(services, said, await services.read(_require_may_go_on, said))
    result = await process_item(services, item.inbox_id)
    return _command_result(reply, result)


async def process_item(services: ServiceContext, inbox_id: int) -> SubmissionResult:
    """Open and start the new case of a withdrawal taken back, as far as that is not done. Safe to repeat."""
    item, raw = await services.read(inbox.load, inbox_id)
    if item.status is not InboxStatus.RECEIVED:
        return await submission.process_item(services, inbox_id)
    said = WithdrawalTakenBack.model_validate_json(raw)
    answered = await _answer_of_case(services, item, said)
    if answered is not None:
        return answered
    opened = await services.write(_open_anew, inbox_id, said)
    if isinstance(opened, AuthorizationStart):
        return await submission.start_case(services, item, opened)
    return rejected_result(item, (opened,))


async def _send(services: ServiceContext, said: WithdrawalTakenBack) -> CommandResult:
    return await case_actions.reinstate_request(services, said.case_id, said.by, said.asked, said.entered_by, said.why)


async def _keep(services: ServiceContext, said: WithdrawalTakenBack, sender: str | None) -> InboxItem:
    raw, asked = said.model_dump_json().encode(), said.asked
    return await receive_arrival(services, raw, asked.at, asked.channel, sender, ArrivalKind.REINSTATEMENT)


async def _answer_of_case(
    services: ServiceContext, item: InboxItem, said: WithdrawalTakenBack
) -> SubmissionResult | None:
    """The answer of the withdrawn case, which is asked again where it has not answered; None where its request has to go on
    as a new case."""
    case_id = said.case_id
    if not await services.read(_has_taken_back, said):
        if await services.read(_has_ended, case_id):
            return None
        try:
            reply = await _send(services, said)
        except TemporalUnavailable as away:
            says = f"Kept for case {case_id}, which gets it when Temporal is back. {away}"
            return submission_result(SubmissionStatus.STORED, item, case_id, says)
        if reply.kind is CommandStatus.QUEUED:
            return submission_result(SubmissionStatus.QUEUED, item, case_id, reply.says)
        if _goes_on_anew(reply):
            return None
        if reply.kind is CommandStatus.REFUSED and not await services.read(_has_taken_back, said):
            await services.write(inbox.reject, item.inbox_id, reply.issues)
            return rejected_result(item, reply.issues)
    version = (await services.read(requests.load, case_id)).version
    await services.write(inbox.accept_and_mark_started, item.inbox_id, case_id, version, services.clock())
    return submission_result(SubmissionStatus.CHANGED, item, case_id, f"Case {case_id} goes on.")


def _goes_on_anew(reply: CommandResult) -> bool:
    return bool({refusal.rule for refusal in reply.refusals} & _GOES_ON_ANEW)


def _has_taken_back(s: Session, said: WithdrawalTakenBack) -> bool:
    asked = said.asked.model_dump(mode="json")
    entries = journal.entries(s, said.case_id)
    return any(entry.kind is EntryKind.REINSTATED and entry.data.get("asked") == asked for entry in entries)


def _has_ended(s: Session, case_id: str) -> bool:
    view = cases.get(s, case_id)
    return view is not None and view.status is not CaseStatus.OPEN


def _sender_of(s: Session, case_id: str) -> str | None:
    first = requests.load(s, case_id, 1)
    return inbox.get(s, first.inbox_id).sender if first.inbox_id is not None else None


def _command_result(reply: CommandResult, result: SubmissionResult) -> CommandResult:
    kinds = {SubmissionStatus.STARTED: CommandStatus.ACCEPTED, SubmissionStatus.STORED: CommandStatus.STORED}
    says = result.says
    if result.kind is SubmissionStatus.STARTED:
        says = f"{reply.case_id} has ended; its request goes on as case {result.case_id}, received at the call."
    issues = tuple(
        RuleViolation(rule=one.rule, message=f"{one.message}.", way_out=one.expected or result.says)
        for one in result.problems
    )
    return CommandResult(
        kind=kinds.get(result.kind, CommandStatus.REFUSED),
        case_id=result.case_id or reply.case_id,
        message_id=reply.message_id,
        says=says,
        refusals=issues,
    )


# -- what may go on --------------------------------------------------------------------------------------------------------


def _require_may_go_on(s: Session, said: WithdrawalTakenBack) -> str | None:
    """The sender of the withdrawn request. Raises Refused unless the party that withdrew it is shown to take it back, and for
    the review that another case asked for."""
    withdrawn = [entry for entry in journal.entries(s, said.case_id) if entry.kind is EntryKind.WITHDRAWN]
    if not withdrawn:
        raise Refused((violation("reinstate.none", "The case was not withdrawn.", "Appeal, or send a new request."),))
    by = withdrawn[-1].actor.kind
    if by in set(AskedBy) and not may_reinstate(said.by, by):
        message = f"The {by} withdrew the request, and only that party takes it back."
        raise Refused((violation("reinstate.party", message, "Let that party call, or send the request anew."),))
    if said.asked.at < withdrawn[-1].at:
        message = "The withdrawal is taken back before it was made."
        raise Refused((violation("message.stamp", message, "Correct the time of asking."),))
    problems = _unshown(said)
    if problems:
        raise Refused(problems)
    first = requests.load(s, said.case_id, 1)
    if first.request.stay is not None:
        asked_by = first.request.stay.process_id
        message = f"The review was one of case {asked_by}, which would never hear of another in its place."
        raise Refused(
            (violation("reinstate.stay", message, f"Ask for the days at {asked_by}; it opens their review."),)
        )
    return _sender_of(s, said.case_id)


def _unshown(said: WithdrawalTakenBack) -> tuple[RuleViolation, ...]:
    asked = said.asked
    found = []
    if not asked.is_shown:
        message = "It needs the person who asked, and a document or a note."
        found.append(violation("reinstate.statement", message, "Say who asked, and write down what was said."))
    if said.by is AskedBy.REPRESENTATIVE and asked.document_id is None:
        message = "Nothing shows that the representative speaks for the member."
        found.append(violation("reinstate.representative", message, "Name the document that appoints them."))
    return tuple(found)


def _open_anew(s: Session, inbox_id: int, said: WithdrawalTakenBack) -> AuthorizationStart | ValidationIssue:
    """Open the next case of the newest version of the withdrawn request, with its documents; the issue that prevents it."""
    stored = requests.load(s, said.case_id)
    acquire_named_lock(s, f"intake:{stored.request.member.member_id}")
    item = inbox.get(s, inbox_id)
    key = installation.installation_key(s)
    for generation in range(1, _MOST_GENERATIONS):
        case_id = case_id_for(stored.request, key, generation)
        view = cases.get(s, case_id)
        if view is None and not requests.is_on_file(s, case_id):
            break
        if case_id != said.case_id and (view is None or view.status is not CaseStatus.WITHDRAWN):
            message = f"the same request is case {case_id} already"
            issue = ValidationIssue(path="case", rule="reinstate.known", message=message, expected="nothing more")
            inbox.reject(s, inbox_id, (issue,))
            return issue
    attach_documents(s, said.case_id, case_id)
    urgency = _urgency_before(s, said.case_id, stored.request.urgency)
    request = stored.request.model_copy(
        update={"received_at": item.received_at, "renews": said.case_id, "urgency": urgency}
    )
    version = requests.save(s, case_id, request, inbox_id, stored.answers)
    inbox.accept(s, inbox_id, case_id, version)
    return AuthorizationStart(case_id=case_id, request_version=version, received_at=request.received_at)


def _urgency_before(s: Session, case_id: str, received: UrgencyClaim) -> UrgencyClaim:
    """The urgency that the case had when it was withdrawn. A wish to expedite that nobody had decided on is decided now."""
    found = [entry for entry in journal.entries(s, case_id) if entry.kind in _ABOUT_URGENCY]
    if not found or found[-1].kind is EntryKind.EXPEDITE_REFUSED:
        return received
    if found[-1].kind is EntryKind.EXPEDITED:
        return received.model_copy(update={"urgency": Urgency.EXPEDITED})
    asked_by = next((one for one in AskedBy if one.value == found[-1].actor.kind), received.asked_by)
    return received.model_copy(update={"urgency": Urgency.EXPEDITED, "asked_by": asked_by})
