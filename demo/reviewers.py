"""The people of a story. What they do goes through intake, as it does from any screen, and is stamped where they act."""

from __future__ import annotations

from typing import Protocol

from demo import case_record as record
from demo.story_printer import StoryFailed
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.criteria.reasons import reason_for
from domain.criteria.trace import Verdict, VerdictState
from domain.decisions.determination import CriterionAnswer, LineDecision
from domain.decisions.reasons import CriterionFinding
from domain.errors import Refusal
from domain.journal import Actor
from domain.vocabulary import LineOutcome
from intake.requests import records
from services.commands import case_actions as actions
from services.commands import decision_form
from services.commands.decision_form import CompletionForm, DecisionForm, LineForm, ReasonForm
from services.context import Desk, Reply, ReplyKind
from store.session import Store


class Workplace(Protocol):
    """Where people work: a lab, or a server of its own."""

    @property
    def store(self) -> Store: ...

    async def desk(self) -> Desk: ...

    async def settle(self) -> None: ...


class People:
    """Everybody who works on one case."""

    def __init__(self, place: Workplace, case_id: str) -> None:
        self._place, self._case_id = place, case_id

    def record(self) -> record.CaseRecord:
        """The case as the store has it now."""
        return record.read(self._place.store, self._case_id)

    def task_id(self, kind: TaskKind) -> str:
        return self.record().task(kind).task_id

    # -- what they do --------------------------------------------------------------------------------------------------

    async def claims(self, who: str, kind: TaskKind) -> Reply:
        return await self._done(await actions.claim(await self._place.desk(), self.task_id(kind), who))

    async def approves(self, who: str, kind: TaskKind, note: str) -> Reply:
        """Every line of the task, as it was asked for."""
        desk, task_id = await self._place.desk(), self.task_id(kind)
        return await self._done(await actions.complete(desk, task_id, who, TaskOutcome.APPROVE, note=note))

    async def refers(self, who: str, recommendation: str) -> Reply:
        desk, task_id = await self._place.desk(), self.task_id(TaskKind.NURSE_REVIEW)
        refer = TaskOutcome.REFER
        return await self._done(await actions.complete(desk, task_id, who, refer, recommendation=recommendation))

    async def denies(self, who: str, kind: TaskKind, outcome: TaskOutcome) -> Reply:
        """Every line of a task answered with a bare no, under an outcome that may or may not be meant for it."""
        desk, task = await self._place.desk(), self.record().task(kind)
        lines = tuple(LineDecision(line_id=line_id, outcome=LineOutcome.DENIED) for line_id in task.line_ids)
        return await self._done(await actions.complete(desk, task.task_id, who, outcome, lines=lines))

    async def signs(self, who: str, form: CompletionForm) -> Reply:
        """The physician's review completed by the form, under the signer's own licence."""
        desk, task_id = await self._place.desk(), self.task_id(TaskKind.PHYSICIAN_REVIEW)
        return await self._done(await decision_form.complete(desk, task_id, who, form))

    async def acknowledges(self, who: str) -> Reply:
        desk, task_id = await self._place.desk(), self.task_id(TaskKind.MISSED_CLOCK)
        return await self._done(await actions.complete(desk, task_id, who, TaskOutcome.ACKNOWLEDGE))

    async def calls(self, note: str) -> Reply:
        """The requesting provider and the plan's physician hold the offered peer-to-peer."""
        return await self._done(await actions.peer_to_peer(await self._place.desk(), self._case_id, "held", note))

    async def sends(self, content: bytes, name: str) -> Reply:
        """The requesting provider sends more records."""
        actor = Actor(kind="provider", id=self.record().view.requesting_npi)
        return await self._done(
            await records.add_documents(await self._place.desk(), self._case_id, content, name, actor)
        )

    async def _done(self, reply: Reply) -> Reply:
        await self._place.settle()
        return reply

    # -- the physician's form ------------------------------------------------------------------------------------------

    async def denial_form(
        self, plain_words: str, what_would_change: str, *, opened: tuple[str, ...] | None = None
    ) -> CompletionForm:
        """A denial of every line for the reason that the criteria draft, in the clinician's own words for the member.

        `opened` are the records opened; None means all of them.
        """
        found = self.record()
        desk, task = await self._place.desk(), found.task(TaskKind.PHYSICIAN_REVIEW)
        before = await decision_form.desktop(desk, task.task_id, "md.ortho.chen")
        verdict = next(each for each in reversed(found.verdicts.values()) if each.state is VerdictState.NOT_MET)
        lines = tuple(
            LineForm(
                line_id=line.line_id,
                outcome=LineOutcome.DENIED,
                reason=drafted(verdict, line.description, plain_words, what_would_change),
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


def accepted(reply: Reply) -> Reply:
    """The reply, when the case took the message. Raises StoryFailed with the refusals when it did not."""
    if reply.kind is not ReplyKind.ACCEPTED:
        reasons = "; ".join(map(str, reply.refusals)) or reply.says
        raise StoryFailed(f"{reply.case_id} did not take a message that it has to take: {reasons}")
    return reply


def refused(reply: Reply) -> tuple[Refusal, ...]:
    """The rules that a message broke. Raises StoryFailed when it was taken."""
    if reply.kind is not ReplyKind.REFUSED:
        raise StoryFailed(f"{reply.case_id} took a message that it has to refuse: {reply.says}")
    return reply.refusals


def drafted(verdict: Verdict, asked: str, plain_words: str, what_would_change: str) -> ReasonForm:
    """The reason as the criteria draft it, with the clinician's words for the member."""
    parts = reason_for(verdict)
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
