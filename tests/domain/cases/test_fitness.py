"""A claim or a hand-over is refused by the rule on specialty or State where neither can change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from domain.cases.assignment import make_fitness
from domain.decisions.reviewers import License, Reviewer
from domain.decisions.signed import DeciderRule
from domain.vocabulary import Lob, Role
from rulebook.rulebook import load_rulebook

DAY = date(2026, 12, 1)


@dataclass(frozen=True)
class Needs:
    role: Role
    also_for: tuple[Role, ...] = ()
    professions: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()


def person(role: Role, profession: str, state: str, *specialties: str) -> Reviewer:
    held = License(profession=profession, state=state, number="1", expires=date(2030, 1, 1), unrestricted=True)
    return Reviewer(
        reviewer_id="r",
        name="R",
        roles=(role,),
        licences=(held,),
        specialties=specialties,
        training_valid_through=date(2030, 1, 1),
    )


@pytest.fixture(scope="module")
def deciders() -> tuple[DeciderRule, ...]:
    return tuple(load_rulebook().review.deciders.values())


REVIEW = Needs(Role.PHYSICIAN, (Role.MEDICAL_DIRECTOR,), ("physician",), ("orthopedic_surgery",))
NURSE_WORK = Needs(Role.NURSE, (), ("registered_nurse",))


def broken(who: Reviewer, deciders: tuple[DeciderRule, ...], needs: Needs, lob: Lob, state: str) -> list[str]:
    fitness = make_fitness(who, frozenset({"TX"}), deciders, DAY)
    found = [one.rule for one in fitness.lasting_violations(needs, lob, state)]
    assert fitness.fits(needs, lob, state) is not bool(found)
    return found


def test_a_physician_of_another_specialty_is_refused_by_the_rule_on_specialty(
    deciders: tuple[DeciderRule, ...],
) -> None:
    skin = person(Role.PHYSICIAN, "physician", "TX", "dermatology")
    bones = person(Role.PHYSICIAN, "physician", "TX", "orthopedic_surgery")
    assert broken(skin, deciders, REVIEW, Lob.MEDICARE_ADVANTAGE, "TX") == ["task.specialty"]
    assert broken(bones, deciders, REVIEW, Lob.MEDICARE_ADVANTAGE, "TX") == []


def test_where_a_decision_needs_the_members_state_a_physician_of_another_is_refused(
    deciders: tuple[DeciderRule, ...],
) -> None:
    bones = person(Role.PHYSICIAN, "physician", "IL", "orthopedic_surgery")
    assert broken(bones, deciders, REVIEW, Lob.MEDICAID, "TX") == ["task.license_state"]
    assert broken(bones, deciders, REVIEW, Lob.MEDICARE_ADVANTAGE, "TX") == []


def test_a_nurse_of_another_state_is_refused_only_where_the_plan_has_a_nurse_of_that_state(
    deciders: tuple[DeciderRule, ...],
) -> None:
    nurse = person(Role.NURSE, "registered_nurse", "IL")
    assert broken(nurse, deciders, NURSE_WORK, Lob.MEDICAID, "TX") == ["task.license_state"]
    assert broken(nurse, deciders, NURSE_WORK, Lob.MEDICAID, "NY") == []
