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


class DrugUse(Model):
    """A drug under the plan `plan_id` in this line of business, for `diagnoses` (ICD-10-CM): `quantity` in `unit` from `start`
    to `end`, both days included; None where it is not stated."""

    plan_id: str
    lob: Lob
    code: str
    diagnoses: frozenset[str]
    quantity: Decimal | None
    unit: str | None
    start: date | None
    end: date | None

    @property
    def drug(self) -> str:
        """The normalized code, by which the same drug is found."""
        return normalize_code(self.code)

    @property
    def illnesses(self) -> frozenset[str]:
        """The categories of the diagnoses: the same illness may be coded more or less closely."""
        return frozenset(one.strip().upper()[:3] for one in self.diagnoses)


class GrantedException(DrugUse):
    """An exception that was granted for the use of a drug in the case `case_id`."""

    case_id: str

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds; None where its days are not known."""
        return last_day_of_exception(self.start, self.end) if self.start is not None else None


def last_day_of_exception(start: date, end: date | None = None) -> date:
    """The last day on which an exception holds that was granted from `start` to `end`: never before `end`."""
    last = date(start.year, 12, 31)
    return max(last, end) if end is not None else last


def find_standing_exception(granted: Iterable[GrantedException], asked: DrugUse) -> GrantedException | None:
    """The granted exception that still covers this line, or None.

    It covers the same drug of the same plan for the same illness, no more of it in all and in a day than was granted, until the
    plan year ends, or later where it was granted for longer. A line that begins on the same day is no refill. What cannot be
    compared is reviewed as any request.
    """
    quantity, start, end = asked.quantity, asked.start, asked.end
    if quantity is None or quantity <= 0 or start is None or end is None or end < start:
        return None
    drug, illnesses = asked.drug, asked.illnesses
    for one in granted:
        last = one.last_day
        if one.quantity is None or one.start is None or one.end is None or last is None:
            continue
        in_time = one.start < start and end <= last
        if not in_time or (one.plan_id, one.lob, one.drug) != (asked.plan_id, asked.lob, drug):
            continue
        no_more = quantity <= one.quantity and quantity * _days(one.start, one.end) <= one.quantity * _days(start, end)
        if no_more and illnesses <= one.illnesses and same_unit(one.unit, asked.unit):
            return one
    return None


def _days(start: date, end: date) -> int:
    return (end - start).days + 1
