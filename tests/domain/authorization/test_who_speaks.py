"""A party's word counts as that party's: with how it was said, who entered it, and never by whoever decides the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.authorization import message_checks, message_effects, path
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import (
    AuthorizationMessage,
    ContactLog,
    CorrectRequest,
    PartyStatement,
    SettlePeerToPeer,
    WithdrawRequest,
)
from domain.cases.messages import ClaimTask, CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.journal import Actor
from domain.vocabulary import AskedBy, Channel
from tests.domain.authorization.casebook import PHYSICIAN, START, criteria, denial, line, open_case

LATER = START + timedelta(hours=1)
PROVIDER = Actor(kind="provider", id="1999999984")
MEMBER = Actor(kind="member", id="M")
ON_THE_PHONE = PartyStatement(person="The member", channel=Channel.PHONE, at=LATER, note="She wants to wait.")


def _case() -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")))
    path.advance(case, LATER)
    return case


def _withdrawal(**changes: Any) -> WithdrawRequest:
    said = {"message_id": "w", "at": LATER, "actor": MEMBER, "by": AskedBy.MEMBER, "asked": ON_THE_PHONE}
    return WithdrawRequest(**(said | {"entered_by": "intake"} | changes))


def _refusals(case: AuthorizationCase, message: AuthorizationMessage) -> set[str]:
    return {one.rule for one in message_checks.violations(case, message, message.at)}


def test_a_withdrawal_names_who_spoke_and_who_entered_it() -> None:
    case = _case()
    assert message_effects.receive_message(case, _withdrawal(), LATER).accepted
    entry = next(one for one in case.pending if one.kind.value == "withdrawn")
    assert (entry.actor, entry.data["entered_by"]) == (MEMBER, "intake")
    assert entry.data["asked"]["channel"] == "phone"  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"asked": None}, "withdraw.statement"),
        ({"asked": ON_THE_PHONE.model_copy(update={"note": " "})}, "withdraw.statement"),
        ({"asked": ON_THE_PHONE.model_copy(update={"person": ""})}, "withdraw.statement"),
        ({"entered_by": None}, "withdraw.entered_by"),
        ({"entered_by": "stranger"}, "reviewer.unknown"),
        ({"actor": Actor(kind="reviewer", id="intake")}, "withdraw.speaker"),
        ({"actor": Actor(kind="provider", id="1888888884"), "by": AskedBy.PROVIDER}, "withdraw.speaker"),
    ],
)
def test_a_withdrawal_that_its_party_is_not_shown_to_have_asked_for_is_refused(
    changes: dict[str, Any], rule: str
) -> None:
    assert rule in _refusals(_case(), _withdrawal(**changes))


def test_whoever_reviews_the_case_does_not_enter_its_withdrawal() -> None:
    case = _case()
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    actor = Actor(kind="reviewer", id="nurse")
    claim = ClaimTask(message_id="c", at=LATER, actor=actor, task_id=task.task_id, reviewer_id="nurse")
    assert message_effects.receive_message(case, claim, LATER).accepted
    assert "withdraw.reviewer" in _refusals(case, _withdrawal(entered_by="nurse"))


def test_a_message_that_an_older_release_accepted_is_replayed_as_it_was() -> None:
    old = WithdrawRequest(message_id="w", at=LATER, actor=PROVIDER, by=AskedBy.PROVIDER)
    assert "asked" not in old.model_dump() and "entered_by" not in old.model_dump()
    assert message_effects.receive_message(_case(), old, LATER, spoken=False).accepted
    assert not message_effects.receive_message(_case(), old, LATER).accepted


def test_only_the_requester_changes_what_is_asked() -> None:
    case = _case()
    changed = CorrectRequest(message_id="x", at=LATER, actor=PROVIDER, request_version=1, what="fewer units")
    assert not _refusals(case, changed)
    for other in (Actor(kind="provider", id="1777777719"), Actor(kind="reviewer", id="nurse"), MEMBER):
        assert _refusals(case, changed.model_copy(update={"actor": other})) == {"request.sender"}


# -- peer-to-peer --------------------------------------------------------------------------------------------------------


def _offered() -> AuthorizationCase:
    case = _case()
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    refer = CompleteTask(
        message_id="n",
        at=LATER,
        actor=Actor(kind="reviewer", id="nurse"),
        task_id=task.task_id,
        reviewer_id="nurse",
        outcome=TaskOutcome.REFER,
        recommendation="Not documented.",
    )
    assert message_effects.receive_message(case, refer, LATER).accepted
    path.advance(case, LATER)
    assert case.peer_to_peer is not None
    return case


def _settled(result: str, by: str, *, called_by: str | None = None, log: bool = True) -> SettlePeerToPeer:
    call = ContactLog(called="Dr. Lee", number="217-555-0140", at=LATER, by=called_by or by) if log else None
    said = {"message_id": "p", "at": LATER, "actor": Actor(kind="reviewer", id=by), "result": result, "contact": call}
    return SettlePeerToPeer.model_validate(said)


@pytest.mark.parametrize("result", ["held", "declined", "provider_no_show"])
def test_a_peer_to_peer_is_not_settled_without_the_log_of_a_call(result: str) -> None:
    assert _refusals(_offered(), _settled(result, "nurse", log=False)) == {"peer_to_peer.log"}
    assert not _refusals(_offered(), _settled(result, "nurse"))


def test_the_plan_may_say_without_a_log_that_it_missed_the_call_itself() -> None:
    assert not _refusals(_offered(), _settled("plan_no_show", "nurse", log=False))


@pytest.mark.parametrize("called_by", [PHYSICIAN.reviewer_id, "nurse"])
def test_whoever_has_the_review_does_not_say_that_the_provider_gave_up_the_call(called_by: str) -> None:
    case, who = _offered(), PHYSICIAN.reviewer_id
    task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert task is not None
    claim = ClaimTask(
        message_id="c", at=LATER, actor=Actor(kind="reviewer", id=who), task_id=task.task_id, reviewer_id=who
    )
    assert message_effects.receive_message(case, claim, LATER).accepted
    assert "peer_to_peer.signer" in _refusals(case, _settled("declined", who, called_by=called_by))
    assert not _refusals(case, _settled("held", who)), "a call that was held is the physician's own to record"


def test_nobody_signs_on_their_own_word_that_the_provider_gave_up_the_call() -> None:
    case, who = _offered(), PHYSICIAN.reviewer_id
    assert message_effects.receive_message(case, _settled("declined", who), LATER).accepted
    task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert task is not None
    signed = denial(case, task.task_id)
    decide = CompleteTask(
        message_id="d",
        at=signed.signed_at,
        actor=Actor(kind="reviewer", id=who),
        task_id=task.task_id,
        reviewer_id=who,
        outcome=TaskOutcome.DECIDE,
        signed=signed,
    )
    assert "peer_to_peer.signer" in _refusals(case, decide)
