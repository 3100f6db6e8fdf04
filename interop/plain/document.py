"""Schema of a plain request, ``umpire-request/1``. Unknown properties are rejected, so that a misspelled one is never lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import FactValue, SourceKind
from domain.model import Model
from domain.requests.request import (
    HandEntry,
    MemberReference,
    ProviderReference,
    RequestAction,
    ServiceLine,
    UrgencyClaim,
)
from domain.vocabulary import Circumstance, ReviewKind, ServiceKind
from interop.numbers import plain_number
from interop.submission import HospitalStay, Sender

FORMAT = "umpire-request/1"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_MOST_DIGITS = 30
EXAMPLE_TEXT = "EXAMPLE RECORD"
"""The beginning of the record in every template: a request in which it still stands is remarked upon."""


def _fact_value(value: Any) -> Any:
    """One error for a value of the wrong kind, not one for each kind it might have been."""
    if isinstance(value, Decimal) and abs(value.adjusted()) <= _MOST_DIGITS:
        return plain_number(value)
    if isinstance(value, bool | str) or (isinstance(value, int) and len(str(value)) <= _MOST_DIGITS):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("should be true, false, a number, a text or a list of texts")


def _clinical_value(value: Any) -> Any:
    return value if value is None else _fact_value(value)


class PlainSource(Model):
    """The source of a fact. `reference` is a resource of the sender, or the name or sha256 of a document."""

    kind: SourceKind = Field(description="The kind of source; it decides how much the fact can show.")
    reference: Text = Field(
        description=(
            "The source: a document of this request by its name or sha256, or a resource of the sender's records."
        )
    )
    page: int | None = Field(
        default=None, ge=1, description="Of a document: the page on which the value stands, from 1."
    )
    quote: str | None = Field(
        default=None,
        max_length=1000,
        description="Of a document: its own words that show the value. Reviewers find them marked.",
    )


class PlainFact(Model):
    id: Text = Field(description="The fact id, as `umpire facts` lists it.")
    value: Annotated[FactValue, BeforeValidator(_fact_value)] = Field(
        description=(
            "The value: true or false, a number in the unit of the fact, a text, or a list of texts. A date is a "
            "text such as 2026-11-05."
        )
    )
    unit: str | None = Field(
        default=None, description="The unit of a number, as UCUM writes it; `umpire facts` names it for each fact."
    )
    effective: date | None = Field(
        default=None,
        description="The calendar day on which it was true: of the test or the visit. Old values may no longer count.",
    )
    source: PlainSource = Field(description="Where the value comes from.")


class PlainDocument(Model):
    """A document, as text or as base64. `name` is what facts and answers of this request call it."""

    name: str | None = Field(
        default=None, description="The name by which facts and answers of this request call the document."
    )
    title: Text = Field(description="The title, as the plan's letters name the record.")
    content_type: Text = Field(
        default="text/plain", description="The media type of the content, such as text/plain or application/pdf."
    )
    text: str | None = Field(default=None, description="The content as text. A document has either text or base64.")
    base64: str | None = Field(default=None, description="The content in base64 (RFC 4648), for files such as PDF.")
    control_number: str | None = Field(default=None, description="The sender's attachment control number.")

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.text is None) == (self.base64 is None):
            raise ValueError("should be either text or base64")
        return self


class PlainStatement(ClinicalStatement):
    value: Annotated[bool | int | float | str | None, BeforeValidator(_clinical_value)] = Field(
        default=None, description=ClinicalStatement.model_fields["value"].description
    )


class PlainAnswer(QuestionnaireAnswer):
    """An answer; `document_id` is the name or sha256 of a document."""

    value: Annotated[bool | int | float | str, BeforeValidator(_fact_value)] = Field(
        description=QuestionnaireAnswer.model_fields["value"].description
    )


class PlainRecords(Model):
    """Clinical data about the patient, with the documents that show it."""

    documents: tuple[PlainDocument, ...] = Field(default=(), description="The records that come along.")
    facts: tuple[PlainFact, ...] = Field(
        default=(), description="What the records show, as facts that the plan's criteria ask for."
    )
    statements: tuple[PlainStatement, ...] = Field(
        default=(), description="Coded statements: measurements, diagnoses, and drugs that were given."
    )
    answers: tuple[PlainAnswer, ...] = Field(default=(), description="Answers to a questionnaire of the plan.")


class PlainRequest(PlainRecords):
    """The whole document. Dates are calendar days, instants have an offset, quantities are in `unit`."""

    format: Literal["umpire-request/1"] = Field(description="The name of this format.")
    submission_id: Text = Field(
        description=(
            "The sender's own identifier of this document. The same sender never uses it twice for different documents."
        )
    )
    sender: Sender = Field(default=Sender(), description="Who sends the document.")
    action: RequestAction = Field(
        default=RequestAction.INITIAL, description="Whether the document opens a request, changes one or withdraws it."
    )
    prior_submission_id: str | None = Field(
        default=None, description="Of an update or cancellation: the submission_id of the request that it changes."
    )
    prior_authorization_number: str | None = Field(
        default=None,
        description="Of an update or cancellation: the authorization number, where there is no submission id to name.",
    )
    trace_numbers: tuple[Text, ...] = Field(
        default=(), description="The sender's own numbers of the request; an update may name its prior request by one."
    )
    review_kind: ReviewKind = Field(
        default=ReviewKind.PROSPECTIVE, description="Whether care is asked for before it is given or while it is given."
    )
    service_kind: ServiceKind = Field(description="The kind of service; the law has other clocks for drugs.")
    urgency: UrgencyClaim = Field(description="How urgent it is, and who says so.")
    circumstances: tuple[Circumstance, ...] | None = Field(
        default=None,
        description="What is special about the case. Left out, nothing is stated; an update leaves it as it was.",
    )
    clean_claim: bool | None = Field(
        default=None,
        description="Whether what is to be paid came as a clean claim (42 CFR 422.500(b)); left out: not stated.",
    )
    by_hand: HandEntry | None = Field(
        default=None,
        description="Of a request by phone, fax or mail that the plan's staff entered: who called and who entered it.",
    )
    member: MemberReference = Field(description="The member for whom care is asked.")
    plan_identifier: str | None = Field(
        default=None, description="The plan's own identifier (NPI), when the sender works with several plans."
    )
    requesting_provider: ProviderReference = Field(description="The provider who asks, and to whom the answer goes.")
    servicing_provider: ProviderReference | None = Field(
        default=None, description="The provider who will give the care, when it is another one."
    )
    ordering_practitioner: ProviderReference | None = Field(
        default=None, description="The practitioner who ordered the care, when it is another one."
    )
    diagnoses: tuple[Text, ...] = Field(
        default=(), description="Every diagnosis, the principal one first: ICD-10-CM codes such as J44.9."
    )
    lines: tuple[ServiceLine, ...] = Field(min_length=1, description="What is asked for: one line for each service.")
    hospital_stay: HospitalStay | None = Field(
        default=None, description="The hospital stay in which the member is now, for days of a stay."
    )
