"""A request after a decision on its own case: reviewed by its rule, put on record as said, or asked of people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.authorization import conclusion, intake_findings
from domain.authorization.case import AuthorizationCase
from domain.authorization.letter_orders import plan_letters
from domain.authorization.message_effects import receive_message, record_follow_up
from domain.authorization.messages import NoteFollowUp
from domain.authorization.orders import ReviewContext
from domain.authorization.parts import CasePhase
from domain.authorization.path import MakeDetermination, TellDecidedCase, advance, follow_ups_to_tell
from domain.authorization.task_checks import completion_violations
from domain.authorization.views import line_rows
from domain.cases.messages import ClaimTask, CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CANCELLED, CaseStatus
from domain.follow_ups.notes import FollowUp
from domain.follow_ups.terms import AuthorizationTerms
from domain.journal import UMPIRE, Actor
from domain.requests.after_decision import AfterDecision, AfterDecisionFinding, AfterDecisionKind, ReopeningGround
from domain.vocabulary import AskedBy, NoticeKind, Role, ServiceKind, Urgency
from tests.domain.authorization.casebook import START, assessment, criteria, line, open_case

SOON = START + timedelta(minutes=5)


def asked(kind: AfterDecisionKind = AfterDecisionKind.REOPENING) -> AfterDecision:
    return AfterDecision(
        case_id="PA-FIRST",
        kind=kind,
        asked_by=AskedBy.PROVIDER,
        ground=ReopeningGround.NEW_EVIDENCE,
        authorization_number="AUFIRST",
        why="The date was typed wrong.",
    )


def after_decision(kind: AfterDecisionKind, *, permitted: bool = True, state: str = "met") -> AuthorizationCase:
    case = open_case(line("1", criteria(state, auto=True)))
    finding = AfterDecisionFinding(
        asked=asked(kind), permitted=permitted, rule_id="MA-REOPENING", citation="42 CFR 422.616", because="in time"
    )
    case.adopt_finding_after_decision(finding)
    case.look_needed = case.clocks_stale = False
    assert advance(case, SOON) == TellDecidedCase("PA-FIRST")
    case.follow_ups_told = 1
    return case


def test_new_evidence_in_time_goes_the_way_of_a_request_and_gets_its_own_number() -> None:
    case = after_decision(AfterDecisionKind.REOPENING)
    step = advance(case, SOON)
    assert step == MakeDetermination(CaseStatus.APPROVED)
    case.conclude(CaseStatus.APPROVED)
    assert case.authorization_number == "AUTEST"
    assert advance(case, SOON) == TellDecidedCase("PA-FIRST")


def test_a_change_of_an_authorization_keeps_its_number() -> None:
    case = after_decision(AfterDecisionKind.DATES)
    advance(case, SOON)
    case.conclude(CaseStatus.APPROVED)
    assert case.authorization_number == "AUFIRST"


@pytest.mark.parametrize("state", ["met", "not_met", "unknown"])
def test_what_the_rule_does_not_reopen_is_asked_of_appeals_and_neither_approved_nor_refused(state: str) -> None:
    case = after_decision(AfterDecisionKind.REOPENING, permitted=False, state=state)
    advance(case, SOON)
    (task,) = case.open_tasks()
    assert (task.kind, task.role) == (TaskKind.AFTER_DECISION, Role.APPEALS)
    assert not case.approvals and not case.adverse and case.phase is CasePhase.IN_REVIEW


def settle(case: AuthorizationCase, outcome: TaskOutcome) -> None:
    (task,) = case.open_tasks(TaskKind.AFTER_DECISION)
    stamp = {"at": SOON, "actor": Actor(kind="reviewer", id="appeals"), "task_id": task.task_id}
    assert receive_message(case, ClaimTask(message_id="m1", reviewer_id="appeals", **stamp), SOON).accepted
    done = CompleteTask(message_id="m2", reviewer_id="appeals", outcome=outcome, **stamp)
    assert not [*completion_violations(case, done, SOON)]
    assert receive_message(case, done, SOON).accepted


def test_a_cause_that_somebody_finds_lets_the_review_go_on() -> None:
    case = after_decision(AfterDecisionKind.REOPENING, permitted=False)
    advance(case, SOON)
    settle(case, TaskOutcome.GRANT)
    assert advance(case, SOON) == MakeDetermination(CaseStatus.APPROVED)
    case.adopt_finding_after_decision(case.require_finding().model_copy(update={"accepted_by": None}))
    assert case.require_finding().may_be_reviewed, "what people answered stands when the request is assessed again"


def test_what_is_kept_for_the_appeal_ends_without_a_decision_and_the_letter_says_so() -> None:
    case = after_decision(AfterDecisionKind.REOPENING, permitted=False)
    advance(case, SOON)
    settle(case, TaskOutcome.ACKNOWLEDGE)
    step = advance(case, SOON)
    assert step == MakeDetermination(CaseStatus.COMPLETED)
    conclusion.make_determination(case, CaseStatus.COMPLETED, SOON)
    assert NoticeKind.CHANGE_NOTICE in case.owed_letters and not case.approvals and not case.adverse
    orders, blocked = plan_letters(case, (NoticeKind.CHANGE_NOTICE,), SOON)
    assert not blocked and "If you appeal in time" in orders[0].facts.what_changed  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [AfterDecisionKind.VOID, AfterDecisionKind.CORRECTION])
def test_what_takes_nothing_from_anybody_is_put_on_record_without_a_review(kind: AfterDecisionKind) -> None:
    case = after_decision(kind, state="not_met")
    assert advance(case, SOON) == MakeDetermination(CaseStatus.COMPLETED)
    assert not case.open_tasks(TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW)


# -- the decided case --------------------------------------------------------------------------------------------------------


def follow_up(case_id: str = "PA-TEST", *, voided: bool = False) -> FollowUp:
    terms = AuthorizationTerms(lines=(), voided=True) if voided else None
    return FollowUp(
        case_id="PA-TEST-F1",
        asked=asked(AfterDecisionKind.VOID).model_copy(update={"case_id": case_id}),
        at=SOON,
        status=CaseStatus.COMPLETED if voided else None,
        by=Actor(kind="provider", id="1999999984"),
        before=AuthorizationTerms(lines=()),
        terms=terms,
    )


def note(message_id: str = "n1") -> NoteFollowUp:
    return NoteFollowUp(message_id=message_id, at=SOON, actor=UMPIRE, case_id="PA-TEST-F1")


def test_a_closed_case_notes_what_came_after_its_decision_once() -> None:
    case = open_case(line("1", None))
    case.close(CaseStatus.APPROVED, SOON)
    for message in (note("n1"), note("n2")):
        assert record_follow_up(case, message, follow_up(), SOON).accepted
    assert [entry.kind.value for entry in case.pending].count("follow_up_received") == 1
    assert record_follow_up(case, note("n3"), follow_up(voided=True), SOON).accepted
    assert case.status is CaseStatus.VOIDED


@pytest.mark.parametrize("found", [None, follow_up("PA-OTHER")], ids=["no such case", "about another case"])
def test_a_message_about_a_follow_up_is_not_believed_without_its_record(found: FollowUp | None) -> None:
    case = open_case(line("1", None))
    answer = record_follow_up(case, note(), found, SOON)
    assert [one.rule for one in answer.refusals] == ["follow_up.not_on_record"]


# -- cancelled lines ---------------------------------------------------------------------------------------------------------


def test_a_cancelled_line_stands_as_cancelled_and_is_told() -> None:
    case = open_case(line("1", None), line("2", None))
    left = assessment(line("2", None))
    look = ReviewContext(
        eligibility_answered=True,
        assessment=left,
        clocks=case.clocks,
        service_kind=ServiceKind.MEDICAL,
        urgency=Urgency.STANDARD,
        urgency_asked_by=AskedBy.PROVIDER,
        physician_statement=None,
        member_id="M",
        requesting_npi="1999999984",
    )
    intake_findings.record_assessment(case, look, SOON)
    rows = {row["line_id"]: row["route"] for row in case.pending[-1].data["lines"]}  # type: ignore[index,union-attr,call-overload]
    assert rows["1"] == CANCELLED and [row["line_id"] for row in line_rows(case)] == ["2"]
    intake_findings.tell_cancelled_lines(case, by_letter=True)
    assert NoticeKind.CHANGE_NOTICE in case.owed_letters
    orders, _ = plan_letters(case, (NoticeKind.CHANGE_NOTICE,), SOON)
    assert "We did not say no to it" in orders[0].facts.what_changed  # type: ignore[union-attr]


def test_a_case_of_an_older_release_goes_on_without_that_letter() -> None:
    case = open_case(line("1", None))
    case.cancelled = ("A walker",)
    intake_findings.tell_cancelled_lines(case, by_letter=False)
    assert case.owed_letters.count(NoticeKind.CHANGE_NOTICE) == 0 and case.cancelled == ()


def test_a_change_that_goes_on_after_its_withdrawal_is_told_to_the_decided_case_when_it_ends_again() -> None:
    case = after_decision(AfterDecisionKind.DATES)
    case.withdraw("provider")
    case.conclude(CaseStatus.WITHDRAWN)
    case.clocks_stale = False
    assert advance(case, SOON) == TellDecidedCase("PA-FIRST")
    case.follow_ups_told = follow_ups_to_tell(case)
    case.reinstate(SOON)
    case.look_needed = False
    assert advance(case, SOON) == MakeDetermination(CaseStatus.APPROVED)
    case.conclude(CaseStatus.APPROVED)
    assert advance(case, SOON) == TellDecidedCase("PA-FIRST")
    noted = FollowUp(case_id="PA-FIRST-F1", asked=asked(), at=SOON, status=CaseStatus.WITHDRAWN, by=UMPIRE)
    again = noted.model_copy(update={"status": CaseStatus.APPROVED, "ends_taken_back": 1})
    assert noted.note_id == "PA-FIRST-F1-decided" != again.note_id
