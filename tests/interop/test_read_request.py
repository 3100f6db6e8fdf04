"""The door: encodings, sizes, broken JSON, other formats."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import pytest

from domain.errors import NotReadable
from domain.vocabulary import Channel
from interop.reader import read_request
from interop.submission import Submission, SubmissionFormat
from tests.interop.fhir.bundles import (
    RECEIVED_AT,
    add_supporting_information,
    as_bytes,
    document,
    problem_rules,
    problems,
    read,
    request_bundle,
)

ESCAPES = "Concentrator\x1b[2J\x07 with\u009b31m\x7f tubing"


def test_control_characters_become_spaces_with_a_remark() -> None:
    bundle = request_bundle()
    bundle["entry"][0]["resource"]["item"][0]["productOrService"]["text"] = ESCAPES
    request = read(bundle).request
    assert request.lines[0].description == "Concentrator [2J with 31m tubing"
    assert [remark.rule for remark in request.remarks] == ["json-characters"]


@pytest.mark.parametrize("escaped", [True, False])
def test_marks_that_turn_a_text_become_spaces_with_a_remark(escaped: bool) -> None:
    bundle = request_bundle()
    bundle["entry"][0]["resource"]["item"][0]["productOrService"]["text"] = "Concentrator \u202edeined\u2066 tubing"
    raw = json.dumps(bundle, ensure_ascii=escaped).encode()
    request = read_request(raw, RECEIVED_AT, Channel.FHIR_PAS).request
    assert request.lines[0].description == "Concentrator deined tubing"
    assert [remark.rule for remark in request.remarks] == ["json-characters"]


def test_a_description_is_one_line() -> None:
    bundle = request_bundle()
    bundle["entry"][0]["resource"]["item"][0]["productOrService"]["text"] = "A device\r\n\r\nDECISION:\tApproved"
    request = read(bundle).request
    assert request.lines[0].description == "A device DECISION: Approved"
    assert request.remarks == ()


def test_line_breaks_and_a_written_backslash_are_kept() -> None:
    bundle = add_supporting_information(request_bundle(), document())
    info = bundle["entry"][0]["resource"]["supportingInfo"]
    info.append({"sequence": 2, "category": info[0]["category"], "valueString": "C:\\u001b\\b\n\tline two"})
    submission = read(bundle)
    assert submission.attachments[1].content == b"C:\\u001b\\b\n\tline two"
    assert submission.request.remarks == ()


def test_a_request_bundle_is_read_as_pas() -> None:
    submission = read(request_bundle())
    assert submission.format is SubmissionFormat.FHIR_PAS
    assert submission.request.submission_id == "http://example.org/transactions|TX-1"
    assert submission.request.channel is Channel.FHIR_PAS
    assert submission.request.received_at == RECEIVED_AT
    assert submission.notes == ()


def test_a_byte_order_mark_is_accepted() -> None:
    raw = b"\xef\xbb\xbf" + as_bytes(request_bundle())
    assert read_request(raw, RECEIVED_AT, Channel.API).request.member.member_id == "MBR1000001"


def test_the_same_bytes_give_the_same_submission() -> None:
    raw = as_bytes(add_supporting_information(request_bundle(), document()))
    once = read_request(raw, RECEIVED_AT, Channel.FHIR_PAS)
    assert once == read_request(raw, RECEIVED_AT, Channel.FHIR_PAS)


def test_a_submission_survives_json_with_its_bytes() -> None:
    submission = read(add_supporting_information(request_bundle(), document(b"\xff\x00 a scan")))
    assert Submission.model_validate_json(submission.model_dump_json()) == submission


@pytest.mark.parametrize(
    ("raw", "path", "rule"),
    [
        (b"", "document", "umpire-format"),
        (b"  \n ", "document", "umpire-format"),
        ('{"a": "é"}'.encode("utf-16"), "document", "umpire-encoding"),
        ('{"a": 1}'.encode("utf-16-le"), "document", "umpire-encoding"),
        ('{"a": 1}'.encode("utf-32"), "document", "umpire-encoding"),
        (b'{"a":\n "caf\xe9"}', "line 2, byte 6", "umpire-encoding"),
        (b'{"a": 1,\n "b": }', "line 2, column 7", "json-syntax"),
        (b'{"a": NaN}', "document", "json-syntax"),
        (b'{"a": ' + b"9" * 5000 + b"}", "document", "json-syntax"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "document", "spec-11"),
        (b"ISA*00*          *00*", "document", "umpire-format"),
        (b"%PDF-1.7", "document", "umpire-format"),
        (b"[]", "$", "umpire-format"),
        (b'"text"', "$", "umpire-format"),
        (b'{"hello": 1}', "$", "umpire-format"),
        (b'{"format": "umpire-request/9"}', "$.format", "umpire-format"),
        (b'{"resourceType": "Patient"}', "resourceType", "umpire-format"),
        (b'{"resourceType": 5}', "resourceType", "umpire-format"),
    ],
)
def test_what_is_no_request_is_refused_with_its_place(raw: bytes, path: str, rule: str) -> None:
    (problem,) = problems(raw)
    assert (problem.path, problem.rule) == (path, rule)
    assert problem.expected


def test_a_document_above_the_limit_is_refused_with_both_sizes() -> None:
    raw = as_bytes(request_bundle())
    with pytest.raises(NotReadable) as refused:
        read_request(raw + b" " * 3_000_000, RECEIVED_AT, Channel.FHIR_PAS, max_bytes=2 * 1024 * 1024)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.expected) == ("umpire-size", "at most 2.0 MiB")
    assert "2.9 MiB" in problem.message


@pytest.mark.parametrize("depth", [101, 900, 100_000])
def test_a_nesting_bomb_is_refused_and_harms_nobody(depth: int) -> None:
    raw = b'{"resourceType": "Bundle", "entry": ' + b"[" * depth + b"]" * depth + b"}"
    assert problem_rules(raw) == {"document": "json-depth"}


def test_a_property_given_twice_is_refused_with_its_place() -> None:
    raw = b'{"resourceType": "Bundle", "entry": [{"resource": {"id": "a", "id": "b"}}]}'
    assert problem_rules(raw) == {"Bundle.entry[0].resource": "json-duplicate-name"}


@pytest.mark.parametrize("escape", [b"\\u0000", b"\\ud800"])
def test_text_that_no_database_can_keep_is_refused(escape: bytes) -> None:
    raw = b'{"resourceType": "Bundle", "id": "a' + escape + b'"}'
    assert problem_rules(raw) == {"Bundle.id": "json-characters"}


def test_a_refusal_names_no_more_than_two_hundred_problems() -> None:
    bundle = request_bundle()
    bundle["entry"] += [{} for _ in range(1000)]
    found = problems(bundle)
    assert len(found) == 201
    assert found[-1].rule == "umpire-more"


def test_decimals_keep_their_digits() -> None:
    raw = as_bytes(request_bundle()).replace(b'"value": 12,', b'"value": 1.10,')
    line = read_request(raw, RECEIVED_AT, Channel.FHIR_PAS).request.lines[0]
    assert line.quantity == Decimal("1.10")
    assert str(line.quantity) == "1.10"


def test_an_arrival_without_a_time_zone_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        read_request(b"{}", datetime(2026, 12, 1), Channel.FHIR_PAS)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"II*\x00\x08\x00", "a picture (TIFF), as faxes are"),
        (b"\x00\x01\x02\x03", "a binary file"),
        (b'{\x00"\x00', "UTF-16 or UTF-32"),
    ],
)
def test_a_file_that_is_no_text_is_called_what_it_is(start: bytes, what: str) -> None:
    with pytest.raises(NotReadable) as refused:
        read_request(start, RECEIVED_AT, Channel.API)
    assert what in refused.value.problems[0].message
