"""Planning a discharge and following the member afterwards: each promise of the policy in a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import AnsweredLine, CaseStatus
from domain.decisions.decision_makers import ByLaw, ByReviewer
from domain.discharge import views
from domain.discharge.policy import AssessmentDomain, Complexity
from domain.journal import EntryKind
from domain.requests.request import StayPurpose
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import CodeSystem, LineOutcome, NoticeKind
from tests.domain.discharge.discharge_world import HOSPITAL, MONDAY, NEXT, DischargeWorld, person, stay_snapshot

FRIDAY = date(2026, 3, 6)


def planned(setting: str, **more: Any) -> DischargeWorld:
    world = DischargeWorld()
    form = {"setting": setting, "target_date": FRIDAY.isoformat(), "complexity": "high"} | more
    assert world.do(TaskKind.TARGET_SETTING, form).accepted
    return world


def at_home(**more: Any) -> DischargeWorld:
    """Discharged home on Friday at 15:00 UTC."""
    world = planned("home", **more)
    world.wait_until(datetime(2026, 3, 6, 15, tzinfo=UTC))
    world.tell(discharged_at=world.now, disposition="01")
    return world


def call(world: DischargeWorld, **more: Any) -> dict[str, Any]:
    return {"reached": True, "called_at": world.now.isoformat()} | more


def choices(number: int, **more: Any) -> dict[str, Any]:
    offered = [
        {"name": f"House {n}", "npi": f"121500001{n + 3}", "setting": "snf", "in_network": None} for n in range(number)
    ]
    return {"choices": offered} | more


def answered(world: DischargeWorld, status: CaseStatus, *lines: AnsweredLine) -> None:
    review = world.plan.reviews[-1]
    world.send(
        ReviewAnswered(
            **world.stamp("umpire"),
            case_id=review.case_id,
            purpose=StayPurpose.NEXT_SETTING,
            round=review.round,
            status=status,
            lines=lines,
            decided_at=world.now,
        )
    )


# -- before ------------------------------------------------------------------------------------------------------------


def test_the_assessment_begins_on_day_one_and_covers_ten_domains() -> None:
    world = DischargeWorld()
    assert world.open(TaskKind.NEEDS_ASSESSMENT) is not None
    assert len(AssessmentDomain) == 10
    world.do(
        TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": one.value, "needs": False} for one in AssessmentDomain]}
    )
    assert "needs_assessment" in world.plan.done


def test_an_answer_that_nobody_knows_does_not_replace_one_that_was_known() -> None:
    world = DischargeWorld()
    world.do(TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": "food", "needs": True}]})
    world.do(TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": "food"}], "lace": {"charlson": 3}})
    assert world.plan.needs[AssessmentDomain.FOOD].needs is True
    world.do(TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": "home"}], "lace": {"emergency_visits": 1}})
    assert world.plan.lace_values.charlson == 3


@pytest.mark.parametrize(
    ("setting", "choice", "authorization"),
    [
        ("home", False, False),
        ("home_health", True, True),
        ("snf", True, True),
        ("irf", True, True),
        ("hospice", False, True),
        ("assisted_living", False, False),
    ],
)
def test_each_setting_asks_for_its_own_things(setting: str, choice: bool, authorization: bool) -> None:
    world = planned(setting, days="10")
    assert (world.open(TaskKind.PROVIDER_CHOICES) is not None) is choice
    world.wait_until(datetime(2026, 3, 4, 18, tzinfo=UTC))
    assert (world.open(TaskKind.NEXT_AUTHORIZATION) is not None) is authorization, "no provider is chosen yet"


def test_a_setting_without_a_day_is_asked_for_its_day() -> None:
    world = DischargeWorld()
    world.do(TaskKind.TARGET_SETTING, {"setting": "home"})
    assert world.open(TaskKind.TARGET_SETTING) is not None
    assert world.news[-1].target_setting is LevelOfCare.HOME and world.news[-1].target_date is None


def test_the_stay_is_told_when_target_or_date_change_and_not_otherwise() -> None:
    world = planned("home")
    assert [one.target_date for one in world.news] == [FRIDAY]
    world.do(TaskKind.TRANSPORT, {"arranged": True, "how": "her daughter drives"})
    assert len(world.news) == 1


def test_fewer_than_three_choices_need_a_reason() -> None:
    world = planned("snf")
    refused = world.do(TaskKind.PROVIDER_CHOICES, choices(2))
    assert not refused.accepted and refused.refusals[0].rule == "choices.too_few"
    assert world.do(TaskKind.PROVIDER_CHOICES, choices(2, why_fewer="There are two within an hour.")).accepted


def test_each_choice_has_its_network_status_or_is_said_to_be_unknown() -> None:
    world = planned("snf")
    world.in_network = {"1215000013": True, "1215000014": False}
    world.do(TaskKind.PROVIDER_CHOICES, choices(3))
    assert [one.in_network for one in world.plan.choices] == [True, False, None]
    assert world.letters[-1].notice is NoticeKind.CHOICE_LIST
    assert [one.in_network for one in world.letters[-1].facts.choices] == [True, False, None]


def test_another_setting_ends_what_only_the_old_one_asked_for() -> None:
    world = planned("snf")
    world.do(TaskKind.PROVIDER_CHOICES, choices(3, chosen_npi=NEXT))
    world.do(TaskKind.REFERRAL, {"provider_npi": NEXT, "accepted": True})
    world.tell(expected_discharge=FRIDAY)
    world.qio("discharge", "asked", timely=True)
    world.qio("discharge", "decided", upheld=False)
    world.do(TaskKind.TARGET_SETTING, {"setting": "irf", "target_date": "2026-03-09"})
    assert world.plan.chosen_npi is None
    assert world.open(TaskKind.PROVIDER_CHOICES) is not None and world.open(TaskKind.REFERRAL) is not None


def test_a_referral_that_was_declined_stays_to_be_accepted() -> None:
    world = planned("snf")
    world.do(TaskKind.REFERRAL, {"provider_npi": NEXT, "accepted": False, "reason": "no bed"})
    assert world.open(TaskKind.REFERRAL) is not None


def test_the_equipment_and_the_teaching_have_an_owner_and_a_day() -> None:
    world = planned("home")
    equipment, teaching = world.open(TaskKind.EQUIPMENT), world.open(TaskKind.TEACH_BACK)
    assert equipment is not None and equipment.due_at == datetime(2026, 3, 6, 5, 59, 59, tzinfo=UTC)
    assert teaching is not None and teaching.role.value == "nurse"
    world.do(TaskKind.TEACH_BACK, {"topics": ["salt", "weight"], "understood": None})
    assert world.open(TaskKind.TEACH_BACK) is not None, "not tried is not understood"


# -- the next setting --------------------------------------------------------------------------------------------------


def ready_for_snf(**more: Any) -> DischargeWorld:
    world = planned("snf", days="14", **more)
    stated = [{"fact": "snf.ordered", "value": True, "on": "2026-03-02"}]
    world.do(TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": "home", "needs": True}], "facts": stated})
    world.do(TaskKind.PROVIDER_CHOICES, choices(3, chosen_npi=NEXT))
    return world


def test_the_next_settings_authorization_begins_two_days_before_the_target_date() -> None:
    world = ready_for_snf()
    assert world.requests == []
    world.wait_until(datetime(2026, 3, 4, 5, 59, 59, tzinfo=UTC))
    assert world.requests == []
    world.wait(seconds=1)
    (asked,) = world.requests
    line = asked.lines[0]
    assert (line.code, line.code_system, line.level_of_care, line.unit) == ("snf", CodeSystem.OTHER, "snf", "day")
    assert (line.quantity, line.start, line.end) == (Decimal(14), FRIDAY, FRIDAY + timedelta(days=13))
    assert asked.requesting_provider.npi == HOSPITAL
    assert asked.servicing_provider is not None and asked.servicing_provider.npi == NEXT
    assert asked.stay is not None and asked.stay.purpose is StayPurpose.NEXT_SETTING
    assert [fact.id for fact in asked.facts] == ["snf.ordered"]


def test_an_authorization_that_lacks_something_is_a_nurses_task_and_not_a_guess() -> None:
    world = planned("hospice")
    world.wait_until(datetime(2026, 3, 4, 6, tzinfo=UTC))
    assert world.requests == []
    task = world.open(TaskKind.NEXT_AUTHORIZATION)
    assert task is not None and task.due_at == datetime(2026, 3, 5, 5, 59, 59, tzinfo=UTC)
    world.do(TaskKind.NEXT_AUTHORIZATION, {"provider_npi": NEXT, "days": "90"})
    assert [one.lines[0].level_of_care for one in world.requests] == ["hospice"]


def test_a_plan_for_tomorrow_begins_its_authorization_at_once() -> None:
    world = DischargeWorld()
    world.do(TaskKind.TARGET_SETTING, {"setting": "snf", "target_date": "2026-03-03", "days": "5"})
    assert world.open(TaskKind.NEXT_AUTHORIZATION) is not None


def test_a_denied_setting_has_somebody_plan_anew_and_the_next_round_is_asked_for() -> None:
    world = ready_for_snf()
    world.wait(days=2)
    answered(world, CaseStatus.DENIED)
    task = world.open(TaskKind.TARGET_SETTING)
    assert task is not None and "denied" in task.why
    world.do(TaskKind.TARGET_SETTING, {"setting": "home_health", "target_date": "2026-03-07", "days": "30"})
    world.do(TaskKind.REFERRAL, {"provider_npi": NEXT, "accepted": True})
    world.wait(days=2)
    assert [one.lines[0].code for one in world.requests] == ["snf", "home_health"]
    assert [one.case_id for one in world.plan.reviews] == ["PA-0001-NEXT1", "PA-0001-NEXT2"]


def test_a_denied_setting_that_the_law_approves_because_nobody_was_told_in_time_is_granted() -> None:
    world = ready_for_snf()
    world.wait(days=2)
    answered(world, CaseStatus.DENIED)
    answered(world, CaseStatus.APPROVED, AnsweredLine(line_id="1", outcome=LineOutcome.APPROVED, by=ByReviewer("md")))
    assert world.plan.reviews[-1].is_granted is False
    answered(world, CaseStatus.APPROVED, AnsweredLine(line_id="1", outcome=LineOutcome.APPROVED, by=ByLaw("IL-URGENT")))
    assert world.plan.reviews[-1].is_granted is True


def test_a_granted_setting_is_asked_for_once() -> None:
    world = ready_for_snf()
    world.wait(days=2)
    answered(world, CaseStatus.APPROVED)
    world.wait(days=1)
    assert len(world.requests) == 1 and world.plan.replan is None


# -- the discharge -----------------------------------------------------------------------------------------------------


def tell_all(world: DischargeWorld) -> None:
    """The medicines are reconciled, and the warning signs are taught."""
    medicine = {"name": "furosemide", "action": "new", "how": "Take one in the morning."}
    world.do(TaskKind.MEDICATION_RECONCILIATION, {"medicines": [medicine]})
    taught = {"topics": ["salt"], "warning_signs": ["You gain two pounds in a day."], "understood": True}
    world.do(TaskKind.TEACH_BACK, taught)


def test_the_summary_goes_to_the_member_and_to_the_pcp_at_the_discharge() -> None:
    world = planned("home")
    tell_all(world)
    world.wait_until(datetime(2026, 3, 6, 15, tzinfo=UTC))
    world.tell(discharged_at=world.now)
    (summary,) = [one for one in world.letters if one.notice is NoticeKind.DISCHARGE_SUMMARY]
    assert summary.recipients["pcp"] == "1999999984"
    assert summary.facts.discharge_on == FRIDAY and summary.facts.setting == "Home"


def test_a_summary_that_cannot_tell_the_medicines_waits_for_them_two_days_and_then_is_in_trouble() -> None:
    world = at_home()
    assert "discharge_summary" not in world.notices() and world.open(TaskKind.LETTER_REPAIR) is None
    world.wait(days=3)
    assert world.open(TaskKind.LETTER_REPAIR) is not None
    tell_all(world)
    assert world.notices().count("discharge_summary") == 1
    assert world.open(TaskKind.LETTER_REPAIR) is None


def test_what_the_summary_lacks_is_asked_until_it_is_known() -> None:
    world = at_home()
    world.do(TaskKind.TEACH_BACK, {"topics": ["salt"], "understood": True})
    task = world.open(TaskKind.TEACH_BACK)
    assert task is not None and "waits for it" in task.why


@pytest.mark.parametrize("gap", ["The ward failed to order it.", "It broke. Nobody came."])
def test_a_gap_is_told_in_one_sentence_and_without_blame(gap: str) -> None:
    world = at_home()
    answer = world.do(TaskKind.POST_DISCHARGE_CALL, call(world, gaps=[gap]))
    assert {broken.rule for broken in answer.refusals} == {"task.form.gaps"}


def test_a_detailed_notice_needs_facts_of_the_case_the_rule_and_who_decided() -> None:
    world = DischargeWorld()
    world.qio("discharge", "asked", timely=True)
    answer = world.do(TaskKind.DETAILED_REASON, {"reason": "It is not medically necessary."})
    assert {broken.rule for broken in answer.refusals} == {
        "task.form.basis",
        "task.form.decided_by",
        "task.form.facts_of_case",
        "task.form.reason",
    }


def test_a_pcp_whom_nobody_knows_is_somebodys_task() -> None:
    world = DischargeWorld(look=person(pcp=None))
    world.tell(discharged_at=world.now)
    assert world.open(TaskKind.PCP_NOTICE) is not None
    world.do(TaskKind.PCP_NOTICE, {})
    assert "No primary care practitioner is known" in world.referrals[-1].what


def test_what_was_not_done_before_the_discharge_is_said() -> None:
    world = at_home()
    assert "teach_back" in world.plan.left_undone
    assert world.open(TaskKind.TRANSPORT) is None
    assert world.open(TaskKind.FOLLOW_UP_BOOKING) is not None, "it is of use after the discharge, too"


def test_a_discharge_that_was_taken_back_lets_the_plan_go_on() -> None:
    world = at_home()
    world.tell(discharged_at=None, disposition=None)
    assert world.open(TaskKind.POST_DISCHARGE_CALL) is None
    assert world.open(TaskKind.TEACH_BACK) is not None


def test_where_nobody_said_where_the_member_went_they_are_called_as_if_at_home() -> None:
    world = DischargeWorld()
    world.tell(discharged_at=world.now)
    assert world.open(TaskKind.POST_DISCHARGE_CALL) is not None
    assert world.open(TaskKind.TARGET_SETTING) is not None
    world.do(TaskKind.TARGET_SETTING, {"setting": "snf", "target_date": "2026-03-02"})
    assert world.open(TaskKind.POST_DISCHARGE_CALL) is None and world.open(TaskKind.HAND_OVER) is not None


def test_nobody_calls_and_nobody_writes_when_the_member_has_died() -> None:
    world = DischargeWorld()
    world.tell(discharged_at=world.now, disposition="20")
    assert world.finished and world.plan.status is CaseStatus.COMPLETED
    assert NoticeKind.DISCHARGE_SUMMARY not in {one.notice for one in world.letters}
    assert not world.plan.open_tasks()


def test_an_admission_that_was_taken_back_voids_the_plan() -> None:
    world = planned("snf")
    world.tell(voided=True)
    assert world.finished and world.plan.status is CaseStatus.VOIDED and not world.plan.open_tasks()


# -- after -------------------------------------------------------------------------------------------------------------


def test_the_call_is_due_within_two_business_days() -> None:
    world = at_home()
    task = world.open(TaskKind.POST_DISCHARGE_CALL)
    assert task is not None and task.due_at == datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC), "Friday, then Tuesday"


@pytest.mark.parametrize(("complexity", "days"), [("high", 7), ("moderate", 14), (None, 7)])
def test_the_visit_is_due_within_7_or_14_days_and_the_earlier_where_nobody_knows(
    complexity: str | None, days: int
) -> None:
    world = at_home(complexity=complexity)
    task = world.open(TaskKind.FOLLOW_UP_VISIT)
    assert task is not None and world.plan.day(task.due_at) == FRIDAY + timedelta(days=days)


def test_a_low_score_with_every_value_known_asks_for_the_later_visit() -> None:
    world = DischargeWorld()
    known = {"length_of_stay_days": 2, "emergent_admission": False, "charlson": 0, "emergency_visits": 0}
    world.do(TaskKind.NEEDS_ASSESSMENT, {"answers": [{"domain": "home", "needs": False}], "lace": known})
    assert world.plan.complexity is Complexity.MODERATE


def test_scores_use_what_the_stay_shows_and_what_people_answer_counts_before_it() -> None:
    world = DischargeWorld()
    assert (world.plan.lace_inputs.emergent_admission, world.plan.hospital_inputs.urgent_admission) == (True, True)
    assert world.plan.lace_inputs.length_of_stay_days is None, "nobody knows it before the discharge"
    answers = [{"domain": "home", "needs": False}]
    world.do(TaskKind.NEEDS_ASSESSMENT, {"answers": answers, "lace": {"emergent_admission": False}})
    assert (world.plan.lace_inputs.emergent_admission, world.plan.hospital_inputs.urgent_admission) == (False, True)
    home = at_home().plan
    assert home.picture.admitted_at is not None and home.picture.discharged_at is not None
    nights = (home.day(home.picture.discharged_at) - home.day(home.picture.admitted_at)).days
    assert nights > 0 and home.lace_inputs.length_of_stay_days == home.hospital_inputs.length_of_stay_days == nights


def test_gaps_go_to_the_provider_and_to_care_management_once() -> None:
    world = at_home()
    world.do(TaskKind.POST_DISCHARGE_CALL, call(world, taking_medicines=False, gaps=["No walker has come."]))
    feedback = [one for one in world.letters if one.notice is NoticeKind.PROVIDER_FEEDBACK]
    assert feedback[0].facts.gaps == ("The member does not take the medicines as planned.", "No walker has come.")
    assert feedback[0].recipients["provider"] == HOSPITAL
    (referral,) = world.referrals
    assert (referral.case_id, referral.kind, referral.about_case_id) == ("QC-0001-CM1", "care_management", "DP-0001")
    world.do(TaskKind.MEDICATION_CHECK_IN, {"taking_medicines": False})
    assert len(world.referrals) == 1, "a gap that is known is not told again"
    world.do(TaskKind.EDUCATION, {"topics": ["salt"], "understood": True, "gaps": ["There is no scale."]})
    assert world.referrals[-1].case_id == "QC-0001-CM2"
    assert [one.facts.gaps for one in world.letters][-1] == ("There is no scale.",)


def test_what_the_call_did_not_ask_is_no_gap() -> None:
    world = at_home()
    world.do(TaskKind.POST_DISCHARGE_CALL, call(world))
    assert world.plan.gaps == []


def test_a_member_who_is_not_reached_is_called_again_and_then_referred() -> None:
    world = at_home()
    world.do(TaskKind.POST_DISCHARGE_CALL, call(world, reached=False))
    task = world.open(TaskKind.POST_DISCHARGE_CALL)
    assert task is not None and "Attempt 2" in task.why
    world.do(TaskKind.POST_DISCHARGE_CALL, call(world, reached=False))
    assert world.open(TaskKind.POST_DISCHARGE_CALL) is None
    assert world.referrals[-1].what == "Nobody was reached in 2 attempts."
    assert world.open(TaskKind.MEMBER_CONTACT) is not None, "a contact within 30 days is still wanted"


def booking(at: datetime) -> dict[str, Any]:
    visit = {"with_whom": "Dr. Sam Ordering", "purpose": "heart check", "at": at.isoformat(), "place": "Springfield"}
    return {"visits": [visit]}


def test_reminders_go_out_three_days_and_one_day_before_a_visit_in_the_morning() -> None:
    world = at_home()
    world.do(TaskKind.FOLLOW_UP_BOOKING, booking(datetime(2026, 3, 13, 20, tzinfo=UTC)))

    def reminders() -> int:
        return world.notices().count("appointment_reminder")

    world.wait_until(datetime(2026, 3, 10, 12, 59, tzinfo=UTC))
    assert reminders() == 0
    world.wait_until(datetime(2026, 3, 10, 13, tzinfo=UTC))
    assert reminders() == 1, "at 08:00 in Chicago, in summer time"
    world.wait_until(datetime(2026, 3, 12, 13, tzinfo=UTC))
    assert reminders() == 2
    world.wait(days=25)
    assert reminders() == 2


def test_a_visit_booked_for_tomorrow_is_reminded_of_once() -> None:
    world = at_home()
    world.do(TaskKind.FOLLOW_UP_BOOKING, booking(world.now + timedelta(hours=20)))
    assert world.notices().count("appointment_reminder") == 1


def test_a_visit_after_the_thirtieth_day_keeps_the_plan_open_until_its_reminder() -> None:
    world = at_home()
    world.do(TaskKind.FOLLOW_UP_BOOKING, booking(datetime(2026, 4, 20, 15, tzinfo=UTC)))
    world.wait(days=33)
    assert world.plan.is_open
    world.wait(days=14)
    assert not world.plan.is_open and world.notices().count("appointment_reminder") == 2


def test_a_visit_of_which_nobody_knows_stays_awaited() -> None:
    world = at_home()
    world.do(TaskKind.FOLLOW_UP_VISIT, {})
    assert world.open(TaskKind.FOLLOW_UP_VISIT) is not None
    world.do(TaskKind.FOLLOW_UP_VISIT, {"happened": True, "on": "2026-03-07"})
    assert world.open(TaskKind.FOLLOW_UP_VISIT) is None


def test_a_visit_that_did_not_take_place_in_its_time_is_a_gap() -> None:
    world = at_home()
    world.wait(days=9)
    world.do(TaskKind.FOLLOW_UP_VISIT, {"happened": False})
    assert world.referrals[-1].what == "No visit took place by 2026-03-13."


def test_a_behavioral_stay_has_its_own_visits_and_one_visit_serves_both() -> None:
    world = DischargeWorld(stay_snapshot(behavioral=True))
    world.do(TaskKind.TARGET_SETTING, {"setting": "home", "target_date": FRIDAY.isoformat()})
    world.tell(discharged_at=world.now)
    assert {task.about for task in world.plan.open_tasks(TaskKind.FOLLOW_UP_VISIT)} >= {
        "behavioral_follow_up_7",
        "behavioral_follow_up_30",
    }
    world.do(TaskKind.FOLLOW_UP_VISIT, {"happened": True, "on": "2026-03-04"}, "behavioral_follow_up_7")
    assert world.open(TaskKind.FOLLOW_UP_VISIT, "behavioral_follow_up_30") is None


def test_equipment_that_nobody_ordered_is_not_asked_about() -> None:
    world = planned("home")
    world.do(TaskKind.EQUIPMENT, {"items": []})
    world.tell(discharged_at=world.now)
    assert world.open(TaskKind.EQUIPMENT_CHECK) is None


def test_a_readmission_is_looked_for_on_days_7_14_and_30_and_linked_without_any_consequence() -> None:
    world = at_home()
    world.admissions = [("ST-0002", world.now + timedelta(days=10))]
    world.wait(days=8)
    assert world.looks == [7]
    world.wait(days=24)
    assert world.looks == [7, 14, 30]
    assert [(one.stay_id, one.days_since) for one in world.plan.readmissions] == [("ST-0002", 10)]
    linked = [entry for entry in world.entries if entry.kind is EntryKind.READMISSION_LINKED]
    assert len(linked) == 1
    assert world.plan.status is CaseStatus.COMPLETED


def test_the_plan_is_closed_after_the_thirtieth_day_and_says_what_was_not_done() -> None:
    world = at_home()
    world.wait_until(datetime(2026, 4, 6, 4, 59, 59, tzinfo=UTC))
    assert world.plan.is_open
    world.wait(seconds=1)
    assert not world.plan.is_open
    assert "post_discharge_call" in world.plan.left_undone


def test_a_letter_that_could_not_be_written_is_written_when_somebody_has_mended_it() -> None:
    world = planned("snf")
    world.writer_broken = frozenset({NoticeKind.CHOICE_LIST})
    world.do(TaskKind.PROVIDER_CHOICES, choices(3))
    assert world.open(TaskKind.LETTER_REPAIR) is not None and "choice_list" not in world.notices()
    world.writer_broken = frozenset()
    world.do(TaskKind.LETTER_REPAIR)
    assert world.notices().count("choice_list") == 1 and world.open(TaskKind.LETTER_REPAIR) is None


def test_somebody_whose_plan_nobody_knows_is_planned_for_and_looked_up_again() -> None:
    world = DischargeWorld(look=person(None))
    world.tell(discharged_at=world.now)
    world.wait(days=3)
    assert world.open(TaskKind.LETTER_REPAIR) is not None and world.letters == []
    world.look = person()
    world.do(TaskKind.TARGET_SETTING, {"setting": "home"})
    tell_all(world)
    assert world.letters == []
    world.do(TaskKind.LETTER_REPAIR)
    assert "discharge_summary" in world.notices()


def test_a_repeated_message_has_its_first_answer_and_no_second_effect() -> None:
    world = at_home()
    task = world.open(TaskKind.POST_DISCHARGE_CALL)
    assert task is not None
    message = CompleteTask(
        **world.stamp(),
        task_id=task.task_id,
        reviewer_id="everybody",
        outcome=TaskOutcome.DONE,
        form=call(world, reached=False),
    )
    first, again = world.send(message), world.send(message)
    assert first == again and len(world.plan.calls) == 1


def test_news_of_another_stay_is_refused() -> None:
    world = DischargeWorld()
    assert not world.tell(stay_id="ST-9999").accepted
    assert world.now == MONDAY


def test_a_discharge_tells_where_the_member_went_and_ends_the_question_for_it() -> None:
    world = DischargeWorld()
    assert world.open(TaskKind.TARGET_SETTING) is not None
    world.tell(discharged_at=world.now, disposition="03")
    assert world.open(TaskKind.TARGET_SETTING) is None
    assert world.plan.target is not None and world.plan.target.setting is LevelOfCare.SNF
    assert world.open(TaskKind.HAND_OVER) is not None and world.open(TaskKind.POST_DISCHARGE_CALL) is None
    world.tell(discharged_at=None, disposition=None)
    assert world.open(TaskKind.TARGET_SETTING) is not None, "a discharge that is taken back tells nothing"


def test_a_plan_that_began_under_an_older_release_goes_on_as_it_began() -> None:
    world = DischargeWorld()
    rules = world.plan.rules()
    world.plan.policy = rules.model_copy(
        update={"transitions": rules.transitions.model_copy(update={"dispositions": ()})}
    )
    world.tell(discharged_at=world.now, disposition="01")
    assert world.open(TaskKind.TARGET_SETTING) is not None and world.plan.target is None


def test_no_headline_waits_for_work_in_the_hospital_once_the_member_has_left() -> None:
    world = DischargeWorld()
    world.tell(discharged_at=world.now)
    assert world.open(TaskKind.TARGET_SETTING) is not None and world.open(TaskKind.FORM_DELIVERY) is not None
    wait = views.case_view(world.plan, world.now).waiting
    assert wait is not None and wait.what not in ("target setting", "form delivery")
