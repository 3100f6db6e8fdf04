"""Sample facts of a stay, enough for every notice about a stay and the time after it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.letters.notice_rules import NoticeRule
from domain.letters.stay_facts import Appointment, Medicine, ProviderChoice, StayFacts
from domain.vocabulary import ServiceKind

_VISIT = Appointment(
    appointment_id="A1",
    with_whom="Dr. Ann Sample",
    purpose="a check of your medicines",
    at=datetime(2026, 4, 2, 15, 30, tzinfo=UTC),
    place="Sample Clinic, 2 Sample Street, Springfield",
    phone="1-800-555-0190",
)
_STAY = StayFacts(
    member_id="SAMPLE-1",
    facility="Sample Nursing Center",
    facility_npi="1999999984",
    service="care in the skilled nursing facility",
    admitted_on=date(2026, 2, 18),
    observation_began=datetime(2026, 2, 17, 20, 15, tzinfo=UTC),
    certified_through=date(2026, 3, 20),
    last_covered_day=date(2026, 3, 28),
    discharge_on=date(2026, 3, 28),
    setting="your home",
    respond_by=datetime(2026, 3, 15, 23, 0, tzinfo=UTC),
    asked=("Therapy notes since March 1",),
    review_from=date(2026, 3, 21),
    qio_request_by=datetime(2026, 3, 27, 17, 0, tzinfo=UTC),
    reason="Your notes do not show that you need care from a nurse every day. You still need help to bathe",
    basis="42 CFR 409.31",
    facts_of_case=(
        "You get out of bed on your own and walk 150 feet with a walker.",
        "Your wound has closed, and you take all of your medicine by mouth.",
    ),
    signed_by="Miriam Sample, MD",
    choices=tuple(
        ProviderChoice(
            name=f"Home Care {number}",
            npi=f"100000000{number}",
            setting="Home health agency",
            in_network=True,
            accepts=True,
            phone=f"1-800-555-020{number}",
            quality=None,
            plan_has_interest=False,
        )
        for number in (1, 2, 3)
    ),
    appointments=(_VISIT,),
    appointment=_VISIT,
    medicines=(Medicine(name="Apixaban", action="new", how="5 mg by mouth, 2 times a day, for 30 days"),),
    equipment=("A walker",),
    teaching=("How I take my new medicine",),
    warning_signs=("Your leg swells or hurts more",),
    gaps=("The discharge list had no dose for apixaban.",),
    call_number="1-800-555-0170",
    changed_since="Your wound was open then. It has closed since",
    what_would_change="Your doctor can send us notes that show which care you need every day",
    service_kind=ServiceKind.MEDICAL,
)


def trial_stay(rule: NoticeRule) -> StayFacts:
    """The facts of a stay for a notice. One that has to be sent ahead of the change is sent in time."""
    return _STAY
