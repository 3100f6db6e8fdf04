"""Which elements belong into a letter about a stay: what its facts hold. What is not known never counts as there."""

from __future__ import annotations

from domain.letters.context import Condition
from domain.letters.stay_facts import StayFacts


def stay_applies(condition: Condition, stay: StayFacts | None) -> bool:
    """Whether an element with this condition belongs into a letter with these facts; False without a stay."""
    if stay is None:
        return False
    match condition:
        case Condition.DAYS_APPROVED:
            return stay.certified_through is not None
        case Condition.DISCHARGE_DAY_SET:
            return stay.discharge_on is not None
        case Condition.TAKES_NO_MEDICINES:
            return stay.takes_no_medicines is True and not stay.medicines
        case Condition.APPOINTMENTS_BOOKED:
            return bool(stay.appointments)
        case Condition.EQUIPMENT_LISTED:
            return bool(stay.equipment)
        case Condition.TEACHING_LISTED:
            return bool(stay.teaching)
        case Condition.GAPS_LISTED:
            return bool(stay.gaps)
        case Condition.PLAN_POLICY_USED:
            return stay.plan_policy is not None
        case Condition.REVIEWED_BEFORE:
            return stay.qio_ruled_before is True
        case Condition.LESS_NOTICE_ALLOWED:
            return stay.advance_exception is not None
        case _:
            raise ValueError(f"{condition} is no condition of a stay")
