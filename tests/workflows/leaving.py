"""A stay and its discharge plan, as tests tell them: the picture of the stay, the people who fill in forms, and stand-ins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desk import Desk
from temporalio import activity, workflow

import worker
from activities.case_records import Records
from demo.time_skipping_lab import Lab, laboratory, rulebook
from domain.cases.messages import Answer, CompleteTask
from domain.cases.orders import Recorded, RecordOrder
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.concerns.start import ConcernStart
from domain.discharge.messages import Readmitted
from domain.discharge.policy import AssessmentDomain
from domain.discharge.start import DischargeStart
from domain.journal import UMPIRE, Actor
from domain.letters.orders import WrittenLetter
from domain.letters.stay_facts import StayLetterOrder
from domain.stays.levels_of_care import LevelOfCare, OrderedStatus
from domain.stays.plan_messages import PlanNews, QioNews, StayPicture, TellPlan
from domain.vocabulary import Audience, NoticeKind
from engine import options
from engine.settings import TASK_QUEUE
from store import cases, directory, sheets, tasks
from workflows.discharge_planning import DischargePlanning

STAY, PLAN = "ST-0001", "DP-0001"
HOSPITAL, SNF = "1215000062", "1215000013"
PLANNER, NURSE = "planner.ivers", "nurse.adams"


# -- stand-ins for processes and letters that are not registered -------------------------------------------------------


@workflow.defn(name="StayThatListens", sandboxed=False)
class AStay:
    """A stay that hears news and does nothing."""

    def __init__(self) -> None:
        self.heard: list[PlanNews] = []

    @workflow.run
    async def run(self, case_id: str) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def plan_news(self, message: PlanNews) -> None:
        self.heard.append(message)

    @workflow.query
    def news(self) -> list[PlanNews]:
        return self.heard


@workflow.defn(name="ConcernProcess", sandboxed=False)
class AConcern:
    """A concern that is taken in and ends."""

    @workflow.run
    async def run(self, start: ConcernStart) -> str:
        return start.what


def knows_stay_letters() -> bool:
    """Whether the rulebook has the notices of a stay, so that the real writer writes them."""
    return any(rule.kind is NoticeKind.NOMNC for rule in rulebook().notices.rules())


TO_PCP = (NoticeKind.DISCHARGE_SUMMARY,)


@dataclass
class Writer:
    """Writes letters about stays in name only, each out of the house at once, and keeps what was ordered."""

    orders: list[StayLetterOrder]

    def write(self, order: StayLetterOrder) -> tuple[WrittenLetter, ...]:
        self.orders.append(order)
        return tuple(self._letter(order, audience) for audience in _audiences(order))

    def _letter(self, order: StayLetterOrder, audience: Audience) -> WrittenLetter:
        return WrittenLetter(
            letter_id=f"{order.case_id}:{order.notice.value}:{audience.value}:{order.round}",
            notice=order.notice,
            audience=audience.value,
            recipient=audience.value,
            subject=order.notice.value,
            sha256="0" * 64,
        )


def _audiences(order: StayLetterOrder) -> tuple[Audience, ...]:
    if order.notice is NoticeKind.PROVIDER_FEEDBACK:
        return (Audience.PROVIDER,)
    pcp = order.notice in TO_PCP and Audience.PCP.value in order.recipients
    return (Audience.MEMBER, Audience.PCP) if pcp else (Audience.MEMBER,)


def stand_in(monkeypatch: pytest.MonkeyPatch, writer: Writer) -> None:
    """Register what is missing: processes of others under their names, and a writer of stay letters."""
    known = {defn.name for one in worker.WORKFLOWS if (defn := workflow._Definition.from_class(one)) is not None}
    missing = [one for one in (AStay, AConcern) if workflow._Definition.must_from_class(one).name not in known]
    monkeypatch.setattr(worker, "WORKFLOWS", [*worker.WORKFLOWS, *missing])
    if knows_stay_letters():
        return
    real = Records.record

    @activity.defn(name="record")
    def record(self, order: RecordOrder) -> Recorded:
        """The real record; with letters of stays in name only."""
        recorded: Recorded = real(self, order.model_copy(update={"stay_letters": ()}))
        with self._store.read() as s:
            if any(directory.plan_contact(s, one.plan_id) is None for one in order.stay_letters):
                return recorded
        written = tuple(letter for one in order.stay_letters for letter in writer.write(one))
        return recorded.model_copy(
            update={
                "letters": (*recorded.letters, *written),
                "handed_over": (*recorded.handed_over, *(letter.letter_id for letter in written)),
            }
        )

    monkeypatch.setattr(Records, "record", record)


# -- the story ---------------------------------------------------------------------------------------------------------


def picture(now: datetime, **changes: Any) -> StayPicture:
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
    return StayPicture(**(told | changes))


def everything_known(**changes: Any) -> dict[str, Any]:
    answers = [{"domain": domain.value, "needs": False} for domain in AssessmentDomain]
    return {"answers": answers} | changes


def delivered(at: datetime, **changes: Any) -> dict[str, Any]:
    form = {"delivered_by": "Ward clerk", "delivered_at": at.isoformat(), "to": "member", "signature": "signed"}
    return form | changes


class PlanDesk(Desk):
    """One discharge plan in the lab, its stay, and the people who work on it."""

    def __init__(self, lab: Lab, shown: StayPicture, case_id: str = PLAN) -> None:
        super().__init__(lab, case_id)
        self.picture = shown

    @classmethod
    async def start(cls, lab: Lab, **changes: Any) -> PlanDesk:
        """Begin the plan beside a stay that is told of now."""
        now = await lab.now()
        self = cls(lab, picture(now, **changes))
        start = DischargeStart(case_id=PLAN, received_at=now, picture=self.picture)
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
        message = TellPlan(**stamp, picture=self.picture, what=what)
        await self.lab.handle(self.case_id).signal("tell_plan", message)
        await self.lab.settle()

    async def discharge(self, disposition: str = "01") -> datetime:
        now = await self.lab.now()
        await self.tell("discharged", discharged_at=now, disposition=disposition)
        return now

    async def qio(self, about: str, what: str, **more: Any) -> None:
        stamp = await self.stamp("livanta", "qio")
        await self.lab.handle(self.case_id).signal(
            "qio_news", QioNews.model_validate({**stamp, "about": about, "what": what, **more})
        )
        await self.lab.settle()

    async def readmit(self, stay_id: str) -> None:
        stamp = await self.stamp("umpire", "system")
        message = Readmitted(**stamp, stay_id=stay_id, admitted_at=await self.lab.now())
        await self.lab.handle(self.case_id).signal("readmitted", message)
        await self.lab.settle()

    async def fill(self, task: Task, who: str, form: dict[str, Any] | None) -> Answer:
        """Finish a task with its form."""
        return await self.send(await self.filled(task, who, form))

    async def filled(self, task: Task, who: str, form: dict[str, Any] | None) -> Any:
        stamp = await self.stamp(who)
        return CompleteTask(**stamp, task_id=task.task_id, reviewer_id=who, outcome=TaskOutcome.DONE, form=form)

    async def do(self, kind: TaskKind, form: dict[str, Any] | None, about: str | None = None) -> Answer:
        """Finish the open task of a kind (about something), by whoever's it is."""
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
            found = sheets.get(s, self.case_id)
        assert found is not None
        return found.content

    def duty(self, rule: str) -> dict[str, Any]:
        """What the sheet says about the notice of a rule."""
        return next(one for one in self.sheet()["notices"] if one["rule"] == rule)

    def noted(self, kind: str) -> list[str]:
        return [entry.summary for entry in self.entries(kind)]

    async def news(self) -> list[PlanNews]:
        """What the stand-in of the stay heard."""
        return await self.lab.client.get_workflow_handle_for(AStay.run, STAY).query(AStay.news)

    async def target(self, setting: str, on: date, **more: Any) -> Answer:
        form = {"setting": setting, "target_date": on.isoformat(), "complexity": "moderate"} | more
        return await self.do(TaskKind.TARGET_SETTING, form)

    def day(self, instant: datetime, plus: int = 0) -> date:
        return instant.astimezone(ZoneInfo("America/Chicago")).date() + timedelta(days=plus)


@asynccontextmanager
async def ward(folder: Path, monkeypatch: pytest.MonkeyPatch, writer: Writer) -> AsyncIterator[Lab]:
    """A lab in which plans can be followed to their end, with a stay that listens."""
    stand_in(monkeypatch, writer)
    async with laboratory(folder) as lab:
        yield lab


def give_pcp(lab: Lab, npi: str = "1999999984") -> None:
    with lab.store.begin() as s:
        known = directory.member(s, "MBR1000001")
        assert known is not None
        directory.put_member(s, known.model_copy(update={"pcp_npi": npi}))


__all__ = ["AConcern", "AStay", "Actor", "PlanDesk", "Writer", "cases", "ward"]
