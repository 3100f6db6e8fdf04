"""Whatever is put into another code system, refers to nothing, or has a status that nobody knows: if it changes what is read,
somebody is told."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from domain.errors import NotReadable
from tests.interop.fhir.bundles import (
    ACT_CODE,
    FACT,
    ICD10CM,
    PAS_CODES,
    PLACE,
    Json,
    add,
    add_supporting_information,
    concept,
    document,
    extension,
    first_claim,
    first_item,
    observation,
    percent,
    questionnaire_response,
    read,
    reference,
    request_bundle,
    update_of,
)

Place = tuple[str | int, ...]
CONDITION = "http://terminology.hl7.org/CodeSystem/condition-"
CHANGES = {"system": "https://codes.example.org/own", "reference": "Patient/nobody", "status": "strange"}


def rich_bundle() -> Json:
    """A request with a stay, dates, a place, a revenue code, and evidence of every kind."""
    bundle = request_bundle()
    about = {"subject": {"reference": "Patient/patient"}}
    stay = {"resourceType": "Encounter", "id": "stay", "status": "in-progress", **about}
    add(bundle, stay | {"class": {"system": ACT_CODE, "code": "IMP"}, "period": {"start": "2026-11-20T08:00:00-06:00"}})
    first_claim(bundle)["extension"].append(extension("extension-Claim.encounter", valueReference=reference(stay)))
    first_item(bundle)["locationCodeableConcept"] = concept(PLACE, "21")
    first_item(bundle)["revenue"] = concept("https://www.nubc.org/CodeSystem/RevenueCodes", "0120")
    add_supporting_information(bundle, document())
    add_supporting_information(bundle, observation(concept(FACT, "o2.sat_rest"), percent(86)))
    add_supporting_information(bundle, questionnaire_response({"x": {"valueBoolean": True}}))
    condition = {"resourceType": "Condition", "id": "condition", "code": concept(ICD10CM, "J44.9"), **about}
    condition["clinicalStatus"] = concept(CONDITION + "clinical", "active")
    condition["verificationStatus"] = concept(CONDITION + "ver-status", "confirmed")
    add_supporting_information(bundle, condition)
    dates = {"category": concept(PAS_CODES, "admissionDates"), "timingDate": "2026-11-20"}
    first_claim(bundle)["supportingInfo"].append(dates | {"sequence": 9})
    return bundle


def places(value: Any, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """The places where a code has a system, where something is referred to, and where a resource has a status."""
    if isinstance(value, dict):
        for name in CHANGES:
            if isinstance(value.get(name), str) and (name != "system" or "code" in value):
                yield path, name
        for name, child in value.items():
            yield from places(child, (*path, name))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*path, index))


def changed(bundle: Json, path: Place, name: str) -> Json:
    other = copy.deepcopy(bundle)
    node: Any = other
    for part in path:
        node = node[part]
    node[name] = CHANGES[name]
    return other


def content(bundle: Json) -> tuple[Json, set[str]]:
    """The request as read, without the notes; and the notes."""
    submission = read(bundle)
    said = submission.model_dump(mode="json", exclude={"notes": True, "request": {"remarks"}})
    return said, {str(note) for note in submission.notes}


@pytest.mark.parametrize("bundle", [rich_bundle(), update_of(request_bundle())], ids=["first", "update"])
def test_nothing_that_decides_something_is_passed_over_in_silence(bundle: Json) -> None:
    before, told = content(bundle)
    tried = 0
    for path, name in places(bundle):
        tried += 1
        try:
            after, now_told = content(changed(bundle, path, name))
        except NotReadable:
            continue
        assert after == before or now_told - told, (*path, name)
    assert tried > 50
