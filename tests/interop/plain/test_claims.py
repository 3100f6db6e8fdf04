"""Plain claims, umpire-claim/1: what is read, and every reason why one is not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.errors import NotReadable
from domain.vocabulary import Channel
from interop.plain.claim import ClaimSubmission, is_claim, read_claim
from interop.reader import read_request
from tests.paths import SAMPLES

SAMPLES = SAMPLES / "claims"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def document(**changes: Any) -> dict[str, Any]:
    line = {"line_id": "1", "code": "E0601", "code_system": "hcpcs", "units": 1, "start": "2026-10-20"}
    return {
        "format": "umpire-claim/1",
        "claim_number": "C-1",
        "service_kind": "medical",
        "member": {"member_id": "MBR1000001"},
        "billing_provider": {"npi": "1999999984"},
        "diagnoses": [{"code": "g4733"}],
        "lines": [line],
    } | changes


def read(**changes: Any) -> ClaimSubmission:
    return read_claim(json.dumps(document(**changes)).encode(), NOW, Channel.API)


def problems(raw: bytes) -> dict[str, str]:
    with pytest.raises(NotReadable) as caught:
        read_claim(raw, NOW, Channel.API)
    return {problem.path: problem.rule for problem in caught.value.problems}


def test_what_a_claim_does_not_state_is_unknown_and_not_false() -> None:
    claim = read().claim
    assert (claim.emergency, claim.clean, claim.admitted, claim.billed_drg) == (None, None, None, None)
    assert claim.received_at == NOW


def test_a_line_without_an_end_is_of_one_day_and_diagnoses_get_their_dot() -> None:
    claim = read().claim
    assert claim.lines[0].end == date(2026, 10, 20)
    assert [diagnosis.code for diagnosis in claim.diagnoses] == ["G47.33"]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_is_as_its_name_says(path: Path) -> None:
    raw = path.read_bytes()
    assert is_claim(raw)
    if path.stem == "faulty":
        assert problems(raw)
    else:
        assert read_claim(raw, NOW, Channel.API).claim.lines


def test_every_reason_is_told_at_once_with_its_place() -> None:
    faulty = json.loads((SAMPLES / "faulty.json").read_text())
    shape = problems(json.dumps(faulty).encode())
    assert shape["$.lines[1].strat"] == "umpire-claim/1" and shape["$.billed_drg"] == "umpire-claim/1"
    faulty["lines"][1].pop("strat")
    faulty["billed_drg"] = "291"
    assert problems(json.dumps(faulty).encode()) == {
        "$.admitted": "umpire-drg",
        "$.billing_provider.npi": "umpire-npi",
        "$.diagnoses[0].code": "umpire-diagnosis",
        "$.lines[0].code": "umpire-service-code",
        "$.lines[0].units": "umpire-quantity",
        "$.lines[0].end": "umpire-date",
        "$.lines[1].line_id": "umpire-line",
    }


def test_a_misspelt_property_names_the_format_of_claims() -> None:
    raw = json.dumps(document(clame_number="C-2")).encode()
    with pytest.raises(NotReadable) as caught:
        read_claim(raw, NOW, Channel.API)
    assert "a property of umpire-claim/1" in str(caught.value)


def test_care_that_lies_in_the_future_is_no_claim() -> None:
    line = document()["lines"][0] | {"start": "2027-01-02"}
    with pytest.raises(NotReadable) as caught:
        read(lines=[line])
    assert "umpire submit" in str(caught.value)


def test_a_discharge_does_not_lie_before_its_admission() -> None:
    raw = json.dumps(document(admitted="2026-10-12", discharged="2026-10-11")).encode()
    assert problems(raw) == {"$.discharged": "umpire-date"}


def test_a_billed_line_of_centuries_is_refused() -> None:
    billed = document()
    billed["lines"][0] |= {"start": "1926-01-01", "end": "2026-01-01"}
    assert problems(json.dumps(billed).encode()) == {"$.lines[0].end": "umpire-span"}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b'{"format": "umpire-claim/2"}', b"<claim/>", b"\xff\xfe"])
def test_what_is_no_claim_is_refused_with_a_reason_and_never_an_error(raw: bytes) -> None:
    assert not is_claim(raw)
    assert problems(raw)


def test_whoever_submits_a_claim_as_a_request_hears_the_way_out() -> None:
    with pytest.raises(NotReadable) as caught:
        read_request(json.dumps(document()).encode(), NOW, Channel.API)
    assert "umpire retro submit" in str(caught.value)


def test_whoever_submits_a_request_as_a_claim_hears_the_way_out() -> None:
    with pytest.raises(NotReadable) as caught:
        read(format="umpire-request/1")
    assert "umpire submit" in str(caught.value)
