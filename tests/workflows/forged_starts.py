"""Starts as nobody would send them, for every process: the arguments of a run that are not its start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from demo.time_skipping_lab import Lab
from domain.callbacks.policy import CallTopic
from domain.callbacks.start import CallbackStart
from domain.case_numbers import stay_number
from domain.concerns.start import ConcernStart
from domain.discharge.start import DischargeStart
from domain.stays.start import StayStart
from engine import options
from engine.settings import TASK_QUEUE
from tests.workflows.lab_discharge import stay_snapshot

MEMBER = "MBR1000001"


@dataclass(frozen=True)
class Process:
    """A process whose cases are begun by what is on file: its workflow, the prefix of its numbers, and a proper start."""

    workflow: str
    prefix: str

    def start(self, case_id: str, at: datetime) -> BaseModel:
        match self.workflow:
            case "Callback":
                return CallbackStart(
                    case_id=case_id,
                    received_at=at,
                    from_whom="member",
                    member_id=MEMBER,
                    about=CallTopic.CLINICAL_REVIEW,
                    message_document="0" * 64,
                )
            case "ConcernProcess":
                return ConcernStart(
                    case_id=case_id,
                    kind="quality",
                    raised_by="nurse.adams",
                    about_case_id="PA-NONE",
                    member_id=MEMBER,
                    what="Six hours late.",
                    at=at,
                )
            case "DischargePlanning":
                picture = stay_snapshot(at, stay_id=stay_number(case_id))
                return DischargeStart(case_id=case_id, received_at=at, picture=picture)
            case _:
                return StayStart(stay_id=case_id, received_at=at, member_id=MEMBER, facility="Meridian")


PROCESSES = {
    name: Process(workflow, prefix)
    for name, workflow, prefix in (
        ("callback", "Callback", "CB-"),
        ("concern", "ConcernProcess", "QC-"),
        ("discharge plan", "DischargePlanning", "DP-"),
        ("stay", "ConcurrentReview", "ST-"),
    )
}


def unreadable_starts(start: dict[str, Any]) -> dict[str, Sequence[Any]]:
    """Arguments that are no start of the case, by what is wrong with them."""
    at = "at" if "at" in start else "received_at"
    number = "stay_id" if "stay_id" in start else "case_id"
    return {
        "no argument": [],
        "null": [None],
        "a text": ["begin"],
        "bytes": [b"\x00\xffbegin"],
        "a list": [[start]],
        "no field": [{}],
        "two arguments": [start, start],
        "three arguments": [start, None, 7],
        "wrong types": [start | {at: "yesterday"}],
        "another number": [start | {number: "PA-ANOTHERCASE1"}],
        "an encoding that nobody knows": [RawValue(Payload(metadata={"encoding": b"x/y"}, data=b"\xff"))],
        "two encodings that nobody knows": [RawValue(Payload(metadata={"encoding": b"x/y"}, data=b"\xff"))] * 2,
        "no encoding": [RawValue(Payload(data=b"{}"))],
        "broken JSON": [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"case_id": '))],
    }


def forged_starts(start: dict[str, Any]) -> dict[str, Sequence[Any]]:
    """Arguments that are a start of the case, with another receipt or content than is on file."""
    at = "at" if "at" in start else "received_at"
    return {
        "the year 1": [start | {at: "0001-01-01T00:00:00+14:00"}],
        "years ago": [start | {at: "2020-01-01T00:00:00Z"}],
        "years ahead": [start | {at: "2031-01-01T00:00:00Z"}],
        "a case that it carries": [start | {"carried": {"status": "completed"}}],
    }


def random_start(start: dict[str, Any], chance: Random) -> Sequence[Any]:
    """One of these, or a start with a field left out or filled with something else."""
    known = [*unreadable_starts(start).values(), *forged_starts(start).values()]
    if chance.random() < 0.4:
        return chance.choice(known)
    name = chance.choice(sorted(start))
    if chance.random() < 0.3:
        return [{key: value for key, value in start.items() if key != name}]
    return [
        start | {name: chance.choice([None, "", "\x00", -1, 10**30, [], {}, "9999-12-31T23:59:59-14:00", "é" * 300])}
    ]


async def start_as_sent(lab: Lab, process: Process, case_id: str, given: Sequence[Any]) -> None:
    """Start a run with these arguments, as anybody could who reaches the server."""
    await lab.client.start_workflow(
        process.workflow, args=list(given), id=options.workflow_id(case_id), task_queue=TASK_QUEUE
    )
    lab.handle(case_id)
