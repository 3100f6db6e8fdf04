"""Requests that staff enter by hand, from a call, a fax or a letter: the same document and the same way as any other."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import Refused, violation
from domain.journal import canonical_json
from domain.vocabulary import HAND_CHANNELS, Channel
from intake.submission import submit
from interop.plain.document import FORMAT
from interop.reader import read_request
from services import access
from services.context import ServiceContext, SubmissionResult


async def enter_request(
    services: ServiceContext, values: Mapping[str, Any], channel: Channel, received_at: datetime
) -> SubmissionResult:
    """Enter a request and submit it as received at that aware instant. `values` are the properties of `umpire-request/1`
    without `format` and `submission_id`; `by_hand` says who called and who took it.

    What is not readable is refused before anything is stored, for the one who types is there to mend it. Raises NotReadable,
    NotOnFile for an unknown reviewer, and Refused for another role or channel, or a receipt in the future.
    """
    if channel not in HAND_CHANNELS:
        message = f"A request that came by {channel.value.replace('_', ' ')} is not entered by hand."
        raise Refused((violation("submit.channel", message, "Give phone, fax or mail, or submit its file."),))
    now = services.clock()
    if received_at > now:
        message = "The time of receipt is in the future."
        raise Refused((violation("intake.received_at", message, "Give the time of the call or of the arrival."),))
    await services.read(
        access.require_role, access.ENTER_REQUESTS, str((values.get("by_hand") or {}).get("taken_by", ""))
    )
    number = f"by-hand|{now:%Y%m%d%H%M%S}-{secrets.token_hex(3)}"
    raw = canonical_json({"format": FORMAT, "submission_id": number, **values})
    await asyncio.to_thread(read_request, raw, received_at, channel)
    return await submit(services, raw, channel, None, received_at)
