"""Staff of a hospital stay: the hospital that reports it, the reviewers, the planner, and the attending physician."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from demo import case_record
from demo.story_printer import StoryFailed
from demo.time_skipping_lab import Lab
from domain.authorization.messages import ContactLog, SettlePeerToPeer
from domain.case_numbers import review_number
from domain.cases.desk_messages import OpenRecord
from domain.cases.messages import BaseMessage, ClaimTask, CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.decisions.determination import ApprovalBasis, CriterionAnswer, LineDecision, SignedDecision
from domain.decisions.grounds import NO_RECORDS
from domain.decisions.reasons import StructuredReason
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.journal import Actor
from domain.stays.adt import AdtKind, PatientClass
from domain.stays.messages import UPDATE_CONTENT_TYPE, ClinicalUpdate, RequestSecondLook, StayEvidence
from domain.vocabulary import Channel, LineOutcome, ProcessKind, Role
from intake.admissions import admissions
from interop.plain.admission import Admission
from store import cases, directory, documents, requests


class HospitalStaff:
    """The people who work on one member's stays in a lab, in the zone of the plan."""

    def __init__(self, lab: Lab, zone: ZoneInfo) -> None:
        self._lab, self._zone = lab, zone

    # -- hospital messages --------------------------------------------------------------------------------------------

    async def tells(self, message: bytes) -> str:
        """Send a hospital's HL7 v2 message; the number of its stay."""
        outcome = (await admissions.receive_hl7(await self._lab.services(), message))[0]
        return await self._stay(outcome.stay_id, outcome.says)

    async def enter_admission(self, **said: Any) -> str:
        """Enter an admission from a telephone call; the number of its stay."""
        now = await self._lab.now()
        form = Admission(
            **{"kind": AdtKind.ADMIT, "happened_at": now, "admitted_at": now, "patient_class": PatientClass.INPATIENT}
            | said
        )
        outcome = await admissions.enter_admission(await self._lab.services(), form, Channel.PHONE)
        return await self._stay(outcome.stay_id, outcome.says)

    async def updates(self, stay_id: str, facts: dict[str, Any], **more: Any) -> None:
        """Send a clinical update of the facility: facts by their id, as values or as a value with its unit."""
        await self.says(stay_id, ClinicalUpdate, update_id=await self._kept(facts), **more)

    async def request_reconsideration(self, stay_id: str, day: date, facts: dict[str, Any], note: str) -> None:
        """Request reconsideration of a denied day for the attending physician, after a peer-to-peer held just now."""
        held_at = await self._lab.now()
        await self.says(
            stay_id,
            RequestSecondLook,
            first=day,
            last=day,
            how="peer_to_peer",
            held_at=held_at,
            update_id=await self._kept(facts),
            note=note,
        )

    async def _kept(self, facts: dict[str, Any]) -> str:
        now = await self._lab.now()
        source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference="Observation/clinical-update")
        today = now.astimezone(self._zone).date()
        found = [(name, *(given if isinstance(given, tuple) else (given, None))) for name, given in facts.items()]
        said = StayEvidence(
            facts=tuple(
                Fact(id=name, value=value, unit=unit, effective=today, source=source) for name, value, unit in found
            )
        )
        with self._lab.store.begin() as s:
            content = said.model_dump_json().encode()
            return documents.put(s, content, "Clinical update", UPDATE_CONTENT_TYPE, now).document_id

    async def _stay(self, stay_id: str | None, says: str) -> str:
        if stay_id is None:
            raise StoryFailed(f"the message belongs to no stay: {says}")
        await self._settle_twice()
        return stay_id

    # -- staff actions ------------------------------------------------------------------------------------------------

    async def complete_task(
        self, case_id: str, who: str, kind: TaskKind, form: dict[str, Any], about: str | None = None
    ) -> None:
        """Complete the newest open task of a kind with its form."""
        task_id = self._task(case_id, kind, about)
        done = {"task_id": task_id, "reviewer_id": who, "outcome": TaskOutcome.DONE, "form": form}
        await self._send(case_id, CompleteTask(**await self._stamp("reviewer", who), **done))

    async def approve_task(self, case_id: str, who: str, kind: TaskKind, note: str) -> None:
        task = self._record(case_id).task(kind)
        if task.assignee is None:
            claim = ClaimTask(**await self._stamp("reviewer", who), task_id=task.task_id, reviewer_id=who)
            await self._send(case_id, claim)
        lines = tuple(LineDecision(line_id=one, outcome=LineOutcome.APPROVED) for one in task.line_ids)
        done = {
            "task_id": task.task_id,
            "reviewer_id": who,
            "outcome": TaskOutcome.APPROVE,
            "lines": lines,
            "basis": ApprovalBasis(rationale=note, why_none="The reviewer's own judgment of the record."),
        }
        await self._send(case_id, CompleteTask(**await self._stamp("reviewer", who), **done))

    async def refer_to_physician(self, case_id: str, who: str, recommendation: str) -> None:
        task_id = self._task(case_id, TaskKind.NURSE_REVIEW)
        done = {"task_id": task_id, "reviewer_id": who, "outcome": TaskOutcome.REFER, "recommendation": recommendation}
        await self._send(case_id, CompleteTask(**await self._stamp("reviewer", who), **done))

    async def record_peer_to_peer_no_show(self, case_id: str) -> None:
        """Record that the offered peer-to-peer was not held: the attending physician is in the operating room."""
        stamp = await self._stamp("provider", "1215000062")
        call = ContactLog(called="The attending physician", number="312-555-0162", at=stamp["at"], by="nurse.adams")
        await self._send(
            case_id,
            SettlePeerToPeer(**stamp, result="provider_no_show", note="In the operating room.", contact=call),
        )

    async def deny_days_after(self, case_id: str, who: str, last: date, reason: StructuredReason) -> None:
        """Sign a decision that approves days through `last` and denies the rest of the line, on the records on file."""
        found = self._record(case_id)
        task = found.task(TaskKind.PHYSICIAN_REVIEW)
        sheet = await self._lab.task_sheet(case_id, task.task_id)
        with self._lab.store.read() as s:
            reviewer = directory.reviewer(s, who)
            titles = tuple(record.title for record in documents.of_case(s, case_id))
        if reviewer is None:
            raise StoryFailed(f"{who} is not in the directory")
        reason = reason.model_copy(update={"records_read": titles or (NO_RECORDS,)})
        lines = tuple(
            LineDecision(
                line_id=line.line_id,
                outcome=LineOutcome.APPROVED_IN_PART,
                approved_start=line.start,
                approved_end=last,
                reason=reason,
            )
            for line in sheet.lines
        )
        for record in sheet.evidence:
            opening = OpenRecord(**await self._stamp("reviewer", who), reviewer_id=who, document_id=record)
            await self._send(case_id, opening)
        stamp = await self._stamp("reviewer", who)
        signed = SignedDecision(
            decision_id=f"{task.task_id}-{who}",
            case_id=case_id,
            task_id=task.task_id,
            reviewer_id=who,
            licence=reviewer.licences[0],
            specialty=next(one for one in reviewer.specialties if one in task.specialties),
            no_conflict_of_interest=True,
            evidence_opened=sheet.evidence,
            criteria_answered=tuple(
                CriterionAnswer(node_id=node, answer="not_met", note="Not in the record.")
                for node in sheet.open_criteria
            ),
            lines=lines,
            attestation="I reviewed the record of this stay myself, and this decision is mine.",
            signed_at=stamp["at"],
        ).with_signature()
        done = {"task_id": task.task_id, "reviewer_id": who, "outcome": TaskOutcome.DECIDE, "signed": signed}
        await self._send(case_id, CompleteTask(**stamp, **done))

    async def says(self, case_id: str, message: type[Any], **more: Any) -> None:
        await self._send(case_id, message(**await self._stamp("provider", "1215000062"), **more))

    async def complete_open_tasks(
        self, case_id: str, who: dict[Role, str], kind: TaskKind, form: dict[str, Any]
    ) -> None:
        """As `does` for every open task of the kind, by the reviewer with its role; there may be none."""
        for task in self._record(case_id).tasks:
            if task.kind is kind and task.is_open:
                by = who[task.role]
                done = {"task_id": task.task_id, "reviewer_id": by, "outcome": TaskOutcome.DONE, "form": form}
                await self._send(case_id, CompleteTask(**await self._stamp("reviewer", by), **done))

    async def approve_next_setting(self, plan_id: str, who: str) -> None:
        """Approve the authorization of the next setting as a nurse."""
        for case_id in self.next_setting_reviews(plan_id):
            await self.approve_task(case_id, who, TaskKind.NURSE_REVIEW, "Needs skilled therapy on five days a week.")

    # -- queries -------------------------------------------------------------------------------------------------------

    def reviews(self, stay_id: str) -> list[str]:
        """The case numbers of a stay's reviews, in their order."""
        prefix = review_number(stay_id, "")
        with self._lab.store.read() as s:
            found = [view.case_id for view in cases.find(s) if view.case_id.startswith(prefix)]
        return sorted(found, key=lambda one: int(one.removeprefix(prefix)))

    async def now(self) -> datetime:
        return await self._lab.now()

    def next_setting_reviews(self, plan_id: str) -> list[str]:
        """The case numbers of the authorizations of the next setting that a discharge plan began."""
        with self._lab.store.read() as s:
            found = [view.case_id for view in cases.find(s) if view.process is ProcessKind.REQUEST]
            mine = [one for one in found if (stay := requests.load(s, one).request.stay) and stay.process_id == plan_id]
        return sorted(mine)

    def open_review(self, stay_id: str) -> str:
        """The one open review of the stay."""
        reviews = set(self.reviews(stay_id))
        with self._lab.store.read() as s:
            found = [v.case_id for v in cases.find(s, status=CaseStatus.OPEN) if v.case_id in reviews]
        if len(found) != 1:
            raise StoryFailed(f"{len(found)} reviews are under way, and not one")
        return found[0]

    def _record(self, case_id: str) -> case_record.CaseRecord:
        return case_record.read_case_record(self._lab.store, case_id)

    def _task(self, case_id: str, kind: TaskKind, about: str | None = None) -> str:
        tasks = [
            task
            for task in self._record(case_id).tasks
            if task.kind is kind and task.is_open and (about is None or about in (task.about or task.why))
        ]
        if not tasks:
            raise StoryFailed(f"{case_id} has no open {kind.value.replace('_', ' ')}")
        return max(tasks, key=lambda task: task.opened_at).task_id

    async def _stamp(self, kind: str, who: str) -> dict[str, Any]:
        at: datetime = await self._lab.now()
        return {"message_id": self._lab.message_id(), "at": at, "actor": Actor(kind=kind, id=who)}

    async def _send(self, case_id: str, message: BaseMessage) -> None:
        try:
            await self._lab.act(case_id, message)
        except WorkflowUpdateFailedError as failed:
            said = failed.cause.message if isinstance(failed.cause, ApplicationError) else str(failed.cause)
            raise StoryFailed(f"{case_id} did not accept a {message.type.replace('_', ' ')}: {said}") from None
        await self._settle_twice()

    async def _settle_twice(self) -> None:
        """Settle twice: effects of one process in another take a second turn."""
        await self._lab.settle()
        await self._lab.settle()
