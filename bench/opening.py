"""Opening a case the way its sender sees it: bytes in, a running case out."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.client import Client, WorkflowHandle

from domain.case import CaseStart
from domain.identity import case_id_for
from domain.orders import CaseResult
from domain.vocabulary import Channel
from engine import edge_clock, options
from engine.settings import TASK_QUEUE
from interop.reading import read_request
from store import documents, inbox, requests
from store.session import Store
from store.settings import installation_key
from workflows.prior_authorization import PriorAuthorization


@dataclass(frozen=True)
class Desk:
    """Where requests are handed in."""

    store: Store
    client: Client

    async def open(self, raw: bytes) -> WorkflowHandle[PriorAuthorization, CaseResult]:
        """Keep the bytes, read them, keep the request with its documents, and start its case."""
        start = self._keep(raw)
        return await self.client.start_workflow(
            PriorAuthorization.run, start, id=options.workflow_id(start.case_id), task_queue=TASK_QUEUE
        )

    def _keep(self, raw: bytes) -> CaseStart:
        now = edge_clock.now()
        with self.store.begin() as s:
            item = inbox.receive(s, raw, now, Channel.FHIR_PAS)
        found = read_request(raw, now, Channel.FHIR_PAS)
        answers = found.model_dump(mode="json", include={"statements", "answers"})
        with self.store.begin() as s:
            case_id = case_id_for(found.request, installation_key(s))
            for attached in found.attachments:
                document = attached.document_reference
                documents.put(s, attached.content, document.title, document.content_type, now)
                documents.attach(s, case_id, document.document_id, now)
            version = requests.save(s, case_id, found.request, item.inbox_id, answers)
        return CaseStart(case_id=case_id, request_version=version, received_at=found.request.received_at)
