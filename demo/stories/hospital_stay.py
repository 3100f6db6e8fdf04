"""A hospital stay: from the emergency room to the nursing facility and home again, with a determination for every day.

Driven by the hospital's own messages. One denied day is overturned after a peer-to-peer, and the work after the
discharge is followed until the member is safe at home.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.case_record import CaseRecord
from demo.hospital_staff import HospitalStaff
from demo.stories.story import SAMPLES, Story, skip_to_monday
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab, laboratory
from domain.case_numbers import plan_number
from domain.cases.tasks import TaskKind
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.discharge.policy import AssessmentDomain
from domain.journal import EntryKind
from domain.vocabulary import NoticeKind, Role

ZONE = ZoneInfo("America/Chicago")
SAMPLE_MONDAY = date(2026, 3, 2)
NURSE, PLANNER, DIRECTOR = "nurse.adams", "planner.ivers", "director.osei"
BY_ROLE = {Role.NURSE: NURSE, Role.DISCHARGE_PLANNER: PLANNER}
FACILITIES = (
    ("1215000088", "Tallgrass Nursing and Rehabilitation"),
    ("1215000096", "Quarry Pond Care Center"),
    ("1215000104", "Bellwether Skilled Nursing"),
)
REASON = StructuredReason(
    asked="A further day on a hospital ward.",
    records_read=("Clinical update of the hospital",),
    findings=(
        CriterionFinding(
            criterion="How ill the patient is",
            finding="Vital signs are stable and treatment is by mouth.",
            source="Clinical update",
            citation="Example Health stay policy 1",
        ),
    ),
    rule="A further day on a ward is covered while the patient is acutely ill and is treated for it there.",
    rule_citation="Example Health stay policy 1, continued acute stay (an example)",
    gap="Nothing in the record needs a hospital on this day.",
    what_would_change="Records that show treatment or observation on this day that only a hospital can give.",
    plain_words="A further hospital day is covered while you are very ill and treated for it there. "
    "Your records for this day show stable vital signs and medicine by mouth.",
)


def hospital_message(name: str, monday: date) -> bytes:
    """A sample message of the hospital, moved to the days of this story."""
    raw = next((SAMPLES / "adt").glob(f"{name}-*.hl7")).read_bytes()
    moved = monday - SAMPLE_MONDAY

    def move(found: re.Match[bytes]) -> bytes:
        day = datetime.strptime(found[1].decode(), "%Y%m%d").replace(tzinfo=ZONE).date() + moved
        return day.strftime("%Y%m%d").encode() + found[2]

    return re.sub(rb"(202603\d\d)(\d{6}-0600)", move, raw)


class StoryDays:
    """The days of the story by their number; day 0 is the Monday of the admission."""

    def __init__(self, lab: Lab, monday: date) -> None:
        self._lab, self.monday = lab, monday

    def __getitem__(self, number: int) -> date:
        return self.monday + timedelta(days=number)

    def at(self, number: int, clock: str) -> datetime:
        hour, minute = map(int, clock.split(":"))
        return datetime.combine(self[number], time(hour, minute), ZONE)

    async def skip_to(self, number: int, clock: str) -> None:
        """Skip to a local time of a day."""
        await self._lab.advance_to(self.at(number, clock))


async def tell(lab: Lab, narrator: StoryPrinter) -> str:
    """The number of the hospital stay."""
    await skip_to_monday(lab, "America/Chicago", 10, 16)
    days = StoryDays(lab, (await lab.now()).astimezone(ZONE).date())
    bedside = HospitalStaff(lab, ZONE)
    stay, plan = await _in_hospital(days, bedside, narrator)
    nursing, home = await _in_nursing_facility(days, bedside, narrator, plan)
    await _at_home(days, bedside, narrator, home)
    reviews = bedside.reviews(stay)
    shown = {stay: "stay", plan: "plan", **{one: f"round {n}" for n, one in enumerate(reviews, 1)}}
    shown |= dict.fromkeys(bedside.next_setting_reviews(plan), "next care")
    shown |= {nursing: "nursing", home: "home"}
    found = narrator.print_joined_timeline(lab.store, shown)
    _check(narrator, found, stay, plan, home, days)
    for number, one in enumerate((found[stay], *(found[key] for key in reviews), found[plan], found[home]), 1):
        narrator.keep(one, lab.outbox, f"6-hospital-stay/{number}-{shown[one.view.case_id].replace(' ', '-')}")
    return stay


async def _in_hospital(days: StoryDays, bedside: HospitalStaff, narrator: StoryPrinter) -> tuple[str, str]:
    narrator.show_progress(
        "an ambulance brings a member to the emergency room, and the hospital's own messages tell of it"
    )
    stay = await bedside.tells(hospital_message("01", days.monday))
    plan = plan_number(stay)
    await days.skip_to(0, "13:31")
    await bedside.tells(hospital_message("02", days.monday))
    await days.skip_to(0, "21:11")
    await bedside.tells(hospital_message("03", days.monday))

    narrator.show_progress("round 1: two midnights are expected, and a nurse finds that the illness needs a hospital")
    await days.skip_to(0, "22:00")
    ordered = {"ip.order": True, "ip.expected_midnights": 3, "ip.expectation_factors_documented": True}
    await bedside.updates(stay, ordered, working_drg="280", expected_discharge=days[4])
    await bedside.approve_task(bedside.open_review(stay), NURSE, TaskKind.NURSE_REVIEW, "The illness needs a hospital.")
    await days.skip_to(1, "09:00")
    await bedside.complete_task(
        plan, PLANNER, TaskKind.FORM_DELIVERY, await delivery_form(bedside, "MA-IM"), about="MA-IM"
    )
    await bedside.complete_task(plan, PLANNER, TaskKind.NEEDS_ASSESSMENT, needs_form())

    narrator.show_progress("round 2: a day in intensive care, approved by a nurse")
    await days.skip_to(1, "10:00")
    await bedside.updates(
        stay, {"stay.circulation_support": True, "stay.titrated_infusion": True, "stay.plan_for_day": True}
    )
    await bedside.approve_task(bedside.open_review(stay), NURSE, TaskKind.NURSE_REVIEW, "On a drip that is set anew.")
    await days.skip_to(2, "08:05")
    await bedside.tells(hospital_message("04", days.monday))
    narrator.show_progress("nobody here knows the hospital's unit 4W, so a nurse is asked and nothing is guessed")
    await bedside.complete_task(stay, NURSE, TaskKind.LEVEL_QUESTION, {"level": "inpatient_ward"})
    await bedside.complete_task(plan, PLANNER, TaskKind.TARGET_SETTING, target_form("snf", days[4], days=7))
    await bedside.complete_task(plan, PLANNER, TaskKind.PROVIDER_CHOICES, choices_form())
    await days.skip_to(2, "09:35")
    await bedside.tells(hospital_message("05", days.monday))

    narrator.show_progress("round 3: one day of two is denied, by a physician and after a call was offered")
    await days.skip_to(2, "11:00")
    better = {
        "stay.vital_signs_unsafe": False,
        "stay.oxygen_above_usual": False,
        "stay.new_confusion": False,
        "stay.procedure_within_day": False,
        "stay.cannot_take_by_mouth": False,
        "stay.iv_treatment_needs_hospital": False,
        "stay.hours_between_observations": (12, "h"),
        "stay.treatment_changed_today": False,
        "stay.needs_facility_next": False,
    }
    await bedside.updates(stay, better, through=days[3])
    third = bedside.open_review(stay)
    await bedside.refer_to_physician(
        third, NURSE, "Wednesday is the day of the move; nothing I see needs a hospital on Thursday."
    )
    await days.skip_to(2, "14:00")
    await bedside.record_peer_to_peer_no_show(third)
    await days.skip_to(2, "15:00")
    await bedside.deny_days_after(third, DIRECTOR, days[2], REASON)

    narrator.show_progress(
        "the attending physician calls: kidneys were failing on Thursday, and the day is approved after all"
    )
    await days.skip_to(3, "09:30")
    learned = {"stay.vital_signs_unsafe": True, "stay.iv_treatment_needs_hospital": True, "stay.plan_for_day": True}
    await bedside.request_reconsideration(
        stay, days[3], learned, "Acute kidney injury on Thursday, treated by infusion."
    )
    fourth = bedside.open_review(stay)
    await bedside.approve_task(fourth, DIRECTOR, TaskKind.PHYSICIAN_REVIEW, "The talk and the new record settle it.")

    narrator.show_progress(
        "the nursing facility is authorized before the discharge; the second copy of the notice is given"
    )
    await days.skip_to(3, "11:00")
    await bedside.approve_next_setting(plan, NURSE)
    await bedside.complete_task(
        plan, PLANNER, TaskKind.FORM_DELIVERY, await delivery_form(bedside, "MA-IM-COPY"), about="MA-IM-COPY"
    )
    for kind, form in discharge_task_forms(days).items():
        await bedside.complete_open_tasks(plan, BY_ROLE, kind, form)
    await days.skip_to(4, "11:05")
    await bedside.tells(hospital_message("06", days.monday))
    return stay, plan


async def _in_nursing_facility(
    days: StoryDays, bedside: HospitalStaff, narrator: StoryPrinter, plan: str
) -> tuple[str, str]:
    narrator.show_progress("the nursing facility announces her, and its days are approved already")
    await days.skip_to(4, "13:00")
    nursing = await bedside.enter_admission(
        facility="TALLGRASS",
        facility_npi=FACILITIES[0][0],
        visit_number="T-2201",
        member_id="MBR1000001",
        unit="SNF",
        diagnoses=("I21.4",),
        entered_by="intake.kim",
    )
    home = plan_number(nursing)
    await bedside.complete_task(plan, PLANNER, TaskKind.HAND_OVER, {"has_member": True, "has_summary": True})
    await days.skip_to(5, "10:00")
    await bedside.complete_task(home, PLANNER, TaskKind.NEEDS_ASSESSMENT, needs_form())
    await bedside.complete_task(home, PLANNER, TaskKind.TARGET_SETTING, target_form("home", days[10]))

    narrator.show_progress("her cover there ends with the care, and she is told two days before")
    await days.skip_to(8, "09:00")
    await bedside.complete_task(
        home, PLANNER, TaskKind.FORM_DELIVERY, await delivery_form(bedside, "MA-NOMNC"), about="MA-NOMNC"
    )
    for kind, form in discharge_task_forms(days).items():
        await bedside.complete_open_tasks(home, BY_ROLE, kind, form)
    await days.skip_to(10, "11:00")
    await bedside.enter_admission(
        kind="discharge",
        facility="TALLGRASS",
        facility_npi=FACILITIES[0][0],
        visit_number="T-2201",
        member_id="MBR1000001",
        unit="SNF",
        disposition="01",
        discharged_at=days.at(10, "10:45"),
        entered_by="intake.kim",
    )
    return nursing, home


async def _at_home(days: StoryDays, bedside: HospitalStaff, narrator: StoryPrinter, home: str) -> None:
    narrator.show_progress(
        "she is called within two business days, reminded of her visit, and her medicines are gone through"
    )
    await days.skip_to(11, "10:00")
    called = {
        "reached": True,
        "called_at": days.at(11, "09:50").isoformat(),
        "taking_medicines": True,
        "knows_warning_signs": True,
        "knows_appointment": True,
        "gaps": ["The list of medicines did not come with her from the nursing facility."],
    }
    await bedside.complete_task(home, NURSE, TaskKind.POST_DISCHARGE_CALL, called)
    await days.skip_to(14, "10:00")
    await bedside.complete_task(home, NURSE, TaskKind.MEDICATION_CHECK_IN, {"taking_medicines": True, "trouble": []})
    await bedside.complete_open_tasks(home, BY_ROLE, TaskKind.EDUCATION, {"topics": ["Chest pain"], "understood": True})
    await days.skip_to(17, "12:00")
    came = {"happened": True, "on": days[17].isoformat()}
    await bedside.complete_task(home, PLANNER, TaskKind.FOLLOW_UP_VISIT, came)


async def delivery_form(bedside: HospitalStaff, rule_id: str) -> dict[str, Any]:
    """The delivery form of a notice that was delivered just now, explained and signed."""
    return {
        "delivered_by": "Meridian Heart Hospital" if rule_id.startswith("MA-IM") else FACILITIES[0][1],
        "delivered_at": (await bedside.now()).isoformat(),
        "to": "member",
        "signature": "signed",
        "explained": True,
    }


def needs_form() -> dict[str, Any]:
    """The planner's needs assessment; lab values that are not available yet stay unknown."""
    wanting = {AssessmentDomain.FUNCTION: "Walks ten steps with help.", AssessmentDomain.CAREGIVER: "Lives alone."}
    answers = [
        {"domain": domain.value, "needs": domain in wanting, "note": wanting.get(domain, "")}
        for domain in AssessmentDomain
    ]
    return {
        "answers": answers,
        "lace": {"length_of_stay_days": 1, "emergent_admission": True, "charlson": 2, "emergency_visits": 1},
        "hospital": {"urgent_admission": True, "oncology_service": False, "procedure": True},
        "facts": [
            {"fact": "snf.ordered", "value": True},
            {"fact": "snf.qualifying_days", "value": 3, "unit": "d"},
            {"fact": "snf.days_since_discharge", "value": 0, "unit": "d"},
            {"fact": "snf.rehab_days_per_week", "value": 5},
            {"fact": "snf.condition_link", "value": True},
        ],
    }


def target_form(setting: str, day: date, **more: Any) -> dict[str, Any]:
    agreed = {"agreed_with_member": True, "agreed_with_physician": True}
    return {"setting": setting, "target_date": day.isoformat(), "complexity": "high", **agreed, **more}


def choices_form() -> dict[str, Any]:
    """Three facilities; the member chose the first."""
    offered = [{"name": name, "npi": npi, "setting": "snf", "in_network": None} for npi, name in FACILITIES]
    return {"choices": offered, "chosen_npi": FACILITIES[0][0]}


def discharge_task_forms(days: StoryDays) -> dict[TaskKind, dict[str, Any]]:
    """Forms of the tasks before discharge, as the planner completes them."""
    visit = {
        "with_whom": "Dr. Sam Ordering",
        "purpose": "After the heart attack: heart, kidneys and medicines",
        "at": days.at(17, "10:00").isoformat(),
        "place": "1 Riverbend Way Suite 200, Springfield",
        "npi": "1777777719",
    }
    return {
        TaskKind.EQUIPMENT: {"items": []},
        TaskKind.MEDICATION_RECONCILIATION: {
            "medicines": [
                {"name": "Metoprolol", "action": "new", "how": "one tablet in the morning and in the evening"},
                {"name": "Ibuprofen", "action": "stop", "how": "it harms the kidneys"},
            ]
        },
        TaskKind.TEACH_BACK: {
            "topics": ["Chest pain and what to do"],
            "understood": True,
            "warning_signs": ["Chest pain", "Shortness of breath"],
        },
        TaskKind.FOLLOW_UP_BOOKING: {"visits": [visit]},
        TaskKind.TRANSPORT: {"arranged": True, "how": "wheelchair van"},
        TaskKind.REFERRAL: {"provider_npi": FACILITIES[0][0], "accepted": True},
    }


def _check(
    narrator: StoryPrinter, found: dict[str, CaseRecord], stay: str, plan: str, home: str, days: StoryDays
) -> None:
    narrator.expect(
        len(found[stay].of_kind(EntryKind.ROUND_OPENED)) == 4, "three rounds and a second look, one after the other"
    )
    answers = found[stay].of_kind(EntryKind.ROUND_ANSWERED)
    narrator.expect(
        any("denied" in entry.summary for entry in answers) and "approved after all" in answers[-1].summary,
        "the day that was denied is approved after the talk, and both answers stay readable",
    )
    missed = [entry.summary for one in found.values() for entry in one.of_kind(EntryKind.CLOCK_MISSED)]
    narrator.expect(not missed, "every notice was given and every decision made in time")
    met = {
        str(entry.data.get("rule")) for one in (found[plan], found[home]) for entry in one.of_kind(EntryKind.CLOCK_MET)
    }
    narrator.expect(
        {"MA-IM", "MA-IM-COPY", "MA-NOMNC"} <= met,
        "both copies of the Important Message and the notice two days before",
    )
    narrator.expect(
        len(found[home].letters_of(NoticeKind.APPOINTMENT_REMINDER)) == 2,
        "she was reminded three days and one day before",
    )
    narrator.expect(
        len(found[home].letters_of(NoticeKind.PROVIDER_FEEDBACK)) == 1, "what was missing went back to the facility"
    )


STORY = Story(
    folder="6-hospital-stay",
    title="Every day of a stay has its answer",
    intro=(
        "A hospital's own messages bring a member from the emergency room to intensive care, a ward, and a nursing facility.",
        "Days are reviewed in rounds; one is denied by a physician's signature and approved after the physicians have talked.",
    ),
    open_lab=laboratory,
    tell=tell,
)
