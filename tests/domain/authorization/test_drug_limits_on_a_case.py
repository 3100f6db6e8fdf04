"""Steps and limits of drugs on a case: it approves within them, asks what is not known, and sends the rest to people."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from domain.authorization import letter_orders, path
from domain.authorization.assessment import Assessment, LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.information_requests import lacks_facts
from domain.authorization.parts import Route
from domain.authorization.task_checks import decision_circumstances
from domain.authorization.views import line_rows
from domain.cases.tasks import TaskKind
from domain.drug_limits.outcomes import ExceptionRequest, LimitKind, LimitOutcome
from domain.three_valued import Tri
from domain.vocabulary import NoticeKind
from tests.domain.authorization.casebook import START, criteria, line, open_case


def limit(state: Tri, *missing: str, **more: Any) -> LimitOutcome:
    content: dict[str, Any] = {
        "rule_id": "EX-STEP",
        "kind": LimitKind.STEP,
        "title": "The drug that comes first",
        "state": state,
        "because": "0 of 1 steps taken, and no exception holds",
        "reason": "another drug comes first",
        "citation": "Formulary, step 1",
        "missing_facts": missing,
        "what_would_change": "" if state is Tri.MET else "Records of the first drug.",
    }
    return LimitOutcome(**(content | more))


def drug(*limits: LimitOutcome, exception: ExceptionRequest | None = None, state: str = "met") -> LineAssessment:
    found = criteria(state, auto=state == "met")
    return line("1", found).model_copy(update={"limits": limits, "exception": exception})


def case_of(asked: LineAssessment) -> AuthorizationCase:
    case = open_case(asked)
    path.advance(case, START)
    return case


def route(asked: LineAssessment) -> Route:
    return case_of(asked).routes["1"]


def test_within_its_limits_and_with_criteria_met_a_drug_is_approved_by_rule() -> None:
    assert route(drug(limit(Tri.MET))) is Route.APPROVED_BY_RULE


def test_a_step_that_was_not_taken_goes_to_a_person_who_is_told_why() -> None:
    case = case_of(drug(limit(Tri.NOT_MET)))
    assert case.routes["1"] is Route.NURSE
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None and "step EX-STEP not met" in task.why and "no exception holds" in task.why


def test_what_is_not_known_of_a_limit_is_asked_of_the_provider() -> None:
    case = case_of(drug(limit(Tri.UNKNOWN, "rx.history_days", any_one_of=True)))
    assert case.routes["1"] is Route.ASKED
    (order,) = letter_orders.build_orders(case, NoticeKind.INFORMATION_REQUEST, START)
    (asked,) = order.facts.missing.asked_limits
    assert (asked.line_id, asked.facts, asked.any_one_of) == ("1", ("rx.history_days",), True)
    assert order.facts.missing.asked_verdicts == ()


def test_what_nobody_outside_can_say_about_a_limit_goes_to_a_person() -> None:
    assert route(drug(limit(Tri.UNKNOWN))) is Route.NURSE


def test_a_limit_that_is_met_by_a_statement_alone_needs_a_look() -> None:
    case = case_of(drug(limit(Tri.MET, rests_on_statement=True)))
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None and "rests on a statement" in task.why


def test_an_exception_with_the_prescribers_statement_goes_to_people_and_nothing_more_is_asked() -> None:
    asked = drug(limit(Tri.UNKNOWN, "rx.history_days"), exception=ExceptionRequest.SUPPORTED)
    assert not lacks_facts(asked)
    task = case_of(asked).open_task(TaskKind.NURSE_REVIEW)
    assert task is not None and "with the prescriber's statement" in task.why


def test_an_exception_without_the_statement_asks_for_the_statement() -> None:
    asked = drug(limit(Tri.NOT_MET, "rx.exception_statement"), exception=ExceptionRequest.ASKED)
    assert route(asked) is Route.ASKED


def test_an_exception_is_never_granted_by_rule() -> None:
    for wish in ExceptionRequest:
        assert route(drug(limit(Tri.MET), exception=wish)) is not Route.APPROVED_BY_RULE


@pytest.mark.parametrize("state", ["met", "not_met", "unknown"])
def test_no_limit_however_it_comes_out_answers_a_line_adversely(state: str) -> None:
    for outcome, wish, weak in product(Tri, (None, *ExceptionRequest), (False, True)):
        case = case_of(drug(limit(outcome, rests_on_statement=weak), exception=wish, state=state))
        assert case.adverse == () and case.concluded is None or case.routes["1"] is Route.APPROVED_BY_RULE
        assert case.routes["1"] in (Route.APPROVED_BY_RULE, Route.ASKED, Route.NURSE)


def test_a_limit_that_is_not_kept_has_to_be_answered_before_anybody_denies() -> None:
    case = case_of(drug(limit(Tri.NOT_MET), state="not_met"))
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    assert decision_circumstances(case, task, START).open_criteria == ("EX-STEP", "FUS-2b")


def test_the_lists_show_each_limit_with_its_reason_and_citation() -> None:
    (row,) = line_rows(case_of(drug(limit(Tri.NOT_MET), exception=ExceptionRequest.SUPPORTED)))
    (shown,) = row["limits"]
    assert (shown["state"], shown["citation"], shown["what_would_change"]) == (
        "not_met",
        "Formulary, step 1",
        "Records of the first drug.",
    )
    assert row["exception"] == "supported"


def test_an_assessment_from_before_there_were_limits_is_read_as_one_without() -> None:
    kept = case_of(drug()).require_context().model_dump(mode="json")
    for old in kept["lines"]:
        del old["limits"], old["exception"]
    (read,) = Assessment.model_validate(kept).lines
    assert read.limits == () and read.exception is None


def test_a_notice_whose_facts_the_case_lacks_is_blocked_for_people_and_stops_nothing() -> None:
    case = case_of(drug(limit(Tri.MET)))
    orders, blocked = letter_orders.plan_letters(case, (NoticeKind.EXTENSION, NoticeKind.ACKNOWLEDGMENT), START)
    assert [order.notice for order in orders] == [NoticeKind.ACKNOWLEDGMENT]
    assert [(each.notice, each.why) for each in blocked] == [
        (NoticeKind.EXTENSION, "the case lacks a fact that the extension letter has to tell")
    ]


@pytest.mark.parametrize(("kind", "state"), list(product(LimitKind, (Tri.NOT_MET, Tri.UNKNOWN))))
def test_no_edit_of_any_kind_an_opioid_edit_least_of_all_refuses_or_approves_by_itself(
    kind: LimitKind, state: Tri
) -> None:
    case = case_of(drug(limit(state, kind=kind)))
    assert case.routes["1"] is Route.NURSE and case.open_task(TaskKind.NURSE_REVIEW) is not None
    assert not case.adverse and not case.approvals and case.concluded is None
