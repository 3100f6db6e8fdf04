"""Provisions of the plan's documents about a service, and whether the member is of the age at which a limit is soft."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.calendars import local_day
from domain.coverage.directory import Coverage
from domain.criteria.selection import age_on
from domain.decisions.benefits import BenefitSignerRule, PlanProvision
from domain.requests.request import AuthorizationRequest, ServiceLine
from store import directory


def find_provisions(s: Session, coverage: Coverage, line: ServiceLine, today: date) -> tuple[PlanProvision, ...]:
    """The provisions in force on the line's first day, or on `today` (local) where it names none."""
    plan = directory.plan_contact(s, coverage.plan_id)
    day = line.start or today
    return tuple(one for one in (plan.provisions if plan else ()) if one.is_about(coverage.lob, line.code, day))


def is_under_age(
    s: Session, rule: BenefitSignerRule | None, request: AuthorizationRequest, line: ServiceLine, zone: str
) -> bool | None:
    """Whether the member is under the rule's age on the line's first day, or on the day of the receipt in the IANA `zone` where
    it names none; None where the rule asks for no age, or the directory does not know the member."""
    member = directory.member(s, request.member.member_id)
    if rule is None or rule.clinician_first_under is None or member is None:
        return None
    day = line.start or local_day(request.received_at, ZoneInfo(zone))
    return age_on(day, member.birth_date) < rule.clinician_first_under
