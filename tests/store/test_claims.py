"""A claim is kept once, under its review's number, and never changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Corrupt, NotOnFile
from domain.retrospective.claim import Claim
from store import claims
from store.session import Store
from tests.store.samples import NOON


def claim(**changes: Any) -> Claim:
    line = {
        "line_id": "1",
        "code": "E0601",
        "code_system": "hcpcs",
        "units": "1.50",
        "start": "2026-01-02",
        "end": "2026-01-02",
    }
    given: dict[str, Any] = {
        "claim_number": "C-1",
        "received_at": NOON,
        "channel": "api",
        "service_kind": "medical",
        "member": {"member_id": "MBR1000001"},
        "billing_provider": {"npi": "1999999984"},
        "diagnoses": ({"code": "G47.33"},),
        "lines": (line,),
    }
    return Claim.model_validate(given | changes)


def test_a_claim_comes_back_as_it_was_kept(store: Store) -> None:
    evidence = {"statements": [], "answers": [{"link_id": "a"}]}
    with store.begin() as s:
        claims.save(s, "RR-1", claim(), 7, evidence)
        claims.save(s, "RR-1", claim(), 7, evidence)
        found = claims.load(s, "RR-1")
    assert (found.claim, found.inbox_id, found.evidence) == (claim(), 7, evidence)
    assert str(found.claim.lines[0].units) == "1.50"


def test_another_claim_under_the_same_number_is_an_error(store: Store) -> None:
    with store.begin() as s:
        claims.save(s, "RR-1", claim(), 7)
        with pytest.raises(Corrupt):
            claims.save(s, "RR-1", claim(), 8)


def test_claims_of_a_member_come_in_the_order_of_their_receipt(store: Store) -> None:
    with store.begin() as s:
        claims.save(s, "RR-LATE", claim(received_at=NOON + timedelta(days=1)), 1)
        claims.save(s, "RR-B", claim(), 3)
        claims.save(s, "RR-A", claim(), 2)
        claims.save(s, "RR-X", claim(member={"member_id": "MBR1000002"}), 4)
        found = claims.of_member(s, "MBR1000001")
        assert claims.find(s, "RR-NONE") is None
        with pytest.raises(NotOnFile):
            claims.load(s, "RR-NONE")
    assert [one.case_id for one in found] == ["RR-A", "RR-B", "RR-LATE"]
