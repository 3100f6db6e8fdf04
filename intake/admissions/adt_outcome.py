"""Outcome of interpreting an ADT message, and a person's assignment of its member."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import ValidationIssue
from domain.stays.adt import AdtMessage
from intake.admissions.admission_result import AdmissionStatus
from store.inbox import InboxItem

UMPIRE = "umpire"
"""Resolver of items that need no action by a person."""


@dataclass(frozen=True)
class MemberAssignment:
    """A person's assignment of the stay to a member."""

    member_id: str
    by: str


@dataclass(frozen=True)
class AdtOutcome:
    """Outcome of an item so far. `event_id` is the stored event to deliver, if any stay needs it; `first` is the item with
    the same message that arrived before, when it still waits for a person."""

    kind: AdmissionStatus
    item: InboxItem
    says: str
    message: AdtMessage | None = None
    stay_id: str | None = None
    event_id: str | None = None
    problems: tuple[ValidationIssue, ...] = ()
    notes: tuple[ValidationIssue, ...] = ()
    first: int | None = None
