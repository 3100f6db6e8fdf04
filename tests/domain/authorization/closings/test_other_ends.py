"""Not covered, another plan's, not properly filed: who may say so, on which facts, and what of the request goes on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.authorization.assessment import CoverageFinding
from domain.authorization.case import AuthorizationCase
from domain.authorization.letter_orders import build_orders
from domain.cases.messages import ClaimTask, CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.clocks.engine import Clock, DueInstant
from domain.clocks.rules import Confidence, DueKind, DutyCondition
from domain.decisions.closings import Closing
from domain.decisions.determination import LineDecision
from domain.journal import Actor
from domain.letters.request_facts import NotCoveredFacts
from domain.vocabulary import LineOutcome, NoticeKind
from tests.domain.authorization.casebook import BASIS, START, criteria, line, open_case
from tests.domain.authorization.closings.endings import (
    ELSEWHERE,
    LATER,
    MISFILED,
    OUTSIDE,
    close,
    rules,
    tell,
    work,
)

LAST = date(2026, 12, 10)


def waiting(coverage: CoverageFinding = CoverageFinding.ACTIVE) -> AuthorizationCase:
    """A case of two lines, the second of which begins after the last covered day of these tests."""
    later = line("2", criteria("not_met")).model_copy(update={"start": date(2026, 12, 20)})
    case = open_case(line("1", criteria("not_met")), later)
    case.assessment = case.require_context().model_copy(update={"coverage": coverage})
    work(case, START)
    return case


@pytest.mark.parametrize(
    ("closing", "allowed"),
    [(OUTSIDE, {"enrollment"}), (ELSEWHERE, {"intake", "supervisor"}), (MISFILED, {"intake", "supervisor"})],
)
def test_each_end_has_its_own_staff(closing: Closing, allowed: set[str]) -> None:
    case = waiting()
    assert {who for who in case.reviewers if not rules(case, close(closing, who))} == allowed


@pytest.mark.parametrize(
    ("closing", "who", "changes", "rule"),
    [
        (OUTSIDE, "enrollment", {"checked_in": " "}, "not_covered.source"),
        (OUTSIDE, "enrollment", {"checked_at": LATER + timedelta(days=1)}, "message.stamp"),
        (OUTSIDE, "enrollment", {"covered_through": date(2027, 12, 31)}, "not_covered.days"),
        (ELSEWHERE, "intake", {"proof": None}, "forward.proof"),
        (ELSEWHERE, "intake", {"to": " "}, "forward.to"),
        (ELSEWHERE, "intake", {"address": ""}, "forward.to"),
        (ELSEWHERE, "intake", {"sent_at": START - timedelta(days=1)}, "message.stamp"),
        (MISFILED, "intake", {"missing": ()}, "FILING-ERISA.missing"),
        (MISFILED, "intake", {"how_to_file": " "}, "FILING-ERISA.missing"),
        (MISFILED, "intake", {"told_at": LATER, "told": " "}, "FILING-ERISA.told"),
        (MISFILED, "intake", {"told_at": LATER + timedelta(days=1), "told": "The member"}, "message.stamp"),
    ],
)
def test_an_end_needs_its_facts(closing: Closing, who: str, changes: dict[str, Any], rule: str) -> None:
    assert rule in rules(waiting(), close(closing.model_copy(update=changes), who))


@pytest.mark.parametrize(
    ("closing", "who", "status", "notice"),
    [
        (OUTSIDE, "enrollment", CaseStatus.NOT_COVERED, NoticeKind.NOT_COVERED),
        (ELSEWHERE, "intake", CaseStatus.MISDIRECTED, NoticeKind.MISDIRECTED),
        (MISFILED, "intake", CaseStatus.NOT_FILED, NoticeKind.IMPROPER_FILING),
    ],
)
def test_an_end_without_a_decision_says_no_to_nothing(
    closing: Closing, who: str, status: CaseStatus, notice: NoticeKind
) -> None:
    for coverage in (CoverageFinding.ACTIVE, CoverageFinding.NOT_ACTIVE):
        case = waiting(coverage)
        assert tell(case, close(closing, who)).accepted
        assert work(case) == [notice]
        assert case.status is status and not case.adverse and case.decided_at is None and not case.open_tasks()


# -- coverage that ended in mid-case ---------------------------------------------------------------------------------------


def through(last: date) -> Closing:
    return OUTSIDE.model_copy(update={"covered_through": last, "other_payer": "Prairie Health Plan"})


@pytest.mark.parametrize("coverage", [CoverageFinding.ACTIVE, CoverageFinding.NOT_ACTIVE, CoverageFinding.UNAVAILABLE])
def test_covered_days_are_decided_and_the_others_only_told(coverage: CoverageFinding) -> None:
    case = waiting(coverage)
    assert tell(case, close(through(LAST), "enrollment")).accepted
    (order,) = build_orders(case, NoticeKind.NOT_COVERED, LATER)
    assert isinstance(order.facts, NotCoveredFacts) and order.facts.covered_until == LAST
    assert work(case) == [NoticeKind.NOT_COVERED]
    assert case.status is CaseStatus.OPEN and case.open_task(TaskKind.COVERAGE_QUESTION) is None
    review = case.open_task(TaskKind.NURSE_REVIEW)
    assert review is not None and review.line_ids == ("1",), "nobody decides about days after the coverage"
    claim = ClaimTask(
        message_id="c", at=LATER, actor=Actor(kind="reviewer", id="nurse"), task_id=review.task_id, reviewer_id="nurse"
    )
    assert tell(case, claim).accepted
    approve = CompleteTask(
        message_id="a",
        at=LATER,
        actor=Actor(kind="reviewer", id="nurse"),
        task_id=review.task_id,
        reviewer_id="nurse",
        outcome=TaskOutcome.APPROVE,
        lines=(LineDecision(line_id="1", outcome=LineOutcome.APPROVED),),
        basis=BASIS,
    )
    assert tell(case, approve).accepted
    work(case)
    assert case.status is CaseStatus.APPROVED and case.approvals["1"].approved_end == LAST
    assert "2" not in case.approvals and not case.adverse


def test_a_request_that_is_forwarded_as_a_whole_is_not_told_of_days_that_are_not_covered() -> None:
    case = waiting()
    assert tell(case, close(through(LAST), "enrollment")).accepted
    assert NoticeKind.NOT_COVERED in case.owed_letters
    assert tell(case, close(ELSEWHERE, "intake", number="forwarded")).accepted
    assert work(case) == [NoticeKind.MISDIRECTED]


def test_a_coverage_that_ended_before_every_day_of_the_request_ends_the_case() -> None:
    case = waiting()
    assert tell(case, close(through(date(2026, 11, 1)), "enrollment")).accepted
    assert work(case) == [NoticeKind.NOT_COVERED] and case.status is CaseStatus.NOT_COVERED


def test_a_request_changed_to_days_after_the_coverage_is_told_and_not_decided() -> None:
    case = waiting()
    assert tell(case, close(through(LAST), "enrollment")).accepted
    work(case)
    outside = {"start": date(2026, 12, 20), "end": date(2026, 12, 31)}
    lines = tuple(one.model_copy(update=outside) for one in case.require_context().lines)
    case.assessment = case.require_context().model_copy(update={"lines": lines})
    case.look_needed = True
    assert work(case) == [NoticeKind.NOT_COVERED]
    assert case.status is CaseStatus.NOT_COVERED and case.decided_at is None and not case.approvals


# -- the notice of an improper filing --------------------------------------------------------------------------------------


def with_notice_clock(case: AuthorizationCase, due: datetime) -> None:
    """Add the clock by which the claimant is told; it binds every case and is owed only by one not properly filed."""
    cite = "29 CFR 2560.503-1(c)(1)"
    told = Clock(
        rule_id="ERISA-PROCEDURE-NOTICE",
        title="Tell the claimant",
        citation=cite,
        confidence=Confidence.KNOWN,
        condition=DutyCondition.IF_NOT_PROPERLY_FILED,
        starts_at=START,
        base_due=due,
        due=(DueInstant(kind=DueKind.PROCEDURE_NOTICE, at=due, reason="test", citation=cite),),
    )
    case.clocks = (*case.clocks, told)


KEY = "ERISA-PROCEDURE-NOTICE//procedure_notice"


def test_a_request_that_was_properly_filed_owes_no_such_notice() -> None:
    case = waiting()
    with_notice_clock(case, START + timedelta(days=1))
    work(case, START + timedelta(days=2))
    assert KEY not in case.judged


def test_the_call_tells_the_claimant_at_its_own_time_and_no_clock_of_a_decision_is_judged() -> None:
    case = waiting()
    with_notice_clock(case, START + timedelta(days=1))
    call = {"told": "The member", "number": "217-555-0111", "told_at": START + timedelta(hours=20)}
    assert tell(case, close(MISFILED.model_copy(update=call), "intake")).accepted
    work(case, LATER)
    assert case.judged[KEY] == "met" and not case.missed
    assert not [key for key in case.judged if key.endswith("/decision")]


def test_whoever_asks_for_it_in_writing_is_told_by_the_letter_and_not_by_the_call() -> None:
    case = waiting()
    with_notice_clock(case, START + timedelta(days=1))
    call = {"told": "The member", "told_at": START + timedelta(hours=20), "in_writing": True}
    assert tell(case, close(MISFILED.model_copy(update=call), "intake")).accepted
    work(case, LATER)
    assert case.judged[KEY] == "missed"


def test_a_notice_of_improper_filing_that_comes_late_is_missed_and_compliance_is_told() -> None:
    case = waiting()
    with_notice_clock(case, START + timedelta(days=1))
    assert tell(case, close(MISFILED, "intake")).accepted
    work(case, LATER)
    assert case.judged[KEY] == "missed" and case.missed[0].rule_id == "ERISA-PROCEDURE-NOTICE"
    assert case.open_task(TaskKind.MISSED_CLOCK) is not None
