"""Documents and evidence stored with a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from domain.requests.request import DocumentReference
from intake.requests.merge import EvidenceJson
from interop.submission import Attachment, Submission
from store import documents
from store.requests import StoredRequest


def store_documents(s: Session, case_id: str, attachments: Sequence[Attachment]) -> None:
    """Store the documents and attach them to the case; documents on file stay unchanged."""
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


def attach_documents(s: Session, source: str, target: str) -> None:
    """Make the documents of one case part of another, with their receipts."""
    for document in documents.of_case(s, source):
        documents.attach(
            s,
            target,
            document.document_id,
            document.received_at,
            title=document.title,
            content_type=document.content_type,
            control_number=document.control_number,
        )


def new_document_ids(s: Session, case_id: str, attachments: Sequence[Attachment]) -> tuple[str, ...]:
    """Ids of the documents that the case does not have."""
    on_file = {document.document_id for document in documents.of_case(s, case_id)}
    ids = (attachment.document_reference.document_id for attachment in attachments)
    return tuple(document_id for document_id in ids if document_id not in on_file)


def submitted_evidence(submission: Submission) -> EvidenceJson:
    """The statements and answers submitted with the request, as stored with it."""
    return {
        "statements": [statement.model_dump(mode="json") for statement in submission.statements],
        "answers": [answer.model_dump(mode="json") for answer in submission.answers],
    }


def stored_evidence(stored: StoredRequest) -> EvidenceJson:
    """The statements and answers stored with a version of the request."""
    known: Any = stored.answers or {}
    return {"statements": list(known.get("statements", [])), "answers": list(known.get("answers", []))}
