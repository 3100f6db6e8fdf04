"""The effect of a round's answer on days, and whom a stay asks when nobody knows where the patient was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.cases.messages import ReviewAnswered
from domain.cases.tasks import TaskKind, TaskStatus
from domain.cases.views import AnsweredLine, CaseStatus
from domain.decisions.decision_makers import ByLaw, ByReviewer
from domain.stays import round_answers
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import ClinicalUpdate, ProposeReduction, RequestSecondLook
from domain.stays.parts import DAY, DayStatus, PreauthorizedDays
from domain.stays.start import AdtEventReceived
from domain.stays.views import summary_of
from domain.vocabulary import LineOutcome, Lob, Role
from tests.domain.stays.stay_world import StayWorld

BEGINS = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)
FIRST = date(2026, 6, 15)


def told(world: StayWorld, unit: str | None, **more: Any) -> None:
    world.number += 1
    event = StayEvent(
        **{
            "event_id": f"E{world.number}",
            "kind": AdtKind.TRANSFER,
            "happened_at": world.now,
            "recorded_at": world.now,
            "patient_class": PatientClass.INPATIENT,
            "facility": "MERIDIAN",
            "unit": unit,
        }
        | more
    )
    assert world.tell(AdtEventReceived(**world.stamp(), event=event))
    world.rest()


def updated(world: StayWorld, through: date | None = None) -> None:
    assert world.tell(ClinicalUpdate(**world.stamp(), update_id=f"D{world.number}", through=through))
    world.rest()


def ward(lob: Lob | None = Lob.MEDICAID, unit: str | None = "Med-Surg", **more: Any) -> StayWorld:
    world = StayWorld(BEGINS, lob, "America/Chicago")
    told(world, unit, kind=AdtKind.ADMIT, **more)
    return world


def stands(world: StayWorld, days: int) -> list[DayStatus | None]:
    answers = (world.stay.determination_for(FIRST + n * DAY) for n in range(days))
    return [answer.stand if answer is not None else None for answer in answers]


def test_hours_of_observation_that_are_approved_in_part_approve_the_days_that_they_reach() -> None:
    world = ward(unit="OBS", patient_class=PatientClass.OBSERVATION)
    updated(world, FIRST + 2 * DAY)
    review = world.open_reviews()[0]
    line = review.order.lines[0]
    assert (line.unit, line.quantity) == ("hour", Decimal(72))
    part = {"outcome": LineOutcome.APPROVED_IN_PART, "approved_quantity": Decimal(30), "by": "md"}
    world.decide(review, (AnsweredLine(line_id=line.line_id, **part),))
    assert stands(world, 3) == [DayStatus.CERTIFIED, DayStatus.CERTIFIED, DayStatus.DENIED]


def test_a_reduction_that_is_decided_late_ends_no_day_within_its_notice() -> None:
    world = ward()
    updated(world, FIRST + 40 * DAY)
    world.approve(world.open_reviews()[0])
    world.rest()
    rule = world.stay.require_context().reduction
    assert rule is not None
    proposed = FIRST + (rule.days_of_notice + 1) * DAY
    stamp = world.stamp("physician", "reviewer")
    assert world.tell(ProposeReduction(**stamp, reviewer_id="physician", effective_on=proposed, why="Stable."))
    world.rest()
    world.pass_time(timedelta(days=5))
    review = world.open_reviews()[0]
    denied = {"outcome": LineOutcome.DENIED, "by": "md"}
    world.decide(review, tuple(AnsweredLine(line_id=line.line_id, **denied) for line in review.order.lines))
    ended = [day for n in range(41) if (day := FIRST + n * DAY) in world.stay.denied_days(day, day)]
    assert min(ended) == proposed + 5 * DAY


def test_the_level_of_an_earlier_part_of_the_stay_is_asked_for_as_long_as_its_days_are_open() -> None:
    world = ward(unit="4 West")
    world.pass_time(timedelta(days=1))
    told(world, "ICU")
    task = world.stay.open_task(TaskKind.LEVEL_QUESTION)
    assert task is not None and task.about == world.stay.course.phases[0].since.isoformat()
    assert world.finish(task.task_id, {"level": "stepdown"})
    world.rest()
    assert world.stay.open_task(TaskKind.LEVEL_QUESTION) is None
    assert [world.stay.level_on(FIRST), world.stay.level] == [LevelOfCare.STEPDOWN, LevelOfCare.ICU]


def test_what_an_authorization_approves_while_a_review_is_under_way_stays_approved() -> None:
    world = ward()
    updated(world, FIRST + DAY)
    review = world.open_reviews()[0]
    world.looking.matched = (
        PreauthorizedDays(
            case_id="PA-BEFORE",
            line_id="1",
            first=FIRST,
            last=FIRST,
            level=LevelOfCare.INPATIENT_WARD,
            by="md",
            decided_at=BEGINS,
        ),
    )
    told(world, "Med-Surg", kind=AdtKind.UPDATE)
    denied = {"outcome": LineOutcome.DENIED, "by": "md"}
    world.decide(review, tuple(AnsweredLine(line_id=line.line_id, **denied) for line in review.order.lines))
    assert stands(world, 2) == [DayStatus.CERTIFIED, DayStatus.DENIED]


def test_a_second_look_at_days_that_another_review_has_approved_meanwhile_ends() -> None:
    world = ward(Lob.MEDICARE_ADVANTAGE)
    updated(world, FIRST)
    review = world.open_reviews()[0]
    denied = {"outcome": LineOutcome.DENIED, "by": "md"}
    world.decide(review, (AnsweredLine(line_id=review.order.lines[0].line_id, **denied),))
    world.rest()
    for _ in range(2):
        asked = RequestSecondLook(**world.stamp(), first=FIRST, last=FIRST, how="peer_to_peer", held_at=world.now)
        world.tell(asked)
        world.rest()
    for open_review in world.open_reviews():
        world.approve(open_review)
    world.rest()
    assert stands(world, 1) == [DayStatus.CERTIFIED] and world.stay.second_look is None


def test_a_letter_of_a_member_whose_plan_nobody_knows_becomes_a_task_until_the_coverage_is_corrected() -> None:
    world = ward(None)
    task = world.stay.open_task(TaskKind.LETTER_REPAIR)
    assert task is not None and world.sent == []
    world.looking.lob = Lob.MEDICAID
    assert world.finish(task.task_id, None)
    world.rest()
    assert world.sent and world.stay.open_task(TaskKind.LETTER_REPAIR) is None


def test_the_facility_is_not_asked_any_more_when_the_patient_left_and_every_day_has_its_answer() -> None:
    world = ward()
    updated(world, FIRST + DAY)
    world.approve(world.open_reviews()[0])
    world.rest()
    world.pass_time(timedelta(days=1))
    asked = world.stay.open_task(TaskKind.CLINICAL_UPDATE)
    assert asked is not None
    told(world, None, kind=AdtKind.DISCHARGE)
    assert world.stay.asked is None and world.stay.open_task(TaskKind.CLINICAL_UPDATE) is None
    assert world.stay.tasks[asked.task_id].status is TaskStatus.CANCELLED


def test_an_admission_that_was_taken_back_asks_for_no_coverage_and_one_that_comes_about_after_all_does() -> None:
    world = StayWorld(BEGINS, None, "America/Chicago")
    told(world, None, kind=AdtKind.CANCEL_ADMIT)
    assert not world.stay.open_tasks()
    world.pass_time(timedelta(hours=5))
    told(world, "ICU", kind=AdtKind.ADMIT)
    assert [task.role for task in world.stay.open_tasks(TaskKind.STATUS_QUESTION)] == [Role.INTAKE]
    told(world, None, kind=AdtKind.CANCEL_ADMIT)
    assert world.stay.open_task(TaskKind.STATUS_QUESTION) is None
    world.pass_time(timedelta(hours=5))
    told(world, "ICU", kind=AdtKind.ADMIT)
    assert [task.role for task in world.stay.open_tasks(TaskKind.STATUS_QUESTION)] == [Role.INTAKE]


def test_days_that_the_qio_covered_while_a_second_look_was_under_way_are_not_answered_twice() -> None:
    world = ward(Lob.MEDICARE_ADVANTAGE)
    updated(world, FIRST)
    denial = world.open_reviews()[0]
    denied = {"outcome": LineOutcome.DENIED, "by": "md"}
    world.decide(denial, tuple(AnsweredLine(line_id=line.line_id, **denied) for line in denial.order.lines))
    world.rest()
    stamp = world.stamp()
    asked = RequestSecondLook(**stamp, first=FIRST, last=FIRST, how="peer_to_peer", held_at=world.now)
    assert world.tell(asked)
    world.rest()
    round_answers.continue_coverage(world.stay, "DP-TEST", world.now)
    world.approve(world.open_reviews()[0])
    world.rest()
    counting = [span for span in world.stay.spans if span.counts and span.first <= FIRST <= span.last]
    assert [(span.stand, span.by) for span in counting] == [(DayStatus.CERTIFIED, "QIO")]


@pytest.mark.parametrize("by", [None, "rule:IP2MN@2026-01-01.1", "system:umpire"])
def test_an_adverse_answer_that_no_person_signed_denies_no_day(by: str | None) -> None:
    world = ward()
    updated(world, FIRST)
    review = world.open_reviews()[0]
    line = review.order.lines[0]
    said = AnsweredLine(line_id=line.line_id, outcome=LineOutcome.DENIED, by=by)
    forged = ReviewAnswered(
        **world.stamp(),
        case_id=review.order.round.case_id,
        purpose=review.order.round.purpose,
        round=1,
        status=CaseStatus.DENIED,
        lines=(said,),
        decided_at=world.now,
    )
    assert not world.tell(forged)
    assert world.stay.determination_for(FIRST) is None and world.stay.round is not None
    world.decide(review, (said.model_copy(update={"by": ByReviewer("md")}),))
    assert stands(world, 1) == [DayStatus.DENIED]


@pytest.mark.parametrize(
    ("by", "stand"), [(ByLaw("IL-STD"), DayStatus.CERTIFIED), (ByReviewer("md"), DayStatus.DENIED)]
)
def test_a_denial_gives_way_when_the_law_approves_because_nobody_was_told_in_time(
    by: ByLaw | ByReviewer, stand: DayStatus
) -> None:
    world = ward()
    updated(world, FIRST)
    review = world.open_reviews()[0]
    denied = {"outcome": LineOutcome.DENIED, "by": ByReviewer("md")}
    world.decide(review, tuple(AnsweredLine(line_id=line.line_id, **denied) for line in review.order.lines))
    world.rest()
    assert review.answer is not None and stands(world, 1) == [DayStatus.DENIED]
    approved = tuple(
        AnsweredLine(line_id=line.line_id, outcome=LineOutcome.APPROVED, by=by) for line in review.order.lines
    )
    later = review.answer.model_copy(update={"status": CaseStatus.APPROVED, "lines": approved})
    assert world.tell(later)
    assert world.tell(later), "twice is once"
    counting = [span.stand for span in world.stay.spans if span.counts and span.first <= FIRST <= span.last]
    assert counting == [stand]


def test_the_next_review_is_told_while_its_day_lies_ahead_and_no_day_of_the_past_is() -> None:
    world = ward()
    updated(world, FIRST + 4 * DAY)
    world.approve(world.open_reviews()[0])
    world.rest()
    opens = summary_of(world.stay, world.now).next_review_at
    assert opens is not None and opens > world.now
    assert summary_of(world.stay, opens).next_review_at is None
