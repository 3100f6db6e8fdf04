"""A request that is about a stay: the stay is opened where it is not known, told, and the sender hears which one it is."""

from __future__ import annotations

import asyncio

from domain.errors import Corrupt, Problem
from domain.stays.messages import ClinicalUpdate
from domain.vocabulary import Channel
from intake.admissions import admissions
from intake.requests.meaning import ForStay, OpensStay
from intake.stays.requests import update_of
from intake.stays.review_records import hand_to_review
from intake.stays.updates import as_problems, is_kept_form, take_back, tell_of_form
from interop.reader import read_request
from services.context import Desk, EngineDown, Outcome, OutcomeKind, ReplyKind
from services.starting import mark_told
from services.stay_client import STAY, tell
from store import cases, inbox, sheets, stays
from store.inbox import InboxItem


def is_of_a_stay(item: InboxItem) -> bool:
    """Whether an accepted arrival belongs to a stay and not to a case."""
    return item.case_id is not None and item.case_id.startswith(STAY)


async def open_stay(desk: Desk, opens: OpensStay, channel: Channel) -> tuple[Problem, ...]:
    """Announce the admission that a request shows. Announcing it again finds it announced. Gives why it could not be."""
    outcome = await admissions.enter(desk, opens.admission, channel)
    if outcome.stay_id is not None:
        return ()
    unknown = Problem(path="admission", rule="stay.not_opened", message=outcome.says)
    return outcome.problems or (unknown,)


async def tell_stay(desk: Desk, item: InboxItem, found: ForStay, is_new: bool) -> Outcome:
    """Tell the stay of a request that is kept on it."""
    if found.is_repeat:
        await asyncio.to_thread(mark_told, desk, item.inbox_id)
        says = await asyncio.to_thread(_standing, desk, found.stay_id)
        return _outcome(OutcomeKind.JOINED, item, found.stay_id, says, notes=found.notes)
    outcome = await _tell(desk, item, found.stay_id, found.update, is_new)
    return outcome.model_copy(update={"notes": found.notes})


async def tell_again(desk: Desk, item: InboxItem) -> Outcome:
    """Carry on with an arrival that is kept on a stay which has not heard of it yet."""
    stay_id = item.case_id or ""
    if not await asyncio.to_thread(_is_form, desk, item):
        return await _tell(desk, item, stay_id, await asyncio.to_thread(_update, desk, item), False)
    try:
        reply = await tell_of_form(desk, item)
    except EngineDown as away:
        return _kept(item, stay_id, away)
    if reply.kind is ReplyKind.REFUSED:
        says = f"Stay {stay_id} does not take it; it is kept as INBOX-{item.inbox_id} for intake to look at."
        return _outcome(OutcomeKind.REFUSED, item, stay_id, says, as_problems(reply))
    return _outcome(OutcomeKind.CHANGED, item, stay_id, f"{stay_id}: {reply.says}")


async def _tell(desk: Desk, item: InboxItem, stay_id: str, update: ClinicalUpdate, is_new: bool) -> Outcome:
    try:
        reply = await tell(desk, stay_id, update)
    except EngineDown as away:
        return _kept(item, stay_id, away)
    if reply.kind is ReplyKind.REFUSED:
        problems = as_problems(reply)
        await asyncio.to_thread(take_back, desk, item.inbox_id, problems)
        says = f"Stay {stay_id} does not take it; it is kept as INBOX-{item.inbox_id} for intake to look at."
        return _outcome(OutcomeKind.REFUSED, item, stay_id, says, problems)
    await hand_to_review(desk, stay_id, update.update_id, update.actor)
    await asyncio.to_thread(mark_told, desk, item.inbox_id)
    days = f"the days through {update.through}" if update.through is not None else "the next days"
    known = f"Stay {stay_id} is known from now on by this request" if is_new else f"This is about stay {stay_id}"
    handed_on = reply.kind is ReplyKind.HANDED_ON
    more = " No worker has answered yet." if handed_on else f" Ask how it stands with 'umpire show {stay_id}'."
    kind = OutcomeKind.HANDED_ON if handed_on else OutcomeKind.STARTED if is_new else OutcomeKind.CHANGED
    return _outcome(kind, item, stay_id, f"{known}: {days} are asked for.{more}")


def _kept(item: InboxItem, stay_id: str, away: EngineDown) -> Outcome:
    says = f"Received for stay {stay_id}; it is told when the engine is back. The receipt time stands. {away}"
    return _outcome(OutcomeKind.KEPT, item, stay_id, says)


def _standing(desk: Desk, stay_id: str) -> str:
    """How the stay stands, for a sender who sends the same again."""
    with desk.store.read() as s:
        view, sheet = cases.get(s, stay_id), sheets.get(s, stay_id)
    says = f"The same request is on stay {stay_id} already; nothing was added."
    content = sheet.content if sheet is not None else {}
    if content.get("certified_through"):
        says += f" Certified through {content['certified_through']}."
    if view is not None and view.waiting is not None:
        says += f" It waits for {view.waiting.what} from {view.waiting.owner}."
    return says


def _is_form(desk: Desk, item: InboxItem) -> bool:
    with desk.store.read() as s:
        return is_kept_form(s, item)


def _update(desk: Desk, item: InboxItem) -> ClinicalUpdate:
    with desk.store.begin() as s:
        stay = stays.get(s, item.case_id or "")
        if stay is None:
            raise Corrupt(f"inbox item {item.inbox_id} is for stay {item.case_id}, which is not there")
        return update_of(s, item, read_request(inbox.raw(s, item.inbox_id), item.received_at, item.channel), stay)


def _outcome(
    kind: OutcomeKind,
    item: InboxItem,
    stay_id: str | None,
    says: str,
    problems: tuple[Problem, ...] = (),
    notes: tuple[Problem, ...] = (),
) -> Outcome:
    return Outcome(
        kind=kind,
        inbox_id=item.inbox_id,
        received_at=item.received_at,
        case_id=stay_id,
        says=says,
        problems=problems,
        notes=notes,
    )
