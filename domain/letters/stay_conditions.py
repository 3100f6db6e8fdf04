"""Conditions of the elements in a letter about a stay, by its facts. An unknown fact never meets a condition."""

from __future__ import annotations

from domain.letters.context import ElementCondition
from domain.letters.stay_facts import StayFacts


def is_stay_condition_met(condition: ElementCondition, stay: StayFacts | None) -> bool:
    """Whether an element with this condition belongs in a letter with these facts; False without a stay."""
    if stay is None:
        return False
    match condition:
        case ElementCondition.DAYS_APPROVED:
            return stay.certified_through is not None
        case ElementCondition.DISCHARGE_DAY_SET:
            return stay.discharge_on is not None
        case ElementCondition.TAKES_NO_MEDICINES:
            return stay.takes_no_medicines is True and not stay.medicines
        case ElementCondition.APPOINTMENTS_BOOKED:
            return bool(stay.appointments)
        case ElementCondition.EQUIPMENT_LISTED:
            return bool(stay.equipment)
        case ElementCondition.TEACHING_LISTED:
            return bool(stay.teaching)
        case ElementCondition.GAPS_LISTED:
            return bool(stay.gaps)
        case ElementCondition.PLAN_POLICY_USED:
            return stay.plan_policy is not None
        case ElementCondition.REVIEWED_BEFORE:
            return stay.qio_ruled_before is True
        case ElementCondition.LESS_NOTICE_ALLOWED:
            return stay.advance_exception is not None
        case _:
            raise ValueError(f"{condition} is no condition of a stay")
