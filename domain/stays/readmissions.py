"""Readmissions: links from an admission to a recent discharge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt, model_validator

from domain.calendars import local_day
from domain.cited_value import CitedEntry
from domain.model import Model


class ReadmissionRule(CitedEntry):
    """The rule for linking an inpatient admission to a recent discharge. No setting of it can deny an admission.

    `looks_on_days` are the days after a discharge (day 0) on which a readmission is checked, whether or not it was reported.
    """

    days: PositiveInt
    looks_on_days: tuple[PositiveInt, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _the_last_look_ends_the_watch(self) -> Self:
        if list(self.looks_on_days) != sorted(set(self.looks_on_days)) or self.looks_on_days[-1] != self.days:
            raise ValueError("looks_on_days go up, each once, and end with days")
        return self


class EarlierStay(Model):
    """A stay before this one. `diagnosis_group` is its DRG's major diagnostic category, where known."""

    case_id: str
    discharged_at: AwareDatetime
    ms_drg: str | None = None
    diagnosis_group: str | None = None
    planned_return: bool | None = None


class ReadmissionLink(Model):
    """A link shown beside an admission that closely follows a discharge. It has no outcome: nothing is decided by it.

    `related` is True for the same DRG or diagnostic category, None when one of them is not known.
    """

    case_id: str
    days_since: NonNegativeInt
    same_drg: bool | None
    related: bool | None
    planned: bool | None


def readmission_links(
    rule: ReadmissionRule,
    admitted_at: datetime,
    now: EarlierStay | None,
    earlier: Iterable[EarlierStay],
    zone: ZoneInfo,
) -> tuple[ReadmissionLink, ...]:
    """Each stay from which the patient was discharged at most `rule.days` local days before, the latest first.

    `now` carries what is known of the new stay's diagnoses. The day of discharge is day 0. A stay that ended later than
    this one began is not an earlier one.
    """
    found: list[ReadmissionLink] = []
    for stay in sorted(earlier, key=lambda one: one.discharged_at, reverse=True):
        days = (local_day(admitted_at, zone) - local_day(stay.discharged_at, zone)).days
        if stay.discharged_at.astimezone(UTC) > admitted_at.astimezone(UTC) or days > rule.days:
            continue
        same = _is_same(stay.ms_drg, now.ms_drg if now else None)
        group = _is_same(stay.diagnosis_group, now.diagnosis_group if now else None)
        found.append(
            ReadmissionLink(
                case_id=stay.case_id,
                days_since=days,
                same_drg=same,
                related=True if same or group else group,
                planned=stay.planned_return,
            )
        )
    return tuple(found)


def _is_same(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else one == other
