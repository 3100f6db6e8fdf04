"""What the member's stays have certified, as their sheets show it: the days that stand approved, and the working DRG."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.orm import Session

from domain.cases.views import ProcessKind, Sheet
from domain.model import Model
from domain.retrospective.comparison import Authorization, level_of, same_level
from domain.stays.parts import Stand
from domain.stays.views import DaysView, StayView
from store import cases, sheets

_DAY = timedelta(days=1)


class StayOnFile(Model):
    """A stay beside a bill. `admitted_on` is the day of the inpatient order in the stay's zone."""

    case_id: str
    facility_npi: str | None
    admitted_on: date | None
    working_drg: str | None
    days: tuple[DaysView, ...]


def stays_of(s: Session, member_id: str) -> Iterator[StayOnFile]:
    """The member's stays. One without a sheet, or with one that cannot be read any more, tells nothing."""
    for view in cases.find(s, member_id=member_id, process=ProcessKind.STAY):
        shown = _shown(sheets.get(s, view.case_id))
        if shown is None:
            continue
        admitted = shown.admitted_at
        yield StayOnFile(
            case_id=view.case_id,
            facility_npi=view.requesting_npi or None,
            admitted_on=admitted.astimezone(ZoneInfo(view.zone)).date() if admitted is not None else None,
            working_drg=shown.working_drg,
            days=shown.days,
        )


def certified_days(s: Session, member_id: str) -> Iterator[Authorization]:
    """Certified days in a row at one level of care as one authorization, however many reviews they came from.

    Days that were denied, that nobody answered, or that a later review ended in advance stand for nothing.
    """
    for stay in stays_of(s, member_id):
        for first, last, level in _rows(stay.days):
            yield Authorization(
                case_id=stay.case_id,
                line_id=f"from {first}",
                number=stay.case_id,
                code="stay",
                level_of_care=level,
                start=first,
                end=last,
                providers=frozenset({stay.facility_npi}) if stay.facility_npi is not None else frozenset(),
            )


def _rows(spans: tuple[DaysView, ...]) -> list[tuple[date, date, str]]:
    """First day, last day and level of each row of certified days without a gap."""
    rows: list[tuple[date, date, str]] = []
    standing = (span for span in spans if span.answer == Stand.CERTIFIED.value and span.changed_by is None)
    for span in sorted(standing, key=lambda span: (span.first, span.last)):
        if (
            rows
            and span.first <= rows[-1][1] + _DAY
            and same_level(level_of(rows[-1][2]), level_of(span.level_of_care))
        ):
            first, last, level = rows[-1]
            rows[-1] = (first, max(last, span.last), level)
        else:
            rows.append((span.first, span.last, span.level_of_care))
    return rows


def _shown(sheet: Sheet | None) -> StayView | None:
    if sheet is None:
        return None
    try:
        return StayView.model_validate(sheet.content)
    except ValidationError:
        return None
