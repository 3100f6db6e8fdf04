"""Of two cases that ask for one drug at once, one supplies it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.cases.views import CaseStatus
from domain.pharmacy.temporary_supplies import SupplyKind, SupplyOffer
from store import benefits, read_models
from store.session import Store
from tests.store.samples import CASE, case_view, draft

DAY = date(2026, 3, 2)
MONTH = SupplyOffer(
    rule_id="PD-TRANSITION",
    kind=SupplyKind.TRANSITION,
    days=30,
    because="transition",
    citation="42 CFR 423.120(b)(3)",
    code="99999-0123",
    day=DAY,
    once_since=DAY - timedelta(days=30),
)
EMERGENCY = MONTH.model_copy(
    update={"rule_id": "MCD-72", "once_since": DAY - timedelta(days=2), "once_until": DAY + timedelta(days=2)}
)


def claimed(store: Store, case_id: str, offer: SupplyOffer, member: str = "M1") -> bool:
    with store.begin() as s:
        return benefits.claim_supply(s, case_id, member, offer)


def test_the_first_case_that_claims_a_supply_has_it_however_often_it_asks(store: Store) -> None:
    assert [claimed(store, case_id, MONTH) for case_id in (CASE, "PA-OTHER", CASE)] == [True, False, True]
    another_package = MONTH.model_copy(update={"day": DAY + timedelta(days=20)})
    assert not claimed(store, "PA-THIRD", another_package)


def test_another_member_drug_or_rule_is_another_supply(store: Store) -> None:
    assert claimed(store, CASE, MONTH)
    assert claimed(store, "PA-OTHER", MONTH, "M2")
    assert claimed(store, "PA-OTHER", MONTH.model_copy(update={"code": "99999-0124"}))
    assert claimed(store, "PA-OTHER", EMERGENCY)


def test_an_emergency_supply_is_claimed_again_when_the_earlier_one_has_run_out(store: Store) -> None:
    assert claimed(store, CASE, EMERGENCY)
    later = {
        "day": DAY + timedelta(days=3),
        "once_since": DAY + timedelta(days=1),
        "once_until": DAY + timedelta(days=5),
    }
    assert claimed(store, "PA-OTHER", EMERGENCY.model_copy(update=later))


def test_a_case_that_ended_without_supplying_the_drug_keeps_it_from_no_other(store: Store) -> None:
    assert claimed(store, CASE, MONTH)
    with store.begin() as s:
        ended = case_view(status=CaseStatus.WITHDRAWN).model_dump(mode="json")
        read_models.record_entries(s, CASE, [draft(1, case=ended)])
    assert claimed(store, "PA-OTHER", MONTH)


def test_an_offer_of_an_older_release_has_no_day_and_is_not_claimed(store: Store) -> None:
    with pytest.raises(ValueError, match="claimed for a day"):
        claimed(store, CASE, MONTH.model_copy(update={"day": None}))
