"""The parts of a stay: determinations of days, the review under way, and the pending update request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.model import Model
from domain.requests.request import StayPurpose
from domain.stays.levels_of_care import LevelOfCare

DAY = timedelta(days=1)

MAX_UPDATE_REQUESTS = 3
"""Number of requests to the facility; after that people decide on the information on file, so that no day waits forever."""


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included; none when the last lies before the first."""
    while first <= last:
        yield first
        first += DAY


def consecutive_ranges(found: Iterable[date]) -> list[tuple[date, date]]:
    """Days as ranges without gaps: first and last day of each."""
    rows: list[tuple[date, date]] = []
    for day in sorted(found):
        if rows and rows[-1][1] + DAY == day:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return rows


def describe_days(found: list[date]) -> str:
    return ", ".join(describe_range(first, last) for first, last in consecutive_ranges(found))


def describe_range(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


class DayStatus(StrEnum):
    """The status of a decided day. There is no third one: an undecided day has no determination."""

    CERTIFIED = "certified"
    DENIED = "denied"


class DayDetermination(Model):
    """Consecutive days with one determination: by which review (`case_id` and its line), by whom, and when (UTC).

    `overturned_by` names the later review that approved denied days; `ended_by` the one that ended approved days in advance.
    Neither removes the determination: past decisions stay readable.
    """

    first: date
    last: date
    stand: DayStatus
    level: LevelOfCare
    case_id: str
    line_id: str
    by: str
    decided_at: AwareDatetime
    overturned_by: str | None = None
    ended_by: str | None = None

    @property
    def counts(self) -> bool:
        """Whether this determination is still in effect."""
        return self.overturned_by is None and self.ended_by is None

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


class StayReviewLine(Model):
    """Consecutive days at one level of care, as one line of a review."""

    line_id: str
    level: LevelOfCare
    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


class ReductionRule(Model):
    """The law's requirement before approved days may end early, in this line of business: days of advance notice."""

    days_of_notice: int
    citation: str


class StayReview(Model):
    """A review under way. `received_at` (UTC) is when its request reached the plan; its clocks run from there.

    `decide_by` is the instant (UTC) at which its decision is due, as computed at its opening; None where no clock binds.

    `proposed_level` is one below the hospital's order that was said instead: only a physician can sign it, in part.

    `update_id` names the last update, `earlier_updates` those before it that no review has had yet.
    """

    number: int
    purpose: StayPurpose
    case_id: str
    lines: tuple[StayReviewLine, ...]
    received_at: AwareDatetime
    opened: bool = False
    at_admission: bool = False
    update_id: str | None = None
    earlier_updates: tuple[str, ...] = ()
    second_look_at: str | None = None
    peer_to_peer_held_at: AwareDatetime | None = None
    asked_in_vain: bool = False
    effective_on: date | None = None
    notice: ReductionRule | None = None
    post_stabilization: bool | None = None
    decide_by: AwareDatetime | None = None
    proposed_level: LevelOfCare | None = Field(default=None, exclude_if=lambda value: value is None)

    def line(self, line_id: str) -> StayReviewLine | None:
        return next((line for line in self.lines if line.line_id == line_id), None)

    def holds(self, day: date) -> bool:
        return any(line.first <= day <= line.last for line in self.lines)


class PastStayReview(Model):
    """The outcome of a past review, for display."""

    number: int
    purpose: StayPurpose
    case_id: str
    first: date
    last: date
    answer: str
    decided_at: AwareDatetime | None


class PendingUpdateRequest(Model):
    """The pending update request to the facility. `times` counts the requests; after `due_at` it is sent again."""

    asked_at: AwareDatetime
    due_at: AwareDatetime
    from_day: date
    times: int = 1


class PreauthorizedDays(Model):
    """Days that an earlier authorization already approves: a planned admission."""

    case_id: str
    line_id: str
    first: date
    last: date
    level: LevelOfCare
    by: str
    decided_at: AwareDatetime
    authorization_number: str | None = None
