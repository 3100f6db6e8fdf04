"""Every duty is met in time or recorded as missed, whichever process has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.cases import duty_tracking
from domain.cases.case import Case
from domain.cases.tasks import TaskKind
from domain.clocks.consequences import Consequence
from domain.clocks.engine import Clock, DueInstant, DueKind
from domain.clocks.missed_clock import MissedClock
from domain.clocks.rules import Confidence
from domain.clocks.terms import MissedClockEffect
from domain.plain_language.phrases import span_phrase

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class AnyCase(Case):
    @property
    def missed_clock_hours(self) -> int:
        return 24


def due(kind: DueKind, at: datetime) -> DueInstant:
    return DueInstant(kind=kind, at=at, reason="", citation="42 CFR 422.568")


def case() -> AnyCase:
    """A case whose clock demands a decision at noon and its notice an hour before."""
    clock = Clock(
        rule_id="R",
        title="Decide",
        citation="",
        confidence=Confidence.KNOWN,
        starts_at=NOON - HOUR,
        base_due=NOON,
        due=(due(DueKind.DECISION, NOON), due(DueKind.WRITTEN_NOTICE, NOON - HOUR)),
        missed=Consequence(effect=MissedClockEffect.DEEMED_DENIED, note="Deemed denied."),
    )
    return AnyCase(case_id="X", received_at=NOON, clocks=(clock,))


def track(
    subject: AnyCase, done: dict[DueKind, datetime], now: datetime, *, is_final: bool = True
) -> list[MissedClock]:
    told: list[MissedClock] = []
    duty_tracking.record_met_and_missed(
        subject,
        [(clock, one) for clock in subject.clocks for one in clock.due],
        lambda _, one: done.get(one.kind),
        now,
        is_final=lambda _: is_final,
        on_missed=told.append,
    )
    return told


def test_a_miss_says_whether_the_duty_was_done_late_or_is_still_due() -> None:
    subject = case()
    track(subject, {DueKind.WRITTEN_NOTICE: NOON}, NOON + HOUR)
    said = [entry.summary for entry in subject.pending if entry.kind.value == "clock_missed"]
    assert said == [
        "R: written notice was done late (42 CFR 422.568).",
        "R: decision was due and is late (42 CFR 422.568).",
    ]


def test_a_late_notice_has_not_the_consequence_of_a_late_decision() -> None:
    subject = case()
    assert [one.effect for one in track(subject, {}, NOON + HOUR)] == [None, "deemed_denied"]


def test_many_misses_are_one_task_for_compliance() -> None:
    subject = case()
    track(subject, {}, NOON + HOUR)
    assert len(subject.missed) == 2 and len(subject.open_tasks(TaskKind.MISSED_CLOCK)) == 1


def test_what_may_have_to_be_done_again_is_not_met_and_not_missed() -> None:
    subject, done = case(), {DueKind.DECISION: NOON - HOUR, DueKind.WRITTEN_NOTICE: NOON - HOUR}
    assert track(subject, done, NOON + HOUR, is_final=False) == [] and subject.judged == {}
    track(subject, done, NOON + HOUR)
    assert set(subject.judged.values()) == {"met"}


def test_the_time_to_spare_is_told_in_words() -> None:
    one = case()
    track(one, {DueKind.DECISION: NOON - timedelta(hours=3, minutes=5, microseconds=7)}, NOON - 3 * HOUR)
    assert "3 hours and 5 minutes to spare" in " ".join(entry.summary for entry in one.pending)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=7, hours=7, microseconds=5), "7 days and 7 hours"),
        (timedelta(days=1, minutes=5), "1 day"),
        (timedelta(minutes=1, seconds=1), "1 minute and 1 second"),
        (timedelta(0), "0 seconds"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(span: timedelta, words: str) -> None:
    assert span_phrase(span) == words
