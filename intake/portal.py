"""Arrivals that a provider sends by the plan's own pages: requests, answers, records and withdrawals, each kept like any other.

The provider is who signed in: the number of the request's requester and of its sender is theirs, whatever a form says.
"""

from __future__ import annotations

import asyncio
import base64
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import JsonValue
from sqlalchemy.orm import Session

from domain.errors import NotReadable, ValidationIssue
from domain.evidence.facts import FactValue
from domain.journal import Actor, canonical_json
from domain.model import Model
from domain.requests.request import AuthorizationRequest, RequestAction
from domain.vocabulary import Channel
from intake.requests.checks import compare_with_directory
from intake.requests.records import add_documents
from intake.submission import submit
from interop.plain.document import FORMAT
from interop.reader import read_request
from interop.submission import Submission
from services.context import CommandResult, ServiceContext, SubmissionResult
from services.request_versions import load_current_version

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes of one uploaded file: with its encoding it stays below what intake reads."""
_SIGNATURES = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
FILE_KINDS = "PDF, PNG, JPEG, TIFF, plain text, or records as JSON"
ACCEPTED_NAMES = ".pdf,.png,.jpg,.jpeg,.tif,.tiff,.txt,.json"


class UploadedFile(Model):
    """A file as it came: its name, its title in the plan's letters, and its bytes."""

    name: str
    title: str
    content: bytes


class TypedAnswer(Model):
    """A fact as the provider typed it, shown by the file at the place `shown_by` (from 0); None is the provider's bare word."""

    fact_id: str
    value: FactValue
    unit: str | None = None
    effective: date | None = None
    shown_by: int | None = None


def file_issues(file: UploadedFile, path: str = "file") -> tuple[ValidationIssue, ...]:
    """Issues of an uploaded file: empty, too large, or of a kind that nobody here can open."""
    if not file.content:
        return (ValidationIssue(path=path, rule="records.empty", message="the file is empty", expected=FILE_KINDS),)
    if len(file.content) > LARGEST_FILE:
        message, wanted = "the file is too large", f"at most {LARGEST_FILE // 2**20} MB; send it in parts"
        return (ValidationIssue(path=path, rule="records.size", message=message, expected=wanted),)
    if content_type_of(file) is None:
        message = "nobody here can open a file of this kind"
        return (ValidationIssue(path=path, rule="records.kind", message=message, expected=FILE_KINDS),)
    return ()


def content_type_of(file: UploadedFile) -> str | None:
    """The media type by the file's first bytes, or text that is text; None for every other kind. Its name proves nothing."""
    for signature, kind in _SIGNATURES:
        if file.content.startswith(signature):
            return kind
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    return "application/json" if mimetypes.guess_type(file.name)[0] == "application/json" else "text/plain"


async def check_request(
    services: ServiceContext, npi: str, number: str, values: Mapping[str, Any]
) -> tuple[Submission | None, tuple[ValidationIssue, ...]]:
    """The request as it would be read, and every issue for which it would not become a case. Nothing is stored."""
    now = services.clock()
    try:
        read = await asyncio.to_thread(read_request, _document(npi, number, values), now, Channel.PORTAL)
    except NotReadable as wrong:
        return None, wrong.problems
    return await services.read(compare_with_directory, read, services.lobs, services.facts, now)


async def send_request(services: ServiceContext, npi: str, number: str, values: Mapping[str, Any]) -> SubmissionResult:
    """Submit a request as received now from this provider. `values` are the properties of `umpire-request/1` without those that
    say who sends it; under one `number` it is one request, however often it is sent. Raises NotReadable before anything is
    stored, for the one who types is there to mend it."""
    raw = _document(npi, number, values)
    await asyncio.to_thread(read_request, raw, services.clock(), Channel.PORTAL)
    return await submit(services, raw, Channel.PORTAL, npi)


async def withdraw_own_request(
    services: ServiceContext, npi: str, case_id: str, number: str, why: str
) -> SubmissionResult:
    """Take the provider's own request back: a cancellation under `number`, which the case hears as the provider's own word."""
    raw = await services.read(_cancellation, npi, case_id, number, why)
    return await submit(services, raw, Channel.PORTAL, npi)


async def send_records(
    services: ServiceContext, npi: str, case_id: str, answers: Sequence[TypedAnswer], files: Sequence[UploadedFile]
) -> CommandResult:
    """Send answers and files to the provider's own case as one arrival. A file of coded records alone is read into facts; any
    other file is a document. Raises NotReadable, NotOnFile and Refused like `add_documents`."""
    actor = Actor(kind="provider", id=npi)
    if len(files) == 1 and not answers:
        one = files[0]
        return await add_documents(services, case_id, one.content, one.title, actor, channel=Channel.PORTAL)
    raw = canonical_json(
        {
            "documents": [file_entry(file, f"file-{place}") for place, file in enumerate(files)],
            "facts": [fact_entry(answer, npi, [f"file-{place}" for place in range(len(files))]) for answer in answers],
        }
    )
    return await add_documents(services, case_id, raw, "Answers by the provider", actor, channel=Channel.PORTAL)


def file_entry(file: UploadedFile, name: str) -> dict[str, JsonValue]:
    """The file as a document of a plain request."""
    return {
        "name": name,
        "title": file.title,
        "content_type": content_type_of(file) or "application/octet-stream",
        "base64": base64.b64encode(file.content).decode(),
    }


def fact_entry(answer: TypedAnswer, npi: str, names: Sequence[str]) -> dict[str, JsonValue]:
    """The answer as a fact of a plain request: shown by a document, else the attestation of who typed it."""
    shown = names[answer.shown_by] if answer.shown_by is not None and answer.shown_by < len(names) else None
    source = {"kind": "document", "reference": shown} if shown else {"kind": "attestation", "reference": f"NPI {npi}"}
    value: JsonValue = list(answer.value) if isinstance(answer.value, tuple) else answer.value
    return {
        "id": answer.fact_id,
        "value": value,
        "unit": answer.unit,
        "effective": answer.effective.isoformat() if answer.effective is not None else None,
        "source": dict(source),
    }


def _document(npi: str, number: str, values: Mapping[str, Any]) -> bytes:
    """The request as it is stored: sender and requester are who signed in."""
    requester = {**values.get("requesting_provider", {}), "npi": npi}
    whole = {"format": FORMAT, "submission_id": f"portal|{number}", **values, "requesting_provider": requester}
    return canonical_json({**whole, "sender": {"organization": requester.get("name"), "npi": npi}})


def _cancellation(s: Session, npi: str, case_id: str, number: str, why: str) -> bytes:
    """A plain cancellation of everything that the case asks for."""
    stored = load_current_version(s, case_id)
    asked: AuthorizationRequest = stored.request
    shared = {"service_kind", "urgency", "member", "requesting_provider", "diagnoses", "review_kind"}
    values: dict[str, Any] = {
        **asked.model_dump(mode="json", include=shared, exclude_none=True),
        "action": RequestAction.CANCEL.value,
        "prior_submission_id": asked.submission_id,
        "lines": [line.model_dump(mode="json", exclude_none=True) for line in asked.lines],
    }
    values["urgency"].pop("unread", None)
    if why.strip():
        values["documents"] = [{"name": "why", "title": "Why the provider withdraws", "text": why.strip()}]
    return _document(npi, number, values)
