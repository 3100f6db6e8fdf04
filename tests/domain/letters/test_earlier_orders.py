"""Activities that an earlier release scheduled are run by this one: it reads the letter orders that they carry."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.cases.orders import RecordInput
from domain.letters.orders import LetterOrder
from domain.letters.request_facts import (
    InformationRequestFacts,
    LetterLineFacts,
    MissingInformation,
    RequestDetails,
)
from domain.letters.stay_facts import StayFacts
from domain.vocabulary import STAY_NOTICES, Lob, NoticeKind, ServiceKind, Urgency
from tests.paths import ROOT

OF_A_REQUEST = """
{"case_id": "PA-FDHIBV6ZQQXL", "entries": [], "letters": [{"case_id": "PA-FDHIBV6ZQQXL", "request_version": 1,
"notice": "information_request", "round": 1, "plan_id": "1888888884", "lob": "medicare_advantage", "state": "IL",
"zone": "America/Chicago", "urgency": "standard", "now": "2026-11-23T10:51:10.452087Z", "lines": [{"line_id": "1",
"outcome": null, "approved_quantity": null, "approved_start": null, "approved_end": null}],
"decision_due": "2026-12-01T05:59:59Z", "decision_due_citation": "42 CFR 422.568(b)(1)(ii)", "decided_at": null,
"signed": null, "approved_by_rule": null, "authorization_number": null,
"asked_verdicts": ["V-3086de697c9880ebd9c6b1a5"], "asked_facts": [], "asked_lines": ["1"],
"respond_by": "2026-11-28T03:08:27.580835Z", "extension_reason": null, "new_due": null, "peer_to_peer_until": null,
"not_required_because": null, "withdrawn_by": null, "expedite_refusal_reason": null, "consequence": null,
"consequence_words": null, "missed_due": null, "missed_citation": null, "decided_since": false}]}
"""
OF_A_STAY = """
{"case_id": "DP-0001", "entries": [], "letters": [], "stay_letters": [{"case_id": "DP-0001", "notice": "nomnc", "round": 1,
"plan_id": "1888888884", "lob": "medicare_advantage", "state": "IL", "zone": "America/Chicago",
"now": "2026-11-28T13:46:59.985265Z", "member_id": "MBR1000001", "recipients": {"provider": "1215000062"},
"facts": {"facility": "Meridian Heart Hospital", "facility_npi": "1215000062",
"service": "care in the skilled nursing facility", "admitted_on": "2026-11-28", "observation_began": null,
"certified_through": null, "last_covered_day": "2026-12-02", "discharge_on": null, "setting": null, "respond_by": null,
"asked": [], "review_from": null, "qio_request_by": "2026-12-01T18:00:00Z", "reason": null, "basis": null,
"facts_of_case": [], "signed_by": null, "choices": [], "appointments": [], "appointment": null, "medicines": [],
"equipment": [], "teaching": [], "warning_signs": [], "gaps": [], "call_number": null, "facility_state": null,
"takes_no_medicines": null, "qio_ruled_before": null, "changed_since": null, "plan_policy": null,
"what_would_change": null, "advance_exception": null, "service_kind": "medical"}}]}
"""
"""Both as they stand in stored histories, without their journal entries."""


def recorded_inputs(history: Path) -> Iterator[dict[str, Any]]:
    for event in json.loads(history.read_text())["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled and scheduled["activityType"]["name"] == "record":
            yield json.loads(base64.b64decode(scheduled["input"]["payloads"][0]["data"]))


def test_an_order_on_a_request_with_all_facts_beside_each_other_is_read_by_its_notice() -> None:
    (order,) = RecordInput.model_validate_json(OF_A_REQUEST).letters
    assert order == LetterOrder(
        case_id="PA-FDHIBV6ZQQXL",
        notice=NoticeKind.INFORMATION_REQUEST,
        round=1,
        plan_id="1888888884",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        now=datetime(2026, 11, 23, 10, 51, 10, 452087, tzinfo=UTC),
        facts=InformationRequestFacts(
            request=RequestDetails(
                request_version=1,
                urgency=Urgency.STANDARD,
                lines=(LetterLineFacts(line_id="1"),),
                decision_due=datetime(2026, 12, 1, 5, 59, 59, tzinfo=UTC),
                decision_due_citation="42 CFR 422.568(b)(1)(ii)",
            ),
            missing=MissingInformation(asked_verdicts=("V-3086de697c9880ebd9c6b1a5",), asked_lines=("1",)),
            respond_by=datetime(2026, 11, 28, 3, 8, 27, 580835, tzinfo=UTC),
        ),
    )


def test_an_order_about_a_stay_from_a_list_of_its_own_is_read_as_a_letter_like_any_other() -> None:
    (order,) = RecordInput.model_validate_json(OF_A_STAY).letters
    assert order == LetterOrder(
        case_id="DP-0001",
        notice=NoticeKind.NOMNC,
        round=1,
        plan_id="1888888884",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        now=datetime(2026, 11, 28, 13, 46, 59, 985265, tzinfo=UTC),
        recipients={"provider": "1215000062"},
        facts=StayFacts(
            member_id="MBR1000001",
            facility="Meridian Heart Hospital",
            facility_npi="1215000062",
            service="care in the skilled nursing facility",
            admitted_on=date(2026, 11, 28),
            last_covered_day=date(2026, 12, 2),
            qio_request_by=datetime(2026, 12, 1, 18, 0, tzinfo=UTC),
            service_kind=ServiceKind.MEDICAL,
        ),
    )


@pytest.mark.parametrize("old", [OF_A_REQUEST, OF_A_STAY])
def test_an_order_that_was_read_is_written_in_the_new_shape_and_read_again(old: str) -> None:
    read = RecordInput.model_validate_json(old)
    assert RecordInput.model_validate_json(read.model_dump_json()) == read


def test_every_order_of_the_stored_histories_is_read_with_all_that_it_told() -> None:
    seen: set[NoticeKind] = set()
    for old in (one for history in (ROOT / "tests" / "histories").glob("*.json") for one in recorded_inputs(history)):
        letters = RecordInput.model_validate_json(json.dumps(old)).letters
        orders = [*old.get("letters", ()), *old.get("stay_letters", ())]
        assert [letter.notice for letter in letters] == [order["notice"] for order in orders]
        for letter, order in zip(letters, orders, strict=True):
            flat = order | order.get("facts", {})
            assert _told(letter.model_dump(mode="json")) >= _told(flat) - _OF_OTHER_NOTICES
            seen.add(letter.notice)
    assert len(seen & STAY_NOTICES) >= 6 and len(seen - STAY_NOTICES) >= 9


def test_facts_of_another_notice_are_refused() -> None:
    (order,) = RecordInput.model_validate_json(OF_A_REQUEST).letters
    for notice in (NoticeKind.WITHDRAWN, NoticeKind.NOMNC):
        with pytest.raises(ValueError, match="facts of information_request"):
            LetterOrder(**(dict(order) | {"notice": notice}))


_OF_OTHER_NOTICES = {"decided_at", "authorization_number"}
"""Earlier orders carried these also for notices that do not tell them."""


def _told(value: dict[str, Any]) -> set[str]:
    """The names of what is told, wherever it stands."""
    found = {name for name, one in value.items() if one not in (None, [], {}, False) and name != "facts"}
    inner = [one for name, one in value.items() if name in ("facts", "request", "missing") and isinstance(one, dict)]
    return found.union(*(_told(one) for one in inner))
