from __future__ import annotations

from datetime import timedelta

from clockwork import clock, event, instant

from domain.clock_outcome import MET_BY, State, outcome
from domain.clock_rules import DueKind

RECEIVED = "2026-11-03T12:00:00-05:00"
DUE = clock("MA-OD-STD-PA", RECEIVED).due[0]
SECOND = timedelta(seconds=1)


def decided(at: str):
    return event("decision_made", at)


def test_a_duty_is_open_until_its_due_second_has_passed():
    assert outcome(DUE, (), DUE.at).state is State.OPEN
    assert outcome(DUE, (), DUE.at + SECOND).state is State.MISSED


def test_timeliness_is_told_by_the_stamp_and_not_by_when_it_was_read():
    in_time = decided("2026-11-10T23:59:59-05:00")
    assert outcome(DUE, [in_time], instant("2026-11-20T00:00:00-05:00")).state is State.MET
    late = decided("2026-11-11T00:00:00-05:00")
    told = outcome(DUE, [late], instant("2026-11-11T00:00:00-05:00"))
    assert (told.state, told.at, told.broken) == (State.LATE, late.at, True)


def test_the_first_event_that_does_what_is_owed_counts():
    first, second = decided("2026-11-10T12:00:00-05:00"), decided("2026-11-12T12:00:00-05:00")
    assert outcome(DUE, [second, first], instant("2026-11-20T00:00:00-05:00")).at == first.at


def test_what_lies_in_the_future_is_not_done():
    assert (
        outcome(DUE, [decided("2026-11-10T12:00:00-05:00")], instant("2026-11-09T12:00:00-05:00")).state is State.OPEN
    )


def test_another_kind_of_event_does_not_do_what_is_owed():
    told = event("oral_notice_given", "2026-11-05T12:00:00-05:00")
    assert outcome(DUE, [told], instant("2026-11-12T00:00:00-05:00")).state is State.MISSED


def test_every_duty_but_the_end_of_a_protection_can_be_met():
    assert set(DueKind) - set(MET_BY) == {DueKind.END_OF_PROTECTION}
