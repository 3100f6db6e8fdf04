"""Subject of a resource: whether it is about the patient whom the request is for. Another person's record is no evidence."""

from __future__ import annotations

from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.node import FhirNode

RULE = "umpire-subject"
"""The rule of a remark on a resource that is about somebody else."""


def is_about_another(entry: BundleEntry, patient: BundleEntry | None, bundle: RequestBundle) -> bool:
    """Whether the resource names a subject who is not shown to be the patient. It gets a remark that stops every rule, so
    that a person finds out whose record it is. A resource without a subject names nobody else."""
    subject = entry.resource.node("subject") or entry.resource.node("patient")
    if subject is None or _is_patient(subject, entry, patient, bundle):
        return False
    message = "this is not about the Claim's patient, as far as it can be told, and was left out"
    bundle.findings.note(subject.path, RULE, message, "the Claim's patient", about_service=True)
    return True


def claim_patient(bundle: RequestBundle) -> BundleEntry | None:
    """The patient whom the requested Claim is for."""
    return bundle.resolve(bundle.claim.resource.node("patient"), bundle.claim)


def _is_patient(subject: FhirNode, origin: BundleEntry, patient: BundleEntry | None, bundle: RequestBundle) -> bool:
    if patient is None:
        return False
    target = bundle.resolve(subject, origin)
    if target is not None:
        return target.resource.path == patient.resource.path
    identifier = subject.node("identifier")
    number = identifier.text("value") if identifier is not None else None
    own = {one.text("value") for one in patient.resource.nodes("identifier")}
    return number is not None and number in own
