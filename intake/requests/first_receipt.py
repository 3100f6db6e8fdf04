"""The first receipt of a request: a request that was kept before, and not read since its reader died, counts from then."""

from __future__ import annotations

import asyncio
from datetime import datetime

from domain.errors import NotReadable
from domain.requests.numbers import case_id_for
from domain.requests.request import AuthorizationRequest
from interop.reader import read_request
from services.context import ServiceContext
from store import inbox
from store.inbox import InboxItem

_ANY_KEY = b"same request"


async def first_receipt(services: ServiceContext, item: InboxItem, request: AuthorizationRequest) -> datetime:
    """The earliest instant (UTC) at which this request was kept: by this item, or by an earlier one that is unread."""
    for earlier in await services.read(inbox.unread_before, item):
        raw = await services.read(inbox.raw, earlier.inbox_id)
        if request.member.member_id.encode() not in raw:
            continue
        try:
            other = await asyncio.to_thread(read_request, raw, earlier.received_at, earlier.channel)
        except NotReadable:
            continue
        if case_id_for(other.request, _ANY_KEY) == case_id_for(request, _ANY_KEY):
            return earlier.received_at
    return item.received_at
