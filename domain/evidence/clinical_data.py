"""Clinical data as received with a request, before it is mapped to facts of the dictionary."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, StrictBool, StrictStr

from domain.evidence.facts import Number
from domain.model import Model

LOINC = "LOINC"
ICD10CM = "ICD-10-CM"
FACT = "FACT"
"""The system of our own fact ids: a coding in it names the fact itself."""

HCPCS = "HCPCS"
NDC = "NDC"
RXNORM = "RXNORM"
DRUG_SYSTEMS = frozenset({HCPCS, NDC, RXNORM})
"""The systems of drugs that were given: such a statement is a supply (`domain.drug_limits.history`)."""


class ClinicalStatement(Model):
    """A coded statement about the patient: a measurement with its value, a diagnosis by its presence (`value` None), or a
    drug that was given, with the days that it lasts or its quantity.

    `code_system` is LOINC, ICD-10-CM, SNOMED, HCPCS, NDC, RXNORM or FACT; `unit` is UCUM as sent; `effective` the calendar
    day on which it was true; `reference` the resource it comes from. `other_codes` are further codes of the same
    statement, each as (system, code): together they decide which fact is meant. `document_id` is the content hash of the
    document it was derived from, when that document came along.
    """

    code_system: str
    code: str
    value: StrictBool | Number | StrictStr | None = None
    unit: str | None = None
    effective: date | None = None
    reference: str
    other_codes: tuple[tuple[str, str], ...] = ()
    document_id: str | None = None

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        return ((self.code_system, self.code), *self.other_codes)


class QuestionnaireAnswer(Model):
    """One answer; `link_id` is the fact id where the questionnaire is ours. `document_id` is the content hash of the
    document that the answer points to as its evidence, when that document came along."""

    link_id: str
    value: StrictBool | Number | StrictStr
    unit: str | None = None
    authored: AwareDatetime | date | None = None
    reference: str
    document_id: str | None = None
