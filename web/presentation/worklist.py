"""A worklist as its page shows it: rows grouped by due day in words, and the sentences above and instead of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.vocabulary import Urgency
from services.queries.worklists import COUNTED, Worklist, WorkPageRow, WorkView
from store.worklist.paging import WorkPlace
from web.presentation import time_left
from web.presentation.entered_values import parse_count
from web.presentation.instants import describe_time
from web.presentation.time_left import TimeLeft
from web.presentation.words import describe_short_lob, spell_out

VIEW_WORDS: Mapping[WorkView, str] = {
    WorkView.MINE: "Mine",
    WorkView.OPEN: "Unassigned",
    WorkView.FIT: "All I may do",
    WorkView.TEAM: "Team",
}
_LANGUAGES = {"es": "Spanish", "zh": "Chinese", "vi": "Vietnamese", "ko": "Korean", "ru": "Russian", "ht": "Haitian Creole",
    "ar": "Arabic", "tl": "Tagalog", "pl": "Polish", "fr": "French", "pt": "Portuguese", "ase": "American Sign Language",
}  # fmt: skip


@dataclass(frozen=True)
class WorkLine:
    """One row in words. `due` and `due_more` are the two lines of the due column; `at` names the row in the page's address."""

    at: str
    address: str
    left: TimeLeft
    due: str
    due_more: str
    work: str
    expedited: bool
    why: str
    member: str
    about_member: str
    requester: str
    lob: str
    taken_by: str
    is_mine: bool
    claimable: bool


@dataclass(frozen=True)
class WorkSection:
    """Rows that are due in the same span of days, under its words."""

    heading: str
    remark: str
    lines: tuple[WorkLine, ...]


def group_lines(found: Worklist, reviewer_id: str, now: datetime) -> tuple[WorkSection, ...]:
    """The rows of a page in their order, grouped by the days of the plan's zone."""
    today = now.astimezone(ZoneInfo(found.zone)).date()
    groups: list[tuple[str, str, list[WorkLine]]] = []
    for row in found.rows:
        heading, remark, day = _group_of(row, now, today, found.zone)
        if not groups or groups[-1][0] != heading:
            groups.append((heading, remark, []))
        groups[-1][2].append(describe_row(row, reviewer_id, now, day))
    return tuple(WorkSection(heading, remark, tuple(lines)) for heading, remark, lines in groups)


def describe_row(row: WorkPageRow, reviewer_id: str, now: datetime, group_day: date | None) -> WorkLine:
    """One row in words; under the heading of a day its time alone is told, unless it is another day in the case's zone."""
    due, more = _due(row, group_day)
    born = row.birth_date
    age = str(_age(born, now.astimezone(ZoneInfo(row.zone)).date())) if born is not None else ""
    about = (age, row.member_id, _language(row.language))
    service = f": {row.service}" if row.service else ""
    return WorkLine(
        at=row.task_id,
        address=f"/tasks/{row.task_id}" if row.case_id is not None else f"/inbox/{row.inbox_id}",
        left=_left(row, now),
        due=due,
        due_more=more,
        work=f"{spell_out(row.kind)}{service}",
        expedited=row.urgency is Urgency.EXPEDITED,
        why=row.why,
        member=name_in_order(row.member_name),
        about_member=" · ".join(part for part in about if part),
        requester=row.requester,
        lob=describe_short_lob(row.lob, row.state),
        taken_by=short_name(row.taken_by),
        is_mine=row.assignee == reviewer_id,
        claimable=row.case_id is not None and row.assignee is None and row.may_take,
    )


def summary_sentence(found: Worklist, is_filtered: bool, now: datetime) -> str:
    """The line under the heading: how much there is, and when the next is due."""
    if is_filtered:
        return f"{_counted(found.counts[found.view])} {_tasks(found.counts[found.view])} match the filters."
    may, mine = found.counts[WorkView.FIT], found.counts[WorkView.MINE]
    said = f"{_counted(may)} {_tasks(may)} you may do; {_counted(mine)} {'is' if mine == 1 else 'are'} yours."
    running = next((row for row in found.rows if row.due_at >= now and row.stopped_until is None), None)
    if found.missed:
        missed = f"{_counted(found.missed)} {'is' if found.missed == 1 else 'are'} missed"
        if running is None or found.has_earlier:
            return f"{said} {missed}."
        return f"{said} {missed}; the next is due in {time_left.describe_span(running.due_at - now)}."
    if running is None or found.has_earlier:
        return f"{said} Nothing is missed."
    return f"{said} The next is due in {time_left.describe_span(running.due_at - now)}, and nothing is missed."


def empty_sentence(found: Worklist, is_filtered: bool) -> str:
    """The words in place of rows: why there are none, and what would change it."""
    if is_filtered:
        return "No open task matches these filters."
    match found.view:
        case WorkView.MINE:
            return "You have claimed no task. Take the next one, or claim one from the list of all that you may do."
        case WorkView.TEAM:
            return "No task is open."
    if found.gates:
        return f"No task is given to you: {' '.join(found.gates)} Your supervisor sees it among the people."
    said = "No task that you may do is open."
    if not found.blocked:
        return said
    number, states = sum(found.blocked.values()), sorted(found.blocked)
    wait = "waits" if number == 1 else "wait"
    where = f"{', '.join(states[:-1])} or {states[-1]}" if len(states) > 1 else states[0]
    return (
        f"{said} {_counted(number)} {wait} for somebody of your role with another license or specialty ({where}); "
        "your supervisor sees them."
    )


def count_label(number: int) -> str:
    """The number of a view, as counted: '1,000+' where there are more."""
    return _counted(number)


def as_of(now: datetime, zone: str) -> str:
    """'9:42:07 AM CST'."""
    there = now.astimezone(ZoneInfo(zone))
    return f"{there.hour % 12 or 12}:{there:%M:%S %p %Z}"


def name_in_order(name: str) -> str:
    """'Rosa Delgado' of 'Delgado, Rosa'."""
    family, _, given = name.partition(", ")
    return f"{given} {family}" if given else name


def short_name(name: str) -> str:
    """'D. Lopez, RN' of 'Daniel Lopez, RN'."""
    first, _, rest = name.partition(" ")
    return f"{first[0]}. {rest}" if rest else name


def write_place(place: WorkPlace) -> str:
    """A place in the list as it stands in an address."""
    return f"{int(place.stopped)}~{place.due_at.isoformat()}~{place.task_id or place.number}"


def read_place(said: str | None) -> WorkPlace | None:
    """The place that an address names; None where it names none that can be read."""
    stopped, _, rest = (said or "").partition("~")
    due, _, row = rest.partition("~")
    try:
        due_at = datetime.fromisoformat(due.replace(" ", "+"))
    except ValueError:
        return None
    if stopped not in ("0", "1") or due_at.tzinfo is None or not row:
        return None
    number = parse_count(row) or 0
    return WorkPlace(stopped == "1", due_at, 1 if number else 0, "" if number else row, number)


def _group_of(row: WorkPageRow, now: datetime, today: date, zone: str) -> tuple[str, str, date | None]:
    """The heading, its remark, and the day that the heading tells."""
    if row.stopped_until is not None:
        return "Clock stopped", "the law stops it until the answer comes", None
    if row.due_at < now:
        return "Missed", "past the instant at which they were due", None
    day = row.due_at.astimezone(ZoneInfo(zone)).date()
    if day <= today + timedelta(days=1):
        word = "today" if day <= today else "tomorrow"
        return f"Due {word}", f"{day:%A, %B} {day.day}", day
    next_monday = today + timedelta(days=7 - today.weekday())
    if day < next_monday:
        return (
            "Due this week",
            f"until {next_monday - timedelta(days=1):%A, %B} {(next_monday - timedelta(days=1)).day}",
            None,
        )
    if day < next_monday + timedelta(days=7):
        return "Due next week", f"from Monday, {next_monday:%B} {next_monday.day}", None
    after = next_monday + timedelta(days=7)
    return "Due later", f"from Monday, {after:%B} {after.day}", None


def _due(row: WorkPageRow, group_day: date | None) -> tuple[str, str]:
    if row.stopped_until is not None:
        until = row.stopped_until.astimezone(ZoneInfo(row.zone))
        return f"{until:%b} {until.day}", "answer due"
    there = row.due_at.astimezone(ZoneInfo(row.zone))
    clock, _, zone = describe_time(row.due_at, row.zone).rpartition(" ")
    if there.date() == group_day:
        return clock, zone
    return f"{there:%a %b} {there.day}", f"{clock} {zone}"


def _left(row: WorkPageRow, now: datetime) -> TimeLeft:
    if row.stopped_until is not None:
        return time_left.stopped("")
    return time_left.time_left(row.due_at, now, row.opened_at)


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _language(code: str) -> str:
    """The language in words, where it is not English."""
    first = code.partition("-")[0].lower()
    return "" if first in ("", "en") else _LANGUAGES.get(first, code)


def _counted(number: int) -> str:
    return f"{COUNTED:,}+" if number > COUNTED else f"{number:,}"


def _tasks(number: int) -> str:
    return "task" if number == 1 else "tasks"
