"""The time for which a granted exception holds without being asked for again (42 CFR 423.578(c)(4))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.cited_value import Confidence
from domain.drug_limits.rules import normalize_code
from domain.evidence.units import same_unit
from domain.model import Model
from domain.vocabulary import Lob, ServiceKind


class ExceptionPeriod(Model):
    """The law by which a granted exception holds through the plan year, which is the calendar year."""

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    service_kinds: tuple[ServiceKind, ...] = Field(min_length=1)
    first_day: date
    because: str = Field(min_length=1)
    cite: str = Field(min_length=1)
    confidence: Confidence

    def binds(self, lob: Lob, service_kind: ServiceKind, day: date) -> bool:
        return lob in self.lobs and service_kind in self.service_kinds and self.first_day <= day


class GrantedException(Model):
    """An exception that was granted for a drug: `quantity` in `unit` from `start` to `end`, both days included, in the case
    `case_id`, by the plan `plan_id` in this line of business, for `diagnoses` (ICD-10-CM)."""

    case_id: str
    plan_id: str
    lob: Lob
    code: str
    diagnoses: frozenset[str]
    quantity: Decimal | None
    unit: str | None
    start: date | None
    end: date | None


def last_day_of_exception(start: date, end: date | None = None) -> date:
    """The last day on which an exception holds that was granted from `start` to `end`: never before `end`."""
    last = date(start.year, 12, 31)
    return max(last, end) if end is not None else last


class DrugRefill(Model):
    """A drug as it is asked for again, under the plan `plan_id`; both days included."""

    plan_id: str
    lob: Lob
    code: str
    diagnoses: frozenset[str]
    quantity: Decimal | None
    unit: str | None
    start: date | None
    end: date | None


def find_standing_exception(granted: Iterable[GrantedException], asked: DrugRefill) -> GrantedException | None:
    """The granted exception that still covers this line, or None.

    It covers the same drug of the same plan for the same illness, no more of it in all and in a day than was granted, until the
    plan year ends, or later where it was granted for longer. A line that begins on the same day is no refill. What cannot be
    compared is reviewed as any request.
    """
    quantity, start, end = asked.quantity, asked.start, asked.end
    if quantity is None or quantity <= 0 or start is None or end is None or end < start:
        return None
    for one in granted:
        if (one.plan_id, one.lob) != (asked.plan_id, asked.lob) or normalize_code(one.code) != normalize_code(
            asked.code
        ):
            continue
        if one.quantity is None or one.start is None or one.end is None:
            continue
        if not _illnesses(asked.diagnoses) <= _illnesses(one.diagnoses) or not same_unit(one.unit, asked.unit):
            continue
        in_time = one.start < start and end <= last_day_of_exception(one.start, one.end)
        no_more = quantity * _days(one.start, one.end) <= one.quantity * _days(start, end)
        if in_time and quantity <= one.quantity and no_more:
            return one
    return None


def _days(start: date, end: date) -> int:
    return (end - start).days + 1


def _illnesses(diagnoses: Iterable[str]) -> frozenset[str]:
    """The categories of ICD-10-CM codes: the same illness may be coded more or less closely."""
    return frozenset(one.strip().upper()[:3] for one in diagnoses)
