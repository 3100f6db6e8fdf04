"""A worker killed at hour 71 of 72: the due instant stands, the decision is in time, each letter exists once.

A real server with its state in a file, real worker processes, and SIGKILL. An hour of the clock takes twenty seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from demo import case_record, timeline
from demo.reviewers import CaseParticipants
from demo.server_lab import ServerLab, server_laboratory, shortened_rulebook
from demo.stories.story import Story, sample_request
from demo.story_printer import StoryPrinter
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.vocabulary import Channel
from engine import edge_clock
from services.context import CommandStatus

MINUTES = 24
HOUR = timedelta(minutes=MINUTES) / 72
SUBMITTED_AT_HOUR = 70.8
SEED = 71
# Members with a home oxygen request beside it: id, family name, given name and birth date, as in the sample plan.
OTHERS = (
    ("MBR1000001", "Whitfield", "Alma", "1951-04-12"),
    ("MBR1000002", "Okafor", "Desmond", "1948-09-30"),
    ("MBR1000010", "Begay", "Lorraine", "1949-03-08"),
)


@dataclass(frozen=True)
class KilledWorkerResult:
    """The result: the case, the cases beside it, the receipt of its request (UTC), and the number of workers killed."""

    case_id: str
    others: tuple[str, ...]
    received_at: datetime
    kills: int


async def tell(lab: ServerLab, narrator: StoryPrinter, seed: int = SEED) -> KilledWorkerResult:
    """`seed` chooses the random moments at which workers are killed."""
    narrator.show_progress("a server and a worker start")
    await lab.start_worker()
    await lab.wait_for_worker()
    narrator.show_progress("an urgent request arrives, and the worker is killed in the middle of its first letters")
    received_at = edge_clock.now() - SUBMITTED_AT_HOUR * HOUR
    case_id = str((await lab.submit(sample_request("behavioral-outpatient"), Channel.FAX, received_at)).case_id)
    await lab.until(lambda: bool(lab.posted()), within=timedelta(seconds=20), every=0.001)
    await lab.replace_worker()
    narrator.show_progress("other requests arrive; workers are killed at random moments")
    others = [
        str((await lab.submit(oxygen_request(*who), Channel.FHIR_PAS, edge_clock.now())).case_id) for who in OTHERS
    ]
    await _kill_at_random_moments(lab, random.Random(seed), until=received_at + 71 * HOUR)
    narrator.show_progress("hour 71: the worker is killed; the nurse approves while there is none")
    lab.kill_worker()
    people = CaseParticipants(lab, case_id)
    before = people.record().view
    reply = await people.approve_task(
        "nurse.adams", TaskKind.NURSE_REVIEW, "High risk of relapse; daily structure is needed now."
    )
    narrator.show_progress("another worker starts and goes on where the others stopped")
    await lab.start_worker()
    await lab.until(
        lambda: all(lab.has(each, EntryKind.CLOSED) for each in (case_id, *others)), within=timedelta(seconds=30)
    )

    found = narrator.timeline(lab.store, case_id, lab.happenings)
    _expect(narrator, lab, found, received_at, others)
    narrator.expect(reply.kind is CommandStatus.QUEUED, "the nurse's approval was taken while no worker was there")
    narrator.expect(
        before.decision_due == found.view.decision_due, "before and after the kills the due instant is the same"
    )
    narrator.keep(found, lab.outbox, STORY.folder)
    return KilledWorkerResult(case_id, tuple(others), received_at, lab.kills)


async def _kill_at_random_moments(lab: ServerLab, chance: random.Random, until: datetime) -> None:
    while (left := (until - edge_clock.now()).total_seconds()) > 0:
        wait = chance.uniform(0.3, 1.8)
        await asyncio.sleep(min(wait, left))
        if wait < left:
            await lab.replace_worker()


def _expect(
    narrator: StoryPrinter, lab: ServerLab, found: case_record.CaseRecord, received_at: datetime, others: list[str]
) -> None:
    due = (received_at + timedelta(minutes=MINUTES)).replace(microsecond=0)
    narrator.expect(lab.kills >= 3, f"{lab.kills} worker processes were killed on the way, one of them at hour 71")
    narrator.expect(
        found.due_instants() == (due,),
        f"the decision was due {timeline.format_local_time(due, found.zone)} in every line of the journal, whoever wrote it",
    )
    decided = found.view.decided_at
    narrator.expect(found.view.status is CaseStatus.APPROVED, "the request is approved")
    narrator.expect(decided is not None and decided <= due, "the decision was in time")
    narrator.expect(not found.of_kind(EntryKind.CLOCK_MISSED), "no duty was missed: the letters were in time, too")
    records = [found, *(case_record.read_case_record(lab.store, case_id) for case_id in others)]
    written = [letter.letter_id.replace(":", "_") for each in records for letter in each.letters]
    files = sorted(f"{name}.{suffix}" for name in written for suffix in ("html", "txt"))
    narrator.expect(
        len(set(written)) == len(written) and lab.posted() == files,
        f"each of the {len(written)} letters of {len(records)} cases left the house, and exists once",
    )
    narrator.expect(all(each.fault is None for each in records), "the hash chains of all journals are whole")


def oxygen_request(*who: str) -> bytes:
    """The complete request for home oxygen, for another member."""
    raw = sample_request("home-oxygen-complete").decode()
    for sampled, own in zip(OTHERS[0], who, strict=True):
        raw = raw.replace(sampled, own)
    return raw.replace("RB-2026-0001", f"RB-{who[0]}").encode()


@asynccontextmanager
async def _open(folder: Path) -> AsyncIterator[ServerLab]:
    rulebook = shortened_rulebook(folder, "MCD-SA-EXP", "length: {value: 72, unit: hours}", MINUTES)
    async with server_laboratory(folder, rulebook) as lab:
        yield lab


STORY = Story(
    folder="4-killed-worker",
    title="The worker is killed at hour 71 of 72",
    intro=(
        "A real server, real worker processes, and kill -9. Only the law is shortened: its 72 hours last 24 minutes here,",
        "so an hour takes twenty seconds; the urgent request reached the plan's delegate by fax 70.8 of these hours ago.",
    ),
    open_lab=_open,
    tell=tell,
)
