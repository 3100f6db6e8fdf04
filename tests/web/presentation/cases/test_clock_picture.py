"""The clocks as a picture: places follow time, whatever the zone and the days, and each lane says what it shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import Calendar
from services.queries.case_clocks import DutyRow
from web.presentation.cases.clock_picture import ClockPicture, draw_clocks
from web.presentation.time_left import LeftKind

CALENDAR = Calendar(
    name="test", first_day=date(2026, 1, 1), last_day=date(2027, 12, 31), holidays=(date(2026, 11, 26),)
)
START = datetime(2026, 11, 30, 13, 18, tzinfo=UTC)
DUE = datetime(2026, 12, 8, 4, 59, 59, tzinfo=UTC)
ZONES = st.sampled_from(("America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns"))
INSTANTS = st.integers(0, 480 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
SPANS = st.timedeltas(timedelta(minutes=1), timedelta(days=120))


def duty(at: datetime = DUE, starts_at: datetime = START, **changes: object) -> DutyRow:
    """A decision to the member, unless changed."""
    known: dict[str, object] = {
        "rule_id": "MA-OD-STD-PA",
        "variant": "",
        "title": "Standard",
        "kind": "decision",
        "to": "member",
        "at": at,
        "starts_at": starts_at,
        "citation": "42 CFR 422.568",
        "confidence": "confirmed",
        "reason": "",
        "is_own": True,
    }
    return DutyRow(**(known | changes))  # type: ignore[arg-type]


def draw(*duties: DutyRow, now: datetime = START + timedelta(days=3), zone: str = "America/New_York") -> ClockPicture:
    picture = draw_clocks(duties, zone, CALENDAR, now)
    assert picture is not None
    return picture


@settings(max_examples=40)
@given(INSTANTS, SPANS, st.floats(0, 1), ZONES)
def test_now_lies_between_receipt_and_due_by_position_on_every_day_of_the_year(
    since: datetime, length: timedelta, share: float, zone: str
) -> None:
    picture = draw(duty(since + length, since), now=since + length * share, zone=zone)
    (lane,) = picture.lanes
    assert picture.now is not None
    assert 0 <= lane.start <= picture.now <= lane.due <= 100


@settings(max_examples=40)
@given(st.lists(st.tuples(INSTANTS, SPANS, st.booleans()), min_size=1, max_size=5), INSTANTS, ZONES)
def test_nothing_stands_outside_the_picture_and_order_in_time_is_order_on_the_page(
    clocks: list[tuple[datetime, timedelta, bool]], now: datetime, zone: str
) -> None:
    duties = [
        duty(since + length, since, to=str(number), stopped_at=since if stops else None, resumes_at=since + length * 2)
        for number, (since, length, stops) in enumerate(clocks)
    ]
    picture = draw(*duties, now=now, zone=zone)
    places = [mark.at for mark in picture.days]
    for lane in picture.lanes:
        places += [lane.start, lane.due]
        places += [edge for part in (lane.gone, lane.left, lane.stops) if part for edge in (part.start, part.end)]
        assert all(part.width >= 0 for part in (lane.gone, lane.left, lane.stops) if part)
    places += [edge for closed in picture.closed for edge in (closed.start, closed.end)]
    assert all(0 <= place <= 100 for place in places)
    dues = sorted((one.at, lane.due) for one in duties for lane in picture.lanes if lane.to == one.to)
    assert [place for _, place in dues] == sorted(place for _, place in dues)
    assert [mark.at for mark in picture.days] == sorted(mark.at for mark in picture.days)


def test_a_day_on_which_the_clocks_go_back_is_an_hour_wider_than_the_others() -> None:
    since = datetime(2026, 10, 31, 12, tzinfo=UTC)
    days = [mark.at for mark in draw(duty(since + timedelta(days=4), since), now=since).days]
    widths = [after - before for before, after in zip(days, days[1:], strict=False)]
    assert widths[1] == max(widths) and round(widths[1] / widths[0], 2) == round(25 / 24, 2)


def test_duties_with_one_due_instant_and_one_recipient_share_a_lane() -> None:
    picture = draw(duty(), duty(kind="written_notice"), duty(kind="provider_notice", to="requesting provider"))
    assert [(lane.duties, lane.to) for lane in picture.lanes] == [
        ("Decision, written notice", "member"),
        ("Provider notice", "requesting provider"),
    ]


def test_weekends_and_holidays_of_the_calendar_are_shaded_in_one_piece() -> None:
    since = datetime(2026, 11, 23, 15, tzinfo=UTC)
    closed = draw(duty(since + timedelta(days=7), since), now=since).closed
    assert len(closed) == 2, "Thanksgiving, then the weekend"
    assert round(closed[1].width / closed[0].width) == 2


def test_a_kept_lane_is_green_with_the_time_it_had_to_spare() -> None:
    (lane,) = draw(duty(judged="met", done_at=DUE - timedelta(days=3))).lanes
    assert (lane.state, lane.badge.kind, lane.badge.words) == ("kept", LeftKind.KEPT, "Kept, 3 d 0 h to spare")
    assert lane.done is not None and lane.start < lane.done < lane.due


def test_a_missed_lane_says_by_how_much_and_a_clock_set_aside_says_why() -> None:
    missed = draw(duty(judged="missed", done_at=DUE + timedelta(hours=2)), now=DUE + timedelta(days=1)).lanes[0]
    assert (missed.badge.kind, missed.badge.words) == (LeftKind.MISSED, "Missed by 2 h 0 min")
    late = draw(duty(), now=DUE + timedelta(minutes=72)).lanes[0]
    assert late.badge.words == "Missed by 1 h 12 min" and late.state == "late"
    aside = draw(duty(set_aside="it was expedited")).lanes[0]
    assert aside.state == "aside" and aside.label.endswith("set aside: it was expedited")


def test_a_stopped_clock_names_the_day_until_which_the_law_stops_it() -> None:
    stopped = duty(stopped_at=START + timedelta(days=1), resumes_at=START + timedelta(days=45))
    (lane,) = draw(stopped).lanes
    assert (lane.badge.kind, lane.badge.words) == (LeftKind.STOPPED, "Stopped until Thu Jan 14")
    assert lane.stops is not None and lane.stops.width > 0


def test_an_extension_that_may_be_taken_is_drawn_behind_the_rules_own_duty_alone() -> None:
    latest = DUE - timedelta(seconds=1)
    own, notice = duty(extension_ends=latest), duty(is_own=False, to="provider", extension_ends=latest)
    picture = draw_clocks((own, notice), "UTC", CALENDAR, START, extensions={("MA-OD-STD-PA", ""): "14 days"})
    assert picture is not None
    first, second = picture.lanes
    assert (first.extension, first.extension_words) == (first.due, "+14 days, if asked") and second.extension is None
    assert "may be extended by 14 days when the letter about it is out by then" in first.label


def test_a_case_without_clocks_has_no_picture_and_a_closed_one_no_line_for_now() -> None:
    assert draw_clocks((), "UTC", CALENDAR, START) is None
    closed = draw_clocks((duty(judged="met"),), "UTC", CALENDAR, START, is_open=False)
    assert closed is not None and closed.now is None


def test_a_year_that_the_calendar_does_not_know_is_drawn_without_shade() -> None:
    far = datetime(2031, 5, 1, tzinfo=UTC)
    picture = draw_clocks((duty(far + timedelta(days=9), far),), "UTC", CALENDAR, far)
    assert picture is not None and len(picture.days) > 5
