"""Deadlines that a letter names end while those for whom they are can act."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from domain.authorization import letter_orders, path
from domain.authorization.case import AuthorizationCase
from domain.letters.request_facts import InformationRequestFacts, PeerToPeerOfferFacts
from domain.office_hours import OfficeHours
from domain.vocabulary import NoticeKind
from tests.domain.authorization.casebook import START, criteria, line, open_case

LATER = START + timedelta(hours=3, minutes=17)
PLAN = OfficeHours(opens=time(8), closes=time(17), zone="America/Chicago", closed_on=(date(2026, 11, 11),))
CLINIC = PLAN.model_copy(update={"zone": "Pacific/Honolulu"})


def case(state: str, **more: object) -> AuthorizationCase:
    found = open_case(line("1", criteria(state)))
    offices = {"plan_office": PLAN, "requester_office": CLINIC} | more
    found.assessment = found.require_context().model_copy(update=offices)
    return found


def test_the_provider_is_asked_until_the_clinic_closes_on_its_own_clocks() -> None:
    asked = case("unknown")
    path.advance(asked, LATER)
    assert asked.information is not None
    local = asked.information.wait_until.astimezone(ZoneInfo("Pacific/Honolulu"))
    assert local.time() == time(17) or time(8) <= local.time() <= time(17)
    assert asked.information.wait_until.second == 0
    (order,), _ = letter_orders.plan_letters(asked, (NoticeKind.INFORMATION_REQUEST,), LATER)
    assert isinstance(order.facts, InformationRequestFacts) and order.facts.deadline_zone == "Pacific/Honolulu"


def test_the_peer_to_peer_is_offered_until_the_plan_closes() -> None:
    offered = case("not_met")
    offered.determinations.refer(("1",), "Not documented.")
    path.advance(offered, LATER)
    assert offered.peer_to_peer is not None
    local = offered.peer_to_peer.until.astimezone(ZoneInfo("America/Chicago"))
    assert time(8) <= local.time() <= time(17) and local.weekday() < 5
    (order,), _ = letter_orders.plan_letters(offered, (NoticeKind.PEER_TO_PEER_OFFER,), LATER)
    assert isinstance(order.facts, PeerToPeerOfferFacts) and order.facts.deadline_zone == "America/Chicago"


def test_a_case_that_an_older_release_assessed_keeps_its_deadlines() -> None:
    old = case("not_met", plan_office=None, requester_office=None)
    old.determinations.refer(("1",), "Not documented.")
    path.advance(old, LATER)
    due = old.decision_deadline()
    assert old.peer_to_peer is not None and due is not None
    assert old.peer_to_peer.until == LATER + (due[0] - LATER) * old.require_context().policy.peer_to_peer_share
