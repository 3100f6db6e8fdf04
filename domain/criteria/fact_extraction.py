"""Extraction of dictionary facts from coded statements and questionnaire answers.

Nothing is guessed. A value is extracted only when exactly one fact of the dictionary fits it, in a unit that the
dictionary accepts; everything else is reported in a note. A code that is absent says nothing: no fact is ever false
because something was not mentioned. What only a clinician may judge is never extracted.

A fact weighs what its source weighs. A coded measurement that the dictionary names by its code is a structured
resource. An answer to a questionnaire is an attestation, and a document only when it points to one that came along; the
same holds for a statement coded with our own fact id, unless the dictionary asks for structured data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.criteria.selection import age_on
from domain.evidence.clinical_data import FACT, ICD10CM, LOINC, ClinicalStatement, QuestionnaireAnswer
from domain.evidence.fact_reading import is_day
from domain.evidence.facts import EvidenceTier, Fact, FactDefinition, FactSource, FactType, FactValue, SourceKind
from domain.evidence.units import same_unit
from domain.model import Model
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import CodeSystem

__all__ = ["ClinicalStatement", "FactExtraction", "QuestionnaireAnswer", "extract_with_notes", "extract_facts"]

_CLAIM_DIAGNOSIS = "Claim.diagnosis"
_SERVICE_LINE = "Claim.item"
_BIRTH_DATE = "Patient.birthDate"


class FactExtraction(Model):
    """Extracted facts, and notes in plain words on values that were not extracted. Notes name facts and codes, never values."""

    facts: tuple[Fact, ...]
    notes: tuple[str, ...]


def extract_facts(
    dictionary: Mapping[str, FactDefinition],
    statements: Iterable[ClinicalStatement],
    answers: Iterable[QuestionnaireAnswer],
    request: AuthorizationRequest,
    line: ServiceLine | None = None,
) -> tuple[Fact, ...]:
    """Extract the facts without notes; `request.facts`, which a sender states as facts, are separate."""
    return extract_with_notes(dictionary, statements, answers, request, line).facts


def extract_shared_facts(
    dictionary: Mapping[str, FactDefinition],
    statements: Iterable[ClinicalStatement],
    answers: Iterable[QuestionnaireAnswer],
    request: AuthorizationRequest,
) -> tuple[Fact, ...]:
    """Extract the facts that hold for every line of a request alike."""
    found = _ExtractedFacts()
    _from_whole_request(dictionary, statements, answers, request, found)
    return tuple(found.facts)


def extract_line_facts(
    dictionary: Mapping[str, FactDefinition], request: AuthorizationRequest, line: ServiceLine
) -> tuple[Fact, ...]:
    """Extract the facts that differ by line: the item asked for, its day, and the age on that day."""
    found = _ExtractedFacts()
    _from_lines(dictionary, (line,), found)
    _from_birth_date(dictionary, request, line, found)
    return tuple(found.facts)


def extract_with_notes(
    dictionary: Mapping[str, FactDefinition],
    statements: Iterable[ClinicalStatement],
    answers: Iterable[QuestionnaireAnswer],
    request: AuthorizationRequest,
    line: ServiceLine | None = None,
) -> FactExtraction:
    """Extract facts from the data of a request, with notes on values that were not extracted.

    `line` is the service line in question: facts about the item asked for come from it. Without it they come from the
    request only if all its lines ask for the same.
    """
    found = _ExtractedFacts()
    _from_whole_request(dictionary, statements, answers, request, found)
    _from_lines(dictionary, (line,) if line else request.lines, found)
    _from_birth_date(dictionary, request, line, found)
    return FactExtraction(facts=tuple(found.facts), notes=tuple(dict.fromkeys(found.notes)))


def _from_whole_request(
    dictionary: Mapping[str, FactDefinition],
    statements: Iterable[ClinicalStatement],
    answers: Iterable[QuestionnaireAnswer],
    request: AuthorizationRequest,
    found: _ExtractedFacts,
) -> None:
    given = tuple(statements)
    for statement in given:
        _from_statement(dictionary, statement, found)
    _from_answers(dictionary, answers, found)
    _from_diagnoses(dictionary, given, request, found)


@dataclass
class _ExtractedFacts:
    facts: list[Fact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(
        self, definition: FactDefinition, value: FactValue, unit: str | None, effective: date | None, source: FactSource
    ) -> None:
        """Add the value if it fits the dictionary; otherwise add a note with the reason."""
        because = _reason_not_extracted(definition, value, unit)
        if because is None:
            unit = definition.unit if definition.type is FactType.NUMBER else None
            self.facts.append(Fact(id=definition.id, value=value, unit=unit, effective=effective, source=source))
        else:
            self.notes.append(f"{definition.id} from {source.reference}: {because}")


def _reason_not_extracted(definition: FactDefinition, value: FactValue, unit: str | None) -> str | None:
    """The reason that the value cannot be this fact, or None when it can."""
    if definition.evidence is EvidenceTier.JUDGMENT:
        return "only a clinician can judge this"
    if definition.held_by is not None:
        return f"the plan's own records answer this ({definition.held_by.value.replace('_', ' ')}), not a sender"
    if not _TYPE_TESTS[definition.type](value):
        return f"the value is not {_TYPE_WORDS[definition.type]}"
    if not same_unit(unit, definition.unit):
        return f"the value is in {unit or 'no unit'}, not in {definition.unit or 'no unit'}"
    words = value if isinstance(value, tuple) else (value,)
    if definition.values and not all(word in definition.values for word in words):
        return "the value is not one of " + ", ".join(definition.values)
    return None


_TYPE_TESTS: Mapping[FactType, Callable[[FactValue], bool]] = {
    FactType.BOOL: lambda value: isinstance(value, bool),
    FactType.NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    FactType.CODE: lambda value: isinstance(value, str),
    FactType.CODES: lambda value: isinstance(value, tuple) and bool(value),
    FactType.DATE: is_day,
}
_TYPE_WORDS = {
    FactType.BOOL: "yes or no",
    FactType.NUMBER: "a number",
    FactType.CODE: "a code",
    FactType.CODES: "a set of codes",
    FactType.DATE: "a whole date",
}


def _from_statement(
    dictionary: Mapping[str, FactDefinition], statement: ClinicalStatement, found: _ExtractedFacts
) -> None:
    if statement.value is None:
        return
    named = any(system == FACT for system, _ in statement.codes)
    meant = named_definitions(dictionary, statement)
    if named and not meant:
        found.notes.append(f"{statement.reference}: the fact dictionary has no such fact")
    if len(meant) > 1:
        choice = " or ".join(definition.id for definition in meant)
        found.notes.append(f"{statement.reference}: the code alone does not tell whether it is {choice}")
    if len(meant) != 1:
        return
    definition = meant[0]
    value: FactValue = statement.value
    if definition.type is FactType.CODES and isinstance(value, str):
        value = (value,)
    structured = not named or definition.evidence is EvidenceTier.STRUCTURED
    source = (
        FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference=statement.reference)
        if structured
        else _statement_source(statement.document_id, statement.reference)
    )
    found.take(definition, value, statement.unit, statement.effective, source)


def named_definitions(dictionary: Mapping[str, FactDefinition], statement: ClinicalStatement) -> list[FactDefinition]:
    """The facts that a statement may be: those that it names, else those that name its code."""
    named = [code for system, code in statement.codes if system == FACT]
    return [dictionary[code] for code in named if code in dictionary] if named else _measured(dictionary, statement)


def _measured(dictionary: Mapping[str, FactDefinition], statement: ClinicalStatement) -> list[FactDefinition]:
    """The facts that name any of the statement's LOINC codes; a diagnosis is no measurement."""
    codes = {f"{LOINC} {code}" for system, code in statement.codes if system == LOINC}
    return [definition for definition in dictionary.values() if not codes.isdisjoint(_single_codes(definition))]


def _single_codes(definition: FactDefinition) -> Iterator[str]:
    """Each code with its system. ``LOINC 2703-7 | 2708-6`` names two; an entry with a condition names none."""
    for entry in definition.codes:
        system, _, patterns = entry.partition(" ")
        for pattern in patterns.split("|"):
            if pattern.strip() and " " not in pattern.strip():
                yield f"{system} {pattern.strip()}"


def _statement_source(document_id: str | None, reference: str) -> FactSource:
    if document_id is not None:
        return FactSource(kind=SourceKind.DOCUMENT, reference=document_id)
    return FactSource(kind=SourceKind.ATTESTATION, reference=reference)


def _from_answers(
    dictionary: Mapping[str, FactDefinition], answers: Iterable[QuestionnaireAnswer], found: _ExtractedFacts
) -> None:
    """An answer without a unit is in the unit of its question, which is ours."""
    codes: dict[tuple[str, str], tuple[QuestionnaireAnswer, tuple[str, ...]]] = {}
    for answer in answers:
        definition = dictionary.get(answer.link_id)
        if definition is None:
            continue
        if definition.type is FactType.CODES and isinstance(answer.value, str):
            key = (answer.link_id, answer.reference)
            codes[key] = (answer, (*codes.get(key, (answer, ()))[1], answer.value))
        else:
            _add_answer(definition, answer, answer.value, found)
    for answer, values in codes.values():
        _add_answer(dictionary[answer.link_id], answer, values, found)


def _add_answer(
    definition: FactDefinition, answer: QuestionnaireAnswer, value: FactValue, found: _ExtractedFacts
) -> None:
    day = answer.authored.date() if isinstance(answer.authored, datetime) else answer.authored
    source = _statement_source(answer.document_id, answer.reference)
    found.take(definition, value, answer.unit or definition.unit, day, source)


def _from_diagnoses(
    dictionary: Mapping[str, FactDefinition],
    statements: tuple[ClinicalStatement, ...],
    request: AuthorizationRequest,
    found: _ExtractedFacts,
) -> None:
    """Add a true fact for each listed diagnosis, where coded data is enough. An absent diagnosis says nothing."""
    coded = [statement for statement in statements if statement.code_system == ICD10CM]
    known = {statement.code: (statement.reference, statement.effective) for statement in coded}
    for code in (*request.diagnoses, *(code for line in request.lines for code in line.diagnoses)):
        known.setdefault(code, (_CLAIM_DIAGNOSIS, None))
    _take_diagnoses(dictionary, known, found)


def facts_of_diagnoses(dictionary: Mapping[str, FactDefinition], codes: Iterable[str]) -> tuple[Fact, ...]:
    """The facts that listed ICD-10-CM codes show by themselves, without a day."""
    found = _ExtractedFacts()
    _take_diagnoses(dictionary, dict.fromkeys(codes, (_CLAIM_DIAGNOSIS, None)), found)
    return tuple(found.facts)


def _take_diagnoses(
    dictionary: Mapping[str, FactDefinition], known: Mapping[str, tuple[str, date | None]], found: _ExtractedFacts
) -> None:
    for definition in dictionary.values():
        if definition.type is not FactType.BOOL or definition.evidence is not EvidenceTier.STRUCTURED:
            continue
        shown = next((code for code in known if _names_diagnosis(definition, code)), None)
        if shown is not None:
            reference, effective = known[shown]
            source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference=reference)
            found.take(definition, True, None, effective, source)
    if "patient.dx" in dictionary and known:
        source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference=_CLAIM_DIAGNOSIS)
        found.take(dictionary["patient.dx"], tuple(sorted(known)), None, None, source)


def _names_diagnosis(definition: FactDefinition, code: str) -> bool:
    patterns = (entry.partition(" ") for entry in _single_codes(definition))
    return any(system == ICD10CM and _matches(pattern, code) for system, _, pattern in patterns)


def _matches(pattern: str, code: str) -> bool:
    """``G47.33`` is itself; ``I27`` and ``I27.*`` are the whole category; ``I10-I16`` is every category in between."""
    first, _, last = pattern.partition("-")
    if last:
        return first <= code[: len(first)] <= last
    if pattern.endswith("*"):
        return code.startswith(pattern.rstrip("*").rstrip("."))
    return code == pattern or code.startswith(f"{pattern}.")


def _from_lines(
    dictionary: Mapping[str, FactDefinition], lines: tuple[ServiceLine, ...], found: _ExtractedFacts
) -> None:
    source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference=_SERVICE_LINE)
    hcpcs = {line.code for line in lines if line.code_system is CodeSystem.HCPCS}
    procedures = {line.code for line in lines if line.code_system is CodeSystem.ICD10PCS}
    if "request.hcpcs" in dictionary and len(hcpcs) == 1:
        found.take(dictionary["request.hcpcs"], next(iter(hcpcs)), None, None, source)
    elif len(hcpcs) > 1:
        found.notes.append("request.hcpcs: the lines ask for different items; look at one line at a time")
    starts = {line.start for line in lines}
    if "request.start" in dictionary and len(starts) == 1 and (start := next(iter(starts))) is not None:
        found.take(dictionary["request.start"], start.isoformat(), None, None, source)
    if "request.pcs" in dictionary and procedures:
        found.take(dictionary["request.pcs"], tuple(sorted(procedures)), None, None, source)


def _from_birth_date(
    dictionary: Mapping[str, FactDefinition],
    request: AuthorizationRequest,
    line: ServiceLine | None,
    found: _ExtractedFacts,
) -> None:
    """Whole years on the first day of service, or on the day of receipt (UTC) when no day of service is given."""
    born = request.member.birth_date
    if "patient.age" not in dictionary or born is None:
        return
    starts = [each.start for each in ((line,) if line else request.lines) if each.start is not None]
    day = min(starts, default=request.received_at.date())
    source = FactSource(kind=SourceKind.STRUCTURED_RESOURCE, reference=_BIRTH_DATE)
    found.take(dictionary["patient.age"], age_on(day, born), "a", None, source)
