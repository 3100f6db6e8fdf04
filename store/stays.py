"""Registry of hospital stays: facility, visit and member. The only place that links a stay to its member.

A stay that was merged into another stays here, so that a late message under its old number finds the right stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus, CaseSummary, CaseView
from domain.errors import Corrupt
from domain.model import Model
from store import tables
from store.case_summaries import waits_until
from store.cases import read_views

_S, _C, _V = tables.stays, tables.cases, tables.sheets
_MOST_MERGES = 100


class StayRecord(Model):
    """One stay. `facility` is its comparison key (`domain.stays.numbers.facility_key`), `patient_key` the facility's own
    number of the patient; `opened_at` (UTC) is the receipt of the first message about it."""

    stay_id: str
    facility: str
    facility_npi: str | None = None
    visit_number: str | None = None
    account_number: str | None = None
    patient_key: str | None = None
    member_id: str
    opened_at: AwareDatetime
    merged_into: str | None = None


class StaySelection(Model):
    """Selection of stays: each given field must match. `facility` is a part of its name, or its NPI; `is_over` are those whose
    review has ended, however."""

    status: CaseStatus | None = None
    is_over: bool = False
    member_id: str | None = None
    facility: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on a stay with its case and summary; stays that were merged into others never match."""
        found: list[ColumnElement[bool]] = [_S.c.merged_into.is_(None)]
        if self.status is not None:
            found.append(_C.c.status == self.status.value)
        if self.is_over:
            found.append(_C.c.status != CaseStatus.OPEN.value)
        if self.member_id is not None:
            found.append(_S.c.member_id == self.member_id)
        if self.facility is not None:
            named = func.lower(_V.c.sheet["content"]["facility"].as_string())
            said = self.facility.casefold()
            found.append(
                or_(
                    func.lower(_S.c.facility).contains(said, autoescape=True),
                    named.contains(said, autoescape=True),
                    _S.c.facility_npi == self.facility,
                )
            )
        return found


class ListedStay(Model):
    """A stay with its case and its summary, None until a worker has opened it. `place` is where it stands in the order of what
    is due first."""

    stay: StayRecord
    case: CaseView | None
    summary: CaseSummary | None
    place: str


def open_stay(s: Session, stay: StayRecord) -> None:
    s.execute(insert(_S).values(stay.model_dump()))


def get(s: Session, stay_id: str) -> StayRecord | None:
    """The stay under this number, also when it was merged into another."""
    return _first(s, _S.c.stay_id == stay_id)


def list_latest(s: Session, wanted: StaySelection, limit: int) -> tuple[ListedStay, ...]:
    """At most `limit` stays that match, the latest first."""
    return _listed(s, wanted, (), (_S.c.opened_at.desc(), _S.c.stay_id), limit)


def list_due(
    s: Session,
    wanted: StaySelection,
    limit: int,
    after: str | None = None,
    also: tuple[ColumnElement[bool], ...] = (),
) -> tuple[ListedStay, ...]:
    """At most `limit` stays that match, the least time left first. `after` is the `place` of the last one seen, `also` are
    further conditions on the stay."""
    until = waits_until()
    if after is not None:
        at, _, stay_id = after.rpartition("/")
        also = (*also, tuple_(until, _S.c.stay_id) > (at, stay_id))
    return _listed(s, wanted, also, (until, _S.c.stay_id), limit)


def _listed(
    s: Session, wanted: StaySelection, also: tuple[ColumnElement[bool], ...], order: tuple[Any, ...], limit: int
) -> tuple[ListedStay, ...]:
    joined = _S.outerjoin(_C, _C.c.case_id == _S.c.stay_id).outerjoin(_V, _V.c.case_id == _S.c.stay_id)
    columns = (_C.c.view, _V.c.sheet, waits_until().label("until"))
    query = (
        select(_S, *columns).select_from(joined).where(and_(*wanted.conditions(), *also)).order_by(*order).limit(limit)
    )
    rows = s.execute(query).mappings().all()
    views = {row["stay_id"]: view for row, view in _views_of(s, rows)}
    return tuple(
        ListedStay(
            stay=StayRecord.model_validate({column.name: row[column.name] for column in _S.c}),
            case=views.get(row["stay_id"]),
            summary=None if row["sheet"] is None else CaseSummary.model_validate(row["sheet"]),
            place=f"{row['until']}/{row['stay_id']}",
        )
        for row in rows
    )


def _views_of(s: Session, rows: Sequence[RowMapping]) -> Iterable[tuple[RowMapping, CaseView]]:
    held = [row for row in rows if row["view"] is not None]
    return zip(held, read_views(s, [row["view"] for row in held]), strict=True)


def resolve_merges(s: Session, stay: StayRecord) -> StayRecord:
    """The stay into which this one was finally merged; itself when there is none. Raises Corrupt for circular merges."""
    for _ in range(_MOST_MERGES):
        if stay.merged_into is None:
            return stay
        into = get(s, stay.merged_into)
        if into is None:
            raise Corrupt(f"stay {stay.stay_id} was merged into {stay.merged_into}, which is not there")
        stay = into
    raise Corrupt(f"the merges of stay {stay.stay_id} do not end")


def of_visit(s: Session, facility: str, npi: str | None, visit_number: str) -> StayRecord | None:
    """The stay of this visit, by the facility's name or its NPI."""
    found = _first(s, (_S.c.facility == facility) & (_S.c.visit_number == visit_number))
    if found is None and npi is not None:
        found = _first(s, (_S.c.facility_npi == npi) & (_S.c.visit_number == visit_number))
    return found


def of_account(s: Session, facility: str, account_number: str) -> tuple[StayRecord, ...]:
    """Every stay under this account: an account can hold several visits."""
    return _all(s, (_S.c.facility == facility) & (_S.c.account_number == account_number))


def of_patient(s: Session, facility: str, patient_key: str) -> tuple[StayRecord, ...]:
    """Every stay of the patient whom the facility knows under this number."""
    return _all(s, (_S.c.facility == facility) & (_S.c.patient_key == patient_key))


def of_number(s: Session, number: str) -> tuple[StayRecord, ...]:
    """Every stay that any facility knows under this visit, account or patient number."""
    return _all(s, (_S.c.visit_number == number) | (_S.c.account_number == number) | (_S.c.patient_key == number))


def of_member(s: Session, member_id: str) -> tuple[StayRecord, ...]:
    return _all(s, _S.c.member_id == member_id)


def fill_in_missing(
    s: Session,
    stay_id: str,
    *,
    visit_number: str | None = None,
    account_number: str | None = None,
    patient_key: str | None = None,
    facility_npi: str | None = None,
) -> None:
    """Fill in the numbers that the stay lacks; existing ones stay as they are."""
    stay = get(s, stay_id)
    said = {
        "visit_number": visit_number,
        "account_number": account_number,
        "patient_key": patient_key,
        "facility_npi": facility_npi,
    }
    new = {name: value for name, value in said.items() if value is not None and getattr(stay, name) is None}
    if new:
        s.execute(update(_S).where(_S.c.stay_id == stay_id).values(**new))


def replace_numbers(s: Session, stay_id: str, **values: str) -> None:
    """Replace the stay's numbers by those that a merge message states."""
    s.execute(update(_S).where(_S.c.stay_id == stay_id).values(**values))


def merge(s: Session, stay_id: str, into: str) -> None:
    """Merge `stay_id` into the stay `into`. A repeat changes nothing."""
    s.execute(update(_S).where(_S.c.stay_id == stay_id).values(merged_into=into))


def _first(s: Session, condition: Any) -> StayRecord | None:
    return next(iter(_all(s, condition)), None)


def _all(s: Session, condition: Any) -> tuple[StayRecord, ...]:
    rows = s.execute(select(_S).where(condition).order_by(_S.c.opened_at, _S.c.stay_id))
    return tuple(StayRecord.model_validate(row._asdict()) for row in rows)
