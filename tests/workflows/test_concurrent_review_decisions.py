"""Decisions on the days of a stay: certified, denied by a signature, looked at again, ended early only as the law allows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.decisions.determination import LineDecision
from domain.journal import Actor
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate, ProposeReduction, RequestSecondLook
from domain.stays.parts import DayStatus
from domain.vocabulary import LineOutcome
from tests.workflows.lab_case import REASON, LabCase
from tests.workflows.lab_stay import FACTS, LabStay, new_stay, skip_to_monday

WARD = LevelOfCare.INPATIENT_WARD
DOCTOR = "director.osei"


async def referred(lab: Lab, stay: LabStay, through: date) -> LabCase:
    """The review of an admission whose days a nurse referred to a physician."""
    await stay.emergency()
    await stay.admitted()
    await stay.update({}, through=through)
    review = stay.review()
    await lab.advance(hours=45)
    await review.refer()
    return review


async def talked(review: LabCase) -> None:
    await review.send(await review.settled("held"))


async def partly(review: LabCase, first: date, last: date) -> tuple[LineDecision, ...]:
    task = review.task(TaskKind.PHYSICIAN_REVIEW)
    return tuple(
        LineDecision(
            line_id=line_id,
            outcome=LineOutcome.APPROVED_IN_PART,
            approved_quantity=(last - first).days + 1,
            approved_start=first,
            approved_end=last,
            reason=REASON,
        )
        for line_id in task.line_ids
    )


async def reduction(stay: LabStay, effective_on: date) -> ProposeReduction:
    return ProposeReduction(
        **await stay.stamp(DOCTOR), reviewer_id=DOCTOR, effective_on=effective_on, why="The care can be given at home."
    )


async def test_days_are_certified_through_a_date_and_the_next_round_has_its_date(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    await stay.update(FACTS)
    sheet = stay.sheet()
    assert sheet["certified_through"] == stay.day(2).isoformat()
    assert sheet["next_review_at"].startswith(stay.day(1).isoformat())
    await lab.advance(hours=30)
    assert len(stay.entries("update_requested")) == 2
    await stay.update({}, through=stay.day(3))
    assert [(view.case_id[-2:], view.decided_at is None) for view in stay.reviews()] == [("R1", False), ("R2", True)]
    assert [row["purpose"] for row in stay.sheet()["rounds"]] == ["admission"]


async def test_no_letter_confirms_a_round_and_its_approval_speaks_of_care_that_goes_on(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    await stay.update(FACTS)
    assert stay.review().sent() == ["approval/member", "approval/provider"]
    assert "You do not have to do anything." in stay.review().text("approval/member")
    assert "You can get this care now" not in stay.review().text("approval/member")
    assert "send us a clinical update before the last day" in stay.review().text("approval/provider")


async def test_a_peer_to_peer_is_offered_before_a_day_is_denied_and_one_line_may_be_split(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    review = await referred(lab, stay, stay.day(1))
    assert "peer_to_peer_offer/provider" in review.sent()
    split = await partly(review, stay.day(0), stay.day(0))
    assert any("peer_to_peer" in rule for rule in await review.refused(await review.denial(DOCTOR, lines=split)))
    await talked(review)
    await review.send(await review.denial(DOCTOR, lines=split))
    assert stay.answer(stay.day(0)) == (DayStatus.CERTIFIED, WARD)
    assert stay.answer(stay.day(1)) == (DayStatus.DENIED, WARD)
    assert review.sent()[-2:] == ["adverse_determination/member", "adverse_determination/provider"]


async def test_a_denied_day_is_overturned_after_a_peer_to_peer_and_who_did_it_when_is_kept(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    review = await referred(lab, stay, stay.day(1))
    await talked(review)
    await review.send(await review.denial(DOCTOR, lines=await partly(review, stay.day(0), stay.day(0))))
    await stay.second_look(stay.day(1))
    again = stay.review()
    assert again.sent() == [], "nobody is asked for more: a physician looks at once"
    assert again.task(TaskKind.PHYSICIAN_REVIEW).line_ids == ("1",)
    await again.approve(TaskKind.PHYSICIAN_REVIEW, DOCTOR)
    assert stay.answer(stay.day(1)) == (DayStatus.CERTIFIED, WARD)
    denied = next(row for row in stay.sheet()["days"] if row["answer"] == "denied")
    assert (denied["changed_by"], denied["decided_by"]) == (again.case_id, DOCTOR)
    answered = stay.entries("round_answered")[-1]
    said = answered.summary
    assert answered.actor == Actor(kind="reviewer", id=DOCTOR), "no rule answered: a physician did"
    assert said.endswith(f"1 denied day approved after all, by {DOCTOR}. The decision was reopened (42 CFR 422.616).")
    assert again.sent() == ["approval/member", "approval/provider"]
    asked = [entry for entry in stay.entries("update_requested") if str(stay.day(2)) in entry.summary]
    assert len(asked) == 1, "a second look asks the facility nothing again"


async def test_a_denied_day_that_a_second_look_upholds_stays_as_it_was_decided_first(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    review = await referred(lab, stay, stay.day(0))
    await talked(review)
    await review.send(await review.denial(DOCTOR))
    await stay.second_look(stay.day(0))
    again = stay.review()
    await again.send(await again.denial(DOCTOR))
    assert stay.answer(stay.day(0)) == (DayStatus.DENIED, WARD)
    assert len(stay.sheet()["days"]) == 1
    assert "the denial stands" in stay.entries("round_answered")[-1].summary


async def test_a_second_look_at_days_that_do_not_stand_denied_is_refused(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    await stay.update(FACTS)
    asked: dict[str, Any] = {
        "first": stay.day(0),
        "last": stay.day(0),
        "how": "peer_to_peer",
        "held_at": await lab.now(),
    }
    assert await stay.refused(RequestSecondLook(**await stay.stamp("1215000062", "provider"), **asked)) == {
        "second_look.days"
    }


async def test_the_plans_own_late_answer_is_recorded_as_its_avoidable_day(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    await stay.update({})
    review = stay.review()
    due = review.view().decision_due
    assert due is not None
    await lab.advance_to(due + timedelta(hours=30))
    await review.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    summary = stay.sheet()["avoidable_days"]
    payer = next(one for one in summary["by_attribution"] if one["attribution"] == "payer")
    assert (payer["days"], payer["reasons"]) == (2, [["payer_decision_pending", 2]])
    assert "attributed to the payer" in stay.entries("avoidable_day")[0].summary


async def test_after_stabilization_one_hour_decides_and_the_plan_pays_when_it_passes(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.update({}, level=LevelOfCare.INPATIENT_WARD, post_stabilization=True)
    review = stay.review()
    assert review.view().governing_rule == "MA-POSTSTAB-1H"
    due = review.view().decision_due
    assert due is not None and timedelta(minutes=59) <= due - review.view().received_at <= timedelta(hours=1)
    await lab.advance_to(due + timedelta(minutes=1))
    assert "Plan pays" in review.entries("consequence_applied")[0].summary


async def test_a_request_after_stabilization_names_the_level_at_which_the_patient_is_to_stay(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    update_id = await stay.keep({})
    message = ClinicalUpdate(**await stay.stamp("1215000062", "provider"), update_id=update_id, post_stabilization=True)
    assert await stay.refused(message) == {"update.level"}


@pytest.mark.parametrize(("early", "rule", "hours"), [(True, "ERISA-CONC-EXTEND-24H", 24), (False, "ERISA-URGENT", 72)])
async def test_going_on_is_decided_in_24_hours_when_asked_a_day_before_the_end_and_else_in_72(
    lab: Lab, early: bool, rule: str, hours: int
) -> None:
    pacific = "America/Los_Angeles"
    await skip_to_monday(lab, pacific)
    stay = await new_stay(lab, "MBR1000004", pacific)
    await stay.emergency()
    await stay.admitted(unit="SNF")
    await stay.update({}, through=stay.day(3))
    assert stay.review().view().governing_rule == "ERISA-URGENT", "nothing was approved before, so nothing is extended"
    await stay.review().approve(TaskKind.NURSE_REVIEW, "nurse.lopez")
    await lab.advance(days=1 if early else 3)
    await stay.update({}, through=stay.day(6))
    view = stay.review().view()
    assert view.governing_rule == rule
    assert view.decision_due is not None
    assert timedelta(hours=hours - 1) < view.decision_due - view.received_at <= timedelta(hours=hours)


async def test_approved_days_under_medicare_advantage_are_not_ended_early_and_the_refusal_says_why(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.admitted()
    await stay.update(FACTS)
    assert await stay.refused(await reduction(stay, stay.day(1))) == {"reduction.none"}
    refused = stay.entries("message_refused")[-1]
    assert "42 CFR 422.138(c)" in f"{refused.summary} {refused.data}"
    assert stay.answer(stay.day(1)) == (DayStatus.CERTIFIED, WARD)


async def test_approved_days_under_medicaid_end_early_after_ten_days_of_notice_and_a_signature(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab, "MBR1000003")
    await stay.emergency()
    await stay.admitted(unit="SNF")
    await stay.update({}, through=stay.day(30))
    await stay.review().approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert await stay.refused(await reduction(stay, stay.day(10))) == {"reduction.notice"}
    await stay.send(await reduction(stay, stay.day(12)))
    assert stay.answer(stay.day(20)) == (DayStatus.CERTIFIED, LevelOfCare.SNF), "nothing ends by a proposal"
    review = stay.review()
    await talked(review)
    await review.send(await review.denial(DOCTOR))
    assert stay.answer(stay.day(11)) == (DayStatus.CERTIFIED, LevelOfCare.SNF)
    assert stay.answer(stay.day(12)) == (DayStatus.DENIED, LevelOfCare.SNF)
    text = review.text("adverse_determination/member")
    assert f"{stay.day(12):%B} {stay.day(12).day}, {stay.day(12).year}" in text
    notice = [entry.summary for entry in review.entries("clock_met")]
    assert any("MCD-NOTICE-10DAY" in each for each in notice)


async def test_a_reduction_that_is_signed_too_late_for_its_notice_is_refused(lab: Lab) -> None:
    await skip_to_monday(lab)
    stay = await new_stay(lab, "MBR1000003")
    await stay.emergency()
    await stay.admitted(unit="SNF")
    await stay.update({}, through=stay.day(30))
    await stay.review().approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    await stay.send(await reduction(stay, stay.day(12)))
    review = stay.review()
    await talked(review)
    await lab.advance(days=4)
    assert await review.refused(await review.denial(DOCTOR)) == {"decision.notice"}
    await review.approve(TaskKind.PHYSICIAN_REVIEW, DOCTOR)
    assert stay.answer(stay.day(12)) == (DayStatus.CERTIFIED, LevelOfCare.SNF)
    assert "the approval stands as it was" in stay.entries("round_answered")[-1].summary
