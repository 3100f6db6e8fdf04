"""What an update of a stay says clinically, put where the stay's reviews find it: the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.stays.evidence import CONTENT_TYPE, StayEvidence
from intake.requests.keeping import keep_documents
from interop.submission import Attachment
from store import documents

TITLE = "Clinical update"


def keep_evidence(
    s: Session, stay_id: str, evidence: StayEvidence, attachments: Sequence[Attachment], received_at: datetime
) -> str:
    """Keep what was said and the documents that came along, on the stay; the number under which the stay's reviews read it.

    The same content has the same number, so that keeping it again changes nothing.
    """
    keep_documents(s, stay_id, attachments)
    content = evidence.model_dump_json().encode()
    return documents.put(s, content, TITLE, CONTENT_TYPE, received_at).document_id
