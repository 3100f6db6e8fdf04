"""Steps of the authorization workflow: lookups, clocks, letters, benefit reservations.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from activities.authorization_review import AuthorizationLookups
from activities.case_records import CaseRecords
from domain.authorization import (
    approval_checks,
    benefit_units,
    clock_tracking,
    conclusion,
    intake_findings,
    letter_events,
    letter_orders,
    message_checks,
    message_effects,
    party_checks,
    path,
    timers,
    views,
)
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import (
    AddDocuments,
    AuthorizationMessage,
    CloseUndecided,
    CorrectRequest,
    NoteFollowUp,
    PlanCall,
    SpokenMessage,
    TakeExtension,
)
from domain.authorization.orders import (
    BookedCall,
    BookedCallInput,
    Reservation,
    ReserveInput,
    ReviewContext,
    ReviewInput,
    SupplyClaims,
)
from domain.authorization.peer_to_peer.planning import calendar_violations
from domain.authorization.signing import letter_trials
from domain.authorization.start import AuthorizationStart
from domain.cases import journal_rows, oral_notices, receipt, review_answers, step_trouble
from domain.cases.messages import ClaimTask, CompleteTask, MessageResult, ReassignTask
from domain.cases.orders import ComputedClocks, RecordInput
from domain.cases.tasks import TaskOutcome
from domain.cases.views import CaseLetter, CaseView
from domain.clocks.engine import ClockEvent, DueKind, EventKind, ExtensionReason
from domain.errors import RuleViolation
from domain.follow_ups.notes import FollowUp, FollowUpInput
from domain.journal import UMPIRE, EntryKind
from domain.pharmacy.temporary_supplies import SupplyOffer
from domain.vocabulary import NoticeKind
from engine import options
from workflows.steps.case import BY_REVIEWERS, CaseWorkflow
from workflows.steps.signals import signal_types


class AuthorizationWorkflow(CaseWorkflow[AuthorizationCase, AuthorizationMessage]):
    """State and steps of the authorization workflow. The subclass defines the order of steps and the message handlers."""

    signals = signal_types(AuthorizationMessage)

    kind_of_start = AuthorizationStart

    def __init__(self, *given: object) -> None:
        super().__init__(given)
        self.unwritable: tuple[RuleViolation, ...] = ()
        self.arrived: dict[str, int] | None = None
        self.follow_up: FollowUp | None = None
        self.booked_call: BookedCall | None = None

    def begin_case(self, start: AuthorizationStart) -> AuthorizationCase:
        return AuthorizationCase(
            case_id=start.case_id, request_version=start.request_version, received_at=start.received_at
        )

    def blank_start(self, case_id: str, at: datetime) -> AuthorizationStart:
        """A start whose version and receipt its lookup replaces by those of the stored request."""
        return AuthorizationStart(case_id=case_id, request_version=1, received_at=at)

    def handle_message(self, message: AuthorizationMessage) -> MessageResult:
        if isinstance(message, NoteFollowUp):
            return message_effects.record_follow_up(self.case, message, self.follow_up, workflow.now())
        unwritable, self.unwritable = self.unwritable, ()
        if unwritable:
            return receipt.refuse_message(self.case, message, workflow.now(), unwritable)
        if isinstance(message, AddDocuments) and self.arrived is not None:
            message = message_checks.as_on_file(message, self.arrived)
        if isinstance(message, PlanCall) and self.booked_call is not None:
            contradicted = tuple(calendar_violations(message, self.booked_call))
            if contradicted:
                return receipt.refuse_message(self.case, message, workflow.now(), contradicted)
        if isinstance(message, AddDocuments | CorrectRequest) and self.arrived is not None:
            nothing = tuple(message_checks.arrival_violations(self.case, message))
            if nothing:
                return receipt.refuse_message(self.case, message, workflow.now(), nothing)
        unproven = party_checks.party_violations(self.case, message)
        spoken = not unproven or workflow.patched(f"who-speaks-{message.type}")
        accounted = not approval_checks.account_violations(self.case, message) or self.asks_for_account(message)
        return message_effects.receive_message(self.case, message, workflow.now(), spoken=spoken, accounted=accounted)

    def asks_for_account(self, message: AuthorizationMessage) -> bool:
        """Whether reviewers have to give an account of their work; what earlier releases accepted without one stands. Each task
        has its own mark, so that a case that was begun before is asked at its next task."""
        task = message.task_id.rsplit("-", 1)[-1] if isinstance(message, CompleteTask) else ""
        return workflow.patched(f"account-of-{task}")

    def validate_without_lookup(self, message: AuthorizationMessage) -> tuple[RuleViolation, ...]:
        return message_checks.violations_without_lookup(self.case, message, workflow.now())

    def row(self) -> CaseView:
        return views.case_view(self.case, views.current_wait(self.case))

    def next_timer(self) -> datetime | None:
        return timers.next_timer(self.case)

    def time_effects(self) -> Sequence[Callable[[AuthorizationCase, datetime], None]]:
        return timers.EFFECTS

    def on_letters_mailed(self, letters: Sequence[CaseLetter], at: datetime) -> None:
        letter_events.record_clock_events(self.case, letters, at)

    async def load_reviewers_for(self, message: AuthorizationMessage) -> None:
        """Load the reviewers who act, and the newest version of the request; of documents those that the store holds."""
        self.arrived, self.booked_call = None, None
        if isinstance(message, PlanCall) and message.step != "wished" and workflow.patched("calls-in-the-calendar"):
            self.booked_call = await workflow.execute_local_activity_method(
                CaseRecords.read_booked_call, BookedCallInput(case_id=self.case.case_id), **options.STORE
            )
            return
        if isinstance(message, NoteFollowUp):
            asked = FollowUpInput(case_id=message.case_id, about=self.case.case_id)
            self.follow_up = await workflow.execute_local_activity_method(
                CaseRecords.read_follow_up, asked, **options.STORE
            )
            return
        if isinstance(message, AddDocuments | CorrectRequest) and workflow.patched("records-on-file"):
            documents = message.document_ids if isinstance(message, AddDocuments) else ()
            found = await self.load_reviewers((), with_request=True, document_ids=documents)
            self.case.newest_version, self.arrived = found.newest_version, found.later_documents
            return
        if isinstance(message, BY_REVIEWERS):
            second = message.second_person if isinstance(message, TakeExtension) else None
            ids = tuple(sorted({message.reviewer_id, message.actor.id, *((second,) if second is not None else ())}))
        elif isinstance(message, AddDocuments | CorrectRequest) and message.request_version is not None:
            ids = ()
        elif isinstance(message, SpokenMessage) and message.entered_by is not None:
            ids = (message.entered_by,)
        else:
            return
        if self.lacks_rules_for(message):
            await self.assess_request()
        takes_task = isinstance(message, ClaimTask | ReassignTask)
        known = await self.load_reviewers(ids, with_request=True, takes_task=takes_task)
        self.case.newest_version, self.case.records = known.newest_version, known.records
        if (
            isinstance(message, CompleteTask)
            and message.signed is not None
            and workflow.patched("letters_before_signature")
        ):
            await self.try_letters(message)

    def lacks_rules_for(self, message: AuthorizationMessage) -> bool:
        """Whether the case was assessed by a release that had no rules for this message: it is assessed again before."""
        found = self.case.assessment
        to_benefits = isinstance(message, CompleteTask) and message.outcome is TaskOutcome.TO_BENEFITS
        if found is None or not (to_benefits or isinstance(message, CloseUndecided)):
            return False
        return (found.benefit_signer if to_benefits else found.closings) is None

    async def try_letters(self, message: CompleteTask) -> None:
        """Try to write the letters that this signature would cause, before it is accepted."""
        now = workflow.now()
        orders, blocked = letter_trials.letters_of_decision(self.case, message, now)
        if not orders and not blocked:
            parts = letter_trials.letters_of_signed_lines(self.case, message, now)
            if any(parts) and workflow.patched("letters_of_each_signature"):
                orders, blocked = parts
        if orders:
            order = RecordInput(case_id=self.case.case_id, entries=(), letters=orders)
            found = await workflow.execute_local_activity_method(CaseRecords.try_letters, order, **options.STORE)
            blocked = (*blocked, *found.blocked)
        self.unwritable = letter_trials.unwritable_violations(blocked)

    def open_calls(self) -> None:
        """Open a task for each oral notice that is owed, and end those of notices given otherwise."""
        owed = clock_tracking.owed_calls(self.case, workflow.now())
        oral_notices.update_tasks(self.case, owed, workflow.now())
        if self.case.is_open and oral_notices.lacks_task(self.case, owed) and workflow.patched("oral-notices"):
            oral_notices.open_tasks(self.case, owed, workflow.now())

    # -- lookups -------------------------------------------------------------------------------------------------------

    async def assess_request(self) -> None:
        """Look up everything that routing needs. The first time this opens the case and queues the acknowledgment."""
        look = await self._look_up_context()
        if look.assessment.offers_supply and not workflow.patched("temporary_supply"):
            look = look.model_copy(update={"assessment": look.assessment.without_supplies()})
        if look.assessment.offers_supply and not self.case.supplying.claims_supplies:
            self.case.supplying.begin_claiming(workflow.patched("supplies-are-claimed"))
        limited = any(line.benefit is not None for line in look.assessment.lines)
        if limited and not self.case.determinations.units_in_task and workflow.patched("units-in-task"):
            self.case.determinations.reserve_in_task()
        intake_findings.record_assessment(self.case, look, workflow.now())
        if self.case.cancelled:
            by_letter = workflow.patched("cancelled-line-told")
            intake_findings.tell_cancelled_lines(self.case, by_letter=by_letter)

    async def _look_up_context(self) -> ReviewContext:
        """Look up request, coverage, requirements, criteria and clocks at once; with retries while eligibility is down."""
        order = self._review_input()
        look = await workflow.execute_local_activity_method(AuthorizationLookups.look_into, order, **options.STORE)
        if look.eligibility_answered:
            return look
        try:
            return await workflow.execute_activity_method(
                AuthorizationLookups.look_patiently, order, **options.ELIGIBILITY
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return look

    async def compute_clocks(self) -> None:
        """Recompute every clock from the events so far."""
        found = await self._clocks(self._review_input())
        self.case.apply_clocks(found.clocks, found.awaited)
        self.case.note(
            EntryKind.CLOCKS_COMPUTED,
            workflow.now(),
            f"Clocks computed: {', '.join(clock.rule_id for clock in found.clocks) or 'none binds'}.",
            clocks=journal_rows.clock_rows(self.case),
        )

    async def _clocks(self, order: ReviewInput) -> ComputedClocks:
        return await workflow.execute_local_activity_method(AuthorizationLookups.compute_clocks, order, **options.STORE)

    def _review_input(self, *more: ClockEvent) -> ReviewInput:
        case = self.case
        return ReviewInput(
            case_id=case.case_id,
            request_version=case.request_version,
            received_at=case.received_at,
            events=(*case.clock_events, *more),
            now=workflow.now(),
        )

    # -- letters -------------------------------------------------------------------------------------------------------

    async def write_letters(self, notices: tuple[NoticeKind, ...]) -> None:
        """Write the letters together with the journal. What cannot be written becomes a timed task."""
        now = workflow.now()
        orders, blocked = letter_orders.plan_letters(self.case, notices, now)
        recorded = await self.write_journal(orders)
        recorded = recorded.model_copy(update={"blocked": (*recorded.blocked, *blocked)})
        letter_events.record_written(self.case, notices, recorded, workflow.now())

    async def announce_extension(self) -> None:
        """Write the extension notice with the new date. The extension counts from the instant at which it is mailed."""
        case, now = self.case, workflow.now()
        taken, due = case.extending.taken, case.due()
        if taken is None:
            return
        reason = ExtensionReason(taken.reason)
        wrong = due[0].extension_problem_at(reason, now) if due is not None else "no decision clock runs"
        if wrong is None and due is not None:
            event = ClockEvent(kind=EventKind.EXTENSION_NOTICE_SENT, at=now, reason=reason, days_given=taken.days_given)
            foreseen = clock_tracking.earliest_due(
                (await self._clocks(self._review_input(event))).clocks, DueKind.DECISION
            )
            case.extending.foresee(foreseen)
            wrong = (
                None if foreseen is not None and foreseen > due[1].at else "another clock of the case would not move"
            )
        if wrong is not None:
            letter_events.give_up_extension(case, wrong, now)
            return
        await self.write_letters((NoticeKind.EXTENSION,))

    async def report_result(self, process_id: str) -> None:
        """Signal to the process that asked for the review that its result is on record. One that has ended needs no result, but
        people have to know of one that the law has put in place of a denial."""
        if workflow.patched("review_result_from_its_record"):
            await self.write_journal()  # the other process reads the result from there
        result = conclusion.review_result(self.case, workflow.now())
        was_heard = await self.tell(process_id, result)
        if (
            not was_heard
            and review_answers.is_approved_by_law(result)
            and workflow.patched("unheard-approval-to-people")
        ):
            step_trouble.record_unheard_approval(self.case, process_id, workflow.now())
        self.case.ending.mark_reported()

    async def claim_supplies(self, offers: tuple[SupplyOffer, ...]) -> None:
        """Claim temporary supplies before they are granted."""
        order = SupplyClaims(case_id=self.case.case_id, member_id=self.case.member_id, offers=offers)
        found = await workflow.execute_local_activity_method(CaseRecords.claim_supplies, order, **options.STORE)
        self.case.supplying.claim(found.claimed)

    async def tell_decided_case(self, about: str) -> None:
        """Have the decided case note on its journal that this request came after its decision, or how it ended. Where that
        case has ended, the note is appended for it."""
        await self.write_journal()  # the note is read from there
        case, told = self.case, path.follow_ups_to_tell(self.case)
        message = NoteFollowUp(
            message_id=f"{case.case_id}-follow-up-{told}", at=workflow.now(), actor=UMPIRE, case_id=case.case_id
        )
        other = workflow.get_external_workflow_handle(options.workflow_id(about))
        try:
            await other.signal(message.type, message)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            order = FollowUpInput(case_id=case.case_id, about=about)
            await workflow.execute_activity_method(CaseRecords.note_follow_up, order, **options.JOURNAL)
        case.follow_ups_told = told

    async def reserve(self, reservations: tuple[Reservation, ...]) -> None:
        """Reserve the units of benefit limits, and release those that are no longer needed."""
        order = ReserveInput(
            case_id=self.case.case_id,
            reservations=reservations,
            given_back=benefit_units.released_lines(self.case, reservations),
        )
        if self.case.determinations.units_in_task:
            found = await workflow.execute_local_activity_method(CaseRecords.reserve, order, **options.STORE)
        else:
            found = await workflow.execute_activity_method(CaseRecords.reserve, order, **options.JOURNAL)
        benefit_units.record_reservations(self.case, reservations, found.refused, workflow.now())
