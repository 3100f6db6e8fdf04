from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.coverage.directory import BenefitLimit, Coverage, Member, NetworkStatus, Provider
from domain.decisions.reviewers import License, Reviewer
from domain.errors import Corrupt, NotOnFile
from domain.letters.context import PlanContact
from domain.vocabulary import Lob, Role
from store import benefits, directory
from store.session import Store
from tests.store.samples import CASE

MEMBER = Member(member_id="M1", family_name="Ex", given_name="Ample", birth_date=date(1950, 1, 2), address=("1 St",))
LIMIT = BenefitLimit(benefit_id="B1", codes=("E0601",), limit=Decimal("10"), unit="unit", used=Decimal("2.5"))


def coverage(coverage_id: str = "C1", **changes: object) -> Coverage:
    plain = Coverage(
        coverage_id=coverage_id,
        member_id="M1",
        plan_id="P",
        plan_name="Plan",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        effective=date(2025, 1, 1),
    )
    return plain.model_copy(update=changes)


def _put(store: Store, *coverages: Coverage) -> None:
    with store.begin() as s:
        directory.put_member(s, MEMBER)
        for each in coverages:
            directory.put_coverage(s, each)


def test_people_and_places_come_back_as_they_were_put(store: Store) -> None:
    provider = Provider(npi="1999999984", name="R", specialties=("a",), network={"P": NetworkStatus.IN_NETWORK})
    licence = License(profession="physician", state="IL", number="1", expires=date(2027, 1, 1), unrestricted=None)
    doctor = Reviewer(reviewer_id="d", name="D", roles=(Role.PHYSICIAN,), licences=(licence,))
    nurse = Reviewer(reviewer_id="n", name="N", roles=(Role.NURSE,))
    contact = PlanContact(plan_name="P", phone="1", tty="711", fax="2", address=("x",), hours="h", website="w")
    with store.begin() as s:
        directory.put_member(s, MEMBER)
        directory.put_provider(s, provider)
        directory.put_reviewer(s, doctor)
        directory.put_reviewer(s, nurse)
        directory.put_plan(s, "P", contact)
    with store.read() as s:
        assert directory.member(s, "M1") == MEMBER
        assert directory.provider(s, "1999999984") == provider
        assert directory.reviewer(s, "d") == doctor
        assert directory.reviewers(s) == (doctor, nurse)
        assert directory.reviewers(s, Role.NURSE) == (nurse,)
        assert directory.plan_contact(s, "P") == contact
        assert directory.member(s, "M2") is directory.provider(s, "x") is directory.reviewer(s, "x") is None


def test_a_coverage_binds_from_its_first_to_its_last_day(store: Store) -> None:
    old, new = coverage("C1", end=date(2025, 12, 31)), coverage("C2", effective=date(2026, 1, 1), benefits=(LIMIT,))
    _put(store, old, new)
    with store.read() as s:
        assert directory.coverages(s, "M1") == (new, old)
        assert directory.coverage_on(s, "M1", date(2025, 12, 31)) == old
        assert directory.coverage_on(s, "M1", date(2026, 1, 1)) == new
        assert directory.coverage_on(s, "M1", date(2024, 12, 31)) is None
        assert directory.coverage_on(s, "M9", date(2026, 1, 1)) is None


def test_a_benefit_counts_what_was_reserved_once_for_each_line(store: Store) -> None:
    _put(store, coverage(benefits=(LIMIT,)))
    with store.begin() as s:
        assert benefits.reserve(s, CASE, "1", "B1", Decimal("1.10")) == Decimal("6.40")
        assert benefits.reserve(s, CASE, "1", "B1", Decimal("1.10")) == Decimal("6.40")
        assert benefits.reserve(s, CASE, "2", "B1", Decimal("2.2")) == Decimal("4.20")
        assert benefits.used(s, "B1") == Decimal("5.8")
        found = directory.coverage_on(s, "M1", date(2025, 5, 5))
        assert found is not None and found.benefits[0].used == Decimal("5.8")
        benefits.release(s, CASE, "1")
        benefits.release(s, CASE, "1")
        assert benefits.remaining(s, "B1") == Decimal("5.3")


def test_going_beyond_a_limit_is_told_and_not_judged(store: Store) -> None:
    _put(store, coverage(benefits=(LIMIT,)))
    with store.begin() as s:
        assert benefits.reserve(s, CASE, "1", "B1", Decimal(8)) == Decimal("-0.5")
        with pytest.raises(ValueError, match="below zero"):
            benefits.reserve(s, CASE, "1", "B1", Decimal(-1))
        with pytest.raises(NotOnFile, match="B9"):
            benefits.reserve(s, CASE, "1", "B9", Decimal(1))


def test_feeding_the_directory_again_keeps_reservations(store: Store) -> None:
    _put(store, coverage(benefits=(LIMIT,)))
    with store.begin() as s:
        benefits.reserve(s, CASE, "1", "B1", Decimal(1))
    _put(store, coverage(benefits=(LIMIT.model_copy(update={"used": Decimal(3)}),)))
    with store.read() as s:
        assert benefits.used(s, "B1") == Decimal(4)


def test_two_coverages_cannot_share_a_benefit_limit(store: Store) -> None:
    with pytest.raises(Corrupt, match="refused a write"):
        _put(store, coverage("C1", benefits=(LIMIT,)), coverage("C2", benefits=(LIMIT,)))


def test_a_coverage_needs_its_member(store: Store) -> None:
    with pytest.raises(Corrupt, match="refused a write"), store.begin() as s:
        directory.put_coverage(s, coverage())


@pytest.mark.parametrize("words", ["jones", "smith-jo", "MARÍA", "maría de jones", "d'arc", "(arc", "m9", "1961-04-09"])
def test_a_member_is_found_by_the_beginning_of_any_word_of_the_name(store: Store, words: str) -> None:
    known = {"address": ("1 St",), "birth_date": date(1961, 4, 9)}
    member = Member(member_id="M9", family_name="de Smith-Jones", given_name="María D'Arc", **known)
    with store.begin() as s:
        directory.put_member(s, MEMBER)
        directory.put_member(s, member)
    with store.read() as s:
        assert directory.find_members(s, words, 5) == (member,)


def test_a_new_name_is_found_and_the_old_one_no_longer(store: Store) -> None:
    with store.begin() as s:
        directory.put_member(s, MEMBER)
        directory.put_member(s, MEMBER.model_copy(update={"family_name": "Novel", "birth_date": date(1951, 1, 2)}))
    with store.read() as s:
        assert [len(directory.find_members(s, one, 5)) for one in ("ex", "nov", "1950-01-02", "1951-01-02")] == [
            0,
            1,
            0,
            1,
        ]
        assert directory.members_born_on(s, date(1950, 1, 2)) == ()
