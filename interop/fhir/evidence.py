"""Clinical data in a Bundle: Observations, Conditions and drugs given as statements, questionnaires as answers.

Only final data about this patient counts. A note names what is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from domain.evidence.clinical_data import FACT, ICD10CM, LOINC, ClinicalStatement, QuestionnaireAnswer
from interop.fhir.bundle import BundleEntry, RequestBundle, references
from interop.fhir.documents import ReceivedDocuments, cancelled_resources
from interop.fhir.lines import icd_code
from interop.fhir.medications import MEDICATIONS, read_supplies
from interop.fhir.node import Coding, FhirNode
from interop.fhir.subjects import is_about_another
from interop.limits import is_in_window
from interop.numbers import plain_number

FINAL_STATUSES = frozenset({"final", "amended", "corrected"})
_COMPLETED = frozenset({"completed", "amended"})
_UNCONFIRMED = frozenset({"refuted", "entered-in-error", "unconfirmed", "provisional", "differential"})
_ENDED = frozenset({"inactive", "remission", "resolved"})
_CLINICAL, _VERIFICATION = "condition-clinical", "condition-verification"
_SYSTEMS = {"loinc": LOINC, "snomed": "SNOMED", "umpire-fact": FACT}
_ANSWER_TEXTS = ("valueString", "valueDate", "valueDateTime", "valueTime", "valueUri")
_ANSWER_NUMBERS = ("valueDecimal", "valueInteger")


class _Value(NamedTuple):
    value: bool | int | float | str
    unit: str | None = None


def read_statements(
    bundle: RequestBundle, patient: BundleEntry | None, documents: ReceivedDocuments
) -> tuple[ClinicalStatement, ...]:
    """Final Observations, with their components, active confirmed Conditions, and drugs that were given."""
    left_out = cancelled_resources(bundle)
    found: list[ClinicalStatement] = []
    for entry in bundle.evidence_of_type("Observation", "Condition", *MEDICATIONS):
        if entry.resource.path in left_out or is_circumstance(entry.resource):
            continue
        if not is_about_patient(entry, patient, bundle):
            continue
        if entry.type == "Condition":
            found.extend(_condition(entry))
        elif entry.type in MEDICATIONS:
            found.extend(read_supplies(entry, bundle))
        else:
            found.extend(_observation(entry, _source_document(entry, bundle, documents)))
    return tuple(found)


def is_circumstance(node: FhirNode) -> bool:
    """Whether an Observation is about the case and not about the patient's condition (interop.fhir.circumstances)."""
    return any(coding.system == "umpire-circumstance" for coding in node.coded("code"))


def read_answers(
    bundle: RequestBundle, patient: BundleEntry | None, documents: ReceivedDocuments
) -> tuple[QuestionnaireAnswer, ...]:
    """Answers of completed QuestionnaireResponses, in order; an answer that points to a document carries its hash."""
    left_out = cancelled_resources(bundle)
    found: list[QuestionnaireAnswer] = []
    for entry in bundle.evidence_of_type("QuestionnaireResponse"):
        response = entry.resource
        if response.path in left_out or not is_about_patient(entry, patient, bundle):
            continue
        if response.text("status") not in _COMPLETED:
            response.findings.note(response.at("status"), "umpire-evidence", "the questionnaire is not completed")
            continue
        found.extend(_answers(entry, bundle, documents))
    return tuple(found)


def is_about_patient(entry: BundleEntry, patient: BundleEntry | None, bundle: RequestBundle) -> bool:
    """Whether the resource is about the Claim's patient; without a subject it does not count."""
    if entry.resource.node("subject") is not None:
        return not is_about_another(entry, patient, bundle)
    message = "the resource does not say whom it is about and was left out"
    bundle.findings.note(entry.resource.at("subject"), "umpire-evidence", message, "the Claim's patient")
    return False


def _observation(entry: BundleEntry, document_id: str | None) -> Iterator[ClinicalStatement]:
    node = entry.resource
    if node.text("status") not in FINAL_STATUSES:
        node.findings.note(
            node.at("status"), "umpire-evidence", "the observation is not final and was left out", "final"
        )
        return
    effective = _effective(node)
    yielded = False
    for part in (node, *node.nodes("component")):
        codes = _codes(part.coded("code"))
        value = _observed(part)
        if not codes or value is None:
            continue
        yielded = True
        yield ClinicalStatement(
            code_system=codes[0][0],
            code=codes[0][1],
            other_codes=tuple(codes[1:]),
            value=value.value,
            unit=value.unit,
            effective=effective,
            reference=entry.local_name,
            document_id=document_id,
        )
    if not yielded:
        message = "the observation has no value under a code of a system that is known here and was left out"
        node.findings.note(node.path, "umpire-evidence", message, "a value with a code of " + ", ".join(_SYSTEMS))


def _source_document(entry: BundleEntry, bundle: RequestBundle, documents: ReceivedDocuments) -> str | None:
    """The document that an Observation is derived from, if the Bundle holds its content."""
    sources = (bundle.resolve(reference, entry) for reference in entry.resource.nodes("derivedFrom"))
    ids = (documents.by_resource.get(source.resource.path) for source in sources if source is not None)
    return next((document_id for document_id in ids if document_id), None)


def _effective(node: FhirNode) -> date | None:
    for name in ("effectiveDateTime", "effectiveInstant"):
        if node.has(name):
            return node.evidence_day(name)
    period = node.node("effectivePeriod")
    return (period.evidence_day("end") or period.evidence_day("start")) if period else None


def _codes(codings: tuple[Coding, ...]) -> list[tuple[str, str]]:
    return [(_SYSTEMS[coding.system], coding.code) for coding in codings if coding.system in _SYSTEMS]


def _observed(part: FhirNode) -> _Value | None:
    quantity = part.node("valueQuantity")
    if quantity is not None:
        return _quantity(quantity)
    if part.has("valueBoolean"):
        value = part.boolean("valueBoolean")
        return None if value is None else _Value(value)
    if part.has("valueInteger"):
        number = part.number("valueInteger")
        return None if number is None else _Value(plain_number(number))
    text = part.text("valueString")
    return _Value(text) if text else _coded(part.coded("valueCodeableConcept"))


def _quantity(quantity: FhirNode) -> _Value | None:
    """A value with its UCUM code, or its printed unit. A comparator makes it a bound, which is no value."""
    number = quantity.number("value")
    if number is None:
        return None
    if quantity.has("comparator"):
        quantity.findings.note(quantity.at("comparator"), "umpire-evidence", "a bound is not a value and was left out")
        return None
    return _Value(plain_number(number), quantity.text("code") or quantity.text("unit"))


def _coded(codings: tuple[Coding, ...]) -> _Value | None:
    return _Value(codings[0].code) if codings else None


def _condition(entry: BundleEntry) -> Iterator[ClinicalStatement]:
    node = entry.resource
    clinical = node.read_code("clinicalStatus", "the status of a condition", _CLINICAL, about_service=False)
    verification = node.read_code(
        "verificationStatus", "the certainty of a condition", _VERIFICATION, about_service=False
    )
    if clinical in _ENDED or verification in _UNCONFIRMED:
        message = "the condition is not active and confirmed and was left out"
        node.findings.note(node.path, "umpire-evidence", message, "an active, confirmed condition")
        return
    if node.is_unread("clinicalStatus", _CLINICAL) or node.is_unread("verificationStatus", _VERIFICATION):
        return  # remarked upon; a refuted condition is not taken for a confirmed one
    code = icd_code(node.coded("code"), node.at("code"), node.findings)
    if code is not None:
        recorded = node.evidence_day("recordedDate")
        yield ClinicalStatement(code_system=ICD10CM, code=code, effective=recorded, reference=entry.local_name)


def _answers(entry: BundleEntry, bundle: RequestBundle, documents: ReceivedDocuments) -> Iterator[QuestionnaireAnswer]:
    authored = _authored(entry.resource)
    stack = list(reversed(entry.resource.nodes("item")))
    while stack:
        item = stack.pop()
        link_id = item.text("linkId")
        answers = item.nodes("answer")
        document_id = _document_behind(item, entry, bundle, documents) if answers else None
        for answer in answers:
            value = _answered(answer)
            if link_id is not None and value is not None:
                yield QuestionnaireAnswer(
                    link_id=link_id,
                    value=value.value,
                    unit=value.unit,
                    authored=authored,
                    reference=entry.local_name,
                    document_id=document_id,
                )
        nested = [*item.nodes("item"), *(child for answer in answers for child in answer.nodes("item"))]
        stack.extend(reversed(nested))


def _authored(response: FhirNode) -> datetime | date | None:
    """The instant of completion; a sender who gives only a day gets only a day."""
    value = response.text("authored")
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return response.evidence_day("authored")
    timed = "T" in value and instant.tzinfo is not None and is_in_window(instant)
    return instant if timed else response.evidence_day("authored")


def _document_behind(
    item: FhirNode, entry: BundleEntry, bundle: RequestBundle, documents: ReceivedDocuments
) -> str | None:
    """The document that any part of the item points to or holds, if the Bundle has its content."""
    attached = (found for path, found in documents.by_resource.items() if path.startswith(f"{item.path}."))
    if (document_id := next(attached, None)) is not None:
        return document_id
    for _, literal in references(item):
        target = bundle.find(literal, entry)
        if target is not None and target.resource.path in documents.by_resource:
            return documents.by_resource[target.resource.path]
    return None


def _answered(answer: FhirNode) -> _Value | None:
    quantity = answer.node("valueQuantity")
    if quantity is not None:
        return _quantity(quantity)
    if answer.has("valueBoolean"):
        value = answer.boolean("valueBoolean")
        return None if value is None else _Value(value)
    for name in _ANSWER_NUMBERS:
        if answer.has(name):
            number = answer.number(name)
            return None if number is None else _Value(plain_number(number))
    coding = answer.node("valueCoding")
    if coding is not None and (code := coding.text("code")):
        return _Value(code)
    return next((_Value(text) for name in _ANSWER_TEXTS if (text := answer.text(name))), None)
