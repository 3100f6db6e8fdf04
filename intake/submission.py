"""An arrival from its first byte to its case. The bytes and their receipt instant are kept before anything else."""

from __future__ import annotations

import asyncio
from datetime import datetime

from domain.authorization.messages import AddDocuments, CaseMessage, CorrectRequest, RequestExpedite, Withdraw
from domain.cases.messages import NoteDuplicate
from domain.cases.views import CaseStatus, CaseView
from domain.errors import Problem
from domain.journal import Actor
from domain.vocabulary import AskedBy, Channel
from intake import interpretation as understanding
from intake.requests.meaning import Change, ForStay, NewCase, OpensStay, Refused, Repeat, Settled
from intake.requests.records import tell_of_records
from intake.stays.submission import is_of_a_stay, open_stay, tell_again, tell_stay
from services import case_client as telling
from services.case_client import CaseGone
from services.context import Desk, EngineDown, Outcome, OutcomeKind, Reply, ReplyKind
from services.starting import adrift, ensure_started, requester_of, start_of, view_of
from store import inbox
from store.inbox import InboxItem, InboxStatus


async def submit(
    desk: Desk, raw: bytes, channel: Channel, sender: str | None = None, received_at: datetime | None = None
) -> Outcome:
    """Take in what arrived at `received_at` (UTC; now, when it is just arriving) and say what became of it.

    The bytes are kept before anything reads them. Raises Unavailable only when the store itself cannot keep them.
    """
    item = await asyncio.to_thread(_receive, desk, raw, channel, sender, received_at or desk.clock())
    return await carry_on(desk, item.inbox_id)


async def carry_on(desk: Desk, inbox_id: int) -> Outcome:
    """Do what is left to do for an arrival. Safe to repeat, at any time and in several processes at once."""
    return await _carry_on(desk, inbox_id)


async def _carry_on(desk: Desk, inbox_id: int, stay_is_new: bool = False) -> Outcome:
    meaning = await asyncio.to_thread(understanding.understand, desk.store, inbox_id, desk.lobs)
    match meaning:
        case NewCase():
            return await _start(desk, inbox_id, meaning.notes)
        case Repeat():
            return await _join(desk, inbox_id, meaning)
        case Change():
            return await _change(desk, inbox_id, meaning)
        case ForStay():
            return await tell_stay(desk, await asyncio.to_thread(_item, desk, inbox_id), meaning, stay_is_new)
        case OpensStay():
            return await _open_stay(desk, inbox_id, meaning, stay_is_new)
        case Settled(item):
            return await _settled(desk, item)
        case Refused(problems):
            return await _refused(desk, inbox_id, problems)


def _receive(desk: Desk, raw: bytes, channel: Channel, sender: str | None, at: datetime) -> InboxItem:
    with desk.store.begin() as s:
        return inbox.receive(s, raw, at, channel, sender)


def _item(desk: Desk, inbox_id: int) -> InboxItem:
    with desk.store.read() as s:
        return inbox.get(s, inbox_id)


# -- a new case ------------------------------------------------------------------------------------------------------------


async def _start(desk: Desk, inbox_id: int, notes: tuple[Problem, ...] = ()) -> Outcome:
    item = await asyncio.to_thread(_item, desk, inbox_id)
    case_id = _case_of(item)
    try:
        await ensure_started(desk, case_id)
    except EngineDown as away:
        says = (
            f"Received as case {case_id}; it starts by itself when the engine is back. The receipt time stands. {away}"
        )
        return _outcome(OutcomeKind.KEPT, item, case_id, says, notes=notes)
    return _outcome(OutcomeKind.STARTED, item, case_id, f"Case {case_id} is running.", notes=notes)


# -- days of a stay --------------------------------------------------------------------------------------------------------


async def _open_stay(desk: Desk, inbox_id: int, opens: OpensStay, is_open: bool) -> Outcome:
    """The stay becomes known by its admission; then the request is looked at anew, and finds it."""
    item = await asyncio.to_thread(_item, desk, inbox_id)
    problems = await open_stay(desk, opens, item.channel)
    if is_open and not problems:
        message = "the admission that the request shows belongs to another stay than the one that it asks about"
        problems = (Problem(path="admission", rule="stay.not_opened", message=message),)
    if problems:
        return await _refuse(desk, inbox_id, problems)
    return await _carry_on(desk, inbox_id, stay_is_new=True)


# -- a request that is there already ---------------------------------------------------------------------------------------


async def _join(desk: Desk, inbox_id: int, repeat: Repeat) -> Outcome:
    item = await asyncio.to_thread(_item, desk, inbox_id)
    view = repeat.view
    if view is None or view.status is CaseStatus.OPEN:
        try:
            await ensure_started(desk, repeat.case_id)
            await telling.leave(desk, repeat.case_id, await asyncio.to_thread(_duplicate, desk, item, repeat.case_id))
        except EngineDown as away:
            says = (
                f"The same request is case {repeat.case_id} already; the case is told when the engine is back. {away}"
            )
            return _outcome(OutcomeKind.KEPT, item, repeat.case_id, says, notes=repeat.notes)
        except CaseGone:
            view = await asyncio.to_thread(view_of, desk, repeat.case_id)
            if view is None or view.status is CaseStatus.OPEN:
                return _outcome(OutcomeKind.KEPT, item, repeat.case_id, adrift(repeat.case_id), notes=repeat.notes)
    if view is not None and view.status is CaseStatus.WITHDRAWN:
        return await carry_on(desk, inbox_id)  # it was taken back in between, so this is a request of its own
    await asyncio.to_thread(_settle, desk, inbox_id, repeat.case_id, repeat.request_version)
    kind = OutcomeKind.JOINED if view is None or view.status is CaseStatus.OPEN else OutcomeKind.DECIDED_BEFORE
    return _outcome(kind, item, repeat.case_id, _standing(repeat, view), notes=repeat.notes)


def _duplicate(desk: Desk, item: InboxItem, case_id: str) -> NoteDuplicate:
    start, npi = start_of(desk, case_id)[0], requester_of(desk, case_id)
    return NoteDuplicate(
        message_id=f"inbox-{item.inbox_id}",
        at=max(item.received_at, start.received_at),
        actor=Actor(kind="provider", id=npi),
        inbox_id=item.inbox_id,
    )


def _settle(desk: Desk, inbox_id: int, case_id: str, version: int) -> None:
    """The case has the item: accepted and told, in one transaction."""
    with desk.store.begin() as s:
        inbox.accept(s, inbox_id, case_id, version)
        inbox.mark_started(s, inbox_id, desk.clock())


def _standing(repeat: Repeat, view: CaseView | None) -> str:
    case_id = repeat.case_id
    if view is None:
        return f"The same request is case {case_id} already, which is being opened. Nothing was added to it."
    number = f" Authorization number {view.authorization_number}." if view.authorization_number else ""
    match view.status:
        case CaseStatus.OPEN:
            more = " Send its new records with 'umpire add-document'." if repeat.unseen_records else ""
            waits = f" It waits for {view.waiting.what} from {view.waiting.owner}." if view.waiting else ""
            return f"The same request is case {case_id} already and joined it.{waits} Nothing was added to it.{more}"
        case CaseStatus.APPROVED:
            return f"Already decided as case {case_id}: approved.{number}"
        case CaseStatus.APPROVED_IN_PART:
            return f"Already decided as case {case_id}: approved in part.{number} The rest can be appealed."
        case CaseStatus.DENIED:
            return f"Already decided as case {case_id}: denied. The way on is an appeal; the letter says how."
        case CaseStatus.NOT_REQUIRED:
            return f"Already answered as case {case_id}: no authorization is required."
        case CaseStatus.WITHDRAWN:
            return f"Case {case_id} was withdrawn."
        case CaseStatus.COMPLETED | CaseStatus.VOIDED:
            return f"{case_id} is {view.status.value}."


# -- a change of a running case --------------------------------------------------------------------------------------------


async def _change(desk: Desk, inbox_id: int, change: Change) -> Outcome:
    item = await asyncio.to_thread(_item, desk, inbox_id)
    case_id = change.case_id
    replies: list[Reply] = []
    try:
        await ensure_started(desk, case_id)
        for message in _messages(item, change):
            replies.append(await telling.tell(desk, case_id, message))
            if replies[-1].kind is ReplyKind.REFUSED:
                break
    except EngineDown as away:
        says = f"Received for case {case_id}; the case is told when the engine is back. The receipt time stands. {away}"
        return _outcome(OutcomeKind.KEPT, item, case_id, says, notes=change.notes)
    except CaseGone:
        view = await asyncio.to_thread(view_of, desk, case_id)
        if view is None or view.status is CaseStatus.OPEN:
            return _outcome(OutcomeKind.KEPT, item, case_id, adrift(case_id), notes=change.notes)
        problem = Problem(path="prior request", rule="case.closed", message=f"the case {case_id} is closed")
        return await _refuse(desk, inbox_id, (problem,))
    if replies[0].kind is ReplyKind.REFUSED:
        return await _refuse(desk, inbox_id, _as_problems(replies[0]))
    await asyncio.to_thread(_settle, desk, inbox_id, case_id, change.request_version)
    what = "; ".join(change.merged.what) or "more records"
    if replies[0].kind is ReplyKind.HANDED_ON:
        says = f"Left with case {case_id} ({what}); no worker has answered yet."
        return _outcome(OutcomeKind.HANDED_ON, item, case_id, says, notes=change.notes)
    more = "".join(f" Not done: {problem}." for problem in _as_problems(replies[-1]))
    return _outcome(OutcomeKind.CHANGED, item, case_id, f"Case {case_id}: {what}.{more}", notes=change.notes)


def _messages(item: InboxItem, change: Change) -> tuple[CaseMessage, ...]:
    """What the case is told. The ids follow from the inbox item, so that saying it again changes nothing."""
    key = f"inbox-{item.inbox_id}"
    at, actor = item.received_at, Actor(kind="provider", id=change.request.requesting_provider.npi)
    if change.merged.withdrawn:
        why = "The sender cancelled the request."
        return (Withdraw(message_id=key, at=at, actor=actor, by=AskedBy.PROVIDER, why=why),)
    messages: list[CaseMessage] = []
    if change.merged.what:
        what = "; ".join(change.merged.what)
        messages.append(
            CorrectRequest(message_id=key, at=at, actor=actor, request_version=change.request_version, what=what)
        )
    else:
        messages.append(
            AddDocuments(
                message_id=key,
                at=at,
                actor=actor,
                document_ids=change.new_documents,
                request_version=change.request_version,
            )
        )
    if change.merged.expedite:
        urgency = change.request.urgency
        messages.append(
            RequestExpedite(
                message_id=f"{key}-expedite",
                at=at,
                actor=actor,
                asked_by=urgency.asked_by,
                physician_statement=urgency.physician_statement,
            )
        )
    return tuple(messages)


def _as_problems(reply: Reply) -> tuple[Problem, ...]:
    return tuple(
        Problem(path="request", rule=refusal.rule, message=refusal.message, expected=refusal.way_out)
        for refusal in reply.refusals
    )


# -- what was refused, and what was dealt with -----------------------------------------------------------------------------


async def _refuse(desk: Desk, inbox_id: int, problems: tuple[Problem, ...]) -> Outcome:
    await asyncio.to_thread(understanding.refuse, desk.store, inbox_id, problems)
    return await _refused(desk, inbox_id, problems)


async def _refused(desk: Desk, inbox_id: int, problems: tuple[Problem, ...]) -> Outcome:
    item = await asyncio.to_thread(_item, desk, inbox_id)
    says = f"Not taken; it is kept as INBOX-{inbox_id} for intake to look at."
    return _outcome(OutcomeKind.REFUSED, item, None, says, problems=problems)


async def _settled(desk: Desk, item: InboxItem) -> Outcome:
    match item.status:
        case InboxStatus.ACCEPTED if is_of_a_stay(item) and item.started_at is None:
            return await tell_again(desk, item)
        case InboxStatus.ACCEPTED if item.started_at is None:
            later = item.request_version is not None and item.request_version > 1
            return await (_records(desk, item) if later else _start(desk, item.inbox_id))
        case InboxStatus.ACCEPTED:
            whose = "Stay" if is_of_a_stay(item) else "Case"
            return _outcome(
                OutcomeKind.STARTED,
                item,
                item.case_id,
                f"{whose} {item.case_id} has it.",
            )
        case InboxStatus.RESOLVED:
            says = f"INBOX-{item.inbox_id} was resolved by {item.resolved_by}."
            return _outcome(OutcomeKind.REFUSED, item, None, says, problems=item.problems)
        case _:
            return await _refused(desk, item.inbox_id, item.problems)


async def _records(desk: Desk, item: InboxItem) -> Outcome:
    """Records that were kept for a case which has not heard of them yet."""
    case_id = _case_of(item)
    try:
        reply = await tell_of_records(desk, item)
    except EngineDown as away:
        says = f"Kept for case {case_id}, which is told when the engine is back. {away}"
        return _outcome(OutcomeKind.KEPT, item, case_id, says)
    if reply.kind is ReplyKind.REFUSED:
        return _outcome(OutcomeKind.REFUSED, item, case_id, "Refused.", problems=_as_problems(reply))
    return _outcome(OutcomeKind.CHANGED, item, case_id, reply.says)


def _case_of(item: InboxItem) -> str:
    if item.case_id is None:
        raise LookupError(f"inbox item {item.inbox_id} was accepted without a case")
    return item.case_id


def _outcome(
    kind: OutcomeKind,
    item: InboxItem,
    case_id: str | None,
    says: str,
    problems: tuple[Problem, ...] = (),
    notes: tuple[Problem, ...] = (),
) -> Outcome:
    return Outcome(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=case_id,
        says=says,
        problems=problems,
        notes=notes,
    )
