"""A partial approval can be told: how much, from when and until when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from domain.authorization import conclusion, letter_orders, message_checks, message_effects, path
from domain.authorization.approval_checks import full_approval_violations
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.forms import build_worksheet
from domain.authorization.messages import ContactLog, SettlePeerToPeer
from domain.authorization.signing import letter_trials
from domain.authorization.views import line_views
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.decisions.determination import LineDecision
from domain.journal import Actor
from domain.requests.request import StayPurpose, StayReference
from domain.vocabulary import LineOutcome, NoticeKind
from tests.domain.authorization.casebook import PHYSICIAN, REASON, START, criteria, denial, line, open_case

LATER = START + timedelta(hours=1)
HALF = LineDecision(
    line_id="1", outcome=LineOutcome.APPROVED_IN_PART, approved_quantity=Decimal(1), reason=REASON
)  # fmt: skip


def _at_the_physician(*more: LineAssessment, undated: bool) -> tuple[AuthorizationCase, CompleteTask]:
    asked = line("1", criteria("not_met"))
    case = open_case(asked.model_copy(update={"start": None, "end": None}) if undated else asked, *more)
    path.advance(case, LATER)
    nurse = {"at": LATER, "actor": Actor(kind="reviewer", id="nurse")}
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    refer = {"task_id": task.task_id, "reviewer_id": "nurse", "outcome": TaskOutcome.REFER, "recommendation": "See."}
    message_effects.receive_message(case, CompleteTask.model_validate({"message_id": "n", **nurse, **refer}), LATER)
    path.advance(case, LATER)
    call = ContactLog(called="Dr. Lee", number="217-555-0140", at=LATER, by="nurse")
    held = SettlePeerToPeer.model_validate({"message_id": "p", **nurse, "result": "held", "contact": call})
    assert message_effects.receive_message(case, held, LATER).accepted
    review = next(task for task in case.open_tasks(TaskKind.PHYSICIAN_REVIEW) if "1" in task.line_ids)
    signed = denial(case, review.task_id, lines=(HALF,))
    who = PHYSICIAN.reviewer_id
    decide = CompleteTask(
        message_id="d", at=signed.signed_at, actor=Actor(kind="reviewer", id=who), task_id=review.task_id,
        reviewer_id=who, outcome=TaskOutcome.DECIDE, signed=signed,
    )  # fmt: skip
    return case, decide


def test_fewer_units_without_days_are_told_for_the_days_that_were_asked() -> None:
    case, decide = _at_the_physician(undated=False)
    assert message_effects.receive_message(case, decide, decide.at).accepted
    path.advance(case, decide.at)
    (order,), _ = letter_orders.plan_letters(case, (NoticeKind.ADVERSE_DETERMINATION,), decide.at)
    (told,) = order.facts.request.lines  # type: ignore[union-attr]
    assert (told.approved_quantity, told.approved_start, told.approved_end) == (
        Decimal(1),
        date(2026, 12, 1),
        date(2026, 12, 31),
    )


def test_fewer_units_until_nobody_knows_when_are_not_accepted() -> None:
    case, decide = _at_the_physician(undated=True)
    assert "decision.undated" in {one.rule for one in message_checks.violations(case, decide, decide.at)}


def _two_fields() -> tuple[AuthorizationCase, CompleteTask]:
    """A request of two lines for physicians of two fields; the first of them signs."""
    heart = line("2", criteria("not_met")).model_copy(update={"fitting_specialties": ("cardiology",)})
    case, decide = _at_the_physician(heart, undated=False)
    assert decide.signed is not None and [one.line_id for one in decide.signed.lines] == ["1"]
    return case, decide


def test_the_letter_of_a_line_is_tried_before_its_signature_although_another_line_is_open() -> None:
    case, decide = _two_fields()
    before = case.model_dump_json()
    assert letter_trials.letters_of_decision(case, decide, decide.at) == ((), ())
    (order,), blocked = letter_trials.letters_of_signed_lines(case, decide, decide.at)
    assert order.notice is NoticeKind.ADVERSE_DETERMINATION and not blocked
    assert [told.line_id for told in order.facts.request.lines] == ["1"]  # type: ignore[union-attr]
    assert case.model_dump_json() == before


def test_the_last_signature_is_tried_with_the_whole_letter_and_not_alone() -> None:
    case, decide = _at_the_physician(undated=False)
    assert letter_trials.letters_of_decision(case, decide, decide.at)[0]
    assert letter_trials.letters_of_signed_lines(case, decide, decide.at) == ((), ())


# -- a lower level of care than the hospital ordered -------------------------------------------------------------------------


def _observation_proposed(proposed: str | None) -> tuple[AuthorizationCase, CompleteTask]:
    case, decide = _at_the_physician(undated=False)
    case.stay = StayReference(
        process_id="ST-1", purpose=StayPurpose.ADMISSION, round=1, proposed_level=proposed
    )  # fmt: skip
    assert decide.signed is not None
    lower = HALF.model_copy(update={"approved_quantity": None, "approved_level": "observation"})
    signed = decide.signed.model_copy(update={"lines": (lower,)}).with_signature()
    return case, decide.model_copy(update={"signed": signed})


def decided_at_a_lower_level() -> AuthorizationCase:
    """A case whose physician approved every day at the lower level, with its determination."""
    case, decide = _observation_proposed("observation")
    assert message_effects.receive_message(case, decide, decide.at).accepted
    conclusion.make_determination(case, conclusion.case_outcome(case), decide.at)
    return case


def test_the_reviewer_sees_the_lower_level_that_was_proposed_beside_the_one_that_was_ordered() -> None:
    case, decide = _observation_proposed("observation")
    sheet = build_worksheet(case, decide.task_id, decide.at)
    assert sheet.proposed_level == "observation"
    (said,) = sheet.proposals
    assert said.startswith("Observation was proposed; ordered: Fusion of one lumbar joint.")


def test_a_physician_may_approve_every_day_at_the_lower_level_which_is_a_partial_approval_with_its_letter() -> None:
    case, decide = _observation_proposed("observation")
    (order,), blocked = letter_trials.letters_of_decision(case, decide, decide.at)
    assert not blocked and order.notice is NoticeKind.ADVERSE_DETERMINATION
    assert order.facts.request.lines[0].approved_level == "observation"  # type: ignore[union-attr]
    assert message_effects.receive_message(case, decide, decide.at).accepted
    (answer,) = line_views(case)
    assert (answer.outcome, answer.approved_level) == (LineOutcome.APPROVED_IN_PART, "observation")


def test_a_level_that_nobody_proposed_is_not_approved() -> None:
    case, decide = _observation_proposed(None)
    assert {one.rule for one in message_checks.violations(case, decide, decide.at)} == {"decision.level"}


def test_a_nurse_does_not_approve_a_lower_level() -> None:
    case, _ = _observation_proposed("observation")
    lower = LineDecision(line_id="1", outcome=LineOutcome.APPROVED, approved_level="observation")
    assert "decision.adverse_needs_signature" in {one.rule for one in full_approval_violations(case, lower)}


def test_a_decision_of_an_older_release_keeps_its_signature() -> None:
    """Fields that came later stand in no digest where they say nothing."""
    _, decide = _at_the_physician(undated=False)
    assert decide.signed is not None
    assert "approved_level" not in decide.signed.model_dump_json() and decide.signed.digest() == decide.signed.signature
