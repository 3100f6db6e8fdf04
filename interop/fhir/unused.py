"""Supporting information of which nothing was used: each piece gets a remark, so that somebody can ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.documents import ReceivedDocuments
from interop.fhir.evidence import is_circumstance
from interop.fhir.node import FhirNode

_READ_ELEMENTS = ("valueReference", "valueAttachment", "valueString", "timingDate", "timingPeriod")


def note_unused(
    bundle: RequestBundle,
    documents: ReceivedDocuments,
    statements: Iterable[ClinicalStatement],
    answers: Iterable[QuestionnaireAnswer],
) -> None:
    """Remark on everything that current supporting information points to or holds and that was not used, unless its own
    reader has said why."""
    names = {one.reference for one in statements} | {one.reference for one in answers}
    told = tuple(note.path for note in bundle.findings.notes)
    for info in bundle.claim.resource.nodes("supportingInfo"):
        if is_cancelled(info):
            continue
        target = bundle.resolve(info.node("valueReference"), bundle.claim)
        if target is not None:
            if not _is_used(target, bundle, documents, names, told):
                kind = "a resource of a kind that is not read, or without anything that could be"
                _note(info, f"this points to {kind}, and it was not used")
        elif info.has("valueReference"):
            if _literal(info) is None:
                _note(info, "this names something that is not in the Bundle, and it was not used")
        elif any(name.startswith("value") and name not in _READ_ELEMENTS for name in info.value):
            _note(info, "the value is in a form that is not read, and it was not used")


def _is_used(
    target: BundleEntry, bundle: RequestBundle, documents: ReceivedDocuments, names: set[str], told: tuple[str, ...]
) -> bool:
    node = target.resource
    if node.path in documents.by_resource or target.local_name in names or is_circumstance(node):
        return True
    if any(path.startswith(node.path) for path in told):
        return True
    parts = (bundle.resolve(reference, target) for reference in node.nodes("result"))
    return any(part is not None and part.local_name in names for part in parts)


def _literal(info: FhirNode) -> str | None:
    reference = info.node("valueReference")
    return reference.text("reference") if reference else None


def _note(info: FhirNode, message: str) -> None:
    info.findings.note(
        info.path, "umpire-evidence", message, "a document, a coded result or answers to a questionnaire"
    )
