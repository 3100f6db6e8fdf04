"""A withdrawal is taken back by one call of the party that made it; the review goes on with its receipt and its clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.authorization import conclusion, message_checks, message_effects, path
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import PartyStatement, ReinstateRequest, RequestExpedite, WithdrawRequest
from domain.authorization.parts import CasePhase
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseLetter, CaseStatus
from domain.journal import Actor
from domain.vocabulary import AskedBy, Audience, Channel, NoticeKind
from tests.domain.authorization.casebook import DUE, START, criteria, line, open_case

LATER = START + timedelta(hours=1)
ACTORS = {
    AskedBy.MEMBER: Actor(kind="member", id="M"),
    AskedBy.REPRESENTATIVE: Actor(kind="representative", id="M"),
    AskedBy.PROVIDER: Actor(kind="provider", id="1999999984"),
    AskedBy.PLAN: Actor(kind="plan", id="P"),
}
SAID = PartyStatement(person="The member", channel=Channel.PHONE, at=LATER, note="She wants the surgery after all.")
SHOWN = SAID.model_copy(update={"document_id": "appointment"})


def _withdrawn(by: AskedBy = AskedBy.MEMBER) -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")))
    path.advance(case, LATER)
    back = WithdrawRequest(
        message_id="w", at=LATER, actor=ACTORS[by], by=by, asked=SHOWN, entered_by="intake", why="Changed her mind"
    )
    assert message_effects.receive_message(case, back, LATER).accepted
    return case


def _taken_back(by: AskedBy = AskedBy.MEMBER, **changes: Any) -> ReinstateRequest:
    said = {"message_id": "r", "at": LATER, "actor": ACTORS[by], "by": by, "asked": SHOWN, "entered_by": "intake"}
    return ReinstateRequest.model_validate(said | changes)


def _refusals(case: AuthorizationCase, message: ReinstateRequest, now: Any = LATER) -> set[str]:
    return {one.rule for one in message_checks.violations(case, message, now)}


def test_the_review_goes_on_with_its_receipt_and_its_clocks() -> None:
    case = _withdrawn()
    clocks = case.clocks
    assert message_effects.receive_message(case, _taken_back(), LATER).accepted
    assert (case.withdrawal, case.received_at, case.clocks) == (None, START, clocks)
    assert isinstance(path.advance(case, LATER), path.AssessRequest)
    case.apply_assessment(case.require_context(), clocks)
    path.advance(case, LATER)
    assert case.open_task(TaskKind.NURSE_REVIEW) is not None
    assert case.phase is CasePhase.IN_REVIEW
    (entry,) = (one for one in case.pending if one.kind.value == "reinstated")
    assert (entry.actor, entry.data["entered_by"]) == (ACTORS[AskedBy.MEMBER], "intake")
    assert entry.data["asked"]["person"] == "The member"  # type: ignore[index,call-overload]


def test_a_withdrawal_whose_letter_is_not_written_sends_none() -> None:
    case = _withdrawn()
    conclusion.make_determination(case, CaseStatus.WITHDRAWN, LATER)
    assert case.owed_letters[-1] is NoticeKind.WITHDRAWN
    case.owed_letters.remove(NoticeKind.ACKNOWLEDGMENT)
    assert message_effects.receive_message(case, _taken_back(), LATER).accepted
    assert case.owed_letters == [] and case.concluded is None


def test_after_a_letter_of_the_withdrawal_another_confirms_that_the_review_goes_on() -> None:
    case = _withdrawn()
    conclusion.make_determination(case, CaseStatus.WITHDRAWN, LATER)
    case.owed_letters = []
    case.letters["L:0"] = CaseLetter(
        letter_id="L:0",
        notice=NoticeKind.WITHDRAWN,
        audience=Audience.MEMBER,
        recipient="member",
        subject="s",
        written_at=LATER,
        handed_over_at=LATER,
    )
    case.letters["L:1"] = CaseLetter(
        letter_id="L:1",
        notice=NoticeKind.WITHDRAWN,
        audience=Audience.MEMBER,
        recipient="member",
        subject="s",
        written_at=LATER,
    )
    assert message_effects.receive_message(case, _taken_back(), LATER).accepted
    assert case.owed_letters == [NoticeKind.ACKNOWLEDGMENT]
    assert case.unsent_letters() == (), "what is not mailed yet is not mailed any more"
    assert [key for key, one in case.letters.items() if one.recalled_at is not None] == ["L:1"]


def test_a_wish_to_expedite_that_the_withdrawal_cut_off_is_decided_after_all() -> None:
    case = open_case(line("1", criteria("not_met")))
    wish = RequestExpedite(message_id="x", at=LATER, actor=ACTORS[AskedBy.MEMBER], asked_by=AskedBy.MEMBER)
    assert message_effects.receive_message(case, wish, LATER).accepted
    back = _withdrawal_of(AskedBy.MEMBER)
    assert message_effects.receive_message(case, back, LATER).accepted
    conclusion.make_determination(case, CaseStatus.WITHDRAWN, LATER)
    assert case.expediting.asked is None
    assert message_effects.receive_message(case, _taken_back(), LATER).accepted
    assert case.expediting.asked == wish


def _withdrawal_of(by: AskedBy) -> WithdrawRequest:
    return WithdrawRequest(message_id="w", at=LATER, actor=ACTORS[by], by=by, asked=SHOWN, entered_by="intake")


@pytest.mark.parametrize(
    ("withdrew", "asks", "refused"),
    [
        (AskedBy.MEMBER, AskedBy.MEMBER, set()),
        (AskedBy.PROVIDER, AskedBy.PROVIDER, set()),
        (AskedBy.MEMBER, AskedBy.REPRESENTATIVE, set()),
        (AskedBy.REPRESENTATIVE, AskedBy.MEMBER, set()),
        (AskedBy.MEMBER, AskedBy.PROVIDER, {"reinstate.party"}),
        (AskedBy.PROVIDER, AskedBy.MEMBER, {"reinstate.party"}),
        (AskedBy.MEMBER, AskedBy.PLAN, {"reinstate.party"}),
    ],
)
def test_only_the_party_that_withdrew_takes_it_back(withdrew: AskedBy, asks: AskedBy, refused: set[str]) -> None:
    assert _refusals(_withdrawn(withdrew), _taken_back(asks)) == refused


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"asked": SAID.model_copy(update={"note": " "})}, "reinstate.statement"),
        ({"asked": SHOWN.model_copy(update={"person": ""})}, "reinstate.statement"),
        ({"asked": SHOWN.model_copy(update={"at": LATER + timedelta(days=1)})}, "message.stamp"),
        ({"entered_by": None}, "reinstate.entered_by"),
        ({"entered_by": "stranger"}, "reviewer.unknown"),
        ({"actor": Actor(kind="reviewer", id="intake")}, "reinstate.speaker"),
        (
            {"by": AskedBy.REPRESENTATIVE, "actor": ACTORS[AskedBy.REPRESENTATIVE], "asked": SAID},
            "reinstate.representative",
        ),
    ],
)
def test_a_withdrawal_is_not_taken_back_by_who_is_not_shown_to_have_asked(changes: dict[str, Any], rule: str) -> None:
    assert _refusals(_withdrawn(), _taken_back(**changes)) == {rule}


def test_nothing_is_taken_back_that_was_not_withdrawn() -> None:
    assert _refusals(open_case(line("1", criteria("not_met"))), _taken_back()) == {"reinstate.none"}


def test_after_the_clock_has_ended_the_case_does_not_go_on_late() -> None:
    late = DUE + timedelta(seconds=1)
    said = SHOWN.model_copy(update={"at": late})
    assert _refusals(_withdrawn(), _taken_back(at=late, asked=said), late) == {"reinstate.clock_ended"}
    assert not _refusals(_withdrawn(), _taken_back(at=DUE, asked=said.model_copy(update={"at": DUE})), DUE)
