"""A case under the shipped clocks of any line of business, driven without Temporal: for tests of what a miss does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casebook import STAFF, START, assessment, criteria, line
from clockwork import FEDERAL, SHIPPED

from domain.authorization import benefit_units as benefits
from domain.authorization import conclusion, letter_orders, routing
from domain.authorization import intake_findings as opening
from domain.authorization import letter_events as post_room
from domain.authorization import message_effects as casework
from domain.authorization import path as pathway
from domain.authorization import timers as watch
from domain.authorization import views as case_rows
from domain.authorization.case import Case
from domain.authorization.orders import Look
from domain.cases import journal_rows as cases_journal_rows
from domain.cases.messages import CompleteTask
from domain.cases.orders import Recorded
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.clocks.binding import compute_all
from domain.clocks.engine import Clock, ClockFacts, DueKind
from domain.decisions.determination import LineDecision
from domain.journal import Actor, EntryDraft
from domain.letters.orders import LetterOrder, WrittenLetter
from domain.vocabulary import AskedBy, Audience, LineOutcome, Lob, NoticeKind, ReviewKind, ServiceKind, Urgency

SECOND = timedelta(seconds=1)
ZONE = "America/Chicago"


class LateCase:
    """One request of two units that a nurse has to look at, under the law of `lob` and the facts given."""

    def __init__(self, lob: Lob, *, urgency: Urgency = Urgency.STANDARD, state: str = "IL", **facts: Any) -> None:
        kind = ServiceKind.PHARMACY_DRUG if lob is Lob.PART_D else ServiceKind.MEDICAL
        self.facts = ClockFacts(
            lob=lob,
            urgency=urgency,
            received_at=START,
            zone=ZONE,
            service_kind=kind,
            review_kind=ReviewKind.PROSPECTIVE,
            requires_prior_authorization=True,
            state=state,
            **facts,
        )
        self.now, self.told, self.entries = START, list[LetterOrder](), list[EntryDraft]()
        self.case = Case(case_id="PA-TEST", request_version=1, received_at=START)
        found = assessment(line("1", criteria("not_met"))).model_copy(update={"lob": lob, "state": state, "zone": ZONE})
        self.case.take_in(found, self._clocks())
        look = Look(
            eligibility_answered=True,
            assessment=found,
            clocks=self.case.clocks,
            service_kind=kind,
            urgency=urgency,
            urgency_asked_by=AskedBy.PROVIDER,
            physician_statement=None,
            member_id="M",
            requesting_npi="1999999984",
        )
        opening.open_case(self.case, look, START)
        self.case.reviewers = {who.reviewer_id: who for who in STAFF}
        self.rest()

    # -- time ----------------------------------------------------------------------------------------------------------

    def due(self, kind: DueKind = DueKind.DECISION) -> datetime:
        found = self.case.due(kind)
        assert found is not None, f"no clock owes a {kind}"
        return found[1].at

    def miss(self) -> datetime:
        """Let the time to decide run out; the instant at which it did."""
        due = self.due()
        self.at(due + SECOND)
        return due

    def at(self, now: datetime) -> None:
        self.now = now
        self.rest()

    def rest(self) -> None:
        """Go on until there is nothing to do but wait."""
        for _ in range(50):
            watch.ring(self.case, self.now)
            step = pathway.next_step(self.case, self.now)
            if isinstance(step, pathway.Wait | pathway.Finish):
                self.entries += cases_journal_rows.drain(self.case, lambda: case_rows.row(self.case, None))
                return
            self._do(step)
        raise AssertionError("the case never comes to rest")

    def _clocks(self) -> tuple[Clock, ...]:
        return compute_all(SHIPPED, self.facts, self.case.clock_events, FEDERAL)

    def _do(self, step: pathway.Step) -> None:
        case, now = self.case, self.now
        match step:
            case pathway.Assess():
                case.take_in(case.looked_at(), self._clocks())
                routing.end_outdated_reviews(case, now)
            case pathway.ComputeClocks():
                case.clocks, case.clocks_stale = self._clocks(), False
            case pathway.SendLetters(notices):
                post_room.written(case, notices, self._written(notices), now)
            case pathway.HandOver(letter_ids):
                post_room.handed_over(case, letter_ids, now)
            case pathway.Reserve(asked):
                benefits.reserved(case, asked, (), now)
            case pathway.Conclude(status):
                conclusion.conclude(case, status, now)
            case pathway.Close(status):
                conclusion.close(case, status, now)

    def _written(self, notices: tuple[NoticeKind, ...]) -> Recorded:
        orders = [order for notice in notices for order in letter_orders.orders(self.case, notice, self.now)]
        self.told += orders
        return Recorded(
            letters=tuple(
                WrittenLetter(
                    letter_id=f"PA-TEST:{order.notice.value}:{audience.value}:{order.round}",
                    notice=order.notice,
                    audience=audience.value,
                    recipient="r",
                    subject="s",
                    sha256="0",
                )
                for order in orders
                for audience in Audience
            )
        )

    # -- people --------------------------------------------------------------------------------------------------------

    def task(self, kind: TaskKind) -> Task:
        found = self.case.open_task(kind)
        assert found is not None, f"no open task of kind {kind}"
        return found

    def complete(self, kind: TaskKind, who: str, outcome: TaskOutcome, at: datetime | None = None) -> None:
        """Somebody ends the task; the case reads of it now, whenever it was done."""
        task = self.task(kind)
        lines = tuple(LineDecision(line_id=n, outcome=LineOutcome.APPROVED) for n in task.line_ids)
        message = CompleteTask(
            message_id=f"m-{task.task_id}",
            at=at or self.now,
            actor=Actor(kind="reviewer", id=who),
            task_id=task.task_id,
            reviewer_id=who,
            outcome=outcome,
            lines=lines if outcome is TaskOutcome.APPROVE else (),
            recommendation="Not documented." if outcome is TaskOutcome.REFER else None,
        )
        answer = casework.receive(self.case, message, self.now)
        assert answer.accepted, answer.refusals

    def approve(self, at: datetime | None = None) -> None:
        self.complete(TaskKind.NURSE_REVIEW, "nurse", TaskOutcome.APPROVE, at)

    # -- looking -------------------------------------------------------------------------------------------------------

    def notices(self, notice: NoticeKind) -> list[LetterOrder]:
        return [order for order in self.told if order.notice is notice]

    def noted(self, kind: str) -> list[EntryDraft]:
        return [entry for entry in self.entries if entry.kind == kind]

    def judged(self, rule_id: str, kind: DueKind) -> str | None:
        return self.case.judged.get(f"{rule_id}//{kind.value}")
