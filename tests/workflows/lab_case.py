"""A case in the lab, with staff actions in one line each, so that workflow tests read like the policy they prove."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from demo.time_skipping_lab import Lab
from domain.authorization.messages import (
    AuthorizationMessage,
    ContactLog,
    ExtensionGround,
    PartyStatement,
    ReinstateRequest,
    SettlePeerToPeer,
    TakeExtension,
    WithdrawRequest,
)
from domain.authorization.start import AuthorizationStart
from domain.cases.desk_messages import OpenRecord
from domain.cases.messages import ClaimTask, CompleteTask, MessageResult
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.cases.views import CaseLetter, CaseView
from domain.decisions.determination import ApprovalBasis, CriterionAnswer, LineDecision, SignedDecision
from domain.decisions.grounds import NO_RECORDS
from domain.decisions.reasons import CriterionFinding, StructuredReason
from domain.journal import Actor, JournalEntry
from domain.vocabulary import AskedBy, Channel, LineOutcome, Lob
from store import cases, directory, documents, journal, letters, tasks

__all__ = ["AuthorizationStart", "LabCase"]

REASON = StructuredReason(
    asked="Fusion of one level of the lower spine.",
    records_read=("Every record on file",),
    findings=(
        CriterionFinding(
            criterion="At least 12 months of treatment without surgery",
            finding="6 months of physical therapy are documented.",
            source="Clinic notes",
            citation="LCD L37848",
        ),
    ),
    rule="Spine fusion for a curve of the spine is covered after 12 months of other treatment.",
    rule_citation="LCD L37848",
    gap="Six months of treatment are missing.",
    what_would_change="Records that show 12 months of treatment without surgery.",
    plain_words="Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "The records that your doctor sent show 6 months of physical therapy so far.",
)

BASIS = ApprovalBasis(
    rationale="The record shows that nothing less has helped.", why_none="The criteria leave this to the reviewer."
)
"""A reviewer's account of an approval."""

OWN_RULE = {
    Lob.MEDICAID: "42 CFR 438.210(a)(5)",
    Lob.CHIP: "42 CFR 457.1230(d)",
    Lob.PART_D: "42 CFR 423.578(b)",
    Lob.COMMERCIAL_ERISA: "Plan document, section 5",
    Lob.COMMERCIAL_ACA: "Certificate of coverage, section 5",
    Lob.QHP: "Certificate of coverage, section 5",
}
"""A rule that a denial may cite where Medicare's, as in REASON, is none."""


class LabCase:
    """One case in the lab, with the actions of the people who work on it."""

    def __init__(self, lab: Lab, case_id: str) -> None:
        self.lab, self.case_id = lab, case_id

    # -- queries -------------------------------------------------------------------------------------------------------

    def view(self) -> CaseView:
        with self.lab.store.read() as s:
            found = cases.get(s, self.case_id)
        assert found is not None
        return found

    def entries(self, *kinds: str) -> list[JournalEntry]:
        with self.lab.store.read() as s:
            return [entry for entry in journal.entries(s, self.case_id) if not kinds or entry.kind in kinds]

    def letters(self) -> list[CaseLetter]:
        with self.lab.store.read() as s:
            return list(cases.letters(s, self.case_id))

    def text(self, letter: str) -> str:
        """The text of the first letter of this 'notice/audience', in one line."""
        notice, audience = letter.split("/")
        with self.lab.store.read() as s:
            found = letters.get(s, f"{self.case_id}:{notice}:{audience}:1")
        return " ".join(found.rendered.text.split())

    def sent(self) -> list[str]:
        """'notice/audience' of every mailed letter, in order of writing."""
        return [f"{letter.notice}/{letter.audience}" for letter in self.letters() if letter.handed_over_at is not None]

    def task(self, kind: TaskKind) -> Task:
        """The newest task of a kind."""
        with self.lab.store.read() as s:
            found = [task for task in tasks.of_case(s, self.case_id) if task.kind is kind]
        assert found, f"no task of kind {kind}"
        return max(found, key=lambda task: (task.opened_at, task.task_id))

    # -- actions -------------------------------------------------------------------------------------------------------

    async def stamp(self, who: str, kind: str = "reviewer") -> dict[str, Any]:
        return {"message_id": self.lab.message_id(), "at": await self.lab.now(), "actor": Actor(kind=kind, id=who)}

    async def send(self, message: AuthorizationMessage) -> MessageResult:
        answer = await self.lab.act(self.case_id, message)
        await self.lab.settle()
        return answer

    async def refused(self, message: AuthorizationMessage) -> set[str]:
        """Send a message that must be rejected; the rules it breaks."""
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await self.lab.act(self.case_id, message)
        assert isinstance(caught.value.cause, ApplicationError)
        assert caught.value.cause.type == "Refused"
        await self.lab.settle()
        return {detail["rule"] for detail in caught.value.cause.details}

    async def completion(self, kind: TaskKind, who: str, outcome: TaskOutcome, **more: Any) -> CompleteTask:
        task = self.task(kind)
        return CompleteTask(**await self.stamp(who), task_id=task.task_id, reviewer_id=who, outcome=outcome, **more)

    async def claim(self, kind: TaskKind, who: str) -> ClaimTask:
        return ClaimTask(**await self.stamp(who), task_id=self.task(kind).task_id, reviewer_id=who)

    async def refer(self, who: str = "nurse.adams") -> MessageResult:
        more = {"recommendation": "Twelve months of other treatment are not documented."}
        return await self.send(await self.completion(TaskKind.NURSE_REVIEW, who, TaskOutcome.REFER, **more))

    async def approve(self, kind: TaskKind, who: str) -> MessageResult:
        """Claim the task, and approve what was asked with the reviewer's account of it."""
        if self.task(kind).assignee is None:
            await self.send(await self.claim(kind, who))
        return await self.send(await self.approval_message(kind, who))

    async def approval_message(self, kind: TaskKind, who: str) -> CompleteTask:
        lines = tuple(LineDecision(line_id=n, outcome=LineOutcome.APPROVED) for n in self.task(kind).line_ids)
        return await self.completion(kind, who, TaskOutcome.APPROVE, lines=lines, basis=BASIS)

    async def open_record(self, who: str, document_id: str) -> MessageResult:
        message = OpenRecord(**await self.stamp(who), reviewer_id=who, document_id=document_id)
        return await self.lab.act(self.case_id, message)

    async def denial(self, who: str = "md.ortho.chen", **changes: Any) -> CompleteTask:
        """A proper denial but for `changes`, whose signer has opened what it says was opened."""
        signed = await self.signed(who, **changes)
        with self.lab.store.read() as s:
            held = {record.document_id for record in documents.of_case(s, self.case_id)}
        for record in signed.evidence_opened:
            if record in held:
                await self.open_record(who, record)
        return await self.completion(TaskKind.PHYSICIAN_REVIEW, who, TaskOutcome.DECIDE, signed=signed)

    async def call(self, result: str, who: str = "intake.kim") -> CompleteTask:
        """The record of a call just made, by which an oral notice is given or was to be given."""
        form: dict[str, Any] = {
            "told_by": "Ina Frey, intake coordinator",
            "told": "The member",
            "channel": "phone",
            "number": "217-555-0140",
            "at": (await self.lab.now()).isoformat(),
            "result": result,
        }
        return await self.completion(TaskKind.ORAL_NOTICE, who, TaskOutcome.DONE, form=form)

    async def signed(self, who: str, **changes: Any) -> SignedDecision:
        """A complete and proper denial of every line of the physician's task, but for `changes`."""
        task = self.task(TaskKind.PHYSICIAN_REVIEW)
        with self.lab.store.read() as s:
            reviewer = directory.reviewer(s, who)
        assert reviewer is not None
        content: dict[str, Any] = {
            "decision_id": f"{task.task_id}-{who}",
            "case_id": self.case_id,
            "task_id": task.task_id,
            "reviewer_id": who,
            "licence": reviewer.licences[0],
            "specialty": next(iter(reviewer.specialties), "pharmacy"),
            "no_conflict_of_interest": True,
            "evidence_opened": (),
            "criteria_answered": await self.answers(task),
            "lines": tuple(
                LineDecision(line_id=line_id, outcome=LineOutcome.DENIED, reason=REASON) for line_id in task.line_ids
            ),
            "attestation": "I reviewed the record myself.",
            "signed_at": await self.lab.now(),
        }
        content |= changes
        content["lines"] = tuple(self.on_own_grounds(line) for line in content["lines"])
        return SignedDecision(**content).with_signature()

    def on_own_grounds(self, line: LineDecision) -> LineDecision:
        """The line with the records and a rule of this case in its reason, where the reason names those of REASON."""
        if line.reason is None or line.reason.records_read != REASON.records_read:
            return line
        with self.lab.store.read() as s:
            titles = tuple(record.title for record in documents.of_case(s, self.case_id))
        changes: dict[str, Any] = {"records_read": titles or (NO_RECORDS,)}
        lob = self.view().lob
        if lob in OWN_RULE and line.reason.rule_citation == REASON.rule_citation:
            found = tuple(one.model_copy(update={"citation": OWN_RULE[lob]}) for one in line.reason.findings)
            words = line.reason.plain_words.replace("Medicare covers", "Your plan covers")
            changes |= {"rule_citation": OWN_RULE[lob], "findings": found, "plain_words": words}
        return line.model_copy(update={"reason": line.reason.model_copy(update=changes)})

    async def answers(self, task: Task) -> tuple[CriterionAnswer, ...]:
        """Each open criterion of the task's lines answered as not met."""
        open_criteria = await self.lab.open_criteria(self.case_id, task.task_id)
        return tuple(CriterionAnswer(node_id=node, answer="not_met", note="Not documented.") for node in open_criteria)

    async def extend(self, reason: str, who: str = "nurse.adams") -> TakeExtension:
        stamp = await self.stamp(who)
        asked = PartyStatement(person="The member", channel=Channel.PHONE, at=stamp["at"])
        return TakeExtension.model_validate(
            stamp
            | {
                "ground": ExtensionGround(code="enrollee_asked", fact="A second opinion comes.", party=asked),
                "reviewer_id": who,
                "reason": reason,
                "justification": "The member asked for time to send a second opinion.",
            }
        )

    async def withdraw(self) -> WithdrawRequest:
        stamp = await self.stamp("1999999984", "provider")
        asked = PartyStatement(
            person="Dr. Lee", channel=Channel.PHONE, at=stamp["at"], note="The member decided otherwise."
        )
        return WithdrawRequest(**stamp, by=AskedBy.PROVIDER, asked=asked, entered_by="intake.kim")

    async def reinstate(self) -> ReinstateRequest:
        stamp = await self.stamp("1999999984", "provider")
        asked = PartyStatement(person="Dr. Lee", channel=Channel.PHONE, at=stamp["at"], note="The member wants it.")
        return ReinstateRequest(**stamp, by=AskedBy.PROVIDER, asked=asked, entered_by="intake.kim")

    async def settled(
        self, result: str, called_by: str = "nurse.adams", recorded_by: str = "nurse.adams"
    ) -> SettlePeerToPeer:
        """The result of the peer-to-peer, with the log of the call."""
        stamp = await self.stamp(recorded_by)
        call = ContactLog(called="Dr. Lee", number="217-555-0140", at=stamp["at"], by=called_by)
        return SettlePeerToPeer.model_validate(stamp | {"result": result, "contact": call})


def in_days(start: datetime, now: datetime) -> float:
    return (now - start).total_seconds() / 86400
