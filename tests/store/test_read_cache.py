from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.coverage.directory import BenefitLimit, Coverage, Member
from domain.errors import NotOnFile
from domain.vocabulary import Audience, Lob, NoticeKind
from store import benefits, directory, letters
from store.session import Store
from tests.store.samples import CASE, NOON, rendered

ALMA = Member(
    member_id="M1",
    family_name="Whitfield",
    given_name="Alma",
    birth_date=date(1951, 4, 12),
    address=("12 Sample Street", "Springfield, IL 62702"),
)
OXYGEN = BenefitLimit(benefit_id="B1", codes=("E1390",), limit=Decimal(36), unit="month", used=Decimal(2))
THERAPY = BenefitLimit(benefit_id="B2", codes=("97110",), limit=Decimal(30), unit="visit", used=Decimal(0))


def _coverage(number: int, effective: date, *limits: BenefitLimit) -> Coverage:
    return Coverage(
        coverage_id=f"C{number}",
        member_id="M1",
        plan_id="P1",
        plan_name="Example Health",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        effective=effective,
        benefits=limits,
    )


def test_what_a_transaction_has_read_is_read_anew_after_it_writes_to_the_directory(store: Store) -> None:
    with store.begin() as s:
        assert directory.member(s, "M1") is None
        directory.put_member(s, ALMA)
        assert directory.member(s, "M1") == ALMA
        renamed = ALMA.model_copy(update={"family_name": "Whitfield-Ray"})
        directory.put_member(s, renamed)
        assert directory.member(s, "M1") == renamed


def test_a_reservation_counts_at_once_in_the_coverage_of_its_own_transaction(store: Store) -> None:
    with store.begin() as s:
        directory.put_member(s, ALMA)
        directory.put_coverage(s, _coverage(1, date(2024, 1, 1), OXYGEN, THERAPY))
        assert [limit.used for limit in directory.coverages(s, "M1")[0].benefits] == [Decimal(2), Decimal(0)]
        benefits.reserve(s, CASE, "1", "B1", Decimal(12))
        benefits.reserve(s, CASE, "2", "B1", Decimal(3))
        assert [limit.used for limit in directory.coverages(s, "M1")[0].benefits] == [Decimal(17), Decimal(0)]
        benefits.release(s, CASE, "1")
        assert directory.coverages(s, "M1")[0].benefits[0].used == Decimal(5)


def test_limits_stay_with_their_coverage_in_the_order_of_the_plan(store: Store) -> None:
    other = THERAPY.model_copy(update={"benefit_id": "A9"})
    with store.begin() as s:
        directory.put_member(s, ALMA)
        directory.put_coverage(s, _coverage(1, date(2024, 1, 1), THERAPY, OXYGEN))
        directory.put_coverage(s, _coverage(2, date(2026, 1, 1), other))
    with store.read() as s:
        found = directory.coverages(s, "M1")
    assert [coverage.coverage_id for coverage in found] == ["C2", "C1"]
    assert [[limit.benefit_id for limit in coverage.benefits] for coverage in found] == [["A9"], ["B2", "B1"]]


def test_letters_in_the_house_come_in_the_order_asked_and_leave_together(store: Store) -> None:
    keys = [f"{CASE}:approval:{audience.value}:1" for audience in (Audience.PROVIDER, Audience.MEMBER)]
    with store.begin() as s:
        for key, audience in zip(keys, (Audience.PROVIDER, Audience.MEMBER), strict=True):
            letters.write(s, key, CASE, NoticeKind.APPROVAL, audience, "A. Member", rendered(), NOON)
        assert [letter.letter_id for letter in letters.not_mailed_among(s, keys)] == keys
        letters.mark_all_mailed(s, {keys[0]: "file:1"}, NOON)
        letters.mark_all_mailed(s, {keys[0]: "file:9", keys[1]: "file:2"}, NOON)
        assert letters.not_mailed_among(s, keys) == ()
        assert [letters.get(s, key).receipt for key in keys] == ["file:1", "file:2"]


def test_an_unknown_letter_is_never_taken_for_one_that_is_out(store: Store) -> None:
    with store.read() as s, pytest.raises(NotOnFile, match="no letter PA-X"):
        letters.not_mailed_among(s, ["PA-X"])
