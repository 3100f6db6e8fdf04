"""What is kept of a request beside the request itself: its documents, and the evidence that came along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from domain.requests.request import DocumentReference
from intake.requests.changes import Evidence
from interop.submission import Attachment, Submission
from store import documents
from store.requests import StoredRequest


def keep_documents(s: Session, case_id: str, attachments: Sequence[Attachment]) -> None:
    """Put the documents into the store and onto the case; what is there stays as it is."""
    for attachment in attachments:
        about: DocumentReference = attachment.document_reference
        documents.put(s, attachment.content, about.title, about.content_type, about.received_at)
        documents.attach(
            s,
            case_id,
            about.document_id,
            about.received_at,
            title=about.title,
            content_type=about.content_type,
            control_number=about.control_number,
        )


def unseen(s: Session, case_id: str, attachments: Sequence[Attachment]) -> tuple[str, ...]:
    """The ids of documents that the case does not have."""
    on_file = {document.document_id for document in documents.of_case(s, case_id)}
    ids = (attachment.document_reference.document_id for attachment in attachments)
    return tuple(document_id for document_id in ids if document_id not in on_file)


def evidence_of(submission: Submission) -> Evidence:
    """What came along besides the request's own facts, as it is stored with it."""
    return {
        "statements": [statement.model_dump(mode="json") for statement in submission.statements],
        "answers": [answer.model_dump(mode="json") for answer in submission.answers],
    }


def stored_evidence(stored: StoredRequest) -> Evidence:
    """The statements and answers kept with a version of the request."""
    known: Any = stored.answers or {}
    return {"statements": list(known.get("statements", [])), "answers": list(known.get("answers", []))}


def as_json(evidence: Evidence) -> Any:
    """The evidence as the store takes it."""
    return evidence
