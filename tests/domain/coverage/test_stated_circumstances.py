"""Circumstances that a request states, and what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.coverage.circumstances import stated_circumstances
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import AskedBy, Channel, Circumstance, CodeSystem, ServiceKind, Urgency


def asked(*circumstances: Circumstance) -> frozenset[Circumstance]:
    request = AuthorizationRequest(
        submission_id="test|1",
        received_at=datetime(2026, 11, 2, 15, tzinfo=UTC),
        channel=Channel.PORTAL,
        service_kind=ServiceKind.PHARMACY_DRUG,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        circumstances=circumstances or None,
        member=MemberReference(member_id="MBR1"),
        requesting_provider=ProviderReference(npi="1999999984"),
        lines=(ServiceLine(line_id="1", code="99999-0330-30", code_system=CodeSystem.NDC),),
    )
    return stated_circumstances(request)


def test_a_tier_exception_is_an_exception_to_the_formulary_with_its_clock() -> None:
    assert asked(Circumstance.TIER_EXCEPTION) == {Circumstance.TIER_EXCEPTION, Circumstance.DRUG_EXCEPTION}


def test_what_is_not_stated_does_not_apply() -> None:
    assert asked() == frozenset()
    assert asked(Circumstance.DRUG_EMERGENCY) == {Circumstance.DRUG_EMERGENCY}
