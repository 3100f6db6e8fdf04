"""Storage of the clinical content of a stay's updates, which the stay's reviews read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.stays.messages import UPDATE_CONTENT_TYPE, StayEvidence
from intake.requests.documents import store_documents
from interop.submission import Attachment
from store import documents

TITLE = "Clinical update"


def store_evidence(
    s: Session, stay_id: str, evidence: StayEvidence, attachments: Sequence[Attachment], received_at: datetime
) -> str:
    """Store the evidence and its documents on the stay; the document id by which the stay's reviews read it.

    The same content has the same id, so that storing it again changes nothing.
    """
    store_documents(s, stay_id, attachments)
    content = evidence.model_dump_json().encode()
    return documents.put(s, content, TITLE, UPDATE_CONTENT_TYPE, received_at).document_id
