"""The effect that each law gives a missed clock, and that the case does it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.authorization import message_effects, path, views
from domain.authorization.messages import PartyStatement, WithdrawRequest
from domain.cases import steps
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.clocks.engine import DueKind, EventKind
from domain.clocks.terms import EFFECTS_WITH_NOTICE, MissedClockEffect
from domain.decisions.decision_makers import ByLaw
from domain.journal import Actor
from domain.letters.request_facts import MissedDeadlineFacts
from domain.vocabulary import AskedBy, Channel, Circumstance, Lob, NoticeKind, Role, Urgency
from tests.domain.authorization.lateness import SECOND, LateCase
from tests.domain.clocks.clockwork import SHIPPED

MISSED = NoticeKind.MISSED_DEADLINE
HOUR = timedelta(hours=1)


def erisa(**more: object) -> LateCase:
    return LateCase(Lob.COMMERCIAL_ERISA, self_funded=True, **more)


# -- forwarding ----------------------------------------------------------------------------------------------------------


def test_a_late_part_d_case_has_to_go_to_the_independent_reviewer_within_24_hours() -> None:
    late = LateCase(Lob.PART_D)
    expired = late.let_deadline_pass()
    task = late.task(TaskKind.CASE_FORWARDING)
    assert task.role is Role.APPEALS
    assert task.due_at == late.due(DueKind.CASE_FILE) == expired + 24 * HOUR
    assert "independent review entity" in task.why and "PD-IRE-FORWARD" in task.why
    (event,) = [one for one in late.case.clock_events if one.kind is EventKind.TIME_EXPIRED]
    assert event.at == expired, "the time ran out when it was due, not when somebody noticed"


def test_a_case_says_that_it_waits_for_the_case_file_and_what_happens_without_it() -> None:
    late = LateCase(Lob.PART_D)
    late.at(late.let_deadline_pass() + HOUR)
    late.complete(TaskKind.NURSE_REVIEW, "nurse", TaskOutcome.REFER)
    late.rest()
    wait = views.current_wait(late.case)
    assert wait is not None and (wait.what, wait.owner) == ("case forwarding", "appeals")
    assert wait.then == "the clock PD-IRE-FORWARD is missed, and compliance is told"


def test_a_case_file_sent_in_time_is_met_and_says_when_it_went() -> None:
    late = LateCase(Lob.PART_D)
    expired = late.let_deadline_pass()
    sent = expired + 23 * HOUR
    late.now = sent + 5 * HOUR
    late.complete(TaskKind.CASE_FORWARDING, "appeals", TaskOutcome.FORWARDED, at=sent)
    late.rest()
    assert late.judged("PD-IRE-FORWARD", DueKind.CASE_FILE) == "met", "the stamp counts, not the moment of reading"
    (entry,) = late.noted("case_forwarded")
    assert entry.data["forwarded_at"] == sent.isoformat()
    assert late.case.forwarding is not None and late.case.forwarding.forwarded_at == sent
    assert EventKind.CASE_FILE_SENT in {event.kind for event in late.case.clock_events}


def test_a_case_file_that_goes_out_late_is_a_miss_of_its_own() -> None:
    late = LateCase(Lob.PART_D)
    expired = late.let_deadline_pass()
    late.at(expired + 24 * HOUR)
    assert late.judged("PD-IRE-FORWARD", DueKind.CASE_FILE) is None, "the due second itself still counts"
    late.at(expired + 24 * HOUR + SECOND)
    assert late.judged("PD-IRE-FORWARD", DueKind.CASE_FILE) == "missed"
    late.complete(TaskKind.CASE_FORWARDING, "appeals", TaskOutcome.FORWARDED)
    late.rest()
    assert [one.kind for one in late.case.missed].count(DueKind.CASE_FILE) == 1
    assert late.case.open_task(TaskKind.CASE_FORWARDING) is None


def test_the_member_hears_that_the_case_is_forwarded_and_the_plan_goes_on_deciding() -> None:
    late = LateCase(Lob.PART_D)
    late.let_deadline_pass()
    (letter,) = late.notices(MISSED)
    assert letter.facts.consequence == MissedClockEffect.DEEMED_ADVERSE_FORWARD
    assert late.case.open_task(TaskKind.NURSE_REVIEW) is not None
    assert not late.case.adverse


def test_an_approval_that_comes_late_does_not_undo_the_forwarding() -> None:
    late = LateCase(Lob.PART_D)
    due = late.due()
    late.now = due + HOUR
    late.approve()
    late.rest()
    assert late.case.status is CaseStatus.APPROVED, "the case is closed"
    assert late.case.open_task(TaskKind.CASE_FORWARDING) is not None, "and still owes the file"
    assert isinstance(path.advance(late.case, late.now), steps.Wait)
    (missed,) = late.notices(MISSED)
    assert missed.facts.decided_since, "the law sends the case on, so the member is told although it is approved"
    late.complete(TaskKind.CASE_FORWARDING, "appeals", TaskOutcome.FORWARDED)
    late.complete(TaskKind.MISSED_CLOCK, "compliance", TaskOutcome.ACKNOWLEDGE)
    late.rest()
    assert isinstance(path.advance(late.case, late.now), steps.Finish)


def test_a_request_that_was_taken_back_leaves_nothing_to_forward() -> None:
    late = LateCase(Lob.PART_D)
    late.let_deadline_pass()
    back = WithdrawRequest(
        message_id="w",
        at=late.now,
        actor=Actor(kind="provider", id="1999999984"),
        by=AskedBy.PROVIDER,
        asked=PartyStatement(person="Dr. Lee", channel=Channel.FAX, at=late.now, inbox_id=7),
    )
    assert message_effects.receive_message(late.case, back, late.now).accepted
    late.rest()
    assert late.case.open_task(TaskKind.CASE_FORWARDING) is None
    late.at(late.now + 48 * HOUR)
    assert late.judged("PD-IRE-FORWARD", DueKind.CASE_FILE) is None


def test_nothing_is_forwarded_where_no_law_says_so() -> None:
    for lob in (Lob.MEDICARE_ADVANTAGE, Lob.MEDICAID, Lob.CHIP, Lob.COMMERCIAL_ERISA):
        late = LateCase(lob, self_funded=True)
        late.let_deadline_pass()
        assert late.case.forwarding is None and late.case.open_task(TaskKind.CASE_FORWARDING) is None


# -- deemed denial -------------------------------------------------------------------------------------------------------


def test_a_late_medicaid_case_is_denied_by_law_and_nobody_is_named() -> None:
    late = LateCase(Lob.MEDICAID)
    late.let_deadline_pass()
    (letter,) = late.notices(MISSED)
    assert letter.facts.consequence == MissedClockEffect.DEEMED_DENIED
    assert isinstance(letter.facts, MissedDeadlineFacts)
    assert all(line.outcome is None for line in letter.facts.request.lines)
    (entry,) = late.noted("consequence_applied")
    assert (entry.actor.kind, entry.data["effect"]) == ("system", "deemed_denied")
    assert not late.case.adverse and not late.case.approvals
    assert late.case.status is CaseStatus.OPEN, "a denial by law ends no work"


def test_the_notice_of_a_medicaid_denial_by_law_is_due_on_the_day_on_which_the_time_expires() -> None:
    late = LateCase(Lob.MEDICAID, urgency=Urgency.EXPEDITED)
    expired = late.let_deadline_pass()
    due = late.due(DueKind.DEEMED_NOTICE)
    assert late.case.day(due) == late.case.day(expired)
    assert late.case.local(due).endswith("11:59 PM CST")
    assert late.judged("MCD-DEEMED-NOTICE", DueKind.DEEMED_NOTICE) == "met"


def test_a_medicaid_denial_by_law_whose_notice_waits_for_the_next_day_is_late() -> None:
    late = LateCase(Lob.MEDICAID)
    late.let_deadline_pass()
    assert late.judged("MCD-DEEMED-NOTICE", DueKind.DEEMED_NOTICE) == "missed", "the time ended with its day"
    assert late.notices(MISSED), "the notice goes out all the same"


def test_medicaid_demands_its_notice_also_beside_an_approval_that_came_late() -> None:
    late = LateCase(Lob.MEDICAID)
    late.now = late.due() + HOUR
    late.approve()
    late.rest()
    (missed,) = late.notices(MISSED)
    (approval,) = late.notices(NoticeKind.APPROVAL)
    assert missed.facts.decided_since and approval.facts.answered_late


# -- deemed exhaustion, and an approval that is late ---------------------------------------------------------------------


def test_a_late_erisa_claim_is_exhausted_by_law() -> None:
    late = erisa()
    late.let_deadline_pass()
    (letter,) = late.notices(MISSED)
    assert letter.facts.consequence == MissedClockEffect.DEEMED_EXHAUSTED
    (entry,) = late.noted("consequence_applied")
    assert entry.data["rule"] == "ERISA-PRESERVICE"
    assert "external review" in str(entry.data["words"])


@pytest.mark.parametrize("lob", [Lob.MEDICARE_ADVANTAGE, Lob.COMMERCIAL_ERISA])
def test_an_approval_before_the_notice_was_written_says_that_it_is_late_and_goes_alone(lob: Lob) -> None:
    late = LateCase(lob, self_funded=True)
    due = late.due()
    late.now = due + HOUR
    late.approve()
    late.rest()
    assert late.case.status is CaseStatus.APPROVED
    assert not late.notices(MISSED)
    (approval,) = late.notices(NoticeKind.APPROVAL)
    assert approval.facts.answered_late and approval.facts.missed_due == due
    assert late.noted("consequence_applied"), "what the law made of the miss stays on the case"
    assert late.judged(late.case.missed[0].rule_id, DueKind.DECISION) == "missed"


def test_a_notice_that_is_written_before_the_approval_is_not_taken_back() -> None:
    late = erisa()
    late.let_deadline_pass()
    late.now += HOUR
    late.approve()
    late.rest()
    assert len(late.notices(MISSED)) == 1
    (approval,) = late.notices(NoticeKind.APPROVAL)
    assert approval.facts.answered_late


def test_an_approval_in_time_does_not_say_that_it_is_late() -> None:
    late = erisa()
    late.now = late.due()
    late.approve()
    late.rest()
    (approval,) = late.notices(NoticeKind.APPROVAL)
    assert not approval.facts.answered_late and not approval.facts.approved_by_law and approval.facts.missed_due is None


# -- deemed approval -----------------------------------------------------------------------------------------------------


def test_a_late_illinois_request_is_approved_by_law_and_by_no_reviewer() -> None:
    late = LateCase(Lob.COMMERCIAL_ACA, state="IL", self_funded=False)
    late.let_deadline_pass()
    assert late.case.status is CaseStatus.APPROVED
    assert {approval.by for approval in late.case.approvals.values()} == {ByLaw("IL-STD")}
    (approval,) = late.notices(NoticeKind.APPROVAL)
    assert approval.facts.approved_by_law and not approval.facts.answered_late
    assert not late.notices(MISSED)


# -- two laws ------------------------------------------------------------------------------------------------------------


def test_each_effect_is_told_once_and_in_its_order() -> None:
    """New York calls the silence adverse after three business days; the federal law opens the way past the plan after 15."""
    late = LateCase(Lob.COMMERCIAL_ERISA, state="NY", self_funded=False)
    late.at(late.case.received_at + timedelta(days=30))
    assert [letter.facts.consequence for letter in late.notices(MISSED)] == ["deemed_adverse", "deemed_exhausted"]
    assert [letter.round for letter in late.notices(MISSED)] == [1, 2]


# -- who pays ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lob", [Lob.MEDICAID, Lob.MEDICARE_ADVANTAGE])
def test_the_plan_pays_for_care_after_stabilization_that_it_did_not_answer_within_the_hour(lob: Lob) -> None:
    late = LateCase(lob, urgency=Urgency.EXPEDITED, circumstances=(Circumstance.POST_STABILIZATION,))
    due = late.let_deadline_pass()
    assert due == late.case.received_at + HOUR
    (missed,) = [one for one in late.case.missed if one.liability is not None]
    assert missed.liability is not None and missed.liability.bearer == "plan"
    (entry,) = [one for one in late.noted("consequence_applied") if one.data["effect"] == "plan_pays"]
    assert entry.data["liability"] == missed.liability.model_dump(mode="json")
    assert not late.notices(MISSED), "it is no determination"
    assert not late.case.approvals and not late.case.adverse
    late.now += HOUR
    late.approve()
    late.rest()
    (approval,) = late.notices(NoticeKind.APPROVAL)
    told = approval.facts.request
    assert told.liability == missed.liability and told.liable_since == due


# -- what the rulebook has to say ----------------------------------------------------------------------------------------


def test_every_shipped_effect_is_carried_out_or_only_recorded_by_its_own_words() -> None:
    done = EFFECTS_WITH_NOTICE | {MissedClockEffect.DEEMED_APPROVED, MissedClockEffect.PLAN_PAYS}
    recorded = {MissedClockEffect.VIOLATION, MissedClockEffect.DEEMED_REVERSED}
    assert {rule.missed.effect for rule in SHIPPED if rule.missed is not None} <= done | recorded


def test_a_clock_recorded_without_new_words_starts_no_new_duty() -> None:
    """A running case goes on by what stands in its history: a miss there starts what it started when it was recorded."""
    late = LateCase(Lob.PART_D)
    old = tuple(
        clock.model_copy(
            update={"missed": clock.missed.model_copy(update={"told": None, "forward_to": None, "liability": None})}
        )
        if clock.missed is not None
        else clock
        for clock in late.case.clocks
    )
    late.case.clocks = old
    late.let_deadline_pass()
    assert late.case.forwarding is None and not late.case.clock_events
    assert len(late.notices(MISSED)) == 1
