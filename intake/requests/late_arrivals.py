"""Late arrivals on the journal of a decided case: whatever comes after the decision is to be found where it is looked for."""

from __future__ import annotations

from domain.cases.messages import NoteDuplicate
from domain.journal import Actor, EntryKind
from domain.plain_language.phrases import count_phrase
from intake.requests.arrival_outcome import RepeatedRequest
from intake.requests.repeats import speaker_of
from services import case_client
from services.case_client import CaseNotRunning
from services.context import ServiceContext
from store import read_models, requests
from store.inbox import InboxItem


async def note_late_arrival(services: ServiceContext, item: InboxItem, repeat: RepeatedRequest) -> None:
    """Note the arrival on the journal of its decided case, once: by the case itself while it still has work, else for it.

    Raises TemporalUnavailable when nobody can say which of the two it is.
    """
    first = (await services.read(requests.load, repeat.case_id, 1)).request
    at, actor = max(item.received_at, first.received_at), speaker_of(first)
    message = NoteDuplicate(message_id=f"inbox-{item.inbox_id}", at=at, actor=actor, inbox_id=item.inbox_id)
    try:
        await case_client.signal_message(services, repeat.case_id, message)
    except CaseNotRunning:
        await _append(services, item, repeat, actor)


async def _append(services: ServiceContext, item: InboxItem, repeat: RepeatedRequest, actor: Actor) -> None:
    brought = bool(repeat.filed) or repeat.unseen_records
    kind = EntryKind.INFORMATION_RECEIVED if brought else EntryKind.DUPLICATE_RECEIVED
    what = count_phrase(len(repeat.filed), "document") if repeat.filed else "facts"
    summary = f"After the decision {what} arrived; put on file." if brought else "A copy arrived after the decision."
    await services.write(
        read_models.append_note,
        repeat.case_id,
        f"inbox-{item.inbox_id}",
        kind=kind,
        at=item.received_at,
        actor=actor,
        summary=summary,
        data={"inbox_id": item.inbox_id, "documents": list(repeat.filed)},
    )
