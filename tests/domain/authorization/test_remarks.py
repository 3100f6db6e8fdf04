"""Remarks of the reading: what was not understood is for people, and no rule answers around it."""

from __future__ import annotations

import pytest

from domain.authorization import forms, intake_findings, path
from domain.authorization.case import AuthorizationCase
from domain.authorization.orders import ReviewContext
from domain.authorization.parts import Route
from domain.cases.tasks import TaskKind
from domain.requests.remarks import URGENCY_RULE, ReadingRemark, merge_remarks
from domain.vocabulary import AskedBy, ServiceKind, Urgency
from tests.domain.authorization.casebook import START, assessment, clock, criteria, line

RANGE = ReadingRemark(path="item[0]", rule="spec-25", message="a range", line_id="1", about_service=True)
LINKED = ReadingRemark(path="content", rule="umpire-attachment", message="the document is only linked")


def case_with(*remarks: ReadingRemark, required: bool | None = True, unread: bool = False) -> AuthorizationCase:
    """A case of two lines that rules would answer, after its first steps."""
    lines = (line("1", criteria("met", auto=True), required), line("2", criteria("met", auto=True), required))
    found = assessment(*lines).model_copy(update={"remarks": remarks})
    case = AuthorizationCase(case_id="PA-TEST", request_version=1, received_at=START)
    look = ReviewContext(
        eligibility_answered=True,
        assessment=found,
        clocks=(clock(),),
        service_kind=ServiceKind.MEDICAL,
        urgency=Urgency.EXPEDITED if unread else Urgency.STANDARD,
        urgency_asked_by=AskedBy.PROVIDER,
        physician_statement=None,
        member_id="M",
        requesting_npi="1999999984",
        urgency_unread=unread,
    )
    case.apply_assessment(found, look.clocks)
    intake_findings.open_case(case, look, START)
    case.look_needed = False
    path.advance(case, START)
    return case


@pytest.mark.parametrize("required", [True, False])
def test_no_rule_answers_a_line_that_was_understood_only_in_part(required: bool) -> None:
    case = case_with(RANGE, required=required)
    assert case.routes["1"] is Route.NURSE
    assert case.routes["2"] in (Route.APPROVED_BY_RULE, Route.NOT_REQUIRED)


def test_the_nurse_reads_in_the_task_and_on_the_worksheet_what_was_not_understood() -> None:
    case = case_with(RANGE, LINKED)
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None and "a range" in task.why
    assert forms.build_worksheet(case, task.task_id, START).remarks == (RANGE, LINKED)


def test_a_remark_on_evidence_alone_leaves_the_rule_its_answer() -> None:
    assert case_with(LINKED).routes["1"] is Route.APPROVED_BY_RULE


def test_a_remark_about_the_whole_service_stops_every_line() -> None:
    everything = RANGE.model_copy(update={"line_id": None})
    assert set(case_with(everything).routes.values()) == {Route.NURSE}


def test_an_urgency_that_was_not_understood_is_a_question_for_a_clinician_and_expedited_until_then() -> None:
    remark = ReadingRemark(path="priority", rule=URGENCY_RULE, message="the urgency was not understood")
    case = case_with(remark, RANGE, unread=True)
    assert case.urgency is Urgency.EXPEDITED
    task = case.open_task(TaskKind.EXPEDITE_DECISION)
    assert task is not None and "could not be read" in task.why


def test_a_change_reads_its_own_lines_anew_and_keeps_the_remarks_on_the_others() -> None:
    second = RANGE.model_copy(update={"line_id": "2"})
    assert merge_remarks((RANGE, second, LINKED), (), frozenset({"1"})) == (second, LINKED)
    moved = LINKED.model_copy(update={"path": "elsewhere"})
    assert merge_remarks((LINKED,), (moved,), frozenset()) == (moved,)
