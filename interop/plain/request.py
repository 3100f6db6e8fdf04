"""Conversion of a plain request to a Submission."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.requests.request import AuthorizationRequest, DocumentReference, ProviderReference, ServiceLine
from domain.vocabulary import HAND_CHANNELS, REQUEST_CIRCUMSTANCES, CertificationType, Channel, Circumstance
from interop.issues import IssueCollector, not_readable, quoted_code
from interop.limits import LONGEST_SPAN_TEXT, MAX_YEARS, is_too_long, one_line
from interop.npi import NPI_PATTERN, has_npi_check_digit
from interop.plain.calendar_window import check_window
from interop.plain.document import EXAMPLE_TEXT, FORMAT, PlainDocument, PlainFact, PlainRecords, PlainRequest
from interop.plain.validation_issues import add_validation_issues
from interop.service_codes import REVENUE_PATTERN, icd10cm_code, is_quantity, shape_mismatch
from interop.submission import Attachment, Submission, SubmissionFormat

__all__ = ["FORMAT", "read_plain"]

_REVENUE = re.compile(REVENUE_PATTERN)
_NPI = re.compile(NPI_PATTERN)
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_plain(document: dict[str, Any], received_at: datetime, channel: Channel) -> Submission:
    """The Submission. Raises NotReadable with every problem. `received_at` is the aware instant of arrival."""
    findings = IssueCollector()
    if document.get("format") != FORMAT:
        raise not_readable("$.format", "umpire-format", f"the format is {quoted_code(document.get('format'))}", FORMAT)
    try:
        plain = PlainRequest.model_validate(document)
    except ValidationError as error:
        add_validation_issues(error, findings)
        findings.raise_if_any()
        raise
    check_window(plain, findings)
    _check_lines(plain.lines, findings)
    _check_circumstances(plain.circumstances, findings)
    if plain.by_hand is not None and channel not in HAND_CHANNELS:
        message, expected = (
            "only the plan's staff enters requests by hand",
            "none of it, or a channel of phone, fax or mail",
        )
        findings.problem("$.by_hand", "umpire-by-hand", message, expected)
    for name in ("requesting_provider", "servicing_provider", "ordering_practitioner"):
        _check_npi(getattr(plain, name), f"$.{name}", findings)
    diagnoses = _diagnoses(plain.diagnoses, "$.diagnoses", findings)
    records = read_records(plain, received_at, findings, {})
    findings.raise_if_any()
    request = AuthorizationRequest(
        **_shared_properties(plain),
        received_at=received_at.astimezone(UTC),
        channel=channel,
        diagnoses=diagnoses,
        documents=tuple(attachment.document_reference for attachment in records.attachments),
        facts=records.facts,
        remarks=findings.remarks({f"$.lines[{index}]": line.line_id for index, line in enumerate(plain.lines)}),
    )
    return Submission(
        format=SubmissionFormat.PLAIN,
        request=request,
        attachments=records.attachments,
        statements=records.statements,
        answers=records.answers,
        sender=plain.sender,
        hospital_stay=plain.hospital_stay,
        notes=findings.notes,
    )


@dataclass(frozen=True)
class ClinicalRecords:
    """Documents, and the clinical data sent with them."""

    attachments: tuple[Attachment, ...]
    facts: tuple[Fact, ...]
    statements: tuple[ClinicalStatement, ...]
    answers: tuple[QuestionnaireAnswer, ...]


def read_records(
    plain: PlainRecords, received_at: datetime, findings: IssueCollector, on_file: Mapping[str, str]
) -> ClinicalRecords:
    """The records of a plain document; `on_file` are names and content hashes of documents known before."""
    attachments, named = _documents(plain.documents, received_at, findings)
    named = {**on_file, **named}
    facts = tuple(_fact(fact, f"$.facts[{index}]", named, findings) for index, fact in enumerate(plain.facts))
    answers = tuple(_answer(answer, f"$.answers[{i}]", named, findings) for i, answer in enumerate(plain.answers))
    statements = tuple(ClinicalStatement(**dict(statement)) for statement in plain.statements)
    return ClinicalRecords(attachments, facts, statements, answers)


def _shared_properties(plain: PlainRequest) -> dict[str, Any]:
    """The properties that a plain request and a domain request have in common, as they are."""
    own = {
        "received_at",
        "channel",
        "diagnoses",
        "documents",
        "facts",
        "stay",
        "remarks",
        "renews",
        "covered_by",
        "after",
    }  # a sender cannot name one of our stays
    shared = {name: getattr(plain, name) for name in AuthorizationRequest.model_fields if name not in own}
    return shared | {"lines": tuple(_on_one_line(line) for line in plain.lines)}


def _on_one_line(line: ServiceLine) -> ServiceLine:
    if line.description is None:
        return line
    return line.model_copy(update={"description": one_line(line.description) or None})


def _check_lines(lines: tuple[ServiceLine, ...], findings: IssueCollector) -> None:
    seen: set[str] = set()
    for index, line in enumerate(lines):
        where = f"$.lines[{index}]"
        if line.line_id in seen:
            findings.problem(f"{where}.line_id", "umpire-line", "another line has the same id", "an id of its own")
        seen.add(line.line_id)
        wanted = shape_mismatch(line.code_system, line.code)
        if wanted is not None:
            findings.problem(f"{where}.code", "umpire-service-code", f"the code is {quoted_code(line.code)}", wanted)
        cancelled = line.certification is CertificationType.CANCEL
        if line.quantity is not None and not is_quantity(line.quantity, line.unit, zero_allowed=cancelled):
            message = "nobody can authorize this quantity"
            expected = f"a number above zero, and no more than {MAX_YEARS} years of care"
            findings.problem(f"{where}.quantity", "umpire-quantity", message, expected)
        if line.revenue_code is not None and not _REVENUE.fullmatch(line.revenue_code):
            message, expected = "the revenue code is not readable", "the four digits of a revenue code"
            findings.problem(f"{where}.revenue_code", "umpire-service-code", message, expected)
        if line.start and line.end and line.end < line.start:
            findings.problem(f"{where}.end", "umpire-date", "the line ends before it starts", "start, then end")
        if is_too_long(line.start, line.end):
            message = "nobody can authorize so long a time at once"
            findings.problem(f"{where}.end", "umpire-span", message, LONGEST_SPAN_TEXT)
        _diagnoses(line.diagnoses, f"{where}.diagnoses", findings)


def _check_circumstances(stated: tuple[Circumstance, ...] | None, findings: IssueCollector) -> None:
    for index, one in enumerate(stated or ()):
        if one not in REQUEST_CIRCUMSTANCES:
            message = f"'{one.value}' is a matter of the plan and not of a request"
            wanted = "one of " + ", ".join(sorted(REQUEST_CIRCUMSTANCES))
            findings.problem(f"$.circumstances[{index}]", "umpire-circumstance", message, wanted)


def _check_npi(provider: ProviderReference | None, where: str, findings: IssueCollector) -> None:
    if provider is None:
        return
    if not _NPI.fullmatch(provider.npi):
        findings.problem(f"{where}.npi", "umpire-npi", "the NPI is not readable", "ten digits")
    elif not has_npi_check_digit(provider.npi):
        findings.note(f"{where}.npi", "umpire-npi", "the NPI fails its check digit")


def _diagnoses(codes: tuple[str, ...], where: str, findings: IssueCollector) -> tuple[str, ...]:
    found = []
    for index, code in enumerate(codes):
        diagnosis = icd10cm_code(code)
        if diagnosis is None:
            message, expected = "the diagnosis is not readable", "an ICD-10-CM code, such as J44.9"
            findings.problem(f"{where}[{index}]", "umpire-diagnosis", message, expected)
        else:
            found.append(diagnosis)
    return tuple(dict.fromkeys(found))


def _documents(
    documents: tuple[PlainDocument, ...], received_at: datetime, findings: IssueCollector
) -> tuple[tuple[Attachment, ...], dict[str, str]]:
    """The attachments, and which content hash each document name stands for."""
    attachments: dict[str, Attachment] = {}
    named: dict[str, str] = {}
    for index, document in enumerate(documents):
        content = _content(document, f"$.documents[{index}]", findings)
        if content is None:
            continue
        if content.startswith(EXAMPLE_TEXT.encode()):
            message, wanted = "the text of the template stands here still, and no record", "the record itself"
            findings.note(f"$.documents[{index}].text", "umpire-template", message, wanted, about_service=True)
        document_id = hashlib.sha256(content).hexdigest()
        if document.name is not None and named.setdefault(document.name, document_id) != document_id:
            where = f"$.documents[{index}].name"
            findings.problem(where, "umpire-attachment", "another document has the same name", "a name of its own")
        reference = DocumentReference(
            document_id=document_id,
            title=one_line(document.title),
            content_type=document.content_type,
            size_bytes=len(content),
            received_at=received_at,
            control_number=document.control_number,
        )
        attachments.setdefault(document_id, Attachment(document_reference=reference, content=content))
    return tuple(attachments.values()), named


def _content(document: PlainDocument, where: str, findings: IssueCollector) -> bytes | None:
    if document.text is not None:
        content, name = document.text.encode(), "text"
    else:
        name = "base64"
        try:
            content = base64.b64decode("".join((document.base64 or "").split()), validate=True)
        except (binascii.Error, ValueError):
            message = "the content is not base64"
            findings.problem(f"{where}.base64", "umpire-base64", message, "base64 (RFC 4648)")
            return None
    if not content:
        findings.problem(f"{where}.{name}", "umpire-base64", "the document is empty", "its content")
        return None
    return content


def _document_id(reference: str, named: dict[str, str]) -> str | None:
    return named.get(reference) or (reference if _SHA256.fullmatch(reference) else None)


def _fact(fact: PlainFact, where: str, named: dict[str, str], findings: IssueCollector) -> Fact:
    """The fact with the tier that it declares; a judgment from outside is its sender's attestation, nothing more."""
    kind, reference = fact.source.kind, fact.source.reference
    if kind is SourceKind.CLINICIAN_JUDGMENT:
        kind = SourceKind.ATTESTATION
        message = "a judgment is made here, under the reviewer's name; what the sender thinks counts as an attestation"
        findings.note(f"{where}.source.kind", "umpire-judgment", message)
    if kind is SourceKind.DOCUMENT:
        found = _document_id(reference, named)
        if found is None:
            message, expected = "no document of this request has this name", "the name or sha256 of a document"
            findings.problem(f"{where}.source.reference", "umpire-attachment", message, expected)
        reference = found or reference
    source = FactSource(kind=kind, reference=reference, page=fact.source.page, quote=fact.source.quote)
    return Fact(id=fact.id, value=fact.value, unit=fact.unit, effective=fact.effective, source=source)


def _answer(
    answer: QuestionnaireAnswer, where: str, named: dict[str, str], findings: IssueCollector
) -> QuestionnaireAnswer:
    values = dict(answer)
    if answer.document_id is not None:
        values["document_id"] = _document_id(answer.document_id, named)
        if values["document_id"] is None:
            message, expected = "no document of this request has this name", "the name or sha256 of a document"
            findings.problem(f"{where}.document_id", "umpire-attachment", message, expected)
    return QuestionnaireAnswer(**values)
