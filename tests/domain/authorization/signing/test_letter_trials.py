"""The letter that a signer reads before signing is the one that is written afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.authorization import message_checks
from domain.authorization.case import AuthorizationCase
from domain.authorization.signing.letter_trials import letters_as_drafted, letters_of_decision, letters_of_signed_lines
from domain.authorization.signing.readiness import SigningStep, check_signing
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import LineDecision
from domain.letters.request_facts import AdverseFacts
from domain.vocabulary import LineOutcome, NoticeKind
from tests.domain.authorization.casebook import BASIS, REASON, criteria, denial, line
from tests.domain.authorization.test_partial_approvals import LATER, _at_the_physician

DENIED = LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=REASON)
APPROVED_TOO = LineDecision(line_id="2", outcome=LineOutcome.APPROVED)


def _decide(case: AuthorizationCase, message: CompleteTask, *lines: LineDecision, **more: object) -> CompleteTask:
    signed = denial(case, message.task_id, lines=lines)
    return message.model_copy(update={"signed": signed, "at": signed.signed_at, **more})


@pytest.mark.parametrize(
    "lines",
    [
        (DENIED,),
        (DENIED.model_copy(update={"outcome": LineOutcome.APPROVED_IN_PART, "approved_quantity": Decimal(1)}),),
    ],
)
def test_the_drafted_letter_is_ordered_as_the_one_after_the_signature(lines: tuple[LineDecision, ...]) -> None:
    case, message = _at_the_physician(undated=False)
    decide = _decide(case, message, *lines)
    ordered, blocked = letters_of_decision(case, decide, decide.at)
    assert ordered and not blocked
    assert letters_as_drafted(case, decide, decide.at) == (ordered, ())


def test_a_mixed_decision_is_drafted_with_what_it_approves_and_the_number_of_that() -> None:
    case, message = _at_the_physician(line("2", criteria("not_met")), undated=False)
    case.tasks[message.task_id] = case.tasks[message.task_id].model_copy(update={"assignee": message.reviewer_id})
    decide = _decide(case, message, DENIED, APPROVED_TOO, basis=BASIS)
    ordered, _ = letters_of_decision(case, decide, decide.at)
    drafted, _ = letters_as_drafted(case, decide, decide.at)
    assert drafted == ordered
    facts = drafted[0].facts
    assert isinstance(facts, AdverseFacts) and facts.authorization_number
    assert [one.outcome for one in facts.request.lines] == [LineOutcome.DENIED, LineOutcome.APPROVED]


def test_a_line_of_one_field_is_drafted_alone_while_the_other_field_is_open() -> None:
    other = line("2", criteria("not_met")).model_copy(update={"fitting_specialties": ("cardiology",)})
    case, message = _at_the_physician(other, undated=False)
    decide = _decide(case, message, DENIED)
    assert letters_as_drafted(case, decide, decide.at) == letters_of_signed_lines(case, decide, decide.at)


def test_a_letter_is_drafted_whatever_stands_against_the_signature_and_changes_nothing() -> None:
    case, message = _at_the_physician(undated=False)
    assert case.peer_to_peer is not None
    case.peer_to_peer.result = None
    before = case.model_dump_json()
    decide = _decide(case, message, DENIED)
    assert message_checks.violations(case, decide, decide.at)
    (order,), _ = letters_as_drafted(case, decide, decide.at)
    assert order.notice is NoticeKind.ADVERSE_DETERMINATION
    assert case.model_dump_json() == before
    assert letters_as_drafted(case, _decide(case, message), decide.at) == ((), ())


def test_an_approval_of_everything_has_the_letter_of_an_approval() -> None:
    case, message = _at_the_physician(undated=False)
    lines = (LineDecision(line_id="1", outcome=LineOutcome.APPROVED),)
    approve = message.model_copy(
        update={"outcome": TaskOutcome.APPROVE, "signed": None, "lines": lines, "basis": BASIS}
    )
    (order,), _ = letters_as_drafted(case, approve, LATER)
    assert order.notice is NoticeKind.APPROVAL


def test_each_broken_rule_stands_under_one_condition_of_signing() -> None:
    case, message = _at_the_physician(undated=False)
    assert case.peer_to_peer is not None
    case.peer_to_peer.result = None
    signed = denial(case, message.task_id, lines=(), specialty="dermatology", no_conflict_of_interest=False)
    decide = message.model_copy(update={"signed": signed, "at": signed.signed_at})
    checks = {one.step: {broken.rule for broken in one.broken} for one in check_signing(case, decide, decide.at)}
    assert checks[SigningStep.SIGNER] == {"DEC-MA-OD: 42 CFR 422.566(d)"}
    assert checks[SigningStep.PEER_TO_PEER] == {"DEC-MA-OD.peer_to_peer"}
    assert checks[SigningStep.INDEPENDENCE] == {"decision.conflict"}
    assert "decision.lines" in checks[SigningStep.DECISION]
    every = {one.rule for one in message_checks.violations(case, decide, decide.at)}
    assert set().union(*checks.values()) == every


def test_a_task_that_nobody_holds_says_nothing_against_its_signer() -> None:
    case, message = _at_the_physician(line("2", criteria("not_met")), undated=False)
    decide = _decide(case, message, DENIED, APPROVED_TOO, basis=BASIS)
    checks = {one.step: {broken.rule for broken in one.broken} for one in check_signing(case, decide, decide.at)}
    assert (checks[SigningStep.SIGNER], checks[SigningStep.DECISION]) == (set(), {"task.unclaimed"})


def test_nothing_stands_against_a_proper_decision() -> None:
    case, message = _at_the_physician(undated=False)
    decide = _decide(case, message, DENIED)
    assert not any(one.broken for one in check_signing(case, decide, decide.at + timedelta(seconds=1)))
