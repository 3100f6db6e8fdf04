"""Taking a review back because what it is about did not take place."""

from __future__ import annotations

from datetime import datetime

from domain.journal import Actor
from domain.messages import Withdraw
from domain.stay import Stay
from domain.vocabulary import AskedBy


def withdrawal_by_facility(stay: Stay, case_id: str, now: datetime) -> Withdraw:
    """The facility's withdrawal of a round, in its own name: it said that the admission did not take place."""
    return Withdraw(
        message_id=f"{case_id}-withdrawn",
        at=now,
        actor=Actor(kind="provider", id=stay.facility_npi or stay.facility),
        by=AskedBy.PROVIDER,
        why="The facility took the admission back.",
    )
