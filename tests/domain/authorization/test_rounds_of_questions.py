"""Rules ask the provider what one branch needs, and once more when the answer opened another; a judgment waits for nobody."""

from __future__ import annotations

from datetime import timedelta

from domain.authorization import letter_events, message_checks, path, timers
from domain.authorization.assessment import CriteriaFinding
from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import Route
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseLetter
from domain.journal import Actor, EntryKind
from domain.vocabulary import Audience, NoticeKind
from rulebook.review_rules import load_review_rules
from tests.domain.authorization.casebook import DUE, START, criteria, denial, line, open_case

LATER = START + timedelta(hours=1)


def asking(*asks: str, judged: tuple[str, ...] = ()) -> CriteriaFinding:
    return criteria("unknown").model_copy(
        update={"missing_facts": (*asks, "sp.cobb_deg", "sp.initial_relief"), "asks": asks, "judged_now": judged}
    )


def case_of(found: CriteriaFinding, *, rounds: int = 2, beside: bool = True) -> AuthorizationCase:
    case = open_case(line("1", found))
    assert case.assessment is not None
    policy = case.assessment.policy.model_copy(update={"question_rounds": rounds, "judgment_beside_question": beside})
    case.assessment = case.assessment.model_copy(update={"policy": policy})
    path.advance(case, LATER)
    return case


def answer(case: AuthorizationCase, found: CriteriaFinding, hours: int = 2) -> None:
    """The provider answers; the criteria come out as `found`."""
    at = START + timedelta(hours=hours)
    case.receive_answer(at)
    assert case.assessment is not None
    case.assessment = case.assessment.model_copy(update={"lines": (line("1", found),)})
    path.advance(case, at)


def mail(case: AuthorizationCase) -> None:
    letter = CaseLetter(
        letter_id="L", notice=NoticeKind.INFORMATION_REQUEST, audience=Audience.PROVIDER, recipient="1999999984",
        subject="Information", written_at=LATER,
    )  # fmt: skip
    letter_events.record_clock_events(case, (letter,), LATER)


def test_the_rulebook_asks_in_two_rounds_and_lets_no_judgment_wait() -> None:
    policy = load_review_rules().policy
    assert (policy.question_rounds, policy.judgment_beside_question) == (2, True)


def test_only_what_was_planned_is_asked() -> None:
    case = case_of(asking("sp.nonop_months"))
    assert case.information is not None and case.information.asked == ("sp.nonop_months",)
    assert [entry.data["facts"] for entry in case.pending if entry.kind is EntryKind.INFORMATION_REQUESTED] == [
        ["sp.nonop_months"]
    ]


def test_an_answer_that_rules_the_branch_out_brings_the_next_question() -> None:
    case = case_of(asking("sp.nonop_months"))
    answer(case, asking("sp.instability_cause"))
    asked = case.information
    assert asked is not None and asked.is_open and asked.round == 2
    assert asked.asked == ("sp.nonop_months", "sp.instability_cause")
    assert case.routes["1"] is Route.ASKED and case.open_task(TaskKind.NURSE_REVIEW) is None


def test_rules_ask_no_third_time_and_not_again_what_stayed_unanswered() -> None:
    case = case_of(asking("sp.nonop_months"))
    answer(case, asking("sp.nonop_months"))
    assert case.open_task(TaskKind.NURSE_REVIEW) is not None
    case = case_of(asking("sp.nonop_months"))
    answer(case, asking("sp.instability_cause"))
    answer(case, asking("sp.pseudarthrosis_imaging"), hours=3)
    assert case.routes["1"] is Route.NURSE


def test_a_case_of_an_older_release_is_asked_once() -> None:
    case = case_of(asking("sp.nonop_months"), rounds=1)
    answer(case, asking("sp.instability_cause"))
    assert case.routes["1"] is Route.NURSE


def test_a_question_that_was_never_answered_brings_no_further_one() -> None:
    case = case_of(asking("sp.nonop_months"))
    assert case.information is not None
    late = case.information.wait_until + timedelta(minutes=1)
    timers.fire_due_timers(case, late)
    path.advance(case, late)
    assert late < DUE and case.routes["1"] is Route.NURSE


def test_a_further_round_moves_no_clock() -> None:
    case = case_of(asking("sp.nonop_months"))
    before = len(case.clock_events)
    mail(case)
    assert len(case.clock_events) == before + 1
    answer(case, asking("sp.instability_cause"))
    mail(case)
    assert len(case.clock_events) == before + 1


def test_nothing_is_asked_where_only_a_clinician_can_go_on() -> None:
    case = case_of(asking(judged=("FUS-J",)))
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert case.information is None and task is not None
    assert task.why == "Line 1: only a clinician can judge FUS-J"


def test_a_judgment_goes_to_a_nurse_beside_the_question() -> None:
    case = case_of(asking("sp.nonop_months", judged=("FUS-J",)))
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert case.information is not None and case.information.is_open and task is not None
    assert task.why == "Line 1: only a clinician can judge FUS-J; the provider is asked for the rest"
    assert case_of(asking("sp.nonop_months", judged=("FUS-J",)), beside=False).open_task(TaskKind.NURSE_REVIEW) is None


def test_nobody_denies_while_the_provider_can_still_answer() -> None:
    case = case_of(asking("sp.nonop_months", judged=("FUS-J",)))
    case.determinations.refer(("1",), "Look at it.")
    path.advance(case, LATER)
    task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert task is not None
    decide = CompleteTask(
        message_id="d", at=LATER, actor=Actor(kind="reviewer", id="md.fit"), task_id=task.task_id, reviewer_id="md.fit",
        outcome=TaskOutcome.DECIDE, signed=denial(case, task.task_id),
    )  # fmt: skip
    assert "information.open" in {one.rule for one in message_checks.violations(case, decide, LATER)}
    case.receive_answer(LATER)
    assert "information.open" not in {one.rule for one in message_checks.violations(case, decide, LATER)}
