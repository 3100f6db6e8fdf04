"""The clock of days runs from the receipt of the admission's notice where that is itself a request for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.stays.adt import AdtKind, PatientClass
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Lob
from rulebook.stay_rules import load_stay_rules
from tests.domain.stays.stay_world import Review, StayWorld
from tests.domain.stays.test_ordered_level import BEGINS, event, says

HOURS = 48


def admitted(lob: Lob) -> StayWorld:
    world = StayWorld(BEGINS, lob, "America/Chicago")
    event(world, AdtKind.ADMIT, "Med-Surg")
    return world


def only_review(world: StayWorld) -> Review:
    (review,) = world.open_reviews()
    return review


def test_the_first_review_of_a_noticed_admission_counts_from_the_notice_and_not_from_the_update() -> None:
    world = admitted(Lob.MEDICARE_ADVANTAGE)
    noticed = world.stay.admission_noticed_at
    assert noticed is not None and noticed < BEGINS + timedelta(hours=1)
    world.pass_time(timedelta(hours=20))
    assert says(world, LevelOfCare.INPATIENT_WARD)
    assert only_review(world).order.round.received_at == noticed


def test_without_an_update_the_review_opens_while_people_still_have_a_day() -> None:
    world = admitted(Lob.MEDICARE_ADVANTAGE)
    world.pass_time(timedelta(hours=HOURS - 1))
    assert not world.open_reviews()
    world.pass_time(timedelta(hours=1, minutes=1))
    review = only_review(world)
    assert review.order.round.received_at == world.stay.admission_noticed_at
    assert not review.order.round.asked_in_vain, "the provider may still be asked in the review"


def test_after_a_withdrawal_the_notice_asks_no_more_and_the_next_update_asks_with_its_own_receipt() -> None:
    world = admitted(Lob.MEDICARE_ADVANTAGE)
    world.pass_time(timedelta(hours=HOURS, minutes=1))
    world.decide(only_review(world), ())
    world.rest()
    assert not world.open_reviews(), "what was taken back is not asked for again by nobody"
    world.pass_time(timedelta(hours=1))
    assert not world.open_reviews()
    before = world.now
    assert says(world, LevelOfCare.INPATIENT_WARD)
    assert only_review(world).order.round.received_at >= before


def test_an_admission_that_is_noticed_after_its_first_was_taken_back_asks_although_the_old_review_is_withdrawn() -> (
    None
):
    world = admitted(Lob.MEDICARE_ADVANTAGE)
    world.pass_time(timedelta(hours=HOURS, minutes=1))
    review = only_review(world)
    world.stay.admission_noticed_at = world.now + timedelta(minutes=1)
    world.decide(review, ())
    assert world.stay.admission_noticed_at is not None


@pytest.mark.parametrize("lob", [Lob.MEDICAID, Lob.COMMERCIAL_ERISA])
def test_elsewhere_the_request_starts_the_clock(lob: Lob) -> None:
    world = admitted(lob)
    world.pass_time(timedelta(hours=HOURS + 2))
    assert not world.open_reviews()
    before = world.now
    assert says(world, LevelOfCare.INPATIENT_WARD)
    assert only_review(world).order.round.received_at >= before


def test_observation_is_no_admission_and_an_inpatient_order_after_it_is_noticed_when_it_comes() -> None:
    world = StayWorld(BEGINS, Lob.MEDICARE_ADVANTAGE, "America/Chicago")
    event(world, AdtKind.ADMIT, "Obs", patient_class=PatientClass.OBSERVATION)
    assert world.stay.admission_noticed_at is None
    world.pass_time(timedelta(hours=6))
    order = world.now
    event(world, AdtKind.TO_INPATIENT, "Med-Surg")
    assert world.stay.admission_noticed_at is not None and world.stay.admission_noticed_at >= order


def test_an_admission_that_was_taken_back_asks_for_nothing() -> None:
    world = admitted(Lob.MEDICARE_ADVANTAGE)
    event(world, AdtKind.CANCEL_ADMIT, None)
    assert world.stay.admission_noticed_at is None


def test_the_rule_is_a_reading_that_is_marked_unsure() -> None:
    (rule,) = load_stay_rules().policy.admission_requests
    assert rule.confidence == "unsure" and rule.opens_after_hours == HOURS
