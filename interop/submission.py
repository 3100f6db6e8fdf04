"""Content of a document from outside in domain types: the request, its documents, and the clinical data sent with it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, ConfigDict

from domain.errors import ValidationIssue
from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.model import Model
from domain.requests.request import AuthorizationRequest, DocumentReference


class SubmissionFormat(StrEnum):
    FHIR_PAS = "fhir_pas"
    PLAIN = "umpire-request/1"


class Attachment(Model):
    """A document with its bytes (base64 in JSON). `document_reference.document_id` is their sha256."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    document_reference: DocumentReference
    content: bytes


class Sender(Model):
    """The sender of the document, as the document states it. `sent_at` is the sender's own stamp, not the receipt."""

    sent_at: AwareDatetime | None = None
    organization: str | None = None
    npi: str | None = None
    application: str | None = None


class HospitalStay(Model):
    """The hospital stay that the sender states: admitted and not discharged. `admitted_at` (UTC) when the hour is stated."""

    visit_number: str | None = None
    admitted_at: AwareDatetime | None = None
    admitted_on: date | None = None


class Submission(Model):
    """A document that was read without problems.

    `notes` are departures from the format that did not stop the reading, and things left out, such as a document that
    was only linked. `request.facts` holds what the sender stated as facts; `statements` and `answers` become facts in
    `domain.criteria.fact_extraction`,
    under the fact dictionary of the case's rulebook. `hospital_stay` is the stay in progress when
    the request is made.
    """

    format: SubmissionFormat
    request: AuthorizationRequest
    attachments: tuple[Attachment, ...] = ()
    statements: tuple[ClinicalStatement, ...] = ()
    answers: tuple[QuestionnaireAnswer, ...] = ()
    sender: Sender = Sender()
    hospital_stay: HospitalStay | None = None
    notes: tuple[ValidationIssue, ...] = ()
