"""More time is taken on a coded ground with its facts, and of an expedited case by two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.authorization import message_checks
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import ExtensionGround, PartyStatement, TakeExtension
from domain.clocks.events import ExtensionReason
from domain.clocks.results import ExtensionTerms
from domain.journal import Actor
from domain.vocabulary import Channel, Urgency
from rulebook.review_rules import load_review_rules
from tests.domain.authorization.casebook import DUE, START, criteria, line, open_case

RULES = load_review_rules().policy.extension_grounds
LATER = START + timedelta(hours=1)
ASKED = PartyStatement(person="The member", channel=Channel.PHONE, at=LATER)
ENROLLEE = ExtensionGround(code="enrollee_asked", fact="A second opinion comes.", party=ASKED)
EVIDENCE = ExtensionGround(
    code="noncontract_evidence", fact="Notes that may show treatment.", provider_npi="1888888884"
)


def _case(urgency: Urgency = Urgency.STANDARD, *, rules: bool = True) -> AuthorizationCase:
    case = open_case(line("1", criteria("not_met")), urgency=urgency)
    assert case.assessment is not None
    policy = case.assessment.policy.model_copy(update={"extension_grounds": RULES if rules else ()})
    case.assessment = case.assessment.model_copy(update={"policy": policy})
    terms = ExtensionTerms(latest=DUE, reasons=(ExtensionReason.ENROLLEE_ASKED, ExtensionReason.PLAN_JUSTIFIED))
    case.clocks = tuple(clock.model_copy(update={"may_extend": terms}) for clock in case.clocks)
    return case


def _refusals(case: AuthorizationCase, **changes: Any) -> set[str]:
    said = {"message_id": "x", "at": LATER, "actor": Actor(kind="reviewer", id="nurse"), "reviewer_id": "nurse"}
    said |= {"reason": "plan_justified", "justification": "We wait for notes of another doctor.", "ground": EVIDENCE}
    message = TakeExtension.model_validate(said | changes)
    return {one.rule for one in message_checks.violations(case, message, LATER)}


def test_more_time_is_taken_on_a_ground_of_the_rulebook_with_its_facts() -> None:
    assert not _refusals(_case())
    assert not _refusals(_case(), reason="enrollee_asked", ground=ENROLLEE)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"ground": None, "justification": "We are busy this week."}, "extension.ground"),
        ({"ground": ENROLLEE}, "extension.ground"),
        ({"reason": "enrollee_asked"}, "extension.ground"),
        ({"ground": EVIDENCE.model_copy(update={"provider_npi": None})}, "extension.ground_facts"),
        ({"ground": EVIDENCE.model_copy(update={"fact": " "})}, "extension.ground_facts"),
        (
            {"reason": "enrollee_asked", "ground": ENROLLEE.model_copy(update={"party": None})},
            "extension.ground_facts",
        ),
    ],
)
def test_being_busy_is_no_ground_and_a_ground_without_its_facts_is_none(changes: dict[str, Any], rule: str) -> None:
    assert _refusals(_case(), **changes) == {rule}


def test_an_expedited_case_is_extended_by_two_people() -> None:
    case = _case(Urgency.EXPEDITED)
    for alone in (None, "nurse", "stranger", "intake"):
        assert _refusals(case, second_person=alone) == {"extension.second_person"}
    assert not _refusals(case, second_person="supervisor")


def test_what_an_older_release_let_pass_is_replayed_as_it_was() -> None:
    assert not _refusals(_case(rules=False), ground=None)
