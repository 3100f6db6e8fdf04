"""The strip of a stay: every day once, in order, with a word; sums that equal the days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.stays.avoidable_days import Attribution, AvoidableDay
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.on_file import DecidedDays
from domain.stays.parts import DayStatus
from web.presentation.processes.stay_picture import DAYS_IN_ROW, Mark, Round, make_rows
from web.presentation.processes.stay_strip import MOST_DAYS_AHEAD, DayAnswer, LevelFrom, StayDays, make_days, sum_up

MONDAY = date(2026, 11, 30)
CERTIFIED = frozenset(LevelOfCare) - {LevelOfCare.EMERGENCY, LevelOfCare.HOME}
TITLES = {level: level.value.replace("_", " ") for level in LevelOfCare}
_days = st.integers(0, 60).map(lambda number: MONDAY + timedelta(days=number))
_spans = st.tuples(_days, st.integers(0, 9)).map(lambda found: (found[0], found[0] + timedelta(days=found[1])))


def _decided(span: tuple[date, date], status: DayStatus, changed: bool) -> DecidedDays:
    return DecidedDays(
        first=span[0],
        last=span[1],
        answer=status,
        level_of_care=LevelOfCare.ICU,
        review="PA-R1",
        decided_by="md",
        changed_by="PA-R2" if changed else None,
    )


_decisions = st.lists(st.builds(_decided, _spans, st.sampled_from(DayStatus), st.booleans()), max_size=6).map(tuple)
_stays = st.builds(
    StayDays,
    today=_days,
    came=st.none() | st.just(MONDAY),
    left=st.none() | _days,
    levels=st.lists(st.builds(LevelFrom, _days, st.none() | st.sampled_from(LevelOfCare)), max_size=5).map(
        lambda found: tuple(sorted(found, key=lambda one: one.day))
    ),
    decided=_decisions,
    asked=st.lists(_spans, max_size=2).map(tuple),
    avoidable=st.just(()),
    expected_out=st.none() | _days,
    certified_levels=st.just(CERTIFIED),
    canceled=st.booleans(),
)


def _stay(**more: object) -> StayDays:
    shared: dict[str, object] = {
        "today": MONDAY + timedelta(days=4),
        "came": MONDAY,
        "left": None,
        "levels": (LevelFrom(MONDAY, LevelOfCare.ICU),),
        "decided": (),
        "asked": (),
        "avoidable": (),
        "expected_out": None,
        "certified_levels": CERTIFIED,
    }
    return StayDays(**(shared | more))  # type: ignore[arg-type]


@given(_stays)
def test_every_day_of_the_stay_is_there_once_and_in_order_with_a_word(stay: StayDays) -> None:
    days = make_days(stay)
    assert [one.day for one in days] == [days[0].day + timedelta(days=n) for n in range(len(days))] if days else True
    assert all(one.word for one in days)
    if stay.came is not None:
        last = max(stay.came, stay.left if stay.left is not None else stay.today)
        assert days[0].day == stay.came
        assert days[-1].day >= last
        assert days[-1].day == last or stay.left is None


@given(_stays)
def test_the_sums_in_the_header_equal_the_days(stay: StayDays) -> None:
    days = make_days(stay)
    said = sum_up(days)
    summed = sum(int(number) for number in re.findall(r"\b\d+\b", said))
    ahead = {DayAnswer.EXPECTED, DayAnswer.EXPECTED_OUT, DayAnswer.DISCHARGED}
    assert summed == sum(1 for one in days if one.answer not in ahead)


@given(_stays)
def test_rows_hold_every_day_once_and_draw_nothing_beside_them(stay: StayDays) -> None:
    days = make_days(stay)
    rounds = [Round(number, first, last, "open") for number, (first, last) in enumerate(stay.asked, 1)]
    marks = [Mark(stay.expected_out, 0.5, "hospital expects discharge")] if stay.expected_out else []
    rows = make_rows(days, stay.levels, rounds, marks, TITLES)
    assert [one for row in rows for one in row.days] == list(days)
    assert all(len(row.days) == DAYS_IN_ROW for row in rows[:-1])
    for row in rows:
        for bar in (*row.levels, *row.rounds):
            assert bar.x >= 0
            assert bar.width > 0
            assert bar.x + bar.width <= 100
        lanes = sorted(row.rounds, key=lambda bar: (bar.lane, bar.x))
        assert all(a.lane != b.lane or a.x + a.width <= b.x for a, b in zip(lanes, lanes[1:], strict=False))


@given(_stays)
def test_a_day_that_stands_certified_is_shown_as_nothing_else(stay: StayDays) -> None:
    for one in make_days(stay):
        in_effect = [span for span in stay.decided if span.first <= one.day <= span.last and not span.changed_by]
        if in_effect and in_effect[-1].is_certified and not stay.canceled:
            assert one.answer is DayAnswer.CERTIFIED


def test_a_denied_day_that_is_looked_at_again_says_so() -> None:
    day = MONDAY + timedelta(days=1)
    decided = (_decided((MONDAY, MONDAY), DayStatus.CERTIFIED, False), _decided((day, day), DayStatus.DENIED, False))
    days = make_days(_stay(decided=decided, asked=((day, day),)))
    assert [one.word for one in days[:3]] == ["Certified", "Denied, 2nd look", "Undecided"]
    assert sum_up(days) == "1 certified · 1 denied, looked at again · 3 undecided"


def test_a_day_in_the_emergency_department_needs_no_approval() -> None:
    levels = (LevelFrom(MONDAY, LevelOfCare.EMERGENCY), LevelFrom(MONDAY + timedelta(days=1), LevelOfCare.ICU))
    days = make_days(_stay(levels=levels))
    assert [one.answer for one in days[:2]] == [DayAnswer.NOT_NEEDED, DayAnswer.UNDECIDED]


def test_a_day_at_an_unknown_level_is_undecided_and_not_passed_over() -> None:
    assert make_days(_stay(levels=()))[0].answer is DayAnswer.UNDECIDED


def test_the_day_of_discharge_is_no_day_of_care_but_that_of_a_stay_within_one_day_is() -> None:
    later = make_days(_stay(left=MONDAY + timedelta(days=2)))
    assert [one.answer for one in later] == [DayAnswer.UNDECIDED, DayAnswer.UNDECIDED, DayAnswer.DISCHARGED]
    assert [one.answer for one in make_days(_stay(left=MONDAY))] == [DayAnswer.UNDECIDED]


def test_an_avoidable_day_says_why() -> None:
    entry = AvoidableDay(day=MONDAY, reason="test_delayed", attribution=Attribution.HOSPITAL)
    assert make_days(_stay(avoidable=(entry, entry)))[0].avoidable == ("test delayed",)


def test_a_mistyped_discharge_years_ahead_makes_no_strip_of_years() -> None:
    days = make_days(_stay(expected_out=date(2099, 1, 1)))
    assert len(days) <= MOST_DAYS_AHEAD
