"""Whose word to expedite binds: the rulebook says so for each line of business, on arrival and later alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.authorization import message_checks, message_effects, path
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import RequestExpedite
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.journal import Actor
from domain.vocabulary import AskedBy, Lob, Urgency
from rulebook.review_rules import load_review_rules
from tests.domain.authorization.casebook import PHYSICIAN, START, criteria, line, open_case

WORDS = load_review_rules().policy.expedite_words
LATER = START + timedelta(hours=1)


def _open(lob: Lob, *, words: bool = True) -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")))
    case.lob = lob
    assert case.assessment is not None
    policy = case.assessment.policy.model_copy(update={"expedite_words": WORDS if words else ()})
    case.assessment = case.assessment.model_copy(update={"lob": lob, "policy": policy})
    case.reviewers[PHYSICIAN.reviewer_id] = PHYSICIAN
    return case


def _asked(by: AskedBy, message_id: str = "x") -> RequestExpedite:
    return RequestExpedite(message_id=message_id, at=LATER, actor=Actor(kind=by.value, id="1"), asked_by=by)


@pytest.mark.parametrize("lob", [Lob.MEDICAID, Lob.CHIP, Lob.PART_D])
def test_a_providers_word_expedites_at_once_where_it_binds(lob: Lob) -> None:
    case = _open(lob)
    assert message_effects.receive_message(case, _asked(AskedBy.PROVIDER), LATER).accepted
    path.advance(case, LATER)
    assert case.urgency is Urgency.EXPEDITED
    assert case.open_task(TaskKind.EXPEDITE_DECISION) is None, "no physician is asked"
    assert any(
        entry.kind.value == "expedited" and "makes expediting mandatory" in entry.summary for entry in case.pending
    )


def test_a_members_own_word_is_decided_in_every_line_of_business() -> None:
    for lob in Lob:
        case = _open(lob)
        message_effects.receive_message(case, _asked(AskedBy.MEMBER), LATER)
        assert case.urgency is Urgency.STANDARD and case.expediting.asked is not None


def test_a_providers_word_settles_a_members_request_that_waits() -> None:
    case = _open(Lob.MEDICAID)
    message_effects.receive_message(case, _asked(AskedBy.MEMBER), LATER)
    assert message_effects.receive_message(case, _asked(AskedBy.PROVIDER, "y"), LATER).accepted
    assert case.urgency is Urgency.EXPEDITED and case.expediting.asked is None


def test_no_physician_may_refuse_a_binding_word_that_was_kept_for_a_decision() -> None:
    """A case that an older release carried may still hold such a request as a question."""
    case = _open(Lob.MEDICAID, words=False)
    message_effects.receive_message(case, _asked(AskedBy.PROVIDER), LATER)
    path.advance(case, LATER)
    task = case.open_task(TaskKind.EXPEDITE_DECISION)
    assert task is not None and case.assessment is not None
    policy = case.assessment.policy.model_copy(update={"expedite_words": WORDS})
    case.assessment = case.assessment.model_copy(update={"policy": policy})
    who = PHYSICIAN.reviewer_id
    refusal = CompleteTask(
        message_id="r", at=LATER, actor=Actor(kind="reviewer", id=who), task_id=task.task_id, reviewer_id=who,
        outcome=TaskOutcome.REFUSE, note="Waiting does no harm.",
    )  # fmt: skip
    assert "expedite.binding" in {one.rule for one in message_checks.violations(case, refusal, LATER)}
