"""Case opener for benchmarks: submits bytes as a sender does and gives the running case."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.client import WorkflowHandle

from domain.authorization.orders import AuthorizationResult
from domain.vocabulary import Channel
from engine import options
from intake.submission import submit
from services.context import ServiceContext, SubmissionStatus
from workflows.prior_authorization import PriorAuthorization


@dataclass(frozen=True)
class CaseOpener:
    """Submits requests through a service context."""

    services: ServiceContext

    async def open(self, raw: bytes) -> WorkflowHandle[PriorAuthorization, AuthorizationResult]:
        """Submit the bytes; the handle of the case that runs. Raises RuntimeError when no new case was started."""
        outcome = await submit(self.services, raw, Channel.FHIR_PAS)
        if outcome.kind is not SubmissionStatus.STARTED or outcome.case_id is None:
            reasons = "; ".join(str(problem) for problem in outcome.problems)
            raise RuntimeError(f"a request did not become a case: {outcome.kind.value}: {outcome.says} {reasons}")
        client = self.services.client()
        return client.get_workflow_handle_for(PriorAuthorization.run, options.workflow_id(outcome.case_id))
