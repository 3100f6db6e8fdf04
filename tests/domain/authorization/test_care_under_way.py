"""Care of a new member that was under way is approved before any review, asked about where nobody said, and not cut."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.authorization import letter_orders, message_checks, message_effects, path
from domain.authorization.assessment import BenefitFinding, LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import ContactLog, SettlePeerToPeer
from domain.authorization.parts import Route
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.coverage.approval_lengths import ApprovalLength
from domain.coverage.continuity import ContinuityFinding
from domain.decisions.decision_makers import ByRule
from domain.decisions.determination import CriterionAnswer, LineDecision
from domain.journal import Actor
from domain.three_valued import Tri
from domain.vocabulary import LineOutcome, NoticeKind
from tests.domain.authorization.casebook import PHYSICIAN, REASON, START, criteria, denial, line, open_case

LATER = START + timedelta(hours=1)
AFTER = LATER + timedelta(days=5)
THROUGH = date(2026, 12, 31)
ANSWERED = CriterionAnswer(node_id="FUS-2b", answer="not_met", note="6 months")


def protected(state: Tri, through: date = THROUGH, **changes: object) -> LineAssessment:
    found = ContinuityFinding(
        rule_id="MA-TRANSITION-90", question="Treatment under way", fact="course.under_way", state=state,
        through=through, citation="42 CFR 422.112(b)(8)(i)(B)",
    )  # fmt: skip
    return line("1", criteria("not_met")).model_copy(update={"continuity": found, **changes})


def advanced(asked: LineAssessment) -> AuthorizationCase:
    case = open_case(asked)
    path.advance(case, LATER)
    return case


def test_care_under_way_is_approved_before_its_criteria_are_looked_at() -> None:
    case = advanced(protected(Tri.MET))
    approval = case.approvals["1"]
    assert approval.by == ByRule("MA-TRANSITION-90") and case.routes["1"] is Route.APPROVED_BY_RULE
    assert (approval.approved_end, approval.approved_quantity) == (date(2026, 12, 31), Decimal(2))
    said = " ".join(entry.summary for entry in case.pending)
    assert "care of a new member that was under way (42 CFR 422.112(b)(8)(i)(B))" in said


def test_the_letter_of_care_under_way_cites_its_law_and_no_criteria() -> None:
    case = advanced(protected(Tri.MET))
    case.ending.conclude(path.case_outcome(case), "A-1")
    (order,), _ = letter_orders.plan_letters(case, (NoticeKind.APPROVAL,), LATER)
    assert order.facts.approved_by_rule == "Treatment under way (42 CFR 422.112(b)(8)(i)(B))"  # type: ignore[union-attr]


def test_care_without_an_end_is_approved_through_the_last_protected_day() -> None:
    assert advanced(protected(Tri.MET, end=None)).approvals["1"].approved_end == THROUGH


def test_care_without_an_end_is_approved_no_shorter_than_the_law_lets_any_approval_hold() -> None:
    length = ApprovalLength(rule_id="IL-APPROVAL-LENGTH", months=6, chronic=Tri.NOT_MET, citation="215 ILCS 200/60")
    asked = protected(Tri.MET, end=None, least_length=length)
    assert advanced(asked).approvals["1"].approved_end == length.least_end(LATER.date(), None) > THROUGH
    later = protected(Tri.MET, THROUGH + timedelta(days=365), end=None, least_length=length)
    assert advanced(later).approvals["1"].approved_end == THROUGH + timedelta(days=365)


@pytest.mark.parametrize(
    "changes",
    [
        {"end": THROUGH + timedelta(days=1)},
        {"overlapping_cases": ("PA-2",)},
        {
            "benefit": BenefitFinding(
                benefit_id="B", limit=Decimal(1), used=Decimal(0), requested=Decimal(2), unit="u", fits=False
            )
        },
    ],
    ids=["longer than protected", "the same service in another case", "a benefit that is used up"],
)
def test_people_look_at_care_under_way_of_which_something_else_is_open(changes: dict[str, object]) -> None:
    case = advanced(protected(Tri.MET, **changes))
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None and not case.approvals
    assert task.why.startswith("Line 1: care of a new member under way, not to be cut before 2027-01-01")


def test_whether_care_is_under_way_is_asked_and_never_assumed() -> None:
    case = advanced(protected(Tri.UNKNOWN))
    assert case.routes["1"] is Route.ASKED and not case.approvals
    (order,), _ = letter_orders.plan_letters(case, (NoticeKind.INFORMATION_REQUEST,), LATER)
    (question,) = order.facts.missing.asked_limits  # type: ignore[union-attr]
    assert (question.title, question.facts) == ("Treatment under way", ("course.under_way",))


def test_care_of_which_it_is_known_that_it_was_not_under_way_is_reviewed_as_any_other() -> None:
    case = advanced(protected(Tri.NOT_MET))
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None and task.why == "Line 1: criteria not met"


def at_the_physician(asked: LineAssessment) -> AuthorizationCase:
    case = advanced(asked)
    if case.information is not None:
        case.information.end_wait()
        path.advance(case, AFTER)
    nurse = {"at": AFTER, "actor": Actor(kind="reviewer", id="nurse")}
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    refer = {"task_id": task.task_id, "reviewer_id": "nurse", "outcome": TaskOutcome.REFER, "recommendation": "See."}
    assert message_effects.receive_message(
        case, CompleteTask.model_validate({"message_id": "n", **nurse, **refer}), AFTER
    ).accepted
    path.advance(case, AFTER)
    call = ContactLog(called="Dr. Lee", number="217-555-0140", at=AFTER, by="nurse")
    held = SettlePeerToPeer.model_validate({"message_id": "p", **nurse, "result": "held", "contact": call})
    assert message_effects.receive_message(case, held, AFTER).accepted
    return case


def broken(case: AuthorizationCase, decided: LineDecision, *more: CriterionAnswer) -> set[str]:
    task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert task is not None
    signed = denial(case, task.task_id, lines=(decided,), criteria_answered=(ANSWERED, *more))
    who = PHYSICIAN.reviewer_id
    decide = CompleteTask(
        message_id="d", at=signed.signed_at, actor=Actor(kind="reviewer", id=who), task_id=task.task_id,
        reviewer_id=who, outcome=TaskOutcome.DECIDE, signed=signed,
    )  # fmt: skip
    return {one.rule for one in message_checks.violations(case, decide, decide.at)}


DENIED = LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=REASON)
PART = DENIED.model_copy(update={"outcome": LineOutcome.APPROVED_IN_PART, "approved_quantity": Decimal(1)})


def test_no_signature_cuts_care_under_way_before_its_protected_time_is_over() -> None:
    case = at_the_physician(protected(Tri.MET, end=date(2027, 6, 30)))
    assert broken(case, DENIED) == {"decision.care_under_way"}
    early = PART.model_copy(update={"approved_end": THROUGH - timedelta(days=1)})
    late = PART.model_copy(update={"approved_end": THROUGH, "approved_start": date(2026, 12, 2)})
    fewer = PART.model_copy(update={"approved_end": date(2027, 6, 30)})
    for cut in (early, late, fewer):
        assert broken(case, cut) == {"decision.care_under_way"}
    assert not broken(case, PART.model_copy(update={"approved_end": THROUGH}))


def test_a_physician_answers_whether_care_was_under_way_where_nobody_else_did() -> None:
    case = at_the_physician(protected(Tri.UNKNOWN))
    answer = CriterionAnswer(node_id="MA-TRANSITION-90", answer="not_met", note="It begins in December.")
    assert broken(case, DENIED) == {"decision.criteria"}
    assert not broken(case, DENIED, answer)
    yes = answer.model_copy(update={"answer": "met"})
    assert broken(case, DENIED, yes) == {"decision.care_under_way"}
