"""Courses of admission messages as hospitals send them, where they are at hand: who is in which bed, and what is asked.

The members are those of the synthetic plan. Each message is received a minute after it was sent, or in its order if later.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.stays.timeline import StayTimeline
from intake.admissions.admission_result import AdmissionResult, AdmissionStatus
from intake.admissions.admissions import receive_hl7
from services.context import ServiceContext
from store import adt_messages, inbox, stays
from tests.intake.kept_arrivals import course_of, keeping
from tests.paths import SHARED

DATA = SHARED / "data" / "found" / "adt"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the outside courses of admissions are not on this machine")
CHICAGO = ZoneInfo("America/Chicago")


@dataclass(frozen=True)
class Expected:
    """The outcome of a course: `answers` are the codes of the acknowledgments, `asked` the questions on its stays or the rules
    under which a person is asked in the inbox, `units` those of the last stay (status and unit, in order)."""

    answers: str
    stays: int = 1
    present: bool | None = True
    units: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


ED_THEN_WARD = ("emergency ED", "inpatient 4W")
COURSES = {
    "01-a06-mrg-new-visit": Expected("AA AA AA", present=False, units=("emergency ED", "inpatient ICU")),
    "02-ed-a03-then-a01-backdated": Expected("AA AA AA", units=ED_THEN_WARD),
    "03-ed-a03-and-a01-same-instant": Expected("AA AA AA", units=ED_THEN_WARD),
    "05-a03-by-mistake-then-a02-a08-no-a13": Expected(
        "AA AA AA AA", units=("inpatient 4W", "inpatient ICU"), asked=("moved_after_discharge",)
    ),
    "07-a05-then-a38": Expected("AA AA", present=False),
    "09-day-surgery-a05-o-a04-o-a03": Expected("AA AA AA", stays=0, present=None),
    "10-a08-demographics-class-n": Expected("AE", stays=0, present=None, asked=("stay.class_unknown",)),
    "11-a04-class-word-outpatient": Expected("AA", stays=0, present=None),
    "11b-a04-class-c-commercial": Expected("AA", stays=0, present=None),
    "14-cut-inside-visit-number": Expected("AR AA", units=("inpatient 4W",), asked=("adt.truncated",)),
    "16-same-minute-a01-a02-0": Expected("AA AA", units=("inpatient ED", "inpatient ICU")),
    "16-same-minute-a01-a02-1": Expected("AA AA", units=("inpatient ED", "inpatient ICU")),
    "17-dst-overlap": Expected("AA AA", units=("inpatient 4W", "inpatient ICU")),
    "19-discharge-wrong-year": Expected("AA AA", present=False, units=("inpatient 4W",), asked=("implausible_time",)),
    "21-a17-swap": Expected("AA AA AE", stays=2, units=("inpatient ICU",), asked=("stay.joining",)),
    "23-a12-a02-never-came": Expected("AA AA AA", units=("inpatient 4W", "inpatient ICU"), asked=("move_not_on_file",)),
    "24-a11-back-to-ed": Expected(
        "AA AA AA AA AA", units=("emergency ED", "observation OBS"), asked=("admission_taken_back",)
    ),
    "25-newborn-mothers-number-no-dob": Expected("AE", stays=0, present=None, asked=("stay.class_unknown",)),
    "26-hie-two-hospitals-one-number": Expected("AA AA", stays=2, units=("inpatient 3N",)),
    "35-a05-then-a01-other-visit": Expected("AA AA", stays=2, units=("inpatient 4W",), asked=("other_stay",)),
    "50-condition-code-44-class-o": Expected(
        "AA AA AA AA", present=False, units=("inpatient 4W", "observation 4W", "observation 5N")
    ),
    "60-member-la-hospital-chicago-after-midnight": Expected("AA AA", present=False, units=("inpatient 4W",)),
    "65-two-a08-same-second-0": Expected("AA AA AA", units=("inpatient ED", "inpatient ICU")),
    "65-two-a08-same-second-1": Expected("AA AA AA", units=("inpatient ED", "inpatient ICU")),
    "74-a13-clock-behind": Expected("AA AA AA", units=("inpatient 4W",)),
    "75-discharge-time-later-than-its-cancel": Expected("AA AA AA", units=("inpatient 4W",)),
    "86-null-discharge-time-in-a08": Expected("AA AA AA", units=("inpatient ICU",), asked=("discharge_removed",)),
    "91-one-account-two-visits-ed-then-inpatient": Expected("AA AA", units=("emergency ED", "inpatient ICU")),
    "94-live-discharge-time-ahead-then-a13": Expected("AA AA AA", units=("inpatient ICU",)),
}


def courses() -> dict[str, list[bytes]]:
    """The messages of each course, in the order in which they are sent."""
    found = defaultdict(list)
    for path in sorted(DATA.glob("*.hl7")):
        found[re.sub(r"(\.\d+)?\.hl7$", "", path.name)].append(path.read_bytes())
    return dict(found)


def sent_at(raw: bytes, second_hour: bool) -> datetime:
    """MSH-7; without an offset, the facility's time (`second_hour` where it comes twice)."""
    stamp = raw.split(b"|")[6].decode()
    if stamp[14:]:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S%z")
    return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=CHICAGO, fold=int(second_hour))


async def tell(services: ServiceContext, now: list[datetime], messages: list[bytes]) -> list[AdmissionResult]:
    outcomes = []
    for raw in messages:
        earlier = sent_at(raw, second_hour=False) + timedelta(minutes=1) < now[0]
        now[0] = max(now[0], sent_at(raw, second_hour=earlier).astimezone(UTC) + timedelta(minutes=1))
        outcomes += await receive_hl7(services, raw, "outside")
    return outcomes


def opened(services: ServiceContext, outcomes: list[AdmissionResult]) -> list[tuple[str, StayTimeline]]:
    """The stays on file, in the order in which the messages opened them."""
    named = dict.fromkeys(one.stay_id for one in outcomes if one.stay_id is not None)
    with services.store.read() as s:
        on_file = [stay_id for stay_id in named if stays.get(s, stay_id) is not None]
    return [(stay_id, course_of(services, stay_id)) for stay_id in on_file]


@pytest.mark.parametrize("name", COURSES)
async def test_every_course_has_the_outcome_of_the_table(tmp_path: Path, name: str) -> None:
    expected, now = COURSES[name], [datetime(2026, 10, 1, tzinfo=UTC)]
    with keeping(tmp_path, clock=lambda: now[0], test_messages_live=True) as services:
        outcomes = await tell(services, now, courses()[name])
        found = opened(services, outcomes)
        with services.store.read() as s:
            problems = {problem.rule for item in inbox.list_open(s) for problem in item.problems}
    assert [one.ack.value for one in outcomes] == expected.answers.split()
    assert len(found) == expected.stays
    asked = problems | {question.doubt.value for _, course in found for question in course.questions}
    assert asked == set(expected.asked)
    if found:
        last = found[-1][1]
        assert last.is_present is expected.present
        assert tuple(f"{phase.status} {phase.unit}" for phase in last.phases) == expected.units


def test_every_course_is_in_the_table() -> None:
    assert set(courses()) == set(COURSES)


async def test_repeats_change_no_course(tmp_path: Path) -> None:
    """Every message once more, as senders do: nothing is opened, asked or changed by it."""
    now = [datetime(2026, 10, 1, tzinfo=UTC)]
    with keeping(tmp_path, clock=lambda: now[0], test_messages_live=True) as services:
        messages = courses()["24-a11-back-to-ed"]
        first = await tell(services, now, messages)
        (_, before), kept = opened(services, first)[0], len(first)
        again = await tell(services, now, messages)
        assert {one.kind for one in again} <= {AdmissionStatus.REPEATED, AdmissionStatus.STORED}
        (stay_id, after) = opened(services, again)[0]
        with services.store.read() as s:
            assert len(adt_messages.of_stay(s, stay_id)) == kept
    assert after == before
