"""The notices of Medicare around a stay: owed by rule, delivered by people, done in time or said to be late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.cases.tasks import TaskKind
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.vocabulary import Lob
from tests.domain.discharge.discharge_world import MONDAY, DischargeWorld, person, stay_snapshot

REASON = {
    "reason": "You walk safely on your own, climb the stairs of your house, and take your medicines yourself.",
    "basis": "42 CFR 409.33",
    "facts_of_case": ["You walk 50 metres alone.", "You climb 12 stairs."],
    "decided_by": "md.ortho.chen",
}


def delivered(world: DischargeWorld, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    form = {
        "delivered_by": "Ward clerk",
        "delivered_at": (at or world.now).isoformat(),
        "to": "member",
        "signature": "signed",
    }
    return form | changes


def hand_over(world: DischargeWorld, rule: str, **changes: Any) -> None:
    assert world.do(TaskKind.FORM_DELIVERY, delivered(world, **changes), rule).accepted


def observed(now: datetime = MONDAY) -> DischargeWorld:
    shown = stay_snapshot(
        status=OrderedStatus.OBSERVATION, level=LevelOfCare.OBSERVATION, admitted_at=None, observation_began_at=now
    )
    return DischargeWorld(shown, now)


def in_a_nursing_facility(**changes: Any) -> DischargeWorld:
    return DischargeWorld(stay_snapshot(status=None, level=LevelOfCare.SNF, admitted_at=None, **changes))


def clock(world: DischargeWorld, rule: str) -> Any:
    return next(one for one in world.plan.clocks if one.rule_id == rule)


# -- the Important Message ---------------------------------------------------------------------------------------------


def test_the_important_message_is_owed_within_two_days_of_the_admission() -> None:
    world = DischargeWorld()
    task = world.open(TaskKind.FORM_DELIVERY, "MA-IM")
    assert task is not None and task.due_at == datetime(2026, 3, 5, 5, 59, 59, tzinfo=UTC)
    world.wait(days=4)
    assert world.judged("MA-IM") == "missed"
    assert world.open(TaskKind.MISSED_CLOCK) is not None
    hand_over(world, "MA-IM")
    assert world.judged("MA-IM") == "missed", "late is delivered, and stays late"


def test_a_refusal_to_sign_is_a_delivery() -> None:
    world = DischargeWorld()
    hand_over(world, "MA-IM", signature="refused_to_sign")
    assert world.judged("MA-IM") == "met"


def test_a_delivery_counts_from_when_it_was_made_and_not_from_when_it_was_told() -> None:
    world = DischargeWorld()
    made = world.now + timedelta(hours=1)
    world.wait(hours=57)
    hand_over(world, "MA-IM", at=made)
    assert world.judged("MA-IM") == "met"


def test_a_form_cannot_have_been_delivered_in_the_future() -> None:
    world = DischargeWorld()
    answer = world.do(TaskKind.FORM_DELIVERY, delivered(world, world.now + timedelta(hours=2)))
    assert not answer.accepted and answer.refusals[0].rule == "form.delivered_at"


def test_the_copy_falls_away_when_the_first_one_was_given_within_two_days_of_the_discharge() -> None:
    world = DischargeWorld()
    hand_over(world, "MA-IM")
    world.wait(days=1)
    world.tell(discharged_at=world.now)
    assert clock(world, "MA-IM-COPY").set_aside == "the first copy was given within two days of the discharge"
    assert world.open(TaskKind.FORM_DELIVERY) is None


def test_the_copy_is_handed_over_in_the_two_days_before_a_later_discharge() -> None:
    world = DischargeWorld()
    hand_over(world, "MA-IM")
    world.tell(expected_discharge=date(2026, 3, 9))
    assert world.open(TaskKind.FORM_DELIVERY) is None
    world.wait_until(datetime(2026, 3, 7, 6, 0, 1, tzinfo=UTC))
    assert world.open(TaskKind.FORM_DELIVERY, "MA-IM-COPY") is not None
    hand_over(world, "MA-IM-COPY")
    world.wait(days=1)
    world.tell(discharged_at=world.now)
    assert world.judged("MA-IM-COPY") == "met"


def test_a_copy_that_was_given_too_early_for_the_discharge_as_it_came_has_to_be_given_again() -> None:
    world = DischargeWorld()
    hand_over(world, "MA-IM")
    world.tell(expected_discharge=date(2026, 3, 7))
    world.wait_until(datetime(2026, 3, 6, 15, tzinfo=UTC))
    hand_over(world, "MA-IM-COPY")
    world.tell(expected_discharge=date(2026, 3, 12))
    world.wait_until(datetime(2026, 3, 11, 15, tzinfo=UTC))
    assert world.open(TaskKind.FORM_DELIVERY, "MA-IM-COPY") is not None


def test_a_copy_that_was_not_given_before_the_member_left_is_recorded_and_nobody_is_sent_after_them() -> None:
    world = DischargeWorld()
    hand_over(world, "MA-IM")
    world.wait(days=5)
    world.tell(discharged_at=world.now)
    world.wait(days=1)
    assert world.judged("MA-IM-COPY") == "missed"
    assert world.open(TaskKind.FORM_DELIVERY) is None


def test_a_copy_in_time_for_a_discharge_that_was_cancelled_is_not_in_time_for_the_one_that_came() -> None:
    world = DischargeWorld()
    hand_over(world, "MA-IM")
    world.wait(days=4)
    world.tell(expected_discharge=world.plan.day(world.now))
    hand_over(world, "MA-IM-COPY")
    world.tell(discharged_at=world.now)
    assert world.judged("MA-IM-COPY") == "met"
    world.tell(discharged_at=None)
    world.wait(days=5)
    world.tell(discharged_at=world.now)
    world.wait(days=1)
    assert world.judged("MA-IM-COPY") == "missed"
    assert [one.rule_id for one in world.plan.missed] == ["MA-IM-COPY"]


def test_a_planned_discharge_that_passes_is_no_missed_copy() -> None:
    world = DischargeWorld()
    hand_over(world, "MA-IM")
    world.tell(expected_discharge=date(2026, 3, 6))
    world.wait(days=7)
    assert world.judged("MA-IM-COPY") is None
    assert world.plan.missed == []


# -- observation -------------------------------------------------------------------------------------------------------


def test_the_observation_notice_is_not_owed_when_observation_lasts_no_more_than_24_hours() -> None:
    world = observed()
    world.wait(hours=23)
    world.tell(discharged_at=world.now)
    world.wait(days=3)
    assert clock(world, "MA-MOON").set_aside == "observation lasted no more than 24 hours"
    assert "moon" not in world.notices() and world.judged("MA-MOON") is None


def test_the_observation_notice_goes_on_its_way_when_24_hours_have_passed() -> None:
    world = observed()
    world.wait(hours=24)
    task = world.open(TaskKind.FORM_DELIVERY, "MA-MOON")
    assert task is None, "first somebody says why the member is no inpatient"
    reason = world.open(TaskKind.DETAILED_REASON, "MA-MOON")
    assert reason is not None and reason.due_at == MONDAY + timedelta(hours=36)
    world.do(TaskKind.DETAILED_REASON, {"reason": "Your doctor needs to see how you are by tomorrow."})
    assert world.notices() == ["moon"]
    world.wait(hours=3)
    hand_over(world, "MA-MOON", explained=True)
    assert world.judged("MA-MOON") == "met"


def test_the_observation_notice_is_owed_sooner_when_the_member_is_admitted_before_hour_36() -> None:
    world = observed()
    world.wait(hours=30)
    world.tell(admitted_at=world.now, status=OrderedStatus.INPATIENT, level=LevelOfCare.INPATIENT_WARD)
    assert clock(world, "MA-MOON").due[0].at == MONDAY + timedelta(hours=30)
    world.wait(minutes=1)
    assert world.judged("MA-MOON") == "missed"
    assert world.open(TaskKind.FORM_DELIVERY, "MA-IM") is not None


def test_nobody_under_observation_has_the_important_message() -> None:
    world = observed()
    world.tell(expected_discharge=date(2026, 3, 4))
    world.wait(hours=30)
    assert "important_message" not in world.notices()


# -- the end of services -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [LevelOfCare.SNF, LevelOfCare.HOME_HEALTH])
def test_the_notice_of_non_coverage_is_owed_two_days_before_coverage_ends(level: LevelOfCare) -> None:
    world = DischargeWorld(stay_snapshot(status=None, level=level, admitted_at=None))
    world.tell(covered_through=date(2026, 3, 10))
    task = world.open(TaskKind.FORM_DELIVERY, "MA-NOMNC")
    assert task is not None and task.due_at == datetime(2026, 3, 9, 4, 59, 59, tzinfo=UTC)
    assert world.letters[-1].facts.last_covered_day == date(2026, 3, 10)
    hand_over(world, "MA-NOMNC")
    assert world.judged("MA-NOMNC") == "met"


def test_the_end_of_a_hospital_stay_has_no_notice_of_non_coverage() -> None:
    world = DischargeWorld()
    world.tell(covered_through=date(2026, 3, 10))
    assert "nomnc" not in world.notices()


def test_approved_days_that_run_out_are_no_end_while_nobody_leaves() -> None:
    world = in_a_nursing_facility(certified_through=date(2026, 3, 8))
    world.wait(days=5)
    assert "nomnc" not in world.notices()


def test_a_planned_last_day_within_the_approved_days_has_its_notice() -> None:
    world = in_a_nursing_facility(certified_through=date(2026, 3, 12))
    world.tell(expected_discharge=date(2026, 3, 10))
    assert world.letters[-1].facts.last_covered_day == date(2026, 3, 10)
    world.tell(expected_discharge=date(2026, 3, 20))
    assert world.open(TaskKind.FORM_DELIVERY, "MA-NOMNC") is None, "more days may be approved until then"


def test_another_end_needs_another_notice() -> None:
    world = in_a_nursing_facility()
    world.tell(covered_through=date(2026, 3, 10))
    hand_over(world, "MA-NOMNC")
    world.tell(covered_through=date(2026, 3, 16))
    assert world.judged("MA-NOMNC") is None
    assert world.open(TaskKind.FORM_DELIVERY, "MA-NOMNC 2026-03-16") is not None
    assert world.notices().count("nomnc") == 2


def test_a_late_notice_of_non_coverage_moves_the_first_day_on_which_coverage_may_end() -> None:
    world = in_a_nursing_facility()
    world.tell(covered_through=date(2026, 3, 4))
    world.wait(days=2)
    assert world.judged("MA-NOMNC") == "missed"
    hand_over(world, "MA-NOMNC")
    assert world.news[-1].ends_not_before == date(2026, 3, 6)


def test_other_lines_of_business_owe_no_medicare_notice() -> None:
    world = DischargeWorld(look=person(Lob.MEDICAID))
    world.wait(days=5)
    assert world.plan.clocks == () and world.notices() == []


# -- the QIO -----------------------------------------------------------------------------------------------------------


def test_the_detailed_explanation_is_due_by_close_of_business_of_the_day_the_qio_calls() -> None:
    world = in_a_nursing_facility(covered_through=date(2026, 3, 10))
    hand_over(world, "MA-NOMNC")
    world.qio("end_of_services", "asked", timely=True)
    assert clock(world, "MA-DENC").due[0].at == datetime(2026, 3, 2, 23, tzinfo=UTC)
    world.do(TaskKind.DETAILED_REASON, REASON)
    assert world.letters[-1].notice.value == "denc" and world.letters[-1].facts.signed_by == "md.ortho.chen"
    hand_over(world, "MA-DENC")
    world.do(TaskKind.QIO_RECORDS, {"sent_at": world.now.isoformat(), "what": ["record"]})
    assert world.judged("MA-DENC") == world.judged("MA-FT-PLAN-INFO") == "met"


def test_the_end_of_coverage_waits_for_the_qio_and_the_stay_is_told() -> None:
    world = in_a_nursing_facility(covered_through=date(2026, 3, 10))
    world.qio("end_of_services", "asked", timely=None)
    assert world.news[-1].waits_for_qio, "nobody said that it was late"
    world.qio("end_of_services", "decided", upheld=True)
    assert not world.news[-1].waits_for_qio and world.news[-1].goes_on is False


def test_when_the_qio_decides_for_the_member_coverage_goes_on_and_a_later_end_needs_a_new_notice() -> None:
    world = in_a_nursing_facility(covered_through=date(2026, 3, 10))
    hand_over(world, "MA-NOMNC")
    world.qio("end_of_services", "asked", timely=True)
    world.qio("end_of_services", "decided", upheld=False)
    assert world.news[-1].goes_on is True
    assert all(one.rule_id != "MA-NOMNC" for one in world.plan.clocks), "the end that was reversed is no end"
    world.tell(covered_through=date(2026, 3, 20))
    assert world.open(TaskKind.FORM_DELIVERY, "MA-NOMNC 2026-03-20") is not None
    assert world.judged("MA-NOMNC") is None


def test_the_detailed_notice_of_discharge_is_due_by_noon_of_the_day_after_the_qio_called() -> None:
    world = DischargeWorld()
    world.qio("discharge", "asked", timely=True)
    assert clock(world, "MA-DND").due[0].at == datetime(2026, 3, 3, 18, tzinfo=UTC)
    world.wait(hours=28)
    assert world.judged("MA-DND") == "missed"
    world.do(TaskKind.DETAILED_REASON, REASON)
    hand_over(world, "MA-DND")
    assert world.judged("MA-DND") == "missed"


def test_after_a_request_in_time_nothing_is_owed_before_noon_of_the_day_after_the_decision() -> None:
    world = DischargeWorld()
    world.qio("discharge", "asked", timely=True)
    world.qio("discharge", "decided", upheld=True)
    assert world.news[-1].owes_nothing_before == datetime(2026, 3, 3, 18, tzinfo=UTC)


def test_a_request_that_came_too_late_protects_nobody_and_stops_nothing() -> None:
    world = DischargeWorld()
    world.qio("discharge", "asked", timely=False)
    assert not world.news[-1].waits_for_qio
    world.qio("discharge", "decided", upheld=True)
    assert world.news[-1].owes_nothing_before is None


def test_a_discharge_that_does_not_stand_is_planned_anew() -> None:
    world = DischargeWorld()
    world.do(TaskKind.TARGET_SETTING, {"setting": "home", "target_date": "2026-03-05"})
    world.qio("discharge", "asked", timely=True)
    world.qio("discharge", "decided", upheld=False)
    assert world.plan.target is not None and world.plan.target.on is None
    assert world.open(TaskKind.TARGET_SETTING) is not None


def test_a_decision_of_the_qio_has_to_say_which_way_it_went() -> None:
    world = DischargeWorld()
    answer = world.qio("discharge", "decided")
    assert not answer.accepted and answer.refusals[0].rule == "qio.decision"


def test_the_qio_calling_again_after_another_notice_is_answered_anew() -> None:
    world = in_a_nursing_facility(covered_through=date(2026, 3, 10))
    world.qio("end_of_services", "asked", timely=True)
    world.do(TaskKind.DETAILED_REASON, REASON)
    hand_over(world, "MA-DENC")
    world.qio("end_of_services", "decided", upheld=False)
    world.tell(covered_through=date(2026, 3, 20))
    world.wait(days=3)
    world.qio("end_of_services", "asked", timely=True)
    assert world.open(TaskKind.DETAILED_REASON, "MA-DENC QIO call 2") is not None
    assert world.judged("MA-DENC") is None
