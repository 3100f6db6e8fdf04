"""Days, instants and quantities at the edge: refused with a reason where they are the service's, a remark in evidence."""

from __future__ import annotations

import json

import pytest

from domain.evidence.clinical_data import ClinicalStatement
from domain.vocabulary import Channel
from interop.reader import read_request
from tests.interop.fhir.bundles import (
    FACT,
    LOINC,
    RECEIVED_AT,
    Json,
    add_supporting_information,
    concept,
    first_claim,
    note_rules,
    observation,
    percent,
    problem_rules,
    questionnaire_response,
    read,
    request_bundle,
    resource,
)
from tests.paths import SAMPLES, SHARED


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1899-12-31T00:00:00Z"])
def test_an_instant_that_nobody_can_mean_is_a_problem_and_no_crash(stamp: str) -> None:
    bundle = request_bundle()
    bundle["timestamp"] = stamp
    assert problem_rules(bundle) == {"Bundle.timestamp": "umpire-date"}


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_of_service_outside_the_window_is_a_problem(day: str) -> None:
    bundle = request_bundle()
    first_claim(bundle)["item"][0]["servicedPeriod"] = {"start": day}
    assert "umpire-date" in problem_rules(bundle).values()


@pytest.mark.parametrize(("unit", "most"), [("DA", 3660), ("MO", 120), ("HS", 87840)])
def test_nobody_asks_for_more_than_ten_years(unit: str, most: int) -> None:
    bundle = request_bundle()
    first_claim(bundle)["item"][0]["quantity"] = {"value": most, "code": unit}
    assert read(bundle).request.lines[0].quantity == most
    first_claim(bundle)["item"][0]["quantity"] = {"value": most + 1, "code": unit}
    assert set(problem_rules(bundle).values()) == {"umpire-quantity"}


def statements(bundle: Json) -> tuple[ClinicalStatement, ...]:
    return read(bundle).statements


@pytest.mark.parametrize("said", ["2026-10", "2019", "0001-01-01", "2026-13-40"])
def test_evidence_with_a_date_that_is_not_whole_counts_as_undated_with_a_remark(said: str) -> None:
    bundle = add_supporting_information(
        request_bundle(), observation(concept(LOINC, "59408-5"), percent(86), effectiveDateTime=said)
    )
    (statement,) = statements(bundle)
    assert statement.effective is None
    assert "umpire-date" in {remark.rule for remark in read(bundle).request.remarks}


@pytest.mark.parametrize("said", ["2026-11", "2026-11-16T14:00:00", "9999-12-31T23:59:59-12:00"])
def test_a_questionnaire_with_a_strange_date_is_read(said: str) -> None:
    answered = questionnaire_response({"o2.home_benefit_expected": {"valueBoolean": True}})
    bundle = add_supporting_information(request_bundle(), answered | {"authored": said})
    (answer,) = read(bundle).answers
    assert answer.value is True


def test_a_null_beside_an_extension_is_no_fault() -> None:
    bundle = request_bundle()
    name = resource(bundle, "Patient")["name"][0]
    name["given"], name["_given"] = [None, "Alma"], [{"extension": [{"url": "x", "valueString": "y"}]}, None]
    assert read(bundle).request.member.given_name == "Alma"


@pytest.mark.parametrize(("name", "value"), [("start", "0001-01-01"), ("end", "9999-12-31")])
def test_a_plain_request_has_the_same_window(name: str, value: str) -> None:
    document = json.loads((SAMPLES / "requests" / "lumbar-fusion.json").read_bytes())
    document["lines"][0][name] = value
    assert problem_rules(document) == {f"$.lines[0].{name}": "umpire-date"}


@pytest.mark.parametrize(
    ("end", "rule"), [("2036-12-13", None), ("2036-12-14", "umpire-span"), ("2126-12-06", "umpire-span")]
)
def test_a_plain_line_of_more_than_ten_years_is_refused(end: str, rule: str | None) -> None:
    document = json.loads((SAMPLES / "requests" / "lumbar-fusion.json").read_bytes())
    document["lines"][0] |= {"start": "2026-12-07", "end": end}
    if rule is None:
        assert str(read(document).request.lines[0].end) == end
    else:
        assert problem_rules(document) == {"$.lines[0].end": rule}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not here")
def test_the_test_kits_requests_are_all_read() -> None:
    kit = sorted((SHARED / "data" / "pas" / "testkit-server-v221").glob("*submit*payload*.json"))
    assert kit
    for path in kit:
        read_request(path.read_bytes(), RECEIVED_AT, Channel.FHIR_PAS)


def test_a_whole_date_in_evidence_needs_no_remark() -> None:
    code = concept(FACT, "o2.sat_rest")
    bundle = add_supporting_information(request_bundle(), observation(code, percent(86)))
    assert note_rules(read(bundle)) == {}


def test_a_leap_second_is_read_as_the_second_before() -> None:
    bundle = request_bundle()
    bundle["timestamp"] = "2016-12-31T23:59:60Z"
    sent_at = read(bundle).sender.sent_at
    assert sent_at is not None and sent_at.isoformat() == "2016-12-31T23:59:59+00:00"
