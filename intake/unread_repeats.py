"""Repeats of what nobody could read or accept: they join their first in the inbox, which is one task and counts them."""

from __future__ import annotations

import asyncio

from intake.results import Issues, joined_result, rejected_result
from interop.document_keys import document_key
from services.context import ServiceContext, SubmissionResult
from store import inbox
from store.inbox import InboxItem

_MOST_COMPARED = 200
"""Open items whose identifier is compared, the newest first: more are looked at by people one by one."""


async def join_first(services: ServiceContext, item: InboxItem, raw: bytes, problems: Issues) -> SubmissionResult:
    """The result of a rejected item: it joins an open item with the same bytes, or with the same identifier of the same sender,
    and is a task of its own where there is none. A crash before this leaves two tasks and loses nothing."""
    first = await _find_first(services, item, raw, problems)
    joined = await services.write(inbox.join, item.inbox_id, first, services.clock()) if first is not None else None
    return rejected_result(item, problems) if joined is None else joined_result(item, joined, problems)


async def _find_first(services: ServiceContext, item: InboxItem, raw: bytes, problems: Issues) -> int | None:
    """The open item that this one repeats. Who sent it matters where it would change a case: there another sender is asked."""
    waiting = await services.read(inbox.rejected_before, item)
    from_sender = [one for one in waiting if one.sender == item.sender]
    alike = from_sender if any(problem.about_case for problem in problems) else waiting
    same = next((one for one in alike if one.sha256 == item.sha256), None)
    if same is not None:
        return same.inbox_id
    key = await asyncio.to_thread(document_key, raw)
    if key is None:
        return None
    for other in reversed(from_sender[-_MOST_COMPARED:]):
        content = await services.read(inbox.raw, other.inbox_id)
        if await asyncio.to_thread(document_key, content) == key:
            return other.inbox_id
    return None
