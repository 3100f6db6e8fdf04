"""Documents by the hash of their content: the same content is stored once, however often it arrives."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.requests.request import DocumentReference
from store import tables
from store.dialect import insert_new

_D, _L = tables.documents, tables.case_documents
_OF_CASE = (
    select(_L, _D.c.size_bytes)
    .join(_D, _D.c.document_id == _L.c.document_id)
    .where(_L.c.case_id == bindparam("case_id"))
    .order_by(_L.c.received_at, _L.c.document_id)
)
_ABOUT = select(_D.c.title, _D.c.content_type).where(_D.c.document_id == bindparam("document_id"))


def put(s: Session, content: bytes, title: str, content_type: str, received_at: datetime) -> DocumentReference:
    """Store the content and return its reference. Title, type and receipt are those of this arrival."""
    reference = DocumentReference(
        document_id=hashlib.sha256(content).hexdigest(),
        title=title,
        content_type=content_type,
        size_bytes=len(content),
        received_at=received_at,
    )
    row = {
        "document_id": reference.document_id,
        "title": title,
        "content_type": content_type,
        "size_bytes": len(content),
        "received_at": received_at,
        "content": content,
    }
    if not insert_new(s, _D, row):
        # It may have been purged with another case since it was first stored.
        emptied = (_D.c.document_id == reference.document_id) & (func.length(_D.c.content) < _D.c.size_bytes)
        s.execute(update(_D).where(emptied).values(title=title, content=content))
    return reference


def get(s: Session, document_id: str) -> bytes:
    """The content. Raises NotOnFile when there is none."""
    content = s.execute(select(_D.c.content).where(_D.c.document_id == document_id)).scalar_one_or_none()
    if content is None:
        raise NotOnFile(f"There is no document {document_id[:12]}.")
    return bytes(content)


def attach(
    s: Session,
    case_id: str,
    document_id: str,
    received_at: datetime,
    *,
    title: str | None = None,
    content_type: str | None = None,
    control_number: str | None = None,
) -> DocumentReference:
    """Make a stored document part of the case; its first attachment stays as it is.

    Title and type are those of the document's first arrival unless given. Raises NotOnFile for an unknown document.
    """
    known = s.execute(_ABOUT, {"document_id": document_id}).first()
    if known is None:
        raise NotOnFile(f"There is no document {document_id[:12]}.")
    row = {
        "case_id": case_id,
        "document_id": document_id,
        "title": title or known.title,
        "content_type": content_type or known.content_type,
        "control_number": control_number,
        "received_at": received_at,
    }
    insert_new(s, _L, row)
    return next(reference for reference in of_case(s, case_id) if reference.document_id == document_id)


def of_case(s: Session, case_id: str) -> tuple[DocumentReference, ...]:
    """The documents of the case in order of receipt."""
    return tuple(_reference(row) for row in s.execute(_OF_CASE, {"case_id": case_id}))


def _reference(row: Row[Any]) -> DocumentReference:
    return DocumentReference(
        document_id=row.document_id,
        title=row.title,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        received_at=row.received_at,
        control_number=row.control_number,
    )
