"""What a case orders from the world, and what comes back: the small values that travel between workflow and activities.

They carry ids and references, never documents; whatever an order returns stands in the workflow's history.
"""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.clocks.engine import Clock
from domain.decisions.reviewers import Reviewer
from domain.journal import EntryDraft
from domain.letters.orders import BlockedLetter, LetterOrder, WrittenLetter
from domain.letters.stay_facts import StayLetterOrder
from domain.model import Model


class NoOrder(Model):
    """For what needs nothing to be told."""


class Clocks(Model):
    """Every clock that binds the case, after the events of the order."""

    clocks: tuple[Clock, ...]


class KnownOrder(Model):
    """What the directory and the store know right now of the reviewers named and of the case's request."""

    case_id: str
    reviewer_ids: tuple[str, ...] = ()
    with_request: bool = True


class RecordOrder(Model):
    """Write journal entries and letters of a case in one transaction."""

    case_id: str
    entries: tuple[EntryDraft, ...]
    letters: tuple[LetterOrder, ...] = ()
    stay_letters: tuple[StayLetterOrder, ...] = ()


class Recorded(Model):
    """What was written. `handed_over` are the letters that are out of the house already; the others have to be delivered."""

    letters: tuple[WrittenLetter, ...] = ()
    handed_over: tuple[str, ...] = ()
    blocked: tuple[BlockedLetter, ...] = ()


class DeliverOrder(Model):
    """Hand these letters over. `now` is when the case asked for it; the journal stamps the hand-over when it is done."""

    case_id: str
    letter_ids: tuple[str, ...]
    now: AwareDatetime


class Delivered(Model):
    """Which letters of the order are out of the house; for the others the carrier is in trouble."""

    out: tuple[str, ...]


class Known(Model):
    """The directory's records of the reviewers asked for; unknown ids are left out. `newest_version` is of the request."""

    reviewers: tuple[Reviewer, ...]
    newest_version: int
