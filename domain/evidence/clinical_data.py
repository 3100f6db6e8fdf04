"""Clinical data as received with a request, before it is mapped to facts of the dictionary."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, Field, StrictBool, StrictStr

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

    code_system: str = Field(
        description=(
            "The system of the code: LOINC, ICD-10-CM, SNOMED, HCPCS, NDC, RXNORM, or FACT for a fact id of the plan."
        )
    )
    code: str = Field(description="The code in that system.")
    value: StrictBool | Number | StrictStr | None = Field(
        default=None,
        description=(
            "The value: a number, a text, true or false. Left out, a diagnosis is stated to be there. Of a drug "
            "that was given, the days that it lasts (unit d) or its quantity."
        ),
    )
    unit: str | None = Field(default=None, description="The unit of the value, as UCUM writes it: %, mm[Hg], d, mo.")
    effective: date | None = Field(
        default=None, description="The calendar day on which it was true: of the test, the visit, the fill."
    )
    reference: str = Field(description="The sender's name of the source, such as a resource or a fill number.")
    other_codes: tuple[tuple[str, str], ...] = Field(
        default=(),
        description=(
            "Further codes of the same statement, each a pair of system and code; together they decide which fact"
            " is meant."
        ),
    )
    document_id: str | None = Field(
        default=None, description="The document that it was derived from, by the sha256 of its content."
    )

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        return ((self.code_system, self.code), *self.other_codes)


class QuestionnaireAnswer(Model):
    """One answer; `link_id` is the fact id where the questionnaire is ours. `document_id` is the content hash of the
    document that the answer points to as its evidence, when that document came along."""

    link_id: str = Field(description="The question that is answered; a fact id where the questionnaire is the plan's.")
    value: StrictBool | Number | StrictStr = Field(description="The answer: a number, a text, true or false.")
    unit: str | None = Field(default=None, description="The unit of the answer, as UCUM writes it.")
    authored: AwareDatetime | date | None = Field(
        default=None, description="When it was answered: a calendar day, or an instant with its offset."
    )
    reference: str = Field(description="The sender's name of the answer or questionnaire.")
    document_id: str | None = Field(
        default=None,
        description=(
            "The document that shows the answer, by its name in this request or the sha256 of its content. With "
            "one, the answer counts as documented and not as an attestation."
        ),
    )
