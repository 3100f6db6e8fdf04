"""Circumstances of a case as a PAS Bundle states them; nothing is assumed by default.

- Hospitalized: the Claim's Encounter is of an inpatient class and in progress; or it is of such a class (or a line is at place
  of service 21), and the admission date in supportingInfo lies before the day of receipt.
- Inpatient rehabilitation: a line is at place of service 61, or of the X12 service type for it; the level of care
  is read by `domain.coverage.circumstances`.
- Any: an Observation about the patient, coded in `urn:umpire:circumstance` with the circumstance's name, `valueBoolean` true.

The profile has no element for care after stabilization, for a life-threatening condition or for an exception: the level of
service (UM06, X12 1338) states urgent or emergency, which is an urgency and neither of them. A sender states them
with the Observation, to which supportingInfo of the category additionalInformation refers. `valueBoolean` false takes back
what an earlier version stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from domain.requests.request import ServiceLine
from domain.vocabulary import REQUEST_CIRCUMSTANCES, Circumstance
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.documents import cancelled_resources
from interop.fhir.encounter import encounter_of, is_admitted, is_ongoing
from interop.fhir.evidence import FINAL_STATUSES, is_about_patient, is_circumstance
from interop.issues import quoted_code

_HOSPITAL = "21"


def read_circumstances(
    bundle: RequestBundle, patient: BundleEntry | None, lines: tuple[ServiceLine, ...], received_at: datetime
) -> tuple[Circumstance, ...] | None:
    """The stated circumstances, in the order of the vocabulary; None when nothing is stated either way."""
    said = dict(_observed(bundle, patient))
    if _is_hospitalized(bundle, lines, received_at):
        said.setdefault(Circumstance.HOSPITALIZED, True)
    return tuple(one for one in Circumstance if said.get(one)) if said else None


def _observed(bundle: RequestBundle, patient: BundleEntry | None) -> Iterator[tuple[Circumstance, bool]]:
    left_out = cancelled_resources(bundle)
    for entry in bundle.evidence_of_type("Observation"):
        node = entry.resource
        if node.path in left_out or not is_circumstance(node) or not is_about_patient(entry, patient, bundle):
            continue
        code = next(coding.code for coding in node.coded("code") if coding.system == "umpire-circumstance")
        value = node.boolean("valueBoolean")
        if code not in {one.value for one in REQUEST_CIRCUMSTANCES}:
            message = f"the circumstance {quoted_code(code)} is none that a request can state and was left out"
            wanted = "one of " + ", ".join(sorted(REQUEST_CIRCUMSTANCES))
            node.findings.note(node.at("code"), "umpire-circumstance", message, wanted)
        elif node.text("status") not in FINAL_STATUSES or value is None:
            message = "the circumstance is not stated and was left out"
            node.findings.note(node.path, "umpire-circumstance", message, "a final Observation with valueBoolean")
        else:
            yield Circumstance(code), value


def _is_hospitalized(bundle: RequestBundle, lines: tuple[ServiceLine, ...], received_at: datetime) -> bool:
    """Whether the patient is in the hospital at receipt. A planned stay does not count, and a discharge ends it."""
    encounter = encounter_of(bundle)
    is_inpatient = is_admitted(encounter)
    if encounter is not None and is_inpatient and is_ongoing(encounter):
        return True
    in_hospital = is_inpatient or any(line.place_of_service == _HOSPITAL for line in lines)
    return in_hospital and _was_admitted(bundle, received_at)


def _was_admitted(bundle: RequestBundle, received_at: datetime) -> bool:
    """By the admission date (X12 DTP 435), unless the discharge date (DTP 096) is past. Only an earlier day counts: today's
    admission may still be ahead."""
    today, ends = received_at.date(), [day for day, _ in _dates(bundle, "dischargeDates") if day is not None]
    for first, last in _dates(bundle, "admissionDates"):
        ended = [day for day in (last, *ends) if day is not None and day < today]
        if first is not None and first < today and not ended:
            return True
    return False


def _dates(bundle: RequestBundle, category: str) -> Iterator[tuple[date | None, date | None]]:
    """First and last day of each piece of current supporting information of this category."""
    for info in bundle.claim.resource.nodes("supportingInfo"):
        if info.code_in("category", "pas") == category and not is_cancelled(info):
            period = info.node("timingPeriod")
            first = period.day("start") if period else info.day("timingDate")
            yield first, period.day("end") if period and period.has("end") else None
