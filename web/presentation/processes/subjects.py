"""The line under a case's heading: who the member is, which plan and State, and what else names the case."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.queries.case_detail import CaseDetail
from web.presentation.words import describe_lob


def describe_subject(case: CaseDetail, now: datetime, *more: str) -> str:
    """'Alma Whitfield, 75 · MBR1000001 · Medicare Advantage, IL', and what more there is."""
    member, view = case.member, case.view
    named = ""
    if member is not None:
        age = age_on(member.birth_date, now.astimezone(ZoneInfo(case.zone)).date())
        named = f"{member.given_name} {member.family_name}, {age}"
    law = describe_lob(view.lob, view.state) if view is not None else ""
    parts = (named, view.member_id if view is not None else "", law, *more)
    return " · ".join(part for part in parts if part)


def age_on(born: date, day: date) -> int:
    """The age in whole years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
