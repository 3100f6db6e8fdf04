"""What a PAS Bundle says about the circumstances of a case: only what it states, and nothing by default.

- Hospitalized: the Claim's Encounter is of an inpatient class and under way; or it is of such a class (or a line is at place
  of service 21), and the admission date in supportingInfo lies before the day of receipt.
- Inpatient rehabilitation: a line is at place of service 61, or of the X12 service type for it; `domain.circumstances` reads
  the level of care.
- Any: an Observation about the patient, coded in `urn:umpire:circumstance` with the circumstance's name, `valueBoolean` true.

The profile has no element for care after stabilization, for a life-threatening condition or for an exception: the level of
service (UM06, X12 1338) says urgent or emergency, which is an urgency and neither of them. A sender who means them says
so by the Observation, to which supportingInfo of the category additionalInformation refers. `valueBoolean` false takes back
what an earlier version stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.requests.request import ServiceLine
from domain.vocabulary import OF_A_REQUEST, Circumstance
from interop.fhir.bundle import Entry, RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.codes import UNDER_WAY
from interop.fhir.documents import cancelled_resources
from interop.fhir.encounter import encounter_of, is_admitted
from interop.fhir.evidence import FINAL, is_about, states_circumstance
from interop.issues import shown

_HOSPITAL = "21"


def read_circumstances(
    bundle: RequestBundle, patient: Entry | None, lines: tuple[ServiceLine, ...], received_at: datetime
) -> tuple[Circumstance, ...] | None:
    """What is stated, in the order of the vocabulary; None when nothing is said either way."""
    said = dict(_observed(bundle, patient))
    if _is_hospitalized(bundle, lines, received_at):
        said.setdefault(Circumstance.HOSPITALIZED, True)
    return tuple(one for one in Circumstance if said.get(one)) if said else None


def _observed(bundle: RequestBundle, patient: Entry | None) -> Iterator[tuple[Circumstance, bool]]:
    left_out = cancelled_resources(bundle)
    for entry in bundle.of_type("Observation"):
        node = entry.resource
        if node.path in left_out or not states_circumstance(node) or not is_about(entry, patient, bundle):
            continue
        code = next(coding.code for coding in node.coded("code") if coding.system == "umpire-circumstance")
        value = node.boolean("valueBoolean")
        if code not in {one.value for one in OF_A_REQUEST}:
            message = f"the circumstance {shown(code)} is none that a request can state and was left out"
            wanted = "one of " + ", ".join(sorted(OF_A_REQUEST))
            node.findings.note(node.at("code"), "umpire-circumstance", message, wanted)
        elif node.text("status") not in FINAL or value is None:
            message = "the circumstance is not stated and was left out"
            node.findings.note(node.path, "umpire-circumstance", message, "a final Observation with valueBoolean")
        else:
            yield Circumstance(code), value


def _is_hospitalized(bundle: RequestBundle, lines: tuple[ServiceLine, ...], received_at: datetime) -> bool:
    """Somebody is in the hospital when the request comes. A planned stay is none, and a discharge ends it."""
    encounter = encounter_of(bundle)
    is_inpatient = is_admitted(encounter)
    if encounter is not None and is_inpatient and encounter.resource.text("status") in UNDER_WAY:
        return True
    in_hospital = is_inpatient or any(line.place_of_service == _HOSPITAL for line in lines)
    return in_hospital and _was_admitted(bundle, received_at)


def _was_admitted(bundle: RequestBundle, received_at: datetime) -> bool:
    """By the admission date (X12 DTP 435). Today's may still lie ahead, so that it has to be an earlier day."""
    for info in bundle.claim.resource.nodes("supportingInfo"):
        if info.code_in("category", "pas") != "admissionDates" or is_cancelled(info):
            continue
        period = info.node("timingPeriod")
        first = period.day("start") if period else info.day("timingDate")
        last = period.day("end") if period and period.has("end") else None
        if first is not None and first < received_at.date() and (last is None or last >= received_at.date()):
            return True
    return False
