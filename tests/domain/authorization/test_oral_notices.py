"""A decision that the law wants told by word of mouth is told by a call: owed, recorded, and judged like every duty."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.authorization import clock_tracking, message_checks, message_effects, task_checks, views
from domain.authorization.messages import PartyStatement, RequestExpedite, WithdrawRequest
from domain.cases.oral_notices import notice_calls
from domain.cases.orders import RecordResult
from domain.cases.tasks import Task, TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.clocks.engine import DueKind, EventKind
from domain.decisions.determination import make_adverse_determination
from domain.journal import Actor, JournalEntry
from domain.letters.orders import BlockedLetter
from domain.vocabulary import AskedBy, Channel, Lob, NoticeKind, Urgency
from tests.domain.authorization.casebook import PHYSICIAN, RULE, START, denial
from tests.domain.authorization.lateness import SECOND, LateCase

HOUR = timedelta(hours=1)
MEMBER, PROVIDER, REFUSAL = "decision_to_member", "decision_to_provider", "expedite_refusal"


class Called(LateCase):
    """A case whose decision is told by calls."""

    def open_calls(self) -> dict[str | None, Task]:
        return {task.about: task for task in self.case.open_tasks(TaskKind.ORAL_NOTICE)}

    def call(self, about: str, result: str = "reached", at: datetime | None = None, **changes: Any) -> set[str]:
        """Record a call at `at`; the rules that the record breaks."""
        at = at or self.now
        form: dict[str, Any] = {
            "told_by": "Ann Lee, intake coordinator",
            "told": "The member",
            "channel": "phone",
            "number": "217-555-0140",
            "at": at.isoformat(),
            "result": result,
        }
        task = self.open_calls()[about]
        message = self.completion(TaskKind.ORAL_NOTICE, "intake", TaskOutcome.DONE, form=form | changes)
        message = message.model_copy(update={"task_id": task.task_id, "message_id": f"m-{task.task_id}"})
        answer = message_effects.receive_message(self.case, message, self.now)
        if answer.accepted:
            self.rest()
        return {one.rule for one in answer.refusals}


def new_york() -> Called:
    return Called(Lob.COMMERCIAL_ERISA, state="NY", self_funded=False)


def decided(case: Called) -> Called:
    case.approve()
    case.at(case.now + SECOND)
    return case


def stuck(case: Called) -> Called:
    """The decision is made, and its letter cannot be written."""
    case.approve()
    case._written = _blocked  # type: ignore[method-assign]
    case.rest()
    return case


def _blocked(notices: tuple[NoticeKind, ...]) -> RecordResult:
    return RecordResult(blocked=tuple(BlockedLetter(notice=one, missing=("x",), why="x") for one in notices))


# -- a call beside the letter -------------------------------------------------------------------------------------------------


def test_new_york_owes_member_and_provider_a_call_and_the_case_stays_open_for_both() -> None:
    case = decided(new_york())
    assert set(case.open_calls()) == {MEMBER, PROVIDER}
    assert {task.due_at for task in case.open_calls().values()} == {case.due(DueKind.MEMBER_CALL)}
    assert case.case.is_open and case.case.done[DueKind.WRITTEN_NOTICE]
    case.call(MEMBER)
    assert case.case.is_open and case.judged("NY-PRE", DueKind.MEMBER_CALL) == "met"
    case.call(PROVIDER, channel="fax")
    assert case.judged("NY-PRE", DueKind.PROVIDER_CALL) == "met"
    assert case.case.status is CaseStatus.APPROVED


def test_the_record_of_a_call_says_who_told_whom_how_and_when() -> None:
    case = decided(new_york())
    case.call(MEMBER)
    (entry,) = case.noted("oral_notice")
    assert entry.data["call"] == {
        "told_by": "Ann Lee, intake coordinator",
        "told": "The member",
        "channel": "phone",
        "number": "217-555-0140",
        "at": case.now.isoformat().replace("+00:00", "Z"),
        "result": "reached",
        "said": None,
    }
    assert "217" not in entry.summary


def test_the_clocks_of_a_case_are_explained_by_the_calls_in_its_journal() -> None:
    case = decided(new_york())
    case.call(MEMBER, "not_reached")
    case.call(PROVIDER)
    case.now += HOUR
    case.call(MEMBER)
    entries = [JournalEntry(**entry.model_dump(), case_id="PA-TEST", prev_hash="", hash="") for entry in case.entries]
    assert list(notice_calls(entries)) == [case.now]


@pytest.mark.parametrize("result", ["left_message", "not_reached"])
def test_an_attempt_leaves_the_notice_owed_with_another_attempt(result: str) -> None:
    case = decided(new_york())
    first = case.open_calls()[MEMBER]
    case.call(MEMBER, result)
    again = case.open_calls()[MEMBER]
    assert again.task_id != first.task_id and again.due_at == first.due_at
    assert DueKind.MEMBER_CALL not in case.case.done and case.case.is_open
    assert "it stays owed" in case.noted("oral_notice")[0].summary


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"at": START - HOUR}, "oral_notice.at"),
        ({"at": START + 99 * HOUR}, "oral_notice.at"),
        ({"channel": "fax"}, "oral_notice.channel"),
        ({"channel": "electronic"}, "oral_notice.channel"),
        ({"number": " "}, "task.form.number"),
        ({"told_by": ""}, "task.form.told_by"),
        ({"result": "perhaps"}, "task.form.result"),
    ],
)
def test_a_record_of_a_call_that_could_not_be_is_refused(changes: dict[str, Any], rule: str) -> None:
    case = decided(new_york())
    assert case.call(MEMBER, **changes) == {rule}
    assert MEMBER in case.open_calls()


def test_a_task_of_a_call_needs_its_form() -> None:
    case = decided(new_york())
    message = case.completion(TaskKind.ORAL_NOTICE, "intake", TaskOutcome.DONE)
    assert {one.rule for one in message_checks.violations(case.case, message, case.now)} == {"task.form"}


# -- a call that never came ---------------------------------------------------------------------------------------------------


def test_a_missed_call_is_judged_told_to_compliance_and_keeps_the_case_open_no_longer() -> None:
    case = decided(new_york())
    due = case.due(DueKind.MEMBER_CALL)
    case.at(due)
    assert case.case.is_open
    case.at(due + SECOND)
    assert case.judged("NY-PRE", DueKind.MEMBER_CALL) == "missed"
    assert case.case.status is CaseStatus.APPROVED
    assert case.case.open_task(TaskKind.MISSED_CLOCK) is not None


def test_a_late_call_can_be_recorded_until_compliance_has_reviewed_the_miss() -> None:
    case = decided(new_york())
    case.at(case.due(DueKind.MEMBER_CALL) + SECOND)
    case.call(MEMBER, "not_reached")
    case.at(case.now + HOUR)
    assert not case.call(MEMBER)
    assert case.case.done[DueKind.MEMBER_CALL] == case.now
    assert case.judged("NY-PRE", DueKind.MEMBER_CALL) == "missed"
    case.complete(TaskKind.MISSED_CLOCK, "compliance", TaskOutcome.ACKNOWLEDGE)
    case.rest()
    assert not case.case.open_tasks()


def test_a_call_recorded_late_was_in_time_when_it_was_made_in_time() -> None:
    case = decided(new_york())
    due = case.due(DueKind.MEMBER_CALL)
    case.now = due + HOUR  # a worker was down, and nothing was judged meanwhile
    case.call(MEMBER, at=due - HOUR)
    assert case.judged("NY-PRE", DueKind.MEMBER_CALL) == "met"


def test_a_withdrawn_request_owes_no_call() -> None:
    case = Called(Lob.MEDICARE_ADVANTAGE, urgency=Urgency.EXPEDITED)
    _refuse_to_expedite(case)
    assert set(case.open_calls()) == {REFUSAL}
    said = PartyStatement(person="The member", channel=Channel.PHONE, at=case.now, note="No more.")
    withdrawal = WithdrawRequest(
        message_id="w",
        at=case.now,
        actor=Actor(kind="member", id="M"),
        by=AskedBy.MEMBER,
        asked=said,
        entered_by="intake",
    )
    assert message_effects.receive_message(case.case, withdrawal, case.now).accepted
    case.rest()
    assert not case.open_calls() and case.case.status is CaseStatus.WITHDRAWN


# -- orally or in writing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lob", [Lob.MEDICARE_ADVANTAGE, Lob.COMMERCIAL_ERISA, Lob.PART_D])
def test_where_the_law_lets_the_notice_be_written_the_letter_that_goes_out_is_the_notice(lob: Lob) -> None:
    case = decided(Called(lob, urgency=Urgency.EXPEDITED, state="OH"))
    assert not case.noted("oral_notice") and not case.open_calls()
    assert case.case.status is CaseStatus.APPROVED


@pytest.mark.parametrize(
    ("lob", "decision", "letter"),
    [
        (Lob.MEDICARE_ADVANTAGE, "MA-OD-EXP", "MA-OD-EXP-WRITTEN"),
        (Lob.COMMERCIAL_ERISA, "ERISA-URGENT", "ERISA-URGENT-WRITTEN"),
        (Lob.PART_D, "PD-CD-EXP", "PD-CD-EXP"),
    ],
)
def test_a_call_saves_the_time_of_a_letter_that_is_stuck_and_starts_its_three_days(
    lob: Lob, decision: str, letter: str
) -> None:
    case = stuck(Called(lob, urgency=Urgency.EXPEDITED, state="OH"))
    assert set(case.open_calls()) == {MEMBER}
    case.call(MEMBER)
    told = case.case.day(case.now)
    assert [one.kind for one in case.case.clock_events][-1] is EventKind.ORAL_NOTICE_GIVEN
    assert case.judged(decision, DueKind.ORAL_NOTICE) == "met"
    (due,) = {
        due.at
        for clock in case.case.clocks
        for due in clock.due
        if due.kind is DueKind.WRITTEN_NOTICE and clock.rule_id in (decision, letter)
    }
    assert case.case.day(due) == told + timedelta(days=3)
    case.at(due + SECOND)
    assert case.judged(letter, DueKind.WRITTEN_NOTICE) == "missed"


def test_the_call_is_not_owed_any_more_once_the_letter_is_out() -> None:
    case = stuck(Called(Lob.MEDICARE_ADVANTAGE, urgency=Urgency.EXPEDITED))
    del case._written  # type: ignore[method-assign]
    case.complete(TaskKind.LETTER_REPAIR, "supervisor", TaskOutcome.RETRY)
    case.rest()
    assert not case.open_calls() and case.case.status is CaseStatus.APPROVED
    assert case.judged("MA-OD-EXP", DueKind.ORAL_NOTICE) is None, "told in writing, and so judged"
    assert case.judged("MA-OD-EXP", DueKind.WRITTEN_NOTICE) == "met"


def test_a_late_call_does_not_undo_a_letter_that_was_in_time() -> None:
    case = decided(Called(Lob.COMMERCIAL_ERISA, urgency=Urgency.EXPEDITED, state="NY", self_funded=False))
    assert set(case.open_calls()) == {MEMBER, PROVIDER}
    case.at(case.due(DueKind.MEMBER_CALL) + SECOND)
    case.call(MEMBER)
    assert case.judged("NY-PRE", DueKind.MEMBER_CALL) == "missed"
    assert case.judged("ERISA-URGENT", DueKind.ORAL_NOTICE) == "met"


def test_a_case_that_waits_for_a_call_says_so() -> None:
    case = decided(new_york())
    waits = views.current_wait(case.case)
    assert waits is not None and waits.then == "the notice is missed, and compliance is told"


# -- other calls --------------------------------------------------------------------------------------------------------------


def _refuse_to_expedite(case: Called) -> None:
    asked = RequestExpedite(message_id="x", at=case.now, actor=Actor(kind="member", id="M"), asked_by=AskedBy.MEMBER)
    case.case.expediting.urgency = Urgency.STANDARD
    case.facts = case.facts.model_copy(update={"urgency": Urgency.STANDARD})
    assert message_effects.receive_message(case.case, asked, case.now).accepted
    case.rest()
    case.complete(TaskKind.EXPEDITE_DECISION, "md.fit", TaskOutcome.REFUSE)
    case.rest()


@pytest.mark.parametrize(
    ("lob", "rule"),
    [(Lob.MEDICARE_ADVANTAGE, "MA-OD-EXPEDITE-REFUSED-CALL"), (Lob.PART_D, "PD-EXPEDITE-REFUSED-CALL")],
)
def test_a_refusal_to_expedite_is_told_promptly_by_word_of_mouth(lob: Lob, rule: str) -> None:
    case = Called(lob)
    _refuse_to_expedite(case)
    assert case.open_calls()[REFUSAL].due_at == case.now + 24 * HOUR
    case.call(REFUSAL)
    assert case.judged(rule, DueKind.EXPEDITE_REFUSAL_CALL) == "met"
    assert EventKind.ORAL_NOTICE_GIVEN not in {one.kind for one in case.case.clock_events}, "no decision was told"


@pytest.mark.parametrize(("outcome", "owed"), [("denied", {PROVIDER}), ("approved", set())])
def test_california_owes_the_provider_a_call_on_a_denial_and_none_on_an_approval(outcome: str, owed: set[str]) -> None:
    case = Called(Lob.COMMERCIAL_ERISA, state="CA", self_funded=False)
    case.at(case.now + HOUR)
    if outcome == "denied":
        task = case.task(TaskKind.NURSE_REVIEW)
        made = make_adverse_determination(
            denial(case.case, task.task_id),
            PHYSICIAN,
            RULE,
            task_checks.decision_circumstances(case.case, task, case.now).model_copy(
                update={"peer_to_peer_settled": True, "lob": RULE.lob, "fitting_specialties": PHYSICIAN.specialties}
            ),
        )
        case.case.determinations.decide(made)
        case.case.determinations.mark_decided(case.now)
    else:
        case.approve()
    case.rest()
    assert set(case.open_calls()) == owed
    assert "CA-PROVIDER-CALL" in {clock.rule_id for clock in case.case.clocks}
    assert case.case.is_open is bool(owed)


def test_a_call_is_not_owed_before_there_is_a_decision_to_tell() -> None:
    case = new_york()
    assert not clock_tracking.owed_calls(case.case, case.now)
    case.at(case.due() + SECOND)
    assert case.judged("NY-PRE", DueKind.MEMBER_CALL) == "missed", "nothing was decided, so nothing was told in time"
    assert not case.open_calls()
    decided(case)
    assert set(case.open_calls()) == {MEMBER, PROVIDER}, "late is told late"
