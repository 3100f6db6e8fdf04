"""Schema of a plain request, ``umpire-request/1``. Unknown properties are rejected, so that a misspelled one is never lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import FactValue, SourceKind
from domain.model import Model
from domain.requests.request import MemberReference, ProviderReference, RequestAction, ServiceLine, UrgencyClaim
from domain.vocabulary import Circumstance, ReviewKind, ServiceKind
from interop.numbers import plain_number
from interop.submission import HospitalStay, Sender

FORMAT = "umpire-request/1"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_MOST_DIGITS = 30


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

    kind: SourceKind
    reference: Text


class PlainFact(Model):
    id: Text
    value: Annotated[FactValue, BeforeValidator(_fact_value)]
    unit: str | None = None
    effective: date | None = None
    source: PlainSource


class PlainDocument(Model):
    """A document, as text or as base64. `name` is what facts and answers of this request call it."""

    name: str | None = None
    title: Text
    content_type: Text = "text/plain"
    text: str | None = None
    base64: str | None = None
    control_number: str | None = None

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.text is None) == (self.base64 is None):
            raise ValueError("should have either text or base64")
        return self


class PlainStatement(ClinicalStatement):
    value: Annotated[bool | int | float | str | None, BeforeValidator(_clinical_value)] = None


class PlainAnswer(QuestionnaireAnswer):
    """An answer; `document_id` is the name or sha256 of a document."""

    value: Annotated[bool | int | float | str, BeforeValidator(_fact_value)]


class PlainRecords(Model):
    """Clinical data about the patient, with the documents that show it."""

    documents: tuple[PlainDocument, ...] = ()
    facts: tuple[PlainFact, ...] = ()
    statements: tuple[PlainStatement, ...] = ()
    answers: tuple[PlainAnswer, ...] = ()


class PlainRequest(PlainRecords):
    """The whole document. Dates are calendar days, instants have an offset, quantities are in `unit`."""

    format: Literal["umpire-request/1"]
    submission_id: Text
    sender: Sender = Sender()
    action: RequestAction = RequestAction.INITIAL
    prior_submission_id: str | None = None
    prior_authorization_number: str | None = None
    trace_numbers: tuple[Text, ...] = ()
    review_kind: ReviewKind = ReviewKind.PROSPECTIVE
    service_kind: ServiceKind
    urgency: UrgencyClaim
    circumstances: tuple[Circumstance, ...] | None = None
    clean_claim: bool | None = None
    member: MemberReference
    plan_identifier: str | None = None
    requesting_provider: ProviderReference
    servicing_provider: ProviderReference | None = None
    ordering_practitioner: ProviderReference | None = None
    diagnoses: tuple[Text, ...] = ()
    lines: tuple[ServiceLine, ...] = Field(min_length=1)
    hospital_stay: HospitalStay | None = None
