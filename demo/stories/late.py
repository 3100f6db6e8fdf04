"""A deadline passes while no worker runs: what counts is when somebody acted, not when software read of it.

On a real server, because there messages and timers pile up while nobody works. Seven days of the clock take one minute.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from demo import case_record as record
from demo.case_record import CaseRecord
from demo.reviewers import People, accepted
from demo.server_lab import ServerLab, server_laboratory, shortened_rulebook
from demo.stories.story import Story, sample
from demo.story_printer import Narrator
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.clocks.engine import DueKind
from domain.journal import EntryKind
from domain.vocabulary import Audience, Channel, NoticeKind
from engine import edge_clock
from services.context import ReplyKind

CLOCK = timedelta(minutes=1)
LEFT_AT_ARRIVAL = timedelta(seconds=8)
NURSE = "nurse.lopez"
A_MOMENT = timedelta(seconds=1)
AT_MOST = timedelta(seconds=20)


@dataclass(frozen=True)
class Told:
    """The case decided in time, and the one decided too late."""

    in_time: str
    late: str


async def tell(lab: ServerLab, narrator: Narrator) -> Told:
    narrator.doing("a server and a worker start")
    await lab.start_worker()
    await lab.worker_is_there()
    narrator.doing("two patients need a power wheelchair; eight seconds are left to decide")
    received_at = edge_clock.now() - CLOCK + LEFT_AT_ARRIVAL
    due = (received_at + CLOCK).replace(microsecond=0)
    in_time = str((await lab.submit(chair(), Channel.PORTAL, received_at)).case_id)
    other = chair("MBR1000001", "Whitfield", "Alma", "1951-04-12")
    late = str((await lab.submit(other, Channel.PORTAL, received_at)).case_id)
    await lab.until(lambda: _acknowledged(lab, in_time) and _acknowledged(lab, late), within=AT_MOST)
    narrator.doing("the worker is killed; a nurse approves one case before the due instant, and the other one after it")
    lab.kill_worker()
    first = await People(lab, in_time).approves(NURSE, TaskKind.NURSE_REVIEW, "He cannot reach the kitchen in time.")
    await lab.until(lambda: edge_clock.now() >= due + 2 * A_MOMENT, within=AT_MOST)
    second = await People(lab, late).approves(NURSE, TaskKind.NURSE_REVIEW, "She cannot reach the kitchen in time.")
    narrator.doing("a worker starts, and reads both approvals at once")
    await lab.start_worker()
    await lab.until(lambda: _is_approved(lab, in_time) and _is_approved(lab, late), within=AT_MOST)
    accepted(await People(lab, late).acknowledges("compliance.ortiz"))

    timely = record.read(lab.store, in_time)
    found = narrator.timeline(lab.store, late, lab.happenings)
    narrator.letter(
        found,
        NoticeKind.APPROVAL,
        Audience.MEMBER,
        {"decision_statement": "the answer", "late_answer": "what was late", "what_next": "what it means"},
    )
    both_waited = first.kind is ReplyKind.HANDED_ON and second.kind is ReplyKind.HANDED_ON
    narrator.expect(both_waited, "both approvals were taken while no worker was there, and read together afterwards")
    narrator.expect(
        DueKind.DECISION.value in judged(timely, EntryKind.CLOCK_MET),
        "the one made before the due instant was in time",
    )
    narrator.expect(
        DueKind.DECISION.value in judged(found, EntryKind.CLOCK_MISSED),
        "the one made two seconds after it was late, though it was read no later than the other",
    )
    narrator.expect(
        DueKind.WRITTEN_NOTICE.value in judged(timely, EntryKind.CLOCK_MISSED),
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
    return Told(in_time, late)


def _acknowledged(lab: ServerLab, case_id: str) -> bool:
    return lab.has(case_id, EntryKind.LETTER_HANDED_OVER)


def _is_approved(lab: ServerLab, case_id: str) -> bool:
    return lab.has(case_id, EntryKind.LETTER_HANDED_OVER, since=EntryKind.DETERMINATION_MADE)


def judged(found: CaseRecord, kind: EntryKind) -> set[str]:
    """The duties that were met, or missed."""
    return {str(entry.data["duty"]) for entry in found.of_kind(kind)}


def chair(*who: str) -> bytes:
    """The request for a power wheelchair; for another member (id, family name, given name, birth date) when one is given."""
    request = json.loads(sample("power-wheelchair"))
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
