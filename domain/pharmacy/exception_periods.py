"""The time for which a granted exception holds without being asked for again (42 CFR 423.578(c)(4))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.cited_value import Confidence
from domain.drug_limits.rules import normalize_code
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
    """An exception that was granted for a drug: `quantity` from `start` to `end`, both days included, in the case `case_id`."""

    case_id: str
    code: str
    quantity: Decimal | None
    start: date | None
    end: date | None


def last_day_of_exception(start: date, end: date | None = None) -> date:
    """The last day on which an exception holds that was granted from `start` to `end`: never before `end`."""
    last = date(start.year, 12, 31)
    return max(last, end) if end is not None else last


def find_standing_exception(
    granted: Iterable[GrantedException], code: str, quantity: Decimal | None, start: date | None, end: date | None
) -> GrantedException | None:
    """The granted exception that still covers this line, or None.

    It covers the same drug in the same plan year, no more of it and for no shorter time than was granted. What cannot be
    compared is reviewed as any request.
    """
    for one in granted:
        if normalize_code(one.code) != normalize_code(code):
            continue
        if one.quantity is None or one.start is None or one.end is None:
            continue
        if quantity is None or start is None or end is None:
            continue
        in_year = one.start <= start and end <= last_day_of_exception(one.start)
        if in_year and quantity <= one.quantity and (end - start) >= (one.end - one.start):
            return one
    return None
