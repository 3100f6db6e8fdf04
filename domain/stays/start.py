"""What starts the review of a stay, and what it is told of."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from domain.cases.messages import Message
from domain.model import Model
from domain.stays.adt import StayEvent


class StayStart(Model):
    """A stay that became known. `received_at` (UTC) is the receipt of the first message about it."""

    stay_id: str
    received_at: AwareDatetime
    member_id: str
    facility_npi: str | None = None
    facility: str
    visit_number: str | None = None


class TellStay(Message):
    """Something happened to the stay. `at` is the receipt of the message that says so; its id follows from that message."""

    type: Literal["tell_stay"] = "tell_stay"
    event: StayEvent
