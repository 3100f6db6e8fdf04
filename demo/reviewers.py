"""Participants of a story's case. Their actions go through the services, as from any screen, and are stamped on entry."""

from __future__ import annotations

from typing import Protocol

from demo import case_record
from demo.story_printer import StoryFailed
from domain.authorization.forms import CompletionForm, DecisionForm, LineDecisionForm, ReasonForm
from domain.authorization.messages import ContactLog
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.criteria.reason_drafts import draft_reason
from domain.criteria.trace import CriteriaResult, CriteriaResultState
from domain.decisions.determination import ApprovalBasis, CriterionAnswer, LineDecision
from domain.decisions.reasons import CriterionFinding
from domain.errors import RuleViolation
from domain.journal import Actor
from domain.vocabulary import LineOutcome
from intake.requests import records
from services.commands import case_actions, decision_form, desk_actions
from services.context import CommandResult, CommandStatus, ServiceContext
from store.session import Store


class Workplace(Protocol):
    """The lab in which the participants work: time-skipping, or with a real server."""

    @property
    def store(self) -> Store: ...

    async def services(self) -> ServiceContext: ...

    async def settle(self) -> None: ...


class CaseParticipants:
    """The reviewers and the provider of one case."""

    def __init__(self, place: Workplace, case_id: str) -> None:
        self._place, self._case_id = place, case_id

    def record(self) -> case_record.CaseRecord:
        """The case as the store has it now."""
        return case_record.read_case_record(self._place.store, self._case_id)

    def task_id(self, kind: TaskKind) -> str:
        return self.record().task(kind).task_id

    # -- their actions-------------------------------------------------------------------------------------------------

    async def claims(self, who: str, kind: TaskKind) -> CommandResult:
        return await self._done(await case_actions.claim_task(await self._place.services(), self.task_id(kind), who))

    async def approve_task(self, who: str, kind: TaskKind, note: str) -> CommandResult:
        """Claim the task if nobody has, and approve every line as requested, for the reason in `note`."""
        services, task = await self._place.services(), self.record().task(kind)
        if task.assignee is None:
            claimed = await case_actions.claim_task(services, task.task_id, who)
            if claimed.kind is not CommandStatus.QUEUED:  # without a worker the claim waits, before what follows it
                require_accepted(claimed)
        basis = ApprovalBasis(rationale=note, why_none="The reviewer's own judgment of the record.")
        return await self._done(
            await case_actions.complete_task(services, task.task_id, who, TaskOutcome.APPROVE, basis=basis)
        )

    async def refer_to_physician(self, who: str, recommendation: str) -> CommandResult:
        services, task_id = await self._place.services(), self.task_id(TaskKind.NURSE_REVIEW)
        refer = TaskOutcome.REFER
        return await self._done(
            await case_actions.complete_task(services, task_id, who, refer, recommendation=recommendation)
        )

    async def deny_task(self, who: str, kind: TaskKind, outcome: TaskOutcome) -> CommandResult:
        """Deny every line of a task without a reason, under an outcome that may or may not allow it."""
        services, task = await self._place.services(), self.record().task(kind)
        lines = tuple(LineDecision(line_id=line_id, outcome=LineOutcome.DENIED) for line_id in task.line_ids)
        return await self._done(await case_actions.complete_task(services, task.task_id, who, outcome, lines=lines))

    async def open_records(self, who: str, *records: str) -> None:
        """Open these records of the case, by their ids."""
        services = await self._place.services()
        for record in records:
            await desk_actions.open_record(services, self._case_id, record, who)

    async def sign_decision(self, who: str, form: CompletionForm) -> CommandResult:
        """Complete the physician's review with the form, under the signer's own license, after opening what it names."""
        await self.open_records(who, *(form.decision.evidence_opened if form.decision is not None else ()))
        services, task_id = await self._place.services(), self.task_id(TaskKind.PHYSICIAN_REVIEW)
        return await self._done(await decision_form.complete_with_form(services, task_id, who, form))

    async def acknowledge_missed_clock(self, who: str) -> CommandResult:
        services, task_id = await self._place.services(), self.task_id(TaskKind.MISSED_CLOCK)
        return await self._done(await case_actions.complete_task(services, task_id, who, TaskOutcome.ACKNOWLEDGE))

    async def calls(self, note: str) -> CommandResult:
        """Record that the offered peer-to-peer was held."""
        services, who = await self._place.services(), "md.ortho.chen"
        call = ContactLog(called="The requesting surgeon", number="217-555-0140", at=services.clock(), by=who)
        return await self._done(
            await case_actions.record_peer_to_peer(services, self._case_id, "held", who, call, note)
        )

    async def send_records(self, content: bytes, name: str) -> CommandResult:
        """Add records from the requesting provider."""
        actor = Actor(kind="provider", id=self.record().view.requesting_npi)
        return await self._done(
            await records.add_documents(await self._place.services(), self._case_id, content, name, actor)
        )

    async def _done(self, reply: CommandResult) -> CommandResult:
        await self._place.settle()
        return reply

    # -- the physician's form ------------------------------------------------------------------------------------------

    async def denial_form(
        self, plain_words: str, what_would_change: str, *, opened: tuple[str, ...] | None = None
    ) -> CompletionForm:
        """A denial of every line for the reason that the criteria draft, with the clinician's plain wording for the member.

        `opened` are the records opened; None means all of them.
        """
        found = self.record()
        services, task = await self._place.services(), found.task(TaskKind.PHYSICIAN_REVIEW)
        before = await decision_form.load_worksheet(services, task.task_id, "md.ortho.chen")
        verdict = next(each for each in reversed(found.verdicts.values()) if each.state is CriteriaResultState.NOT_MET)
        lines = tuple(
            LineDecisionForm(
                line_id=line.line_id,
                outcome=LineOutcome.DENIED,
                reason=draft_denial_reason(verdict, line.description, plain_words, what_would_change),
            )
            for line in before.sheet.lines
        )
        return CompletionForm(
            outcome=TaskOutcome.DECIDE,
            lines=lines,
            decision=DecisionForm(
                evidence_opened=tuple(each.document_id for each in before.records) if opened is None else opened,
                criteria_answered=tuple(
                    CriterionAnswer(node_id=node, answer="not_met", note="I read the record; it is not there.")
                    for node in before.sheet.open_criteria
                ),
                no_conflict_of_interest=True,
                attestation="I opened and read the whole record myself.",
            ),
        )


def require_accepted(reply: CommandResult) -> CommandResult:
    """The result, when the case accepted the message. Raises StoryFailed with the rule violations when it did not."""
    if reply.kind is not CommandStatus.ACCEPTED:
        reasons = "; ".join(map(str, reply.refusals)) or reply.says
        raise StoryFailed(f"{reply.case_id} did not accept a message that it must accept: {reasons}")
    return reply


def require_rejected(reply: CommandResult) -> tuple[RuleViolation, ...]:
    """The rule violations of a rejected message. Raises StoryFailed when it was accepted."""
    if reply.kind is not CommandStatus.REFUSED:
        raise StoryFailed(f"{reply.case_id} accepted a message that it must reject: {reply.says}")
    return reply.refusals


def draft_denial_reason(verdict: CriteriaResult, asked: str, plain_words: str, what_would_change: str) -> ReasonForm:
    """The reason as the criteria draft it, with the clinician's wording for the member."""
    parts = draft_reason(verdict)
    return ReasonForm(
        asked=asked,
        findings=tuple(
            CriterionFinding(
                criterion=found.criterion, finding=found.finding, source=found.source, citation=found.citation
            )
            for found in parts.findings
        ),
        rule=parts.rule,
        rule_citation=parts.rule_citation,
        gap=" ".join(parts.gap),
        what_would_change=what_would_change,
        plain_words=plain_words,
    )
