"""A deadline that passes while no worker runs: the time of the reviewer's action counts, not the time of processing.

On a real server, because there messages and timers queue up without a worker. Seven days of the clock take one minute.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from demo import case_record
from demo.case_record import CaseRecord
from demo.reviewers import CaseParticipants, require_accepted
from demo.server_lab import ServerLab, server_laboratory, shortened_rulebook
from demo.stories.story import Story, sample_request
from demo.story_printer import StoryPrinter
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.engine import DueKind
from domain.journal import EntryKind
from domain.vocabulary import Audience, Channel, NoticeKind
from engine import edge_clock
from services.context import CommandStatus

CLOCK = timedelta(minutes=1)
TIME_LEFT_AT_ARRIVAL = timedelta(seconds=8)
NURSE = "nurse.lopez"
ONE_SECOND = timedelta(seconds=1)
PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True)
class LateDecisionResult:
    """The case decided in time, and the one decided too late."""

    in_time: str
    late: str


async def tell(lab: ServerLab, narrator: StoryPrinter) -> LateDecisionResult:
    narrator.show_progress("a server and a worker start")
    await lab.start_worker()
    await lab.wait_for_worker()
    narrator.show_progress("two patients need a power wheelchair; eight seconds are left to decide")
    received_at = edge_clock.now() - CLOCK + TIME_LEFT_AT_ARRIVAL
    due = (received_at + CLOCK).replace(microsecond=0)
    in_time = str((await lab.submit(wheelchair_request(), Channel.PORTAL, received_at)).case_id)
    other = wheelchair_request("MBR1000001", "Whitfield", "Alma", "1951-04-12")
    late = str((await lab.submit(other, Channel.PORTAL, received_at)).case_id)
    await lab.until(lambda: _acknowledged(lab, in_time) and _acknowledged(lab, late), within=PATIENCE)
    narrator.show_progress(
        "the worker is killed; a nurse approves one case before the due instant, and the other one after it"
    )
    lab.kill_worker()
    first = await CaseParticipants(lab, in_time).approve_task(
        NURSE, TaskKind.NURSE_REVIEW, "He cannot reach the kitchen in time."
    )
    await lab.until(lambda: edge_clock.now() >= due + 2 * ONE_SECOND, within=PATIENCE)
    second = await CaseParticipants(lab, late).approve_task(
        NURSE, TaskKind.NURSE_REVIEW, "She cannot reach the kitchen in time."
    )
    narrator.show_progress("a worker starts, and reads both approvals at once")
    await lab.start_worker()
    await lab.until(lambda: _is_approved(lab, in_time) and _is_approved(lab, late), within=PATIENCE)
    require_accepted(await CaseParticipants(lab, late).acknowledge_missed_clock("compliance.ortiz"))

    timely = case_record.read_case_record(lab.store, in_time)
    found = narrator.timeline(lab.store, late, lab.happenings)
    narrator.letter(
        found,
        NoticeKind.APPROVAL,
        Audience.MEMBER,
        {"decision_statement": "the answer", "late_answer": "what was late", "what_next": "what it means"},
    )
    both_waited = first.kind is CommandStatus.QUEUED and second.kind is CommandStatus.QUEUED
    narrator.expect(both_waited, "both approvals were taken while no worker was there, and read together afterwards")
    narrator.expect(
        DueKind.DECISION.value in duties_with(timely, EntryKind.CLOCK_MET),
        "the one made before the due instant was in time",
    )
    narrator.expect(
        DueKind.DECISION.value in duties_with(found, EntryKind.CLOCK_MISSED),
        "the one made two seconds after it was late, though it was read no later than the other",
    )
    narrator.expect(
        DueKind.WRITTEN_NOTICE.value in duties_with(timely, EntryKind.CLOCK_MISSED),
        "the letters of the timely decision went out late, and that is not hidden either",
    )
    effects = [str(entry.data["effect"]) for entry in found.of_kind(EntryKind.CONSEQUENCE_APPLIED)]
    narrator.expect(effects == ["deemed_adverse"], "the miss has its legal effect, and stays on the case")
    narrator.expect(
        not found.letters_of(NoticeKind.MISSED_DEADLINE, Audience.MEMBER),
        "nobody gets a letter about a missing answer beside the answer: the approval says that it is late",
    )
    narrator.expect(
        found.view.status is timely.view.status is CaseStatus.APPROVED,
        "lateness did no harm to the request: both chairs are approved",
    )
    narrator.keep(found, lab.outbox, STORY.folder)
    return LateDecisionResult(in_time, late)


def _acknowledged(lab: ServerLab, case_id: str) -> bool:
    return lab.has(case_id, EntryKind.LETTER_HANDED_OVER)


def _is_approved(lab: ServerLab, case_id: str) -> bool:
    return lab.has(case_id, EntryKind.LETTER_HANDED_OVER, since=EntryKind.DETERMINATION_MADE)


def duties_with(found: CaseRecord, kind: EntryKind) -> set[str]:
    """The duties with a journal entry of this kind: met, or missed."""
    return {str(entry.data["duty"]) for entry in found.of_kind(kind)}


def wheelchair_request(*who: str) -> bytes:
    """The request for a power wheelchair; for another member (id, family name, given name, birth date) when one is given."""
    request = json.loads(sample_request("power-wheelchair"))
    if who:
        request["member"] = dict(zip(("member_id", "family_name", "given_name", "birth_date"), who, strict=True))
        request["submission_id"] += f"-{who[0]}"
    return json.dumps(request).encode()


@asynccontextmanager
async def _open(folder: Path) -> AsyncIterator[ServerLab]:
    rulebook = shortened_rulebook(folder, "MA-OD-STD-PA", "length: {value: 7, unit: calendar_days}", minutes=1)
    async with server_laboratory(folder, rulebook) as lab:
        yield lab


STORY = Story(
    folder="5-late",
    title="The deadline passes while no worker runs",
    intro=(
        "Two approvals wait for a worker that is down at the due instant: one was made just before it, one just after.",
        "The stamp of each decides, not the moment of reading. A miss is recorded, has its effect, and the work goes on.",
    ),
    open_lab=_open,
    tell=tell,
)
