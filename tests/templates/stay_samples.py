"""Facts of stays for tests: enough for every notice about a stay and the time after it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.letters.context import ElementCondition, Party
from domain.letters.stay_facts import Appointment, Medicine, ProviderChoice, ReviewOrganization, StayFacts
from domain.vocabulary import NoticeKind, ServiceKind

FACILITY = Party(
    name="Maple Grove Nursing Center",
    address=("8 Grove Street", "Decatur, IL 62521"),
    fax="1-217-555-0144",
    npi="1999999984",
)
PRACTICE = Party(name="Dr. Amy Park", address=("Decatur Family Practice", "20 Main Street", "Decatur, IL 62521"))
QIO = ReviewOrganization(name="Example Review Organization", phone="1-800-555-0160", tty="1-800-555-0161")
VISIT = Appointment(
    appointment_id="A1",
    with_whom="Dr. Amy Park",
    purpose="a check of your wound and your medicines",
    at=datetime(2026, 3, 17, 15, 30, tzinfo=UTC),
    place="Decatur Family Practice, 20 Main Street, Decatur",
    phone="1-217-555-0190",
)


def choice(number: int, **changes: Any) -> ProviderChoice:
    values: dict[str, Any] = {
        "name": f"Home Care {number}",
        "npi": f"100000000{number}",
        "setting": "Home health agency",
        "in_network": True,
        "accepts": True,
        "phone": f"1-217-555-020{number}",
        "quality": "4 of 5 stars (Medicare Care Compare)",
        "plan_has_interest": False,
    }
    return ProviderChoice(**(values | changes))


CHOICES = (
    choice(1),
    choice(2, in_network=False, quality=None, plan_has_interest=True),
    choice(3, in_network=None, accepts=None, phone=None, plan_has_interest=None),
)
STAY = StayFacts(
    member_id="PHP4471902",
    facility=FACILITY.name,
    facility_npi=FACILITY.npi,
    service="care in the skilled nursing facility",
    admitted_on=date(2026, 2, 18),
    observation_began=datetime(2026, 2, 17, 20, 15, tzinfo=UTC),
    certified_through=date(2026, 3, 5),
    last_covered_day=date(2026, 3, 10),
    discharge_on=date(2026, 3, 10),
    setting="your home, with visits by a nurse and a therapist",
    respond_by=datetime(2026, 3, 5, 23, 0, tzinfo=UTC),
    asked=("Therapy notes since March 1", "How far the member walks, and with what help"),
    review_from=date(2026, 3, 6),
    qio_request_by=datetime(2026, 3, 9, 17, 0, tzinfo=UTC),
    reason=(
        "Skilled care is care that only a nurse or a therapist can safely give. Your notes do not show that you need it every "
        "day after March 10. You still need help to bathe, which an aide or a family member can give"
    ),
    basis="42 CFR 409.31 through 409.35, and the Medicare Benefit Policy Manual, Chapter 8, Section 30",
    facts_of_case=(
        "You get out of bed on your own and walk 150 feet with a walker.",
        "Your wound has closed, and you take all of your medicine by mouth.",
    ),
    signed_by="Miriam Stone, MD, orthopaedic surgery",
    choices=CHOICES,
    appointments=(VISIT,),
    appointment=VISIT,
    medicines=(
        Medicine(name="Apixaban", action="new", how="5 mg by mouth, 2 times a day, for 30 days"),
        Medicine(name="Metformin", action="continue", how="500 mg by mouth with breakfast"),
        Medicine(name="Ibuprofen", action="stop", how="Do not take it with apixaban"),
    ),
    equipment=("A walker", "A raised toilet seat"),
    teaching=("How I take apixaban, and why", "When I change the bandage"),
    warning_signs=("Your leg swells or hurts more", "You bleed and it does not stop"),
    gaps=("The discharge list had no dose for apixaban.", "The first visit was booked for day 12."),
    call_number="1-800-555-0170",
    plan_policy="Evidence of Coverage, Chapter 4, Section 5",
    changed_since="Your wound was open then. It has closed since",
    what_would_change="Your doctor can send us notes that show which skilled care you need every day",
    service_kind=ServiceKind.MEDICAL,
)


def stay_of(kind: NoticeKind, **changes: Any) -> StayFacts:
    """The full facts for a notice; Medicaid's reduction has its ten days."""
    values: dict[str, Any] = {}
    if kind is NoticeKind.REDUCTION_NOTICE:
        values["last_covered_day"] = date(2026, 3, 20)
    return STAY.model_copy(update=values | changes)


STAY_WHERE: dict[ElementCondition, dict[str, Any]] = {
    ElementCondition.DAYS_APPROVED: {},
    ElementCondition.DISCHARGE_DAY_SET: {},
    ElementCondition.TAKES_NO_MEDICINES: {"medicines": (), "takes_no_medicines": True},
    ElementCondition.APPOINTMENTS_BOOKED: {},
    ElementCondition.EQUIPMENT_LISTED: {},
    ElementCondition.TEACHING_LISTED: {},
    ElementCondition.GAPS_LISTED: {},
    ElementCondition.PLAN_POLICY_USED: {},
    ElementCondition.REVIEWED_BEFORE: {"qio_ruled_before": True},
    ElementCondition.LESS_NOTICE_ALLOWED: {
        "advance_exception": "42 CFR 431.213(c), because you have moved to another place of care"
    },
}
"""Facts of a stay that make each condition hold."""

STAY_UNLESS: dict[ElementCondition, dict[str, Any]] = {
    ElementCondition.DAYS_APPROVED: {"certified_through": None},
    ElementCondition.APPOINTMENTS_BOOKED: {"appointments": ()},
    ElementCondition.EQUIPMENT_LISTED: {"equipment": ()},
    ElementCondition.TAKES_NO_MEDICINES: {},
    ElementCondition.LESS_NOTICE_ALLOWED: {},
}
"""Facts of a stay that make a condition not hold."""
