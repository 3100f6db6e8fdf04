"""A case under the shipped clocks of any line of business, without Temporal: for tests of missed deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.authorization import (
    benefit_units,
    clock_tracking,
    conclusion,
    intake_findings,
    letter_events,
    letter_orders,
    message_effects,
    path,
    routing,
    timers,
    views,
)
from domain.authorization.case import AuthorizationCase
from domain.authorization.orders import ReviewContext
from domain.cases import journal_rows, oral_notices, steps
from domain.cases.messages import CompleteTask
from domain.cases.orders import RecordResult
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.clocks.binding import awaited_events, compute_clocks
from domain.clocks.emitted_events import RECORDED_WHEN_AWAITED
from domain.clocks.engine import Clock, ClockFacts, DueKind, EventKind
from domain.decisions.determination import LineDecision
from domain.journal import Actor, EntryDraft
from domain.letters.orders import LetterOrder, WrittenLetter
from domain.vocabulary import AskedBy, Audience, LineOutcome, Lob, NoticeKind, ReviewKind, ServiceKind, Urgency
from tests.domain.authorization.casebook import BASIS, STAFF, START, assessment, claimed, criteria, line, read_records
from tests.domain.clocks.clockwork import FEDERAL, SHIPPED

SECOND = timedelta(seconds=1)
ZONE = "America/Chicago"


class LateCase:
    """One request of two units for nurse review, under the rules of `lob` and the given facts; in Illinois, whose law binds its
    Medicaid plans as well, or in Ohio for these."""

    def __init__(self, lob: Lob, *, urgency: Urgency = Urgency.STANDARD, state: str = "", **facts: Any) -> None:
        state = state or ("OH" if lob in (Lob.MEDICAID, Lob.CHIP) else "IL")
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
        self.case = AuthorizationCase(case_id="PA-TEST", request_version=1, received_at=START)
        found = assessment(line("1", criteria("not_met"))).model_copy(update={"lob": lob, "state": state, "zone": ZONE})
        self.case.apply_assessment(found, self._clocks())
        look = ReviewContext(
            eligibility_answered=True,
            assessment=found,
            clocks=self.case.clocks,
            awaited=self._awaited(),
            service_kind=kind,
            urgency=urgency,
            urgency_asked_by=AskedBy.PROVIDER,
            physician_statement=None,
            member_id="M",
            requesting_npi="1999999984",
        )
        self.case.awaited = look.awaited
        intake_findings.open_case(self.case, look, START)
        self.case.reviewers = {who.reviewer_id: who for who in STAFF}
        read_records(self.case)
        self.rest()

    # -- time ----------------------------------------------------------------------------------------------------------

    def due(self, kind: DueKind = DueKind.DECISION) -> datetime:
        found = self.case.due(kind)
        assert found is not None, f"no clock owes a {kind}"
        return found[1].at

    def let_deadline_pass(self) -> datetime:
        """Let the decision deadline pass; its instant."""
        due = self.due()
        self.at(due + SECOND)
        return due

    def at(self, now: datetime) -> None:
        self.now = now
        self.rest()

    def rest(self) -> None:
        """Advance the case until it waits."""
        for _ in range(50):
            timers.fire_due_timers(self.case, self.now)
            owed = clock_tracking.owed_calls(self.case, self.now)
            oral_notices.update_tasks(self.case, owed, self.now)
            if self.case.is_open:
                oral_notices.open_tasks(self.case, owed, self.now)
            step = path.advance(self.case, self.now)
            if isinstance(step, steps.Wait | steps.Finish):
                self.entries += journal_rows.take_pending_entries(self.case, lambda: views.case_view(self.case, None))
                return
            self._do(step)
        raise AssertionError("the case never comes to rest")

    def _clocks(self) -> tuple[Clock, ...]:
        return compute_clocks(SHIPPED, self.facts, self.case.clock_events, FEDERAL)

    def _awaited(self) -> tuple[EventKind, ...]:
        return tuple(sorted(awaited_events(SHIPPED, self.facts, self.case.clock_events) & RECORDED_WHEN_AWAITED))

    def _do(self, step: path.AuthorizationStep) -> None:
        case, now = self.case, self.now
        match step:
            case path.AssessRequest():
                case.apply_assessment(case.require_context(), self._clocks())
                routing.cancel_outdated_reviews(case, now)
            case steps.ComputeClocks():
                case.apply_clocks(self._clocks(), self._awaited())
            case path.WriteNotices(notices):
                letter_events.record_written(case, notices, self._written(notices), now)
            case steps.DeliverLetters(letter_ids):
                letter_events.record_mailed(case, letter_ids, now)
            case path.ReserveUnits(asked):
                benefit_units.record_reservations(case, asked, (), now)
            case path.MakeDetermination(status):
                conclusion.make_determination(case, status, now)
            case steps.CloseCase(status):
                conclusion.close_case(case, status, now)

    def _written(self, notices: tuple[NoticeKind, ...]) -> RecordResult:
        orders = [order for notice in notices for order in letter_orders.build_orders(self.case, notice, self.now)]
        self.told += orders
        return RecordResult(
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

    def complete(
        self,
        kind: TaskKind,
        who: str,
        outcome: TaskOutcome,
        at: datetime | None = None,
        form: dict[str, Any] | None = None,
    ) -> None:
        """Complete the task at `at`; the case processes it now."""
        answer = message_effects.receive_message(self.case, self.completion(kind, who, outcome, at, form), self.now)
        assert answer.accepted, answer.refusals

    def completion(
        self,
        kind: TaskKind,
        who: str,
        outcome: TaskOutcome,
        at: datetime | None = None,
        form: dict[str, Any] | None = None,
    ) -> CompleteTask:
        task = self.task(kind)
        claimed(self.case, task.task_id, who)
        lines = tuple(LineDecision(line_id=n, outcome=LineOutcome.APPROVED) for n in task.line_ids)
        return CompleteTask(
            message_id=f"m-{task.task_id}",
            at=at or self.now,
            actor=Actor(kind="reviewer", id=who),
            task_id=task.task_id,
            reviewer_id=who,
            outcome=outcome,
            lines=lines if outcome is TaskOutcome.APPROVE else (),
            recommendation="Not documented." if outcome is TaskOutcome.REFER else None,
            note="The standard time does no harm." if outcome is TaskOutcome.REFUSE else None,
            form=form,
            basis=BASIS if outcome is TaskOutcome.APPROVE else None,
        )

    def approve(self, at: datetime | None = None) -> None:
        self.complete(TaskKind.NURSE_REVIEW, "nurse", TaskOutcome.APPROVE, at)

    # -- queries -------------------------------------------------------------------------------------------------------

    def notices(self, notice: NoticeKind) -> list[LetterOrder]:
        return [order for order in self.told if order.notice is notice]

    def noted(self, kind: str) -> list[EntryDraft]:
        return [entry for entry in self.entries if entry.kind == kind]

    def judged(self, rule_id: str, kind: DueKind) -> str | None:
        return self.case.judged.get(f"{rule_id}//{kind.value}")
