"""HL7 instants (DTM): ``YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]``, to UTC.

One without an offset is read in the facility's zone, else under the offset of the message header, else in the member's
zone. The machine's own zone is never used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from interop.issues import IssueCollector

_DTM = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\.\d{1,6})?\s*([+-]\d{4})?")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?\s*(Z|[+-]\d\d:?\d\d)?")
CLOCK_TOLERANCE = timedelta(hours=1)
"""Tolerance for a sender's clock that runs ahead of ours; a later instant cannot have happened yet."""


ON_ITS_WAY = timedelta(minutes=15)
"""Usual time between an event and the receipt of its message."""


@dataclass
class TimeReader:
    """Reads the instants of one message. `lacks_zone` becomes True when one had to be read without knowing its zone."""

    findings: IssueCollector
    received_at: datetime
    facility_zone: ZoneInfo | None = None
    header_offset: tzinfo | None = None
    member_zone: ZoneInfo | None = None
    lacks_zone: bool = field(default=False)
    days_alone: set[str] = field(default_factory=set)
    """Fields that give a day without a time of day."""
    ahead: set[str] = field(default_factory=set)
    """Fields whose instant lies after the receipt."""
    unsure_of_two: set[str] = field(default_factory=set)
    """Fields with a local time that comes twice, and neither fits a message on its way."""

    def instant(self, text: str | None, path: str) -> datetime | None:
        """The instant in UTC; None, with a note, for what is no instant. A day alone begins at its midnight."""
        if text is None:
            return None
        found = _DTM.fullmatch(_without_marks(text))
        if found is None or found[3] is None:
            self.findings.note(path, "adt.time", "this is no day and time", "YYYYMMDDHHMM and an offset")
            return None
        if found[4] is None:
            self.days_alone.add(path)
            self.findings.note(path, "adt.time_precision", "a day without a time of day is read as its beginning")
        try:
            parts = [int(found[place] or 0) for place in range(1, 7)]
            naive = datetime(*parts, tzinfo=None)  # type: ignore[misc,arg-type]  # noqa: DTZ001 - its zone comes next
            micro = int(float(found[7]) * 1_000_000) if found[7] else 0
            return self._of_two(naive.replace(microsecond=micro, tzinfo=self._zone(found[8])), path)
        except (ValueError, OverflowError):
            self.findings.note(path, "adt.time", "this day or time of day does not exist", "a day of the calendar")
            return None

    def past_instant(self, text: str | None, path: str) -> datetime | None:
        """An instant that must be in the past; one after the receipt is ignored with a note."""
        at = self.instant(text, path)
        if at is not None and at > self.received_at + CLOCK_TOLERANCE:
            self.ahead.add(path)
            self.findings.note(path, "adt.future", "this instant lies after the receipt and is not used")
            return None
        return at

    def _of_two(self, local: datetime, path: str) -> datetime:
        """A local time that comes twice, as clocks are set back, is the later one where only that fits a message on its way."""
        first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
        if second <= first:
            return first
        self.findings.note(path, "adt.time_twice", "this local time comes twice on its day", "an offset")
        fits = [at for at in (second, first) if at - ON_ITS_WAY <= self.received_at < at + ON_ITS_WAY]
        if not fits:
            self.unsure_of_two.add(path)
        return fits[0] if fits else first

    def _zone(self, offset: str | None) -> tzinfo:
        if offset is not None:
            return _offset(offset)
        known = self.facility_zone or self.header_offset or self.member_zone
        self.lacks_zone = self.lacks_zone or known is None
        return known or UTC


def _without_marks(text: str) -> str:
    """An instant as ISO 8601 writes it, without its marks; any other text as it is."""
    found = _ISO.fullmatch(text)
    if found is None:
        return text
    zone = "+0000" if found[8] == "Z" else (found[8] or "").replace(":", "")
    return "".join(part or "" for part in found.groups()[:6]) + (found[7] or "")[:7] + zone


def offset_of(text: str | None) -> tzinfo | None:
    """The offset that an instant carries, if it carries a right one."""
    found = _DTM.fullmatch(_without_marks(text or ""))
    try:
        return _offset(found[8]) if found is not None and found[8] else None
    except ValueError:
        return None


def birth_date(text: str | None) -> date | None:
    """A date of birth: the day as written, whatever the zone."""
    found = _DTM.fullmatch(_without_marks(text or ""))
    if found is None or found[3] is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _offset(text: str) -> tzinfo:
    hours, minutes = int(text[1:3]), int(text[3:5])
    if hours > 14 or minutes > 59:
        raise ValueError("no offset of the world")
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)
