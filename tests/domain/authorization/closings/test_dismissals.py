"""A dismissal is an act of trained staff by the rule of the line: it says no to nothing, and it can be undone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.authorization import path as pathway
from domain.authorization.case import AuthorizationCase
from domain.authorization.letter_orders import build_orders
from domain.authorization.parts import IreForwarding
from domain.cases import steps
from domain.cases.messages import ClaimTask
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.engine import EventKind
from domain.decisions.closings import ClosingRules, Dismissal, DismissalReason
from domain.journal import Actor, EntryKind
from domain.letters.request_facts import DismissalFacts
from domain.requests.request import StayPurpose, StayReference
from domain.vocabulary import NoticeKind
from tests.domain.authorization.casebook import DUE, START, criteria, line, open_case
from tests.domain.authorization.closings.endings import (
    DIED,
    EFFORT,
    LATER,
    NO_FORM,
    close,
    rules,
    tell,
    vacate,
    work,
)

SIX_MONTHS = LATER + timedelta(days=181)


def waiting() -> AuthorizationCase:
    """A case that a nurse reviews."""
    case = open_case(line("1", criteria("not_met")), line("2", None))
    work(case, START)
    assert case.open_task(TaskKind.NURSE_REVIEW) is not None
    return case


def dismissed(until: datetime = SIX_MONTHS) -> AuthorizationCase:
    case = waiting()
    assert tell(case, close(NO_FORM)).accepted
    work(case, LATER, until)
    return case


def test_a_dismissal_by_trained_staff_ends_the_case_with_its_notice_and_decides_nothing() -> None:
    case = waiting()
    assert tell(case, close(NO_FORM)).accepted
    assert work(case, LATER, SIX_MONTHS) == [NoticeKind.DISMISSAL]
    assert case.status is CaseStatus.DISMISSED and not case.open_tasks()
    assert not case.adverse and not case.approvals and case.decided_at is None
    kinds = [entry.kind for entry in case.pending]
    assert EntryKind.CLOSED_UNDECIDED in kinds and EntryKind.DETERMINATION_MADE not in kinds
    told = next(entry for entry in case.pending if entry.kind is EntryKind.CLOSED_UNDECIDED)
    assert told.data["rule"] == "DISMISS-MA-OD" and told.data["citation"] == "42 CFR 422.568(g)"
    assert told.data["closing"]["efforts"][0]["result"] == EFFORT.result, "efforts and their dates are kept"


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ("intake", "closing.credential"),
        ("enrollment", "closing.credential"),
        ("md.fit", "closing.credential"),
        ("dismisser.expired", "closing.credential"),
        ("md.gone", "reviewer.unknown"),
        ("stranger", "reviewer.unknown"),
    ],
)
def test_nobody_dismisses_without_a_current_credential_for_it(who: str, rule: str) -> None:
    assert rules(waiting(), close(NO_FORM, who)) == {rule}


def test_whoever_reviews_the_case_does_not_dismiss_it() -> None:
    case = waiting()
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    nurse = case.reviewers["nurse"]
    case.reviewers["nurse"] = nurse.model_copy(update={"credentials": case.reviewers["appeals"].credentials})
    claim = ClaimTask(
        message_id="c", at=START, actor=Actor(kind="reviewer", id="nurse"), task_id=task.task_id, reviewer_id="nurse"
    )
    assert tell(case, claim).accepted
    assert rules(case, close(NO_FORM, "nurse")) == {"closing.reviewer"}


@pytest.mark.parametrize(
    ("closing", "changes", "rule"),
    [
        (NO_FORM, {"efforts": ()}, "DISMISS-MA-OD.efforts"),
        (NO_FORM, {"form_due": None}, "dismissal.form_due"),
        (NO_FORM, {"form_due": date(2026, 11, 5)}, "dismissal.form_due"),
        (NO_FORM, {"efforts": (EFFORT.model_copy(update={"at": START - timedelta(days=1)}),)}, "dismissal.effort"),
        (NO_FORM, {"efforts": (EFFORT.model_copy(update={"at": LATER + timedelta(days=1)}),)}, "dismissal.effort"),
        (NO_FORM, {"efforts": (EFFORT.model_copy(update={"result": " "}),)}, "dismissal.effort"),
        (NO_FORM, {"explanation": " "}, "DISMISS-MA-OD.explanation"),
        (DIED, {"died_on": None}, "dismissal.died_on"),
        (DIED, {"died_on": date(2026, 11, 20)}, "dismissal.died_on"),
        (DIED, {"nobody_pursues": None}, "dismissal.interest"),
        (DIED, {"nobody_pursues": False}, "dismissal.interest"),
    ],
)
def test_a_dismissal_needs_the_facts_of_its_reason(closing: Dismissal, changes: dict[str, Any], rule: str) -> None:
    assert rules(waiting(), close(closing)) == set()
    assert rule in rules(waiting(), close(closing.model_copy(update=changes)))


@pytest.mark.parametrize("found", [None, ClosingRules()])
def test_a_line_of_business_without_a_rule_knows_no_dismissal(found: ClosingRules | None) -> None:
    case = waiting()
    case.assessment = case.require_context().model_copy(update={"closings": found})
    assert rules(case, close(NO_FORM)) == {"dismissal.rule"}


def test_a_reason_that_the_rule_of_the_line_does_not_name_is_none() -> None:
    case = waiting()
    known = case.require_context().closings
    assert known is not None and known.dismissal is not None
    others = tuple(one for one in known.dismissal.grounds if one.reason is not DismissalReason.MEMBER_DIED)
    fewer = known.model_copy(update={"dismissal": known.dismissal.model_copy(update={"grounds": others})})
    case.assessment = case.require_context().model_copy(update={"closings": fewer})
    assert rules(case, close(DIED)) == {"dismissal.rule"} and rules(case, close(NO_FORM)) == set()


def test_what_the_law_sends_to_the_independent_reviewer_the_plan_does_not_dismiss() -> None:
    case = waiting()
    case.forwarding = IreForwarding(rule_id="R", to="the reviewer", missed_rule="M", owed_since=START)
    assert rules(case, close(NO_FORM)) == {"DISMISS-MA-OD.late"}


def test_the_review_that_a_stay_waits_for_is_not_closed_under_it() -> None:
    case = waiting()
    case.stay = StayReference(process_id="ST-1", purpose=StayPurpose.ADMISSION, round=1)
    assert rules(case, close(NO_FORM)) == {"closing.stay"}


def test_a_decided_case_is_not_dismissed_and_a_dismissed_one_is_not_decided() -> None:
    case = dismissed()
    assert rules(case, close(DIED, number="again")) == {"case.closed"}


def test_the_notice_tells_reason_and_what_staff_explain() -> None:
    case = waiting()
    tell(case, close(NO_FORM))
    (order,) = build_orders(case, NoticeKind.DISMISSAL, LATER)
    assert isinstance(order.facts, DismissalFacts)
    assert order.facts.dismissal_explanation == NO_FORM.explanation
    assert order.facts.dismissal_citation == "42 CFR 422.568(g)" and not order.facts.integrated


# -- vacating ----------------------------------------------------------------------------------------------------------------


def test_a_dismissal_vacated_for_good_cause_opens_the_case_again_with_its_receipt_and_its_clock() -> None:
    case = dismissed()
    at = LATER + timedelta(days=30)
    assert isinstance(pathway.advance(case, at), steps.Wait), "the case waits as long as it can be vacated"
    assert tell(case, vacate(at)).accepted
    assert case.status is CaseStatus.OPEN and case.received_at == START and case.closing is None
    events = [(event.kind, event.at) for event in case.clock_events]
    assert (EventKind.REQUEST_DISMISSED, LATER) in events and (EventKind.DISMISSAL_VACATED, at) in events
    case.clocks = tuple(one.model_copy(update={"set_aside": None}) for one in case.clocks)
    sent = work(case, at)
    assert NoticeKind.ACKNOWLEDGMENT in sent, "a letter says that the review goes on"
    assert case.open_task(TaskKind.NURSE_REVIEW) is not None, "the review goes on where it stood"


def test_after_its_time_a_dismissal_is_not_vacated_and_the_case_ends() -> None:
    case = dismissed(until=LATER + timedelta(days=5))
    late = LATER + timedelta(days=6)
    assert rules(case, vacate(late)) == {"vacate.time"}
    assert isinstance(pathway.advance(case, late), steps.Finish)


def test_vacating_needs_good_cause_a_person_who_asks_and_the_credential() -> None:
    at = LATER + timedelta(days=1)
    asked = vacate(at).asked
    assert rules(dismissed(), vacate(at, good_cause=" ")) == {"vacate.good_cause"}
    assert rules(dismissed(), vacate(at, asked=asked.model_copy(update={"note": None}))) == {"vacate.statement"}
    assert rules(dismissed(), vacate(at, asked=asked.model_copy(update={"at": at + timedelta(days=1)}))) == {
        "message.stamp"
    }
    assert rules(dismissed(), vacate(LATER - timedelta(days=1)), at) == {"message.stamp"}
    assert rules(dismissed(), vacate(at, "intake")) == {"closing.credential"}
    assert rules(waiting(), vacate(at)) == {"vacate.none"}


def test_a_dismissed_case_misses_no_clock_of_its_decision() -> None:
    case = dismissed()
    work(case, DUE + timedelta(days=2))
    assert not case.missed and case.open_task(TaskKind.MISSED_CLOCK) is None
