"""What a message about a stay can mean, and a person's word on whose stay it is."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import Problem
from domain.stays.adt import AdtMessage
from intake.admissions.outcome import AdmissionKind
from store.inbox import InboxItem

UMPIRE = "umpire"
"""Who settles an item of which nobody has to do anything."""


@dataclass(frozen=True)
class Settlement:
    """A person's word on whose stay it is."""

    member_id: str
    by: str


@dataclass(frozen=True)
class Understood:
    """What became of an item so far. `event_id` is the stored message to be told of, if any stay has to be told;
    `first` is the item that brought the same message before, when that one still waits for a person."""

    kind: AdmissionKind
    item: InboxItem
    says: str
    message: AdtMessage | None = None
    stay_id: str | None = None
    event_id: str | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    first: int | None = None
