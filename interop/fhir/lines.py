"""Service lines of a Claim: the code, dates, place and quantity that each item requests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.requests.request import ServiceLine
from domain.vocabulary import CertificationType, CodeSystem
from interop.fhir.bundle import RequestBundle
from interop.fhir.claim import is_cancelled
from interop.fhir.claim_changes import ClaimChange, certification_code, is_cancellation
from interop.fhir.codes import (
    CERTIFICATION_OF,
    LEVEL_OF_CARE_BY_PLACE,
    LEVEL_OF_CARE_OF_ENCOUNTER,
    PLACE_OF_BILL_TYPE,
    PRODUCT_SYSTEMS,
    REHABILITATION_SERVICE_TYPES,
    unit_name,
)
from interop.fhir.encounter import encounter_class, encounter_of
from interop.fhir.node import Coding, FhirNode
from interop.fhir.orders import ordered_days, ordered_quantity
from interop.fhir.subjects import claim_patient, is_about_another
from interop.issues import IssueCollector, quoted_code
from interop.limits import LONGEST_SPAN_TEXT, MAX_YEARS, is_too_long
from interop.service_codes import icd10cm_code, is_quantity, shape_mismatch

_DATES = tuple[date | None, date | None]
_QUANTITY = f"a number above zero, and no more than {MAX_YEARS} years of care"
_EVENT_DATES = ("patientEvent", "admissionDates", "dischargeDates")
_KNOWN_PRODUCTS = frozenset({*PRODUCT_SYSTEMS, "rxnorm", "revenue"})


def read_lines(bundle: RequestBundle, change: ClaimChange) -> tuple[ServiceLine, ...]:
    """One line for each item. Dates that an item lacks are those of the event or the admission, if given."""
    claim = bundle.claim.resource
    diagnoses = diagnoses_by_sequence(bundle)
    event = _event_dates(claim)
    stay = _encounter_level(bundle)
    lines = (_line(bundle, item, change, diagnoses, event, stay) for item in change.items)
    return tuple(line for line in lines if line is not None)


def _line(
    bundle: RequestBundle,
    item: FhirNode,
    change: ClaimChange,
    diagnoses: dict[int | None, str],
    event: _DATES,
    stay: str | None,
) -> ServiceLine | None:
    service = _service(item)
    start, end = _dates(item, event)
    if start is None and end is None:
        start, end = ordered_days(bundle, item)
        if start and end and end < start:
            message = "the order ends before it starts"
            item.findings.problem(item.path, "umpire-date", message, "start, then end")
    if is_too_long(start, end):
        message = "nobody can authorize so long a time at once"
        item.findings.problem(item.path, "umpire-span", message, LONGEST_SPAN_TEXT)
    if item.value.get("detail"):
        message = "what the line asks for in detail was not read"
        item.findings.note(item.at("detail"), "umpire-detail", message, "one line for each service", about_service=True)
    certification = CertificationType.CANCEL if change.whole_cancel or is_cancellation(item) else _certification(item)
    stated = item.node("quantity") or ordered_quantity(bundle, item)
    quantity, unit = _quantity(stated, certification)
    place = _place(item)
    of_service_type = _level_of_service_type(item)
    sequence = item.whole("sequence")
    if sequence is None:
        message = "there is no sequence number"
        item.findings.problem(item.at("sequence"), "pas-item-sequence", message, "a number above zero")
    if service is None:
        return None
    system, code, description = service
    trace = item.extension("extension-itemTraceNumber")
    trace_identifier = trace.node("valueIdentifier") if trace else None
    return ServiceLine(
        line_id=str(sequence),
        code=code,
        code_system=system,
        modifiers=_modifiers(item),
        description=description,
        quantity=quantity,
        unit=unit,
        start=start,
        end=end,
        place_of_service=place,
        level_of_care=LEVEL_OF_CARE_BY_PLACE.get(place or "") or of_service_type or stay,
        diagnoses=_line_diagnoses(item, diagnoses),
        certification=certification,
        trace_number=trace_identifier.text("value") if trace_identifier else None,
        revenue_code=revenue.code if (revenue := _revenue(item)) is not None else None,
    )


def _modifiers(item: FhirNode) -> tuple[str, ...]:
    """The modifiers of HCPCS and CPT, in order. One in another system can change what is asked for: it is remarked upon."""
    found: list[str] = []
    for concept in item.nodes("modifier"):
        code = next((one.code for one in concept.codings() if one.system in ("hcpcs", "cpt", "")), None)
        if code is not None:
            found.append(code.upper())
        elif any(one.system != "data-absent" for one in concept.codings()) or concept.text("text"):
            message = "a modifier is not in a code system that is known here and was not read"
            concept.findings.note(
                concept.path, "umpire-code-system", message, "a modifier of HCPCS or CPT", about_service=True
            )
    return tuple(found)


def _revenue(item: FhirNode) -> Coding | None:
    """The revenue code of the line (NUBC), for which hospitals ask by the day or the department."""
    concepts = [
        item.node("revenue"),
        *(one.node("valueCodeableConcept") for one in item.extensions("extension-revenueCode")),
    ]
    codings = [coding for concept in concepts if concept is not None for coding in concept.codings()]
    found = next((coding for coding in codings if coding.system in ("revenue", "")), None)
    if found is None and item.is_unread("revenue", "revenue"):
        message = "the revenue code is not in a code system that is known here and was not read"
        item.findings.note(
            item.at("revenue"), "umpire-code-system", message, "a revenue code of NUBC", about_service=True
        )
    return found


def _place(item: FhirNode) -> str | None:
    """The place of service, a code of CMS. A type of bill has other numbers for other places: it is put into those of CMS."""
    name, what = "locationCodeableConcept", "the place of service"
    code = item.code_in(name, "place-of-service")
    if code is not None and (len(code) != 2 or not code.isdecimal()):
        item.findings.note(
            item.at(name), "umpire-place", f"{what} is {quoted_code(code)}", "two digits", about_service=True
        )
        return None
    if code is not None:
        return code
    billed = item.read_code(name, what, "place-of-service", "type-of-bill")
    if billed is None:
        return None
    place = PLACE_OF_BILL_TYPE.get(billed.lstrip("0")[:2])
    if place is None:
        message = f"{what} is the type of bill {quoted_code(billed)} and was not read"
        item.findings.note(item.at(name), "umpire-place", message, "a place of service of CMS", about_service=True)
    return place


def _level_of_service_type(item: FhirNode) -> str | None:
    """Some types of service are levels of care by themselves."""
    service_type = item.read_code("category", "the type of service", "x12/1365")
    return "inpatient_rehabilitation" if service_type in REHABILITATION_SERVICE_TYPES else None


def _service(item: FhirNode) -> tuple[CodeSystem, str, str | None] | None:
    """System, code and the sender's description. Without a product code (spec-43) the type of service is used,
    and without that the revenue code."""
    product = item.node("productOrService")
    if product is None:
        return None
    codings = [coding for coding in product.codings() if coding.system != "data-absent"] or list(item.coded("category"))
    if not codings and (revenue := _revenue(item)) is not None:
        codings = [revenue]
    if not codings:
        message = "the product or service has no code"
        item.findings.problem(item.at("productOrService"), "pas-item-productOrService", message, "a coded service")
        return None
    if item.extension("extension-productOrServiceCodeEnd"):
        message = "a range of codes is asked for and its end was not read; the first code stands for the line"
        where = item.at("extension(productOrServiceCodeEnd)")
        item.findings.note(where, "spec-25", message, "one line for each code", about_service=True)
    coding = min(codings, key=_preference)
    others = {one.code.upper() for one in codings if one.system == coding.system} - {coding.code.upper()}
    if others and coding.system in PRODUCT_SYSTEMS:
        message = "the line names several services in one code system; the first one stands for the line"
        where, expected = item.at("productOrService"), "one line for each service"
        item.findings.note(where, "umpire-detail", message, expected, about_service=True)
    system = PRODUCT_SYSTEMS.get(coding.system, CodeSystem.OTHER)
    if system is CodeSystem.OTHER and coding.system not in _KNOWN_PRODUCTS:
        message, expected = (
            "the code system of the service is not known here",
            "a code of HCPCS, CPT, ICD-10-PCS or NDC",
        )
        item.findings.note(item.at("productOrService"), "umpire-code-system", message, expected, about_service=True)
    code = coding.code.upper()
    wanted = shape_mismatch(system, code)
    if wanted is not None:
        where = item.at("productOrService")
        item.findings.problem(where, "umpire-service-code", f"the code is {quoted_code(coding.code)}", wanted)
        return None
    named = product.line("text") or coding.display
    return system, code, named or (f"Revenue code {code}" if coding.system == "revenue" else None)


def _preference(coding: Coding) -> int:
    systems = list(PRODUCT_SYSTEMS)
    return systems.index(coding.system) if coding.system in systems else len(systems)


def _certification(item: FhirNode) -> CertificationType:
    code = certification_code(item)
    if code is None:
        return CertificationType.INITIAL
    certification = CERTIFICATION_OF.get(code)
    if certification is None:
        where = item.at("extension(certificationType)")
        message = f"the type of certification is {quoted_code(code)}"
        item.findings.problem(where, "pas-item-certification", message, "one of " + ", ".join(CERTIFICATION_OF))
        return CertificationType.INITIAL
    return certification


def _quantity(quantity: FhirNode | None, certification: CertificationType) -> tuple[Decimal | None, str | None]:
    if quantity is None:
        return None, None
    if quantity.has("comparator"):
        message = "the quantity is a bound (less or more than a number), and no number to authorize"
        quantity.findings.note(
            quantity.at("comparator"), "umpire-quantity", message, "the quantity itself", about_service=True
        )
    value = quantity.number("value")
    unit = unit_name(quantity.text("code") or quantity.text("unit"))
    cancelled = certification is CertificationType.CANCEL
    if value is not None and not is_quantity(value, unit, zero_allowed=cancelled):
        where = quantity.at("value")
        quantity.findings.problem(where, "umpire-quantity", "nobody can authorize this quantity", _QUANTITY)
        return None, unit
    return value, unit


def _dates(item: FhirNode, event: _DATES) -> _DATES:
    """Both servicedDate and servicedPeriod may be there: then the line spans both."""
    days = [item.day("servicedDate")]
    open_end = False
    period = item.node("servicedPeriod")
    if period is not None:
        days += [period.day("start"), period.day("end")]
        open_end = not period.has("end")
    known = [day for day in days if day is not None]
    if not known:
        return event
    if period is not None and days[1] and days[2] and days[2] < days[1]:
        item.findings.problem(period.at("end"), "umpire-date", "the period ends before it starts", "start, then end")
    return min(known), None if open_end else max(known)


def _event_dates(claim: FhirNode) -> _DATES:
    by_category: dict[str, _DATES] = {}
    for info in claim.nodes("supportingInfo"):
        timed = info.has("timingDate") or info.has("timingPeriod")
        category = info.read_code("category", "the category of supporting information", "pas", about_service=timed)
        if category in _EVENT_DATES and not is_cancelled(info):
            by_category.setdefault(category, _timing(info))
        elif category is not None and timed and category not in _EVENT_DATES:
            message = "these dates are of a kind that is not known here and were not read"
            info.findings.note(info.path, "umpire-code-system", message, ", ".join(_EVENT_DATES), about_service=True)
    admitted, left = (by_category.get(name, (None, None)) for name in ("admissionDates", "dischargeDates"))
    return by_category.get("patientEvent") or (admitted[0], admitted[1] or (left[0] if admitted[0] else None))


def _timing(info: FhirNode) -> _DATES:
    day = info.day("timingDate")
    period = info.node("timingPeriod")
    if period is not None:
        return period.day("start"), period.day("end")
    return day, None


def _encounter_level(bundle: RequestBundle) -> str | None:
    """The level of care that the encounter of an institutional claim states."""
    kind = encounter_class(encounter_of(bundle))
    if bundle.claim.resource.code_in("type", "claim-type") != "institutional":
        return None
    return LEVEL_OF_CARE_OF_ENCOUNTER.get(kind or "")


def diagnoses_by_sequence(bundle: RequestBundle) -> dict[int | None, str]:
    """ICD-10-CM codes of the Claim's diagnoses by sequence number, with their dot."""
    claim = bundle.claim
    found: dict[int | None, str] = {}
    for diagnosis in claim.resource.nodes("diagnosis"):
        codings = diagnosis.coded("diagnosisCodeableConcept")
        condition = bundle.resolve(diagnosis.node("diagnosisReference"), claim)
        if condition is not None and is_about_another(condition, claim_patient(bundle), bundle):
            continue
        if condition is not None:
            codings = condition.resource.coded("code")
        code = icd_code(codings, diagnosis.path, bundle.findings)
        if code is not None:
            found[diagnosis.whole("sequence")] = code
    return found


def icd_code(codings: tuple[Coding, ...], path: str, findings: IssueCollector) -> str | None:
    """The ICD-10-CM code among `codings`, written with its dot; anything else is left out with a note."""
    for coding in codings:
        if coding.system in ("icd-10-cm", ""):
            code = icd10cm_code(coding.code)
            if code is not None:
                return code
    findings.note(
        path, "umpire-diagnosis", "the diagnosis has no readable ICD-10-CM code and was left out", "ICD-10-CM"
    )
    return None


def _line_diagnoses(item: FhirNode, diagnoses: dict[int | None, str]) -> tuple[str, ...]:
    pointers = item.value.get("diagnosisSequence")
    sequences = pointers if isinstance(pointers, list) else []
    known = (diagnoses.get(sequence) for sequence in sequences if isinstance(sequence, int))
    return tuple(dict.fromkeys(code for code in known if code))
