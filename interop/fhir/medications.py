"""Drugs given earlier, as coded statements: MedicationDispense, and MedicationStatement with its period.

A dispense becomes the days that it lasts and the quantity, a medication statement the days of its period. Only what was
given counts: an order is no supply. The code is the first one of HCPCS, NDC or RxNorm, in this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.evidence.clinical_data import HCPCS, NDC, RXNORM, ClinicalStatement
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.codes import unit_name
from interop.fhir.node import Coding
from interop.numbers import plain_number

MEDICATIONS = ("MedicationDispense", "MedicationStatement")
_SYSTEMS = {"hcpcs": HCPCS, "ndc": NDC, "rxnorm": RXNORM}
_GIVEN_STATUSES = {
    "MedicationDispense": frozenset({"completed"}),
    "MedicationStatement": frozenset({"active", "completed"}),
}
_HANDED_OVER = ("whenHandedOver", "whenPrepared")


def read_supplies(entry: BundleEntry, bundle: RequestBundle) -> Iterator[ClinicalStatement]:
    """The statements of one resource of MEDICATIONS. What cannot be used is noted."""
    node = entry.resource
    if node.text("status") not in _GIVEN_STATUSES[entry.type]:
        wanted = " or ".join(sorted(_GIVEN_STATUSES[entry.type]))
        node.findings.note(node.at("status"), "umpire-evidence", "the drug was not given and was left out", wanted)
        return
    code = _code(entry, bundle)
    day = _day(entry)
    if code is None or day is None:
        what = "no code of HCPCS, NDC or RxNorm" if code is None else "no day"
        message = f"the drug that was given has {what} and was left out"
        node.findings.note(node.path, "umpire-evidence", message, "a coded drug and the day on which it was given")
        return
    amounts: list[tuple[int | float | None, str | None]] = [*_amounts(entry, day)]
    for value, unit in amounts or [(None, None)]:
        yield ClinicalStatement(
            code_system=code[0], code=code[1], value=value, unit=unit, effective=day, reference=entry.local_name
        )


def _code(entry: BundleEntry, bundle: RequestBundle) -> tuple[str, str] | None:
    codings: tuple[Coding, ...] = entry.resource.coded("medicationCodeableConcept")
    medication = bundle.resolve(entry.resource.node("medicationReference"), entry)
    if medication is not None:
        codings = (*codings, *medication.resource.coded("code"))
    by_system = {coding.system: coding.code for coding in reversed(codings)}
    return next(((name, by_system[system]) for system, name in _SYSTEMS.items() if system in by_system), None)


def _day(entry: BundleEntry) -> date | None:
    node = entry.resource
    if entry.type == "MedicationDispense":
        return next((node.evidence_day(name) for name in _HANDED_OVER if node.has(name)), None)
    period = node.node("effectivePeriod")
    return period.evidence_day("start") if period else node.evidence_day("effectiveDateTime")


def _amounts(entry: BundleEntry, day: date) -> Iterator[tuple[int | float, str | None]]:
    node = entry.resource
    if entry.type == "MedicationStatement":
        period = node.node("effectivePeriod")
        last = period.evidence_day("end") if period and period.has("end") else None
        if last is not None and last >= day:
            yield (last - day).days + 1, "d"
        return
    days, quantity = node.node("daysSupply"), node.node("quantity")
    lasts: Decimal | None = days.number("value") if days else None
    if lasts is not None:
        yield plain_number(lasts), "d"
    amount = quantity.number("value") if quantity else None
    if quantity is not None and amount is not None:
        yield plain_number(amount), unit_name(quantity.text("code") or quantity.text("unit")) or "unit"
