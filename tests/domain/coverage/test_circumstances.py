"""The circumstances of a case, and which of them were stated only later."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.coverage.circumstances import case_circumstances, stated_circumstances
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import AskedBy, Channel, Circumstance, CodeSystem, Lob, ServiceKind, Urgency
from tests.domain.clocks.clockwork import clocks
from tests.domain.coverage.test_held_facts import COVERAGE

HOSPITALIZED, EXCEPTION = Circumstance.HOSPITALIZED, Circumstance.DRUG_EXCEPTION
RECEIVED = "2026-11-03T12:00:00-05:00"


def asked(*circumstances: Circumstance, level_of_care: str | None = None) -> AuthorizationRequest:
    line = ServiceLine(line_id="1", code="E0601", code_system=CodeSystem.HCPCS, level_of_care=level_of_care)
    return AuthorizationRequest(
        submission_id="test|1",
        received_at=datetime(2026, 3, 10, 18, tzinfo=UTC),
        channel=Channel.PORTAL,
        service_kind=ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        circumstances=circumstances or None,
        member=MemberReference(member_id="MBR1000001"),
        requesting_provider=ProviderReference(npi="1999999984"),
        lines=(line,),
    )


def test_what_only_a_change_of_the_request_states_is_told_apart() -> None:
    first, now = asked(), asked(EXCEPTION, HOSPITALIZED)
    known, later = case_circumstances(now, first, COVERAGE)
    assert set(known) == set(later) == {HOSPITALIZED, EXCEPTION}
    assert case_circumstances(now, now, COVERAGE) == (known, ())


def test_the_level_of_care_that_is_asked_for_states_inpatient_rehabilitation() -> None:
    assert stated_circumstances(asked(level_of_care="inpatient_rehabilitation")) == {
        Circumstance.INPATIENT_REHABILITATION
    }
    assert stated_circumstances(asked(level_of_care="inpatient")) == frozenset()


def test_a_circumstance_that_was_stated_later_binds_and_frees_from_nothing() -> None:
    part_d = {"lob": Lob.PART_D, "service_kind": ServiceKind.PHARMACY_DRUG, "circumstances": (EXCEPTION,)}
    assert set(clocks(RECEIVED, **part_d)) == {"PD-CD-EXC-STD"}
    assert set(clocks(RECEIVED, **part_d, stated_later=(EXCEPTION,))) == {"PD-CD-EXC-STD", "PD-CD-STD"}
