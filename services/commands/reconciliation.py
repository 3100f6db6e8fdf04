"""Comparison of the open cases with the workflows that run, and the new start of those that are lost.

What only people can help is put before them as an item of the inbox, once: a case that does not run can write no task of its
own, and its journal is written by nobody else.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy.orm import Session
from temporalio.client import WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.appeals.start import AppealStart
from domain.authorization.start import AuthorizationStart
from domain.callbacks.start import CallbackStart
from domain.cases import restart
from domain.cases.orders import CaseRun
from domain.cases.views import CaseStatus
from domain.concerns.start import ConcernStart
from domain.discharge.start import DischargeStart
from domain.errors import ValidationIssue
from domain.model import Model
from domain.retrospective.start import RetrospectiveStart
from domain.stays.case import StayRun
from engine import workflow_names
from engine.options import workflow_id
from engine.search_attributes import start_case_workflow
from services.case_client import translate_temporal_errors
from services.context import ServiceContext
from store import cases, inbox, journal, requests

STARTS: Mapping[str, type[BaseModel]] = {
    workflow_names.PRIOR_AUTHORIZATION: AuthorizationStart,
    workflow_names.CONCURRENT_REVIEW: StayRun,
    workflow_names.DISCHARGE_PLANNING: DischargeStart,
    workflow_names.RETROSPECTIVE_REVIEW: RetrospectiveStart,
    workflow_names.QUALITY_CONCERN: ConcernStart,
    workflow_names.MEMBER_CALLBACK: CallbackStart,
    workflow_names.APPEAL: AppealStart,
}
"""The input of each workflow."""

_LOST = {
    WorkflowExecutionStatus.CANCELED: "canceled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.FAILED: "ended by a failure",
    WorkflowExecutionStatus.TIMED_OUT: "ended by a timeout",
    # A case journals its end before its workflow completes: whatever completed under its number was not the case.
    WorkflowExecutionStatus.COMPLETED: "completed without the case's end",
}
_REUSE = {_LOST[WorkflowExecutionStatus.COMPLETED]: WorkflowIDReusePolicy.ALLOW_DUPLICATE}
_UNKNOWN_HERE = "no longer known to Temporal"
_STUCK_ATTEMPTS = 5
"""A workflow task that has failed as often will not succeed by itself: its history does not replay under this release."""


class ReconciledStatus(StrEnum):
    RESTARTED = "restarted"
    UNKNOWN_HERE = "unknown_here"
    WITHOUT_STATE = "without_state"
    UNREADABLE_STATE = "unreadable_state"
    STUCK = "stuck"
    NOT_BEGUN = "not_begun"


_ALERTS = (
    ReconciledStatus.WITHOUT_STATE,
    ReconciledStatus.UNREADABLE_STATE,
    ReconciledStatus.STUCK,
    ReconciledStatus.NOT_BEGUN,
)
"""The standings that nothing but people can help. A case that this server does not know may be sound on another one."""
_BEGINS_WITHIN = timedelta(minutes=10)
"""The time within which a case that was started has its first journal entry, unless something is wrong."""

_CANNOT_BEGIN = (
    "Its workflow runs, but it has no journal entry yet: its first step fails and is tried again at least every half hour. "
    "The worker's log names the fault. Nothing is lost, but nobody sees the case and its clocks: look after it by hand "
    "until a release mends the fault."
)


class ReconciledCase(Model):
    """An open case that no workflow runs, or that cannot go on, and what was done about it or has to be."""

    case_id: str
    status: ReconciledStatus
    says: str


async def reconcile(
    services: ServiceContext, *, server_was_lost: bool = False, beat: Callable[[], None] = lambda: None
) -> tuple[ReconciledCase, ...]:
    """Start every open case again whose workflow was canceled, terminated or failed; what was found, sound cases left out.
    One that was to begin and never did is begun.

    A case that this server does not know at all may run on another one: it is started only with `server_was_lost`. One that
    runs and whose task fails again and again, or which cannot take its first step, is only reported. What needs people becomes
    an item of the inbox, once for each journal entry as of which the case stands still. `beat` is called after each
    case. Raises TemporalUnavailable.
    """
    found = []
    for case in await services.read(_unfinished_cases, services.clock() - _BEGINS_WITHIN):
        outcome = await _see_to(services, case, server_was_lost)
        beat()
        if outcome is None:
            continue
        if outcome.status in _ALERTS:
            await services.write(_alert_people, outcome, services.clock())
        found.append(outcome)
    return tuple(found)


class _UnfinishedCase(NamedTuple):
    """A case that has not ended. It `is_opened` with its first journal entry, which one that `is_young` may not have yet."""

    case_id: str
    is_opened: bool
    is_young: bool = False


async def _see_to(services: ServiceContext, case: _UnfinishedCase, server_was_lost: bool) -> ReconciledCase | None:
    """Start a case again that is lost, or report one that cannot go on; None for a sound one."""
    seen = await _describe(services, case.case_id)
    if seen is None and case.is_young and not server_was_lost:
        return None  # it is started with its arrival
    how_lost = _UNKNOWN_HERE if seen is None else _LOST.get(seen.status) if seen.status is not None else None
    if seen is None or how_lost is not None:
        return await _restart(services, case.case_id, how_lost or _UNKNOWN_HERE, server_was_lost)
    attempts = seen.raw_description.pending_workflow_task.attempt
    if attempts >= _STUCK_ATTEMPTS:
        return ReconciledCase(case_id=case.case_id, status=ReconciledStatus.STUCK, says=_stuck(attempts))
    if case.is_opened or case.is_young or _is_fresh(seen, services.clock()):
        return None
    return ReconciledCase(case_id=case.case_id, status=ReconciledStatus.NOT_BEGUN, says=_CANNOT_BEGIN)


def _is_fresh(seen: WorkflowExecutionDescription, now: datetime) -> bool:
    """Whether a workflow is in its first run and began only just: a case can be younger than its receipt."""
    info = seen.raw_description.workflow_execution_info
    is_first = info.first_run_id in ("", seen.run_id)
    return is_first and seen.start_time > now - _BEGINS_WITHIN


def _alert_people(s: Session, found: ReconciledCase, at: datetime) -> None:
    """Put a case that needs people into the inbox, once for each journal entry as of which it stands still."""
    problem = ValidationIssue(
        path=found.case_id, rule=f"case.{found.status.value}", message=found.says, expected="operations, and compliance"
    )
    seq = journal.head(s, found.case_id).seq
    inbox.alert(s, f"{found.case_id} is {found.status.value} as of journal entry {seq}.", at, problem)


async def _describe(services: ServiceContext, case_id: str) -> WorkflowExecutionDescription | None:
    """The workflow of the case as Temporal has it; None where the server does not know it."""
    handle = services.client().get_workflow_handle(workflow_id(case_id))
    with translate_temporal_errors():
        try:
            return await handle.describe(rpc_timeout=services.patience)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and not error.message.lower().startswith("namespace"):
                return None
            raise


def _stuck(attempts: int) -> str:
    return (
        f"Its workflow runs, but its next task has failed {attempts} times, so nobody watches its clocks. The worker's log "
        "names the fault. If a key is missing, add it to UMPIRE_KEYRING; if a new release was started, go back to the earlier "
        "one or mend it: then the case goes on by itself. Until then watch its deadline by hand (umpire show)."
    )


async def _restart(
    services: ServiceContext, case_id: str, how_lost: str, server_was_lost: bool
) -> ReconciledCase | None:
    """Start the case again; None for one that has ended since it was listed."""
    if how_lost == _UNKNOWN_HERE and not server_was_lost:
        says = "This Temporal server does not know the case: connect to the one it runs on; start it here only if that is lost."
        return ReconciledCase(case_id=case_id, status=ReconciledStatus.UNKNOWN_HERE, says=says)
    if not await services.read(_is_open, case_id):
        return None
    run = await services.read(requests.run_on_file, case_id, workflow_names.PRIOR_AUTHORIZATION)
    if run is None:
        says = f"Its workflow was {how_lost}, and no state was kept with its last journal entry. {_way_out(case_id, how_lost)}"
        return ReconciledCase(case_id=case_id, status=ReconciledStatus.WITHOUT_STATE, says=says)
    start = _read_start(run)
    if start is None:
        says = (
            f"Its workflow was {how_lost}, and this release cannot read its saved state: run the release that wrote it."
        )
        return ReconciledCase(case_id=case_id, status=ReconciledStatus.UNREADABLE_STATE, says=says)
    with translate_temporal_errors(), suppress(WorkflowAlreadyStartedError):
        await start_case_workflow(
            services.client(),
            run.workflow,
            start.model_copy(update={"carried": None}),  # the run reads the case from the store
            id=workflow_id(case_id),
            memo={restart.MEMO: how_lost},
            task_queue=services.task_queue,
            # Whoever is second in this starts nothing, and a case that has ended properly is never opened anew.
            id_reuse_policy=_REUSE.get(how_lost, WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            rpc_timeout=services.patience,
        )
    if getattr(start, "carried", None) is None:
        says = f"Its workflow was {how_lost} before its first journal entry; it was begun again, with the same receipt."
        return ReconciledCase(case_id=case_id, status=ReconciledStatus.RESTARTED, says=says)
    says = (
        f"Its workflow was {how_lost}; it was started again as it stood at its last journal entry, with the same receipt and "
        "clocks. Compliance has a task to look at what came due meanwhile."
    )
    return ReconciledCase(case_id=case_id, status=ReconciledStatus.RESTARTED, says=says)


def _way_out(case_id: str, how_lost: str) -> str:
    """The words on what to do for a case whose state was not kept: its history has it, as long as Temporal retains that."""
    by_hand = f"Watch its deadline by hand (umpire show {case_id}) until it runs."
    if how_lost == _UNKNOWN_HERE:
        return f"Restore Temporal's database from a backup that has the case, or decide it outside of Umpire. {by_hand}"
    reset = f"temporal workflow reset --workflow-id {case_id} --type LastWorkflowTask --reason lost"
    return f"Run '{reset}': the case goes on from its history, and its state is kept from then on. {by_hand}"


def _unfinished_cases(s: Session, before: datetime) -> tuple[_UnfinishedCase, ...]:
    """Every case that has not ended, also one without a journal entry; such a one is young that was not started before then
    (UTC)."""
    opened = [_UnfinishedCase(view.case_id, is_opened=True) for view in cases.find(s, status=CaseStatus.OPEN)]
    filed = journal.unopened_cases(s)
    begun = [_UnfinishedCase(one, is_opened=False, is_young=not _has_begun(s, one, before)) for one in filed]
    known = {*journal.case_ids(s), *filed}
    arrived = [_UnfinishedCase(one, is_opened=False) for one in inbox.started_cases(s, before) if one not in known]
    return (*opened, *begun, *arrived)


def _is_open(s: Session, case_id: str) -> bool:
    """Whether the case is open, or has not begun."""
    view = cases.get(s, case_id)
    return view is None or view.status is CaseStatus.OPEN


def _has_begun(s: Session, case_id: str, before: datetime) -> bool:
    """Whether the case began before then, by the start on file. One whose start nobody can read did: it is no new one."""
    run = journal.last_state(s, case_id)
    start: Any = _read_start(run) if run is not None else None
    return start is None or start.received_at < before


def _read_start(run: CaseRun) -> BaseModel | None:
    """The input of the workflow; None where this release cannot read it."""
    try:
        return STARTS[run.workflow].model_validate_json(run.start_json)
    except (KeyError, ValueError, zlib.error):
        return None
