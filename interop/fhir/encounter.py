"""Hospital stay in a PAS Bundle: a patient who is admitted and not discharged."""

from __future__ import annotations

from datetime import UTC, date, datetime

from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.codes import ENCOUNTER_CLASSES, ENCOUNTER_STATUSES, INPATIENT_ENCOUNTERS, ONGOING_STATUSES
from interop.fhir.node import FhirNode
from interop.fhir.subjects import claim_patient, is_about_another
from interop.fhir.systems import system_name
from interop.limits import WINDOW_TEXT, is_in_window
from interop.submission import HospitalStay


def encounter_of(bundle: RequestBundle) -> BundleEntry | None:
    """The Claim's Encounter, if it has one about the patient."""
    extension = bundle.claim.resource.extension("extension-Claim.encounter")
    found = bundle.resolve(extension.node("valueReference"), bundle.claim) if extension else None
    return None if found is None or is_about_another(found, claim_patient(bundle), bundle) else found


def encounter_class(encounter: BundleEntry | None) -> str | None:
    """The class of the Encounter, a code of v3-ActCode. One that is there and not known is remarked upon: nobody can tell
    whether the patient is in the hospital."""
    kind = encounter.resource.node("class") if encounter else None
    if kind is None or not kind.value:
        return None
    system, code = system_name(kind.text("system") or ""), kind.text("code")
    if code in ENCOUNTER_CLASSES and system in ("", "act-code"):
        return code
    if system != "data-absent":
        message = "the class of the encounter is not known here and was not read"
        wanted = "a class of v3-ActCode: " + ", ".join(sorted(ENCOUNTER_CLASSES))
        kind.findings.note(kind.path, "umpire-code-system", message, wanted, about_service=True)
    return None


def is_admitted(encounter: BundleEntry | None) -> bool:
    """Whether the Encounter is of an inpatient class."""
    return encounter_class(encounter) in INPATIENT_ENCOUNTERS


def is_ongoing(encounter: BundleEntry) -> bool:
    """Whether the Encounter is in progress. A status that says neither yes nor no is remarked upon."""
    node = encounter.resource
    status = node.text("status")
    if status is not None and status not in ENCOUNTER_STATUSES:
        message = "the status of the encounter does not say whether the patient is in the hospital"
        wanted = "one of " + ", ".join(sorted(ENCOUNTER_STATUSES))
        node.findings.note(node.at("status"), "umpire-encounter", message, wanted, about_service=True)
    return status in ONGOING_STATUSES


def read_stay(bundle: RequestBundle) -> HospitalStay | None:
    """The stay of an inpatient Encounter that is in progress; None for a planned or ended one, or when there is none."""
    encounter = encounter_of(bundle)
    if encounter is None or not is_admitted(encounter) or not is_ongoing(encounter):
        return None
    period = encounter.resource.node("period")
    if period is not None and period.has("end"):
        return None
    began = _instant(period)
    numbers = (identifier.text("value") for identifier in encounter.resource.nodes("identifier"))
    return HospitalStay(
        visit_number=next((number for number in numbers if number), None),
        admitted_at=began,
        admitted_on=(period.day("start") if period is not None else None) or _admission_date(bundle),
    )


def _instant(period: FhirNode | None) -> datetime | None:
    """The start of the period where it is an instant; a day alone is none, and neither is a time without offset."""
    said = period.text("start") if period is not None else None
    try:
        found = datetime.fromisoformat(said) if said is not None else None
    except ValueError:
        return None
    if period is None or found is None or found.tzinfo is None:
        return None
    if not is_in_window(found):
        period.findings.problem(period.at("start"), "umpire-date", "nobody can mean this instant", WINDOW_TEXT)
        return None
    return found.astimezone(UTC)


def _admission_date(bundle: RequestBundle) -> date | None:
    """By the admission date (X12 DTP 435)."""
    for info in bundle.claim.resource.nodes("supportingInfo"):
        if info.code_in("category", "pas") == "admissionDates" and not is_cancelled(info):
            period = info.node("timingPeriod")
            return period.day("start") if period else info.day("timingDate")
    return None
