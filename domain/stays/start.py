"""The start of a stay's review, and the message that brings it an ADT event."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from domain.cases.messages import BaseMessage
from domain.model import Model
from domain.stays.adt import StayEvent


class StayStart(Model):
    """A new stay. `received_at` (UTC) is the receipt of the first message about it."""

    stay_id: str
    received_at: AwareDatetime
    member_id: str
    facility_npi: str | None = None
    facility: str
    visit_number: str | None = None

    @property
    def case_id(self) -> str:
        """The case number, which is the stay's."""
        return self.stay_id


class AdtEventReceived(BaseMessage):
    """An ADT event of the stay. `at` is the receipt of its ADT message; the message id follows from that message."""

    type: Literal["tell_stay"] = "tell_stay"
    event: StayEvent
