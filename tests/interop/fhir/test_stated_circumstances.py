"""The circumstances of a case come from what its sender states, and from nothing else."""

from __future__ import annotations

import pytest

from domain.coverage.circumstances import stated_circumstances
from domain.vocabulary import REQUEST_CIRCUMSTANCES, Circumstance
from tests.interop.fhir.bundles import (
    ACT_CODE,
    PAS_CODES,
    PLACE,
    X12,
    Json,
    add_supporting_information,
    concept,
    extension,
    first_claim,
    first_item,
    info_cancelled,
    note_rules,
    observation,
    problem_rules,
    read,
    request_bundle,
    update_of,
    with_encounter,
)
from tests.interop.plain.test_requests import plain

HOSPITALIZED, POST_STABILIZATION = Circumstance.HOSPITALIZED, Circumstance.POST_STABILIZATION


def circumstance(name: str, value: bool = True, **changes: object) -> Json:
    return observation(
        concept("urn:umpire:circumstance", name),
        {"valueBoolean": value},
        f"is-{name.replace(chr(95), chr(45))}",
        **changes,
    )


def in_hospital(kind: str, status: str, admitted: str | None = None, discharged: str | None = None) -> Json:
    bundle = with_encounter({"system": ACT_CODE, "code": kind}, status)
    if admitted:
        period = {"start": admitted} | ({"end": discharged} if discharged else {})
        category = concept(PAS_CODES, "admissionDates")
        first_claim(bundle)["supportingInfo"] = [{"sequence": 1, "category": category, "timingPeriod": period}]
    return bundle


def test_a_request_that_states_nothing_has_no_circumstance() -> None:
    assert read(request_bundle()).request.circumstances is None
    assert read(plain()).request.circumstances is None


@pytest.mark.parametrize("name", sorted(REQUEST_CIRCUMSTANCES))
def test_a_plain_request_states_a_circumstance_by_its_name(name: str) -> None:
    assert read(plain(circumstances=[name])).request.circumstances == (Circumstance(name),)


@pytest.mark.parametrize("name", sorted(set(Circumstance) - REQUEST_CIRCUMSTANCES))
def test_no_sender_can_state_what_is_a_matter_of_the_plan(name: str) -> None:
    assert problem_rules(plain(circumstances=[name])) == {"$.circumstances[0]": "umpire-circumstance"}


def test_a_circumstance_that_does_not_exist_is_refused() -> None:
    assert "$.circumstances[0]" in problem_rules(plain(circumstances=["in_a_hurry"]))


@pytest.mark.parametrize("name", sorted(REQUEST_CIRCUMSTANCES))
def test_an_observation_in_a_bundle_states_a_circumstance(name: str) -> None:
    submission = read(add_supporting_information(request_bundle(), circumstance(name)))
    assert submission.request.circumstances == (Circumstance(name),)
    assert submission.statements == () and submission.notes == ()


def test_an_observation_that_says_no_states_that_there_is_none() -> None:
    assert (
        read(
            add_supporting_information(request_bundle(), circumstance("post_stabilization", False))
        ).request.circumstances
        == ()
    )


def test_a_circumstance_that_is_not_final_or_not_the_senders_to_state_is_noted_and_left_out() -> None:
    draft = read(add_supporting_information(request_bundle(), circumstance("post_stabilization", status="preliminary")))
    plans = read(add_supporting_information(request_bundle(), circumstance("fee_for_service")))
    for submission in (draft, plans):
        assert submission.request.circumstances is None
        assert "umpire-circumstance" in note_rules(submission).values()


@pytest.mark.parametrize("level", ["U", "03"])
def test_an_emergency_level_of_service_is_an_urgency_and_no_circumstance(level: str) -> None:
    bundle = request_bundle()
    coded = concept(X12 + "1338", level)
    first_claim(bundle)["extension"] = [extension("extension-levelOfServiceCode", valueCodeableConcept=coded)]
    assert read(bundle).request.circumstances is None


@pytest.mark.parametrize("kind", ["IMP", "ACUTE", "NONAC"])
def test_somebody_whose_inpatient_encounter_is_under_way_is_hospitalized(kind: str) -> None:
    assert read(in_hospital(kind, "in-progress")).request.circumstances == (HOSPITALIZED,)


@pytest.mark.parametrize(("kind", "status"), [("IMP", "planned"), ("AMB", "in-progress"), ("IMP", "finished")])
def test_a_planned_a_finished_or_an_outpatient_encounter_hospitalizes_nobody(kind: str, status: str) -> None:
    assert read(in_hospital(kind, status)).request.circumstances is None


def test_an_admission_before_the_day_of_receipt_says_that_somebody_is_in_the_hospital() -> None:
    assert read(in_hospital("IMP", "planned", "2026-11-29")).request.circumstances == (HOSPITALIZED,)


@pytest.mark.parametrize(
    ("kind", "admitted", "discharged"),
    [
        ("IMP", "2026-12-08", None),
        ("IMP", "2026-12-01", None),
        ("IMP", "2026-11-20", "2026-11-24"),
        ("AMB", "2026-11-29", None),
    ],
)
def test_an_admission_ahead_one_that_ended_and_one_to_no_hospital_say_nothing(
    kind: str, admitted: str, discharged: str | None
) -> None:
    assert read(in_hospital(kind, "planned", admitted, discharged)).request.circumstances is None


def test_an_admission_that_was_cancelled_says_nothing() -> None:
    bundle = in_hospital("IMP", "planned", "2026-11-29")
    first_claim(bundle)["supportingInfo"][0]["modifierExtension"] = [info_cancelled()]
    assert read(bundle).request.circumstances is None


@pytest.mark.parametrize(
    "change", [{"locationCodeableConcept": concept(PLACE, "61")}, {"category": concept(X12 + "1365", "AB")}]
)
def test_who_asks_for_inpatient_rehabilitation_states_it_by_the_place_or_the_type_of_service(change: Json) -> None:
    bundle = request_bundle()
    first_item(bundle).update(change)
    assert stated_circumstances(read(bundle).request) == {Circumstance.INPATIENT_REHABILITATION}


def test_an_update_keeps_in_its_bundle_what_it_states() -> None:
    update = update_of(add_supporting_information(request_bundle(), circumstance("post_stabilization")))
    assert read(update).request.circumstances == (POST_STABILIZATION,)
