"""A provider's gold card in a look at a request: it exempts what it names, and only under a programme that binds the plan."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from activities.authorization_review import AuthorizationLookups
from activities.integrations.eligibility import DirectoryEligibility
from domain.authorization.orders import ReviewInput
from domain.coverage.directory import GoldCard
from domain.coverage.requirements import Requirement
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import AskedBy, Channel, CodeSystem, ServiceKind, Urgency
from rulebook.rulebook import load_rulebook
from store import directory, requests
from store.session import Store

BOOK = load_rulebook({})
NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)


def looked_at(store: Store, programme: str, *codes: str) -> Requirement:
    """The need of a CPAP device that a clinic with this card asks for, for a member of Medicare Advantage."""
    request = AuthorizationRequest(
        submission_id="test|1",
        received_at=NOON,
        channel=Channel.PORTAL,
        service_kind=ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id="MBR1000001"),
        requesting_provider=ProviderReference(npi="1999999984"),
        lines=(ServiceLine(line_id="1", code="E0601", code_system=CodeSystem.HCPCS, start=date(2026, 4, 1)),),
    )
    with store.begin() as s:
        clinic = directory.provider(s, "1999999984")
        assert clinic is not None
        card = GoldCard(programme=programme, codes=codes, first_day=date(2026, 1, 1))
        directory.put_provider(s, clinic.model_copy(update={"gold_cards": (card,)}))
        requests.save(s, "PA-1", request)
    order = ReviewInput(case_id="PA-1", request_version=1, received_at=NOON, events=(), now=NOON)
    look = AuthorizationLookups(store, BOOK, DirectoryEligibility(store)).look_into(order)
    return look.assessment.lines[0].requirement


def test_a_card_of_the_plans_own_programme_exempts_what_it_names(store: Store) -> None:
    found = looked_at(store, "EX-GOLD", "E0601")
    assert found.required is False
    assert "EX-GOLD" in found.citation and "gold card" in found.because


@pytest.mark.parametrize(("programme", "code"), [("EX-GOLD", "E1390"), ("GOLD-TX", "E0601"), ("GOLD-XX", "E0601")])
def test_a_card_for_something_else_or_of_a_programme_that_does_not_bind_changes_nothing(
    store: Store, programme: str, code: str
) -> None:
    assert looked_at(store, programme, code).required is True
