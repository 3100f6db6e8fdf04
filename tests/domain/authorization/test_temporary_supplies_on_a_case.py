"""A temporary supply on a case: granted once, by law, told to member and prescriber, and no decision."""

from __future__ import annotations

from datetime import timedelta

from domain.authorization import letter_events, letter_orders, path
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import Route
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseLetter
from domain.clocks.engine import DueKind, EventKind
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.journal import EntryKind
from domain.letters.request_facts import TemporarySupplyFacts
from domain.pharmacy.temporary_supplies import SupplyKind, SupplyOffer
from domain.three_valued import Tri
from domain.vocabulary import Audience, NoticeKind
from tests.domain.authorization.casebook import START, assessment, clock, criteria, line, open_case

MONTH = SupplyOffer(
    rule_id="PD-TRANSITION",
    kind=SupplyKind.TRANSITION,
    days=30,
    because="transition: covered since 2026-10-01",
    citation="42 CFR 423.120(b)(3)",
)
STEP = LimitOutcome(
    rule_id="EX-STEP",
    kind=LimitKind.STEP,
    title="The drug that comes first",
    state=Tri.NOT_MET,
    because="0 of 1 steps taken",
    reason="another drug comes first",
    citation="Formulary, step 1",
)


def drug(*limits: LimitOutcome, supply: SupplyOffer | None = MONTH) -> LineAssessment:
    return line("1", criteria("met", auto=True)).model_copy(update={"limits": limits, "supply": supply})


def case_of(asked: LineAssessment) -> AuthorizationCase:
    case = open_case(asked)
    path.advance(case, START)
    return case


def granted(case: AuthorizationCase) -> list[object]:
    return [entry.data["supplies"] for entry in case.pending if entry.kind is EntryKind.SUPPLY_GRANTED]


def test_a_drug_that_waits_is_supplied_by_law_while_its_line_goes_to_people() -> None:
    case = case_of(drug(STEP))
    case.clocks_stale = False
    path.advance(case, START)
    assert case.routes["1"] is Route.NURSE and case.open_task(TaskKind.NURSE_REVIEW) is not None
    ((row,),) = granted(case)  # type: ignore[misc]
    assert (row["by"], row["days"], row["line_id"]) == ("law:PD-TRANSITION", 30, "1")
    assert NoticeKind.TEMPORARY_SUPPLY in case.owed_letters
    assert not case.approvals and not case.adverse and case.concluded is None


def test_it_is_granted_once_however_often_the_case_goes_on() -> None:
    case = case_of(drug(STEP))
    for hours in (1, 2, 3):
        case.clocks_stale = False
        path.advance(case, START + timedelta(hours=hours))
    assert len(granted(case)) == 1
    assert [event.kind for event in case.clock_events].count(EventKind.TEMPORARY_SUPPLY_GRANTED) == 1


def test_a_drug_that_is_approved_at_once_needs_none() -> None:
    case = case_of(drug())
    assert case.routes["1"] is Route.APPROVED_BY_RULE and not case.supplies and not granted(case)


def test_without_an_offer_of_the_law_nothing_is_supplied() -> None:
    case = case_of(drug(STEP, supply=None))
    assert not case.supplies and NoticeKind.TEMPORARY_SUPPLY not in case.owed_letters


def test_its_letter_tells_time_and_law_and_is_about_the_supplied_lines_alone() -> None:
    case = open_case(drug(STEP), line("2", criteria("not_met")))
    path.advance(case, START)
    (order,) = letter_orders.build_orders(case, NoticeKind.TEMPORARY_SUPPLY, START)
    assert isinstance(order.facts, TemporarySupplyFacts)
    assert (order.facts.supply_time, order.facts.supply_citation) == ("30 days", "42 CFR 423.120(b)(3)")
    assert [each.line_id for each in order.facts.request.lines] == ["1"]
    assert not order.facts.emergency


def test_the_notice_is_given_when_the_members_letter_is_mailed() -> None:
    case = case_of(drug(STEP))
    for audience, done in ((Audience.PROVIDER, False), (Audience.MEMBER, True)):
        mailed = CaseLetter(
            letter_id="L",
            notice=NoticeKind.TEMPORARY_SUPPLY,
            audience=audience,
            recipient="",
            subject="",
            written_at=START,
        )
        letter_events.record_clock_events(case, (mailed,), START)
        assert (DueKind.SUPPLY_NOTICE in case.done) is done


def test_a_supply_stands_when_the_request_is_changed_and_an_older_case_still_loads() -> None:
    case = case_of(drug(STEP))
    case.start_over()
    assert case.supplies == {"1": MONTH}
    assert AuthorizationCase.model_validate_json(case.model_dump_json()).supplies == {"1": MONTH}
    assert "supplies" not in open_case(line("1", None)).model_dump_json()


NAMED = MONTH.model_copy(update={"code": "999990123*"})


def test_two_lines_of_one_drug_and_a_line_that_an_update_numbers_anew_have_one_supply() -> None:
    twice = line("2", criteria("not_met")).model_copy(update={"supply": NAMED})
    case = open_case(drug(STEP, supply=NAMED), twice)
    path.advance(case, START)
    assert list(case.supplies) == ["1"]
    case.start_over()
    case.apply_assessment(assessment(twice), (clock(),))
    case.clocks_stale = False
    path.advance(case, START)
    assert len(granted(case)) == 1


def test_another_drug_under_the_same_number_of_a_line_has_its_own_supply() -> None:
    case = case_of(drug(STEP, supply=NAMED))
    other = NAMED.model_copy(update={"code": "999990406*"})
    case.start_over()
    case.apply_assessment(assessment(drug(STEP, supply=other)), (clock(),))
    case.clocks_stale = False
    path.advance(case, START)
    assert len(granted(case)) == 2


def test_a_case_supplied_by_an_older_release_is_not_supplied_again() -> None:
    case = case_of(drug(STEP))
    case.start_over()
    case.apply_assessment(assessment(drug(STEP, supply=NAMED)), (clock(),))
    case.clocks_stale = False
    path.advance(case, START)
    assert len(granted(case)) == 1


def test_a_supply_stands_with_its_letter_when_the_request_is_withdrawn_and_taking_that_back_brings_no_other() -> None:
    emergency = NAMED.model_copy(update={"rule_id": "MCD-72-HOURS", "kind": SupplyKind.EMERGENCY, "days": 3})
    case = case_of(drug(STEP, supply=emergency))
    case.withdraw("provider")
    path.advance(case, START + timedelta(minutes=5))
    assert case.supplies == {"1": emergency} and NoticeKind.TEMPORARY_SUPPLY in case.owed_letters
    assert letter_orders.build_orders(case, NoticeKind.TEMPORARY_SUPPLY, START)
    case.reinstate(START + timedelta(hours=1))
    case.look_needed = case.clocks_stale = False
    path.advance(case, START + timedelta(hours=1))
    assert len(granted(case)) == 1


CLAIMED = MONTH.model_copy(update={"code": "99999-0123", "day": START.date(), "once_since": START.date()})


def claiming(*limits: LimitOutcome) -> AuthorizationCase:
    """A case that claims its supplies, before its first step."""
    case = open_case(drug(*limits, supply=CLAIMED))
    case.claims_supplies = True
    return case


def test_a_supply_is_claimed_before_it_is_granted() -> None:
    case = claiming(STEP)
    assert path.advance(case, START) == path.ClaimSupplies((CLAIMED,)) and not granted(case)
    case.claim_supplies({CLAIMED.claim_key: True})
    path.advance(case, START)
    assert len(granted(case)) == 1 and "1" in case.supplies


def test_what_another_case_has_claimed_is_not_granted_and_not_asked_for_again() -> None:
    case = claiming(STEP)
    case.claim_supplies({CLAIMED.claim_key: False})
    assert not isinstance(path.advance(case, START), path.ClaimSupplies)
    assert not granted(case) and case.routes["1"] is Route.NURSE, "the line goes on as if nothing were offered"


def test_a_drug_that_is_approved_at_once_claims_nothing() -> None:
    case = claiming()
    assert not isinstance(path.advance(case, START), path.ClaimSupplies) and not case.supplies
