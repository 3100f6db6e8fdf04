"""Helpers of story tests: letters in the store and in the outbox, and dates computed without the clock engine."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from demo.case_record import CaseRecord
from domain.cases.views import CaseLetter
from domain.journal import EntryKind

_VIEWS = TypeAdapter(list[CaseLetter])


def end_of_day(received_at: datetime, days: int, zone: str) -> datetime:
    """23:59:59 local, so many calendar days after the day of receipt; in UTC."""
    local = ZoneInfo(zone)
    day = received_at.astimezone(local).date() + timedelta(days=days)
    return datetime.combine(day, time(23, 59, 59), local).astimezone(UTC)


def date_in_words(day: date) -> str:
    """The date as letters write it: ``Thursday, January 28, 2027``."""
    return f"{day:%A, %B} {day.day}, {day.year}"


def count_letters(found: CaseRecord) -> Counter[str]:
    """Number of letters written for each ``notice/audience``."""
    return Counter(f"{letter.notice.value}/{letter.audience.value}" for letter in found.letters)


def files_of(found: CaseRecord) -> set[str]:
    """The files that the case's letters make in the outbox."""
    names = (letter.letter_id.replace(":", "_") for letter in found.letters)
    return {f"{name}.{suffix}" for name in names for suffix in ("html", "txt")}


def mailed_files(outbox: Path) -> list[str]:
    """Every mailed file; a file half-written when a worker died has a name with a leading dot."""
    return sorted(path.name for path in outbox.rglob("[!.]*") if path.is_file())


def is_each_mailed_once(found: CaseRecord) -> bool:
    """Whether the journal has exactly one mailing of each letter, and the store its receipt."""
    entries = found.of_kind(EntryKind.LETTER_HANDED_OVER)
    told = [view.letter_id for entry in entries for view in _VIEWS.validate_python(entry.data["letters"])]
    written = {letter.letter_id for letter in found.letters if letter.handed_over_at is not None and letter.receipt}
    return Counter(told) == Counter(dict.fromkeys(written, 1)) and len(written) == len(found.letters)
