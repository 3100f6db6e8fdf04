"""Plain requests, umpire-request/1."""

from __future__ import annotations

import base64
import copy
import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.evidence.facts import EvidenceTier, SourceKind
from domain.requests.request import RequestAction
from domain.vocabulary import AskedBy, Channel, CodeSystem, ServiceKind, Urgency
from interop.submission import SubmissionFormat
from tests.interop.fhir.bundles import RECEIVED_AT, Json, note_rules, problem_rules, problems, read

NOTE = b"Walks ten steps."


def plain(**changes: Any) -> Json:
    document: Json = {
        "format": "umpire-request/1",
        "submission_id": "HM-1",
        "sender": {"organization": "Harbor Mobility", "npi": "1215000054"},
        "service_kind": "medical",
        "urgency": {"urgency": "expedited", "asked_by": "provider", "physician_statement": True},
        "member": {"member_id": "MBR1000005", "family_name": "Brandt", "birth_date": "1944-01-22"},
        "requesting_provider": {"npi": "1999999984", "name": "Riverbend Clinic"},
        "diagnoses": ["G35", "r26.2"],
        "lines": [{"line_id": "1", "code": "K0823", "code_system": "hcpcs", "quantity": 1, "unit": "unit"}],
        "documents": [{"name": "exam", "title": "Mobility examination", "text": NOTE.decode()}],
        "facts": [fact("mae.limits_mradl", True)],
    }
    return copy.deepcopy(document) | changes


def fact(identity: str, value: object, kind: str = "document", reference: str = "exam") -> Json:
    return {"id": identity, "value": value, "source": {"kind": kind, "reference": reference}}


def test_a_plain_request_is_read() -> None:
    submission = read(plain(), Channel.API)
    request = submission.request
    assert submission.format is SubmissionFormat.PLAIN
    assert (request.submission_id, request.action, request.channel) == ("HM-1", RequestAction.INITIAL, Channel.API)
    assert request.received_at == RECEIVED_AT
    assert request.service_kind is ServiceKind.MEDICAL
    assert (request.urgency.urgency, request.urgency.asked_by) == (Urgency.EXPEDITED, AskedBy.PROVIDER)
    assert request.urgency.physician_statement is True
    assert request.member.birth_date == date(1944, 1, 22)
    assert request.diagnoses == ("G35", "R26.2")
    assert (request.lines[0].code_system, request.lines[0].quantity) == (CodeSystem.HCPCS, Decimal(1))
    assert submission.sender.organization == "Harbor Mobility"
    assert submission.notes == ()


def test_a_document_as_text_or_base64_is_known_by_its_hash() -> None:
    encoded = {"title": "Scan", "content_type": "image/png", "base64": base64.b64encode(b"pixels").decode()}
    submission = read(plain(documents=[*plain()["documents"], encoded]))
    assert [found.content for found in submission.attachments] == [NOTE, b"pixels"]
    assert submission.request.documents[0].document_id == hashlib.sha256(NOTE).hexdigest()


def test_a_fact_from_a_document_refers_to_it_by_its_hash() -> None:
    (stated,) = read(plain()).request.facts
    assert stated.evidence is EvidenceTier.DOCUMENT
    assert stated.source.reference == hashlib.sha256(NOTE).hexdigest()


def test_a_fact_may_come_from_a_document_that_the_plan_already_has() -> None:
    known = hashlib.sha256(b"sent last week").hexdigest()
    (stated,) = read(plain(facts=[fact("a.b", 1, reference=known)])).request.facts
    assert stated.source.reference == known


def test_a_fact_from_a_document_that_nobody_has_is_refused() -> None:
    found = problem_rules(plain(facts=[fact("a.b", 1, reference="lost")]))
    assert found == {"$.facts[0].source.reference": "umpire-attachment"}


@pytest.mark.parametrize("kind", ["structured_resource", "attestation"])
def test_a_fact_carries_the_tier_that_it_declares(kind: str) -> None:
    (stated,) = read(plain(facts=[fact("a.b", 1, kind, "Observation/1")])).request.facts
    assert (stated.source.kind, stated.source.reference) == (SourceKind(kind), "Observation/1")


def test_a_judgment_from_outside_is_an_attestation() -> None:
    submission = read(plain(facts=[fact("mae.pwc_improves_mradl", True, "clinician_judgment", "me")]))
    assert submission.request.facts[0].evidence is EvidenceTier.ATTEST
    assert submission.request.facts[0].source.recorded_by is None
    assert note_rules(submission) == {"$.facts[0].source.kind": "umpire-judgment"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (3, 3), (3.5, 3.5), ("none", "none"), (["J44.9", "G35"], ("J44.9", "G35"))],
)
def test_a_value_keeps_its_type(value: object, expected: object) -> None:
    (stated,) = read(plain(facts=[fact("a.b", value)])).request.facts
    assert stated.value == expected
    assert type(stated.value) is type(expected)


def test_statements_and_answers_come_along() -> None:
    submission = read(
        plain(
            statements=[{"code_system": "LOINC", "code": "2708-6", "value": 86.5, "unit": "%", "reference": "Obs/1"}],
            answers=[{"link_id": "pap.ahi", "value": 22, "reference": "form 7", "document_id": "exam"}],
        )
    )
    assert submission.statements[0].value == 86.5
    assert submission.answers[0].value == 22
    assert submission.answers[0].document_id == hashlib.sha256(NOTE).hexdigest()


def changed(path: str, value: object) -> Json:
    """The document with one place changed; `...` removes it."""
    document = plain()
    *parents, last = (int(step) if step.isdigit() else step for step in path.split("."))
    target: Any = document
    for step in parents:
        target = target[step]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("submission_id", ..., "$.submission_id"),
        ("submission_id", " ", "$.submission_id"),
        ("member", ..., "$.member"),
        ("member.birth_date", "1944-13-01", "$.member.birth_date"),
        ("lines", [], "$.lines"),
        ("lines.0.code", ..., "$.lines[0].code"),
        ("lines.0.colour", "red", "$.lines[0].colour"),
        ("lines.0.code_system", "cpt4", "$.lines[0].code_system"),
        ("lines.0.quantity", "many", "$.lines[0].quantity"),
        ("urgency.urgency", "now", "$.urgency.urgency"),
        ("facts.0.value", {"a": 1}, "$.facts[0].value"),
        ("facts.0.value", None, "$.facts[0].value"),
        ("facts.0.source.kind", "hearsay", "$.facts[0].source.kind"),
        ("documents.0.base64", "QQ==", "$.documents[0]"),
        ("service_kind", ..., "$.service_kind"),
    ],
)
def test_what_does_not_fit_the_format_is_named_by_its_path(path: str, value: object, place: str) -> None:
    assert problem_rules(changed(path, value)) == {place: "umpire-request/1"}


@pytest.mark.parametrize(
    ("path", "value", "place", "rule"),
    [
        ("requesting_provider.npi", "12345", "$.requesting_provider.npi", "umpire-npi"),
        ("lines.0.code", "K08", "$.lines[0].code", "umpire-service-code"),
        ("lines.0.quantity", 0, "$.lines[0].quantity", "umpire-quantity"),
        ("diagnoses.0", "multiple sclerosis", "$.diagnoses[0]", "umpire-diagnosis"),
        ("documents.0", {"title": "Scan", "base64": "!"}, "$.documents[0].base64", "umpire-base64"),
        ("documents.0", {"title": "Scan", "text": ""}, "$.documents[0].text", "umpire-base64"),
    ],
)
def test_what_makes_no_sense_is_named_by_its_path_and_rule(path: str, value: object, place: str, rule: str) -> None:
    document = changed(path, value)
    document["facts"] = []
    assert problem_rules(document) == {place: rule}


def test_lines_have_ids_of_their_own_and_end_after_they_start() -> None:
    line = plain()["lines"][0] | {"start": "2027-01-02", "end": "2027-01-01"}
    assert problem_rules(plain(lines=[plain()["lines"][0], line])) == {
        "$.lines[1].line_id": "umpire-line",
        "$.lines[1].end": "umpire-date",
    }


def test_all_problems_are_told_at_once_and_say_what_was_expected() -> None:
    document = plain(service_kind="dental")
    del document["submission_id"]
    found = problems(document)
    assert [problem.path for problem in found] == ["$.submission_id", "$.service_kind"]
    assert found[1].expected == "one of medical, behavioral, part_b_drug, pharmacy_drug"


def test_a_refusal_never_repeats_a_value() -> None:
    document = changed("member.birth_date", "Walter was born in January 1944")
    assert all("Walter" not in str(problem) for problem in problems(document))
