"""Outcomes of interpreting an arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.authorization.messages import AuthorizationMessage
from domain.authorization.start import AuthorizationStart
from domain.cases.views import CaseView
from domain.errors import ValidationIssue
from domain.requests.request import AuthorizationRequest
from domain.stays.messages import ClinicalUpdate
from intake.requests.merge import MergedRequest
from interop.plain.admission import Admission
from store.inbox import InboxItem


@dataclass(frozen=True)
class NewCase:
    """A request that was accepted; its case has to be started."""

    start: AuthorizationStart
    notes: tuple[ValidationIssue, ...] = ()


@dataclass(frozen=True)
class RepeatedRequest:
    """A request that a case has already. `view` is None while that case is being opened. `messages` tell an open case that it
    came, and what it brings; `does` says the latter to its sender, one text for each.

    On a decided case `filed` are the new documents that were put on its file, and `unseen_records` is true when new facts were;
    `is_copy`: the case has all of it, under the same identifier. `party` is set when another party speaks through it.
    """

    case_id: str
    request_version: int
    view: CaseView | None
    unseen_records: bool
    notes: tuple[ValidationIssue, ...] = ()
    messages: tuple[AuthorizationMessage, ...] = ()
    does: tuple[str, ...] = ()
    filed: tuple[str, ...] = ()
    is_copy: bool = False
    party: str | None = None


@dataclass(frozen=True)
class RequestUpdate:
    """An update of a request: a stored version that has to be sent to its case."""

    case_id: str
    request_version: int
    request: AuthorizationRequest
    merged: MergedRequest
    new_documents: tuple[str, ...]
    notes: tuple[ValidationIssue, ...] = ()


@dataclass(frozen=True)
class StayRequest:
    """A request for days of an ongoing stay: it is stored on the stay and has to be sent to it."""

    stay_id: str
    update: ClinicalUpdate
    is_repeat: bool
    notes: tuple[ValidationIssue, ...] = ()


@dataclass(frozen=True)
class NewStay:
    """A request for days of a stay that is not on file: the request itself reports the admission, at its receipt (UTC)."""

    admission: Admission
    received_at: datetime


@dataclass(frozen=True)
class RejectedArrival:
    """An arrival that was not accepted; it is in the inbox, as a task for intake."""

    problems: tuple[ValidationIssue, ...]


@dataclass(frozen=True)
class AlreadyProcessed:
    """An item that was processed already."""

    item: InboxItem


ArrivalOutcome = NewCase | RepeatedRequest | RequestUpdate | StayRequest | NewStay | RejectedArrival | AlreadyProcessed
