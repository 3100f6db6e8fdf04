"""Certified days and working DRG of a member's stays, read from the stored stay summaries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.orm import Session

from domain.cases.views import CaseSummary
from domain.model import Model
from domain.retrospective.comparison import ApprovedLine, is_same_level, level_of_care_for
from domain.stays.parts import DayStatus
from domain.stays.views import DaysView, StaySummary
from domain.vocabulary import ProcessKind
from store import case_summaries, cases

_DAY = timedelta(days=1)


class StayOnFile(Model):
    """A stored stay, for comparison with a claim. `admitted_on` is the day of the inpatient order in the stay's zone."""

    case_id: str
    facility_npi: str | None
    admitted_on: date | None
    working_drg: str | None
    days: tuple[DaysView, ...]


def stays_of_member(s: Session, member_id: str) -> Iterator[StayOnFile]:
    """The member's stays. A stay without a readable summary is left out."""
    for view in cases.find(s, member_id=member_id, process=ProcessKind.STAY):
        shown = _stay_summary(case_summaries.get(s, view.case_id))
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


def certified_days(s: Session, member_id: str) -> Iterator[ApprovedLine]:
    """Each period of consecutive certified days at one level of care as one authorization, across reviews.

    Days that were denied, that are undecided, or that a later review ended in advance do not count.
    """
    for stay in stays_of_member(s, member_id):
        for first, last, level in _certified_periods(stay.days):
            yield ApprovedLine(
                case_id=stay.case_id,
                line_id=f"from {first}",
                number=stay.case_id,
                code="stay",
                level_of_care=level,
                start=first,
                end=last,
                providers=frozenset({stay.facility_npi}) if stay.facility_npi is not None else frozenset(),
            )


def _certified_periods(spans: tuple[DaysView, ...]) -> list[tuple[date, date, str]]:
    """First day, last day and level of each period of certified days without a gap."""
    rows: list[tuple[date, date, str]] = []
    standing = (span for span in spans if span.answer == DayStatus.CERTIFIED.value and span.changed_by is None)
    for span in sorted(standing, key=lambda span: (span.first, span.last)):
        if (
            rows
            and span.first <= rows[-1][1] + _DAY
            and is_same_level(level_of_care_for(rows[-1][2]), level_of_care_for(span.level_of_care))
        ):
            first, last, level = rows[-1]
            rows[-1] = (first, max(last, span.last), level)
        else:
            rows.append((span.first, span.last, span.level_of_care))
    return rows


def _stay_summary(sheet: CaseSummary | None) -> StaySummary | None:
    if sheet is None:
        return None
    try:
        return StaySummary.model_validate(sheet.content)
    except ValidationError:
        return None
