"""A discharge plan in the lab: the snapshot of its stay, the people who complete forms, and stand-ins for other processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio import activity, workflow

import worker
from activities.case_records import CaseRecords
from demo.time_skipping_lab import Lab, laboratory, rulebook
from domain.cases.messages import CompleteTask, MessageResult
from domain.cases.orders import RecordInput, RecordResult
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.concerns.start import ConcernStart
from domain.discharge.messages import MemberReadmitted
from domain.discharge.policy import AssessmentDomain
from domain.discharge.start import DischargeStart
from domain.journal import UMPIRE, Actor
from domain.letters.orders import LetterOrder, WrittenLetter
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.plan_messages import DischargePlanUpdated, QioUpdate, StayChanged, StaySnapshot
from domain.vocabulary import Audience, NoticeKind
from engine import options
from engine.settings import TASK_QUEUE
from store import case_summaries, cases, directory, tasks
from tests.workflows.lab_case import LabCase
from workflows.discharge_planning import DischargePlanning

STAY, PLAN = "ST-0001", "DP-0001"
HOSPITAL, SNF = "1215000062", "1215000013"
PLANNER, NURSE = "planner.ivers", "nurse.adams"


# -- stand-ins for processes and letters that are not registered -------------------------------------------------------


@workflow.defn(name="StayThatListens", sandboxed=False)
class StayStandIn:
    """A stay that receives plan updates and does nothing."""

    def __init__(self) -> None:
        self.heard: list[DischargePlanUpdated] = []

    @workflow.run
    async def run(self, case_id: str) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def plan_news(self, message: DischargePlanUpdated) -> None:
        self.heard.append(message)

    @workflow.query
    def news(self) -> list[DischargePlanUpdated]:
        return self.heard


@workflow.defn(name="ConcernProcess", sandboxed=False)
class ConcernStandIn:
    """A concern that starts and ends at once."""

    @workflow.run
    async def run(self, start: ConcernStart) -> str:
        return start.what


def knows_stay_letters() -> bool:
    """Whether the rulebook has the notices of a stay, so that the real writer writes them."""
    return any(rule.kind is NoticeKind.NOMNC for rule in rulebook().notices.rules())


TO_PCP = (NoticeKind.DISCHARGE_SUMMARY,)


@dataclass
class StubLetterWriter:
    """Stub that writes letters about stays in name only, mails each at once, and records the orders."""

    orders: list[LetterOrder]

    def write(self, order: LetterOrder) -> tuple[WrittenLetter, ...]:
        self.orders.append(order)
        return tuple(self._letter(order, audience) for audience in _audiences(order))

    def _letter(self, order: LetterOrder, audience: Audience) -> WrittenLetter:
        return WrittenLetter(
            letter_id=f"{order.case_id}:{order.notice.value}:{audience.value}:{order.round}",
            notice=order.notice,
            audience=audience.value,
            recipient=audience.value,
            subject=order.notice.value,
            sha256="0" * 64,
        )


def _audiences(order: LetterOrder) -> tuple[Audience, ...]:
    if order.notice is NoticeKind.PROVIDER_FEEDBACK:
        return (Audience.PROVIDER,)
    pcp = order.notice in TO_PCP and Audience.PCP.value in order.recipients
    return (Audience.MEMBER, Audience.PCP) if pcp else (Audience.MEMBER,)


def register_stand_ins(monkeypatch: pytest.MonkeyPatch, writer: StubLetterWriter) -> None:
    """Register stand-ins for what is missing: other processes under their names, and a writer of stay letters."""
    known = {defn.name for one in worker.WORKFLOWS if (defn := workflow._Definition.from_class(one)) is not None}
    missing = [
        one for one in (StayStandIn, ConcernStandIn) if workflow._Definition.must_from_class(one).name not in known
    ]
    monkeypatch.setattr(worker, "WORKFLOWS", [*worker.WORKFLOWS, *missing])
    if knows_stay_letters():
        return
    real = CaseRecords.record

    @activity.defn(name="record")
    def record(self, order: RecordInput) -> RecordResult:
        """The real record; with letters of stays in name only."""
        recorded: RecordResult = real(self, order.model_copy(update={"letters": ()}))
        with self._store.read() as s:
            if any(directory.plan_contact(s, one.plan_id) is None for one in order.letters):
                return recorded
        written = tuple(letter for one in order.letters for letter in writer.write(one))
        return recorded.model_copy(
            update={
                "letters": (*recorded.letters, *written),
                "handed_over": (*recorded.handed_over, *(letter.letter_id for letter in written)),
            }
        )

    monkeypatch.setattr(CaseRecords, "record", record)


# -- the story ---------------------------------------------------------------------------------------------------------


def stay_snapshot(now: datetime, **changes: Any) -> StaySnapshot:
    """An inpatient at Meridian, admitted now as an emergency."""
    told: dict[str, Any] = {
        "stay_id": STAY,
        "member_id": "MBR1000001",
        "facility": "Meridian Heart Hospital",
        "facility_npi": HOSPITAL,
        "status": OrderedStatus.INPATIENT,
        "level": LevelOfCare.INPATIENT_WARD,
        "care_began_at": now,
        "admitted_at": now,
        "emergent": True,
        "diagnoses": ("I50.21",),
    }
    return StaySnapshot(**(told | changes))


def full_needs_assessment(**changes: Any) -> dict[str, Any]:
    answers = [{"domain": domain.value, "needs": False} for domain in AssessmentDomain]
    return {"answers": answers} | changes


def delivery_form(at: datetime, **changes: Any) -> dict[str, Any]:
    form = {"delivered_by": "Ward clerk", "delivered_at": at.isoformat(), "to": "member", "signature": "signed"}
    return form | changes


class LabDischarge(LabCase):
    """One discharge plan in the lab with its stay, and the actions of the people who work on it."""

    def __init__(self, lab: Lab, shown: StaySnapshot, case_id: str = PLAN) -> None:
        super().__init__(lab, case_id)
        self.picture = shown

    @classmethod
    async def start(cls, lab: Lab, **changes: Any) -> LabDischarge:
        """Start the plan beside a stay that is reported now."""
        now = await lab.now()
        self = cls(lab, stay_snapshot(now, **changes))
        start = DischargeStart(case_id=PLAN, received_at=now, picture=self.picture)
        lab.put_on_file("DischargePlanning", start, PLAN)
        await lab.client.start_workflow(
            DischargePlanning.run, start, id=options.workflow_id(PLAN), task_queue=TASK_QUEUE
        )
        lab.handle(PLAN)
        await lab.settle()
        return self

    async def tell(self, what: str, **changes: Any) -> None:
        """The stay changed."""
        self.picture = self.picture.model_copy(update=changes)
        stamp = {"message_id": self.lab.message_id(), "at": await self.lab.now(), "actor": UMPIRE}
        message = StayChanged(**stamp, picture=self.picture, what=what)
        await self.lab.handle(self.case_id).signal("tell_plan", message)
        await self.lab.settle()

    async def discharge(self, disposition: str = "01") -> datetime:
        now = await self.lab.now()
        await self.tell("discharged", discharged_at=now, disposition=disposition)
        return now

    async def qio(self, about: str, what: str, **more: Any) -> None:
        stamp = await self.stamp("livanta", "qio")
        await self.lab.handle(self.case_id).signal(
            "qio_news", QioUpdate.model_validate({**stamp, "about": about, "what": what, **more})
        )
        await self.lab.settle()

    async def readmit(self, stay_id: str) -> None:
        stamp = await self.stamp("umpire", "system")
        message = MemberReadmitted(**stamp, stay_id=stay_id, admitted_at=await self.lab.now())
        await self.lab.handle(self.case_id).signal("readmitted", message)
        await self.lab.settle()

    async def fill(self, task: Task, who: str, form: dict[str, Any] | None) -> MessageResult:
        """Finish a task with its form."""
        return await self.send(await self.filled(task, who, form))

    async def filled(self, task: Task, who: str, form: dict[str, Any] | None) -> Any:
        stamp = await self.stamp(who)
        return CompleteTask(**stamp, task_id=task.task_id, reviewer_id=who, outcome=TaskOutcome.DONE, form=form)

    async def do(self, kind: TaskKind, form: dict[str, Any] | None, about: str | None = None) -> MessageResult:
        """Complete the open task of a kind (about something) as the reviewer with its role."""
        task = self.open_task(kind, about)
        return await self.fill(task, NURSE if task.role.value == "nurse" else PLANNER, form)

    def tasks(self) -> list[Task]:
        with self.lab.store.read() as s:
            return list(tasks.of_case(s, self.case_id))

    def open_kinds(self) -> set[TaskKind]:
        return {task.kind for task in self.tasks() if task.is_open}

    def open_about(self) -> set[str | None]:
        return {task.about for task in self.tasks() if task.is_open}

    def open_task(self, kind: TaskKind, about: str | None = None) -> Task:
        found = [
            task
            for task in self.tasks()
            if task.kind is kind and task.is_open and (about is None or (task.about or "").startswith(about))
        ]
        assert found, f"no open task of kind {kind} about {about}; open: {self.open_about()}"
        return found[-1]

    def sheet(self) -> dict[str, Any]:
        with self.lab.store.read() as s:
            found = case_summaries.get(s, self.case_id)
        assert found is not None
        return found.content

    def duty(self, rule: str) -> dict[str, Any]:
        """The summary's entry about the notice of a rule."""
        return next(one for one in self.sheet()["notices"] if one["rule"] == rule)

    def noted(self, kind: str) -> list[str]:
        return [entry.summary for entry in self.entries(kind)]

    async def news(self) -> list[DischargePlanUpdated]:
        """Updates that the stand-in of the stay received."""
        return await self.lab.client.get_workflow_handle_for(StayStandIn.run, STAY).query(StayStandIn.news)

    async def target(self, setting: str, on: date, **more: Any) -> MessageResult:
        form = {"setting": setting, "target_date": on.isoformat(), "complexity": "moderate"} | more
        return await self.do(TaskKind.TARGET_SETTING, form)

    def day(self, instant: datetime, plus: int = 0) -> date:
        return instant.astimezone(ZoneInfo("America/Chicago")).date() + timedelta(days=plus)


@asynccontextmanager
async def discharge_lab(folder: Path, monkeypatch: pytest.MonkeyPatch, writer: StubLetterWriter) -> AsyncIterator[Lab]:
    """A lab in which plans can be followed to their end, with a stay that listens."""
    register_stand_ins(monkeypatch, writer)
    async with laboratory(folder) as lab:
        yield lab


def set_primary_care_provider(lab: Lab, npi: str = "1999999984") -> None:
    with lab.store.begin() as s:
        known = directory.member(s, "MBR1000001")
        assert known is not None
        directory.put_member(s, known.model_copy(update={"pcp_npi": npi}))


__all__ = ["ConcernStandIn", "StayStandIn", "Actor", "LabDischarge", "StubLetterWriter", "cases", "discharge_lab"]
