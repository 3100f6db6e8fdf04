"""Extensions count only when the rule allows them and their notice was in time; only ERISA's pre-service clock stops."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.clocks.engine import DueKind, ExtensionReason
from domain.vocabulary import Lob, ServiceKind, Urgency
from tests.domain.clocks.clockwork import clock, decision_due, event, instant

RECEIVED = "2026-11-03T12:00:00-05:00"
ERISA = "2026-11-20T10:00:00-05:00"


def extension(at: str, reason: str | None = None, **more: object):
    return event("extension_notice_sent", at, reason=reason, **more)


def test_a_notice_in_time_adds_fourteen_days_to_the_base():
    running = clock("MA-OD-STD-PA", RECEIVED, extension("2026-11-10T20:00:00-05:00", "enrollee_asked"))
    assert (running.extended, running.extension_valid, running.extension_problem) == (True, True, None)
    assert running.base_due == instant("2026-11-10T23:59:59-05:00")
    assert running.decision_due == instant("2026-11-24T23:59:59-05:00")
    assert running.due_for(DueKind.WRITTEN_NOTICE).at == running.decision_due
    assert running.due_for(DueKind.EXTENSION_NOTICE_LATEST) is None
    assert "extended by 14 calendar days" in running.due[0].reason


def test_an_extended_clock_of_hours_ends_at_the_same_local_time():
    # The base ends 2026-10-28 09:30 EDT; fourteen days later New York is on standard time.
    sent = extension("2026-10-27T09:00:00-04:00", "plan_justified")
    due = decision_due("MA-OD-EXP", "2026-10-25T09:30:00-04:00", sent, urgency=Urgency.EXPEDITED)
    assert due == instant("2026-11-11T09:30:00-05:00")


def test_a_late_notice_leaves_the_base_due_instant_and_says_why():
    running = clock("MA-OD-STD-PA", RECEIVED, extension("2026-11-11T00:00:00-05:00", "enrollee_asked"))
    assert running.decision_due == running.base_due == instant("2026-11-10T23:59:59-05:00")
    assert running.extension_valid is False and not running.extended
    assert running.extension_problem == (
        "the notice went out 2026-11-11 00:00 EST, not before 2026-11-10 23:59:59 EST; the base due instant stays"
    )


def test_the_latest_extension_notice_is_a_due_instant_of_its_own():
    latest = clock("MA-OD-STD-PA", RECEIVED).due_for(DueKind.EXTENSION_NOTICE_LATEST)
    assert latest.at == instant("2026-11-10T23:59:58-05:00")
    for late, valid in ((0, True), (1, False)):
        sent = event("extension_notice_sent", (latest.at + timedelta(seconds=late)).isoformat())
        assert clock("MA-OD-STD-PA", RECEIVED, sent).extension_valid is valid


def test_missing_information_is_no_reason_to_extend_a_medicare_clock():
    running = clock("MA-OD-STD-PA", RECEIVED, extension("2026-11-05T09:00:00-05:00", "missing_information"))
    assert running.extension_valid is False
    assert running.decision_due == running.base_due
    assert "missing information is no reason" in running.extension_problem


def test_medicaid_may_extend_for_missing_information_but_never_stops():
    sent = extension("2026-11-05T09:00:00-05:00", "missing_information", days_given=45)
    running = clock("MCD-SA-STD", RECEIVED, sent, event("information_received", "2026-11-06T09:00:00-05:00"))
    assert running.decision_due == instant("2026-11-24T23:59:59-05:00")
    assert running.tolled is None and running.other_readings == ()


def test_a_clock_is_extended_once():
    first = extension("2026-11-05T09:00:00-05:00", "enrollee_asked")
    second = extension("2026-11-20T09:00:00-05:00", "enrollee_asked")
    once = decision_due("MA-OD-STD-PA", RECEIVED, first)
    twice = clock("MA-OD-STD-PA", RECEIVED, first, second)
    assert twice.decision_due == once
    assert twice.extension_valid is True
    assert twice.extension_problem == "a clock is extended once; a second notice changes nothing"


def test_a_notice_that_does_not_count_does_not_use_up_the_one_extension():
    wrong = extension("2026-11-05T09:00:00-05:00", "missing_information")
    right = extension("2026-11-06T09:00:00-05:00", "enrollee_asked")
    running = clock("MA-OD-STD-PA", RECEIVED, wrong, right)
    assert running.extension_valid is True
    assert running.decision_due == instant("2026-11-24T23:59:59-05:00")


def test_a_notice_that_promises_an_earlier_day_is_held_to_it():
    sent = extension("2026-11-05T09:00:00-05:00", "enrollee_asked", decision_by=date(2026, 11, 14))
    assert decision_due("MA-OD-STD-PA", RECEIVED, sent) == instant("2026-11-14T23:59:59-05:00")
    beyond = extension("2026-11-05T09:00:00-05:00", "enrollee_asked", decision_by=date(2026, 12, 24))
    assert decision_due("MA-OD-STD-PA", RECEIVED, beyond) == instant("2026-11-24T23:59:59-05:00")
    before = extension("2026-11-05T09:00:00-05:00", "enrollee_asked", decision_by=date(2026, 11, 6))
    assert decision_due("MA-OD-STD-PA", RECEIVED, before) == instant("2026-11-10T23:59:59-05:00")


def test_whether_an_extension_would_count_can_be_told_before_its_notice_is_sent():
    running = clock("MA-OD-STD-PA", RECEIVED)
    before, after = instant("2026-11-10T23:59:58-05:00"), instant("2026-11-10T23:59:59-05:00")
    assert running.extension_problem_at(ExtensionReason.ENROLLEE_ASKED, before) is None
    assert "late notice" in running.extension_problem_at(ExtensionReason.ENROLLEE_ASKED, after)
    assert "is no reason" in running.extension_problem_at(ExtensionReason.MISSING_INFORMATION, before)
    drug = clock("MA-OD-PARTB-STD", RECEIVED)
    assert drug.extension_problem_at(ExtensionReason.ENROLLEE_ASKED, before) == "this rule allows no extension"
    extended = clock("MA-OD-STD-PA", RECEIVED, extension("2026-11-05T09:00:00-05:00"))
    assert extended.extension_problem_at(None, before) == "the clock is extended already"
    erisa_terms = erisa().may_extend
    assert (erisa_terms.stops_for, erisa_terms.least_days_given) == (ExtensionReason.MISSING_INFORMATION, 45)


def test_an_open_ended_extension_needs_the_day_of_the_decision():
    came = event("necessary_information_received", "2026-11-03T12:00:00-08:00")
    pacific = {"zone": "America/Los_Angeles", "state": "CA"}
    without = clock("CA-STD", RECEIVED, came, extension("2026-11-05T09:00:00-08:00"), **pacific)
    assert without.extension_valid is False and "does not name the day" in without.extension_problem
    sent = extension("2026-11-05T09:00:00-08:00", decision_by=date(2026, 11, 20))
    named = clock("CA-STD", RECEIVED, came, sent, **pacific)
    assert named.decision_due == instant("2026-11-20T23:59:59-08:00")


def test_an_extension_that_leaves_out_a_kind_of_service_does_not_count_for_it():
    appeal = event("appeal_received", "2026-11-03T12:00:00-05:00")
    sent = extension("2026-11-04T12:00:00-05:00")
    assert clock("MA-RECON-EXP", RECEIVED, appeal, sent).extension_valid is True
    drug = clock("MA-RECON-EXP", RECEIVED, appeal, sent, service_kind=ServiceKind.PART_B_DRUG)
    assert drug.extension_valid is False
    assert drug.decision_due == instant("2026-11-06T12:00:00-05:00")


def test_an_extension_taken_before_an_upgrade_does_not_extend_the_expedited_clock():
    sent = extension("2026-11-04T12:00:00-05:00", "enrollee_asked")
    upgraded = event("upgrade_requested", "2026-11-05T12:00:00-05:00")
    running = clock("MA-OD-EXP", RECEIVED, sent, upgraded)
    assert running.decision_due == instant("2026-11-08T12:00:00-05:00")
    assert running.extension_valid is None


def test_a_notice_for_one_rule_extends_no_other():
    sent = extension("2026-11-05T09:00:00-05:00", "plan_justified", rules=("ERISA-PRESERVICE",))
    assert clock("MA-OD-STD-PA", RECEIVED, sent).extension_valid is None
    assert clock("ERISA-PRESERVICE", RECEIVED, sent).extension_valid is True


# -- ERISA: stopped from the notice until the answer ------------------------------------------------------------------


def erisa(*events, **more):
    return clock("ERISA-PRESERVICE", ERISA, *events, lob=Lob.COMMERCIAL_ERISA, **more)


def test_an_extension_for_other_matters_does_not_stop_the_clock():
    running = erisa(extension("2026-11-30T10:00:00-05:00", "plan_justified"))
    assert running.decision_due == instant("2026-12-20T23:59:59-05:00")
    assert running.tolled is None


def test_a_stopped_clock_is_read_in_two_ways_and_the_case_acts_on_the_earlier():
    running = erisa(
        extension("2026-11-27T10:00:00-05:00", "missing_information", days_given=45),
        event("information_received", "2026-12-10T08:00:00-05:00"),
    )
    assert (running.tolled.days_used, running.tolled.days_left, running.tolled.answered) == (7, 23, True)
    assert running.decision_due == instant("2026-12-25T23:59:59-05:00")
    (wording,) = running.other_readings
    assert wording.at == instant("2027-01-02T23:59:59-05:00")
    assert wording.kind is DueKind.DECISION
    assert "7 days used, the remaining 23" in wording.reason


def test_without_an_answer_the_clock_goes_on_when_the_time_given_ends():
    sent = extension("2026-11-27T10:00:00-05:00", "missing_information", days_given=45)
    silent = erisa(sent)
    assert silent.time_given_ends == instant("2027-01-11T23:59:59-05:00")
    assert not silent.tolled.answered
    assert silent.decision_due == instant("2027-01-26T23:59:59-05:00")
    too_late = erisa(sent, event("information_received", "2027-01-20T09:00:00-05:00"))
    assert too_late.decision_due == silent.decision_due


def test_an_answer_sent_before_the_notice_is_no_answer_to_it():
    sent = extension("2026-11-27T10:00:00-05:00", "missing_information", days_given=45)
    earlier = event("information_received", "2026-11-25T10:00:00-05:00")
    assert erisa(earlier, sent).decision_due == erisa(sent).decision_due


@pytest.mark.parametrize("given", [None, 0, 30, 44])
def test_a_notice_that_gives_less_than_45_days_extends_but_does_not_stop_the_clock(given: int | None):
    running = erisa(
        extension("2026-11-27T10:00:00-05:00", "missing_information", days_given=given),
        event("information_received", "2026-12-30T10:00:00-05:00"),
    )
    assert running.extended and running.tolled is None
    assert running.decision_due == instant("2026-12-20T23:59:59-05:00")
    assert "at least 45 calendar days are needed" in running.extension_problem


def test_a_late_notice_stops_nothing():
    running = erisa(extension("2026-12-06T00:00:00-05:00", "missing_information", days_given=45))
    assert running.decision_due == instant("2026-12-05T23:59:59-05:00")
    assert running.extension_valid is False and running.tolled is None


def test_a_quick_answer_never_takes_the_base_period_away():
    received = event("claim_received", ERISA)
    sent = extension("2026-11-20T12:00:00-05:00", "missing_information", days_given=45)
    answered = event("information_received", "2026-11-20T13:00:00-05:00")
    post = clock("ERISA-POSTSERVICE", ERISA, received, sent, answered, lob=Lob.COMMERCIAL_ERISA)
    assert post.decision_due == post.base_due == instant("2026-12-20T23:59:59-05:00")
    assert post.other_readings[0].at == instant("2027-01-04T23:59:59-05:00")


# -- ERISA: an urgent claim that came incomplete ----------------------------------------------------------------------


def urgent(rule_id: str, *events):
    return clock(rule_id, "2026-11-16T09:00:00-05:00", *events, lob=Lob.COMMERCIAL_ERISA, urgency=Urgency.EXPEDITED)


def test_an_incomplete_urgent_claim_is_decided_48_hours_after_the_answer_or_the_end_of_the_time_given():
    asked = event("information_requested", "2026-11-16T15:00:00-05:00", hours_given=48)
    silent = urgent("ERISA-URGENT-INCOMPLETE", asked)
    assert silent.time_given_ends == instant("2026-11-18T15:00:00-05:00")
    assert silent.decision_due == instant("2026-11-20T15:00:00-05:00")
    answered = urgent("ERISA-URGENT-INCOMPLETE", asked, event("information_received", "2026-11-17T08:00:00-05:00"))
    assert answered.decision_due == instant("2026-11-19T08:00:00-05:00")
    late = urgent("ERISA-URGENT-INCOMPLETE", asked, event("information_received", "2026-11-19T08:00:00-05:00"))
    assert late.decision_due == silent.decision_due
