"""Result of an ADT message, and its acknowledgment to the sender."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from domain.errors import ValidationIssue
from domain.model import Model
from interop.hl7.acks import AckCode


class AdmissionStatus(StrEnum):
    OPENED = "opened"
    """It opened a stay."""
    JOINED = "joined"
    """Sent to a stay on file."""
    MERGED = "merged"
    """Stays were merged and got the event."""
    REPEATED = "repeated"
    """The same message was received before; nothing was done again."""
    WAITING = "waiting"
    """About no stay on file; sent as soon as that stay is opened."""
    NOTED = "noted"
    """Stored; no action is needed."""
    SPLIT = "split"
    """A batch that was split into its messages."""
    STORED = "kept"
    """Interpreted; it is sent to the stay automatically when Temporal is back."""
    NEEDS_PERSON = "must_look"
    """Stored; a person has to resolve something first."""
    REJECTED = "rejected"
    """Stored, but not a complete ADT message: the sender has to send it again."""


_ACKS = {AdmissionStatus.NEEDS_PERSON: AckCode.AE, AdmissionStatus.REJECTED: AckCode.AR}


class AdmissionResult(Model):
    """Result of an ADT message. `received_at` is UTC and never moves. `says` is for staff and names no patient; `answer` is
    the text for the sender."""

    kind: AdmissionStatus
    inbox_id: int
    received_at: AwareDatetime
    control_id: str | None = None
    trigger: str | None = None
    stay_id: str | None = None
    event_id: str | None = None
    says: str
    problems: tuple[ValidationIssue, ...] = ()
    notes: tuple[ValidationIssue, ...] = ()

    @property
    def ack(self) -> AckCode:
        return _ACKS.get(self.kind, AckCode.AA)

    @property
    def answer(self) -> str:
        """Text of the acknowledgment: rule and path, nothing about the patient or their membership."""
        if not self.problems or self.ack is AckCode.AA:
            return "Kept"
        first = self.problems[0]
        return f"{'Kept, a person must look' if self.ack is AckCode.AE else 'Not taken'}: {first.rule} at {first.path}"
