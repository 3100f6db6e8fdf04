"""Steps of the retrospective review workflow: its lookup, the review case it opens, the quality concerns it starts.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from temporalio import workflow

from activities.members import MemberLookups
from activities.retrospective import RetrospectiveLookups
from domain.authorization.start import AuthorizationStart
from domain.cases import escalation, review_records
from domain.cases.messages import MessageResult, ReviewAnswered
from domain.cases.views import CaseView
from domain.clocks.engine import Clock
from domain.concerns.start import ConcernStart
from domain.errors import RuleViolation
from domain.journal import EntryKind
from domain.plain_language.phrases import count_phrase
from domain.requests.request import StayPurpose
from domain.retrospective import claim_findings, message_checks, message_effects, path, timers, views
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.messages import RetrospectiveMessage
from domain.retrospective.orders import ClaimInput, PostServiceReviewInput
from domain.retrospective.parts import ReportedConcern
from domain.retrospective.questions import ReviewQuestion
from domain.retrospective.start import RetrospectiveStart
from engine import options
from engine.workflow_names import PRIOR_AUTHORIZATION, QUALITY_CONCERN
from workflows.steps.case import CaseWorkflow
from workflows.steps.signals import signal_types


class RetrospectiveWorkflow(CaseWorkflow[RetrospectiveCase, RetrospectiveMessage]):
    """State and steps of the retrospective review workflow. The subclass defines the order of steps and the message
    handlers."""

    signals = signal_types(RetrospectiveMessage)

    kind_of_start = RetrospectiveStart

    def begin_case(self, start: RetrospectiveStart) -> RetrospectiveCase:
        return RetrospectiveCase(case_id=start.case_id, received_at=start.received_at)

    def blank_start(self, case_id: str, at: datetime) -> RetrospectiveStart:
        return RetrospectiveStart(case_id=case_id, received_at=at)

    @property
    def file(self) -> RetrospectiveCase:
        return self.case

    def handle_message(self, message: RetrospectiveMessage) -> MessageResult:
        return message_effects.receive_message(self.file, message, workflow.now())

    def validate_without_lookup(self, message: RetrospectiveMessage) -> tuple[RuleViolation, ...]:
        return message_checks.violations_without_lookup(self.file, message, workflow.now())

    def row(self) -> CaseView:
        return views.case_view(self.file)

    def awaited_results(self) -> Sequence[ReviewAnswered]:
        review = self.file.review
        if review is None or self.file.answer is not None:
            return ()
        return (review_records.word_of_review(review, StayPurpose.POST_SERVICE, 1, workflow.now()),)

    def time_effects(self) -> Sequence[Callable[[RetrospectiveCase, datetime], None]]:
        return (escalation.escalate_due_tasks, timers.fire_due_timers)

    def next_timer(self) -> datetime | None:
        return timers.next_timer(self.file)

    async def load_reviewers_for(self, message: RetrospectiveMessage) -> None:
        """Load the reviewers who act; also who raises a concern, refers to compliance or records a finding."""
        if isinstance(message, message_checks.STAFF_MESSAGES):
            await self.load_reviewers((message.actor.id,))
        else:
            await super().load_reviewers_for(message)

    def attach_views(self) -> None:
        """Attach summary and lessons to the last entry, so that what is shown is what was journaled."""
        pending = self.file.pending
        if pending and self.file.look is not None:
            pending[-1] = pending[-1].model_copy(update={"data": pending[-1].data | views.summary_data(self.file)})

    async def look_up_claim(self) -> None:
        """Look up the claim and its authorizations, the member and their plan on the day of service, and the clocks."""
        order = ClaimInput(case_id=self.file.case_id, now=workflow.now())
        look = await workflow.execute_local_activity_method(
            RetrospectiveLookups.look_into_claim, order, **options.STORE
        )
        person = await self.load_member(look.claim.member.member_id, look.day)
        claim_findings.record_context(self.file, look, person)
        claim_findings.open_journal(self.file, await self._compute_clocks(), workflow.now())

    async def settle_claim(self) -> None:
        """Settle the claim. Clocks that count from the decision are computed then; where a review decided, it has them."""
        path.mark_settled(self.file, workflow.now())
        if self.file.review is None and workflow.patched("settled-claim-has-the-clocks-of-its-decision"):
            claim_findings.update_clocks(self.file, await self._compute_clocks(), workflow.now())

    async def _compute_clocks(self) -> tuple[Clock, ...]:
        """Compute every clock that binds the claim after its events so far."""
        duties = claim_findings.clock_input(self.file, workflow.now())
        found = await workflow.execute_local_activity_method(MemberLookups.compute_duties, duties, **options.STORE)
        return found.clocks

    async def open_post_service_review(self, review_id: str, asked: tuple[ReviewQuestion, ...]) -> None:
        """Start the review case that decides what was not authorized. It runs independently and reports its result by a
        signal."""
        order = PostServiceReviewInput(
            case_id=self.file.case_id, review_id=review_id, questions=asked, judgments=tuple(self.file.judgments)
        )
        opened = await workflow.execute_activity_method(
            RetrospectiveLookups.open_post_service, order, **options.JOURNAL
        )
        start = AuthorizationStart(
            case_id=opened.review_id, request_version=opened.request_version, received_at=opened.received_at
        )
        await self.start_beside(PRIOR_AUTHORIZATION, start, review_id)
        self.file.review = review_id
        lines = ", ".join(question.line_id for question in asked)
        says = f"Review {review_id} opened for {count_phrase(len(asked), 'line')} ({lines}): not covered by an authorization."
        self.file.note(EntryKind.REVIEW_OPENED, workflow.now(), says)

    async def start_quality_concern(self, concern: ReportedConcern) -> None:
        """Start the case of a quality concern. It runs independently."""
        file = self.file
        start = ConcernStart(
            case_id=concern.concern_id,
            kind=concern.kind,
            raised_by=concern.raised_by,
            about_case_id=file.case_id,
            member_id=file.member_id,
            what=concern.what,
            at=concern.at,
        )
        await self.start_beside(QUALITY_CONCERN, start, concern.concern_id)
        place = next(at for at, one in enumerate(file.concerns) if one.concern_id == concern.concern_id)
        file.concerns[place] = concern.model_copy(update={"handed_over": True})
        file.note(EntryKind.CONCERN_RAISED, workflow.now(), f"{concern.concern_id} has the concern.")
