"""Lists of hospital stays, with member, facility and the figures that people look for in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.cases.views import CaseView
from domain.coverage.directory import Member
from domain.model import Model
from services.case_visibility import visible_to
from services.principals import Principal
from store import directory, stays, tables
from store.stays import ListedStay, StayRecord, StaySelection


class StayRow(Model):
    """A row of the list of stays. `case` is None until a worker has opened the stay; `facility_name` is the directory's name,
    else the one in the hospital's messages. Days are of the stay's zone, instants UTC; None is not known."""

    stay: StayRecord
    case: CaseView | None
    member_name: str = ""
    birth_date: date | None = None
    facility_name: str = ""
    level_of_care: str | None = None
    admitted_at: AwareDatetime | None = None
    discharged_at: AwareDatetime | None = None
    certified_through: date | None = None
    next_review_at: AwareDatetime | None = None
    expected_discharge: date | None = None
    usual_length_of_drg: Decimal | None = None
    discharge_plan: str | None = None


class StayListPage(Model):
    """A page of the list; `after` continues it, None at its end."""

    rows: tuple[StayRow, ...]
    after: str | None


_SHOWN = (
    "level_of_care",
    "admitted_at",
    "discharged_at",
    "certified_through",
    "next_review_at",
    "expected_discharge",
    "usual_length_of_drg",
    "discharge_plan",
)


def list_stays(s: Session, wanted: StaySelection, limit: int) -> tuple[StayRow, ...]:
    """At most `limit` stays that match, the latest first, with those that no worker has opened yet."""
    return _rows(s, stays.list_latest(s, wanted, limit))


def page_of_stays(
    s: Session,
    wanted: StaySelection,
    size: int,
    after: str | None = None,
    reader: Principal | None = None,
) -> StayListPage:
    """A page of stays, the least time left first, among those that the reader may see (None: all)."""
    found = stays.list_due(s, wanted, size + 1, after, visible_to(reader, tables.stays.c.stay_id))
    shown = found[:size]
    return StayListPage(rows=_rows(s, shown), after=shown[-1].place if len(found) > size else None)


def facility_name(s: Session, npi: str | None, named: str) -> str:
    """The directory's name of a facility, else the name under which its messages come."""
    known = directory.provider(s, npi) if npi else None
    return known.name if known is not None else named


def _rows(s: Session, found: Collection[ListedStay]) -> tuple[StayRow, ...]:
    members = directory.members_of(s, {one.stay.member_id for one in found})
    named = {one.stay.facility_npi: facility_name(s, one.stay.facility_npi, "") for one in found}
    return tuple(_row(one, members.get(one.stay.member_id), named[one.stay.facility_npi]) for one in found)


def _row(one: ListedStay, member: Member | None, named: str) -> StayRow:
    content = one.summary.content if one.summary is not None else {}
    known = {name: content[name] for name in _SHOWN if content.get(name) is not None}
    who = {} if member is None else {"member_name": _full_name(member), "birth_date": member.birth_date}
    return StayRow.model_validate(
        {
            "stay": one.stay,
            "case": one.case,
            "facility_name": named or str(content.get("facility") or one.stay.facility),
            **who,
            **known,
        }
    )


def _full_name(member: Member) -> str:
    return f"{member.family_name}, {member.given_name}"
