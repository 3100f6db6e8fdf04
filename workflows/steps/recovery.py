"""Recovery of a running case: from a step that fails, from a message on which the code fails, from being set back.

A failure is never carried on in the run in which it happened. The run ends there, and a new one continues the case from its
state before the step: so no open history holds a failure, and each replays under the release that mends it.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

from activities.case_records import CaseRecords
from activities.members import MemberLookups
from domain.cases import escalation, receipt, restart, snapshots, step_trouble
from domain.cases.case import Case, StepTrouble
from domain.cases.messages import BaseMessage, ReviewAnswered
from domain.cases.orders import CaseRun, KeptCaseInput
from domain.cases.review_records import ReviewRecordInput
from domain.cases.views import CaseView
from domain.errors import ImpossibleState
from engine import options
from engine.activity_errors import error_location
from workflows.steps import starts
from workflows.steps.signals import SignalReceiver, UnreadableSignal

D = TypeVar("D", bound=Case)
SET_BACK = "set back to an earlier point of its history"


class RecoveringRun(SignalReceiver, Generic[D]):
    """One run of a case, which ends in a new run when something fails. Subclasses define the steps."""

    kind_of_start: ClassVar[type[BaseModel]]
    start: starts.Start
    case: D
    refused_start: str
    has_failed_message = False
    next_release: ClassVar[workflow.ContinueAsNewVersioningBehavior | None] = None
    """The release under which the next run begins; None: by the workflow's own behavior."""

    def begin(self, start: starts.Start, case: D) -> None:
        """Begin the run with this case, and with the messages that an earlier run could not handle."""
        self.start, self.case = start, case
        self.inbox, self.heard = [], []
        self.journaled = case.seq - len(case.pending)
        self.has_rested, self.is_leaving = case.trouble is None, False
        for content in case.unheard:
            self.hear(self._read_unheard(content))
        case.unheard = []
        self.snapshot = snapshots.take(case)

    # -- defined by the case's workflow --------------------------------------------------------------------------------

    def begin_case(self, start: Any) -> D:
        """The new case that a start of this process begins."""
        raise NotImplementedError

    async def take_step(self) -> bool:
        """Take the next step of the process; False when the case is finished."""
        raise NotImplementedError

    async def process_inbox(self) -> None:
        """Handle every message in the inbox."""
        raise NotImplementedError

    async def write_journal(self) -> Any:
        """Write the pending journal entries."""
        raise NotImplementedError

    async def drain_before_completion(self) -> None:
        """Handle the remaining messages of a finished case."""
        raise NotImplementedError

    def attach_views(self) -> None:
        """Attach summaries to the entries that are not journaled yet."""

    def row(self) -> CaseView:
        """The case's row for the lists."""
        raise NotImplementedError

    def next_timer(self) -> datetime | None:
        """The next instant (UTC) at which a timer fires, or None."""
        raise NotImplementedError

    def awaited_results(self) -> Sequence[ReviewAnswered]:
        """Word of each review whose result the case waits for."""
        return ()

    def time_effects(self) -> Sequence[Callable[[D, datetime], None]]:
        """The effects of time on the case, each on its own: when one fails, or the path does, the others happen."""
        return (escalation.escalate_due_tasks,)

    # -- running -------------------------------------------------------------------------------------------------------

    async def run_case(self) -> None:
        """Take one step after the other until the case is finished. A step that fails is undone, journaled and tried again,
        with every message and after a pause."""
        await self.take_start_from_file()
        try:
            await self._rest()
            while True:
                await self.process_inbox()
                if not await self.take_step():
                    break
            step_trouble.record_recovery(self.case, workflow.now())
            await self.drain_before_completion()
        except Exception as error:
            if is_of_temporal(error):
                raise
            await self._leave_after(error)

    async def _rest(self) -> None:
        """Rest after a failure in the run before: messages are handled and the journal is written, the step waits."""
        trouble = self.case.trouble
        if trouble is None:
            return
        if trouble.rests_first:
            await self._pause(trouble, len(self.inbox))
        await self.process_inbox()
        await self.write_journal()
        if not trouble.rests_first:
            await self._pause(trouble, 0 if self.case.is_opened else len(self.inbox))

    async def _pause(self, trouble: StepTrouble, waiting: int) -> None:
        """Pause until the trouble has rested, or more than the `waiting` messages are there."""
        left = max(trouble.rests_until - workflow.now(), timedelta(0))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: len(self.inbox) > waiting, timeout=left)
        self.has_rested = True

    async def _leave_after(self, error: Exception) -> NoReturn:
        """Undo the step on which the code failed, let time have its other effects, and go on in a new run."""
        kind, now = type(error).__name__, workflow.now()
        # Only kind and place are logged: the error's text may quote the record.
        workflow.logger.error("a step could not be taken: %s at %s", kind, error_location(error))
        snapshots.restore(self.case, self.snapshot)
        upcoming: list[datetime | None] = []
        if self.case.is_opened:
            for effect in self.time_effects():
                self._try_out(partial(effect, self.case, now))
            self._try_out(lambda: upcoming.append(self.next_timer()))
        step_trouble.record_failure(
            self.case,
            kind,
            now,
            next(iter(upcoming), None),
            has_rested=self.has_rested,
            is_hidden=not self._can_be_shown(),
        )
        await self.leave()

    def _try_out(self, act: Callable[[], None]) -> bool:
        """Do it; undo it when it fails."""
        before = snapshots.take(self.case)
        try:
            act()
        except Exception as error:
            workflow.logger.error("an effect failed: %s at %s", type(error).__name__, error_location(error))
            snapshots.restore(self.case, before)
            return False
        return True

    def _can_be_shown(self) -> bool:
        before = snapshots.take(self.case)

        def show() -> None:
            self.attach_views()
            self.row()

        shown = self._try_out(show)
        snapshots.restore(self.case, before)
        return shown

    async def leave(self) -> NoReturn:
        """Go on in a new run. Who waits for an answer that is there gets it; what nobody has handled is handed over."""
        self.is_leaving = True
        await workflow.wait_condition(lambda: True)
        self.case.unheard = [
            {"unreadable": list(message)} if isinstance(message, UnreadableSignal) else message.model_dump(mode="json")
            for message in self.inbox
        ]
        receipt.drop_old_results(self.case)
        self._go_on()

    def continue_in_new_run(self) -> NoReturn:
        """Continue as new: the same start, which carries the case as it is now."""
        self._go_on()

    def _go_on(self) -> NoReturn:
        carrying = self.start.model_copy(update={"carried": self.case})
        workflow.continue_as_new(carrying, initial_versioning_behavior=self.next_release)

    # -- messages ------------------------------------------------------------------------------------------------------

    def _read_unheard(self, content: dict[str, Any]) -> BaseMessage | UnreadableSignal:
        if "unreadable" in content:
            return UnreadableSignal(*content["unreadable"])
        name = str(content["type"])
        try:
            return self.signals[name].model_validate(content)
        except (KeyError, ValidationError):
            return UnreadableSignal(name, "this release does not know it")

    # -- on file, lost and set back -----------------------------------------------------------------------------------

    async def take_start_from_file(self) -> None:
        """Take the start, or the case as a lost run kept it with its journal, from the store: what was sent is not believed.

        A run whose number nothing on file has waits until something has: it takes the number from nobody. Only where an open
        case started it as its child, which under earlier releases kept no start, what was sent counts. One of another process
        than the number's goes on as the process of the number.
        """
        if starts.is_continued_run():
            return
        how_lost = workflow.memo_value(restart.MEMO, None, type_hint=str)
        if how_lost is None and not starts.is_told_by_file():
            return
        info = workflow.info()
        order = KeptCaseInput(case_id=self.case.case_id)
        if info.parent is not None and how_lost is None:
            parent = {"started_by": info.parent.workflow_id, "started_at": info.start_time}
            order = order.model_copy(update=parent)
        kept = await workflow.execute_local_activity_method(CaseRecords.read_kept_case, order, **options.STORE)
        if kept.run is None and not kept.is_of_case:
            kept = await workflow.execute_activity_method(CaseRecords.await_start, order, **options.FILE)
        if kept.run is None:
            return
        if kept.run.workflow != info.workflow_type:
            workflow.continue_as_new(args=[json.loads(kept.run.start_json)], workflow=kept.run.workflow)
        self.begin_as_filed(kept.run, how_lost)
        if self.awaited_results() and workflow.patched("results-missed-are-heard"):
            await self._hear_missed_results()

    async def _hear_missed_results(self) -> None:
        """Hear the results of reviews that were told while no run of the case was there to hear them."""
        for word in self.awaited_results():
            order = ReviewRecordInput(case_id=word.case_id)
            record = await workflow.execute_local_activity_method(
                MemberLookups.read_review_record, order, **options.STORE
            )
            if record.status is not None:
                self.hear(word)

    def begin_as_filed(self, run: CaseRun, how_lost: str | None) -> None:
        """Begin the case, or go on with it, as it is on file. A start that said something else is remarked upon."""
        filed: Any = self.kind_of_start.model_validate_json(run.start_json)
        carried: D | None = filed.carried
        if carried is not None:
            restart.mark_restarted(carried, how_lost or restart.BEGUN_ANEW, workflow.now())
        elif not self.refused_start and filed != self.start:
            self.refused_start = starts.NOT_AS_FILED
        waiting = self.inbox
        self.begin(filed, carried if carried is not None else self.begin_case(filed))
        for message in waiting:
            self.hear(message)

    async def take_over_kept_case(self) -> NoReturn:
        """Go on from the state that was kept with the journal, which contradicts this run: it was set back. Messages that only
        this run has heard are handed over. Raises ImpossibleState where no state was kept."""
        heard = self.heard
        if not await self._restore_kept_case(SET_BACK):
            raise ImpossibleState(
                f"{self.case.case_id}: the journal contradicts this run, and no state was kept with it"
            )
        self.inbox = [
            message
            for message in heard
            if isinstance(message, BaseMessage) and message.message_id not in self.case.answers
        ]
        await self.leave()

    async def _restore_kept_case(self, how_lost: str) -> bool:
        order = KeptCaseInput(case_id=self.case.case_id)
        kept = await workflow.execute_local_activity_method(CaseRecords.read_kept_case, order, **options.STORE)
        if kept.run is None or getattr(self.kind_of_start.model_validate_json(kept.run.start_json), "carried") is None:  # noqa: B009
            return False
        self.begin_as_filed(kept.run, how_lost)
        return True


def is_of_temporal(error: Exception) -> bool:
    """Whether an error is Temporal's own way to say something: a cancellation, or a replay that does not fit."""
    return is_cancelled_exception(error) or isinstance(
        error, workflow.NondeterminismError | workflow.ReadOnlyContextError
    )
