"""Contradictions in a hospital's messages reach people as tasks, and days of care are the facility's."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from domain.stays.adt import AdtKind, PatientClass
from store import directory
from tests.workflows.lab_stay import HOSPITAL, new_stay, skip_to_monday
from tests.workflows.test_concurrent_review_course import inpatient, questions


async def test_a_move_after_a_discharge_is_asked_once_and_its_days_are_reviewed(lab: Lab) -> None:
    stay = await inpatient(lab)
    await lab.advance(hours=30)
    await stay.discharged(arrival=10)
    await lab.advance(hours=30)
    for number in (11, 12):
        await stay.moved("ICU", arrival=number)
    asked = [why for why in questions(stay, TaskKind.STATUS_QUESTION) if "reports a move" in why]
    assert len(asked) == 1
    assert stay.sheet()["discharged_at"] is None


async def test_days_of_care_are_days_of_the_facility_and_not_of_a_member_from_elsewhere(lab: Lab) -> None:
    await skip_to_monday(lab)
    with lab.store.begin() as s:
        home = directory.coverages(s, "MBR1000001")[0]
        directory.put_coverage(s, home.model_copy(update={"zone": "America/Los_Angeles"}))
        facility = directory.provider(s, HOSPITAL)
        assert facility is not None and facility.zone == "America/Chicago"
    await lab.advance(hours=16)  # an hour after midnight at the facility, the evening before where the member lives
    stay = await new_stay(lab)
    await stay.emergency()
    await stay.tell(AdtKind.TO_INPATIENT, patient_class=PatientClass.INPATIENT, unit="Med-Surg")
    own = (await lab.now()).astimezone(ZoneInfo("America/Chicago")).date()
    assert own == (await lab.now()).astimezone(ZoneInfo("America/Los_Angeles")).date() + timedelta(days=1)
    await lab.advance(hours=24)
    assert stay.view().zone == "America/Chicago"
    assert stay.entries("update_requested") and f"from {own}" in stay.entries("update_requested")[0].summary
