"""What an arrival can mean for cases."""

from __future__ import annotations

from dataclasses import dataclass

from domain.authorization.start import CaseStart
from domain.cases.views import CaseView
from domain.errors import Problem
from domain.requests.request import AuthorizationRequest
from domain.stays.messages import ClinicalUpdate
from intake.requests.changes import Merged
from interop.plain.admission import Admission
from store.inbox import InboxItem


@dataclass(frozen=True)
class NewCase:
    """Accepted; its workflow has to be started."""

    start: CaseStart
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Repeat:
    """A request that a case has already. `view` is None while that case is being opened; `unseen_records` tells that the
    repeat carries documents that the case does not have."""

    case_id: str
    request_version: int
    view: CaseView | None
    unseen_records: bool
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Change:
    """A stored version of the request that its case has to be told of."""

    case_id: str
    request_version: int
    request: AuthorizationRequest
    merged: Merged
    new_documents: tuple[str, ...]
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ForStay:
    """Days of a stay that goes on: the request is kept on the stay, which has to be told of it."""

    stay_id: str
    update: ClinicalUpdate
    is_repeat: bool
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class OpensStay:
    """Days of a stay that nobody has announced here: the request itself says that the member was admitted."""

    admission: Admission


@dataclass(frozen=True)
class Refused:
    """Not taken; it is in the inbox, as a task for intake."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Settled:
    """Somebody else dealt with the item already."""

    item: InboxItem


Meaning = NewCase | Repeat | Change | ForStay | OpensStay | Refused | Settled
