"""The load: submitters, an ADT sender and reviewers, each of whom repeats until it is answered, as people and systems do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from domain.authorization.messages import PartyStatement
from domain.case_numbers import CasePrefix
from domain.cases.tasks import TaskKind, TaskOutcome, TaskStatus
from domain.cases.views import CaseStatus
from domain.decisions.determination import ApprovalBasis
from domain.errors import UmpireError
from domain.vocabulary import ArrivalKind, AskedBy, Channel
from engine import embedded
from engine.child_process import ChildProcess
from intake import reinstatement
from services.case_client import CaseNotRunning
from services.commands import case_actions
from services.context import CommandResult, CommandStatus, ServiceContext
from store import cases, directory, tasks
from store.tasks import WorkItem
from tests.chaos.chronicle import Chronicle
from tests.chaos.components import mortal_command
from tests.chaos.documents import LoadDocument

_ACK_SECONDS = 15.0
_BATCH = 3
_KEPT = ("AA", "AE")
"""Acknowledgments after which a sender may forget the message."""
_REPEATS = 0.15
"""Share of submissions that are sent again although they were acknowledged: faxes come twice."""
_BASIS = ApprovalBasis(rationale="The record shows the need.", why_none="Judged by the record alone.")
_OUTCOMES: dict[TaskKind, tuple[TaskOutcome, ...]] = {
    TaskKind.NURSE_REVIEW: (TaskOutcome.APPROVE, TaskOutcome.REFER),
    TaskKind.PHYSICIAN_REVIEW: (TaskOutcome.APPROVE,),
    TaskKind.COVERAGE_QUESTION: (TaskOutcome.COVERAGE_CONFIRMED,),
    TaskKind.NO_CLOCK: (TaskOutcome.ACKNOWLEDGE,),
    TaskKind.MISSED_CLOCK: (TaskOutcome.ACKNOWLEDGE,),
    TaskKind.DRG_REVIEW: (TaskOutcome.DONE,),
    TaskKind.EMERGENCY_JUDGMENT: (TaskOutcome.DONE,),
    TaskKind.CLAIM_LESSONS: (TaskOutcome.DONE,),
}
_FORMS: dict[TaskKind, dict[str, JsonValue]] = {
    TaskKind.DRG_REVIEW: {"answer": "agrees", "coder_drg": None, "note": "Seen."},
    TaskKind.CLAIM_LESSONS: {"lessons": [], "concerns": []},
    TaskKind.EMERGENCY_JUDGMENT: {
        "symptoms": ["pressure in the chest"],
        "onset": "an hour before",
        "plan_sent_patient": None,
        "acute_and_severe": True,
        "serious_harm_to_be_expected": True,
        "note": "Seen.",
    },
}


_CALLS, _CALLED_BACK, _ENTERS_CALLS = 0.06, 0.15, "intake.kim"
_COMMANDS = {ArrivalKind.REQUEST: ("submit",), ArrivalKind.CLAIM: ("retro", "submit")}


class Submitter:
    """`umpire submit` and `umpire retro submit` again and again; what a killed or failed command did not acknowledge is sent
    again. A change follows what it changes."""

    def __init__(self, home: Path, environment: Mapping[str, str], chronicle: Chronicle, dice: random.Random) -> None:
        self._folder, self._log = home / "documents", home / "logs" / "submitter.json"
        self._folder.mkdir(parents=True)
        self._environment, self._chronicle, self._dice = environment, chronicle, dice
        self.process: ChildProcess | None = None
        """The command that runs now."""

    async def run(self, documents: Sequence[LoadDocument], stop: asyncio.Event) -> None:
        """Send until `stop` is set, and then until everything that was begun is acknowledged."""
        waiting: list[LoadDocument] = list(documents)
        begun: list[LoadDocument] = []
        sent: dict[str, LoadDocument] = {}
        while not stop.is_set() or begun:
            while not stop.is_set() and len(begun) < _BATCH:
                ready = next((one for one in waiting if one.follows is None or one.follows in sent), None)
                if sent and (ready is None or self._dice.random() < _REPEATS):
                    begun.append(self._dice.choice(list(sent.values())))
                elif ready is not None:
                    waiting.remove(ready)
                    begun.append(ready)
                else:
                    break
            batch = [document for document in begun if document.kind is begun[0].kind]
            told = await self._submit(batch) if batch else set()
            sent |= {document.name: document for document in batch if document.name in told}
            begun = [document for document in begun if document.name not in told]
            await asyncio.sleep(0.2)

    async def _submit(self, batch: Sequence[LoadDocument]) -> set[str]:
        """Run one command; the names of the documents that it acknowledged."""
        paths = {}
        for document in batch:
            path = self._folder / f"{document.name}.json"
            path.write_bytes(document.raw)
            paths[str(path)] = document
            is_change = document.follows is not None
            self._chronicle.document(document.name, document.raw, is_change=is_change).attempts += 1
        self._log.unlink(missing_ok=True)
        command = mortal_command("umpire", *_COMMANDS[batch[0].kind], "--json", *paths)
        self.process = ChildProcess("submitter", command, self._log, self._environment)
        self.process.start()
        while self.process.ended is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        acknowledged = {}
        for result in read_results(self._log.read_text(errors="replace")):
            document = paths[result["file"]]
            seen = self._chronicle.document(document.name, document.raw)
            seen.acknowledged.append((result["inbox_id"], datetime.fromisoformat(result["received_at"])))
            acknowledged[document.name] = True
        return set(acknowledged)


def read_results(printed: str) -> list[dict[str, object]]:
    """The results in what a command printed; none when it ended before it had printed all of them."""
    start = printed.find("[\n")
    with contextlib.suppress(ValueError):
        found, _ = json.JSONDecoder().raw_decode(printed[start:] if start >= 0 else "")
        return list(found)
    return []


class AdtSender:
    """An interface engine: it sends the messages of each hospital stay in order, each until it is answered with AA or AE."""

    def __init__(self, port: int, pause: float, chronicle: Chronicle) -> None:
        self._port, self._pause, self._chronicle = port, pause, chronicle

    async def run(self, stays: Sequence[Sequence[LoadDocument]], stop: asyncio.Event) -> None:
        """Send until `stop` is set, and then the message that was begun until it is answered."""
        for message in (message for stay in stays for message in stay):
            seen = self._chronicle.message(message.name, message.raw)
            while seen.answer not in _KEPT:
                seen.attempts += 1
                seen.answer = await _send(self._port, message.raw)
                await asyncio.sleep(0.3)
            if stop.is_set():
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause)


async def _send(port: int, raw: bytes) -> str:
    """The acknowledgment code; empty when the connection was lost or nobody answered."""
    writer = None
    try:
        async with asyncio.timeout(_ACK_SECONDS):
            reader, writer = await asyncio.open_connection(embedded.HOST, port)
            writer.write(b"\x0b" + raw + b"\x1c\r")
            answer = await reader.readuntil(b"\x1c")
            return answer.split(b"MSA|", 1)[-1][:2].decode()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return ""
    finally:
        if writer is not None:
            writer.close()


class ReviewingStaff:
    """Reviewers who claim and complete about half of the tasks: the other half stays open, as work does. Now and then intake
    enters the call of a provider who withdraws a request, and of one who takes that back."""

    def __init__(self, services: ServiceContext, chronicle: Chronicle, dice: random.Random) -> None:
        self._services, self._chronicle, self._dice = services, chronicle, dice
        self._left: set[str] = set()
        self._called: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(UmpireError, CaseNotRunning):
                await self._take_calls()
            with contextlib.suppress(UmpireError, CaseNotRunning):
                for item in await self._services.read(tasks.worklist):
                    if stop.is_set():
                        return
                    if item.case_id and TaskKind(item.kind) in _OUTCOMES and item.task_id not in self._left:
                        self._left.add(item.task_id)
                        if self._dice.random() < 0.5:
                            await self._work(item)
            await asyncio.sleep(0.5)

    async def _take_calls(self) -> None:
        """One call in about three rounds: of those withdrawn by an earlier call, half are taken back in time."""
        if self._called and self._dice.random() < _CALLED_BACK:
            await self._take_call(self._called.pop(0), reinstatement.reinstate)
        elif self._dice.random() < _CALLS:
            opened = await self._services.read(cases.find, status=CaseStatus.OPEN)
            asked = [one.case_id for one in opened if one.case_id.startswith(CasePrefix.REQUEST)]
            if asked:
                await self._take_call(chosen := self._dice.choice(asked), case_actions.withdraw_request)
                self._called.append(chosen)

    async def _take_call(self, case_id: str, enter: Callable[..., Awaitable[CommandResult]]) -> None:
        caller = f"caller {self._dice.getrandbits(40)}"
        asked = PartyStatement(person=caller, channel=Channel.PHONE, at=self._services.clock(), note="As said.")
        reply = await enter(self._services, case_id, AskedBy.PROVIDER, asked, _ENTERS_CALLS)
        if reply.kind is CommandStatus.ACCEPTED and reply.case_id == case_id:
            self._chronicle.calls[caller] = case_id
        self._chronicle.refused.update(one.rule for one in reply.refusals)

    async def _work(self, item: WorkItem) -> None:
        """Whoever of the role may claim the task does, and approves; what may not be approved goes to a physician."""
        form = _FORMS.get(TaskKind(item.kind))
        people = [one.reviewer_id for one in await self._services.read(directory.reviewers, item.role)]
        self._dice.shuffle(people)
        if item.status is TaskStatus.CLAIMED:
            people = [item.assignee] if item.assignee else []
        for who in people:
            if item.status is TaskStatus.OPEN:
                claimed = await case_actions.claim_task(self._services, item.task_id, who)
                if claimed.kind is CommandStatus.REFUSED:
                    continue
            for outcome in _OUTCOMES[TaskKind(item.kind)]:
                words = {"recommendation": "Please look at the records."} if outcome is TaskOutcome.REFER else {}
                reply = await case_actions.complete_task(
                    self._services, item.task_id, who, outcome, note="Seen.", form=form, basis=_BASIS, **words
                )
                if reply.kind is CommandStatus.ACCEPTED:
                    self._chronicle.completed[item.task_id] = str(item.case_id)
                if reply.kind is not CommandStatus.REFUSED:
                    return
                self._chronicle.refused.update(one.rule for one in reply.refusals)
            return
