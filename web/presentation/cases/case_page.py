"""The case page as data: head, request, clocks, criteria, tasks, letters and journal, in the words that stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from domain.cases.tasks import Task
from domain.cases.views import CaseStatus, LineView
from domain.clocks.rules import ClockRule
from domain.criteria.selection import age_on
from domain.criteria.trace_wording import walk_nodes
from domain.journal import Actor, EntryKind, JournalEntry
from rulebook.rulebook import Rulebook
from services.queries.authorization_detail import AuthorizationDetail
from services.queries.case_clocks import list_duties
from services.queries.case_desk import DeskEntry, desk_entries
from services.queries.case_detail import CaseDetail
from services.queries.case_sentence import case_noun, sentence_parts
from services.queries.request_facts import LineRow, basis_text, line_rows, request_rows
from services.queries.summary_parts import SummaryPart, order_fields, split_parts
from web.presentation.cases.citations import CitationList
from web.presentation.cases.clock_picture import ClockPicture, draw_clocks
from web.presentation.cases.criteria_tree import CriteriaSection, build_section
from web.presentation.instants import describe_instant
from web.presentation.time_left import TimeLeft, time_left
from web.presentation.words import describe_lob

_IDS = re.compile(r"(?<![\w.])[\w-]+(?:\.[\w-]+)+|\b[0-9a-f]{12}\b")
"""A person's id (nurse.adams), or the beginning of a record's."""
MOST_CRITERIA = 170
"""So many criteria at most stand on one page, but for a single line that has more."""
_NEWS = {
    EntryKind.INFORMATION_RECEIVED: "information from the provider",
    EntryKind.REQUEST_CORRECTED: "a change of the request",
    EntryKind.TASK_CLAIMED: "a task that was taken",
    EntryKind.TASK_COMPLETED: "a task that was done",
    EntryKind.DETERMINATION_MADE: "the decision",
    EntryKind.LETTER_WRITTEN: "a letter",
    EntryKind.CLOCK_MISSED: "a missed clock",
    EntryKind.CASE_NOTED: "a note",
    EntryKind.CONTACT_LOGGED: "a contact",
    EntryKind.WITHDRAWN: "the withdrawal",
}
SHOWN_ENTRIES = 6
"""So many of the latest journal entries stand on the page of the case itself."""


@dataclass(frozen=True)
class CasePage:
    """Everything on the page of a case but its records. `sections` are the criteria of each line, `rows` the facts of the
    request, `summary` the parts of another process; `badge` is that of the wait, None without one."""

    case_id: str
    noun: str
    title: str
    member_line: tuple[str, ...]
    sentence: tuple[tuple[str, bool], ...]
    badge: TimeLeft | None
    zone: str
    is_open: bool
    lines: tuple[LineRow, ...]
    rows: tuple[tuple[str, str], ...]
    basis: tuple[str, ...]
    remarks: tuple[str, ...]
    limits: tuple[LineView, ...]
    clocks: ClockPicture | None
    rule_total: int
    sections: tuple[CriteriaSection, ...]
    citations: CitationList
    summary: tuple[SummaryPart, ...]
    open_tasks: tuple[Task, ...]
    past_tasks: tuple[Task, ...]
    desk: tuple[DeskEntry, ...]
    detail: CaseDetail

    @property
    def latest(self) -> tuple[JournalEntry, ...]:
        """The latest journal entries, newest first."""
        return tuple(reversed(self.detail.entries[-SHOWN_ENTRIES:]))


def build_case_page(detail: CaseDetail, book: Rulebook, now: datetime, line_id: str = "") -> CasePage:
    """The page of a case at `now` (UTC), which is the past instant where the detail is of one. `line_id` is the line whose
    criteria are shown in any case, where those of all lines are too many for one page."""
    view, request = detail.view, detail if isinstance(detail, AuthorizationDetail) else None
    lines = line_rows(request) if request is not None else ()
    citations = CitationList()
    is_open = view is None or view.status is CaseStatus.OPEN
    waits = view.waiting.until if view is not None and view.waiting is not None else None
    return CasePage(
        case_id=detail.case_id,
        noun=case_noun(detail.case_id),
        title=_title(detail, lines),
        member_line=_member_line(detail, now),
        sentence=sentence_parts(view, detail.case_id),
        badge=time_left(waits, now, view.received_at) if waits is not None and view is not None else None,
        zone=detail.zone,
        is_open=is_open,
        lines=lines,
        rows=tuple(request_rows(request, describe_instant)) if request is not None else (),
        basis=tuple(text for line in request.lines if (text := basis_text(line))) if request is not None else (),
        remarks=_remarks(request) if request is not None else (),
        limits=tuple(one for one in request.lines if one.limits or one.supply) if request is not None else (),
        rule_total=len(book.clocks),
        clocks=_clocks(detail, book, now, is_open),
        sections=tuple(_sections(request, citations, line_id)) if request is not None else (),
        citations=citations,
        summary=tuple(split_parts(case_noun(detail.case_id), order_fields(detail.sheet))) if detail.sheet else (),
        open_tasks=tuple(task for task in detail.tasks if task.is_open),
        past_tasks=tuple(task for task in detail.tasks if not task.is_open),
        desk=tuple(reversed(desk_entries(detail.entries))),
        detail=detail,
    )


def describe_actor(actor: Actor, names: Mapping[str, str]) -> str:
    """The actor in words: by name where it is a person of the plan."""
    if actor.kind == "reviewer":
        return names.get(actor.id, actor.id)
    return {"system": "Umpire", "rule": "Umpire, by rule"}.get(actor.kind, f"{actor.kind} {actor.id}")


def describe_news(kinds: Iterable[EntryKind]) -> str:
    """The kinds of new entries in words: 'a letter, an answer, and 2 other entries'."""
    found = list(kinds)
    named = list(dict.fromkeys(_NEWS[kind] for kind in found if kind in _NEWS))
    others = sum(kind not in _NEWS for kind in found)
    more = [f"{others} {'other ' if named else ''}{'entry' if others == 1 else 'entries'}"] if others else []
    *first, last = (*named, *more) or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def name_people(text: str, names: Mapping[str, str]) -> str:
    """The text with the plan's people and the records by their names instead of their ids."""
    return _IDS.sub(lambda found: names.get(found[0], found[0]), text)


def people_of(detail: CaseDetail) -> frozenset[str]:
    """The ids of the plan's people who stand in a case: who acted, who has or had a task, for whom it waits."""
    found = {entry.actor.id for entry in detail.entries if entry.actor.kind == "reviewer"}
    found |= {task.assignee for task in detail.tasks if task.assignee is not None}
    return frozenset(found)


def letter_address(case_id: str, letter_id: str) -> str:
    """The address of a letter's page."""
    return f"/cases/{case_id}/letters/{quote(letter_id, safe='')}"


def _title(detail: CaseDetail, lines: Sequence[LineRow]) -> str:
    services = list(dict.fromkeys(line.service for line in lines if line.service and not line.cancelled))
    if services:
        return services[0] if len(services) == 1 else f"{services[0]}, and {len(services) - 1} more"
    return (detail.view.title if detail.view is not None else "") or f"{case_noun(detail.case_id)} {detail.case_id}"


def _member_line(detail: CaseDetail, now: datetime) -> tuple[str, ...]:
    member, view = detail.member, detail.view
    found = []
    if member is not None:
        age = age_on(now.astimezone(ZoneInfo(detail.zone)).date(), member.birth_date)
        found = [f"{member.given_name} {member.family_name}, {age}", member.member_id]
    if view is not None:
        if member is None:
            found.append(view.member_id or "No known member")
        found.append(describe_lob(view.lob, view.state))
        found.append(view.urgency.value if view.urgency is not None else "")
        found.append(f"received {describe_instant(view.received_at, view.zone)}")
    return tuple(one for one in found if one)


def _remarks(request: AuthorizationDetail) -> tuple[str, ...]:
    """The parts of the request that were not read, first what is asked for, and what was said and changed nothing."""
    remarks = sorted(request.request.remarks, key=lambda remark: not remark.about_service)
    return (*(f"Not read: {one.message} ({one.path})" for one in remarks), *request.proposals)


def _clocks(detail: CaseDetail, book: Rulebook, now: datetime, is_open: bool) -> ClockPicture | None:
    duties = list_duties(detail.clocks, detail.view, detail.entries, now)
    rules = {(rule.rule_id, rule.variant): rule for rule in book.clocks}
    lengths = {
        (duty.rule_id, duty.variant): words
        for duty in duties
        if (words := _extension_words(rules.get((duty.rule_id, duty.variant))))
    }
    return draw_clocks(duties, detail.zone, book.calendar, now, is_open=is_open, extensions=lengths)


def _extension_words(rule: ClockRule | None) -> str:
    if rule is None or rule.extension is None or rule.extension.most is None:
        return ""
    return str(rule.extension.most).replace("calendar ", "")


def _sections(request: AuthorizationDetail, citations: CitationList, line_id: str) -> Iterable[CriteriaSection]:
    titles = {document.document_id: document.title for document in request.documents}
    stored = {one.verdict_id: cast("dict[str, Any]", one.verdict) for one in request.verdicts}
    traced = [(line, stored[line.verdict_id]) for line in request.lines if line.verdict_id in stored]
    room, grown = MOST_CRITERIA, set[str]()
    for line, verdict in sorted(traced, key=lambda pair: pair[0].line_id != line_id):
        size = sum(1 for _ in walk_nodes(verdict))
        if size <= room or not grown:
            grown.add(line.line_id)
            room -= size
    for line, verdict in traced:
        shown = verdict if line.line_id in grown else verdict | {"trace": None}
        section = build_section(line.line_id, line.code, line.description, shown, titles, citations)
        yield replace(section, left_out=line.line_id not in grown)
