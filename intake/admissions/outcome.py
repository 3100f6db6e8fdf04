"""What became of a message about a stay, and what its sender is told."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from domain.errors import Problem
from domain.model import Model
from interop.hl7.acks import AckCode


class AdmissionKind(StrEnum):
    OPENED = "opened"
    """A stay became known by it."""
    JOINED = "joined"
    """Told to a stay that is known."""
    MERGED = "merged"
    """Stays were re-keyed, and were told."""
    REPEATED = "repeated"
    """The same message is here already; nothing was done again."""
    WAITING = "waiting"
    """About no stay that is known here; told as soon as that stay becomes known."""
    NOTED = "noted"
    """Kept, and deliberately nothing done."""
    SPLIT = "split"
    """A batch whose messages were taken one by one."""
    KEPT = "kept"
    """Understood; the stay is told by itself when the engine is back."""
    MUST_LOOK = "must_look"
    """Kept, and a person has to settle something first."""
    REJECTED = "rejected"
    """Kept, but it is no ADT message or not the whole of one: the sender has to send it again."""


_ACKS = {AdmissionKind.MUST_LOOK: AckCode.AE, AdmissionKind.REJECTED: AckCode.AR}


class AdmissionOutcome(Model):
    """`received_at` is UTC and never moves. `says` is for people here and names no patient; `answer` goes to the sender."""

    kind: AdmissionKind
    inbox_id: int
    received_at: AwareDatetime
    control_id: str | None = None
    trigger: str | None = None
    stay_id: str | None = None
    event_id: str | None = None
    says: str
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def ack(self) -> AckCode:
        return _ACKS.get(self.kind, AckCode.AA)

    @property
    def answer(self) -> str:
        """The words of the acknowledgment: rule and place, nothing of the patient, nothing of whether we know them."""
        if not self.problems or self.ack is AckCode.AA:
            return "Kept"
        first = self.problems[0]
        return f"{'Kept, a person must look' if self.ack is AckCode.AE else 'Not taken'}: {first.rule} at {first.path}"
