"""A hospital stay in the lab, with the actions of hospital and reviewers in one line each."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.common import WorkflowIDConflictPolicy

from demo.time_skipping_lab import Lab
from domain.cases.messages import MessageResult
from domain.cases.views import CaseStatus, CaseView
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.journal import Actor
from domain.stays.adt import AdtKind, PatientClass, StayEvent
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.messages import UPDATE_CONTENT_TYPE, ClinicalUpdate, RequestSecondLook, StayEvidence, StayMessage
from domain.stays.parts import DayStatus
from domain.stays.start import AdtEventReceived, StayStart
from engine import options
from engine.settings import TASK_QUEUE
from store import case_summaries, cases, documents
from tests.workflows.care_requests import JUDGED
from tests.workflows.lab_case import LabCase

HOSPITAL = "1215000062"
STAY = "ST-AAAABBBBCCCC"


class LabStay(LabCase):
    """One stay in the lab; `review` gives its newest review."""

    def __init__(self, lab: Lab, stay_id: str, member_id: str, begins: datetime, zone: str) -> None:
        super().__init__(lab, stay_id)
        self.member_id, self.begins, self.zone = member_id, begins, ZoneInfo(zone)
        self._events = 0

    def day(self, number: int) -> date:
        """A day of the stay by its number, counted from 0."""
        return self.begins.astimezone(self.zone).date() + timedelta(days=number)

    # -- hospital messages ---------------------------------------------------------------------------------------------

    async def tell(self, kind: AdtKind, **more: Any) -> None:
        self._events += 1
        now = await self.lab.now()
        event = StayEvent(
            **{
                "event_id": f"E{self._events}",
                "kind": kind,
                "happened_at": now,
                "recorded_at": now,
                "facility": "MERIDIAN",
                "visit_number": "V1",
            }
            | more
        )
        actor = Actor(kind="provider", id=HOSPITAL)
        message = AdtEventReceived(message_id=event.event_id, at=now, actor=actor, event=event)
        start = StayStart(
            stay_id=self.case_id,
            received_at=self.begins,
            member_id=self.member_id,
            facility_npi=HOSPITAL,
            facility="Meridian Heart Hospital",
            visit_number="V1",
        )
        self.lab.put_on_file("ConcurrentReview", start, self.case_id)
        await self.lab.client.start_workflow(
            "ConcurrentReview",
            start,
            id=options.workflow_id(self.case_id),
            task_queue=TASK_QUEUE,
            start_signal="tell_stay",
            start_signal_args=[message],
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # A task that went to the poll of a stopped worker is given out again after three seconds and not after ten.
            task_timeout=timedelta(seconds=3),
        )
        self.lab.handle(self.case_id)
        await self.lab.settle()
        await self.lab.settle()

    async def emergency(self, **more: Any) -> None:
        await self.tell(AdtKind.REGISTER, patient_class=PatientClass.EMERGENCY, unit="ED", **more)

    async def observed(self, **more: Any) -> None:
        await self.tell(AdtKind.UPDATE, patient_class=PatientClass.OBSERVATION, unit="OBS", **more)

    async def admitted(self, unit: str = "Med-Surg", **more: Any) -> None:
        await self.tell(AdtKind.TO_INPATIENT, patient_class=PatientClass.INPATIENT, unit=unit, **more)

    async def moved(self, unit: str, **more: Any) -> None:
        await self.tell(AdtKind.TRANSFER, patient_class=PatientClass.INPATIENT, unit=unit, **more)

    async def discharged(self, disposition: str = "01", **more: Any) -> None:
        await self.tell(AdtKind.DISCHARGE, patient_class=PatientClass.INPATIENT, disposition=disposition, **more)

    # -- updates and requests ------------------------------------------------------------------------------------------

    async def update(self, facts: dict[str, Any] | None = None, **more: Any) -> MessageResult:
        """A clinical update of the hospital with these facts, each by a document."""
        return await self.say(ClinicalUpdate, kind="provider", update_id=await self.keep(facts or {}), **more)

    async def keep(self, facts: dict[str, Any]) -> str:
        """Store the clinical content of an update; the number of the document."""
        now = await self.lab.now()
        paper = FactSource(kind=SourceKind.DOCUMENT, reference=f"update of {now:%Y-%m-%d}")
        today = now.astimezone(self.zone).date()
        judged = FactSource(kind=SourceKind.CLINICIAN_JUDGMENT, reference="round", recorded_by="md.hosp.laurent")
        said = StayEvidence(
            facts=tuple(
                Fact(id=name, value=value, effective=today, source=judged if name in JUDGED else paper)
                for name, value in facts.items()
            )
        )
        with self.lab.store.begin() as s:
            content = said.model_dump_json().encode()
            return documents.put(s, content, "Clinical update", UPDATE_CONTENT_TYPE, now).document_id

    async def second_look(self, first: date, last: date | None = None, **more: Any) -> MessageResult:
        held = await self.lab.now()
        asked = {"how": "peer_to_peer", "held_at": held} | more
        return await self.say(RequestSecondLook, kind="provider", first=first, last=last or first, **asked)

    async def say(self, message: type[Any], kind: str = "reviewer", who: str = HOSPITAL, **more: Any) -> MessageResult:
        made: StayMessage = message(**await self.stamp(who, kind), **more)
        answer = await self.send(made)
        await self.lab.settle()
        return answer

    # -- queries -------------------------------------------------------------------------------------------------------

    def sheet(self) -> dict[str, Any]:
        with self.lab.store.read() as s:
            found = case_summaries.get(s, self.case_id)
        assert found is not None
        return found.content

    def reviews(self) -> list[CaseView]:
        """Every review that the stay opened, in their order."""
        prefix = "PA-" + self.case_id.removeprefix("ST-") + "-R"
        with self.lab.store.read() as s:
            found = [view for view in cases.find(s) if view.case_id.startswith(prefix)]
        return sorted(found, key=lambda view: int(view.case_id.removeprefix(prefix)))

    def review(self) -> LabCase:
        """The newest review."""
        return LabCase(self.lab, self.reviews()[-1].case_id)

    def open_reviews(self) -> list[CaseView]:
        return [view for view in self.reviews() if view.decided_at is None and view.status is CaseStatus.OPEN]

    def answer(self, day: date) -> tuple[DayStatus, LevelOfCare] | None:
        """The determination of a day, by the stay's summary."""
        for row in reversed(self.sheet()["days"]):
            if row["changed_by"] is None and row["first"] <= day.isoformat() <= row["last"]:
                return DayStatus(row["answer"]), LevelOfCare(row["level_of_care"])
        return None


FACTS = {
    "ip.order": True,
    "ip.expected_midnights": 3,
    "ip.expectation_factors_documented": True,
    "ip.hospital_care_needed": True,
}
"""Facts that approve an admission under Medicare by rule; the last one is a clinician's judgment."""


async def skip_to_monday(lab: Lab, zone: str = "America/Chicago") -> None:
    """Skip to nine o'clock of the next Monday of the zone, so that no test depends on the day on which it runs."""
    local = (await lab.now()).astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=7 - local.weekday())
    await lab.advance_to(datetime.combine(day, time(9), ZoneInfo(zone)))


async def new_stay(lab: Lab, member_id: str = "MBR1000001", zone: str = "America/Chicago") -> LabStay:
    """A stay that is not announced yet."""
    return LabStay(lab, STAY, member_id, await lab.now(), zone)
