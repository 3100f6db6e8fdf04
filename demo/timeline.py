"""A case's journal as a readable timeline: actor, action, time, time left on the clock, and reason.

Each line is an entry of the journal, or several entries of the same instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from demo.case_record import CaseRecord
from domain.cases.tasks import Task
from domain.clocks.binding import governing_clock
from domain.clocks.engine import Clock, DueKind
from domain.criteria.trace import CriteriaResult
from domain.journal import Actor, EntryKind, JournalEntry

KINDS_LEFT_OUT = frozenset({EntryKind.LETTER_WRITTEN})
"""Entries left out: the same letter appears again when it is mailed."""

DECIDING_KINDS = frozenset({EntryKind.CRITERIA_EVALUATED, EntryKind.REQUIREMENT_CHECKED, EntryKind.TASK_COMPLETED})
"""Entries that lead to the decision at the same instant: they show the time left on the clock, later ones do not."""


@dataclass(frozen=True)
class TimelineLine:
    """One line. `at` is UTC; `left` is the time left to decide (None when the decision is made, or nothing runs).

    `kind` is None for events outside the journal, such as the kill of a worker.
    """

    at: datetime
    kind: EntryKind | None
    who: str
    what: str
    why: tuple[str, ...] = ()
    left: timedelta | None = None


class _Clock:
    """The decision clock at a point of the journal."""

    def __init__(self, record: CaseRecord) -> None:
        ends = (record.view.decided_at, record.view.closed_at)
        self._end = min((end for end in ends if end is not None), default=None)
        self._due: datetime | None = None

    def hear(self, entry: JournalEntry) -> None:
        clocks = entry.data.get("clocks")
        if isinstance(clocks, list):
            found = governing_clock((_clock(shown) for shown in clocks), DueKind.DECISION)
            self._due = found[1].at if found else None

    def left(self, entry: JournalEntry) -> timedelta | None:
        over = self._end is not None and (entry.at, entry.kind not in DECIDING_KINDS) >= (self._end, True)
        return None if self._due is None or over else self._due - entry.at


def timeline_lines(record: CaseRecord, beside: Iterable[TimelineLine] = ()) -> tuple[TimelineLine, ...]:
    """The whole journal of a case by the stamps of its entries, with events outside it."""
    shown = [entry for entry in record.entries if entry.kind not in KINDS_LEFT_OUT]
    clock = _Clock(record)
    found: list[TimelineLine] = list(beside)
    for _, group in groupby(shown, key=_group_key):
        entries = list(group)
        for entry in entries:
            clock.hear(entry)
        found.append(_line(record, entries, clock))
    return tuple(sorted(found, key=lambda line: line.at))


def _group_key(entry: JournalEntry) -> tuple[object, ...]:
    """Key that puts letters of one instant on one line, and the duties of one clock that they met."""
    match entry.kind:
        case EntryKind.LETTER_HANDED_OVER:
            return entry.kind, entry.at
        case EntryKind.CLOCK_MET:
            return entry.kind, entry.at, entry.data.get("rule")
    return (entry.seq,)


def _line(record: CaseRecord, entries: list[JournalEntry], clock: _Clock) -> TimelineLine:
    first = entries[0]
    why: tuple[str, ...] = ()
    match first.kind:
        case EntryKind.LETTER_HANDED_OVER:
            what = f"Letters out: {_letters(record, entries)}."
        case EntryKind.CLOCK_MET:
            what = _in_time(entries)
        case _:
            what, why = _with_names(record, first.summary), tuple(_why(record, first))
    return TimelineLine(first.at, first.kind, _who(record, first.actor), what, why, clock.left(first))


def _who(record: CaseRecord, actor: Actor) -> str:
    match actor.kind:
        case "system":
            return "Umpire"
        case "rule":
            return "Rule"
    return record.names.get(actor.id, str(actor))


def _with_names(record: CaseRecord, text: str) -> str:
    """Names for ids, and tasks by their short number."""
    text = text.replace(f"{record.view.case_id}-T", "task T")
    for key, name in record.names.items():
        text = text.replace(key, name)
    return text


def _letters(record: CaseRecord, entries: Iterable[JournalEntry]) -> str:
    audiences: dict[str, list[str]] = {}
    known = {letter.letter_id: letter for letter in record.letters}
    for entry in entries:
        for letter in _views_of_kind(entry, "letters"):
            written = known[str(letter["letter_id"])]
            audiences.setdefault(written.notice.value.replace("_", " "), []).append(written.audience.value)
    return "; ".join(f"{notice} to {' and '.join(sorted(to))}" for notice, to in audiences.items())


def _in_time(entries: list[JournalEntry]) -> str:
    data = entries[0].data
    duties = " and ".join(str(entry.data["duty"]).replace("_", " ") for entry in entries)
    spare = datetime.fromisoformat(str(data["due_at"])) - datetime.fromisoformat(str(data["done_at"]))
    return f"In time: {duties}, {format_duration(spare)} to spare ({data['rule']})."


def _why(record: CaseRecord, entry: JournalEntry) -> Iterator[str]:
    """Details that the entry's data adds to its summary."""
    match entry.kind:
        case EntryKind.TASK_OPENED:
            for task in map(Task.model_validate, _views_of_kind(entry, "tasks")):
                fit = ", ".join(name.replace("_", " ") for name in task.specialties)
                yield f"due {format_local_time(task.due_at, record.zone)}" + (f"; for: {fit}" if fit else "")
        case EntryKind.TASK_COMPLETED | EntryKind.PEER_TO_PEER_SETTLED | EntryKind.WITHDRAWN:
            said = entry.data.get("note") or entry.data.get("why")
            if said:
                yield f"“{said}”"
        case EntryKind.MESSAGE_REFUSED:
            rules = entry.data.get("rules")
            if isinstance(rules, list):
                yield from (f"rule: {rule}" for rule in dict.fromkeys(map(str, rules)))
        case EntryKind.CRITERIA_EVALUATED:
            yield from _guidelines(record, entry)
        case EntryKind.INFORMATION_REQUESTED:
            yield from _asked(record, entry)


def _guidelines(record: CaseRecord, entry: JournalEntry) -> Iterator[str]:
    yield from dict.fromkeys(verdict.citation for verdict in _verdicts(record, entry))


def _asked(record: CaseRecord, entry: JournalEntry) -> Iterator[str]:
    for verdict in _verdicts(record, entry):
        needs = (need for group in verdict.missing for need in group.needs())
        yield from dict.fromkeys(f"asked: {need.ask}" for need in needs)


def _verdicts(record: CaseRecord, entry: JournalEntry) -> Iterator[CriteriaResult]:
    """The criteria traces that the entry's lines rest on."""
    for line in _views_of_kind(entry, "lines"):
        verdict = record.verdicts.get(str(line["verdict_id"]))
        if verdict is not None:
            yield verdict


def _views_of_kind(entry: JournalEntry, key: str) -> Iterator[dict[str, JsonValue]]:
    """The views of a kind that an entry carries."""
    views = entry.data.get(key)
    if isinstance(views, list):
        yield from (view for view in views if isinstance(view, dict))


def _clock(shown: object) -> Clock:
    content = dict(shown) if isinstance(shown, dict) else {}
    content.pop("judged", None)
    return Clock.model_validate(content)


def format_duration(delta: timedelta) -> str:
    """A length of time in its two largest units: ``6 d 20 h``, ``59 min``, ``4 s``."""
    seconds = round(abs(delta.total_seconds()))
    parts = (("d", seconds // 86400), ("h", seconds // 3600 % 24), ("min", seconds // 60 % 60), ("s", seconds % 60))
    largest = next((place for place, (_, count) in enumerate(parts) if count), 3)
    shown = [f"{count} {unit}" for unit, count in parts[largest : largest + 2] if count]
    return " ".join(shown) or "0 s"


def format_local_time(instant: datetime, zone: ZoneInfo) -> str:
    """An instant in the case's zone: ``Mon Nov 30 23:59:59 CST``; without seconds when there are none."""
    at = instant.astimezone(zone)
    return f"{at:%a %b} {at.day} {at:%H:%M:%S %Z}" if at.second else f"{at:%a %b} {at.day} {at:%H:%M %Z}"
