"""A granted exception holds through the plan year: nobody is asked again for a refill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.pharmacy.exception_periods import (
    DrugUse,
    GrantedException,
    find_standing_exception,
    last_day_of_exception,
)
from domain.vocabulary import Lob

GRANTED = GrantedException(
    case_id="PA-1",
    plan_id="1888888884",
    lob=Lob.PART_D,
    code="99999-0123-45",
    diagnoses=frozenset({"M05.79"}),
    quantity=Decimal(4),
    unit="pen",
    start=date(2026, 3, 1),
    end=date(2026, 3, 28),
)
REFILL: dict[str, Any] = {
    "plan_id": "1888888884",
    "lob": Lob.PART_D,
    "diagnoses": frozenset({"M05.9"}),
    "unit": "pen",
    "code": "99999012345",
    "quantity": Decimal(4),
    "start": date(2026, 4, 1),
    "end": date(2026, 4, 28),
}


def stands(granted: GrantedException = GRANTED, **changes: Any) -> bool:
    return find_standing_exception((granted,), DrugUse(**(REFILL | changes))) is not None


def test_a_refill_of_the_same_amount_in_the_plan_year_is_covered_by_it() -> None:
    assert stands()
    assert stands(quantity=Decimal(2))
    assert stands(start=date(2026, 12, 4), end=date(2026, 12, 31))


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "99999-0200-30"},
        {"quantity": Decimal(5)},
        {"end": date(2026, 4, 27)},
        {"start": date(2026, 12, 5), "end": date(2027, 1, 1)},
        {"start": date(2026, 2, 1), "end": date(2026, 2, 28)},
        {"quantity": None},
        {"quantity": Decimal(-1)},
        {"quantity": Decimal(0)},
        {"unit": "box"},
        {"unit": None},
        {"plan_id": "1777777719"},
        {"lob": Lob.MEDICAID},
        {"diagnoses": frozenset({"L40.5"})},
        {"start": date(2026, 3, 1), "end": date(2026, 3, 28)},
        {"end": None},
    ],
)
def test_another_drug_more_of_it_another_year_or_what_cannot_be_compared_is_reviewed(changes: dict[str, Any]) -> None:
    assert not stands(**changes)


@pytest.mark.parametrize("missing", ["quantity", "start", "end"])
def test_an_exception_whose_extent_is_not_known_covers_nothing_by_itself(missing: str) -> None:
    assert not stands(GRANTED.model_copy(update={missing: None}))


def test_one_that_was_granted_into_the_next_year_still_covers_what_its_letter_promised_and_no_day_more() -> None:
    long = GRANTED.model_copy(update={"start": date(2026, 12, 1), "end": date(2027, 2, 28), "quantity": Decimal(12)})
    month = {"start": date(2027, 1, 15), "end": date(2027, 2, 14)}
    assert stands(long, **month)
    assert not stands(long, **(month | {"quantity": Decimal(5)}))
    assert not stands(long, start=date(2027, 2, 1), end=date(2027, 3, 1))


def test_it_never_ends_before_what_was_approved() -> None:
    assert last_day_of_exception(date(2026, 3, 1), date(2026, 3, 28)) == date(2026, 12, 31)
    assert last_day_of_exception(date(2026, 12, 15), date(2027, 3, 14)) == date(2027, 3, 14)
