"""Clinical facts with their sources, and the fact dictionary that defines them.

A fact carries its value, unit, date and source. Its evidence tier follows from the source, so that nothing can claim
more weight than where it came from. The dictionary says for each fact which type and unit count, how long it stays
fresh, which tier it needs, and what to ask when it is missing.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, PositiveInt, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from domain.content_hash import ContentAddressed
from domain.model import Model

Number = StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]
FactValue = StrictBool | Number | StrictStr | tuple[StrictStr, ...]


class EvidenceTier(StrEnum):
    """Tiers of evidence for a value: structured > document > attest; judgment stands apart."""

    STRUCTURED = "structured"
    DOCUMENT = "document"
    ATTEST = "attest"
    JUDGMENT = "judgment"


class SourceKind(StrEnum):
    """Kinds of source of a value."""

    STRUCTURED_RESOURCE = "structured_resource"
    DOCUMENT = "document"
    ATTESTATION = "attestation"
    CLINICIAN_JUDGMENT = "clinician_judgment"


_TIER_OF = {
    SourceKind.STRUCTURED_RESOURCE: EvidenceTier.STRUCTURED,
    SourceKind.DOCUMENT: EvidenceTier.DOCUMENT,
    SourceKind.ATTESTATION: EvidenceTier.ATTEST,
    SourceKind.CLINICIAN_JUDGMENT: EvidenceTier.JUDGMENT,
}


class FactSource(Model):
    """The resource, document, statement or review task a value comes from.

    `reference` is a resource or document id; `recorded_by` the reviewer who took the value over. For a clinician's
    judgment `recorded_by` is the clinician's id, without which the judgment does not count. `page` (from 1) and `quote`, the
    document's own words, say where in a document the value stands, as far as the sender says so.
    """

    kind: SourceKind
    reference: str
    recorded_by: str | None = None
    page: int | None = Field(default=None, ge=1, exclude_if=lambda page: page is None)
    quote: str | None = Field(default=None, exclude_if=lambda quote: quote is None)


class Fact(Model):
    """One value seen for one fact of the dictionary. `effective` is the calendar day it was true (test date, visit).

    `replaces` lists the references of sources whose value for this fact it corrects: an answer to a question about
    contradicting values says which of them no longer count.
    """

    id: str
    value: FactValue
    unit: str | None = None
    effective: date | None = None
    source: FactSource
    replaces: tuple[str, ...] = ()

    @property
    def evidence(self) -> EvidenceTier:
        """The tier that the source gives; an attestation never counts as a document."""
        return _TIER_OF[self.source.kind]


class FactType(StrEnum):
    """`code` is one code or one of a list of words, `codes` a set of codes, `date` a calendar day written 2026-03-10."""

    BOOL = "bool"
    NUMBER = "number"
    CODE = "code"
    CODES = "codes"
    DATE = "date"


class ConflictRule(StrEnum):
    """Rule for two different values of one fact. `unknown` until somebody clarifies it; `newest` for values that change."""

    UNKNOWN = "unknown"
    NEWEST = "newest"


class FactHolder(StrEnum):
    """Plan records that hold a fact. Such a fact is never asked of the provider, and no sender can state it."""

    PROVIDER_DIRECTORY = "provider_directory"
    BENEFIT_PLAN = "benefit_plan"
    ELIGIBILITY = "eligibility"
    POLICY_LIBRARY = "policy_library"
    REFERENCE_DATA = "reference_data"


class HeldFact(Model):
    """One value that the plan's own records hold, as of a day: a facility's yearly volume, a waiver of a benefit plan."""

    fact: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")
    value: FactValue
    as_of: date


class FactDefinition(Model):
    """One entry of the fact dictionary.

    `label` is plain words for letters: for a bool the clause that is true ("the patient was evaluated in person"),
    otherwise a noun phrase ("the oxygen level at rest"). `ask` is the question to the provider. `evidence` is the tier
    that the fact needs. `codes` name where to look ("LOINC 2703-7"); the same code may serve several facts. `held_by` names
    who inside the plan knows the fact; None means that the record of the patient or the request does. `plausible` are the
    smallest and the largest number that can be: a measurement outside was mistyped or is in another unit, and does not count.
    `instrument` names the questionnaire or scale whose score the fact is: a score may support, and never refuse alone.
    `value_words` say the values that are no words themselves ("rygb").
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")
    type: FactType
    label: str = Field(min_length=1)
    ask: str = Field(min_length=1)
    evidence: EvidenceTier
    unit: str | None = None
    system: str | None = None
    codes: tuple[str, ...] = ()
    code_note: str | None = None
    values: tuple[str, ...] = ()
    value_words: dict[str, str] = Field(default_factory=dict, exclude_if=lambda words: not words)
    max_age_days: PositiveInt | None = None
    conflict: ConflictRule = ConflictRule.UNKNOWN
    held_by: FactHolder | None = None
    plausible: tuple[float, float] | None = Field(default=None, exclude_if=lambda plausible: plausible is None)
    instrument: str | None = Field(default=None, min_length=1, exclude_if=lambda instrument: instrument is None)

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.unit is not None and self.type is not FactType.NUMBER:
            raise ValueError("unit: only a number has a unit")
        if self.values and self.type not in (FactType.CODE, FactType.CODES):
            raise ValueError("values: only a code or codes can be restricted to listed values")
        if unlisted := sorted(set(self.value_words) - set(self.values)):
            raise ValueError(f"value_words: {', '.join(unlisted)} is not among the values")
        if self.plausible is not None and self.type is not FactType.NUMBER:
            raise ValueError("plausible: only a number has a plausible range")
        if self.plausible is not None and self.plausible[0] >= self.plausible[1]:
            raise ValueError("plausible: the smaller number first")
        if self.instrument is not None and (self.type is not FactType.NUMBER or self.plausible is None):
            raise ValueError("instrument: a score is a number with its plausible range")
        return self

    def say_value(self, value: str) -> str:
        """A listed value in words: those of `value_words`, else the value without its underscores; other codes as they are."""
        return self.value_words.get(value, value.replace("_", " ") if value in self.values else value)


class FactDictionary(ContentAddressed):
    """Every fact that guidelines may use, by id."""

    facts: tuple[FactDefinition, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        if len(self.by_id) != len(self.facts):
            raise ValueError("two facts have the same id")
        return self

    @cached_property
    def by_id(self) -> dict[str, FactDefinition]:
        return {definition.id: definition for definition in self.facts}
