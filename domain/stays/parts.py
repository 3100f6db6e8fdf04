"""What a stay is made of: days that were decided, the review that is under way, and what was asked of the facility."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from domain.model import Model
from domain.requests.request import StayPurpose
from domain.stays.levels_of_care import LevelOfCare

DAY = timedelta(days=1)

MOST_ASKED = 3
"""So often the facility is asked; then people decide on what is there, so that no day waits for ever."""


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included; none when the last lies before the first."""
    while first <= last:
        yield first
        first += DAY


class Stand(StrEnum):
    """How a decided day stands. There is no third answer: a day that nobody decided has no span."""

    CERTIFIED = "certified"
    DENIED = "denied"


class Span(Model):
    """Days in a row with one answer: which review gave it (`case_id` and its line), who decided, and when (UTC).

    `overturned_by` names the later review that approved denied days; `ended_by` the one that ended approved days in advance.
    Neither removes the span: what was decided once stays readable.
    """

    first: date
    last: date
    stand: Stand
    level: LevelOfCare
    case_id: str
    line_id: str
    by: str
    decided_at: AwareDatetime
    overturned_by: str | None = None
    ended_by: str | None = None

    @property
    def counts(self) -> bool:
        """Whether this is still the answer for its days."""
        return self.overturned_by is None and self.ended_by is None

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


class RoundLine(Model):
    """Days in a row at one level of care, as one line of a review."""

    line_id: str
    level: LevelOfCare
    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


class ReductionRule(Model):
    """What the law asks before approved days may end early, in this line of business: days of notice before it takes effect."""

    days_of_notice: int
    citation: str


class Round(Model):
    """A review under way. `received_at` (UTC) is when what it answers reached the plan; from there its clocks run.

    `update_id` names what the last update said, `earlier_updates` what those before it said that no review has had yet.
    """

    number: int
    purpose: StayPurpose
    case_id: str
    lines: tuple[RoundLine, ...]
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

    def line(self, line_id: str) -> RoundLine | None:
        return next((line for line in self.lines if line.line_id == line_id), None)

    def holds(self, day: date) -> bool:
        return any(line.first <= day <= line.last for line in self.lines)


class PastRound(Model):
    """What became of a review: for the people who look at the stay."""

    number: int
    purpose: StayPurpose
    case_id: str
    first: date
    last: date
    answer: str
    decided_at: AwareDatetime | None


class UpdateAsked(Model):
    """The facility was asked how the patient is. `times` counts the asking; when `due_at` passes it is asked again."""

    asked_at: AwareDatetime
    due_at: AwareDatetime
    from_day: date
    times: int = 1


class Matched(Model):
    """Days that an authorization from before the stay already approves: a planned admission."""

    case_id: str
    line_id: str
    first: date
    last: date
    level: LevelOfCare
    by: str
    decided_at: AwareDatetime
    authorization_number: str | None = None
