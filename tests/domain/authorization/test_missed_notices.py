"""A notice that the law owes beside the decision is judged: what was not told is not in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.authorization import missed_clock_effects
from domain.authorization.task_checks import decision_circumstances
from domain.cases.orders import RecordResult
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.clocks.engine import DueKind
from domain.decisions.decision_makers import ByLaw
from domain.decisions.determination import make_adverse_determination
from domain.letters.orders import BlockedLetter
from domain.vocabulary import Lob, NoticeKind
from tests.domain.authorization.casebook import PHYSICIAN, RULE, START, denial
from tests.domain.authorization.lateness import SECOND, LateCase

IL_NOTICES = (DueKind.WRITTEN_NOTICE, DueKind.PROVIDER_NOTICE)


class Untold(LateCase):
    """A case whose letters of these kinds cannot be written."""

    blocked: tuple[NoticeKind, ...] = (NoticeKind.ADVERSE_DETERMINATION,)

    def _written(self, notices: tuple[NoticeKind, ...]) -> RecordResult:
        done = super()._written(tuple(notice for notice in notices if notice not in self.blocked))
        lost = tuple(BlockedLetter(notice=n, missing=("x",), why="x") for n in notices if n in self.blocked)
        return done.model_copy(update={"blocked": lost})


def denied(late: LateCase) -> None:
    """A physician signs a proper denial two hours after receipt."""
    late.complete(TaskKind.NURSE_REVIEW, "nurse", TaskOutcome.REFER)
    late.rest()
    (task,) = late.case.open_tasks(TaskKind.PHYSICIAN_REVIEW)
    assert late.case.peer_to_peer is not None
    late.case.peer_to_peer.result = "held"
    at = decision_circumstances(late.case, task, START + timedelta(hours=2))
    rule = RULE.model_copy(update={"lob": Lob.COMMERCIAL_ACA})
    made = make_adverse_determination(denial(late.case, task.task_id), PHYSICIAN, rule, at)
    late.case.determinations.decide(made)
    late.case.determinations.mark_decided(START + timedelta(hours=2))
    late.rest()


def test_an_illinois_denial_that_nobody_was_told_of_in_time_is_an_approval_by_law() -> None:
    late = Untold(Lob.COMMERCIAL_ACA, state="IL", self_funded=False)
    due = late.due()
    denied(late)
    assert late.case.concluded is CaseStatus.DENIED and late.case.is_open
    assert late.judged("IL-STD", DueKind.DECISION) == "met"
    late.at(due + SECOND)
    assert {late.judged("IL-STD", kind) for kind in IL_NOTICES} == {"missed"}
    (effect,) = late.noted("consequence_applied")
    assert effect.data["effect"] == "deemed_approved"
    assert late.case.status is CaseStatus.APPROVED
    assert {approval.by for approval in late.case.approvals.values()} == {ByLaw("IL-STD")}
    (letter,) = late.notices(NoticeKind.APPROVAL)
    assert letter.facts.approved_by_law and letter.facts.missed_due == due


def test_who_asked_for_the_review_is_told_again_when_the_law_replaces_its_result() -> None:
    late = Untold(Lob.COMMERCIAL_ACA, state="IL", self_funded=False)
    due = late.due()
    denied(late)
    late.case.ending.mark_reported()
    late.at(due + SECOND)
    assert late.case.ending.replaced
    missed_clock_effects.tell_replaced(late.case, late.now)
    assert not late.case.ending.reported and not late.case.ending.replaced


def test_an_illinois_denial_that_was_told_in_time_stands() -> None:
    late = LateCase(Lob.COMMERCIAL_ACA, state="IL", self_funded=False)
    denied(late)
    assert late.case.status is CaseStatus.DENIED
    assert {late.judged("IL-STD", kind) for kind in IL_NOTICES} == {"met"}


@pytest.mark.parametrize("state", ["TX", "NY"])
def test_a_decision_whose_letter_cannot_be_written_misses_its_notice(state: str) -> None:
    late = Untold(Lob.COMMERCIAL_ACA, state=state, self_funded=False)
    due, rule = late.due(), {"TX": "TX-PREAUTH", "NY": "NY-PRE"}[state]
    denied(late)
    late.at(due + SECOND)
    assert late.judged(rule, DueKind.DECISION) == "met"
    assert late.judged(rule, DueKind.WRITTEN_NOTICE) == "missed"
    assert late.case.concluded is CaseStatus.DENIED and not late.noted("consequence_applied")
