"""From coded statements and questionnaire answers to facts of the dictionary.

Nothing is guessed. A value is taken over only when exactly one fact of the dictionary fits it, in a unit that the
dictionary accepts; whatever is left out is said in a note. A code that is absent says nothing: no fact is ever false
because something was not mentioned. What only a clinician may judge is never extracted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, StrictBool, StrictStr

from domain.facts import EvidenceTier, Fact, FactDefinition, FactSource, FactType, FactValue, Number, SourceKind
from domain.model import Model
from domain.request import AuthorizationRequest
from domain.vocabulary import CodeSystem

LOINC = "LOINC"
ICD10CM = "ICD-10-CM"
FACT = "FACT"
"""The system of our own fact ids: a coding in it names the fact itself."""

_CODE_NAME = re.compile(r"(?P<system>[A-Z0-9-]+) (?P<pattern>\S.*)")
_ICD_PATTERN = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_CATEGORY = 3


class ClinicalStatement(Model):
    """A coded statement about the patient: a measurement with its value, or a diagnosis by its presence (`value` None).

    `code_system` is LOINC, ICD-10-CM, SNOMED or FACT; `unit` is UCUM as sent; `effective` the calendar day on which it
    was true; `reference` the resource it comes from. `other_codes` are further codes of the same statement, each as
    (system, code): together they decide which fact is meant.
    """

    code_system: str
    code: str
    value: StrictBool | Number | StrictStr | None = None
    unit: str | None = None
    effective: date | None = None
    reference: str
    other_codes: tuple[tuple[str, str], ...] = ()

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


class Extraction(Model):
    """Facts found, and in plain words what was seen but not taken over. Notes name facts and codes, never values."""

    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
