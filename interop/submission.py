"""Content of a document from outside in domain types: the request, its documents, and the clinical data sent with it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, ConfigDict, Field

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

    sent_at: AwareDatetime | None = Field(
        default=None,
        description=(
            "The sender's own stamp: an instant with its offset, such as 2026-11-17T16:20:00-05:00. Clocks run "
            "from the receipt at the plan and not from it."
        ),
    )
    organization: str | None = Field(default=None, description="The organization that sends the document.")
    npi: str | None = Field(
        default=None,
        description=(
            "The sender's National Provider Identifier: ten digits. A later change of the request is believed "
            "from the same sender."
        ),
    )
    application: str | None = Field(default=None, description="The software that wrote the document.")


class HospitalStay(Model):
    """The hospital stay that the sender states: admitted and not discharged. `admitted_at` (UTC) when the hour is stated."""

    visit_number: str | None = Field(
        default=None, description="The hospital's visit number of the stay, as its admission messages have it."
    )
    admitted_at: AwareDatetime | None = Field(
        default=None,
        description="The hour of admission: an instant with its offset. Instead of the day, when it is known.",
    )
    admitted_on: date | None = Field(
        default=None, description="The calendar day of admission in the hospital's time zone."
    )


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
