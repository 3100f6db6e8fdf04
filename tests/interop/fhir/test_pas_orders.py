"""Quantity and days that stand only in the order behind an item."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.interop.fhir.bundles import Json, add, extension, first_claim, read, request_bundle


def ordered(kind: str = "ServiceRequest", **order: Any) -> Json:
    """A request whose item has neither quantity nor dates and refers to this order."""
    bundle = request_bundle()
    resource = {"resourceType": kind, "id": "behind", "status": "active", "intent": "order", **order}
    add(bundle, resource | {"subject": {"reference": "Patient/patient"}})
    item = first_claim(bundle)["item"][0]
    del item["quantity"], item["servicedPeriod"]
    item["extension"] = [one for one in item["extension"] if not one["url"].endswith("requestedService")]
    item["extension"].append(extension("extension-requestedService", valueReference={"reference": f"{kind}/behind"}))
    return bundle


PERIOD = {"start": "2027-03-01", "end": "2027-08-31"}
DAYS = (date(2027, 3, 1), date(2027, 8, 31))


@pytest.mark.parametrize(
    "bundle",
    [
        ordered(quantityQuantity={"value": 6, "code": "MO"}, occurrencePeriod=PERIOD),
        ordered(quantityQuantity={"value": 6, "code": "MO"}, occurrenceTiming={"repeat": {"boundsPeriod": PERIOD}}),
        ordered(
            "MedicationRequest", dispenseRequest={"quantity": {"value": 6, "code": "MO"}, "validityPeriod": PERIOD}
        ),
    ],
)
def test_quantity_and_days_come_from_the_order_where_the_item_has_none(bundle: Json) -> None:
    (line,) = read(bundle).request.lines
    assert (line.quantity, line.unit) == (6, "month")
    assert (line.start, line.end) == DAYS


def test_one_day_of_the_order_is_the_day_of_the_line() -> None:
    (line,) = read(ordered("DeviceRequest", occurrenceDateTime="2027-03-01T09:00:00-06:00")).request.lines
    assert (line.start, line.end) == (date(2027, 3, 1), date(2027, 3, 1))


def test_what_the_item_states_goes_before_the_order() -> None:
    bundle = ordered(quantityQuantity={"value": 6, "code": "MO"}, occurrencePeriod=PERIOD)
    first_claim(bundle)["item"][0] |= {"quantity": {"value": 2, "code": "MO"}, "servicedDate": "2027-01-01"}
    (line,) = read(bundle).request.lines
    assert (line.quantity, line.start) == (2, date(2027, 1, 1))


@pytest.mark.parametrize("form", [{"quantityRange": {"low": {"value": 1}}}, {"occurrenceTiming": {"repeat": {}}}])
def test_an_order_in_a_form_that_is_not_read_is_a_remark_about_the_service(form: Json) -> None:
    remarks = read(ordered(**form)).request.remarks
    assert [(remark.rule, remark.about_service) for remark in remarks] == [("umpire-order", True)]
