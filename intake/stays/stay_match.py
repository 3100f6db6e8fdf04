"""Match of a request to a stay on file. Where two stays would fit nothing is guessed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.calendars import local_day
from domain.cases.views import CaseStatus
from domain.errors import ValidationIssue
from domain.requests.request import AuthorizationRequest
from interop.submission import HospitalStay
from store import cases, stays, stays_on_file
from store.stays import StayRecord


def match_stay(
    s: Session, request: AuthorizationRequest, said: HospitalStay | None, first_day: date | None
) -> StayRecord | ValidationIssue | None:
    """Match the request to the member's stay at a facility that it names; None without such a stay, an issue with several.

    The visit number decides, where both sides have one; else it is the ongoing stay, or the stay that lasted until the
    first requested day.
    """
    npis = {one.npi for one in (request.servicing_provider, request.requesting_provider) if one is not None}
    mine = [
        stay
        for stay in stays.of_member(s, request.member.member_id)
        if stay.facility_npi in npis and stay.merged_into is None
    ]
    visit = said.visit_number if said is not None else None
    if visit is not None:
        named = next((stay for stay in mine if stay.visit_number == visit), None)
        if named is not None:
            return named
        mine = [stay for stay in mine if stay.visit_number is None]
    lasting = [stay for stay in mine if _is_ongoing(s, stay, first_day)]
    if len(lasting) > 1:
        numbers = ", ".join(stay.stay_id for stay in lasting)
        message = f"the member has more than one stay at this facility ({numbers})"
        return ValidationIssue(
            path="visit number",
            rule="stay.ambiguous",
            message=message,
            expected="the facility's number of the visit, or 'umpire stay update' on the right stay",
        )
    return lasting[0] if lasting else None


def _is_ongoing(s: Session, stay: StayRecord, first_day: date | None) -> bool:
    view = cases.get(s, stay.stay_id)
    if view is None:
        return True
    if view.status is not CaseStatus.OPEN:
        return False
    known = stays_on_file.get(s, stay.stay_id)
    if known is None:
        return True
    if known.voided_at is not None or known.discharged_at is None:
        return known.voided_at is None
    return first_day is not None and first_day <= local_day(known.discharged_at, ZoneInfo(view.zone))
