"""The request that comes of a change and of the one it follows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from domain.errors import ValidationIssue
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.requests.request import (
    AuthorizationRequest,
    DocumentReference,
    MemberReference,
    ProviderReference,
    RequestAction,
    ServiceLine,
    UrgencyClaim,
)
from domain.vocabulary import AskedBy, CertificationType, Channel, Circumstance, CodeSystem, ServiceKind, Urgency
from intake.requests.merge import EvidenceJson, MergedRequest, add_records, merge_evidence, merge_update

NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
NOTHING: EvidenceJson = {"statements": [], "answers": []}


def line(line_id: str, **changes: Any) -> ServiceLine:
    plain = ServiceLine(line_id=line_id, code="E1390", code_system=CodeSystem.HCPCS, quantity=Decimal(3), unit="month")
    return plain.model_copy(update=changes)


def request(*lines: ServiceLine, **changes: Any) -> AuthorizationRequest:
    plain = AuthorizationRequest(
        submission_id="S-1",
        received_at=NOON,
        channel=Channel.API,
        service_kind=ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id="MBR1"),
        requesting_provider=ProviderReference(npi="1999999984"),
        lines=lines or (line("1"), line("2")),
    )
    return plain.model_copy(update=changes)


def change(*lines: ServiceLine, **changes: Any) -> AuthorizationRequest:
    fields = {"submission_id": "S-2", "action": RequestAction.UPDATE, "received_at": LATER}
    return request(*lines, **(fields | changes))


def merged(prior: AuthorizationRequest, after: AuthorizationRequest, **more: Any) -> MergedRequest:
    found = merge_update(prior, NOTHING, after, NOTHING, **more)
    assert isinstance(found, MergedRequest), found
    return found


def test_lines_go_by_their_ids() -> None:
    found = merged(request(), change(line("1", quantity=Decimal(2)), line("3")))
    assert [each.line_id for each in found.request.lines] == ["1", "2", "3"]
    assert found.what == ("line 1 changed (quantity)", "line 3 added")


def test_the_first_receipt_stays_whatever_follows() -> None:
    assert merged(request(), change(line("3"))).request.received_at == NOON


def test_a_line_that_was_cancelled_before_may_be_listed_again() -> None:
    gone = line("2", certification=CertificationType.CANCEL)
    found = merged(request(line("1")), change(line("1"), gone), lines_before=frozenset({"1", "2"}))
    assert found.what == () and found.changes_nothing


def test_a_line_that_was_never_there_cannot_be_cancelled() -> None:
    gone = line("9", certification=CertificationType.CANCEL)
    found = merge_update(request(), NOTHING, change(gone), NOTHING)
    assert isinstance(found, tuple) and isinstance(found[0], ValidationIssue) and found[0].expected == "one of: 1, 2"


def test_cancelling_every_line_withdraws_the_request() -> None:
    gone = [line(name, certification=CertificationType.CANCEL) for name in ("1", "2")]
    assert merged(request(), change(*gone)).withdrawn
    assert merged(request(), change(*gone, action=RequestAction.CANCEL)).withdrawn


def test_a_cancellation_that_names_no_line_is_of_everything() -> None:
    assert merged(request(), change(line("1"), action=RequestAction.CANCEL)).withdrawn


def test_nobody_else_is_drawn_into_a_change() -> None:
    other = change(member=MemberReference(member_id="MBR2"))
    found = merge_update(request(), NOTHING, other, NOTHING)
    assert isinstance(found, tuple) and [problem.rule for problem in found] == ["intake.prior_member"]


def test_what_a_change_does_not_say_stays_as_it_was() -> None:
    prior = request(servicing_provider=ProviderReference(npi="1215000021"), diagnoses=("J44.9",))
    found = merged(prior, change())
    assert found.request.servicing_provider == prior.servicing_provider and found.request.diagnoses == ("J44.9",)


def test_urgency_is_asked_for_and_never_slipped_in() -> None:
    urgent = UrgencyClaim(urgency=Urgency.EXPEDITED, asked_by=AskedBy.MEMBER)
    found = merged(request(), change(urgency=urgent))
    assert found.expedite and found.request.urgency.urgency is Urgency.STANDARD and not found.changes_nothing
    assert not merged(request(urgency=urgent), change()).expedite


def test_a_new_value_under_the_same_reference_takes_the_place_of_the_old_one() -> None:
    old = {"reference": "Observation/1", "code_system": "LOINC", "code": "2708-6", "value": 91}
    other = {"reference": "Observation/2", "code_system": "LOINC", "code": "2708-6", "value": 90}
    known: EvidenceJson = {"statements": [old, other], "answers": []}
    after = merge_evidence(known, {"statements": [old | {"value": 87}], "answers": []})
    assert [one["value"] for one in after["statements"]] == [90, 87]
    assert merge_evidence(known, {"statements": [other], "answers": []}) == known


def test_records_are_added_once() -> None:
    def fact(value: int) -> Fact:
        source = FactSource(kind=SourceKind.ATTESTATION, reference="Form/1")
        return Fact(id="pap.ahi", value=value, unit="/h", source=source)

    def document(at: datetime) -> DocumentReference:
        return DocumentReference(
            document_id="a" * 64, title="Note", content_type="text/plain", size_bytes=1, received_at=at
        )

    first = add_records(request(), [fact(20)], [document(NOON)])
    again = add_records(first, [fact(21)], [document(LATER)])
    assert [one.value for one in again.facts] == [21]
    assert [one.received_at for one in again.documents] == [NOON]


def test_a_change_that_says_nothing_of_circumstances_leaves_them_and_an_empty_list_takes_them_back() -> None:
    stated = (Circumstance.POST_STABILIZATION,)
    prior = request(circumstances=stated)
    silent = merged(prior, change())
    assert silent.request.circumstances == stated and silent.what == ()
    taken_back = merged(prior, change(circumstances=()))
    assert taken_back.request.circumstances == () and taken_back.what == ("circumstances changed",)
    added = merged(request(), change(circumstances=stated))
    assert added.request.circumstances == stated and added.what == ("circumstances changed",)
