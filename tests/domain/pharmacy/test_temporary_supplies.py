"""The cases in which the law supplies a drug while its request is decided."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.pharmacy.temporary_supplies import DrugRequestSituation, EarlierSupply, SupplyKind, SupplyRule, find_supply
from domain.three_valued import Tri
from domain.vocabulary import Circumstance, Lob, ServiceKind

TRANSITION = SupplyRule(
    rule_id="PD-TRANSITION",
    kind=SupplyKind.TRANSITION,
    lobs=(Lob.PART_D,),
    service_kinds=(ServiceKind.PHARMACY_DRUG,),
    first_day=date(2006, 1, 1),
    days=30,
    new_member_days=90,
    circumstances=(Circumstance.LEVEL_OF_CARE_CHANGE,),
    because="transition",
    cite="42 CFR 423.120(b)(3)",
    confidence="known",
)
EMERGENCY = SupplyRule(
    rule_id="MCD-72-HOURS",
    kind=SupplyKind.EMERGENCY,
    lobs=(Lob.MEDICAID,),
    service_kinds=(ServiceKind.PHARMACY_DRUG,),
    first_day=date(1991, 1, 1),
    days=3,
    circumstances=(Circumstance.DRUG_EMERGENCY,),
    because="emergency",
    cite="1927(d)(5)(B)",
    confidence="confirmed",
)
COVERED = date(2026, 1, 1)


def supplied(limits: tuple[LimitOutcome, ...] = (), **situation: Any) -> int | None:
    values: dict[str, Any] = {
        "lob": Lob.PART_D,
        "service_kind": ServiceKind.PHARMACY_DRUG,
        "received_on": COVERED,
        "start": None,
        "covered_since": COVERED,
    }
    found = find_supply((TRANSITION, EMERGENCY), DrugRequestSituation(**(values | situation)), limits)
    return found.days if found is not None else None


@pytest.mark.parametrize(("after", "days"), [(0, 30), (89, 30), (90, None), (400, None)])
def test_a_new_member_has_a_months_supply_within_ninety_days_the_first_included(after: int, days: int | None) -> None:
    assert supplied(received_on=COVERED + timedelta(days=after)) == days


def test_either_the_receipt_or_the_first_day_of_service_within_the_time_is_enough() -> None:
    late = COVERED + timedelta(days=100)
    assert supplied(received_on=COVERED + timedelta(days=80), start=late) == 30
    assert supplied(received_on=COVERED - timedelta(days=5), start=COVERED) == 30
    assert supplied(received_on=late, start=late) is None


def test_whoever_has_just_changed_the_level_of_care_has_it_at_any_time() -> None:
    later = COVERED + timedelta(days=400)
    assert supplied(received_on=later, circumstances=frozenset({Circumstance.LEVEL_OF_CARE_CHANGE})) == 30


def test_a_therapy_that_the_provider_says_is_new_is_no_transition_and_silence_is_not_taken_for_it() -> None:
    assert supplied(taken_already=False) is None
    assert supplied(taken_already=True) == supplied(taken_already=None) == 30


def test_what_another_benefit_pays_for_has_no_transition_fill_of_this_one() -> None:
    def outcome(kind: LimitKind, state: Tri) -> LimitOutcome:
        return LimitOutcome(rule_id="R", kind=kind, title="", state=state, because="", reason="", citation="")

    assert supplied((outcome(LimitKind.BENEFIT, Tri.NOT_MET),)) is None
    assert supplied((outcome(LimitKind.BENEFIT, Tri.UNKNOWN),)) == 30
    assert supplied((outcome(LimitKind.STEP, Tri.NOT_MET),)) == 30


def test_medicaid_supplies_72_hours_in_an_emergency_and_only_then() -> None:
    urgent = frozenset({Circumstance.DRUG_EMERGENCY})
    assert supplied(lob=Lob.MEDICAID, circumstances=urgent) == 3
    assert supplied(lob=Lob.MEDICAID) is None
    assert supplied(lob=Lob.MEDICAID, circumstances=urgent, service_kind=ServiceKind.MEDICAL) is None
    assert supplied(lob=Lob.QHP, circumstances=urgent) is None


def test_a_supply_that_could_never_be_due_is_no_rule() -> None:
    with pytest.raises(ValidationError, match="never due"):
        SupplyRule(**(EMERGENCY.model_dump() | {"circumstances": ()}))


def given(day: date) -> tuple[EarlierSupply, ...]:
    return (EarlierSupply(rule_id="PD-TRANSITION", day=day),)


def test_the_same_request_under_a_new_number_or_for_another_fill_date_brings_no_second_month() -> None:
    again = COVERED + timedelta(days=20)
    assert supplied(received_on=again, earlier=given(COVERED)) is None
    assert supplied(received_on=again, start=COVERED + timedelta(days=45), earlier=given(COVERED)) is None


def test_a_supply_of_an_earlier_coverage_does_not_use_up_that_of_a_new_one() -> None:
    assert supplied(earlier=given(COVERED - timedelta(days=40))) == 30


def test_a_change_of_care_or_an_emergency_has_a_supply_again_once_the_earlier_one_has_run_out() -> None:
    moved = frozenset({Circumstance.LEVEL_OF_CARE_CHANGE})
    late = COVERED + timedelta(days=400)
    assert supplied(received_on=late, circumstances=moved, earlier=given(late - timedelta(days=29))) is None
    assert supplied(received_on=late, circumstances=moved, earlier=given(late - timedelta(days=30))) == 30
    urgent = frozenset({Circumstance.DRUG_EMERGENCY})
    hours = (EarlierSupply(rule_id="MCD-72-HOURS", day=late),)
    for after, days in ((0, None), (2, None), (3, 3)):
        asked_on = late + timedelta(days=after)
        assert supplied(lob=Lob.MEDICAID, received_on=asked_on, circumstances=urgent, earlier=hours) == days
