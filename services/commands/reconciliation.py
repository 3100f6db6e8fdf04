"""Comparison of the open cases with the workflows that run, and the new start of those that are lost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum

from pydantic import BaseModel
from sqlalchemy.orm import Session
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.authorization.start import AuthorizationStart
from domain.callbacks.start import CallbackStart
from domain.cases import restart
from domain.cases.orders import CaseRun
from domain.cases.views import CaseStatus
from domain.concerns.start import ConcernStart
from domain.discharge.start import DischargeStart
from domain.model import Model
from domain.retrospective.start import RetrospectiveStart
from domain.stays.case import StayRun
from engine import workflow_names
from engine.options import workflow_id
from services.case_client import translate_temporal_errors
from services.context import ServiceContext
from store import cases, journal

STARTS: Mapping[str, type[BaseModel]] = {
    workflow_names.PRIOR_AUTHORIZATION: AuthorizationStart,
    workflow_names.CONCURRENT_REVIEW: StayRun,
    workflow_names.DISCHARGE_PLANNING: DischargeStart,
    workflow_names.RETROSPECTIVE_REVIEW: RetrospectiveStart,
    workflow_names.QUALITY_CONCERN: ConcernStart,
    workflow_names.MEMBER_CALLBACK: CallbackStart,
}
"""The input of each workflow."""

_LOST = {
    WorkflowExecutionStatus.CANCELED: "canceled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.FAILED: "ended by a failure",
    WorkflowExecutionStatus.TIMED_OUT: "ended by a timeout",
}
_UNKNOWN_HERE = "no longer known to Temporal"


class ReconciledStatus(StrEnum):
    RESTARTED = "restarted"
    UNKNOWN_HERE = "unknown_here"
    WITHOUT_STATE = "without_state"


class ReconciledCase(Model):
    """An open case that no workflow runs, and what was done about it."""

    case_id: str
    status: ReconciledStatus
    says: str


async def reconcile(services: ServiceContext, *, server_was_lost: bool = False) -> tuple[ReconciledCase, ...]:
    """Start every open case again whose workflow was canceled, terminated or failed; what was found, running cases left out.

    A case that this server does not know at all may run on another one: it is started only with `server_was_lost`. Raises
    TemporalUnavailable.
    """
    found = []
    for case_id in await services.read(_open_cases):
        how_lost = await _how_lost(services, case_id)
        if how_lost is not None:
            found.append(await _restart(services, case_id, how_lost, server_was_lost))
    return tuple(found)


async def _how_lost(services: ServiceContext, case_id: str) -> str | None:
    """The way in which the case lost its workflow; None when it runs or has ended properly."""
    handle = services.client().get_workflow_handle(workflow_id(case_id))
    with translate_temporal_errors():
        try:
            status = (await handle.describe(rpc_timeout=services.patience)).status
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and not error.message.lower().startswith("namespace"):
                return _UNKNOWN_HERE
            raise
    return None if status is None else _LOST.get(status)


async def _restart(services: ServiceContext, case_id: str, how_lost: str, server_was_lost: bool) -> ReconciledCase:
    if how_lost == _UNKNOWN_HERE and not server_was_lost:
        says = "This Temporal server does not know the case: connect to the one it runs on; start it here only if that is lost."
        return ReconciledCase(case_id=case_id, status=ReconciledStatus.UNKNOWN_HERE, says=says)
    run = await services.read(_state_of_open_case, case_id)
    if run is None:
        says = f"Its workflow was {how_lost}, and no state was kept with its last journal entry: operations must act."
        return ReconciledCase(case_id=case_id, status=ReconciledStatus.WITHOUT_STATE, says=says)
    start = STARTS[run.workflow].model_validate_json(run.start_json)
    with translate_temporal_errors(), suppress(WorkflowAlreadyStartedError):
        await services.client().start_workflow(
            run.workflow,
            start.model_copy(update={"carried": None}),  # the run reads the case from the store
            id=workflow_id(case_id),
            memo={restart.MEMO: how_lost},
            task_queue=services.task_queue,
            # Whoever is second in this starts nothing, and a case that has ended properly is never opened anew.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            rpc_timeout=services.patience,
        )
    says = f"Its workflow was {how_lost}; it was started again as it stood. Compliance has a task."
    return ReconciledCase(case_id=case_id, status=ReconciledStatus.RESTARTED, says=says)


def _open_cases(s: Session) -> tuple[str, ...]:
    return tuple(view.case_id for view in cases.find(s, status=CaseStatus.OPEN))


def _state_of_open_case(s: Session, case_id: str) -> CaseRun | None:
    view = cases.get(s, case_id)
    return journal.last_state(s, case_id) if view is not None and view.status is CaseStatus.OPEN else None
