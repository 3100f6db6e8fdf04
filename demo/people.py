"""The people of a story: what they do reaches the case as an update, stamped where they act."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from demo import record
from demo.lab import Lab
from demo.narrator import StoryFailed
from domain.criteria_reasons import reason_for
from domain.criteria_trace import Verdict
from domain.decisions import CriterionAnswer, LineDecision, SignedDecision
from domain.errors import Refusal
from domain.journal import Actor
from domain.letters import CriterionFinding, StructuredReason
from domain.messages import Answer, CaseMessage, ClaimTask, CompleteTask, SettlePeerToPeer
from domain.tasks import TaskKind, TaskOutcome
from domain.vocabulary import LineOutcome
from store import directory


class People:
    """Everybody who works on one case in the lab."""

    def __init__(self, lab: Lab, case_id: str) -> None:
        self._lab, self._case_id = lab, case_id

    def record(self) -> record.CaseRecord:
        """The case as the store has it now."""
        return record.read(self._lab.store, self._case_id)

    async def send(self, message: CaseMessage) -> Answer:
        """Act, and let everything happen that follows. Raises WorkflowUpdateFailedError when it is refused."""
        answer = await self._lab.act(self._case_id, message)
        await self._lab.settle()
        return answer

    async def refused(self, message: CaseMessage) -> tuple[Refusal, ...]:
        """Try something that must be refused: the rules it breaks. Raises StoryFailed when it goes through."""
        try:
            await self._lab.act(self._case_id, message)
        except WorkflowUpdateFailedError as failed:
            if not isinstance(failed.cause, ApplicationError) or failed.cause.type != "Refused":
                raise
            await self._lab.settle()
            return tuple(Refusal.model_validate(detail) for detail in failed.cause.details)
        raise StoryFailed(f"it was accepted although it must be refused: {message.type.replace('_', ' ')}")

    async def stamp(self, who: str, kind: str = "reviewer") -> dict[str, Any]:
        """The fields that every message has, made now."""
        return {"message_id": self._lab.message_id(), "at": await self._lab.now(), "actor": Actor(kind=kind, id=who)}

    # -- messages ------------------------------------------------------------------------------------------------------

    async def claim(self, kind: TaskKind, who: str) -> ClaimTask:
        return ClaimTask(**await self.stamp(who), task_id=self.record().task(kind).task_id, reviewer_id=who)

    async def completion(self, kind: TaskKind, who: str, outcome: TaskOutcome, **more: Any) -> CompleteTask:
        """Finishing the newest task of a kind."""
        task = self.record().task(kind)
        return CompleteTask(**await self.stamp(who), task_id=task.task_id, reviewer_id=who, outcome=outcome, **more)

    async def approval(self, kind: TaskKind, who: str, note: str | None = None) -> CompleteTask:
        """Every line of the task approved as asked."""
        lines = tuple(
            LineDecision(line_id=line_id, outcome=LineOutcome.APPROVED) for line_id in self.record().task(kind).line_ids
        )
        return await self.completion(kind, who, TaskOutcome.APPROVE, lines=lines, note=note)

    async def denial(self, signed: SignedDecision) -> CompleteTask:
        """The physician's review finished with a signed decision."""
        return await self.completion(
            TaskKind.PHYSICIAN_REVIEW, signed.reviewer_id, TaskOutcome.DECIDE, signed=signed
        )

    async def peer_to_peer(self, npi: str, result: str, note: str) -> SettlePeerToPeer:
        """What the requesting provider and the plan's physician made of the offered call."""
        return SettlePeerToPeer.model_validate(await self.stamp(npi, "provider") | {"result": result, "note": note})

    async def signed(
        self, who: str, reason: StructuredReason, *, opened: tuple[str, ...] | None = None, specialty: str | None = None
    ) -> SignedDecision:
        """A reviewer's signed denial of every line of the physician's task. `opened` are the records opened (None: all)."""
        found = self.record()
        task = found.task(TaskKind.PHYSICIAN_REVIEW)
        with self._lab.store.read() as s:
            reviewer = directory.reviewer(s, who)
        if reviewer is None:
            raise LookupError(f"the directory has no reviewer {who}")
        open_criteria = await self._lab.open_criteria(self._case_id, task.task_id)
        decision = SignedDecision(
            decision_id=f"{task.task_id}-{who}",
            case_id=self._case_id,
            task_id=task.task_id,
            reviewer_id=who,
            licence=reviewer.licences[0],
            specialty=specialty or reviewer.specialties[0],
            no_conflict_of_interest=True,
            evidence_opened=tuple(document.document_id for document in found.documents) if opened is None else opened,
            criteria_answered=tuple(
                CriterionAnswer(node_id=node, answer="not_met", note="I read the record; I agree.") for node in open_criteria
            ),
            lines=tuple(
                LineDecision(line_id=line_id, outcome=LineOutcome.DENIED, reason=reason) for line_id in task.line_ids
            ),
            attestation="I opened and reviewed the whole record myself.",
            signed_at=await self._lab.now(),
        )
        return decision.sealed()


def drafted_reason(verdict: Verdict, asked: str, records: tuple[str, ...], plain_words: str) -> StructuredReason:
    """The reason as the criteria draft it, completed by the clinician's words for the member."""
    parts = reason_for(verdict)
    return StructuredReason(
        asked=asked,
        records_read=records,
        findings=tuple(
            CriterionFinding(
                criterion=found.criterion, finding=found.finding, source=found.source, citation=found.citation
            )
            for found in parts.findings
        ),
        rule=parts.rule,
        rule_citation=parts.rule_citation,
        gap=" ".join(parts.gap),
        what_would_change=" ".join(parts.what_would_change),
        plain_words=plain_words,
    )
