"""A reviewer's account: an approval is claimed and has its rationale and criteria, and only what was opened is attested."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.authorization import message_checks, message_effects, path
from domain.authorization.approval_checks import account_violations
from domain.authorization.case import AuthorizationCase
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.decisions.citations import CitableRules
from domain.decisions.determination import ApprovalBasis, LineDecision
from domain.journal import Actor, EntryKind
from domain.vocabulary import LineOutcome
from tests.domain.authorization.casebook import (
    BASIS,
    START,
    claimed,
    criteria,
    denial,
    line,
    open_case,
    read_records,
)

LATER = START + timedelta(hours=1)
TASK = "PA-TEST-T1"


def at_the_nurse(*, is_claimed: bool = True) -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")))
    path.advance(case, LATER)
    assert case.tasks[TASK].kind is TaskKind.NURSE_REVIEW
    return claimed(case, TASK, "nurse") if is_claimed else case


def approval(basis: ApprovalBasis | None) -> CompleteTask:
    return CompleteTask(
        message_id="a",
        at=LATER,
        actor=Actor(kind="reviewer", id="nurse"),
        task_id=TASK,
        reviewer_id="nurse",
        outcome=TaskOutcome.APPROVE,
        lines=(LineDecision(line_id="1", outcome=LineOutcome.APPROVED),),
        basis=basis,
    )


def broken(case: AuthorizationCase, message: CompleteTask) -> set[str]:
    found = {one.rule for one in message_checks.violations(case, message, LATER)}
    assert found == {one.rule for one in message_checks.violations_without_lookup(case, message, LATER)}
    return found


def test_nobody_approves_a_task_that_nobody_has_claimed() -> None:
    assert broken(at_the_nurse(is_claimed=False), approval(BASIS)) == {"task.unclaimed"}
    assert broken(at_the_nurse(), approval(BASIS)) == set()


@pytest.mark.parametrize(
    ("basis", "rules"),
    [
        (None, {"approval.rationale", "approval.criteria"}),
        (ApprovalBasis(rationale="", criteria=("LCD L37848",)), {"approval.rationale"}),
        (ApprovalBasis(rationale="TBD", criteria=("LCD L37848",)), {"approval.rationale"}),
        (ApprovalBasis(rationale="Nothing less has helped."), {"approval.criteria"}),
        (ApprovalBasis(rationale="Nothing less has helped.", why_none=" "), {"approval.criteria"}),
        (ApprovalBasis(rationale="Nothing less has helped.", criteria=("NCD 1.1",)), {"approval.criteria_unknown"}),
        (ApprovalBasis(rationale="Nothing less has helped.", criteria=("LCD L37848",)), set()),
        (ApprovalBasis(rationale="Nothing less has helped.", criteria=("FUS",)), set()),
        (ApprovalBasis(rationale="Nothing less has helped.", why_none="The guideline is silent on it."), set()),
    ],
)
def test_an_approval_has_its_rationale_and_its_criteria_or_why_none(
    basis: ApprovalBasis | None, rules: set[str]
) -> None:
    case = at_the_nurse()
    rules_known = CitableRules(of_lob=(), of_lines={"1": ("LCD L37848",)})
    case.assessment = case.require_context().model_copy(update={"citable": rules_known})
    assert broken(case, approval(basis)) == rules


def test_the_account_of_an_approval_stands_with_its_line_and_in_the_journal() -> None:
    case = at_the_nurse()
    assert message_effects.receive_message(case, approval(BASIS), LATER).accepted
    assert case.approvals["1"].basis == BASIS
    (entry,) = [entry for entry in case.pending if entry.kind is EntryKind.TASK_COMPLETED]
    assert entry.data["basis"] == BASIS.model_dump(mode="json")


def test_an_approval_that_an_older_release_accepted_is_replayed_as_it_was() -> None:
    case = at_the_nurse(is_claimed=False)
    assert message_effects.receive_message(case, approval(None), LATER, accounted=False).accepted
    assert "basis" not in case.approvals["1"].model_dump(mode="json")


def at_the_physician() -> AuthorizationCase:
    case = at_the_nurse()
    case.determinations.refer(("1",), "Not documented.")
    path.advance(case, LATER)
    assert case.peer_to_peer is not None
    case.peer_to_peer.result = "held"
    return case


def signing(case: AuthorizationCase) -> CompleteTask:
    task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert task is not None
    signed = denial(case, task.task_id, signed_at=LATER)
    return approval(None).model_copy(
        update={
            "task_id": task.task_id,
            "actor": Actor(kind="reviewer", id=signed.reviewer_id),
            "reviewer_id": signed.reviewer_id,
            "outcome": TaskOutcome.DECIDE,
            "lines": (),
            "signed": signed,
        }
    )


def test_an_attestation_that_names_records_its_signer_did_not_open_is_refused() -> None:
    case = at_the_physician()
    case.openings = ()
    assert broken(case, signing(case)) == {"decision.record_unopened"}
    by_another = at_the_physician()
    by_another.openings = tuple(one for one in by_another.openings if one.reviewer_id == "nurse")
    rules = {one.rule for one in message_checks.violations(by_another, signing(by_another), LATER)}
    assert rules == {"decision.record_unopened"}, "what a colleague opened was not read by the signer"


def test_a_determination_proves_by_itself_that_its_records_were_opened() -> None:
    case = at_the_physician()
    assert message_effects.receive_message(case, signing(case), LATER).accepted
    assert case.adverse[0].circumstances.opened == ("doc-1",)


def test_a_decision_that_an_older_release_accepted_is_replayed_as_it_was() -> None:
    case = at_the_physician()
    case.openings = ()
    assert message_effects.receive_message(case, signing(case), LATER, accounted=False).accepted
    assert case.adverse[0].circumstances.opened is None


def test_no_account_is_asked_of_who_refers_asks_or_repairs() -> None:
    case = at_the_nurse(is_claimed=False)
    refer = approval(None).model_copy(
        update={"outcome": TaskOutcome.REFER, "lines": (), "recommendation": "Not documented."}
    )
    assert account_violations(case, refer) == ()
    read_records(case)
    some = refer.model_copy(update={"lines": (LineDecision(line_id="1", outcome=LineOutcome.APPROVED),)})
    assert {one.rule for one in account_violations(case, some)} == {
        "task.unclaimed",
        "approval.rationale",
        "approval.criteria",
    }
