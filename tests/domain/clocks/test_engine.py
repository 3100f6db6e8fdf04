"""Worked examples of the shipped clocks and of the clock vocabulary. Instants carry the offset in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from domain.calendars import CalendarError
from domain.clocks.binding import compute_clocks, evaluate_bindings
from domain.clocks.engine import Clock, ClockEvent, DueKind, EventKind, compute_clock, is_on_time
from domain.clocks.facts import ContractLength
from domain.clocks.rules import ClockLength, ClockUnit, MissedClockEffect
from domain.vocabulary import Lob, ServiceKind, Urgency
from tests.domain.clocks.clockwork import (
    FEDERAL,
    SHIPPED,
    clock,
    decision_due,
    event,
    facts,
    instant,
    not_started,
    rule,
)

NOON = "2026-11-03T12:00:00-05:00"


@pytest.mark.parametrize(
    ("rule_id", "received", "zone", "due"),
    [
        # The local date of receipt is day 0.
        ("MA-OD-STD-PA", "2026-06-01T00:00:01-04:00", "America/New_York", "2026-06-08T23:59:59-04:00"),
        ("MA-OD-STD-PA", "2026-06-01T23:59:59-04:00", "America/New_York", "2026-06-08T23:59:59-04:00"),
        # Across the end of summer time, New Year and a leap day.
        ("MA-OD-STD-PA", "2026-10-27T09:00:00-05:00", "America/Chicago", "2026-11-03T23:59:59-06:00"),
        ("MA-OD-STD-NONPA", "2026-12-24T09:00:00-08:00", "America/Los_Angeles", "2027-01-07T23:59:59-08:00"),
        ("MA-OD-STD-PA", "2028-02-24T09:00:00-05:00", "America/New_York", "2028-03-02T23:59:59-05:00"),
        # Day 7 is Thanksgiving: nothing rolls.
        ("MCD-SA-STD", "2026-11-19T09:00:00-05:00", "America/New_York", "2026-11-26T23:59:59-05:00"),
        ("ERISA-PRESERVICE", "2026-12-20T09:00:00-05:00", "America/New_York", "2027-01-04T23:59:59-05:00"),
        ("ERISA-PROCEDURE-NOTICE", "2026-12-29T09:00:00-05:00", "America/New_York", "2027-01-03T23:59:59-05:00"),
        # Hours elapse; the wall clock moves by 71 or 73.
        ("MA-OD-PARTB-STD", "2026-10-30T10:00:00-04:00", "America/New_York", "2026-11-02T09:00:00-05:00"),
        ("MA-OD-PARTB-STD", "2027-03-12T10:00:00-05:00", "America/New_York", "2027-03-15T11:00:00-04:00"),
        ("MCD-DRUG-24H", "2026-12-31T17:45:30-06:00", "America/Chicago", "2027-01-01T17:45:30-06:00"),
    ],
)
def test_a_standard_clock_ends_to_the_second(rule_id: str, received: str, zone: str, due: str):
    assert clock(rule_id, received, zone=zone).due[0].at == instant(due)


@pytest.mark.parametrize(
    ("rule_id", "received", "due"),
    [
        ("MA-OD-EXP", "2026-10-31T22:00:00-04:00", "2026-11-03T21:00:00-05:00"),
        ("MA-OD-PARTB-EXP", "2026-11-26T08:00:00-05:00", "2026-11-27T08:00:00-05:00"),
        ("MCD-SA-EXP", "2026-07-03T18:00:00-04:00", "2026-07-06T18:00:00-04:00"),
        ("ERISA-URGENT", "2028-02-28T12:00:00-05:00", "2028-03-02T12:00:00-05:00"),
        ("ERISA-URGENT-INCOMPLETE-NOTICE", "2026-10-31T13:00:00-04:00", "2026-11-01T12:00:00-05:00"),
        ("MA-OD-EXP-INFO", "2026-12-31T23:00:00-05:00", "2027-01-01T23:00:00-05:00"),
    ],
)
def test_an_expedited_clock_counts_elapsed_hours(rule_id: str, received: str, due: str):
    assert clock(rule_id, received, urgency=Urgency.EXPEDITED).due[0].at == instant(due)


def test_the_case_has_one_zone_and_it_decides_the_day_of_receipt():
    received = "2026-11-10T06:30:00+00:00"
    assert decision_due("MA-OD-STD-PA", received, zone="America/Los_Angeles") == instant("2026-11-16T23:59:59-08:00")
    assert decision_due("MA-OD-STD-PA", received, zone="America/New_York") == instant("2026-11-17T23:59:59-05:00")


def test_fractions_of_a_second_neither_lengthen_a_clock_nor_make_a_stamp_late():
    due = clock("MA-OD-PARTB-STD", "2026-11-03T12:00:00.900000-05:00").due[0]
    assert due.at == instant("2026-11-06T12:00:00-05:00")
    assert is_on_time(due, instant("2026-11-06T12:00:00.999999-05:00"))


def test_the_due_second_still_counts_and_the_next_one_is_late():
    due = clock("MA-OD-STD-PA", NOON).due[0]
    assert is_on_time(due, due.at)
    assert is_on_time(due.at, instant("2026-11-10T23:59:59-05:00"))
    assert not is_on_time(due, due.at + timedelta(seconds=1))


def test_asking_for_information_never_stops_a_medicare_or_medicaid_clock():
    asked = event("information_requested", "2026-11-04T09:00:00-05:00", days_given=14)
    answered = event("information_received", "2026-11-09T09:00:00-05:00")
    for rule_id in ("MA-OD-STD-PA", "MA-OD-STD-NONPA", "MA-OD-PARTB-STD", "MCD-SA-STD", "MCD-DRUG-24H"):
        assert decision_due(rule_id, NOON, asked, answered) == decision_due(rule_id, NOON), rule_id


def test_decision_written_notice_and_provider_notice_are_separate_instants():
    running = clock("MA-OD-STD-PA", NOON)
    kinds = [due.kind for due in running.due]
    assert kinds == [
        DueKind.DECISION,
        DueKind.WRITTEN_NOTICE,
        DueKind.PROVIDER_NOTICE,
        DueKind.EXTENSION_NOTICE_LATEST,
    ]
    assert running.due[2].to == "requesting provider"
    assert running.due[2].citation == "42 CFR 422.122(a)"


def test_every_due_instant_says_why_and_cites():
    decision = clock("MA-OD-STD-PA", NOON).due[0]
    assert decision.reason == "7 calendar days after 2026-11-03 (day 0), end of day in America/New_York"
    assert decision.citation == "42 CFR 422.568(b)(1)(ii)"
    hours = clock("MA-OD-PARTB-STD", NOON).due[0]
    assert hours.reason == "72 hours after 2026-11-03 12:00 EST"


def test_oral_notice_in_time_leaves_three_calendar_days_for_the_letter():
    told = event("oral_notice_given", "2026-11-05T16:00:00-05:00")
    for lead, follow, lob in (
        ("MA-OD-EXP", "MA-OD-EXP-WRITTEN", Lob.MEDICARE_ADVANTAGE),
        ("ERISA-URGENT", "ERISA-URGENT-WRITTEN", Lob.COMMERCIAL_ERISA),
    ):
        urgent = {"urgency": Urgency.EXPEDITED, "lob": lob}
        assert clock(lead, NOON, **urgent).due_for(DueKind.WRITTEN_NOTICE).at == instant("2026-11-06T12:00:00-05:00")
        assert clock(lead, NOON, told, **urgent).due_for(DueKind.WRITTEN_NOTICE) is None
        assert clock(follow, NOON, told, **urgent).due[0].at == instant("2026-11-08T23:59:59-05:00")
        assert not_started(follow, NOON, **urgent) == "waits for oral notice given"


def test_oral_notice_after_the_due_instant_does_not_excuse_the_letter():
    late = event("oral_notice_given", "2026-11-06T12:00:01-05:00")
    running = clock("MA-OD-EXP", NOON, late, urgency=Urgency.EXPEDITED)
    assert running.due_for(DueKind.WRITTEN_NOTICE).at == instant("2026-11-06T12:00:00-05:00")


def test_a_missed_medicaid_clock_is_a_denial_by_law_and_never_a_reviewers():
    missed = clock("MCD-SA-STD", NOON).missed
    assert missed.effect is MissedClockEffect.DEEMED_DENIED
    assert "no reviewer is named" in missed.note


@pytest.mark.parametrize(
    ("rule_id", "effect"),
    [
        ("MA-OD-STD-PA", MissedClockEffect.DEEMED_ADVERSE),
        ("MA-OD-PARTB-STD", MissedClockEffect.DEEMED_ADVERSE),
        ("ERISA-PRESERVICE", MissedClockEffect.DEEMED_EXHAUSTED),
        ("MCD-DRUG-24H", None),
        ("CA-POSTSTAB", MissedClockEffect.DEEMED_APPROVED),
    ],
)
def test_each_line_has_its_own_consequence_of_a_miss(rule_id: str, effect: MissedClockEffect | None):
    missed = clock(rule_id, NOON).missed
    assert (missed.effect if missed else None) == effect


def test_a_states_shorter_time_replaces_the_federal_maximum_and_a_longer_one_does_not():
    def due(days: int) -> Clock:
        length = ClockLength(value=days, unit=ClockUnit.CALENDAR_DAYS)
        contract = ContractLength(rule_id="MCD-SA-STD", length=length, source="State contract 4.2")
        return clock("MCD-SA-STD", NOON, contract_times=(contract,))

    assert due(3).decision_due == instant("2026-11-06T23:59:59-05:00")
    assert "3 calendar days" in due(3).due[0].reason and "State contract 4.2" in due(3).due[0].reason
    assert due(14).decision_due == instant("2026-11-10T23:59:59-05:00")


def test_a_contract_cannot_touch_a_clock_that_does_not_allow_it():
    length = ClockLength(value=1, unit=ClockUnit.HOURS)
    contract = ContractLength(rule_id="MA-OD-STD-PA", length=length, source="a contract")
    assert decision_due("MA-OD-STD-PA", NOON, contract_times=(contract,)) == decision_due("MA-OD-STD-PA", NOON)


def test_a_state_that_sets_the_time_may_set_a_longer_one():
    dated = event("notice_dated", "2026-11-03")
    length = ClockLength(value=120, unit=ClockUnit.CALENDAR_DAYS)
    contract = ContractLength(rule_id="MCD-SFH-FILE", length=length, source="State plan")
    assert clock("MCD-SFH-FILE", NOON, dated).due[0].at == instant("2027-02-01T23:59:59-05:00")
    longer = clock("MCD-SFH-FILE", NOON, dated, contract_times=(contract,))
    assert longer.due[0].at == instant("2027-03-03T23:59:59-05:00")


def test_a_presumed_receipt_adds_its_days_to_the_date_of_the_notice():
    due = clock("MA-RECON-FILE", NOON, event("notice_dated", "2026-11-03")).due[0]
    assert due.at == instant("2027-01-07T23:59:59-05:00")


def test_days_before_an_end_count_back():
    ends = event("coverage_end", "2027-03-02")
    assert clock("MA-NOMNC", NOON, ends).due[0].at == instant("2027-02-28T23:59:59-05:00")
    assert clock("MA-FT-REQUEST", NOON, ends).due[0].at == instant("2027-03-01T12:00:00-05:00")


def test_a_same_day_duty_after_close_of_business_is_due_at_once():
    morning = event("qio_notified", "2026-11-04T10:00:00-05:00")
    evening = event("qio_notified", "2026-11-04T18:30:00-05:00")
    assert clock("MA-DENC", NOON, morning).due[0].at == instant("2026-11-04T17:00:00-05:00")
    assert clock("MA-DENC", NOON, evening).due[0].at == instant("2026-11-04T18:30:00-05:00")


def test_a_first_day_that_counts_shortens_the_window_by_one():
    enrolled = event("enrollment_effective", "2027-01-01")
    assert clock("MA-TRANSITION-90", NOON, enrolled).due[0].at == instant("2027-03-31T23:59:59-04:00")


def test_a_statement_that_never_comes_starts_the_clock_at_the_end_of_day_fourteen():
    without = clock("PD-CD-EXC-EXP", NOON)
    assert without.starts_at == instant("2026-11-17T23:59:59-05:00")
    with_it = clock("PD-CD-EXC-EXP", NOON, event("prescriber_statement_received", "2026-11-06T08:00:00-05:00"))
    assert with_it.decision_due == instant("2026-11-07T08:00:00-05:00")


def test_the_later_of_two_starts_waits_for_both():
    sent = event("notice_sent", "2026-12-18")
    assert not_started("MCD-COB-REQUEST", NOON, sent) == "waits for effective date of action"
    both = clock("MCD-COB-REQUEST", NOON, sent, event("effective_date_of_action", "2027-01-15"))
    assert both.due[0].at == instant("2027-01-15T23:59:59-05:00")


def test_a_pause_moves_the_end_by_its_days_once_it_is_over():
    appeal = event("appeal_received", "2026-11-03T12:00:00-05:00")
    resolved = event("notice_sent", "2026-11-20T12:00:00-05:00")
    asked = event("hearing_requested", "2026-11-30T12:00:00-05:00")
    plain = clock("MCD-SFH-DECISION", NOON, appeal, resolved).decision_due
    assert plain == instant("2027-02-01T23:59:59-05:00")
    assert clock("MCD-SFH-DECISION", NOON, appeal, resolved, asked).decision_due == plain + timedelta(days=10)


def test_a_clock_of_staffed_hours_starts_with_the_next_staffed_period():
    def starts(received: str) -> datetime:
        return clock("TX-PREAUTH", received, zone="America/Denver").starts_at

    assert starts("2026-06-13T05:30:00-05:00") == instant("2026-06-13T09:00:00-05:00")
    assert starts("2026-06-13T12:30:00-05:00") == instant("2026-06-14T09:00:00-05:00")
    assert starts("2026-06-14T15:00:00-05:00") == instant("2026-06-15T06:00:00-05:00")
    assert starts("2026-06-15T18:00:00-05:00") == instant("2026-06-15T18:00:00-05:00")


def test_minutes_are_a_unit():
    assert clock("CA-POSTSTAB", NOON).due[0].at == instant("2026-11-03T12:30:00-05:00")


def test_business_days_skip_weekends_and_holidays():
    came = event("necessary_information_received", "2026-11-10T16:00:00-05:00")
    # 11 is Veterans Day, 14 and 15 are a weekend.
    assert clock("NY-PRE", NOON, came).decision_due == instant("2026-11-16T23:59:59-05:00")


def test_a_rule_in_words_has_no_clock():
    assert not_started("MA-APPROVAL-DURATION", NOON) == "as long as medically necessary"


def test_a_rule_may_use_the_clocks_of_another_line():
    rules = SHIPPED
    case = facts("2026-11-16T10:00:00-06:00", "America/Chicago", lob=Lob.QHP)
    (running,) = (one for one in compute_clocks(rules, case, (), FEDERAL) if one.decision_due is not None)
    assert running.rule_id == "ERISA-PRESERVICE"
    assert running.decision_due == instant("2026-12-01T23:59:59-06:00")
    why = {one.rule_id: one.why for one in evaluate_bindings(rules, case) if one.binds}
    assert why["ERISA-PRESERVICE"].startswith("used by QHP-FFE-PA")
    assert not_started("QHP-FFE-PA", NOON).startswith("runs as ERISA-PRESERVICE, ERISA-URGENT, ERISA-POSTSERVICE")


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValidationError):
        facts("2026-11-03T12:00:00")
    with pytest.raises(ValidationError):
        ClockEvent(kind=EventKind.DECISION_MADE, at=datetime(2026, 11, 3, 12))  # noqa: DTZ001


def test_an_unknown_zone_is_refused_plainly():
    with pytest.raises(CalendarError, match="not an IANA time zone"):
        compute_clock(rule("MA-OD-STD-PA"), facts(NOON, "Nowhere/Here"), (), FEDERAL)


def test_clocks_travel_as_small_json_and_come_back_equal():
    sent = event("extension_notice_sent", "2026-11-05T09:00:00-05:00", reason="missing_information", days_given=45)
    for running in (clock("MA-OD-STD-PA", NOON), clock("ERISA-PRESERVICE", NOON, sent)):
        text = running.model_dump_json()
        assert len(text) < 2_500
        assert Clock.model_validate_json(text) == running
        assert all(one.at.tzinfo is UTC for one in running.due)


def test_part_b_drug_clock_is_never_extended():
    sent = event("extension_notice_sent", "2026-11-04T09:00:00-05:00", reason="enrollee_asked")
    for rule_id, urgency in (("MA-OD-PARTB-STD", Urgency.STANDARD), ("MA-OD-PARTB-EXP", Urgency.EXPEDITED)):
        more = {"urgency": urgency, "service_kind": ServiceKind.PART_B_DRUG}
        running = clock(rule_id, NOON, sent, **more)
        assert running.decision_due == decision_due(rule_id, NOON, **more)
        assert running.extension_valid is False and not running.extended
        assert running.extension_problem == "this rule allows no extension; the base due instant stays"
        assert running.due_for(DueKind.EXTENSION_NOTICE_LATEST) is None
