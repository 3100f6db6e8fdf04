"""Documents in a Bundle: content of DocumentReferences, Binaries and attachments, identified by their sha256.

Nothing is ever fetched. A document that is only linked gets a note, so that staff can ask for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from domain.requests.request import DocumentReference
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.node import FhirNode
from interop.fhir.subjects import is_about_another
from interop.submission import Attachment

_CARRIERS = ("DocumentReference", "DiagnosticReport", "Media")
"""Kinds of resources that carry documents. A Binary is read where something points to it."""

_TAKEN_BACK = frozenset({"entered-in-error", "cancelled", "not-done"})
_UNNAMED = "Document"
_MESSAGE = "Message from the provider"
_SHA1_LENGTH = 20


@dataclass
class ReceivedDocuments:
    """Attachments in the order found; `by_resource` maps a resource's path to the content hash."""

    attachments: dict[str, Attachment] = field(default_factory=dict)
    by_resource: dict[str, str] = field(default_factory=dict)

    def add(self, attachment: Attachment, resource_path: str) -> None:
        document_id = attachment.document_reference.document_id
        self.attachments.setdefault(document_id, attachment)
        self.by_resource.setdefault(resource_path, document_id)


@dataclass(frozen=True)
class _Label:
    title: str | None
    control_number: str | None


def read_documents(bundle: RequestBundle, patient: BundleEntry | None, received_at: datetime) -> ReceivedDocuments:
    """Every document of the Bundle except those that the Claim marks as canceled, those of another patient, and those that
    their author takes back."""
    labels, cancelled = _supporting(bundle)
    documents = ReceivedDocuments()
    for entry in bundle.evidence_of_type(*_CARRIERS):
        if entry.resource.path not in cancelled and _counts(entry, patient, bundle):
            _read_carrier(entry, bundle, labels.get(entry.resource.path), received_at, documents)
    for entry in bundle.evidence_of_type("QuestionnaireResponse"):
        if entry.resource.path not in cancelled and _counts(entry, patient, bundle):
            _read_answered(entry, bundle, received_at, documents)
    for info in bundle.claim.resource.nodes("supportingInfo"):
        if not is_cancelled(info):
            target = bundle.resolve(info.node("valueReference"), bundle.claim)
            if target is not None and target.type == "Binary":
                _read_carrier(target, bundle, labels.get(target.resource.path), received_at, documents)
            _read_inline(info, bundle, received_at, documents)
    return documents


def _counts(entry: BundleEntry, patient: BundleEntry | None, bundle: RequestBundle) -> bool:
    """Whether a carrier of documents is about the patient and was not taken back by its author."""
    node = entry.resource
    taken_back = next((name for name in ("status", "docStatus") if node.value.get(name) in _TAKEN_BACK), None)
    if taken_back is not None:
        message = "the document was taken back by its author and was left out"
        node.findings.note(node.at(taken_back), "umpire-attachment", message, "a document in force")
        return False
    if node.value.get("status") == "superseded":
        message = "the document was replaced by another one; it was read all the same"
        node.findings.note(node.at("status"), "umpire-attachment", message, "the document in force")
    return not is_about_another(entry, patient, bundle)


def cancelled_resources(bundle: RequestBundle) -> frozenset[str]:
    """Paths of resources that the Claim points to only as canceled supporting information."""
    return _supporting(bundle)[1]


def _supporting(bundle: RequestBundle) -> tuple[dict[str, _Label], frozenset[str]]:
    labels: dict[str, _Label] = {}
    cancelled: set[str] = set()
    current: set[str] = set()
    for info in bundle.claim.resource.nodes("supportingInfo"):
        target = bundle.resolve(info.node("valueReference"), bundle.claim)
        if target is None:
            continue
        (cancelled if is_cancelled(info) else current).add(target.resource.path)
        labels.setdefault(target.resource.path, _label(info))
    return labels, frozenset(cancelled - current)


def _label(info: FhirNode) -> _Label:
    about = info.extension("extension-documentInformation")
    if about is None:
        return _Label(None, None)
    title, control = about.extension("description"), about.extension("controlNumber")
    return _Label(
        title=title.line("valueString") if title else None,
        control_number=control.text("valueString") if control else None,
    )


def _read_carrier(
    entry: BundleEntry, bundle: RequestBundle, label: _Label | None, received_at: datetime, documents: ReceivedDocuments
) -> None:
    resource = entry.resource
    for attachment in _attachments(resource, entry.type):
        data, content_type = _bytes(attachment, bundle, entry)
        if data is None:
            continue
        title = (label.title if label else None) or attachment.line("title") or resource.line("description")
        kind = "code" if entry.type == "DiagnosticReport" else "type"
        title = title or next((coding.display for coding in resource.coded(kind) if coding.display), None)
        control = label.control_number if label else None
        found = _attachment(data, title or _UNNAMED, content_type, received_at, control)
        documents.add(found, resource.path)


def _attachments(resource: FhirNode, kind: str) -> tuple[FhirNode, ...]:
    if kind == "DiagnosticReport":
        return resource.nodes("presentedForm")
    if kind == "Media":
        content = resource.node("content")
        return (content,) if content else ()
    if kind == "Binary":
        return (resource,)
    found = (content.node("attachment") for content in resource.nodes("content"))
    return tuple(attachment for attachment in found if attachment is not None)


def _read_answered(
    entry: BundleEntry, bundle: RequestBundle, received_at: datetime, documents: ReceivedDocuments
) -> None:
    """Read the attachments that answers of a questionnaire hold."""
    stack = list(entry.resource.nodes("item"))
    while stack:
        item = stack.pop()
        answers = item.nodes("answer")
        for answer in answers:
            attachment = answer.node("valueAttachment")
            data, content_type = _bytes(attachment, bundle, entry) if attachment is not None else (None, "")
            if attachment is not None and data is not None:
                title = attachment.line("title") or _UNNAMED
                documents.add(_attachment(data, title, content_type, received_at, None), answer.path)
        stack.extend((*item.nodes("item"), *(child for answer in answers for child in answer.nodes("item"))))


def _read_inline(info: FhirNode, bundle: RequestBundle, received_at: datetime, documents: ReceivedDocuments) -> None:
    """Read attachments and messages in the Claim itself."""
    attachment = info.node("valueAttachment")
    if attachment is not None:
        data, content_type = _bytes(attachment, bundle, bundle.claim)
        if data is not None:
            title = _label(info).title or attachment.line("title") or _UNNAMED
            documents.add(_attachment(data, title, content_type, received_at, _label(info).control_number), info.path)
    message = info.text("valueString")
    if message is not None:
        documents.add(_attachment(message.encode(), _MESSAGE, "text/plain", received_at, None), info.path)


def _bytes(attachment: FhirNode, bundle: RequestBundle, origin: BundleEntry) -> tuple[bytes | None, str]:
    content_type = attachment.text("contentType") or "application/octet-stream"
    if attachment.has("data"):
        return _decode_data(attachment), content_type
    url = attachment.text("url")
    binary = bundle.find(url, origin) if url else None
    if binary is not None and binary.type == "Binary":
        return _decode_data(binary.resource), binary.resource.text("contentType") or content_type
    message = "the document is only linked; nothing was fetched" if url else "the attachment has neither data nor link"
    attachment.findings.note(attachment.path, "umpire-attachment", message, "the content as base64 in data")
    return None, content_type


def _decode_data(attachment: FhirNode) -> bytes | None:
    text = attachment.text("data")
    where = attachment.at("data")
    try:
        data = base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        attachment.findings.problem(where, "umpire-base64", "the content is not base64", "base64 (RFC 4648)")
        return None
    if not data:
        attachment.findings.problem(where, "umpire-base64", "the document is empty", "the content as base64")
        return None
    _check_hash(attachment, data)
    return data


def _check_hash(attachment: FhirNode, data: bytes) -> None:
    """Report an Attachment whose stated SHA-1 differs from its content: it was damaged in transit."""
    stated = attachment.text("hash")
    if stated is None:
        return
    try:
        digest = base64.b64decode(stated, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _SHA1_LENGTH:
        attachment.findings.note(
            attachment.at("hash"), "umpire-attachment", "the hash cannot be read", "SHA-1 as base64"
        )
    elif digest != hashlib.sha1(data, usedforsecurity=False).digest():
        message = "the content is not what its hash says"
        attachment.findings.problem(attachment.at("hash"), "umpire-attachment", message, "the SHA-1 of the content")


def _attachment(
    data: bytes, title: str, content_type: str, received_at: datetime, control_number: str | None
) -> Attachment:
    return Attachment(
        document_reference=DocumentReference(
            document_id=hashlib.sha256(data).hexdigest(),
            title=title,
            content_type=content_type,
            size_bytes=len(data),
            received_at=received_at,
            control_number=control_number,
        ),
        content=data,
    )
