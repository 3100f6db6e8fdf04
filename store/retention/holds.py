"""Legal holds on cases, members and lines of business: placed, released once, and kept for good."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from domain.cases.views import CaseView
from domain.errors import NotOnFile
from domain.model import Model
from store.retention.tables import legal_holds

_H = legal_holds


class HoldScope(StrEnum):
    """The reach of a hold: one case, all cases of a member, or all of a line of business."""

    CASE = "case"
    MEMBER = "member"
    LOB = "lob"


class LegalHold(Model):
    """A hold on all records in its scope for a matter, such as a lawsuit or an audit. Instants are UTC; it is in force until it
    is released. `placed_by` and `released_by` are reviewers' ids."""

    hold_id: int
    scope: HoldScope
    subject: str
    matter: str
    placed_by: str
    placed_at: AwareDatetime
    released_by: str | None = None
    released_at: AwareDatetime | None = None
    release_reason: str | None = None

    def is_on(self, view: CaseView) -> bool:
        """Whether the hold is in force and reaches this case."""
        if self.released_at is not None:
            return False
        match self.scope:
            case HoldScope.CASE:
                return view.case_id == self.subject
            case HoldScope.MEMBER:
                return view.member_id == self.subject
            case HoldScope.LOB:
                return view.line_of_business == self.subject


def place(s: Session, scope: HoldScope, subject: str, matter: str, by: str, at: datetime) -> LegalHold:
    """Place a hold. The same hold that is in force already is returned as it is."""
    for hold in in_force(s):
        if (hold.scope, hold.subject, hold.matter) == (scope, subject, matter):
            return hold
    values = {"scope": scope.value, "subject": subject, "matter": matter, "placed_by": by, "placed_at": at}
    return get(s, s.execute(insert(_H).returning(_H.c.hold_id), values).scalar_one())


def release(s: Session, hold_id: int, reason: str, by: str, at: datetime) -> LegalHold:
    """Release a hold; one that was released before stays as it is. Raises NotOnFile."""
    if get(s, hold_id).released_at is None:
        released = {"released_by": by, "released_at": at, "release_reason": reason}
        s.execute(update(_H).where(_H.c.hold_id == hold_id).values(**released))
    return get(s, hold_id)


def get(s: Session, hold_id: int) -> LegalHold:
    """The hold. Raises NotOnFile when there is none."""
    row = s.execute(select(_H).where(_H.c.hold_id == hold_id)).first()
    if row is None:
        raise NotOnFile(f"There is no legal hold {hold_id}.", "'umpire retention holds' lists them.")
    return LegalHold.model_validate(row._asdict())


def list_all(s: Session) -> tuple[LegalHold, ...]:
    """Every hold, released ones too, in the order in which they were placed."""
    return tuple(LegalHold.model_validate(row._asdict()) for row in s.execute(select(_H).order_by(_H.c.hold_id)))


def in_force(s: Session) -> tuple[LegalHold, ...]:
    """The holds that are not released."""
    query = select(_H).where(_H.c.released_at.is_(None)).order_by(_H.c.hold_id)
    return tuple(LegalHold.model_validate(row._asdict()) for row in s.execute(query))
